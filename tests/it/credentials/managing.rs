//! Who may do what, and webhooks: an administrator who is connected changes them in his own name.

use erpnext_github::sim::github::Permission;

use super::person::{connect, set};
use crate::frappe::redis_server::RedisServer;
use crate::support::desk::{Answer, Desk};
use crate::support::mirror::Mirror;

const ADMIN: &str = "admin@x.com";
/// What was done, for whom, and in whose name.
const ROWS: &str = "SELECT GROUP_CONCAT(CONCAT_WS(' ', kind, SUBSTRING_INDEX(asked_by, '@', 1), acting_as, acting_login, status) \
                    ORDER BY kind, acting_login) FROM `tabGitHub Write`";

/// An organisation of two owners: the site's token is octo's, and boss is the administrator's account.
async fn stage() -> (Mirror, Desk, RedisServer) {
    let (mirror, desk, redis) = super::acting::stage().await;
    {
        let mut world = mirror.github.world();
        world.user("boss");
        let owners = ["octo", "boss"].map(str::to_owned);
        world.organization("acme").owners.extend(owners);
        world.team("acme", "core");
        world.repository("acme/app");
    }
    mirror.sync("acme/app").await;
    set(&mirror, "public_url", "https://erp.example.com/").await;
    (mirror, desk, redis)
}

/// Calls a method about `acme/app`, which must do what it is asked for.
async fn press(desk: &Desk, method: &str, further: &[(&str, &str)]) -> Answer {
    let form: Vec<(&str, &str)> = [("repo_full_name", "acme/app")].iter().chain(further).copied().collect();
    let path = format!("erpnext_github_integration.{method}");
    let answer = desk.post(ADMIN, &path, &form).await;
    assert_eq!(answer.status, 200, "{method} {further:?}: {answer:?}");
    answer
}

async fn manage(desk: &Desk, action: &str, identifier: &str) {
    let further = [("action", action), ("identifier", identifier)];
    press(desk, "github_api.manage_repo_access", &further).await;
}

/// What was changed on GitHub after its first `from` requests: by whom, the verb, and what.
fn changes(mirror: &Mirror, from: usize) -> Vec<String> {
    let asked = mirror.github.requests().split_off(from);
    let changes = asked.iter().filter(|one| one.method != "GET" && one.operation.is_none());
    let told = changes.filter(|one| one.path.starts_with("/repos/") || one.path.starts_with("/orgs/"));
    told.map(|one| format!("{} {} {}", one.credential, one.method, one.path))
        .collect()
}

#[tokio::test]
async fn g3_3_who_may_do_what_is_changed_in_the_name_of_the_admin_who_is_connected() {
    let (mirror, desk, _redis) = stage().await;
    let from = mirror.github.requests().len();
    manage(&desk, "add_collaborator", "member").await;
    assert_eq!(changes(&mirror, from), ["octo PUT /repos/acme/app/collaborators/member"]);
    mirror.github.world().repository("acme/app").accept_invitation("member");
    connect(&mirror, ADMIN, "boss").await;
    let from = mirror.github.requests().len();
    for (action, identifier) in [
        ("add_collaborator", "pusher"),
        ("remove_collaborator", "member"),
        ("add_team", "core"),
        ("remove_team", "core"),
    ] {
        manage(&desk, action, identifier).await;
    }
    assert_eq!(
        changes(&mirror, from),
        [
            "boss PUT /repos/acme/app/collaborators/pusher",
            "boss DELETE /repos/acme/app/collaborators/member",
            "boss PUT /orgs/acme/teams/core/repos/acme/app",
            "boss DELETE /orgs/acme/teams/core/repos/acme/app"
        ]
    );
    let rows = [
        "add_collaborator admin user boss done",
        "add_collaborator admin token octo done",
        "add_team admin user boss done",
        "remove_collaborator admin user boss done",
        "remove_team admin user boss done",
    ];
    assert_eq!(mirror.erp.value(ROWS).await, rows.join(","));
}

#[tokio::test]
async fn g3_3_who_may_not_manage_it_on_github_changes_nothing_by_the_sites_token() {
    let (mirror, desk, _redis) = stage().await;
    mirror.github.world().user("guest");
    connect(&mirror, ADMIN, "guest").await;
    let from = mirror.github.requests().len();
    let form = [
        ("repo_full_name", "acme/app"),
        ("action", "add_collaborator"),
        ("identifier", "member"),
    ];
    let path = "erpnext_github_integration.github_api.manage_repo_access";
    let refused = desk.post(ADMIN, path, &form).await;
    assert_eq!(refused.status, 417, "{refused:?}");
    let changed = changes(&mirror, from);
    assert!(changed.iter().all(|one| one.starts_with("guest ")), "{changed:?}");
    let world = mirror.github.world();
    let home = world.find("acme/app").expect("the repository");
    let may = home.collaborators.iter().find(|one| one.login == "member");
    assert_eq!(may.map(|one| one.permission), None::<Permission>);
}

#[tokio::test]
async fn g3_3_a_webhook_is_made_changed_tried_and_deleted_in_the_name_of_the_admin_who_is_connected() {
    let (mirror, desk, _redis) = stage().await;
    connect(&mirror, ADMIN, "boss").await;
    let from = mirror.github.requests().len();
    let create = "github_api.create_repository_webhook";
    let made = press(&desk, create, &[("events", "issues, push")]).await;
    let id = made.message()["id"].to_string();
    press(&desk, create, &[]).await;
    press(&desk, "desk.ping_webhook", &[("hook_id", &id)]).await;
    press(&desk, "desk.delete_webhook", &[("hook_id", &id)]).await;
    let hooks = "/repos/acme/app/hooks";
    assert_eq!(
        changes(&mirror, from),
        [
            format!("boss POST {hooks}"),
            format!("boss PATCH {hooks}/{id}"),
            format!("boss POST {hooks}/{id}/pings"),
            format!("boss DELETE {hooks}/{id}")
        ]
    );
    let rows = ["create", "delete", "ping", "update"].map(|kind| format!("{kind}_webhook admin user boss done"));
    assert_eq!(mirror.erp.value(ROWS).await, rows.join(","));
}
