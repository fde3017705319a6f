//! What an application tells of itself beyond its state: whose turn it is until when, and why it is or may be refused.

use chrono::{DateTime, Utc};

use super::detail::StateDetail;
use super::messages::reason;
use super::{Awaited, AwaitedFrom, RefusalView};
use crate::registration::ApplicationState;
use crate::registration::hearing::APPEAL;
use crate::registration::mission::Mission;
use crate::registration::state_register::StateRegister;
use crate::registration::text::{Language, Text};

/// What the application waits for: what, from whom and until when, in words too. `mission` is the one that has it; what is granted waits for
/// nobody but the service, which makes the document.
pub(super) fn awaited(
    (state, is_granted): (ApplicationState, bool),
    detail: &StateDetail,
    due: Option<DateTime<Utc>>,
    mission: Option<&Mission>,
) -> Option<Awaited> {
    let is_undecided =
        state == ApplicationState::Accepted || (state == ApplicationState::InReview && detail.awaiting.is_empty());
    if let Some(silent) = detail.consultation.as_ref().filter(|asked| is_undecided && asked.is_awaited()) {
        let (text, until) = (answering(&silent.unanswered), silent.until);
        return Some(Awaited { text, from: AwaitedFrom::Register, until });
    }
    let (what, from, until) = match state {
        _ if is_granted && state.is_open() => (ISSUING, AwaitedFrom::Service, None),
        ApplicationState::Submitted | ApplicationState::Accepted => (DECIDING, AwaitedFrom::Service, due),
        ApplicationState::InReview | ApplicationState::Heard => {
            let items = detail.awaiting.iter().map(|awaiting| awaiting.text());
            match items.reduce(|items, next| items.followed_by(&next)) {
                Some(items) => (items, AwaitedFrom::Mission, due),
                None => (DECIDING, AwaitedFrom::Service, due),
            }
        }
        ApplicationState::Returned => (MENDING, AwaitedFrom::Applicant, due),
        ApplicationState::PreliminaryRefusal => {
            let until = detail.announced.as_ref().map(|announced| announced.decision.objection_until);
            (OBJECTING, AwaitedFrom::Applicant, until)
        }
        ApplicationState::Completed | ApplicationState::Refused | ApplicationState::Withdrawn => return None,
    };
    let mut text = what;
    if let Some(mission) = mission {
        if from == AwaitedFrom::Mission {
            text = text.followed_by(&turn_of(mission));
        }
        if let Some(until) = until {
            text = text.followed_by(&until_when(until, mission));
        }
    }
    Some(Awaited { text, from, until })
}

fn turn_of(mission: &Mission) -> Text {
    let Text { kk, ru, en } = &mission.name;
    Text::composed(
        format!("Өтініш мына мекемеде: {kk}."),
        format!("Заявление находится здесь: {ru}."),
        format!("The application is with this mission: {en}."),
    )
}

/// The moment by the clocks of the mission's city.
fn until_when(until: DateTime<Utc>, mission: &Mission) -> Text {
    let local = until.with_timezone(&mission.time_zone);
    let (day, time) = (local.format("%d.%m.%Y"), local.format("%H:%M"));
    let Text { kk, ru, en } = &mission.city;
    Text::composed(
        format!("Мерзімі: {day} күні сағат {time} дейін ({kk} уақыты)."),
        format!("Срок: до {time} {day} (время места: {ru})."),
        format!("Until {} (time in {en}).", local.format("%Y-%m-%d %H:%M")),
    )
}

const DECIDING: Text = Text::fixed(
    "Өтініш автоматты түрде қаралуда, Сізден ештеңе талап етілмейді.",
    "Заявление рассматривается автоматически, от Вас ничего не требуется.",
    "The application is being decided automatically; you need not do anything.",
);

const ISSUING: Text = Text::fixed(
    "Оң шешім қабылданды, құжат дайындалуда; Сізден ештеңе талап етілмейді.",
    "Решение положительное, документ готовится; от Вас ничего не требуется.",
    "It is approved and the document is being made; you need not do anything.",
);

const MENDING: Text = Text::fixed(
    "Ескертулерді түзетіп, өтінішке қайта қол қойып, жіберіңіз.",
    "Устраните замечания, подпишите заявление заново и отправьте его.",
    "Mend what is remarked, sign the application anew and send it.",
);

const OBJECTING: Text = Text::fixed(
    "Бас тарту көзделуде: қарсылық білдіре аласыз және тыңдауға келе аласыз.",
    "Предполагается отказ: Вы вправе возразить и прийти на заслушивание.",
    "It is intended to refuse: you may object and come to be heard.",
);

/// The registers that keep silent, and that they are asked again.
fn answering(registers: &[StateRegister]) -> Text {
    let names = |language| {
        let names: Vec<_> = registers.iter().map(|register| register.text().in_language(language).to_owned()).collect();
        names.join(", ")
    };
    Text::composed(
        format!(
            "Мына тізілімнің жауабы күтілуде: {}. Сұрау автоматты түрде қайталанады, Сізден ештеңе талап етілмейді.",
            names(Language::Kk)
        ),
        format!(
            "Ожидается ответ: {}. Запрос повторяется автоматически, от Вас ничего не требуется.",
            names(Language::Ru)
        ),
        format!(
            "No answer yet from {}. It is asked again automatically; you need not do anything.",
            names(Language::En)
        ),
    )
}

/// The refusal that is intended, or was decided.
pub(super) fn refusal(detail: &StateDetail) -> Option<RefusalView> {
    let announced = detail.announced.as_ref().map(|announced| &announced.decision);
    let grounds = detail.refused.as_ref().or(announced.map(|decision| &decision.grounds))?;
    Some(RefusalView {
        ground: grounds.ground.as_ref().map(ToString::to_string).unwrap_or_default(),
        reason: reason(grounds),
        appeal: APPEAL,
        hearing_time: announced.map(|decision| decision.hearing.time),
        hearing_place: announced.map(|decision| decision.hearing.place.to_string()),
        objection_until: announced.map(|decision| decision.objection_until),
        objection_upheld: detail.objection_upheld,
    })
}
