//! Asking a state register: one connection that is made when it is first needed, a deadline on every question, and no answer believed that is
//! not an answer to the question asked.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Response, Status};
use uuid::Uuid;

use super::proto::document_register_service_client::DocumentRegisterServiceClient;
use super::proto::migration_register_service_client::MigrationRegisterServiceClient;
use super::proto::population_register_service_client::PopulationRegisterServiceClient;
use super::proto::{self, AnswerHeader, VerifyDepartureDecisionRequest, VerifyDocumentRequest, VerifyPersonRequest};
use super::{Target, statement};
use crate::grpc::client::{ClientError, instant, tls_configuration};
use crate::registration::form::DocumentType;
use crate::registration::state_register::{
    DepartureDecisionQuestion, DocumentQuestion, Fact, PersonQuestion, RegisterAnswer, StateRegister,
};
use crate::workflow::{Answering, DocumentRegister, MigrationRegister, PopulationRegister, RegisterFailure};

/// Octets of an answer at the most: it is a few statements.
const MOST_OCTETS: usize = 16 << 10;
/// Characters of a reference at the most.
const LONGEST_REFERENCE: usize = 128;

/// Why a register cannot be asked at all: the settings make no sense.
pub type RegisterClientError = ClientError;

/// One register behind its connection.
pub struct Reached {
    channel: Channel,
    deadline: Duration,
}

/// A register at `target`, to be asked within `deadline`. No connection is made yet: a register that is down does not keep the service
/// from starting.
///
/// # Errors
/// [`ClientError::Target`] when address and certificates do not fit together.
pub fn reach(target: &Target, deadline: Duration) -> Result<Reached, RegisterClientError> {
    let wrong = |explanation: String| ClientError::Target(explanation);
    let mut endpoint = Endpoint::from_shared(target.address.clone())
        .map_err(|_| wrong(format!("`{}` is no address; write https://HOST:PORT", target.address)))?
        .connect_timeout(deadline);
    if let Some(tls) = tls_configuration(target)? {
        endpoint = endpoint.tls_config(tls).map_err(|error| wrong(format!("TLS cannot be set up: {error}")))?;
    }
    Ok(Reached { channel: endpoint.connect_lazy(), deadline })
}

impl Reached {
    /// The message of a response that came in time.
    async fn answer<T>(
        &self,
        call: impl Future<Output = Result<Response<T>, Status>> + Send,
    ) -> Result<T, RegisterFailure> {
        match tokio::time::timeout(self.deadline, call).await {
            Ok(Ok(response)) => Ok(response.into_inner()),
            // Only the code: what a register writes beside it may name a person.
            Ok(Err(status)) => Err(match status.code() {
                Code::DeadlineExceeded => RegisterFailure::OutOfTime,
                code => RegisterFailure::Unavailable(format!("{code:?}")),
            }),
            Err(_) => Err(RegisterFailure::OutOfTime),
        }
    }
}

impl PopulationRegister for Reached {
    fn verify_person<'a>(&'a self, request_id: Uuid, person: &'a PersonQuestion) -> Answering<'a> {
        Box::pin(async move {
            let request = VerifyPersonRequest {
                request_id: request_id.to_string(),
                iin: person.iin.clone(),
                surname: person.surname.clone(),
                given_name: person.given_name.clone(),
                patronymic: person.patronymic.clone().unwrap_or_default(),
                birth_date: person.birth_date.to_string(),
            };
            let mut client = PopulationRegisterServiceClient::new(self.channel.clone());
            client = client.max_decoding_message_size(MOST_OCTETS);
            let response = self.answer(client.verify_person(request)).await?;
            let said = [(Fact::Identity, response.identity()), (Fact::Citizenship, response.citizenship())];
            read(StateRegister::Population, request_id, response.header, &said)
        })
    }
}

impl DocumentRegister for Reached {
    fn verify_document<'a>(&'a self, request_id: Uuid, document: &'a DocumentQuestion) -> Answering<'a> {
        Box::pin(async move {
            let request = VerifyDocumentRequest {
                request_id: request_id.to_string(),
                iin: document.iin.clone(),
                r#type: document_type(document.document_type).into(),
                number: document.number.clone(),
                issue_date: document.issued_on.to_string(),
                valid_until: document.valid_until.map(|day| day.to_string()).unwrap_or_default(),
            };
            let mut client = DocumentRegisterServiceClient::new(self.channel.clone());
            client = client.max_decoding_message_size(MOST_OCTETS);
            let response = self.answer(client.verify_document(request)).await?;
            let said = [(Fact::Identity, response.document())];
            read(StateRegister::Documents, request_id, response.header, &said)
        })
    }
}

impl MigrationRegister for Reached {
    fn verify_departure_decision<'a>(
        &'a self,
        request_id: Uuid,
        decision: &'a DepartureDecisionQuestion,
    ) -> Answering<'a> {
        Box::pin(async move {
            let request = VerifyDepartureDecisionRequest {
                request_id: request_id.to_string(),
                iin: decision.iin.clone(),
                authority: decision.authority.clone(),
                number: decision.number.clone(),
                decision_date: decision.date.to_string(),
            };
            let mut client = MigrationRegisterServiceClient::new(self.channel.clone());
            client = client.max_decoding_message_size(MOST_OCTETS);
            let response = self.answer(client.verify_departure_decision(request)).await?;
            let said = [(Fact::DepartureDecision, response.departure_decision())];
            read(StateRegister::Migration, request_id, response.header, &said)
        })
    }
}

/// The answer, if it is one: to this question, with reference and time, and speaking about every fact.
fn read(
    register: StateRegister,
    request_id: Uuid,
    header: Option<AnswerHeader>,
    said: &[(Fact, proto::Statement)],
) -> Result<RegisterAnswer, RegisterFailure> {
    let header = header.ok_or(RegisterFailure::Nonsense("it has no header"))?;
    if header.request_id != request_id.to_string() {
        return Err(RegisterFailure::Nonsense("it answers another question"));
    }
    let is_reference = (1..=LONGEST_REFERENCE).contains(&header.reference.len())
        && header.reference.bytes().all(|octet| octet.is_ascii_graphic());
    if !is_reference {
        return Err(RegisterFailure::Nonsense("its reference is none"));
    }
    let time: DateTime<Utc> =
        instant(header.answer_time.as_ref()).ok_or(RegisterFailure::Nonsense("it has no time"))?;
    let statements = said.iter().map(|(fact, said)| statement(*said).map(|said| (*fact, said)));
    let statements = statements.collect::<Option<Vec<_>>>();
    let statements = statements.ok_or(RegisterFailure::Nonsense("it leaves a fact unsaid"))?;
    Ok(RegisterAnswer { register, reference: header.reference, time, statements })
}

const fn document_type(document: DocumentType) -> proto::DocumentType {
    match document {
        DocumentType::Passport => proto::DocumentType::Passport,
        DocumentType::IdentityCard => proto::DocumentType::IdentityCard,
        DocumentType::DiplomaticPassport => proto::DocumentType::DiplomaticPassport,
        DocumentType::ServicePassport => proto::DocumentType::ServicePassport,
        DocumentType::ResidencePermit => proto::DocumentType::ResidencePermit,
        DocumentType::StatelessCertificate => proto::DocumentType::StatelessCertificate,
    }
}

#[cfg(test)]
mod tests {
    use prost_types::Timestamp;

    use super::*;

    fn header(request_id: Uuid) -> AnswerHeader {
        let answer_time = Some(Timestamp { seconds: 1_780_000_000, nanos: 0 });
        AnswerHeader { request_id: request_id.to_string(), reference: "GBD-1".to_owned(), answer_time }
    }

    #[test]
    fn only_an_answer_to_the_question_that_says_everything_is_one() {
        let id = Uuid::from_u128(7);
        let said = [(Fact::Identity, proto::Statement::NotHeld)];
        let answer = |header, said: &[_]| read(StateRegister::Documents, id, header, said);
        assert!(answer(Some(header(id)), &said).is_ok());
        let nonsense = [
            None,
            Some(header(Uuid::from_u128(8))),
            Some(AnswerHeader { reference: String::new(), ..header(id) }),
            Some(AnswerHeader { reference: "a b".to_owned(), ..header(id) }),
            Some(AnswerHeader { reference: "x".repeat(129), ..header(id) }),
            Some(AnswerHeader { answer_time: None, ..header(id) }),
        ];
        for header in nonsense {
            assert!(matches!(answer(header.clone(), &said), Err(RegisterFailure::Nonsense(_))), "{header:?}");
        }
        let unsaid = [(Fact::Identity, proto::Statement::Unspecified)];
        assert!(matches!(answer(Some(header(id)), &unsaid), Err(RegisterFailure::Nonsense(_))));
    }
}
