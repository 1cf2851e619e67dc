//! The process dies after any message to its database, from the arrival of a delivery to its end.

use erpnext_github::frappe::db::Databases;
use erpnext_github::frappe::site::Site;
use erpnext_github::webhook::signature::sign;
use erpnext_github::webhook::{Crowd, Head, Receiver, work};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::Hooked;
use super::load::leases_end;
use crate::support::TestSite;
use crate::support::cut::Cut;

/// The site over a way that breaks off after so many messages.
async fn cut_site(test: &TestSite, messages: usize) -> (Cut, Site) {
    let port = test.scratch().server().port();
    let cut = Cut::after(messages, port).await;
    test.scratch().set_config("db_port", json!(cut.port())).expect("written");
    let config = test.scratch().config().expect("readable");
    let site = Site::new(config, &Databases::new(4), test.site().clock().clone()).expect("a site");
    test.scratch().set_config("db_port", json!(port)).expect("written");
    (cut, site)
}

/// A delivery that changes a pull request and marks it to be read.
fn payload(whole: &Value, number: usize) -> Value {
    let mut payload = whole.clone();
    payload["pull_request"]["title"] = json!(format!("As of {number}"));
    let at = chrono::DateTime::from_timestamp(1_780_000_000 + i64::try_from(number).expect("small"), 0).expect("a time");
    payload["pull_request"]["updated_at"] = json!(at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
    payload
}

#[tokio::test]
async fn a_delivery_survives_a_death_after_any_message_and_is_done_once() {
    let hooked = Hooked::new(|world| {
        world.repository("octo/web").open_pull_request("Here", "here");
    })
    .await;
    let (test, stop) = (&hooked.mirror.erp, CancellationToken::new());
    let pull = hooked.object("repos/octo/web/pulls/1").await;
    let whole = hooked.payload("edited", json!({"pull_request": pull})).await;
    let mut answers = Vec::new();
    for messages in 1..400 {
        let body = payload(&whole, messages).to_string().into_bytes();
        let id = format!("delivery-{messages:04}");
        let head = Head {
            content_type: "application/json".to_owned(),
            signature: sign(&hooked.secret, &body),
            event: "pull_request".to_owned(),
            delivery: id.clone(),
            ..Head::default()
        };
        let (cut, site) = cut_site(test, messages).await;
        let receiver = Receiver::default();
        let accepted = receiver.receive(&site, &head, &body).await.is_ok();
        let worked = accepted
            && work(&site, "the dead one", "Administrator", &Crowd::default(), &stop)
                .await
                .is_ok();
        let is_whole = worked && cut.used() < messages;
        drop((cut, site, receiver));
        answers.push((accepted, worked));

        // Another process; GitHub delivers again what was not answered.
        leases_end(&hooked.mirror).await;
        let there = hooked.event(&id).await.0;
        assert!(!accepted || !there.is_empty(), "after {messages} messages: accepted and lost");
        if !accepted {
            let again = Receiver::default().receive(test.site(), &head, &body).await;
            assert!(again.is_ok(), "after {messages} messages: {again:?}");
        }
        work(test.site(), "the living one", "Administrator", &Crowd::default(), &stop)
            .await
            .expect("worked");
        assert_eq!(
            hooked.event(&id).await,
            ("processed".to_owned(), String::new()),
            "after {messages}"
        );
        let seen = "SELECT CONCAT_WS('|', COUNT(*), MAX(title), (SELECT COUNT(*) FROM `tabGitHub Event`), \
                    (SELECT COUNT(*) FROM erpnext_github_refresh)) FROM `tabRepository Pull Request`";
        assert_eq!(
            test.value(seen).await,
            format!("1|As of {messages}|{messages}|1"),
            "after {messages} messages"
        );
        if is_whole {
            let unanswered = answers.iter().filter(|(accepted, _)| !accepted).count();
            let unworked = answers.iter().filter(|(accepted, worked)| *accepted && !worked).count();
            assert!(
                unanswered > 5 && unworked > 5,
                "it died on either side: {unanswered}, {unworked}"
            );
            return;
        }
    }
    panic!("it never got through");
}
