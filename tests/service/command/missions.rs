//! `consular missions`, beside a running service.

use std::time::{Duration, Instant};

use consular_registration::command::Exit;
use consular_registration::grpc::client::answer;
use consular_registration::grpc::proto::{ApplicationState, ClaimApplicationRequest};
use consular_registration::registration::form::Kind;
use consular_registration::registration::mission::Missions;

use super::{consular, text};
use crate::support::service::{Service, now, refusal};

const PARIS: &str = r#"
[[mission]]
code = "KZ-FR-PAR"
type = "EMBASSY"
name = { kk = "Франциядағы Елшілік", ru = "Посольство во Франции", en = "Embassy in France" }
city = { kk = "Париж қаласы", ru = "Париж", en = "Paris" }
country = "FR"
time_zone = "Europe/Paris"
languages = ["kk", "ru", "en"]
emergency = { phone = "+33100000000", email = "paris@missions.example" }
district_name = { kk = "Франция Республикасы", ru = "Французская Республика", en = "French Republic" }
districts = [{ country = "FR" }]
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_service_takes_over_a_list_that_is_imported() {
    let service = Service::sqlite().await;
    let folder = service.sandbox.path();
    let file = folder.join("missions.toml");
    let run = |arguments: &[&str]| {
        let arguments = [&["missions"], arguments, &["--sandbox", text(&folder)]].concat();
        tokio::task::block_in_place(|| consular(&arguments))
    };

    let told = run(&["list", "--json"]).json();
    assert_eq!((&told["revision"], &told["sample"]), (&1.into(), &true.into()));
    let shown = run(&["list"]);
    assert!(shown.out.contains("KZ-DE-BER") && shown.notes.contains("sample"), "{}\n{}", shown.out, shown.notes);
    assert_eq!(run(&["export"]).out, Missions::sample_toml());

    let mut form = service.sandbox.form("assel", Kind::Temporary);
    form.mission = "KZ-FR-PAR".parse().unwrap();
    form.card.stay.host_country = Some("FR".parse().unwrap());
    form.card.stay.host_address.as_mut().unwrap().subdivision = None;
    let signed = service.sandbox.signed("assel", &form);
    let early = service.submit(signed.clone()).await.unwrap_err();
    assert_eq!((early.reason.as_str(), early.fields[0].field.as_str()), ("FORM_INVALID", "mission"));

    let list = format!("{}{PARIS}", Missions::sample_toml());
    std::fs::write(&file, &list).unwrap();
    let imported = run(&["import", text(&file), "--note", "Paris opened"]);
    assert_eq!(imported.exit, Exit::Done, "{}", imported.notes);
    assert!(imported.out.contains("revision 2") && imported.out.contains("KZ-FR-PAR"), "{}", imported.out);
    let begin = Instant::now();
    let accepted = loop {
        match service.submit(signed.clone()).await {
            Ok(accepted) => break accepted,
            Err(refused) => assert!(begin.elapsed() < Duration::from_mins(1), "{refused:?}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    assert!(accepted.number.starts_with("KZ-FR-PAR/"), "{}", accepted.number);
    let completed = service.reaches(&accepted.name, ApplicationState::Completed).await;

    // The registration there keeps the mission in the list.
    std::fs::write(&file, Missions::sample_toml()).unwrap();
    let refused = run(&["import", text(&file)]);
    assert_eq!(refused.exit, Exit::Refused);
    assert!(refused.notes.contains("KZ-FR-PAR") && refused.notes.contains("KZ-FR-PAR/R/"), "{}", refused.notes);
    assert_eq!(run(&["export"]).out, list);
    let revisions = run(&["list", "--revisions", "--json"]).json();
    assert_eq!((&revisions[0]["sample"], &revisions[1]["note"]), (&true.into(), &"Paris opened".into()));
    assert!(!completed.registration.is_empty());
}

#[test]
fn a_list_that_cannot_be_used_is_told_why_and_the_schema_says_how() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("missions.toml");
    std::fs::write(&file, Missions::sample_toml().replacen("KZ-DE-FRA", "KZ-DE-BER", 1)).unwrap();
    let authority = super::authority();
    let settings = ["--sandbox", text(authority)];
    let unusable = consular(&[&["missions", "import", text(&file)], &settings[..]].concat());
    assert_eq!(unusable.exit, Exit::Usage, "{}", unusable.notes);
    assert!(unusable.notes.contains("KZ-DE-BER stands twice"), "{}", unusable.notes);
    let schema = consular(&["schema", "missions"]).json();
    assert!(schema["properties"]["mission"].is_object(), "{schema}");
}

#[test]
fn settings_that_are_missing_are_named_with_the_way_to_give_them() {
    for line in [&["migrate"][..], &["missions", "list"], &["outbox", "list"], &["officers", "list"], &["check-config"]]
    {
        let ended = consular(&[line, &["--config", "/dev/null"]].concat());
        assert_eq!(ended.exit, Exit::Usage, "{line:?}");
        for told in ["is not set", "--config FILE", "--sandbox DIR"] {
            assert!(ended.notes.contains(told), "{line:?}: {}", ended.notes);
        }
    }
    let ended = consular(&["missions", "list", "--sandbox", "/nowhere"]);
    assert_eq!(ended.exit, Exit::Usage);
    assert!(ended.notes.contains("consular sandbox init /nowhere"), "{}", ended.notes);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_of_officers_is_looked_through_and_taken_over_by_a_running_service() {
    let service = Service::sqlite().await;
    let folder = service.sandbox.path();
    let run = |arguments: &[&str]| {
        let arguments = [&["officers"], arguments, &["--sandbox", text(&folder)]].concat();
        tokio::task::block_in_place(|| consular(&arguments))
    };
    let table = std::fs::read_to_string(folder.join("officers.toml")).unwrap();
    let listed = run(&["list", "--json"]).json();
    let count = listed.as_array().unwrap().len();
    assert!(count >= 4 && listed[0]["roles"][0] == "OFFICER", "{listed}");
    assert!(run(&["list"]).out.contains("KZ-DE-BER"));

    let file = folder.join("new.toml");
    let wrong = "\n[[officer]]\niin = \"90010135013\"\nbin = \"x\"\nmission = \"Berlin\"\nroles = [\"BOSS\"]\n";
    std::fs::write(&file, format!("{table}{wrong}")).unwrap();
    let refused = run(&["import", text(&file)]);
    assert_eq!(refused.exit, Exit::Usage, "{}", refused.notes);
    let place = |fault: &str| format!("officer {}: {fault}", count + 1);
    for fault in ["the IIN is not", "the BIN is not", "the mission is not a code", "a role is neither"].map(place) {
        assert!(refused.notes.contains(&fault), "{fault}: {}", refused.notes);
    }
    let nowhere = "\n[[officer]]\niin = \"900101350131\"\nbin = \"123456789012\"\nmission = \"KZ-AQ-POL\"\nroles = [\"OFFICER\"]\n";
    std::fs::write(&file, format!("{table}{nowhere}{}", &table[table.find("[[officer]]").unwrap()..])).unwrap();
    let refused = run(&["import", text(&file)]);
    assert!(refused.notes.contains(&place("there is no mission KZ-AQ-POL")), "{}", refused.notes);
    assert!(refused.notes.contains("has the IIN and BIN of officer 1"), "{}", refused.notes);
    assert_eq!(std::fs::read_to_string(folder.join("officers.toml")).unwrap(), table, "nothing is changed");
    std::fs::write(&file, format!("{table}\n[[officer]]\niin = 900101350131\n")).unwrap();
    let refused = run(&["import", text(&file)]);
    assert!(refused.notes.contains("line ") && !refused.notes.contains("900101350131"), "{}", refused.notes);

    let form = service.sandbox.form("assel", Kind::Permanent);
    let accepted = service.submit(service.sandbox.signed("assel", &form)).await.unwrap();
    let waiting = service.reaches(&accepted.name, ApplicationState::InReview).await;
    let act = || {
        let act = serde_json::json!({
            "act": "CLAIM", "subject": waiting.name, "etag": waiting.etag, "decision": { "result": "CLAIMED" },
            "time": now().to_rfc3339(),
        });
        let signed_act = service.sandbox.sign("officers/berlin-officer", &serde_json::to_vec(&act).unwrap());
        ClaimApplicationRequest { request_id: String::new(), signed_act }
    };
    std::fs::write(&file, "").unwrap();
    assert_eq!(run(&["import", text(&file)]).exit, Exit::Usage, "nobody at all is rather a slip");
    let emptied = run(&["import", text(&file), "--allow-empty", "--json"]).json();
    assert_eq!((&emptied["officers"], &emptied["gone"]), (&0.into(), &count.into()));
    let begin = Instant::now();
    loop {
        let claimed = answer(service.client.reviews().claim_application(act())).await;
        if claimed.is_err_and(|error| refusal(error).reason == "SIGNER_NOT_OFFICER") {
            break;
        }
        assert!(begin.elapsed() < Duration::from_mins(1), "the officer is still one");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
