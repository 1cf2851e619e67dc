//! With whose credential GitHub is asked for what: a repository's own, its integration's, the site's, or the person's who presses.

mod acting;
mod begun;
mod choice;
mod followed;
mod left;
mod lent;
mod managing;
mod mid_run;
mod own_token;
mod person;
mod pressed;
mod removed;
mod services;
mod sites;
mod switched_off;
mod two_sites;

use crate::support::mirror::Mirror;
use erpnext_github::frappe::{encryption_key, secrets};
use secrecy::SecretString;

/// Makes an integration with a token of its own.
pub(crate) async fn integration(mirror: &Mirror, name: &str, token: &str) {
    mirror
        .erp
        .query(&format!(
            "INSERT INTO `tabGitHub Integration` (name, integration_name, auth_type, enabled, service_repositories, service_pull_requests, \
             service_issues, service_webhooks, creation, modified) VALUES ('{name}', '{name}', 'Personal Access Token', 1, 1, 1, 1, 1, NOW(), NOW())"
        ))
        .await;
    store(mirror, ("GitHub Integration", name, "personal_access_token"), token).await;
}

/// Stores a secret of a document as a save in the desk does.
pub(crate) async fn store(mirror: &Mirror, (doctype, name, field): (&str, &str, &str), secret: &str) {
    let key = encryption_key::ensure(mirror.site().config()).expect("a key");
    let mut conn = mirror.site().db().conn().await.expect("a connection");
    let secret = SecretString::from(secret);
    secrets::store(&mut conn, &key, doctype, name, field, &secret)
        .await
        .expect("stored");
}

/// Changes a column of a Repository.
async fn set(mirror: &Mirror, repository: &str, column: &str, value: &str) {
    let sql = format!("UPDATE tabRepository SET `{column}` = '{value}' WHERE name = '{repository}'");
    mirror.erp.query(&sql).await;
}

/// By whom the requests about `repository` were made since the first `from`, each once.
fn asked_by(mirror: &Mirror, repository: &str, from: usize) -> Vec<String> {
    let part = format!("/repos/{repository}");
    let all = mirror.github.requests();
    let asked = all.iter().skip(from).filter(|request| request.path.contains(&part));
    let mut by: Vec<String> = asked.map(|request| request.credential.clone()).collect();
    by.sort();
    by.dedup();
    by
}
