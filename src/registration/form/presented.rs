//! What an applicant presents with an application, as documents name it.

use super::{ApplicationForm, DepartureDecision, DocumentType, Evidence, EvidenceKind, IdentityDocument, Proof};
use crate::registration::text::Text;

/// Digits of a file's digest that tell it from others on a list of a few.
const DIGITS: usize = 16;

/// What is presented, a line each: the card first, then what it refers to, then the files.
pub fn presented(form: &ApplicationForm) -> Vec<Text> {
    let card = Text::fixed("Тіркеу карточкасы", "Регистрационная карточка", "Registration card");
    let consent = form.consent.as_ref().map(|_| {
        Text::fixed(
            "Дербес деректерді жинауға және өңдеуге келісім",
            "Согласие на сбор и обработку персональных данных",
            "Consent to collecting and processing personal data",
        )
    });
    let mut lines = vec![card];
    lines.extend(form.card.identity.document.as_ref().map(identity));
    lines.extend(form.card.departure_decision.as_ref().map(departure));
    lines.extend(form.representative.as_ref().map(|person| proof(&person.proof)));
    lines.extend(consent);
    lines.extend(form.evidence.iter().map(file));
    lines
}

fn identity(document: &IdentityDocument) -> Text {
    let name = document.document_type.map_or_else(
        || Text::fixed("Жеке басты куәландыратын құжат", "Документ, удостоверяющий личность", "Identity document"),
        DocumentType::text,
    );
    match &document.number {
        Some(number) => numbered(&name, number),
        None => name,
    }
}

fn departure(decision: &DepartureDecision) -> Text {
    let name = EvidenceKind::DepartureDecision.text();
    match &decision.number {
        Some(number) => numbered(&name, number),
        None => name,
    }
}

fn proof(proof: &Proof) -> Text {
    let line = format!("{} № {}", proof.title, proof.number);
    Text::composed(line.clone(), line.clone(), line)
}

fn file(evidence: &Evidence) -> Text {
    let digits = evidence.digest.get(..DIGITS).unwrap_or_default();
    let name = evidence.kind.text();
    let line = |name: &str, file: &str| format!("{name} ({file}, SHA-256 {digits}…)");
    Text::composed(line(&name.kk, "файл"), line(&name.ru, "файл"), line(&name.en, "file"))
}

fn numbered(name: &Text, number: &str) -> Text {
    let line = |name: &str| format!("{name} № {number}");
    Text::composed(line(&name.kk), line(&name.ru), line(&name.en))
}

impl DocumentType {
    /// The document as it is named in papers.
    pub const fn text(self) -> Text {
        match self {
            Self::Passport => Text::fixed(
                "Қазақстан Республикасы азаматының паспорты",
                "Паспорт гражданина Республики Казахстан",
                "Passport of a citizen of Kazakhstan",
            ),
            Self::IdentityCard => Text::fixed(
                "Қазақстан Республикасы азаматының жеке куәлігі",
                "Удостоверение личности гражданина Республики Казахстан",
                "Identity card of a citizen of Kazakhstan",
            ),
            Self::DiplomaticPassport => {
                Text::fixed("Дипломаттық паспорт", "Дипломатический паспорт", "Diplomatic passport")
            }
            Self::ServicePassport => Text::fixed("Қызметтік паспорт", "Служебный паспорт", "Service passport"),
            Self::ResidencePermit => Text::fixed(
                "Шетелдіктің Қазақстан Республикасында тұруына ықтиярхат",
                "Вид на жительство иностранца в Республике Казахстан",
                "Residence permit of a foreigner in Kazakhstan",
            ),
            Self::StatelessCertificate => Text::fixed(
                "Азаматтығы жоқ адамның куәлігі",
                "Удостоверение лица без гражданства",
                "Certificate of a stateless person",
            ),
        }
    }
}

impl EvidenceKind {
    /// What the document is, as it is named in papers.
    pub const fn text(self) -> Text {
        match self {
            Self::IdentityDocument => {
                Text::fixed("Жеке басты куәландыратын құжат", "Документ, удостоверяющий личность", "Identity document")
            }
            Self::DepartureDecision => Text::fixed(
                "Тұрақты тұруға кетуді ресімдеу туралы шешім",
                "Решение об оформлении выезда на постоянное жительство",
                "Decision on departure for permanent residence",
            ),
            Self::RepresentationProof => Text::fixed(
                "Өкілдің құқығын растайтын құжат",
                "Документ, подтверждающий право представителя",
                "Proof of the representative's right",
            ),
            Self::DeregistrationProof => Text::fixed(
                "Есептен шығару негізін растайтын құжат",
                "Документ, подтверждающий основание снятия с учёта",
                "Proof of the ground of de-registration",
            ),
        }
    }
}
