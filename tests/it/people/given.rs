//! D2: the role and the User Permissions, given and taken together.

use erpnext_github::sim::github::{Collaborator, Permission};
use erpnext_github::sim::site::FrappeMajor;

use super::{CONFINED, HOLDERS, company, join, leave, readable, settle, with_repositories};
use crate::support::TestSite;
use crate::support::mirror::Mirror;

#[tokio::test]
async fn d2_a_member_reads_his_repositories_and_nothing_else_in_every_version() {
    let mut sites = Vec::new();
    for major in [FrappeMajor::V14, FrappeMajor::V15, FrappeMajor::V16] {
        sites.push(TestSite::new(major).await);
    }
    let test = "d2_a_member_reads_his_repositories_and_nothing_else_in_every_version";
    sites.extend(TestSite::from_dump(test).await);
    for site in sites {
        let test = with_repositories(site).await;
        assert!(readable(&test, "ann").await.is_empty());
        join(&test, "octo/web", "ann").await;
        settle(&test).await;
        assert_eq!(readable(&test, "ann").await, ["octo/web", "octo/web-#1"]);
        assert!(readable(&test, "ben").await.is_empty());
        leave(&test, "octo/web", "ann").await;
        settle(&test).await;
        assert!(readable(&test, "ann").await.is_empty());
        assert_eq!(
            (test.value(HOLDERS).await, test.value(CONFINED).await),
            (String::new(), String::new())
        );
    }
}

#[tokio::test]
async fn d2_people_of_a_connected_project_read_its_repositories_from_either_side_of_the_link() {
    let test = company().await;
    let erp = test.erp();
    erp.add_project("P-1", "One").await.expect("a project");
    erp.add_project("P-2", "Two").await.expect("a project");
    for (project, column, value) in [
        ("P-1", "owner", "ann@x.com"),
        ("P-1", "project_manager", "ben@x.com"),
        ("P-2", "owner", "Administrator"),
    ] {
        erp.set("Project", project, column, value).await.expect("set");
    }
    test.connect("P-1", "octo/web").await;
    let user = [("user", "cid@x.com"), ("welcome_email_sent", "1")];
    for project in ["P-1", "P-2"] {
        erp.add_child("Project User", ("Project", project, "users"), &user)
            .await
            .expect("a user");
    }
    settle(&test).await;
    assert_eq!(test.value(CONFINED).await, "ann>octo/web,ben>octo/web,cid>octo/web");
    erp.set("Repository", "octo/api", "project", "P-2").await.expect("set");
    settle(&test).await;
    assert_eq!(
        test.value(CONFINED).await,
        "ann>octo/web,ben>octo/web,cid>octo/api,cid>octo/web"
    );
    assert_eq!(test.value(HOLDERS).await, "ann,ben,cid");
    erp.set("Project", "P-1", "project_manager", "").await.expect("set");
    erp.set("Project", "P-1", "repository", "").await.expect("set");
    settle(&test).await;
    assert_eq!(
        (test.value(CONFINED).await, test.value(HOLDERS).await),
        ("cid>octo/api".to_owned(), "cid".to_owned())
    );
}

#[tokio::test]
async fn d2_nobody_gets_the_desk_who_has_none_and_who_is_disabled_gets_nothing() {
    let test = company().await;
    for user in ["ann", "ben", "cid"] {
        join(&test, "octo/web", user).await;
    }
    let erp = test.erp();
    erp.set("User", "ann@x.com", "user_type", "Website User").await.expect("set");
    erp.set("User", "ben@x.com", "enabled", "0").await.expect("set");
    settle(&test).await;
    assert_eq!(
        (test.value(CONFINED).await, test.value(HOLDERS).await),
        ("cid>octo/web".to_owned(), "cid".to_owned())
    );
    erp.set("User", "ben@x.com", "enabled", "1").await.expect("set");
    erp.set("User", "cid@x.com", "enabled", "0").await.expect("set");
    settle(&test).await;
    assert_eq!(
        (test.value(CONFINED).await, test.value(HOLDERS).await),
        ("ben>octo/web".to_owned(), "ben".to_owned())
    );
}

#[tokio::test]
async fn d2_where_nothing_changed_four_statements_read_and_none_writes() {
    let test = company().await;
    for user in ["ann", "ben"] {
        join(&test, "octo/web", user).await;
    }
    assert!(!settle(&test).await.is_nothing());
    let before = test.dump().await;
    test.record().await;
    assert!(settle(&test).await.is_nothing());
    let statements = test.statements().await;
    let asked = statements.iter().filter(|one| !one.starts_with("SET "));
    assert_eq!(asked.count(), 4, "{statements:#?}");
    assert!(before == test.dump().await);
}

#[tokio::test]
async fn d2_rows_are_as_the_desk_would_make_them() {
    let test = company().await;
    let erp = test.erp();
    erp.add_child("Has Role", ("User", "ann@x.com", "roles"), &[("role", "Employee")])
        .await
        .expect("a role");
    join(&test, "octo/web", "ann").await;
    settle(&test).await;
    let row = "SELECT CONCAT_WS('|', user, allow, for_value, IFNULL(applicable_for, '-'), apply_to_all_doctypes, is_default, \
               hide_descendants, owner, creation = modified, docstatus) FROM `tabUser Permission`";
    assert_eq!(
        test.value(row).await,
        "ann@x.com|Repository|octo/web|-|1|0|0|Administrator|1|0"
    );
    let role = "SELECT CONCAT_WS('|', parent, parenttype, parentfield, idx, docstatus) FROM `tabHas Role` \
         WHERE role = 'GitHub User' AND parenttype = 'User'";
    assert_eq!(test.value(role).await, "ann@x.com|User|roles|2|0");
    // A form of the user that was open before must not be saved over his new role.
    let modified = "SELECT modified FROM tabUser WHERE name = 'ann@x.com'";
    assert_eq!(test.value(modified).await, "2026-03-01 07:00:00.000000");
}

#[tokio::test]
async fn d2_a_sync_gives_members_their_repository_and_takes_it_from_who_left() {
    let mirror = Mirror::new(|world| {
        for login in ["ann", "ben"] {
            world
                .repository("octo/web")
                .with_member(Collaborator::new(login, Permission::Pull));
        }
    })
    .await;
    let erp = mirror.erp.erp();
    for login in ["ann", "ben"] {
        let user = format!("{login}@x.com");
        erp.add_user(&user, login, &[]).await.expect("a user");
        erp.set("User", &user, "github_username", login).await.expect("a login");
    }
    mirror.sync("octo/web").await;
    assert_eq!(mirror.erp.value(CONFINED).await, "ann>octo/web,ben>octo/web");
    mirror.github.world().repository("octo/web").remove_member("ben");
    mirror.github.world().rename_repository("octo/web", "octo/site");
    mirror.sync("octo/web").await;
    assert_eq!(
        (mirror.erp.value(CONFINED).await, mirror.erp.value(HOLDERS).await),
        ("ann>octo/site".to_owned(), "ann".to_owned()),
        "a rename moves the row, and it stays ours"
    );
    mirror.github.world().repository("octo/site").remove_member("ann");
    mirror.sync("octo/site").await;
    assert_eq!(mirror.erp.value(CONFINED).await, "");
    mirror.finish().await;
}
