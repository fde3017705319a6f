//! Family members, each with a registration of its own; and those for whom others act.

use consular_registration::grpc::client::answer;
use consular_registration::grpc::proto::{
    Application, ApplicationState, ApproveApplicationRequest, FamilyMember, GetRegistrationRequest, Registration,
    RegistrationState, VerifyEvidenceRequest,
};
use consular_registration::registration::form::{
    ApplicationForm, ApplicationType, FamilyMember as Member, Kind, Relation,
};
use serde_json::{Value, json};

use super::support::service::{Service, now};

async fn registration(service: &Service, name: &str) -> Registration {
    let request = GetRegistrationRequest { name: name.to_owned() };
    answer(service.client.registrations().get_registration(request)).await.unwrap().registration.unwrap()
}

async fn complete(service: &Service, citizen: &str, form: &ApplicationForm) -> Registration {
    let accepted = service.submit(service.sandbox.signed(citizen, form)).await.unwrap();
    let completed = service.reaches(&accepted.name, ApplicationState::Completed).await;
    registration(service, &completed.registration).await
}

fn member(service: &Service, name: &str, relation: Relation) -> Member {
    let person = service.sandbox.person(name);
    Member {
        relation,
        name: person.given_name.parse().unwrap(),
        citizenship: "KZ".parse().unwrap(),
        birth_date: Some(person.birth_date),
        registration: None,
        iin: Some(person.iin.parse().unwrap()),
    }
}

fn signed_act(service: &Service, officer: &str, seen: &Application, act: &str, decision: &Value) -> Vec<u8> {
    let act = json!({
        "act": act, "subject": seen.name, "etag": seen.etag, "decision": decision, "time": now().to_rfc3339(),
    });
    service.sandbox.sign(&format!("officers/{officer}"), &serde_json::to_vec(&act).unwrap())
}

async fn verified(service: &Service, seen: &Application, evidence: &str) -> Application {
    let decision = json!({ "result": "VERIFIED", "evidence": evidence });
    let signed_act = signed_act(service, "berlin-officer", seen, "VERIFY_EVIDENCE", &decision);
    let request = VerifyEvidenceRequest { request_id: String::new(), signed_act };
    answer(service.client.reviews().verify_evidence(request)).await.unwrap().application.unwrap()
}

/// Whom an officer identifies and whose representative the officer believes is registered.
pub(super) async fn register_represented(service: &Service, representative: &str, form: &Value) -> Registration {
    let signed = service.sandbox.sign(&format!("citizens/{representative}"), &serde_json::to_vec(form).unwrap());
    let accepted = service.submit(signed).await.unwrap();
    let waiting = service.reaches(&accepted.name, ApplicationState::InReview).await;
    let identified = verified(service, &waiting, "IDENTITY_DOCUMENT").await;
    let proved = verified(service, &identified, "REPRESENTATION_PROOF").await;
    let decision = json!({ "result": "APPROVED" });
    let signed_act = signed_act(service, "berlin-officer", &proved, "APPROVE", &decision);
    let request = ApproveApplicationRequest { request_id: String::new(), signed_act };
    answer(service.client.reviews().approve_application(request)).await.unwrap();
    let completed = service.reaches(&accepted.name, ApplicationState::Completed).await;
    registration(service, &completed.registration).await
}

fn shown(members: &[FamilyMember]) -> Vec<(&str, &str, RegistrationState)> {
    members.iter().map(|member| (member.relation.as_str(), member.number.as_str(), member.state())).collect()
}

with_each_database! {
    async fn spouses_see_each_others_registration_once_both_name_each_other(service: Service) {
        let mut form = service.sandbox.form("assel", Kind::Temporary);
        form.card.contacts.family_members = vec![member(&service, "student", Relation::Spouse)];
        let assel = complete(&service, "assel", &form).await;
        assert!(assel.family_members.is_empty(), "the spouse is not registered");

        // Who merely writes another one's number learns nothing of the register by it.
        let mut curious = service.sandbox.form("student", Kind::Temporary);
        let mut named = member(&service, "gost", Relation::OtherRelative);
        named.registration = Some(assel.number.parse().unwrap());
        curious.card.contacts.family_members = vec![named];
        let student = complete(&service, "student", &curious).await;
        // Assel names the student by the IIN: that, and the number on the other card, make it mutual.
        assert_eq!(shown(&student.family_members), [("OTHER_RELATIVE", assel.number.as_str(), RegistrationState::Active)]);
        let one_sided = service.sandbox.form("gost", Kind::Temporary);
        let mut one_sided = one_sided;
        let mut named = member(&service, "assel", Relation::Sibling);
        named.registration = Some(assel.number.parse().unwrap());
        one_sided.card.contacts.family_members = vec![named];
        let stranger = complete(&service, "gost", &one_sided).await;
        assert_eq!(shown(&stranger.family_members), [("SIBLING", assel.number.as_str(), RegistrationState::Unspecified)]);
        assert_eq!(stranger.family_members[0].registration, "");

        let assel = registration(&service, &assel.name).await;
        assert_eq!(shown(&assel.family_members), [("SPOUSE", student.number.as_str(), RegistrationState::Active)]);
        assert_eq!(assel.family_members[0].registration, student.name);
    }

    async fn a_childs_registration_ends_without_its_parents(service: Service) {
        let mut form = service.sandbox.form("assel", Kind::Temporary);
        form.card.contacts.family_members = vec![member(&service, "minor", Relation::Child)];
        let parent = complete(&service, "assel", &form).await;
        let content = std::fs::read(service.sandbox.file("forms/minor.json")).unwrap();
        let childs: Value = serde_json::from_slice(&content).unwrap();
        let child = register_represented(&service, "assel", &childs).await;
        assert_eq!(shown(&child.family_members), [("PARENT", parent.number.as_str(), RegistrationState::Active)]);

        let mut removal = service.sandbox.form("assel", Kind::Temporary);
        removal.application_type = ApplicationType::Deregister;
        complete(&service, "assel", &removal).await;
        let child = registration(&service, &child.name).await;
        assert_eq!(child.state(), RegistrationState::Active);
        assert_eq!(shown(&child.family_members), [("PARENT", parent.number.as_str(), RegistrationState::Deregistered)]);
        let parent = registration(&service, &parent.name).await;
        assert_eq!(parent.state(), RegistrationState::Deregistered);
        assert_eq!(shown(&parent.family_members), [("CHILD", child.number.as_str(), RegistrationState::Active)]);
    }

    async fn an_incapable_adult_registers_by_the_guardian_and_not_alone(service: Service) {
        let mut form = serde_json::to_value(service.sandbox.form("student", Kind::Temporary)).unwrap();
        form["representative"] = json!({
            "kind": "GUARDIAN", "iin": service.sandbox.person("assel").iin, "name": "Қорғаншы",
            "proof": { "title": "Сот шешімі", "number": "2-17", "issuer": "Сот", "issued_on": "2024-01-15" },
            "valid_until": (now() + chrono::TimeDelta::days(30)).date_naive(),
        });
        let alone = service.submit(service.sandbox.sign("citizens/student", &serde_json::to_vec(&form).unwrap())).await;
        assert_eq!(alone.unwrap_err().reason, "SIGNER_MISMATCH");
        let ward = register_represented(&service, "assel", &form).await;
        assert_eq!(ward.state(), RegistrationState::Active);
    }
}
