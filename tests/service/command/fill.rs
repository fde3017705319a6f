use std::collections::BTreeSet;

use consular_registration::command::Exit;
use consular_registration::config::Settings;
use consular_registration::grpc::client::answer;
use consular_registration::grpc::proto::{
    ApplicationState, GetApplicationRequest, ListApplicationsRequest, ListQueueRequest, ListRegistrationHistoryRequest,
    ListRegistrationsRequest, Registration, RegistrationState,
};

use super::{consular, text};
use crate::support::service::{Sandbox, Service};

/// All pages of a list of registrations.
async fn registrations(service: &Service, request: ListRegistrationsRequest) -> Vec<Registration> {
    let (mut all, mut token) = (Vec::new(), String::new());
    loop {
        let request = ListRegistrationsRequest { page_size: 7, page_token: token, ..request.clone() };
        let page = answer(service.client.registrations().list_registrations(request)).await.unwrap();
        all.extend(page.registrations);
        token = page.next_page_token;
        if token.is_empty() {
            return all;
        }
    }
}

#[test]
fn a_crowd_fills_the_register_and_is_listed_page_by_page() {
    let sandbox = Sandbox::new();
    let folder = sandbox.path();
    let fill = |registrations, after| {
        let line = ["sandbox", "fill", "--registrations", registrations, "--waiting", "5", "--after", after];
        consular(&[&line[..], &["--sandbox", text(&folder), "--json"]].concat())
    };
    let filled = fill("60", "0");
    assert_eq!(filled.exit, Exit::Done, "{}", filled.notes);
    let next = filled.json()["next"].to_string();
    assert_eq!(fill("1", "0").exit, Exit::Refused, "nobody is registered twice");
    assert_eq!(fill("20", &next).exit, Exit::Done);

    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let service = Service::over(sandbox, Settings::default()).await;
        let all = registrations(&service, ListRegistrationsRequest::default()).await;
        let numbers: BTreeSet<&str> = all.iter().map(|registration| registration.number.as_str()).collect();
        assert_eq!((all.len(), numbers.len()), (80, 80));
        let state = RegistrationState::Active.into();
        let berlin = ListRegistrationsRequest { mission: "KZ-DE-BER".into(), state, ..Default::default() };
        let berlin = registrations(&service, berlin).await;
        let of_berlin = all.iter().filter(|registration| registration.mission == "KZ-DE-BER");
        assert_eq!(berlin, of_berlin.cloned().collect::<Vec<_>>());

        let request = GetApplicationRequest { name: all[3].application.clone() };
        let origin = answer(service.client.applications().get_application(request)).await.unwrap();
        assert_eq!(origin.application.unwrap().registration, all[3].name);
        let request = ListRegistrationHistoryRequest { parent: all[3].name.clone(), ..Default::default() };
        let history = answer(service.client.registrations().list_registration_history(request)).await.unwrap();
        assert_eq!(history.changes[0].event, "registration.opened");

        let states = vec![ApplicationState::InReview.into(), ApplicationState::Returned.into()];
        let request = ListApplicationsRequest { states, ..Default::default() };
        let waiting = answer(service.client.applications().list_applications(request)).await.unwrap().applications;
        assert_eq!(waiting.len(), 10);
        assert!(waiting.is_sorted_by_key(|application| &application.name));
        let queue = answer(service.client.reviews().list_queue(ListQueueRequest::default())).await.unwrap().entries;
        let queued: Vec<_> = queue.into_iter().map(|entry| entry.application.unwrap().name).collect();
        assert_eq!(queued, waiting.into_iter().map(|application| application.name).collect::<Vec<_>>());
    });
}
