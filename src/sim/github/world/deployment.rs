//! Deployments of commits.

use chrono::{DateTime, Utc};

use super::Repository;

/// A deployment.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// Database id.
    pub id: u64,
    /// The commit.
    pub sha: String,
    /// What was asked for: a branch, a tag or a hash.
    pub git_ref: String,
    /// Name of the environment.
    pub environment: String,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// What became of it, in order.
    pub statuses: Vec<DeploymentStatus>,
}

/// A status of a deployment.
#[derive(Debug, Clone)]
pub struct DeploymentStatus {
    /// Database id.
    pub id: u64,
    /// `success`, `inactive`, `failure`, `error`, `in_progress`, `queued`, `pending`.
    pub state: String,
    /// Address of the environment.
    pub url: Option<String>,
    /// When it was told.
    pub created_at: DateTime<Utc>,
}

impl Repository {
    /// Begins a deployment of a branch (for anything else, of the default branch under that name), and gives its id.
    pub fn deploy(&mut self, git_ref: &str) -> u64 {
        let (id, now) = (self.next_part(), self.now());
        let branch = self.branch(git_ref).or_else(|| self.branch(&self.default_branch));
        self.deployments.push(Deployment {
            id,
            sha: branch.map(|branch| branch.sha.clone()).unwrap_or_default(),
            git_ref: git_ref.to_owned(),
            environment: format!("preview-{git_ref}"),
            created_at: now,
            statuses: Vec::new(),
        });
        id
    }

    /// Tells what became of a deployment.
    pub fn tell_deployment(&mut self, deployment: u64, state: &str, url: Option<&str>) {
        let (id, now) = (self.next_part(), self.now());
        if let Some(one) = self.deployments.iter_mut().find(|one| one.id == deployment) {
            one.statuses.push(DeploymentStatus {
                id,
                state: state.to_owned(),
                url: url.map(str::to_owned),
                created_at: now,
            });
        }
    }
}
