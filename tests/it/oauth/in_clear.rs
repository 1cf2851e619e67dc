//! A whole run writes down none of the secrets that it met: not in the database, not in the log, not in what it shows.

use chrono::TimeDelta;
use erpnext_github::sim::github::{Effect, Fault};

use super::{APP, Stage, TOKENS, id};
use crate::support::{Log, Needles};

#[tokio::test]
async fn no_secret_is_written_anywhere_in_clear() {
    let log = Log::listen("trace");
    let stage = Stage::new().await;
    let mut shown = Vec::new();
    let pages = [stage.begin("ann").await, stage.begin("ben").await];
    stage.connect("ann", "ann-hub").await;
    stage.connect("ben", "ben-hub").await;
    let refused = stage.try_connect("ben", "ann-hub").await.expect_err("taken");
    shown.push(format!("{refused} {refused:?}"));
    stage.test.clock().advance(TimeDelta::hours(8));
    let token = stage.token("ann").await.expect("a token");
    shown.push(format!("{token:?} {:?} {:?}", stage.grants(), token.client()));
    stage.test.clock().advance(TimeDelta::hours(8));
    for effect in [Effect::Lost, Effect::Truncated] {
        stage.github.world().faults.push(Fault::on(TOKENS, effect));
    }
    let lost = stage.token("ben").await.expect_err("lost");
    shown.push(format!("{lost} {lost:?}"));
    stage.token("ann").await.expect("a token");
    let dump = stage.test.dump().await;
    stage.grants().disconnect(&id("ann")).await.expect("disconnected");
    let everything = [dump, stage.test.dump().await, log.text(), shown.concat()].concat();
    assert!(everything.contains("asked GitHub about a token"), "the log was heard");

    let mut secrets = stage.github.world().given_out().to_vec();
    assert!(secrets.len() > 12, "{}", secrets.len());
    secrets.push(APP.1.to_owned());
    secrets.extend(["session of ann", "session of ben"].map(str::to_owned));
    for page in pages {
        secrets.extend(
            page.query_pairs()
                .filter(|(key, _)| key == "state")
                .map(|(_, state)| state.into_owned()),
        );
    }
    let mut needles = Needles::default();
    for secret in &secrets {
        needles.add(secret, secret);
    }
    assert_eq!(needles.found("what was written", &everything), Vec::<String>::new());
}
