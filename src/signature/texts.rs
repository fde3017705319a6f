//! What a verdict means and what can be done about it, in the three languages of the service; one row per outcome.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::conclusion::{Conclusion, FailedReason, IndeterminateReason};

/// A text in Kazakh, Russian and English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// Kazakh.
    pub kk: Cow<'static, str>,
    /// Russian.
    pub ru: Cow<'static, str>,
    /// English.
    pub en: Cow<'static, str>,
}

/// Who can do something about an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Whoever signed, or sent the signature.
    Signer,
    /// The certification authority.
    Authority,
    /// This service and its settings.
    Service,
}

/// Plain words about one outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// What was found.
    pub explanation: Text,
    /// What to do now.
    pub remedy: Text,
    /// Who can do it.
    pub side: Side,
}

type Row = (Side, [&'static str; 3], [&'static str; 3]);

/// The row of an outcome.
pub fn explain(conclusion: Conclusion) -> Explanation {
    let (side, explanation, remedy) = match conclusion {
        Conclusion::TotalPassed => PASSED,
        Conclusion::TotalFailed(reason) => failed(reason),
        Conclusion::Indeterminate(reason) => indeterminate(reason),
    };
    let text = |[kk, ru, en]: [&'static str; 3]| Text { kk: kk.into(), ru: ru.into(), en: en.into() };
    Explanation { explanation: text(explanation), remedy: text(remedy), side }
}

const PASSED: Row = (
    Side::Signer,
    ["Қолтаңба жарамды.", "Подпись действительна.", "The signature is valid."],
    ["Ешқандай әрекет қажет емес.", "Никаких действий не требуется.", "Nothing needs to be done."],
);

const fn failed(reason: FailedReason) -> Row {
    match reason {
        FailedReason::FormatFailure => (
            Side::Signer,
            [
                "Қолтаңбаның құрылымы талаптарға сай емес.",
                "Структура подписи не соответствует требованиям.",
                "The signature does not have the required form.",
            ],
            [
                "Құжатқа басқа бағдарламамен немесе оның жаңа нұсқасымен қайта қол қойыңыз.",
                "Подпишите документ заново другой программой или её новой версией.",
                "Sign the document again with another program or a newer version of it.",
            ],
        ),
        FailedReason::HashFailure => (
            Side::Signer,
            [
                "Құжат қол қойылғаннан кейін өзгертілген.",
                "Документ изменён после подписания.",
                "The document was changed after it was signed.",
            ],
            [
                "Құжаттың өзгертілмеген нұсқасын жіберіңіз немесе қайта қол қойыңыз.",
                "Отправьте неизменённый документ или подпишите его заново.",
                "Send the unchanged document, or sign it again.",
            ],
        ),
        FailedReason::SigCryptoFailure => (
            Side::Signer,
            [
                "Қолтаңба қол қоюшының кілтімен расталмады.",
                "Подпись не подтверждается ключом подписавшего.",
                "The signature does not verify with the signer's key.",
            ],
            [
                "Құжатқа өз кілтіңізбен қайта қол қойыңыз.",
                "Подпишите документ заново своим ключом.",
                "Sign the document again with your own key.",
            ],
        ),
    }
}

const fn indeterminate(reason: IndeterminateReason) -> Row {
    match reason {
        IndeterminateReason::SigConstraintsFailure
        | IndeterminateReason::CryptoConstraintsFailure
        | IndeterminateReason::CryptoConstraintsFailureNoPoe
        | IndeterminateReason::SignedDataNotFound => signature_row(reason),
        IndeterminateReason::RevokedNoPoe
        | IndeterminateReason::RevokedCaNoPoe
        | IndeterminateReason::OutOfBoundsNoPoe
        | IndeterminateReason::TryLater => status_row(reason),
        IndeterminateReason::ChainConstraintsFailure
        | IndeterminateReason::CertificateChainGeneralFailure
        | IndeterminateReason::NoSigningCertificateFound
        | IndeterminateReason::NoCertificateChainFound => certificate_row(reason),
    }
}

/// Outcomes about the signature itself.
const fn signature_row(reason: IndeterminateReason) -> Row {
    match reason {
        IndeterminateReason::SignedDataNotFound => (
            Side::Signer,
            [
                "Қол қойылған құжаттың өзі берілмеген.",
                "Сам подписанный документ не предоставлен.",
                "The signed document itself was not supplied.",
            ],
            [
                "Құжатты қолтаңбамен бірге жіберіңіз.",
                "Отправьте документ вместе с подписью.",
                "Send the document together with the signature.",
            ],
        ),
        IndeterminateReason::CryptoConstraintsFailure => (
            Side::Signer,
            [
                "Қолтаңбаның алгоритмі немесе кілтінің ұзындығы қабылданбайды.",
                "Алгоритм подписи или длина ключа не принимаются.",
                "The algorithm of the signature or the size of its key is not accepted.",
            ],
            [
                "Қабылданатын алгоритмі бар қолданыстағы кілтпен қол қойыңыз.",
                "Подпишите действующим ключом с принимаемым алгоритмом.",
                "Sign with a current key of an accepted algorithm.",
            ],
        ),
        IndeterminateReason::CryptoConstraintsFailureNoPoe => (
            Side::Signer,
            [
                "Қолтаңбаның алгоритмі бұдан былай қабылданбайды, ал қолтаңбаның бұрын қойылғаны дәлелденбеген.",
                "Алгоритм подписи больше не принимается, и не доказано, что подпись поставлена раньше.",
                "The algorithm of the signature is no longer accepted, and nothing proves that the signature is older.",
            ],
            [
                "Қолданыстағы кілтпен қайта қол қойыңыз немесе уақыт белгісі бар қолтаңбаны жіберіңіз.",
                "Подпишите заново действующим ключом или отправьте подпись с меткой времени.",
                "Sign again with a current key, or send the signature with its time stamp.",
            ],
        ),
        _ => (
            Side::Signer,
            [
                "Қолтаңбаның деректері бір-біріне қайшы келеді.",
                "Сведения в подписи противоречат друг другу.",
                "What the signature says about itself is contradictory.",
            ],
            [
                "Құжатқа басқа бағдарламамен қайта қол қойыңыз.",
                "Подпишите документ заново другой программой.",
                "Sign the document again with another program.",
            ],
        ),
    }
}

/// Outcomes about the signer's certificate and its path.
const fn certificate_row(reason: IndeterminateReason) -> Row {
    match reason {
        IndeterminateReason::NoSigningCertificateFound => (
            Side::Signer,
            [
                "Қол қоюшының сертификаты табылмады немесе ол қолтаңбада аталған сертификат емес.",
                "Сертификат подписавшего не найден, или это не тот сертификат, который назван в подписи.",
                "The signer's certificate was not found, or is not the one that the signature names.",
            ],
            [
                "Қолтаңбаға сертификатты қосып, қайта қол қойыңыз.",
                "Подпишите заново, включив сертификат в подпись.",
                "Sign again and include the certificate.",
            ],
        ),
        IndeterminateReason::NoCertificateChainFound => (
            Side::Signer,
            [
                "Сертификатты сенімді куәландырушы орталық бермеген.",
                "Сертификат выдан не доверенным удостоверяющим центром.",
                "The certificate does not lead to a trusted certification authority.",
            ],
            [
                "Ұлттық куәландырушы орталық берген кілтпен қол қойыңыз.",
                "Подпишите ключом, выданным Национальным удостоверяющим центром.",
                "Sign with a key issued by the National Certification Authority.",
            ],
        ),
        IndeterminateReason::ChainConstraintsFailure => (
            Side::Signer,
            [
                "Сертификат құжаттарға қол қоюға арналмаған.",
                "Сертификат не предназначен для подписания документов.",
                "The certificate is not meant for signing documents.",
            ],
            [
                "Аутентификация кілтімен емес, қол қою кілтімен қол қойыңыз.",
                "Подпишите ключом подписи, а не ключом аутентификации.",
                "Sign with the signing key, not with the authentication key.",
            ],
        ),
        _ => (
            Side::Authority,
            [
                "Сертификаттар тізбегін тексеру мүмкін болмады.",
                "Не удалось проверить цепочку сертификатов.",
                "The certification path could not be validated.",
            ],
            [
                "Сертификатты берген куәландырушы орталыққа жүгініңіз.",
                "Обратитесь в удостоверяющий центр, выдавший сертификат.",
                "Turn to the authority that issued the certificate.",
            ],
        ),
    }
}

/// Outcomes about validity and revocation.
const fn status_row(reason: IndeterminateReason) -> Row {
    match reason {
        IndeterminateReason::RevokedNoPoe => (
            Side::Signer,
            ["Сертификат кері қайтарылған.", "Сертификат отозван.", "The certificate is revoked."],
            [
                "Жаңа кілт алып, құжатқа қайта қол қойыңыз.",
                "Получите новый ключ и подпишите документ заново.",
                "Obtain a new key and sign the document again.",
            ],
        ),
        IndeterminateReason::RevokedCaNoPoe => (
            Side::Authority,
            [
                "Куәландырушы орталықтың сертификаты кері қайтарылған.",
                "Сертификат удостоверяющего центра отозван.",
                "The certificate of the certification authority is revoked.",
            ],
            [
                "Куәландырушы орталықтан жаңа кілт алыңыз.",
                "Получите новый ключ в удостоверяющем центре.",
                "Obtain a new key from the certification authority.",
            ],
        ),
        IndeterminateReason::OutOfBoundsNoPoe => (
            Side::Signer,
            [
                "Сертификат тексеру сәтінде жарамды емес: мерзімі өткен немесе әлі басталмаған.",
                "Сертификат не действует на момент проверки: срок истёк или ещё не начался.",
                "The certificate is outside its validity period at the time of judgement.",
            ],
            [
                "Қолданыстағы кілтпен қайта қол қойыңыз.",
                "Подпишите заново действующим ключом.",
                "Sign again with a key that is in force.",
            ],
        ),
        _ => (
            Side::Service,
            [
                "Сертификаттың кері қайтарылмағанын растайтын жаңа мәлімет жоқ.",
                "Нет свежих сведений о том, что сертификат не отозван.",
                "There is no fresh information on whether the certificate is revoked.",
            ],
            ["Кейінірек қайталап көріңіз.", "Повторите попытку позже.", "Try again later."],
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_has_its_own_words_in_three_languages() {
        let outcomes = FailedReason::ALL
            .into_iter()
            .map(Conclusion::from)
            .chain(IndeterminateReason::ALL.into_iter().map(Conclusion::from))
            .chain([Conclusion::TotalPassed]);
        let mut seen = std::collections::HashSet::new();
        for outcome in outcomes {
            let words = explain(outcome);
            assert!(seen.insert(words.explanation.en.clone()), "{outcome} shares its words with another outcome");
            for text in [words.explanation, words.remedy] {
                assert!(!text.kk.is_empty() && !text.ru.is_empty() && text.en.is_ascii());
                assert_ne!(text.kk, text.ru);
            }
        }
    }
}
