//! People of the site and their repositories: who reads what, who is who on GitHub, and what a save in the desk leads to.

mod bulk_linking;
mod connecting;
mod connections;
mod doc_events;
mod given;
mod given_by_people;
mod given_side_by_side;
mod linking;
mod links;
mod renamed;
mod renamed_releases;
mod saved;
mod settings_saved;
mod taken_back;
mod watched;

use erpnext_github::frappe::permissions::{Right, Roles, with_document};
use erpnext_github::setup::{self, SetupOptions};
use erpnext_github::sim::site::FrappeMajor;
use erpnext_github::store::readers::{self, Settled};

use crate::frappe::redis_server::RedisServer;
use crate::support::TestSite;

/// Who has the role.
const HOLDERS: &str = "SELECT GROUP_CONCAT(SUBSTRING_INDEX(parent, '@', 1) ORDER BY parent) FROM `tabHas Role` \
     WHERE role = 'GitHub User' AND parenttype = 'User'";
/// Who is confined to which repositories.
const CONFINED: &str = "SELECT GROUP_CONCAT(SUBSTRING_INDEX(user, '@', 1), '>', for_value ORDER BY user, for_value) \
                        FROM `tabUser Permission` WHERE allow = 'Repository'";

/// Installs into a site, and adds the repositories `octo/api` and `octo/web`, each with an issue, and the users ann, ben and cid.
async fn with_repositories(test: TestSite) -> TestSite {
    setup::install(test.site(), &SetupOptions::default(), &|_| ())
        .await
        .expect("installed");
    let erp = test.erp();
    for name in ["octo/api", "octo/web"] {
        erp.insert("Repository", name, &[("full_name", name)])
            .await
            .expect("a repository");
        let values = [("repository", name), ("issue_number", "1"), ("title", "One")];
        erp.insert("Repository Issue", &format!("{name}-#1"), &values)
            .await
            .expect("an issue");
    }
    for name in ["ann", "ben", "cid"] {
        erp.add_user(&format!("{name}@x.com"), name, &[]).await.expect("a user");
    }
    test
}

async fn company() -> TestSite {
    with_repositories(TestSite::new(FrappeMajor::V15).await).await
}

/// A company whose bench has a Redis.
async fn company_with_cache(major: FrappeMajor) -> (TestSite, RedisServer) {
    let (site, redis) = TestSite::cached(major).await;
    (with_repositories(site).await, redis)
}

/// Makes `user` a member of `repository`.
async fn join(test: &TestSite, repository: &str, user: &str) {
    let values = [
        ("repo_full_name", repository),
        ("github_username", user),
        ("user", &format!("{user}@x.com")),
    ];
    test.erp()
        .add_child("Repository Member", ("Repository", repository, "members_table"), &values)
        .await
        .expect("a member");
}

/// Takes it back.
async fn leave(test: &TestSite, repository: &str, user: &str) {
    let sql = format!("DELETE FROM `tabRepository Member` WHERE parent = '{repository}' AND github_username = '{user}'");
    test.scratch().execute(&sql).await.expect("removed");
}

async fn settle(test: &TestSite) -> Settled {
    readers::settle(test.site()).await.expect("settled")
}

/// Documents of ours that somebody may read, as the permissions say.
async fn readable(test: &TestSite, user: &str) -> Vec<&'static str> {
    let site = test.site();
    let roles = Roles::read(site.db(), &format!("{user}@x.com"), true).await.expect("roles");
    let mut readable = Vec::new();
    for (doctype, name) in [
        ("Repository", "octo/api"),
        ("Repository Issue", "octo/api-#1"),
        ("Repository", "octo/web"),
        ("Repository Issue", "octo/web-#1"),
    ] {
        if with_document(site, &roles, doctype, name, Right::Read)
            .await
            .expect("answered")
        {
            readable.push(name);
        }
    }
    readable
}
