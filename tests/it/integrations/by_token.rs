//! By a token that is pasted: tested, stored, and never shown again.

use erpnext_github::sim::github::Fault;
use serde_json::json;

use super::{PASTED, call, connect, overview, row, stage};

const METHOD: (&str, &str) = ("method", "Personal Access Token");

#[tokio::test]
async fn g1_8_9_a_pasted_token_is_tested_and_shows_what_can_be_connected() {
    let (mirror, desk) = stage().await;
    let end = "2026-04-05T06:07:08Z".parse().expect("a moment");
    mirror
        .github
        .world()
        .token("narrow", "mona")
        .with_scopes(&["public_repo", "gist"])
        .expiring(end);
    let found = call(&desk, "connectable_organizations", &[METHOD, ("token", PASTED)]).await;
    let found = found.message();
    assert_eq!(found["test"]["message"], "Successfully connected via mona");
    let logins: Vec<&str> = found["organizations"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["login"].as_str())
        .collect();
    assert_eq!(logins, ["acme", "guild", "mona"]);
    assert_eq!(found["organizations"][2]["type"], "User", "a personal account counts as one");
    assert!(
        found["organizations"][1]["note"].to_string().contains("not an owner"),
        "{found}"
    );
    let trouble = &found["troubleshooting"];
    assert!(
        trouble[0]["known"] == true && trouble[0]["text"].to_string().contains("not an owner of guild"),
        "{trouble}"
    );
    assert_eq!(
        trouble[1]["known"],
        serde_json::Value::Null,
        "then what else it may be: {trouble}"
    );
    // Each way has its own: what an App lacks is nothing that a token does.
    let keeps_out = "The organization keeps tokens out: authorize the token with Configure SSO";
    assert!(
        trouble[1]["text"].to_string().contains(keeps_out) && !trouble.to_string().contains("App is not installed"),
        "{trouble}"
    );
    assert!(!found.to_string().contains(PASTED));
    // One that may not list organisations says so, and what it lacks.
    let narrow = call(&desk, "connectable_organizations", &[METHOD, ("token", "narrow")]).await;
    assert!(narrow.message()["hints"].to_string().contains("read:org"), "{narrow:?}");
    assert!(
        narrow.message()["test"]["notes"]
            .to_string()
            .contains("the scope repo is missing"),
        "{narrow:?}"
    );
    let tested = &narrow.message()["test"];
    assert_eq!(
        tested["scopes"],
        json!(["public_repo", "gist"]),
        "those that it has: {tested}"
    );
    assert_eq!(tested["expires_at"], "2026-04-05T06:07:08Z", "{tested}");
    let wrong = call(&desk, "connectable_organizations", &[METHOD, ("token", "no-such-word")]).await;
    assert_eq!(wrong.message()["test"]["success"], false, "{wrong:?}");
    assert!(!wrong.body.to_string().contains("no-such-word"));
    mirror.finish().await;
}

#[tokio::test]
async fn g1_13_an_integration_by_a_token_is_named_by_the_user_and_keeps_the_token_encrypted() {
    let (mirror, desk) = stage().await;
    let services = ("services", r#"["repositories","issues"]"#);
    let arguments = [
        METHOD,
        ("token", PASTED),
        ("name", "Ours"),
        ("organizations", "acme"),
        services,
    ];
    let made = call(&desk, "create_integrations", &arguments).await;
    assert_eq!(
        made.message()["integrations"],
        json!([{"name": "Ours", "organization": "acme"}]),
        "{made:?}"
    );
    assert!(!made.body.to_string().contains(PASTED));
    let sql = "SELECT CONCAT_WS(' ', integration_name, auth_type, account_login, account_type, service_repositories, service_pull_requests, \
               service_issues, service_webhooks, health, REPLACE(personal_access_token, '*', '')) FROM `tabGitHub Integration`";
    assert_eq!(
        mirror.erp.value(sql).await,
        "Ours Personal Access Token acme Organization 1 0 1 0 ok "
    );
    let sql =
        "SELECT encrypted FROM `__Auth` WHERE doctype = 'GitHub Integration' AND name = 'Ours' AND password NOT LIKE '%pasted%'";
    assert_eq!(mirror.erp.value(sql).await, "1");
    let again = connect(&desk, "Ours", "acme").await;
    assert_eq!(again.message()["success"], false);
    assert!(again.body.to_string().contains("choose another name"), "{again:?}");
    let several = connect(&desk, "All", r#"["acme", "guild", "nobody"]"#).await;
    assert_eq!(several.message()["integrations"][0]["name"], "All - acme");
    assert_eq!(several.message()["integrations"][1]["name"], "All - guild");
    assert!(
        several.message()["failures"].to_string().contains("does not show nobody"),
        "{several:?}"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn g1_14_15_repositories_are_followed_and_left_by_their_integration_alone() {
    let (mirror, desk) = stage().await;
    connect(&desk, "Ours", "acme").await;
    connect(&desk, "Theirs", "acme").await;
    let before = overview(&desk, "Ours").await;
    assert_eq!(row(&before, "acme/web")["followed"], false);
    assert!(
        before["services"][3]["reason"].to_string().contains("first repository"),
        "{before}"
    );
    let follow = |name: &'static str, repositories: &'static str, follow: &'static str| {
        let arguments = [("integration", name), ("repositories", repositories), ("follow", follow)];
        let desk = &desk;
        async move { call(desk, "follow_repositories", &arguments).await.message().clone() }
    };
    let done = follow("Ours", r#"["acme/web", "acme/api", "acme/none", "guild/tool"]"#, "1").await;
    assert_eq!(done["repositories"], json!(["acme/web", "acme/api"]), "{done}");
    assert_eq!(done["failures"].as_array().map(Vec::len), Some(2), "{done}");
    let sql = "SELECT GROUP_CONCAT(CONCAT_WS(' ', name, enabled, integration) ORDER BY name SEPARATOR '; ') FROM tabRepository WHERE repo_owner = 'acme'";
    assert_eq!(mirror.erp.value(sql).await, "acme/api 1 Ours; acme/web 1 Ours");
    // The other integration shows them greyed, and takes none over.
    let theirs = overview(&desk, "Theirs").await;
    assert_eq!(row(&theirs, "acme/web")["selectable"], false);
    assert_eq!(row(&theirs, "acme/web")["reason"], "it belongs to Ours");
    let refused = follow("Theirs", r#"["acme/web"]"#, "1").await;
    assert!(
        refused["failures"]
            .to_string()
            .contains("belongs to the GitHub Integration Ours"),
        "{refused}"
    );
    // What is mirrored stays.
    mirror.sync("acme/web").await;
    follow("Ours", r#"["acme/web"]"#, "0").await;
    assert_eq!(mirror.erp.value(sql).await, "acme/api 1 Ours; acme/web 0");
    let issues = "SELECT COUNT(*) FROM tabRepository WHERE name = 'acme/web' AND is_synced = 1";
    assert_eq!(mirror.erp.value(issues).await, "1");
    // It is nobody's, so that the other integration may follow it.
    let taken = follow("Theirs", r#"["acme/web"]"#, "1").await;
    assert_eq!(taken["success"], true, "{taken}");
    assert_eq!(mirror.erp.value(sql).await, "acme/api 1 Ours; acme/web 1 Theirs");
    // A private one that GitHub shows no more is flagged.
    mirror
        .erp
        .query("UPDATE tabRepository SET visibility = 'Private', github_id = '99999999' WHERE name = 'acme/api'")
        .await;
    let after = overview(&desk, "Ours").await;
    assert_eq!(
        row(&after, "acme/api")["reason"],
        json!("it is private, and GitHub does not show it to this account"),
        "{after}"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn g1_14_when_each_repository_was_synced_and_why_one_could_not_be_is_told() {
    let (mirror, desk) = stage().await;
    connect(&desk, "Ours", "acme").await;
    let arguments = [
        ("integration", "Ours"),
        ("repositories", r#"["acme/web", "acme/api"]"#),
        ("follow", "1"),
    ];
    assert_eq!(
        call(&desk, "follow_repositories", &arguments).await.message()["success"],
        true
    );
    let before = overview(&desk, "Ours").await;
    assert_eq!(row(&before, "acme/web")["last_synced"], "", "{before}");
    mirror.sync("acme/web").await;
    let refused = Fault::status("/repos/acme/api", 403);
    mirror.github.world().faults.push(refused);
    mirror.sync("acme/api").await;
    let after = overview(&desk, "Ours").await;
    let (web, api) = (row(&after, "acme/web"), row(&after, "acme/api"));
    assert!(
        web["last_synced"].as_str().is_some_and(|at| at.starts_with("2026-")),
        "{after}"
    );
    assert_eq!((&web["error"], &api["last_synced"]), (&json!(""), &json!("")), "{after}");
    assert!(api["error"].as_str().is_some_and(|text| !text.is_empty()), "{after}");
    mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn g1_8_the_first_credential_of_a_site_switches_it_on_and_one_that_was_switched_off_asks_nothing() {
    const ENABLED: &str = "SELECT value FROM tabSingles WHERE doctype = 'GitHub Settings' AND field = 'enabled'";
    const OFF: &str = "UPDATE tabSingles SET value = '0' WHERE doctype = 'GitHub Settings' AND field = 'enabled'";
    let (mirror, desk) = stage().await;
    for sql in [
        OFF,
        "DELETE FROM `__Auth` WHERE doctype = 'GitHub Settings'",
        "DELETE FROM tabSingles WHERE doctype = 'GitHub Settings' AND field = 'personal_access_token'",
        "DELETE FROM erpnext_github_credential",
    ] {
        mirror.erp.query(sql).await;
    }
    // He tries a token, and goes on with it.
    let tried = call(&desk, "connectable_organizations", &[METHOD, ("token", PASTED)]).await;
    assert_eq!(tried.message()["test"]["success"], true, "{tried:?}");
    assert_eq!(mirror.erp.value(ENABLED).await, "0");
    connect(&desk, "Ours", "acme").await;
    assert_eq!(mirror.erp.value(ENABLED).await, "1", "who enters one wants it used");
    // Somebody switches it off: no button speaks to GitHub.
    mirror.erp.query(OFF).await;
    mirror.github.forget_requests();
    let arguments = [("integration", "Ours"), ("repositories", r#"["acme/web"]"#)];
    for refused in [
        call(&desk, "connectable_organizations", &[METHOD, ("token", PASTED)]).await,
        connect(&desk, "Other", "guild").await,
        call(&desk, "follow_repositories", &arguments).await,
        call(&desk, "check_integration", &arguments[..1]).await,
    ] {
        assert!(
            refused.status == 417 && refused.sentence().contains("switched off"),
            "{refused:?}"
        );
    }
    let shown = overview(&desk, "Ours").await;
    assert!(shown["problem"].to_string().contains("switched off"), "{shown}");
    assert_eq!(mirror.github.requests().len(), 0);
    assert_eq!(mirror.erp.value(ENABLED).await, "0", "a second one switches nothing on");
    mirror.finish().await;
}
