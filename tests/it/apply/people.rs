//! F-6, F-7, F-20: a login that no user has never stands in the way, is kept, and is linked once it is known.

use chrono::TimeDelta;
use erpnext_github::domain::{Change, Entity, Person};
use erpnext_github::frappe::users;
use erpnext_github::store::{Relinked, Stamp, logins, relink};

use super::Desk;
use super::made::{issue, member, person, pull, repository, then};

async fn links(desk: &Desk, table: &str) -> Vec<String> {
    desk.column(&format!(
        "SELECT CONCAT_WS(' ', parent, parenttype, parentfield, idx, IFNULL(user, '-'), github_username, IFNULL(github_id, '-')) \
         FROM `tab{table}` ORDER BY parent, idx"
    ))
    .await
}

#[tokio::test]
async fn f06_people_without_a_user_are_kept_by_login_with_an_empty_link() {
    let desk = Desk::new().await;
    desk.execute("UPDATE tabUser SET github_username = 'Jane-Dev' WHERE name = 'jane@example.com'")
        .await;
    desk.repository(&repository(1, "o/r")).await;
    let mut one = issue(7, then());
    one.item.assignees = vec![person(11, "nobody"), person(12, "jane-dev")];
    let mut two = pull(8, then());
    two.item.assignees = vec![person(11, "nobody")];
    if let Some(detail) = two.detail.as_mut() {
        detail.reviewers = vec![person(12, "jane-dev"), person(13, "dependabot[bot]")];
    }
    desk.apply(1, vec![Change::Issues(vec![one]), Change::PullRequests(vec![two])])
        .await;
    assert_eq!(
        links(&desk, "Repository Issue Assignee").await,
        [
            "o/r-#7 Repository Issue assignees_table 1 - nobody 11",
            "o/r-#7 Repository Issue assignees_table 2 jane@example.com jane-dev 12"
        ]
    );
    assert_eq!(
        links(&desk, "Repository PR Assignee").await,
        ["o/r-#8 Repository Pull Request assignees_table 1 - nobody 11"]
    );
    assert_eq!(
        links(&desk, "Repository PR Reviewer").await,
        [
            "o/r-#8 Repository Pull Request reviewers_table 1 jane@example.com jane-dev 12",
            "o/r-#8 Repository Pull Request reviewers_table 2 - dependabot[bot] 13"
        ]
    );
    // The links to the parent that the child rows also carry are the parents' names.
    let kept = desk.value(
        "SELECT CONCAT((SELECT GROUP_CONCAT(DISTINCT issue) FROM `tabRepository Issue Assignee`), ' ', \
         (SELECT GROUP_CONCAT(DISTINCT pull_request) FROM `tabRepository PR Reviewer`))",
    );
    assert_eq!(kept.await, "o/r-#7 o/r-#8");
}

#[tokio::test]
async fn f07_one_unmapped_assignee_does_not_stop_the_others_of_the_batch() {
    let desk = Desk::new().await;
    desk.repository(&repository(1, "o/r")).await;
    let batch: Vec<_> = (1..=20)
        .map(|number| {
            let mut one = issue(number, then());
            one.item.assignees = vec![person(number, &format!("stranger-{number}"))];
            one
        })
        .collect();
    let applied = desk.apply(1, vec![Change::Issues(batch)]).await;
    assert_eq!(applied.counts[&Entity::Issue].created, 20);
    assert_eq!(
        desk.value("SELECT COUNT(*) FROM `tabRepository Issue Assignee` WHERE user IS NULL")
            .await,
        "20"
    );
}

#[tokio::test]
async fn f07_a_person_named_twice_or_without_an_id_has_one_row() {
    let desk = Desk::new().await;
    desk.repository(&repository(1, "o/r")).await;
    let mut one = issue(7, then());
    let unknown = |login: &str| Person {
        id: None,
        login: login.to_owned(),
    };
    one.item.assignees = vec![person(11, "twin"), person(11, "twin"), unknown("Old"), unknown("old")];
    desk.apply(1, vec![Change::Issues(vec![one.clone()])]).await;
    assert_eq!(links(&desk, "Repository Issue Assignee").await.len(), 2);
    let again = desk.apply(1, vec![Change::Issues(vec![one])]).await;
    assert_eq!(again.counts[&Entity::Issue].unchanged, 1);
}

#[tokio::test]
async fn f20_a_member_without_a_user_is_listed_and_linked_when_the_mapping_is_known() {
    let desk = Desk::new().await;
    desk.repository(&repository(1, "o/r")).await;
    let members = vec![member(11, "bob-gh", "write"), member(12, "zoe", "read")];
    desk.apply(1, vec![Change::AllMembers(members.clone())]).await;
    let count = "SELECT CONCAT(COUNT(*), ' ', COUNT(user)) FROM `tabRepository Member`";
    assert_eq!(desk.value(count).await, "2 0");
    desk.execute("UPDATE tabUser SET github_user_id = '11' WHERE name = 'bob@example.com'")
        .await;
    desk.erp.clock().advance(TimeDelta::hours(1));
    let relinked = relink_all(&desk).await;
    assert_eq!(relinked.rows, 1);
    let linked = desk.column("SELECT CONCAT_WS(' ', github_username, user, email) FROM `tabRepository Member` ORDER BY idx");
    assert_eq!(linked.await, ["bob-gh bob@example.com bob@example.com", "zoe"]);
    // The rows say now what a sync would write, so that it writes nothing.
    let again = desk.apply(1, vec![Change::AllMembers(members)]).await;
    assert_eq!(again.touched, Vec::new(), "{again:?}");
}

/// What the end of a sync does: links everybody anew by what the users say now.
async fn relink_all(desk: &Desk) -> Relinked {
    let site = desk.erp.site();
    let db = site.db();
    let people = logins::people(db, &users::people(db).await.expect("users"))
        .await
        .expect("people");
    let stamp = Stamp::now(site, "Administrator").await.expect("a stamp");
    let mentions = logins::mentioned(db).await.expect("mentions");
    relink(db, &stamp, &people, &mentions).await.expect("linked")
}

#[tokio::test]
async fn f20_a_login_that_two_accounts_had_is_linked_in_the_rows_of_the_right_one_alone() {
    let desk = Desk::new().await;
    desk.repository(&repository(1, "o/r")).await;
    let [mut one, mut two] = [issue(1, then()), issue(2, then())];
    (one.item.assignees, two.item.assignees) = (vec![person(11, "ann")], vec![person(12, "ann")]);
    desk.apply(1, vec![Change::Issues(vec![one, two])]).await;
    desk.execute("UPDATE tabUser SET github_user_id = '12' WHERE name = 'bob@example.com'")
        .await;
    desk.erp.clock().advance(TimeDelta::hours(1));
    let relinked = relink_all(&desk).await;
    assert_eq!(
        links(&desk, "Repository Issue Assignee").await,
        [
            "o/r-#1 Repository Issue assignees_table 1 - ann 11",
            "o/r-#2 Repository Issue assignees_table 1 bob@example.com ann 12"
        ]
    );
    // The document of the row is touched, as by any other write, and told of.
    let told: Vec<_> = relinked.touched.iter().map(|one| (one.doctype, one.name.as_str())).collect();
    assert_eq!(told, [("Repository Issue", "o/r-#2")]);
    let modified = "SELECT CONCAT_WS(' ', i.name, i.modified, a.modified) FROM `tabRepository Issue` i JOIN `tabRepository Issue Assignee` a \
                    ON a.parent = i.name ORDER BY i.name";
    let (before, now) = ("2026-03-01 07:00:00.000000", "2026-03-01 08:00:00.000000");
    assert_eq!(
        desk.column(modified).await,
        [format!("o/r-#1 {before} {before}"), format!("o/r-#2 {now} {now}")]
    );
    desk.erp.record().await;
    assert_eq!(relink_all(&desk).await, Relinked::default());
    assert_eq!(
        desk.erp.writes().await,
        Vec::<String>::new(),
        "nothing is written where nothing changed"
    );
}

#[tokio::test]
async fn f20_the_columns_that_hold_the_mapping_are_there_and_indexed() {
    let desk = Desk::new().await;
    let mut indexed = desk
        .column(
            "SELECT DISTINCT column_name FROM information_schema.statistics WHERE table_schema = DATABASE() \
         AND table_name = 'tabUser' AND column_name LIKE 'github%' AND seq_in_index = 1",
        )
        .await;
    indexed.sort();
    assert_eq!(indexed, ["github_user_id", "github_username"]);
}
