//! Ten and a hundred times more: memory, and what a record costs as work grows. One run each, because each takes long.

use super::Bench;
use super::choice::Group;
use super::github::Github;
use super::reference::first;
use super::stage::{Stage, statements};
use super::table::{Line, float};

/// Issues, pull requests, branches and members of the largest workload that memory is held to.
const LARGE: [u64; 4] = [100_000, 50_000, 200, 50];
/// What is allowed then, in MB.
const MEMORY: f64 = 64.0;
/// Issues; the last only where it is asked for.
const SIZES: [u64; 3] = [10_000, 100_000, 1_000_000];
/// A record of the largest costs at most so many times one of the smallest: what is linear stays below, what is not does not.
const LINEAR: f64 = 1.25;

/// Peak memory with a large repository.
pub(super) async fn memory(bench: &Bench) -> anyhow::Result<()> {
    let [issues, pulls, branches, members] = LARGE.map(|whole| bench.choice.size(whole));
    let github = Github::reference([issues, pulls, branches, members])?;
    let stage = Stage::set(&bench.server, &github).await?;
    let ran = first(&stage)?;
    Line::new(
        format!("peak memory, {issues} issues and {pulls} pull requests: MB"),
        format!("{:.1} ({:.1} s)", ran.peak, ran.seconds),
        format!("<= {MEMORY}"),
        ran.peak <= MEMORY,
    )
    .print();
    stage.strike().await
}

/// What a record cost.
#[derive(Clone, Copy)]
struct Cost {
    seconds: f64,
    statements: f64,
    peak: f64,
}

/// Time, statements and memory as work grows.
pub(super) async fn growth(bench: &Bench) -> anyhow::Result<()> {
    let sizes = if bench.choice.has(Group::Million) {
        &SIZES[..]
    } else {
        &SIZES[..2]
    };
    let mut costs = Vec::new();
    for size in sizes {
        costs.push(cost(bench, bench.choice.size(*size)).await?);
    }
    let (Some(first), Some(last)) = (costs.first(), costs.last()) else {
        return Ok(());
    };
    let of = [
        ("time of a record", first.seconds, last.seconds),
        ("statements for a record", first.statements, last.statements),
        ("peak memory", first.peak, last.peak),
    ];
    for (what, small, large) in of {
        let ratio = large / small;
        let holds = ratio <= LINEAR;
        Line::new(
            format!("  {what}, largest to smallest"),
            format!("{ratio:.2}"),
            format!("<= {LINEAR}"),
            holds,
        )
        .print();
    }
    Ok(())
}

async fn cost(bench: &Bench, issues: u64) -> anyhow::Result<Cost> {
    let github = Github::reference([issues, 0, 1, 1])?;
    let stage = Stage::set(&bench.server, &github).await?;
    let before = statements(&bench.server).await?;
    let ran = first(&stage)?;
    let statements = statements(&bench.server).await? - before;
    let told = format!("{:.1} s, {statements} statements, {:.1} MB", ran.seconds, ran.peak);
    Line::told(format!("growth: {issues} issues"), told).print();
    stage.strike().await?;
    Ok(Cost {
        seconds: ran.seconds / float(issues),
        statements: float(statements) / float(issues),
        peak: ran.peak,
    })
}
