//! A volume of an electoral roll on paper, read with other programs than the one that made it.

use std::process::Command;

use chrono::{DateTime, NaiveDate};
use consular_registration::documents::{ElectoralVolume, Renderer, VerificationLink};
use consular_registration::registration::electoral::{Elector, ElectoralLaw};
use consular_registration::registration::{Kind, Text};

fn elector(place: usize) -> Elector {
    Elector {
        surname: "Әбдіғаппарова".to_owned(),
        given_name: "Ұлжан".to_owned(),
        patronymic: place.is_multiple_of(2).then(|| "Өмірзаққызы".to_owned()),
        birth_date: NaiveDate::from_ymd_opt(1995, 3, 14).unwrap(),
        iin: Some(format!("{:012}", 950_314_450_000_usize + place)),
        country: "DE".to_owned(),
        subdivision: Some("DE-BE".to_owned()),
        // Letters of a script that no font of the documents has.
        address: if place == 501 { "𐌀𐌁 1".to_owned() } else { "Musterstraße 1, 10115 Berlin".to_owned() },
        kind: Kind::Temporary,
        registration: format!("KZ-DE-BER/R/2026/{place:06}"),
    }
}

fn volume(electors: usize) -> ElectoralVolume {
    let number = "KZ-DE-BER/E/2026/000001/2";
    let law = ElectoralLaw::on(NaiveDate::from_ymd_opt(2026, 11, 20).unwrap());
    ElectoralVolume {
        number: number.to_owned(),
        roll: "KZ-DE-BER/E/2026/000001".to_owned(),
        place: 2,
        volumes: 3,
        issued_at: DateTime::parse_from_rfc3339("2026-11-01T14:35:07+01:00").unwrap(),
        voting_day: NaiveDate::from_ymd_opt(2026, 11, 20).unwrap(),
        cut_off: DateTime::parse_from_rfc3339("2026-10-31T00:00:00+01:00").unwrap(),
        mission: Text::fixed("Елшілік", "Посольство", "Embassy"),
        country: Some("DE".to_owned()),
        subdivisions: vec!["DE-BE".to_owned()],
        total: 1200,
        first: 501,
        electors: (501..501 + electors).map(elector).collect(),
        citations: law.citations.iter().map(|citation| citation.text()).collect(),
        list_sha256: "0f".repeat(32),
        verification: VerificationLink::new("https://example.kz/verify", number, "0f1e2d3c4b5a69788796").unwrap(),
        sandbox: false,
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
    let pdf = renderer.render_electoral_volume(&volume(500)).unwrap();
    assert_eq!(renderer.render_electoral_volume(&volume(500)).unwrap(), pdf, "equal volumes give equal bytes");
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
