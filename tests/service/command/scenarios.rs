//! `consular demo --scenario`: the scenarios that ship, and files of one's own.

use std::fs;
use std::path::Path;

use consular_registration::command::Exit;
use serde_json::{Value, json};

use super::{Ended, consular, text};

/// Plays what is named in a folder of its own.
fn played(folder: &Path, wanted: &[&str], more: &[&str]) -> Ended {
    let out = folder.join("out");
    let mut arguments = vec!["demo", "--out", text(&out), "--scenario"];
    arguments.extend(wanted);
    arguments.extend(more);
    consular(&arguments)
}

/// A scenario file with this text.
fn file(folder: &Path, name: &str, content: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    text(&path).to_owned()
}

const HEAD: &str = "title = \"One's own\"\nbegin = 2026-03-20T10:00:00+01:00\n\n[person.aruzhan]\nborn = 1988-03-15\nsex = \"FEMALE\"\n\n";

#[test]
fn every_scenario_that_ships_is_seen_as_it_must_be() {
    let folder = tempfile::tempdir().unwrap();
    let ended = played(folder.path(), &["all"], &["--json"]);
    let report = ended.json();
    let unequal: Vec<&Value> =
        report["scenarios"].as_array().unwrap().iter().filter(|one| one["equal"] != true).collect();
    assert!(ended.exit == Exit::Done && unequal.is_empty(), "{unequal:#?}");
    let shipped = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")).unwrap();
    let files =
        shipped.filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|ending| ending == "toml"));
    assert_eq!(report["scenarios"].as_array().unwrap().len(), files.count(), "every file ships");
}

#[test]
fn what_is_not_as_expected_is_shown_with_its_line_and_ends_in_exit_code_1() {
    let folder = tempfile::tempdir().unwrap();
    let steps = "[[step]]\ncall = \"SubmitApplication\"\nby = \"aruzhan\"\nas = \"a\"\nexpect.state = \"ACCEPTED\"\nexpect_begins.due_time = \"2026-03-23\"\n\n\
                 [[step]]\ncall = \"GetApplication\"\nabout = \"a\"\n";
    let path = file(folder.path(), "own.toml", &format!("{HEAD}{steps}"));
    let ended = played(folder.path(), &[&path], &[]);
    assert_eq!(ended.exit, Exit::Refused, "{}", ended.notes);
    for part in [
        "own",
        "line 8",
        "begins with 2026-03-23",
        "2026-03-26T17:00:00Z",
        "not played",
        "✘ 2 steps of 1 scenario: 1 scenario not as expected",
    ] {
        assert!(ended.out.contains(part), "{part} in {}", ended.out);
    }
    assert!(!ended.out.contains('\u{1b}'), "no colours in a file");

    // A folder is played file by file, by any method of the services, also one that streams.
    let own = folder.path().join("own");
    fs::create_dir(&own).unwrap();
    let watched = "[[step]]\ncall = \"SubmitApplication\"\nby = \"aruzhan\"\nas = \"a\"\n\n[[step]]\ncall = \"ApplicationService.WatchApplication\"\nabout = \"a\"\nexpect.\"answers[-1].application.state\" = \"COMPLETED\"\n\n\
                   [[step]]\ncall = \"GetApplication\"\nrequest.name = \"applications/00000000-0000-4000-8000-000000000000\"\nexpect.error.code = \"NOT_FOUND\"\n";
    file(&own, "watched.toml", &format!("{HEAD}{watched}"));
    let ended = played(folder.path(), &[text(&own)], &["--json"]);
    assert_eq!(ended.exit, Exit::Done, "{}", ended.out);
    assert_eq!(
        ended.json()["scenarios"][0]["steps"][1]["seen"],
        json!({ "answers[-1].application.state": "COMPLETED" })
    );
}

#[test]
fn a_malformed_file_is_a_usage_error_that_names_line_and_field() {
    let folder = tempfile::tempdir().unwrap();
    let step = |fields: &str| format!("{HEAD}[[step]]\n{fields}\n");
    let get = "call = \"GetApplication\"\n";
    let submit = "call = \"SubmitApplication\"\n";
    for (content, parts) in [
        (step("calls = \"GetApplication\""), ["line 9", "unknown field `calls`"]),
        ("title = \"x\"\n".to_owned(), ["begin", "missing field"]),
        (step("at = \"tomorrow\""), ["line 9", "`tomorrow` is no moment"]),
        (step("after = \"2 fortnights\""), ["line 9", "no delay"]),
        (step("call = \"Approve\""), ["line 8: step 1: call", "ReviewService.ApproveApplication"]),
        (step(submit), ["line 8: step 1: by", "signed by somebody"]),
        (step(&format!("{submit}by = \"nobody\"")), ["by:", "nobody called nobody"]),
        (step(&format!("{get}about = \"a\"")), ["about:", "no step before is called a"]),
        (step(&format!("{get}request.names = \"a\"")), ["request.names:", "no such field"]),
        (step(&format!("{get}request.name = \"${{a.name}}\"")), ["${a}", "nothing before is called a"]),
        (step(&format!("{get}form.kind = \"PERMANENT\"")), ["form:", "takes nothing of the kind"]),
        (step(&format!("{get}expect.\"a[\" = 1")), ["expect:", "no path"]),
        (HEAD.replace("FEMALE", "WOMAN") + "[[step]]\n" + get, ["line 6", "unknown variant `WOMAN`"]),
    ] {
        let path = file(folder.path(), "own.toml", &content);
        let ended = played(folder.path(), &[&path], &[]);
        assert_eq!(ended.exit, Exit::Usage, "{content}{}", ended.notes);
        for part in parts {
            assert!(ended.notes.contains(part), "{part} in {}", ended.notes);
        }
    }
    assert_eq!(played(folder.path(), &["/nowhere/own.toml"], &[]).exit, Exit::Usage);
    let schema = consular(&["schema", "scenario"]).json();
    assert!(schema["properties"]["step"].is_object(), "{schema}");
}
