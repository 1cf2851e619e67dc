//! D2: what people gave, edited and took is theirs.

use erpnext_github::setup::{self, UninstallOptions};
use erpnext_github::store::readers::NO_REPOSITORY;

use super::{CONFINED, HOLDERS, company, join, leave, readable, settle};
use crate::support::TestSite;

async fn permit(test: &TestSite, name: &str, user: &str, repository: &str, more: &[(&str, &str)]) {
    let mut values = vec![("user", user), ("allow", "Repository"), ("for_value", repository)];
    values.extend_from_slice(more);
    test.erp().insert("User Permission", name, &values).await.expect("a row");
}

async fn has_role(test: &TestSite, user: &str, role: &str) {
    let user = format!("{user}@x.com");
    test.erp()
        .add_child("Has Role", ("User", &user, "roles"), &[("role", role)])
        .await
        .expect("a role");
}

#[tokio::test]
async fn d2_a_row_that_people_made_is_as_good_as_ours_and_stays_when_ours_go() {
    let test = company().await;
    permit(&test, "by-hand", "ann@x.com", "octo/web", &[]).await;
    join(&test, "octo/web", "ann").await;
    join(&test, "octo/api", "ann").await;
    settle(&test).await;
    assert_eq!(test.value(CONFINED).await, "ann>octo/api,ann>octo/web", "not once more");
    leave(&test, "octo/web", "ann").await;
    leave(&test, "octo/api", "ann").await;
    settle(&test).await;
    assert_eq!(
        test.value("SELECT GROUP_CONCAT(name) FROM `tabUser Permission`").await,
        "by-hand"
    );
    assert_eq!(test.value(HOLDERS).await, "", "the role was ours");
}

#[tokio::test]
async fn d2_a_row_for_one_doctype_alone_leaves_the_others_open_and_does_not_count() {
    let test = company().await;
    let narrow = [("applicable_for", "Repository Issue"), ("apply_to_all_doctypes", "0")];
    permit(&test, "narrow", "ann@x.com", "octo/web", &narrow).await;
    join(&test, "octo/web", "ann").await;
    settle(&test).await;
    assert_eq!(readable(&test, "ann").await, ["octo/web", "octo/web-#1"]);
}

#[tokio::test]
async fn d2_whom_people_gave_the_role_never_reads_everything_and_keeps_it() {
    let test = company().await;
    has_role(&test, "ann", "GitHub User").await;
    has_role(&test, "ben", "GitHub User").await;
    permit(&test, "by-hand", "ben@x.com", "octo/api", &[]).await;
    settle(&test).await;
    assert!(readable(&test, "ann").await.is_empty(), "he has no repository");
    assert_eq!(readable(&test, "ben").await, ["octo/api", "octo/api-#1"]);
    assert!(settle(&test).await.is_nothing());
    join(&test, "octo/web", "ann").await;
    settle(&test).await;
    assert_eq!(readable(&test, "ann").await, ["octo/web", "octo/web-#1"]);
    assert_eq!(test.value(CONFINED).await, "ann>octo/web,ben>octo/api");
    leave(&test, "octo/web", "ann").await;
    settle(&test).await;
    assert!(readable(&test, "ann").await.is_empty());
    assert_eq!(test.value(HOLDERS).await, "ann,ben", "who gave it may take it");
    // A row by hand makes ours needless.
    permit(&test, "by-hand-2", "ann@x.com", "octo/web", &[]).await;
    settle(&test).await;
    assert_eq!(test.value(CONFINED).await, "ann>octo/web,ben>octo/api");
    assert!(!test.value(CONFINED).await.contains(NO_REPOSITORY));
}

#[tokio::test]
async fn d2_a_row_of_ours_that_somebody_edited_is_his() {
    let test = company().await;
    join(&test, "octo/web", "ann").await;
    settle(&test).await;
    let sql = "UPDATE `tabUser Permission` SET for_value = 'octo/api', modified = modified + INTERVAL 1 SECOND";
    test.scratch().execute(sql).await.expect("edited");
    settle(&test).await;
    assert_eq!(test.value(CONFINED).await, "ann>octo/api,ann>octo/web");
    leave(&test, "octo/web", "ann").await;
    settle(&test).await;
    assert_eq!(test.value(CONFINED).await, "ann>octo/api");
}

#[tokio::test]
async fn d2_who_reads_everything_by_another_role_is_not_confined() {
    let test = company().await;
    for user in ["ann", "ben", "cid"] {
        join(&test, "octo/web", user).await;
    }
    has_role(&test, "ann", "GitHub Admin").await;
    settle(&test).await;
    assert_eq!(test.value(CONFINED).await, "ben>octo/web,cid>octo/web");
    // He becomes one: what we gave would hide most of it.
    has_role(&test, "ben", "System Manager").await;
    settle(&test).await;
    assert_eq!(
        (test.value(CONFINED).await, test.value(HOLDERS).await),
        ("cid>octo/web".to_owned(), "cid".to_owned())
    );
    assert_eq!(readable(&test, "ben").await.len(), 4);
    // So may a role of the site's own, which replaces all standard rows.
    has_role(&test, "cid", "Employee").await;
    let values = [
        ("parent", "Repository"),
        ("role", "Employee"),
        ("read", "1"),
        ("permlevel", "0"),
    ];
    test.erp().insert("Custom DocPerm", "own", &values).await.expect("a row");
    settle(&test).await;
    assert_eq!(
        (test.value(CONFINED).await, test.value(HOLDERS).await),
        (String::new(), String::new())
    );
}

#[tokio::test]
async fn d2_what_everybody_reads_confines_nobody_and_a_role_that_was_disabled_is_given_to_nobody() {
    for sql in [
        "INSERT INTO `tabCustom DocPerm` (name, parent, role, `read`, permlevel) VALUES ('own', 'Repository', 'Desk User', 1, 0)",
        "UPDATE tabRole SET disabled = 1 WHERE name = 'GitHub User'",
        "DELETE FROM tabRole WHERE name = 'GitHub User'",
    ] {
        let test = company().await;
        join(&test, "octo/web", "ann").await;
        settle(&test).await;
        assert_eq!(test.value(HOLDERS).await, "ann");
        test.scratch().execute(sql).await.expect("changed");
        settle(&test).await;
        assert_eq!(
            (test.value(CONFINED).await, test.value(HOLDERS).await),
            (String::new(), String::new()),
            "{sql}"
        );
    }
}

#[tokio::test]
async fn d2_a_removal_takes_ours_and_counts_none_of_them_as_a_loss() {
    let test = company().await;
    let counted = setup::losses(test.site()).await.expect("losses").to_string();
    join(&test, "octo/web", "ann").await;
    settle(&test).await;
    let lines = |text: &str| -> Vec<String> {
        let about = text
            .lines()
            .filter(|line| line.contains("permission") || line.contains("GitHub User"));
        about.map(str::to_owned).collect()
    };
    let with_ours = setup::losses(test.site()).await.expect("losses").to_string();
    assert_eq!(lines(&with_ours), lines(&counted));
    for keep_data in [true, false] {
        let options = UninstallOptions {
            keep_data,
            ..UninstallOptions::default()
        };
        setup::uninstall(test.site(), &options, &|_| ()).await.expect("removed");
        assert_eq!(
            (test.value(CONFINED).await, test.value(HOLDERS).await),
            (String::new(), String::new())
        );
    }
}
