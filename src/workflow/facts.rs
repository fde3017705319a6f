//! Gathering the facts that the rules are asked about.

use chrono::{DateTime, NaiveDate, Utc};

use super::Workflow;
use super::officers::Duty;
use crate::registration::calendar::{KazakhstanCalendar, MissionCalendar, due_time, local_day};
use crate::registration::form::Kind;
use crate::registration::mission::Mission;
use crate::registration::parameters::Parameters;
use crate::registration::rules::{Channel, District, EvidenceFacts, Facts, OpenRegistration, Signer};
use crate::registration::{ApplicationForm, MissionCode};
use crate::signature::VerifiedSigner;
use crate::store::RegistrationRecord;

/// How an application was filed and what has been verified of it.
pub(super) struct Filing {
    pub signer: Signer,
    pub channel: Channel,
    pub evidence: EvidenceFacts,
}

impl Workflow {
    /// Who signed, by the certificate that verified and the officer table.
    pub(super) fn signer(&self, signer: &VerifiedSigner) -> Signer {
        let Some(identity) = signer.identity() else { return Signer::default() };
        let (iin, bin) = (identity.iin.clone(), identity.bin.clone());
        let officer_of = self.mission_of_officer(signer, Duty::EnterApplication);
        let roles = identity.roles.iter().map(|role| role.oid().to_string()).collect();
        Signer { iin, bin, roles, officer_of }
    }

    /// The mission that the signer is an officer of, with a role that carries the duty, by the table of this moment.
    pub(super) fn mission_of_officer(&self, signer: &VerifiedSigner, duty: Duty) -> Option<MissionCode> {
        let identity = signer.identity()?;
        let officers = self.officers.load();
        let officer = officers.find(identity.iin.as_deref(), identity.bin.as_deref())?;
        officer.may(duty).then(|| officer.mission.clone())
    }

    /// The facts of one application.
    pub(super) fn facts<'a>(
        &self,
        form: &'a ApplicationForm,
        mission: &Mission,
        filing: Filing,
        open: Option<&RegistrationRecord>,
        now: DateTime<Utc>,
    ) -> Facts<'a> {
        let today = local_day(now, mission.time_zone);
        let Filing { signer, channel, evidence } = filing;
        Facts {
            form,
            mission: mission.code.clone(),
            signer,
            identifiers: self.identifiers,
            channel,
            today,
            open_registration: open.and_then(open_registration),
            evidence,
            district: self.district(form, mission, today),
            act: None,
        }
    }

    fn district(&self, form: &ApplicationForm, mission: &Mission, today: NaiveDate) -> District {
        let stay = &form.card.stay;
        let Some(country) = &stay.host_country else { return District::Undetermined };
        let subdivision = stay.host_address.as_ref().and_then(|address| address.subdivision.as_ref());
        District::of(&mission.code, &self.missions().competent_for(country, subdivision, today))
    }
}

/// The end of the legal term of an application filed `now`.
pub(super) fn due(mission: &Mission, channel: Channel, now: DateTime<Utc>) -> DateTime<Utc> {
    let parameters = Parameters::on(local_day(now, mission.time_zone));
    due_time(now, parameters.term(channel), &mission_calendar(mission), mission.time_zone, parameters.office_hours)
}

/// The working days of a mission.
pub(super) fn mission_calendar(mission: &Mission) -> MissionCalendar<KazakhstanCalendar> {
    MissionCalendar::new(KazakhstanCalendar, mission.days_off.iter().copied())
}

fn open_registration(record: &RegistrationRecord) -> Option<OpenRegistration> {
    Some(OpenRegistration {
        number: record.number.clone(),
        mission: record.mission.parse().ok()?,
        kind: Kind::from_name(&record.kind)?,
        valid_until: record.valid_until,
    })
}
