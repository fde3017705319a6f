//! The acts that rules are cited from. A citation names the act with number and date; paragraphs are named nowhere, because the
//! text of the Rules could not be read and an invented paragraph would be worse than none.

use serde::{Deserialize, Serialize};

use crate::registration::text::Text;

/// How well a rule or a number is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Source {
    /// Read in an official page.
    OfficialPage,
    /// Read in a secondary source only.
    SecondarySource,
    /// This service's own design where the text could not be read.
    OwnDesign,
}

impl Source {
    /// As shown, such as `OFFICIAL_PAGE`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OfficialPage => "OFFICIAL_PAGE",
            Self::SecondarySource => "SECONDARY_SOURCE",
            Self::OwnDesign => "OWN_DESIGN",
        }
    }
}

/// An act by name, number and date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    name: Text,
}

impl Citation {
    const fn new(kk: &'static str, ru: &'static str, en: &'static str) -> Self {
        Self { name: Text::fixed(kk, ru, en) }
    }

    /// The act in words: name, date and number.
    pub fn text(&self) -> Text {
        self.name.clone()
    }
}

/// The acts this service cites.
#[derive(Debug)]
pub struct Citations {
    /// The Rules of consular registration.
    pub registration_rules: Citation,
    /// The law on the electronic document and the electronic digital signature.
    pub electronic_signature: Citation,
    /// The law on the national registers of identification numbers.
    pub identification_numbers: Citation,
    /// The law on personal data.
    pub personal_data: Citation,
    /// The law on citizenship.
    pub citizenship: Citation,
    /// The Civil Code, general part.
    pub civil_code: Citation,
    /// The Administrative Procedural Code.
    pub administrative_procedure: Citation,
    /// The Constitutional Law on elections.
    pub elections: Citation,
    /// The rules on voter lists of the Central Election Commission.
    pub voter_lists: Citation,
}

/// The acts this service cites.
pub static CITATIONS: Citations = Citations {
    registration_rules: Citation::new(
        "Шетелдегі Қазақстан Республикасы азаматтарын консулдық есепке алу қағидалары, 2016 жылғы 14 маусымдағы № 11-1-2/263 \
         бұйрық (мемлекеттік тіркеу № 14093), 2022 жылғы 23 мамырдағы № 11-1-4/226 бұйрықтың редакциясында",
        "Правила консульского учёта граждан Республики Казахстан за рубежом, приказ от 14 июня 2016 года № 11-1-2/263 \
         (государственная регистрация № 14093), в редакции приказа от 23 мая 2022 года № 11-1-4/226",
        "Rules of consular registration of citizens of the Republic of Kazakhstan abroad, order of 14 June 2016 № 11-1-2/263 \
         (state registration № 14093), as amended by order of 23 May 2022 № 11-1-4/226",
    ),
    electronic_signature: Citation::new(
        "«Электрондық құжат және электрондық цифрлық қолтаңба туралы» 2003 жылғы 7 қаңтардағы № 370 Қазақстан Республикасының Заңы",
        "Закон Республики Казахстан от 7 января 2003 года № 370 «Об электронном документе и электронной цифровой подписи»",
        "Law of the Republic of Kazakhstan of 7 January 2003 № 370 on the electronic document and the electronic digital signature",
    ),
    identification_numbers: Citation::new(
        "«Сәйкестендіру нөмірлерінің ұлттық тізілімдері туралы» 2007 жылғы 12 қаңтардағы № 223 Қазақстан Республикасының Заңы",
        "Закон Республики Казахстан от 12 января 2007 года № 223 «О национальных реестрах идентификационных номеров»",
        "Law of the Republic of Kazakhstan of 12 January 2007 № 223 on the national registers of identification numbers",
    ),
    personal_data: Citation::new(
        "«Дербес деректер және оларды қорғау туралы» 2013 жылғы 21 мамырдағы № 94-V Қазақстан Республикасының Заңы",
        "Закон Республики Казахстан от 21 мая 2013 года № 94-V «О персональных данных и их защите»",
        "Law of the Republic of Kazakhstan of 21 May 2013 № 94-V on personal data and their protection",
    ),
    citizenship: Citation::new(
        "«Қазақстан Республикасының азаматтығы туралы» 1991 жылғы 20 желтоқсандағы № 1017-XII Қазақстан Республикасының Заңы",
        "Закон Республики Казахстан от 20 декабря 1991 года № 1017-XII «О гражданстве Республики Казахстан»",
        "Law of the Republic of Kazakhstan of 20 December 1991 № 1017-XII on citizenship of the Republic of Kazakhstan",
    ),
    civil_code: Citation::new(
        "Қазақстан Республикасының Азаматтық кодексі (Жалпы бөлім), 1994 жылғы 27 желтоқсан",
        "Гражданский кодекс Республики Казахстан (Общая часть) от 27 декабря 1994 года",
        "Civil Code of the Republic of Kazakhstan (general part) of 27 December 1994",
    ),
    administrative_procedure: Citation::new(
        "Қазақстан Республикасының Әкімшілік рәсімдік-процестік кодексі, 2020 жылғы 29 маусымдағы № 350-VI",
        "Административный процедурно-процессуальный кодекс Республики Казахстан от 29 июня 2020 года № 350-VI",
        "Administrative Procedural Code of the Republic of Kazakhstan of 29 June 2020 № 350-VI",
    ),
    elections: Citation::new(
        "«Қазақстан Республикасындағы сайлау туралы» 1995 жылғы 28 қыркүйектегі № 2464 Қазақстан Республикасының Конституциялық заңы",
        "Конституционный закон Республики Казахстан от 28 сентября 1995 года № 2464 «О выборах в Республике Казахстан»",
        "Constitutional Law of the Republic of Kazakhstan of 28 September 1995 № 2464 on elections in the Republic of Kazakhstan",
    ),
    voter_lists: Citation::new(
        "Дауыс беру үшін сайлаушылардың тізімдерін қалыптастыру, сондай-ақ оларды сайлау комиссияларына ұсыну қағидалары, Орталық сайлау \
         комиссиясының 2018 жылғы 23 тамыздағы № 11/197 қаулысы (мемлекеттік тіркеу № 17358)",
        "Правила формирования списков избирателей для голосования, а также представления их в избирательные комиссии, постановление \
         Центральной избирательной комиссии от 23 августа 2018 года № 11/197 (государственная регистрация № 17358)",
        "Rules of forming voter lists for voting and of presenting them to the election commissions, resolution of the Central Election \
         Commission of 23 August 2018 № 11/197 (state registration № 17358)",
    ),
};
