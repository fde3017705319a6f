//! Looking things up. What a caller may not see is not found: nobody learns what exists by guessing.

use std::sync::Arc;

use uuid::Uuid;

use super::awaited::{awaited, refusal};
use super::detail::StateDetail;
use super::verify::{Judged, Presented};
use super::{
    ApplicationView, Caller, DocumentView, Page, Paged, Refusal, RegisterAnswerView, ResourceKind, Scope, StoredReport,
    ValidationRequest, Workflow,
};
use crate::documents::check_digest;
use crate::pki::trust::Purpose;
use crate::pki::{Certificate, OcspResponse};
use crate::registration::document::DocumentKind;
use crate::registration::form::{ApplicationForm, ApplicationType, Kind};
use crate::registration::rules::{Channel, Finding};
use crate::registration::{ApplicationState, FieldViolation, Language, ViolationCode};
use crate::signature::ValidationPolicy;
use crate::store::{ApplicationRecord, DocumentRecord, DocumentState};

/// OCSP responses that may come beside one signature.
const MAX_OCSPS: usize = 16;

impl Caller {
    /// Whether the application is this caller's to see.
    pub(super) fn may_see(&self, application: &ApplicationRecord) -> bool {
        match &self.scope {
            Scope::Own => application.caller == self.id,
            Scope::Mission(mission) => application.mission == *mission,
            Scope::All => true,
        }
    }
}

impl Workflow {
    /// One application.
    pub async fn application(&self, caller: &Caller, id: Uuid) -> Result<ApplicationView, Refusal> {
        self.view(self.visible(caller, id).await?)
    }

    pub(super) async fn visible(&self, caller: &Caller, id: Uuid) -> Result<ApplicationRecord, Refusal> {
        let record = self.store.application(id).await?.filter(|record| caller.may_see(record));
        record.ok_or(Refusal::NotFound(ResourceKind::Application))
    }

    /// The issued documents of one application.
    pub async fn documents(
        &self,
        caller: &Caller,
        application: Uuid,
        page: &Page,
    ) -> Result<Paged<DocumentView>, Refusal> {
        self.visible(caller, application).await?;
        let documents = self.store.documents(application).await?;
        let issued = documents.iter().filter_map(DocumentView::of).collect();
        paged(issued, page, |document| document.id.to_string())
    }

    /// One document.
    pub async fn document(&self, caller: &Caller, id: Uuid) -> Result<DocumentView, Refusal> {
        let record = self.visible_document(caller, id).await?;
        DocumentView::of(&record).ok_or(Refusal::NotFound(ResourceKind::Document))
    }

    async fn visible_document(&self, caller: &Caller, id: Uuid) -> Result<DocumentRecord, Refusal> {
        let not_found = || Refusal::NotFound(ResourceKind::Document);
        let record = self.store.document(id).await?.ok_or_else(not_found)?;
        self.visible(caller, record.application).await.map_err(|refusal| match refusal {
            Refusal::NotFound(_) => not_found(),
            other => other,
        })?;
        Ok(record)
    }

    /// One document with its PDF and its seal; one that is made on demand is made now.
    pub async fn download(&self, caller: &Caller, id: Uuid) -> Result<(DocumentView, Vec<u8>, Vec<u8>), Refusal> {
        let mut record = self.visible_document(caller, id).await?;
        let is_on_demand = DocumentKind::from_name(&record.kind).is_some_and(DocumentKind::is_made_on_demand);
        if record.state == DocumentState::Reserved && is_on_demand {
            if self.store.document_facts(id).await?.is_none() {
                // Erased after its term before anybody asked for it.
                return Err(Refusal::NotFound(ResourceKind::Document));
            }
            self.issue_on_demand(&record).await?;
            record = self.visible_document(caller, id).await?;
        }
        let not_found = || Refusal::NotFound(ResourceKind::Document);
        let document = DocumentView::of(&record).ok_or_else(not_found)?;
        let digest = document.sha256.ok_or_else(not_found)?;
        let content = self.store.document_content(id).await?.ok_or_else(not_found)?;
        // What was stored is what was issued, or nothing is handed out.
        check_digest(&content.pdf, &hex::encode(digest)).map_err(|error| Refusal::Internal(error.to_string()))?;
        Ok((document, content.pdf, content.seal))
    }

    /// Judges a signature for a calling system and stores the report.
    pub async fn validate_signature(
        &self,
        caller: &Caller,
        request: ValidationRequest,
    ) -> Result<StoredReport, Refusal> {
        let policy = policy_called(&request.policy)?.for_purpose(Purpose::Applicants);
        let mut certificates = Vec::with_capacity(request.certificates.len());
        let mut violations = Vec::new();
        for (index, der) in request.certificates.iter().enumerate() {
            match Certificate::from_der(der) {
                Ok(certificate) => certificates.push(certificate),
                Err(error) => violations.push(FieldViolation::new(
                    format!("certificates[{index}]"),
                    ViolationCode::BadFormat,
                    error.to_string(),
                )),
            }
        }
        if request.ocsps.len() > MAX_OCSPS {
            let description = format!("has at most {MAX_OCSPS} responses");
            violations.push(FieldViolation::new("ocsps", ViolationCode::BadLength, description));
        }
        let mut ocsps = Vec::new();
        for (index, der) in request.ocsps.iter().enumerate().take(MAX_OCSPS) {
            match OcspResponse::from_der(der) {
                Ok(response) => ocsps.push(Arc::new(response)),
                Err(error) => violations.push(FieldViolation::new(
                    format!("ocsps[{index}]"),
                    ViolationCode::BadFormat,
                    error.to_string(),
                )),
            }
        }
        if !violations.is_empty() {
            return Err(Refusal::Fields(violations));
        }
        let time = request.validation_time.unwrap_or_else(|| self.clock.now());
        let presented =
            Arc::new(Presented::attached("signature", request.signature).with(request.content, certificates, ocsps));
        let Judged { id, report, stored, .. } = self.judge_under(&presented, policy, caller, time).await?;
        let canonical_json = String::from_utf8_lossy(&stored.report.report).into_owned();
        self.store.record_report(stored).await?;
        Ok(StoredReport { id, report, canonical_json })
    }

    /// A stored report: of the caller's own validations and applications; for a mission also those that applications at it name.
    pub async fn validation_report(&self, caller: &Caller, id: Uuid) -> Result<StoredReport, Refusal> {
        let not_found = Refusal::NotFound(ResourceKind::ValidationReport);
        let Some((requested_by, stored)) = self.stored_report(id).await? else { return Err(not_found) };
        let visible = requested_by == caller.id
            || match &caller.scope {
                Scope::All => true,
                Scope::Mission(mission) => self.store.is_report_of_application_at(id, mission).await?,
                Scope::Own => false,
            };
        if visible { Ok(stored) } else { Err(not_found) }
    }

    /// A stored report and the caller that it was made for.
    pub(super) async fn stored_report(&self, id: Uuid) -> Result<Option<(String, StoredReport)>, Refusal> {
        let Some(record) = self.store.report(id).await? else { return Ok(None) };
        let report =
            serde_json::from_slice(&record.report).map_err(|error| Refusal::Internal(format!("report: {error}")))?;
        let canonical_json = String::from_utf8_lossy(&record.report).into_owned();
        Ok(Some((record.requested_by, StoredReport { id, report, canonical_json })))
    }
}

/// The shipped policy of that name; the national one when none is named.
fn policy_called(id: &str) -> Result<ValidationPolicy, Refusal> {
    if id.is_empty() {
        return Ok(ValidationPolicy::national());
    }
    ValidationPolicy::find(id).cloned().ok_or_else(|| {
        let known: Vec<_> = ValidationPolicy::shipped().iter().map(|policy| policy.id.as_str()).collect();
        let description = format!("the policies are: {}", known.join(", "));
        Refusal::Fields(vec![FieldViolation::new("policy", ViolationCode::UnknownValue, description)])
    })
}

impl Workflow {
    /// A stored application as its caller sees it.
    pub(super) fn view(&self, record: ApplicationRecord) -> Result<ApplicationView, Refusal> {
        let unreadable = || Refusal::Internal("a stored application cannot be read".into());
        let detail = StateDetail::of(&record)?;
        let state = ApplicationState::from_name(&record.state).ok_or_else(unreadable)?;
        let missions = self.missions();
        let mission = missions.known(&record.mission).map(AsRef::as_ref);
        Ok(ApplicationView {
            id: Some(record.id),
            application_id: record.application_id,
            revision: u32::try_from(record.revision).unwrap_or(0),
            number: Some(record.number),
            state: Some(state),
            application_type: ApplicationType::from_name(&record.application_type).ok_or_else(unreadable)?,
            kind: Kind::from_name(&record.kind).ok_or_else(unreadable)?,
            channel: Channel::from_name(&record.channel).ok_or_else(unreadable)?,
            mission: record.mission,
            language: Language::from_code(&record.language).ok_or_else(unreadable)?,
            submitted_by: record.caller,
            accept_time: Some(record.received_at),
            due_time: record.due_at,
            complete_time: (!state.is_open()).then_some(record.updated_at),
            report: record.report_id,
            awaited: awaited((state, record.registration_id.is_some()), &detail, record.due_at, mission),
            refusal: refusal(&detail),
            register_answers: register_answers(&detail),
            findings: detail.findings,
            registration: record.registration_id,
            version: record.version,
            update_time: Some(record.updated_at),
        })
    }
}

impl ApplicationView {
    /// What would be filed.
    pub(super) fn preview(
        form: &ApplicationForm,
        channel: Channel,
        caller: &Caller,
        report: Uuid,
        findings: Vec<Finding>,
    ) -> Self {
        Self {
            id: None,
            application_id: form.application_id,
            revision: form.revision,
            number: None,
            state: None,
            application_type: form.application_type,
            kind: form.kind,
            channel,
            mission: form.mission.to_string(),
            language: form.language,
            submitted_by: caller.id.clone(),
            accept_time: None,
            due_time: None,
            complete_time: None,
            report,
            findings,
            awaited: None,
            refusal: None,
            register_answers: Vec::new(),
            registration: None,
            version: 0,
            update_time: None,
        }
    }
}

fn register_answers(detail: &StateDetail) -> Vec<RegisterAnswerView> {
    let answers = detail.consultation.iter().flat_map(|consultation| &consultation.answers);
    answers.map(|kept| RegisterAnswerView { answer: kept.answer.clone(), evidence: kept.evidence.clone() }).collect()
}

impl DocumentView {
    /// None while the document is only reserved, unless it is issued already and made on demand.
    fn of(record: &DocumentRecord) -> Option<Self> {
        let kind = DocumentKind::from_name(&record.kind)?;
        let on_demand = kind.is_made_on_demand().then_some(record.reserved_at);
        Some(Self {
            id: record.id,
            application: record.application,
            kind,
            version: u32::try_from(record.version).ok()?,
            number: record.number.clone(),
            issue_time: record.issued_at.or(on_demand)?,
            size: record.pdf_length,
            sha256: record.pdf_sha256,
        })
    }
}

/// One page of a list that is short by its nature: the token is the name of the last item of the page before.
pub(super) fn paged<T>(items: Vec<T>, page: &Page, name: impl Fn(&T) -> String) -> Result<Paged<T>, Refusal> {
    let begin = match &page.token {
        None => 0,
        Some(token) => 1 + items.iter().position(|item| name(item) == *token).ok_or(Refusal::BadToken)?,
    };
    let size = page.size as usize;
    let more = items.len() > begin + size;
    let items: Vec<T> = items.into_iter().skip(begin).take(size).collect();
    let next = if more { items.last().map(name) } else { None };
    Ok(Paged { items, next })
}
