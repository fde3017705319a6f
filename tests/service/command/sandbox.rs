use consular_registration::command::Exit;

use super::{authority, consular, text};

#[test]
fn what_was_minted_is_listed() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("new");
    let ended = consular(&["sandbox", "init", "--quick", text(&dir), "--json"]);
    assert_eq!(ended.exit, Exit::Done, "{}", ended.notes);
    let told = ended.json();
    let citizens = told["folders"]["citizens"].as_array().unwrap();
    assert!(citizens.iter().any(|name| name == "assel"), "{told}");
    assert!(dir.join("citizens/assel.key").is_file());
}

#[test]
fn a_certificate_is_revoked_by_the_next_list_of_its_authority() {
    let list = authority().join("crls/rsa.crl");
    let before = std::fs::read(&list).unwrap();
    let revoke = |name: &str| consular(&["sandbox", "revoke", name, "--sandbox", text(authority()), "--json"]);
    // One that is revoked already, so that the authority shared by these tests stays as it is.
    let ended = revoke("citizens/revoked");
    assert_eq!(ended.exit, Exit::Done, "{}", ended.notes);
    assert!(ended.json()["certificate_revocation_list"].as_str().unwrap().ends_with("crls/rsa.crl"));
    assert_ne!(std::fs::read(&list).unwrap(), before);
    assert_eq!(revoke("citizens/nobody").exit, Exit::Usage);
}

#[test]
fn a_folder_in_use_is_refused_and_left_alone() {
    let ended = consular(&["sandbox", "init", "--quick", text(authority())]);
    assert_eq!(ended.exit, Exit::Usage);
    assert!(ended.notes.contains("already"), "{}", ended.notes);

    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mine"), "mine").unwrap();
    assert_eq!(consular(&["sandbox", "init", text(folder.path())]).exit, Exit::Usage);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
