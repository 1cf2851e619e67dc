//! What people do on GitHub, one thing at a time: every entity, every action of it that GitHub delivers.

use erpnext_github::domain::{ReviewState, Visibility};
use erpnext_github::sim::github::{
    Collaborator, HeadRepository, Issue, ItemState, Permission, Repository, ReviewDecision, World,
};
use rand::Rng as _;
use rand::rngs::StdRng;

/// A world in which something is done to one repository.
pub(super) struct Scene<'a> {
    pub(super) world: &'a mut World,
    pub(super) home: u64,
    pub(super) dice: &'a mut StdRng,
    /// Different for every step, to make names of.
    pub(super) step: usize,
}

/// Does something; false where there is nothing to do it to.
type Edit = fn(&mut Scene<'_>) -> bool;

/// Another repository, which is not mirrored.
pub(super) const OTHER: &str = "octo/other";
const PEOPLE: [&str; 4] = ["octo", "ada-l", "grace-h", "edsger"];

/// Everything that can be done.
pub(super) const EDITS: [(&str, Edit); 72] = [
    ("open an issue", |at| at.open_issue()),
    ("open another issue", |at| at.open_issue()),
    ("edit a title", |at| {
        at.edit(|item, step| item.title = format!("Title {step}"))
    }),
    ("edit a body", |at| {
        at.edit(|item, step| item.body = Some(format!("Body {step}").into()))
    }),
    ("close an issue", |at| at.close(false)),
    ("close an issue of a milestone", |at| at.close_of_milestone()),
    ("reopen an issue", |at| at.reopen(false)),
    ("label an item", |at| at.label()),
    ("label an item with a new label", |at| {
        at.edit(|item, step| item.labels.push(format!("made-{step}")))
    }),
    ("unlabel an item", |at| {
        at.edit_where(|item| !item.labels.is_empty(), |item, _| drop(item.labels.remove(0)))
    }),
    ("assign an item", |at| at.assign()),
    ("unassign an item", |at| {
        at.edit_where(|item| !item.assignees.is_empty(), |item, _| drop(item.assignees.remove(0)))
    }),
    ("set a milestone", |at| at.milestone_on_item()),
    ("take a milestone away", |at| {
        at.edit_where(|item| item.milestone.is_some(), |item, _| item.milestone = None)
    }),
    ("lock an item", |at| {
        at.edit_where(|item| !item.locked, |item, _| item.locked = true)
    }),
    ("unlock an item", |at| {
        at.edit_where(|item| item.locked, |item, _| item.locked = false)
    }),
    ("type an issue", |at| {
        at.edit_where(
            |item| !item.is_pull_request(),
            |item, step| item.issue_type = (step % 3 > 0).then(|| "Bug".to_owned()),
        )
    }),
    ("delete an issue", |at| at.delete_issue()),
    ("move an issue away", |at| at.move_away()),
    ("move an issue here", |at| at.move_here()),
    ("open a pull request", |at| at.open_pull()),
    ("open another pull request", |at| at.open_pull()),
    ("push to a pull request", |at| at.push_head()),
    ("draft a pull request", |at| {
        at.edit_where(is_open_pull, |item, step| {
            item.pull_request.as_mut().expect("a pull request").draft = step % 2 == 0;
        })
    }),
    ("ask for a review", |at| {
        at.edit_where(is_open_pull, |item, step| {
            let pull = item.pull_request.as_mut().expect("a pull request");
            let who = PEOPLE[step % PEOPLE.len()].to_owned();
            if !pull.reviewers.contains(&who) {
                pull.reviewers.push(who);
            }
        })
    }),
    ("do without a review", |at| {
        at.edit_where(
            |item| is_open_pull(item) && item.pull_request.as_ref().is_some_and(|pull| !pull.reviewers.is_empty()),
            |item, _| drop(item.pull_request.as_mut().expect("a pull request").reviewers.remove(0)),
        )
    }),
    ("merge a pull request", |at| at.merge()),
    ("close a pull request", |at| at.close(true)),
    ("reopen a pull request", |at| at.reopen(true)),
    ("comment", |at| at.comment()),
    ("comment once more", |at| at.comment()),
    ("edit a comment", |at| at.edit_comment()),
    ("delete a comment", |at| at.delete_comment()),
    ("approve", |at| at.review(ReviewState::Approved)),
    ("ask for changes", |at| at.review(ReviewState::ChangesRequested)),
    ("review without a word for or against", |at| at.review(ReviewState::Commented)),
    ("dismiss a review", |at| at.dismiss()),
    ("edit a review", |at| at.edit_review()),
    ("make a label", |at| at.add_label()),
    ("rename a label", |at| at.rename_label()),
    ("exchange the names of two labels", |at| at.exchange_labels()),
    ("paint a label", |at| at.paint_label()),
    ("delete a label", |at| at.delete_label()),
    ("make a milestone", |at| at.add_milestone()),
    ("rename a milestone", |at| at.rename_milestone()),
    ("give a milestone a date", |at| at.date_milestone()),
    ("close a milestone", |at| at.close_milestone()),
    ("open a milestone again", |at| at.open_milestone()),
    ("delete a milestone", |at| at.delete_milestone()),
    ("publish a release", |at| at.release(false)),
    ("draft a release", |at| at.release(true)),
    ("publish a draft", |at| at.publish_draft()),
    ("take a release back", |at| at.unpublish()),
    ("make a release a prerelease, or none", |at| at.prerelease()),
    ("edit a release", |at| at.edit_release()),
    ("delete a release", |at| at.delete_release()),
    ("deploy a pull request or a release", |at| at.deploy()),
    ("deploy another one", |at| at.deploy()),
    ("deploy again", |at| at.deploy_again()),
    ("take a deployment down", |at| at.undeploy()),
    ("push to the default branch", |at| at.push_default()),
    ("push to a branch, new or not", |at| at.push_branch()),
    ("delete a branch", |at| at.delete_branch()),
    ("force a push", |at| at.force_push()),
    ("protect a branch, or do not any more", |at| at.protect()),
    ("add a member", |at| at.add_member()),
    ("change what a member may do", |at| at.change_member()),
    ("remove a member", |at| at.remove_member()),
    ("describe the repository", |at| at.describe()),
    ("rename the repository", |at| at.rename()),
    ("choose another default branch", |at| at.another_default()),
    ("count a star, archive, or hide", |at| at.show()),
];

fn is_open_pull(item: &Issue) -> bool {
    item.is_pull_request() && item.state == ItemState::Open
}

impl Scene<'_> {
    fn home(&mut self) -> &mut Repository {
        self.world.repositories.get_mut(&self.home).expect("the repository")
    }

    fn one_of<T: Clone>(&mut self, all: &[T]) -> Option<T> {
        (!all.is_empty()).then(|| all[self.dice.random_range(0..all.len())].clone())
    }

    fn who(&mut self) -> String {
        PEOPLE[self.dice.random_range(0..PEOPLE.len())].to_owned()
    }

    fn item(&mut self, fits: impl Fn(&Issue) -> bool) -> Option<u64> {
        let all: Vec<u64> = self
            .home()
            .items
            .values()
            .filter(|item| fits(item))
            .map(|item| item.number)
            .collect();
        self.one_of(&all)
    }

    fn edit(&mut self, what: fn(&mut Issue, usize)) -> bool {
        self.edit_where(|_| true, what)
    }

    fn edit_where(&mut self, fits: fn(&Issue) -> bool, what: fn(&mut Issue, usize)) -> bool {
        let step = self.step;
        let Some(number) = self.item(fits) else { return false };
        what(self.home().edit(number), step);
        true
    }

    fn open_issue(&mut self) -> bool {
        let (who, title) = (self.who(), format!("Issue of step {}", self.step));
        self.home().open_issue(&title).by(&who);
        true
    }

    fn close(&mut self, pull: bool) -> bool {
        let found = self.item(|item| item.state == ItemState::Open && item.is_pull_request() == pull);
        found.map(|number| self.home().close(number, "completed")).is_some()
    }

    fn close_of_milestone(&mut self) -> bool {
        let found = self.item(|item| item.state == ItemState::Open && !item.is_pull_request() && item.milestone.is_some());
        found.map(|number| self.home().close(number, "not_planned")).is_some()
    }

    fn reopen(&mut self, pull: bool) -> bool {
        let found = self.item(|item| {
            let merged = item.pull_request.as_ref().is_some_and(|pull| pull.merged_at.is_some());
            item.state == ItemState::Closed && item.is_pull_request() == pull && !merged
        });
        found.map(|number| self.home().reopen(number)).is_some()
    }

    fn label(&mut self) -> bool {
        let names: Vec<String> = self.home().labels.iter().map(|label| label.name.clone()).collect();
        let (Some(name), Some(number)) = (self.one_of(&names), self.item(|_| true)) else {
            return false;
        };
        let item = self.home().edit(number);
        if !item.labels.contains(&name) {
            item.labels.push(name);
        }
        true
    }

    fn assign(&mut self) -> bool {
        let (who, Some(number)) = (self.who(), self.item(|_| true)) else {
            return false;
        };
        let item = self.home().edit(number);
        if !item.assignees.contains(&who) {
            item.assignees.push(who);
        }
        true
    }

    fn delete_issue(&mut self) -> bool {
        let found = self.item(|item| !item.is_pull_request());
        found.map(|number| self.home().delete_item(number)).is_some()
    }

    fn move_away(&mut self) -> bool {
        let (Some(number), from) = (self.item(|item| !item.is_pull_request()), self.home().full_name()) else {
            return false;
        };
        self.world.transfer_issue(&from, number, OTHER).is_some()
    }

    /// An issue with comments; its labels are those of the repository that it comes to.
    fn move_here(&mut self) -> bool {
        let (to, title) = (self.home().full_name(), format!("From elsewhere in step {}", self.step));
        let other = self.world.repository(OTHER);
        let number = other.open_issue(&title).number;
        other.comment_by(number, "ada-l", "Said there");
        self.world.transfer_issue(OTHER, number, &to).is_some()
    }

    fn open_pull(&mut self) -> bool {
        let (who, step) = (self.who(), self.step);
        self.home()
            .open_pull_request(&format!("Change of step {step}"), &format!("change/{step}"))
            .by(&who);
        true
    }

    fn push_head(&mut self) -> bool {
        let Some(number) = self.item(|item| {
            let same = |pull: &erpnext_github::sim::github::PullRequest| pull.head_repository == HeadRepository::Same;
            is_open_pull(item) && item.pull_request.as_deref().is_some_and(same)
        }) else {
            return false;
        };
        let head = self.home().item(number).and_then(|item| item.pull_request.as_ref());
        let head = head.expect("a pull request").head_branch.clone();
        self.home().push(&head);
        true
    }

    fn merge(&mut self) -> bool {
        let (Some(number), who) = (self.item(is_open_pull), self.who()) else {
            return false;
        };
        self.home().merge(number, &who);
        true
    }

    fn comment(&mut self) -> bool {
        let (Some(number), who, text) = (self.item(|_| true), self.who(), format!("Said in step {}", self.step)) else {
            return false;
        };
        self.home().comment_by(number, &who, &text);
        true
    }

    fn some_comment(&mut self) -> Option<u64> {
        let all: Vec<u64> = self.home().comments.keys().copied().collect();
        self.one_of(&all)
    }

    fn edit_comment(&mut self) -> bool {
        let (Some(id), text) = (self.some_comment(), format!("Said otherwise in step {}", self.step)) else {
            return false;
        };
        self.home().edit_comment(id, &text);
        true
    }

    fn delete_comment(&mut self) -> bool {
        let found = self.some_comment();
        found.map(|id| self.home().delete_comment(id)).is_some()
    }

    fn review(&mut self, state: ReviewState) -> bool {
        let (Some(number), who) = (self.item(is_open_pull), self.who()) else {
            return false;
        };
        self.home().review(number, &who, state);
        true
    }

    fn some_review(&mut self) -> Option<(u64, u64)> {
        let items = self.home().items.values();
        let all: Vec<(u64, u64)> = items
            .filter_map(|item| Some((item.number, item.pull_request.as_ref()?)))
            .flat_map(|(number, pull)| pull.reviews.iter().map(move |review| (number, review.id)))
            .collect();
        self.one_of(&all)
    }

    fn dismiss(&mut self) -> bool {
        let Some((number, id)) = self.some_review() else {
            return false;
        };
        self.home().dismiss_review(number, id);
        let pull = self.home().item_mut(number).pull_request.as_mut().expect("a pull request");
        pull.review_decision = Some(ReviewDecision::ReviewRequired);
        true
    }

    fn edit_review(&mut self) -> bool {
        let (Some((number, id)), step) = (self.some_review(), self.step) else {
            return false;
        };
        let now = self.home().now();
        let pull = self.home().edit(number).pull_request.as_mut().expect("a pull request");
        for review in pull.reviews.iter_mut().filter(|review| review.id == id) {
            (review.body, review.updated_at) = (format!("Looked again in step {step}"), now);
        }
        true
    }

    fn some_label(&mut self) -> Option<String> {
        let all: Vec<String> = self.home().labels.iter().map(|label| label.name.clone()).collect();
        self.one_of(&all)
    }

    fn add_label(&mut self) -> bool {
        let name = format!("label-{}", self.step);
        self.home().add_label(&name);
        true
    }

    fn rename_label(&mut self) -> bool {
        let (Some(name), to) = (self.some_label(), format!("renamed-{}", self.step)) else {
            return false;
        };
        self.home().rename_label(&name, &to);
        true
    }

    fn exchange_labels(&mut self) -> bool {
        let (Some(one), Some(other)) = (self.some_label(), self.some_label()) else {
            return false;
        };
        if one != other {
            let home = self.home();
            home.rename_label(&one, "in between");
            home.rename_label(&other, &one);
            home.rename_label("in between", &other);
        }
        true
    }

    fn paint_label(&mut self) -> bool {
        let (Some(name), step) = (self.some_label(), self.step) else {
            return false;
        };
        for label in self.home().labels.iter_mut().filter(|label| label.name == name) {
            label.color = format!("{step:06x}");
            label.description = Some(format!("Painted in step {step}"));
        }
        true
    }

    fn delete_label(&mut self) -> bool {
        let found = self.some_label();
        found.map(|name| self.home().delete_label(&name)).is_some()
    }
}

/// Milestones and releases.
impl Scene<'_> {
    fn some_milestone(&mut self) -> Option<u64> {
        let all: Vec<u64> = self.home().milestones.iter().map(|one| one.number).collect();
        self.one_of(&all)
    }

    fn milestone_on_item(&mut self) -> bool {
        let (Some(milestone), Some(number)) = (self.some_milestone(), self.item(|_| true)) else {
            return false;
        };
        self.home().edit(number).milestone = Some(milestone);
        true
    }

    fn add_milestone(&mut self) -> bool {
        let (title, now) = (format!("Milestone {}", self.step), self.home().now());
        let number = self.home().add_milestone(&title);
        let made = self.home().edit_milestone(number);
        (made.created_at, made.updated_at) = (now, now);
        true
    }

    fn rename_milestone(&mut self) -> bool {
        let (Some(number), step) = (self.some_milestone(), self.step) else {
            return false;
        };
        self.home().edit_milestone(number).title = format!("Renamed {step}");
        true
    }

    fn date_milestone(&mut self) -> bool {
        let (Some(number), due) = (self.some_milestone(), self.home().now()) else {
            return false;
        };
        self.home().edit_milestone(number).due_on = Some(due);
        true
    }

    fn close_milestone(&mut self) -> bool {
        let found = self.some_milestone();
        found.map(|number| self.home().close_milestone(number)).is_some()
    }

    fn open_milestone(&mut self) -> bool {
        let found = self.some_milestone();
        found
            .map(|number| self.home().edit_milestone(number).closed_at = None)
            .is_some()
    }

    fn delete_milestone(&mut self) -> bool {
        let found = self.some_milestone();
        found.map(|number| self.home().delete_milestone(number)).is_some()
    }

    fn some_release(&mut self, draft: bool) -> Option<String> {
        let all = self.home().releases.iter().filter(|one| one.draft == draft);
        let all: Vec<String> = all.map(|one| one.tag.clone()).collect();
        self.one_of(&all)
    }

    fn release(&mut self, draft: bool) -> bool {
        let tag = format!("v{}", self.step);
        let made = self.home().publish_release(&tag);
        if draft {
            made.make_draft();
        }
        true
    }

    fn publish_draft(&mut self) -> bool {
        let (Some(tag), now) = (self.some_release(true), self.home().now()) else {
            return false;
        };
        let release = self.home().edit_release(&tag);
        (release.draft, release.published_at) = (false, Some(now));
        true
    }

    fn unpublish(&mut self) -> bool {
        let found = self.some_release(false);
        found.map(|tag| self.home().edit_release(&tag).make_draft().id).is_some()
    }

    fn prerelease(&mut self) -> bool {
        let found = self.some_release(false);
        found
            .map(|tag| {
                let release = self.home().edit_release(&tag);
                release.prerelease = !release.prerelease;
            })
            .is_some()
    }

    fn edit_release(&mut self) -> bool {
        let (Some(tag), step) = (self.some_release(false), self.step) else {
            return false;
        };
        self.home().edit_release(&tag).body = Some(format!("Notes of step {step}"));
        true
    }

    fn delete_release(&mut self) -> bool {
        let found = self.some_release(false).or_else(|| self.some_release(true));
        found.map(|tag| self.home().delete_release(&tag)).is_some()
    }
}

/// Where things can be seen at work.
impl Scene<'_> {
    /// The head of a pull request, or the tag of a release, is there to be seen.
    fn deploy(&mut self) -> bool {
        let pull = self.item(is_open_pull).unwrap_or_default();
        let pull = self.home().item(pull).and_then(|item| item.pull_request.as_ref());
        let head = pull.map(|pull| pull.head_branch.clone());
        let all: Vec<String> = head.into_iter().chain(self.some_release(false)).collect();
        let (Some(git_ref), step) = (self.one_of(&all), self.step) else {
            return false;
        };
        let id = self.home().deploy(&git_ref);
        let url = format!("https://of-step-{step}.example.com/");
        self.home().tell_deployment(id, "success", Some(&url));
        true
    }

    fn some_deployment(&mut self) -> Option<u64> {
        let all: Vec<u64> = self.home().deployments.iter().map(|one| one.id).collect();
        self.one_of(&all)
    }

    fn deploy_again(&mut self) -> bool {
        let url = format!("https://again-in-step-{}.example.com/", self.step);
        let found = self.some_deployment();
        found
            .map(|id| self.home().tell_deployment(id, "success", Some(&url)))
            .is_some()
    }

    fn undeploy(&mut self) -> bool {
        let found = self.some_deployment();
        found.map(|id| self.home().tell_deployment(id, "inactive", None)).is_some()
    }
}

/// The repository, its branches and people.
impl Scene<'_> {
    fn push_default(&mut self) -> bool {
        let name = self.home().default_branch.clone();
        self.home().push(&name);
        true
    }

    fn other_branch(&mut self) -> Option<String> {
        let default = self.home().default_branch.clone();
        let all = self.home().branches.iter().map(|one| one.name.clone());
        let all: Vec<String> = all.filter(|name| *name != default).collect();
        self.one_of(&all)
    }

    fn push_branch(&mut self) -> bool {
        let name = match self.other_branch() {
            Some(name) if self.dice.random_bool(0.5) => name,
            _ => format!("topic/{}", self.step),
        };
        self.home().push(&name);
        true
    }

    fn delete_branch(&mut self) -> bool {
        let found = self.other_branch();
        found.map(|name| self.home().delete_branch(&name)).is_some()
    }

    fn force_push(&mut self) -> bool {
        let default = self.home().default_branch.clone();
        let name = if self.dice.random_bool(0.5) {
            None
        } else {
            self.other_branch()
        };
        self.home().force_push(&name.unwrap_or(default));
        true
    }

    fn protect(&mut self) -> bool {
        let all: Vec<String> = self.home().branches.iter().map(|one| one.name.clone()).collect();
        let Some(name) = self.one_of(&all) else { return false };
        for branch in self.home().branches.iter_mut().filter(|one| one.name == name) {
            branch.protected = !branch.protected;
        }
        true
    }

    fn add_member(&mut self) -> bool {
        let login = format!("person-{}", self.step);
        self.home().with_member(Collaborator::new(&login, Permission::Push));
        true
    }

    fn some_member(&mut self) -> Option<String> {
        let all = self.home().collaborators.iter().map(|one| one.login.clone());
        let all: Vec<String> = all.filter(|login| login != "octo").collect();
        self.one_of(&all)
    }

    fn change_member(&mut self) -> bool {
        let Some(login) = self.some_member() else { return false };
        self.home().with_member(Collaborator::new(&login, Permission::Maintain));
        true
    }

    fn remove_member(&mut self) -> bool {
        let found = self.some_member();
        found.map(|login| self.home().remove_member(&login).id).is_some()
    }

    fn describe(&mut self) -> bool {
        let (text, now) = (format!("As it is since step {}", self.step), self.home().now());
        let home = self.home();
        (home.description, home.updated_at) = (Some(text), now);
        true
    }

    fn rename(&mut self) -> bool {
        let (from, to) = (self.home().full_name(), format!("octo/web-{}", self.step));
        self.world.rename_repository(&from, &to);
        true
    }

    fn another_default(&mut self) -> bool {
        let (Some(name), now) = (self.other_branch(), self.home().now()) else {
            return false;
        };
        let home = self.home();
        (home.default_branch, home.updated_at) = (name, now);
        true
    }

    fn show(&mut self) -> bool {
        let now = self.home().now();
        let what = self.dice.random_range(0..3);
        let home = self.home();
        match what {
            0 => home.stars += 1,
            1 => (home.archived, home.updated_at) = (!home.archived, now),
            _ => {
                home.visibility = match home.visibility {
                    Visibility::Public => Visibility::Private,
                    _ => Visibility::Public,
                };
                home.updated_at = now;
            }
        }
        true
    }
}
