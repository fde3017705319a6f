//! What every reason of an error means, and what to do next; one row a reason.

use super::reason::Reason;
use super::words_trust;
use crate::registration::text::{Text, Words};
use crate::signature;

impl Reason {
    /// What the reason means for whoever called or signed, and what to do next.
    #[expect(clippy::too_many_lines, reason = "a table, one row a reason")]
    pub fn words(self) -> Words {
        match self {
            Self::Law(code) => code.words(),
            Self::Trust(reason) => words_trust::of(reason),
            Self::Signature(conclusion) | Self::RevocationInformationUnavailable(conclusion) => {
                let words = signature::explain(conclusion);
                Words { meaning: text(words.explanation), advice: text(words.remedy) }
            }
            Self::RequestInvalid => Words::fixed(
                ["Сұраудың өрістері қате.", "Поля запроса неверны.", "Fields of the request are wrong."],
                [
                    "Аталған өрістерді түзетіп, сұрауды қайталаңыз.",
                    "Исправьте названные поля и повторите запрос.",
                    "Mend the fields named and repeat the call.",
                ],
            ),
            Self::NotAdmissible => Words::fixed(
                [
                    "Өтініш қабылдау шарттарына сай емес.",
                    "Заявление не отвечает условиям приёма.",
                    "The application is not admissible.",
                ],
                [
                    "Аталған ескертулерді түзетіп, өтінішке қайта қол қойыңыз.",
                    "Устраните названные замечания и подпишите заявление заново.",
                    "Mend what is named and sign the application anew.",
                ],
            ),
            Self::ActNotAllowed => Words::fixed(
                [
                    "Заң бұл әрекетке рұқсат бермейді.",
                    "Закон не допускает этого действия.",
                    "The law does not allow this act.",
                ],
                [
                    "Аталған ескертулерді түзетіп, актіге қайта қол қойыңыз.",
                    "Устраните названные замечания и подпишите акт заново.",
                    "Mend what is named and sign the act anew.",
                ],
            ),
            Self::SeveralSigners => Words::fixed(
                [
                    "Құжатта бірнеше қолтаңба бар.",
                    "В документе несколько подписей.",
                    "The document has several signatures.",
                ],
                [
                    "Бір ғана адам қол қойған құжатты жіберіңіз.",
                    "Отправьте документ, подписанный одним лицом.",
                    "Send a document signed by one person only.",
                ],
            ),
            Self::SignerNotOfficer => Words::fixed(
                [
                    "Қол қоюшы бұл әрекетті жасауға құқығы бар лауазымды адам емес.",
                    "Подписавший не является должностным лицом, которое вправе это сделать.",
                    "The signer is not an officer who may do this.",
                ],
                [
                    "Мекеменің лауазымды адамының ЭЦҚ кілтімен қол қойыңыз немесе әкімшіден лауазымды адамдар \
                     тізімін тексеруді сұраңыз.",
                    "Подпишите ключом ЭЦП должностного лица или попросите администратора проверить список \
                     должностных лиц.",
                    "Sign with the EDS key of an officer of the mission, or ask the administrator to check the list \
                     of officers.",
                ],
            ),
            Self::WrongState => Words::fixed(
                [
                    "Қазіргі күйде бұл әрекетті жасауға болмайды.",
                    "В нынешнем состоянии это действие невозможно.",
                    "This cannot be done in the present state.",
                ],
                [
                    "Күйін қайта қарап, сол күйге сай әрекетті таңдаңыз.",
                    "Посмотрите состояние ещё раз и выберите подходящее действие.",
                    "Look at the state again and choose what fits it.",
                ],
            ),
            Self::StillAwaiting => Words::fixed(
                [
                    "Мақұлдау үшін қажетті тексерулер аяқталмаған.",
                    "Не завершены проверки, необходимые для одобрения.",
                    "What has to come before an approval is still awaited.",
                ],
                [
                    "Аталған тексерулерді аяқтап, қайталаңыз.",
                    "Завершите названные проверки и повторите.",
                    "See to what is named, and repeat.",
                ],
            ),
            Self::VersionConflict => Words::fixed(
                [
                    "Деректер Сіз көргеннен кейін өзгерген.",
                    "Данные изменились после того, как Вы их видели.",
                    "The data changed after you saw them.",
                ],
                [
                    "Оларды қайта оқып, жаңа нұсқасы бойынша шешім қабылдаңыз.",
                    "Прочитайте их снова и примите решение по новой версии.",
                    "Read them again and decide on the new version.",
                ],
            ),
            Self::ApplicationIdReused => Words::fixed(
                [
                    "Бұл application_id басқа мазмұнмен пайдаланылған.",
                    "Этот application_id уже использован с другим содержанием.",
                    "This application_id was used before with other content.",
                ],
                [
                    "Жаңа өтініш үшін жаңа application_id алыңыз.",
                    "Возьмите для нового заявления новый application_id.",
                    "Take a new application_id for a new application.",
                ],
            ),
            Self::RequestIdReused => Words::fixed(
                [
                    "Бұл request_id басқа мазмұнмен пайдаланылған.",
                    "Этот request_id уже использован с другим содержанием.",
                    "This request_id was used before with other content.",
                ],
                [
                    "Жаңа сұрау үшін жаңа request_id алыңыз.",
                    "Возьмите для нового запроса новый request_id.",
                    "Take a new request_id for a new call.",
                ],
            ),
            Self::EvidenceIncomplete => Words::fixed(
                [
                    "Есепті қайталау мүмкін емес: оның дәлелдемелері жоқ немесе өзгертілген.",
                    "Отчёт невозможно повторить: его доказательства отсутствуют или изменены.",
                    "The report cannot be repeated: evidence that it rests on is missing or altered.",
                ],
                [
                    "Аталған деректерді сақтық көшірмеден қалпына келтіруді әкімшіден сұраңыз.",
                    "Попросите администратора восстановить названные данные из резервной копии.",
                    "Ask the administrator to restore what is named from a backup.",
                ],
            ),
            Self::NotFound => Words::fixed(
                [
                    "Мұндай жазба жоқ немесе ол Сізге ашық емес.",
                    "Такой записи нет, или она Вам не доступна.",
                    "There is no such record, or it is not open to you.",
                ],
                ["Нөмірін немесе атауын тексеріңіз.", "Проверьте номер или имя.", "Check the number or the name."],
            ),
            Self::TokenInvalid => Words::fixed(
                [
                    "Бет немесе жалғастыру белгісі осы қызметтікі емес.",
                    "Метка страницы или продолжения выдана не этим сервисом.",
                    "The page or resume token is not one of this service's.",
                ],
                [
                    "Тізімді немесе ағынды басынан бастаңыз.",
                    "Начните список или поток сначала.",
                    "Begin the list or the stream from its start.",
                ],
            ),
            Self::ListTooLarge => Words::fixed(
                [
                    "Бір тізімге сыятыннан көп жазба бар.",
                    "Записей больше, чем вмещает один список.",
                    "There are more entries than one list may have.",
                ],
                [
                    "Елдің бір бөлігін, қысқарақ кезеңді немесе кейбір жағдайдағыларды ғана сұраңыз.",
                    "Запросите часть страны, более короткий период или только некоторые состояния.",
                    "Ask for a part of the country, a shorter period, or some states only.",
                ],
            ),
            Self::NotSandbox => Words::fixed(
                [
                    "Бұл тек сынақ ортасында мүмкін.",
                    "Это возможно только в испытательной среде.",
                    "This is possible in the sandbox only.",
                ],
                ["Сынақ ортасын іске қосыңыз.", "Запустите испытательную среду.", "Start a sandbox."],
            ),
            Self::Unavailable => Words::fixed(
                [
                    "Қызметке қажетті жүйе уақытша жауап бермейді.",
                    "Необходимая система временно не отвечает.",
                    "Something that the service needs does not answer just now.",
                ],
                ["Біраздан кейін қайталаңыз.", "Повторите немного позже.", "Try again in a while."],
            ),
            Self::Overtaken => Words::fixed(
                [
                    "Осы уақытта басқа өзгеріс енгізілді.",
                    "Тем временем внесено другое изменение.",
                    "Another change came in between.",
                ],
                ["Әрекетті қайталаңыз.", "Повторите действие.", "Repeat what you did."],
            ),
            Self::Internal => Words::fixed(
                ["Қызметтің ішкі қатесі.", "Внутренняя ошибка сервиса.", "An internal fault of the service."],
                [
                    "Кейінірек қайталаңыз; қайталанса, қолдау қызметіне сұраудың нөмірін (request id) хабарлаңыз.",
                    "Повторите позже; если ошибка повторится, сообщите в поддержку номер запроса (request id).",
                    "Try again later; if it stays, tell the support the id of the request.",
                ],
            ),
            Self::MethodUnknown => Words::fixed(
                ["Мұндай әдіс жоқ.", "Такого метода нет.", "There is no such method."],
                [
                    "Әдістің атауын қызмет сипаттамасымен салыстырыңыз.",
                    "Сверьте имя метода с описанием сервиса.",
                    "Compare the method's name with the service's description.",
                ],
            ),
            Self::CallerUnknown => Words::fixed(
                [
                    "Жүйеңіздің сертификаты шақырушылар тізімінде жоқ.",
                    "Сертификата Вашей системы нет в таблице вызывающих систем.",
                    "The certificate of your system is not in the table of callers.",
                ],
                [
                    "Жүйені тіркеуді әкімшіден сұраңыз.",
                    "Попросите администратора внести систему в таблицу.",
                    "Ask the administrator to enter the system.",
                ],
            ),
            Self::CallerNotAllowed => Words::fixed(
                [
                    "Жүйеңіздің бұл әдісті шақыруға құқығы жоқ.",
                    "Вашей системе не разрешено вызывать этот метод.",
                    "Your system may not call this method.",
                ],
                [
                    "Қажетті рөлді әкімшіден сұраңыз.",
                    "Попросите у администратора нужную роль.",
                    "Ask the administrator for the role that it takes.",
                ],
            ),
            Self::Overloaded => Words::fixed(
                [
                    "Қызмет қазір тым көп сұрау өңдеп жатыр.",
                    "Сервис сейчас обрабатывает слишком много запросов.",
                    "The service works on too many calls just now.",
                ],
                ["Біраздан кейін қайталаңыз.", "Повторите немного позже.", "Try again in a while."],
            ),
            Self::OutOfTime => Words::fixed(
                [
                    "Сұрау тым ұзақ өңделіп, тоқтатылды.",
                    "Запрос обрабатывался слишком долго и был прекращён.",
                    "The call took too long and was given up.",
                ],
                [
                    "Сол request_id арқылы қайталаңыз.",
                    "Повторите с тем же request_id.",
                    "Repeat it with the same request_id.",
                ],
            ),
            Self::MessageTooLarge => Words::fixed(
                [
                    "Хабарлама рұқсат етілген көлемнен үлкен.",
                    "Сообщение больше допустимого.",
                    "The message is over the limit.",
                ],
                [
                    "Құжат көшірмелерін бөлек жіберіп, хабарламаны кішірейтіңіз.",
                    "Уменьшите сообщение, передав копии документов отдельно.",
                    "Make the message smaller; copies of documents travel apart.",
                ],
            ),
            Self::MessageMalformed => Words::fixed(
                [
                    "Сұрау осы әдістің хабарламасы емес.",
                    "Запрос не является сообщением этого метода.",
                    "The request is not a message of this method.",
                ],
                [
                    "Клиентті қызметтің қазіргі сипаттамасы бойынша жаңартыңыз.",
                    "Обновите клиент по нынешнему описанию сервиса.",
                    "Bring the client up to the service's present description.",
                ],
            ),
            Self::UploadTooLarge => Words::fixed(
                [
                    "Жүктелген файл рұқсат етілген көлемнен үлкен.",
                    "Загружаемый файл больше допустимого.",
                    "The upload is over the limit.",
                ],
                [
                    "Кішірек файл жіберіңіз немесе әкімшіге хабарласыңыз.",
                    "Отправьте файл меньшего размера или обратитесь к администратору.",
                    "Send a smaller file, or turn to the administrator.",
                ],
            ),
            Self::UploadBroken => Words::fixed(
                ["Жүктеу үзіліп қалды.", "Загрузка прервана.", "The upload was broken off."],
                ["Файлды басынан қайта жіберіңіз.", "Отправьте файл сначала.", "Send the file again from its start."],
            ),
            Self::StreamInterrupted => Words::fixed(
                ["Ағын үзілді.", "Поток прерван.", "The stream was ended."],
                [
                    "Соңғы жалғастыру белгісінен немесе нәтижесі жоқ элементтерден бастап жалғастырыңыз.",
                    "Продолжите с последней метки продолжения или с того, на что нет результата.",
                    "Go on with the last resume token, or send again what has no result.",
                ],
            ),
            Self::TrustEntryExists => Words::fixed(
                [
                    "Бұл сертификат сенім қоймасында бар.",
                    "Этот сертификат уже есть в хранилище доверия.",
                    "The trust store has this certificate already.",
                ],
                ["Бар жазбаны пайдаланыңыз.", "Используйте имеющуюся запись.", "Use the entry that is there."],
            ),
        }
    }
}

fn text(text: signature::Text) -> Text {
    Text { kk: text.kk, ru: text.ru, en: text.en }
}
