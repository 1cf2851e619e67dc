//! GitHub far away: each answer takes 80 ms longer.

use std::time::Duration;

use super::Bench;
use super::floors;
use super::github::Github;
use super::reference::first;
use super::stage::Stage;
use super::table::{Line, median};

/// How much later each answer comes.
const LATENCY: Duration = Duration::from_millis(80);
/// How much longer than a bare client's a sync may take.
const BAR: f64 = 1.3;

pub(super) async fn measure(bench: &Bench) -> anyhow::Result<()> {
    let mut github = Github::reference(bench.reference())?;
    let (mut seconds, mut bare, mut ratios, mut requests) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for _ in 0..bench.choice.rounds {
        let stage = Stage::set(&bench.server, &github).await?;
        github.slow_down(LATENCY)?;
        github.forget()?;
        let ran = first(&stage)?;
        let asked = github.asked()?;
        let floor = floors::download(&github.api, &asked).await?;
        github.slow_down(Duration::ZERO)?;
        requests = asked.len();
        seconds.push(ran.seconds);
        bare.push(floor);
        ratios.push(ran.seconds / floor);
        stage.strike().await?;
    }
    let ratio = median(ratios);
    Line::new(
        format!(
            "{} ms a request, {requests} requests: times a bare client's",
            LATENCY.as_millis()
        ),
        format!("{ratio:.2} ({:.2} s)", median(seconds)),
        format!("<= {BAR}"),
        ratio <= BAR,
    )
    .beside(format!("client {:.2} s", median(bare)), ratio)
    .print();
    Ok(())
}
