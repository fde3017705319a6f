//! Rules of officers' acts: not met, the act fails with the findings and nothing changes.

use super::{CITATIONS, Facts, Outcome, RefusalCode, Remark, Rule, Source, Stage, met_if, met_without};
use crate::registration::ApplicationState;
use crate::registration::act::Act;
use crate::registration::document::DocumentKind;
use crate::registration::parameters::{Parameters, Period};
use crate::registration::text::Text;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "ACT-GROUND",
        stage: Stage::Act,
        statement: Text::fixed(
            "Мемлекеттік қызметті көрсетуден тізбеде көзделген негіздер бойынша ғана бас тартылады.",
            "В оказании государственной услуги отказывается только по основаниям, предусмотренным перечнем.",
            "An application is refused only on a ground of the list.",
        ),
        citation: &CITATIONS.registration_rules,
        source: Source::OfficialPage,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::RefusalGroundInvalid,
        applies: refuses,
        check: ground_is_listed,
    },
    Rule {
        id: "ACT-REASON",
        stage: Stage::Act,
        statement: Text::fixed(
            "Бас тарту қазақ және орыс тілдерінде дәлелденеді.",
            "Отказ мотивируется на казахском и русском языках.",
            "A refusal is reasoned in Kazakh and in Russian.",
        ),
        citation: &CITATIONS.administrative_procedure,
        source: Source::OfficialPage,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::ReasonRequired,
        applies: refuses,
        check: is_reasoned,
    },
    Rule {
        id: "ACT-HEARING-NOTICE",
        stage: Stage::Act,
        statement: Text::fixed(
            "Өтініш беруші алда болатын тыңдауға шақырылады.",
            "Заявитель приглашается на заслушивание, которое ещё предстоит.",
            "The applicant is invited to a hearing that is still to come.",
        ),
        citation: &CITATIONS.administrative_procedure,
        source: Source::OwnDesign,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::HearingRequired,
        applies: announces,
        check: hearing_is_to_come,
    },
    Rule {
        id: "ACT-HEARING",
        stage: Stage::Act,
        statement: Text::fixed(
            "Бас тартар алдында өтініш берушіге алдын ала шешім хабарланып, ол тыңдалады; тек сол негіз бойынша және қарсылығы \
             қабылданбаса ғана бас тартылады.",
            "До отказа заявителю сообщается предварительное решение, и он заслушивается; отказать можно лишь по тому же основанию и \
             если возражение не было принято.",
            "Before a refusal the applicant is told of the preliminary decision and heard; it is refused on that ground only, and not \
             once the objection was upheld.",
        ),
        citation: &CITATIONS.administrative_procedure,
        source: Source::OfficialPage,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::HearingRequired,
        applies: refuses_finally,
        check: was_announced,
    },
    Rule {
        id: "ACT-OBJECTION-TERM",
        stage: Stage::Act,
        statement: Text::fixed(
            "Қарсылық білдіру мерзімі өткенге дейін бас тартылмайды.",
            "До истечения срока на возражение не отказывается.",
            "Nobody is refused before the term for objecting is over.",
        ),
        citation: &CITATIONS.administrative_procedure,
        source: Source::SecondarySource,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::ObjectionPeriodOpen,
        applies: refuses_what_was_announced,
        check: objection_term_is_over,
    },
    Rule {
        id: "ACT-PROTOCOL",
        stage: Stage::Act,
        statement: Text::fixed(
            "Тыңдау хаттамасында заңда талап етілетін барлық мәліметтер бар, ал тыңдау хабарланған уақыттан ерте өткізілмеген.",
            "Протокол заслушивания содержит все сведения, требуемые законом, и заслушивание прошло не раньше объявленного времени.",
            "The protocol of the hearing has every item that the law demands, and the hearing was not held before the announced time.",
        ),
        citation: &CITATIONS.administrative_procedure,
        source: Source::OfficialPage,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::ProtocolIncomplete,
        applies: records_hearing,
        check: protocol_is_complete,
    },
    Rule {
        id: "ACT-FOUR-EYES",
        stage: Stage::Act,
        statement: Text::fixed(
            "Бас тарту туралы түпкілікті шешімді алдын ала шешімді шығармаған лауазымды адам қабылдайды.",
            "Окончательное решение об отказе принимает не то должностное лицо, которое вынесло предварительное.",
            "The final refusal is decided by another officer than the one who announced it.",
        ),
        citation: &CITATIONS.administrative_procedure,
        source: Source::OwnDesign,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::OtherOfficerRequired,
        applies: refuses_finally,
        check: is_decided_by_another,
    },
    Rule {
        id: "ACT-DOCUMENT",
        stage: Stage::Act,
        statement: Text::fixed(
            "Берілетін құжат есептің түріне және өтініш беру тәсіліне сәйкес келеді.",
            "Выдаваемый документ соответствует виду учёта и способу подачи заявления.",
            "The document that is given fits the kind of registration and the way of filing.",
        ),
        citation: &CITATIONS.registration_rules,
        source: Source::OfficialPage,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::DocumentNotApplicable,
        applies: names_document,
        check: document_fits,
    },
];

fn refuses(facts: &Facts<'_>) -> bool {
    matches!(facts.act.map(|facts| facts.act), Some(Act::PreliminaryRefusal { .. } | Act::Refuse { .. }))
}

fn refuses_finally(facts: &Facts<'_>) -> bool {
    matches!(facts.act.map(|facts| facts.act), Some(Act::Refuse { .. }))
}

fn refuses_what_was_announced(facts: &Facts<'_>) -> bool {
    refuses_finally(facts) && facts.act.is_some_and(|act| act.announced.is_some())
}

fn announces(facts: &Facts<'_>) -> bool {
    matches!(facts.act.map(|facts| facts.act), Some(Act::PreliminaryRefusal { .. }))
}

fn records_hearing(facts: &Facts<'_>) -> bool {
    matches!(facts.act.map(|facts| facts.act), Some(Act::RecordHearing { .. }))
}

fn names_document(facts: &Facts<'_>) -> bool {
    matches!(facts.act.map(|facts| facts.act), Some(Act::Approve { document: Some(_) }))
}

fn ground_is_listed(facts: &Facts<'_>) -> Outcome {
    let Some(Act::PreliminaryRefusal { grounds, .. } | Act::Refuse { grounds }) = facts.act.map(|facts| facts.act)
    else {
        return Outcome::NotApplicable;
    };
    let text = Text::fixed(
        "Негіз мыналардың бірі болуы тиіс: UNRELIABLE_DOCUMENTS_OR_DATA, NON_COMPLIANCE_WITH_RULES, NO_PERSONAL_DATA_CONSENT.",
        "Основание — одно из: UNRELIABLE_DOCUMENTS_OR_DATA, NON_COMPLIANCE_WITH_RULES, NO_PERSONAL_DATA_CONSENT.",
        "The ground is one of UNRELIABLE_DOCUMENTS_OR_DATA, NON_COMPLIANCE_WITH_RULES, NO_PERSONAL_DATA_CONSENT.",
    );
    met_if(grounds.listed().is_some(), "decision.grounds.ground", &text)
}

fn is_reasoned(facts: &Facts<'_>) -> Outcome {
    let Some(Act::PreliminaryRefusal { grounds, .. } | Act::Refuse { grounds }) = facts.act.map(|facts| facts.act)
    else {
        return Outcome::NotApplicable;
    };
    let mut remarks = Vec::new();
    if grounds.reason_kk.is_none() {
        let text = Text::fixed(
            "Қазақ тіліндегі дәлелдеме жоқ.",
            "Нет мотивировки на казахском языке.",
            "The reasons in Kazakh are missing.",
        );
        remarks.push(Remark::new("decision.grounds.reason_kk", text));
    }
    if grounds.reason_ru.is_none() {
        let text = Text::fixed(
            "Орыс тіліндегі дәлелдеме жоқ.",
            "Нет мотивировки на русском языке.",
            "The reasons in Russian are missing.",
        );
        remarks.push(Remark::new("decision.grounds.reason_ru", text));
    }
    met_without(remarks)
}

fn hearing_is_to_come(facts: &Facts<'_>) -> Outcome {
    let Some((now, Act::PreliminaryRefusal { hearing, .. })) = facts.act.map(|facts| (facts.now, facts.act)) else {
        return Outcome::NotApplicable;
    };
    let text = Text::fixed(
        "Тыңдау уақыты өтіп кеткен.",
        "Время заслушивания уже прошло.",
        "The time of the hearing has passed.",
    );
    met_if(hearing.time > now, "decision.hearing.time", &text)
}

fn was_announced(facts: &Facts<'_>) -> Outcome {
    let Some((facts, Act::Refuse { grounds })) = facts.act.map(|facts| (facts, facts.act)) else {
        return Outcome::NotApplicable;
    };
    let heard = matches!(facts.state, ApplicationState::PreliminaryRefusal | ApplicationState::Heard);
    let Some(announced) = facts.announced.filter(|_| heard) else {
        let text = Text::fixed(
            "Алдымен алдын ала шешім шығарылып, өтініш беруші тыңдалуға шақырылуы тиіс.",
            "Сначала выносится предварительное решение, и заявитель приглашается на заслушивание.",
            "First the preliminary decision has to be announced and the applicant invited to be heard.",
        );
        return met_if(false, "act", &text);
    };
    let mut remarks = Vec::new();
    if grounds.listed() != announced.grounds.listed() {
        let text = Text::fixed(
            "Бұл негіз алдын ала шешімде хабарланбаған.",
            "Это основание не было объявлено предварительным решением.",
            "This ground was not announced by the preliminary decision.",
        );
        remarks.push(Remark::new("decision.grounds.ground", text));
    }
    if facts.is_objection_upheld {
        let text = Text::fixed(
            "Өтініш берушінің қарсылығы қабылданған.",
            "Возражение заявителя принято.",
            "The applicant's objection was upheld.",
        );
        remarks.push(Remark::new("act", text));
    }
    met_without(remarks)
}

fn objection_term_is_over(facts: &Facts<'_>) -> Outcome {
    let Some((act, announced)) = facts.act.and_then(|act| Some((act, act.announced?))) else {
        return Outcome::NotApplicable;
    };
    let until = announced.objection_until;
    let day = until.format("%Y-%m-%d %H:%M UTC");
    let text = Text::composed(
        format!("Өтініш беруші {day} дейін қарсылық білдіре алады."),
        format!("Заявитель вправе возразить до {day}."),
        format!("The applicant may object until {day}."),
    );
    met_if(act.now > until, "time", &text)
}

fn protocol_is_complete(facts: &Facts<'_>) -> Outcome {
    let Some((facts, Act::RecordHearing { protocol, .. })) = facts.act.map(|facts| (facts, facts.act)) else {
        return Outcome::NotApplicable;
    };
    let mut items = protocol.missing();
    let announced = facts.announced.map(|announced| announced.hearing.time);
    if protocol.begin.is_some_and(|begin| announced.is_some_and(|announced| begin < announced)) {
        items.push("begin");
    }
    if protocol.end.is_some_and(|end| end > facts.now) {
        items.push("end");
    }
    let text = Text::fixed(
        "Хаттаманың бұл мәліметі жоқ немесе қате.",
        "Этих сведений в протоколе нет, или они неверны.",
        "This item of the protocol is missing or wrong.",
    );
    let remark = |item: &str| Remark::new(format!("decision.protocol.{item}"), text.clone());
    met_without(items.into_iter().map(remark).collect())
}

fn is_decided_by_another(facts: &Facts<'_>) -> Outcome {
    let by_the_same = facts.act.is_some_and(|act| act.is_by_who_announced);
    let text = Text::fixed(
        "Түпкілікті шешімді басқа лауазымды адам қабылдауы тиіс.",
        "Окончательное решение должно принять другое должностное лицо.",
        "Another officer has to decide.",
    );
    met_if(!(by_the_same && Parameters::on(facts.today).refusal_by_another_officer), "signed_act", &text)
}

fn document_fits(facts: &Facts<'_>) -> Outcome {
    let Some(Act::Approve { document: Some(named) }) = facts.act.map(|facts| facts.act) else {
        return Outcome::NotApplicable;
    };
    let fitting = DocumentKind::on_completion(facts.form.application_type, facts.form.kind, facts.channel);
    let text = match fitting.map(DocumentKind::title) {
        Some(title) => Text::composed(
            format!("Мұндай өтініш бойынша берілетін құжат: «{}».", title.kk),
            format!("По такому заявлению выдаётся другой документ: «{}».", title.ru),
            format!("Such an application ends with another document: “{}”.", title.en),
        ),
        None => Text::fixed(
            "Мұндай өтініш бойынша құжат берілмейді: тізілімге жазба енгізіледі.",
            "По такому заявлению документ не выдаётся: делается запись в реестре.",
            "Such an application ends with an entry in the register and no document.",
        ),
    };
    met_if(fitting == Some(*named), "decision.document", &text)
}
