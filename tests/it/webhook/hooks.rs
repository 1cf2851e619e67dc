//! Webhooks of ours on GitHub: there once, as they should be, and gone where they are not wanted.

use chrono::TimeDelta;
use erpnext_github::actions::hooks::{Chosen, ensure, forget};
use erpnext_github::app::settings;
use erpnext_github::jobs::Work;
use erpnext_github::sim::github::{Hook, World};
use erpnext_github::webhook::events::handled;
use erpnext_github::webhook::hooks::Given;
use secrecy::SecretString;

use super::Hooked;
use crate::jobs::runner;
use crate::support::desk::Desk;
use crate::support::mirror::{Mirror, TOKEN};

pub(super) const OURS: &str = "https://erp.example.com/api/method/erpnext_github_integration.webhooks.github_webhook";

/// `octo/web` is mirrored by a site that GitHub reaches.
pub(super) async fn reachable(story: impl FnOnce(&mut World)) -> Mirror {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web");
        story(world);
    })
    .await;
    mirror.sync("octo/web").await;
    set(&mirror, "public_url", "https://erp.example.com/").await;
    mirror
}

/// `guild/tool` is mirrored, too, and the organisation has a webhook of ours, asked for under its name as `login` spells it.
pub(super) async fn of_guild(login: &str) -> Mirror {
    let mirror = reachable(|world| {
        world.organization("guild").owners.push("octo".to_owned());
        world.repository("guild/tool");
        let scopes = ["repo", "read:org", "read:user", "user:email", "admin:org_hook"];
        world.token(TOKEN, "octo").with_scopes(&scopes);
    })
    .await;
    mirror.sync("guild/tool").await;
    let chosen = Chosen::Organization(login.parse().expect("a login"));
    let made = ensure(&mirror.context().await, &chosen, &Given::default()).await;
    made.expect("made");
    mirror
}

pub(super) async fn set(mirror: &Mirror, field: &str, value: &str) {
    let erp = mirror.erp.erp();
    erp.set_single("GitHub Settings", field, value).await.expect("set");
}

pub(super) async fn switch(mirror: &Mirror, repository: &str, on: &str) {
    let erp = mirror.erp.erp();
    erp.set("Repository", repository, "manage_webhook", on).await.expect("set");
}

/// A minute passes, and webhooks are looked at.
pub(super) async fn turn(mirror: &Mirror) {
    mirror.erp.clock().advance(TimeDelta::minutes(1));
    runner(mirror).step(Work::RepairHooks).await;
}

/// The hooks of a repository on GitHub.
pub(super) fn hooks(mirror: &Mirror, repository: &str) -> Vec<Hook> {
    mirror.github.world().find(repository).expect("a repository").hooks.clone()
}

fn writes(mirror: &Mirror) -> Vec<String> {
    let requests = mirror.github.requests();
    mirror.github.forget_requests();
    let writes = requests.iter().filter(|one| one.method != "GET" && one.path != "/graphql");
    writes.map(|one| format!("{} {}", one.method, one.path)).collect()
}

/// A day has passed, quietly.
const ITS_TURN: &str = "UPDATE erpnext_github_hook SET due_at = '2026-01-01', checked_at = '2026-01-01'";
const PROBLEM: &str = "SELECT IFNULL(problem, '') FROM erpnext_github_hook";

#[tokio::test]
async fn g4_2_f41_a_hook_is_made_when_its_check_is_switched_on_and_removed_when_it_is_switched_off() {
    let mirror = reachable(|_| {}).await;
    turn(&mirror).await;
    assert_eq!(hooks(&mirror, "octo/web").len(), 0, "nobody asked for one");
    switch(&mirror, "octo/web", "1").await;
    turn(&mirror).await;
    let made = hooks(&mirror, "octo/web");
    let [hook] = made.as_slice() else {
        panic!("one hook: {made:?}")
    };
    assert_eq!(
        (hook.url.as_str(), hook.content_type.as_str(), hook.active),
        (OURS, "json", true)
    );
    let events: Vec<&str> = hook.events.iter().map(String::as_str).collect();
    assert_eq!(
        events,
        handled().collect::<Vec<_>>(),
        "all that is worked on, member and repository among it"
    );
    let stored = super::stored_secret(&mirror).await;
    assert_eq!(hook.secret.as_deref(), Some(secrecy::ExposeSecret::expose_secret(&stored)));
    let row = mirror.erp.query("SELECT * FROM erpnext_github_hook").await;
    let known = hook.secret.clone().unwrap_or_default();
    assert!(!format!("{row:?}").contains(&known), "only a digest is kept");

    writes(&mirror);
    turn(&mirror).await;
    assert_eq!(mirror.github.requests().len(), 0, "what is right is left alone for a day");
    for field in ["manage_webhook", "enabled"] {
        mirror.erp.erp().set("Repository", "octo/web", field, "0").await.expect("set");
        turn(&mirror).await;
        assert_eq!(hooks(&mirror, "octo/web").len(), 0, "{field}");
        assert_eq!(mirror.erp.value("SELECT COUNT(*) FROM erpnext_github_hook").await, "0");
        mirror.erp.erp().set("Repository", "octo/web", field, "1").await.expect("set");
        turn(&mirror).await;
        assert_eq!(hooks(&mirror, "octo/web").len(), 1, "{field}");
    }
    mirror.erp.query("DELETE FROM tabRepository WHERE name = 'octo/web'").await;
    turn(&mirror).await;
    assert_eq!(hooks(&mirror, "octo/web").len(), 0, "a deleted document");
    mirror.finish().await;
}

#[tokio::test]
async fn f41_a_save_has_its_hook_looked_at_within_the_minute() {
    let mirror = reachable(|_| {}).await;
    let runner = runner(&mirror);
    runner.step(Work::LookAtDesk).await;
    turn(&mirror).await;
    let saved = "UPDATE tabRepository SET manage_webhook = 1, modified = NOW(6) WHERE name = 'octo/web'";
    mirror.erp.scratch().execute(saved).await.expect("saved");
    mirror.erp.clock().advance(TimeDelta::seconds(15));
    runner.step(Work::RepairHooks).await;
    assert_eq!(hooks(&mirror, "octo/web").len(), 0, "its minute has not come");
    runner.step(Work::LookAtDesk).await;
    runner.step(Work::RepairHooks).await;
    assert_eq!(hooks(&mirror, "octo/web").len(), 1);
    mirror.finish().await;
}

#[tokio::test]
async fn f41_a_hook_that_was_deleted_on_github_is_made_again_and_one_that_was_deleted_here_is_no_news() {
    let mirror = reachable(|_| {}).await;
    switch(&mirror, "octo/web", "1").await;
    turn(&mirror).await;
    let (desk, secret) = (Desk::of(&mirror).await, super::stored_secret(&mirror).await);
    let hooked = Hooked { mirror, desk, secret };
    let mirror = &hooked.mirror;
    hooked.happens(|world| world.repository("octo/web").hooks.clear()).await;
    let errors = "SELECT COUNT(*) FROM `tabError Log`";
    assert_eq!(mirror.erp.value(errors).await, "1");
    runner(mirror).step(Work::RepairHooks).await;
    assert_eq!(hooks(mirror, "octo/web").len(), 1);

    let deliveries = mirror.github.world().clone();
    switch(mirror, "octo/web", "0").await;
    turn(mirror).await;
    assert_eq!(hooks(mirror, "octo/web").len(), 0);
    for (at, one) in mirror.github.deliveries_since(&deliveries).iter().enumerate() {
        let (id, payload) = (format!("ours-{at}"), serde_json::from_str(&one.payload).expect("JSON"));
        assert_eq!((one.event, hooked.deliver(&id, one.event, &payload).await), ("meta", 202));
        let ended = ("ignored".to_owned(), "the webhook was deleted from here".to_owned());
        assert_eq!(hooked.event(&id).await, ended);
    }
    assert_eq!(mirror.erp.value("SELECT COUNT(*) FROM `tabGitHub Event`").await, "2");
    assert_eq!(mirror.erp.value(errors).await, "1", "whoever did it knows");
    hooked.mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn f41_a_hook_whose_maker_died_before_he_noted_it_is_removed_all_the_same() {
    let mirror = reachable(|_| {}).await;
    switch(&mirror, "octo/web", "1").await;
    turn(&mirror).await;
    let died = "UPDATE erpnext_github_hook SET hook_id = 0, address = '', events = NULL, secret_mark = ''";
    mirror.erp.scratch().execute(died).await.expect("set");
    let foreign = mirror
        .github
        .world()
        .repository("octo/web")
        .add_hook("https://ci.example.com/")
        .id;
    switch(&mirror, "octo/web", "0").await;
    turn(&mirror).await;
    let left: Vec<u64> = hooks(&mirror, "octo/web").iter().map(|hook| hook.id).collect();
    assert_eq!(left, [foreign]);
    assert_eq!(mirror.erp.value("SELECT COUNT(*) FROM erpnext_github_hook").await, "0");
    mirror.finish().await;
}

#[tokio::test]
async fn f41_two_processes_make_one_hook() {
    let mirror = reachable(|_| {}).await;
    switch(&mirror, "octo/web", "1").await;
    let (one, two) = (runner(&mirror), runner(&mirror));
    mirror.erp.clock().advance(TimeDelta::minutes(1));
    let context = mirror.context().await;
    let chosen = Chosen::Repository("octo/web".parse().expect("a name"));
    let given = Given::default();
    let (_, _, third) = tokio::join!(
        one.step(Work::RepairHooks),
        two.step(Work::RepairHooks),
        ensure(&context, &chosen, &given)
    );
    third.expect("it waits for the others");
    assert_eq!(hooks(&mirror, "octo/web").len(), 1);
    assert_eq!(writes(&mirror).iter().filter(|write| write.starts_with("POST")).count(), 1);
    mirror.finish().await;
}

#[tokio::test]
async fn f41_what_somebody_changed_on_github_is_mended_when_its_turn_comes() {
    let mirror = reachable(|_| {}).await;
    switch(&mirror, "octo/web", "1").await;
    turn(&mirror).await;
    let right = hooks(&mirror, "octo/web").remove(0);
    let changes: [fn(&mut Hook); 6] = [
        |hook| hook.active = false,
        |hook| hook.events = vec!["push".to_owned()],
        |hook| hook.content_type = "form".to_owned(),
        |hook| hook.insecure_ssl = "1".to_owned(),
        |hook| hook.secret = None,
        |hook| hook.url = "https://elsewhere.example.com/".to_owned(),
    ];
    for (at, change) in changes.iter().enumerate() {
        change(&mut mirror.github.world().repository("octo/web").hooks[0]);
        mirror.erp.query(ITS_TURN).await;
        turn(&mirror).await;
        let hook = hooks(&mirror, "octo/web").remove(0);
        let shape = |hook: &Hook| {
            let plain = (hook.active, hook.content_type.clone(), hook.insecure_ssl.clone());
            (plain, hook.events.clone(), hook.secret.clone(), hook.url.clone(), hook.id)
        };
        assert_eq!(shape(&hook), shape(&right), "change {at}");
    }
    mirror.github.world().repository("octo/web").hooks.clear();
    mirror.erp.query(ITS_TURN).await;
    turn(&mirror).await;
    assert_eq!(hooks(&mirror, "octo/web").len(), 1, "a deleted one is made again");
    mirror.finish().await;
}

#[tokio::test]
async fn f41_what_settings_change_is_changed_on_github() {
    let mirror = reachable(|_| {}).await;
    switch(&mirror, "octo/web", "1").await;
    turn(&mirror).await;
    let secret = SecretString::from("a rotated one");
    settings::set(mirror.app(), mirror.site(), "webhook_secret", &secret, "Administrator")
        .await
        .expect("stored");
    turn(&mirror).await;
    assert_eq!(hooks(&mirror, "octo/web")[0].secret.as_deref(), Some("a rotated one"));

    set(&mirror, "webhook_events", "issues, push").await;
    turn(&mirror).await;
    assert_eq!(hooks(&mirror, "octo/web")[0].events, ["issues", "push"]);
    mirror
        .erp
        .erp()
        .set("Repository", "octo/web", "webhook_events", "member")
        .await
        .expect("set");
    turn(&mirror).await;
    assert_eq!(
        hooks(&mirror, "octo/web")[0].events,
        ["member"],
        "the Repository's own word counts more"
    );

    set(&mirror, "public_url", "https://new.example.com").await;
    turn(&mirror).await;
    let moved = hooks(&mirror, "octo/web");
    assert_eq!(
        (moved.len(), moved[0].url.as_str()),
        (1, OURS.replace("erp.", "new.").as_str())
    );
    assert_eq!(
        moved[0].secret.as_deref(),
        Some("a rotated one"),
        "an update without the secret would remove it"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn f41_a_hook_of_before_is_taken_over_doubles_go_and_another_sites_stays() {
    let mirror = reachable(|world| {
        let web = world.repository("octo/web");
        web.add_hook(&OURS.replace("https", "http"));
        web.add_hook(&OURS.replace("erp.", "staging."));
        web.add_hook(OURS).for_events(&["push"]);
    })
    .await;
    let before = hooks(&mirror, "octo/web");
    switch(&mirror, "octo/web", "1").await;
    turn(&mirror).await;
    let after = hooks(&mirror, "octo/web");
    let ids: Vec<u64> = after.iter().map(|hook| hook.id).collect();
    assert_eq!(ids, [before[1].id, before[2].id], "the one over http was a double");
    assert!(
        after[0].secret.is_none() && after[1].secret.is_some(),
        "the other site's is not touched"
    );
    assert!(after[1].events.len() > 5);
    mirror.finish().await;
}

#[tokio::test]
async fn g4_3_f41_an_address_that_cannot_be_is_told_and_nothing_is_sent() {
    let mirror = reachable(|_| {}).await;
    switch(&mirror, "octo/web", "1").await;
    for (url, part) in [
        ("http://erp.example.com", "is not https"),
        ("https://erp.local", "is a local address"),
        ("https://nowhere.example.com", "there is no such name"),
    ] {
        set(&mirror, "public_url", url).await;
        mirror.erp.query("UPDATE erpnext_github_hook SET due_at = '2026-01-01'").await;
        turn(&mirror).await;
        let problem = mirror.erp.value(PROBLEM).await;
        assert!(problem.contains(part), "{url}: {problem}");
    }
    assert_eq!(writes(&mirror), Vec::<String>::new());
    set(&mirror, "public_url", "https://erp.example.com").await;
    mirror.erp.clock().advance(TimeDelta::hours(2));
    turn(&mirror).await;
    assert_eq!(
        (hooks(&mirror, "octo/web").len(), mirror.erp.value(PROBLEM).await),
        (1, String::new())
    );
    mirror.finish().await;
}

#[tokio::test]
async fn f41_an_organisations_hook_takes_the_place_of_its_repositories() {
    let mirror = reachable(|world| {
        world.organization("guild").owners.push("octo".to_owned());
        world.repository("guild/tool");
        world.repository("guild/other");
        let scopes = ["repo", "read:org", "read:user", "user:email", "admin:org_hook"];
        world.token(TOKEN, "octo").with_scopes(&scopes);
    })
    .await;
    for name in ["guild/tool", "guild/other"] {
        mirror.sync(name).await;
        switch(&mirror, name, "1").await;
    }
    turn(&mirror).await;
    assert_eq!(
        (hooks(&mirror, "guild/tool").len(), hooks(&mirror, "guild/other").len()),
        (1, 1)
    );
    let context = mirror.context().await;
    let chosen = Chosen::Organization("Guild".parse().expect("a login"));
    ensure(&context, &chosen, &Given::default()).await.expect("made");
    let of_guild = |mirror: &Mirror| mirror.github.world().account("guild").expect("it").hooks.clone();
    assert_eq!((of_guild(&mirror).len(), of_guild(&mirror)[0].url.as_str()), (1, OURS));
    turn(&mirror).await;
    assert_eq!(
        (hooks(&mirror, "guild/tool").len(), hooks(&mirror, "guild/other").len()),
        (0, 0)
    );
    mirror.github.forget_requests();
    ensure(&context, &chosen, &Given::default()).await.expect("right");
    assert_eq!(writes(&mirror), Vec::<String>::new(), "it is there once");

    forget(&context, &chosen).await.expect("removed");
    assert_eq!(of_guild(&mirror).len(), 0);
    turn(&mirror).await;
    assert_eq!(
        (hooks(&mirror, "guild/tool").len(), hooks(&mirror, "guild/other").len()),
        (1, 1)
    );
    mirror.finish().await;
}

#[tokio::test]
async fn f41_after_nobody_was_there_and_where_something_did_not_come_hooks_are_looked_at_at_once() {
    let mirror = reachable(|_| {}).await;
    switch(&mirror, "octo/web", "1").await;
    turn(&mirror).await;
    mirror.github.forget_requests();
    turn(&mirror).await;
    assert_eq!(mirror.github.requests().len(), 0);
    let id = mirror.github.world().find("octo/web").expect("it").id;
    let now = mirror.site().clock().now();
    erpnext_github::webhook::hooks::suspect(mirror.site().db(), id, now)
        .await
        .expect("noted");
    turn(&mirror).await;
    let hook = hooks(&mirror, "octo/web")[0].id;
    assert_eq!(mirror.asked_for(&[&format!("hooks/{hook}")]).len(), 1);
    // Nobody looked for eleven minutes.
    mirror.erp.clock().advance(TimeDelta::minutes(11));
    turn(&mirror).await;
    assert_eq!(mirror.asked_for(&[&format!("hooks/{hook}")]).len(), 1);
    mirror.finish().await;
}

#[tokio::test]
async fn f41_a_token_that_may_not_is_told_with_the_hook_and_tried_again_later() {
    let mirror = reachable(|_| {}).await;
    mirror
        .github
        .world()
        .token(TOKEN, "octo")
        .with_scopes(&["public_repo", "read:org"]);
    switch(&mirror, "octo/web", "1").await;
    turn(&mirror).await;
    assert_ne!(mirror.erp.value(PROBLEM).await, "");
    mirror.github.forget_requests();
    turn(&mirror).await;
    assert_eq!(mirror.github.requests().len(), 0, "not all the time");
    mirror.github.world().token(TOKEN, "octo").with_scopes(&["repo", "read:org"]);
    mirror.erp.clock().advance(TimeDelta::hours(1));
    turn(&mirror).await;
    assert_eq!(
        (hooks(&mirror, "octo/web").len(), mirror.erp.value(PROBLEM).await),
        (1, String::new())
    );
    mirror.finish().await;
}
