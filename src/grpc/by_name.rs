//! Calls of methods by their names, with messages as JSON: for whoever learns only at run time what to call. A method that is added to
//! the proto files can be called so at once.

use std::sync::LazyLock;

use prost::Message as _;
use prost::bytes::{Buf as _, BufMut as _};
use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor};
use serde_json::{Map, Value};
use tonic::Status;
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::Channel;
use tonic::{Request, Streaming};

use super::client::{ClientError, innermost};
use super::proto::FILE_DESCRIPTOR_SET;
use super::transcoding;

pub use super::transcoding::Misfit;

/// The services of this program as their proto files describe them.
static POOL: LazyLock<Option<DescriptorPool>> = LazyLock::new(|| DescriptorPool::decode(FILE_DESCRIPTOR_SET).ok());

/// A method of one of the services.
#[derive(Debug, Clone)]
pub struct Method {
    descriptor: MethodDescriptor,
}

impl Method {
    /// All methods, service by service.
    pub fn all() -> impl Iterator<Item = Self> {
        let services = POOL.iter().flat_map(DescriptorPool::services);
        services.flat_map(|service| service.methods().map(|descriptor| Self { descriptor }).collect::<Vec<_>>())
    }

    /// The method of that name, such as `SubmitApplication` or `ApplicationService.SubmitApplication`.
    pub fn find(name: &str) -> Option<Self> {
        Self::all().find(|method| method.name() == name || method.full_name() == name)
    }

    /// The name within its service.
    pub fn name(&self) -> &str {
        self.descriptor.name()
    }

    /// The name with that of its service.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.descriptor.parent_service().name(), self.name())
    }

    /// Whether the request has a field of that name.
    pub fn asks_for(&self, field: &str) -> bool {
        self.descriptor.input().get_field_by_name(field).is_some()
    }

    /// The field of the request that holds what somebody signs, the first where there are several; none where `given` has it already, or
    /// another choice in its place.
    pub fn signed_field(&self, given: &Map<String, Value>) -> Option<String> {
        let input = self.descriptor.input();
        let field = input.fields().find(|field| field.name().starts_with("signed_"))?;
        let choices: Vec<_> = match field.containing_oneof() {
            Some(choice) => choice.fields().map(|field| field.name().to_owned()).collect(),
            None => vec![field.name().to_owned()],
        };
        (!choices.iter().any(|choice| given.contains_key(choice))).then(|| field.name().to_owned())
    }

    /// Whether it gets one resource by its name, of the collection that `name` is in (AIP-131): `GetApplication` those of
    /// `applications/…`.
    pub fn gets(&self, name: &str) -> bool {
        let collection = name.split('/').next().unwrap_or_default();
        let wraps = |field: &str| {
            let irregular = field.strip_suffix("is").map(|stem| format!("{stem}es"));
            let plural = irregular.unwrap_or_else(|| format!("{field}s"));
            plural.replace('_', "").eq_ignore_ascii_case(collection)
        };
        self.name().starts_with("Get") && self.asks_for("name") && self.wrapped().as_deref().is_some_and(wraps)
    }

    /// Whether the answer is a stream.
    pub fn streams(&self) -> bool {
        self.descriptor.is_server_streaming()
    }

    /// Whether it only looks, by its name (AIP-131, AIP-132).
    pub fn only_looks(&self) -> bool {
        ["Get", "List", "Watch", "Download"].iter().any(|verb| self.name().starts_with(verb))
    }

    /// The field that the response wraps, where it is one message and nothing else.
    pub fn wrapped(&self) -> Option<String> {
        let output = self.descriptor.output();
        let mut fields = output.fields();
        let only = fields.next().filter(|_| fields.next().is_none())?;
        let is_own = only.kind().as_message().is_some_and(|message| message.package_name() == output.package_name());
        (is_own && !only.is_list()).then(|| only.name().to_owned())
    }

    /// The request that these fields make up.
    ///
    /// # Errors
    /// A field that is unknown, or whose value does not fit.
    pub fn request(&self, fields: &Map<String, Value>) -> Result<Message, Misfit> {
        transcoding::message(&self.descriptor.input(), fields).map(Message)
    }

    /// Sends `requests` (one, unless the method takes a stream) over `channel`.
    ///
    /// # Errors
    /// What the service or the connection answered instead.
    pub(super) async fn call(&self, channel: Channel, requests: Vec<Message>) -> Result<Answers, ClientError> {
        let mut grpc = Grpc::new(channel);
        let broken = |error: tonic::transport::Error| ClientError::Connection {
            address: String::new(),
            cause: innermost(&error),
        };
        grpc.ready().await.map_err(broken)?;
        let path = format!("/{}/{}", self.descriptor.parent_service().full_name(), self.name());
        let path = PathAndQuery::try_from(path).map_err(|error| ClientError::Target(error.to_string()))?;
        let requests: Vec<_> = requests.into_iter().map(|Message(message)| message.encode_to_vec()).collect();
        let answers = grpc.streaming(Request::new(tokio_stream::iter(requests)), path, Octets).await?;
        Ok(Answers { stream: answers.into_inner(), method: self.clone() })
    }
}

/// A request, ready to be sent.
#[derive(Debug, Clone)]
pub struct Message(DynamicMessage);

/// What comes back: one answer, or as many as the method streams.
pub struct Answers {
    stream: Streaming<Vec<u8>>,
    method: Method,
}

impl Answers {
    /// The next answer as JSON; none at the end.
    ///
    /// # Errors
    /// What the service or the connection answered instead.
    pub async fn next(&mut self) -> Result<Option<Value>, ClientError> {
        let Some(octets) = self.stream.message().await? else { return Ok(None) };
        let message = DynamicMessage::decode(self.method.descriptor.output(), octets.as_slice());
        let message = message.map_err(|error| ClientError::Target(format!("an answer cannot be read: {error}")))?;
        Ok(Some(transcoding::json(&message)))
    }
}

/// Messages that are encoded already.
struct Octets;

impl Codec for Octets {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Octets {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Octets {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining()).to_vec()))
    }
}
