//! What a response says about one certificate at one time, and how fresh that is (RFC 6960 §3.2, §4.2.2.1).

use chrono::{DateTime, TimeDelta, Utc};

use super::{Authorised, CertificateStatus, OcspResponse, Responder, SingleResponse};
use crate::pki::Oid;
use crate::pki::algorithm::{AlgorithmError, CryptographicConstraints};
use crate::pki::certificate::Certificate;
use crate::pki::crl::{Reason, RevokedEntry};

/// How old a response may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// Longest age of a status at the time asked for, whatever its `nextUpdate`; `None` sets no limit.
    pub maximal_age: Option<TimeDelta>,
    /// How far a responder's clock may be ahead.
    pub tolerance: TimeDelta,
}

impl Default for Freshness {
    /// A week, and ten seconds.
    fn default() -> Self {
        Self { maximal_age: Some(TimeDelta::days(7)), tolerance: TimeDelta::seconds(10) }
    }
}

/// What is asked of a response.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Whose status is asked for.
    pub certificate: &'a Certificate,
    /// The issuer of that certificate, as the certification path has it.
    pub issuer: &'a Certificate,
    /// Certificates that came along, among which the responder's may be.
    pub candidates: &'a [Certificate],
    /// The time whose status is asked for.
    pub time: DateTime<Utc>,
    /// The time of asking: what is dated later is not believed. Not before `time`.
    pub now: DateTime<Utc>,
    /// The nonce of a request that was made for this answer; `None` when there was none, and then any nonce is fine.
    pub nonce: Option<&'a [u8]>,
    /// How old the response may be.
    pub freshness: Freshness,
    /// Which algorithms count as reliable in responses and in certificates of responders.
    pub algorithms: &'a CryptographicConstraints,
}

/// What an authorised response says.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status at the time asked for.
    pub standing: Standing,
    /// From when the status is.
    pub this_update: DateTime<Utc>,
    /// Until when it is good for.
    pub next_update: Option<DateTime<Utc>>,
    /// Who said so.
    pub responder: Responder,
}

/// The status of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Not revoked, or revoked only later.
    Good {
        /// The revocation, when it came after the time asked for.
        revoked_later: Option<RevokedEntry>,
    },
    /// Revoked at the time.
    Revoked(RevokedEntry),
    /// On hold at the time (`certificateHold`), or never issued (§2.2): neither good nor finally revoked.
    Hold(RevokedEntry),
}

/// Why a response proves nothing about a certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Ignored {
    /// No status in it is about the certificate.
    #[error("it is about another certificate")]
    OtherCertificate,
    /// More responses came along than are looked at.
    #[error("too many responses came along")]
    TooMany,
    /// No certificate at hand bears the responder's identifier.
    #[error("the responder's certificate is not at hand")]
    NoResponder,
    /// The responder is no delegate of the certificate's issuer.
    #[error("the responder is not authorised by the issuer of the certificate")]
    OtherAuthority,
    /// The delegate's certificate does not name id-kp-OCSPSigning.
    #[error("the responder's certificate is not meant for signing OCSP responses")]
    NotForOcsp,
    /// The delegate's certificate is not, or no longer, valid.
    #[error("the responder's certificate is outside its validity period")]
    ResponderOutOfValidity,
    /// The delegate's certificate is revoked.
    #[error("the responder's certificate is revoked")]
    ResponderRevoked,
    /// The signature over the response does not verify.
    #[error("the signature of the response does not verify")]
    BadSignature,
    /// Its algorithm, or the responder's key, cannot be verified here.
    #[error("the response cannot be verified: {0}")]
    Algorithm(AlgorithmError),
    /// A critical extension nothing here processes.
    #[error("unknown critical extension {0}")]
    CriticalExtension(Oid),
    /// Another nonce than that of the request, or none.
    #[error("the nonce is not that of the request")]
    Nonce,
    /// Dated later than now.
    #[error("dated in the future: {0}")]
    Future(DateTime<Utc>),
    /// Times that contradict each other.
    #[error("its times contradict each other")]
    Times,
    /// Superseded before the time asked for.
    #[error("stale since {0}")]
    Stale(DateTime<Utc>),
    /// Older than allowed.
    #[error("too old: of {0}")]
    TooOld(DateTime<Utc>),
    /// Said of a certificate that had expired by then, by a responder that does not say it remembers such.
    #[error("of {0}, when the certificate had expired")]
    Expired(DateTime<Utc>),
    /// The responder does not know the certificate.
    #[error("the responder does not know the certificate")]
    Unknown,
}

impl Ignored {
    /// How telling the reason is: of several the highest is reported.
    pub fn rank(&self) -> u8 {
        match self {
            Self::OtherCertificate => 0,
            Self::TooMany | Self::NoResponder => 1,
            Self::BadSignature => 2,
            Self::OtherAuthority => 3,
            Self::Algorithm(_) => 4,
            Self::NotForOcsp | Self::CriticalExtension(_) => 5,
            Self::ResponderOutOfValidity => 6,
            Self::ResponderRevoked => 7,
            Self::Nonce | Self::Times => 8,
            Self::Future(_) | Self::Stale(_) | Self::TooOld(_) | Self::Expired(_) => 9,
            Self::Unknown => 10,
        }
    }
}

impl From<AlgorithmError> for Ignored {
    fn from(error: AlgorithmError) -> Self {
        match error {
            AlgorithmError::SignatureInvalid => Self::BadSignature,
            other => Self::Algorithm(other),
        }
    }
}

impl OcspResponse {
    /// What the response says about a certificate, if it may say it: in one step [`authorise`](Self::authorise) and
    /// [`Authorised::answer`]. Whether a delegate is revoked is the caller's to find out.
    ///
    /// # Errors
    /// [`Ignored`].
    pub fn status_of(&self, question: &Question<'_>) -> Result<Answer, Ignored> {
        // Cheap before costly, and a stranger's response is not worth a signature check.
        if !self.is_about(question.certificate, question.issuer) {
            return Err(Ignored::OtherCertificate);
        }
        self.authorise(question.issuer, question.candidates, question.time, question.algorithms)?.answer(question)
    }
}

impl Authorised<'_> {
    /// Looks up the certificate and judges freshness. Of several statuses for one certificate the worst counts.
    ///
    /// # Errors
    /// [`Ignored`].
    pub fn answer(&self, question: &Question<'_>) -> Result<Answer, Ignored> {
        let response = self.response;
        if let Some(oid) = response.extensions.unknown_critical {
            return Err(Ignored::CriticalExtension(oid));
        }
        if question.nonce.is_some_and(|nonce| response.nonce() != Some(nonce)) {
            return Err(Ignored::Nonce);
        }
        if response.produced_at > question.now + question.freshness.tolerance {
            return Err(Ignored::Future(response.produced_at));
        }
        let about =
            response.statuses.iter().filter(|single| single.certificate.names(question.certificate, self.issuer));
        let mut worst: Option<(&SingleResponse, u8)> = None;
        for single in about {
            let severity = match single.status {
                CertificateStatus::Good => 0,
                CertificateStatus::Unknown => 1,
                CertificateStatus::Revoked(_) => 2,
            };
            if worst.is_none_or(|(_, known)| known < severity) {
                worst = Some((single, severity));
            }
        }
        let (single, _) = worst.ok_or(Ignored::OtherCertificate)?;
        self.judge(single, question)
    }

    fn judge(&self, single: &SingleResponse, question: &Question<'_>) -> Result<Answer, Ignored> {
        if let Some(oid) = single.extensions.unknown_critical {
            return Err(Ignored::CriticalExtension(oid));
        }
        let Freshness { maximal_age, tolerance } = question.freshness;
        let (this_update, next_update) = (single.this_update, single.next_update);
        if this_update > question.now + tolerance {
            return Err(Ignored::Future(this_update));
        }
        if this_update > self.response.produced_at + tolerance || next_update.is_some_and(|next| next < this_update) {
            return Err(Ignored::Times);
        }
        if let Some(next_update) = next_update.filter(|next| *next < question.time) {
            return Err(Ignored::Stale(next_update));
        }
        if maximal_age.is_some_and(|age| question.time - this_update > age) {
            return Err(Ignored::TooOld(this_update));
        }
        let expired = question.certificate.not_after();
        let is_remembered = single.extensions.archive_cutoff.is_some_and(|cutoff| cutoff <= expired);
        // A revocation holds whenever it is told; only "good" may be forgetfulness.
        if single.status == CertificateStatus::Good && this_update > expired && !is_remembered {
            return Err(Ignored::Expired(this_update));
        }
        let standing = match single.status {
            CertificateStatus::Unknown => return Err(Ignored::Unknown),
            CertificateStatus::Good => Standing::Good { revoked_later: None },
            CertificateStatus::Revoked(entry) => standing_of(entry, question.time),
        };
        Ok(Answer { standing, this_update, next_update, responder: self.responder().clone() })
    }
}

fn standing_of(entry: RevokedEntry, time: DateTime<Utc>) -> Standing {
    match entry.reason {
        _ if entry.revocation_date > time => Standing::Good { revoked_later: Some(entry) },
        Reason::CertificateHold => Standing::Hold(entry),
        _ => Standing::Revoked(entry),
    }
}
