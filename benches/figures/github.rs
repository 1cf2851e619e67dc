//! GitHub as a process of its own: a fake one that is told what to be by a variable, and obeys lines on its standard input.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, bail};
use chrono::{DateTime, TimeDelta, Utc};
use erpnext_github::clock::Clock;
use erpnext_github::sim::github::{Effect, FakeGithub, Fault, World};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use crate::program::{Ended, REPOSITORY};

/// What the process is to be, given to it in this variable: see [`world`].
const WORLD: &str = "BENCH_GITHUB";
/// More points than any run spends: how many are spent is counted, how many there are is not what is measured.
const POINTS: u64 = 1_000_000_000;

/// A request that GitHub was asked, and how it ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Asked {
    /// Path and query.
    pub(crate) target: String,
    /// Document and variables, where it was asked by GraphQL.
    pub(crate) graphql: Option<(String, String)>,
    /// HTTP status.
    pub(crate) status: u16,
    /// Points that it cost.
    pub(crate) points: u64,
}

/// The process.
pub(crate) struct Github {
    /// Address of the API.
    pub(crate) api: String,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    _process: Ended,
}

impl Github {
    /// The reference workload: so many issues, pull requests, branches and members.
    pub(crate) fn reference([issues, pulls, branches, members]: [u64; 4]) -> anyhow::Result<Self> {
        Self::start(&format!("reference {issues} {pulls} {branches} {members}"))
    }

    /// So many small repositories.
    pub(crate) fn many(repositories: u64) -> anyhow::Result<Self> {
        Self::start(&format!("many {repositories}"))
    }

    fn start(world: &str) -> anyhow::Result<Self> {
        let mut child: Child = Command::new(std::env::current_exe()?)
            .env(WORLD, world)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take().context("no standard input")?;
        let output = BufReader::new(child.stdout.take().context("no standard output")?);
        let mut github = Self {
            api: String::new(),
            input,
            output,
            _process: Ended(child),
        };
        github.api = github.line()?;
        Ok(github)
    }

    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            bail!("the GitHub process ended; its standard error says why");
        }
        Ok(line)
    }

    fn say(&mut self, command: &str) -> anyhow::Result<String> {
        writeln!(self.input, "{command}")?;
        self.input.flush()?;
        self.line()
    }

    /// Forgets what was asked so far.
    pub(crate) fn forget(&mut self) -> anyhow::Result<()> {
        self.say("forget").map(drop)
    }

    /// What was asked since then, in the order of arrival (the latest 20,000).
    pub(crate) fn asked(&mut self) -> anyhow::Result<Vec<Asked>> {
        Ok(serde_json::from_str(&self.say("asked")?)?)
    }

    /// Answers each request so much later from now on.
    pub(crate) fn slow_down(&mut self, latency: Duration) -> anyhow::Result<()> {
        self.say(&format!("slow {}", latency.as_millis())).map(drop)
    }

    /// Lets an hour pass, then changes so many issues and so many pull requests of the reference workload.
    pub(crate) fn change(&mut self, issues: u64, pulls: u64) -> anyhow::Result<()> {
        self.say(&format!("change {issues} {pulls}")).map(drop)
    }
}

/// This machine's clock, moved forward.
#[derive(Debug, Default)]
struct Ahead(AtomicI64);

impl Clock for Ahead {
    fn now(&self) -> DateTime<Utc> {
        Utc::now() + TimeDelta::seconds(self.0.load(Ordering::Relaxed))
    }
}

/// Is GitHub where this process was started to be that; the benchmark is then over.
pub(crate) async fn is_github() -> anyhow::Result<bool> {
    let Ok(text) = std::env::var(WORLD) else {
        return Ok(false);
    };
    let clock = Arc::new(Ahead::default());
    let mut world = world(&text)?.with_clock(clock.clone());
    (world.limits.core, world.limits.graphql, world.limits.search) = (POINTS, POINTS, POINTS);
    // Five rounds in a minute are more than GitHub lets a credential ask: this is a server on which the limits are off.
    world.limits.are_told = false;
    let fake = FakeGithub::on(world, TcpListener::bind("127.0.0.1:0").await?)?;
    // The lines come from a pipe, on which only a thread can wait; it ends with the process that holds the other end.
    tokio::task::spawn_blocking(move || {
        println!("{}", fake.base_url());
        for line in std::io::stdin().lines() {
            println!("{}", obey(&fake, &clock, &line?)?);
        }
        anyhow::Ok(())
    })
    .await??;
    Ok(true)
}

/// `reference ISSUES PULLS BRANCHES MEMBERS` or `many REPOSITORIES`.
fn world(text: &str) -> anyhow::Result<World> {
    match words(text)? {
        ("reference", numbers) => {
            let [issues, pulls, branches, members] = numbers.as_slice() else {
                bail!("`{text}`: four numbers are wanted");
            };
            Ok(World::reference(*issues, *pulls, *branches, *members))
        }
        ("many", numbers) => {
            let mut world = World::default();
            for number in 0..numbers.first().copied().unwrap_or_default() {
                let name = format!("acme/repository-{number:04}");
                world.repository(&name).with_issues(3).with_pull_requests(2);
            }
            Ok(world)
        }
        _ => bail!("`{text}` is no world of these benchmarks"),
    }
}

fn words(text: &str) -> anyhow::Result<(&str, Vec<u64>)> {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    let numbers = rest.split_whitespace().map(str::parse).collect::<Result<_, _>>();
    Ok((word, numbers.with_context(|| format!("`{text}`: numbers are wanted"))?))
}

fn obey(fake: &FakeGithub, clock: &Ahead, line: &str) -> anyhow::Result<String> {
    match words(line)? {
        ("forget", _) => fake.forget_requests(),
        ("asked", _) => return asked(fake),
        ("slow", numbers) => {
            let by = Duration::from_millis(numbers.first().copied().unwrap_or_default());
            let delay = Fault::on("*", Effect::Delayed(by)).always();
            fake.world().faults = if by.is_zero() { Vec::new() } else { vec![delay] };
        }
        ("change", numbers) => {
            // Farther than any run reaches back for what was told late.
            clock.0.fetch_add(3_600, Ordering::Relaxed);
            let [issues, pulls] = numbers.as_slice() else {
                bail!("`{line}`: two numbers are wanted");
            };
            change(&mut fake.world(), *issues, *pulls);
            clock.0.fetch_add(600, Ordering::Relaxed);
        }
        _ => bail!("`{line}` is nothing that this GitHub does"),
    }
    Ok("done".to_owned())
}

fn asked(fake: &FakeGithub) -> anyhow::Result<String> {
    let unexpected = fake.unexpected();
    if !unexpected.is_empty() {
        bail!("the fake GitHub did not know: {unexpected:?}");
    }
    let all = fake.requests().into_iter().map(|request| Asked {
        target: request.target(),
        status: request.status,
        points: request.points,
        graphql: request.operation.map(|asked| (asked.query, asked.variables)),
    });
    Ok(serde_json::to_string(&all.collect::<Vec<_>>())?)
}

/// Changes issues and pull requests, those with the lowest numbers.
fn change(world: &mut World, issues: u64, pulls: u64) {
    let home = world.repository(REPOSITORY);
    let now = home.now();
    for (pull_requests, count) in [(false, issues), (true, pulls)] {
        let some = home.items.values().filter(|item| item.is_pull_request() == pull_requests);
        let numbers: Vec<u64> = some
            .map(|item| item.number)
            .take(usize::try_from(count).unwrap_or(usize::MAX))
            .collect();
        for number in numbers {
            home.edit(number).title = format!("Changed at {now}");
        }
    }
}
