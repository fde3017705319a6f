//! What each code of a violation says to whoever has to mend it; one row a code.

use super::ViolationCode;
use crate::registration::text::Text;

impl ViolationCode {
    /// What is wrong, as far as the code alone tells it.
    #[expect(clippy::too_many_lines, reason = "a table, one row a code")]
    pub const fn text(self) -> Text {
        match self {
            Self::MalformedJson => {
                Text::fixed("Құжат JSON пішімінде емес.", "Документ не в формате JSON.", "The document is not JSON.")
            }
            Self::InvalidUtf8 => Text::fixed(
                "Құжат UTF-8 кодтауында емес.",
                "Документ не в кодировке UTF-8.",
                "The document is not UTF-8.",
            ),
            Self::ByteOrderMark => Text::fixed(
                "Құжат байттар ретінің белгісінен (BOM) басталады: оны алып тастаңыз.",
                "Документ начинается с метки порядка байтов (BOM): уберите её.",
                "The document begins with a byte order mark: take it away.",
            ),
            Self::TrailingData => Text::fixed(
                "Құжаттан кейін артық деректер бар.",
                "После документа следуют лишние данные.",
                "Something follows the document.",
            ),
            Self::TooLarge => Text::fixed("Құжат тым үлкен.", "Документ слишком велик.", "The document is too large."),
            Self::TooDeep => Text::fixed(
                "Құжаттың ішкі деңгейлері тым көп.",
                "Документ вложен слишком глубоко.",
                "The document is nested too deeply.",
            ),
            Self::DuplicateKey => Text::fixed(
                "Бұл өріс екі рет берілген: біреуін қалдырыңыз.",
                "Это поле указано дважды: оставьте одно.",
                "This field stands twice: keep one.",
            ),
            Self::UnknownField => Text::fixed(
                "Мұндай өріс жоқ: оны алып тастаңыз.",
                "Такого поля нет: уберите его.",
                "There is no such field: take it away.",
            ),
            Self::MissingField => Text::fixed(
                "Міндетті өріс толтырылмаған.",
                "Обязательное поле не заполнено.",
                "A required field is not filled in.",
            ),
            Self::WrongType => Text::fixed(
                "Мәннің түрі басқа болуы тиіс.",
                "Значение должно быть другого типа.",
                "The value has to be of another type.",
            ),
            Self::UnknownValue => Text::fixed(
                "Мән рұқсат етілген мәндердің бірі болуы тиіс.",
                "Значение должно быть одним из допустимых.",
                "The value has to be one of those allowed.",
            ),
            Self::BadFormat => Text::fixed(
                "Мән осы өріске белгіленген пішімде емес.",
                "Значение не в том виде, который установлен для этого поля.",
                "The value is not of the form that this field has.",
            ),
            Self::BadLength => Text::fixed(
                "Мән тым қысқа немесе тым ұзын.",
                "Значение слишком короткое или слишком длинное.",
                "The value is too short or too long.",
            ),
            Self::BadCharacter => Text::fixed(
                "Мәнде рұқсат етілмеген таңба бар.",
                "В значении есть недопустимый символ.",
                "The value has a character that is not allowed.",
            ),
            Self::OutOfRange => Text::fixed(
                "Мән рұқсат етілген шектен тыс.",
                "Значение вне допустимых пределов.",
                "The value is outside its range.",
            ),
            Self::Inconsistent => Text::fixed(
                "Мән басқа мәліметтерге қайшы келеді.",
                "Значение противоречит другим сведениям.",
                "The value contradicts something else.",
            ),
            Self::WrongForm => Text::fixed(
                "Бұл құжат басқа нысанға арналған.",
                "Этот документ составлен для другой формы.",
                "The document is made for another form.",
            ),
            Self::WrongVersion => Text::fixed(
                "Нысанның бұл нұсқасы қабылданбайды: қолданыстағы нұсқасын толтырыңыз.",
                "Эта версия формы не принимается: заполните действующую.",
                "This version of the form is not read: fill in the present one.",
            ),
            Self::WrongAudience => Text::fixed(
                "Өтінішке басқа қызмет үшін қол қойылған.",
                "Заявление подписано для другого сервиса.",
                "The application is signed for another service.",
            ),
            Self::IssuedInFuture => Text::fixed(
                "Құжат болашақ уақытпен белгіленген: компьютердің сағатын тексеріңіз.",
                "Документ помечен будущим временем: проверьте часы компьютера.",
                "The document bears a time that is still to come: check the clock of the computer.",
            ),
            Self::Expired => Text::fixed(
                "Құжаттың мерзімі өткен: жаңасын толтырып, қол қойыңыз.",
                "Срок действия документа истёк: заполните и подпишите новый.",
                "The document has expired: fill in and sign a new one.",
            ),
            Self::ExpiryTooFar => Text::fixed(
                "Құжаттың қолданылу мерзімі рұқсат етілгеннен ұзақ.",
                "Срок действия документа больше допустимого.",
                "The document is valid for longer than is allowed.",
            ),
        }
    }
}
