//! What a thousand hooks cost that nothing happens to.

use std::fmt::Write as _;

use chrono::TimeDelta;
use erpnext_github::jobs::Work;
use erpnext_github::webhook::events::handled;

use super::hooks::{OURS, reachable, switch, turn};
use crate::jobs::runner;

/// Beside `octo/web`.
const OTHERS: usize = 999;

#[tokio::test]
async fn f41_a_thousand_quiet_hooks_cost_at_most_a_hundred_requests_an_hour() {
    let events: Vec<&str> = handled().collect();
    let mut ids = Vec::with_capacity(OTHERS);
    let mirror = reachable(|world| {
        // The points of a minute go by a clock that no test can move.
        world.limits.are_told = false;
        for number in 0..OTHERS {
            let home = world.repository(&format!("octo/r{number}"));
            let id = home.id;
            let hook = home.add_hook(OURS).for_events(&events).with_secret("made up").id;
            ids.push((id, hook));
        }
    })
    .await;
    switch(&mirror, "octo/web", "1").await;
    turn(&mirror).await;
    // All of them at the same moment, which is the worst case for an hour.
    let (mut repositories, mut rows) = (String::new(), String::new());
    for (number, (id, hook)) in ids.iter().enumerate() {
        let comma = if number == 0 { "" } else { ", " };
        write!(
            repositories,
            "{comma}('octo/r{number}', 'octo/r{number}', 'octo', 'r{number}', '{id}', 1, 1)"
        )
        .expect("text");
        let union = if number == 0 { "" } else { " UNION ALL " };
        write!(
            rows,
            "{union}SELECT 'repository:{id}' AS home, {id} AS repository_id, 'octo/r{number}' AS name, {hook} AS hook_id"
        )
        .expect("text");
    }
    let scratch = mirror.erp.scratch();
    let sql = format!(
        "INSERT INTO tabRepository (name, full_name, repo_owner, repo_name, github_id, enabled, manage_webhook) VALUES {repositories}"
    );
    scratch.execute(&sql).await.expect("repositories");
    let sql = format!(
        "INSERT INTO erpnext_github_hook (home, repository_id, name, hook_id, address, events, secret_mark, suspect, checked_at, due_at, \
         sweep_due_at, swept_until) SELECT n.home, n.repository_id, n.name, n.hook_id, h.address, h.events, h.secret_mark, 0, h.checked_at, \
         h.due_at, h.sweep_due_at, h.swept_until FROM ({rows}) n JOIN erpnext_github_hook h"
    );
    scratch.execute(&sql).await.expect("rows");
    let all_due = "UPDATE erpnext_github_hook SET due_at = '2026-01-01', sweep_due_at = '2026-01-01', checked_at = '2026-01-01'";
    scratch.execute(all_due).await.expect("due");

    let runner = runner(&mirror);
    let mut hours = Vec::new();
    for _ in 0..24 {
        mirror.github.forget_requests();
        for _ in 0..6 {
            runner.step(Work::RepairHooks).await;
            runner.step(Work::Redeliver).await;
            mirror.erp.clock().advance(TimeDelta::minutes(10));
        }
        hours.push(mirror.github.counts().requests());
    }
    assert!(hours.iter().all(|requests| *requests <= 100), "{hours:?}");
    let begun = "SELECT COUNT(*) FROM erpnext_github_hook WHERE checked_at > '2026-01-01' AND swept_at IS NOT NULL";
    assert_eq!(
        mirror.erp.value(begun).await,
        "1000",
        "each had its turn within the day: {hours:?}"
    );
    assert_eq!(
        mirror.erp.value("SELECT COUNT(*) FROM `tabGitHub Write`").await,
        "1",
        "that of octo/web"
    );
    mirror.finish().await;
}
