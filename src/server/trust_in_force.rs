//! What goes by the trust store in force: whom the listener takes for a caller, and how the server says it is. Both follow the store, the
//! time (what was trusted yesterday may have expired) and, of the listener, the files of the server's own key and certificate.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};
use ring::digest::{SHA256, digest};
use tokio::sync::watch;
use tracing::{error, info, warn};

use super::{ServerError, read, required};
use crate::clock::SharedClock;
use crate::config::{Problem, Settings};
use crate::grpc::tls::{
    CallerTrust, ServerIdentity, SharedTls, TlsError, UnknownRevocation, closed_server_config, server_config,
};
use crate::grpc::{Anchors, Health};
use crate::pki::TrustStore;
use crate::pki::trust::Purpose;
use crate::workflow::{TrustKeeper, supports_as_anchor};

/// How often is looked whether the passing of time, or a file, has changed anything.
const INTERVAL: Duration = Duration::from_secs(5);

/// The configuration of the listener, made anew when what it is made of has changed.
pub(super) struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    clock: SharedClock,
    identity: ServerIdentity,
    identity_files: Digest,
    /// Files that were refused, so that they are complained of once.
    refused_files: Option<Digest>,
    made_of: MadeOf,
    shared: SharedTls,
}

type Digest = Vec<u8>;

/// What a configuration was made of.
#[derive(Debug, PartialEq, Eq)]
struct MadeOf {
    anchors: Vec<[u8; 32]>,
    lists: Vec<[u8; 32]>,
}

impl MadeOf {
    fn now(trust: &TrustStore, now: DateTime<Utc>) -> Self {
        let anchors = trust.entries().iter().filter(|entry| supports_as_anchor(entry, Purpose::Callers, now));
        let lists = trust.crls().iter().filter(|(_, purposes)| purposes.contains(Purpose::Callers));
        Self {
            anchors: anchors.map(|entry| *entry.certificate.sha256()).collect(),
            lists: lists.map(|(list, _)| *list.sha256()).collect(),
        }
    }
}

impl Tls {
    /// # Errors
    /// When the files cannot be used, or nothing is there to verify callers by.
    pub(super) fn new(settings: &Settings, trust: &TrustStore, clock: &SharedClock) -> Result<Self, ServerError> {
        let certificate = required(settings.tls_certificate_file.as_deref(), "tls_certificate_file")?.to_owned();
        let key = required(settings.tls_key_file.as_deref(), "tls_key_file")?.to_owned();
        let (chain, private) = (read(&certificate)?, read(&key)?);
        let wrong = |error: TlsError| ServerError::File { path: certificate.clone(), reason: error.to_string() };
        let identity = ServerIdentity::from_pem(&chain, &private).map_err(wrong)?;
        let config = config(&identity, trust, clock).map_err(|error| match error {
            TlsError::NoAnchor => ServerError::Settings(vec![no_anchor()]),
            TlsError::Identity(_) => wrong(error),
            other => ServerError::Trust(other.to_string()),
        })?;
        Ok(Self {
            identity_files: digest_of(&chain, &private),
            made_of: MadeOf::now(trust, clock.now()),
            shared: Arc::new(ArcSwap::from_pointee(config)),
            clock: clock.clone(),
            refused_files: None,
            certificate,
            key,
            identity,
        })
    }

    pub(super) fn shared(&self) -> SharedTls {
        Arc::clone(&self.shared)
    }

    /// Makes another configuration when there is reason to. Where none can be made nobody gets in: a configuration of the past would
    /// go on trusting what is not trusted any more.
    fn refresh(&mut self, trust: &TrustStore) {
        let renewed = self.take_over_identity();
        let made_of = MadeOf::now(trust, self.clock.now());
        if !renewed && made_of == self.made_of {
            return;
        }
        self.made_of = made_of;
        let made = config(&self.identity, trust, &self.clock).or_else(|error| {
            error!(%error, "callers cannot be verified and are turned away; bring their anchors and lists in order");
            closed_server_config(&self.identity, self.clock.clone())
        });
        match made {
            Ok(config) => self.shared.store(Arc::new(config)),
            Err(error) => error!(%error, "no TLS configuration can be made"),
        }
    }

    /// Whether the server has another certificate or key now. Files that do not go together, such as while only one of the two is
    /// written, change nothing.
    fn take_over_identity(&mut self) -> bool {
        let (Ok(chain), Ok(key)) = (std::fs::read(&self.certificate), std::fs::read(&self.key)) else { return false };
        let files = digest_of(&chain, &key);
        if files == self.identity_files || Some(&files) == self.refused_files.as_ref() {
            return false;
        }
        let usable = ServerIdentity::from_pem(&chain, &key).and_then(|identity| {
            closed_server_config(&identity, self.clock.clone())?;
            Ok(identity)
        });
        match usable {
            Ok(identity) => {
                info!("the server's renewed certificate and key are taken over");
                self.identity = identity;
                self.identity_files = files;
                self.refused_files = None;
                true
            }
            Err(error) => {
                warn!(%error, "the server's changed certificate and key cannot be used; the former ones stay");
                self.refused_files = Some(files);
                false
            }
        }
    }
}

fn digest_of(chain: &[u8], key: &[u8]) -> Digest {
    [digest(&SHA256, chain).as_ref(), digest(&SHA256, key).as_ref()].concat()
}

fn no_anchor() -> Problem {
    Problem {
        setting: "callers_trust_file",
        explanation:
            "the trust store has no anchor in force for callers: name a PEM file with the roots that callers' TLS \
                      certificates are issued under; it is taken in at the next start"
                .into(),
    }
}

fn config(
    identity: &ServerIdentity,
    trust: &TrustStore,
    clock: &SharedClock,
) -> Result<rustls::ServerConfig, TlsError> {
    let now = clock.now();
    let anchors = trust.entries().iter().filter(|entry| supports_as_anchor(entry, Purpose::Callers, now));
    let anchors = anchors.map(|entry| entry.certificate.der()).collect();
    let lists = trust.crls().iter().filter(|(_, purposes)| purposes.contains(Purpose::Callers));
    let octets: Vec<_> = lists.map(|(list, _)| list.der()).collect();
    // Before the first list is there somebody has to be able to bring it in; from then on silence is no answer, that of a list which
    // cannot be read included.
    let unknown_revocation = if octets.is_empty() { UnknownRevocation::Allow } else { UnknownRevocation::Deny };
    let readable = octets.iter().filter_map(|octets| match octets {
        Ok(octets) => Some(octets.as_ref()),
        Err(error) => {
            tracing::error!(%error, "a revocation list of callers cannot be read; callers of its issuer are denied");
            None
        }
    });
    let revocation_lists: Vec<&[u8]> = readable.collect();
    server_config(identity, &CallerTrust { anchors, revocation_lists, unknown_revocation }, clock.clone())
}

/// Keeps the listener and the health in step with trust and time, until `stop` turns true.
pub(super) async fn follow_trust(
    trust: Arc<TrustKeeper>,
    health: Health,
    mut tls: Option<Tls>,
    clock: SharedClock,
    mut stop: watch::Receiver<bool>,
) {
    let mut published = trust.published();
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            changed = published.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(INTERVAL) => {}
        }
        tell_health(&health, &trust, clock.now()).await;
        if let Some(tls) = &mut tls {
            tls.refresh(&trust.current());
        }
    }
}

/// Tells whether any signature of an applicant can pass at this time.
pub(super) async fn tell_health(health: &Health, trust: &TrustKeeper, now: DateTime<Utc>) {
    let anchors = if trust.has_anchor(Purpose::Applicants, now) { Anchors::Present } else { Anchors::Absent };
    health.anchors(anchors).await;
}
