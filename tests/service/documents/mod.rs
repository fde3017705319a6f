//! What people see, hear, copy and scan of an electronic document, read with other programs than the one that made it.

use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate};
use consular_registration::cms::SigningKey;
use consular_registration::documents::{
    DocumentData, DocumentError, DocumentFacts, EmergencyContacts, Holder, IssuingMission, KeySeal, Matter,
    RegistrationMatter, Removal, Renderer, Seal, VerificationLink, check_digest, sha256_hex,
};
use consular_registration::registration::document::DocumentKind;
use consular_registration::registration::{DeregistrationGround, Kind, Text};
use tempfile::TempDir;

use crate::support::openssl::{PKI, now};

mod procedure;

static RENDERER: LazyLock<Renderer> = LazyLock::new(|| Renderer::new().expect("templates and fonts are in order"));

const NUMBER: &str = "KZ-DE-FRA/D/2026/000042";
const ADDRESS: &str = "https://consular-registration.example/verify/KZ-DE-FRA/D/2026/000042?token=0f1e2d3c4b5a69788796";

fn notice() -> DocumentData {
    about(DocumentKind::NoticeOfTemporaryRegistration, Matter::Registration(stay()))
}

/// A document of that kind about that matter.
pub fn about(kind: DocumentKind, matter: Matter) -> DocumentData {
    DocumentData {
        kind,
        number: NUMBER.into(),
        facts: DocumentFacts {
            issued_at: DateTime::parse_from_rfc3339("2026-11-22T14:35:07+01:00").expect("a time"),
            holder: Holder {
                surname: "Әбдіғаппарова".into(),
                given_name: "Ұлжан".into(),
                patronymic: Some("Өмірзаққызы".into()),
                latin_surname: "ABDIGAPPAROVA".into(),
                latin_given_name: "ULZHAN".into(),
                iin: "950314450127".into(),
            },
            mission: IssuingMission {
                name: Text::fixed(
                    "Қазақстан Республикасының Майндағы Франкфурт қаласындағы Бас консулдығы",
                    "Генеральное консульство Республики Казахстан в городе Франкфурт-на-Майне",
                    "Consulate General of the Republic of Kazakhstan in Frankfurt am Main",
                ),
                district: Text::fixed("Гессен, Бавария", "Гессен, Бавария", "Hesse, Bavaria"),
                emergency: EmergencyContacts {
                    phones: vec!["+49690000000".into()],
                    email: Some("frankfurt@missions.example".into()),
                    address: Some("Beethovenstraße 17, 60325 Frankfurt am Main".into()),
                },
            },
            matter,
        },
        verification: VerificationLink::new(
            "https://consular-registration.example/verify/",
            NUMBER,
            "0f1e2d3c4b5a69788796",
        )
        .expect("a link"),
        sandbox: false,
    }
}

/// A temporary registration.
pub fn stay() -> RegistrationMatter {
    RegistrationMatter {
        registration: "KZ-DE-FRA/R/2026/000017".into(),
        registered_on: NaiveDate::from_ymd_opt(2026, 11, 22).expect("a date"),
        kind: Kind::Temporary,
        valid_until: NaiveDate::from_ymd_opt(2027, 8, 31),
        passport: None,
        removal: None,
    }
}

/// A rendered document in a folder of its own.
struct Paper {
    folder: TempDir,
}

impl Paper {
    fn of(data: &DocumentData) -> Self {
        let folder = TempDir::new().expect("a folder");
        std::fs::write(folder.path().join("document.pdf"), RENDERER.render(data).expect("it renders"))
            .expect("writable");
        Self { folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, program: &str, arguments: &[&str]) -> String {
        let output = Command::new(program).args(arguments).current_dir(self.folder.path()).output();
        let output = output.unwrap_or_else(|error| panic!("{program} is installed: {error}"));
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The text with every run of blanks and line ends as one blank.
    fn text(&self) -> String {
        self.run("pdftotext", &["document.pdf", "-"]).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn pages(&self) -> String {
        let about = self.run("pdfinfo", &["document.pdf"]);
        let pages = about.lines().find_map(|line| line.strip_prefix("Pages:"));
        pages.expect("pdfinfo counts pages").trim().to_owned()
    }
}

fn assert_shows(text: &str, pieces: &[&str]) {
    for piece in pieces {
        assert!(text.contains(piece), "{piece:?} is missing in: {text}");
    }
}

#[test]
fn the_notice_of_temporary_registration_says_everything_in_three_languages() {
    let text = Paper::of(&notice()).text();
    assert_shows(
        &text,
        &[
            "Министерство иностранных дел Республики Казахстан",
            NUMBER,
            "KZ-DE-FRA/R/2026/000017",
            "22.11.2026 14:35 (UTC+01:00)",
            "Әбдіғаппарова Ұлжан Өмірзаққызы",
            "ABDIGAPPAROVA ULZHAN",
            "950314450127",
            "Уақытша консулдық есеп",
            "Временный консульский учёт",
            "Temporary consular registration",
            "Майндағы Франкфурт",
            "Consulate General of the Republic of Kazakhstan in Frankfurt am Main",
            "Hesse, Bavaria",
            "2026 жылғы 22 қараша · 22 ноября 2026 года · 22 November 2026",
            "2027 жылғы 31 тамыз · 31 августа 2027 года · 31 August 2027",
            "+49690000000",
            "frankfurt@missions.example",
            "Beethovenstraße 17, 60325 Frankfurt am Main",
            "тең дәрежелі",
            "равнозначен документу на бумажном носителе",
            "equal to a document on paper",
            "электрондық мөрмен",
            "электронной печатью",
            "an electronic seal",
        ],
    );
    assert!(!text.contains("SANDBOX"));
    let title = notice().kind.title();
    assert_shows(&text, &[&title.kk, &title.ru, &title.en]);
}

#[test]
fn the_notice_of_permanent_registration_holds_until_de_registration() {
    let matter = RegistrationMatter { kind: Kind::Permanent, valid_until: None, ..stay() };
    let data = about(DocumentKind::NoticeOfRegistration, Matter::Registration(matter));
    let text = Paper::of(&data).text();
    assert_shows(
        &text,
        &["Тұрақты консулдық есеп", "есептен шығарылғанға дейін · до снятия с учёта · until de-registration"],
    );
    assert!(!text.contains("31 August"));
}

#[test]
fn every_letter_of_kazakh_can_be_copied_from_the_sheet() {
    let letters = "АаӘәБбВвГгҒғДдЕеЁёЖжЗзИиЙйКкҚқЛлМмНнҢңОоӨөПпРрСсТтУуҰұҮүФфХхҺһЦцЧчШшЩщЪъЫыІіЬьЭэЮюЯя";
    let mut data = notice();
    data.facts.holder.given_name = letters.into();
    assert_shows(&Paper::of(&data).text(), &[letters]);
}

#[test]
fn a_citizen_without_patronymic_has_no_gap_in_the_name() {
    let mut data = notice();
    data.facts.holder.patronymic = None;
    let text = Paper::of(&data).text();
    assert_shows(&text, &["Әбдіғаппарова Ұлжан"]);
    assert!(!text.contains("none") && !text.contains("null"));
}

#[test]
fn names_of_sixty_letters_and_a_long_address_stay_whole_on_one_page() {
    let mut data = notice();
    data.sandbox = true;
    data.facts.holder.surname = "Абдрахманова-Шығанақбайқызы-Сейітқұлбердиева-Ұзынсүйекова-Ә".into();
    data.facts.holder.given_name = "Жаңылсын-Гүлбаршын-Мәдинахан-Айсұлушаш-Нұргүлжамал-Бибігүл".into();
    data.facts.holder.patronymic = Some("Құдайбергенмұхаммедқалиқызы-Әлімжанқожахметоваұлыбекқызы-Ғ".into());
    data.facts.holder.latin_surname = "ABDRAKHMANOVA-SHYGANAKBAIKYZY-SEIITKULBERDIYEVA-UZYNSUIEKOVA".into();
    data.facts.holder.latin_given_name = "ZHANGYLSYN-GULBARSHYN-MADINAKHAN-AISULUSHASH-NURGULZHAMAL".into();
    let address = "Business Centre of the Ambassadors, Building 12, Entrance C, Floor 27, Office 2714–2719, Boulevard of the \
                   Long Names 1284, 00-950 Someplace upon Somewhere, Beyond the River";
    data.facts.mission.emergency.address = Some(address.into());
    let paper = Paper::of(&data);
    assert_eq!(paper.pages(), "1");
    let text = paper.text();
    let holder = &data.facts.holder;
    assert_shows(
        &text,
        &[&holder.surname, &holder.given_name, holder.patronymic.as_deref().expect("set"), &holder.latin_surname],
    );
    assert_shows(&text.replace(' ', ""), &[&address.replace(' ', "")]);
}

#[test]
fn a_document_of_the_sandbox_says_so_in_three_languages() {
    let text = Paper::of(&DocumentData { sandbox: true, ..notice() }).text();
    assert_shows(&text, &["ЗАҢДЫ КҮШІ ЖОҚ", "ЮРИДИЧЕСКОЙ СИЛЫ НЕ ИМЕЕТ", "SANDBOX — NO LEGAL FORCE"]);
}

#[test]
fn the_qr_code_leads_to_the_address_that_is_printed() {
    for sandbox in [false, true] {
        let paper = Paper::of(&DocumentData { sandbox, ..notice() });
        // 150 dots per inch: what a telephone makes of a sheet at arm's length.
        paper.run("pdftoppm", &["-r", "150", "-png", "-singlefile", "document.pdf", "sheet"]);
        assert!(paper.file("sheet.png").exists());
        assert_eq!(paper.run("zbarimg", &["-q", "--raw", "sheet.png"]).trim(), ADDRESS);
        assert_shows(&paper.text().replace(' ', ""), &[ADDRESS]);
    }
}

#[test]
fn equal_data_give_equal_bytes_and_other_data_others() {
    let first = RENDERER.render(&notice()).expect("it renders");
    let other = DocumentData { number: "KZ-DE-FRA/D/2026/000043".into(), ..notice() };
    assert_ne!(first, RENDERER.render(&other).expect("it renders"));
    let another_renderer = Renderer::new().expect("in order");
    assert!(first == another_renderer.render(&notice()).expect("it renders"), "the bytes differ");
}

#[test]
fn threads_render_at_once_what_one_renders() {
    let alone = sha256_hex(&RENDERER.render(&notice()).expect("it renders"));
    std::thread::scope(|scope| {
        let renders: Vec<_> =
            (0..4).map(|_| scope.spawn(|| sha256_hex(&RENDERER.render(&notice()).expect("it renders")))).collect();
        for render in renders {
            assert_eq!(render.join().expect("no panic"), alone);
        }
    });
}

#[test]
fn the_file_declares_its_standards_its_title_and_its_time() {
    let paper = Paper::of(&notice());
    let metadata = paper.run("pdfinfo", &["-meta", "document.pdf"]);
    assert_shows(
        &metadata,
        &["<pdfaid:part>2<", "<pdfaid:conformance>A<", "<pdfuaid:part>1<", "2026-11-22T14:35:07+01:00"],
    );
    let about = paper.run("pdfinfo", &["document.pdf"]);
    assert_shows(&about, &["Tagged:          yes", &notice().kind.title().kk]);
    let structure = paper.run("pdfinfo", &["-struct-text", "document.pdf"]);
    assert_shows(&structure, &["H1", "H2", "Table", "TH", "Figure"]);
}

#[test]
fn letters_outside_the_document_family_are_shown_and_those_in_no_font_are_named_by_their_field() {
    let mut data = notice();
    data.facts.holder.surname = "Ԛараԝ".into();
    assert_shows(&Paper::of(&data).text(), &["Ԛараԝ"]);
    data.facts.holder.surname = "漢字".into();
    assert_eq!(RENDERER.render(&data), Err(DocumentError::Unprintable { field: "holder.surname" }));
}

#[test]
fn a_certificate_says_of_what_kind_the_registration_is_and_until_when() {
    for (kind, words) in
        [(Kind::Temporary, "Временный консульский учёт"), (Kind::Permanent, "Постоянный консульский учёт")]
    {
        let matter = Matter::Registration(RegistrationMatter { kind, ..stay() });
        let data = about(DocumentKind::CertificateOfRegistration, matter);
        let text = Paper::of(&data).text();
        assert_shows(&text, &["Консулдық есепте тұрғаны туралы анықтама", words, "состоит на консульском учёте"]);
        assert_shows(&text, &["31 августа 2027 года"]);
    }
}

#[test]
fn a_notice_of_deregistration_names_the_day_and_the_ground() {
    let on = NaiveDate::from_ymd_opt(2027, 1, 31).expect("a date");
    let removal = Some(Removal { on, ground: DeregistrationGround::StayExpired.text() });
    for (kind, words) in [
        (DocumentKind::NoticeOfDeregistration, "снято с консульского учёта"),
        (DocumentKind::NoteOfDeregistration, "Проставлена отметка о снятии"),
    ] {
        let matter = RegistrationMatter { removal: removal.clone(), ..stay() };
        let text = Paper::of(&about(kind, Matter::Registration(matter))).text();
        assert_shows(&text, &[words, "31 января 2027 года", "истечение срока пребывания"]);
        assert!(!text.contains("31 августа 2027"), "a registration that has ended is not valid until later");
    }
}

#[test]
fn a_document_of_a_kind_is_about_its_own_matter_only() {
    let data = about(DocumentKind::Refusal, Matter::Registration(stay()));
    let refused = RENDERER.render(&data).expect_err("refused");
    assert_eq!(refused, DocumentError::NotApplicable(DocumentKind::Refusal));
    assert!(refused.to_string().starts_with("DOCUMENT_NOT_APPLICABLE"));
}

#[test]
fn data_in_a_log_show_neither_person_nor_token() {
    let shown = format!("{:?}", notice());
    for secret in ["Әбдіғаппарова", "ABDIGAPPAROVA", "950314450127", "0f1e2d3c"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

fn seal_of(name: &str) -> KeySeal {
    let key = SigningKey::from_bytes(&std::fs::read(PKI.file(&format!("{name}.key"))).expect("a key")).expect("usable");
    KeySeal::new(key, PKI.certificate(name), vec![PKI.certificate("ca")]).expect("key and certificate belong together")
}

#[test]
fn openssl_verifies_the_seal_over_the_document_and_over_no_other() {
    let paper = Paper::of(&notice());
    let pdf = std::fs::read(paper.file("document.pdf")).expect("readable");
    for name in ["head", "p256"] {
        let seal = seal_of(name).seal(&pdf, now()).expect("sealed");
        let file = paper.file(&format!("{name}.p7s"));
        std::fs::write(&file, seal).expect("writable");
        let (seal, sheet) = (file.display().to_string(), paper.file("document.pdf").display().to_string());
        let verify = |content: &str| {
            let at = now().timestamp().to_string();
            PKI.attempt(
                &[
                    "cms", "-verify", "-binary", "-inform", "DER", "-in", &seal, "-content", content, "-CAfile",
                    "root.crt", "-purpose", "any", "-attime", &at,
                ],
                &[],
            )
        };
        assert!(verify(&sheet).expect("openssl accepts the seal") == pdf);
        let other = paper.file("other.pdf");
        std::fs::write(&other, RENDERER.render(&DocumentData { sandbox: true, ..notice() }).expect("it renders"))
            .expect("writable");
        assert!(verify(&other.display().to_string()).is_err());
    }
}

#[test]
fn a_seal_with_another_certificate_is_refused_at_once() {
    let key = SigningKey::from_bytes(&std::fs::read(PKI.file("alice.key")).expect("a key")).expect("usable");
    assert!(matches!(KeySeal::new(key, PKI.certificate("bob"), Vec::new()), Err(DocumentError::Seal(_))));
}

#[test]
fn a_document_that_was_changed_is_found_by_its_digest() {
    let mut pdf = RENDERER.render(&notice()).expect("it renders");
    let digest = sha256_hex(&pdf);
    assert_eq!(check_digest(&pdf, &digest), Ok(()));
    pdf.extend_from_slice(b"%%EOF\n");
    assert_eq!(check_digest(&pdf, &digest), Err(DocumentError::Altered));
}
