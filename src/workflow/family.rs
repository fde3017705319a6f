//! Family members: each has a registration of its own, and each card names the others. What ends one ends no other.
//!
//! A link shows another person's registration only where both name each other: whoever merely writes a number or an IIN on the own card
//! learns nothing by it.

use super::{FamilyMemberView, Refusal, Workflow};
use crate::registration::ApplicationForm;
use crate::registration::form::{FamilyMember, Relation, RepresentativeKind};
use crate::store::{FamilyLink, RegistrationRecord};

impl Workflow {
    /// The family members that a form names and that can be found: those of the card, and the parent who acts for a child.
    pub(super) fn family_of(&self, form: &ApplicationForm) -> Vec<FamilyLink> {
        let members = form.card.contacts.family_members.iter().map(|member| self.link(member));
        let mut links: Vec<FamilyLink> =
            members.filter(|link| link.number.is_some() || link.iin_hash.is_some()).collect();
        let parent = form
            .representative
            .as_ref()
            .filter(|person| matches!(person.kind, RepresentativeKind::Parent | RepresentativeKind::AdoptiveParent));
        if let Some(parent) = parent {
            let iin_hash = Some(self.store.iin_hash(&parent.iin));
            if !links.iter().any(|link| link.iin_hash == iin_hash) {
                links.push(FamilyLink { relation: Relation::Parent.as_str().to_owned(), number: None, iin_hash });
            }
        }
        links
    }

    /// What a card says of where a family member is registered.
    pub(super) fn link(&self, member: &FamilyMember) -> FamilyLink {
        FamilyLink {
            relation: member.relation.as_str().to_owned(),
            number: member.registration.as_ref().map(ToString::to_string),
            iin_hash: member.iin.as_ref().map(|iin| self.store.iin_hash(iin)),
        }
    }

    /// The family members of a registration as they stand now.
    pub(super) async fn family(&self, record: &RegistrationRecord) -> Result<Vec<FamilyMemberView>, Refusal> {
        let mut members = Vec::new();
        for link in self.store.family(record.id).await? {
            let Some(relation) = Relation::from_name(&link.relation) else { continue };
            let own = match self.store.registration_of_member(&link).await? {
                Some(own) if own.id != record.id && self.names(&own, record).await? => Some(own),
                Some(_) | None => None,
            };
            let number = own.as_ref().map(|own| own.number.clone()).or(link.number);
            // A member without either has nothing to be shown by.
            let Some(number) = number else { continue };
            members.push(FamilyMemberView {
                relation,
                number,
                registration: own.as_ref().map(|own| own.id),
                state: own.as_ref().map(|own| own.state),
            });
        }
        Ok(members)
    }

    /// Whether the card of one registration names the person of the other.
    async fn names(&self, one: &RegistrationRecord, other: &RegistrationRecord) -> Result<bool, Refusal> {
        Ok(self.store.family(one.id).await?.iter().any(|link| link.means(other)))
    }
}
