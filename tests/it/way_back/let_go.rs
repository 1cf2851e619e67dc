//! Repositories of an installation that somebody lets go: the integration of the account does not take them over again.

use serde_json::json;

use super::Stage;
use crate::support::github_app::APP;

const DESK: &str = "desk@x.com";
const ADMIN: &str = "admin@x.com";

impl Stage {
    async fn belonging(&self) -> String {
        let sql = "SELECT GROUP_CONCAT(CONCAT(name, '=', IFNULL(integration, '-'), enabled) ORDER BY name) FROM tabRepository WHERE name LIKE 'acme/%'";
        self.mirror.erp.value(sql).await
    }

    async fn looked_at(&self) {
        let checked = self.call(ADMIN, "check_integration", &[("integration", "acme")]).await;
        assert_eq!(checked.status, 200, "{checked:?}");
    }

    async fn execute(&self, sql: &str) {
        self.mirror.erp.scratch().execute(sql).await.expect("done");
    }
}

#[tokio::test]
async fn g1_15_what_was_let_go_stays_so_and_another_integration_may_follow_it() {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    stage.address(DESK, "install_app", &[("project", "NEW-1")]).await;
    stage.mirror.github.world().repository("acme/docs");
    stage
        .happens(|world| {
            let ids = ["acme/web", "acme/api", "acme/docs"].map(|name| world.repository(name).id);
            world.install(APP, "acme").only(ids);
        })
        .await;
    stage
        .execute(
            "INSERT INTO `tabGitHub Integration` (name, integration_name, auth_type, enabled, account_login, account_type, app_account_id, \
             service_repositories, service_pull_requests, service_issues, service_webhooks, creation, modified) \
             VALUES ('acme', 'acme', 'GitHub App', 1, 'acme', 'Organization', 'acme', 1, 1, 1, 1, '2026-01-01', '2026-01-01')",
        )
        .await;
    // One account has one integration by the App, and as many by tokens as people like.
    stage.mirror.github.world().token("pasted-word", "mona");
    let method = ("method", "Personal Access Token");
    let arguments = [method, ("token", "pasted-word"), ("name", "other"), ("organizations", "acme")];
    let made = stage.call(ADMIN, "create_integrations", &arguments).await;
    assert_eq!(made.message()["success"], true, "{made:?}");
    assert_eq!(stage.belonging().await, "acme/api=-1,acme/docs=-1,acme/web=-1");
    stage.looked_at().await;
    assert_eq!(stage.belonging().await, "acme/api=acme1,acme/docs=acme1,acme/web=acme1");
    let arguments = [("integration", "acme"), ("repositories", r#"["acme/web"]"#), ("follow", "0")];
    let gone = stage.call(ADMIN, "follow_repositories", &arguments).await;
    assert_eq!(gone.message()["done"], 1, "{gone:?}");
    // Cleared by hand on the Repository, and switched off there: that one can be let go, too.
    stage
        .execute("UPDATE tabRepository SET integration = NULL WHERE name = 'acme/api'; UPDATE tabRepository SET enabled = 0 WHERE name = 'acme/docs'")
        .await;
    stage.looked_at().await;
    assert_eq!(stage.belonging().await, "acme/api=-1,acme/docs=acme0,acme/web=-0");
    let path = "erpnext_github_integration.desk.integration_overview";
    let shown = stage.desk.get(ADMIN, path, &[("integration", "acme")]).await;
    assert_eq!(shown.message()["belonging"], 1, "{shown:?}");
    let arguments = [("integration", "acme"), ("repositories", r#"["acme/docs"]"#), ("follow", "0")];
    let gone = stage.call(ADMIN, "follow_repositories", &arguments).await;
    assert_eq!(gone.message()["repositories"], json!(["acme/docs"]), "{gone:?}");
    let named = "SELECT COUNT(*) FROM tabRepository WHERE integration = 'acme'";
    assert_eq!(
        stage.mirror.erp.value(named).await,
        "0",
        "nothing keeps Frappe from deleting it"
    );
    let arguments = [("integration", "other"), ("repositories", r#"["acme/web"]"#)];
    let followed = stage.call(ADMIN, "follow_repositories", &arguments).await;
    assert_eq!(followed.message()["success"], true, "{followed:?}");
    stage.looked_at().await;
    assert_eq!(stage.belonging().await, "acme/api=-1,acme/docs=-0,acme/web=other1");
    stage.finish().await;
}
