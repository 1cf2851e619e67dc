//! Which permission of an App each request needs: GitHub's page "Permissions required for GitHub Apps".

use super::super::super::answer::Answer;
use super::super::super::incoming::Incoming;
use super::super::super::view::View;
use super::super::super::world::{Grant, Repository, holds};
use super::NOT_ACCESSIBLE;
use crate::domain::Visibility;

/// Permissions of which one is enough, each with its level.
type Needs = &'static [(&'static str, &'static str)];

const NOTHING: Needs = &[];
const ISSUES: Needs = &[("issues", "read")];
const ISSUES_OR_PULLS: Needs = &[("issues", "read"), ("pull_requests", "read")];
const CONTENTS: Needs = &[("contents", "read")];

/// Refuses what an App may not do as itself, and an installation for want of a permission.
pub(in crate::sim::github::rest) fn admit(view: View<'_>, incoming: &Incoming) -> Result<(), Answer> {
    let segments = incoming.segments();
    let segments: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
    let refused = || Answer::error(403, NOT_ACCESSIBLE, "rest");
    if view.caller.app.is_some() {
        let is_its = matches!(
            segments.as_slice(),
            ["app" | "apps" | "app-manifests" | "rate_limit", ..]
                | ["orgs" | "users" | "repositories", _, "installation"]
                | ["repos", _, _, "installation"]
        );
        return if is_its { Ok(()) } else { Err(refused()) };
    }
    let Some(grant) = view.caller.token.as_ref().and_then(|token| token.grant.as_ref()) else {
        return Ok(());
    };
    let reads = incoming.method == "GET";
    let home = match segments.as_slice() {
        ["user", ..] => return Err(refused()),
        ["repos", owner, name, ..] | ["orgs", _, "teams", _, "repos", owner, name] => view.world.find(&format!("{owner}/{name}")),
        ["repositories", id, ..] => id.parse().ok().and_then(|id: u64| view.world.repositories.get(&id)),
        _ => None,
    };
    if reads && home.is_some_and(|home| is_open(home, &segments)) {
        return Ok(());
    }
    let needs = needs(&incoming.method, &segments);
    let reached = home.is_none_or(|home| view.world.reaches(grant, home));
    if reached && (needs.is_empty() || is_granted(grant, needs)) || reads && !reached {
        return Ok(());
    }
    let words: Vec<String> = needs.iter().map(|(name, level)| format!("{name}={level}")).collect();
    Err(refused().header("X-Accepted-GitHub-Permissions", &words.join("; ")))
}

/// What everybody may read needs no permission.
fn is_open(home: &Repository, segments: &[&str]) -> bool {
    let is_sensitive = segments.iter().any(|part| matches!(*part, "hooks" | "invitations" | "teams"));
    home.visibility == Visibility::Public && !is_sensitive
}

fn is_granted(grant: &Grant, needs: Needs) -> bool {
    needs.iter().any(|(name, level)| holds(&grant.permissions, name, level))
}

/// What a part of a private repository needs in GraphQL; true where the installation has it.
pub(in crate::sim::github) fn may_read(grant: &Grant, home: &Repository, part: &str) -> bool {
    let needs = match part {
        "issues" => ISSUES,
        "pulls" => &[("pull_requests", "read")],
        "labels" => ISSUES_OR_PULLS,
        "contents" => CONTENTS,
        _ => NOTHING,
    };
    needs.is_empty() || home.visibility == Visibility::Public || is_granted(grant, needs)
}

fn needs(method: &str, segments: &[&str]) -> Needs {
    let rest = match segments {
        ["repos", _, _, rest @ ..] | ["repositories", _, rest @ ..] => rest,
        ["orgs" | "organizations", _, "hooks", ..] => {
            return if method == "GET" {
                &[("organization_hooks", "read")]
            } else {
                &[("organization_hooks", "write")]
            };
        }
        ["orgs", _, "teams", _, "repos", ..] => return &[("administration", "write")],
        ["orgs" | "organizations", _, "teams"] => return &[("members", "read")],
        _ => return NOTHING,
    };
    match (method, rest) {
        ("GET", ["issues", "comments"] | ["labels" | "milestones" | "assignees", ..]) => ISSUES_OR_PULLS,
        ("GET", ["issues", ..]) => ISSUES,
        ("GET", ["pulls", ..]) => &[("pull_requests", "read")],
        ("GET", ["releases" | "branches" | "commits", ..]) => CONTENTS,
        ("GET", ["invitations" | "teams", ..]) => &[("administration", "read")],
        ("GET", ["hooks", ..]) => &[("repository_hooks", "read")],
        ("GET", _) => NOTHING,
        (_, ["issues", ..]) => &[("issues", "write"), ("pull_requests", "write")],
        (_, ["pulls", ..]) => &[("pull_requests", "write")],
        (_, ["collaborators", ..]) => &[("administration", "write")],
        (_, ["hooks", ..]) => &[("repository_hooks", "write")],
        _ => NOTHING,
    }
}
