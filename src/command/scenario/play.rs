//! Plays one scenario: sets the clock, calls, compares; everything over gRPC.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::cast::Cast;
use super::check::Checked;
use super::comparison::{Comparison, Expectation};
use super::format::Step;
use super::moment::Moment;
use super::names::Names;
use super::signing::{ActParts, Circumstances, Filed, Signed, sign};
use crate::command::failure::CommandError;
use crate::grpc::by_name::{Message, Method};
use crate::grpc::client::{Client, ClientError};

/// How often a look is repeated.
const LOOK: Duration = Duration::from_millis(50);
/// How long the lists of the authority may take after the clock was set.
const LISTS: Duration = Duration::from_mins(1);

/// One step as it went.
#[derive(Debug, Clone)]
pub struct Played {
    /// Expectations beside what was seen; empty where the step only had to succeed, and did.
    pub comparisons: Vec<Comparison>,
    /// Why the step could not be done; what it would have seen is not known.
    pub obstacle: Option<String>,
}

impl Played {
    /// Whether everything was as expected.
    pub fn is_equal(&self) -> bool {
        self.obstacle.is_none() && self.comparisons.iter().all(|comparison| comparison.equal)
    }
}

/// A scenario under way.
pub struct Player<'a> {
    /// The scenario.
    pub scenario: &'a Checked,
    /// The service that it plays with.
    pub client: Client,
    /// Its people.
    pub cast: Cast,
    /// What steps saw.
    pub names: Names,
    /// What steps signed.
    pub signed: Signed,
    /// The moment that was set last.
    pub set: DateTime<Utc>,
}

impl<'a> Player<'a> {
    /// Nothing has happened yet.
    pub fn new(scenario: &'a Checked, client: Client, cast: Cast) -> Self {
        let mut names = Names::default();
        for (name, member) in &cast {
            names.bind(name, member.facts.clone());
        }
        Self { scenario, client, cast, names, signed: Signed::default(), set: scenario.begin }
    }

    /// Plays to the end, or to the first step that did not go as expected: what comes after rests on it.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn play(&mut self) -> Result<Vec<Played>, CommandError> {
        let scenario = self.scenario;
        let mut played = Vec::new();
        for (step, expectations) in scenario.steps() {
            let outcome = match self.step(step, expectations).await {
                Ok(comparisons) => Played { comparisons, obstacle: None },
                Err(Stopped::Obstacle(obstacle)) => Played { comparisons: Vec::new(), obstacle: Some(obstacle) },
                Err(Stopped::Broken(error)) => return Err(error),
            };
            let goes_on = outcome.is_equal();
            played.push(outcome);
            if !goes_on {
                break;
            }
        }
        Ok(played)
    }

    async fn step(&mut self, step: &Step, expectations: &[Expectation]) -> Result<Vec<Comparison>, Stopped> {
        self.set_clock(step).await?;
        let Some(call) = &step.call else { return Ok(Vec::new()) };
        let method = Method::find(call).ok_or_else(|| format!("there is no method {call}"))?;
        let expectations = self.filled(expectations)?;
        let mut request = self.names.fill_table(&step.request.0)?;
        self.name_resource(step, &method, &mut request)?;
        let filed = self.put_signed(step, &method, &mut request).await?;
        let message = method.request(&request).map_err(|misfit| format!("request.{misfit}"))?;

        let begun = Instant::now();
        let patience = Duration::from_secs(step.patience);
        let (seen, comparisons) = loop {
            let left = patience.saturating_sub(begun.elapsed());
            let (seen, comparisons) = self.look(&method, message.clone(), &expectations, left).await?;
            let is_there = comparisons.iter().all(|comparison| comparison.equal);
            let may_change = method.only_looks() || error_code(&seen) == Some("UNAVAILABLE");
            if is_there || !may_change || left.is_zero() {
                break (seen, comparisons);
            }
            tokio::time::sleep(LOOK).await;
        };
        self.remember(step, seen, filed);
        Ok(comparisons)
    }

    /// Sets the clock to the step's moment and waits until the authority's lists are of that time, as they would be by then.
    async fn set_clock(&mut self, step: &Step) -> Result<(), Stopped> {
        if step.at.is_none() && step.after.is_none() {
            return Ok(());
        }
        let now = self.now().await?;
        let at = step.at.as_ref().map(|moment| self.moment(moment)).transpose()?;
        let base = at.unwrap_or(now);
        let target = step.after.as_ref().map_or(base, |delay| delay.from(base, self.scenario.mission));
        if target < self.set {
            return Err(format!("the clock goes forward only, and {target} has passed").into());
        }
        self.set = target;
        if target <= now {
            return Ok(());
        }
        self.one("SetClock", json!({ "time": target.to_rfc3339() })).await?;
        let begun = Instant::now();
        let whole = target.duration_trunc(TimeDelta::seconds(1)).unwrap_or(target);
        while !self.lists_are_of(whole).await? {
            if begun.elapsed() > LISTS {
                return Err("the authority's lists did not follow the clock".to_owned().into());
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    /// Whether every issuer's newest revocation list was made at `time` or later.
    async fn lists_are_of(&self, time: DateTime<Utc>) -> Result<bool, Stopped> {
        let store = self.one("GetTrustStore", json!({})).await?;
        let lists = store.get("certificate_revocation_lists").and_then(Value::as_array).cloned().unwrap_or_default();
        let issuer = |list: &Value| list.get("issuer").cloned();
        let is_of = |list: &Value| {
            let made = list.get("this_update_time").and_then(Value::as_str);
            made.and_then(|made| made.parse::<DateTime<Utc>>().ok()).is_some_and(|made| made >= time)
        };
        let fresh: Vec<_> = lists.iter().filter(|list| is_of(list)).map(issuer).collect();
        Ok(lists.iter().all(|list| fresh.contains(&issuer(list))))
    }

    async fn now(&self) -> Result<DateTime<Utc>, Stopped> {
        let clock = self.one("GetClock", json!({})).await?;
        let time = clock.get("time").and_then(Value::as_str).and_then(|time| time.parse().ok());
        Ok(time.ok_or_else(|| "the clock does not tell the time".to_owned())?)
    }

    fn moment(&self, moment: &Moment) -> Result<DateTime<Utc>, String> {
        let moment = match moment {
            Moment::Seen(text) => {
                let text = super::path::plain(&self.names.complete(text)?);
                Moment::parse(&text).ok_or_else(|| format!("`{text}` is no moment"))?
            }
            other => other.clone(),
        };
        moment.at(self.scenario.mission).ok_or_else(|| "no moment".to_owned())
    }

    fn filled(&self, expectations: &[Expectation]) -> Result<Vec<Expectation>, String> {
        expectations.iter().map(|expectation| expectation.filled(&self.names)).collect()
    }

    /// `name` or `parent` of the request is what the step is about.
    fn name_resource(&self, step: &Step, method: &Method, request: &mut Map<String, Value>) -> Result<(), String> {
        let Some(about) = &step.about else { return Ok(()) };
        for field in ["name", "parent"] {
            if method.asks_for(field) && !request.contains_key(field) {
                request.insert(field.to_owned(), self.names.resource(about)?.into());
                break;
            }
        }
        Ok(())
    }

    /// Signs what the method wants signed, and puts it into the request.
    async fn put_signed(
        &mut self,
        step: &Step,
        method: &Method,
        request: &mut Map<String, Value>,
    ) -> Result<Option<Filed>, Stopped> {
        let Some(field) = method.signed_field(request) else { return Ok(None) };
        if let Some(again) = &step.again {
            let message = self.signed.messages.get(again).ok_or_else(|| format!("`{again}` signed nothing"))?;
            request.insert(field, STANDARD.encode(message).into());
            return Ok(self.signed.forms.get(again).cloned());
        }
        let by = step.by.as_ref().ok_or_else(|| "nobody signs: name `by`".to_owned())?;
        let now = self.now().await?;
        let cast = &self.cast;
        let (mission, begin) = (self.scenario.mission, self.scenario.begin);
        let circumstances = Circumstances { cast, mission, begin, now };
        let (content, filed) = if field == "signed_application" {
            let overrides = self.names.fill_table(&step.form.0)?;
            let before = match &step.about {
                Some(about) => {
                    let form = self.signed.forms.get(about);
                    Some(form.ok_or_else(|| format!("`{about}` filed no form"))?)
                }
                None => None,
            };
            let filed = circumstances.form(step, &overrides, before)?;
            (filed.content().to_vec(), Some(filed))
        } else {
            let parts = self.act_parts(step).await?;
            (circumstances.act(step, method, &parts)?.to_string().into_bytes(), None)
        };
        let member = cast.get(by).ok_or_else(|| format!("there is nobody called {by}"))?;
        let message = sign(member, &content, now)?;
        request.insert(field, STANDARD.encode(&message).into());
        if let Some(name) = step.name.as_ref().or(step.about.as_ref()) {
            self.signed.messages.insert(name.clone(), message);
        }
        Ok(filed)
    }

    async fn act_parts(&self, step: &Step) -> Result<ActParts, Stopped> {
        let text = |text: &String| Ok::<_, String>(super::path::plain(&self.names.complete(text)?));
        let subject = match (&step.subject, &step.about) {
            (Some(subject), _) => text(subject)?,
            (None, Some(about)) => self.names.resource(about)?.to_owned(),
            (None, None) => String::new(),
        };
        let etag = match &step.etag {
            Some(etag) => text(etag)?,
            None => self.present_etag(step, &subject).await?,
        };
        let decision = self.names.fill_table(&step.decision.0)?;
        let time = step.time.as_ref().map(|moment| self.moment(moment)).transpose()?;
        Ok(ActParts { subject, etag, decision, time })
    }

    /// The version that a resource has now, or had when it was last seen where it cannot be asked for by name.
    async fn present_etag(&self, step: &Step, subject: &str) -> Result<String, Stopped> {
        let seen = match Method::all().find(|method| method.gets(subject)) {
            Some(getter) => self.one(&getter.full_name(), json!({ "name": subject })).await?,
            None => step.about.as_ref().and_then(|about| self.names.get(about)).cloned().unwrap_or_default(),
        };
        Ok(seen.get("etag").and_then(Value::as_str).unwrap_or_default().to_owned())
    }

    /// Calls once and compares; of a stream as much as is needed to compare.
    async fn look(
        &self,
        method: &Method,
        message: Message,
        expectations: &[Expectation],
        patience: Duration,
    ) -> Result<(Value, Vec<Comparison>), Stopped> {
        if !method.streams() {
            let seen = self.outcome(method, message).await?;
            let comparisons = compared(expectations, &seen);
            return Ok((seen, comparisons));
        }
        let mut answers = Vec::new();
        let streamed = async {
            let mut stream = self.client.call(method, vec![message]).await?;
            while let Some(answer) = stream.next().await? {
                answers.push(answer);
                let seen = json!({ "answers": answers });
                if !expectations.is_empty() && compared(expectations, &seen).iter().all(|comparison| comparison.equal) {
                    break;
                }
            }
            Ok::<_, ClientError>(())
        };
        let error = match tokio::time::timeout(patience.max(LOOK), streamed).await {
            Ok(Err(error)) => Some(refused(error)?),
            Ok(Ok(())) | Err(_) => None,
        };
        let mut seen = json!({ "answers": answers });
        if let Some(error) = error {
            seen["error"] = error;
        }
        let comparisons = compared(expectations, &seen);
        Ok((seen, comparisons))
    }

    /// What a call that is not a stream comes to: the resource that the response wraps, or the error.
    async fn outcome(&self, method: &Method, message: Message) -> Result<Value, Stopped> {
        let answered = async {
            let mut answers = self.client.call(method, vec![message]).await?;
            let answer = answers.next().await?.unwrap_or_default();
            // The status comes after the answer.
            answers.next().await?;
            Ok::<_, ClientError>(answer)
        };
        match answered.await {
            Ok(answer) => {
                let wrapped = method.wrapped().and_then(|field| answer.get(field).cloned());
                Ok(wrapped.unwrap_or(answer))
            }
            Err(error) => Ok(json!({ "error": refused(error)? })),
        }
    }

    /// A call of the player itself, which has to succeed.
    async fn one(&self, method: &str, request: Value) -> Result<Value, Stopped> {
        let found = Method::find(method).ok_or_else(|| format!("there is no method {method}"))?;
        let fields = request.as_object().cloned().unwrap_or_default();
        let message = found.request(&fields).map_err(|misfit| misfit.to_string())?;
        let seen = self.outcome(&found, message).await?;
        match seen.get("error") {
            Some(error) => Err(format!("{method}: {}", Comparison::refused(error).seen).into()),
            None => Ok(seen),
        }
    }

    /// What came back is known by the step's name from now on, and by the name of what the step was about.
    fn remember(&mut self, step: &Step, seen: Value, filed: Option<Filed>) {
        if seen.get("error").is_some() {
            return;
        }
        let resource = |value: &Value| value.get("name").and_then(Value::as_str).map(str::to_owned);
        if let Some(about) = &step.about
            && resource(&seen).is_some()
            && self.names.get(about).and_then(resource) == resource(&seen)
        {
            self.names.bind(about, seen.clone());
        }
        if let Some(filed) = filed
            && let Some(name) = step.name.as_ref().or(step.about.as_ref())
        {
            self.signed.forms.insert(name.clone(), filed);
        }
        if let Some(name) = &step.name {
            self.names.bind(name, seen);
        }
    }
}

/// Why a step ended early.
enum Stopped {
    /// The step cannot be done as it is written.
    Obstacle(String),
    /// The service is gone.
    Broken(CommandError),
}

impl From<String> for Stopped {
    fn from(obstacle: String) -> Self {
        Self::Obstacle(obstacle)
    }
}

/// A refusal as JSON; everything else ends the scenario.
fn refused(error: ClientError) -> Result<Value, Stopped> {
    match error {
        ClientError::Refused(_) => Ok(CommandError::from(error).to_json()),
        other => Err(Stopped::Broken(other.into())),
    }
}

fn error_code(seen: &Value) -> Option<&str> {
    seen.pointer("/error/code").and_then(Value::as_str)
}

/// Where no error is expected, one is told whatever else was expected.
fn compared(expectations: &[Expectation], seen: &Value) -> Vec<Comparison> {
    let expects_error = expectations.iter().any(|expectation| expectation.path.starts_with("error"));
    if let Some(error) = seen.get("error").filter(|_| !expects_error) {
        return vec![Comparison::refused(error)];
    }
    expectations.iter().map(|expectation| expectation.compare(seen)).collect()
}
