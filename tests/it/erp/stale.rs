//! D13: ERPNext writes an old copy of a Project back over what we wrote, all columns of it; what we wrote is put back.

use chrono::TimeDelta;
use erpnext_github::frappe::auth;
use erpnext_github::frappe::pending;
use erpnext_github::frappe::zone::frappe_text;
use erpnext_github::jobs::Work;
use erpnext_github::store::Stamp;
use serde_json::json;

use super::{Bench, Mirror, company_with_bench};
use crate::desk::told_company;
use crate::jobs::runner;

const PROJECT: &str = "SELECT CONCAT_WS(' ', repository, notes) FROM tabProject WHERE name = 'TRY-1'";

/// Writes the link as the program does: columns, `modified`, and the note that it was written, in one transaction.
async fn write(mirror: &Mirror, repository: &str) -> String {
    mirror.erp.clock().advance(TimeDelta::seconds(1));
    let stamp = Stamp::now(mirror.site(), "Administrator").await.expect("a zone");
    let modified = frappe_text(stamp.local_now());
    let mut tx = mirror.site().db().begin().await.expect("begun");
    let sql = "UPDATE tabProject SET repository = ?, modified = ? WHERE name = 'TRY-1'";
    tx.exec("writing", sql, (repository, &modified)).await.expect("written");
    pending::note_drop(&mut tx, "Project", "TRY-1").await.expect("noted");
    tx.commit().await.expect("committed");
    modified
}

/// Some seconds pass, by the database's clock, and what is due is looked at.
async fn look(mirror: &Mirror) -> usize {
    mirror
        .erp
        .scratch()
        .execute("UPDATE erpnext_github_watched_row SET due_at = '2020-01-01'")
        .await
        .expect("it is time");
    runner(mirror).step(Work::FlushCacheDrops).await
}

#[tokio::test]
async fn d13_what_a_request_of_python_held_and_wrote_back_is_mended() {
    let (mirror, _desk, bench) = company_with_bench().await;
    bench.http().hold_project("TRY-1").await.expect("held");
    let modified = write(&mirror, "octo/secret").await;
    assert_eq!(look(&mirror).await, 0, "nothing came back yet");
    bench.http().write_back_held().await.expect("written back");
    assert_eq!(mirror.erp.value(PROJECT).await, "octo/web");
    assert_eq!(look(&mirror).await, 1);
    assert_eq!(mirror.erp.value(PROJECT).await, "octo/secret");
    let stored = mirror
        .erp
        .value("SELECT CAST(modified AS CHAR) FROM tabProject WHERE name = 'TRY-1'")
        .await;
    assert_eq!(stored, modified, "a form that loaded our row is still up to date");
    for _ in 0..10 {
        assert_eq!(look(&mirror).await, 0);
    }
    let watched = mirror.erp.value("SELECT COUNT(*) FROM erpnext_github_watched_row").await;
    assert_eq!(watched, "0", "after some minutes nobody looks any more");
    mirror.finish().await;
}

#[tokio::test]
async fn d13_what_a_person_changed_after_us_is_left_alone() {
    let (mirror, _desk, bench) = company_with_bench().await;
    write(&mirror, "octo/secret").await;
    mirror.erp.clock().advance(TimeDelta::seconds(1));
    let admin = auth::again(mirror.site(), "Administrator", false)
        .await
        .expect("read")
        .expect("logged in");
    let http = mirror
        .app()
        .site(mirror.site().name())
        .expect("the site")
        .bench()
        .expect("an address");
    let values = json!({"repository": "octo/web"});
    let values = values.as_object().expect("an object");
    http.update(&admin, ("Project", "TRY-1"), values).await.expect("saved");
    assert_eq!(look(&mirror).await, 0);
    assert_eq!(mirror.erp.value(PROJECT).await, "octo/web");
    assert_eq!(bench.writes().len(), 1);
    mirror.finish().await;
}

#[tokio::test]
async fn d13_a_dropped_copy_is_not_written_back_and_one_that_could_not_be_dropped_is_mended() {
    let (mirror, _desk, _told) = told_company().await;
    let bench = Bench::of(&mirror.erp).await;
    let admin = auth::again(mirror.site(), "Administrator", false)
        .await
        .expect("read")
        .expect("logged in");
    let http = mirror
        .app()
        .site(mirror.site().name())
        .expect("the site")
        .bench()
        .expect("an address");
    let save_a_task = async |subject: &str| {
        let values = json!({"subject": subject, "project": "TRY-1"});
        let values = values.as_object().cloned().expect("an object");
        http.insert(&admin, "Task", &values).await.expect("saved");
    };
    save_a_task("caches the project").await;
    write(&mirror, "octo/secret").await;
    pending::flush_drops(mirror.site()).await.expect("dropped");
    save_a_task("reads it anew").await;
    assert_eq!(mirror.erp.value(PROJECT).await, "octo/secret");
    // The same without the drop, which is still to be done.
    write(&mirror, "octo/web").await;
    save_a_task("writes back what it has").await;
    assert_eq!(mirror.erp.value(PROJECT).await, "octo/secret", "the trap is there");
    assert_eq!(look(&mirror).await, 1);
    assert_eq!(mirror.erp.value(PROJECT).await, "octo/web");
    save_a_task("reads it anew once more").await;
    assert_eq!(mirror.erp.value(PROJECT).await, "octo/web");
    drop(bench);
    mirror.finish().await;
}
