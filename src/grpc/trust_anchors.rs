//! TrustAnchorService.

use std::sync::Arc;

use tonic::{Request, Response, Status, Streaming};

use super::call::Call;
use super::convert;
use super::convert_time::optional_instant;
use super::convert_trust;
use super::failure::Failure;
use super::names;
use super::proto::trust_anchor_service_server::TrustAnchorService;
use super::proto::{
    ActivateTrustAnchorRequest, ActivateTrustAnchorResponse, GetTrustStoreRequest, GetTrustStoreResponse,
    ImportCertificateRevocationListRequest, ImportCertificateRevocationListResponse, ImportTrustAnchorRequest,
    ImportTrustAnchorResponse, ListTrustAnchorsRequest, ListTrustAnchorsResponse, RetireTrustAnchorRequest,
    RetireTrustAnchorResponse,
};
use crate::registration::{FieldViolation, ViolationCode};
use crate::workflow::{TrustChange, TrustImport, Workflow};

/// Characters of a note at the most.
const LONGEST_NOTE: usize = 500;

/// Handlers of TrustAnchorService.
pub struct TrustAnchors {
    workflow: Arc<Workflow>,
    /// Octets of a revocation list at the most.
    longest_list: usize,
}

impl TrustAnchors {
    /// Handlers over the use cases; a revocation list over `longest_list` octets is refused while it arrives.
    pub fn new(workflow: Arc<Workflow>, longest_list: usize) -> Self {
        Self { workflow, longest_list }
    }

    /// Takes in the pieces of a list. Memory grows with what has arrived, never with what is announced.
    async fn receive(&self, mut pieces: Streaming<ImportCertificateRevocationListRequest>) -> Result<Vec<u8>, Failure> {
        let mut list = Vec::new();
        while let Some(piece) =
            pieces.message().await.map_err(|status| Failure::of_wire(status.code()).unwrap_or(Failure::UploadBroken))?
        {
            if list.len().saturating_add(piece.chunk.len()) > self.longest_list {
                return Err(Failure::UploadTooLarge(self.longest_list));
            }
            list.extend_from_slice(&piece.chunk);
        }
        convert::required("chunk", list)
    }
}

fn note(note: String) -> Result<String, Failure> {
    if note.chars().count() > LONGEST_NOTE {
        return Err(Failure::field(FieldViolation::new(
            "note",
            ViolationCode::BadLength,
            "has at most 500 characters",
        )));
    }
    Ok(note)
}

fn change(name: &str, etag: String, sample_certificate: Vec<u8>, reason: String) -> Result<TrustChange, Failure> {
    if etag.is_empty() {
        return Err(Failure::field(FieldViolation::new("etag", ViolationCode::MissingField, "has to be given")));
    }
    Ok(TrustChange {
        sha256: names::parse_trust_anchor("name", name)?,
        etag,
        sample_certificate: Some(sample_certificate).filter(|certificate| !certificate.is_empty()),
        note: note(reason)?,
    })
}

#[tonic::async_trait]
impl TrustAnchorService for TrustAnchors {
    async fn import_trust_anchor(
        &self,
        request: Request<ImportTrustAnchorRequest>,
    ) -> Result<Response<ImportTrustAnchorResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let import = TrustImport {
                kind: convert_trust::kind(request.kind())?,
                purposes: convert_trust::purposes(request.purposes())?,
                trusted_from: optional_instant("trusted_from_time", request.trusted_from_time.as_ref())?,
                trusted_until: optional_instant("trusted_until_time", request.trusted_until_time.as_ref())?,
                certificate: convert::required("certificate", request.certificate)?,
                note: note(request.note)?,
            };
            let (entry, revision) = self.workflow.import_trust_anchor(&call.caller.id, import).await?;
            Ok(ImportTrustAnchorResponse {
                trust_anchor: Some(convert_trust::trust_anchor(entry)),
                trust_store_revision: revision,
            })
        })
        .await
    }

    async fn activate_trust_anchor(
        &self,
        request: Request<ActivateTrustAnchorRequest>,
    ) -> Result<Response<ActivateTrustAnchorResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let change = change(&request.name, request.etag, request.sample_certificate, request.note)?;
            let (entry, revision) = self.workflow.activate_trust_anchor(&call.caller.id, change).await?;
            Ok(ActivateTrustAnchorResponse {
                trust_anchor: Some(convert_trust::trust_anchor(entry)),
                trust_store_revision: revision,
            })
        })
        .await
    }

    async fn retire_trust_anchor(
        &self,
        request: Request<RetireTrustAnchorRequest>,
    ) -> Result<Response<RetireTrustAnchorResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let change = change(&request.name, request.etag, Vec::new(), request.note)?;
            let (entry, revision) = self.workflow.retire_trust_anchor(&call.caller.id, change).await?;
            Ok(RetireTrustAnchorResponse {
                trust_anchor: Some(convert_trust::trust_anchor(entry)),
                trust_store_revision: revision,
            })
        })
        .await
    }

    async fn list_trust_anchors(
        &self,
        request: Request<ListTrustAnchorsRequest>,
    ) -> Result<Response<ListTrustAnchorsResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let page = convert::page(request.page_size, request.page_token)?;
            let found = self.workflow.trust_anchors(&page).await?;
            Ok(ListTrustAnchorsResponse {
                trust_anchors: found.items.into_iter().map(convert_trust::trust_anchor).collect(),
                next_page_token: found.next.unwrap_or_default(),
            })
        })
        .await
    }

    async fn get_trust_store(
        &self,
        request: Request<GetTrustStoreRequest>,
    ) -> Result<Response<GetTrustStoreResponse>, Status> {
        let (call, GetTrustStoreRequest {}) = Call::open(request)?;
        call.answer(async { Ok(convert_trust::trust_store(self.workflow.trust_store().await?)) }).await
    }

    async fn import_certificate_revocation_list(
        &self,
        request: Request<Streaming<ImportCertificateRevocationListRequest>>,
    ) -> Result<Response<ImportCertificateRevocationListResponse>, Status> {
        let (call, pieces) = Call::open(request)?;
        call.answer(async {
            let list = self.receive(pieces).await?;
            let (list, revision) = self.workflow.import_crl(&call.caller.id, list).await?;
            Ok(ImportCertificateRevocationListResponse {
                certificate_revocation_list: Some(convert_trust::revocation_list(list)),
                trust_store_revision: revision,
            })
        })
        .await
    }
}
