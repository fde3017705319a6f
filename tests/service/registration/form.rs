//! The application form as strict JSON.

use std::fmt::Write as _;

use consular_registration::registration::form::{ApplicationForm, SANDBOX_AUDIENCE, decode, header_violations, schema};
use consular_registration::registration::strict::{FieldViolation, ViolationCode};
use consular_registration::registration::value::SHAPES;
use proptest::prelude::{any, proptest};
use proptest::strategy::{Just, Strategy};
use proptest::{prop_assert_eq, prop_oneof};
use serde_json::{Value, json};

use super::{form, form_of, form_tree, permanent_tree, time};
use consular_registration::registration::form::Kind;

fn violations(content: &[u8]) -> Vec<FieldViolation> {
    decode(content).unwrap_err()
}

fn told(content: &[u8]) -> Vec<(String, ViolationCode)> {
    violations(content).into_iter().map(|violation| (violation.field, violation.code)).collect()
}

fn told_of(tree: &Value) -> Vec<(String, ViolationCode)> {
    told(tree.to_string().as_bytes())
}

fn one(field: &str, code: ViolationCode) -> Vec<(String, ViolationCode)> {
    vec![(field.to_owned(), code)]
}

#[test]
fn complete_forms_of_both_kinds_are_read_and_written_back_unchanged() {
    for tree in [form_tree(), permanent_tree()] {
        assert_eq!(serde_json::to_value(form(&tree)).unwrap(), tree);
    }
}

#[test]
fn a_form_without_a_single_item_on_its_card_is_still_a_form() {
    let mut tree = form_tree();
    tree["card"] = json!({});
    tree.as_object_mut().unwrap().remove("consent");
    assert_eq!(form(&tree).card, consular_registration::registration::form::Card::default());
}

#[test]
fn bytes_that_are_no_single_json_document_are_refused() {
    let good = form_tree().to_string();
    assert_eq!(told(b""), one("", ViolationCode::MalformedJson));
    assert_eq!(told(format!("\u{FEFF}{good}").as_bytes()), one("", ViolationCode::ByteOrderMark));
    assert_eq!(told(b"{\"form\":\"\xFF\"}"), one("", ViolationCode::InvalidUtf8));
    assert_eq!(told(format!("{good}{good}").as_bytes()), one("", ViolationCode::TrailingData));
    assert_eq!(told(&vec![b' '; 300_000]), one("", ViolationCode::TooLarge));
    assert_eq!(told(b"[1]"), one("", ViolationCode::WrongType));
    assert_eq!(told(b"null"), one("", ViolationCode::WrongType));
}

#[test]
fn what_is_not_json_inside_a_form_names_the_field_it_stands_in() {
    let good = form_tree().to_string();
    for (bad, wrong) in
        [("NaN", "\"revision\":NaN"), ("infinity", "\"revision\":-Infinity"), ("plus", "\"revision\":+1")]
    {
        let content = good.replace("\"revision\":1", wrong);
        assert_eq!(told(content.as_bytes()), one("revision", ViolationCode::MalformedJson), "{bad}");
    }
    let content = good.replace("\"Алматы\",\"sex\"", "\"\\ud800\",\"sex\"");
    assert_eq!(told(content.as_bytes()), one("card.identity.birth_place", ViolationCode::MalformedJson));
    let content = good.replace("\"+491701234567\"", "\"+491701234567\",");
    assert_eq!(told(content.as_bytes()), one("card.contacts.phones", ViolationCode::MalformedJson));
}

#[test]
fn a_duplicate_key_is_named_even_when_both_values_agree() {
    let content = form_tree().to_string().replace("\"sex\":\"MALE\"", "\"sex\":\"MALE\",\"sex\":\"MALE\"");
    assert_eq!(told(content.as_bytes()), one("card.identity.sex", ViolationCode::DuplicateKey));
}

#[test]
fn the_same_key_written_with_an_escape_is_a_duplicate_too() {
    let content = form_tree().to_string().replace("\"sex\":\"MALE\"", "\"sex\":\"MALE\",\"s\\u0065x\":\"FEMALE\"");
    assert_eq!(told(content.as_bytes()), one("card.identity.sex", ViolationCode::DuplicateKey));
}

#[test]
fn nesting_deeper_than_sixteen_levels_is_refused_where_it_begins() {
    let deep = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    let content = form_tree().to_string().replace("\"revision\":1", &format!("\"revision\":{}", deep(15)));
    assert_eq!(told(content.as_bytes()), one("revision", ViolationCode::WrongType));
    let content = form_tree().to_string().replace("\"revision\":1", &format!("\"revision\":{}", deep(16)));
    let place = format!("revision{}", "[0]".repeat(15));
    assert_eq!(told(content.as_bytes())[0], (place, ViolationCode::TooDeep));
    // A bomb is passed over, not followed.
    assert_eq!(told(deep(100_000).as_bytes())[0].1, ViolationCode::TooDeep);
}

#[test]
fn a_number_with_a_fraction_is_not_an_integer_even_when_the_fraction_is_zero() {
    let content = form_tree().to_string().replace("\"revision\":1", "\"revision\":1.0");
    assert_eq!(told(content.as_bytes()), one("revision", ViolationCode::WrongType));
    let content = form_tree().to_string().replace("\"revision\":1", "\"revision\":1e400");
    assert_eq!(told(content.as_bytes()), one("revision", ViolationCode::MalformedJson));
}

#[test]
fn null_is_no_way_to_leave_a_field_out() {
    let mut tree = form_tree();
    tree["card"]["identity"]["birth_place"] = Value::Null;
    tree["card"]["identity"]["sex"] = Value::Null;
    assert_eq!(
        told_of(&tree),
        [
            ("card.identity.birth_place".to_owned(), ViolationCode::WrongType),
            ("card.identity.sex".to_owned(), ViolationCode::WrongType)
        ]
    );
}

#[test]
fn a_form_of_another_name_or_version_is_told_only_that() {
    let mut tree = form_tree();
    tree["version"] = json!(2);
    tree["new_field_of_version_2"] = json!(true);
    assert_eq!(told_of(&tree), one("version", ViolationCode::WrongVersion));
    tree["form"] = json!("tax-return");
    let both = violations(tree.to_string().as_bytes());
    assert_eq!(
        both.iter().map(|violation| violation.code).collect::<Vec<_>>(),
        [ViolationCode::WrongForm, ViolationCode::WrongVersion]
    );
    assert!(both.iter().all(|violation| violation.code.is_precondition()));
}

#[test]
fn a_ground_of_deregistration_goes_with_such_an_application_only() {
    for name in ["REGISTER", "CHANGE", "EXTEND", "TRANSFER", "DEREGISTER", "CERTIFICATE"] {
        let mut tree = form_tree();
        tree["type"] = json!(name);
        assert!(decode(tree.to_string().as_bytes()).is_ok(), "{name}");
        tree["deregistration"] = json!({ "ground": "CITIZENSHIP_LOST" });
        let told = if name == "DEREGISTER" { vec![] } else { one("deregistration", ViolationCode::Inconsistent) };
        assert_eq!(decode(tree.to_string().as_bytes()).map_or_else(|_| told_of(&tree), |_| vec![]), told, "{name}");
    }
}

#[test]
fn the_digest_of_the_revision_before_goes_with_later_revisions_only() {
    let mut tree = form_tree();
    tree["revision"] = json!(2);
    assert_eq!(told_of(&tree), one("previous_digest", ViolationCode::Inconsistent));
    tree["previous_digest"] = json!("0".repeat(64));
    assert!(decode(tree.to_string().as_bytes()).is_ok());
    tree["revision"] = json!(1);
    assert_eq!(told_of(&tree), one("previous_digest", ViolationCode::Inconsistent));
}

#[test]
fn dates_times_and_uuids_are_taken_in_one_spelling_only() {
    for (field, wrong) in [
        ("issued_at", "2026-03-20 08:00:00Z"),
        ("issued_at", "2026-03-20T08:00:00"),
        ("issued_at", "2026-02-30T08:00:00Z"),
        ("issued_at", "2026-03-20T08:00:00 Z"),
        ("issued_at", "+026-03-20T08:00:00Z"),
        ("issued_at", "2026-03-20T25:00:00Z"),
        ("application_id", "01957f0e5b3a7c219d431f2e3d4c5b6a"),
        ("application_id", "{01957f0e-5b3a-7c21-9d43-1f2e3d4c5b6a}"),
    ] {
        let mut tree = form_tree();
        tree[field] = json!(wrong);
        assert_eq!(told_of(&tree), one(field, ViolationCode::BadFormat), "{wrong}");
    }
    for wrong in ["1990-1-1", "1990-02-29", "01.01.1990", "1990-01-01Z", "+1990-01-1"] {
        let mut tree = form_tree();
        tree["card"]["identity"]["birth_date"] = json!(wrong);
        assert_eq!(told_of(&tree), one("card.identity.birth_date", ViolationCode::BadFormat), "{wrong}");
    }
}

#[test]
fn characters_that_hide_or_turn_text_are_refused() {
    for wrong in ["Al\nmaty", "Al\u{0}maty", "\u{202E}ytamlA", "Al\u{200B}maty", "\u{FEFF}Almaty", "Al\u{85}maty"] {
        let mut tree = form_tree();
        tree["card"]["identity"]["birth_place"] = json!(wrong);
        assert_eq!(told_of(&tree), one("card.identity.birth_place", ViolationCode::BadCharacter), "{wrong:?}");
    }
}

#[test]
fn the_path_of_an_unknown_field_carries_no_control_characters_and_is_cut() {
    let mut tree = form_tree();
    tree[format!("a\r\nb{}", "x".repeat(100))] = json!(1);
    let field = &violations(tree.to_string().as_bytes())[0].field;
    assert_eq!((field.chars().count(), &field[..8]), (64, "a\u{FFFD}\u{FFFD}b"));
}

#[test]
fn all_violations_of_a_thoroughly_broken_form_are_told_at_once() {
    let mut tree = form_tree();
    tree["application_id"] = json!("42");
    tree["issued_at"] = json!("yesterday");
    tree["language"] = json!("de");
    tree["kind"] = json!(7);
    tree["mission"] = json!("BERLIN");
    tree["surprise"] = json!({ "nested": true });
    tree["revision"] = json!(0);
    tree["card"]["identity"]["name"]["surname"] = json!("ALIMKULOV");
    tree["card"]["identity"]["name_latin"]["given"] = json!("Нұрлан");
    tree["card"]["identity"]["birth_date"] = json!("1990-13-01");
    tree["card"]["identity"]["document"]["number"] = json!("");
    tree["card"]["identity"]["document"]["colour"] = json!("blue");
    tree["card"]["stay"]["purpose"] = json!("FUN");
    tree["card"]["stay"]["host_country"] = json!("Germany");
    tree["card"]["contacts"]["phones"] = json!(["+491701234567", "0170 1234567"]);
    tree["card"]["contacts"]["email"] = json!("nurlan@localhost");
    tree["card"]["contacts"]["emergency_contacts"] = json!([{ "phone": "+77011234567" }]);
    tree["consent"]["public_sources"] = json!("no");
    tree["evidence"] = json!([{ "kind": "IDENTITY_DOCUMENT", "digest": "AB", "media_type": "application/pdf" }]);
    tree.as_object_mut().unwrap().remove("audience");
    tree["applicant"] = json!({});
    let content = tree.to_string().replace("\"sex\":\"MALE\"", "\"sex\":\"MALE\",\"sex\":\"FEMALE\"");
    let lines = violations(content.as_bytes()).iter().fold(String::new(), |mut lines, violation| {
        let _ =
            writeln!(lines, "{:<42} {:<15} {}", violation.field, violation.code.to_string(), violation.description.en);
        lines
    });
    insta::assert_snapshot!(lines);
}

#[test]
fn a_flood_of_violations_is_cut_at_a_hundred() {
    let mut tree = form_tree();
    for number in 0..1000 {
        tree[format!("field{number}")] = json!(number);
    }
    assert_eq!(violations(tree.to_string().as_bytes()).len(), 100);
}

#[test]
fn a_form_in_time_for_this_service_has_no_header_violations() {
    let form = form_of(Kind::Temporary);
    assert!(header_violations(&form, SANDBOX_AUDIENCE, time("2026-03-20T08:00:01Z")).is_empty());
    // An applicant's clock may run ahead by five minutes, and no more.
    assert!(header_violations(&form, SANDBOX_AUDIENCE, time("2026-03-20T07:55:00Z")).is_empty());
}

#[test]
fn each_fault_of_a_header_has_its_own_code() {
    let codes = |form: &ApplicationForm, audience: &str, now: &str| {
        let violations = header_violations(form, audience, time(now));
        assert!(violations.iter().all(|violation| violation.code.is_precondition()));
        violations.iter().map(|violation| violation.code).collect::<Vec<_>>()
    };
    let mut form = form_of(Kind::Temporary);
    assert_eq!(codes(&form, "kz.consular-registration", "2026-03-20T08:00:00Z"), [ViolationCode::WrongAudience]);
    assert_eq!(codes(&form, SANDBOX_AUDIENCE, "2026-03-20T07:54:59Z"), [ViolationCode::IssuedInFuture]);
    assert_eq!(codes(&form, SANDBOX_AUDIENCE, "2026-04-20T08:00:00Z"), [ViolationCode::Expired]);
    form.expires_at = time("2026-06-18T08:00:01Z");
    assert_eq!(codes(&form, SANDBOX_AUDIENCE, "2026-03-20T08:00:00Z"), [ViolationCode::ExpiryTooFar]);
    form.version = 2;
    assert!(codes(&form, SANDBOX_AUDIENCE, "2026-03-20T08:00:00Z").contains(&ViolationCode::WrongVersion));
}

#[test]
fn debug_output_of_a_form_shows_no_personal_text() {
    let shown = format!("{:?}", form_of(Kind::Temporary));
    for personal in ["900101300017", "Нұрлан", "ALIMKULOV", "N12345678", "nurlan@example.org", "Unter den Linden"]
    {
        assert!(!shown.contains(personal), "{personal}");
    }
}

#[test]
fn the_schema_describes_every_field_and_allows_no_other() {
    fn walk(schema: &Value, path: &str) {
        if let Some(fields) = schema.get("properties").and_then(Value::as_object) {
            assert_eq!(schema["additionalProperties"], json!(false), "{path}");
            for (name, field) in fields {
                assert!(field.get("description").is_some(), "{path}.{name} has no description");
                assert!(field.get("type") != Some(&json!("null")), "{path}.{name} may be null");
                walk(field, &format!("{path}.{name}"));
            }
        }
        for (name, inner) in schema.get("$defs").and_then(Value::as_object).into_iter().flatten() {
            assert!(inner.get("description").is_some(), "{name} has no description");
            walk(inner, name);
        }
    }
    let schema = schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert!(!schema.to_string().contains("\"null\""));
    walk(&schema, "");
}

#[test]
fn the_published_schema_accepts_what_the_service_accepts() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    assert!(validator.is_valid(&form_tree()));
    assert!(validator.is_valid(&permanent_tree()));
}

fn tricky_text() -> impl Strategy<Value = String> {
    let letters = prop_oneof![
        8 => proptest::sample::select("aZ9.-+@/ '_\u{2019}ҚәЯ\u{A0}\u{7F}\u{85}\u{200B}\u{202E}\u{2069}\u{FEFF}\u{530}".chars().collect::<Vec<_>>()),
        1 => any::<char>(),
    ];
    prop_oneof![
        4 => proptest::collection::vec(letters, 0..12).prop_map(|letters| letters.into_iter().collect::<String>()),
        1 => "[A-Z]{2}-[A-Z0-9]{1,4}",
        1 => "KZ-[A-Z]{2}-[A-Z]{3,4}",
        1 => "[+]?[0-9]{5,17}",
        1 => "[a-f0-9]{63,65}",
        1 => "[a-z.]{1,5}@[a-z-]{1,4}[.][a-z-]{1,4}",
        1 => "[a-z0-9.]{1,3}/[a-z.+]{1,3}",
        1 => Just("x".repeat(301)),
    ]
}

proptest! {
    #[test]
    fn the_pattern_of_a_text_in_the_schema_says_what_the_service_judges(text in tricky_text()) {
        for shape in SHAPES {
            let schema = json!({ "minLength": 1, "maxLength": shape.longest, "pattern": shape.pattern });
            let by_schema = jsonschema::validator_for(&schema).unwrap().is_valid(&json!(text));
            prop_assert_eq!(by_schema, shape.check(&text).is_ok(), "{} {:?}", shape.format, text);
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode(&bytes);
    }

    #[test]
    fn a_form_with_one_byte_changed_is_read_or_refused_but_never_in_silence(at in 0usize..2000, byte in any::<u8>()) {
        let mut content = form_tree().to_string().into_bytes();
        let at = at % content.len();
        content[at] = byte;
        if let Err(violations) = decode(&content) {
            prop_assert_eq!(violations.is_empty(), false);
        }
    }
}
