//! Integrations: what can be connected, what is made of it, how each is, and its repositories.

mod by_token;
mod health;
mod many;
mod one_account;
mod renamed;

use erpnext_github::sim::github::World;
use serde_json::Value;

use crate::desk::company;
use crate::support::desk::{Answer, Desk};
use crate::support::mirror::Mirror;

const ADMIN: &str = "admin@x.com";
/// The token that somebody pastes; it belongs to mona.
const PASTED: &str = "pasted-word-of-mona";

/// A company, and two organisations: mona owns one and is a member of the other.
async fn stage() -> (Mirror, Desk) {
    let (mirror, desk) = company().await;
    around(&mut mirror.github.world());
    (mirror, desk)
}

fn around(world: &mut World) {
    world.token(PASTED, "mona");
    world.user("octo");
    world.organization("acme");
    for name in ["acme/web", "acme/api"] {
        world.repository(name);
    }
    let guild = world.organization("guild");
    guild.owners = vec!["octo".to_owned()];
    guild.with_member("mona");
    world.repository("guild/tool");
}

async fn call(desk: &Desk, method: &str, arguments: &[(&str, &str)]) -> Answer {
    let path = format!("erpnext_github_integration.desk.{method}");
    desk.post(ADMIN, &path, arguments).await
}

async fn overview(desk: &Desk, name: &str) -> Value {
    let path = "erpnext_github_integration.desk.integration_overview";
    let answer = desk.get(ADMIN, path, &[("integration", name), ("repositories", "1")]).await;
    answer.message().clone()
}

/// Makes an integration with the pasted token.
async fn connect(desk: &Desk, name: &str, organization: &str) -> Answer {
    let method = ("method", "Personal Access Token");
    let arguments = [method, ("token", PASTED), ("name", name), ("organizations", organization)];
    call(desk, "create_integrations", &arguments).await
}

/// The row of a repository in an overview.
fn row<'a>(overview: &'a Value, repository: &str) -> &'a Value {
    let all = overview["repositories"].as_array().expect("a list");
    let found = all.iter().find(|one| one["full_name"] == repository);
    found.unwrap_or_else(|| panic!("{repository} is not in {overview}"))
}
