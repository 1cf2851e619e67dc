//! What an installation does not reach any more: what it connected is taken apart, in every Project, however late; what others said stays.

use chrono::TimeDelta;
use erpnext_github::jobs::Work;
use erpnext_github::sim::github::Fault;

use super::Stage;
use crate::jobs::runner;
use crate::support::github_app::{APP, deliver};

const DESK: &str = "desk@x.com";
const API: &str = "acme/api";

/// The App is installed in `acme` for both repositories, by whoever leads NEW-1, for it.
async fn installed() -> (Stage, [u64; 2]) {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    let ids = {
        let mut world = stage.mirror.github.world();
        ["acme/web", API].map(|name| world.repository(name).id)
    };
    stage.address(DESK, "install_app", &[("project", "NEW-1")]).await;
    stage
        .happens(|world| {
            world.install(APP, "acme").only(ids);
        })
        .await;
    assert_eq!(stage.connections().await, "NEW-1=acme/api,NEW-1=acme/web");
    (stage, ids)
}

impl Stage {
    /// Which Projects are connected with repositories of an organisation of the stories.
    async fn connections(&self) -> String {
        let sql = "SELECT IFNULL(GROUP_CONCAT(CONCAT(project, '=', repository) ORDER BY project, repository), '') \
                   FROM `tabGitHub Project Repository` WHERE repository NOT LIKE 'octo/%'";
        self.mirror.erp.value(sql).await
    }

    async fn name_of_installation(&self) -> String {
        self.mirror.erp.value("SELECT name FROM `tabGitHub App Installation`").await
    }

    async fn reached(&self) -> String {
        let sql = "SELECT COUNT(*) FROM `erpnext_github_installation_repository`";
        self.mirror.erp.value(sql).await
    }
}

#[tokio::test]
async fn a_repository_that_was_taken_out_while_the_cache_is_away_is_taken_apart_once_it_is_back() {
    let (mut stage, ids) = installed().await;
    stage.redis.stop();
    stage
        .happens(|world| {
            world.install(APP, "acme").only([ids[0]]);
        })
        .await;
    assert_eq!(stage.connections().await, "NEW-1=acme/api,NEW-1=acme/web");
    stage.redis.start_again().await;
    stage.mirror.erp.clock().advance(TimeDelta::minutes(2));
    let runner = runner(&stage.mirror);
    runner.step(Work::Refresh).await;
    assert_eq!(stage.connections().await, "NEW-1=acme/web");
    // The same for all of it.
    let id = stage.mirror.github.world().install(APP, "acme").id;
    stage.redis.stop();
    stage.happens(|world| world.uninstall(id)).await;
    assert_eq!(
        (stage.connections().await.as_str(), stage.reached().await.as_str()),
        ("NEW-1=acme/web", "1")
    );
    stage.redis.start_again().await;
    stage.mirror.erp.clock().advance(TimeDelta::minutes(2));
    runner.step(Work::Refresh).await;
    assert_eq!(
        (stage.connections().await.as_str(), stage.reached().await.as_str()),
        ("", "0")
    );
    stage.finish().await;
}

#[tokio::test]
async fn a_repository_between_two_accounts_of_a_project_stays_connected_until_the_last_one_leaves() {
    let (stage, ids) = installed().await;
    {
        let mut world = stage.mirror.github.world();
        world.organization("beta").owners.push("mona".to_owned());
    }
    stage.address(DESK, "install_app", &[("project", "NEW-1")]).await;
    let other = stage.mirror.github.world().repository("beta/web").id;
    stage
        .happens(|world| {
            world.install(APP, "beta").only([other]);
        })
        .await;
    // GitHub tells the account that it comes to first, then the one that it leaves.
    stage
        .happens(|world| {
            world.rename_repository(API, "beta/api");
            world.install(APP, "beta").only([other, ids[1]]);
        })
        .await;
    stage
        .happens(|world| {
            let more = world.repository("acme/more").id;
            world.install(APP, "acme").only([ids[0], more]);
        })
        .await;
    let connected = stage.connections().await;
    assert!(
        connected.contains("/api") && connected.contains("NEW-1=acme/web"),
        "{connected}"
    );
    let id = stage.mirror.github.world().install(APP, "beta").id;
    stage.happens(|world| world.uninstall(id)).await;
    assert_eq!(stage.connections().await, "NEW-1=acme/more,NEW-1=acme/web");
    stage.finish().await;
}

#[tokio::test]
async fn what_somebody_connected_by_hand_before_stays_when_the_installation_goes() {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    let ids = {
        let mut world = stage.mirror.github.world();
        ["acme/web", API].map(|name| world.repository(name).id)
    };
    stage
        .happens(|world| {
            world.install(APP, "acme").only(ids);
        })
        .await;
    let by_hand = [("project", "NEW-1"), ("repository", API)];
    let done = stage.call("Administrator", "connect_repository", &by_hand).await;
    assert_eq!(done.status, 200, "{done:?}");
    let name = stage.name_of_installation().await;
    let chosen = [("installation", name.as_str()), ("project", "NEW-1")];
    assert_eq!(stage.call(DESK, "finish_installation", &chosen).await.status, 200);
    assert_eq!(stage.connections().await, "NEW-1=acme/api,NEW-1=acme/web");
    let id = stage.mirror.github.world().install(APP, "acme").id;
    stage.happens(|world| world.uninstall(id)).await;
    assert_eq!(stage.connections().await, "NEW-1=acme/api");
    stage.finish().await;
}

#[tokio::test]
async fn an_installation_that_was_moved_to_another_project_leaves_both() {
    let (stage, ids) = installed().await;
    let name = stage.name_of_installation().await;
    let moved = [("installation", name.as_str()), ("project", "TRY-1")];
    assert_eq!(stage.call(DESK, "finish_installation", &moved).await.status, 200);
    assert_eq!(
        stage.connections().await,
        "NEW-1=acme/api,NEW-1=acme/web,TRY-1=acme/api,TRY-1=acme/web"
    );
    stage
        .happens(|world| {
            world.install(APP, "acme").only([ids[0]]);
        })
        .await;
    assert_eq!(stage.connections().await, "NEW-1=acme/web,TRY-1=acme/web");
    stage.finish().await;
}

#[tokio::test]
async fn what_is_left_of_an_installation_whose_row_was_deleted_is_ended() {
    let (stage, _) = installed().await;
    let id = stage.mirror.github.world().install(APP, "acme").id;
    let sql = "DELETE FROM `tabGitHub App Installation`";
    stage.mirror.erp.scratch().execute(sql).await.expect("deleted");
    let before = stage.world();
    stage.mirror.github.world().uninstall(id);
    for delivery in stage.mirror.github.deliveries_since(&before) {
        assert_eq!(deliver(&stage.mirror, &stage.desk, "late", &delivery).await, 202);
    }
    assert!(stage.followed().await.starts_with("acme/api=0,acme/web=0 |"));
    runner(&stage.mirror).step(Work::Redeliver).await;
    assert_eq!(
        (stage.connections().await.as_str(), stage.reached().await.as_str()),
        ("", "0")
    );
    assert_eq!(stage.followed().await, "acme/api=0,acme/web=0 | NEW-1=-,TRY-1=octo/web");
    stage.finish().await;
}

#[tokio::test]
async fn whoever_deletes_the_row_of_his_installation_takes_nothing_from_projects_and_may_have_it_back() {
    let (stage, _) = installed().await;
    let id = stage.mirror.github.world().install(APP, "acme").id;
    let now = async || {
        let row =
            "SELECT IFNULL(GROUP_CONCAT(CONCAT_WS('|', owner, processing, account_login)), '') FROM `tabGitHub App Installation`";
        [
            stage.mirror.erp.value(row).await,
            stage.connections().await,
            stage.followed().await,
        ]
    };
    let [_, connected, followed] = now().await;
    let sql = "DELETE FROM `tabGitHub App Installation`";
    stage.mirror.erp.scratch().execute(sql).await.expect("deleted");
    let runner = runner(&stage.mirror);
    // GitHub does not say whether it is there.
    let silent = Fault::status("/app/installations/*", 403).always();
    stage.mirror.github.world().faults.push(silent);
    runner.step(Work::Redeliver).await;
    assert_eq!(now().await, [String::new(), connected.clone(), followed.clone()]);
    stage.mirror.github.world().faults.clear();
    stage.mirror.erp.clock().advance(TimeDelta::hours(2));
    runner.step(Work::Redeliver).await;
    let [row, still_connected, still_followed] = now().await;
    assert!(row.ends_with("|unmatched_user|acme") && !row.starts_with(DESK), "{row}");
    assert_eq!([&still_connected, &still_followed], [&connected, &followed]);
    // Nobody gets it who does not prove that it is his.
    let number = id.to_string();
    let asked = [("installation_id", number.as_str())];
    let refused = stage.call("member@x.com", "check_installation", &asked).await;
    assert_ne!(refused.status, 200, "{refused:?}");
    let back = stage.call(DESK, "check_installation", &asked).await;
    assert_eq!(back.status, 200, "{back:?}");
    let [row, still_connected, _] = now().await;
    assert_eq!((row, still_connected), (format!("{DESK}|processed|acme"), connected));
    stage.happens(|world| world.uninstall(id)).await;
    assert_eq!(stage.connections().await, "");
    stage.finish().await;
}
