//! What the states of both aggregates mean for the citizen, and what to do next; one row a state.

use super::application::ApplicationState;
use super::record::RegistrationState;
use super::text::Words;

impl ApplicationState {
    /// What the state means, and what to do next.
    pub const fn words(self) -> Words {
        match self {
            Self::Submitted => Words::fixed(
                ["Өтініш алынды.", "Заявление получено.", "The application is received."],
                ["Қабылданғанын күтіңіз.", "Дождитесь его принятия.", "Wait for its acceptance."],
            ),
            Self::Accepted => Words::fixed(
                [
                    "Өтініш қабылданып, оған нөмір берілді.",
                    "Заявление принято, ему присвоен номер.",
                    "The application is accepted and has a number.",
                ],
                [
                    "Күтіңіз: шешім заңда белгіленген мерзімде хабарланады.",
                    "Ожидайте: о решении Вам сообщат в установленный законом срок.",
                    "Wait: you will be told of the decision within the legal term.",
                ],
            ),
            Self::InReview => Words::fixed(
                [
                    "Өтінішті консулдық лауазымды адам қарап жатыр.",
                    "Заявление рассматривает консульское должностное лицо.",
                    "A consular officer looks at the application.",
                ],
                [
                    "Күтіңіз; қосымша ештеңе керек болса, Сізге хабарланады.",
                    "Ожидайте; если понадобится что-то ещё, Вам сообщат.",
                    "Wait; if anything more is needed, you will be told.",
                ],
            ),
            Self::Returned => Words::fixed(
                [
                    "Өтініш ескертулермен қайтарылды.",
                    "Заявление возвращено с замечаниями.",
                    "The application is returned with remarks.",
                ],
                [
                    "Ескертулерді түзетіп, нысанның келесі нұсқасына қол қойып, жіберіңіз.",
                    "Устраните замечания, подпишите следующую редакцию формы и отправьте её.",
                    "Mend what is remarked, sign the next revision of the form and send it.",
                ],
            ),
            Self::PreliminaryRefusal => Words::fixed(
                [
                    "Өтініштен бас тарту көзделіп отыр; мерзім тоқтатылды.",
                    "Предполагается отказ; течение срока приостановлено.",
                    "It is intended to refuse the application; the term stands still.",
                ],
                [
                    "Хабарламада көрсетілген мерзімде қарсылық білдіріңіз немесе тыңдауға келіңіз.",
                    "Возразите в указанный в уведомлении срок или придите на заслушивание.",
                    "Object within the time that the notice names, or come to be heard.",
                ],
            ),
            Self::Heard => Words::fixed(
                [
                    "Сіз тыңдалдыңыз; түпкілікті шешім қабылданады.",
                    "Вы заслушаны; принимается окончательное решение.",
                    "You were heard; the final decision is being made.",
                ],
                ["Шешімді күтіңіз.", "Ожидайте решения.", "Wait for the decision."],
            ),
            Self::Refused => Words::fixed(
                [
                    "Өтініштен дәлелді түрде бас тартылды.",
                    "В оказании услуги мотивированно отказано.",
                    "The application is refused, with reasons.",
                ],
                [
                    "Шешіммен келіспесеңіз, онда көрсетілген тәртіппен шағым беріңіз; себептерін жойсаңыз, жаңа \
                     өтініш бере аласыз.",
                    "Если Вы не согласны, обжалуйте решение в указанном в нём порядке; устранив причины, Вы можете \
                     подать новое заявление.",
                    "If you disagree, appeal as the decision says; once its reasons are mended, you may file a new \
                     application.",
                ],
            ),
            Self::Completed => Words::fixed(
                ["Өтініш қанағаттандырылды.", "Заявление удовлетворено.", "The application is granted."],
                [
                    "Құжатты жүктеп алыңыз; мекемеге берілген өтініш бойынша мекемеге хабарласыңыз.",
                    "Скачайте документ; если заявление подано в загранучреждении, обратитесь туда.",
                    "Download the document; for an application made at a mission, turn to the mission.",
                ],
            ),
            Self::Withdrawn => Words::fixed(
                ["Өтініш қайтарып алынды.", "Заявление отозвано.", "The application is withdrawn."],
                [
                    "Қажет болса, жаңа өтініш беріңіз.",
                    "При необходимости подайте новое заявление.",
                    "File a new application when you need to.",
                ],
            ),
        }
    }
}

impl RegistrationState {
    /// What the state means, and what to do next.
    pub const fn words(self) -> Words {
        match self {
            Self::Active => Words::fixed(
                [
                    "Азамат консулдық есепте тұр.",
                    "Гражданин состоит на консульском учёте.",
                    "The citizen is registered.",
                ],
                [
                    "Мекенжай, құжат немесе өзге мәліметтер өзгерсе, өзгерту туралы, ал мерзімі аяқталар алдында \
                     ұзарту туралы өтініш беріңіз.",
                    "Если изменились адрес, документ или иные сведения, подайте заявление об изменении, а до \
                     окончания срока — о продлении.",
                    "When address, document or other data change, apply for a change; before the stay ends, for its \
                     extension.",
                ],
            ),
            Self::Overdue => Words::fixed(
                [
                    "Карточкада көрсетілген болу мерзімі аяқталды.",
                    "Срок пребывания по карточке истёк.",
                    "The stay by the card has ended.",
                ],
                [
                    "Мерзімді ұзартуға немесе есептен шығуға өтініш беріңіз; әйтпесе есептен шығарыласыз.",
                    "Подайте заявление о продлении или о снятии с учёта; иначе учёт будет прекращён.",
                    "Apply for an extension or for removal; otherwise the registration will be closed.",
                ],
            ),
            Self::Deregistered => Words::fixed(
                [
                    "Азамат консулдық есептен шығарылды.",
                    "Гражданин снят с консульского учёта.",
                    "The citizen is removed from the register.",
                ],
                [
                    "Шетелде болсаңыз, тұратын жеріңіздегі мекемеге есепке тұруға өтініш беріңіз.",
                    "Если Вы за границей, подайте заявление о постановке на учёт по месту пребывания.",
                    "Who stays abroad applies to the mission there for a new registration.",
                ],
            ),
            Self::Annulled => Words::fixed(
                [
                    "Тіркеу басынан бастап жарамсыз деп танылды.",
                    "Учёт признан недействительным с самого начала.",
                    "The registration is void from its beginning.",
                ],
                [
                    "Себебін білу үшін мекемеге хабарласыңыз; құқығыңыз болса, жаңа өтініш беріңіз.",
                    "Чтобы узнать причину, обратитесь в загранучреждение; при наличии права подайте новое заявление.",
                    "Turn to the mission to learn why; who has the right applies anew.",
                ],
            ),
        }
    }
}
