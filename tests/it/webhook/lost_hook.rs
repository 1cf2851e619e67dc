//! A hook is deleted on GitHub and says so: what is kept right is there again at the next look, not when its turn comes.

use serde_json::json;

use super::Hooked;
use super::hooks::{OURS, hooks, of_guild, reachable, switch, turn};

const SUSPECTS: &str =
    "SELECT IFNULL(GROUP_CONCAT(home), '') FROM erpnext_github_hook WHERE suspect = 1 AND due_at <= UTC_TIMESTAMP()";

#[tokio::test]
async fn f41_a_deleted_hook_that_says_so_is_made_again_at_the_next_look() {
    let mirror = reachable(|_| {}).await;
    switch(&mirror, "octo/web", "1").await;
    turn(&mirror).await;
    assert_eq!(hooks(&mirror, "octo/web").len(), 1);
    turn(&mirror).await;
    let hooked = Hooked::of(mirror).await;
    assert_eq!(hooked.value(SUSPECTS).await, "");
    hooked.happens(|world| world.repository("octo/web").hooks.clear()).await;
    let home = hooked
        .value("SELECT CONCAT('repository:', github_id) FROM tabRepository")
        .await;
    assert_eq!(hooked.value(SUSPECTS).await, home, "at once");
    turn(&hooked.mirror).await;
    let again = hooks(&hooked.mirror, "octo/web");
    assert_eq!(
        (again.len(), again[0].url.as_str()),
        (1, OURS),
        "a day before its turn would have come"
    );
    let told = hooked.value("SELECT error FROM `tabError Log`").await;
    assert!(told.contains("made again within a minute"), "{told}");
    hooked.mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn f41_an_organisations_deleted_hook_is_told_of_and_made_again_though_it_names_no_repository() {
    let mirror = of_guild("Guild").await;
    let hooked = Hooked::of(mirror).await;
    let count = || hooked.mirror.github.world().account("guild").expect("it").hooks.len();
    let id = hooked.mirror.github.world().account("guild").expect("it").hooks[0].id;
    turn(&hooked.mirror).await;
    hooked.change(|world| world.organization("guild").hooks.clear());
    let payload = json!({
        "action": "deleted", "hook_id": id, "hook": {"type": "Organization", "id": id},
        "organization": {"login": "guild", "id": 9}, "sender": {"login": "octo", "id": 1},
    });
    assert_eq!(hooked.deliver("gone", "meta", &payload).await, 202);
    assert_eq!(hooked.event("gone").await, ("processed".to_owned(), String::new()));
    assert_eq!(hooked.value(SUSPECTS).await, "organization:guild");
    let told = hooked.value("SELECT method FROM `tabError Log`").await;
    assert_eq!(told, format!("The webhook {id} of guild was deleted on GitHub"));
    assert_eq!(count(), 0);
    turn(&hooked.mirror).await;
    assert_eq!(count(), 1);
    // Any other delivery without a repository means nothing here.
    let other = json!({"action": "deleted", "hook_id": 5, "sender": {"login": "octo", "id": 1}});
    assert_eq!(hooked.deliver("odd", "meta", &other).await, 202);
    let ended = hooked.event("odd").await;
    assert_eq!(ended, ("ignored".to_owned(), "the delivery names no repository".to_owned()));
    hooked.mirror.finish_with_errors(1).await;
}
