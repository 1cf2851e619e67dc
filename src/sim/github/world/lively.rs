//! The organisation that the demo shows: everyday work, and in it everything that is awkward on GitHub.

use super::{Affiliation, Collaborator, HeadRepository, MergeState, Permission, ReviewDecision, World};
use crate::clock::SharedClock;
use crate::domain::{ReviewState, Visibility};

/// Length of the longest body that GitHub accepts, in characters.
const LONGEST_BODY: usize = 65_536;

impl World {
    /// The organisation `acme` with six repositories, a fork, a bot, a team, and something odd in each of them.
    #[must_use]
    pub fn lively(clock: SharedClock) -> Self {
        let mut world = Self::new(clock);
        world
            .organization("acme")
            .named("Acme")
            .with_member("ada-l")
            .with_member("grace-h");
        world.user(Self::VIEWER).with_email("mona@example.com");
        world.user("ada-l").named("Ada").with_email("ada@example.com");
        world.bot("renovate");
        world.team("acme", "reviewers").members = vec!["grace-h".to_owned()];
        world.web_repository();
        world.ledger_repository();
        world.small_repositories();
        world.transfer_issue("acme/web", 2, "acme/ledger");
        world.rename_repository("acme/site-old", "acme/handbook");
        world.settle();
        world
    }

    /// Everyday work and every odd text.
    fn web_repository(&mut self) {
        let web = self
            .repository("acme/web")
            .with_issues(40)
            .with_pull_requests(18)
            .with_members(4);
        web.description = Some("The shop front 🛒".to_owned());
        let release = web.add_milestone("Spring release");
        web.item_mut(1).milestone = Some(release);
        web.with_member(Collaborator {
            role_name: "security-reviewer".to_owned(),
            affiliation: Affiliation::Outside,
            ..Collaborator::new("auditor", Permission::Triage)
        });
        web.open_issue(&format!("A title that goes on {}", "and on ".repeat(33)))
            .labelled("bug");
        web.open_issue("Emoji in titles: 🚀🧾👩‍💻 and 漢字")
            .with_body("Zażółć gęślą jaźń 🧾");
        web.open_issue("非常に長い本文").with_body(&"漢".repeat(LONGEST_BODY));
        web.open_issue("Written by somebody who left").by_ghost();
        web.open_issue("Dependency dashboard")
            .by("renovate[bot]")
            .labelled("dependencies");
        let locked = web.open_issue("A heated debate");
        locked.locked = true;
        locked.lock_reason = Some("too heated".to_owned());
        let typed = web.open_issue("An issue with a type");
        typed.issue_type = Some("Bug".to_owned());
        typed.assigned_to("ada-l").assigned_to("somebody-outside");
        web.open_issue("Never mind");
        let last = web.next_number() - 1;
        web.delete_item(last);
        for branch in ["Main", "feature/Ünïcode", "release/2.0"] {
            web.push(branch);
        }
        web.push(&format!("experiment/{}", "long-name-".repeat(20)));
        web.protect("main");
        web.comment_by(1, "ada-l", "Seen here, too.\n\n> It is slow");
        web.comment_by(1, "renovate[bot]", "This will be looked at 🤖");
        let pull = web.items.values().find(|item| item.is_pull_request()).map(|item| item.number);
        if let Some(pull) = pull {
            web.comment_by(pull, "grace-h", "What about the tests?");
        }
        let first = web.publish_release("v1.0.0");
        (first.name, first.body) = (Some("The first one 🎉".to_owned()), Some("- Everything is new".to_owned()));
        web.publish_release("v1.1.0-rc1").prerelease = true;
        web.publish_release("v2").make_draft();
    }

    /// Pull requests of every kind.
    fn ledger_repository(&mut self) {
        let ledger = self
            .repository("acme/ledger")
            .with_visibility(Visibility::Private)
            .with_issues(12)
            .with_members(3);
        ledger
            .open_pull_request("Bump the calendar library", "renovate/calendar")
            .by("renovate[bot]");
        let merged = ledger.open_pull_request("Close the books faster", "faster-books").number;
        ledger.merge(merged, "grace-h");
        let fork = ledger.open_pull_request("From a fork", "patch-1").by("visitor");
        if let Some(pull) = fork.pull_request.as_mut() {
            pull.head_repository = HeadRepository::Fork("visitor/ledger".to_owned());
            pull.reviewers = vec!["ada-l".to_owned()];
            pull.team_reviewers = vec!["reviewers".to_owned()];
            pull.review_decision = Some(ReviewDecision::ChangesRequested);
            pull.merge_state = MergeState::Behind;
        }
        let fork = fork.number;
        ledger.review(fork, "grace-h", ReviewState::Commented);
        ledger.review(fork, "ada-l", ReviewState::ChangesRequested);
        ledger.review(merged, "mona", ReviewState::Approved);
        let gone = ledger.open_pull_request("From a fork that is gone", "patch-2").by_ghost();
        if let Some(pull) = gone.pull_request.as_mut() {
            pull.head_repository = HeadRepository::Gone;
            pull.draft = true;
            pull.merge_state = MergeState::Draft;
        }
    }

    /// A repository for each other thing that a client must not trip over.
    fn small_repositories(&mut self) {
        self.repository("acme/infra")
            .with_visibility(Visibility::Internal)
            .with_issues(5);
        self.repository("acme/mirror").without_issues().with_pull_requests(3);
        self.repository("acme/site-old").with_issues(3).archived = true;
        self.repository("acme/empty").without_commits();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::FixedClock;

    #[test]
    fn the_lively_world_has_everything_that_is_awkward() {
        let world = World::lively(FixedClock::at(World::start_of_time()));
        let web = world.find("acme/web").expect("the shop front");
        assert!(web.items.values().any(|item| item.title.chars().count() > 140));
        assert!(web.items.values().any(|item| item.author.is_none()));
        assert!(web.items.values().any(|item| {
            let body = item.body.as_ref().map(|body| body.show()).unwrap_or_default();
            body.chars().count() == LONGEST_BODY && body.len() > 65_535
        }));
        assert!(web.branch("main").is_some() && web.branch("Main").is_some());
        assert!(world.find_former("acme/site-old").is_some());
        assert!(web.gone.len() >= 2, "one deleted, one transferred");
        let kinds: Vec<_> = world.repositories.values().map(|one| one.visibility).collect();
        assert!(kinds.contains(&Visibility::Private) && kinds.contains(&Visibility::Internal));
    }
}
