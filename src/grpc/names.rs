//! Resource names (AIP-122): `applications/{uuid}` and the like.

use std::fmt::Display;

use uuid::Uuid;

use super::failure::Failure;
use crate::registration::{FieldViolation, MissionCode, ViolationCode};
use crate::workflow::ResourceKind;

/// The collection that a kind of resource is in: the first segment of its name.
pub const fn collection(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Application => "applications",
        ResourceKind::Registration => "registrations",
        ResourceKind::Document => "documents",
        ResourceKind::ValidationReport => "validationReports",
        ResourceKind::TrustAnchor => "trustAnchors",
        ResourceKind::Crisis => "crises",
        ResourceKind::CrisisPerson => "crisisPersons",
        ResourceKind::Election => "elections",
        ResourceKind::Notification => "notifications",
    }
}

/// The name of a resource.
pub fn format(kind: ResourceKind, id: impl Display) -> String {
    format!("{}/{id}", collection(kind))
}

/// What the name of a mission begins with.
pub const MISSIONS: &str = "missions/";

/// The code in the name of a mission.
pub fn parse_mission(field: &'static str, name: &str) -> Result<MissionCode, Failure> {
    name.strip_prefix(MISSIONS).and_then(|code| code.parse().ok()).ok_or_else(|| {
        let description = "has to be missions/{code}, such as missions/KZ-DE-BER";
        Failure::field(FieldViolation::new(field, ViolationCode::BadFormat, description))
    })
}

/// The identifier in the name that stands in `field`. Only the canonical spelling is a name: lower-case with hyphens.
pub fn parse(kind: ResourceKind, field: &'static str, name: &str) -> Result<Uuid, Failure> {
    segment(kind, name)
        .and_then(|id| Uuid::try_parse(id).ok().filter(|uuid| uuid.to_string() == id))
        .ok_or_else(|| malformed(kind, field, "{uuid}", name))
}

/// The SHA-256 in the name of a trust anchor.
pub fn parse_trust_anchor(field: &'static str, name: &str) -> Result<[u8; 32], Failure> {
    let kind = ResourceKind::TrustAnchor;
    segment(kind, name)
        .filter(|id| !id.bytes().any(|octet| octet.is_ascii_uppercase()))
        .and_then(|id| hex::decode(id).ok()?.try_into().ok())
        .ok_or_else(|| malformed(kind, field, "{SHA-256, 64 lower-case hexadecimal digits}", name))
}

fn segment(kind: ResourceKind, name: &str) -> Option<&str> {
    name.strip_prefix(collection(kind))?.strip_prefix('/')
}

fn malformed(kind: ResourceKind, field: &'static str, shape: &str, name: &str) -> Failure {
    let code = if name.is_empty() { ViolationCode::MissingField } else { ViolationCode::BadFormat };
    Failure::field(FieldViolation::new(field, code, format!("has to be {}/{shape}", collection(kind))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_back_as_written_and_nothing_else_is_a_name() {
        let id = Uuid::from_u128(0x0192_abcd_0000_7000_8000_0000_0000_00ef);
        let name = format(ResourceKind::Application, id);
        assert_eq!(parse(ResourceKind::Application, "name", &name).unwrap(), id);
        let simple = format!("applications/{}", id.simple());
        let upper = format!("applications/{}", id.to_string().to_uppercase());
        let long = format!("{name}/x");
        for other in ["", "applications", "applications/", "documents/", &simple, &upper, &long, &name[1..]] {
            assert!(parse(ResourceKind::Application, "name", other).is_err(), "{other}");
        }
        let anchor = format(ResourceKind::TrustAnchor, "ab".repeat(32));
        assert_eq!(parse_trust_anchor("name", &anchor).unwrap(), [0xab; 32]);
        assert!(parse_trust_anchor("name", &anchor.to_uppercase()).is_err());
        assert!(parse_trust_anchor("name", "trustAnchors/ab").is_err());
    }
}
