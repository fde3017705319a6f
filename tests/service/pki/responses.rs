//! OCSP responses: who may answer, about whom, and when an answer counts.

use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta, Utc};
use consular_registration::pki::der::write;
use consular_registration::pki::ocsp::{Freshness, Ignored, OcspError, Question, Responder, ResponseStatus, Standing};
use consular_registration::pki::{AlgorithmError, Certificate, CryptographicConstraints, OcspResponse, Oid};

use crate::support::ocsp::{
    ARCHIVE_CUTOFF, NONCE, OCSP_SIGNING, Response, certificate_id_by, extended_key_usage, good, revoked, unknown,
};
use crate::support::pki::{Authority, ECDSA_SHA256, Key, Template, authority_key, extension, name, now};

static NATIONAL: LazyLock<CryptographicConstraints> = LazyLock::new(|| CryptographicConstraints::national(None));
const SOMETHING: Oid = Oid::new(&[1, 2, 3, 4]);

/// An authority, a certificate of it, and a responder that it delegated.
struct Scene {
    issuer: Authority,
    leaf: Certificate,
    key: Key,
    delegate: Certificate,
}

fn delegate_template() -> Template {
    Template::new(name("Responder")).with(extended_key_usage(&OCSP_SIGNING, false)).serial(&[0x21])
}

impl Scene {
    fn new() -> Self {
        let issuer = Authority::root("Issuer");
        let leaf = issuer.signer("Leaf");
        let key = Key::generate();
        let delegate = delegate_template().issue(&key, &issuer.name, &issuer.key);
        Self { issuer, leaf, key, delegate }
    }

    /// An answer of an hour ago by the issuer itself.
    fn answer(&self, status: Vec<u8>) -> Response {
        Response::new(&self.leaf, &self.issuer.certificate, &self.issuer.certificate, status, hour_ago())
    }

    fn delegated(&self, delegate: &Certificate) -> Response {
        Response::new(&self.leaf, &self.issuer.certificate, delegate, good(), hour_ago())
    }

    fn question(&self) -> Question<'_> {
        Question {
            certificate: &self.leaf,
            issuer: &self.issuer.certificate,
            candidates: &[],
            time: now(),
            now: now(),
            nonce: None,
            freshness: Freshness::default(),
            algorithms: &NATIONAL,
        }
    }

    fn ask(&self, response: &Response, key: &Key) -> Result<Standing, Ignored> {
        signed(response, key).status_of(&self.question()).map(|answer| answer.standing)
    }

    fn ask_issuer(&self, response: &Response) -> Result<Standing, Ignored> {
        self.ask(response, &self.issuer.key)
    }
}

fn hour_ago() -> DateTime<Utc> {
    now() - TimeDelta::hours(1)
}

fn encoded(response: &Response, key: &Key) -> Vec<u8> {
    response.encode(&write::sequence(&[&write::oid(&ECDSA_SHA256)]), |tbs| key.sign(tbs))
}

fn signed(response: &Response, key: &Key) -> OcspResponse {
    OcspResponse::from_der(&encoded(response, key)).expect("the minted response is well formed")
}

const GOOD: Result<Standing, Ignored> = Ok(Standing::Good { revoked_later: None });

#[test]
fn the_issuer_answers_for_its_certificates_by_name_and_by_key() {
    let scene = Scene::new();
    assert_eq!(scene.ask_issuer(&scene.answer(good())), GOOD);
    assert_eq!(scene.ask_issuer(&scene.answer(good()).by_key_of(&scene.issuer.certificate)), GOOD);
    let yesterday = now() - TimeDelta::days(1);
    let entry = |standing| match standing {
        Ok(Standing::Revoked(entry) | Standing::Hold(entry)) => (entry.revocation_date, entry.reason.to_string()),
        other => panic!("{other:?}"),
    };
    let stolen = scene.ask_issuer(&scene.answer(revoked(yesterday, Some(1))));
    assert!(matches!(stolen, Ok(Standing::Revoked(_))));
    assert_eq!(entry(stolen), (yesterday, "keyCompromise".to_owned()));
    assert!(matches!(scene.ask_issuer(&scene.answer(revoked(yesterday, None))), Ok(Standing::Revoked(_))));
    assert!(matches!(scene.ask_issuer(&scene.answer(revoked(yesterday, Some(8)))), Ok(Standing::Revoked(_))));
    let tomorrow = scene.ask_issuer(&scene.answer(revoked(now() + TimeDelta::days(1), Some(4))));
    assert!(matches!(tomorrow, Ok(Standing::Good { revoked_later: Some(_) })));
}

#[test]
fn r09_a_hold_is_neither_good_nor_final() {
    let scene = Scene::new();
    let held = scene.ask_issuer(&scene.answer(revoked(now() - TimeDelta::days(1), Some(6))));
    assert!(matches!(held, Ok(Standing::Hold(_))));
}

#[test]
fn a_delegate_answers_when_the_issuer_itself_delegated_it() {
    let scene = Scene::new();
    let response = signed(&scene.delegated(&scene.delegate), &scene.key);
    let answer = response.status_of(&scene.question()).unwrap();
    assert_eq!(answer.responder, Responder::Delegate(scene.delegate.clone()));
    let mut bare = scene.delegated(&scene.delegate).by_key_of(&scene.delegate);
    bare.certificates.clear();
    assert_eq!(scene.ask(&bare, &scene.key), Err(Ignored::NoResponder));
    let response = signed(&bare, &scene.key);
    let candidates = [scene.leaf.clone(), scene.delegate.clone()];
    assert!(response.status_of(&Question { candidates: &candidates, ..scene.question() }).is_ok());
}

#[test]
fn r01_nobody_else_answers() {
    let scene = Scene::new();
    let ask = |delegate: &Certificate, key: &Key| scene.ask(&scene.delegated(delegate), key);
    let key = Key::generate();
    let plain = Template::new(name("Responder")).issue(&key, &scene.issuer.name, &scene.issuer.key);
    assert_eq!(ask(&plain, &key), Err(Ignored::NotForOcsp));
    let any = extended_key_usage(&Oid::new(&[2, 5, 29, 37, 0]), false);
    let any = Template::new(name("Responder")).with(any).issue(&key, &scene.issuer.name, &scene.issuer.key);
    assert_eq!(ask(&any, &key), Err(Ignored::NotForOcsp));
    let itself = delegate_template().issue(&key, &name("Responder"), &key);
    assert_eq!(ask(&itself, &key), Err(Ignored::OtherAuthority));
    let liar = delegate_template().issue(&key, &scene.issuer.name, &key);
    assert_eq!(ask(&liar, &key), Err(Ignored::OtherAuthority));
    let other = Authority::root("Another");
    let foreign = delegate_template().issue(&key, &other.name, &other.key);
    assert_eq!(ask(&foreign, &key), Err(Ignored::OtherAuthority));
    // One step too far down: delegated by an authority that the issuer certified.
    let below = scene.issuer.below("Below", |template| template);
    let indirect =
        delegate_template().with(authority_key(&below.key.identifier())).issue(&key, &below.name, &below.key);
    assert_eq!(ask(&indirect, &key), Err(Ignored::OtherAuthority));
    assert_eq!(ask(&scene.leaf, &key), Err(Ignored::BadSignature));
    assert_eq!(scene.ask(&scene.answer(good()), &key), Err(Ignored::BadSignature));
    assert_eq!(scene.ask(&scene.delegated(&scene.delegate), &key), Err(Ignored::BadSignature));
}

#[test]
fn r01_a_signature_that_is_weak_or_of_an_unknown_algorithm_proves_nothing() {
    let scene = Scene::new();
    let response = |oid: &Oid| {
        let der = scene.answer(good()).encode(&write::algorithm_with_null(oid), |tbs| scene.issuer.key.sign(tbs));
        OcspResponse::from_der(&der).unwrap().status_of(&scene.question()).map(|answer| answer.standing)
    };
    let md5 = response(&Oid::new(&[1, 2, 840, 113_549, 1, 1, 4]));
    assert!(matches!(md5, Err(Ignored::Algorithm(AlgorithmError::TooWeak { .. }))), "{md5:?}");
    let other_kind = response(&Oid::new(&[1, 2, 840, 113_549, 1, 1, 11]));
    assert!(matches!(other_kind, Err(Ignored::Algorithm(AlgorithmError::KeyMismatch { .. }))), "{other_kind:?}");
    let unknown = response(&SOMETHING);
    assert!(matches!(unknown, Err(Ignored::Algorithm(AlgorithmError::Unsupported { .. }))), "{unknown:?}");
}

#[test]
fn a_delegate_must_be_valid_when_it_signs_and_when_it_is_asked() {
    let scene = Scene::new();
    for (from, until) in [
        ("2026-01-01T00:00:00Z", "2026-06-01T10:00:00Z"),
        ("2026-06-01T11:30:00Z", "2027-01-01T00:00:00Z"),
        ("2026-01-01T00:00:00Z", "2026-06-01T11:30:00Z"),
    ] {
        let key = Key::generate();
        let delegate = delegate_template().valid(from, until).issue(&key, &scene.issuer.name, &scene.issuer.key);
        assert_eq!(
            scene.ask(&scene.delegated(&delegate), &key),
            Err(Ignored::ResponderOutOfValidity),
            "{from} {until}"
        );
    }
}

#[test]
fn r02_an_answer_about_another_certificate_is_none() {
    let scene = Scene::new();
    let other = scene.issuer.issue(&Template::signer(name("Leaf")).serial(&[0x12]));
    let about = |certificate: &Certificate, issuer: &Certificate| {
        scene.ask_issuer(&Response::new(certificate, issuer, &scene.issuer.certificate, good(), hour_ago()))
    };
    assert_eq!(about(&other, &scene.issuer.certificate), Err(Ignored::OtherCertificate));
    // The same serial number of another issuer, by its name or by its key.
    let namesake = Authority::root("Issuer");
    assert_eq!(about(&scene.leaf, &namesake.certificate), Err(Ignored::OtherCertificate));
    let stranger = Authority::root("Stranger");
    let twin = stranger.issue(&Template::signer(name("Leaf")).serial(scene.leaf.serial()));
    assert_eq!(about(&twin, &scene.issuer.certificate), Err(Ignored::OtherCertificate));
}

#[test]
fn certificates_are_identified_by_any_digest_that_is_computed_here() {
    let scene = Scene::new();
    for (oid, algorithm) in [
        ([2, 16, 840, 1, 101, 3, 4, 2, 1], &ring::digest::SHA256),
        ([2, 16, 840, 1, 101, 3, 4, 2, 2], &ring::digest::SHA384),
        ([2, 16, 840, 1, 101, 3, 4, 2, 3], &ring::digest::SHA512),
    ] {
        let digest = |data: &[u8]| ring::digest::digest(algorithm, data).as_ref().to_vec();
        let id = certificate_id_by(&Oid::new(&oid), digest, &scene.leaf, &scene.issuer.certificate);
        assert_eq!(scene.ask_issuer(&scene.answer(good()).single(|single| single.id = id)), GOOD);
    }
    let id = certificate_id_by(&SOMETHING, <[u8]>::to_vec, &scene.leaf, &scene.issuer.certificate);
    let unknown = scene.answer(good()).single(|single| single.id = id);
    assert_eq!(scene.ask_issuer(&unknown), Err(Ignored::OtherCertificate));
}

#[test]
fn r03_stale_old_future_and_contradictory_answers_are_ignored() {
    let scene = Scene::new();
    let at = |this_update: TimeDelta, next_update: Option<TimeDelta>, produced: TimeDelta| {
        let mut response = scene.answer(good()).single(|single| {
            single.this_update = now() + this_update;
            single.next_update = next_update.map(|next| now() + next);
        });
        response.produced_at = now() + produced;
        scene.ask_issuer(&response)
    };
    let hours = TimeDelta::hours;
    assert_eq!(at(hours(-2), Some(hours(2)), hours(-1)), GOOD);
    assert_eq!(at(hours(-2), None, hours(-1)), GOOD);
    assert_eq!(at(hours(-2), Some(hours(0)), hours(-1)), GOOD, "the last moment counts");
    assert!(matches!(at(hours(-2), Some(TimeDelta::seconds(-1)), hours(-1)), Err(Ignored::Stale(_))));
    assert!(matches!(at(hours(-24 * 8), Some(hours(2)), hours(-1)), Err(Ignored::TooOld(_))));
    assert!(matches!(at(hours(-24 * 8), None, hours(-24 * 8)), Err(Ignored::TooOld(_))));
    assert!(matches!(at(hours(-2), Some(hours(2)), hours(1)), Err(Ignored::Future(_))));
    assert!(matches!(at(hours(1), Some(hours(2)), hours(-1)), Err(Ignored::Future(_))));
    assert_eq!(at(TimeDelta::seconds(5), Some(hours(2)), TimeDelta::seconds(5)), GOOD, "clocks differ by seconds");
    assert_eq!(at(hours(-1), Some(hours(2)), hours(-2)), Err(Ignored::Times));
    assert_eq!(at(hours(-1), Some(hours(-2)), hours(-1)), Err(Ignored::Times));
}

#[test]
fn r03_a_replayed_answer_does_not_bear_the_nonce_of_the_request() {
    let scene = Scene::new();
    let with = |value: Option<Vec<u8>>| {
        let mut response = scene.answer(good());
        response.extensions.extend(value.map(|value| extension(NONCE, false, &value)));
        let question = Question { nonce: Some(b"0123456789abcdef"), ..scene.question() };
        signed(&response, &scene.issuer.key).status_of(&question).map(|answer| answer.standing)
    };
    assert_eq!(with(Some(write::octet_string(b"0123456789abcdef"))), GOOD);
    assert_eq!(with(Some(write::octet_string(b"another"))), Err(Ignored::Nonce));
    assert_eq!(with(None), Err(Ignored::Nonce));
}

#[test]
fn what_is_not_understood_and_critical_is_refused() {
    let scene = Scene::new();
    let refused = Err(Ignored::CriticalExtension(SOMETHING));
    let single = |critical| {
        let added = extension(SOMETHING, critical, &write::null());
        scene.ask_issuer(&scene.answer(good()).single(|single| single.extensions.push(added)))
    };
    assert_eq!((single(false), single(true)), (GOOD, refused.clone()));
    let mut response = scene.answer(good());
    response.extensions.push(extension(SOMETHING, true, &write::null()));
    assert_eq!(scene.ask_issuer(&response), refused);
}

#[test]
fn of_several_statuses_for_one_certificate_the_worst_counts() {
    let scene = Scene::new();
    let mut response = scene.answer(good());
    response.singles.push(scene.answer(unknown()).singles.remove(0));
    assert_eq!(scene.ask_issuer(&response), Err(Ignored::Unknown));
    response.singles.push(scene.answer(revoked(hour_ago(), Some(1))).singles.remove(0));
    assert!(matches!(scene.ask_issuer(&response), Ok(Standing::Revoked(_))));
}

#[test]
fn silence_about_an_expired_certificate_counts_only_where_such_are_remembered() {
    let scene = Scene::new();
    let late = Template::signer(name("Late")).serial(&[0x31]).valid("2026-01-01T00:00:00Z", "2026-05-31T00:00:00Z");
    let late = scene.issuer.issue(&late);
    let issuer = &scene.issuer.certificate;
    let question = Question { certificate: &late, time: "2026-05-30T00:00:00Z".parse().unwrap(), ..scene.question() };
    let ask =
        |response: &Response| signed(response, &scene.issuer.key).status_of(&question).map(|answer| answer.standing);
    let response = Response::new(&late, issuer, issuer, good(), hour_ago());
    assert!(matches!(ask(&response), Err(Ignored::Expired(_))));
    let cutoff = |text: &str| extension(ARCHIVE_CUTOFF, false, &write::generalized_time(text.parse().unwrap()));
    let remembering = |text| ask(&response.clone().single(|single| single.extensions.push(cutoff(text))));
    assert_eq!(remembering("2020-01-01T00:00:00Z"), GOOD);
    assert!(matches!(remembering("2026-06-01T00:00:00Z"), Err(Ignored::Expired(_))));
    let told = Response::new(&late, issuer, issuer, revoked("2026-05-01T00:00:00Z".parse().unwrap(), None), hour_ago());
    assert!(matches!(ask(&told), Ok(Standing::Revoked(_))), "a revocation is not forgetfulness");
}

#[test]
fn r04_an_answer_that_is_none_is_an_error_of_its_own() {
    let scene = Scene::new();
    for (code, status) in [
        (1, ResponseStatus::MalformedRequest),
        (2, ResponseStatus::InternalError),
        (3, ResponseStatus::TryLater),
        (5, ResponseStatus::SignatureRequired),
        (6, ResponseStatus::Unauthorized),
    ] {
        let der = encoded(&Response { status: code, ..scene.answer(good()) }, &scene.issuer.key);
        assert_eq!(OcspResponse::from_der(&der).err(), Some(OcspError::NotSuccessful(status)));
    }
    for code in [4, 7] {
        let der = encoded(&Response { status: code, ..scene.answer(good()) }, &scene.issuer.key);
        assert_eq!(OcspResponse::from_der(&der).err(), Some(OcspError::Status));
    }
    assert!(matches!(OcspResponse::from_der(b"<html>"), Err(OcspError::Der(_))));
    assert!(matches!(OcspResponse::from_der(b""), Err(OcspError::Der(_))));
    assert_eq!(OcspResponse::from_der(&vec![0x30; 10 * 1024 * 1024]).err(), Some(OcspError::Oversized));
}

#[test]
fn malformed_responses_are_refused_and_no_cut_or_change_panics() {
    let scene = Scene::new();
    let version = |version| {
        let der = encoded(&Response { version: Some(version), ..scene.answer(good()) }, &scene.issuer.key);
        OcspResponse::from_der(&der).err()
    };
    assert_eq!((version(0), version(1)), (None, Some(OcspError::Version)));
    let twice = extension(NONCE, false, &write::octet_string(b"1"));
    let mut response = scene.answer(revoked(hour_ago(), Some(7)));
    assert_eq!(OcspResponse::from_der(&encoded(&response, &scene.issuer.key)).err(), Some(OcspError::Reason));
    response.singles[0].status = good();
    response.extensions = vec![twice.clone(), twice];
    let duplicate = OcspResponse::from_der(&encoded(&response, &scene.issuer.key)).err();
    assert_eq!(duplicate, Some(OcspError::DuplicateExtension(NONCE)));
    let der = encoded(&scene.delegated(&scene.delegate), &scene.key);
    assert!(OcspResponse::from_der(&[&der[..], &[0]].concat()).is_err());
    for length in 0..der.len() {
        assert!(OcspResponse::from_der(&der[..length]).is_err());
        let mut changed = der.clone();
        changed[length] ^= 0x41;
        let believed =
            OcspResponse::from_der(&changed).is_ok_and(|response| response.status_of(&scene.question()).is_ok());
        assert!(!believed, "octet {length}");
    }
}
