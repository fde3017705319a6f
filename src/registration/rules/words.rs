//! What each code of a refusal means for the person concerned, and what to do next; one row a code.

use super::RefusalCode;
use crate::registration::text::Words;

impl RefusalCode {
    /// What the code means, and what to do next.
    #[expect(clippy::too_many_lines, reason = "a table, one row a code")]
    pub const fn words(self) -> Words {
        match self {
            Self::SignatureInvalid => Words::fixed(
                ["Қолтаңба расталмады.", "Подпись не подтверждена.", "The signature is not confirmed."],
                [
                    "Қолданыстағы ЭЦҚ кілтімен қайта қол қойып, жіберіңіз.",
                    "Подпишите заново действующим ключом ЭЦП и отправьте.",
                    "Sign again with an EDS key that is in force, and send it.",
                ],
            ),
            Self::SignerMismatch => Words::fixed(
                [
                    "Өтінішке оған қол қоюға құқығы жоқ адам қол қойған.",
                    "Заявление подписано лицом, которое не вправе его подписывать.",
                    "The application is signed by somebody who may not sign it.",
                ],
                [
                    "Өтініш берушінің немесе оның өкілінің кілтімен, ал мекемеде — сол мекеменің лауазымды адамының \
                     кілтімен қол қойыңыз.",
                    "Подпишите ключом заявителя или его представителя, а в загранучреждении — ключом должностного \
                     лица этого загранучреждения.",
                    "Sign with the key of the applicant or the representative; at a mission, with the key of an \
                     officer of that mission.",
                ],
            ),
            Self::FormInvalid => Words::fixed(
                [
                    "Өтініш нысанында қателер бар немесе ол осы қызметке, нұсқаға не уақытқа арналмаған.",
                    "В форме заявления есть ошибки, или она предназначена не для этого сервиса, версии или времени.",
                    "The form has errors, or is not meant for this service, this version or this time.",
                ],
                [
                    "Аталған өрістерді түзетіп, нысанға қайта қол қойып, жіберіңіз.",
                    "Исправьте названные поля, подпишите форму заново и отправьте.",
                    "Mend the fields named, sign the form anew and send it.",
                ],
            ),
            Self::IinInvalid => Words::fixed(
                [
                    "Жеке сәйкестендіру нөмірі (ЖСН) қате.",
                    "Индивидуальный идентификационный номер (ИИН) неверен.",
                    "The individual identification number (IIN) is wrong.",
                ],
                [
                    "Нөмірді жеке басын куәландыратын құжатпен салыстырып, өтінішке қайта қол қойыңыз.",
                    "Сверьте номер с удостоверением личности и подпишите заявление заново.",
                    "Compare the number with the identity document and sign the application anew.",
                ],
            ),
            Self::IinBirthdateMismatch => Words::fixed(
                [
                    "Карточкадағы туған күн немесе жыныс ЖСН-ге сәйкес келмейді.",
                    "Дата рождения или пол в карточке не соответствуют ИИН.",
                    "The date of birth or the sex on the card does not agree with the IIN.",
                ],
                [
                    "Карточканы немесе ЖСН-ді түзетіп, өтінішке қайта қол қойыңыз.",
                    "Исправьте карточку или ИИН и подпишите заявление заново.",
                    "Mend the card or the IIN and sign the application anew.",
                ],
            ),
            Self::RepresentativeRequired => Words::fixed(
                [
                    "Өтініш беруші үшін құқығы қолданыстағы заңды өкіл әрекет етуі тиіс.",
                    "За заявителя должен действовать законный представитель с действующими полномочиями.",
                    "A legal representative whose right holds has to act for the applicant.",
                ],
                [
                    "Өкілді және оның құқығын растайтын құжатты көрсетіңіз; өтінішке өкіл өз ЭЦҚ-сымен қол қояды.",
                    "Укажите представителя и документ о его полномочиях; заявление подписывает представитель своей \
                     ЭЦП.",
                    "Name the representative and the document that proves the right; the representative signs with \
                     the own EDS.",
                ],
            ),
            Self::AlreadyRegistered => Words::fixed(
                [
                    "Азамат осы мекемеде осы түр бойынша есепте тұр.",
                    "Гражданин уже состоит на учёте этого вида в этом загранучреждении.",
                    "The citizen is already registered at this mission with this kind.",
                ],
                [
                    "Қайта тіркелудің қажеті жоқ; мәліметтерді өзгерту, мерзімді ұзарту немесе анықтама алу үшін \
                     тиісті түрдегі өтініш беріңіз.",
                    "Вставать на учёт повторно не нужно; чтобы изменить сведения, продлить срок или получить \
                     справку, подайте заявление этого типа.",
                    "There is no need to register again; to change the card, extend the stay or get a certificate, \
                     file an application of that type.",
                ],
            ),
            Self::CardIncomplete => Words::fixed(
                [
                    "Тіркеу карточкасы толық толтырылмаған.",
                    "Регистрационная карточка заполнена не полностью.",
                    "The registration card is not complete.",
                ],
                [
                    "Аталған тармақтарды толтырып, өтінішке қайта қол қойып, жіберіңіз.",
                    "Заполните названные пункты, подпишите заявление заново и отправьте.",
                    "Fill in the items named, sign the application anew and send it.",
                ],
            ),
            Self::StayPeriodInvalid => Words::fixed(
                [
                    "Болу мерзімі өтінішке немесе тіркеуге сәйкес келмейді.",
                    "Срок пребывания не соответствует заявлению или учёту.",
                    "The period of stay does not fit the application or the register.",
                ],
                [
                    "Күндерді түзетіп, өтінішке қайта қол қойыңыз; тіркеудегі мерзім ұзарту туралы өтінішпен \
                     ұзартылады.",
                    "Исправьте даты и подпишите заявление заново; срок учёта продлевается заявлением о продлении.",
                    "Mend the dates and sign the application anew; a stay in the register is prolonged by an \
                     application for extension.",
                ],
            ),
            Self::PurposeInvalid => Words::fixed(
                [
                    "Болу мақсаты тіркеу түріне сәйкес келмейді.",
                    "Цель пребывания не соответствует виду учёта.",
                    "The purpose of the stay does not fit the kind of registration.",
                ],
                [
                    "Мақсатты түзетіңіз немесе басқа түр бойынша өтініш беріңіз.",
                    "Исправьте цель или подайте заявление на другой вид учёта.",
                    "Mend the purpose, or apply for the other kind of registration.",
                ],
            ),
            Self::ConsentMissing => Words::fixed(
                [
                    "Дербес деректерді өңдеуге толық келісім берілмеген.",
                    "Не дано полное согласие на обработку персональных данных.",
                    "No full consent to processing personal data is given.",
                ],
                [
                    "Келісімнің барлық тармағын толтырып, қайта қол қойыңыз; келісімсіз қызмет көрсетілмейді.",
                    "Заполните все пункты согласия и подпишите заново; без согласия услуга не оказывается.",
                    "Fill in every item of the consent and sign anew; without consent the service is not provided.",
                ],
            ),
            Self::NotRkCitizen => Words::fixed(
                [
                    "Қазақстан Республикасының азаматтығы расталмаған.",
                    "Гражданство Республики Казахстан не подтверждено.",
                    "The citizenship of Kazakhstan is not established.",
                ],
                [
                    "Консулдық лауазымды адам тексереді; азаматтықты растайтын құжатты дайындап қойыңыз.",
                    "Проверит консульское должностное лицо; подготовьте документ, подтверждающий гражданство.",
                    "A consular officer checks it; have a document ready that shows the citizenship.",
                ],
            ),
            Self::IdentityNotVerified => Words::fixed(
                [
                    "Өтініш берушінің жеке басы расталмаған.",
                    "Личность заявителя не подтверждена.",
                    "The applicant's identity is not established.",
                ],
                [
                    "Консулдық лауазымды адам тексереді; жеке басын куәландыратын құжатты дайындап қойыңыз.",
                    "Проверит консульское должностное лицо; подготовьте документ, удостоверяющий личность.",
                    "A consular officer checks it; have an identity document ready.",
                ],
            ),
            Self::ExitDecisionRequired => Words::fixed(
                [
                    "Тұрақты тұруға кетуді рәсімдеу туралы шешім көрсетілмеген.",
                    "Не указано решение об оформлении выезда на постоянное место жительства.",
                    "The decision on departure for permanent residence is not named.",
                ],
                [
                    "Шешімнің органын, нөмірі мен күнін көрсетіңіз; шешім болмаса, уақытша есепке тұруға өтініш \
                     беріңіз.",
                    "Укажите орган, номер и дату решения; если решения нет, подайте заявление на временный учёт.",
                    "Name its authority, number and date; without such a decision, apply for temporary registration.",
                ],
            ),
            Self::ExitDecisionNotVerified => Words::fixed(
                [
                    "Тұрақты тұруға кету туралы шешім әлі тексерілмеген немесе расталмаған.",
                    "Решение о выезде на постоянное место жительства ещё не сверено или не подтвердилось.",
                    "The decision on departure for permanent residence is not verified yet, or was not confirmed.",
                ],
                [
                    "Консулдық лауазымды адам шешімді салыстырып тексереді; Сізден әзірге ештеңе талап етілмейді.",
                    "Решение сверит консульское должностное лицо; пока от Вас ничего не требуется.",
                    "A consular officer verifies it; nothing is needed from you for now.",
                ],
            ),
            Self::WrongConsularDistrict => Words::fixed(
                [
                    "Мекенжай бойынша басқа мекеме құзыретті немесе құзыретті мекеме анықталмаған.",
                    "По адресу компетентно другое загранучреждение, или компетентное загранучреждение не определено.",
                    "Another mission is competent for the address, or it is not established which one is.",
                ],
                [
                    "Өтініш құзыретті мекемеге беріледі, оны қайта берудің қажеті жоқ; елдің бөлігі көрсетілмесе, \
                     мекеме Сізбен хабарласады.",
                    "Заявление передаётся компетентному загранучреждению, подавать его заново не нужно; если не \
                     указана часть страны, с Вами свяжутся.",
                    "The application is passed to the competent mission and need not be filed again; where the part \
                     of the country is missing, you will be asked.",
                ],
            ),
            Self::TransferRequired => Words::fixed(
                [
                    "Азамат басқа мекемеде немесе басқа түр бойынша есепте тұр.",
                    "Гражданин состоит на учёте в другом загранучреждении или на учёте другого вида.",
                    "The citizen is registered at another mission, or with the other kind.",
                ],
                [
                    "Құзыретті мекемеге есепті ауыстыру туралы өтініш беріңіз немесе алдымен бұрынғы есептен шығыңыз.",
                    "Подайте в компетентное загранучреждение заявление о переводе учёта или сначала снимитесь с \
                     прежнего учёта.",
                    "Apply to the competent mission for a transfer, or have the former registration closed first.",
                ],
            ),
            Self::RepresentationNotVerified => Words::fixed(
                [
                    "Өкілдің құқығы әлі расталмаған.",
                    "Право представителя ещё не подтверждено.",
                    "The representative's right is not established yet.",
                ],
                [
                    "Консулдық лауазымды адам құжатты тексереді; құжаттың түпнұсқасын дайындап қойыңыз.",
                    "Документ проверит консульское должностное лицо; подготовьте его подлинник.",
                    "A consular officer checks the document; have its original ready.",
                ],
            ),
            Self::OfficersRemark => Words::fixed(
                [
                    "Консулдық лауазымды адам ескертулер жасады.",
                    "Консульское должностное лицо сделало замечания.",
                    "A consular officer has remarks.",
                ],
                [
                    "Ескертулерді түзетіп, өтінішке қайта қол қойып, жіберіңіз.",
                    "Устраните замечания, подпишите заявление заново и отправьте.",
                    "Mend what is remarked, sign the application anew and send it.",
                ],
            ),
            Self::RefusalGroundInvalid => Words::fixed(
                [
                    "Бас тарту негізі тізбеде жоқ.",
                    "Основания отказа нет в перечне.",
                    "The ground of refusal is none of the list.",
                ],
                [
                    "Тізбедегі негізді таңдаңыз немесе өтінішті мақұлдаңыз.",
                    "Выберите основание из перечня или одобрите заявление.",
                    "Choose a ground of the list, or approve the application.",
                ],
            ),
            Self::ReasonRequired => Words::fixed(
                [
                    "Шешім қазақ және орыс тілдерінде дәлелденбеген.",
                    "Решение не мотивировано на казахском и русском языках.",
                    "The decision is not reasoned in Kazakh and in Russian.",
                ],
                [
                    "Дәлелдемені екі тілде жазып, актіге қайта қол қойыңыз.",
                    "Напишите мотивировку на двух языках и подпишите акт заново.",
                    "Write the reasons in both languages and sign the act anew.",
                ],
            ),
            Self::HearingRequired => Words::fixed(
                [
                    "Алдымен алдын ала шешім хабарланып, өтініш беруші тыңдалуы тиіс.",
                    "Сначала сообщается предварительное решение, и заявитель заслушивается.",
                    "First the preliminary decision has to be announced and the applicant heard.",
                ],
                [
                    "Алдын ала шешім шығарып, өтініш берушіні алдағы тыңдауға шақырыңыз.",
                    "Вынесите предварительное решение и пригласите заявителя на предстоящее заслушивание.",
                    "Issue the preliminary decision and invite the applicant to a hearing that is still to come.",
                ],
            ),
            Self::ObjectionPeriodOpen => Words::fixed(
                [
                    "Қарсылық білдіру мерзімі әлі өткен жоқ.",
                    "Срок на возражение ещё не истёк.",
                    "The term for objecting is not over yet.",
                ],
                [
                    "Мерзім өткенше күтіңіз немесе өтініш берушіні тыңдаңыз.",
                    "Дождитесь окончания срока или заслушайте заявителя.",
                    "Wait until it is over, or hear the applicant.",
                ],
            ),
            Self::ProtocolIncomplete => Words::fixed(
                [
                    "Тыңдау хаттамасы толық емес.",
                    "Протокол заслушивания неполон.",
                    "The protocol of the hearing is not complete.",
                ],
                [
                    "Аталған мәліметтерді толтырып, актіге қайта қол қойыңыз.",
                    "Заполните названные сведения и подпишите акт заново.",
                    "Fill in the items named and sign the act anew.",
                ],
            ),
            Self::OtherOfficerRequired => Words::fixed(
                [
                    "Бас тартуды алдын ала шешімді шығарған лауазымды адам қабылдай алмайды.",
                    "Отказ не может вынести то же должностное лицо, что и предварительное решение.",
                    "The officer who announced the refusal may not decide it.",
                ],
                [
                    "Шешімді мекеменің басқа лауазымды адамы қабылдасын.",
                    "Пусть решение примет другое должностное лицо загранучреждения.",
                    "Let another officer of the mission decide.",
                ],
            ),
            Self::NoRegistration => Words::fixed(
                [
                    "Осы түр бойынша ашық консулдық есеп табылмады.",
                    "Открытый консульский учёт этого вида не найден.",
                    "No open registration of this kind was found.",
                ],
                [
                    "Түрін тексеріңіз; есепте тұрмасаңыз, есепке тұруға өтініш беріңіз.",
                    "Проверьте вид учёта; если Вы не состоите на учёте, подайте заявление о постановке на учёт.",
                    "Check the kind; who is not registered yet applies for registration.",
                ],
            ),
            Self::DeregGroundInvalid => Words::fixed(
                [
                    "Есептен шығару негізі осы азаматқа немесе осы тәсілге қолданылмайды.",
                    "Основание снятия с учёта неприменимо к этому гражданину или способу.",
                    "The ground of de-registration is none for this citizen or this way.",
                ],
                [
                    "Басқа негізді таңдаңыз немесе өтінішті өз тілегі бойынша беріңіз.",
                    "Выберите другое основание или подайте заявление по собственному желанию.",
                    "Choose another ground, or apply by the own wish.",
                ],
            ),
            Self::DeregGroundNotVerified => Words::fixed(
                [
                    "Есептен шығару негізі әлі расталмаған.",
                    "Основание снятия с учёта ещё не подтверждено.",
                    "The ground of de-registration is not established yet.",
                ],
                [
                    "Консулдық лауазымды адам құжатты тексереді; құжаттың түпнұсқасын дайындап қойыңыз.",
                    "Документ проверит консульское должностное лицо; подготовьте его подлинник.",
                    "A consular officer checks the document; have its original ready.",
                ],
            ),
            Self::DocumentNotApplicable => Words::fixed(
                [
                    "Мұндай өтініш бойынша бұл құжат берілмейді.",
                    "По такому заявлению этот документ не выдаётся.",
                    "Such an application does not end with this document.",
                ],
                [
                    "Өтініштің түрі мен берілу тәсіліне сай құжатты атаңыз немесе оны атамаңыз.",
                    "Назовите документ, положенный по виду учёта и способу подачи, или не называйте никакого.",
                    "Name the document that fits kind and channel, or name none.",
                ],
            ),
            Self::EvidenceRequired => Words::fixed(
                [
                    "Негізді растайтын құжат көрсетілмеген.",
                    "Не указан документ, подтверждающий основание.",
                    "The document that shows the ground is not named.",
                ],
                [
                    "Құжатты қоса беріп немесе көрсетіп, қайта қол қойыңыз.",
                    "Приложите или назовите документ и подпишите заново.",
                    "Add or name the document and sign anew.",
                ],
            ),
            Self::OutOfJurisdiction => Words::fixed(
                [
                    "Бұл осы мекеменің құзыретіне жатпайды.",
                    "Это не входит в компетенцию этого загранучреждения.",
                    "This is not for this mission to do.",
                ],
                [
                    "Өтініш немесе тіркеу тұрған мекемеге, ал Қазақстанға оралған болсаңыз, порталға немесе \
                     министрлікке жүгініңіз.",
                    "Обратитесь в загранучреждение, у которого находится дело, а по возвращении в Казахстан — через \
                     портал или в министерство.",
                    "Turn to the mission that has the case; who is back in Kazakhstan turns to the portal or the \
                     ministry.",
                ],
            ),
        }
    }
}
