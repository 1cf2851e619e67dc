//! Making the world whole after a test changed it: what is mentioned also exists.

use std::collections::BTreeSet;

use super::{HeadRepository, Issue, Label, Repository, World};

impl World {
    /// Declares every account, label and fork that something mentions and that is missing.
    ///
    /// Logins become users, those that end in `[bot]` become bots.
    pub(crate) fn settle(&mut self) {
        let forks: BTreeSet<String> = self.repositories.values().flat_map(Repository::forks).collect();
        for fork in forks
            .iter()
            .filter(|fork| self.find(fork).is_none())
            .cloned()
            .collect::<Vec<_>>()
        {
            let owner = fork.split_once('/').map_or("", |(owner, _)| owner);
            self.user(owner);
            self.repository(&fork).fork = true;
        }
        let mentioned: BTreeSet<&str> = self.mentioned().collect();
        let missing: Vec<String> = mentioned
            .into_iter()
            .filter(|login| self.account(login).is_none())
            .map(str::to_owned)
            .collect();
        for login in missing {
            if login.ends_with("[bot]") {
                self.bot(&login);
            } else {
                self.user(&login);
            }
        }
        self.repositories.values_mut().for_each(Repository::declare_labels);
    }

    fn mentioned(&self) -> impl Iterator<Item = &str> {
        let items = self.repositories.values().flat_map(|repository| repository.items.values());
        let others = self.repositories.values().flat_map(|repository| {
            let members = repository.collaborators.iter().map(|one| one.login.as_str());
            let invited = repository.invitations.iter();
            let invited = invited.flat_map(|one| [one.invitee.as_str(), one.inviter.as_str()]);
            let parts = repository.writers_of_parts();
            let commits = repository.commits.values().filter_map(|one| one.author.as_deref());
            std::iter::once(repository.owner.as_str())
                .chain(members)
                .chain(invited)
                .chain(parts)
                .chain(commits)
        });
        let accounts = self.accounts.values().flat_map(|one| one.owners.iter().chain(&one.members));
        items
            .flat_map(Issue::mentioned)
            .chain(others)
            .chain(accounts.map(String::as_str))
            .chain(self.teams.iter().flat_map(|team| &team.members).map(String::as_str))
            .chain(self.tokens.iter().map(|token| token.login.as_str()))
    }
}

impl Issue {
    fn mentioned(&self) -> impl Iterator<Item = &str> {
        let pull = self.pull_request.as_deref();
        let on_pull = pull.into_iter().flat_map(|pull| {
            let reviews = pull.reviews.iter().filter_map(|review| review.author.as_ref());
            pull.merged_by.iter().chain(&pull.reviewers).chain(reviews)
        });
        self.author
            .iter()
            .chain(&self.closed_by)
            .chain(&self.assignees)
            .chain(on_pull)
            .map(String::as_str)
    }
}

impl Repository {
    fn forks(&self) -> impl Iterator<Item = String> {
        self.items
            .values()
            .filter_map(|item| match &item.pull_request.as_ref()?.head_repository {
                HeadRepository::Fork(name) => Some(name.clone()),
                _ => None,
            })
    }

    fn declare_labels(&mut self) {
        let used: BTreeSet<&str> = self
            .items
            .values()
            .flat_map(|item| &item.labels)
            .map(String::as_str)
            .collect();
        let missing: Vec<Label> = used
            .into_iter()
            .filter(|name| self.label(name).is_none())
            .map(Label::new)
            .collect();
        for label in missing {
            self.push_label(label);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{AccountKind, World};
    use super::*;

    #[test]
    fn what_is_mentioned_exists() {
        let mut world = World::default();
        let item = world.repository("acme/web").open_pull_request("A change", "change");
        item.by("dependabot[bot]").assigned_to("Newcomer").labelled("odd");
        if let Some(pull) = item.pull_request.as_mut() {
            pull.head_repository = HeadRepository::Fork("friend/web".to_owned());
        }
        world.settle();
        assert_eq!(
            world.account("dependabot").map(|account| account.kind),
            Some(AccountKind::Bot)
        );
        assert_eq!(world.account("newcomer").map(|account| account.kind), Some(AccountKind::User));
        assert!(world.find("friend/web").is_some_and(|fork| fork.fork));
        assert!(world.repository("acme/web").label("odd").is_some());
        let accounts = world.accounts.len();
        world.settle();
        assert_eq!(world.accounts.len(), accounts, "settling twice changes nothing");
    }
}
