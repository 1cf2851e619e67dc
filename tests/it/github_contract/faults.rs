//! What goes wrong when it is told to.

use std::time::Duration;

use erpnext_github::sim::github::{Effect, Fault, Gate, World};
use serde_json::json;

use super::probe::Probe;

async fn probe() -> Probe {
    let mut world = World::default();
    world.repository("acme/web").with_issues(120);
    Probe::new(world).await
}

const ISSUES: &str = "/repos/acme/web/issues?state=all&per_page=100";

#[tokio::test]
async fn a_status_is_answered_as_often_as_told_and_in_githubs_form() {
    let probe = probe().await;
    probe
        .fake
        .world()
        .faults
        .push(Fault::status("/repos/acme/web/issues", 502).after(1).times(1));
    let first = probe.ok("/repos/acme/web/issues?state=all&per_page=60").await;
    let next = first.link("next").expect("more");
    assert!(
        next.contains("/repositories/"),
        "asked for by id, it meets the fault all the same"
    );
    let failed = probe.get(&next).await;
    assert_eq!((failed.status, failed.header("x-ratelimit-limit")), (502, None));
    probe.ok(&next).await;
    probe.done();
}

#[tokio::test]
async fn truncated_and_empty_bodies_come_over_a_whole_connection() {
    let probe = probe().await;
    probe.fake.world().faults.extend([
        Fault::on("/repos/*/issues", Effect::Truncated),
        Fault::on("/repos/*/issues", Effect::Empty),
    ]);
    let truncated = probe.send(ISSUES, &[]).await.expect("a whole answer");
    assert_eq!(truncated.status, 200);
    assert!(truncated.body.len() > 1_000 && serde_json::from_str::<serde_json::Value>(&truncated.body).is_err());
    let empty = probe.send(ISSUES, &[]).await.expect("a whole answer");
    assert_eq!((empty.status, empty.body.as_str()), (200, ""));
    assert_eq!(probe.ok(ISSUES).await.numbers().len(), 100);
    probe.done();
}

#[tokio::test]
async fn a_reset_breaks_the_connection_before_or_within_the_body() {
    let probe = probe().await;
    probe.fake.world().faults.extend([
        Fault::on("/repos/*/issues", Effect::Refused),
        Fault::on("/repos/*/issues", Effect::Reset),
    ]);
    let refused = probe.send(ISSUES, &[]).await.expect_err("no answer");
    assert!(refused.is_request(), "{refused:?}");
    let reset = probe.send(ISSUES, &[]).await.expect_err("half an answer");
    assert!(reset.is_body() || reset.is_decode(), "{reset:?}");
    assert_eq!(probe.ok(ISSUES).await.numbers().len(), 100, "the next connection is whole");
    let statuses: Vec<u16> = probe.fake.requests().iter().map(|request| request.status).collect();
    assert_eq!(statuses, [0, 200, 200]);
    probe.done();
}

#[tokio::test]
async fn secondary_limits_come_with_and_without_a_time() {
    let probe = probe().await;
    for (status, retry_after) in [(403, Some(60)), (429, None)] {
        let effect = Effect::SecondaryLimit { status, retry_after };
        probe.fake.world().faults.push(Fault::on("*", effect));
        let reply = probe.get("/user").await;
        assert_eq!(reply.status, status);
        assert_eq!(
            reply.header("retry-after"),
            retry_after.map(|seconds| seconds.to_string()).as_deref()
        );
        assert!(reply.body.contains("secondary rate limit"));
        assert_ne!(reply.header("x-ratelimit-remaining"), Some("0"));
    }
    probe.done();
}

#[tokio::test]
async fn a_gate_holds_a_request_while_the_world_changes() {
    let probe = probe().await;
    let gate = Gate::closed();
    probe
        .fake
        .world()
        .faults
        .push(Fault::on("/repos/acme/web", Effect::Held(gate.clone())));
    let (reply, ()) = tokio::join!(probe.ok("/repos/acme/web"), async {
        gate.reached(1).await;
        assert_eq!(probe.fake.requests()[0].status, 0, "it was recorded when it came");
        probe.fake.world().repository("acme/web").description = Some("Changed meanwhile".to_owned());
        gate.open();
    });
    assert_eq!(reply.json()["description"], "Changed meanwhile");
    probe.done();
}

#[tokio::test]
async fn an_answer_can_be_edited_and_delayed() {
    let probe = probe().await;
    probe.fake.world().faults.extend([
        Fault::on("/repos/*/issues", Effect::Delayed(Duration::from_millis(1))),
        Fault::edit("/repos/*/issues", |page| page[1]["number"] = json!("none")),
    ]);
    let odd = probe.send(ISSUES, &[]).await.expect("an answer").json();
    assert_eq!(odd[1]["number"], "none");
    assert!(odd[0]["number"].is_u64());
    assert_eq!(probe.fake.requests()[0].fault.as_deref(), Some("[delayed by 1ms, edited]"));
    probe.done();
}

#[tokio::test]
async fn graphql_can_answer_errors_with_200_or_time_out() {
    let probe = probe().await;
    let error = json!({ "message": "Something went wrong while executing your query." });
    probe.fake.world().faults.extend([
        Fault::on("/graphql", Effect::GraphqlErrors(vec![error.clone()])).containing("viewer"),
        Fault::status("/graphql", 502).containing("viewer"),
    ]);
    let query = "{ viewer { login } }";
    let first = probe.graphql_unchecked(query, json!({})).await;
    assert_eq!((first.status, first.json()), (200, json!({ "errors": [error] })));
    assert_eq!(probe.graphql_unchecked(query, json!({})).await.status, 502);
    assert_eq!(probe.data(query, json!({})).await["viewer"]["login"], "mona");
    probe.done();
}

#[tokio::test]
async fn a_stopped_fake_cannot_be_reached() {
    let probe = probe().await;
    probe.ok("/user").await;
    let Probe { fake, .. } = probe;
    let url = format!("{}/user", fake.base_url());
    fake.stop().await;
    let error = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client")
        .get(url)
        .send()
        .await;
    assert!(error.expect_err("nobody there").is_connect());
}

const NEW: &str = "/repos/acme/web/issues";

async fn opened(probe: &Probe) -> usize {
    let found = probe
        .fake
        .world()
        .repository("acme/web")
        .items
        .values()
        .filter(|item| item.title == "New")
        .count();
    let listed = probe
        .ok("/repos/acme/web/issues?state=all&per_page=5")
        .await
        .body
        .matches("\"title\":\"New\"")
        .count();
    assert_eq!(found, listed);
    found
}

#[tokio::test]
async fn a_write_can_be_done_while_its_answer_is_lost() {
    let probe = probe().await;
    let new = json!({ "title": "New" });
    probe.fake.world().faults.extend([
        Fault::on(NEW, Effect::Lost).of_method("POST"),
        Fault::on(NEW, Effect::DoneBut { status: 502 }).of_method("POST"),
    ]);
    assert_eq!(opened(&probe).await, 0, "reads are not concerned");
    let lost = probe.send_write("POST", NEW, new.to_string()).await.expect_err("no answer");
    assert!(lost.is_request(), "{lost:?}");
    assert_eq!(opened(&probe).await, 1);
    assert_eq!(probe.write("POST", NEW, new).await.status, 502);
    assert_eq!(opened(&probe).await, 2);
    let faults: Vec<_> = probe
        .fake
        .requests()
        .into_iter()
        .filter_map(|request| request.fault)
        .collect();
    assert_eq!(faults, ["[done, then reset]", "[done, then answers 502]"]);
    probe.done();
}

#[tokio::test]
async fn a_write_that_is_refused_or_never_arrives_is_not_done() {
    let probe = probe().await;
    let new = json!({ "title": "New" });
    let limited = Effect::SecondaryLimit {
        status: 403,
        retry_after: Some(60),
    };
    probe.fake.world().faults.extend([
        Fault::on("*", limited).of_method("POST").containing("New"),
        Fault::status(NEW, 503).of_method("POST"),
        Fault::on(NEW, Effect::Refused).of_method("POST"),
    ]);
    let limited = probe.write("POST", NEW, new.clone()).await;
    assert_eq!((limited.status, limited.header("retry-after")), (403, Some("60")));
    assert_eq!(probe.write("POST", NEW, new.clone()).await.status, 503);
    assert!(probe.send_write("POST", NEW, new.to_string()).await.is_err());
    assert_eq!(opened(&probe).await, 0);
    assert_eq!(probe.write("POST", NEW, new).await.status, 201);
    assert_eq!(opened(&probe).await, 1);
    probe.done();
}
