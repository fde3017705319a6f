use consular_registration::command::Exit;

use super::{authority, consular, text};

/// Nobody listens on port 1.
const NOBODY: [&str; 2] = ["--address", "http://127.0.0.1:1"];

#[test]
fn no_connection_is_exit_code_4_and_says_where_was_tried() {
    let signature = authority().join("citizens/assel.crt");
    for line in [
        &["submit", text(&signature)][..],
        &["trust", "list"],
        &["application", "get", "x"],
        &["application", "watch", "x"],
    ] {
        let ended = consular(&[line, &NOBODY].concat());
        assert_eq!(ended.exit, Exit::Connection, "{}", ended.notes);
        assert!(ended.notes.contains("127.0.0.1:1"), "{}", ended.notes);
    }
    let ended = consular(&[&["trust", "list", "--json"][..], &NOBODY].concat());
    assert_eq!(ended.json()["error"]["kind"], "CONNECTION");
}

#[test]
fn a_form_that_nobody_signed_is_sent_nowhere_and_told_how_to_sign() {
    let form = authority().join("forms/temporary.json");
    let ended = consular(&[&["submit", text(&form)][..], &NOBODY].concat());
    assert_eq!(ended.exit, Exit::Usage);
    assert!(ended.notes.contains("sign it first: consular sign"), "{}", ended.notes);
}

#[test]
fn a_closed_port_is_not_healthy_and_says_so_by_its_own_exit_code() {
    let ended = consular(&[&["healthcheck", "--json"][..], &NOBODY].concat());
    assert_eq!(ended.exit, Exit::Connection);
    assert_eq!(ended.json()["status"], "UNREACHABLE");
}

#[test]
fn certificates_and_address_have_to_fit() {
    let (certificate, key) = (authority().join("callers/portal.crt"), authority().join("callers/portal.key"));
    let own = ["--client-cert", text(&certificate), "--client-key", text(&key)];
    let wrong: [&[&str]; 4] = [
        &["trust", "list", "--address", "nonsense address"],
        &["trust", "list", "--address", "https://127.0.0.1:1"],
        &["trust", "list", "--address", "http://127.0.0.1:1", own[0], own[1], own[2], own[3]],
        &["trust", "list", "--address", "https://127.0.0.1:1", own[0], own[1]],
    ];
    for line in wrong {
        assert_eq!(consular(line).exit, Exit::Usage, "{line:?}");
    }
}
