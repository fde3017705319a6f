//! A walk through the procedure: random calls, legal and illegal, on the real use cases and on a naive model of them beside it. After every
//! step both have to agree on what the caller is told, on every state, term and finding, and on every event in its order.
//!
//! An episode is a service of its own that begins on some day of four years and lives through months. By default the walk is short;
//! `scripts/walk` makes a long one. `CONSULAR_WALK_STEPS` says how many steps, `CONSULAR_WALK_SEED` repeats a walk.

mod calendar;
mod chance;
mod dice;
mod form;
mod model;
mod steps;
mod world;

use chrono::{DateTime, TimeDelta, Utc};

use dice::Dice;
use steps::Walk;

const STEPS: u64 = 2_000;
const SEED: u64 = 20_260_320;
/// Steps of one episode.
const EPISODE: usize = 500;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_service_and_a_naive_model_of_it_agree_at_every_step() {
    let (steps, seed) =
        (setting("CONSULAR_WALK_STEPS").unwrap_or(STEPS), setting("CONSULAR_WALK_SEED").unwrap_or(SEED));
    let episodes = usize::try_from(steps).unwrap().div_ceil(EPISODE);
    let mut counts = steps::Counts::default();
    for episode in 0..episodes {
        let mut dice = Dice::new(seed.wrapping_add(u64::try_from(episode).unwrap()));
        let begin: DateTime<Utc> = "2024-01-01T07:00:00Z".parse().unwrap();
        let begin = begin + TimeDelta::minutes(dice.between(0, 3 * 365 * 24 * 60));
        let mut walk = Walk::begin(format!("seed {seed}, episode {episode}"), dice, begin).await;
        for _ in 0..EPISODE {
            walk.step().await;
        }
        counts += walk.end().await;
    }
    println!("seed {seed}: {} steps in {episodes} episodes; {counts}", episodes * EPISODE);
    // A walk that gets nowhere proves nothing.
    assert!(counts.reached_everything(), "{counts}");
}

#[expect(clippy::disallowed_methods, reason = "a longer walk is asked for by the environment")]
fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().expect("a number"))
}
