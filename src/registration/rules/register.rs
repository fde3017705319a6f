//! Rules on applications about a registration that exists: change, extension, transfer, de-registration, certificate.
//!
//! What they say of the register is said only to those who may learn it: see [`Facts::may_tell_of_register`].

use super::{
    CITATIONS, Channel, District, Facts, OpenRegistration, Outcome, RefusalCode, Remark, Rule, Source, Stage,
    Verification, met_if, met_without,
};
use crate::registration::DeregistrationGround;
use crate::registration::form::{ApplicationType, EvidenceKind};
use crate::registration::parameters::Period;
use crate::registration::text::Text;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "DEF-CHANGE-DISTRICT",
        stage: Stage::Deficiency,
        statement: Text::fixed(
            "Өзгеріс немесе ұзарту кезінде жаңа мекенжай есепке алған мекеменің консулдық округінде қалады; басқа округке көшкен \
             азамат есебін ауыстырады.",
            "При изменении или продлении новый адрес остаётся в консульском округе загранучреждения; переехавший в другой округ \
             переводит учёт.",
            "At a change or an extension the address stays in the mission's consular district; who moves to another one transfers the \
             registration.",
        ),
        citation: &CITATIONS.registration_rules,
        source: Source::OwnDesign,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::TransferRequired,
        applies: stays_at_the_mission,
        check: address_stays_in_district,
    },
    Rule {
        id: "DEF-STAY-RUNS",
        stage: Stage::Deficiency,
        statement: Text::fixed(
            "Тіркеу бойынша болу мерзімі аяқталмаған: мерзімі өткен тіркеу алдымен ұзартылады.",
            "Срок пребывания по учёту не истёк: истёкший срок сначала продлевается.",
            "The stay by the register has not ended: one that has ended is extended first.",
        ),
        citation: &CITATIONS.registration_rules,
        source: Source::OwnDesign,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::StayPeriodInvalid,
        applies: needs_running_stay,
        check: stay_runs,
    },
    Rule {
        id: "DEF-CHANGE-TERM",
        stage: Stage::Deficiency,
        statement: Text::fixed(
            "Карточканы өзгерту болу мерзімінің аяқталу күнін өзгертпейді.",
            "Изменение карточки не меняет дату окончания пребывания.",
            "A change of the card does not move the end of the stay.",
        ),
        citation: &CITATIONS.registration_rules,
        source: Source::OwnDesign,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::StayPeriodInvalid,
        applies: |facts| is(facts, ApplicationType::Change) && registered(facts).is_some(),
        check: change_keeps_the_term,
    },
    Rule {
        id: "DEF-EXTENSION",
        stage: Stage::Deficiency,
        statement: Text::fixed(
            "Ұзартылған болу мерзімі қазіргі мерзімнен кеш аяқталады.",
            "Продлённый срок пребывания заканчивается позже нынешнего.",
            "An extended stay ends later than the present one.",
        ),
        citation: &CITATIONS.registration_rules,
        source: Source::OwnDesign,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::StayPeriodInvalid,
        applies: |facts| is(facts, ApplicationType::Extend) && registered(facts).is_some(),
        check: extension_ends_later,
    },
    Rule {
        id: "DEF-DEREG-CHANNEL",
        stage: Stage::Deficiency,
        statement: Text::fixed(
            "Қазақстанға оралған азамат есептен мекеме арқылы емес, портал немесе министрлік арқылы шығарылады.",
            "Вернувшийся в Казахстан гражданин снимается с учёта через портал или министерство, а не через загранучреждение.",
            "A citizen back in Kazakhstan is removed from the register through the portal or the ministry, not through a mission.",
        ),
        citation: &CITATIONS.registration_rules,
        source: Source::OfficialPage,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::OutOfJurisdiction,
        applies: is_deregistration,
        check: returned_citizen_uses_the_portal,
    },
    Rule {
        id: "DEF-DEREG-GROUND",
        stage: Stage::Deficiency,
        statement: Text::fixed(
            "Есептен шығару негізі осы азаматқа және осы тәсілге қолданылады.",
            "Основание снятия с учёта применимо к этому гражданину и способу подачи.",
            "The ground of de-registration is one for this citizen and this way of filing.",
        ),
        citation: &CITATIONS.registration_rules,
        source: Source::OfficialPage,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::DeregGroundInvalid,
        applies: is_deregistration,
        check: ground_applies,
    },
    Rule {
        id: "DEF-DEREG-EVIDENCE",
        stage: Stage::Deficiency,
        statement: Text::fixed(
            "Есептен шығару негізін растайтын құжат қоса берілген.",
            "Приложен документ, подтверждающий основание снятия с учёта.",
            "A document that shows the ground of de-registration goes with the application.",
        ),
        citation: &CITATIONS.registration_rules,
        source: Source::OwnDesign,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::EvidenceRequired,
        applies: claims_a_ground,
        check: evidence_is_there,
    },
    Rule {
        id: "DEC-DEREG-GROUND",
        stage: Stage::Decision,
        statement: Text::fixed(
            "Есептен шығару негізі құжатпен расталған.",
            "Основание снятия с учёта подтверждено документом.",
            "The ground of de-registration is established by its document.",
        ),
        citation: &CITATIONS.registration_rules,
        source: Source::OwnDesign,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::DeregGroundNotVerified,
        applies: claims_a_ground,
        check: ground_is_verified,
    },
    Rule {
        id: "DEC-REGISTRATION",
        stage: Stage::Decision,
        statement: Text::fixed(
            "Азамат өтініште көрсетілген түр бойынша консулдық есепте тұр.",
            "Гражданин состоит на консульском учёте того вида, который указан в заявлении.",
            "The citizen has an open registration of the kind that the application names.",
        ),
        citation: &CITATIONS.registration_rules,
        source: Source::OwnDesign,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::NoRegistration,
        applies: |facts| facts.form.application_type.needs_registration() && facts.may_tell_of_register(),
        check: is_registered,
    },
    Rule {
        id: "DEC-KEEPING-MISSION",
        stage: Stage::Decision,
        statement: Text::fixed(
            "Өтініш азаматты есепте ұстайтын мекемеге берілген.",
            "Заявление подано в загранучреждение, которое ведёт учёт гражданина.",
            "The application is made to the mission that keeps the citizen's registration.",
        ),
        citation: &CITATIONS.registration_rules,
        source: Source::OwnDesign,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::WrongConsularDistrict,
        applies: |facts| !is(facts, ApplicationType::Transfer) && registered(facts).is_some(),
        check: mission_keeps_the_registration,
    },
];

fn is(facts: &Facts<'_>, application_type: ApplicationType) -> bool {
    facts.form.application_type == application_type
}

/// The registration that the application is about, as far as its reader may learn of it.
fn registered<'a>(facts: &'a Facts<'_>) -> Option<&'a OpenRegistration> {
    let is_about_one = facts.form.application_type.needs_registration() && facts.may_tell_of_register();
    facts.open_registration.as_ref().filter(|_| is_about_one)
}

fn stays_at_the_mission(facts: &Facts<'_>) -> bool {
    is(facts, ApplicationType::Change) || is(facts, ApplicationType::Extend)
}

fn address_stays_in_district(facts: &Facts<'_>) -> Outcome {
    let text = match &facts.district {
        District::Competent => return Outcome::Met,
        District::Other(mission) => Text::composed(
            format!("Бұл мекенжай бойынша {mission} құзыретті: есепті сонда ауыстыру туралы өтініш беріңіз."),
            format!("По этому адресу компетентно {mission}: подайте туда заявление о переводе учёта."),
            format!("For this address {mission} is competent: apply there for a transfer."),
        ),
        District::Undetermined => Text::fixed(
            "Мекенжай бойынша құзыретті мекеме анықталмады; елдің бөлігін (аймағын) көрсетіңіз.",
            "Компетентное загранучреждение по адресу не определено; укажите часть (регион) страны.",
            "The competent mission does not follow from the address; name the part of the country.",
        ),
    };
    met_if(false, "card.stay.host_address.subdivision", &text)
}

fn needs_running_stay(facts: &Facts<'_>) -> bool {
    (is(facts, ApplicationType::Change) || is(facts, ApplicationType::Certificate)) && registered(facts).is_some()
}

fn stay_runs(facts: &Facts<'_>) -> Outcome {
    let has_ended =
        registered(facts).and_then(|registration| registration.valid_until).is_some_and(|last| last < facts.today);
    let text = Text::fixed(
        "Тіркеудегі болу мерзімі аяқталған: алдымен оны ұзартуға өтініш беріңіз.",
        "Срок пребывания по учёту истёк: сначала подайте заявление о продлении.",
        "The stay by the register has ended: apply for its extension first.",
    );
    met_if(!has_ended, "type", &text)
}

/// An older card would otherwise take back an extension without a word.
fn change_keeps_the_term(facts: &Facts<'_>) -> Outcome {
    let present = registered(facts).and_then(|registration| registration.valid_until);
    let wanted = facts.form.card.stay.until;
    let is_prolonged = present.is_some_and(|present| wanted.is_none_or(|wanted| wanted > present));
    let text = if is_prolonged {
        Text::fixed(
            "Болу мерзімі тіркеудегіден кеш аяқталады: оны ұзартуға өтініш беріңіз.",
            "Срок пребывания заканчивается позже, чем по учёту: подайте заявление о продлении.",
            "The stay ends later than by the register: apply for its extension.",
        )
    } else {
        Text::fixed(
            "Болу мерзімі тіркеудегіден ерте аяқталады: күнді тіркеудегідей қалдырыңыз, ал ертерек кетсеңіз, есептен шығуға өтініш \
             беріңіз.",
            "Срок пребывания заканчивается раньше, чем по учёту: оставьте дату как в учёте, а уезжая раньше, подайте заявление о \
             снятии с учёта.",
            "The stay ends earlier than by the register: leave the date as it is there; who leaves earlier applies for de-registration.",
        )
    };
    met_if(wanted == present, "card.stay.until", &text)
}

fn extension_ends_later(facts: &Facts<'_>) -> Outcome {
    let present = registered(facts).and_then(|registration| registration.valid_until);
    let text = match (present, facts.form.card.stay.until) {
        (None, _) => Text::fixed(
            "Тіркеудің мерзімі шектелмеген: ұзартатын ештеңе жоқ.",
            "Срок учёта не ограничен: продлевать нечего.",
            "The registration has no end: there is nothing to extend.",
        ),
        (Some(present), Some(wanted)) if wanted > present && wanted >= facts.today => return Outcome::Met,
        (Some(_), _) => Text::fixed(
            "Болу мерзімі қазіргі мерзімнен кеш және бүгіннен ерте емес аяқталуы тиіс.",
            "Срок пребывания должен заканчиваться позже нынешнего и не раньше сегодняшнего дня.",
            "The stay has to end later than the present one and not before today.",
        ),
    };
    met_if(false, "card.stay.until", &text)
}

fn is_deregistration(facts: &Facts<'_>) -> bool {
    is(facts, ApplicationType::Deregister)
}

fn returned_citizen_uses_the_portal(facts: &Facts<'_>) -> Outcome {
    let is_back = facts.form.deregistration.as_ref().is_some_and(|claimed| claimed.returned_on.is_some());
    let text = Text::fixed(
        "Азамат Қазақстанға оралған: өтініш портал арқылы беріледі.",
        "Гражданин вернулся в Казахстан: заявление подаётся через портал.",
        "The citizen is back in Kazakhstan: the application is made through the portal.",
    );
    met_if(!(is_back && facts.channel == Channel::Mission), "deregistration.returned_on", &text)
}

fn ground_applies(facts: &Facts<'_>) -> Outcome {
    let (holds, text) = match facts.form.deregistration_ground() {
        DeregistrationGround::OwnApplication
        | DeregistrationGround::RegisteredElsewhere
        | DeregistrationGround::CitizenshipLost => return Outcome::Met,
        DeregistrationGround::StayExpired => (
            // Who may not learn of the register is not told of its term either.
            registered(facts).is_none_or(|open| open.valid_until.is_some_and(|last| last < facts.today)),
            Text::fixed(
                "Тіркеудегі болу мерзімі әлі аяқталмаған.",
                "Срок пребывания по учёту ещё не истёк.",
                "The stay by the register has not ended yet.",
            ),
        ),
        DeregistrationGround::DeathOrCourtDecision => (
            facts.channel == Channel::Mission || facts.form.representative.is_some(),
            Text::fixed(
                "Бұл негіз бойынша азаматтың өзі өтініш бермейді.",
                "По этому основанию сам гражданин заявление не подаёт.",
                "On this ground the citizen does not apply in person.",
            ),
        ),
    };
    met_if(holds, "deregistration.ground", &text)
}

fn claims_a_ground(facts: &Facts<'_>) -> bool {
    is_deregistration(facts) && facts.form.deregistration_ground().needs_evidence()
}

fn evidence_is_there(facts: &Facts<'_>) -> Outcome {
    let is_there = facts.form.evidence.iter().any(|evidence| evidence.kind == EvidenceKind::DeregistrationProof);
    let text = Text::fixed(
        "Есептен шығару негізін растайтын құжат көрсетілмеген.",
        "Не указан документ, подтверждающий основание снятия с учёта.",
        "No document that shows the ground of de-registration is named.",
    );
    // An officer has seen the paper.
    met_if(is_there || facts.channel == Channel::Mission, "evidence", &text)
}

fn ground_is_verified(facts: &Facts<'_>) -> Outcome {
    let text = match facts.evidence.deregistration_ground {
        Verification::Verified => return Outcome::Met,
        Verification::Pending => Text::fixed(
            "Есептен шығару негізі әлі расталмаған.",
            "Основание снятия с учёта ещё не подтверждено.",
            "The ground of de-registration is not established yet.",
        ),
        Verification::Refuted => Text::fixed(
            "Есептен шығару негізі расталмады.",
            "Основание снятия с учёта не подтвердилось.",
            "The ground of de-registration was not confirmed.",
        ),
    };
    met_if(false, "deregistration.ground", &text)
}

fn is_registered(facts: &Facts<'_>) -> Outcome {
    let mut remarks = Vec::new();
    match &facts.open_registration {
        Some(open) if open.kind == facts.form.kind => {}
        Some(open) => {
            let number = &open.number;
            let text = Text::composed(
                format!("Азаматтың есебі басқа түрде: нөмірі {number}."),
                format!("Гражданин состоит на учёте другого вида: номер {number}."),
                format!("The citizen's registration is of the other kind: number {number}."),
            );
            remarks.push(Remark::new("kind", text));
        }
        None => {
            let text = Text::fixed(
                "Азамат консулдық есепте тұрған жоқ.",
                "Гражданин не состоит на консульском учёте.",
                "The citizen has no open registration.",
            );
            remarks.push(Remark::new("applicant.iin", text));
        }
    }
    met_without(remarks)
}

fn mission_keeps_the_registration(facts: &Facts<'_>) -> Outcome {
    let Some(open) = registered(facts) else { return Outcome::NotApplicable };
    let (mission, number) = (&open.mission, &open.number);
    let text = Text::composed(
        format!("Азаматты {mission} есепте ұстайды, нөмірі {number}."),
        format!("Учёт гражданина ведёт {mission}, номер {number}."),
        format!("The citizen's registration is kept by {mission}, number {number}."),
    );
    met_if(*mission == facts.mission, "mission", &text)
}
