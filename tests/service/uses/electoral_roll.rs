//! The roll of those who may vote at a mission.

use chrono::{DateTime, TimeDelta, Utc};
use consular_registration::grpc::client::{ClientError, Refusal, answer, next, timestamp};
use consular_registration::grpc::proto::export_electoral_roll_response::Part;
use consular_registration::grpc::proto::verify_document_request::Document as Presented;
use consular_registration::grpc::proto::{
    DocumentContent, DocumentKind, ElectoralRoll, ExportElectoralRollRequest, SealedListFile, VerifyDocumentRequest,
};
use consular_registration::pki::sha256;
use consular_registration::registration::form::ApplicationType;
use serde_json::{Value, json};

use super::super::support::service::{Service, now, refusal};
use super::{clock, complete, fields, form, reason, register};

/// A file of a roll as it was handed out.
#[derive(Debug, Clone, PartialEq)]
struct Sealed {
    file: SealedListFile,
    content: Vec<u8>,
    seal: Vec<u8>,
}

async fn export(
    service: &Service,
    request: ExportElectoralRollRequest,
) -> Result<(ElectoralRoll, Vec<Sealed>), ClientError> {
    let mut stream = answer(service.client.registrations().export_electoral_roll(request)).await?;
    let (mut roll, mut files) = (None, Vec::<Sealed>::new());
    while let Some(response) = next(&mut stream).await? {
        match response.part.expect("each response has a part") {
            Part::Roll(description) => {
                assert!(roll.is_none() && files.is_empty(), "the roll comes first, and once");
                roll = Some(description);
            }
            Part::File(file) => files.push(Sealed { file, content: Vec::new(), seal: Vec::new() }),
            Part::ContentChunk(chunk) => files.last_mut().expect("a file").content.extend(chunk),
            Part::SealChunk(chunk) => files.last_mut().expect("a file").seal.extend(chunk),
        }
    }
    Ok((roll.expect("a roll"), files))
}

fn berlin(voting_day: &str, cut_off: DateTime<Utc>) -> ExportElectoralRollRequest {
    ExportElectoralRollRequest {
        mission: "KZ-DE-BER".to_owned(),
        voting_day: voting_day.to_owned(),
        cut_off_time: Some(timestamp(cut_off)),
        ..Default::default()
    }
}

async fn refused(service: &Service, request: ExportElectoralRollRequest) -> Refusal {
    refusal(export(service, request).await.unwrap_err())
}

/// The list for machines.
fn list(files: &[Sealed]) -> Value {
    assert_eq!(files[0].file.media_type, "application/json");
    serde_json::from_slice(&files[0].content).expect("the list is JSON")
}

fn surnames(files: &[Sealed]) -> Vec<String> {
    let list = list(files);
    let electors = list["electors"].as_array().expect("electors");
    electors.iter().map(|elector| elector["surname"].as_str().expect("a surname").to_owned()).collect()
}

/// What `openssl` says of a file's seal under the sandbox's root.
fn seal_holds(service: &Service, sealed: &Sealed) -> bool {
    let folder = tempfile::TempDir::new().unwrap();
    let file = |name: &str| folder.path().join(name);
    std::fs::write(file("content"), &sealed.content).unwrap();
    std::fs::write(file("seal"), &sealed.seal).unwrap();
    let verified = std::process::Command::new("openssl")
        .args(["cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any", "-out", "/dev/null", "-in"])
        .arg(file("seal"))
        .arg("-content")
        .arg(file("content"))
        .arg("-CAfile")
        .arg(service.sandbox.file("roots/rsa.crt"))
        .output()
        .expect("openssl is installed");
    verified.status.success()
}

with_each_database! {
    async fn the_roll_is_of_those_who_were_registered_at_the_cut_off_as_they_were_then(service: Service) {
        for citizen in ["student", "gost", "assel"] {
            register(&service, citizen, |_| ()).await;
        }
        let before = clock(&service).await;
        let mut moved = serde_json::to_value(form(&service, "student", ApplicationType::Change, now())).unwrap();
        moved["card"]["stay"]["host_address"]["street"] = json!("Neue Straße 9");
        complete(&service, "student", &serde_json::from_value(moved).unwrap()).await;
        complete(&service, "assel", &form(&service, "assel", ApplicationType::Deregister, now())).await;
        register(&service, "daniyar", |_| ()).await;
        let after = clock(&service).await;

        let (roll, files) = export(&service, berlin("2026-11-20", before)).await.unwrap();
        assert_eq!((roll.elector_count, roll.mission.as_str()), (3, "KZ-DE-BER"));
        assert_eq!(surnames(&files), ["ҚҰРМАНҒАЛИЕВА", "ОСПАНОВ", "СЕЙТҚАЛИЕВА"], "in the order of the alphabet");
        let student = &list(&files)["electors"][1];
        assert_eq!(student["address"], "Musterstraße 1, 10115 Berlin");
        assert_eq!(student["iin"], service.sandbox.person("student").iin);
        assert_eq!(student["birth_date"], "2004-06-20");
        assert_eq!(student["kind"], "TEMPORARY");
        assert!(student["registration"].as_str().unwrap().starts_with("KZ-DE-BER/R/"));

        let (later, files) = export(&service, berlin("2026-11-20", after)).await.unwrap();
        assert_ne!(later.number, roll.number);
        assert_eq!(surnames(&files), ["ЖҮНІСОВ", "ОСПАНОВ", "СЕЙТҚАЛИЕВА"]);
        assert_eq!(list(&files)["electors"][1]["address"], "Neue Straße 9, 10115 Berlin");
    }

    async fn the_same_roll_asked_for_again_has_the_same_octets_and_seals_that_hold(service: Service) {
        register(&service, "student", |_| ()).await;
        let request = berlin("2026-11-20", clock(&service).await);
        let (roll, files) = export(&service, request.clone()).await.unwrap();
        register(&service, "assel", |_| ()).await;
        assert_eq!(export(&service, request).await.unwrap(), (roll.clone(), files.clone()));

        assert!(roll.number.starts_with("KZ-DE-BER/E/") && roll.number.ends_with("/000001"), "{}", roll.number);
        let kinds: Vec<(&str, &str)> =
            files.iter().map(|sealed| (sealed.file.number.as_str(), sealed.file.media_type.as_str())).collect();
        assert_eq!(kinds, [(&*roll.number, "application/json"), (&*format!("{}/1", roll.number), "application/pdf")]);
        for sealed in &files {
            assert_eq!(sealed.content.len() as u64, sealed.file.size_bytes);
            assert_eq!((sealed.file.first_entry, sealed.file.entry_count), (1, 1));
            assert!(seal_holds(&service, sealed), "{}", sealed.file.number);
        }
        // The numbers that are printed lead to it; that of a volume that there is not leads nowhere.
        let verified = async |number: String| {
            let sha256 = hex::encode(sha256(&files[1].content));
            let request = VerifyDocumentRequest { document: Some(Presented::Number(number)), sha256 };
            answer(service.client.documents().verify_document(request)).await.map(|found| found.document.unwrap())
        };
        for number in [roll.number.clone(), format!("{}/1", roll.number)] {
            let found = verified(number.clone()).await.unwrap();
            assert_eq!((found.number.as_str(), found.kind()), (number.as_str(), DocumentKind::ElectoralRoll));
            assert_eq!((found.content(), found.mission.as_str()), (DocumentContent::NotKept, "KZ-DE-BER"));
            assert!(found.masked_name.is_empty() && found.title.unwrap().en.contains("electors"));
        }
        for number in [format!("{}/2", roll.number), format!("{}/01", roll.number), "KZ-DE-BER/E/2026/000009".to_owned()] {
            assert_eq!(refusal(verified(number).await.unwrap_err()).code, "NOT_FOUND");
        }
        let mut altered = files[0].clone();
        altered.content[10] ^= 1;
        assert!(!seal_holds(&service, &altered));
    }

    async fn who_is_not_of_voting_age_on_the_day_is_left_out(service: Service) {
        register(&service, "student", |_| ()).await;
        let cut_off = clock(&service).await;
        let (day_before, files) = export(&service, berlin("2022-06-19", cut_off)).await.unwrap();
        assert_eq!((day_before.elector_count, files.len()), (0, 1), "an empty list, and no volume of nothing");
        assert!(seal_holds(&service, &files[0]));
        let (birthday, _) = export(&service, berlin("2022-06-20", cut_off)).await.unwrap();
        assert_eq!(birthday.elector_count, 1);
    }

    async fn a_roll_may_be_of_a_part_of_the_district(service: Service) {
        register(&service, "assel", |_| ()).await;
        register(&service, "student", |tree| {
            tree["card"]["stay"]["host_address"]["subdivision"] = json!("DE-HH");
        })
        .await;
        let cut_off = clock(&service).await;
        let part = |country: &str, parts: &[&str]| ExportElectoralRollRequest {
            country: country.to_owned(),
            subdivisions: parts.iter().map(ToString::to_string).collect(),
            ..berlin("2026-11-20", cut_off)
        };
        let (_, files) = export(&service, part("DE", &["DE-HH"])).await.unwrap();
        assert_eq!(surnames(&files), ["ОСПАНОВ"]);
        let (both, files) = export(&service, part("DE", &["DE-HH", "DE-BE"])).await.unwrap();
        assert_eq!(surnames(&files), ["ҚҰРМАНҒАЛИЕВА", "ОСПАНОВ"]);
        let (turned, _) = export(&service, part("DE", &["DE-BE", "DE-HH", "DE-BE"])).await.unwrap();
        assert_eq!(turned.number, both.number, "the same parts in another order are the same roll");
        let (none, _) = export(&service, part("FR", &[])).await.unwrap();
        assert_eq!(none.elector_count, 0);
    }

    async fn a_roll_that_cannot_be_made_is_refused_with_every_reason(service: Service) {
        let ahead = clock(&service).await + TimeDelta::hours(1);
        let unknown = ExportElectoralRollRequest {
            mission: "KZ-ZZ-ZZZ".to_owned(),
            subdivisions: vec!["DE-BE".to_owned()],
            ..berlin("2026-11-20", ahead)
        };
        let told = refused(&service, unknown).await;
        assert_eq!(reason(&told), ("INVALID_ARGUMENT", "FORM_INVALID"));
        assert_eq!(fields(&told), ["mission", "cut_off_time", "subdivisions"]);
        let nonsense = ExportElectoralRollRequest {
            voting_day: "20.11.2026".to_owned(),
            country: "Germany".to_owned(),
            ..Default::default()
        };
        let told = refused(&service, nonsense).await;
        assert_eq!(reason(&told), ("INVALID_ARGUMENT", "REQUEST_INVALID"));
        assert_eq!(fields(&told), ["voting_day", "country", "mission", "cut_off_time"]);
    }
}
