//! What the feed does not say of pull requests, asked for a hundred at a time.

use std::collections::HashMap;

use crate::domain::{Change, Entity, PullRequest, PullRequestState};
use crate::github::{BATCH, PullRequestFacts};

use super::repository::Run;
use super::reviews::Told;
use super::{SyncError, report::Tally};

/// Pull requests that wait until there are enough of them for one question; open ones are asked for more than closed ones.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    open: Vec<PullRequest>,
    closed: Vec<PullRequest>,
}

impl Waiting {
    /// Adds some of a page.
    pub(super) fn add(&mut self, pulls: Vec<PullRequest>) {
        for pull in pulls {
            if pull.state == PullRequestState::Open {
                self.open.push(pull);
            } else {
                self.closed.push(pull);
            }
        }
    }

    /// Asks for and stores full batches.
    pub(super) async fn store_full(&mut self, run: &Run<'_>, tally: &mut Tally) -> Result<(), SyncError> {
        for (pulls, open) in [(&mut self.open, true), (&mut self.closed, false)] {
            while pulls.len() >= BATCH {
                let batch = pulls.drain(..BATCH).collect();
                store(run, tally, batch, open).await?;
            }
        }
        Ok(())
    }

    /// Asks for and stores what is left.
    pub(super) async fn store_rest(mut self, run: &Run<'_>, tally: &mut Tally) -> Result<(), SyncError> {
        self.store_full(run, tally).await?;
        for (pulls, open) in [(self.open, true), (self.closed, false)] {
            if !pulls.is_empty() {
                store(run, tally, pulls, open).await?;
            }
        }
        Ok(())
    }
}

/// Stores a batch with its details; where GitHub does not give them, without, and that is counted as a failure.
async fn store(run: &Run<'_>, tally: &mut Tally, mut pulls: Vec<PullRequest>, open: bool) -> Result<(), SyncError> {
    let mut told = Told::default();
    let node_ids: Vec<String> = pulls.iter().map(|pull| pull.item.node_id.clone()).collect();
    match run.context.client.pull_request_details(&node_ids, open).await {
        Ok(details) => {
            let mut details: HashMap<String, Result<PullRequestFacts, String>> = details.into_iter().collect();
            for pull in &mut pulls {
                match details.remove(&pull.item.node_id) {
                    Some(Ok(facts)) => {
                        (pull.id, pull.detail) = (Some(facts.id), Some(facts.detail));
                        told.add(tally, (&pull.item.node_id, pull.item.number), facts.reviews);
                    }
                    Some(Err(reason)) => tally.failed(Entity::PullRequest, 1, format!("#{}: {reason}", pull.item.number)),
                    None => tally.failed(
                        Entity::PullRequest,
                        1,
                        format!("#{}: GitHub gave no details", pull.item.number),
                    ),
                }
            }
        }
        Err(error) if error.is_stopped() => return Err(error.into()),
        Err(error) => {
            tally.failed(Entity::PullRequest, pulls.len() as u64, error.to_string());
            if error.is_outage() {
                tally.applied(&run.apply(Change::PullRequests(pulls)).await?);
                return Err(error.into());
            }
        }
    }
    count_comments(run, tally, &mut pulls).await?;
    let reviews = told.all(run, tally).await?;
    let changes = vec![Change::PullRequests(pulls), Change::Reviews(reviews.reviews)];
    tally.applied(&run.apply_all(changes).await?);
    reviews.found.settle(run, tally).await
}

/// The list of pull requests does not say how many comments there are; the feed does, so that mostly nothing is asked.
async fn count_comments(run: &Run<'_>, tally: &mut Tally, pulls: &mut [PullRequest]) -> Result<(), SyncError> {
    let unknown: Vec<String> = pulls
        .iter()
        .filter(|pull| pull.item.comments.is_none())
        .map(|pull| pull.item.node_id.clone())
        .collect();
    if unknown.is_empty() {
        return Ok(());
    }
    match run.context.client.comment_counts(&unknown).await {
        Ok(counts) => {
            for pull in pulls {
                pull.item.comments = pull.item.comments.or_else(|| counts.get(&pull.item.node_id).copied());
            }
            Ok(())
        }
        Err(error) if error.is_outage() || error.is_stopped() => Err(error.into()),
        Err(error) => {
            tally.failed(Entity::PullRequest, unknown.len() as u64, error.to_string());
            Ok(())
        }
    }
}
