//! DocumentService.

use std::sync::Arc;

use tonic::{Request, Response, Status};

use super::call::Call;
use super::convert;
use super::convert_document;
use super::names;
use super::proto::document_service_server::DocumentService;
use super::proto::download_document_response::Part;
use super::proto::{
    DownloadDocumentRequest, DownloadDocumentResponse, GetDocumentRequest, GetDocumentResponse, ListDocumentsRequest,
    ListDocumentsResponse, VerifyDocumentRequest, VerifyDocumentResponse,
};
use super::streams::Responses;
use crate::workflow::{ResourceKind, Workflow};

/// Octets of one piece of a download.
const PIECE_OCTETS: usize = 64 << 10;

/// Handlers of DocumentService.
pub struct Documents {
    workflow: Arc<Workflow>,
}

impl Documents {
    /// Handlers over the use cases.
    pub fn new(workflow: Arc<Workflow>) -> Self {
        Self { workflow }
    }
}

/// Cuts `octets` into pieces as they are asked for.
fn pieces(octets: Vec<u8>, part: fn(Vec<u8>) -> Part) -> impl Iterator<Item = Part> {
    let mut begin = 0;
    std::iter::from_fn(move || {
        let rest = octets.get(begin..).filter(|rest| !rest.is_empty())?;
        let piece = rest.get(..PIECE_OCTETS).unwrap_or(rest);
        begin += piece.len();
        Some(part(piece.to_vec()))
    })
}

#[tonic::async_trait]
impl DocumentService for Documents {
    async fn get_document(
        &self,
        request: Request<GetDocumentRequest>,
    ) -> Result<Response<GetDocumentResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let id = names::parse(ResourceKind::Document, "name", &request.name)?;
            let document = self.workflow.document(&call.caller, id).await?;
            call.shows(ResourceKind::Document, id);
            Ok(GetDocumentResponse { document: Some(convert::document(document)) })
        })
        .await
    }

    async fn list_documents(
        &self,
        request: Request<ListDocumentsRequest>,
    ) -> Result<Response<ListDocumentsResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let application = names::parse(ResourceKind::Application, "parent", &request.parent)?;
            let page = convert::page(request.page_size, request.page_token)?;
            let found = self.workflow.documents(&call.caller, application, &page).await?;
            call.shows(ResourceKind::Application, application);
            for document in &found.items {
                call.shows(ResourceKind::Document, document.id);
            }
            Ok(ListDocumentsResponse {
                documents: found.items.into_iter().map(convert::document).collect(),
                next_page_token: found.next.unwrap_or_default(),
            })
        })
        .await
    }

    type DownloadDocumentStream = Responses<DownloadDocumentResponse>;

    async fn download_document(
        &self,
        request: Request<DownloadDocumentRequest>,
    ) -> Result<Response<Self::DownloadDocumentStream>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let id = names::parse(ResourceKind::Document, "name", &request.name)?;
            let (document, pdf, seal) = self.workflow.download(&call.caller, id).await?;
            call.shows(ResourceKind::Document, id);
            let parts = std::iter::once(Part::Document(convert::document(document)))
                .chain(pieces(pdf, Part::PdfChunk))
                .chain(pieces(seal, Part::SealChunk));
            let responses = parts.map(|part| Ok(DownloadDocumentResponse { part: Some(part) }));
            Ok(call.clone().bounded(tokio_stream::iter(responses)))
        })
        .await
    }

    async fn verify_document(
        &self,
        request: Request<VerifyDocumentRequest>,
    ) -> Result<Response<VerifyDocumentResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let presented = convert_document::presented(request)?;
            let verified = self.workflow.verify_document(&presented).await?;
            Ok(VerifyDocumentResponse { document: Some(convert_document::verified(verified)) })
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_put_together_are_the_whole() {
        for length in [0, 1, PIECE_OCTETS, PIECE_OCTETS + 1, 3 * PIECE_OCTETS] {
            let whole = vec![7; length];
            let mut together = Vec::new();
            for piece in pieces(whole.clone(), Part::PdfChunk) {
                let Part::PdfChunk(piece) = piece else { panic!("another part") };
                assert!(!piece.is_empty() && piece.len() <= PIECE_OCTETS);
                together.extend(piece);
            }
            assert_eq!(together, whole);
        }
    }
}
