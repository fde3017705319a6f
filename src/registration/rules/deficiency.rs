//! Rules of deficiency: not met, the application is opened and returned with remarks while its term runs.

use super::{CITATIONS, Facts, Outcome, RefusalCode, Remark, Rule, Source, Stage, always, met_without, writes_card};
use crate::registration::form::{ApplicationForm, Card, Consent, Kind, Purpose};
use crate::registration::parameters::Period;
use crate::registration::person::{Bin, Iin};
use crate::registration::text::Text;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "DEF-CARD-COMPLETE",
        stage: Stage::Deficiency,
        statement: Text::fixed(
            "Тіркеу карточкасының осы тіркеу түрі үшін міндетті барлық тармағы толтырылған.",
            "Заполнены все пункты регистрационной карточки, обязательные для этого вида учёта.",
            "Every item of the registration card that this kind of registration requires is filled in.",
        ),
        citation: &CITATIONS.registration_rules,
        source: Source::OwnDesign,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::CardIncomplete,
        applies: writes_card,
        check: card_is_complete,
    },
    Rule {
        id: "DEF-STAY-PERIOD",
        stage: Stage::Deficiency,
        statement: Text::fixed(
            "Аяқталу күні көрсетілген тұрудың басталу күні одан кеш емес, ал аяқталу күні әлі өтпеген.",
            "Пребывание с указанным окончанием начинается не позже него, и срок пребывания ещё не истёк.",
            "A stay that ends begins no later than it ends, and has not ended yet.",
        ),
        citation: &CITATIONS.registration_rules,
        source: Source::OwnDesign,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::StayPeriodInvalid,
        applies: has_period,
        check: stay_is_a_period,
    },
    Rule {
        id: "DEF-PURPOSE",
        stage: Stage::Deficiency,
        statement: Text::fixed(
            "Шетелде болу мақсаты тіркеу түріне сәйкес келеді: тұрақты тұру — тұрақты есепке, өзге мақсаттар — уақытша есепке.",
            "Цель пребывания соответствует виду учёта: постоянное проживание — постоянному, иные цели — временному.",
            "The purpose of the stay fits the kind of registration: permanent residence the permanent, any other the temporary one.",
        ),
        citation: &CITATIONS.registration_rules,
        source: Source::OfficialPage,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::PurposeInvalid,
        applies: has_purpose,
        check: purpose_fits_kind,
    },
    Rule {
        id: "DEF-FAMILY",
        stage: Stage::Deficiency,
        statement: Text::fixed(
            "Карточкада көрсетілген отбасы мүшелерінің жеке сәйкестендіру нөмірлері дұрыс.",
            "Индивидуальные идентификационные номера членов семьи в карточке верны.",
            "The individual identification numbers of the family members on the card are right.",
        ),
        citation: &CITATIONS.identification_numbers,
        source: Source::SecondarySource,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::IinInvalid,
        applies: writes_card,
        check: numbers_of_family_are_well_formed,
    },
    Rule {
        id: "DEF-CONSENT",
        stage: Stage::Deficiency,
        statement: Text::fixed(
            "Дербес деректерді жинауға және өңдеуге толық келісім берілген және ол қолданыста.",
            "Дано полное и действующее согласие на сбор и обработку персональных данных.",
            "A full consent to collecting and processing personal data is given and holds.",
        ),
        citation: &CITATIONS.personal_data,
        source: Source::OfficialPage,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::ConsentMissing,
        applies: always,
        check: consent_is_full,
    },
];

const ITEM_MISSING: Text = Text::fixed("Тармақ толтырылмаған.", "Пункт не заполнен.", "The item is not filled in.");

/// The fields that are absent, out of (path, present).
fn absent(items: &[(&str, bool)]) -> Vec<Remark> {
    items.iter().filter(|(_, is_present)| !is_present).map(|(field, _)| Remark::new(*field, ITEM_MISSING)).collect()
}

fn card_is_complete(facts: &Facts<'_>) -> Outcome {
    let card = &facts.form.card;
    let mut remarks = identity_items(card);
    remarks.extend(stay_items(facts.form));
    remarks.extend(life_items(card));
    met_without(remarks)
}

fn identity_items(card: &Card) -> Vec<Remark> {
    let identity = &card.identity;
    let name = identity.name.as_ref();
    let latin = identity.name_latin.as_ref();
    let document = identity.document.as_ref();
    absent(&[
        ("card.identity.name.surname", name.is_some_and(|name| name.surname.is_some())),
        ("card.identity.name.given", name.is_some_and(|name| name.given.is_some())),
        ("card.identity.name_latin.surname", latin.is_some_and(|name| name.surname.is_some())),
        ("card.identity.name_latin.given", latin.is_some_and(|name| name.given.is_some())),
        ("card.identity.birth_date", identity.birth_date.is_some()),
        ("card.identity.birth_place", identity.birth_place.is_some()),
        ("card.identity.sex", identity.sex.is_some()),
        ("card.identity.marital_status", identity.marital_status.is_some()),
        ("card.identity.document.type", document.is_some_and(|document| document.document_type.is_some())),
        ("card.identity.document.number", document.is_some_and(|document| document.number.is_some())),
        ("card.identity.document.issuer", document.is_some_and(|document| document.issuer.is_some())),
        ("card.identity.document.issued_on", document.is_some_and(|document| document.issued_on.is_some())),
        ("card.identity.document.valid_until", document.is_some_and(|document| document.valid_until.is_some())),
    ])
}

fn stay_items(form: &ApplicationForm) -> Vec<Remark> {
    let stay = &form.card.stay;
    let last = stay.last_address_in_kazakhstan.as_ref();
    let host = stay.host_address.as_ref();
    absent(&[
        ("card.stay.last_address_in_kazakhstan.locality", last.is_some_and(|address| address.locality.is_some())),
        ("card.stay.left_on", stay.left_on.is_some()),
        ("card.stay.purpose", stay.purpose.is_some()),
        ("card.stay.host_country", stay.host_country.is_some()),
        ("card.stay.host_address.locality", host.is_some_and(|address| address.locality.is_some())),
        ("card.stay.host_address.street", host.is_some_and(|address| address.street.is_some())),
        ("card.stay.from", stay.from.is_some()),
        ("card.stay.until", stay.until.is_some() || form.kind == Kind::Permanent),
    ])
}

fn life_items(card: &Card) -> Vec<Remark> {
    let occupation = card.life.occupation.as_ref();
    let is_occupied = occupation.is_some_and(|item| item.employer_or_school.is_some() || item.position.is_some());
    absent(&[
        ("card.life.occupation", is_occupied),
        ("card.contacts.phones", !card.contacts.phones.is_empty() || card.contacts.email.is_some()),
        ("card.contacts.emergency_contacts", !card.contacts.emergency_contacts.is_empty()),
    ])
}

/// A temporary stay always; a permanent one where the card names its end.
fn has_period(facts: &Facts<'_>) -> bool {
    writes_card(facts) && facts.form.card.stay.until.is_some()
}

fn stay_is_a_period(facts: &Facts<'_>) -> Outcome {
    let stay = &facts.form.card.stay;
    let Some(until) = stay.until else { return Outcome::NotApplicable };
    let mut remarks = Vec::new();
    if stay.from.is_some_and(|from| from > until) {
        let text = Text::fixed(
            "Тұрудың басталу күні аяқталу күнінен кеш.",
            "Начало пребывания позже его окончания.",
            "The stay begins later than it ends.",
        );
        remarks.push(Remark::new("card.stay.from", text));
    }
    if until < facts.today {
        let text =
            Text::fixed("Тұру мерзімі өтіп кеткен.", "Срок пребывания уже истёк.", "The stay has ended already.");
        remarks.push(Remark::new("card.stay.until", text));
    }
    met_without(remarks)
}

fn has_purpose(facts: &Facts<'_>) -> bool {
    writes_card(facts) && facts.form.card.stay.purpose.is_some()
}

fn purpose_fits_kind(facts: &Facts<'_>) -> Outcome {
    let is_permanent = facts.form.card.stay.purpose == Some(Purpose::PermanentResidence);
    if is_permanent == (facts.form.kind == Kind::Permanent) {
        return Outcome::Met;
    }
    let text = Text::fixed(
        "Болу мақсаты тіркеу түріне сәйкес келмейді.",
        "Цель пребывания не соответствует виду учёта.",
        "The purpose of the stay does not fit the kind of registration.",
    );
    Outcome::NotMet(vec![Remark::new("card.stay.purpose", text)])
}

fn numbers_of_family_are_well_formed(facts: &Facts<'_>) -> Outcome {
    let members = facts.form.card.contacts.family_members.iter().enumerate();
    let is_wrong = |iin: &str| Iin::parse(iin, facts.identifiers).is_err() || *iin == *facts.form.applicant.iin;
    let wrong = members.filter(|(_, member)| member.iin.as_deref().is_some_and(is_wrong));
    let remarks = wrong.map(|(place, _)| {
        let text = Text::fixed(
            "Отбасы мүшесінің жеке сәйкестендіру нөмірі қате.",
            "Индивидуальный идентификационный номер члена семьи неверен.",
            "The family member's individual identification number is wrong.",
        );
        Remark::new(format!("card.contacts.family_members[{place}].iin"), text)
    });
    met_without(remarks.collect())
}

fn consent_is_full(facts: &Facts<'_>) -> Outcome {
    let Some(consent) = &facts.form.consent else {
        let text = Text::fixed(
            "Дербес деректерді жинауға және өңдеуге келісім жоқ.",
            "Отсутствует согласие на сбор и обработку персональных данных.",
            "There is no consent to collecting and processing personal data.",
        );
        return Outcome::NotMet(vec![Remark::new("consent", text)]);
    };
    let mut remarks = consent_items(consent);
    let is_bin = |bin: &str| Bin::parse(bin, facts.identifiers).is_ok();
    if consent.operator_bin.as_deref().is_some_and(|bin| !is_bin(bin)) {
        let text = Text::fixed(
            "Оператордың бизнес-сәйкестендіру нөмірі қате.",
            "Бизнес-идентификационный номер оператора неверен.",
            "The operator's business identification number is wrong.",
        );
        remarks.push(Remark::new("consent.operator_bin", text));
    }
    let has_ended = |last| last < facts.today;
    if consent.period.as_ref().and_then(|period| period.until).is_some_and(has_ended) {
        let text = Text::fixed("Келісімнің мерзімі өтіп кеткен.", "Срок согласия истёк.", "The consent has ended.");
        remarks.push(Remark::new("consent.period.until", text));
    }
    met_without(remarks)
}

fn consent_items(consent: &Consent) -> Vec<Remark> {
    absent(&[
        ("consent.operator_name", consent.operator_name.is_some()),
        ("consent.operator_bin", consent.operator_bin.is_some()),
        ("consent.subject", consent.subject.is_some()),
        ("consent.period", consent.period.is_some()),
        ("consent.third_party_transfer", consent.third_party_transfer.is_some()),
        ("consent.cross_border_transfer", consent.cross_border_transfer.is_some()),
        ("consent.public_sources", consent.public_sources.is_some()),
        ("consent.data", !consent.data.is_empty()),
    ])
}
