//! D15: what follows from a save of GitHub Settings in the desk.

use erpnext_github::frappe::encryption_key;
use erpnext_github::jobs::Work;

use crate::jobs::runner;
use crate::support::mirror::{Mirror, TOKEN};

const FIELD: &str = "SELECT value FROM tabSingles WHERE doctype = 'GitHub Settings' AND field = ";

/// A site to which nobody gave a token yet.
async fn without_token() -> Mirror {
    let mirror = Mirror::new(|_world| {}).await;
    let forget = "DELETE FROM erpnext_github_credential; \
                  DELETE FROM `__Auth` WHERE doctype = 'GitHub Settings' AND fieldname = 'personal_access_token'";
    mirror.erp.scratch().execute(forget).await.expect("forgotten");
    let erp = mirror.erp.erp();
    erp.set_single("GitHub Settings", "personal_access_token", "")
        .await
        .expect("set");
    erp.set_single("GitHub Settings", "enabled", "0").await.expect("set");
    runner(&mirror).step(Work::LookAtDesk).await;
    mirror
}

async fn saved(mirror: &Mirror, modified: &str) {
    mirror
        .erp
        .erp()
        .set_single("GitHub Settings", "modified", modified)
        .await
        .expect("saved");
}

/// As Frappe stores a Password field.
async fn enter(mirror: &Mirror, token: &str) {
    let key = encryption_key::existing(mirror.site().config())
        .expect("a key")
        .expect("a key");
    let secret = key.encrypt(&secrecy::SecretString::from(token));
    let sql = format!(
        "REPLACE INTO `__Auth` (doctype, name, fieldname, password, encrypted) \
         VALUES ('GitHub Settings', 'GitHub Settings', 'personal_access_token', '{secret}', 1)"
    );
    mirror.erp.scratch().execute(&sql).await.expect("stored");
    mirror
        .erp
        .erp()
        .set_single("GitHub Settings", "personal_access_token", &"*".repeat(token.len()))
        .await
        .expect("masked");
}

#[tokio::test]
async fn d15_the_first_token_that_is_entered_in_the_desk_switches_the_integration_on_and_later_ones_do_not() {
    let mirror = without_token().await;
    let runner = runner(&mirror);
    enter(&mirror, TOKEN).await;
    saved(&mirror, "2026-03-01 07:00:01").await;
    // Whoever looks at the token first does not spoil it.
    runner.step(Work::SyncDue).await;
    runner.step(Work::LookAtDesk).await;
    assert_eq!(mirror.erp.value(&format!("{FIELD} 'enabled'")).await, "1");
    let bound = "SELECT COUNT(*) FROM erpnext_github_credential WHERE purpose = 'personal_access_token'";
    assert_eq!(mirror.erp.value(bound).await, "1", "it goes to this GitHub and no other");
    // An administrator switches it off, and a new token leaves it so.
    mirror
        .erp
        .erp()
        .set_single("GitHub Settings", "enabled", "0")
        .await
        .expect("set");
    enter(&mirror, "another-token").await;
    saved(&mirror, "2026-03-01 07:00:02").await;
    runner.step(Work::LookAtDesk).await;
    assert_eq!(mirror.erp.value(&format!("{FIELD} 'enabled'")).await, "0");
    mirror.finish().await;
}

#[tokio::test]
async fn d20_a_secret_that_was_written_past_frappe_is_encrypted() {
    let mirror = without_token().await;
    let erp = mirror.erp.erp();
    for (field, secret) in [("personal_access_token", TOKEN), ("webhook_secret", "a plain secret")] {
        erp.set_single("GitHub Settings", field, secret).await.expect("set");
    }
    saved(&mirror, "2026-03-01 07:00:01").await;
    runner(&mirror).step(Work::LookAtDesk).await;
    for field in ["personal_access_token", "webhook_secret"] {
        let stored = mirror.erp.value(&format!("{FIELD} '{field}'")).await;
        assert!(
            !stored.is_empty() && stored.bytes().all(|byte| byte == b'*'),
            "{field} {stored}"
        );
        let encrypted = format!(
            "SELECT CONCAT(encrypted, LEFT(password, 3)) FROM `__Auth` WHERE doctype = 'GitHub Settings' AND fieldname = '{field}'"
        );
        assert_eq!(mirror.erp.value(&encrypted).await, "1gAA", "{field}");
    }
    assert_eq!(
        mirror.context().await.client.viewer().await.expect("it is the token").login,
        "octo"
    );
    mirror.finish().await;
}
