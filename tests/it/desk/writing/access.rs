//! Who may do what in a repository.

use erpnext_github::sim::github::{Effect, Fault, Permission};
use serde_json::Value;

use super::{GITHUB_API, rows};
use crate::desk::company;
use crate::support::desk::{Answer, Desk};
use crate::support::mirror::Mirror;

async fn manage(desk: &Desk, repository: &str, action: &str, identifier: &str, permission: &str) -> Answer {
    let mut form = vec![("repo_full_name", repository), ("action", action), ("identifier", identifier)];
    if !permission.is_empty() {
        form.push(("permission", permission));
    }
    desk.post("admin@x.com", &format!("{GITHUB_API}manage_repo_access"), &form)
        .await
}

/// The company, and an organisation with a repository and a team.
async fn with_organization() -> (Mirror, Desk) {
    let (mirror, desk) = company().await;
    let mut world = mirror.github.world();
    world.organization("acme").owners.push("octo".to_owned());
    world.team("acme", "core").members.push("octo".to_owned());
    world.repository("acme/app");
    drop(world);
    mirror.sync("acme/app").await;
    (mirror, desk)
}

async fn members(mirror: &Mirror, repository: &str) -> String {
    let sql = format!(
        "SELECT GROUP_CONCAT(CONCAT(github_username, '=', permission) ORDER BY github_username) FROM `tabRepository Member` WHERE parent = '{repository}'"
    );
    mirror.erp.value(&sql).await
}

#[tokio::test]
async fn somebody_new_is_invited_and_somebody_who_is_there_is_changed_and_removed() {
    let (mirror, desk) = with_organization().await;
    let invited = manage(&desk, "acme/app", "add_collaborator", "member@x.com", "triage").await;
    let message = invited.message();
    assert_eq!(
        (&message["invitee"]["login"], &message["permissions"]),
        (&"member".into(), &"triage".into()),
        "{message}"
    );
    mirror.github.world().repository("acme/app").accept_invitation("member");
    let changed = manage(&desk, "acme/app", "Add Collaborator", "member", "admin").await;
    assert_eq!(
        (changed.status, changed.body.get("message")),
        (200, None),
        "nothing is answered, as ever: {changed:?}"
    );
    assert!(members(&mirror, "acme/app").await.contains("member=admin"));
    let removed = manage(&desk, "acme/app", "remove_collaborator", "member", "").await;
    assert_eq!(removed.status, 200);
    assert!(!members(&mirror, "acme/app").await.contains("member"));
    assert_eq!(
        rows(&mirror).await,
        [
            "add_collaborator 0 done 1",
            "add_collaborator 0 done 1",
            "remove_collaborator 0 done 1"
        ]
    );
    mirror.finish().await;
}

#[tokio::test]
async fn a_team_is_named_by_its_slug() {
    let (mirror, desk) = with_organization().await;
    let added = manage(&desk, "acme/app", "add_team", "core", "maintain").await;
    assert_eq!(added.status, 200, "{added:?}");
    let held = || {
        let world = mirror.github.world();
        let id = world.find("acme/app").expect("the repository").id;
        world.teams[0].repositories.get(&id).copied()
    };
    assert_eq!(held(), Some(Permission::Maintain));
    assert_eq!(manage(&desk, "acme/app", "remove_team", "core", "").await.status, 200);
    assert_eq!(held(), None);
    mirror.finish().await;
}

#[tokio::test]
async fn d6_4_a_wrong_choice_is_said_and_nothing_is_sent() {
    let (mirror, desk) = with_organization().await;
    for (action, identifier, permission, part) in [
        ("add_collaborator", "desk@x.com", "push", "desk@x.com has no GitHub login"),
        ("add_collaborator", "member", "owner", "`owner` is no permission of GitHub"),
        ("add_team", "Core Developers", "push", "is not the slug of a team"),
        ("add_team", "../../../user", "push", "is not the slug of a team"),
        ("give", "member", "push", "`action` must be"),
        ("add_collaborator", "", "push", "`identifier` is missing"),
    ] {
        let answer = manage(&desk, "acme/app", action, identifier, permission).await;
        assert!(answer.status == 417 && answer.sentence().contains(part), "{part}: {answer:?}");
    }
    assert_eq!(rows(&mirror).await.len(), 0);
    for (action, identifier) in [
        ("add_team", "absent"),
        ("add_collaborator", "nobody-of-that-name"),
        ("remove_collaborator", "nobody-of-that-name"),
    ] {
        let answer = manage(&desk, "acme/app", action, identifier, "push").await;
        assert!(
            answer.status == 417 && answer.sentence().contains("GitHub has no such thing"),
            "{answer:?}"
        );
    }
    mirror.finish().await;
}

#[tokio::test]
async fn access_whose_answer_was_lost_is_looked_at() {
    let (mirror, desk) = with_organization().await;
    mirror
        .github
        .world()
        .repository("acme/app")
        .with_member(erpnext_github::sim::github::Collaborator::new("pusher", Permission::Pull));
    for (action, identifier, permission) in [
        ("add_collaborator", "member", "push"),
        ("add_collaborator", "pusher", "push"),
        ("remove_collaborator", "pusher", ""),
        ("add_team", "core", "triage"),
        ("remove_team", "core", ""),
    ] {
        for method in ["PUT", "DELETE"] {
            mirror
                .github
                .world()
                .faults
                .push(Fault::on("*", Effect::Lost).of_method(method));
        }
        let answer = manage(&desk, "acme/app", action, identifier, permission).await;
        assert_eq!(answer.status, 200, "{action} {identifier}: {answer:?}");
        mirror.github.world().faults.clear();
    }
    assert!(
        rows(&mirror).await.iter().all(|row| row.ends_with("done 1")),
        "{:?}",
        rows(&mirror).await
    );
    // And what was not done is not taken for done.
    mirror
        .github
        .world()
        .faults
        .push(Fault::on("*", Effect::Refused).of_method("PUT"));
    let answer = manage(&desk, "acme/app", "add_team", "core", "triage").await;
    assert!(
        answer.status == 417 && answer.sentence().contains("nobody can tell yet"),
        "{answer:?}"
    );
    assert_eq!(answer.body.get("message"), None::<&Value>);
    mirror.finish().await;
}

#[tokio::test]
async fn less_access_whose_answer_was_lost_is_not_taken_for_given() {
    let (mirror, desk) = with_organization().await;
    let mut world = mirror.github.world();
    let app = world.repository("acme/app");
    app.with_member(erpnext_github::sim::github::Collaborator::new("pusher", Permission::Admin));
    app.invite("member", "octo", Permission::Admin);
    drop(world);
    for (identifier, permission) in [("pusher", "pull"), ("member", "pull")] {
        mirror
            .github
            .world()
            .faults
            .push(Fault::on("*", Effect::Refused).of_method("PUT"));
        let answer = manage(&desk, "acme/app", "add_collaborator", identifier, permission).await;
        assert!(
            answer.status == 417 && answer.sentence().contains("nobody can tell yet"),
            "{identifier} may do more still: {answer:?}"
        );
    }
    for (identifier, permission) in [("pusher", "pull"), ("pusher", "maintain"), ("member", "triage")] {
        mirror.erp.clock().advance(chrono::TimeDelta::minutes(1));
        mirror
            .github
            .world()
            .faults
            .push(Fault::on("*", Effect::Lost).of_method("PUT"));
        let answer = manage(&desk, "acme/app", "add_collaborator", identifier, permission).await;
        assert_eq!(answer.status, 200, "{identifier} {permission}: {answer:?}");
    }
    mirror.finish().await;
}
