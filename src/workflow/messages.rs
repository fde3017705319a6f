//! What applicants are told at each step: the data of the messages; their words are in `notify`.

use chrono::{DateTime, NaiveDateTime, Utc};

use super::Refusal;
use super::complete::Granted;
use super::decide::Case;
use crate::notify::{MessageData, RegistrationNotice, Remark};
use crate::registration::calendar::local_day;
use crate::registration::consent::WithdrawalConsequences;
use crate::registration::decision::remarks;
use crate::registration::document::DocumentKind;
use crate::registration::event::NotificationKind;
use crate::registration::hearing::{Grounds, RefusalGround};
use crate::registration::rules::Stage;
use crate::registration::text::{Language, Text};
use crate::store::{Account, NewNotification, id_at};

/// What the message tells; acceptance is answered at once and needs none.
pub(super) fn message_data(kind: NotificationKind, case: &Case, granted: Option<&Granted<'_>>) -> Option<MessageData> {
    let application = case.record.number.clone();
    let mission = || case.mission.name.clone();
    let due_on = local_day(case.record.due_at.unwrap_or(case.record.received_at), case.mission.time_zone);
    match kind {
        // Acceptance is answered at once; what becomes of a registration is told by `RegistrationNotice`, and missions by `MissionNotice`.
        NotificationKind::ApplicationAccepted
        | NotificationKind::StayEnding
        | NotificationKind::StayEnded
        | NotificationKind::RegistrationDeregistered
        | NotificationKind::RegistrationAnnulled
        | NotificationKind::ReconfirmationDue
        | NotificationKind::CrisisBroadcast
        | NotificationKind::ElectionListCheck
        | NotificationKind::PassportExpiring
        | NotificationKind::ApplicationDueSoon
        | NotificationKind::ApplicationOverdue
        | NotificationKind::RegistrationTransferred => None,
        NotificationKind::ApplicationInReview => {
            Some(MessageData::ApplicationInReview { application, mission: mission(), due_on })
        }
        NotificationKind::ApplicationReturned => {
            let remarks = remarks(&case.detail.findings, Stage::Deficiency).into_iter();
            let remarks = remarks.map(|coded| Remark { field: coded.remark.field, text: coded.remark.text }).collect();
            Some(MessageData::ApplicationReturned { application, remarks, due_on })
        }
        NotificationKind::ApplicationCompleted => {
            let granted = granted?;
            let registration = granted.registration.number.clone();
            let document = granted
                .document
                .and_then(|document| Some((DocumentKind::from_name(&document.kind)?.title(), document.number.clone())));
            let application_type = case.form.application_type;
            Some(MessageData::ApplicationCompleted { application_type, application, registration, document })
        }
        NotificationKind::ApplicationRefusalAnnounced => {
            let decision = &case.detail.announced.as_ref()?.decision;
            Some(MessageData::RefusalAnnounced {
                application,
                reason: reason(&decision.grounds),
                hearing: at_mission(case, decision.hearing.time),
                place: decision.hearing.place.to_string(),
                objection_until: at_mission(case, decision.objection_until),
            })
        }
        NotificationKind::ApplicationHearingReminder => {
            let decision = &case.detail.announced.as_ref()?.decision;
            Some(MessageData::HearingReminder {
                application,
                hearing: at_mission(case, decision.hearing.time),
                place: decision.hearing.place.to_string(),
                objection_until: at_mission(case, decision.objection_until),
            })
        }
        NotificationKind::ApplicationHeard => Some(MessageData::Heard { application, due_on }),
        NotificationKind::ApplicationRefused => {
            Some(MessageData::Refused { application, reason: reason(case.detail.refused.as_ref()?) })
        }
        NotificationKind::ApplicationForwarded => Some(MessageData::Forwarded { application, mission: mission() }),
        NotificationKind::ApplicationWithdrawn => Some(MessageData::Withdrawn { application }),
        NotificationKind::ConsentWithdrawn => {
            let day = local_day(case.record.updated_at, case.mission.time_zone);
            let consequences = WithdrawalConsequences::on(day).statement.clone();
            Some(MessageData::ConsentWithdrawn { application, consequences })
        }
    }
}

fn at_mission(case: &Case, time: DateTime<Utc>) -> NaiveDateTime {
    time.with_timezone(&case.mission.time_zone).naive_local()
}

/// The ground as the list has it, and the officer's reasons; English readers get the ground, and the reasons in Russian.
pub(super) fn reason(grounds: &Grounds) -> Text {
    let ground = grounds.listed().map(RefusalGround::text);
    let sentence =
        |text: Option<&str>, reason: Option<&str>| [text, reason].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let (kk, ru) = (grounds.reason_kk.as_deref(), grounds.reason_ru.as_deref());
    Text::composed(
        sentence(ground.as_ref().map(|text| text.kk.as_ref()), kk),
        sentence(ground.as_ref().map(|text| text.ru.as_ref()), ru),
        sentence(ground.as_ref().map(|text| text.en.as_ref()), ru),
    )
}

/// A notice about a registration, as it is written into an account. `version` tells notices of one kind about one card apart: the same one
/// is written once.
pub(super) fn notice_in(
    account: &Account,
    notice: &RegistrationNotice,
    version: i32,
    now: DateTime<Utc>,
) -> Result<NewNotification, Refusal> {
    let language = Language::from_code(&account.language).unwrap_or(Language::Kk);
    let message = serde_json::to_vec(&notice.message(language));
    Ok(NewNotification {
        id: id_at(now),
        caller: account.caller.clone(),
        application: account.application,
        kind: notice.kind().as_str().to_owned(),
        version,
        language: language.as_str().to_owned(),
        created_at: now,
        message: message.map_err(|error| Refusal::Internal(error.to_string()))?,
    })
}
