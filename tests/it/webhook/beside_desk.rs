//! What somebody does in the desk comes back as a delivery: before its answer was mirrored, while it is, and after it. The rows are those
//! of a sync in any case.

use erpnext_github::sim::github::{Effect, Fault, Gate, World};
use erpnext_github::sim::site::FrappeMajor;
use futures_util::future::join_all;
use serde_json::Value;

use super::deliver;
use crate::desk::company;
use crate::support::TestSite;
use crate::support::desk::{Answer, Desk};
use crate::support::mirror::Mirror;

const GITHUB_API: &str = "erpnext_github_integration.github_api.";
const WEB: (&str, &str) = ("repo_full_name", "octo/web");

/// Something that is done in the desk.
struct Press {
    method: &'static str,
    form: &'static [(&'static str, &'static str)],
    /// Where GitHub is asked for it, and where it is looked for when its answer is lost.
    paths: [&'static str; 2],
}

const PRESSES: [Press; 4] = [
    Press {
        method: "create_issue",
        form: &[
            WEB,
            ("title", "It breaks"),
            ("body", "Really"),
            ("labels", "bug"),
            ("assignees", "pusher"),
        ],
        paths: ["POST /repos/octo/web/issues", "GET /repos/octo/web/issues"],
    },
    Press {
        method: "assign_issue",
        form: &[WEB, ("issue_number", "1"), ("assignees", "[\"pusher\"]")],
        paths: ["PATCH /repos/octo/web/issues/1", "GET /repos/octo/web/issues/1"],
    },
    Press {
        method: "create_pull_request",
        form: &[WEB, ("title", "Mend it"), ("head", "fix/b"), ("base", "main")],
        paths: ["POST /repos/octo/web/pulls", "GET /repos/octo/web/pulls"],
    },
    Press {
        method: "add_pr_reviewer",
        form: &[WEB, ("pr_number", "4"), ("reviewers", "[\"pusher\"]")],
        paths: [
            "POST /repos/octo/web/pulls/4/requested_reviewers",
            "GET /repos/octo/web/pulls/4",
        ],
    },
];

/// The company of the desk's tests, whose repository has a pull request, number 4, and a branch for another one.
async fn at_work() -> (Mirror, Desk) {
    let (mirror, desk) = company().await;
    {
        let mut world = mirror.github.world();
        let web = world.repository("octo/web");
        web.push("fix/a");
        web.push("fix/b");
        web.open_pull_request("First", "fix/a");
    }
    mirror.sync("octo/web").await;
    (mirror, desk)
}

impl Press {
    async fn press(&self, desk: &Desk) -> Answer {
        let answer = desk
            .post("admin@x.com", &format!("{GITHUB_API}{}", self.method), self.form)
            .await;
        assert_eq!(answer.status, 200, "{}: {answer:?}", self.method);
        answer
    }

    fn fault(&self, at: usize, effect: Effect) -> Fault {
        let (verb, path) = self.paths[at].split_once(' ').expect("a verb and a path");
        Fault::on(path, effect).of_method(verb)
    }
}

/// Delivers what GitHub tells of what changed since `before`; each is taken.
async fn told(mirror: &Mirror, desk: &Desk, before: &World, name: &str) {
    for (number, delivery) in mirror.github.deliveries_since(before).iter().enumerate() {
        let id = format!("{}-{number}", name.replace(['_', ' '], "-"));
        let payload: Value = serde_json::from_str(&delivery.payload).expect("JSON");
        assert_eq!(deliver(mirror, desk, (&id, delivery.event), &payload).await, 202);
    }
}

/// Every delivery was worked on, and the rows are those of a full sync of the same world.
async fn as_a_sync_would_have_it(mirror: Mirror, what: &str) {
    let open = mirror
        .erp
        .query("SELECT name, status, reason FROM `tabGitHub Event` WHERE status <> 'processed'")
        .await;
    assert!(open.is_empty(), "{what}: {open:?}");
    assert_eq!(
        mirror.erp.value("SELECT COUNT(*) FROM erpnext_github_refresh").await,
        "0",
        "{what}"
    );
    let world = mirror.github.world().clone();
    let erp = TestSite::new(FrappeMajor::V15).await;
    let clock = erp.site().clock().clone();
    let fresh = Mirror::on(erp, |new| *new = world.with_clock(clock)).await;
    for repository in ["octo/web", "octo/secret"] {
        fresh.sync(repository).await;
    }
    let users = |rows: Vec<String>| -> Vec<String> {
        // Who is whose user, the fresh site does not know.
        rows.into_iter()
            .map(|row| row.replace("pusher@x.com", "-").replace("member@x.com", "-"))
            .collect()
    };
    let (told, read) = (users(mirror.owned().await), users(fresh.owned().await));
    assert_eq!(told, read, "{what}");
    mirror.finish().await;
}

#[tokio::test]
async fn g_a_press_and_its_delivery_afterwards_end_in_the_rows_of_a_sync() {
    let (mirror, desk) = at_work().await;
    for press in &PRESSES {
        let before = mirror.github.world().clone();
        press.press(&desk).await;
        told(&mirror, &desk, &before, press.method).await;
    }
    as_a_sync_would_have_it(mirror, "after").await;
}

/// GitHub did it and its answer is lost; the delivery is here before anybody finds that out.
#[tokio::test]
async fn g_a_delivery_that_comes_before_the_answer_is_mirrored_ends_in_the_rows_of_a_sync() {
    for press in &PRESSES {
        let (mirror, desk) = at_work().await;
        let before = mirror.github.world().clone();
        let gate = Gate::closed();
        mirror
            .github
            .world()
            .faults
            .extend([press.fault(0, Effect::Lost), press.fault(1, Effect::Held(gate.clone()))]);
        let other = Desk::of(&mirror).await;
        let early = async {
            gate.reached(1).await;
            // Brought by a process of its own, so that it does not wait for the press.
            told_at_once(&mirror, &other, &before, press.method).await;
            gate.open();
        };
        tokio::join!(press.press(&desk), early);
        other.ended().await;
        as_a_sync_would_have_it(mirror, press.method).await;
    }
}

/// As [`told`], without waiting for what is read from GitHub afterwards: that is held, too.
async fn told_at_once(mirror: &Mirror, desk: &Desk, before: &World, name: &str) {
    let deliveries = mirror.github.deliveries_since(before);
    assert_ne!(deliveries, [], "GitHub tells of {name}");
    let bringing = deliveries.iter().enumerate().map(|(number, delivery)| async move {
        let id = format!("{}-{number}", name.replace('_', "-"));
        let payload: Value = serde_json::from_str(&delivery.payload).expect("JSON");
        deliver(mirror, desk, (&id, delivery.event), &payload).await
    });
    let processed = async {
        let sql = "SELECT COUNT(*) FROM `tabGitHub Event` WHERE status = 'processed'";
        let wanted = deliveries.len().to_string();
        while mirror.erp.value(sql).await != wanted {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = join_all(bringing) => {}
        () = processed => {}
    }
}

/// Presses and deliveries meet at every moment that chance offers.
#[tokio::test]
async fn g_deliveries_that_come_while_answers_are_mirrored_end_in_the_rows_of_a_sync() {
    let (mirror, desk) = at_work().await;
    let other = Desk::of(&mirror).await;
    let first = mirror.github.world().clone();
    let (done, is_done) = tokio::sync::oneshot::channel::<()>();
    let presses = async {
        for round in 0..3 {
            for press in &PRESSES[..2 + usize::from(round == 0) * 2] {
                press.press(&desk).await;
            }
        }
        drop(done);
    };
    let deliveries = async {
        let mut before = first.clone();
        let (mut round, mut is_done) = (0, is_done);
        loop {
            let is_over = is_done.try_recv() == Err(tokio::sync::oneshot::error::TryRecvError::Closed);
            let now = mirror.github.world().clone();
            told(&mirror, &other, &before, &format!("round {round}")).await;
            (before, round) = (now, round + 1);
            if is_over {
                break;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(presses, deliveries);
    as_a_sync_would_have_it(mirror, "beside each other").await;
}
