use std::io::{self, Write};

use consular_registration::command::output::Device;
use consular_registration::command::{Exit, run_with};

use super::{consular, on};

#[test]
fn a_wrong_command_line_is_exit_code_3() {
    let wrong: [&[&str]; 6] = [
        &["frobnicate"],
        &["validate"],
        &["validate", "x", "--revocation", "maybe"],
        &["validate", "x", "--at", "yesterday"],
        &["sign", "form", "--key", "k"],
        &[],
    ];
    for line in wrong {
        let ended = consular(line);
        assert_eq!(ended.exit, Exit::Usage, "{line:?}: {}", ended.notes);
        assert!(ended.out.is_empty());
        assert!(!ended.notes.is_empty());
    }
    assert_eq!(Exit::Usage.code(), 3);
}

#[test]
fn help_is_an_answer() {
    for line in [&["--help"][..], &["validate", "--help"], &["trust", "import", "--help"], &["--version"]] {
        let ended = consular(line);
        assert_eq!(ended.exit, Exit::Done, "{line:?}");
        assert!(ended.out.contains("consular"), "{}", ended.out);
    }
}

#[test]
fn a_missing_file_is_told_to_people_and_to_programs() {
    let line = ["validate", "/nowhere/signature.cms"];
    let ended = consular(&line);
    assert_eq!(ended.exit, Exit::Usage);
    assert!(ended.out.is_empty());
    assert!(ended.notes.contains("/nowhere/signature.cms"), "{}", ended.notes);

    let ended = consular(&[line[0], line[1], "--json"]);
    assert_eq!(ended.exit, Exit::Usage);
    assert_eq!(ended.json()["error"]["kind"], "USAGE");
}

#[test]
fn the_schema_is_printed_and_an_unknown_name_lists_the_known_ones() {
    let ended = consular(&["schema", "application-form"]);
    assert_eq!(ended.exit, Exit::Done);
    assert!(ended.json()["properties"]["applicant"].is_object());

    let ended = consular(&["schema", "strict"]);
    assert_eq!(ended.json()["revocation"], "require-all", "a policy is printed as it is");

    let ended = consular(&["schema", "passport"]);
    assert_eq!(ended.exit, Exit::Usage);
    assert!(ended.notes.contains("application-form"), "{}", ended.notes);
}

#[test]
fn the_rules_are_printed_with_their_sources() {
    let ended = consular(&["rules", "--at", "2026-03-20", "--json"]);
    assert_eq!(ended.exit, Exit::Done);
    let json = ended.json();
    let rule = json["rules"].as_array().unwrap().iter().find(|rule| rule["id"] == "ACT-OBJECTION-TERM").unwrap();
    assert_eq!((&rule["stage"], &rule["refused_with"]), (&"ACT".into(), &"OBJECTION_PERIOD_OPEN".into()));
    assert!(rule["citation"]["ru"].as_str().unwrap().contains("350-VI"), "{rule}");
    assert!(json["parameters"].as_array().unwrap().iter().any(|number| number["value"] == "1 working days"));

    let ended = consular(&["rules", "--lang", "kk"]);
    assert!(ended.out.contains("ADM-SIGNATURE") && ended.out.contains("тарту"), "{}", ended.out);
    assert!(ended.out.contains("осы қызметтің өз шешімі"), "{}", ended.out);
}

/// A pipe whose reader has gone.
struct Gone;

impl Write for Gone {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_reader_that_has_read_enough_is_no_failure_and_makes_no_verdict_good() {
    let mut notes = Vec::new();
    let listed = run_with(["consular", "rules"], Device::Plain, &mut Gone, &mut notes);
    assert_eq!((listed, notes.as_slice()), (Exit::Done, &[][..]));
    let judged = run_with(["consular", "validate", "/dev/null"], Device::Plain, &mut Gone, &mut notes);
    assert_eq!((judged, notes.as_slice()), (Exit::Refused, &[][..]));
}

#[test]
fn colours_appear_on_terminals_only_and_can_be_switched_off() {
    let terminal = Device::Terminal { width: 80 };
    assert!(on(terminal, &["schema"]).out.contains("\u{1b}["));
    assert!(!on(terminal, &["schema", "--no-color"]).out.contains("\u{1b}["));
    assert!(!consular(&["schema"]).out.contains("\u{1b}["));
}
