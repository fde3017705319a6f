//! The real forms and acts behind the plain ones.

use chrono::{DateTime, TimeDelta, Utc};
use consular_registration::pki::sha256;
use consular_registration::registration::act::ActName;
use consular_registration::registration::form::{ApplicationForm, DocumentType, Kind, Purpose};
use consular_registration::sandbox::Form;
use serde_json::{Value, json};

use super::calendar::PLACES;
use super::model::{ADDRESSES, Act, Filing};
use super::world::World;

/// The form as it is signed.
pub fn form(filing: &Filing) -> ApplicationForm {
    // Made at one moment, so that what a form does not say stays the same from revision to revision.
    let made: DateTime<Utc> = "2023-12-01T00:00:00Z".parse().unwrap();
    let mut form = Form::fresh(World::person(filing.citizen), filing.kind, made).unwrap().application;
    let (country, subdivision, _) = ADDRESSES[filing.address];
    form.application_id = filing.application_id;
    form.revision = filing.revision;
    form.previous_digest = filing.previous.as_ref().map(|digest| digest.parse().unwrap());
    form.issued_at = filing.issued;
    form.expires_at = filing.issued + TimeDelta::days(30);
    form.application_type = filing.what;
    form.mission = PLACES[filing.mission].code.parse().unwrap();
    form.card.stay.host_country = Some(country.parse().unwrap());
    let address = form.card.stay.host_address.as_mut().unwrap();
    address.subdivision = subdivision.map(|subdivision| subdivision.parse().unwrap());
    form.card.stay.until = filing.until;
    let is_permanent = filing.kind == Kind::Permanent;
    let purpose = if is_permanent == filing.purpose_fits { Purpose::PermanentResidence } else { Purpose::Study };
    form.card.stay.purpose = Some(purpose);
    if !filing.shows_citizenship {
        form.card.identity.document.as_mut().unwrap().document_type = Some(DocumentType::ResidencePermit);
    }
    if !filing.is_complete {
        form.card.identity.document = None;
    }
    if !filing.has_consent {
        form.consent = None;
    }
    if let Some(decision) = form.card.departure_decision.as_mut().filter(|_| !filing.names_departure) {
        decision.number = None;
    }
    if filing.ground.is_none() && !filing.has_proof {
        return form;
    }
    let mut tree = serde_json::to_value(form).unwrap();
    if let Some(ground) = filing.ground {
        tree["deregistration"] = json!({ "ground": ground.as_str() });
        if filing.is_back {
            tree["deregistration"]["returned_on"] = json!("2024-01-01");
        }
    }
    if filing.has_proof {
        let proof =
            json!({ "kind": "DEREGISTRATION_PROOF", "digest": "0".repeat(64), "media_type": "application/pdf" });
        tree["evidence"] = json!([proof]);
    }
    serde_json::from_value(tree).unwrap()
}

/// The content that is signed, and its digest.
pub fn content(filing: &Filing) -> (Vec<u8>, String) {
    let content = serde_json::to_vec(&form(filing)).unwrap();
    let digest = hex::encode(sha256(&content));
    (content, digest)
}

impl Act {
    pub fn name(&self) -> ActName {
        match self {
            Self::Claim => ActName::Claim,
            Self::Return => ActName::Return,
            Self::Verify { .. } => ActName::VerifyEvidence,
            Self::Approve => ActName::Approve,
            Self::Announce { .. } => ActName::PreliminaryRefusal,
            Self::Hear { .. } => ActName::RecordHearing,
            Self::Refuse { .. } => ActName::Refuse,
            Self::Forward { .. } => ActName::Forward,
        }
    }

    pub fn decision(&self) -> Value {
        match self {
            Self::Claim => json!({ "result": "CLAIMED" }),
            Self::Return => {
                json!({ "result": "RETURNED", "remarks": [{ "field": "card", "kk": "Түзетіңіз.", "ru": "Исправьте." }] })
            }
            Self::Verify { what, holds } => {
                json!({ "result": if *holds { "VERIFIED" } else { "REFUTED" }, "evidence": what.as_str() })
            }
            Self::Approve => json!({ "result": "APPROVED" }),
            Self::Announce { ground, reasons, hearing } => {
                let hearing = json!({ "time": hearing.to_rfc3339(), "place": "Елшілік" });
                json!({ "result": "REFUSAL_INTENDED", "grounds": grounds(ground, *reasons), "hearing": hearing })
            }
            Self::Hear { begin, end, is_whole, upheld } => {
                let mut protocol = json!({
                    "place": "Елшілік", "begin": begin.to_rfc3339(), "end": end.to_rfc3339(), "body": "Елшілік",
                    "official": "Консул", "secretary": "Хатшы", "participant": "Өтініш беруші", "question": "Құжат",
                    "explanations": "Айтылды.", "signed_by_chair": true, "signed_by_secretary": true,
                });
                if !is_whole {
                    protocol.as_object_mut().unwrap().remove("secretary");
                }
                let result = if *upheld { "OBJECTION_UPHELD" } else { "OBJECTION_DISMISSED" };
                json!({ "result": result, "protocol": protocol })
            }
            Self::Refuse { ground, reasons } => json!({ "result": "REFUSED", "grounds": grounds(ground, *reasons) }),
            Self::Forward { to } => {
                let mission = to.map_or("KZ-ZZ-ZZZ", |to| PLACES[to].code);
                json!({ "result": "FORWARDED", "mission": mission })
            }
        }
    }
}

fn grounds(ground: &str, reasons: bool) -> Value {
    let mut grounds = json!({ "ground": ground });
    if reasons {
        grounds["reason_kk"] = json!("Себебі бар.");
        grounds["reason_ru"] = json!("Есть причина.");
    }
    grounds
}
