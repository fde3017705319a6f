//! Rules of admissibility: not met, the call fails and nothing is opened.

use chrono::NaiveDate;

use super::{
    CITATIONS, Channel, Facts, Outcome, RefusalCode, Remark, Rule, Source, Stage, always, met_if, met_without,
};
use crate::registration::form::{ApplicationType, Representative, RepresentativeKind};
use crate::registration::parameters::{Parameters, Period};
use crate::registration::person::{Iin, age_on};
use crate::registration::text::Text;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "ADM-SIGNATURE",
        stage: Stage::Admissibility,
        statement: Text::fixed(
            "Өтініш жарамды электрондық цифрлық қолтаңбамен куәландырылған.",
            "Заявление удостоверено действительной электронной цифровой подписью.",
            "The application is certified with a valid electronic digital signature.",
        ),
        citation: &CITATIONS.electronic_signature,
        source: Source::SecondarySource,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::SignatureInvalid,
        applies: always,
        check: established,
    },
    Rule {
        id: "ADM-FORM",
        stage: Stage::Admissibility,
        statement: Text::fixed(
            "Өтініш белгіленген нысанда және нұсқада толтырылған, осы қызметке арналған және мерзімі өтпеген.",
            "Заявление составлено по установленной форме и версии, предназначено для этого сервиса, и срок его действия не истёк.",
            "The application follows the established form and version, is meant for this service and has not expired.",
        ),
        citation: &CITATIONS.registration_rules,
        source: Source::OwnDesign,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::FormInvalid,
        applies: always,
        check: established,
    },
    Rule {
        id: "ADM-SIGNER",
        stage: Stage::Admissibility,
        statement: Text::fixed(
            "Өтінішке өтініш берушінің өзі, оның заңды өкілі немесе қағаз түріндегі өтініш кезінде осы шетелдегі мекеменің \
             лауазымды адамы қол қояды.",
            "Заявление подписывает сам заявитель, его законный представитель или, при подаче на бумаге, должностное лицо этого \
             загранучреждения.",
            "The application is signed by the applicant, by the applicant's legal representative or, when filed on paper, by an \
             officer of the mission applied to.",
        ),
        citation: &CITATIONS.registration_rules,
        source: Source::OfficialPage,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::SignerMismatch,
        applies: always,
        check: signer_may_sign,
    },
    Rule {
        id: "ADM-IIN-FORMAT",
        stage: Stage::Admissibility,
        statement: Text::fixed(
            "Өтініш берушінің және оның өкілінің жеке сәйкестендіру нөмірі он екі цифрдан тұрады, бақылау разряды дұрыс.",
            "Индивидуальный идентификационный номер заявителя и его представителя состоит из двенадцати цифр, контрольный разряд \
             верен.",
            "The individual identification number of the applicant and of the representative has twelve digits and a right check \
             digit.",
        ),
        citation: &CITATIONS.identification_numbers,
        source: Source::SecondarySource,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::IinInvalid,
        applies: always,
        check: numbers_are_well_formed,
    },
    Rule {
        id: "ADM-IIN-BIRTHDATE",
        stage: Stage::Admissibility,
        statement: Text::fixed(
            "Карточкада көрсетілген туған күні мен жынысы жеке сәйкестендіру нөміріне сәйкес келеді.",
            "Дата рождения и пол, указанные в карточке, соответствуют индивидуальному идентификационному номеру.",
            "The date of birth and the sex on the card agree with the individual identification number.",
        ),
        citation: &CITATIONS.identification_numbers,
        source: Source::SecondarySource,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::IinBirthdateMismatch,
        applies: number_can_be_compared,
        check: number_agrees_with_card,
    },
    Rule {
        id: "ADM-REPRESENTATIVE",
        stage: Stage::Admissibility,
        statement: Text::fixed(
            "Он сегіз жасқа толмаған азамат үшін өтінішті оның құқығы өтініш күні қолданыста болған заңды өкілі береді; кәмелетке \
             толған азаматтың атынан қорғаншысы немесе қамқоршысы ғана әрекет етеді.",
            "За гражданина младше восемнадцати лет заявление подаёт законный представитель, чьи полномочия действуют в день подачи; \
             за совершеннолетнего действует только его опекун или попечитель.",
            "For a citizen under eighteen the application is filed by a legal representative whose right holds on the day of filing; \
             for an adult only a guardian or trustee acts.",
        ),
        citation: &CITATIONS.civil_code,
        source: Source::SecondarySource,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::RepresentativeRequired,
        applies: needs_representative,
        check: representative_holds,
    },
    Rule {
        id: "ADM-OPEN-REGISTRATION",
        stage: Stage::Admissibility,
        statement: Text::fixed(
            "Азамат осы шетелдегі мекемеде дәл осы түр бойынша есепте тұрмаған.",
            "Гражданин не состоит на учёте того же вида в этом загранучреждении.",
            "The citizen has no open registration of the same kind at the mission applied to.",
        ),
        citation: &CITATIONS.registration_rules,
        source: Source::OwnDesign,
        in_force: Period::ALWAYS,
        refused_with: RefusalCode::AlreadyRegistered,
        applies: registers_and_may_be_told,
        check: not_registered_here,
    },
];

/// Facts are only gathered about a form that came out of a valid signature and passed its schema and header, so that both rules
/// are met wherever they can be asked; the row is there to be cited beside the others.
fn established(_: &Facts<'_>) -> Outcome {
    Outcome::Met
}

fn signer_may_sign(facts: &Facts<'_>) -> Outcome {
    let text = match facts.channel {
        Channel::Mission => {
            if facts.signer.officer_of.as_ref() == Some(&facts.form.mission) {
                return Outcome::Met;
            }
            Text::fixed(
                "Қол қоюшы осы шетелдегі мекеменің лауазымды адамы емес.",
                "Подписавший не является должностным лицом этого загранучреждения.",
                "The signer is no officer of the mission applied to.",
            )
        }
        Channel::Portal if !facts.signer.is_individual() => Text::fixed(
            "Портал арқылы берілетін өтінішке жеке тұлғаның қолтаңба кілтімен қол қойылады.",
            "Заявление через портал подписывается ключом физического лица.",
            "An application through the portal is signed with the key of an individual.",
        ),
        Channel::Portal => {
            let signer = facts.signer.iin.as_deref();
            let applicant = facts.form.applicant.iin.as_str();
            let representative = facts.form.representative.as_ref().map(|person| person.iin.as_str());
            // Who needs a representative, because of age or as an incapable person under guardianship, does not act alone: where one is
            // named, only that one signs. Where none is named for a minor, ADM-REPRESENTATIVE refuses.
            let kind = facts.form.representative.as_ref().map(|person| person.kind);
            let is_ward = facts.is_minor() && kind.is_some() || kind == Some(RepresentativeKind::Guardian);
            let may_sign_alone = !is_ward;
            if signer.is_some() && (signer == representative || may_sign_alone && signer == Some(applicant)) {
                return Outcome::Met;
            }
            Text::fixed(
                "Сертификаттағы жеке сәйкестендіру нөмірі өтініш берушінің де, оның өкілінің де нөміріне сәйкес келмейді.",
                "Индивидуальный идентификационный номер в сертификате не совпадает ни с номером заявителя, ни с номером \
                 представителя.",
                "The individual identification number in the certificate is neither the applicant's nor the representative's.",
            )
        }
    };
    Outcome::NotMet(vec![Remark::new("applicant.iin", text)])
}

fn numbers_are_well_formed(facts: &Facts<'_>) -> Outcome {
    let representative = facts.form.representative.as_ref();
    let numbers = [
        Some(("applicant.iin", &facts.form.applicant.iin)),
        representative.map(|person| ("representative.iin", &person.iin)),
    ];
    let remarks = numbers
        .into_iter()
        .flatten()
        .filter(|(_, iin)| Iin::parse(iin, facts.identifiers).is_err())
        .map(|(field, _)| {
            let text = Text::fixed(
                "Жеке сәйкестендіру нөмірі қате.",
                "Индивидуальный идентификационный номер неверен.",
                "The individual identification number is wrong.",
            );
            Remark::new(field, text)
        })
        .collect();
    met_without(remarks)
}

fn number_can_be_compared(facts: &Facts<'_>) -> bool {
    let identity = &facts.form.card.identity;
    let is_written = identity.birth_date.is_some() || identity.sex.is_some();
    is_written && facts.applicant().is_some_and(|iin| !iin.is_national_test())
}

fn number_agrees_with_card(facts: &Facts<'_>) -> Outcome {
    let Some(iin) = facts.applicant() else { return Outcome::NotApplicable };
    let identity = &facts.form.card.identity;
    let mut remarks = Vec::new();
    if identity.birth_date.is_some() && identity.birth_date != iin.birth_date() {
        let text = Text::fixed(
            "Туған күні жеке сәйкестендіру нөміріне сәйкес келмейді.",
            "Дата рождения не соответствует индивидуальному идентификационному номеру.",
            "The date of birth does not agree with the individual identification number.",
        );
        remarks.push(Remark::new("card.identity.birth_date", text));
    }
    if identity.sex.is_some() && identity.sex != iin.sex() {
        let text = Text::fixed(
            "Жынысы жеке сәйкестендіру нөміріне сәйкес келмейді.",
            "Пол не соответствует индивидуальному идентификационному номеру.",
            "The sex does not agree with the individual identification number.",
        );
        remarks.push(Remark::new("card.identity.sex", text));
    }
    met_without(remarks)
}

/// A first registration, whose applicant may learn what the register holds; see [`Facts::may_tell_of_register`].
pub(super) fn registers_and_may_be_told(facts: &Facts<'_>) -> bool {
    facts.form.application_type == ApplicationType::Register && facts.may_tell_of_register()
}

fn needs_representative(facts: &Facts<'_>) -> bool {
    facts.is_minor() || facts.form.representative.is_some()
}

fn representative_holds(facts: &Facts<'_>) -> Outcome {
    let Some(representative) = &facts.form.representative else {
        let text = Text::fixed(
            "Он сегіз жасқа толмаған азамат үшін заңды өкіл көрсетілуі тиіс.",
            "Для гражданина младше восемнадцати лет должен быть указан законный представитель.",
            "A citizen under eighteen needs a legal representative.",
        );
        return met_if(false, "representative", &text);
    };
    let mut remarks = Vec::new();
    let full_age = Parameters::on(facts.today).full_age;
    let born = Iin::parse(&representative.iin, facts.identifiers).ok().and_then(|iin| iin.birth_date());
    if representative.iin == facts.form.applicant.iin || born.is_some_and(|born| age_on(born, facts.today) < full_age) {
        let text = Text::fixed(
            "Өкіл — өтініш берушінің өзі емес, кәмелетке толған басқа адам.",
            "Представитель — другое, совершеннолетнее лицо, а не сам заявитель.",
            "The representative is another person, of full age, and not the applicant.",
        );
        remarks.push(Remark::new("representative.iin", text));
    }
    if !facts.is_minor() && !speaks_of_incapacity(representative.kind) {
        let text = Text::fixed(
            "Кәмелетке толған адамның атынан тек қорғаншы немесе қамқоршы әрекет етеді.",
            "За совершеннолетнего действует только опекун или попечитель.",
            "Only a guardian or a trustee acts for an adult.",
        );
        remarks.push(Remark::new("representative.kind", text));
    }
    if representative.kind == RepresentativeKind::Trustee && facts.is_under(Parameters::on(facts.today).trusteeship_age)
    {
        let text = Text::fixed(
            "Он төрт жасқа толмаған адамның атынан қамқоршы емес, ата-анасы немесе қорғаншысы әрекет етеді.",
            "За лицо младше четырнадцати лет действует не попечитель, а родитель или опекун.",
            "For somebody under fourteen no trustee acts, but a parent or a guardian.",
        );
        remarks.push(Remark::new("representative.kind", text));
    }
    if representative.proof.issued_on > facts.today {
        let text = Text::fixed(
            "Өкілдің құқығын растайтын құжат әлі берілмеген.",
            "Документ о полномочиях представителя ещё не выдан.",
            "The document that proves the representative's right is not issued yet.",
        );
        remarks.push(Remark::new("representative.proof.issued_on", text));
    }
    if has_right_ended(representative, facts.today) {
        remarks.push(Remark::new("representative.valid_until", RIGHT_ENDED));
    }
    met_without(remarks)
}

pub(super) const RIGHT_ENDED: Text = Text::fixed(
    "Өкілдің құқығының мерзімі өтіп кеткен.",
    "Срок полномочий представителя истёк.",
    "The representative's right has ended.",
);

/// Whether the right, by what the form says of it, is over on that day.
pub(super) fn has_right_ended(representative: &Representative, day: NaiveDate) -> bool {
    representative.valid_until.is_some_and(|last| last < day)
}

/// A parent's right ends when the child comes of age; a guardian or trustee is appointed for adults too.
fn speaks_of_incapacity(kind: RepresentativeKind) -> bool {
    match kind {
        RepresentativeKind::Guardian | RepresentativeKind::Trustee => true,
        RepresentativeKind::Parent | RepresentativeKind::AdoptiveParent => false,
    }
}

/// Asked when an application is filed, and again when it is decided.
pub(super) fn not_registered_here(facts: &Facts<'_>) -> Outcome {
    let Some(open) = &facts.open_registration else { return Outcome::Met };
    if open.mission != facts.mission || open.kind != facts.form.kind {
        return Outcome::Met;
    }
    let number = &open.number;
    let text = Text::composed(
        format!("Азамат осы мекемеде есепте тұр, тіркеу нөмірі {number}."),
        format!("Гражданин уже состоит на учёте в этом загранучреждении, регистрационный номер {number}."),
        format!("The citizen is registered at this mission already, registration number {number}."),
    );
    Outcome::NotMet(vec![Remark::new("applicant.iin", text)])
}
