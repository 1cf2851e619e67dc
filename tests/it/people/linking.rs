//! F-3, F-20: an account on GitHub is one user, an admin says which, and every row of that account follows at once.

use erpnext_github::sim::github::{Collaborator, Permission};
use futures_util::future::join;
use serde_json::json;

use super::CONFINED;
use crate::desk::told_company;
use crate::support::Told;
use crate::support::bench::Bench;
use crate::support::desk::{Answer, Desk};
use crate::support::mirror::Mirror;

const LINK: &str = "erpnext_github_integration.api.link_github_user_to_erp";
const CLAIMS: &str = "SELECT GROUP_CONCAT(github_username, '=', SUBSTRING_INDEX(name, '@', 1) ORDER BY name) FROM tabUser WHERE github_username > ''";

/// The company, with ann as member, assignee and reviewer, and the organisation acme.
async fn with_ann() -> (Mirror, Desk, Told) {
    let (mirror, desk, told) = told_company().await;
    let mut world = mirror.github.world();
    world.organization("acme");
    world.user("ann");
    world.user("ben");
    let web = world.repository("octo/web");
    web.with_member(Collaborator::new("ann", Permission::Pull));
    web.item_mut(1).assigned_to("ann");
    web.with_pull_requests(1);
    let pulls = web.items.values_mut().filter_map(|item| item.pull_request.as_mut());
    pulls.for_each(|pull| pull.reviewers = vec!["ann".to_owned()]);
    drop(world);
    mirror.sync_full("octo/web").await;
    (mirror, desk, told)
}

async fn link(desk: &Desk, login: &str, user: &str) -> Answer {
    desk.post("admin@x.com", LINK, &[("github_username", login), ("erp_user", user)])
        .await
}

async fn users_of(mirror: &Mirror, login: &str) -> Vec<String> {
    let mut users = Vec::new();
    for table in ["Repository Member", "Repository Issue Assignee", "Repository PR Reviewer"] {
        let sql = format!("SELECT user FROM `tab{table}` WHERE github_username = '{login}'");
        users.push(mirror.erp.value(&sql).await);
    }
    users
}

#[tokio::test]
async fn f3_a_link_reaches_every_row_of_the_account_and_what_its_user_may_read() {
    let (mirror, desk, _told) = with_ann().await;
    assert_eq!(users_of(&mirror, "ann").await, ["", "", ""]);
    let answer = link(&desk, "@ANN", "desk@x.com").await;
    let id = mirror.github.world().account("ann").map(|one| one.id).expect("an account");
    assert_eq!(
        answer.message(),
        &json!({
            "success": true,
            "message": "GitHub username ann linked successfully to user desk@x.com",
            "user": "desk@x.com",
            "github_username": "ann",
            "github_user_id": id.to_string(),
            "changed": true,
            "linked_rows": 3,
            "modified": "2026-03-01 07:00:00.000000",
        })
    );
    assert_eq!(users_of(&mirror, "ann").await, ["desk@x.com"; 3]);
    assert!(mirror.erp.value(CONFINED).await.contains("desk>octo/web"));
    let email = "SELECT email FROM `tabRepository Member` WHERE github_username = 'ann'";
    assert_eq!(mirror.erp.value(email).await, "desk@x.com");
    // Once more is nothing more.
    let before = mirror.erp.dump().await;
    let again = link(&desk, "ann", "desk@x.com").await;
    assert_eq!(
        (&again.message()["changed"], &again.message()["linked_rows"]),
        (&json!(false), &json!(0))
    );
    assert!(before == mirror.erp.dump().await);
    // He is another account: the rows of the first are nobody's.
    link(&desk, "ben", "desk@x.com").await.message();
    assert_eq!(users_of(&mirror, "ann").await, ["", "", ""]);
    assert!(!mirror.erp.value(CONFINED).await.contains("desk>octo/web"));
    mirror.finish().await;
}

#[tokio::test]
async fn f3_one_account_is_one_user_and_what_is_none_is_refused_by_name() {
    let (mirror, desk, _told) = with_ann().await;
    link(&desk, "ann", "desk@x.com").await.message();
    let before = mirror.erp.dump().await;
    for (login, user, part) in [
        ("ann", "manager@x.com", "ann is linked to desk@x.com already"),
        ("nobody-here", "manager@x.com", "GitHub has no account nobody-here"),
        ("acme", "manager@x.com", "is an organisation"),
        ("ben", "no-such@x.com", "there is no enabled user no-such@x.com"),
        ("ben", "disabled@x.com", "there is no enabled user"),
        ("ben", "Guest", "there is no enabled user"),
        ("a/../b", "manager@x.com", "is not the login"),
    ] {
        let answer = link(&desk, login, user).await;
        assert_eq!(answer.message()["success"], false, "{answer:?}");
        let error = answer.message()["error"].as_str().unwrap_or_default();
        assert!(error.contains(part), "{error}");
    }
    let missing = link(&desk, "", "manager@x.com").await;
    assert!(
        missing.status == 417 && missing.sentence().contains("`github_username` is missing"),
        "{missing:?}"
    );
    assert!(before == mirror.erp.dump().await);
    mirror.finish().await;
}

#[tokio::test]
async fn f3_nobody_but_an_admin_says_who_is_who() {
    let (mirror, desk, _told) = with_ann().await;
    let before = mirror.erp.value(CLAIMS).await;
    for user in ["desk@x.com", "manager@x.com", "website@x.com"] {
        let arguments = [("github_username", "ann"), ("erp_user", user)];
        assert_eq!(desk.post(user, LINK, &arguments).await.status, 403, "{user}");
    }
    assert_eq!(mirror.erp.value(CLAIMS).await, before);
    mirror.finish().await;
}

#[tokio::test]
async fn f3_of_two_who_are_linked_with_one_account_at_once_one_is() {
    let (mirror, desk, _told) = with_ann().await;
    let (one, other) = join(link(&desk, "ann", "desk@x.com"), link(&desk, "ann", "manager@x.com")).await;
    let linked = [&one, &other]
        .into_iter()
        .filter(|answer| answer.message()["success"] == true);
    assert_eq!(linked.count(), 1, "{one:?} {other:?}");
    let claims = mirror.erp.value(CLAIMS).await;
    assert_eq!(claims.matches("ann=").count(), 1, "{claims}");
    mirror.finish().await;
}

#[tokio::test]
async fn f3_a_login_that_changed_hands_is_whose_it_is_now() {
    let (mirror, desk, _told) = with_ann().await;
    link(&desk, "ann", "desk@x.com").await.message();
    let mut world = mirror.github.world();
    world.rename_account("ann", "annie");
    world.user("ann");
    drop(world);
    let answer = link(&desk, "ann", "manager@x.com").await;
    assert_eq!(
        answer.message()["success"],
        true,
        "the first one is another account by his id"
    );
    link(&desk, "annie", "desk@x.com").await.message();
    assert!(mirror.erp.value(CLAIMS).await.contains("annie=desk"));
    mirror.finish().await;
}

#[tokio::test]
async fn a_profile_is_ones_own_and_notes_the_accounts_number() {
    let (mirror, desk, _told) = with_ann().await;
    let profile = "erpnext_github_integration.api.sync_user_github_profile";
    let answer = desk.post("pusher@x.com", profile, &[]).await;
    assert_eq!(answer.message()["success"], true);
    assert_eq!(answer.message()["github_info"]["login"], "pusher");
    let id = "SELECT github_user_id FROM tabUser WHERE name = 'pusher@x.com'";
    assert_eq!(mirror.erp.value(id).await, answer.message()["github_info"]["id"].to_string());
    assert_eq!(answer.message()["filled"], json!([]), "it shows nothing else");
    let nobody = desk.post("desk@x.com", profile, &[]).await;
    assert!(
        nobody.sentence().starts_with("GitHub username not set for current user"),
        "{nobody:?}"
    );
    // The login is somebody else's by now.
    mirror.github.world().rename_account("pusher", "pushed");
    let gone = desk.post("pusher@x.com", profile, &[]).await;
    assert!(gone.sentence().contains("GitHub has no account pusher"), "{gone:?}");
    mirror.github.world().user("pusher");
    let other = desk.post("pusher@x.com", profile, &[]).await;
    assert!(other.sentence().contains("somebody else on GitHub"), "{other:?}");
    mirror.finish().await;
}

#[tokio::test]
async fn what_is_empty_on_ones_user_is_filled_through_the_bench_and_nothing_else() {
    let (mirror, desk, _told) = with_ann().await;
    let bench = Bench::of(&mirror.erp).await;
    let erp = mirror.erp.erp();
    let own = [
        ("user", "pusher@x.com"),
        ("share_doctype", "User"),
        ("share_name", "pusher@x.com"),
        ("read", "1"),
        ("write", "1"),
    ];
    erp.insert("DocShare", "own", &own)
        .await
        .expect("Frappe shares each user with himself");
    erp.set("User", "pusher@x.com", "location", "Here").await.expect("set");
    let mut world = mirror.github.world();
    let account = world.user("pusher");
    (account.bio, account.location) = (Some("Pushes".to_owned()), Some("There".to_owned()));
    drop(world);
    let profile = "erpnext_github_integration.api.sync_user_github_profile";
    let stored = "SELECT CONCAT_WS('|', bio, location) FROM tabUser WHERE name = 'pusher@x.com'";
    Bench::down(&mirror.erp);
    let away = desk.post("pusher@x.com", profile, &[]).await;
    let warning = away.message()["warning"].as_str().unwrap_or_default();
    assert!(warning.contains("does not answer"), "{away:?}");
    assert_eq!(mirror.erp.value(stored).await, "Here");
    bench.up(&mirror.erp);
    let answer = desk.post("pusher@x.com", profile, &[]).await;
    assert_eq!(answer.message()["filled"], json!(["bio"]), "{answer:?}");
    assert_eq!(mirror.erp.value(stored).await, "Pushes|Here");
    let again = desk.post("pusher@x.com", profile, &[]).await;
    assert_eq!(again.message()["filled"], json!([]));
    assert_eq!(bench.writes().len(), 1);
    mirror.finish().await;
}

#[tokio::test]
async fn d13_while_old_copies_cannot_be_dropped_no_user_is_written() {
    let (mirror, desk, mut told) = with_ann().await;
    let before = mirror.erp.value(CLAIMS).await;
    told.redis_mut().stop();
    let answer = link(&desk, "ann", "desk@x.com").await;
    assert_eq!(answer.status, 417, "{answer:?}");
    assert!(
        answer
            .sentence()
            .starts_with("the User desk@x.com cannot be written just now"),
        "{answer:?}"
    );
    assert_eq!(mirror.erp.value(CLAIMS).await, before);
}
