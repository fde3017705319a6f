//! Rules of decision: recorded as findings and cited; never failing the call.

use super::admissibility::{RIGHT_ENDED, has_right_ended, not_registered_here, registers_and_may_be_told};
use super::facts::is_complete;
use super::{
    CITATIONS, District, Facts, Outcome, RefusalCode, Rule, Source, Stage, Verification, always, met_if, writes_card,
};
use crate::registration::form::{ApplicationType, Kind};
use crate::registration::parameters::Period;
use crate::registration::text::Text;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "DEC-CITIZENSHIP",
        stage: Stage::Decision,
        statement: Text::fixed(
            "Өтініш беруші — Қазақстан Республикасының азаматы.",
            "Заявитель является гражданином Республики Казахстан.",
            "The applicant is a citizen of the Republic of Kazakhstan.",
        ),
        citation: &CITATIONS.citizenship,
        source: Source::OfficialPage,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::NotRkCitizen,
        applies: writes_card,
        check: citizen,
    },
    Rule {
        id: "DEC-IDENTITY",
        stage: Stage::Decision,
        statement: Text::fixed(
            "Өтініш берушінің жеке басы жеке басын куәландыратын құжат немесе оның сертификаты бойынша расталған.",
            "Личность заявителя подтверждена документом, удостоверяющим личность, или его сертификатом.",
            "The applicant's identity is established by an identity document or by the applicant's certificate.",
        ),
        citation: &CITATIONS.registration_rules,
        source: Source::OfficialPage,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::IdentityNotVerified,
        applies: always,
        check: identified,
    },
    Rule {
        id: "DEC-DEPARTURE-DECISION",
        stage: Stage::Decision,
        statement: Text::fixed(
            "Тұрақты есепке алу үшін ішкі істер органдарының тұрақты тұруға кетуді рәсімдеу туралы шешімі көрсетілген.",
            "Для постоянного учёта указано решение органов внутренних дел об оформлении выезда на постоянное место жительства.",
            "For permanent registration the decision of the internal-affairs bodies on departure for permanent residence is named.",
        ),
        citation: &CITATIONS.registration_rules,
        source: Source::OfficialPage,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::ExitDecisionRequired,
        applies: registers_permanently,
        check: departure_decision_is_named,
    },
    Rule {
        id: "DEC-DEPARTURE-VERIFIED",
        stage: Stage::Decision,
        statement: Text::fixed(
            "Тұрақты тұруға кету туралы шешім салыстырып тексерілген.",
            "Решение о выезде на постоянное место жительства сверено и подтверждено.",
            "The decision on departure for permanent residence is verified.",
        ),
        citation: &CITATIONS.registration_rules,
        source: Source::OfficialPage,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::ExitDecisionNotVerified,
        applies: names_departure_decision,
        check: departure_decision_is_verified,
    },
    Rule {
        id: "DEC-DISTRICT",
        stage: Stage::Decision,
        statement: Text::fixed(
            "Азаматтың болатын елдегі мекенжайы өтініш берілген шетелдегі мекеменің консулдық округіне жатады.",
            "Адрес гражданина в стране пребывания относится к консульскому округу загранучреждения, в которое подано заявление.",
            "The citizen's address in the host country lies in the consular district of the mission applied to.",
        ),
        citation: &CITATIONS.registration_rules,
        source: Source::OwnDesign,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::WrongConsularDistrict,
        applies: comes_to_the_mission,
        check: mission_is_competent,
    },
    Rule {
        id: "DEC-ONE-REGISTRATION",
        stage: Stage::Decision,
        statement: Text::fixed(
            "Азаматтың басқа мекемеде немесе басқа түр бойынша ашық тіркеуі жоқ: азамат бір ғана есепте тұрады.",
            "У гражданина нет открытого учёта в другом загранучреждении или другого вида: гражданин состоит только на одном учёте.",
            "The citizen has no open registration at another mission or of the other kind: a citizen is registered once.",
        ),
        citation: &CITATIONS.registration_rules,
        source: Source::OwnDesign,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::TransferRequired,
        applies: registers_and_may_be_told,
        check: registered_nowhere_else,
    },
    // ADM-OPEN-REGISTRATION asks when an application is filed. A registration that another application has led to since then, or
    // that nobody could be told of then, is found here.
    Rule {
        id: "DEC-OPEN-REGISTRATION",
        stage: Stage::Decision,
        statement: Text::fixed(
            "Шешім қабылданған кезде азамат осы шетелдегі мекемеде дәл осы түр бойынша есепте тұрмаған.",
            "К моменту решения гражданин не состоит на учёте того же вида в этом загранучреждении.",
            "At the time of the decision the citizen has no open registration of the same kind at the mission applied to.",
        ),
        citation: &CITATIONS.registration_rules,
        source: Source::OwnDesign,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::AlreadyRegistered,
        applies: comes_and_may_be_told,
        check: not_registered_here,
    },
    Rule {
        id: "DEC-REPRESENTATION",
        stage: Stage::Decision,
        statement: Text::fixed(
            "Өкілдің өтініш беруші атынан әрекет ету құқығы құжатпен расталған және шешім қабылданған күні қолданыста.",
            "Право представителя действовать за заявителя подтверждено документом и действует в день решения.",
            "The representative's right to act for the applicant is established by its proof and holds on the day of the decision.",
        ),
        citation: &CITATIONS.civil_code,
        source: Source::SecondarySource,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::RepresentationNotVerified,
        applies: is_represented,
        check: representation_is_verified,
    },
];

fn citizen(facts: &Facts<'_>) -> Outcome {
    let text = match facts.evidence.citizenship {
        Verification::Verified => return Outcome::Met,
        Verification::Pending => Text::fixed(
            "Қазақстан Республикасының азаматтығы әлі расталмаған.",
            "Гражданство Республики Казахстан ещё не подтверждено.",
            "Citizenship of the Republic of Kazakhstan is not established yet.",
        ),
        Verification::Refuted => Text::fixed(
            "Өтініш беруші Қазақстан Республикасының азаматы емес.",
            "Заявитель не является гражданином Республики Казахстан.",
            "The applicant is not a citizen of the Republic of Kazakhstan.",
        ),
    };
    met_if(false, "card.identity.document.type", &text)
}

fn identified(facts: &Facts<'_>) -> Outcome {
    let text = Text::fixed(
        "Өтініш берушінің жеке басы расталмаған.",
        "Личность заявителя не подтверждена.",
        "The applicant's identity is not established.",
    );
    met_if(facts.evidence.identity == Verification::Verified, "card.identity", &text)
}

/// At a change, a transfer or the end of a permanent registration the decision was verified long ago.
fn registers_permanently(facts: &Facts<'_>) -> bool {
    facts.form.kind == Kind::Permanent && facts.form.application_type == ApplicationType::Register
}

/// The citizen is registered at the mission for the first time, or comes from another one.
fn comes_to_the_mission(facts: &Facts<'_>) -> bool {
    matches!(facts.form.application_type, ApplicationType::Register | ApplicationType::Transfer)
}

fn comes_and_may_be_told(facts: &Facts<'_>) -> bool {
    comes_to_the_mission(facts) && facts.may_tell_of_register()
}

fn departure_decision_is_named(facts: &Facts<'_>) -> Outcome {
    let text = Text::fixed(
        "Кету туралы шешімнің органы, нөмірі және күні көрсетілмеген.",
        "Не указаны орган, номер и дата решения о выезде.",
        "Authority, number and date of the departure decision are not all named.",
    );
    met_if(facts.form.card.departure_decision.as_ref().is_some_and(is_complete), "card.departure_decision", &text)
}

fn names_departure_decision(facts: &Facts<'_>) -> bool {
    registers_permanently(facts) && facts.form.card.departure_decision.as_ref().is_some_and(is_complete)
}

fn departure_decision_is_verified(facts: &Facts<'_>) -> Outcome {
    let text = match facts.evidence.departure_decision {
        Verification::Verified => return Outcome::Met,
        Verification::Pending => Text::fixed(
            "Кету туралы шешім әлі салыстырып тексерілмеген.",
            "Решение о выезде ещё не сверено.",
            "The departure decision is not verified yet.",
        ),
        Verification::Refuted => Text::fixed(
            "Кету туралы шешім расталмады.",
            "Решение о выезде не подтвердилось.",
            "The departure decision was not confirmed.",
        ),
    };
    met_if(false, "card.departure_decision", &text)
}

fn mission_is_competent(facts: &Facts<'_>) -> Outcome {
    let text = match &facts.district {
        District::Competent => return Outcome::Met,
        District::Other(mission) => Text::composed(
            format!("Бұл мекенжай бойынша құзыретті мекеме: {mission}."),
            format!("По этому адресу компетентно другое загранучреждение: {mission}."),
            format!("Another mission is competent for this address: {mission}."),
        ),
        District::Undetermined => Text::fixed(
            "Мекенжай бойынша құзыретті мекеме анықталмады; елдің бөлігін (аймағын) көрсетіңіз.",
            "Компетентное загранучреждение по адресу не определено; укажите часть (регион) страны.",
            "The competent mission does not follow from the address; name the part of the country.",
        ),
    };
    met_if(false, "card.stay.host_address.subdivision", &text)
}

fn is_represented(facts: &Facts<'_>) -> bool {
    facts.form.representative.is_some()
}

fn representation_is_verified(facts: &Facts<'_>) -> Outcome {
    let representative = facts.form.representative.as_ref();
    if representative.is_some_and(|person| has_right_ended(person, facts.today)) {
        // It held on the day of filing; nobody is registered by a right that is over.
        return met_if(false, "representative.valid_until", &RIGHT_ENDED);
    }
    let text = match facts.evidence.representation {
        Verification::Verified => return Outcome::Met,
        Verification::Pending => Text::fixed(
            "Өкілдің құқығы әлі расталмаған.",
            "Право представителя ещё не подтверждено.",
            "The representative's right is not established yet.",
        ),
        Verification::Refuted => Text::fixed(
            "Өкілдің құқығы расталмады.",
            "Право представителя не подтвердилось.",
            "The representative's right was not confirmed.",
        ),
    };
    met_if(false, "representative.proof", &text)
}

fn registered_nowhere_else(facts: &Facts<'_>) -> Outcome {
    let Some(open) = &facts.open_registration else { return Outcome::Met };
    if open.mission == facts.mission && open.kind == facts.form.kind {
        // That is the matter of DEC-OPEN-REGISTRATION.
        return Outcome::Met;
    }
    let (mission, number) = (&open.mission, &open.number);
    let text = Text::composed(
        format!("Азаматтың ашық тіркеуі бар: {mission}, нөмірі {number}."),
        format!("У гражданина есть открытый учёт: {mission}, номер {number}."),
        format!("The citizen has an open registration: {mission}, number {number}."),
    );
    met_if(false, "applicant.iin", &text)
}
