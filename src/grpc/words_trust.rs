//! What the refusals of a change of the trust store mean, and what to do next; one row a reason.

use crate::registration::text::Words;
use crate::workflow::TrustReason;

/// The words of a reason.
pub(super) const fn of(reason: TrustReason) -> Words {
    match reason {
        TrustReason::LastActiveAnchor => Words::fixed(
            [
                "Бұл мақсат үшін басқа қолданыстағы сенім тірегі жоқ.",
                "Для этой цели нет другого действующего якоря доверия.",
                "No other anchor is active for a purpose of this one.",
            ],
            [
                "Алдымен оның орнын басатын сертификатты іске қосыңыз.",
                "Сначала введите в действие его преемника.",
                "Activate its successor first.",
            ],
        ),
        TrustReason::SampleNotValid => Words::fixed(
            [
                "Үлгі сертификат бұл тірекпен расталмады.",
                "Образец сертификата не подтверждается этим якорем.",
                "The sample certificate would not validate under this anchor.",
            ],
            [
                "Тірек пен үлгіні тексеріп, сәйкес келетін үлгіні жіберіңіз.",
                "Проверьте якорь и образец и отправьте подходящий образец.",
                "Check both, and send a sample that this authority issued.",
            ],
        ),
        TrustReason::CrlOlder => Words::fixed(
            [
                "Осы шығарушының бұдан жаңа тізімі бар.",
                "Имеется более новый список этого издателя.",
                "A newer list of this issuer is held.",
            ],
            [
                "Ескі тізім ешқашан жаңасын алмастырмайды: шығарушының соңғы тізімін жіберіңіз.",
                "Старый список никогда не заменяет новый: отправьте последний список издателя.",
                "An older one never replaces it: send the issuer's latest.",
            ],
        ),
        TrustReason::CrlIssuerUnknown => Words::fixed(
            [
                "Тізімді шығарған орталық сенім қоймасында жоқ.",
                "Издателя списка нет в хранилище доверия.",
                "The trust store has no authority of the list's name.",
            ],
            [
                "Алдымен оның сертификатын енгізіңіз.",
                "Сначала внесите его сертификат.",
                "Import its certificate first.",
            ],
        ),
        TrustReason::CrlSignatureInvalid => Words::fixed(
            [
                "Тізімге онда аталған орталық қол қоймаған.",
                "Список подписан не тем издателем, который в нём назван.",
                "The list is not signed by the authority that it names.",
            ],
            [
                "Тізімді шығарушының өз көзінен қайта алыңыз.",
                "Получите список заново из источника издателя.",
                "Fetch it again from the authority itself.",
            ],
        ),
        TrustReason::CrlStale => Words::fixed(
            ["Тізімнің мерзімі өткен.", "Срок действия списка истёк.", "The list has run out."],
            [
                "Қазіргі тізімді алып, жіберіңіз.",
                "Получите нынешний список и отправьте его.",
                "Fetch the present one and send it.",
            ],
        ),
        TrustReason::CrlNotYetValid => Words::fixed(
            [
                "Тізім болашақ уақытпен белгіленген.",
                "Список помечен будущим временем.",
                "The list bears a time that is still to come.",
            ],
            [
                "Сағаттарды тексеріңіз немесе сол уақытқа дейін күтіңіз.",
                "Проверьте часы или дождитесь этого времени.",
                "Check the clocks, or wait until then.",
            ],
        ),
        TrustReason::CrlUnusable => Words::fixed(
            [
                "Тізімнің түрі қолданылмайды.",
                "Список такого вида не может использоваться.",
                "The list is of a kind that cannot be used.",
            ],
            [
                "Шығарушыдан RFC 5280 бойынша толық тізім алыңыз.",
                "Получите у издателя полный список по RFC 5280.",
                "Get a complete list after RFC 5280 from its issuer.",
            ],
        ),
    }
}
