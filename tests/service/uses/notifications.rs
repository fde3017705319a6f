//! A personal account, followed.

use consular_registration::grpc::client::{Refusal, answer, next};
use consular_registration::grpc::proto::{
    AcknowledgeNotificationRequest, Notification, WatchNotificationsRequest, WatchNotificationsResponse,
};
use tonic::Streaming;

use super::super::support::service::{Service, refusal};
use super::{reason, register};

async fn watch(service: &Service, resume_token: &str) -> Result<Streaming<WatchNotificationsResponse>, Refusal> {
    let request = WatchNotificationsRequest { resume_token: resume_token.to_owned(), parent: String::new() };
    answer(service.client.notifications().watch_notifications(request)).await.map_err(refusal)
}

async fn arrival(stream: &mut Streaming<WatchNotificationsResponse>) -> (Notification, String) {
    let response = next(stream).await.unwrap().expect("the stream goes on");
    (response.notification.unwrap(), response.resume_token)
}

async fn acknowledge(service: &Service, name: &str) -> Result<Notification, Refusal> {
    let request = AcknowledgeNotificationRequest { name: name.to_owned() };
    let done = answer(service.client.notifications().acknowledge_notification(request)).await;
    done.map(|done| done.notification.unwrap()).map_err(refusal)
}

with_each_database! {
    async fn an_account_is_followed_from_what_was_not_acknowledged(service: Service) {
        let (assels, _) = register(&service, "assel", |_| ()).await;
        let mut stream = watch(&service, "").await.unwrap();
        let (first, token) = arrival(&mut stream).await;
        assert_eq!((first.application.as_str(), first.kind.as_str()), (&*assels.name, "APPLICATION_COMPLETED"));
        assert!(first.acknowledge_time.is_none());
        let (students, _) = register(&service, "student", |_| ()).await;
        let (second, _) = arrival(&mut stream).await;
        assert_eq!(second.application, students.name, "what comes while somebody listens is told at once");

        let seen = acknowledge(&service, &first.name).await.unwrap();
        assert!(seen.acknowledge_time.is_some());
        assert_eq!(acknowledge(&service, &first.name).await.unwrap(), seen, "the first time stays");
        let (unread, _) = arrival(&mut watch(&service, "").await.unwrap()).await;
        assert_eq!(unread.name, second.name);
        let (after, _) = arrival(&mut watch(&service, &token).await.unwrap()).await;
        assert_eq!(after.name, second.name);
    }

    async fn what_is_not_in_the_account_is_not_found(service: Service) {
        let unknown = acknowledge(&service, &format!("notifications/{}", uuid::Uuid::new_v4())).await.unwrap_err();
        assert_eq!(reason(&unknown), ("NOT_FOUND", "NOT_FOUND"));
        let forged = watch(&service, "AAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAA").await.unwrap_err();
        assert_eq!(reason(&forged), ("INVALID_ARGUMENT", "TOKEN_INVALID"));
    }
}
