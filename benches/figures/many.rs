//! A thousand repositories in which nothing happened: what GitHub is asked when they are looked at for the first time, and from then on.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use super::Bench;
use super::github::{Asked, Github};
use super::stage::Stage;
use super::table::Line;
use crate::program::{Ended, answers, free_address};

/// How many.
const REPOSITORIES: u64 = 1_000;
/// Requests and points that may be spent on them.
const BARS: [u64; 2] = [12, 40];
/// The schedule looks every few seconds; after this long something is wrong.
const PATIENCE: Duration = Duration::from_secs(300);
/// After the last proof, for whatever else is asked.
const CALM: Duration = Duration::from_secs(3);

pub(super) async fn measure(bench: &Bench) -> anyhow::Result<()> {
    let count = bench.choice.size(REPOSITORIES);
    let mut github = Github::many(count)?;
    let stage = Stage::set(&bench.server, &github).await?;
    let first = stage.sync(&["--all-from", "acme"])?;
    ensure!(
        first.repositories.len() as u64 == count,
        "{} were synced",
        first.repositories.len()
    );
    Line::told(
        format!("{count} repositories, synced for the first time"),
        format!("{:.1} s", first.seconds),
    )
    .print();
    github.forget()?;
    let address = free_address()?;
    let child = stage
        .program(&["serve", "--listen", &address])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let serving = Ended(child);
    answers(&address).await?;
    let seconds = proven(&stage, count).await?;
    tokio::time::sleep(CALM).await;
    let asked = github.asked()?;
    drop(serving);
    let points: u64 = asked.iter().map(|one| one.points).sum();
    Line::told(
        format!("{count} unchanged repositories, the first look by `serve`, which asks for everything"),
        format!("{} requests, {points} points, {seconds:.1} s", asked.len()),
    )
    .print();
    github.forget()?;
    let again = stage.sync(&[])?;
    tell(count, &github.asked()?, again.seconds, "sync");
    stage.strike().await
}

/// Until so many are proven to be in step; gives the seconds that it took.
async fn proven(stage: &Stage, count: u64) -> anyhow::Result<f64> {
    let began = Instant::now();
    loop {
        let sql = "SELECT COUNT(*) FROM `erpnext_github_proof` WHERE `proven_at` IS NOT NULL";
        let rows = stage.site().query(sql).await?;
        let proven: u64 = rows.into_iter().flatten().flatten().next().context("no count")?.parse()?;
        if proven >= count {
            return Ok(began.elapsed().as_secs_f64());
        }
        ensure!(
            began.elapsed() < PATIENCE,
            "only {proven} of {count} are proven to be in step"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn tell(count: u64, asked: &[Asked], seconds: f64, by: &str) {
    let (requests, points) = (asked.len() as u64, asked.iter().map(|one| one.points).sum::<u64>());
    Line::new(
        format!("{count} unchanged repositories, looked at again by `{by}`: requests"),
        format!("{requests} (within {seconds:.1} s)"),
        format!("<= {}", BARS[0]),
        requests <= BARS[0],
    )
    .print();
    Line::new("  points", points.to_string(), format!("<= {}", BARS[1]), points <= BARS[1]).print();
}
