//! What happens between repositories and accounts: renames, transfers, deletion.

use std::collections::BTreeMap;

use super::{Gone, HeadRepository, Issue, World, account_key, ids, same_account};

impl World {
    /// Renames or transfers a repository; the old name redirects. Does nothing when there is none of the old name.
    pub fn rename_repository(&mut self, from: &str, to: &str) {
        let Some(id) = self.find(from).map(|found| found.id) else {
            return;
        };
        let Some((owner, name)) = to.split_once('/') else { return };
        if self.account(owner).is_none() {
            self.organization(owner);
        }
        self.former_names.remove(&to.to_ascii_lowercase());
        if let Some(repository) = self.repositories.get_mut(&id) {
            let old = repository.full_name();
            owner.clone_into(&mut repository.owner);
            name.clone_into(&mut repository.name);
            repository.updated_at = repository.now();
            if !old.eq_ignore_ascii_case(to) {
                self.former_names.insert(old.to_ascii_lowercase(), id);
            }
            self.follow_fork(&old, to);
        }
    }

    /// Renames an account, and with it every repository that it owns.
    pub fn rename_account(&mut self, from: &str, to: &str) {
        let now = self.now();
        let Some(mut account) = self.accounts.remove(&account_key(from)) else {
            return;
        };
        to.clone_into(&mut account.login);
        account.updated_at = now;
        self.accounts.insert(account_key(to), account);
        let owned: Vec<_> = self
            .repositories
            .values()
            .filter(|repository| repository.owner.eq_ignore_ascii_case(from))
            .map(|repository| (repository.full_name(), format!("{to}/{}", repository.name)))
            .collect();
        for (old, new) in owned {
            self.rename_repository(&old, &new);
        }
        self.replace_login(from, to);
    }

    /// Moves an issue to another repository under its next number, and gives that number. A pull request cannot be moved.
    pub fn transfer_issue(&mut self, from: &str, number: u64, to: &str) -> Option<u64> {
        let target = self.repository(to).id;
        let source = self.find(from)?.id;
        let item = self.repositories.get_mut(&source)?.items.remove(&number)?;
        let repository = self.repositories.get_mut(&target)?;
        let new_number = repository.next_number();
        let moved = Issue {
            id: ids::issue(target, new_number),
            number: new_number,
            updated_at: repository.now(),
            milestone: None,
            ..item
        };
        repository.items.insert(new_number, moved);
        self.move_comments((source, number), (target, new_number));
        let gone = Gone::Transferred {
            repository_id: target,
            number: new_number,
        };
        self.repositories.get_mut(&source)?.gone.insert(number, gone);
        Some(new_number)
    }

    /// Comments go with their issue, and keep their ids.
    fn move_comments(&mut self, (source, number): (u64, u64), (target, new_number): (u64, u64)) {
        let Some(from) = self.repositories.get_mut(&source) else {
            return;
        };
        let comments = std::mem::take(&mut from.comments);
        let (mut moved, kept): (BTreeMap<_, _>, BTreeMap<_, _>) =
            comments.into_iter().partition(|(_, comment)| comment.number == number);
        from.comments = kept;
        for comment in moved.values_mut() {
            comment.number = new_number;
        }
        if let Some(to) = self.repositories.get_mut(&target) {
            to.comments.extend(moved);
        }
    }

    /// Deletes a repository; its names answer 404 from now on, and its forks stay.
    pub fn delete_repository(&mut self, full_name: &str) {
        let Some(id) = self.find(full_name).map(|found| found.id) else {
            return;
        };
        self.repositories.remove(&id);
        self.former_names.retain(|_, to| *to != id);
        for team in &mut self.teams {
            team.repositories.remove(&id);
        }
        for item in self.items_mut() {
            if let Some(pull) = item.pull_request.as_mut()
                && matches!(&pull.head_repository, HeadRepository::Fork(fork) if fork.eq_ignore_ascii_case(full_name))
            {
                pull.head_repository = HeadRepository::Gone;
            }
        }
    }

    /// Deletes an account: what it wrote stays, without an author.
    pub fn delete_account(&mut self, login: &str) {
        self.accounts.remove(&account_key(login));
        let is = |other: &String| same_account(other, login);
        for item in self.items_mut() {
            item.author.take_if(|one| is(one));
            item.closed_by.take_if(|one| is(one));
            item.assignees.retain(|one| !is(one));
            if let Some(pull) = item.pull_request.as_mut() {
                pull.merged_by.take_if(|one| is(one));
                pull.reviewers.retain(|one| !is(one));
                for review in &mut pull.reviews {
                    review.author.take_if(|one| is(one));
                }
            }
        }
        for repository in self.repositories.values_mut() {
            repository.collaborators.retain(|one| !is(&one.login));
            repository.invitations.retain(|one| !is(&one.invitee) && !is(&one.inviter));
            for author in repository.authors_of_parts() {
                author.take_if(|one| is(one));
            }
            for commit in repository.commits.values_mut() {
                commit.author.take_if(|one| is(one));
            }
        }
        for account in self.accounts.values_mut() {
            account.owners.retain(|one| !is(one));
            account.members.retain(|one| !is(one));
        }
    }

    fn items_mut(&mut self) -> impl Iterator<Item = &mut Issue> {
        self.repositories
            .values_mut()
            .flat_map(|repository| repository.items.values_mut())
    }

    fn follow_fork(&mut self, old: &str, new: &str) {
        for item in self.items_mut() {
            if let Some(pull) = item.pull_request.as_mut()
                && matches!(&pull.head_repository, HeadRepository::Fork(fork) if fork.eq_ignore_ascii_case(old))
            {
                pull.head_repository = HeadRepository::Fork(new.to_owned());
            }
        }
    }

    fn replace_login(&mut self, from: &str, to: &str) {
        let replace = |login: &mut String| {
            if same_account(login, from) {
                to.clone_into(login);
            }
        };
        for item in self.items_mut() {
            item.author.iter_mut().chain(&mut item.closed_by).for_each(replace);
            item.assignees.iter_mut().for_each(replace);
            if let Some(pull) = item.pull_request.as_mut() {
                pull.merged_by.iter_mut().chain(&mut pull.reviewers).for_each(replace);
                pull.reviews
                    .iter_mut()
                    .filter_map(|one| one.author.as_mut())
                    .for_each(replace);
            }
        }
        for repository in self.repositories.values_mut() {
            repository.collaborators.iter_mut().for_each(|one| replace(&mut one.login));
            let invitations = repository.invitations.iter_mut();
            invitations
                .flat_map(|one| [&mut one.invitee, &mut one.inviter])
                .for_each(replace);
            repository.authors_of_parts().filter_map(Option::as_mut).for_each(replace);
            repository
                .commits
                .values_mut()
                .filter_map(|one| one.author.as_mut())
                .for_each(replace);
        }
        for account in self.accounts.values_mut() {
            account.owners.iter_mut().chain(&mut account.members).for_each(replace);
        }
        for team in &mut self.teams {
            replace(&mut team.organization);
            team.members.iter_mut().for_each(replace);
        }
        self.installations.values_mut().for_each(|one| replace(&mut one.account));
        self.oauth.rename(replace);
        for token in &mut self.tokens {
            replace(&mut token.login);
            token.sso.iter_mut().for_each(replace);
            token.grant.iter_mut().for_each(|grant| replace(&mut grant.account));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_renamed_repository_is_found_by_both_names() {
        let mut world = World::default();
        let id = world.repository("acme/web").with_issues(2).id;
        world.rename_repository("acme/web", "acme/site");
        assert!(world.find("acme/web").is_none());
        assert_eq!(world.find("Acme/Site").map(|found| found.id), Some(id));
        assert_eq!(world.find_former("ACME/web").map(|found| found.id), Some(id));
        world.rename_account("acme", "umbrella");
        assert_eq!(world.find("umbrella/site").map(|found| found.id), Some(id));
        assert_eq!(world.find_former("acme/site").map(|found| found.id), Some(id));
    }

    #[test]
    fn a_name_can_be_taken_again_by_another_repository() {
        let mut world = World::default();
        let old = world.repository("acme/web").id;
        world.rename_repository("acme/web", "acme/site");
        let new = world.repository("acme/web").id;
        assert_ne!(old, new);
        assert!(world.find_former("acme/web").is_none());
    }

    #[test]
    fn a_transferred_issue_leaves_its_number_behind() {
        let mut world = World::default();
        world.repository("acme/web").with_issues(3);
        world.repository("acme/api").with_issues(7);
        assert_eq!(world.transfer_issue("acme/web", 3, "acme/api"), Some(8));
        let web = world.repository("acme/web");
        assert!(web.item(3).is_none() && matches!(web.gone[&3], Gone::Transferred { number: 8, .. }));
        assert_eq!(web.next_number(), 4, "a number is never used twice");
    }
}
