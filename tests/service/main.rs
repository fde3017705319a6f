//! Behaviour of the rooms and of the whole service, through their public surfaces; one binary, one module a room.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

/// Runs every test on SQLite and on PostgreSQL.
macro_rules! with_each_database {
    ($(async fn $name:ident($service:ident: Service) $body:block)+) => {
        $(async fn $name($service: Service) $body)+
        mod on_sqlite {
            use crate::support::service::Service;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(Service::sqlite().await).await; })+
        }
        mod on_postgres {
            use crate::support::service::Service;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(Service::postgres().await).await; })+
        }
    };
}

mod architecture;
mod audit;
mod cms;
mod command;
mod conformance;
mod consent;
mod documents;
mod family;
mod filing;
mod forwarding;
mod grpc;
mod kill;
mod main_job;
mod mutual_tls;
mod notify;
mod pki;
mod refusals;
mod register;
mod registration;
mod retention;
mod revalidating;
mod review;
mod sandbox;
mod signature;
mod state_registers;
mod store;
mod support;
mod threats;
mod trust;
mod uses;
mod validations;
mod verifying;
mod walk;
mod xml;
