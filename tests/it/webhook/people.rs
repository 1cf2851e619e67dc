//! Somebody is taken out of an organisation or a team: GitHub tells of no repository, and he reads none of them any more all the same.

use erpnext_github::jobs::Work;
use erpnext_github::sim::github::{Collaborator, Permission};
use serde_json::{Value, json};

use super::Hooked;
use crate::jobs::runner;

const MEMBERS: &str =
    "SELECT IFNULL(GROUP_CONCAT(parent ORDER BY parent), '') FROM `tabRepository Member` WHERE github_username = 'ann-hub'";

/// Ann reads two repositories of an organisation.
async fn stage() -> (Hooked, u64) {
    let hooked = Hooked::new(|world| {
        world.organization("guild").owners = vec!["octo".to_owned()];
        for name in ["guild/tool", "guild/web", "octo/web"] {
            let ann = Collaborator::new("ann-hub", Permission::Pull);
            world.repository(name).with_member(ann);
        }
    })
    .await;
    for name in ["guild/tool", "guild/web"] {
        hooked.mirror.sync(name).await;
    }
    assert_eq!(hooked.value(MEMBERS).await, "guild/tool,guild/web,octo/web");
    let guild = hooked.mirror.github.world().account("guild").expect("it").id;
    (hooked, guild)
}

async fn ended(hooked: &Hooked, id: &str, event: &str, payload: &Value) -> (String, String) {
    assert_eq!(hooked.deliver_by_app(id, event, payload).await, 202);
    hooked.event(id).await
}

#[tokio::test]
async fn d2_whoever_leaves_an_organisation_or_a_team_reads_its_repositories_no_more() {
    for (event, action) in [
        ("organization", "member_removed"),
        ("membership", "removed"),
        ("team", "removed_from_repository"),
    ] {
        let (hooked, guild) = stage().await;
        hooked.change(|world| {
            for name in ["guild/tool", "guild/web", "octo/web"] {
                world.repository(name).remove_member("ann-hub");
            }
        });
        let payload =
            json!({"action": action, "organization": {"id": guild, "login": "guild"}, "sender": {"login": "octo", "id": 1}});
        let end = ended(&hooked, "gone", event, &payload).await;
        assert_eq!(end.0, "processed", "{event}: {end:?}");
        runner(&hooked.mirror).step(Work::Refresh).await;
        assert_eq!(
            hooked.value(MEMBERS).await,
            "octo/web",
            "{event}: those of the organisation, and no others"
        );
        hooked.mirror.finish().await;
    }
}

#[tokio::test]
async fn what_changes_nothing_of_who_reads_what_has_nothing_read() {
    let (hooked, guild) = stage().await;
    let organization = |id: u64| json!({"id": id, "login": "x"});
    for (at, (event, payload)) in [
        (
            "organization",
            json!({"action": "member_invited", "organization": organization(guild)}),
        ),
        ("team", json!({"action": "created", "organization": organization(guild)})),
        (
            "membership",
            json!({"action": "removed", "organization": organization(guild + 1_000)}),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let end = ended(&hooked, &format!("quiet-{at}"), event, &payload).await;
        assert_eq!(end.0, "ignored", "{event}: {end:?}");
    }
    let odd = ended(&hooked, "odd", "membership", &json!({"action": "removed"})).await;
    assert!(odd.0 == "errored" && odd.1.contains("in which organisation"), "{odd:?}");
    let marks = "SELECT COUNT(*) FROM erpnext_github_refresh WHERE entity = 'members'";
    assert_eq!(hooked.value(marks).await, "0");
    hooked.mirror.finish().await;
}
