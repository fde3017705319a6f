//! The registration card: education, occupation, contacts and family.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::registration::value::{CountryCode, Email, Line, Phone};

/// Education and occupation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Life {
    /// Education; never required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub education: Option<Line>,
    /// Occupation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occupation: Option<Occupation>,
}

/// Occupation: at least one of its items is expected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Occupation {
    /// Employer or school.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employer_or_school: Option<Line>,
    /// Position, or what the citizen is instead, such as a pensioner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Line>,
}

/// How to reach the citizen and the family.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Contacts {
    /// Telephone numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10))]
    pub phones: Vec<Phone>,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// Whom to tell in an emergency.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20))]
    pub emergency_contacts: Vec<ContactPerson>,
    /// Relatives in Kazakhstan.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub relatives_in_kazakhstan: Vec<ContactPerson>,
    /// Relatives abroad.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub relatives_abroad: Vec<ContactPerson>,
    /// Members of the family who live with the citizen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub family_members: Vec<FamilyMember>,
}

/// A person to turn to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactPerson {
    /// Name.
    pub name: Line,
    /// What the person is to the citizen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<Relation>,
    /// Telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// E-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// Address in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Line>,
}

/// A member of the family who lives with the citizen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FamilyMember {
    /// What the person is to the citizen.
    pub relation: Relation,
    /// Name.
    pub name: Line,
    /// Citizenship.
    pub citizenship: CountryCode,
    /// Date of birth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<NaiveDate>,
    /// Number of the person's own consular registration, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<Line>,
    /// Individual identification number, by which the person's own registration is found as well; judged by the rules, not by the syntax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iin: Option<Line>,
}

impl Relation {
    /// Every relation.
    pub const ALL: [Self; 8] = [
        Self::Spouse,
        Self::Parent,
        Self::Child,
        Self::Sibling,
        Self::Grandparent,
        Self::Grandchild,
        Self::OtherRelative,
        Self::NotRelated,
    ];

    /// As written, such as `SPOUSE`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Spouse => "SPOUSE",
            Self::Parent => "PARENT",
            Self::Child => "CHILD",
            Self::Sibling => "SIBLING",
            Self::Grandparent => "GRANDPARENT",
            Self::Grandchild => "GRANDCHILD",
            Self::OtherRelative => "OTHER_RELATIVE",
            Self::NotRelated => "NOT_RELATED",
        }
    }

    /// The relation of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|relation| relation.as_str() == name)
    }
}

/// What a person is to the citizen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Relation {
    /// Husband or wife.
    Spouse,
    /// Mother or father.
    Parent,
    /// Daughter or son.
    Child,
    /// Sister or brother.
    Sibling,
    /// Grandmother or grandfather.
    Grandparent,
    /// Granddaughter or grandson.
    Grandchild,
    /// Another relative.
    OtherRelative,
    /// Nobody of the family, such as a friend or an employer.
    NotRelated,
}
