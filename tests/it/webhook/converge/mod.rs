//! Invariants 1 and 3: whichever way a change came in, in whatever order and how often, the rows are the same. Random histories in which
//! everything happens that GitHub delivers; the seed stands in every failure, and `ERPNEXT_GITHUB_SEED=7` replays that one alone.

mod edits;
mod history;
mod replay;

use chrono::{DateTime, Utc};
use erpnext_github::sim::github::Delivery;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use crate::support::mirror::Mirror;
use history::History;
use replay::Post;

/// Histories of each kind; `ERPNEXT_GITHUB_CASES` says another number.
const CASES: u64 = 2;

/// The seeds to be tried, from `first` on.
fn seeds(first: u64) -> Vec<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    match number("ERPNEXT_GITHUB_SEED") {
        Some(seed) => vec![seed],
        None => (first..first + number("ERPNEXT_GITHUB_CASES").unwrap_or(CASES)).collect(),
    }
}

/// All that GitHub delivers in a history.
pub(super) async fn deliveries(seed: u64) -> Vec<Delivery> {
    let history = History::of(seed, noon()).await;
    history.moments.into_iter().flat_map(|moment| moment.deliveries).collect()
}

/// Where every test's clock begins.
fn noon() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().expect("a time")
}

/// Everything that GitHub owns is the same in both.
async fn same(history: &History, truth: &Mirror, other: &Mirror, what: &str) {
    let (truth, other) = (truth.owned().await, other.owned().await);
    for doctype in [
        "Issue",
        "Pull Request",
        "Branch",
        "Member",
        "Label",
        "Milestone",
        "Release",
        "Comment",
        "Review",
        "Commit",
    ] {
        let of = format!("Repository {doctype}: ");
        // A history may come to delete every milestone.
        let may_be_none = doctype == "Milestone" && history.last().repositories[&history.home].milestones.is_empty();
        assert!(
            may_be_none || truth.iter().any(|row| row.starts_with(&of)),
            "{what}: nothing of {doctype}"
        );
    }
    let only = |these: &[String], those: &[String]| {
        let left = these.iter().filter(|row| !those.contains(row));
        left.cloned().collect::<Vec<_>>().join("\n")
    };
    assert!(
        truth == other,
        "{what}\n\nonly after a full sync:\n{}\n\nonly here:\n{}\n\nwhat happened:\n{}",
        only(&truth, &other),
        only(&other, &truth),
        history.told()
    );
}

/// What no read of GitHub tells of: where pull requests and releases can be seen at work, and what that is made from.
async fn previews(mirror: &Mirror) -> Vec<String> {
    let mut all = Vec::new();
    for sql in [
        "SELECT CONCAT_WS(' ', 'shown by', name, IFNULL(preview_url, '-')) FROM `tabRepository Pull Request` ORDER BY name",
        "SELECT CONCAT_WS(' ', 'shown by', name, IFNULL(preview_url, '-')) FROM `tabRepository Release` ORDER BY name",
        "SELECT CONCAT_WS(' ', deployment_id, sha, git_ref, IFNULL(url, '-'), told_at, status_id) FROM erpnext_github_preview ORDER BY deployment_id",
    ] {
        all.extend(mirror.column(sql).await);
    }
    all
}

#[tokio::test]
async fn invariant1_incremental_syncs_end_in_the_rows_of_a_full_one() {
    for seed in seeds(1) {
        let history = History::of(seed, noon()).await;
        let mut dice = StdRng::seed_from_u64(seed);
        let synced = replay::by_syncs(&history, &mut dice).await;
        let read = replay::read_at_the_end(&history).await;
        same(&history, &read, &synced, &format!("seed {seed}, incremental syncs")).await;
    }
}

#[tokio::test]
async fn invariant1_webhooks_alone_end_in_the_rows_of_a_sync() {
    for seed in seeds(1) {
        let history = History::of(seed, noon()).await;
        let mut dice = StdRng::seed_from_u64(seed);
        let told = replay::by_deliveries(&history, Post::GOOD, &mut dice).await;
        let read = replay::read_at_the_end(&history).await;
        same(&history, &read, &told, &format!("seed {seed}, webhooks alone")).await;
    }
}

#[tokio::test]
async fn invariant3_in_any_order_and_twice_they_end_in_the_same_rows() {
    for seed in seeds(11) {
        let history = History::of(seed, noon()).await;
        let mut dice = StdRng::seed_from_u64(seed);
        let told = replay::by_deliveries(&history, Post::BAD, &mut dice).await;
        let read = replay::read_at_the_end(&history).await;
        same(&history, &read, &told, &format!("seed {seed}, {:?}", Post::BAD)).await;
        // Previews are told by deliveries alone.
        let good = replay::by_deliveries(&history, Post::GOOD, &mut dice).await;
        let (good, told) = (previews(&good).await, previews(&told).await);
        let is_shown = |row: &String| row.starts_with("shown by") && row.contains("https://");
        assert!(good.iter().any(is_shown), "seed {seed}: {good:#?}");
        assert_eq!(good, told, "seed {seed}, what happened:\n{}", history.told());
    }
}

#[tokio::test]
async fn invariant1_lost_doubled_and_late_deliveries_are_made_good_by_a_comparison_and_a_walk() {
    for seed in seeds(21) {
        let history = History::of(seed, noon()).await;
        let mut dice = StdRng::seed_from_u64(seed);
        let told = replay::by_deliveries(&history, Post::WORST, &mut dice).await;
        replay::make_sure(&told).await;
        let read = replay::read_at_the_end(&history).await;
        same(&history, &read, &told, &format!("seed {seed}, {:?}", Post::WORST)).await;
    }
}

#[tokio::test]
async fn invariant1_every_thing_that_is_handled_happens_in_a_history() {
    let mut events = std::collections::BTreeSet::new();
    for seed in seeds(1) {
        let history = History::of(seed, noon()).await;
        events.extend(
            history
                .moments
                .iter()
                .flat_map(|one| one.deliveries.iter().map(|two| two.event)),
        );
    }
    // What these bring is no row that a sync writes, or the same as another event brings; tests of their own tell.
    let elsewhere = ["meta", "public", "star", "team_add"];
    let missing: Vec<&str> = erpnext_github::webhook::events::handled()
        .filter(|event| !elsewhere.contains(event) && !events.contains(event))
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}
