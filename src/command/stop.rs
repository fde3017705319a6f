//! What ends a command that runs until it is told to stop.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

/// SIGTERM, SIGINT or, when asked for, the end of the standard input.
pub async fn asked_to_stop(until_stdin_ends: bool) {
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    let input_ended = async {
        if !until_stdin_ends {
            std::future::pending::<()>().await;
        }
        let (told, ended) = tokio::sync::oneshot::channel();
        // A thread of its own: nothing waits for it when the service stops for another reason.
        std::thread::spawn(move || {
            let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
            let _ = told.send(());
        });
        let _ = ended.await;
    };
    tokio::select! {
        () = terminated => {}
        _ = tokio::signal::ctrl_c() => {}
        () = input_ended => {}
    }
}
