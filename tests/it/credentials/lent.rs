//! Connections that people lend to integrations: each by a call of his own, for reading alone.

use chrono::TimeDelta;
use erpnext_github::domain::Visibility;
use erpnext_github::sim::github::{Collaborator, Permission};
use erpnext_github::store::integration_accounts::renamed;
use erpnext_github::store::runs::RunStatus;
use erpnext_github::store::{Stamp, grants};
use erpnext_github::webhook::authorization::revoked;

use super::acting::{author, press, stage};
use super::person::connect;
use super::{asked_by, integration, set};
use crate::support::desk::{Answer, Desk};
use crate::support::mirror::Mirror;

const LEND: &str = "erpnext_github_integration.desk.lend_connection";

/// `octo/web` in an integration that names the connection of `user`, as any save of a GitHub Admin can.
async fn named(mirror: &Mirror, user: &str) {
    integration(mirror, "By Connection", "unused").await;
    // As Frappe writes it, to the microsecond.
    let sql = format!("UPDATE `tabGitHub Integration` SET auth_type = 'OAuth', connected_user = '{user}', creation = NOW(6)");
    mirror.erp.query(&sql).await;
    set(mirror, "octo/web", "integration", "By Connection").await;
}

async fn lend(desk: &Desk, user: &str) -> Answer {
    desk.post(user, LEND, &[("integration", "By Connection")]).await
}

#[tokio::test]
async fn nobodys_connection_is_used_by_an_integration_before_he_lent_it_himself() {
    let (mirror, desk, _redis) = stage().await;
    connect(&mirror, "pusher@x.com", "pusher").await;
    named(&mirror, "pusher@x.com").await;
    let from = mirror.github.requests().len();
    let report = mirror.sync("octo/web").await;
    assert!(report.reason().contains("pusher@x.com, who has not lent it"), "{report:?}");
    assert_eq!(mirror.github.requests().len(), from, "nobody was asked");

    let stranger = lend(&desk, "admin@x.com").await;
    assert_eq!(
        (stranger.status, &stranger.body["connect_github"]),
        (417, &serde_json::json!(1)),
        "who is not connected has nothing to lend"
    );
    let other = lend(&desk, "pusher@x.com").await;
    assert_eq!(other.status, 403, "integrations are for GitHub Admins: {other:?}");
    mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn what_is_lent_is_read_by_and_nobody_else_writes_in_that_name() {
    let (mirror, desk, _redis) = stage().await;
    mirror
        .github
        .world()
        .repository("octo/web")
        .with_member(Collaborator::new("admin-er", Permission::Admin));
    connect(&mirror, "admin@x.com", "admin-er").await;
    named(&mirror, "somebody@x.com").await;
    let lent = lend(&desk, "admin@x.com").await;
    assert_eq!(lent.status, 200, "{lent:?}");
    let whose = "SELECT connected_user FROM `tabGitHub Integration`";
    assert_eq!(mirror.erp.value(whose).await, "admin@x.com", "his own, whatever stood there");
    let from = mirror.github.requests().len();
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(asked_by(&mirror, "octo/web", from), ["admin-er"]);

    let other = press(&desk, "pusher@x.com", "in his name").await;
    assert_eq!(
        (other.status, &other.body["connect_github"]),
        (417, &serde_json::json!(1)),
        "{other:?}"
    );
    assert!(other.sentence().contains("nobody else acts by it"), "{other:?}");
    assert_eq!(author(&mirror, "in his name"), "", "nothing was sent");
    assert_eq!(mirror.erp.value("SELECT COUNT(*) FROM `tabGitHub Write`").await, "0");
    let own = press(&desk, "admin@x.com", "mine").await;
    assert_eq!((own.status, author(&mirror, "mine").as_str()), (200, "admin-er"), "{own:?}");

    let gone = desk
        .post("admin@x.com", "erpnext_github_integration.desk.disconnect_github", &[])
        .await;
    assert_eq!(gone.status, 200, "{gone:?}");
    assert_eq!(mirror.erp.value("SELECT COUNT(*) FROM erpnext_github_lent").await, "0");
}

/// admin@x.com lent his connection to `octo/web`'s integration, for the account octo.
async fn lent_for_octo() -> (Mirror, Desk, crate::frappe::redis_server::RedisServer) {
    let (mirror, desk, redis) = stage().await;
    for login in ["admin-er", "admin-too"] {
        let admin = Collaborator::new(login, Permission::Admin);
        mirror.github.world().repository("octo/web").with_member(admin);
    }
    connect(&mirror, "admin@x.com", "admin-er").await;
    named(&mirror, "admin@x.com").await;
    let octo = "UPDATE `tabGitHub Integration` SET account_login = 'octo', account_id = (SELECT owner_id FROM tabRepository WHERE name = 'octo/web')";
    mirror.erp.query(octo).await;
    assert_eq!(lend(&desk, "admin@x.com").await.status, 200);
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    (mirror, desk, redis)
}

#[tokio::test]
async fn a_loan_is_for_the_account_of_the_integration_and_for_that_document_alone() {
    let (mirror, desk, _redis) = lent_for_octo().await;
    // Another admin adds a repository of somebody else's, which the lender sees.
    mirror.github.world().repository("acme/secret");
    let secret = [
        ("full_name", "acme/secret"),
        ("integration", "By Connection"),
        ("enabled", "1"),
    ];
    mirror
        .erp
        .erp()
        .insert("Repository", "acme/secret", &secret)
        .await
        .expect("a repository");
    let from = mirror.github.requests().len();
    let report = mirror.sync("acme/secret").await;
    assert!(report.reason().contains("acme/secret is another one's"), "{report:?}");
    for (change, back) in [
        (
            "account_id = '4711'",
            "account_id = (SELECT owner_id FROM tabRepository WHERE name = 'octo/web')",
        ),
        // Another admin writes down another account, or none: for that nothing was lent.
        ("account_login = 'acme'", "account_login = 'octo'"),
        ("account_login = ''", "account_login = 'octo'"),
        // Deleted, and made anew under its name.
        (
            "creation = creation + INTERVAL 1 SECOND",
            "creation = creation - INTERVAL 1 SECOND",
        ),
    ] {
        mirror
            .erp
            .query(&format!("UPDATE `tabGitHub Integration` SET {change}"))
            .await;
        let report = mirror.sync("octo/web").await;
        assert!(report.reason().contains("has not lent it"), "{change} {report:?}");
        mirror.erp.query(&format!("UPDATE `tabGitHub Integration` SET {back}")).await;
    }
    assert_eq!(mirror.github.requests().len(), from, "nobody was asked");
    assert_eq!(mirror.sync("octo/web").await.status, RunStatus::Completed);

    // Another account of his is not lent by it.
    connect(&mirror, "admin@x.com", "admin-too").await;
    let report = mirror.sync("octo/web").await;
    assert!(report.reason().contains("has not lent it"), "{report:?}");
    assert_eq!(lend(&desk, "admin@x.com").await.status, 200);
    assert_eq!(mirror.sync("octo/web").await.status, RunStatus::Completed);

    // Nor what he connects again to press buttons, when he had taken it back on GitHub.
    let number = mirror.github.world().user("admin-too").id;
    let now = mirror.site().clock().now();
    let told = revoked(mirror.site(), number, now).await.expect("heeded");
    assert_eq!(told, ["admin@x.com"]);
    connect(&mirror, "admin@x.com", "admin-too").await;
    let report = mirror.sync("octo/web").await;
    assert!(report.reason().contains("has not lent it"), "{report:?}");
    mirror.finish_with_errors(7).await;
}

#[tokio::test]
async fn who_lent_takes_it_back_himself_and_nobody_else_does() {
    let (mirror, desk, _redis) = lent_for_octo().await;
    let take_back = async |user: &str| {
        let method = "erpnext_github_integration.desk.take_back_connection";
        desk.post(user, method, &[("integration", "By Connection")]).await
    };
    let other = take_back("manager@x.com").await;
    assert!(other.status == 417 && other.sentence().contains("lent nothing"), "{other:?}");
    assert_eq!(mirror.sync("octo/web").await.status, RunStatus::Completed);
    let own = take_back("admin@x.com").await;
    assert_eq!(own.status, 200, "{own:?}");
    let report = mirror.sync("octo/web").await;
    assert!(
        report.reason().contains("does not say whose connection it uses"),
        "{report:?}"
    );
    assert_eq!(mirror.erp.value("SELECT COUNT(*) FROM erpnext_github_lent").await, "0");
    mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn what_is_lent_to_an_integration_is_not_lent_to_another_one_of_its_name() {
    let (mirror, desk, _redis) = stage().await;
    let member = Collaborator::new("admin-er", Permission::Admin);
    mirror.github.world().repository("octo/web").with_member(member);
    connect(&mirror, "admin@x.com", "admin-er").await;
    named(&mirror, "admin@x.com").await;
    assert_eq!(lend(&desk, "admin@x.com").await.status, 200);
    assert_eq!(mirror.sync("octo/web").await.status, RunStatus::Completed);
    // Somebody deletes it, and makes one of that name that names him.
    mirror.erp.query("DELETE FROM `tabGitHub Integration`").await;
    named(&mirror, "admin@x.com").await;
    let from = mirror.github.requests().len();
    let report = mirror.sync("octo/web").await;
    assert!(report.reason().contains("admin@x.com, who has not lent it"), "{report:?}");
    assert_eq!(mirror.github.requests().len(), from, "nobody was asked");
    assert_eq!(lend(&desk, "admin@x.com").await.status, 200);
    assert_eq!(mirror.sync("octo/web").await.status, RunStatus::Completed);
    mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn who_writes_another_account_there_is_shown_nothing_and_follows_nothing_by_the_loan() {
    let (mirror, desk, _redis) = lent_for_octo().await;
    {
        let mut world = mirror.github.world();
        for name in ["acme/secret", "acme/hidden"] {
            let secret = world.repository(name);
            secret.visibility = Visibility::Private;
            secret.with_member(Collaborator::new("admin-er", Permission::Admin));
        }
    }
    // Made by hand: nobody knows yet by GitHub's number whose it is.
    let secret = [
        ("full_name", "acme/secret"),
        ("integration", "By Connection"),
        ("enabled", "1"),
    ];
    let made = mirror.erp.erp().insert("Repository", "acme/secret", &secret).await;
    made.expect("a repository");
    let from = mirror.github.requests().len();
    for login in ["acme", ""] {
        let change = format!("UPDATE `tabGitHub Integration` SET account_login = '{login}'");
        mirror.erp.query(&change).await;
        let report = mirror.sync("acme/secret").await;
        assert!(report.reason().contains("has not lent it"), "{login}: {report:?}");
        let path = "erpnext_github_integration.desk.integration_overview";
        let arguments = [("integration", "By Connection"), ("repositories", "1")];
        let shown = desk.get("admin@x.com", path, &arguments).await;
        assert!(!shown.body.to_string().contains("acme/hidden"), "{login}: {shown:?}");
    }
    assert_eq!(mirror.github.requests().len(), from, "nobody was asked");
    mirror.finish_with_errors(2).await;
}

#[tokio::test]
async fn a_loan_follows_its_account_to_a_new_login_and_to_that_alone() {
    let (mirror, _desk, _redis) = lent_for_octo().await;
    let stamp = Stamp::now(mirror.site(), "Administrator").await.expect("a stamp");
    let number = mirror.erp.value("SELECT account_id FROM `tabGitHub Integration`").await;
    let number: u64 = number.parse().expect("a number");
    // Of another account that was called so nothing follows.
    for (id, is_here) in [(number + 1, false), (number, true)] {
        let told = renamed(mirror.site().db(), &stamp, id, ("octo", "octo-corp")).await;
        assert_eq!(told.expect("noted"), is_here);
        assert_eq!(mirror.sync("octo/web").await.status, RunStatus::Completed, "{id}");
    }
    let account = "SELECT CONCAT_WS(' ', i.account_login, l.account) FROM `tabGitHub Integration` i JOIN erpnext_github_lent l ON l.integration = i.name";
    assert_eq!(mirror.erp.value(account).await, format!("octo-corp {number}/octo-corp"));
    mirror
        .erp
        .query("UPDATE `tabGitHub Integration` SET account_login = 'octo'")
        .await;
    let report = mirror.sync("octo/web").await;
    assert!(report.reason().contains("has not lent it"), "{report:?}");
    mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn who_takes_back_what_a_revocation_ended_is_told_that_it_is_over() {
    let (mirror, desk, redis) = lent_for_octo().await;
    let number = mirror.github.world().user("admin-er").id;
    let told = revoked(mirror.site(), number, mirror.site().clock().now()).await;
    assert_eq!(told.expect("heeded"), ["admin@x.com"]);
    let database = &mirror.erp.scratch().credentials().database;
    let cached = format!("{database}|document_cache::GitHub Integration::By Connection");
    redis.fill(&[&cached]).await;
    let take_back = async || {
        let method = "erpnext_github_integration.desk.take_back_connection";
        desk.post("admin@x.com", method, &[("integration", "By Connection")]).await
    };
    let own = take_back().await;
    assert_eq!(own.status, 200, "what it wrote is no error: {own:?}");
    assert!(!redis.left().await.contains(&cached), "open forms would show him still");
    let whose = "SELECT IFNULL(connected_user, '-') FROM `tabGitHub Integration`";
    assert_eq!(mirror.erp.value(whose).await, "-");
    let again = take_back().await;
    assert!(again.status == 417 && again.sentence().contains("lent nothing"), "{again:?}");
    mirror.finish().await;
}

#[tokio::test]
async fn what_github_tells_late_of_a_connection_that_got_lost_meanwhile_ends_the_loan_too() {
    let (mirror, _desk, _redis) = lent_for_octo().await;
    let number = mirror.github.world().user("admin-er").id;
    let db = mirror.site().db();
    let grant = grants::of_user(db, "admin@x.com").await.expect("read").expect("connected");
    mirror.erp.clock().advance(TimeDelta::minutes(1));
    let told_at = mirror.site().clock().now();
    // Nobody was there to hear it; a run finds that the tokens are worth nothing.
    mirror.erp.clock().advance(TimeDelta::minutes(5));
    let now = mirror.site().clock().now();
    grants::lose(db, "admin@x.com", grant.tokens.number, now)
        .await
        .expect("noted");
    let lent = "SELECT COUNT(*) FROM erpnext_github_lent";
    assert_eq!(mirror.erp.value(lent).await, "1");
    assert_eq!(
        revoked(mirror.site(), number, told_at).await.expect("heeded"),
        ["admin@x.com"]
    );
    assert_eq!(
        mirror.erp.value(lent).await,
        "0",
        "who connects again to press buttons has not lent it again"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn who_connected_again_before_a_revocation_was_heard_of_has_not_lent_it_again() {
    let (mirror, _desk, _redis) = lent_for_octo().await;
    let number = mirror.github.world().user("admin-er").id;
    mirror.erp.clock().advance(TimeDelta::minutes(5));
    let told_at = mirror.site().clock().now();
    mirror.erp.clock().advance(TimeDelta::minutes(5));
    connect(&mirror, "admin@x.com", "admin-er").await;
    assert_eq!(
        revoked(mirror.site(), number, told_at).await.expect("heeded"),
        Vec::<String>::new()
    );
    assert_eq!(mirror.erp.value("SELECT COUNT(*) FROM erpnext_github_lent").await, "0");
    mirror.finish().await;
}
