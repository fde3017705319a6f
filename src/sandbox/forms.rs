//! Application forms ready to sign: complete ones, and one for each way a form is refused or returned.

use chrono::{DateTime, Days, NaiveDate, SubsecRound as _, TimeDelta, Utc};
use uuid::{NoContext, Timestamp, Uuid};

use super::people::{BERLIN, ISTANBUL, NEW_YORK, Person};
use super::{SandboxError, people};
use crate::registration::form::{
    Address, Applicant, ApplicationForm, ApplicationType, Card, Consent, ConsentPeriod, ContactPerson, Contacts,
    CyrillicFullName, DepartureDecision, DocumentType, FORM_NAME, FORM_VERSION, Identity, IdentityDocument, Kind,
    LatinFullName, Life, MaritalStatus, Occupation, PRODUCTION_AUDIENCE, Proof, Purpose, Relation, Representative,
    RepresentativeKind, SANDBOX_AUDIENCE, Stay,
};
use crate::registration::mission::Mission;
use crate::registration::text::Language;
use crate::registration::value::ValueError;

/// For how long a form may be filed.
const FORM_VALIDITY: TimeDelta = TimeDelta::days(30);

/// An application form, complete unless changed.
#[derive(Debug, Clone)]
pub struct Form {
    /// The form; change what a test wants changed.
    pub application: ApplicationForm,
}

impl Form {
    /// A complete form for registration of `person` (an adult) with a new application_id, issued `now`: temporary for
    /// work at Berlin, or permanent at New York with a departure decision.
    ///
    /// # Errors
    /// [`SandboxError::Form`] where the person's names are no names.
    pub fn fresh(person: &Person, kind: Kind, now: DateTime<Utc>) -> Result<Self, SandboxError> {
        let now = now.trunc_subsecs(0);
        let host = match kind {
            Kind::Temporary => &HOSTS[0],
            Kind::Permanent => &HOSTS[2],
        };
        Ok(Self { application: application(person, kind, host, now)? })
    }

    /// A complete form at any mission, with an address in its district. What it tells of the stay, the papers and the residence is as of
    /// `settled`, the form itself is issued `now`: forms of one story tell the same.
    ///
    /// # Errors
    /// [`SandboxError::Form`] where a name is no name, or the mission has no district.
    pub fn at(
        person: &Person,
        kind: Kind,
        mission: &Mission,
        settled: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Self, SandboxError> {
        let district = mission.districts.first();
        let district = district.ok_or_else(|| SandboxError::Form(format!("{} has no district", mission.code)))?;
        let purpose = match kind {
            Kind::Temporary => Purpose::TemporaryWork,
            Kind::Permanent => Purpose::PermanentResidence,
        };
        let known = HOSTS.iter().find(|host| host.mission == mission.code.as_str());
        let anywhere = Host {
            mission: &mission.code,
            country: &district.country,
            subdivision: district.subdivisions.first().map(|part| &**part),
            locality: &mission.city.en,
            street: "1 Sample Street",
            postal_code: "10001",
            employer_or_school: "Sample Ltd.",
            position: "инженер",
            purpose,
        };
        let host = known.map_or(anywhere, |host| Host { purpose, ..*host });
        let mut application = application(person, kind, &host, settled.trunc_subsecs(0))?;
        let now = now.trunc_subsecs(0);
        (application.issued_at, application.expires_at) = (now, now + FORM_VALIDITY);
        Ok(Self { application })
    }

    /// Names `parent` as who acts for the applicant, with the certificate of birth.
    ///
    /// # Errors
    /// [`SandboxError::Form`] where a name is no name.
    pub fn represented_by(mut self, parent: &Person, born: NaiveDate) -> Result<Self, SandboxError> {
        self.application.representative = Some(Representative {
            kind: RepresentativeKind::Parent,
            iin: of(&parent.iin)?,
            name: of(full_name(parent))?,
            proof: Proof {
                title: of("Туу туралы куәлік")?,
                number: of("ТК-0012345")?,
                issuer: of("АХАЖ бөлімі")?,
                issued_on: born,
            },
            valid_until: None,
        });
        Ok(self)
    }

    /// A complete form for temporary registration of `minor`, filed and signed by the parent.
    ///
    /// # Errors
    /// [`SandboxError::Form`] where a name is no name.
    pub fn fresh_for_minor(minor: &Person, parent: &Person, now: DateTime<Utc>) -> Result<Self, SandboxError> {
        Self::fresh(minor, Kind::Temporary, now)?.represented_by(parent, minor.birth_date)
    }

    /// The form as a JSON text, UTF-8, indented.
    ///
    /// # Errors
    /// [`SandboxError::Form`], which no form of this type causes.
    pub fn to_json(&self) -> Result<Vec<u8>, SandboxError> {
        serde_json::to_vec_pretty(&self.application).map_err(|error| SandboxError::Form(error.to_string()))
    }

    /// The forms of `forms/`, by file name without ending.
    pub(super) fn samples(now: DateTime<Utc>) -> Result<Vec<(&'static str, Self)>, SandboxError> {
        let person = |name: &str| Person::citizen(name, now).ok_or_else(|| SandboxError::UnknownName(name.to_owned()));
        let (assel, student, minor) = (person("assel")?, person("student")?, person("minor")?);
        let study = application(&student, Kind::Temporary, &HOSTS[1], now.trunc_subsecs(0))?;
        let mut transfer = application(&assel, Kind::Temporary, &HOSTS[1], now.trunc_subsecs(0))?;
        transfer.application_type = ApplicationType::Transfer;
        let mut samples = vec![
            ("temporary", Self::fresh(&assel, Kind::Temporary, now)?),
            ("permanent", Self::fresh(&person("daniyar")?, Kind::Permanent, now)?),
            ("study", Self { application: study }),
            ("transfer", Self { application: transfer }),
            ("minor", Self::fresh_for_minor(&minor, &assel, now)?),
            ("minor-unrepresented", Self::fresh(&minor, Kind::Temporary, now)?),
        ];
        for name in ["revoked", "expired", "authentication-only", "test-iin", "gost", "gost-revoked", "outsider"] {
            samples.push((name, Self::fresh(&person(name)?, Kind::Temporary, now)?));
        }
        let mut changed = |name, change: &dyn Fn(&mut ApplicationForm) -> Result<(), SandboxError>| {
            let mut form = Self::fresh(&assel, Kind::Temporary, now)?;
            change(&mut form.application)?;
            samples.push((name, form));
            Ok::<_, SandboxError>(())
        };
        // About the registration that `temporary` leads to.
        changed("change", &|form| {
            form.application_type = ApplicationType::Change;
            form.card.contacts.phones = vec![of("+77010000003")?];
            Ok(())
        })?;
        changed("extend", &|form| {
            form.application_type = ApplicationType::Extend;
            form.card.stay.until = form.card.stay.until.map(|last| last + Days::new(180));
            Ok(())
        })?;
        changed("certificate", &|form| {
            form.application_type = ApplicationType::Certificate;
            Ok(())
        })?;
        changed("deregister", &|form| {
            form.application_type = ApplicationType::Deregister;
            Ok(())
        })?;
        changed("incomplete", &|form| {
            form.card.identity.document = None;
            form.card.stay.host_address = None;
            form.card.contacts = Contacts::default();
            Ok(())
        })?;
        changed("without-consent", &|form| {
            form.consent = None;
            Ok(())
        })?;
        changed("wrong-audience", &|form| {
            form.audience = of(PRODUCTION_AUDIENCE)?;
            Ok(())
        })?;
        changed("other-version", &|form| {
            form.version = FORM_VERSION + 1;
            Ok(())
        })?;
        changed("out-of-date", &|form| {
            form.issued_at -= TimeDelta::days(60);
            form.expires_at = form.issued_at + FORM_VALIDITY;
            Ok(())
        })?;
        Ok(samples)
    }
}

/// A place to register at.
struct Host<'a> {
    mission: &'a str,
    country: &'a str,
    subdivision: Option<&'a str>,
    locality: &'a str,
    street: &'a str,
    postal_code: &'a str,
    purpose: Purpose,
    employer_or_school: &'a str,
    position: &'a str,
}

const HOSTS: [Host<'static>; 3] = [
    Host {
        mission: BERLIN.code,
        country: "DE",
        subdivision: Some("DE-BE"),
        locality: "Berlin",
        street: "Musterstraße 1",
        postal_code: "10115",
        purpose: Purpose::TemporaryWork,
        employer_or_school: "Muster GmbH",
        position: "инженер",
    },
    Host {
        mission: ISTANBUL.code,
        country: "TR",
        subdivision: Some("TR-34"),
        locality: "İstanbul",
        street: "Örnek Sokak 2",
        postal_code: "34000",
        purpose: Purpose::Study,
        employer_or_school: "Örnek Üniversitesi",
        position: "студент",
    },
    Host {
        mission: NEW_YORK.code,
        country: "US",
        subdivision: Some("US-NY"),
        locality: "New York",
        street: "3 Sample Street",
        postal_code: "10001",
        purpose: Purpose::PermanentResidence,
        employer_or_school: "Sample Ltd.",
        position: "жүргізуші",
    },
];

fn application(
    person: &Person,
    kind: Kind,
    host: &Host<'_>,
    now: DateTime<Utc>,
) -> Result<ApplicationForm, SandboxError> {
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    Ok(ApplicationForm {
        form: of(FORM_NAME)?,
        version: FORM_VERSION,
        audience: of(SANDBOX_AUDIENCE)?,
        application_id: Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, 0)),
        revision: 1,
        previous_digest: None,
        issued_at: now,
        expires_at: now + FORM_VALIDITY,
        language: Language::Kk,
        application_type: ApplicationType::Register,
        kind,
        mission: of(host.mission)?,
        applicant: Applicant { iin: of(&person.iin)? },
        card: card(person, kind, host, now)?,
        consent: Some(consent(person, now)?),
        representative: None,
        deregistration: None,
        evidence: Vec::new(),
    })
}

fn card(person: &Person, kind: Kind, host: &Host<'_>, now: DateTime<Utc>) -> Result<Card, SandboxError> {
    let today = now.date_naive();
    let departure_decision = match kind {
        Kind::Temporary => None,
        Kind::Permanent => Some(DepartureDecision {
            authority: Some(of("Алматы қаласының Полиция департаменті")?),
            number: Some(of("ТТЖ-2025-000417")?),
            date: Some(today - Days::new(120)),
        }),
    };
    Ok(Card {
        identity: identity(person, now)?,
        stay: Stay {
            last_address_in_kazakhstan: Some(Address {
                subdivision: Some(of("KZ-75")?),
                locality: Some(of("Алматы")?),
                street: Some(of("Абай даңғылы, 10-үй, 5-пәтер")?),
                postal_code: Some(of("A05A0A1")?),
            }),
            left_on: Some(today - Days::new(40)),
            purpose: Some(host.purpose),
            host_country: Some(of(host.country)?),
            host_address: Some(Address {
                subdivision: host.subdivision.map(of).transpose()?,
                locality: Some(of(host.locality)?),
                street: Some(of(host.street)?),
                postal_code: Some(of(host.postal_code)?),
            }),
            from: Some(today - Days::new(38)),
            until: (kind == Kind::Temporary).then(|| today + Days::new(300)),
            local_status: None,
        },
        life: Life {
            education: Some(of("жоғары")?),
            occupation: Some(Occupation {
                employer_or_school: Some(of(host.employer_or_school)?),
                position: Some(of(host.position)?),
            }),
        },
        contacts: contacts(person)?,
        departure_decision,
    })
}

fn identity(person: &Person, now: DateTime<Utc>) -> Result<Identity, SandboxError> {
    let today = now.date_naive();
    Ok(Identity {
        name: Some(CyrillicFullName {
            surname: Some(of(&person.surname)?),
            given: Some(of(&person.given_name)?),
            patronymic: person.patronymic.as_ref().map(of).transpose()?,
        }),
        name_latin: Some(LatinFullName {
            surname: Some(of(&person.surname_latin)?),
            given: Some(of(&person.given_name_latin)?),
        }),
        former_names: Vec::new(),
        birth_date: Some(person.birth_date),
        birth_place: Some(of("Алматы қаласы")?),
        sex: Some(person.sex),
        nationality: None,
        marital_status: Some(MaritalStatus::Single),
        document: Some(IdentityDocument {
            document_type: Some(DocumentType::Passport),
            // From the IIN, so that no two citizens show the same passport.
            number: Some(of(format!("N{}", person.iin.get(4..12).unwrap_or("00000000")))?),
            issuer: Some(of("ҚР ІІМ")?),
            issued_on: Some(today - Days::new(800)),
            valid_until: Some(today + Days::new(2800)),
        }),
    })
}

fn contacts(person: &Person) -> Result<Contacts, SandboxError> {
    let relative = ContactPerson {
        name: of(format!("{} САПАР", person.surname))?,
        relation: Some(Relation::Sibling),
        phone: Some(of("+77010000002")?),
        email: None,
        address: Some(of("Алматы қаласы, Абай даңғылы, 10-үй")?),
    };
    Ok(Contacts {
        phones: vec![of("+77010000001")?],
        email: Some(of(format!("{}@example.org", person.given_name_latin.to_lowercase()))?),
        emergency_contacts: vec![relative.clone()],
        relatives_in_kazakhstan: vec![relative],
        relatives_abroad: Vec::new(),
        family_members: Vec::new(),
    })
}

fn consent(person: &Person, now: DateTime<Utc>) -> Result<Consent, SandboxError> {
    Ok(Consent {
        operator_name: Some(of(people::MINISTRY.organization)?),
        operator_bin: Some(of(people::MINISTRY.bin())?),
        subject: Some(of(full_name(person))?),
        period: Some(ConsentPeriod { from: now.date_naive(), until: None }),
        third_party_transfer: Some(false),
        cross_border_transfer: Some(true),
        public_sources: Some(false),
        data: vec![of("тіркеу карточкасының деректері")?, of("ЖСН")?],
    })
}

fn full_name(person: &Person) -> String {
    let patronymic = person.patronymic.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
    format!("{} {}{patronymic}", person.surname, person.given_name)
}

/// A value that is right by construction, from a text of this file or of a person.
fn of<T: TryFrom<String, Error = ValueError>>(text: impl AsRef<str>) -> Result<T, SandboxError> {
    T::try_from(text.as_ref().to_owned()).map_err(|error| SandboxError::Form(error.to_string()))
}
