//! A token of a repository's own: tried when it is saved, and kept when the repository gets another name.

use chrono::TimeDelta;
use erpnext_github::domain::Visibility;
use erpnext_github::jobs::Work;

use super::{asked_by, store};
use crate::jobs::runner;
use crate::support::mirror::Mirror;

const TOKEN: (&str, &str, &str) = ("Repository", "octo/web", "access_token");
const NOTE: &str = "SELECT IFNULL(credential_note, '-') FROM tabRepository";

async fn stage() -> Mirror {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(1);
        world.token("token-that-is-narrow", "mona").with_scopes(&["public_repo"]);
    })
    .await;
    mirror.sync("octo/web").await;
    look(&mirror).await;
    mirror
}

/// What follows from saves, a moment after the Repository was saved.
async fn look(mirror: &Mirror) {
    mirror.erp.clock().advance(TimeDelta::seconds(20));
    let zone = mirror.site().zone().await.expect("a zone");
    let now = zone.to_local(mirror.site().clock().now());
    mirror
        .erp
        .query(&format!("UPDATE tabRepository SET modified = '{now}'"))
        .await;
    runner(mirror).step(Work::LookAtDesk).await;
}

#[tokio::test]
async fn g4_9_a_token_that_is_entered_on_a_repository_is_tried_and_the_form_says_what_it_lacks() {
    let mirror = stage().await;
    assert_eq!(mirror.erp.value(NOTE).await, "-");
    store(&mirror, TOKEN, "token-that-is-narrow").await;
    look(&mirror).await;
    let note = mirror.erp.value(NOTE).await;
    assert!(
        note.contains("Successfully connected via mona") && note.contains("the scope repo is missing"),
        "{note}"
    );
    assert!(
        note.contains("the scope admin:repo_hook is missing: Webhooks of repositories"),
        "{note}"
    );
    assert!(!note.contains("does not show octo/web"), "{note}");
    // It is tried once.
    let from = mirror.github.requests().len();
    look(&mirror).await;
    assert_eq!(mirror.github.requests().len(), from);
    // A token that is good, and not for this repository.
    {
        let mut world = mirror.github.world();
        world.repository("octo/web").visibility = Visibility::Private;
        world.token("token-of-somebody-else", "eve").with_scopes(&["repo"]);
    }
    store(&mirror, TOKEN, "token-of-somebody-else").await;
    look(&mirror).await;
    let note = mirror.erp.value(NOTE).await;
    assert!(
        note.contains("Successfully connected via eve") && note.contains("does not show octo/web to this token"),
        "{note}"
    );
    store(&mirror, TOKEN, "token-of-nobody").await;
    look(&mirror).await;
    let note = mirror.erp.value(NOTE).await;
    assert!(
        note.contains("does not accept the token") && !note.contains("token-of-nobody"),
        "{note}"
    );
    mirror.erp.query("DELETE FROM `__Auth` WHERE doctype = 'Repository'").await;
    look(&mirror).await;
    assert_eq!(mirror.erp.value(NOTE).await, "-");
    mirror.finish().await;
}

#[tokio::test]
async fn g4_a_renamed_repository_keeps_its_own_token() {
    let mirror = stage().await;
    store(&mirror, TOKEN, "token-that-is-narrow").await;
    mirror.github.world().rename_repository("octo/web", "octo/site");
    let from = mirror.github.requests().len();
    mirror.sync("octo/web").await;
    mirror.sync("octo/site").await;
    assert_eq!(asked_by(&mirror, "octo/site", from), ["mona"]);
    mirror.finish().await;
}
