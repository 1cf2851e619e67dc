//! Whether an integration works: the sentence, and the page that mends it.

use chrono::TimeDelta;
use erpnext_github::sim::github::{Effect, Fault};

use super::{PASTED, call, connect, stage};
use crate::support::desk::Desk;
use crate::support::github_app::{APP, deliver, enter, register};
use crate::support::mirror::Mirror;

const SITE: &str = "https://erp.example.com";

/// How it is, looked at anew.
async fn health(desk: &Desk, name: &str) -> String {
    let answer = call(desk, "check_integration", &[("integration", name)]).await;
    let health = answer.message();
    let text = |key: &str| health[key].as_str().unwrap_or_default().to_owned();
    format!("{}: {} <{}>", text("state"), text("reason"), text("link"))
}

async fn stored(mirror: &Mirror, name: &str) -> String {
    let sql = format!("SELECT CONCAT_WS(' ', health, modified > creation) FROM `tabGitHub Integration` WHERE name = '{name}'");
    mirror.erp.value(&sql).await
}

#[tokio::test]
async fn g1_10_12_single_sign_on_and_membership_are_told_with_the_page_that_mends_them() {
    let (mirror, desk) = stage().await;
    connect(&desk, "Ours", "acme").await;
    connect(&desk, "Guild", "guild").await;
    assert_eq!(health(&desk, "Ours").await, "ok:  <>");
    let member = health(&desk, "Guild").await;
    assert!(
        member.starts_with("attention: mona is a member of guild, not an owner"),
        "{member}"
    );
    assert!(member.ends_with("/orgs/guild/people>"), "{member}");
    assert_eq!(stored(&mirror, "Guild").await, "attention 0", "its time of change stays");
    // Where GitHub does not tell whether he is an owner, that is said, and nothing is taken for good.
    mirror
        .github
        .world()
        .token(super::PASTED, "mona")
        .with_scopes(&["repo", "admin:repo_hook"]);
    let untold = health(&desk, "Ours").await;
    assert!(
        untold.starts_with("attention:") && untold.contains("cannot be told") && untold.contains("read:org"),
        "{untold}"
    );
    let shown = super::overview(&desk, "Ours").await;
    let webhooks = shown["services"][3]["reason"].to_string();
    assert!(webhooks.contains("cannot be told"), "{webhooks}");
    mirror
        .github
        .world()
        .token(super::PASTED, "mona")
        .with_scopes(&["repo", "read:org", "admin:repo_hook"]);
    assert_eq!(health(&desk, "Ours").await, "ok:  <>");
    mirror.github.world().organization("acme").requires_sso = true;
    let sso = health(&desk, "Ours").await;
    assert!(sso.contains("Configure SSO") && sso.ends_with("/settings/tokens>"), "{sso}");
    mirror.github.world().tokens.retain(|one| one.secret != super::PASTED);
    let gone = health(&desk, "Ours").await;
    assert!(gone.starts_with("failing: GitHub does not accept the token"), "{gone}");
    mirror.finish().await;
}

/// The page of the fake GitHub's at a path.
fn page(mirror: &Mirror, path: &str) -> String {
    format!("<{}/{path}>", mirror.github.base_url())
}

#[tokio::test]
async fn g1_9_a_token_that_ends_soon_is_told_with_the_day_and_a_scope_that_it_lacks_with_what_it_blocks() {
    let (mirror, desk) = stage().await;
    connect(&desk, "Ours", "acme").await;
    let tokens = page(&mirror, "settings/tokens");
    let day = mirror.github.world().now() + TimeDelta::days(7);
    for (end, expected) in [
        (day, "ok:  <>".to_owned()),
        (
            day - TimeDelta::seconds(1),
            format!("attention: the token ends on 2026-03-08: enter a new one before that {tokens}"),
        ),
        // The day of the site's own time: in New York it is the evening before.
        (
            day - TimeDelta::hours(81),
            format!("attention: the token ends on 2026-03-04: enter a new one before that {tokens}"),
        ),
    ] {
        mirror.github.world().token(PASTED, "mona").expiring(end);
        assert_eq!(health(&desk, "Ours").await, expected);
    }
    assert_eq!(stored(&mirror, "Ours").await, "attention 0");
    mirror.github.world().token(PASTED, "mona").expires_at = None;
    assert_eq!(health(&desk, "Ours").await, "ok:  <>");
    // The scope without which nothing of it works; that of webhooks lies in it.
    let lacks_repo = format!(
        "failing: the token lacks the scope repo: Repositories, Issues and Pull Requests cannot be used with it {tokens}"
    );
    let scopes = ["read:org", "public_repo", "admin:repo_hook"];
    mirror.github.world().token(PASTED, "mona").with_scopes(&scopes);
    assert_eq!(health(&desk, "Ours").await, lacks_repo);
    // A scope that none of its services needs is not missed.
    mirror.github.world().token(PASTED, "mona").with_scopes(&["repo", "read:org"]);
    assert_eq!(health(&desk, "Ours").await, "ok:  <>");
    mirror.finish().await;
}

#[tokio::test]
async fn g1_10_16_what_an_organization_refuses_is_told_with_the_page_on_which_that_is_mended() {
    const SSO: &str = "https://github.com/orgs/acme/sso?authorization_request=A1";
    let (mirror, desk) = stage().await;
    connect(&desk, "Ours", "acme").await;
    let refuses = |headers: Vec<(String, String)>, message: &str| {
        let body = serde_json::json!({"message": message, "documentation_url": "https://docs.github.com/rest", "status": "403"});
        let effect = Effect::Answer {
            status: 403,
            headers,
            body: Some(body.to_string()),
        };
        mirror.github.world().faults = vec![Fault::on("/orgs/acme/repos", effect).always()];
    };
    refuses(
        Vec::new(),
        "Although you appear to have the correct authorization credentials, the `acme` organization has enabled OAuth App access \
         restrictions, meaning that data access to third-parties is limited.",
    );
    assert_eq!(
        health(&desk, "Ours").await,
        format!(
            "failing: the organization restricts third-party access: grant or request it under Settings, Applications on GitHub {}",
            page(&mirror, "settings/applications")
        )
    );
    let sso = ("X-GitHub-SSO".to_owned(), format!("required; url={SSO}"));
    refuses(vec![sso], "Resource protected by organization SAML enforcement.");
    let single = health(&desk, "Ours").await;
    assert!(
        single.starts_with("failing: ") && single.contains("single sign-on") && single.ends_with(&format!("<{SSO}>")),
        "{single}"
    );
    // A refusal of which GitHub does not say what mends it has no link, and the words of neither.
    refuses(Vec::new(), "Forbidden for another reason.");
    let other = health(&desk, "Ours").await;
    assert!(
        other.starts_with("failing: ")
            && other.ends_with("<>")
            && !other.contains("third-party")
            && !other.contains("single sign-on"),
        "{other}"
    );
    assert_eq!(stored(&mirror, "Ours").await, "failing 0");
    mirror.github.world().faults.clear();
    assert_eq!(health(&desk, "Ours").await, "ok:  <>");
    mirror.finish().await;
}

#[tokio::test]
async fn g3_7_8_an_installation_says_what_it_lacks_and_the_schedule_notes_it_at_once() {
    let (mirror, desk) = stage().await;
    let id = {
        let mut world = mirror.github.world();
        register(&mut world, SITE);
        world.install(APP, "acme").id
    };
    enter(&mirror, SITE).await;
    mirror
        .erp
        .query(
            "INSERT INTO `tabGitHub Integration` (name, integration_name, auth_type, enabled, account_login, account_type, app_account_id, \
             service_repositories, service_pull_requests, service_issues, service_webhooks, creation, modified) \
             VALUES ('acme', 'acme', 'GitHub App', 1, 'acme', 'Organization', '1', 1, 0, 1, 1, '2026-01-01', '2026-01-01')",
        )
        .await;
    assert_eq!(health(&desk, "acme").await, "ok:  <>");
    mirror
        .erp
        .query("UPDATE `tabGitHub Integration` SET service_pull_requests = 1")
        .await;
    let lacking = health(&desk, "acme").await;
    assert!(
        lacking.contains("mirroring pull requests needs the repository permission Pull requests"),
        "{lacking}"
    );
    // GitHub tells that it is suspended: nobody presses anything.
    let before = mirror.github.world().clone();
    mirror
        .github
        .world()
        .installations
        .get_mut(&id)
        .expect("there")
        .suspend("octo");
    for (at, delivery) in mirror.github.deliveries_since(&before).iter().enumerate() {
        assert_eq!(deliver(&mirror, &desk, &format!("told-{at}"), delivery).await, 202);
    }
    let sql = "SELECT CONCAT_WS(' ', health, health_reason) FROM `tabGitHub Integration`";
    assert_eq!(
        mirror.erp.value(sql).await,
        "failing the GitHub App is suspended in acme: have an owner of the account unsuspend it"
    );
    mirror.github.world().installations.remove(&id);
    let gone = health(&desk, "acme").await;
    assert!(
        gone.starts_with("failing: the GitHub App is not installed in acme any more"),
        "{gone}"
    );
    assert!(gone.contains("/apps/erp-of-acme/installations/new"), "{gone}");
    mirror.finish().await;
}
