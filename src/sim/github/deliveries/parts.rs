//! Labels, milestones, releases and deployments.

use super::super::json::Object;
use super::super::rest;
use super::super::view::{View, stamp};
use super::super::world::{Deployment, DeploymentStatus, Label, Milestone, Release, Repository, ids};
use super::{Step, Told};

impl Told<'_> {
    pub(super) fn parts(&mut self, step: Step<'_>) {
        self.labels(step);
        self.milestones(step);
        self.releases(step);
        self.deployments(step);
    }

    fn labels(&mut self, Step { old, home }: Step<'_>) {
        let find = |of: &'_ Repository, id: u64| of.labels.iter().find(|one| one.id == id).cloned();
        for label in &home.labels {
            let action = match find(old, label.id) {
                None => "created",
                Some(before) if words(&before) != words(label) => "edited",
                Some(_) => continue,
            };
            let shown = rest::label(self.now, home, label);
            self.tell(home, "label", action, |payload| {
                payload.raw("label", &shown);
            });
        }
        for label in old.labels.iter().filter(|one| find(home, one.id).is_none()) {
            let shown = rest::label(self.then, old, label);
            self.tell(home, "label", "deleted", |payload| {
                payload.raw("label", &shown);
            });
        }
    }

    fn milestones(&mut self, Step { old, home }: Step<'_>) {
        for one in &home.milestones {
            let Some(before) = old.milestone(one.number) else {
                self.milestone(home, one, "created");
                continue;
            };
            let said = |of: &Milestone| (of.title.clone(), of.description.clone(), of.due_on);
            if said(before) != said(one) {
                self.milestone(home, one, "edited");
            }
            match (before.closed_at, one.closed_at) {
                (None, Some(_)) => self.milestone(home, one, "closed"),
                (Some(_), None) => self.milestone(home, one, "opened"),
                _ => {}
            }
        }
        for one in old.milestones.iter().filter(|one| home.milestone(one.number).is_none()) {
            let shown = rest::milestone(self.then, old, Some(one.number));
            self.tell(home, "milestone", "deleted", |payload| {
                payload.raw("milestone", &shown);
            });
        }
    }

    fn milestone(&mut self, home: &Repository, one: &Milestone, action: &str) {
        let shown = rest::milestone(self.now, home, Some(one.number));
        self.tell(home, "milestone", action, |payload| {
            payload.raw("milestone", &shown);
        });
    }

    fn releases(&mut self, Step { old, home }: Step<'_>) {
        for one in &home.releases {
            let before = old.releases.iter().find(|before| before.id == one.id);
            for action in release_actions(before, one) {
                let shown = rest::release(self.now, home, one);
                self.tell(home, "release", action, |payload| {
                    payload.raw("release", &shown);
                });
            }
        }
        for one in &old.releases {
            if !home.releases.iter().any(|now| now.id == one.id) {
                let shown = rest::release(self.then, old, one);
                self.tell(home, "release", "deleted", |payload| {
                    payload.raw("release", &shown);
                });
            }
        }
    }

    fn deployments(&mut self, Step { old, home }: Step<'_>) {
        for one in &home.deployments {
            let before = old.deployments.iter().find(|before| before.id == one.id);
            let shown = deployment(self.now, home, one);
            if before.is_none() {
                // Made by the interface, and by no workflow.
                self.tell(home, "deployment", "created", |payload| {
                    payload
                        .raw("deployment", &shown)
                        .raw("workflow", "null")
                        .raw("workflow_run", "null");
                });
            }
            let told = before.map_or(0, |before| before.statuses.len());
            for status in one.statuses.iter().skip(told) {
                let status = deployment_status(self.now, home, (one, status));
                self.tell(home, "deployment_status", "created", |payload| {
                    payload.raw("deployment_status", &status).raw("deployment", &shown);
                });
            }
        }
    }
}

fn words(of: &Label) -> (String, String, Option<String>) {
    (of.name.clone(), of.color.clone(), of.description.clone())
}

/// What was done to a release, in GitHub's words.
fn release_actions(before: Option<&Release>, one: &Release) -> Vec<&'static str> {
    let out = if one.prerelease { "prereleased" } else { "released" };
    let Some(before) = before else {
        return if one.draft {
            vec!["created"]
        } else {
            vec!["created", "published", out]
        };
    };
    let said = |of: &Release| {
        (
            of.tag.clone(),
            of.name.clone(),
            of.body.clone(),
            of.target.clone(),
            of.prerelease,
        )
    };
    let mut all = Vec::new();
    if said(before) != said(one) {
        all.push("edited");
    }
    match (before.draft, one.draft) {
        (true, false) => all.extend(["published", out]),
        (false, true) => all.push("unpublished"),
        (false, false) if before.prerelease != one.prerelease => all.push(out),
        _ => {}
    }
    all
}

fn deployment(view: View<'_>, home: &Repository, one: &Deployment) -> String {
    let api = format!("{}/repos/{}/deployments/{}", view.base, home.full_name(), one.id);
    Object::new()
        .plain("url", &[&api])
        .put("id", &one.id)
        .put("node_id", &ids::node("DE", one.id))
        .put("task", "deploy")
        .put("original_environment", &one.environment)
        .put("environment", &one.environment)
        .put("description", &None::<&str>)
        .put("created_at", &stamp(one.created_at))
        .put("updated_at", &stamp(one.created_at))
        .plain("statuses_url", &[&api, "/statuses"])
        .plain("repository_url", &[view.base, "/repos/", &home.full_name()])
        .raw("creator", &rest::person(view, Some(&home.owner)))
        .put("sha", &one.sha)
        .put("ref", &one.git_ref)
        .raw("payload", "{}")
        .put("transient_environment", &true)
        .put("production_environment", &false)
        .end()
}

fn deployment_status(view: View<'_>, home: &Repository, (one, status): (&Deployment, &DeploymentStatus)) -> String {
    let api = format!("{}/repos/{}/deployments/{}", view.base, home.full_name(), one.id);
    Object::new()
        .plain("url", &[&api, "/statuses/", &status.id.to_string()])
        .put("id", &status.id)
        .put("node_id", &ids::node("DES", status.id))
        .put("state", &status.state)
        .raw("creator", &rest::person(view, Some(&home.owner)))
        .put("description", "")
        .put("environment", &one.environment)
        .put("target_url", "")
        .put("created_at", &stamp(status.created_at))
        .put("updated_at", &stamp(status.created_at))
        .plain("deployment_url", &[&api])
        .plain("repository_url", &[view.base, "/repos/", &home.full_name()])
        .put("environment_url", status.url.as_deref().unwrap_or_default())
        .put("log_url", "")
        .end()
}
