//! RegistrationService.

use std::sync::Arc;

use tokio_stream::StreamExt;
use tonic::{Request, Response, Status};

use super::call::Call;
use super::convert;
use super::convert_crisis::{self, citizen_reply, crisis, crisis_change, person};
use super::convert_election::election;
use super::convert_list;
use super::convert_registration::{change, query, registration};
use super::convert_statistics::{statistics_query, statistics_row};
use super::failure::Failure;
use super::names;
use super::proto::record_crisis_reply_request::Reply;
use super::proto::registration_service_server::RegistrationService;
use super::proto::{
    AnnounceElectionRequest, AnnounceElectionResponse, AnnulRegistrationRequest, AnnulRegistrationResponse,
    BroadcastCrisisRequest, BroadcastCrisisResponse, CloseCrisisRequest, CloseCrisisResponse,
    DeregisterRegistrationRequest, DeregisterRegistrationResponse, ExportCrisisRollRequest, ExportCrisisRollResponse,
    ExportElectoralRollRequest, ExportElectoralRollResponse, ExportRegisterJournalRequest,
    ExportRegisterJournalResponse, GetCrisisRollRequest, GetCrisisRollResponse, GetRegistrationRequest,
    GetRegistrationResponse, GetStatisticsRequest, GetStatisticsResponse, ListCrisesRequest, ListCrisesResponse,
    ListRegistrationHistoryRequest, ListRegistrationHistoryResponse, ListRegistrationsRequest,
    ListRegistrationsResponse, OpenCrisisRequest, OpenCrisisResponse, RecordCrisisReplyRequest,
    RecordCrisisReplyResponse, WatchCrisisRequest, WatchCrisisResponse,
};
use super::streams::Responses;
use crate::registration::act::ActName;
use crate::registration::{FieldViolation, ViolationCode};
use crate::workflow::{ResourceKind, Workflow};

/// Handlers of RegistrationService.
pub struct Registrations {
    workflow: Arc<Workflow>,
}

impl Registrations {
    /// Handlers over the use cases.
    pub fn new(workflow: Arc<Workflow>) -> Self {
        Self { workflow }
    }
}

#[tonic::async_trait]
impl RegistrationService for Registrations {
    async fn get_registration(
        &self,
        request: Request<GetRegistrationRequest>,
    ) -> Result<Response<GetRegistrationResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let id = names::parse(ResourceKind::Registration, "name", &request.name)?;
            let found = self.workflow.registration(&call.caller, id).await?;
            call.shows(ResourceKind::Registration, id);
            Ok(GetRegistrationResponse { registration: Some(registration(found)) })
        })
        .await
    }

    async fn list_registrations(
        &self,
        request: Request<ListRegistrationsRequest>,
    ) -> Result<Response<ListRegistrationsResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let query = query(&request)?;
            let page = convert::page(request.page_size, request.page_token)?;
            let found = self.workflow.registrations(&call.caller, &query, &page).await?;
            for registration in &found.items {
                call.shows(ResourceKind::Registration, registration.id);
            }
            Ok(ListRegistrationsResponse {
                registrations: found.items.into_iter().map(registration).collect(),
                next_page_token: found.next.unwrap_or_default(),
            })
        })
        .await
    }

    async fn list_registration_history(
        &self,
        request: Request<ListRegistrationHistoryRequest>,
    ) -> Result<Response<ListRegistrationHistoryResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let id = names::parse(ResourceKind::Registration, "parent", &request.parent)?;
            let page = convert::page(request.page_size, request.page_token)?;
            let found = self.workflow.registration_history(&call.caller, id, &page).await?;
            call.shows(ResourceKind::Registration, id);
            Ok(ListRegistrationHistoryResponse {
                changes: found.items.into_iter().map(change).collect(),
                next_page_token: found.next.unwrap_or_default(),
            })
        })
        .await
    }

    async fn deregister_registration(
        &self,
        request: Request<DeregisterRegistrationRequest>,
    ) -> Result<Response<DeregisterRegistrationResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let request_id = convert::request_id(request.request_id)?;
            let signed_act = convert::required("signed_act", request.signed_act)?;
            let acted = self.workflow.act_on_registration(&call.caller, ActName::Deregister, request_id, signed_act);
            Ok(DeregisterRegistrationResponse { registration: Some(registration(Box::pin(acted).await?)) })
        })
        .await
    }

    async fn annul_registration(
        &self,
        request: Request<AnnulRegistrationRequest>,
    ) -> Result<Response<AnnulRegistrationResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let request_id = convert::request_id(request.request_id)?;
            let signed_act = convert::required("signed_act", request.signed_act)?;
            let acted = self.workflow.act_on_registration(&call.caller, ActName::Annul, request_id, signed_act);
            Ok(AnnulRegistrationResponse { registration: Some(registration(Box::pin(acted).await?)) })
        })
        .await
    }

    type ExportElectoralRollStream = Responses<ExportElectoralRollResponse>;

    async fn export_electoral_roll(
        &self,
        request: Request<ExportElectoralRollRequest>,
    ) -> Result<Response<Self::ExportElectoralRollStream>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let parts = self.workflow.electoral_roll(&call.caller, convert_list::roll_request(request)?)?;
            Ok(call.clone().bounded(parts.map(|part| part.map(convert_list::roll).map_err(Failure::from))))
        })
        .await
    }

    type ExportRegisterJournalStream = Responses<ExportRegisterJournalResponse>;

    async fn export_register_journal(
        &self,
        request: Request<ExportRegisterJournalRequest>,
    ) -> Result<Response<Self::ExportRegisterJournalStream>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let parts = self.workflow.journal(&call.caller, convert_list::journal_request(request)?)?;
            Ok(call.clone().bounded(parts.map(|part| part.map(convert_list::journal).map_err(Failure::from))))
        })
        .await
    }

    async fn announce_election(
        &self,
        request: Request<AnnounceElectionRequest>,
    ) -> Result<Response<AnnounceElectionResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let request_id = convert::request_id(request.request_id)?;
            let signed_act = convert::required("signed_act", request.signed_act)?;
            let announced = self.workflow.announce_election(&call.caller, request_id, signed_act);
            Ok(AnnounceElectionResponse { election: Some(election(Box::pin(announced).await?)) })
        })
        .await
    }

    async fn open_crisis(&self, request: Request<OpenCrisisRequest>) -> Result<Response<OpenCrisisResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let request_id = convert::request_id(request.request_id)?;
            let signed_act = convert::required("signed_act", request.signed_act)?;
            let opened = self.workflow.act_on_crisis(&call.caller, ActName::OpenCrisis, request_id, signed_act);
            Ok(OpenCrisisResponse { crisis: Some(crisis(Box::pin(opened).await?)) })
        })
        .await
    }

    async fn broadcast_crisis(
        &self,
        request: Request<BroadcastCrisisRequest>,
    ) -> Result<Response<BroadcastCrisisResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let request_id = convert::request_id(request.request_id)?;
            let signed_act = convert::required("signed_act", request.signed_act)?;
            let told = self.workflow.act_on_crisis(&call.caller, ActName::BroadcastCrisis, request_id, signed_act);
            Ok(BroadcastCrisisResponse { crisis: Some(crisis(Box::pin(told).await?)) })
        })
        .await
    }

    async fn close_crisis(
        &self,
        request: Request<CloseCrisisRequest>,
    ) -> Result<Response<CloseCrisisResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let request_id = convert::request_id(request.request_id)?;
            let signed_act = convert::required("signed_act", request.signed_act)?;
            let closed = self.workflow.act_on_crisis(&call.caller, ActName::CloseCrisis, request_id, signed_act);
            Ok(CloseCrisisResponse { crisis: Some(crisis(Box::pin(closed).await?)) })
        })
        .await
    }

    async fn record_crisis_reply(
        &self,
        request: Request<RecordCrisisReplyRequest>,
    ) -> Result<Response<RecordCrisisReplyResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let request_id = convert::request_id(request.request_id)?;
            let recorded = match request.reply {
                Some(Reply::SignedAct(signed_act)) => {
                    let signed_act = convert::required("signed_act", signed_act)?;
                    Box::pin(self.workflow.record_crisis_reply(&call.caller, request_id, signed_act)).await?
                }
                Some(Reply::CitizenReply(reply)) => {
                    let reply = citizen_reply(&reply)?;
                    self.workflow.record_citizen_reply(&call.caller, request_id, &reply).await?
                }
                None => {
                    let description = "signed_act or citizen_reply has to be given";
                    let violation = FieldViolation::new("reply", ViolationCode::MissingField, description);
                    return Err(Failure::field(violation));
                }
            };
            Ok(RecordCrisisReplyResponse { person: Some(person(recorded)) })
        })
        .await
    }

    type ExportCrisisRollStream = Responses<ExportCrisisRollResponse>;

    async fn export_crisis_roll(
        &self,
        request: Request<ExportCrisisRollRequest>,
    ) -> Result<Response<Self::ExportCrisisRollStream>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let id = names::parse(ResourceKind::Crisis, "name", &request.name)?;
            let mission = convert::required_text("mission", request.mission)?;
            let statuses = convert_crisis::statuses(&request.statuses)?;
            let parts = self.workflow.crisis_sheet(&call.caller, id, &mission, statuses).await?;
            call.shows(ResourceKind::Crisis, id);
            Ok(call.clone().bounded(parts.map(|part| part.map(convert_list::crisis_sheet).map_err(Failure::from))))
        })
        .await
    }

    async fn get_crisis_roll(
        &self,
        request: Request<GetCrisisRollRequest>,
    ) -> Result<Response<GetCrisisRollResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let id = names::parse(ResourceKind::Crisis, "name", &request.name)?;
            let query = convert_crisis::query(&request)?;
            let page = convert::page(request.page_size, request.page_token)?;
            let (found, persons) = self.workflow.crisis_roll(&call.caller, id, &query, &page).await?;
            call.shows(ResourceKind::Crisis, id);
            for person in &persons.items {
                // Who came to the mission without being registered is on the roll by an entry alone.
                match person.registration {
                    Some(registration) => call.shows(ResourceKind::Registration, registration),
                    None => call.shows(ResourceKind::CrisisPerson, person.id),
                }
            }
            Ok(GetCrisisRollResponse {
                crisis: Some(crisis(found)),
                persons: persons.items.into_iter().map(person).collect(),
                next_page_token: persons.next.unwrap_or_default(),
            })
        })
        .await
    }

    async fn list_crises(&self, request: Request<ListCrisesRequest>) -> Result<Response<ListCrisesResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let page = convert::page(request.page_size, request.page_token)?;
            let found = self.workflow.crises(&call.caller, request.open_only, &page).await?;
            Ok(ListCrisesResponse {
                crises: found.items.into_iter().map(crisis).collect(),
                next_page_token: found.next.unwrap_or_default(),
            })
        })
        .await
    }

    type WatchCrisisStream = Responses<WatchCrisisResponse>;

    async fn watch_crisis(
        &self,
        request: Request<WatchCrisisRequest>,
    ) -> Result<Response<Self::WatchCrisisStream>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let id = names::parse(ResourceKind::Crisis, "name", &request.name)?;
            let resume_token = Some(request.resume_token.as_str()).filter(|token| !token.is_empty());
            let changes = self.workflow.watch_crisis(&call.caller, id, resume_token).await?;
            Ok(call.clone().bounded(changes.map(|change| change.map(crisis_change).map_err(Failure::from))))
        })
        .await
    }

    async fn get_statistics(
        &self,
        request: Request<GetStatisticsRequest>,
    ) -> Result<Response<GetStatisticsResponse>, Status> {
        let (call, request) = Call::open(request)?;
        call.answer(async {
            let query = statistics_query(&request)?;
            let rows = self.workflow.statistics(&call.caller, &query).await?;
            Ok(GetStatisticsResponse { rows: rows.into_iter().map(statistics_row).collect() })
        })
        .await
    }
}
