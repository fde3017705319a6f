//! State registers on the wire: the clients that stand behind the ports of `workflow`, and the server of the sandbox's imitation of them. Both
//! speak `proto/consular/registers/v1`.

mod client;
pub mod proto;
mod server;

use super::client::Target;
use crate::registration::state_register::Statement;

pub use client::{Reached, RegisterClientError, reach};
pub use server::{RegisterServer, RegisterTls};

/// A statement of the wire; none for what no register says.
fn statement(wire: proto::Statement) -> Option<Statement> {
    match wire {
        proto::Statement::Unspecified => None,
        proto::Statement::Confirmed => Some(Statement::Confirmed),
        proto::Statement::Contradicted => Some(Statement::Contradicted),
        proto::Statement::NotHeld => Some(Statement::NotHeld),
    }
}

fn wire_statement(statement: Statement) -> proto::Statement {
    match statement {
        Statement::Confirmed => proto::Statement::Confirmed,
        Statement::Contradicted => proto::Statement::Contradicted,
        Statement::NotHeld => proto::Statement::NotHeld,
    }
}
