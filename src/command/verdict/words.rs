//! What a verdict means at the command line, where whoever asks also gives what it rests on: what is missing is an option to add, and nobody's
//! fault. The report itself says the same everywhere.

use super::{Grounds, Subject};
use crate::signature::{Conclusion, Explanation, IndeterminateReason, Side, Text, explain};

/// What is told of a conclusion on `what`.
pub(super) fn of(conclusion: Conclusion, what: Subject, grounds: Grounds<'_>) -> Explanation {
    let words = explain(conclusion);
    match conclusion {
        Conclusion::TotalPassed if what == Subject::Certificate => Explanation { explanation: VALID.text(), ..words },
        Conclusion::Indeterminate(reason) => match reason {
            IndeterminateReason::NoCertificateChainFound if grounds.store.entries().is_empty() => without_anchor(),
            IndeterminateReason::NoCertificateChainFound => asked_for(NO_PATH, ADD_AUTHORITY),
            IndeterminateReason::TryLater => Explanation { remedy: ADD_LIST.text(), ..words },
            IndeterminateReason::NoSigningCertificateFound => Explanation { remedy: ADD_SIGNER.text(), ..words },
            IndeterminateReason::SignedDataNotFound => Explanation { remedy: ADD_CONTENT.text(), ..words },
            _ => words,
        },
        _ => words,
    }
}

/// What a verdict means that had nothing to rest on.
pub fn without_anchor() -> Explanation {
    asked_for(NO_ANCHOR, ADD_ANCHOR)
}

/// Something that the command line did not give.
fn asked_for(explanation: Words, remedy: Words) -> Explanation {
    Explanation { explanation: explanation.text(), remedy: remedy.text(), side: Side::Service }
}

/// A sentence in Kazakh, Russian and English.
#[derive(Clone, Copy)]
struct Words(&'static str, &'static str, &'static str);

impl Words {
    fn text(self) -> Text {
        Text { kk: self.0.into(), ru: self.1.into(), en: self.2.into() }
    }
}

const VALID: Words = Words("Сертификат жарамды.", "Сертификат действителен.", "The certificate is valid.");

const NO_ANCHOR: Words = Words(
    "Сенім тірегі берілмеген, сондықтан ешбір қолтаңба расталмайды.",
    "Якорь доверия не указан, поэтому никакая подпись не может подтвердиться.",
    "No trust anchor was given, so that no signature can pass.",
);

const ADD_ANCHOR: Words = Words(
    "Сенім тірегін атаңыз: --trust-anchor FILE.",
    "Укажите якорь доверия: --trust-anchor FILE.",
    "Name a trust anchor: --trust-anchor FILE.",
);

const NO_PATH: Words = Words(
    "Берілген сертификаттардың ешқайсысы арқылы сенім тірегіне жол табылмады.",
    "Из указанных сертификатов путь к якорю доверия не складывается.",
    "The certificates that were given make no path to a trust anchor.",
);

const ADD_AUTHORITY: Words = Words(
    "Аралықтағы куәландырушы орталықтардың сертификаттарын беріңіз: --certificate FILE; немесе басқа сенім тірегін: --trust-anchor FILE.",
    "Укажите сертификаты промежуточных удостоверяющих центров: --certificate FILE; или другой якорь доверия: --trust-anchor FILE.",
    "Give the certificates of the authorities between with --certificate FILE, or another anchor with --trust-anchor FILE.",
);

const ADD_LIST: Words = Words(
    "Куәландырушы орталықтың тексеру сәтінде күші бар қайтару тізімін беріңіз: --crl FILE; немесе OCSP жауабын: --ocsp FILE.",
    "Укажите список отзыва удостоверяющего центра, действующий на момент проверки: --crl FILE; или ответ OCSP: --ocsp FILE.",
    "Give the authority's revocation list that is current at the time of judgement with --crl FILE, or its OCSP response with --ocsp FILE.",
);

const ADD_SIGNER: Words = Words(
    "Қол қоюшының сертификатын беріңіз: --certificate FILE.",
    "Укажите сертификат подписавшего: --certificate FILE.",
    "Give the signer's certificate with --certificate FILE.",
);

const ADD_CONTENT: Words = Words(
    "Қол қойылған құжатты беріңіз: --content FILE.",
    "Укажите подписанный документ: --content FILE.",
    "Give the signed document with --content FILE.",
);
