//! Texts that are right by construction: whoever holds a [`Line`] or an [`Email`] need not check it again.
//!
//! Each type states its shape twice: as Rust code, which judges, and as a regular expression for readers of the JSON Schema. A
//! test holds the two together. `Debug` of a personal value shows its length only, since it may reach a log.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// What is wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ValueError {
    /// Empty, or longer than the type allows.
    #[error("the text is empty or too long")]
    Length,
    /// A character that the type does not allow, such as a control character.
    #[error("the text has a character that is not allowed here")]
    Character,
    /// The characters are allowed, their order is not.
    #[error("the text is not of the required form")]
    Form,
}

/// The shape of one type of text.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Name under `format` in the JSON Schema.
    pub format: &'static str,
    /// Most characters (Unicode scalar values) allowed; the least is one.
    pub longest: usize,
    /// The shape as a regular expression, for readers of the schema.
    pub pattern: &'static str,
    /// What is expected, in Kazakh, Russian and English, for whoever has to mend the text.
    pub expected: [&'static str; 3],
    judge: fn(&str) -> Result<(), ValueError>,
}

impl Shape {
    /// Whether `text` has this shape.
    ///
    /// # Errors
    /// What is wrong with it, the length first.
    pub fn check(&self, text: &str) -> Result<(), ValueError> {
        // Bytes first: counting characters of a huge text would be work for the sender's benefit.
        if text.is_empty() || text.len() > 4 * self.longest || text.chars().count() > self.longest {
            return Err(ValueError::Length);
        }
        (self.judge)(text)
    }
}

/// All shapes, for the schema's validator.
pub const SHAPES: [&Shape; 10] = [
    &Line::SHAPE,
    &CyrillicName::SHAPE,
    &LatinName::SHAPE,
    &Email::SHAPE,
    &Phone::SHAPE,
    &CountryCode::SHAPE,
    &SubdivisionCode::SHAPE,
    &MissionCode::SHAPE,
    &Digest::SHAPE,
    &MediaType::SHAPE,
];

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $shape:expr, $debug:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The shape every value of this type has.
            pub const SHAPE: Shape = $shape;

            /// Takes a text of this shape.
            ///
            /// # Errors
            /// What is wrong with it.
            pub fn new(text: impl Into<String>) -> Result<Self, ValueError> {
                let text = text.into();
                Self::SHAPE.check(&text)?;
                Ok(Self(text))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = ValueError;

            fn try_from(text: String) -> Result<Self, ValueError> {
                Self::new(text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = ValueError;

            fn from_str(text: &str) -> Result<Self, ValueError> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let debug: fn(&str) -> String = $debug;
                write!(f, "{}({})", stringify!($name), debug(&self.0))
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "format": Self::SHAPE.format,
                    "minLength": 1,
                    "maxLength": Self::SHAPE.longest,
                    "pattern": Self::SHAPE.pattern,
                })
            }
        }
    };
}

fn hidden(text: &str) -> String {
    format!("{} characters", text.chars().count())
}

text_type!(
    /// One line of text: 1 to 300 characters, no control and no invisible direction or joining characters, not blank at its ends.
    Line,
    Shape {
        format: "consular-line",
        longest: 300,
        pattern: r"^(?![ \u00A0])[^\u0000-\u001F\u007F-\u009F\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF]+(?<![ \u00A0])$",
        expected: [
            "бір жол, 1-ден 300-ге дейін таңба, басқару таңбаларынсыз, басында және соңында бос орынсыз",
            "одна строка от 1 до 300 символов без управляющих символов и без пробелов по краям",
            "one line of 1 to 300 characters without control characters, not beginning or ending with a blank",
        ],
        judge: line,
    },
    hidden
);

text_type!(
    /// A name, or a part of one, in Cyrillic letters, as written in documents of Kazakhstan.
    CyrillicName,
    Shape {
        format: "consular-cyrillic-name",
        longest: 100,
        pattern: r"^[\u0400-\u052F](?:[ '.\u2019-]?[\u0400-\u052F])*\.?$",
        expected: [
            "1-ден 100-ге дейін кирилл әрпі, арасында жеке бос орын, сызықша, апостроф немесе нүкте болуы мүмкін",
            "от 1 до 100 букв кириллицы, между ними — одиночные пробелы, дефисы, апострофы или точки",
            "1 to 100 Cyrillic letters, with single blanks, hyphens, apostrophes or dots between them",
        ],
        judge: |text| name(text, |letter| ('\u{400}'..='\u{52F}').contains(&letter)),
    },
    hidden
);

text_type!(
    /// A name, or a part of one, in Latin letters exactly as in the passport; never transliterated by the service.
    LatinName,
    Shape {
        format: "consular-latin-name",
        longest: 100,
        pattern: r"^[A-Za-z](?:[ '.\u2019-]?[A-Za-z])*\.?$",
        expected: [
            "1-ден 100-ге дейін латын әрпі (A–Z), арасында жеке бос орын, сызықша, апостроф немесе нүкте болуы мүмкін",
            "от 1 до 100 латинских букв A–Z, между ними — одиночные пробелы, дефисы, апострофы или точки",
            "1 to 100 Latin letters A to Z, with single blanks, hyphens, apostrophes or dots between them",
        ],
        judge: |text| name(text, |letter| letter.is_ascii_alphabetic()),
    },
    hidden
);

text_type!(
    /// An e-mail address in ASCII: local part, `@`, host name with a dot.
    Email,
    Shape {
        format: "consular-email",
        longest: 254,
        pattern: r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+$",
        expected: [
            "электрондық пошта мекенжайы, мысалы, name@example.org",
            "адрес электронной почты, например name@example.org",
            "an e-mail address in ASCII such as name@example.org",
        ],
        judge: email,
    },
    hidden
);

text_type!(
    /// A telephone number in international form (ITU-T E.164): `+` and 7 to 15 digits.
    Phone,
    Shape {
        format: "consular-phone",
        longest: 16,
        pattern: "^\\+[1-9][0-9]{6,14}$",
        expected: [
            "телефон нөмірі: + және 7-ден 15-ке дейін цифр, біріншісі нөл емес",
            "номер телефона: + и от 7 до 15 цифр, первая не ноль",
            "a telephone number as + and 7 to 15 digits, the first not zero",
        ],
        judge: phone,
    },
    hidden
);

text_type!(
    /// A country by its ISO 3166-1 alpha-2 code, such as `DE`.
    CountryCode,
    Shape {
        format: "consular-country",
        longest: 2,
        pattern: "^[A-Z]{2}$",
        expected: [
            "ISO 3166-1 бойынша елдің екі бас әрпі",
            "страна двумя прописными буквами по ISO 3166-1",
            "a country as its two capital letters of ISO 3166-1",
        ],
        judge: |text| if is_country(text) { Ok(()) } else { Err(ValueError::Form) },
    },
    str::to_owned
);

text_type!(
    /// A part of a country by its ISO 3166-2 code, such as `DE-HE`.
    SubdivisionCode,
    Shape {
        format: "consular-subdivision",
        longest: 6,
        pattern: "^[A-Z]{2}-[A-Z0-9]{1,3}$",
        expected: [
            "ISO 3166-2 бойынша ел бөлігінің коды, мысалы, DE-HE",
            "часть страны кодом по ISO 3166-2, например DE-HE",
            "a part of a country as its code of ISO 3166-2, such as DE-HE",
        ],
        judge: subdivision,
    },
    str::to_owned
);

text_type!(
    /// The code of a foreign institution of Kazakhstan, such as `KZ-DE-BER`.
    MissionCode,
    Shape {
        format: "consular-mission",
        longest: 9,
        pattern: "^KZ-[A-Z]{2}-[A-Z]{3}$",
        expected: [
            "шетелдегі мекеменің коды, мысалы, KZ-DE-BER",
            "код загранучреждения, например KZ-DE-BER",
            "a mission's code such as KZ-DE-BER",
        ],
        judge: mission,
    },
    str::to_owned
);

text_type!(
    /// A SHA-256 digest in 64 lower-case hexadecimal digits.
    Digest,
    Shape {
        format: "consular-sha256",
        longest: 64,
        pattern: "^[0-9a-f]{64}$",
        expected: [
            "SHA-256 хеші: 64 кіші он алтылық цифр",
            "хеш SHA-256: 64 строчные шестнадцатеричные цифры",
            "a SHA-256 digest in 64 lower-case hexadecimal digits",
        ],
        judge: digest,
    },
    str::to_owned
);

text_type!(
    /// A media type (RFC 6838) without parameters, such as `application/pdf`.
    MediaType,
    Shape {
        format: "consular-media-type",
        longest: 127,
        pattern: "^[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*$",
        expected: [
            "кіші әріптермен медиа түрі, мысалы, application/pdf",
            "тип медиа строчными буквами, например application/pdf",
            "a media type in lower case such as application/pdf",
        ],
        judge: media_type,
    },
    str::to_owned
);

/// Whether a character is invisible and changes how its neighbours are read: controls, zero-width and direction marks.
pub fn is_control(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

fn line(text: &str) -> Result<(), ValueError> {
    let blank = [' ', '\u{A0}'];
    if text.chars().any(is_control) {
        Err(ValueError::Character)
    } else if text.starts_with(blank) || text.ends_with(blank) {
        Err(ValueError::Form)
    } else {
        Ok(())
    }
}

fn name(text: &str, is_letter: fn(char) -> bool) -> Result<(), ValueError> {
    let is_joint = |letter: char| matches!(letter, ' ' | '\'' | '.' | '\u{2019}' | '-');
    if !text.chars().all(|letter| is_letter(letter) || is_joint(letter)) {
        return Err(ValueError::Character);
    }
    let body = text.strip_suffix('.').unwrap_or(text);
    let mut after_letter = false;
    for letter in body.chars() {
        if !after_letter && !is_letter(letter) {
            return Err(ValueError::Form);
        }
        after_letter = is_letter(letter);
    }
    if after_letter { Ok(()) } else { Err(ValueError::Form) }
}

fn email(text: &str) -> Result<(), ValueError> {
    let is_atom = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&b))
    };
    let is_label = |part: &str| {
        !part.is_empty()
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let (local, host) = text.split_once('@').ok_or(ValueError::Form)?;
    if local.split('.').all(is_atom) && host.contains('.') && host.split('.').all(is_label) {
        Ok(())
    } else {
        Err(ValueError::Form)
    }
}

fn phone(text: &str) -> Result<(), ValueError> {
    let digits = text.strip_prefix('+').ok_or(ValueError::Form)?;
    let right =
        (7..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
    if right { Ok(()) } else { Err(ValueError::Form) }
}

fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase())
}

fn subdivision(text: &str) -> Result<(), ValueError> {
    let (country, part) = text.split_once('-').ok_or(ValueError::Form)?;
    let right = is_country(country)
        && (1..=3).contains(&part.len())
        && part.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if right { Ok(()) } else { Err(ValueError::Form) }
}

fn mission(text: &str) -> Result<(), ValueError> {
    let (country, city) = text.strip_prefix("KZ-").and_then(|rest| rest.split_once('-')).ok_or(ValueError::Form)?;
    let right = is_country(country) && city.len() == 3 && city.bytes().all(|b| b.is_ascii_uppercase());
    if right { Ok(()) } else { Err(ValueError::Form) }
}

fn digest(text: &str) -> Result<(), ValueError> {
    let right = text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if right { Ok(()) } else { Err(ValueError::Form) }
}

fn media_type(text: &str) -> Result<(), ValueError> {
    let is_part = |part: &str| {
        part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".+-".contains(&b))
            && part.starts_with(|first: char| first.is_ascii_alphanumeric())
    };
    let (kind, subtype) = text.split_once('/').ok_or(ValueError::Form)?;
    if is_part(kind) && is_part(subtype) { Ok(()) } else { Err(ValueError::Form) }
}
