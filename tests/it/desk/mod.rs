//! The desk's methods over HTTP: who may call what, and what comes back.

mod callers;
mod child_rows;
mod envelope;
mod fetching;
mod hostile;
mod importing;
mod lists;
mod long_work;
mod matrix;
mod overview;
mod project_repositories;
mod reading;
mod releases;
mod sites;
mod statements;
mod syncing;
mod writing;

use erpnext_github::sim::github::{Collaborator, Permission};
use erpnext_github::sim::site::FrappeMajor;

use crate::support::desk::Desk;
use crate::support::mirror::Mirror;
use crate::support::{TestSite, Told};

/// People of every kind around the repository `octo/web`, which the Project `TRY-1` is connected with.
pub(crate) const PEOPLE: [(&str, &[&str]); 8] = [
    ("admin@x.com", &["GitHub Admin"]),
    ("system@x.com", &["System Manager"]),
    ("manager@x.com", &[]),
    ("pusher@x.com", &[]),
    ("member@x.com", &["GitHub User"]),
    ("desk@x.com", &["Projects User"]),
    ("website@x.com", &["GitHub Admin"]),
    ("disabled@x.com", &["GitHub Admin"]),
];

/// A mirrored site with all of them, each with a session.
pub(crate) async fn company() -> (Mirror, Desk) {
    company_of(TestSite::new(FrappeMajor::V15).await).await
}

/// The same on a site whose desks a test listens to.
pub(crate) async fn told_company() -> (Mirror, Desk, Told) {
    let told = Told::listen().await;
    let (mirror, desk) = company_of(told.site().await).await;
    (mirror, desk, told)
}

/// The same on any site.
pub(crate) async fn company_of(site: TestSite) -> (Mirror, Desk) {
    let mirror = Mirror::on(site, |world| {
        let web = world.repository("octo/web");
        web.with_member(Collaborator::new("pusher", Permission::Push));
        web.with_member(Collaborator::new("member", Permission::Pull));
        web.with_issues(3);
        world.repository("octo/secret");
    })
    .await;
    let erp = mirror.erp.erp();
    for (user, roles) in PEOPLE {
        erp.add_user(user, "Some Body", roles).await.expect("a user");
        Desk::log_in(&mirror, user).await;
    }
    Desk::log_in(&mirror, "Administrator").await;
    for login in ["pusher", "member"] {
        erp.set("User", &format!("{login}@x.com"), "github_username", login)
            .await
            .expect("a login");
    }
    erp.set("User", "website@x.com", "user_type", "Website User")
        .await
        .expect("set");
    erp.set("User", "disabled@x.com", "enabled", "0").await.expect("set");
    erp.add_project("TRY-1", "A try").await.expect("a project");
    erp.set("Project", "TRY-1", "project_manager", "manager@x.com")
        .await
        .expect("set");
    let confined = [("user", "member@x.com"), ("allow", "Repository"), ("for_value", "octo/web")];
    erp.insert("User Permission", "of-member", &confined).await.expect("a row");
    mirror.sync("octo/web").await;
    mirror.sync("octo/secret").await;
    mirror.erp.connect("TRY-1", "octo/web").await;
    let desk = Desk::of(&mirror).await;
    (mirror, desk)
}
