//! The journal of a register and the roll of a crisis on sealed sheets.

use std::process::Command;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use consular_registration::grpc::client::{ClientError, Refusal, answer, next, timestamp};
use consular_registration::grpc::proto::verify_document_request::Document as Presented;
use consular_registration::grpc::proto::{
    Crisis, CrisisRoll, CrisisStatus, DocumentContent, DocumentKind, ExportCrisisRollRequest,
    ExportRegisterJournalRequest, GetCrisisRollRequest, OpenCrisisRequest, RecordCrisisReplyRequest, RegisterJournal,
    VerifyDocumentRequest, export_crisis_roll_response as crisis_part,
    export_register_journal_response as journal_part, record_crisis_reply_request::Reply,
};
use consular_registration::registration::form::ApplicationType;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::support::service::{Service, now, refusal};
use super::{PATIENCE, act, clock, complete, fields, form, reason, register};

/// The files of a list: number, content, seal.
type Files = Vec<(String, Vec<u8>, Vec<u8>)>;

async fn journal(
    service: &Service,
    mission: &str,
    (start, end): (DateTime<Utc>, DateTime<Utc>),
) -> Result<(RegisterJournal, Files), ClientError> {
    use journal_part::Part;
    let request = ExportRegisterJournalRequest {
        mission: mission.to_owned(),
        start_time: Some(timestamp(start)),
        end_time: Some(timestamp(end)),
    };
    let mut stream = answer(service.client.registrations().export_register_journal(request)).await?;
    let (mut journal, mut files) = (None, Files::new());
    while let Some(response) = next(&mut stream).await? {
        match response.part.expect("each response has a part") {
            Part::Journal(first) => assert!(journal.replace(first).is_none() && files.is_empty()),
            Part::File(file) => files.push((file.number, Vec::new(), Vec::new())),
            Part::ContentChunk(chunk) => files.last_mut().expect("a file").1.extend(chunk),
            Part::SealChunk(chunk) => files.last_mut().expect("a file").2.extend(chunk),
        }
    }
    Ok((journal.expect("the journal"), files))
}

async fn crisis_roll(service: &Service, name: &str, mission: &str) -> Result<(CrisisRoll, Files), Refusal> {
    crisis_roll_of(service, name, mission, &[]).await
}

async fn crisis_roll_of(
    service: &Service,
    name: &str,
    mission: &str,
    statuses: &[CrisisStatus],
) -> Result<(CrisisRoll, Files), Refusal> {
    use crisis_part::Part;
    let statuses = statuses.iter().map(|status| i32::from(*status)).collect();
    let request = ExportCrisisRollRequest { name: name.to_owned(), mission: mission.to_owned(), statuses };
    let asked = answer(service.client.registrations().export_crisis_roll(request)).await;
    let mut stream = asked.map_err(refusal)?;
    let (mut roll, mut files) = (None, Files::new());
    while let Some(response) = next(&mut stream).await.map_err(refusal)? {
        match response.part.expect("each response has a part") {
            Part::Roll(first) => assert!(roll.replace(first).is_none() && files.is_empty()),
            Part::File(file) => files.push((file.number, Vec::new(), Vec::new())),
            Part::ContentChunk(chunk) => files.last_mut().expect("a file").1.extend(chunk),
            Part::SealChunk(chunk) => files.last_mut().expect("a file").2.extend(chunk),
        }
    }
    Ok((roll.expect("the roll"), files))
}

/// Opens a crisis in Germany and waits for its roll.
async fn crisis(service: &Service) -> Crisis {
    let title = json!({ "kk": "Су тасқыны", "ru": "Наводнение", "en": "Flood" });
    let decision = json!({ "result": "CRISIS_OPENED", "crisis": { "country": "DE", "title": title } });
    let name = format!("crises/{}", Uuid::new_v4());
    let signed_act = act(service, "officers/berlin-officer", "OPEN_CRISIS", &name, "0", &decision);
    let request = OpenCrisisRequest { request_id: String::new(), signed_act };
    answer(service.client.registrations().open_crisis(request)).await.unwrap();
    let begin = Instant::now();
    loop {
        let request = GetCrisisRollRequest { name: name.clone(), ..Default::default() };
        let crisis = answer(service.client.registrations().get_crisis_roll(request)).await.unwrap().crisis.unwrap();
        if crisis.roll_time.is_some() {
            return crisis;
        }
        assert!(begin.elapsed() < PATIENCE, "the roll is not made");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// What `openssl` says of a file's seal under the sandbox's root, and the text of a sheet.
fn checked(service: &Service, (number, content, seal): &(String, Vec<u8>, Vec<u8>)) -> String {
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(folder.path().join("content"), content).unwrap();
    std::fs::write(folder.path().join("seal"), seal).unwrap();
    let verified = Command::new("openssl")
        .args(["cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any", "-out", "/dev/null"])
        .args(["-in", "seal", "-content", "content", "-CAfile"])
        .arg(service.sandbox.file("roots/rsa.crt"))
        .current_dir(folder.path())
        .output()
        .expect("openssl is installed");
    assert!(verified.status.success(), "{number}");
    if !content.starts_with(b"%PDF-") {
        return String::new();
    }
    let text = Command::new("pdftotext").args(["-layout", "content", "-"]).current_dir(folder.path()).output();
    String::from_utf8(text.expect("poppler is installed").stdout).unwrap()
}

async fn kind_of(service: &Service, number: &str) -> (DocumentKind, DocumentContent) {
    let request = VerifyDocumentRequest { document: Some(Presented::Number(number.to_owned())), ..Default::default() };
    let found = answer(service.client.documents().verify_document(request)).await.unwrap().document.unwrap();
    (found.kind(), found.content())
}

with_each_database! {
    async fn a_journal_tells_what_was_entered_in_a_period_and_is_the_same_whenever_it_is_asked_for(service: Service) {
        let start = clock(&service).await;
        let (_, registration) = register(&service, "assel", |_| ()).await;
        register(&service, "student", |_| ()).await;
        complete(&service, "assel", &form(&service, "assel", ApplicationType::Deregister, now())).await;
        let end = clock(&service).await;
        register(&service, "daniyar", |_| ()).await;

        let (first, files) = journal(&service, "KZ-DE-BER", (start, end)).await.unwrap();
        assert!(first.number.starts_with("KZ-DE-BER/J/") && first.number.ends_with("/000001"), "{}", first.number);
        assert_eq!((first.entry_count, first.mission.as_str()), (3, "KZ-DE-BER"));
        let again = journal(&service, "KZ-DE-BER", (start, end)).await.unwrap();
        assert_eq!(again, (first.clone(), files.clone()));

        let list: Value = serde_json::from_slice(&files[0].1).unwrap();
        let entries: Vec<_> = list["entries"].as_array().unwrap().iter().collect();
        assert_eq!(entries.iter().map(|entry| &entry["entry"]).collect::<Vec<_>>(), ["OPENED", "OPENED", "DEREGISTERED"]);
        let ended = entries[2];
        assert_eq!((&ended["registration"], &ended["ground"]), (&json!(registration.number), &json!("OWN_APPLICATION")));
        assert_eq!((&ended["name"], &ended["kind"]), (&json!("ҚҰРМАНҒАЛИЕВА ӘСЕЛ БОЛАТҚЫЗЫ"), &json!("TEMPORARY")));
        assert!(entries[0]["ground"].is_null(), "what came later is not told of what was before");

        checked(&service, &files[0]);
        assert_eq!((files.len(), files[1].0.as_str()), (2, format!("{}/1", first.number).as_str()));
        let sheet = checked(&service, &files[1]);
        for piece in [&first.number, &registration.number, "ҚҰРМАНҒАЛИЕВА", "есептен шығарылды", "снят с учёта", "№ 11-1-2/263"] {
            assert!(sheet.contains(piece), "{piece} is missing in\n{sheet}");
        }
        for number in [&first.number, &files[1].0] {
            assert_eq!(kind_of(&service, number).await, (DocumentKind::RegisterJournal, DocumentContent::NotCompared));
        }
        let (elsewhere, _) = journal(&service, "KZ-TR-IST", (start, end)).await.unwrap();
        assert_eq!(elsewhere.entry_count, 0);
    }

    async fn a_journal_that_cannot_be_made_is_refused_with_every_reason(service: Service) {
        let now = clock(&service).await;
        let told = refusal(journal(&service, "KZ-ZZ-ZZZ", (now, now)).await.unwrap_err());
        assert_eq!(reason(&told), ("INVALID_ARGUMENT", "FORM_INVALID"));
        assert_eq!(fields(&told), ["mission", "end_time"]);
        let ahead = refusal(journal(&service, "KZ-DE-BER", (now, now + TimeDelta::hours(1))).await.unwrap_err());
        assert_eq!(fields(&ahead), ["end_time"]);
        let nothing = ExportRegisterJournalRequest::default();
        let told = refusal(answer(service.client.registrations().export_register_journal(nothing)).await.unwrap_err());
        assert_eq!(fields(&told), ["mission", "start_time", "end_time"]);
    }

    async fn on_the_sheet_of_a_crisis_who_needs_help_comes_first(service: Service) {
        for citizen in ["assel", "student"] {
            register(&service, citizen, |_| ()).await;
        }
        let crisis = crisis(&service).await;
        let (_, before) = crisis_roll(&service, &crisis.name, "KZ-DE-BER").await.unwrap();
        let persons = |files: &Files| serde_json::from_slice::<Value>(&files[0].1).unwrap()["persons"].clone();
        let student = persons(&before)[1]["name"].clone();
        assert_eq!(student, "ОСПАНОВ НҰРЛАН ТІМҰРҰЛЫ", "in the order of the alphabet");

        let request = GetCrisisRollRequest { name: crisis.name.clone(), ..Default::default() };
        let roll = answer(service.client.registrations().get_crisis_roll(request)).await.unwrap();
        let seen = roll.persons.iter().find(|person| json!(person.full_name) == student).unwrap();
        let decision = json!({ "result": "NEED_HELP", "note": "3-қабат, есік жабық" });
        let signed_act =
            act(&service, "officers/berlin-officer", "RECORD_CRISIS_REPLY", &seen.name, &seen.etag, &decision);
        let request = RecordCrisisReplyRequest { request_id: String::new(), reply: Some(Reply::SignedAct(signed_act)) };
        answer(service.client.registrations().record_crisis_reply(request)).await.unwrap();

        let (roll, files) = crisis_roll(&service, &crisis.name, "KZ-DE-BER").await.unwrap();
        assert!(roll.number.starts_with("KZ-DE-BER/C/") && roll.number.ends_with("/000002"), "{}", roll.number);
        let counts = roll.crisis.unwrap().counts.unwrap();
        assert_eq!((roll.person_count, counts.need_help, counts.unanswered), (2, 1, 1));
        assert_eq!((&persons(&files)[0]["name"], &persons(&files)[0]["status"]), (&student, &json!("NEED_HELP")));
        let sheet = checked(&service, &files[1]);
        for piece in [&roll.number, "Су тасқыны", "көмек керек", "нужна помощь", "3-қабат", "+77010000001", "ОСПАНОВ"] {
            assert!(sheet.contains(piece), "{piece} is missing in\n{sheet}");
        }
        assert!(!sheet.contains('\u{FFFD}'), "a line's end is no letter that the fonts lack:\n{sheet}");
        let (unanswered, files) =
            crisis_roll_of(&service, &crisis.name, "KZ-DE-BER", &[CrisisStatus::Unanswered]).await.unwrap();
        let counts = unanswered.crisis.unwrap().counts.unwrap();
        assert_eq!((unanswered.person_count, counts.total, counts.need_help), (1, 2, 1), "who is left out is counted");
        assert!(checked(&service, &files[1]).contains("Только в состоянии"), "the sheet says that it is not all");
        assert_eq!(kind_of(&service, &files[1].0).await, (DocumentKind::CrisisRoll, DocumentContent::NotCompared));
    }

    async fn the_sheet_of_a_crisis_is_of_a_mission_that_it_concerns(service: Service) {
        let crisis = crisis(&service).await;
        let elsewhere = crisis_roll(&service, &crisis.name, "KZ-TR-IST").await.unwrap_err();
        assert_eq!((reason(&elsewhere), fields(&elsewhere)), (("INVALID_ARGUMENT", "FORM_INVALID"), vec!["mission"]));
        let unknown = crisis_roll(&service, &format!("crises/{}", Uuid::nil()), "KZ-DE-BER").await.unwrap_err();
        assert_eq!(unknown.code, "NOT_FOUND");
        let unsaid = crisis_roll(&service, &crisis.name, "").await.unwrap_err();
        assert_eq!(fields(&unsaid), ["mission"]);
    }
}
