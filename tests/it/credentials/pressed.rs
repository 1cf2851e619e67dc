//! The same pressed by two people who act in their own names: each has his own, but for a Task, which gets one and says whose it is.

use chrono::TimeDelta;
use erpnext_github::sim::github::{Collaborator, Effect, Fault, Gate, Permission};

use super::acting::{author, press, stage};
use super::person::connect;
use crate::frappe::redis_server::RedisServer;
use crate::support::desk::{Answer, Desk};
use crate::support::mirror::Mirror;

const CREATE_ISSUE: &str = "erpnext_github_integration.github_api.create_issue";
const ISSUES: &str = "/repos/octo/web/issues";
const FIRST: &str = "pusher@x.com";
const SECOND: &str = "admin@x.com";
/// What became of each write, and in whose name.
const ROWS: &str =
    "SELECT GROUP_CONCAT(CONCAT_WS(' ', acting_as, acting_login, status) ORDER BY acting_login, status) FROM `tabGitHub Write`";

/// Two people who are connected, as `pusher` and as `boss`, and a Task that both may write.
async fn two() -> (Mirror, Desk, RedisServer) {
    let (mirror, desk, redis) = stage().await;
    let boss = Collaborator::new("boss", Permission::Admin);
    mirror.github.world().repository("octo/web").with_member(boss);
    let erp = mirror.erp.erp();
    erp.add_task("TASK-1", "Make it work", Some("TRY-1")).await.expect("a task");
    for (user, login) in [(FIRST, "pusher"), (SECOND, "boss")] {
        connect(&mirror, user, login).await;
        let role = [("role", "Projects User")];
        let given = erp.add_child("Has Role", ("User", user, "roles"), &role).await;
        given.expect("a role");
    }
    mirror.erp.clock().advance(TimeDelta::minutes(1));
    (mirror, desk, redis)
}

async fn press_for_task(desk: &Desk, user: &str) -> Answer {
    let form = [("repository", "octo/web"), ("title", "of the Task"), ("task", "TASK-1")];
    desk.post(user, CREATE_ISSUE, &form).await
}

fn opened(mirror: &Mirror, title: &str) -> usize {
    let world = mirror.github.world();
    let home = world.find("octo/web").expect("the repository");
    home.items.values().filter(|item| item.title == title).count()
}

fn on_post(effect: Effect) -> Fault {
    Fault::on(ISSUES, effect).of_method("POST")
}

#[tokio::test]
async fn the_same_of_two_people_is_opened_by_each_in_his_own_name() {
    let (mirror, desk, _redis) = two().await;
    mirror.github.world().faults.push(on_post(Effect::Refused));
    let first = press(&desk, FIRST, "same").await;
    assert!(first.sentence().contains("nobody can tell yet"), "{first:?}");
    let second = press(&desk, SECOND, "same").await;
    assert_eq!(second.status, 200, "what became of the other one is not his: {second:?}");
    assert_eq!((author(&mirror, "same").as_str(), opened(&mirror, "same")), ("boss", 1));
    mirror.erp.clock().advance(TimeDelta::seconds(20));
    let again = press(&desk, FIRST, "same").await;
    assert_eq!(again.status, 200, "boss's is not taken for the lost one: {again:?}");
    assert_eq!(opened(&mirror, "same"), 2);
    assert_eq!(
        mirror.erp.value(ROWS).await,
        "user boss done,user pusher done,user pusher failed"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn one_issue_of_a_task_is_opened_and_whoever_presses_second_is_told_in_whose_name() {
    let (mirror, desk, _redis) = two().await;
    mirror
        .github
        .world()
        .faults
        .extend([on_post(Effect::Lost), Fault::status(ISSUES, 503).of_method("GET").times(9)]);
    let first = press_for_task(&desk, FIRST).await;
    assert!(first.sentence().contains("nobody can tell yet"), "{first:?}");
    mirror.github.world().faults.clear();
    let second = press_for_task(&desk, SECOND).await;
    let warning = second.message()["warning"].as_str().unwrap_or_default();
    assert!(
        warning.contains("pusher@x.com asked for it before you") && warning.contains("in the name of pusher"),
        "{second:?}"
    );
    assert_eq!(opened(&mirror, "of the Task"), 1);
    assert_eq!(mirror.erp.value(ROWS).await, "user pusher done");
    mirror.finish().await;
}

#[tokio::test]
async fn what_github_refuses_to_one_person_is_not_refused_to_another_for_the_same_task() {
    let (mirror, desk, _redis) = two().await;
    let gate = Gate::closed();
    let refused = Effect::Answer {
        status: 403,
        headers: Vec::new(),
        body: None,
    };
    let faults = [on_post(Effect::Held(gate.clone())), on_post(refused)];
    mirror.github.world().faults.extend(faults);
    mirror.erp.record().await;
    let second = async {
        gate.reached(1).await;
        let opens = async {
            // The second one finds the first one's row in its way.
            let is_row = |statement: &String| statement.contains("INSERT INTO `tabGitHub Write`");
            while mirror.erp.statements().await.iter().filter(|one| is_row(one)).count() < 2 {
                tokio::task::yield_now().await;
            }
            gate.open();
        };
        tokio::join!(press_for_task(&desk, SECOND), opens).0
    };
    let (first, second) = tokio::join!(press_for_task(&desk, FIRST), second);
    assert_eq!(first.status, 417, "{first:?}");
    assert_eq!(second.status, 200, "it was not asked in his name: {second:?}");
    assert_eq!(
        (author(&mirror, "of the Task").as_str(), opened(&mirror, "of the Task")),
        ("boss", 1)
    );
    assert_eq!(mirror.erp.value(ROWS).await, "user boss done,user pusher failed");
    mirror.finish().await;
}
