//! What follows from what a run has read, and what it says beforehand, where credentials fail or the site has none of its own.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::TimeDelta;
use erpnext_github::sim::github::{Collaborator, Permission, Resource};
use erpnext_github::store::runs::Trigger;
use erpnext_github::sync::{RunOptions, Selection, sync_site};
use erpnext_github::telemetry::Reporter;
use tokio_util::sync::CancellationToken;

use super::choice::three;
use crate::support::mirror::TOKEN;

/// Every message of a run.
#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Reporter for Heard {
    fn started(&self, _total: Option<u64>, _what: &str) {}
    fn expects(&self, _total: u64) {}
    fn advanced(&self, _count: u64) {}
    fn message(&self, text: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(text.to_owned());
    }
    fn finished(&self) {}
}

/// Whose rows the account `pusher` is known by, and whether its user may read what was read.
const KNOWN: &str = "SELECT CONCAT_WS(' ', (SELECT GROUP_CONCAT(DISTINCT user) FROM `tabRepository Member` WHERE github_username = 'pusher' AND user > ''), \
                     (SELECT GROUP_CONCAT(for_value ORDER BY for_value) FROM `tabUser Permission` WHERE user = 'pusher@x.com' AND allow = 'Repository'))";

#[tokio::test]
async fn what_was_read_is_followed_up_whichever_credential_failed() {
    for failing in ["token-of-acme", TOKEN] {
        let mirror = three().await;
        mirror
            .erp
            .erp()
            .add_user("pusher@x.com", "Push Er", &[])
            .await
            .expect("a user");
        let now = mirror.site().clock().now();
        {
            let mut world = mirror.github.world();
            world.user("pusher").email = Some("pusher@x.com".to_owned());
            for name in ["octo/own", "octo/of-acme", "octo/plain"] {
                let member = Collaborator::new("pusher", Permission::Push);
                world.repository(name).with_member(member);
            }
            for (login, name) in [("own-er", "octo/own"), ("acme-er", "octo/of-acme")] {
                let admin = Collaborator::new(login, Permission::Admin);
                world.repository(name).with_member(admin);
            }
            let login = if failing == TOKEN { "octo" } else { "acme-er" };
            world.token(failing, login).expiring(now - TimeDelta::minutes(1));
        }
        assert_eq!(mirror.erp.value(KNOWN).await, "");
        let from = mirror.github.requests().len();
        let report = mirror.run(&Selection::default(), true).await;
        assert_eq!(report.errors, Vec::<String>::new(), "{failing}");
        let read = if failing == TOKEN {
            "pusher@x.com octo/of-acme,octo/own"
        } else {
            "pusher@x.com octo/own,octo/plain"
        };
        assert_eq!(mirror.erp.value(KNOWN).await, read, "{failing}");
        let asked = mirror.github.requests().split_off(from);
        let refused = asked.iter().filter(|one| one.status == 401).count();
        assert_eq!(refused, 2, "the plan and the run are refused, and nothing asks afterwards");
        mirror.finish_with_errors(1).await;
    }
}

#[tokio::test]
async fn a_site_without_a_credential_of_its_own_plans_with_those_of_its_repositories_and_knows_people() {
    let mirror = three().await;
    for sql in [
        "DELETE FROM `__Auth` WHERE doctype = 'GitHub Settings' AND fieldname = 'personal_access_token'",
        "UPDATE tabSingles SET value = '' WHERE field = 'personal_access_token'",
        "UPDATE tabRepository SET enabled = 0 WHERE name = 'octo/plain'",
    ] {
        mirror.erp.query(sql).await;
    }
    mirror
        .erp
        .erp()
        .add_user("pusher@x.com", "Push Er", &[])
        .await
        .expect("a user");
    {
        let mut world = mirror.github.world();
        world.user("pusher").email = Some("pusher@x.com".to_owned());
        for (login, permission) in [("pusher", Permission::Push), ("own-er", Permission::Admin)] {
            let member = Collaborator::new(login, permission);
            world.repository("octo/own").with_member(member);
        }
    }
    mirror.run(&Selection::default(), true).await;
    // Of one of the two hardly anything is left, which takes until the hour is over.
    let now = mirror.site().clock().now();
    let until = now + TimeDelta::minutes(70);
    mirror.github.world().limits.set_used("own-er", Resource::Core, 4_972, until);
    mirror.erp.clock().advance(TimeDelta::minutes(1));
    mirror.sync("octo/own").await;
    mirror.app().rest().await;
    let heard = Arc::new(Heard::default());
    let app = mirror.app();
    let context = app.sync_context(mirror.site(), heard.clone(), CancellationToken::new()).await;
    let options = RunOptions {
        full: true,
        trigger: Trigger::Command,
    };
    // Whether the second one can be ended within this hour is not of interest here.
    let _report = sync_site(&context.expect("it can be synced"), &Selection::default(), options).await;
    let told = heard.0.lock().unwrap_or_else(PoisonError::into_inner).join("\n");
    assert!(
        told.contains("; 2 repositories, about 18 requests to GitHub, about 69 minutes"),
        "{told}"
    );
    let known = mirror.erp.value(KNOWN).await;
    assert_eq!(known, "pusher@x.com octo/own");
}
