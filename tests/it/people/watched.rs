//! D15: which saves a look sees, whatever the site's clock does, and what a look costs.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use erpnext_github::sim::site::{FrappeMajor, SiteOptions};
use erpnext_github::store::watch::{self, Watched};

use super::with_repositories;
use crate::support::{TestSite, noon};

async fn site(major: FrappeMajor) -> TestSite {
    with_repositories(TestSite::new(major).await).await
}

/// What was saved since the last call, which is then acted on.
async fn seen(test: &TestSite) -> BTreeSet<Watched> {
    let (db, now) = (test.site().db(), test.site().clock().now());
    let zone = test.site().zone().await.expect("a zone");
    let saved = watch::look(db, zone, now).await.expect("a look");
    for one in &saved {
        watch::note(db, one, now).await.expect("noted");
    }
    saved.into_iter().map(|one| one.doctype).collect()
}

/// Somebody saves a document, as Frappe writes its `modified`.
async fn save(test: &TestSite, doctype: &str, name: &str, modified: &str) {
    test.erp().set(doctype, name, "modified", modified).await.expect("saved");
}

#[tokio::test]
async fn d15_the_first_look_sees_everything_and_the_next_one_what_was_saved() {
    for major in [FrappeMajor::V14, FrappeMajor::V15, FrappeMajor::V16] {
        let test = site(major).await;
        assert_eq!(seen(&test).await, Watched::ALL.into());
        assert!(seen(&test).await.is_empty());
        let now = "2026-03-01 07:00:01";
        save(&test, "Repository", "octo/web", now).await;
        assert_eq!(seen(&test).await, [Watched::Repository].into());
        test.erp()
            .set_single("GitHub Settings", "modified", now)
            .await
            .expect("saved");
        assert_eq!(seen(&test).await, [Watched::Settings].into());
        // In version 16 only documents that have a link of ours are looked at.
        test.erp()
            .set("Task", "TASK-2026-00001", "github_repo", "octo/web")
            .await
            .expect("set");
        test.erp()
            .set("User", "ann@x.com", "github_username", "ann")
            .await
            .expect("set");
        test.erp()
            .set("Project", "PROJ-0001", "repository", "octo/web")
            .await
            .expect("set");
        seen(&test).await;
        for (doctype, name, watched) in [
            ("Task", "TASK-2026-00001", Watched::Task),
            ("User", "ann@x.com", Watched::User),
            ("Project", "PROJ-0001", Watched::Project),
        ] {
            save(&test, doctype, name, now).await;
            assert_eq!(seen(&test).await, [watched].into(), "{major:?} {doctype}");
            assert!(seen(&test).await.is_empty());
        }
    }
}

#[tokio::test]
async fn d15_saves_of_one_moment_are_not_lost() {
    let test = site(FrappeMajor::V15).await;
    seen(&test).await;
    let tie = "2026-03-01 07:00:05.000001";
    // One after the other, then both at once: from one moment to another that is the same for both.
    for names in [
        &["TASK-2026-00001"][..],
        &["TASK-2026-00002"],
        &["TASK-2026-00001", "TASK-2026-00002"],
    ] {
        let moment = if names.len() > 1 { "2026-03-01 07:00:06.000001" } else { tie };
        for name in names {
            save(&test, "Task", name, moment).await;
        }
        assert_eq!(seen(&test).await, [Watched::Task].into(), "{names:?}");
    }
    // What is committed late has a time before the newest.
    save(&test, "Task", "TASK-2026-00002", "2026-03-01 06:59:00").await;
    assert_eq!(seen(&test).await, [Watched::Task].into());
    // What was deleted changed as well.
    test.scratch()
        .execute("DELETE FROM tabTask WHERE name = 'TASK-2026-00002'")
        .await
        .expect("deleted");
    assert_eq!(seen(&test).await, [Watched::Task].into());
}

#[tokio::test]
async fn d15_no_save_is_lost_in_the_hour_that_autumn_repeats() {
    let test = site(FrappeMajor::V15).await;
    let start: DateTime<Utc> = "2026-11-01T05:00:00Z".parse().expect("a moment");
    test.clock().advance(start - noon());
    seen(&test).await;
    // New York goes back from 02:00 to 01:00 at six o'clock UTC.
    for step in 1..=12 {
        test.clock().advance(TimeDelta::minutes(9));
        let zone = test.site().zone().await.expect("a zone");
        let local = zone.to_local(test.site().clock().now()).to_string();
        save(&test, "Project", "PROJ-0001", &local).await;
        assert!(seen(&test).await.contains(&Watched::Project), "step {step} at {local}");
        assert!(seen(&test).await.is_empty(), "step {step}");
    }
}

#[tokio::test]
async fn d15_a_time_from_the_future_or_another_zone_takes_no_cursor_along() {
    let options = SiteOptions {
        time_zone: "Asia/Tokyo".to_owned(),
        ..SiteOptions::default()
    };
    let test = with_repositories(TestSite::with(FrappeMajor::V15, options).await).await;
    save(&test, "Task", "TASK-2026-00001", "2031-01-01 00:00:00").await;
    seen(&test).await;
    save(&test, "Task", "TASK-2026-00002", "2026-03-01 21:00:01").await;
    assert_eq!(seen(&test).await, [Watched::Task].into());
    // The site moves to New York, fourteen hours back: for ten minutes saves are not seen, then all are.
    test.erp()
        .set_system_setting("time_zone", "America/New_York")
        .await
        .expect("set");
    test.clock().advance(TimeDelta::minutes(10));
    assert_eq!(seen(&test).await, Watched::ALL.into());
    save(&test, "Task", "TASK-2026-00002", "2026-03-01 07:10:01").await;
    assert_eq!(seen(&test).await, [Watched::Task].into());
}

#[tokio::test]
async fn d15_what_was_not_acted_on_is_seen_again() {
    let test = site(FrappeMajor::V15).await;
    seen(&test).await;
    save(&test, "Project", "PROJ-0001", "2026-03-01 07:00:01").await;
    let zone = test.site().zone().await.expect("a zone");
    let now = test.site().clock().now();
    for _ in 0..2 {
        let saved = watch::look(test.site().db(), zone, now).await.expect("a look");
        assert_eq!(saved.len(), 1);
    }
    // A save after the look and before its end is not swallowed by it.
    let saved = watch::look(test.site().db(), zone, now).await.expect("a look");
    save(&test, "Project", "PROJ-0001", "2026-03-01 07:00:02").await;
    watch::note(test.site().db(), &saved[0], now).await.expect("noted");
    assert_eq!(seen(&test).await, [Watched::Project].into());
}

#[tokio::test]
async fn d15_a_look_that_finds_nothing_is_two_statements_that_read_an_index_alone() {
    let test = site(FrappeMajor::V15).await;
    seen(&test).await;
    let zone = test.site().zone().await.expect("a zone");
    let now = test.site().clock().now();
    test.record().await;
    watch::look(test.site().db(), zone, now).await.expect("a look");
    let statements: Vec<String> = test.statements().await;
    assert_eq!(statements.len(), 2, "{statements:#?}");
    let plan = test.query(&format!("EXPLAIN {}", statements[1])).await;
    for row in &plan {
        let part = row.iter().flatten().cloned().collect::<Vec<_>>().join(" ");
        let known = ["tabSingles", "UNION RESULT", "Using index", "No matching"];
        assert!(known.iter().any(|words| part.contains(words)), "{part}");
    }
    assert!(plan.len() >= 5, "{plan:?}");
}
