//! F-31 and F-5: who has access, with GitHub's own word for it; and who may see all that in ERPNext.

use erpnext_github::sim::github::{Collaborator, Permission};
use erpnext_github::store::runs::RunStatus;

use crate::support::mirror::Mirror;

#[tokio::test]
async fn f31_five_permissions_and_custom_roles_are_kept_in_githubs_words() {
    let mirror = Mirror::new(|world| {
        let web = world.repository("octo/web");
        for (login, permission) in [
            ("reader", Permission::Pull),
            ("triager", Permission::Triage),
            ("writer", Permission::Push),
            ("keeper", Permission::Maintain),
            ("chief", Permission::Admin),
        ] {
            web.with_member(Collaborator::new(login, permission));
        }
        let mut custom = Collaborator::new("auditor", Permission::Triage);
        custom.role_name = "Security auditor".to_owned();
        web.with_member(custom);
        let mut custom = Collaborator::new("crew", Permission::Push);
        custom.role_name = "Release crew".to_owned();
        web.with_member(custom);
    })
    .await;
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    let stored = mirror
        .erp
        .query("SELECT CONCAT(github_username, ': ', permission, ', ', role, IF(can_push, ', pushes', '')) FROM `tabRepository Member` ORDER BY idx")
        .await
        .concat();
    let stored: Vec<String> = stored.into_iter().map(Option::unwrap_or_default).collect();
    assert_eq!(
        stored,
        [
            "auditor: Security auditor, member",
            "chief: admin, maintainer, pushes",
            "crew: Release crew, member, pushes",
            "keeper: maintain, maintainer, pushes",
            "octo: admin, maintainer, pushes",
            "reader: read, member",
            "triager: triage, member",
            "writer: write, member, pushes"
        ]
    );
    mirror.finish().await;
}

#[tokio::test]
async fn f05_system_manager_keeps_access_to_every_doctype() {
    let mirror = Mirror::new(|_| {}).await;
    let without = mirror
        .erp
        .query(
            "SELECT d.name FROM tabDocType d WHERE d.module = 'GitHub' AND d.istable = 0 AND NOT EXISTS (SELECT 1 FROM tabDocPerm p \
             WHERE p.parent = d.name AND p.role = 'System Manager' AND p.`read` = 1 AND p.permlevel = 0)",
        )
        .await;
    assert_eq!(without, Vec::<Vec<Option<String>>>::new());
    let full = "SELECT COUNT(DISTINCT parent) FROM tabDocPerm WHERE role = 'System Manager' AND `create` = 1 AND `delete` = 1 AND `write` = 1 \
                AND parent IN ('Repository', 'Repository Issue', 'Repository Pull Request')";
    assert_eq!(mirror.erp.value(full).await, "3");
    let custom = "SELECT COUNT(*) FROM `tabCustom DocPerm` c JOIN tabDocType d ON d.name = c.parent WHERE d.module = 'GitHub'";
    assert_eq!(
        mirror.erp.value(custom).await,
        "0",
        "one row of these removes all standard ones"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn a_members_login_may_change_and_stays_one_row() {
    let mirror = Mirror::new(|world| {
        world.user("before");
        world
            .repository("octo/web")
            .with_member(Collaborator::new("before", Permission::Push));
    })
    .await;
    mirror.sync("octo/web").await;
    let row = "SELECT GROUP_CONCAT(name, ' ', github_username ORDER BY github_username) FROM `tabRepository Member` WHERE github_username <> 'octo'";
    let before = mirror.erp.value(row).await;
    mirror.github.world().rename_account("before", "after");
    mirror.sync("octo/web").await;
    assert_eq!(mirror.erp.value(row).await, before.replace("before", "after"));
    mirror.finish().await;
}
