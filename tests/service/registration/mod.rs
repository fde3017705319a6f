//! The law, asked through its public interface only.

#![allow(clippy::unwrap_used, reason = "a test that cannot be prepared has failed")]

mod calendar;
mod election;
mod electoral;
mod form;
mod identifiers;
mod missions;
mod procedure;
mod register;
mod rules;
mod situations;

use chrono::{DateTime, NaiveDate, Utc};
use consular_registration::registration::form::{ApplicationForm, Kind, decode};
use consular_registration::registration::person::IdentifierPolicy;
use consular_registration::registration::rules::{Channel, District, EvidenceFacts, Facts, ROLE_INDIVIDUAL, Signer};
use serde_json::{Value, json};

/// A man born on 1 January 1990.
const IIN: &str = "900101300017";

/// Another man, born on 1 January 1990.
const ADULT_IIN: &str = "900101300811";

/// A girl born on 15 May 2015.
const CHILD_IIN: &str = "150515600019";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A complete form for a temporary stay in Berlin, as a tree to be bent by the tests.
fn form_tree() -> Value {
    json!({
        "form": "consular-registration-application",
        "version": 1,
        "audience": "kz.consular-registration.sandbox",
        "application_id": "01957f0e-5b3a-7c21-9d43-1f2e3d4c5b6a",
        "revision": 1,
        "issued_at": "2026-03-20T08:00:00Z",
        "expires_at": "2026-04-20T08:00:00Z",
        "language": "kk",
        "type": "REGISTER",
        "kind": "TEMPORARY",
        "mission": "KZ-DE-BER",
        "applicant": { "iin": IIN },
        "card": {
            "identity": {
                "name": { "surname": "Әлімқұлов", "given": "Нұрлан", "patronymic": "Ғабитұлы" },
                "name_latin": { "surname": "ALIMKULOV", "given": "NURLAN" },
                "birth_date": "1990-01-01",
                "birth_place": "Алматы",
                "sex": "MALE",
                "marital_status": "MARRIED",
                "document": {
                    "type": "PASSPORT", "number": "N12345678", "issuer": "ҚР ІІМ",
                    "issued_on": "2022-02-01", "valid_until": "2032-01-31"
                }
            },
            "stay": {
                "last_address_in_kazakhstan": { "locality": "Алматы", "street": "Абай даңғылы 10, 5" },
                "left_on": "2026-01-10",
                "purpose": "STUDY",
                "host_country": "DE",
                "host_address": {
                    "subdivision": "DE-BE", "locality": "Berlin", "street": "Unter den Linden 1", "postal_code": "10117"
                },
                "from": "2026-01-11",
                "until": "2027-09-30"
            },
            "life": { "education": "бакалавр", "occupation": { "employer_or_school": "Humboldt-Universität zu Berlin" } },
            "contacts": {
                "phones": ["+491701234567"],
                "email": "nurlan@example.org",
                "emergency_contacts": [{ "name": "Әлімқұлова Айгүл", "relation": "SPOUSE", "phone": "+77011234567" }]
            }
        },
        "consent": {
            "operator_name": "Қазақстан Республикасының Сыртқы істер министрлігі",
            "operator_bin": "040940001235",
            "subject": "Әлімқұлов Нұрлан Ғабитұлы",
            "period": { "from": "2026-03-20" },
            "third_party_transfer": false,
            "cross_border_transfer": true,
            "public_sources": false,
            "data": ["аты-жөні", "ЖСН", "мекенжайы"]
        }
    })
}

/// The same for permanent residence, with its departure decision.
fn permanent_tree() -> Value {
    let mut tree = form_tree();
    tree["kind"] = json!("PERMANENT");
    tree["card"]["stay"]["purpose"] = json!("PERMANENT_RESIDENCE");
    tree["card"]["stay"].as_object_mut().unwrap().remove("until");
    tree["card"]["departure_decision"] =
        json!({ "authority": "Алматы қаласының полиция департаменті", "number": "123/45", "date": "2025-11-20" });
    tree
}

fn form(tree: &Value) -> ApplicationForm {
    decode(tree.to_string().as_bytes()).unwrap()
}

fn form_of(kind: Kind) -> ApplicationForm {
    form(&match kind {
        Kind::Permanent => permanent_tree(),
        Kind::Temporary => form_tree(),
    })
}

fn citizen(iin: &str) -> Signer {
    Signer { iin: Some(iin.to_owned()), bin: None, roles: vec![ROLE_INDIVIDUAL.to_owned()], officer_of: None }
}

/// The facts of a form signed by the applicant, on the day it was issued.
fn facts(form: &ApplicationForm) -> Facts<'_> {
    let signer = citizen(&form.applicant.iin);
    Facts {
        evidence: EvidenceFacts::at_filing(form, &signer),
        channel: Channel::of(&signer),
        form,
        mission: form.mission.clone(),
        signer,
        identifiers: IdentifierPolicy::Strict,
        today: day("2026-03-20"),
        open_registration: None,
        district: District::Competent,
        act: None,
    }
}
