//! The one place that reads the machine's clock.
//!
//! Everything else takes the time as an argument or through [`Clock`]: verdicts and legal terms must be reproducible for any
//! moment, and in the sandbox a whole year of a registration's life is walked through in seconds.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

/// Where the current time comes from.
pub trait Clock: Send + Sync + 'static {
    /// The current instant.
    fn now(&self) -> DateTime<Utc>;

    /// Told when the clock was set to another time, so that timers waiting for an instant look again.
    fn changed(&self) -> watch::Receiver<u64>;
}

/// A shared clock.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's clock.
#[derive(Debug)]
pub struct SystemClock {
    never: watch::Sender<u64>,
}

impl SystemClock {
    /// The machine's clock, ready to share.
    pub fn shared() -> SharedClock {
        Arc::new(Self { never: watch::Sender::new(0) })
    }
}

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        machine_now()
    }

    fn changed(&self) -> watch::Receiver<u64> {
        self.never.subscribe()
    }
}

/// A clock that runs on from whatever time it was last set to. Exists in the sandbox only.
#[derive(Debug)]
pub struct SandboxClock {
    offset_microseconds: AtomicI64,
    changes: watch::Sender<u64>,
}

impl SandboxClock {
    /// A sandbox clock that starts at the machine's time.
    pub fn new() -> Self {
        Self { offset_microseconds: AtomicI64::new(0), changes: watch::Sender::new(0) }
    }

    /// A sandbox clock that starts at `time`.
    pub fn starting_at(time: DateTime<Utc>) -> Self {
        let clock = Self::new();
        clock.set(time);
        clock
    }

    /// Sets the clock; it runs on from `time`.
    pub fn set(&self, time: DateTime<Utc>) {
        let offset = time - machine_now();
        self.offset_microseconds.store(offset.num_microseconds().unwrap_or(0), Ordering::SeqCst);
        self.changes.send_modify(|count| *count += 1);
    }
}

impl Default for SandboxClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SandboxClock {
    fn now(&self) -> DateTime<Utc> {
        machine_now() + TimeDelta::microseconds(self.offset_microseconds.load(Ordering::SeqCst))
    }

    fn changed(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

/// Waits until `clock` shows `deadline`, however the clock is set meanwhile.
pub async fn sleep_until(clock: &dyn Clock, deadline: DateTime<Utc>) {
    let mut changed = clock.changed();
    loop {
        let Ok(left) = (deadline - clock.now()).to_std() else { return };
        if left.is_zero() {
            return;
        }
        tokio::select! {
            // A timer of at most an hour, so that a machine that slept or was adjusted is noticed.
            () = tokio::time::sleep(left.min(Duration::from_hours(1))) => {}
            Ok(()) = changed.changed() => {}
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
fn machine_now() -> DateTime<Utc> {
    Utc::now()
}
