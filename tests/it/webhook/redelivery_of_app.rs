//! What the GitHub App's own webhook could not deliver: the same rules as for others, beside them.

use chrono::TimeDelta;
use erpnext_github::jobs::Work;
use erpnext_github::sim::github::{Effect, Fault, World};

use super::redelivery::{asked, hooked, hour, suspect, with_hook};
use crate::jobs::{runner, runner_of};
use crate::support::github_app::{APP, enter, register};
use crate::support::mirror::Mirror;

const SITE: &str = "https://erp.example.com";
const STANDS: &str = "SELECT IFNULL(GROUP_CONCAT(CONCAT_WS('|', name, IFNULL(last_status, '-'), IFNULL(problem, '')) ), '') \
                      FROM erpnext_github_hook WHERE home LIKE 'application:%'";

/// `octo/web` has its hook, and the site an App.
async fn with_app() -> Mirror {
    let mirror = hooked(|world| register(world, SITE)).await;
    enter(&mirror, SITE).await;
    mirror
}

/// Notes that the App's webhook delivered something.
fn delivered(mirror: &Mirror, guid: &str, status: u16) -> u64 {
    let now = mirror.site().clock().now();
    mirror
        .github
        .world()
        .app(APP)
        .hook
        .delivered(guid, "installation", now, status)
}

fn again(world: &mut World, status: u16) {
    world.app(APP).hook.redelivered = status;
}

#[tokio::test]
async fn g0_18_what_the_apps_webhook_could_not_deliver_is_asked_for_by_the_rules_of_all() {
    let mirror = with_app().await;
    again(&mut mirror.github.world(), 502);
    let ids = [
        delivered(&mirror, "one", 502),
        delivered(&mirror, "taken", 202),
        delivered(&mirror, "two", 0),
    ];
    let here = delivered(&mirror, "here", 504);
    mirror
        .erp
        .erp()
        .insert("GitHub Event", "here", &[("status", "processed")])
        .await
        .expect("a row");
    mirror.erp.clock().advance(TimeDelta::minutes(1));
    let runner = runner(&mirror);
    runner.step(Work::RepairHooks).await;
    mirror.github.forget_requests();
    runner.step(Work::Redeliver).await;
    let first = asked(&mirror);
    assert_eq!(
        first,
        [ids[0], ids[2]],
        "the oldest first, and what is in the inbox not: {here}"
    );
    // Another process that comes up, or the same one again, asks for nothing that was asked for within the hour.
    let another = crate::jobs::runner_of(&mirror, mirror.app());
    another.step(Work::Redeliver).await;
    runner.step(Work::Redeliver).await;
    assert_eq!(asked(&mirror), Vec::<u64>::new());
    let mut times = 1;
    for _ in 0..8 {
        hour(&mirror, &runner).await;
        times += asked(&mirror).len() / 2;
    }
    assert_eq!(times, 5, "five times at most");
    assert_eq!(mirror.erp.value(STANDS).await, format!("GitHub App {APP}|502|"));
    mirror.finish().await;
}

#[tokio::test]
async fn g0_18_only_the_app_that_is_entered_with_its_webhook_is_asked() {
    let mirror = hooked(|world| register(world, SITE)).await;
    let runner = runner(&mirror);
    delivered(&mirror, "early", 502);
    let of_app = |mirror: &Mirror| {
        mirror
            .github
            .requests()
            .iter()
            .filter(|one| one.path.starts_with("/app/hook"))
            .count()
    };
    hour(&mirror, &runner).await;
    assert_eq!((of_app(&mirror), mirror.erp.value(STANDS).await.as_str()), (0, ""), "no App");
    enter(&mirror, SITE).await;
    mirror
        .erp
        .query("DELETE FROM __Auth WHERE fieldname = 'app_webhook_secret'")
        .await;
    hour(&mirror, &runner).await;
    assert_eq!(
        (of_app(&mirror), mirror.erp.value(STANDS).await.as_str()),
        (0, ""),
        "its webhook is not used"
    );
    enter(&mirror, SITE).await;
    mirror.github.forget_requests();
    hour(&mirror, &runner).await;
    assert_eq!(asked(&mirror).len(), 1, "it was delivered before the App was entered here");
    // Taken out again, nothing of it is left.
    mirror
        .app()
        .remove_app_key(mirror.site(), "Administrator")
        .await
        .expect("removed");
    hour(&mirror, &runner).await;
    assert_eq!(
        (of_app(&mirror), mirror.erp.value(STANDS).await.as_str()),
        (0, ""),
        "the key is gone"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn g0_18_an_app_that_was_deleted_is_one_sentence_and_stops_no_other_hook() {
    let mirror = with_app().await;
    let runner = runner(&mirror);
    mirror.erp.clock().advance(TimeDelta::minutes(1));
    runner.step(Work::RepairHooks).await;
    let removed = {
        let mut world = mirror.github.world();
        let at = world.apps.iter().position(|app| app.slug == APP).expect("it");
        world.apps.remove(at)
    };
    let now = mirror.site().clock().now();
    let id = with_hook(&mirror, |hook| hook.delivered("of the repository", "push", now, 502));
    suspect(&mirror).await;
    mirror.github.forget_requests();
    runner.step(Work::Redeliver).await;
    assert_eq!(asked(&mirror), [id]);
    let told = mirror.erp.value(STANDS).await;
    assert!(
        told.contains("GitHub does not know the GitHub App by this id and key") && told.contains("; store the App's id"),
        "{told}"
    );
    assert_eq!(told.matches("; ").count(), 1, "one sentence: {told}");
    // It is asked less and less, not every hour, and found out when it is back.
    for _ in 0..24 {
        hour(&mirror, &runner).await;
    }
    let of_app = mirror
        .github
        .requests()
        .iter()
        .filter(|one| one.path.starts_with("/app/hook"))
        .count();
    assert!(of_app <= 8, "{of_app}");
    mirror.github.world().apps.push(removed);
    delivered(&mirror, "late", 502);
    mirror.github.forget_requests();
    for _ in 0..25 {
        hour(&mirror, &runner).await;
    }
    assert_eq!(asked(&mirror).len(), 1);
    assert_eq!(mirror.erp.value(STANDS).await, format!("GitHub App {APP}|200|"));
    mirror.finish().await;
}

#[tokio::test]
async fn g0_18_a_sweep_that_was_broken_off_goes_on_where_it_was() {
    let mirror = with_app().await;
    let ids = [delivered(&mirror, "one", 502), delivered(&mirror, "two", 502)];
    mirror.erp.clock().advance(TimeDelta::minutes(1));
    let first = runner(&mirror);
    first.step(Work::RepairHooks).await;
    let lost = Fault::on(&format!("/app/hook/deliveries/{}/attempts", ids[1]), Effect::Refused);
    mirror.github.world().faults.push(lost);
    mirror.github.forget_requests();
    first.step(Work::Redeliver).await;
    assert_eq!(asked(&mirror), ids, "the second was not answered");
    // Another process asks for what did not come, an hour later: the first one came.
    let other = runner_of(&mirror, mirror.app());
    hour(&mirror, &other).await;
    assert_eq!(asked(&mirror), [ids[1]]);
    mirror.finish().await;
}
