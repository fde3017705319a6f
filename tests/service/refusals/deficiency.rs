//! What is opened and returned with remarks.

use chrono::NaiveDate;
use consular_registration::grpc::proto::ApplicationState;
use consular_registration::registration::form::{ApplicationForm, DocumentType, Kind, Purpose};
use serde_json::json;

use super::super::support::service::Service;
use super::{Told, done, filed};

/// What is wrong with a form that was right.
type Change = fn(&mut ApplicationForm);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_to_be_mended_is_remarked_on_by_field() {
    let service = Service::sqlite().await;
    let mut told = Told::default();
    let cases: [(&str, &str, Change); 4] = [
        ("CARD_INCOMPLETE", "the place of birth and the host address are not filled in", |form| {
            form.card.identity.birth_place = None;
            form.card.stay.host_address.as_mut().unwrap().street = None;
        }),
        ("STAY_PERIOD_INVALID", "the stay begins after its end, which has passed", |form| {
            form.card.stay.from = NaiveDate::from_ymd_opt(2026, 3, 2);
            form.card.stay.until = NaiveDate::from_ymd_opt(2026, 3, 1);
        }),
        ("PURPOSE_INVALID", "permanent residence as the purpose of a temporary stay", |form| {
            form.card.stay.purpose = Some(Purpose::PermanentResidence);
        }),
        ("CONSENT_MISSING", "no consent to processing personal data", |form| form.consent = None),
    ];
    for (code, when, change) in cases {
        let mut form = service.sandbox.form("assel", Kind::Temporary);
        change(&mut form);
        let returned = filed(&service, "citizens/assel", &form, ApplicationState::Returned).await;
        told.finding(code, when, &returned);
    }

    let mut foreign = service.sandbox.form("assel", Kind::Temporary);
    foreign.card.identity.document.as_mut().unwrap().document_type = Some(DocumentType::ResidencePermit);
    let waiting = filed(&service, "citizens/assel", &foreign, ApplicationState::InReview).await;
    let remarks =
        json!([{ "field": "card.identity.document.type", "kk": "Паспортты көрсетіңіз.", "ru": "Укажите паспорт." }]);
    let returned = json!({ "result": "RETURNED", "remarks": remarks });
    let returned = done(&service, "officers/berlin-officer", &waiting, "RETURN", returned).await;
    told.finding("OFFICERS_REMARK", "an officer asks for another document", &returned);
    insta::assert_snapshot!(told.0);
}
