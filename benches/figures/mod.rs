//! Every group of rows is a file; what they stand on is `github` (a process), `stage` (a site and runs of the program), `floors` and
//! `table`.

mod choice;
mod floors;
mod github;
mod large;
mod latency;
mod many;
mod reference;
mod stage;
mod start;
mod table;
mod upsert;

use anyhow::bail;
use erpnext_github::sim::mariadb::{ScratchServer, ServerOptions};

pub(crate) use choice::Choice;
use choice::Group;
pub(crate) use github::is_github;
use table::Line;

use crate::program::BUFFER_POOL;

/// Issues, pull requests, branches and members of the reference workload.
const REFERENCE: [u64; 4] = [10_000, 5_000, 200, 50];

/// What every group works with.
struct Bench {
    choice: Choice,
    server: ScratchServer,
}

impl Bench {
    /// The reference workload, as large as was asked for.
    fn reference(&self) -> [u64; 4] {
        REFERENCE.map(|whole| self.choice.size(whole))
    }
}

/// Measures what was chosen and prints the table.
pub(crate) async fn measure(choice: Choice) -> anyhow::Result<()> {
    let server = ScratchServer::start(ServerOptions::durable(BUFFER_POOL)).await?;
    println!(
        "{}, durable, buffer pool {BUFFER_POOL} MiB; medians of {}",
        server.version(),
        choice.rounds
    );
    if choice.percent != 100 {
        println!("Sizes are {} % of those that the bars are for.", choice.percent);
    }
    println!();
    table::head();
    let bench = Bench { choice, server };
    let mut broken = Vec::new();
    let mut note = |what: &'static str, result: anyhow::Result<()>| {
        if let Err(error) = result {
            Line::told(what, "could not be measured").print();
            broken.push(format!("{what}: {error:#}"));
        }
    };
    let has = |group| bench.choice.has(group);
    if [Group::Full, Group::Again, Group::Changed].into_iter().any(has) {
        note("the reference workload", reference::measure(&bench).await);
    }
    if has(Group::Many) {
        note("1,000 repositories", many::measure(&bench).await);
    }
    if has(Group::Upsert) {
        note("upsert", upsert::measure(&bench).await);
    }
    if has(Group::Memory) {
        note("memory", large::memory(&bench).await);
    }
    if has(Group::Latency) {
        note("latency", latency::measure(&bench).await);
    }
    if has(Group::Growth) || has(Group::Million) {
        note("growth", large::growth(&bench).await);
    }
    if has(Group::Start) {
        note("start", start::measure(&bench).await);
    }
    if broken.is_empty() {
        return Ok(());
    }
    bail!("not everything could be measured:\n{}", broken.join("\n"))
}
