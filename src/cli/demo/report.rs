//! What a sync did, in a few words.

use crate::domain::Entity;
use crate::sync::{EntityLine, RepositoryReport, SiteReport};

/// Requests that it took.
pub(super) fn requests(report: &SiteReport) -> u64 {
    report.repositories.iter().map(|one| one.cost.requests).sum()
}

/// "acme/web: 1 issue new; repository, 2 branches changed", a line for each repository in which something changed.
pub(super) fn changes(report: &SiteReport) -> Vec<String> {
    report.repositories.iter().filter_map(of_repository).collect()
}

fn of_repository(report: &RepositoryReport) -> Option<String> {
    let lines: Vec<(Entity, EntityLine<'_>)> = report.entities.iter().map(|(entity, run)| (*entity, run.into())).collect();
    let part = |what: &str, count: fn(&EntityLine<'_>) -> u64| {
        let some = lines.iter().map(|(entity, line)| (*entity, count(line)));
        let some: Vec<String> = some
            .filter(|(_, count)| *count > 0)
            .map(|(entity, count)| some_of(entity, count))
            .collect();
        (!some.is_empty()).then(|| format!("{} {what}", some.join(", ")))
    };
    let parts: Vec<String> = [
        part("new", |line| line.created),
        part("changed", |line| line.updated),
        part("gone", |line| line.deleted),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!parts.is_empty()).then(|| format!("{}: {}", report.repository, parts.join("; ")))
}

/// What could not be done, and why.
pub(super) fn failures(report: &SiteReport) -> Vec<String> {
    let mut told = report.errors.clone();
    for one in &report.repositories {
        let reasons = one.entities.values().flat_map(|run| &run.reasons);
        told.extend(
            reasons
                .chain(&one.error)
                .map(|reason| format!("{}: {reason}", one.repository)),
        );
    }
    told
}

/// "1 branch", "2 branches"; the repository itself is not counted.
fn some_of(entity: Entity, count: u64) -> String {
    let (one, many) = match entity {
        Entity::Repository => return "repository".to_owned(),
        Entity::Issue => ("issue", "issues"),
        Entity::PullRequest => ("pull request", "pull requests"),
        Entity::Branch => ("branch", "branches"),
        Entity::Member => ("member", "members"),
        Entity::Label => ("label", "labels"),
        Entity::Milestone => ("milestone", "milestones"),
        Entity::Release => ("release", "releases"),
        Entity::Comment => ("comment", "comments"),
        Entity::Review => ("review", "reviews"),
        Entity::Commit => ("commit", "commits"),
    };
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::store::runs::{Cost, EntityRun, RunStatus};

    #[test]
    fn a_report_in_a_few_words() {
        let mut branches = EntityRun::default();
        (branches.counts.created, branches.counts.updated) = (1, 2);
        let mut members = EntityRun::default();
        members.counts.unchanged = 4;
        members.reasons.push("GitHub refuses this".to_owned());
        let mut itself = EntityRun::default();
        itself.counts.updated = 1;
        let one = RepositoryReport {
            repository: "acme/web".to_owned(),
            status: RunStatus::CompletedWithFailures,
            full: false,
            entities: BTreeMap::from([
                (Entity::Repository, itself),
                (Entity::Branch, branches),
                (Entity::Member, members),
            ]),
            cost: Cost {
                requests: 7,
                ..Cost::default()
            },
            seconds: 0.1,
            error: None,
            outage: false,
            unreachable: false,
        };
        let mut other = one.clone();
        other.entities.clear();
        let report = SiteReport {
            site: String::new(),
            repositories: vec![one, other],
            linked: 0,
            errors: Vec::new(),
            in_step: 0,
            busy: Vec::new(),
        };
        assert_eq!(changes(&report), ["acme/web: 1 branch new; repository, 2 branches changed"]);
        assert_eq!(failures(&report), ["acme/web: GitHub refuses this"]);
        assert_eq!(requests(&report), 14);
    }
}
