//! How settings of a policy are spelled whose types know no serde.

use std::fmt::Display;
use std::str::FromStr;

use chrono::TimeDelta;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::pki::certificate::KeyUsage;
use crate::pki::ocsp::Freshness;

/// A value by its text.
pub(super) mod text {
    use super::{Deserialize, Deserializer, Display, FromStr, Serializer};

    pub fn serialize<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub fn deserialize<'de, T: FromStr<Err: Display>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        super::parsed(&String::deserialize(deserializer)?)
    }
}

/// Values by their texts.
pub(super) mod texts {
    use super::{Deserialize, Deserializer, Display, FromStr, Serializer};

    pub fn serialize<T: Display, S: Serializer>(values: &[T], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(values.iter().map(ToString::to_string))
    }

    pub fn deserialize<'de, T: FromStr<Err: Display>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<T>, D::Error> {
        Vec::<String>::deserialize(deserializer)?.iter().map(|text| super::parsed(text)).collect()
    }
}

/// Values by their texts, or nothing.
pub(super) mod optional_texts {
    use super::{Deserialize, Deserializer, Display, FromStr, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde asks for it so")]
    pub fn serialize<T: Display, S: Serializer>(values: &Option<Vec<T>>, serializer: S) -> Result<S::Ok, S::Error> {
        let texts: Option<Vec<String>> = values.as_ref().map(|values| values.iter().map(ToString::to_string).collect());
        texts.serialize(serializer)
    }

    pub fn deserialize<'de, T: FromStr<Err: Display>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Vec<T>>, D::Error> {
        let texts = Option::<Vec<String>>::deserialize(deserializer)?;
        texts.map(|texts| texts.iter().map(|text| super::parsed(text)).collect()).transpose()
    }
}

fn parsed<T: FromStr<Err: Display>, E: serde::de::Error>(text: &str) -> Result<T, E> {
    text.parse().map_err(|error| E::custom(format!("`{text}`: {error}")))
}

/// `keyUsage` bits by the names of RFC 5280 §4.2.1.3.
pub(super) mod key_usage {
    use super::{Deserialize, Deserializer, KeyUsage, Serializer};
    use serde::de::Error as _;

    const NAMES: [(&str, u16); 7] = [
        ("digitalSignature", KeyUsage::DIGITAL_SIGNATURE),
        ("nonRepudiation", KeyUsage::NON_REPUDIATION),
        ("keyEncipherment", KeyUsage::KEY_ENCIPHERMENT),
        ("dataEncipherment", KeyUsage::DATA_ENCIPHERMENT),
        ("keyAgreement", KeyUsage::KEY_AGREEMENT),
        ("keyCertSign", KeyUsage::KEY_CERT_SIGN),
        ("cRLSign", KeyUsage::CRL_SIGN),
    ];

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it so")]
    pub fn serialize<S: Serializer>(bits: &u16, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(NAMES.iter().filter(|(_, bit)| bits & bit != 0).map(|(name, _)| name))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
        Vec::<String>::deserialize(deserializer)?.iter().try_fold(0, |bits, text| {
            let known = NAMES.iter().find(|(name, _)| name == text);
            known.map(|(_, bit)| bits | bit).ok_or_else(|| D::Error::custom(format!("`{text}` is no key usage")))
        })
    }
}

/// Ages in seconds.
pub(super) mod freshness {
    use super::{Deserialize, Deserializer, Freshness, Serialize, Serializer, TimeDelta};
    use serde::de::Error as _;

    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Seconds {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        maximal_age_seconds: Option<i64>,
        tolerance_seconds: i64,
    }

    pub fn serialize<S: Serializer>(freshness: &Freshness, serializer: S) -> Result<S::Ok, S::Error> {
        let seconds = Seconds {
            maximal_age_seconds: freshness.maximal_age.map(|age| age.num_seconds()),
            tolerance_seconds: freshness.tolerance.num_seconds(),
        };
        seconds.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Freshness, D::Error> {
        let age = |seconds| {
            TimeDelta::try_seconds(seconds)
                .filter(|age| *age >= TimeDelta::zero())
                .ok_or_else(|| D::Error::custom("not an age in seconds"))
        };
        let seconds = Seconds::deserialize(deserializer)?;
        Ok(Freshness {
            maximal_age: seconds.maximal_age_seconds.map(age).transpose()?,
            tolerance: age(seconds.tolerance_seconds)?,
        })
    }
}
