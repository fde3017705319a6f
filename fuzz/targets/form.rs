//! The application form: what is read is written back as it was, what is refused is told by field; and the rules answer for
//! every form that can be read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rooms::TIME;
use rooms::registration::form::{self, ApplicationForm, SANDBOX_AUDIENCE, header_violations};
use rooms::registration::person::IdentifierPolicy;
use rooms::registration::rules::{Channel, District, EvidenceFacts, Facts, Signer, Stage, assess};

fuzz_target!(|input: &[u8]| rooms::bounded(|| {
    let form = match form::decode(input) {
        Ok(form) => form,
        Err(violations) => {
            assert!(!violations.is_empty(), "refused for no reason");
            assert!(violations.iter().all(|violation| !violation.description.en.is_empty()));
            return;
        }
    };
    let written = serde_json::to_vec(&form).expect("a form");
    assert_eq!(form::decode(&written).expect("the same form"), form);
    for violation in header_violations(&form, SANDBOX_AUDIENCE, TIME) {
        assert!(violation.code.is_precondition());
    }
    assess_all(&form);
}));

fn assess_all(form: &ApplicationForm) {
    let signer = Signer::default();
    let facts = Facts {
        form,
        mission: form.mission.clone(),
        evidence: EvidenceFacts::at_filing(form, &signer),
        signer,
        identifiers: IdentifierPolicy::Strict,
        channel: Channel::Portal,
        today: TIME.date_naive(),
        open_registration: None,
        district: District::Undetermined,
        act: None,
    };
    for stage in [Stage::Admissibility, Stage::Deficiency, Stage::Decision] {
        for finding in assess(stage, &facts, facts.today) {
            let _ = (finding.is_not_met(), finding.remarks());
        }
    }
}
