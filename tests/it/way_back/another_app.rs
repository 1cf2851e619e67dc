//! The settings name another App for a while: what the one before is installed for stays, and is gone on with once that App is entered again.

use chrono::TimeDelta;
use erpnext_github::jobs::Work;
use erpnext_github::store::{Stamp, installations};

use super::{PAGES, SITE, Stage, session};
use crate::jobs::runner;
use crate::support::github_app::{APP, enter, enter_app};

const DESK: &str = "desk@x.com";
const WORKS: &str = "desk initiated_here processed NEW-1 selected 000";
const FOLLOWED: &str = "acme/web=1 | NEW-1=acme/web,TRY-1=octo/web";

/// The App is installed in `acme` for NEW-1; GitHub's number of that.
async fn installed() -> (Stage, u64) {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    stage.address(DESK, "install_app", &[("project", "NEW-1")]).await;
    stage
        .happens(|world| {
            let web = world.repository("acme/web").id;
            world.install(APP, "acme").only([web]);
        })
        .await;
    assert_eq!(
        (stage.installations().await, stage.followed().await),
        (WORKS.into(), FOLLOWED.into())
    );
    let id = stage.mirror.github.world().install(APP, "acme").id;
    (stage, id)
}

impl Stage {
    /// An hour later the schedule has looked.
    async fn an_hour_later(&self) {
        self.mirror.erp.clock().advance(TimeDelta::hours(1));
        runner(&self.mirror).step(Work::Redeliver).await;
    }
}

#[tokio::test]
async fn g0_12_another_app_in_the_settings_ends_no_installation_of_the_one_before() {
    let (stage, _) = installed().await;
    enter_app(&stage.mirror, SITE, "another-app").await;
    let asked = stage.mirror.github.requests().len();
    for _ in 0..2 {
        stage.an_hour_later().await;
        let kept = "desk initiated_here errored NEW-1 selected 000";
        assert_eq!(
            (stage.installations().await, stage.followed().await),
            (kept.into(), FOLLOWED.into())
        );
    }
    let all = stage.mirror.github.requests();
    let by_number = all[asked..].iter().filter(|one| one.path.starts_with("/app/installations/"));
    assert_eq!(by_number.count(), 0, "GitHub knows none of another App's");
    let page = stage.open(session(DESK), PAGES).await;
    assert!(
        page.kind == "failed"
            && page
                .text
                .contains("another GitHub App now (another-app) than the one that was installed in acme"),
        "{}",
        page.text
    );
    enter(&stage.mirror, SITE).await;
    stage.an_hour_later().await;
    assert_eq!(
        (stage.installations().await, stage.followed().await),
        (WORKS.into(), FOLLOWED.into())
    );
    assert_eq!(stage.open(session(DESK), PAGES).await.kind, "done");
    stage.finish().await;
}

#[tokio::test]
async fn what_was_taken_for_uninstalled_is_there_again_where_github_shows_it_to_the_app() {
    let (stage, id) = installed().await;
    let is_taken_for_gone = async || {
        let stamp = Stamp::now(stage.mirror.site(), DESK).await.expect("a stamp");
        let marked = installations::mark_deleted(stage.mirror.site().db(), &stamp, id).await;
        marked.expect("marked");
        runner(&stage.mirror).step(Work::Refresh).await;
        let gone = "desk initiated_here processed NEW-1 selected 010";
        assert_eq!(stage.installations().await, gone);
        assert_eq!(stage.followed().await, "acme/web=0 | NEW-1=-,TRY-1=octo/web");
    };
    is_taken_for_gone().await;
    stage.an_hour_later().await;
    assert_eq!(
        (stage.installations().await, stage.followed().await),
        (WORKS.into(), FOLLOWED.into())
    );
    // Whose it is need not wait for the schedule.
    is_taken_for_gone().await;
    let number = id.to_string();
    let checked = stage.call(DESK, "check_installation", &[("installation_id", &number)]).await;
    assert_eq!(checked.message()["stage"], "done", "{checked:?}");
    assert_eq!(
        (stage.installations().await, stage.followed().await),
        (WORKS.into(), FOLLOWED.into())
    );
    // One that is gone stays so.
    stage.happens(|world| world.uninstall(id)).await;
    stage.an_hour_later().await;
    let checked = stage.call(DESK, "check_installation", &[("installation_id", &number)]).await;
    assert_eq!(checked.message()["stage"], "deleted", "{checked:?}");
    stage.finish().await;
}

#[tokio::test]
async fn g0_12_what_is_nobodys_says_that_the_app_in_the_settings_is_another_one() {
    let stage = Stage::new().await;
    stage
        .happens(|world| {
            let web = world.repository("acme/web").id;
            world.install(APP, "acme").only([web]);
        })
        .await;
    let says = "SELECT CONCAT_WS('|', processing, IFNULL(reason, '-')) FROM `tabGitHub App Installation`";
    assert_eq!(stage.mirror.erp.value(says).await, "unmatched_user|-");
    enter_app(&stage.mirror, SITE, "another-app").await;
    stage.an_hour_later().await;
    let said = stage.mirror.erp.value(says).await;
    assert!(
        said.starts_with("unmatched_user|GitHub Settings name another GitHub App now (another-app)"),
        "{said}"
    );
    enter(&stage.mirror, SITE).await;
    stage.an_hour_later().await;
    assert_eq!(stage.mirror.erp.value(says).await, "unmatched_user|-");
    stage.finish().await;
}

#[tokio::test]
async fn g0_12_what_is_left_of_a_deleted_row_is_not_ended_by_another_app() {
    let (stage, id) = installed().await;
    enter_app(&stage.mirror, SITE, "another-app").await;
    stage
        .mirror
        .erp
        .scratch()
        .execute("DELETE FROM `tabGitHub App Installation`")
        .await
        .expect("deleted");
    stage.an_hour_later().await;
    assert_eq!(stage.followed().await, FOLLOWED);
    let says = "SELECT CONCAT_WS('|', processing, installation_id, account_login, IFNULL(reason, '-')) FROM `tabGitHub App Installation`";
    let said = stage.mirror.erp.value(says).await;
    assert!(
        said.starts_with(&format!(
            "unmatched_user|{id}|acme|GitHub Settings name another GitHub App now (another-app)"
        )),
        "{said}"
    );
    enter(&stage.mirror, SITE).await;
    stage.an_hour_later().await;
    assert_eq!(stage.mirror.erp.value(says).await, format!("unmatched_user|{id}|acme|-"));
    let number = id.to_string();
    let had = stage.call(DESK, "check_installation", &[("installation_id", &number)]).await;
    assert_eq!(had.message()["is_yours"], true, "{had:?}");
    assert_eq!(stage.followed().await, FOLLOWED);
    stage.finish().await;
}

#[tokio::test]
async fn g0_12_what_another_app_replaced_ends_once_its_row_is_deleted() {
    let (stage, _) = installed().await;
    // As before the App was noted.
    let unknown = "UPDATE erpnext_github_installation_repository SET app_id = NULL";
    stage.mirror.erp.scratch().execute(unknown).await.expect("forgotten");
    stage.an_hour_later().await;
    enter_app(&stage.mirror, SITE, "another-app").await;
    stage.an_hour_later().await;
    {
        let mut world = stage.mirror.github.world();
        let api = world.repository("acme/api").id;
        world.install("another-app", "acme").only([api]);
    }
    let present = "SELECT COUNT(*) FROM `tabGitHub App Installation`";
    let row = "INSERT INTO `tabGitHub App Installation` (name, owner, creation, modified, installation_id, account_login, account_id, app_id, \
               repository_selection, processing) SELECT 'its-heir', owner, creation, modified, '77', account_login, account_id, '4711', \
               'selected', 'processed' FROM `tabGitHub App Installation`";
    stage.mirror.erp.scratch().execute(row).await.expect("installed");
    let of_present = stage.mirror.github.world().app("another-app").id;
    let same = format!("UPDATE `tabGitHub App Installation` SET app_id = '{of_present}' WHERE name = 'its-heir'");
    stage.mirror.erp.scratch().execute(&same).await.expect("of the present one");
    let gone = "DELETE FROM `tabGitHub App Installation` WHERE name <> 'its-heir'";
    stage.mirror.erp.scratch().execute(gone).await.expect("deleted");
    stage.an_hour_later().await;
    assert_eq!(stage.mirror.erp.value(present).await, "1", "it is not put back");
    assert_eq!(stage.followed().await, "acme/web=0 | NEW-1=-,TRY-1=octo/web");
    stage.finish().await;
}
