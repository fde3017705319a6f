//! What all signed acts have in common: who signed, for which call, over which version of what; and that a repeated call gives the
//! original result.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::detail::OfficerMark;
use super::verify::{Judged, Presented};
use super::{ApplicationView, Caller, Refusal, Verdict, Workflow};
use crate::pki::sha256;
use crate::registration::act::{self, Act, ActName, OfficerAct};
use crate::registration::parameters::Parameters;
use crate::registration::{FieldViolation, ViolationCode};
use crate::signature::{VerifiedContent, VerifiedSigner};
use crate::store::RequestKey;

/// The etag of what is not there yet: an officer chooses the identifier of what an act creates.
pub(super) const ABSENT: i64 = 0;

/// What makes a repetition of a call recognisable, where the caller gave it a request_id; `digest` is that of the call's content.
pub(super) fn request_key(
    caller: &Caller,
    method: &'static str,
    request_id: Option<String>,
    digest: [u8; 32],
) -> Option<RequestKey> {
    let key = |request_id| RequestKey { caller: caller.id.clone(), method: method.to_owned(), request_id, digest };
    request_id.map(key)
}

/// An act out of a valid signature.
pub(super) struct SignedAct {
    act: OfficerAct,
    /// What it does.
    pub meaning: Act,
    /// The report on its signature.
    pub report: Uuid,
    verified: VerifiedContent,
}

impl SignedAct {
    /// Who signed.
    ///
    /// # Errors
    /// More than one did.
    pub fn signer(&self, verdict: &Verdict) -> Result<&VerifiedSigner, Refusal> {
        match self.verified.signers() {
            [signer] => Ok(signer),
            _ => Err(Refusal::SeveralSigners(verdict.clone())),
        }
    }

    /// The note of the person who acts.
    pub fn note(&self) -> Option<String> {
        self.act.decision.note.as_ref().map(ToString::to_string)
    }

    /// The resource of that collection that the act is about.
    ///
    /// # Errors
    /// It is about something else.
    pub fn subject(&self, collection: &'static str) -> Result<Uuid, Refusal> {
        let id = self.act.subject.as_str().strip_prefix(collection).and_then(|id| id.strip_prefix('/'));
        id.and_then(|id| id.parse().ok()).ok_or_else(|| {
            let description = format!("has to be {collection}/{{uuid}}");
            Refusal::Fields(vec![FieldViolation::new("subject", ViolationCode::BadFormat, description)])
        })
    }

    /// Whether the person saw the version that is there now.
    ///
    /// # Errors
    /// The version changed meanwhile.
    pub fn expects(&self, version: i64) -> Result<(), Refusal> {
        let current = version.to_string();
        if self.act.etag.as_str() == current { Ok(()) } else { Err(Refusal::VersionConflict { current }) }
    }
}

impl Workflow {
    /// Judges nothing: reads the act from the bytes that were verified, and checks that it is for the call `name` and for now.
    /// The report is stored whatever comes of it.
    pub(super) async fn read_act(
        &self,
        judged: Judged,
        name: ActName,
        now: DateTime<Utc>,
    ) -> Result<(SignedAct, Verdict), Refusal> {
        let verdict = judged.verdict();
        self.store.record_report(judged.stored).await?;
        let Some(verified) = judged.verified else { return Err(Refusal::Signature(verdict)) };
        let act = act::decode(verified.bytes()).map_err(Refusal::Fields)?;
        if act.time > now + Parameters::on(now.date_naive()).clock_tolerance {
            let description = "the act was signed later than now";
            let violation = FieldViolation::new("time", ViolationCode::IssuedInFuture, description);
            return Err(Refusal::FormNotCurrent(vec![violation]));
        }
        let meaning = act.meaning().map_err(Refusal::Fields)?;
        if meaning.name() != name {
            let description = "the signed act is for another call";
            let violation = FieldViolation::new("act", ViolationCode::Inconsistent, description);
            return Err(Refusal::Fields(vec![violation]));
        }
        Ok((SignedAct { act, meaning, report: judged.id, verified }, verdict))
    }

    /// The act as it was presented, with the key that makes a repetition of the call recognisable.
    pub(super) fn present_act(
        caller: &Caller,
        method: &'static str,
        request_id: Option<String>,
        signed: Vec<u8>,
    ) -> (Arc<Presented>, Option<RequestKey>) {
        let key = request_key(caller, method, request_id, sha256(&signed));
        (Arc::new(Presented::attached("signed_act", signed)), key)
    }

    /// What a call of that request_id came to, if it was made before with the same content. Who made it saw the application then, and
    /// is answered although it may have gone to another mission since.
    pub(super) async fn repeated(&self, key: Option<&RequestKey>) -> Result<Option<ApplicationView>, Refusal> {
        let Some(subject) = self.repeated_subject(key).await? else { return Ok(None) };
        self.store.application(subject).await?.map(|record| self.view(record)).transpose()
    }

    /// What a call of that request_id was about, if it was made before with the same content.
    pub(super) async fn repeated_subject(&self, key: Option<&RequestKey>) -> Result<Option<Uuid>, Refusal> {
        let Some(key) = key else { return Ok(None) };
        match self.store.request(key).await? {
            Some((digest, subject)) if digest == key.digest => Ok(Some(subject)),
            Some(_) => Err(Refusal::RequestIdReused),
            None => Ok(None),
        }
    }

    /// A person who signed, told from others without a name.
    pub(super) fn mark(&self, signer: &VerifiedSigner) -> OfficerMark {
        let iin = signer.identity().and_then(|identity| identity.iin.as_deref()).unwrap_or_default();
        OfficerMark {
            person: hex::encode(self.store.iin_hash(iin).as_bytes()),
            certificate: hex::encode(signer.certificate().sha256()),
        }
    }
}
