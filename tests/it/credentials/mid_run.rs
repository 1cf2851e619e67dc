//! What proves who asks ends in the middle of a run: what can be renewed is, and what cannot ends its own repositories with a sentence; nothing
//! is half-written, and a credential that works again ends in the rows that an undisturbed run gives.

use erpnext_github::app::settings;
use erpnext_github::sim::github::{Collaborator, Fault, Permission, World};
use erpnext_github::store::runs::RunStatus;
use erpnext_github::sync::{Selection, SiteReport};
use secrecy::SecretString;

use super::person::{self, CLIENT};
use super::{asked_by, set};
use crate::frappe::redis_server::RedisServer;
use crate::support::TestSite;
use crate::support::mirror::{Mirror, TOKEN};
use erpnext_github::sim::site::FrappeMajor;

/// Where the walk is when it happens.
const PAGE: u64 = 2;
const HOME: &str = "octo/web";
const OTHER: &str = "octo/plain";

/// One large repository, and one that is asked for with another credential.
fn story(world: &mut World) {
    let home = world
        .repository(HOME)
        .with_issues(450)
        .with_pull_requests(30)
        .with_branches(3);
    home.with_member(Collaborator::new("ann-hub", Permission::Admin));
    world.repository(OTHER).with_issues(3);
}

/// The rows of an undisturbed run.
async fn undisturbed(story: fn(&mut World)) -> Vec<String> {
    let mirror = Mirror::new(story).await;
    for name in [HOME, OTHER] {
        mirror.sync(name).await;
    }
    let rows = mirror.owned().await;
    mirror.finish().await;
    rows
}

/// Has something happen when the feed of the large one is asked for its third page.
fn in_the_middle(mirror: &Mirror, story: impl Fn(&mut World) + Send + Sync + 'static) {
    let fault = Fault::happens(&format!("/repos/{HOME}/issues"), story).after(PAGE);
    mirror.github.world().faults.push(fault);
}

/// Syncs both anew.
async fn run(mirror: &Mirror) -> SiteReport {
    mirror.run(&Selection::default(), true).await
}

/// How the run of a repository ended, and with which sentence.
fn ended(report: &SiteReport, repository: &str) -> (RunStatus, String) {
    let found = report.repositories.iter().find(|one| one.repository == repository);
    let found = found.unwrap_or_else(|| panic!("{repository} is not in {report:?}"));
    (found.status, found.reason().to_owned())
}

/// Cursors and bookkeeping of the large one, which a run that failed does not move.
async fn progress(mirror: &Mirror) -> String {
    let sql = "SELECT CONCAT_WS(' ', r.is_synced, r.last_synced, c.cursor_at, c.walked_at) FROM tabRepository r \
               LEFT JOIN erpnext_github_cursor c ON c.repository_id = r.github_id AND c.entity = 'items' WHERE r.name = 'octo/web'";
    mirror.erp.value(sql).await
}

#[tokio::test]
async fn a_token_that_is_revoked_in_mid_run_ends_it_with_a_sentence_and_the_next_one_goes_on() {
    let mirror = Mirror::new(story).await;
    for name in [HOME, OTHER] {
        mirror.sync(name).await;
    }
    mirror.github.world().token("token-of-plain", "octo");
    super::store(&mirror, ("Repository", OTHER, "access_token"), "token-of-plain").await;
    mirror.erp.clock().advance(chrono::TimeDelta::hours(1));
    let (rows, before) = (mirror.owned().await, progress(&mirror).await);
    in_the_middle(&mirror, |world| world.tokens.retain(|token| token.secret != TOKEN));
    let report = run(&mirror).await;
    let (status, sentence) = ended(&report, HOME);
    assert_eq!(status, RunStatus::Failed, "{report:?}");
    assert!(sentence.contains("does not accept the token"), "{sentence}");
    assert_eq!(ended(&report, OTHER).0, RunStatus::Completed, "{report:?}");
    assert_eq!(
        mirror.owned().await,
        rows,
        "what was read says the same, and nothing is taken for deleted"
    );
    assert_eq!(progress(&mirror).await, before, "no cursor moved");
    let noted = "SELECT last_sync_error FROM tabRepository WHERE name = 'octo/web'";
    assert_eq!(mirror.erp.value(noted).await, sentence);
    // A new one is entered.
    mirror.github.world().token("a-new-token", "octo");
    let new = SecretString::from("a-new-token");
    let set = settings::set(mirror.app(), mirror.site(), "personal_access_token", &new, "Administrator").await;
    set.expect("stored");
    let report = run(&mirror).await;
    assert_eq!(ended(&report, HOME).0, RunStatus::Completed, "{report:?}");
    assert_eq!(mirror.owned().await, rows);
    assert_ne!(progress(&mirror).await, before);
    assert_eq!(mirror.erp.value(noted).await, "");
    mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn a_first_walk_whose_token_is_revoked_keeps_what_was_read_and_is_whole_in_the_end() {
    let expected = undisturbed(story).await;
    let mirror = Mirror::new(story).await;
    in_the_middle(&mirror, |world| world.tokens.retain(|token| token.secret != TOKEN));
    let report = mirror.sync(HOME).await;
    assert_eq!(report.status, RunStatus::Failed, "{report:?}");
    assert_eq!(mirror.erp.value("SELECT is_synced FROM tabRepository").await, "0");
    let count = mirror.erp.value("SELECT COUNT(*) FROM `tabRepository Issue`").await;
    assert!(["100", "200"].contains(&count.as_str()), "{count} were read before");
    mirror.github.world().token(TOKEN, "octo");
    for name in [HOME, OTHER] {
        let report = mirror.sync(name).await;
        assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    }
    assert_eq!(mirror.owned().await, expected);
    mirror.finish_with_errors(1).await;
}

/// The large one belongs to an integration by OAuth, whose user is connected as `ann-hub`.
async fn by_a_person() -> (Mirror, RedisServer) {
    let (site, redis) = TestSite::cached(FrappeMajor::V15).await;
    let mirror = Mirror::on(site, story).await;
    mirror.erp.erp().add_user("ann@x.com", "Ann", &[]).await.expect("a user");
    for name in [HOME, OTHER] {
        mirror.sync(name).await;
    }
    person::set_up(&mirror).await;
    person::connect(&mirror, "ann@x.com", "ann-hub").await;
    let sql = "INSERT INTO `tabGitHub Integration` (name, integration_name, auth_type, connected_user, enabled, service_repositories, \
               service_pull_requests, service_issues, service_webhooks, creation, modified) \
               VALUES ('Anns', 'Anns', 'OAuth', 'ann@x.com', 1, 1, 1, 1, 1, NOW(), NOW())";
    mirror.erp.query(sql).await;
    lend(&mirror).await;
    set(&mirror, HOME, "integration", "Anns").await;
    (mirror, redis)
}

/// She lends her connection to it.
async fn lend(mirror: &Mirror) {
    let lent = "INSERT INTO erpnext_github_lent (integration, user, lent_at, made_at, account) \
                SELECT name, connected_user, NOW(), creation, '/' FROM `tabGitHub Integration` WHERE name = 'Anns'";
    mirror.erp.query(lent).await;
}

/// Ends the tokens of people, and leaves what they are renewed with.
fn end_access(world: &mut World) {
    world.tokens.retain(|token| !token.secret.starts_with("ghu_"));
}

#[tokio::test]
async fn a_persons_token_that_ends_in_mid_run_is_renewed_and_the_run_ends_in_the_same_rows() {
    let (mirror, _redis) = by_a_person().await;
    let rows = mirror.owned().await;
    in_the_middle(&mirror, end_access);
    let from = mirror.github.requests().len();
    let report = run(&mirror).await;
    for name in [HOME, OTHER] {
        assert_eq!(ended(&report, name).0, RunStatus::Completed, "{report:?}");
    }
    let requests = mirror.github.requests().split_off(from);
    let renewed = requests.iter().filter(|one| one.path == "/login/oauth/access_token").count();
    assert_eq!(renewed, 1, "however many requests were under way");
    assert!(requests.iter().any(|one| one.status == 401), "it was refused");
    assert_eq!(mirror.owned().await, rows);
    // At its own time, too, before GitHub has to say so.
    mirror.erp.clock().advance(chrono::TimeDelta::hours(8));
    let report = run(&mirror).await;
    assert_eq!(ended(&report, HOME).0, RunStatus::Completed, "{report:?}");
    assert_eq!(mirror.owned().await, rows);
    assert_eq!(asked_by(&mirror, HOME, from), ["ann-hub"]);
}

#[tokio::test]
async fn a_connection_that_is_taken_back_in_mid_run_ends_its_repositories_alone_until_it_is_made_anew() {
    let (mirror, _redis) = by_a_person().await;
    let (rows, before) = (mirror.owned().await, progress(&mirror).await);
    in_the_middle(&mirror, |world| world.revoke_authorization(CLIENT, "ann-hub"));
    let report = run(&mirror).await;
    let (status, sentence) = ended(&report, HOME);
    assert_eq!(status, RunStatus::Failed, "{report:?}");
    assert!(sentence.contains("connect GitHub again"), "{sentence}");
    assert_eq!(ended(&report, OTHER).0, RunStatus::Completed, "{report:?}");
    assert_eq!((mirror.owned().await, progress(&mirror).await), (rows.clone(), before));
    // Nobody else's credential steps in.
    let from = mirror.github.requests().len();
    let report = run(&mirror).await;
    assert_eq!(ended(&report, HOME).0, RunStatus::Failed, "{report:?}");
    assert_eq!(asked_by(&mirror, HOME, from), Vec::<String>::new());
    // GitHub's word has not come, so that nobody knows but that the connection is lost: what she lent is lent still.
    person::connect(&mirror, "ann@x.com", "ann-hub").await;
    let report = run(&mirror).await;
    assert_eq!(ended(&report, HOME).0, RunStatus::Completed, "{report:?}");
    assert_eq!(mirror.owned().await, rows);
}
