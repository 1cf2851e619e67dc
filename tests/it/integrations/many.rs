//! Accounts with many repositories: followed by lists, shown as far as a list goes.

use erpnext_github::domain::Visibility;
use serde_json::{Value, json};

use super::{call, connect, overview, row, stage};
use crate::support::desk::Desk;
use crate::support::mirror::Mirror;

async fn follow(desk: &Desk, names: &[String]) -> Value {
    let names = json!(names).to_string();
    let arguments = [("integration", "Ours"), ("repositories", names.as_str())];
    call(desk, "follow_repositories", &arguments).await.message().clone()
}

/// What was asked of GitHub since the last time: lists, and repositories one by one.
fn asked(mirror: &Mirror) -> (usize, usize) {
    let all = mirror.github.requests();
    mirror.github.forget_requests();
    let of = |part: &str| all.iter().filter(|one| one.path.contains(part)).count();
    (of("/orgs/acme/repos"), of("/repos/acme/"))
}

#[tokio::test]
async fn more_than_two_hundred_are_followed_by_the_list_and_what_is_followed_costs_nothing() {
    let (mirror, desk) = stage().await;
    connect(&desk, "Ours", "acme").await;
    let mut names: Vec<String> = (0..230).map(|at| format!("acme/part-{at:03}")).collect();
    for name in &names {
        mirror.github.world().repository(name);
    }
    mirror.github.forget_requests();
    names.extend(["acme/none".to_owned(), "not a name".to_owned()]);
    let done = follow(&desk, &names).await;
    assert_eq!((&done["done"], &done["failed"]), (&json!(230), &json!(2)), "{done}");
    let followed = "SELECT COUNT(*) FROM tabRepository WHERE integration = 'Ours' AND enabled = 1";
    assert_eq!(mirror.erp.value(followed).await, "230");
    let (lists, single) = asked(&mirror);
    assert!(lists <= 3 && single <= 10, "{lists} {single}");
    names.truncate(230);
    let again = follow(&desk, &names).await;
    assert_eq!((&again["done"], &again["success"]), (&json!(230), &json!(true)), "{again}");
    assert_eq!(mirror.github.requests().len(), 0, "they are followed already");
    // In the background the call is answered at once.
    let all = json!(names).to_string();
    let arguments = [
        ("integration", "Ours"),
        ("repositories", all.as_str()),
        ("follow", "0"),
        ("background", "1"),
    ];
    let begun = call(&desk, "follow_repositories", &arguments).await;
    assert_eq!(begun.message()["status"], "running", "{begun:?}");
    desk.ended().await;
    assert_eq!(mirror.erp.value(followed).await, "0");
    mirror.finish().await;
}

#[tokio::test]
async fn many_that_github_does_not_show_are_not_asked_for_one_by_one() {
    let (mirror, desk) = stage().await;
    connect(&desk, "Ours", "acme").await;
    let names: Vec<String> = (0..40).map(|at| format!("acme/none-{at}")).collect();
    mirror.github.forget_requests();
    let done = follow(&desk, &names).await;
    assert_eq!((&done["done"], &done["failed"]), (&json!(0), &json!(40)), "{done}");
    assert_eq!(asked(&mirror).1, 0);
    mirror.finish().await;
}

#[tokio::test]
async fn a_list_that_is_cut_says_so_and_nothing_of_what_lies_beyond() {
    let (mirror, desk) = stage().await;
    connect(&desk, "Ours", "acme").await;
    // First and last, whatever the list goes by.
    let ends = ["acme/0-first", "acme/zz-last"];
    let private = |name: &str| {
        mirror.github.world().repository(name).with_visibility(Visibility::Private);
    };
    private(ends[0]);
    for at in 0..2_010 {
        mirror.github.world().repository(&format!("acme/part-{at:04}"));
    }
    private(ends[1]);
    let done = follow(&desk, &ends.map(str::to_owned)).await;
    assert_eq!(done["done"], 2, "one that is beyond is followed by its name: {done}");
    let shown = overview(&desk, "Ours").await;
    assert_eq!(shown["cut"], 2000);
    for name in ends {
        let one = row(&shown, name);
        assert_eq!((&one["reason"], &one["followed"]), (&Value::Null, &json!(true)), "{one}");
    }
    mirror.finish().await;
}
