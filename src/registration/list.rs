//! The lists that a mission is given as sealed sheets: which there are and what they are called.

use super::text::Text;

/// Kind of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ListKind {
    /// Those who may vote at a mission.
    ElectoralRoll,
    /// Those whom a mission looks after in a crisis, and how they are.
    CrisisRoll,
    /// What was entered in a mission's register in a period.
    RegisterJournal,
}

impl ListKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::ElectoralRoll, Self::CrisisRoll, Self::RegisterJournal];

    /// As stored and shown, such as `CRISIS_ROLL`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ElectoralRoll => "ELECTORAL_ROLL",
            Self::CrisisRoll => "CRISIS_ROLL",
            Self::RegisterJournal => "REGISTER_JOURNAL",
        }
    }

    /// The title of every sheet.
    pub const fn title(self) -> Text {
        match self {
            Self::ElectoralRoll => Text::fixed(
                "Шетелдегі мекеме жанындағы сайлаушылар тізімі",
                "Список избирателей при загранучреждении",
                "List of electors at a mission",
            ),
            Self::CrisisRoll => Text::fixed(
                "Төтенше жағдай аумағындағы азаматтардың тізімі",
                "Список граждан на территории чрезвычайной ситуации",
                "Roll of citizens in the area of a crisis",
            ),
            Self::RegisterJournal => Text::fixed(
                "Консулдық есепке алу журналы",
                "Журнал консульского учёта",
                "Journal of the consular register",
            ),
        }
    }
}
