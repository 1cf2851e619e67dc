//! Switches and what is stored first: the site's own, and those of integrations, which hold for everybody.

use std::sync::Arc;

use erpnext_github::app::settings;
use erpnext_github::telemetry::Silent;
use secrecy::SecretString;

use super::acting::{author, press, stage};
use super::person::connect;
use super::{integration, set};
use crate::support::mirror::Mirror;

const FORGET_TOKEN: &str = "DELETE FROM __Auth WHERE doctype = 'GitHub Settings' AND fieldname = 'personal_access_token'";

/// Why the site is not synced, if it is not.
async fn refusal(mirror: &Mirror) -> Option<String> {
    let context = mirror
        .app()
        .sync_context(mirror.site(), Arc::new(Silent), tokio_util::sync::CancellationToken::new());
    context.await.err().map(|error| error.to_string())
}

#[tokio::test]
async fn the_sites_switch_holds_where_only_integrations_have_credentials() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(1);
        world.token("token-of-acme", "acme-er");
    })
    .await;
    mirror.sync("octo/web").await;
    integration(&mirror, "Acme", "token-of-acme").await;
    set(&mirror, "octo/web", "integration", "Acme").await;
    mirror.erp.scratch().execute(FORGET_TOKEN).await.expect("forgotten");
    assert_eq!(refusal(&mirror).await, None, "the integration's token is enough");
    let erp = mirror.erp.erp();
    erp.set_single("GitHub Settings", "enabled", "0").await.expect("off");
    let said = refusal(&mirror).await.expect("switched off");
    assert!(said.contains("the integration is switched off"), "{said}");
    mirror.finish().await;
}

#[tokio::test]
async fn one_account_without_the_app_does_not_stop_the_others() {
    let mirror = Mirror::new(|world| {
        for name in ["aaa/gone", "octo/web"] {
            world.repository(name).with_issues(2);
        }
        world.app("our-app");
        world.install("our-app", "octo");
    })
    .await;
    for name in ["aaa/gone", "octo/web"] {
        mirror.sync(name).await;
    }
    mirror.erp.scratch().execute(FORGET_TOKEN).await.expect("forgotten");
    let app = {
        let mut world = mirror.github.world();
        let app = world.app("our-app");
        [("app_client_id", app.client_id.clone()), ("app_private_key", app.pem())]
    };
    for (key, value) in app {
        let set = settings::set(mirror.app(), mirror.site(), key, &SecretString::from(value), "Administrator").await;
        set.expect("stored");
    }
    let way = "SELECT value FROM tabSingles WHERE doctype = 'GitHub Settings' AND field = 'auth_type'";
    assert_eq!(mirror.erp.value(way).await, "GitHub App", "the site has nothing else");
    assert_eq!(refusal(&mirror).await, None);
    let report = mirror.run(&erpnext_github::sync::Selection::default(), true).await;
    let well: Vec<&str> = report
        .repositories
        .iter()
        .filter(|run| run.error.is_none())
        .map(|run| run.repository.as_str())
        .collect();
    assert_eq!(well, ["octo/web"], "{report:?}");
    mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn g1_11_what_an_integration_has_off_is_not_written_by_connected_people_either() {
    let (mirror, desk, _redis) = stage().await;
    connect(&mirror, "pusher@x.com", "pusher").await;
    integration(&mirror, "Acme", "unused").await;
    set(&mirror, "octo/web", "integration", "Acme").await;
    for (column, part) in [("service_issues", "service Issues"), ("enabled", "Acme is switched off")] {
        mirror
            .erp
            .query(&format!("UPDATE `tabGitHub Integration` SET {column} = 0"))
            .await;
        let refused = press(&desk, "pusher@x.com", "mine").await;
        assert!(refused.status >= 400 && refused.sentence().contains(part), "{refused:?}");
    }
    assert_eq!(author(&mirror, "mine"), "", "nothing was sent");
}
