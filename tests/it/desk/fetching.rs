//! `fetch_all_repositories`: F-29, F-30, D6.6.

use erpnext_github::domain::Visibility;
use erpnext_github::sim::github::{Collaborator, Fault, Permission};
use serde_json::{Value, json};

use super::company;
use crate::support::mirror::Mirror;

const FETCH: &str = "erpnext_github_integration.github_api.fetch_all_repositories";

/// An organisation of the token's account, and what it reaches elsewhere.
fn elsewhere(mirror: &Mirror) {
    let mut world = mirror.github.world();
    world.organization("acme").owners.push("octo".to_owned());
    for (name, visibility) in [("acme/inside", Visibility::Internal), ("acme/secret", Visibility::Private)] {
        world.repository(name).with_visibility(visibility);
    }
    world
        .repository("other/shared")
        .with_visibility(Visibility::Private)
        .with_member(Collaborator::new("octo", Permission::Push));
}

async fn stored(mirror: &Mirror) -> String {
    let sql = "SELECT GROUP_CONCAT(name, ' ', is_synced, enabled ORDER BY name SEPARATOR ', ') FROM tabRepository";
    mirror.erp.value(sql).await
}

#[tokio::test]
async fn f30_everything_that_the_token_reaches_is_fetched_and_f29_nothing_of_ours_is_touched() {
    let (mirror, desk) = company().await;
    elsewhere(&mirror);
    mirror
        .erp
        .erp()
        .set("Repository", "octo/secret", "enabled", "0")
        .await
        .expect("set");
    let answer = desk.post("admin@x.com", FETCH, &[]).await;
    let message = answer.message();
    assert_eq!(
        message,
        &json!({
            "success": true, "total": 5, "created": 3, "updated": 0, "unchanged": 2, "failures": [],
            "message": "Successfully fetched 5 repositories. Created: 3, Updated: 0",
        })
    );
    assert_eq!(
        stored(&mirror).await,
        "acme/inside 01, acme/secret 01, octo/secret 10, octo/web 11, other/shared 01"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn d6_6_the_default_organization_is_meant_where_none_is_named() {
    let (mirror, desk) = company().await;
    elsewhere(&mirror);
    let settings = mirror.erp.erp();
    settings
        .set_single("GitHub Settings", "default_organization", "acme")
        .await
        .expect("set");
    for blank in [&[][..], &[("organization", "")], &[("organization", "null")]] {
        let answer = desk.post("admin@x.com", FETCH, blank).await;
        assert_eq!(answer.message()["total"], 2, "{answer:?}");
    }
    let named = desk.post("admin@x.com", FETCH, &[("organization", "octo")]).await;
    assert_eq!(named.message()["total"], 2, "{named:?}");
    let odd = desk.post("admin@x.com", FETCH, &[("organization", "../user")]).await;
    assert_eq!(odd.status, 417, "{odd:?}");
    mirror.finish().await;
}

#[tokio::test]
async fn f30_one_odd_repository_is_named_and_stops_none_of_the_others() {
    let (mirror, desk) = company().await;
    elsewhere(&mirror);
    let odd = |body: &mut Value| body[0]["created_at"] = Value::Null;
    mirror.github.world().faults.push(Fault::edit("/user/repos", odd));
    let answer = desk.post("admin@x.com", FETCH, &[]).await;
    let message = answer.message();
    assert_eq!(message["failures"][0]["repository"], "acme/inside", "{message}");
    let reason = message["failures"][0]["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("time of creation"), "{reason}");
    assert_eq!(
        (&message["success"], &message["created"], &message["total"]),
        (&json!(true), &json!(2), &json!(5))
    );
    mirror.finish().await;
}

#[tokio::test]
async fn f30_a_list_that_breaks_off_is_told_with_what_came_before() {
    let (mirror, desk) = company().await;
    for number in 0..120 {
        mirror.github.world().repository(&format!("octo/many-{number:03}"));
    }
    let refused = Fault::status("/user/repos", 451).after(1).always();
    mirror.github.world().faults.push(refused);
    let answer = desk.post("admin@x.com", FETCH, &[]).await;
    let message = answer.message();
    assert_eq!(
        (&message["success"], &message["created"]),
        (&json!(false), &json!(100)),
        "{message}"
    );
    let sentence = message["message"].as_str().unwrap_or_default();
    assert!(
        sentence.starts_with("Error: GitHub withholds this") && sentence.ends_with("Before that: Created: 100, Updated: 0"),
        "{sentence}"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn f14_a_rename_that_the_list_shows_leaves_all_addresses_to_the_next_sync() {
    let (mirror, desk) = company().await;
    mirror.github.world().rename_repository("octo/web", "octo/site");
    let answer = desk.post("admin@x.com", FETCH, &[]).await;
    assert_eq!(answer.message()["updated"], 1, "{answer:?}");
    let old = "SELECT COUNT(*) FROM `tabRepository Issue` WHERE repository = 'octo/site' AND url LIKE '%octo/web%'";
    assert_eq!(mirror.erp.value(old).await, "3", "the list does not say the issues");
    mirror.sync("octo/site").await;
    assert_eq!(mirror.erp.value(old).await, "0", "the next sync is a whole one");
    mirror.finish().await;
}
