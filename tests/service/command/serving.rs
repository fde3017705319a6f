use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::{SubsecRound, TimeDelta};
use consular_registration::clock::SystemClock;
use consular_registration::command::Exit;
use consular_registration::config::Settings;
use consular_registration::sandbox::{Authority, Strength};
use consular_registration::server::{Running, start};

use super::{Ended, consular, openssl, text};

/// A service over a sandbox authority of its own.
struct Service {
    folder: tempfile::TempDir,
    address: String,
    runtime: tokio::runtime::Runtime,
    running: Running,
}

impl Service {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let sandbox = folder.path().join("sandbox");
        let now = SystemClock::shared().now();
        let authority = Authority::mint(&sandbox, Strength::Quick, now, &|_| ()).expect("an authority can be minted");
        let settings = Settings { listen: ([127, 0, 0, 1], 0).into(), ..Settings::default() }.for_sandbox(&sandbox);
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let running = runtime.block_on(start(settings, Some(authority))).expect("the service starts");
        Self { folder, address: format!("http://{}", running.address), runtime, running }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("sandbox").join(name)
    }

    /// Calls the service and reads what it says as JSON.
    fn call(&self, line: &[&str]) -> Ended {
        consular(&[line, &["--json", "--address", &self.address]].concat())
    }

    /// Signs a form as a citizen and files it.
    fn submit(&self, citizen: &str, form: &str) -> Ended {
        let (container, form) =
            (self.file(&format!("citizens/{citizen}.p12")), self.file(&format!("forms/{form}.json")));
        let signature = self.folder.path().join(format!("{citizen}.cms"));
        let signed = consular(&[
            "sign",
            "--p12",
            text(&container),
            "--password",
            "Qwerty12",
            text(&form),
            "--out",
            text(&signature),
        ]);
        assert_eq!(signed.exit, Exit::Done, "{}", signed.notes);
        self.call(&["submit", "--wait", text(&signature)])
    }

    fn stop(self) {
        self.runtime.block_on(self.running.stop()).expect("the service stops in good order");
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder can be made");
    for entry in std::fs::read_dir(from).expect("a folder can be read").flatten() {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            std::fs::copy(&from, &to).expect("a file can be copied");
        }
    }
}

#[test]
fn an_application_goes_its_whole_way_by_the_command_line() {
    let service = Service::start();
    assert_eq!(service.call(&["healthcheck"]).exit, Exit::Done);

    let submitted = service.submit("assel", "temporary");
    assert_eq!(submitted.exit, Exit::Done, "{}", submitted.out);
    let application = submitted.json();
    assert_eq!(application["state"], "COMPLETED");
    let name = application["name"].as_str().unwrap();
    assert_eq!(
        service.submit("assel", "temporary").json()["name"],
        name,
        "the same content again gives the original result"
    );

    let seen = service.call(&["application", "get", name]).json();
    assert_eq!(seen["state"], "COMPLETED");
    assert_eq!(seen["notifications"].as_array().unwrap().len(), 1);
    let watched = service.call(&["application", "watch", name]);
    assert_eq!(watched.exit, Exit::Done, "the stream of an ended application ends");

    let out = service.folder.path().join("documents");
    let documents = service.call(&["document", "get", name, "--out", text(&out)]).json();
    let (pdf, seal) = (documents[0]["pdf"].as_str().unwrap(), documents[0]["seal"].as_str().unwrap());
    let root = service.file("roots/rsa.crt");
    assert!(openssl(&[
        "cms",
        "-verify",
        "-binary",
        "-inform",
        "DER",
        "-in",
        seal,
        "-content",
        pdf,
        "-CAfile",
        text(&root),
        "-purpose",
        "any",
        "-out",
        "/dev/null",
    ]));

    let refused = service.submit("revoked", "revoked");
    assert_eq!(refused.exit, Exit::Refused);
    let error = &refused.json()["error"];
    assert_eq!((error["kind"].as_str(), error["code"].as_str()), (Some("REFUSED"), Some("FAILED_PRECONDITION")));
    assert_eq!(error["metadata"]["sub_indication"], "REVOKED_NO_POE");
    service.stop();
}

#[test]
fn a_port_in_use_is_told_with_the_setting_that_names_another() {
    let service = Service::start();
    let sandbox = service.folder.path().join("sandbox");
    // As a process of its own, since a service sets up the log of its process.
    let ended = Command::new(env!("CARGO_BIN_EXE_consular"))
        .args(["serve", "--until-stdin-ends", "--sandbox", text(&sandbox)])
        .env("CONSULAR_LISTEN", service.address.trim_start_matches("http://"))
        .output()
        .expect("the program starts");
    let told = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(Exit::Refused.code().into()), "{told}");
    assert!(told.contains("`listen`") && told.contains("CONSULAR_LISTEN"), "{told}");
    service.stop();
}

#[test]
fn trust_is_administered_while_the_service_runs() {
    let service = Service::start();
    let before = service.call(&["trust", "list"]).json();

    let outsider = service.file("untrusted/outsider.crt");
    let import =
        ["trust", "import", text(&outsider), "--kind", "anchor", "--purpose", "applicants", "--note", "a trial"];
    let imported = service.call(&import);
    assert_eq!(imported.exit, Exit::Done, "{}", imported.out);
    let entry = imported.json()["trust_anchor"].clone();
    assert_eq!(entry["state"], "PREPARED");
    assert_eq!(service.call(&import).json()["error"]["code"], "ALREADY_EXISTS");
    let brief = &entry["name"].as_str().unwrap()["trustAnchors/".len()..][..10];
    assert_eq!(service.call(&["trust", "activate", brief]).json()["trust_anchor"]["state"], "ACTIVE");
    assert_eq!(service.call(&["trust", "retire", brief, "--etag", "0"]).json()["error"]["code"], "ABORTED");
    assert_eq!(service.call(&["trust", "retire", brief]).json()["trust_anchor"]["state"], "RETIRED");
    assert_eq!(service.call(&["trust", "show", brief]).json()["state"], "RETIRED");
    assert_eq!(service.call(&["trust", "show", "0123"]).exit, Exit::Usage);

    // The authority's own folder is watched by the service; what a copy of it issues has to be brought in.
    let elsewhere = service.folder.path().join("elsewhere");
    copy(&service.file(""), &elsewhere);
    let now = SystemClock::shared().now().trunc_subsecs(0);
    let list = Authority::open(&elsewhere).unwrap().revoke("citizens/student", now - TimeDelta::minutes(1)).unwrap();
    let imported = service.call(&["trust", "import-crl", text(&list)]);
    assert_eq!(imported.exit, Exit::Done, "{}", imported.out);
    assert!(imported.json()["trust_store_revision"].as_u64() > before["revision"].as_u64());
    let refused = service.submit("student", "study");
    assert_eq!(refused.json()["error"]["metadata"]["sub_indication"], "REVOKED_NO_POE", "{}", refused.out);
    service.stop();
}

#[test]
fn rolls_crises_and_figures_are_at_hand_by_the_command_line() {
    let service = Service::start();
    let application = service.submit("assel", "temporary").json();
    let registration = application["registration"].as_str().unwrap();
    let now = SystemClock::shared().now().to_rfc3339();

    let out = service.folder.path().join("roll");
    let asked = ["--mission", "KZ-DE-BER", "--voting-day", "2026-11-20", "--cut-off", &now, "--out", text(&out)];
    let exported = service.call(&[&["registration", "electoral-roll"][..], &asked].concat());
    assert_eq!(exported.exit, Exit::Done, "{}", exported.out);
    let roll = exported.json();
    assert_eq!((roll["elector_count"].as_u64(), roll["files"].as_array().unwrap().len()), (Some(1), 2));
    let (content, seal) = (roll["files"][1]["content"].as_str().unwrap(), roll["files"][1]["seal"].as_str().unwrap());
    assert!(content.ends_with("-1.pdf") && std::fs::read(content).unwrap().starts_with(b"%PDF-"));
    let root = service.file("roots/rsa.crt");
    let verify = ["cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any", "-out", "/dev/null"];
    assert!(openssl(&[&verify[..], &["-in", seal, "-content", content, "-CAfile", text(&root)]].concat()));

    let figures = service.call(&["registration", "statistics", "--from", "2020-01-01", "--until", &now]).json();
    assert_eq!((figures[0]["mission"].as_str(), figures[0]["completed"].as_u64()), (Some("KZ-DE-BER"), Some(1)));

    let (key, certificate) = (service.file("officers/berlin-officer.key"), service.file("officers/berlin-officer.crt"));
    let officer = ["--key", text(&key), "--cert", text(&certificate)];
    let sentence = ["--kk", "Су тасқыны", "--ru", "Наводнение", "--en", "Flood"];
    let day = (SystemClock::shared().now() + TimeDelta::days(30)).date_naive().to_string();
    let election =
        ["--kk", "Сайлау", "--ru", "Выборы", "--en", "Election", "--voting-day", &day, "--check-until", &day];
    let announced = service.call(&[&["registration", "announce-election"][..], &election, &officer].concat()).json();
    assert_eq!((announced["mission"].as_str(), announced["voting_day"].as_str()), (Some("KZ-DE-BER"), Some(&*day)));
    let opened = service.call(&[&["crisis", "open", "--country", "DE"][..], &sentence, &officer].concat());
    assert_eq!(opened.exit, Exit::Done, "{}", opened.out);
    let crisis = opened.json()["name"].as_str().unwrap().to_owned();
    let told = service.call(&[&["crisis", "broadcast", &crisis][..], &sentence, &officer].concat());
    assert_eq!(told.json()["broadcast_count"], 1);
    let said = ["--status", "safe", "--note", "Аманмын"];
    // The roll is being made.
    let answered = loop {
        let answered = service.call(&[&["crisis", "answer", &crisis, registration][..], &said].concat());
        if answered.json()["error"]["code"] != "NOT_FOUND" {
            break answered.json();
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    };
    assert_eq!((answered["status"].as_str(), answered["replies"][0]["note"].as_str()), (Some("SAFE"), Some("Аманмын")));
    let person = answered["name"].as_str().unwrap();
    let reply = ["crisis", "reply", &crisis, person, "--status", "need-help"];
    assert_eq!(service.call(&[&reply[..], &officer].concat()).json()["status"], "NEED_HELP");
    let report = ["crisis", "report", &crisis, "--person", "ТӨЛЕУ АЙБЕК", "--status", "safe"];
    assert_eq!(service.call(&[&report[..], &officer].concat()).json()["kind"], "WALK_IN");
    let unsigned = service.call(&reply);
    assert_eq!(unsigned.exit, Exit::Usage, "{}", unsigned.out);
    let roll = service.call(&["crisis", "roll", &crisis, "--status", "need-help"]).json();
    assert_eq!((roll["persons"].as_array().unwrap().len(), roll["crisis"]["counts"]["total"].as_u64()), (1, Some(2)));
    let sheets = ["crisis", "export", &crisis, "--mission", "KZ-DE-BER", "--out", text(&out)];
    let sheets = service.call(&sheets).json();
    assert_eq!((sheets["person_count"].as_u64(), sheets["files"][1]["entry_count"].as_u64()), (Some(2), Some(2)));
    let period = ["--mission", "KZ-DE-BER", "--from", "2020-01-01", "--until", &now, "--out", text(&out)];
    let journal = service.call(&[&["registration", "journal"][..], &period].concat()).json();
    assert_eq!((journal["entry_count"].as_u64(), journal["files"].as_array().unwrap().len()), (Some(1), 2));
    let watched = service.call(&["crisis", "watch", &crisis, "--until-answered"]);
    assert_eq!(watched.exit, Exit::Done, "nobody is left to answer");
    assert_eq!(service.call(&["crisis", "list", "--open"]).json()[0]["name"].as_str(), Some(&*crisis));
    let closed = service.call(&[&["crisis", "close", &crisis][..], &officer].concat()).json();
    assert!(closed["close_time"].is_string() && closed["closed_by"] == closed["opened_by"], "{closed}");
    assert_eq!(service.call(&["crisis", "list", "--open"]).json(), serde_json::json!([]));
    assert_eq!(service.call(&["crisis", "list"]).json()[0], closed);
    assert_eq!(service.call(&["crisis", "watch", &crisis]).exit, Exit::Done, "nothing more happens");
    service.stop();
}
