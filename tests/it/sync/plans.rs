//! Nothing that a sync asks of the tables reads the whole of a large one.

use chrono::TimeDelta;
use erpnext_github::domain::ReviewState;
use erpnext_github::jobs::Work;
use erpnext_github::sim::github::World;
use erpnext_github::store::runs::RunStatus;

use crate::jobs::runner;
use crate::support::mirror::Mirror;

/// Tables that grow with the years; each gets rows of another repository.
const LARGE: [(&str, &str); 8] = [
    ("Repository Issue", "issue_number"),
    ("Repository Pull Request", "pr_number"),
    ("Repository Label", "label_name"),
    ("Repository Milestone", "milestone_number"),
    ("Repository Release", "tag_name"),
    ("Repository Comment", "issue_number"),
    ("Repository Review", "pr_number"),
    ("Repository Commit", "sha"),
];

fn story(world: &mut World) {
    let web = world
        .repository("octo/web")
        .with_issues(20)
        .with_pull_requests(5)
        .with_comments(20)
        .with_commits(30)
        .with_milestones(3)
        .with_releases(3);
    let pull = web.open_pull_request("A change", "change").number;
    web.review(pull, "ada-l", ReviewState::Approved);
}

/// Something of every kind, gone and new ones among them.
fn go_on(world: &mut World) {
    let web = world.repository("octo/web");
    web.rename_label("bug", "defect");
    web.delete_label("enhancement");
    web.delete_milestone(1);
    web.edit_milestone(2).title = "Later".to_owned();
    let (tag, comment) = (web.releases[0].tag.clone(), *web.comments.keys().next().expect("a comment"));
    web.delete_release(&tag);
    web.delete_comment(comment);
    web.push("main");
    web.delete_item(1);
    let reviewed = web.items.values_mut().find_map(|item| {
        let pull = item.pull_request.as_mut()?;
        (!pull.reviews.is_empty()).then_some(())?;
        pull.reviews.clear();
        Some(item.number)
    });
    web.edit(reviewed.expect("a review")).title = "Reviewed by nobody".to_owned();
}

/// Whether a statement is one of rows of a large table, so that the server can explain it.
fn is_about_large(sql: &str) -> bool {
    let verb = ["SELECT ", "UPDATE ", "DELETE "].iter().any(|verb| sql.starts_with(verb));
    verb && LARGE.iter().any(|(doctype, _)| sql.contains(&format!("`tab{doctype}`")))
}

#[tokio::test]
async fn s4_no_step_of_a_sync_reads_a_whole_table() {
    let mirror = Mirror::new(story).await;
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    for (doctype, key) in LARGE {
        let sql = format!(
            "INSERT INTO `tab{doctype}` (name, repository, `{key}`, modified) \
             SELECT CONCAT('other-', seq), 'x/y', seq, NOW() FROM seq_1_to_3000"
        );
        mirror.erp.scratch().execute(&sql).await.expect(&sql);
    }
    let dated =
        "UPDATE `tabRepository Commit` SET committed_at = NOW() - INTERVAL CAST(sha AS INT) HOUR WHERE repository = 'x/y'";
    mirror.erp.scratch().execute(dated).await.expect("dates");
    let tables: Vec<String> = LARGE.iter().map(|(doctype, _)| format!("`tab{doctype}`")).collect();
    let analyze = format!("ANALYZE TABLE {}", tables.join(", "));
    mirror.erp.scratch().execute(&analyze).await.expect("statistics");
    mirror.erp.clock().advance(TimeDelta::hours(1));
    go_on(&mut mirror.github.world());
    mirror.erp.record().await;
    for full in [false, true] {
        let report = mirror.sync_in(&mirror.context().await, "octo/web", full).await;
        assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    }
    runner(&mirror).step(Work::PruneRuns).await;
    let mut statements = mirror.erp.statements().await;
    statements.retain(|sql| is_about_large(sql));
    statements.sort();
    statements.dedup();
    for (doctype, _) in LARGE {
        let table = format!("`tab{doctype}`");
        assert!(statements.iter().any(|sql| sql.contains(&table)), "{table} was not read");
    }
    for sql in statements {
        for line in mirror.erp.query(&format!("EXPLAIN {sql}")).await {
            // Columns of EXPLAIN: id, select_type, table, type, ...
            let kind = line[3].as_deref();
            assert!(!matches!(kind, Some("ALL" | "index")), "{sql}: {line:?}");
        }
    }
    mirror.finish().await;
}
