//! The documents on the way to a decision: receipt, return, preliminary decision, protocol, refusal, transfer; and the insert.

use chrono::{DateTime, FixedOffset, NaiveDate};
use consular_registration::documents::{
    Acceptance, FieldRemark, Grounds, Hearing, Matter, PreliminaryDecision, Refusal, RegistrationMatter, Return,
    Transfer,
};
use consular_registration::registration::document::DocumentKind;
use consular_registration::registration::form::ApplicationType;
use consular_registration::registration::hearing::{APPEAL, RefusalGround, appeal_article, hearing_article};
use consular_registration::registration::rules::Channel;
use consular_registration::registration::{Kind, Text};

use super::{ADDRESS, NUMBER, Paper, about, assert_shows, stay};

const APPLICATION: &str = "KZ-DE-FRA/2026/000123";

fn at(time: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(time).expect("a time")
}

fn acceptance() -> Matter {
    Matter::Acceptance(Acceptance {
        application_type: ApplicationType::Register,
        kind: Kind::Permanent,
        channel: Channel::Mission,
        presented: vec![
            Text::fixed("Тіркеу карточкасы", "Регистрационная карточка", "Registration card"),
            Text::fixed("Паспорт № N12345678", "Паспорт № N12345678", "Passport № N12345678"),
        ],
        officer: Some("ҚАСЫМОВ ҒАБИТ".into()),
        due_at: at("2026-11-24T18:00:00+01:00"),
    })
}

fn returned(remarks: usize) -> Matter {
    let text = Text::fixed(
        "Болудың соңғы күні көрсетілмеген. Уақытша болу үшін бұл өріс міндетті, оны паспорттағы визамен салыстырыңыз.",
        "Не указан последний день пребывания. Для временного пребывания это поле обязательно, сверьте его с визой.",
        "The last day of the stay is missing. It is required for a temporary stay; compare it with the visa.",
    );
    let field = |place: usize| format!("card.contacts.emergency_contacts.{place}.phone");
    Matter::Return(Return {
        application: APPLICATION.into(),
        remarks: (0..remarks).map(|place| FieldRemark { field: field(place), text: text.clone() }).collect(),
        due_at: at("2026-11-24T18:00:00+01:00"),
        officer: None,
    })
}

fn grounds(article: Text) -> Grounds {
    let ground = RefusalGround::NoPersonalDataConsent;
    Grounds {
        ground: ground.text(),
        reason_kk: "Өтініш беруші дербес деректерді өңдеуге келісім бермеді.".into(),
        reason_ru: "Заявитель не дал согласия на обработку персональных данных.".into(),
        law: ground.acts().into_iter().chain([article]).collect(),
    }
}

fn announced() -> Matter {
    Matter::PreliminaryDecision(PreliminaryDecision {
        application: APPLICATION.into(),
        grounds: grounds(hearing_article()),
        hearing_at: at("2026-11-25T10:30:00+01:00"),
        place: "Beethovenstraße 17, 2-қабат".into(),
        objection_until: at("2026-11-26T18:00:00+01:00"),
        officer: Some("ҚАСЫМОВ ҒАБИТ".into()),
    })
}

fn hearing() -> Matter {
    Matter::Hearing(Hearing {
        application: APPLICATION.into(),
        place: "Beethovenstraße 17".into(),
        begin: at("2026-11-25T10:30:00+01:00"),
        end: at("2026-11-25T11:05:00+01:00"),
        body: "Генеральное консульство во Франкфурте-на-Майне".into(),
        official: "Қасымов Ғ. Б.".into(),
        secretary: "Ысқақова Ә. Н.".into(),
        participant: "Әбдіғаппарова Ұ. Ө.".into(),
        question: "О согласии на обработку персональных данных".into(),
        explanations: "Заявитель пояснила, что согласие будет дано. ".repeat(6).trim().into(),
        signed_by_chair: true,
        signed_by_secretary: true,
    })
}

fn refused(is_heard: bool) -> Matter {
    Matter::Refusal(Refusal {
        application: APPLICATION.into(),
        grounds: grounds(appeal_article()),
        announced_at: Some(at("2026-11-23T12:00:00+01:00")),
        heard_at: is_heard.then(|| at("2026-11-25T10:30:00+01:00")),
        appeal: APPEAL,
        officer: Some("ТӨЛЕГЕНОВА ІҢКӘР".into()),
    })
}

fn moved() -> Matter {
    Matter::Transfer(Transfer {
        former_mission: Text::fixed("Берлиндегі Елшілік", "Посольство в Берлине", "Embassy in Berlin"),
        former_registration: "KZ-DE-BER/R/2025/000009".into(),
        registration: "KZ-DE-FRA/R/2026/000017".into(),
        registered_on: NaiveDate::from_ymd_opt(2026, 11, 22).expect("a date"),
        kind: Kind::Temporary,
    })
}

fn insert() -> Matter {
    let passport = Some("N12345678".into());
    Matter::Registration(RegistrationMatter { kind: Kind::Permanent, valid_until: None, passport, ..stay() })
}

#[test]
fn each_document_says_what_the_procedure_wants_in_kazakh_and_russian() {
    let documents: [(DocumentKind, Matter, &[&str]); 8] = [
        (
            DocumentKind::Receipt,
            acceptance(),
            &[
                "приняты и зарегистрированы",
                "қабылданды және тіркелді",
                "22.11.2026 14:35",
                "24.11.2026 18:00 (UTC+01:00)",
                "Регистрационная карточка",
                "Паспорт № N12345678",
                "ҚАСЫМОВ ҒАБИТ",
                "Консулдық есепке қою",
            ],
        ),
        (
            DocumentKind::ReturnNotice,
            returned(2),
            &[APPLICATION, "24.11.2026 18:00", "card.contacts.emergency_contacts.1.phone", "не приостанавливается"],
        ),
        (
            DocumentKind::PreliminaryDecision,
            announced(),
            &[
                APPLICATION,
                "дербес деректерді өңдеуге келісім",
                "Заявитель не дал согласия на обработку персональных",
                "№ 94-V",
                "статья 73",
                "73-бап",
                "25.11.2026 10:30",
                "26.11.2026 18:00",
                "Beethovenstraße 17, 2-қабат",
            ],
        ),
        (
            DocumentKind::HearingProtocol,
            hearing(),
            &[
                "статьёй 74",
                "25.11.2026 10:30",
                "25.11.2026 11:05",
                "Генеральное консульство во Франкфурте-на-Майне",
                "Қасымов Ғ. Б. — қол қойылды",
                "Ысқақова Ә. Н. — қол қойылды",
                "Әбдіғаппарова Ұ. Ө.",
                "О согласии на обработку",
                "пояснила, что согласие будет дано",
            ],
        ),
        (
            DocumentKind::Refusal,
            refused(true),
            &[
                "об отказе в оказании государственной услуги",
                "статья 91",
                "91-бап",
                "затем в суд",
                "содан кейін сотқа",
                "23.11.2026 12:00",
                "25.11.2026 10:30",
                "ТӨЛЕГЕНОВА ІҢКӘР",
            ],
        ),
        (DocumentKind::Refusal, refused(false), &["возражений не поступило", "қарсылық білдірілмеді"]),
        (
            DocumentKind::TransferNotice,
            moved(),
            &["Берлиндегі Елшілік", "KZ-DE-BER/R/2025/000009", "KZ-DE-FRA/R/2026/000017", "учёт в прежнем"],
        ),
        (
            DocumentKind::PassportInsert,
            insert(),
            &["N12345678", "Консулдық есепке алу туралы қосымша бет", "Вкладыш о постановке", "до снятия с учёта"],
        ),
    ];
    for (kind, matter, pieces) in documents {
        let data = about(kind, matter);
        let text = Paper::of(&data).text();
        let title = kind.title();
        let person = ["Әбдіғаппарова Ұлжан Өмірзаққызы", "950314450127"];
        assert_shows(&text, &[&title.kk, &title.ru, &title.en, NUMBER]);
        assert_shows(&text, &person);
        assert_shows(&text, pieces);
    }
}

#[test]
fn every_document_leads_to_its_verification_and_declares_its_standards() {
    let kinds = [
        (DocumentKind::Receipt, acceptance()),
        (DocumentKind::ReturnNotice, returned(1)),
        (DocumentKind::PreliminaryDecision, announced()),
        (DocumentKind::HearingProtocol, hearing()),
        (DocumentKind::Refusal, refused(true)),
        (DocumentKind::TransferNotice, moved()),
        (DocumentKind::PassportInsert, insert()),
    ];
    for (kind, matter) in kinds {
        let paper = Paper::of(&about(kind, matter));
        paper.run("pdftoppm", &["-r", "150", "-png", "document.pdf", "sheet"]);
        let last = paper.file(&format!("sheet-{}.png", paper.pages()));
        let sheet = if last.exists() { last } else { paper.file("sheet-1.png") };
        assert_eq!(paper.run("zbarimg", &["-q", "--raw", &sheet.display().to_string()]).trim(), ADDRESS, "{kind:?}");
        let metadata = paper.run("pdfinfo", &["-meta", "document.pdf"]);
        assert_shows(&metadata, &["<pdfaid:part>2<", "<pdfuaid:part>1<"]);
    }
}

#[test]
fn fifty_remarks_go_on_over_several_pages_and_none_is_cut() {
    let paper = Paper::of(&about(DocumentKind::ReturnNotice, returned(50)));
    assert!(paper.pages().parse::<u32>().expect("a number") > 3);
    let text = paper.text();
    for place in 0..50 {
        assert_shows(&text, &[&format!("card.contacts.emergency_contacts.{place}.phone")]);
    }
    assert_eq!(text.matches("сверьте его с визой").count(), 50);
}

#[test]
fn a_letter_that_no_font_has_does_not_keep_a_decision_from_its_reader() {
    let Matter::PreliminaryDecision(decision) = announced() else { unreachable!() };
    let place = "北京 Sanlitun 9".to_owned();
    let matter = Matter::PreliminaryDecision(PreliminaryDecision { place, ..decision });
    let text = Paper::of(&about(DocumentKind::PreliminaryDecision, matter)).text();
    assert_shows(&text, &["\u{FFFD}\u{FFFD} Sanlitun 9"]);
}

#[test]
fn what_a_document_says_is_kept_as_it_is_and_shown_in_no_log() {
    for matter in [acceptance(), returned(2), announced(), hearing(), refused(true), moved(), insert()] {
        let facts = about(DocumentKind::Receipt, matter).facts;
        let kept: consular_registration::documents::DocumentFacts =
            serde_json::from_slice(&serde_json::to_vec(&facts).expect("a JSON form")).expect("read back");
        assert_eq!(kept, facts);
        let shown = format!("{facts:?}");
        for secret in ["Әбдіғаппарова", "950314450127", "Beethovenstraße 17, 2", "пояснила", "N12345678"]
        {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
    }
}
