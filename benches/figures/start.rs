//! From the start of `serve` until `/readyz` says 200.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::ensure;

use super::Bench;
use super::github::Github;
use super::stage::Stage;
use super::table::{Line, median};
use crate::program::{Ended, free_address};

/// Milliseconds.
const BAR: f64 = 200.0;
/// Between two looks.
const LOOK: Duration = Duration::from_millis(1);
/// After this long it does not become ready.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) async fn measure(bench: &Bench) -> anyhow::Result<()> {
    let github = Github::reference([10, 5, 2, 2])?;
    let stage = Stage::set(&bench.server, &github).await?;
    let http = reqwest::Client::builder().no_proxy().build()?;
    let mut took = Vec::new();
    for _ in 0..bench.choice.rounds {
        took.push(ready(&http, &stage).await? * 1_000.0);
    }
    let took = median(took);
    Line::new(
        "start to ready, one site: milliseconds",
        format!("{took:.0}"),
        format!("< {BAR}"),
        took < BAR,
    )
    .print();
    stage.strike().await
}

async fn ready(http: &reqwest::Client, stage: &Stage) -> anyhow::Result<f64> {
    let address = free_address()?;
    let url = format!("http://{address}/readyz");
    let mut command = stage.program(&["serve", "--listen", &address]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let began = Instant::now();
    let _serving = Ended(command.spawn()?);
    loop {
        if http.get(&url).send().await.is_ok_and(|answer| answer.status() == 200) {
            return Ok(began.elapsed().as_secs_f64());
        }
        ensure!(began.elapsed() < PATIENCE, "`serve` does not become ready");
        tokio::time::sleep(LOOK).await;
    }
}
