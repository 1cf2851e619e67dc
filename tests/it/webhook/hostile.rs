//! GitHub on a bad day, and people who are not GitHub.

use chrono::TimeDelta;
use erpnext_github::sync::refresh_due;
use erpnext_github::webhook::signature::{HEADER, sign};
use erpnext_github::webhook::{Crowd, Head, Receiver, work};
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use super::{Hooked, PATH};
use crate::support::desk::Desk;

impl Hooked {
    /// Takes a delivery in and leaves it there.
    pub(super) async fn receive(&self, receiver: &Receiver, id: &str, event: &str, payload: &Value) {
        let body = payload.to_string().into_bytes();
        let head = Head {
            content_type: "application/json".to_owned(),
            signature: sign(&self.secret, &body),
            event: event.to_owned(),
            delivery: id.to_owned(),
            ..Head::default()
        };
        receiver.receive(self.mirror.site(), &head, &body).await.expect("accepted");
    }

    pub(super) async fn work(&self) {
        let stop = CancellationToken::new();
        work(self.mirror.site(), "a worker", "Administrator", &Crowd::default(), &stop)
            .await
            .expect("worked");
    }

    /// A delivery whose body is just that text, signed.
    async fn send_text(&self, id: &str, event: &str, text: &str) -> (u16, Value) {
        let body = text.as_bytes().to_vec();
        let signature = sign(&self.secret, &body);
        let headers = [
            ("x-github-delivery", id),
            ("x-github-event", event),
            (HEADER, signature.as_str()),
        ];
        let answer = self.send(&headers, body).await;
        self.desk.ended().await;
        answer
    }

    /// Begins a request by hand.
    async fn begin(&self, headers: &str, body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.desk.base().trim_start_matches("http://"))
            .await
            .expect("a connection");
        let site = self.mirror.site().name();
        let head =
            format!("POST {PATH} HTTP/1.1\r\nHost: x\r\nX-Frappe-Site-Name: {site}\r\n{headers}Connection: close\r\n\r\n{body}");
        stream.write_all(head.as_bytes()).await.expect("sent");
        stream
    }
}

pub(super) async fn with_an_issue() -> (Hooked, Value) {
    let hooked = Hooked::new(|world| {
        world.repository("octo/web").open_issue("As it was");
    })
    .await;
    let issue = hooked.object("repos/octo/web/issues/1").await;
    let payload = hooked.payload("edited", json!({"issue": issue})).await;
    (hooked, payload)
}

#[tokio::test]
async fn bodies_that_are_announced_and_never_come_keep_nobody_out() {
    let (hooked, payload) = with_an_issue().await;
    let mut open = Vec::new();
    for _ in 0..40 {
        open.push(hooked.begin("Content-Length: 26214400\r\n", "{").await);
    }
    assert_eq!(hooked.deliver("good", "issues", &payload).await, 202);
    drop(open);
}

#[tokio::test]
async fn a_body_is_as_long_as_it_says_or_is_not_taken() {
    let (hooked, payload) = with_an_issue().await;
    let body = payload.to_string();
    let signed = format!(
        "{HEADER}: {}\r\nX-GitHub-Event: issues\r\nX-GitHub-Delivery: one\r\nContent-Type: application/json\r\n",
        sign(&hooked.secret, body.as_bytes())
    );
    for (length, expected) in [(body.len() - 1, "401"), (26_214_401, "413")] {
        let mut stream = hooked.begin(&format!("{signed}Content-Length: {length}\r\n"), &body).await;
        let mut answer = Vec::new();
        let _end = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(answer.starts_with(&format!("HTTP/1.1 {expected}")), "{length}: {answer}");
    }
    // Longer than what comes: the connection ends before the body does.
    let mut stream = hooked
        .begin(&format!("{signed}Content-Length: {}\r\n", body.len() + 1), &body)
        .await;
    stream.shutdown().await.expect("shut");
    let mut answer = Vec::new();
    let _end = stream.read_to_end(&mut answer).await;
    assert!(!String::from_utf8_lossy(&answer).starts_with("HTTP/1.1 2"));
    assert_eq!(hooked.count("tabGitHub Event").await, "0");
}

#[tokio::test]
async fn one_id_is_one_delivery_in_any_case_and_another_body_under_it_changes_nothing() {
    let (hooked, mut payload) = with_an_issue().await;
    assert_eq!(hooked.deliver("ABCDEF-01", "issues", &payload).await, 202);
    payload["issue"]["title"] = json!("Somebody else's");
    payload["issue"]["updated_at"] = json!("2031-01-01T00:00:00Z");
    assert_eq!(hooked.deliver("abcdef-01", "issues", &payload).await, 200);
    assert_eq!(hooked.count("tabGitHub Event").await, "1");
    let title = hooked.mirror.erp.value("SELECT title FROM `tabRepository Issue`").await;
    assert_eq!(title, "As it was");
    // An id that is none, and an event that is none, are kept out of names.
    for id in ["a b", "../../etc", "'; DROP TABLE x", &"x".repeat(400)] {
        payload["issue"]["body"] = json!(id);
        assert_eq!(hooked.deliver(id, &"e".repeat(400), &payload).await, 202, "{id}");
    }
    assert_eq!(hooked.count("tabGitHub Event").await, "5");
}

#[tokio::test]
async fn a_delivery_whose_row_somebody_removed_by_hand_is_taken_again() {
    let (hooked, mut payload) = with_an_issue().await;
    assert_eq!(hooked.deliver("one", "issues", &payload).await, 202);
    hooked
        .mirror
        .erp
        .scratch()
        .execute("DELETE FROM `tabGitHub Event`")
        .await
        .expect("removed");
    payload["issue"]["title"] = json!("Later");
    payload["issue"]["updated_at"] = json!("2031-01-01T00:00:00Z");
    assert_eq!(hooked.deliver("one", "issues", &payload).await, 202);
    assert_eq!(hooked.event("one").await, ("processed".to_owned(), String::new()));
    let title = hooked.mirror.erp.value("SELECT title FROM `tabRepository Issue`").await;
    assert_eq!(title, "Later");
}

#[tokio::test]
async fn a_row_that_somebody_emptied_by_hand_stops_neither_intake_nor_work() {
    let (hooked, payload) = with_an_issue().await;
    assert_eq!(hooked.deliver("one", "issues", &payload).await, 202);
    let rows = "UPDATE `tabGitHub Event` SET status = NULL, event = NULL";
    hooked.mirror.erp.query(rows).await;
    assert_eq!(hooked.deliver("one", "issues", &payload).await, 200);
    let waits = "UPDATE `tabGitHub Event` SET status = 'unprocessed'";
    hooked.mirror.erp.query(waits).await;
    assert_eq!(hooked.deliver("two", "issues", &payload).await, 202);
    assert_eq!(hooked.event("two").await.0, "processed");
    assert_eq!(hooked.event("one").await.0, "unhandled");
}

#[tokio::test]
async fn the_signature_may_be_in_capitals_and_a_form_means_its_first_payload() {
    let (hooked, payload) = with_an_issue().await;
    let body = payload.to_string().into_bytes();
    let signature = sign(&hooked.secret, &body);
    let capitals = format!("sha256={}", signature["sha256=".len()..].to_ascii_uppercase());
    for (header, expected) in [
        (signature.to_ascii_uppercase(), 401),
        (format!("{signature}00"), 401),
        (format!("{signature},{signature}"), 401),
        (capitals, 202),
    ] {
        let headers = [
            ("x-github-delivery", "one"),
            ("x-github-event", "issues"),
            (HEADER, header.as_str()),
        ];
        let (status, answer) = hooked.send(&headers, body.clone()).await;
        assert_eq!(status, expected, "{header}: {answer}");
    }
    let mut second = payload.clone();
    second["action"] = json!("second");
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("payload", &payload.to_string())
        .append_pair("payload", &second.to_string())
        .finish();
    let signature = sign(&hooked.secret, form.as_bytes());
    let headers = [
        ("x-github-delivery", "two"),
        ("x-github-event", "issues"),
        ("content-type", "application/x-www-form-urlencoded"),
        (HEADER, signature.as_str()),
    ];
    let (status, answer) = hooked.send(&headers, form.into_bytes()).await;
    assert_eq!(status, 202, "{answer}");
    let action = hooked
        .mirror
        .erp
        .value("SELECT action FROM `tabGitHub Event` WHERE name = 'two'")
        .await;
    assert_eq!(action, "edited");
}

#[tokio::test]
async fn odd_json_is_refused_or_comes_to_an_end() {
    let (hooked, payload) = with_an_issue().await;
    let id = payload["repository"]["id"].to_string();
    let repository = format!("\"repository\": {{\"id\": {id}, \"full_name\": \"octo/web\"}}");
    let deep = format!(
        "{{\"action\": \"x\", {repository}, \"issue\": {}1{}}}",
        "[".repeat(200_000),
        "]".repeat(200_000)
    );
    let deep_objects = format!("{{\"repository\": {}1{}}}", "{\"a\": ".repeat(100_000), "}".repeat(100_000));
    let cases = [
        (deep.as_str(), 202, "errored"),
        (&deep_objects, 400, ""),
        (&format!("{{\"action\": \"a\", \"action\": \"b\", {repository}}}"), 400, ""),
        (&format!("{{\"action\": [], {repository}, \"issue\": []}}"), 202, "errored"),
        (
            &format!("{{\"action\": \"x\", {repository}, \"issue\": {{\"title\": \"\\ud800\"}}}}"),
            202,
            "errored",
        ),
        ("{\"repository\": {\"id\": 18446744073709551616}}", 202, "ignored"),
        ("{\"repository\": {\"id\": -1, \"full_name\": []}}", 202, "ignored"),
        ("{\"repository\": {\"id\": 9007199254740993}}", 202, "ignored"),
        ("\u{feff}{}", 400, ""),
        ("{\"a\": NaN}", 400, ""),
        ("{} {}", 400, ""),
    ];
    for (number, (text, status, end)) in cases.into_iter().enumerate() {
        let shown: String = text.chars().take(80).collect();
        let id = format!("odd-{number}");
        let (answered, answer) = hooked.send_text(&id, "issues", text).await;
        assert_eq!(answered, status, "{shown}: {answer}");
        assert_eq!(hooked.event(&id).await.0, end, "{shown}");
    }
    assert_eq!(hooked.deliver("good", "issues", &payload).await, 202);
    assert_eq!(hooked.event("good").await.0, "processed");
}

#[tokio::test]
async fn a_repository_that_is_switched_off_removed_or_renamed_meanwhile_is_met_as_it_is_then() {
    let (hooked, payload) = with_an_issue().await;
    let (receiver, scratch) = (Receiver::default(), hooked.mirror.erp.scratch());
    let state = async |sql: &str, id: &str| {
        hooked.receive(&receiver, id, "issues", &payload).await;
        scratch.execute(sql).await.expect("changed");
        hooked.work().await;
        hooked.event(id).await
    };
    let not_followed = ("ignored".to_owned(), "not followed".to_owned());
    assert_eq!(state("UPDATE tabRepository SET enabled = 0", "off").await, not_followed);
    assert_eq!(hooked.count("erpnext_github_payload").await, "0");
    let renamed = "UPDATE tabRepository SET enabled = 1, name = 'octo/moved', full_name = 'octo/moved'";
    assert_eq!(state(renamed, "renamed").await.0, "processed");
    assert_eq!(state("DELETE FROM tabRepository", "removed").await, not_followed);
}

#[tokio::test]
async fn five_hundred_deliveries_of_one_issue_within_a_second_are_few_reads() {
    let (hooked, mut payload) = with_an_issue().await;
    hooked.mirror.erp.clock().advance(TimeDelta::seconds(5));
    hooked.change(|world| world.repository("octo/web").edit(1).title = "The last word".to_owned());
    let last = hooked.object("repos/octo/web/issues/1").await;
    payload["issue"]["updated_at"] = last["updated_at"].clone();
    let receiver = Receiver::default();
    let payloads: Vec<(String, Value)> = (0..500)
        .map(|number| {
            let mut one = payload.clone();
            one["issue"]["title"] = json!(format!("Word {number}"));
            (format!("burst-{number}"), one)
        })
        .collect();
    hooked.receive(&receiver, "the-first", "issues", &payload).await;
    join_all(payloads.iter().map(|(id, one)| hooked.receive(&receiver, id, "issues", one))).await;
    hooked.mirror.github.forget_requests();
    tokio::join!(hooked.work(), hooked.work());
    refresh_due(&hooked.mirror.context().await).await.expect("read");
    let ended = "SELECT CONCAT_WS('|', COUNT(*), SUM(status = 'processed')) FROM `tabGitHub Event`";
    assert_eq!(hooked.mirror.erp.value(ended).await, "501|501");
    let title = hooked.mirror.erp.value("SELECT title FROM `tabRepository Issue`").await;
    assert_eq!(title, "The last word", "which of them was the last one is read");
    let asked = hooked.mirror.github.requests().len();
    assert!(asked <= 6, "{asked} requests");
    assert_eq!(hooked.count("erpnext_github_refresh").await, "0");
}

#[tokio::test]
async fn f24_one_odd_text_stops_nothing_of_its_delivery() {
    let (hooked, mut payload) = with_an_issue().await;
    payload["issue"]["title"] = json!("TITLE");
    payload["issue"]["updated_at"] = json!("2031-01-01T00:00:00Z");
    payload["repository"]["description"] = json!("DESCRIPTION");
    let text = payload.to_string().replace("TITLE", "half \\ud83d of a smile");
    let text = text.replace("DESCRIPTION", "\\udc00");
    let (status, answer) = hooked.send_text("odd", "issues", &text).await;
    assert_eq!(status, 202, "{answer}");
    assert_eq!(hooked.event("odd").await, ("processed".to_owned(), String::new()));
    let title = "SELECT title FROM `tabRepository Issue`";
    assert_eq!(hooked.value(title).await, "half \u{fffd} of a smile");
    Desk::log_in(&hooked.mirror, "Administrator").await;
    let method = "erpnext_github_integration.desk.event_payload";
    let shown = hooked.desk.get("Administrator", method, &[("delivery", "odd")]).await;
    assert_eq!(shown.message()["payload"]["issue"]["title"], "half \u{fffd} of a smile");
    hooked.mirror.finish().await;
}

/// The signature covers the body alone: whoever heard a delivery may send its body under another header.
#[tokio::test]
async fn f24_a_heard_delivery_sent_under_another_event_takes_nothing_away() {
    let (hooked, mut payload) = with_an_issue().await;
    payload["action"] = json!("deleted");
    payload["comment"] = json!({"id": 5, "body": "x", "issue_url": payload["issue"]["url"]});
    assert_eq!(hooked.deliver("forged", "issues", &payload).await, 202);
    let (status, reason) = hooked.event("forged").await;
    assert_eq!(status, "unhandled", "{reason}");
    assert!(reason.contains("is of a comment"), "{reason}");
    assert_eq!(hooked.count("tabRepository Issue").await, "1");
    hooked.mirror.finish().await;
}
