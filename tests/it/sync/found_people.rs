//! People who are found by the address that they show in public are linked in the run that finds them, wholly.

use erpnext_github::sim::github::{Collaborator, Permission};
use erpnext_github::sync::Selection;

use crate::support::mirror::Mirror;

#[tokio::test]
async fn the_run_after_the_one_that_found_somebody_has_nothing_to_write() {
    let mirror = Mirror::new(|world| {
        world.user("jane-d").with_email("jane@example.com");
        let web = world.repository("octo/web").with_issues(2);
        web.with_member(Collaborator::new("jane-d", Permission::Push));
        web.item_mut(1).assigned_to("jane-d");
    })
    .await;
    let selection = Selection {
        repositories: vec!["octo/web".parse().expect("a name")],
        owners: Vec::new(),
    };
    let first = mirror.run(&selection, false).await;
    assert_eq!(first.linked, 2, "a member and an assignee: {first:?}");
    let member = mirror
        .erp
        .query("SELECT user, email FROM `tabRepository Member` WHERE github_username = 'jane-d'")
        .await;
    let jane = Some("jane@example.com".to_owned());
    assert_eq!(member, [vec![jane.clone(), jane]]);
    let before = mirror.mirror().await;
    mirror.sync_full("octo/web").await;
    assert_eq!(mirror.mirror().await, before);
    mirror.finish().await;
}
