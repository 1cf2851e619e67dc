//! Nobody was there while the App's webhook delivered: GitHub is asked for it again, once, and everything is as it would have been.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use erpnext_github::app::Served;
use erpnext_github::jobs::{Runner, Work};
use erpnext_github::sim::github::{Delivery, HookAttempt, World};

use super::Stage;
use crate::github_contract::wrong_requests;
use crate::jobs::runner;
use crate::support::github_app::{APP, deliver};

const DESK: &str = "desk@x.com";

/// What was delivered in vain, by its id.
type Lost = BTreeMap<String, Delivery>;

impl Stage {
    /// Has GitHub change, and tell of it in vain.
    fn in_vain(&self, lost: &mut Lost, story: impl FnOnce(&mut World)) {
        let before = self.world();
        story(&mut self.mirror.github.world());
        for delivery in self.mirror.github.deliveries_since(&before) {
            let (guid, now) = (format!("lost-{:02}", lost.len()), self.mirror.site().clock().now());
            let mut world = self.mirror.github.world();
            world.app(APP).hook.delivered(&guid, delivery.event, now, 502);
            lost.insert(guid, delivery);
        }
        self.mirror.erp.clock().advance(TimeDelta::minutes(11));
    }

    /// The process is there again, and GitHub delivers what it is asked for; the ids of that, in order.
    async fn back(&self, runner: &Runner<Served>, lost: &Lost) -> Vec<String> {
        let is_again = |one: &&HookAttempt| one.redelivery;
        let again = |world: &mut World| {
            world
                .app(APP)
                .hook
                .deliveries
                .iter()
                .filter(is_again)
                .cloned()
                .collect::<Vec<_>>()
        };
        let before = again(&mut self.mirror.github.world()).len();
        runner.step(Work::RepairHooks).await;
        runner.step(Work::Redeliver).await;
        let attempts = again(&mut self.mirror.github.world());
        let mut asked = Vec::new();
        for one in &attempts[before..] {
            assert_eq!(deliver(&self.mirror, &self.desk, &one.guid, &lost[&one.guid]).await, 202);
            asked.push(one.guid.clone());
        }
        asked
    }

    /// How each of these ended.
    async fn ended(&self) -> String {
        let sql = "SELECT GROUP_CONCAT(DISTINCT CONCAT_WS(' ', status, source)) FROM `tabGitHub Event` WHERE name LIKE 'lost-%'";
        self.mirror.erp.value(sql).await
    }
}

#[tokio::test]
async fn g0_11_what_the_app_told_of_while_nobody_was_there_is_asked_for_again() {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    stage.address(DESK, "install_app", &[("project", "NEW-1")]).await;
    let runner = runner(&stage.mirror);
    runner.step(Work::RepairHooks).await;
    let (mut lost, ids) = (Lost::new(), {
        let mut world = stage.mirror.github.world();
        ["acme/web", "acme/api"].map(|name| world.repository(name).id)
    });
    stage.in_vain(&mut lost, |world| {
        world.install(APP, "acme").only([ids[0]]);
    });
    stage.in_vain(&mut lost, |world| {
        world.install(APP, "acme").only(ids);
    });
    let told: Vec<&str> = lost.values().map(|one| one.event).collect();
    assert_eq!(told, ["installation", "installation_repositories"]);
    stage.mirror.github.forget_requests();
    assert_eq!(stage.back(&runner, &lost).await, ["lost-00", "lost-01"], "the oldest first");
    assert_eq!(stage.ended().await, "processed application");
    let row = "desk initiated_here processed NEW-1 selected ";
    assert_eq!(stage.installations().await, format!("{row}000"));
    let followed = stage.followed().await;
    assert!(followed.starts_with("acme/api=1,acme/web=1"), "{followed}");
    assert_eq!(wrong_requests(&stage.mirror.github.requests()), Vec::<String>::new());

    // What came is not asked for twice, however often it is looked.
    for _ in 0..3 {
        stage.mirror.erp.clock().advance(TimeDelta::minutes(61));
        assert_eq!(stage.back(&runner, &lost).await, Vec::<String>::new());
    }

    // Suspended, the end of it, and the end of a connection.
    stage.in_vain(&mut lost, |world| {
        let (id, now) = (world.install(APP, "acme").id, world.now());
        world.installations.get_mut(&id).expect("it").suspended = Some((now, "mona".to_owned()));
    });
    assert_eq!(stage.back(&runner, &lost).await, ["lost-02"]);
    assert_eq!(stage.installations().await, format!("{row}100"));
    stage.in_vain(&mut lost, |world| {
        let id = world.install(APP, "acme").id;
        world.uninstall(id);
    });
    stage.in_vain(&mut lost, |world| {
        let id = world.app(APP).client_id.clone();
        world.revoke_authorization(&id, "mona");
    });
    let events: Vec<&str> = lost.values().skip(2).map(|one| one.event).collect();
    assert_eq!(events, ["installation", "installation", "github_app_authorization"]);
    assert_eq!(stage.back(&runner, &lost).await, ["lost-03", "lost-04"]);
    let rows = stage.installations().await;
    assert_eq!(rows.as_bytes().get(rows.len() - 2), Some(&b'1'), "deleted: {rows}");
    let standing = "SELECT GROUP_CONCAT(status) FROM erpnext_github_grant";
    assert_eq!(stage.mirror.erp.value(standing).await, "revoked");
    assert_eq!(stage.back(&runner, &lost).await, Vec::<String>::new());
    stage.finish().await;
}
