//! A volume of a list on paper, read with other programs than the one that made it.

use std::process::Command;
use std::sync::Arc;

use chrono::DateTime;
use consular_registration::documents::{Cell, Column, Fact, ListHeader, ListVolume, Renderer, VerificationLink};
use consular_registration::registration::Text;
use consular_registration::registration::electoral::ElectoralLaw;
use consular_registration::registration::list::ListKind;

static COLUMNS: [Column; 3] = [
    Column {
        label: Text::fixed("Тегі, аты, әкесінің аты", "Фамилия, имя, отчество", "Name"), width: None
    },
    Column { label: Text::fixed("ЖСН", "ИИН", "IIN"), width: Some(25) },
    Column { label: Text::fixed("Мекенжайы", "Адрес", "Address"), width: None },
];

fn row(place: usize) -> Vec<Cell> {
    // Letters of a script that no font of the documents has.
    let address = if place == 501 { "𐌀𐌁 1, DE-BE" } else { "Musterstraße 1, 10115 Berlin, DE-BE" };
    vec![
        Cell::of(if place.is_multiple_of(2) {
            "Әбдіғаппарова Ұлжан Өмірзаққызы"
        } else {
            "Әбдіғаппарова Ұлжан"
        }),
        Cell::of(format!("{:012}", 950_314_450_000_usize + place)),
        Cell::over(address, format!("KZ-DE-BER/R/2026/{place:06}")),
    ]
}

fn volume(rows: usize) -> ListVolume {
    let number = "KZ-DE-BER/E/2026/000001/2";
    let law = ElectoralLaw::on("2026-11-20".parse().unwrap());
    let fact =
        |label: &'static str, value: &str| Fact { label: Text::fixed(label, label, label), value: value.to_owned() };
    ListVolume {
        header: Arc::new(ListHeader {
            kind: ListKind::ElectoralRoll,
            number: "KZ-DE-BER/E/2026/000001".to_owned(),
            issued_at: DateTime::parse_from_rfc3339("2026-11-01T14:35:07+01:00").unwrap(),
            mission: Text::fixed("Елшілік", "Посольство", "Embassy"),
            highlights: [fact("Voting day", "20.11.2026"), fact("As of", "31.10.2026 00:00 (UTC+01:00)")],
            facts: vec![fact("Area", "DE, DE-BE"), fact("Title", "𐌂")],
            counted: Text::fixed("Сайлаушылар саны", "Число избирателей", "Number of electors"),
            total: 1200,
            columns: &COLUMNS,
            citations: law.citations.iter().map(|citation| citation.text()).collect(),
            list_sha256: "0f".repeat(32),
            sandbox: false,
        }),
        number: number.to_owned(),
        place: 2,
        volumes: 3,
        first: 501,
        rows: (501..501 + rows).map(row).collect(),
        verification: VerificationLink::new("https://example.kz/verify", number, "0f1e2d3c4b5a69788796").unwrap(),
    }
}

fn run(program: &str, pdf: &[u8], arguments: &[&str]) -> String {
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(folder.path().join("volume.pdf"), pdf).unwrap();
    let output = Command::new(program).arg("volume.pdf").args(arguments).current_dir(folder.path()).output();
    String::from_utf8(output.expect("poppler is installed").stdout).unwrap()
}

#[test]
fn a_full_volume_has_every_elector_in_place_and_says_what_it_is_a_list_of() {
    let renderer = Renderer::new().unwrap();
    let pdf = renderer.render_list_volume(&volume(500)).unwrap();
    assert_eq!(renderer.render_list_volume(&volume(500)).unwrap(), pdf, "equal volumes give equal bytes");
    let text = run("pdftotext", &pdf, &["-layout", "-"]);
    for piece in [
        "KZ-DE-BER/E/2026/000001/2",
        "20.11.2026",
        "31.10.2026 00:00 (UTC+01:00)",
        "DE, DE-BE",
        "1200",
        "2 / 3: № 501–1000",
        "№ 2464",
        "№ 11/197",
        "950314450501",
        "KZ-DE-BER/R/2026/001000",
        "0f0f0f",
        "\u{FFFD}\u{FFFD} 1",
    ] {
        assert!(text.contains(piece), "{piece} is missing");
    }
    assert_eq!(text.matches("Әбдіғаппарова Ұлжан").count(), 500);
    let about = run("pdfinfo", &pdf, &[]);
    let pages = about.lines().find_map(|line| line.strip_prefix("Pages:")).unwrap().trim().parse::<usize>().unwrap();
    // Who reads page five still knows what the columns are.
    assert!(pages > 10 && text.matches("ЖСН").count() >= pages - 1, "{pages} pages");
    assert!(about.contains("Tagged:") && about.contains("yes"), "{about}");
}
