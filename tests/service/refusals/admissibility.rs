//! What fails the filing: nothing is opened.

use chrono::{DateTime, NaiveDate, Utc};
use consular_registration::grpc::proto::ApplicationState;
use consular_registration::registration::form::Kind;
use consular_registration::registration::person::Sex;
use serde_json::json;

use super::super::support::service::Service;
use super::{Told, filed, refused, refused_filing};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fails_a_filing_is_told_with_its_reasons() {
    let service = Service::sqlite().await;
    let form = || service.sandbox.form("assel", Kind::Temporary);
    let mut told = Told::default();

    let revoked = refused(&service, "citizens/revoked", &service.sandbox.form("revoked", Kind::Temporary)).await;
    told.status("SIGNATURE_INVALID", "the certificate was revoked before the application was filed", &revoked);
    let mut altered = service.sandbox.signed("assel", &form());
    let place = altered.windows(10).position(|window| window == b"\"audience\"").unwrap();
    altered[place + 1] ^= 2;
    let altered = refused_filing(&service, altered).await;
    told.status("SIGNATURE_INVALID", "one letter of the signed content is another", &altered);

    let mut malformed = serde_json::to_value(form()).unwrap();
    malformed["card"]["stay"]["until"] = json!("tomorrow");
    malformed["card"]["nickname"] = json!("Ася");
    malformed["kind"] = json!("FOREVER");
    let malformed = service.sandbox.sign("citizens/assel", &serde_json::to_vec(&malformed).unwrap());
    let malformed = refused_filing(&service, malformed).await;
    told.status("FORM_INVALID", "the form breaks its syntax in three places", &malformed);
    let mut foreign = form();
    foreign.audience = "kz.another-service".parse().unwrap();
    foreign.issued_at = literal("2026-01-01T00:00:00Z");
    foreign.expires_at = literal("2026-01-31T00:00:00Z");
    let foreign = refused(&service, "citizens/assel", &foreign).await;
    told.status("FORM_INVALID", "the form is meant for another service, and has expired", &foreign);

    let stranger = refused(&service, "citizens/daniyar", &form()).await;
    told.status("SIGNER_MISMATCH", "somebody else signed", &stranger);
    let foreign = refused(&service, "officers/istanbul-officer", &form()).await;
    told.status("SIGNER_MISMATCH", "an officer of another mission signed", &foreign);

    let mut mistyped = form();
    mistyped.applicant.iin = "900101300018".parse().unwrap();
    let mistyped = refused(&service, "officers/berlin-officer", &mistyped).await;
    told.status("IIN_INVALID", "the last digit does not add up on paper", &mistyped);

    let mut contradicting = form();
    contradicting.card.identity.birth_date = NaiveDate::from_ymd_opt(1988, 3, 16);
    contradicting.card.identity.sex = Some(Sex::Male);
    let contradicting = refused(&service, "citizens/assel", &contradicting).await;
    told.status("IIN_BIRTHDATE_MISMATCH", "the card has another day of birth and the other sex", &contradicting);

    let alone = refused(&service, "citizens/minor", &service.sandbox.form("minor", Kind::Temporary)).await;
    told.status("REPRESENTATIVE_REQUIRED", "a minor files alone", &alone);

    filed(&service, "citizens/assel", &form(), ApplicationState::Completed).await;
    let again = refused(&service, "citizens/assel", &form()).await;
    told.status("ALREADY_REGISTERED", "the citizen is registered at the mission already", &again);
    insta::assert_snapshot!(told.0);
}

fn literal(time: &str) -> DateTime<Utc> {
    time.parse().unwrap()
}
