//! Small things on issues and pull requests: labels, milestones, requests for review.

use super::super::problem::FieldError;
use super::{Context, Field, Resolved, Thing, json};
use crate::sim::github::view::stamp;
use crate::sim::github::world::{Issue, Label, Milestone, PullRequest, Repository, ids};

impl<'w> Context<'w> {
    pub(super) fn label(&self, home: &'w Repository, id: u64, label: &'w Label, field: &str) -> Field<'w> {
        match field {
            "id" => json(ids::node("LA", id)),
            "name" => json(label.name.as_str()),
            "color" => json(label.color.as_str()),
            "description" => json(label.description.clone()),
            "isDefault" => json(label.default),
            "repository" => Ok(Resolved::Thing(Thing::Repository(home))),
            "url" => {
                let encoded = percent_encoding::utf8_percent_encode(&label.name, percent_encoding::NON_ALPHANUMERIC);
                json(self.page(&format!("/{}/labels/{encoded}", home.full_name())))
            }
            _ => Err(FieldError::unresolved("Label", field)),
        }
    }

    pub(super) fn milestone(&self, home: &'w Repository, milestone: &'w Milestone, field: &str) -> Field<'w> {
        match field {
            "id" => json(ids::node("MI", ids::milestone(home.id, milestone.number))),
            "number" => json(milestone.number),
            "title" => json(milestone.title.as_str()),
            "description" => json(milestone.description.clone()),
            "creator" => Ok(Resolved::or_null(self.actor(milestone.creator.as_deref()))),
            "closed" => json(milestone.closed_at.is_some()),
            "closedAt" => json(milestone.closed_at.map(stamp)),
            "createdAt" => json(stamp(milestone.created_at)),
            "updatedAt" => json(stamp(milestone.updated_at)),
            "dueOn" => json(milestone.due_on.map(stamp)),
            "state" => json(if milestone.closed_at.is_some() { "CLOSED" } else { "OPEN" }),
            "repository" => Ok(Resolved::Thing(Thing::Repository(home))),
            "url" => json(self.page(&format!("/{}/milestone/{}", home.full_name(), milestone.number))),
            _ => Err(FieldError::unresolved("Milestone", field)),
        }
    }

    pub(super) fn review_request(
        &self,
        home: &'w Repository,
        item: &'w Issue,
        pull: &'w PullRequest,
        place: usize,
        field: &str,
    ) -> Field<'w> {
        match field {
            "id" => json(ids::node("RR", ids::mix(pull.id, place as u64))),
            "asCodeOwner" => json(false),
            "pullRequest" => Ok(Resolved::Thing(Thing::PullRequest(home, item, pull))),
            "requestedReviewer" => {
                let team = |place: usize| {
                    let slug = pull.team_reviewers.get(place)?;
                    let mut teams = self.view.world.teams.iter();
                    teams.find(|team| team.is(&home.owner, slug)).map(Thing::Team)
                };
                let person = pull.reviewers.get(place);
                let found = person.map_or_else(|| team(place - pull.reviewers.len()), |login| self.actor(Some(login)));
                Ok(Resolved::or_null(found))
            }
            _ => Err(FieldError::unresolved("ReviewRequest", field)),
        }
    }
}
