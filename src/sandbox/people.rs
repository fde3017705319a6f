//! The cast: invented persons with identification numbers whose digits add up, and the missions' officers.

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};

use super::Family;
use crate::registration::person::{NATIONAL_TEST_IINS, Sex, checksum};

/// An invented citizen, or the holder of an official test certificate.
#[derive(Debug, Clone)]
pub struct Person {
    /// Individual identification number, 12 digits.
    pub iin: String,
    /// Surname in Cyrillic capitals, as certificates have it.
    pub surname: String,
    /// Given name in Cyrillic capitals.
    pub given_name: String,
    /// Patronymic in Cyrillic capitals.
    pub patronymic: Option<String>,
    /// Surname in Latin capitals, as the passport has it.
    pub surname_latin: String,
    /// Given name in Latin capitals, as the passport has it.
    pub given_name_latin: String,
    /// Date of birth, consistent with the IIN except for the official test number.
    pub birth_date: NaiveDate,
    /// Sex, consistent with the IIN except for the official test number.
    pub sex: Sex,
}

/// The IIN of the `serial`-th person born on `birth_date`: the next serial is taken where the check digit does not exist.
///
/// Law of 12.01.2007 № 223-III; `None` outside 1800–2099 or when the day's 10,000 numbers are used up.
pub fn iin(birth_date: NaiveDate, sex: Sex, serial: u16) -> Option<String> {
    let century = match birth_date.year() {
        1800..=1899 => 1,
        1900..=1999 => 3,
        2000..=2099 => 5,
        _ => return None,
    };
    let century_and_sex = century + u8::from(sex == Sex::Female);
    (serial..10_000).find_map(|serial| {
        let body = format!("{}{century_and_sex}{serial:04}", birth_date.format("%y%m%d"));
        with_check_digit(&body)
    })
}

/// Eleven digits and their check digit, where there is one.
pub(super) fn with_check_digit(body: &str) -> Option<String> {
    let digits: Vec<u8> = body.bytes().map(|byte| byte.wrapping_sub(b'0')).collect();
    let check = checksum(digits.try_into().ok()?)?;
    Some(format!("{body}{check}"))
}

/// Which certificate a citizen of the sandbox holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition {
    /// Good for signing.
    Good,
    /// Good once, revoked the day before minting.
    Revoked,
    /// Ended a month before minting.
    Expired,
    /// Authentication only: no nonRepudiation.
    AuthenticationOnly,
    /// Issued by an authority that nobody trusts.
    Outsider,
}

/// A citizen to be minted: the file name, the person, the certificate's condition.
pub(super) struct Citizen<'a> {
    pub(super) name: &'a str,
    pub(super) person: Person,
    pub(super) condition: Condition,
    pub(super) family: Family,
}

/// The citizens, seen from `now`: the minor is twelve years old then, everybody else of age.
pub(super) fn citizens(now: DateTime<Utc>) -> Vec<Citizen<'static>> {
    let good = Condition::Good;
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    let twelve_years_ago = now.date_naive().checked_sub_months(Months::new(12 * 12 + 1)).unwrap_or_default();
    let cast = [
        ("assel", good, day(1988, 3, 15), Sex::Female, "ҚҰРМАНҒАЛИЕВА ӘСЕЛ БОЛАТҚЫЗЫ", "KURMANGALIYEVA ASSEL"),
        ("daniyar", good, day(1979, 11, 2), Sex::Male, "ЖҮНІСОВ ДАНИЯР ЕРЛАНҰЛЫ", "ZHUNISSOV DANIYAR"),
        ("student", good, day(2004, 6, 20), Sex::Male, "ОСПАНОВ НҰРЛАН ТІМҰРҰЛЫ", "OSPANOV NURLAN"),
        ("minor", good, twelve_years_ago, Sex::Female, "ҚҰРМАНҒАЛИЕВА ГҮЛНӘР АСҚАРҚЫЗЫ", "KURMANGALIYEVA GULNAR"),
        ("revoked", Condition::Revoked, day(1990, 7, 13), Sex::Male, "ҚАСЫМОВ ӨМІРБЕК СӘКЕНҰЛЫ", "KASSYMOV OMIRBEK"),
        ("expired", Condition::Expired, day(1985, 4, 25), Sex::Female, "БЕКОВА ҢАЙЛА ҒАЛЫМҚЫЗЫ", "BEKOVA NAILA"),
        (
            "authentication-only",
            Condition::AuthenticationOnly,
            day(1993, 12, 17),
            Sex::Male,
            "ИВАНОВ ПЕТР ИВАНОВИЧ",
            "IVANOV PYOTR",
        ),
        ("test-iin", good, day(1980, 1, 1), Sex::Male, "ТЕСТОВ ТЕСТ ТЕСТОВИЧ", "TESTOV TEST"),
        ("gost", good, day(1987, 5, 9), Sex::Female, "СЕЙТҚАЛИЕВА МӘДИНА ҚАНАТҚЫЗЫ", "SEITKALIYEVA MADINA"),
        (
            "gost-revoked",
            Condition::Revoked,
            day(1976, 2, 3),
            Sex::Male,
            "ӘБДІРАХМАНОВ ҚАЙРАТ ӨТЕГЕНҰЛЫ",
            "ABDRAKHMANOV KAIRAT",
        ),
        ("outsider", Condition::Outsider, day(1981, 9, 11), Sex::Male, "ШЕТЕЛДІК ІЛИЯС ҺАМЗАҰЛЫ", "SHETELDIK ILIYAS"),
    ];
    cast.into_iter()
        .map(|(name, condition, birth_date, sex, cyrillic, latin)| {
            let mut person = person(birth_date, sex, cyrillic, latin, 1);
            if name == "test-iin" {
                NATIONAL_TEST_IINS[0].clone_into(&mut person.iin);
            }
            let family = if name.starts_with("gost") { Family::Gost } else { Family::Rsa };
            Citizen { name, person, condition, family }
        })
        .collect()
}

impl Person {
    /// The person behind `citizens/NAME` of an authority minted at `minted`.
    pub fn citizen(name: &str, minted: DateTime<Utc>) -> Option<Self> {
        citizens(minted).into_iter().find(|citizen| citizen.name == name).map(|citizen| citizen.person)
    }

    /// The `index`-th person of a crowd of up to ten million adults, each with an IIN of its own. The first 18,000 are those of
    /// [`super::Authority::mint_many`].
    pub fn of_crowd(index: u32) -> Self {
        somebody(index)
    }

    /// The person behind `officers/NAME`, with the code of the mission served and the roles held there.
    pub fn officer(name: &str) -> Option<(Self, &'static str, &'static [&'static str])> {
        let officer = officers().into_iter().find(|officer| officer.name == name)?;
        Some((officer.person, officer.mission.code, officer.roles))
    }
}

/// An officer of a mission.
pub(super) struct Officer<'a> {
    pub(super) name: &'a str,
    pub(super) person: Person,
    pub(super) mission: Mission<'a>,
    pub(super) roles: &'a [&'a str],
}

/// A sandbox mission as a legal entity; its code is one of the sample missions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mission<'a> {
    pub(super) code: &'a str,
    pub(super) organization: &'a str,
    /// First eleven digits of the invented BIN (fifth digit 4: a resident legal entity).
    pub(super) bin_body: &'a str,
}

impl Mission<'_> {
    /// The mission's BIN, 12 digits.
    pub(super) fn bin(&self) -> String {
        with_check_digit(self.bin_body).unwrap_or_default()
    }
}

/// The missions whose officers and systems are minted.
pub(super) const BERLIN: Mission<'static> = Mission {
    code: "KZ-DE-BER",
    organization: "Қазақстан Республикасының Германиядағы Елшілігі",
    bin_body: "92104000010",
};
pub(super) const ISTANBUL: Mission<'static> = Mission {
    code: "KZ-TR-IST",
    organization: "Қазақстан Республикасының Ыстамбұлдағы Бас консулдығы",
    bin_body: "93104000020",
};
pub(super) const NEW_YORK: Mission<'static> = Mission {
    code: "KZ-US-NYC",
    organization: "Қазақстан Республикасының Нью-Йорктегі Бас консулдығы",
    bin_body: "94104000030",
};
/// The ministry, holder of the service's seal.
pub(super) const MINISTRY: Mission<'static> =
    Mission {
        code: "", organization: "Қазақстан Республикасының Сыртқы істер министрлігі", bin_body: "91104000040"
    };

/// The officers: an officer and a supervisor in Berlin and in New York, so that the second pair of eyes has somebody behind it; one in Istanbul.
pub(super) fn officers() -> Vec<Officer<'static>> {
    const OFFICER: &[&str] = &["OFFICER"];
    const SUPERVISOR: &[&str] = &["OFFICER", "SUPERVISOR"];
    let born = |year| NaiveDate::from_ymd_opt(year, 5, 9).unwrap_or_default();
    let cast = [
        ("berlin-officer", BERLIN, OFFICER, 1986, Sex::Female, "СӘРСЕНОВА МӘДИНА ҚАНАТҚЫЗЫ", "SARSENOVA MADINA"),
        (
            "berlin-supervisor",
            BERLIN,
            SUPERVISOR,
            1974,
            Sex::Male,
            "ӘБІЛҚАСЫМОВ ТАҒЫБЕРГЕН ОРАЗҰЛЫ",
            "ABILKASSYMOV TAGYBERGEN",
        ),
        ("istanbul-officer", ISTANBUL, OFFICER, 1991, Sex::Male, "ТӨЛЕГЕНОВ АРМАН ЖАҚСЫЛЫҚҰЛЫ", "TOLEGENOV ARMAN"),
        ("new-york-officer", NEW_YORK, OFFICER, 1983, Sex::Female, "НҰРПЕЙІСОВА ДІНА МАРАТҚЫЗЫ", "NURPEISSOVA DINA"),
        (
            "new-york-supervisor",
            NEW_YORK,
            SUPERVISOR,
            1969,
            Sex::Male,
            "ЖҰМАҒҰЛОВ ЕРБОЛАТ ҚҰДАЙБЕРГЕНҰЛЫ",
            "ZHUMAGULOV YERBOLAT",
        ),
    ];
    cast.into_iter()
        .map(|(name, mission, roles, year, sex, cyrillic, latin)| Officer {
            name,
            person: person(born(year), sex, cyrillic, latin, 40),
            mission,
            roles,
        })
        .collect()
}

/// Birthdays of a crowd: more would be those of minors.
pub(super) const BIRTHDAYS: u32 = 18_000;

/// The `index`-th person of a crowd made for load: adults, one born each day from 1.1.1950 and then the next of each day again, women and men by
/// turns.
///
/// All IINs of a crowd of up to ten million are distinct: those of one day are far enough apart for a check digit to exist in between.
pub(super) fn somebody(index: u32) -> Person {
    let first = NaiveDate::from_ymd_opt(1950, 1, 1).unwrap_or_default();
    let birth_date = first.checked_add_days(chrono::Days::new(u64::from(index % BIRTHDAYS))).unwrap_or(first);
    let serial = 7000 + 5 * u16::try_from(index / BIRTHDAYS).unwrap_or(u16::MAX / 10);
    let (sex, cyrillic, latin) = if index.is_multiple_of(2) {
        (Sex::Female, "САНАТОВА САНА САНАТҚЫЗЫ", "SANATOVA SANA")
    } else {
        (Sex::Male, "САНАТОВ САНАТ САНАТҰЛЫ", "SANATOV SANAT")
    };
    person(birth_date, sex, cyrillic, latin, serial)
}

/// `cyrillic` is "SURNAME NAME PATRONYMIC", `latin` "SURNAME NAME".
fn person(birth_date: NaiveDate, sex: Sex, cyrillic: &str, latin: &str, serial: u16) -> Person {
    let mut names = cyrillic.split(' ').map(str::to_owned);
    let mut latin_names = latin.split(' ').map(str::to_owned);
    Person {
        iin: iin(birth_date, sex, serial).unwrap_or_default(),
        surname: names.next().unwrap_or_default(),
        given_name: names.next().unwrap_or_default(),
        patronymic: names.next(),
        surname_latin: latin_names.next().unwrap_or_default(),
        given_name_latin: latin_names.next().unwrap_or_default(),
        birth_date,
        sex,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registration::person::{Bin, IdentifierPolicy, Iin};

    fn now() -> DateTime<Utc> {
        "2026-03-20T09:00:00Z".parse().expect("a literal time")
    }

    #[test]
    fn every_person_has_an_iin_that_agrees_with_birth_date_and_sex() {
        let citizens = citizens(now()).into_iter().filter(|citizen| citizen.name != "test-iin").map(|c| c.person);
        let officers = officers().into_iter().map(|officer| officer.person);
        for person in citizens.chain(officers).chain((0..5000).map(somebody)) {
            let iin = Iin::parse(&person.iin, IdentifierPolicy::Strict).expect("a valid IIN");
            assert_eq!(iin.birth_date(), Some(person.birth_date));
            assert_eq!(iin.sex(), Some(person.sex));
        }
    }

    #[test]
    fn every_mission_has_a_valid_bin() {
        for mission in [BERLIN, ISTANBUL, NEW_YORK, MINISTRY] {
            Bin::parse(&mission.bin(), IdentifierPolicy::Strict).expect("a valid BIN");
        }
    }

    #[test]
    fn a_crowd_has_no_two_equal_iins() {
        let crowd: std::collections::HashSet<String> = (0..200_000).map(|index| somebody(index).iin).collect();
        assert_eq!(crowd.len(), 200_000);
        assert!(somebody(9_999_999).iin.len() == 12 && somebody(9_999_999).iin != somebody(9_981_999).iin);
    }
}
