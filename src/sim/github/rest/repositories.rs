//! Repositories in REST, in the three shapes that GitHub has for them.

use std::sync::Arc;

use super::super::json::Object;
use super::super::view::{View, stamp};
use super::super::world::{AccountKind, Branch, Permission, Repository};
use super::accounts::person;
use crate::domain::Visibility;

/// How much of a repository is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// In lists of an account.
    Minimal,
    /// In the viewer's list, and embedded in pull requests.
    Plain,
    /// On its own.
    Full,
}

/// Members that hold an address below the repository's own: name, end of the address.
const ADDRESSES: [(&str, &str); 37] = [
    ("forks_url", "/forks"),
    ("keys_url", "/keys{/key_id}"),
    ("collaborators_url", "/collaborators{/collaborator}"),
    ("teams_url", "/teams"),
    ("hooks_url", "/hooks"),
    ("issue_events_url", "/issues/events{/number}"),
    ("events_url", "/events"),
    ("assignees_url", "/assignees{/user}"),
    ("branches_url", "/branches{/branch}"),
    ("tags_url", "/tags"),
    ("blobs_url", "/git/blobs{/sha}"),
    ("git_tags_url", "/git/tags{/sha}"),
    ("git_refs_url", "/git/refs{/sha}"),
    ("trees_url", "/git/trees{/sha}"),
    ("statuses_url", "/statuses/{sha}"),
    ("languages_url", "/languages"),
    ("stargazers_url", "/stargazers"),
    ("contributors_url", "/contributors"),
    ("subscribers_url", "/subscribers"),
    ("subscription_url", "/subscription"),
    ("commits_url", "/commits{/sha}"),
    ("git_commits_url", "/git/commits{/sha}"),
    ("comments_url", "/comments{/number}"),
    ("issue_comment_url", "/issues/comments{/number}"),
    ("contents_url", "/contents/{+path}"),
    ("compare_url", "/compare/{base}...{head}"),
    ("merges_url", "/merges"),
    ("archive_url", "/{archive_format}{/ref}"),
    ("downloads_url", "/downloads"),
    ("issues_url", "/issues{/number}"),
    ("pulls_url", "/pulls{/number}"),
    ("milestones_url", "/milestones{/number}"),
    ("notifications_url", "/notifications{?since,all,participating}"),
    ("labels_url", "/labels{/name}"),
    ("releases_url", "/releases{/id}"),
    ("deployments_url", "/deployments"),
    ("url", ""),
];

/// A repository as JSON.
pub(super) fn repository(view: View<'_>, repository: &Repository, shape: Shape) -> Arc<str> {
    let key = format!("repository {} {shape:?} {}", repository.id, view.caller.label);
    view.fragment(key, || {
        let mut object = Object::new();
        identity(view, repository, &mut object);
        counts(repository, &mut object);
        settings(repository, &mut object);
        // GitHub tells an installation nothing of roles, which are people's.
        let is_app = view.caller.token.as_ref().is_some_and(|token| token.grant.is_some());
        permissions(&mut object, view.permission(repository).filter(|_| !is_app));
        match shape {
            Shape::Minimal => {
                object.put("role_name", role_name(view, repository));
            }
            Shape::Plain => merging(&mut object),
            Shape::Full => {
                merging(&mut object);
                full(view, repository, &mut object);
            }
        }
        object.end()
    })
}

fn identity(view: View<'_>, repository: &Repository, object: &mut Object) {
    let name = repository.full_name();
    let api = format!("{}/repos/{name}", view.base);
    let page = format!("{}/{name}", view.web());
    let host = view.web().trim_start_matches("https://").trim_start_matches("http://");
    object
        .put("id", &repository.id)
        .put("node_id", &repository.node_id())
        .put("name", &repository.name)
        .put("full_name", &name)
        .put("private", &(repository.visibility != Visibility::Public))
        .raw("owner", &person(view, Some(&repository.owner)))
        .plain("html_url", &[&page])
        .put("description", &repository.description)
        .put("fork", &repository.fork);
    for (key, end) in ADDRESSES {
        object.plain(key, &[&api, end]);
    }
    object
        .put("created_at", &stamp(repository.created_at))
        .put("updated_at", &stamp(repository.updated_at))
        .put("pushed_at", &repository.pushed_at.map(stamp))
        .plain("git_url", &["git://", host, "/", &name, ".git"])
        .plain("ssh_url", &["git@", host, ":", &name, ".git"])
        .plain("clone_url", &[&page, ".git"])
        .plain("svn_url", &[&page])
        .put("homepage", &repository.homepage);
}

fn counts(repository: &Repository, object: &mut Object) {
    let is_open = |item: &&super::super::world::Issue| item.closed_at.is_none();
    let open = repository.items.values().filter(is_open).count();
    object
        .put("size", &(repository.commits.len() * 10))
        .put("stargazers_count", &repository.stars)
        .put("watchers_count", &repository.stars)
        .put("language", &repository.language)
        .put("forks_count", &0)
        .put("open_issues_count", &open)
        .put("forks", &0)
        .put("open_issues", &open)
        .put("watchers", &repository.stars);
}

fn settings(repository: &Repository, object: &mut Object) {
    object
        .put("has_issues", &repository.has_issues)
        .put("has_projects", &true)
        .put("has_downloads", &true)
        .put("has_wiki", &true)
        .put("has_pages", &false)
        .put("has_discussions", &false)
        .put("mirror_url", &None::<&str>)
        .put("archived", &repository.archived)
        .put("disabled", &false)
        .put("license", &None::<&str>)
        .put("allow_forking", &true)
        .put("is_template", &false)
        .put("web_commit_signoff_required", &false)
        .put("topics", &repository.topics)
        .put("visibility", &repository.visibility.as_str().to_lowercase())
        .put("default_branch", &repository.default_branch);
}

fn merging(object: &mut Object) {
    object
        .put("temp_clone_token", "")
        .put("allow_squash_merge", &true)
        .put("allow_merge_commit", &true)
        .put("allow_rebase_merge", &true)
        .put("allow_auto_merge", &false)
        .put("delete_branch_on_merge", &false)
        .put("allow_update_branch", &false)
        .put("use_squash_pr_title_as_default", &false)
        .put("squash_merge_commit_message", "COMMIT_MESSAGES")
        .put("squash_merge_commit_title", "COMMIT_OR_PR_TITLE")
        .put("merge_commit_message", "PR_TITLE")
        .put("merge_commit_title", "MERGE_MESSAGE");
}

fn full(view: View<'_>, repository: &Repository, object: &mut Object) {
    let owner = view.world.account(&repository.owner);
    if owner.is_some_and(|owner| owner.kind == AccountKind::Organization) {
        object.raw("organization", &person(view, Some(&repository.owner)));
    }
    object
        .put("network_count", &0)
        .put("subscribers_count", &repository.collaborators.len());
}

fn role_name<'w>(view: View<'w>, repository: &'w Repository) -> &'w str {
    let login = view.caller.token.as_ref().map(|token| token.login.as_str());
    let own = repository
        .collaborators
        .iter()
        .find(|one| login.is_some_and(|login| one.login.eq_ignore_ascii_case(login)));
    match own {
        Some(own) => &own.role_name,
        None => view.permission(repository).map_or("read", Permission::role_name),
    }
}

/// REST's `permissions` object.
pub(super) fn permissions(object: &mut Object, held: Option<Permission>) {
    let mut flags = Object::new();
    for (permission, key) in Permission::ALL {
        flags.put(key, &held.is_some_and(|held| held >= permission));
    }
    object.raw("permissions", &flags.end());
}

/// A branch in a list.
pub(super) fn branch(view: View<'_>, repository: &Repository, branch: &Branch) -> String {
    let api = format!("{}/repos/{}", view.base, repository.full_name());
    let commit = Object::new()
        .put("sha", &branch.sha)
        .plain("url", &[&api, "/commits/", &branch.sha])
        .end();
    let encoded = percent_encoding::utf8_percent_encode(&branch.name, percent_encoding::NON_ALPHANUMERIC).to_string();
    Object::new()
        .put("name", &branch.name)
        .raw("commit", &commit)
        .put("protected", &branch.protected)
        .plain("protection_url", &[&api, "/branches/", &encoded, "/protection"])
        .end()
}
