//! The reference workload against the fake GitHub: seconds, requests, rows a second and peak memory of the first sync and of
//! the second, with MariaDB (durable), GitHub and the program each in a process of its own.
//!
//! `cargo bench --features sim --bench reference`; `REFERENCE=issues,pulls,branches,members` makes it smaller or larger.
#![expect(clippy::print_stdout, reason = "the figures are what this program is for")]

mod processes;

use std::time::Instant;

use anyhow::{Context as _, ensure};
use nix::sys::resource::{UsageWho, getrusage};
use processes::{REPOSITORY, Stage, Workload, is_github, run};
use serde_json::Value;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let workload = workload()?;
    if is_github(workload).await? {
        return Ok(());
    }
    measure(workload).await
}

fn workload() -> anyhow::Result<Workload> {
    let text = std::env::var("REFERENCE").unwrap_or_else(|_| "10000,5000,200,50".to_owned());
    let numbers: Vec<u64> = text
        .split(',')
        .map(str::parse)
        .collect::<Result<_, _>>()
        .context("REFERENCE wants four numbers")?;
    numbers.try_into().ok().context("REFERENCE wants four numbers")
}

async fn measure(workload: Workload) -> anyhow::Result<()> {
    let stage = Stage::set().await?;
    let records: u64 = workload.iter().sum();
    println!("{records} records: {workload:?} issues, pull requests, branches, members");
    println!(
        "{:<22} {:>9} {:>9} {:>9} {:>11} {:>9}",
        "", "seconds", "requests", "points", "records/s", "peak MB"
    );
    for (name, arguments) in [
        ("first sync", &["sync", "--json", "--repo", REPOSITORY][..]),
        ("second sync", &["sync", "--json"]),
        ("second complete walk", &["sync", "--json", "--full"]),
    ] {
        let began = Instant::now();
        let answer: Value = serde_json::from_slice(&run(stage.program(arguments), None)?)?;
        let seconds = began.elapsed().as_secs_f64();
        let peak = getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss() / 1_024;
        let report = &answer["sites"][0]["repositories"][0];
        ensure!(report["status"] == "Completed", "the sync did not complete: {answer:#}");
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let rate = records as f64 / seconds;
        println!(
            "{name:<22} {seconds:>9.2} {:>9} {:>9} {rate:>11.0} {peak:>9}",
            report["requests"], report["points"]
        );
    }
    println!("(peak memory is the largest of all runs so far; seconds are of the whole process, its start included)");
    Ok(())
}
