//! What GitHub could not deliver is asked for again.

use chrono::TimeDelta;
use erpnext_github::app::Served;
use erpnext_github::jobs::{Runner, Work};
use erpnext_github::sim::github::{Hook, World};
use serde_json::json;

use super::Hooked;
use super::hooks::{hooks, of_guild, reachable, set, switch, turn};
use crate::jobs::runner;
use crate::support::desk::Desk;
use crate::support::mirror::{Mirror, TOKEN};

/// `octo/web` has its hook.
pub(super) async fn hooked(story: impl FnOnce(&mut World)) -> Mirror {
    let mirror = reachable(story).await;
    switch(&mirror, "octo/web", "1").await;
    turn(&mirror).await;
    mirror
}

/// Has something happen with the hook of `octo/web`.
pub(super) fn with_hook<T>(mirror: &Mirror, story: impl FnOnce(&mut Hook) -> T) -> T {
    let mut world = mirror.github.world();
    story(&mut world.repository("octo/web").hooks[0])
}

/// Something did not come.
pub(super) async fn suspect(mirror: &Mirror) {
    let id = mirror.github.world().find("octo/web").expect("it").id;
    let now = mirror.site().clock().now();
    let noted = erpnext_github::webhook::hooks::suspect(mirror.site().db(), id, now).await;
    noted.expect("noted");
}

/// An hour passes, minute by minute as far as somebody must be there, and deliveries are looked through.
pub(super) async fn hour(mirror: &Mirror, runner: &Runner<Served>) {
    for _ in 0..6 {
        mirror.erp.clock().advance(TimeDelta::minutes(10));
        runner.step(Work::RepairHooks).await;
        runner.step(Work::Redeliver).await;
    }
}

/// Numbers of the deliveries that were asked for since the last time.
pub(super) fn asked(mirror: &Mirror) -> Vec<u64> {
    let requests = mirror.github.requests();
    mirror.github.forget_requests();
    let of = |path: &str| path.strip_suffix("/attempts")?.rsplit('/').next()?.parse().ok();
    requests
        .iter()
        .filter(|one| one.method == "POST")
        .filter_map(|one| of(&one.path))
        .collect()
}

#[tokio::test]
async fn f41_what_nobody_took_is_asked_for_once_an_hour_and_five_times_at_most() {
    let mirror = hooked(|_| {}).await;
    let now = mirror.site().clock().now();
    let ids = with_hook(&mirror, |hook| {
        hook.redelivered = 502;
        [
            hook.delivered("refused", "push", now, 502),
            hook.delivered("taken", "push", now, 202),
            hook.delivered("no answer", "issues", now, 0),
        ]
    });
    suspect(&mirror).await;
    mirror.github.forget_requests();
    let runner = runner(&mirror);
    runner.step(Work::Redeliver).await;
    assert_eq!(asked(&mirror), [ids[0], ids[2]], "the oldest first");
    runner.step(Work::Redeliver).await;
    assert_eq!(asked(&mirror).len(), 0, "not twice within the hour");
    let mut times = 1;
    for _ in 0..8 {
        hour(&mirror, &runner).await;
        times += asked(&mirror).len() / 2;
    }
    assert_eq!(times, 5);
    let attempts = mirror
        .column("SELECT attempts FROM erpnext_github_redelivery ORDER BY guid")
        .await;
    assert_eq!(attempts, ["5", "5"]);
    mirror.finish().await;
}

#[tokio::test]
async fn f41_what_came_all_the_same_is_not_asked_for() {
    let mirror = hooked(|_| {}).await;
    let now = mirror.site().clock().now();
    let odd = with_hook(&mirror, |hook| {
        let first = hook.delivered("at the second try", "push", now, 502);
        assert!(first > 0);
        hook.delivered("at the second try", "push", now + TimeDelta::seconds(5), 200);
        hook.delivered("here", "push", now, 504);
        hook.delivered("waits", "push", now, 504);
        hook.delivered("given up", "push", now, 504)
    });
    for (name, status) in [("here", "processed"), ("waits", "unprocessed"), ("given up", "errored")] {
        let erp = mirror.erp.erp();
        erp.insert("GitHub Event", name, &[("status", status)]).await.expect("a row");
    }
    suspect(&mirror).await;
    mirror.github.forget_requests();
    runner(&mirror).step(Work::Redeliver).await;
    assert_eq!(asked(&mirror), [odd], "that one alone was not worked on");
    mirror.finish().await;
}

#[tokio::test]
async fn f41_after_two_days_without_us_three_days_are_looked_through_page_by_page() {
    let mirror = hooked(|_| {}).await;
    let began = mirror.site().clock().now();
    let (old, early, late) = with_hook(&mirror, |hook| {
        let old = hook.delivered("too old", "push", began - TimeDelta::hours(4), 502);
        let early = hook.delivered("early", "push", began + TimeDelta::minutes(5), 502);
        for number in 0..250 {
            hook.delivered(&format!("good {number}"), "push", began + TimeDelta::hours(1), 202);
        }
        (old, early, hook.delivered("late", "push", began + TimeDelta::hours(49), 502))
    });
    mirror.erp.clock().advance(TimeDelta::hours(50));
    mirror.github.forget_requests();
    let runner = runner(&mirror);
    // Whoever comes back sees that nobody was there.
    runner.step(Work::RepairHooks).await;
    runner.step(Work::Redeliver).await;
    let pages = mirror
        .github
        .requests()
        .iter()
        .filter(|one| one.path.ends_with("/deliveries"))
        .count();
    let asked = asked(&mirror);
    assert_eq!((pages, asked.as_slice()), (3, [early, late].as_slice()));
    assert!(!asked.contains(&old));
    // They were taken this time. What comes late in the list is seen for three hours.
    let then = mirror.site().clock().now() - TimeDelta::hours(2);
    let overlooked = with_hook(&mirror, |hook| hook.delivered("overlooked", "push", then, 500));
    hour(&mirror, &runner).await;
    let requests = mirror.github.requests();
    let pages = requests.iter().filter(|one| one.path.ends_with("/deliveries")).count();
    assert_eq!((pages, self::asked(&mirror)), (1, vec![overlooked]), "one page is enough");
    mirror.finish().await;
}

#[tokio::test]
async fn f41_an_organisations_hook_is_looked_through_every_hour() {
    let mirror = of_guild("guild").await;
    let runner = runner(&mirror);
    runner.step(Work::RepairHooks).await;
    runner.step(Work::Redeliver).await;
    for number in 0..2 {
        let now = mirror.site().clock().now();
        let id = mirror.github.world().organization("guild").hooks[0].delivered(&format!("g{number}"), "push", now, 503);
        mirror.github.forget_requests();
        hour(&mirror, &runner).await;
        assert_eq!(asked(&mirror), [id], "hour {number}");
    }
    mirror.finish().await;
}

#[tokio::test]
async fn f41_what_was_lost_is_delivered_again_and_worked_on() {
    let mirror = hooked(|_| {}).await;
    let desk = Desk::of(&mirror).await;
    let secret = super::stored_secret(&mirror).await;
    let hooked = Hooked { mirror, desk, secret };
    hooked.change(|world| {
        world.repository("octo/web").open_issue("Lost");
    });
    let issue = hooked.object("repos/octo/web/issues/1").await;
    let payload = hooked.payload("opened", json!({"issue": issue})).await;
    let now = hooked.mirror.site().clock().now();
    with_hook(&hooked.mirror, |hook| {
        hook.delivered("lost", "issues", now, 502);
    });
    suspect(&hooked.mirror).await;
    let runner = runner(&hooked.mirror);
    runner.step(Work::Redeliver).await;
    let attempts = hooks(&hooked.mirror, "octo/web")[0].deliveries.clone();
    assert!(
        attempts.iter().any(|one| one.redelivery && one.guid == "lost"),
        "{attempts:?}"
    );
    assert_eq!(hooked.deliver("lost", "issues", &payload).await, 202);
    assert_eq!(hooked.event("lost").await.0, "processed");
    hooked.mirror.github.forget_requests();
    hour(&hooked.mirror, &runner).await;
    assert_eq!(asked(&hooked.mirror).len(), 0);
    set(&hooked.mirror, "enabled", "0").await;
    hooked.mirror.github.forget_requests();
    suspect(&hooked.mirror).await;
    hour(&hooked.mirror, &runner).await;
    assert_eq!(hooked.mirror.github.requests().len(), 0, "switched off is switched off");
    hooked.mirror.finish().await;
}

#[tokio::test]
async fn f41_a_hook_that_the_token_may_not_read_any_more_is_asked_about_less_and_less() {
    let mirror = hooked(|_| {}).await;
    let few = ["public_repo", "read:org"];
    mirror.github.world().token(TOKEN, "octo").with_scopes(&few);
    suspect(&mirror).await;
    mirror.github.forget_requests();
    let runner = runner(&mirror);
    for _ in 0..24 {
        hour(&mirror, &runner).await;
    }
    let requests = mirror.github.requests();
    let of_hooks = requests.iter().filter(|one| one.path.contains("/hooks")).count();
    assert!(of_hooks <= 24, "{of_hooks} in a day: {requests:#?}");
    // The token is mended: both are found out when their time comes.
    mirror.github.world().token(TOKEN, "octo").with_scopes(&["repo", "read:org"]);
    let now = mirror.site().clock().now();
    let id = with_hook(&mirror, |hook| hook.delivered("failed", "push", now, 502));
    mirror.github.forget_requests();
    for _ in 0..25 {
        hour(&mirror, &runner).await;
    }
    assert_eq!(asked(&mirror).first(), Some(&id));
    let problem = mirror.erp.value("SELECT IFNULL(problem, '') FROM erpnext_github_hook").await;
    assert_eq!(problem, "");
    mirror.finish().await;
}

#[tokio::test]
async fn g4_1_what_a_hook_could_not_deliver_is_asked_for_by_its_repositorys_own_credential() {
    let mirror = hooked(|world| {
        world.token("token-of-acme", "octo");
    })
    .await;
    crate::credentials::integration(&mirror, "Acme", "token-of-acme").await;
    mirror
        .erp
        .query("UPDATE tabRepository SET integration = 'Acme' WHERE name = 'octo/web'")
        .await;
    let forgotten = "DELETE FROM __Auth WHERE doctype = 'GitHub Settings' AND fieldname = 'personal_access_token'";
    mirror.erp.scratch().execute(forgotten).await.expect("forgotten");
    let now = mirror.site().clock().now();
    let id = with_hook(&mirror, |hook| hook.delivered("refused", "push", now, 502));
    suspect(&mirror).await;
    mirror.github.forget_requests();
    runner(&mirror).step(Work::Redeliver).await;
    assert_eq!(asked(&mirror), [id]);
    mirror.finish().await;
}
