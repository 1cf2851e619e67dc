//! How long deliveries are kept, and how people look at them: in the form's methods and on the command line.

use chrono::TimeDelta;
use erpnext_github::jobs::Work;
use erpnext_github::store::Stamp;
use erpnext_github::store::inbox::{self, Keep};
use serde_json::{Value, json};

use super::Hooked;
use crate::cli::program::{Ended, finish, program};
use crate::jobs::runner;
use crate::support::desk::Desk;

const PAYLOAD: &str = "erpnext_github_integration.desk.event_payload";
const RETRY: &str = "erpnext_github_integration.desk.retry_event";

/// `good` is processed, `odd` is given up, `other` is ignored, `new` is not known.
async fn four() -> Hooked {
    let hooked = Hooked::new(|world| {
        world.repository("octo/web").with_issues(1);
    })
    .await;
    let issue = hooked.object("repos/octo/web/issues/1").await;
    let good = hooked.payload("edited", json!({"issue": issue})).await;
    assert_eq!(hooked.deliver("good", "issues", &good).await, 202);
    let odd = hooked.payload("edited", json!({"issue": {"number": "one"}})).await;
    assert_eq!(hooked.deliver("odd", "issues", &odd).await, 202);
    let other = hooked.payload("started", json!({})).await;
    assert_eq!(hooked.deliver("other", "watch", &other).await, 202);
    assert_eq!(hooked.deliver("new", "brand_new", &other).await, 202);
    for (id, status) in [
        ("good", "processed"),
        ("odd", "errored"),
        ("other", "ignored"),
        ("new", "unhandled"),
    ] {
        assert_eq!(hooked.event(id).await.0, status, "{id}");
    }
    hooked
}

impl Hooked {
    async fn names(&self, sql: &str) -> Vec<String> {
        self.mirror.column(sql).await
    }

    /// Prunes as it is done once a day, `days` after the deliveries came in.
    async fn pruned_after(&self, days: i64, keep: Keep) -> (Vec<String>, Vec<String>) {
        let site = self.mirror.site();
        let mut stamp = Stamp::now(site, "Administrator").await.expect("a stamp");
        stamp.now += TimeDelta::days(days);
        inbox::prune(site.db(), &stamp, keep).await.expect("pruned");
        (
            self.names("SELECT name FROM `tabGitHub Event` ORDER BY name").await,
            self.names("SELECT DISTINCT delivery_id FROM `erpnext_github_payload` ORDER BY delivery_id")
                .await,
        )
    }

    async fn cli(&self, arguments: &[&str]) -> Ended {
        let mut command = program(arguments);
        command.current_dir(self.mirror.erp.bench_root());
        tokio::task::spawn_blocking(move || finish(command, ""))
            .await
            .expect("the program runs")
    }
}

#[tokio::test]
async fn g4_what_github_sent_goes_after_three_days_rows_later_and_none_before_eight_days() {
    let hooked = four().await;
    let keep = Keep { events: 1, errors: 20 };
    let all = ["good", "new", "odd", "other"];
    assert_eq!(hooked.pruned_after(2, keep).await.0, all);
    let (rows, payloads) = hooked.pruned_after(4, keep).await;
    assert_eq!(
        (rows.as_slice(), payloads),
        (&all.map(str::to_owned)[..], vec!["odd".to_owned()])
    );
    assert_eq!(hooked.pruned_after(7, keep).await.0, all, "whatever the Settings say");
    assert_eq!(hooked.pruned_after(9, keep).await.0, ["odd"]);
    assert_eq!(hooked.pruned_after(19, keep).await.0, ["odd"], "errors stay as long as runs");
    assert_eq!(hooked.pruned_after(21, keep).await, (vec![], vec![]));
    hooked.mirror.finish().await;
}

#[tokio::test]
async fn f38_what_github_sent_with_a_delivery_that_somebody_deleted_goes_too() {
    let hooked = four().await;
    hooked
        .mirror
        .erp
        .query("DELETE FROM `tabGitHub Event` WHERE name IN ('odd', 'new')")
        .await;
    let keep = Keep { events: 30, errors: 90 };
    let (rows, payloads) = hooked.pruned_after(1, keep).await;
    assert_eq!(
        (rows.as_slice(), payloads.as_slice()),
        (&["good", "other"].map(str::to_owned)[..], &["good".to_owned()][..])
    );
    hooked.mirror.finish().await;
}

#[tokio::test]
async fn g4_an_admin_sees_what_github_sent_and_has_it_tried_again() {
    let hooked = four().await;
    hooked
        .mirror
        .erp
        .erp()
        .add_user("desk@x.com", "Some Body", &["Projects User"])
        .await
        .expect("a user");
    for user in ["Administrator", "desk@x.com"] {
        Desk::log_in(&hooked.mirror, user).await;
    }
    let seen = hooked.desk.get("Administrator", PAYLOAD, &[("delivery", "odd")]).await;
    assert_eq!(seen.message()["payload"]["issue"]["number"], "one");
    let gone = hooked.desk.get("Administrator", PAYLOAD, &[("delivery", "other")]).await;
    assert_eq!(gone.message()["payload"], Value::Null);
    // Only what may come to something else is offered to be tried again.
    for (delivery, offered) in [("odd", true), ("good", true), ("new", true), ("other", false)] {
        let answer = hooked.desk.get("Administrator", PAYLOAD, &[("delivery", delivery)]).await;
        assert_eq!(answer.message()["can_retry"], offered, "{delivery}");
    }
    for method in [PAYLOAD, RETRY] {
        assert_eq!(
            hooked.desk.post("desk@x.com", method, &[("delivery", "odd")]).await.status,
            403
        );
    }
    let again = hooked.desk.post("Administrator", RETRY, &[("delivery", "odd")]).await;
    assert_eq!(again.message()["status"], "errored", "it is still odd");
    let again = hooked.desk.post("Administrator", RETRY, &[("delivery", "good")]).await;
    assert_eq!(again.message()["status"], "processed");
    let again = hooked.desk.post("Administrator", RETRY, &[("delivery", "other")]).await;
    assert_eq!(again.status, 417);
    assert!(
        again.sentence().contains("have GitHub deliver it again"),
        "{}",
        again.sentence()
    );
    hooked.mirror.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn g4_operators_list_show_and_retry_deliveries() {
    let hooked = four().await;
    let listed = hooked.cli(&["events", "list", "--status", "errored", "--json"]).await;
    let listed: Value = serde_json::from_str(&listed.stdout).expect("one object");
    let of_site = |answer: &Value| answer["sites"][0].clone();
    assert!(of_site(&listed).to_string().contains("\"odd\""), "{listed}");
    assert!(!of_site(&listed).to_string().contains("\"good\""), "{listed}");
    let shown = hooked.cli(&["events", "show", "odd"]).await;
    assert_eq!(shown.code, 0, "{shown:?}");
    assert!(
        shown.stdout.contains("\"number\": \"one\"") && shown.stdout.contains("errored"),
        "{shown:?}"
    );
    let absent = hooked.cli(&["events", "show", "nowhere"]).await;
    assert_eq!(absent.code, 2, "{absent:?}");
    assert!(absent.stderr.contains("there is no delivery nowhere here"), "{absent:?}");
    let retried = hooked.cli(&["events", "retry", "--all-errored"]).await;
    assert_eq!(retried.code, 0, "{retried:?}");
    assert_eq!(hooked.event("odd").await.0, "unprocessed");
    let twice = hooked.cli(&["events", "retry", "odd", "other"]).await;
    assert_eq!(twice.code, 1, "{twice:?}");
    assert_eq!(twice.stdout.matches("not there, waiting already").count(), 2, "{twice:?}");
    hooked.mirror.finish().await;
}

#[tokio::test]
async fn what_comes_in_while_the_integration_is_switched_off_is_kept_and_worked_on_later() {
    let hooked = Hooked::new(|world| {
        world.repository("octo/web").with_issues(1);
    })
    .await;
    let switch = async |on: &str| {
        let sql = format!("UPDATE tabSingles SET value = '{on}' WHERE doctype = 'GitHub Settings' AND field = 'enabled'");
        hooked.mirror.erp.scratch().execute(&sql).await.expect("switched");
    };
    switch("0").await;
    let told = hooked.changes(|world| {
        world.repository("octo/web").close(1, "completed");
    });
    let payload: Value = serde_json::from_str(&told[0].payload).expect("JSON");
    assert_eq!(hooked.deliver("off", told[0].event, &payload).await, 202);
    assert_eq!(hooked.event("off").await.0, "unprocessed");
    switch("1").await;
    runner(&hooked.mirror).step(Work::WorkOnDeliveries).await;
    assert_eq!(hooked.event("off").await.0, "processed");
    assert_eq!(hooked.value("SELECT state FROM `tabRepository Issue`").await, "closed");
    hooked.mirror.finish().await;
}
