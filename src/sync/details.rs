//! What the feed does not say of pull requests, asked for a hundred at a time.

use std::collections::{HashMap, VecDeque};

use tokio_util::task::AbortOnDropHandle;

use crate::domain::{Change, Entity, PullRequest, PullRequestState};
use crate::github::{BATCH, GithubError, PullRequestFacts};

use super::repository::Run;
use super::reviews::Told;
use super::{SyncError, report::Tally};

/// Questions that are under way at a time beside the one whose answer is stored.
const SIDE_BY_SIDE: usize = 6;

/// Pull requests that wait until there are enough of them for one question, and questions that wait for their answer. Open ones are asked
/// for more than closed ones.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    open: Vec<PullRequest>,
    closed: Vec<PullRequest>,
    /// Oldest first. Dropped, they are asked no more.
    asked: VecDeque<AbortOnDropHandle<Answered>>,
}

/// A batch with what GitHub answered.
#[derive(Debug)]
struct Answered {
    pulls: Vec<PullRequest>,
    /// None where it is not to be asked.
    details: Option<Result<Details, GithubError>>,
}

type Details = Vec<(String, Result<PullRequestFacts, String>)>;

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

    /// Asks for full batches, and stores what was answered.
    pub(super) async fn store_full(&mut self, run: &Run<'_>, tally: &mut Tally) -> Result<(), SyncError> {
        for (pulls, is_open) in [(&mut self.open, true), (&mut self.closed, false)] {
            while pulls.len() >= BATCH {
                self.asked.push_back(ask(run, pulls.drain(..BATCH).collect(), is_open));
            }
        }
        self.store_answered(run, tally, SIDE_BY_SIDE).await
    }

    /// Asks for what is left, and stores all.
    pub(super) async fn store_rest(mut self, run: &Run<'_>, tally: &mut Tally) -> Result<(), SyncError> {
        for (pulls, is_open) in [(self.open, true), (self.closed, false)] {
            let mut pulls = pulls.into_iter().peekable();
            while pulls.peek().is_some() {
                self.asked.push_back(ask(run, pulls.by_ref().take(BATCH).collect(), is_open));
            }
        }
        (self.open, self.closed) = (Vec::new(), Vec::new());
        self.store_answered(run, tally, 0).await
    }

    /// Stores answers in the order of the questions, until no more than `left` are missing.
    async fn store_answered(&mut self, run: &Run<'_>, tally: &mut Tally, left: usize) -> Result<(), SyncError> {
        while self.asked.len() > left || self.asked.front().is_some_and(AbortOnDropHandle::is_finished) {
            let Some(asked) = self.asked.pop_front() else { break };
            match asked.await {
                Ok(answered) => store(run, tally, answered).await?,
                Err(ended) => tally.failed(
                    Entity::PullRequest,
                    1,
                    format!("a question was not asked to its end: {ended}"),
                ),
            }
        }
        Ok(())
    }
}

fn ask(run: &Run<'_>, pulls: Vec<PullRequest>, is_open: bool) -> AbortOnDropHandle<Answered> {
    let (client, is_asked) = (run.context.client.clone(), run.context.ways.graphql);
    AbortOnDropHandle::new(tokio::spawn(async move {
        let node_ids: Vec<String> = pulls.iter().map(|pull| pull.item.node_id.clone()).collect();
        let details = if is_asked {
            Some(client.pull_request_details(&node_ids, is_open).await)
        } else {
            None
        };
        Answered { pulls, details }
    }))
}

/// Stores a batch with its details; where GitHub does not give them, without, and that is counted as a failure.
async fn store(run: &Run<'_>, tally: &mut Tally, answered: Answered) -> Result<(), SyncError> {
    let mut told = Told::default();
    let Answered { mut pulls, details } = answered;
    match details {
        // The list itself told what it tells.
        None => {
            tally.applied(&run.apply(Change::PullRequests(pulls)).await?);
            return Ok(());
        }
        Some(Ok(details)) => {
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
        Some(Err(error)) if error.is_stopped() => return Err(error.into()),
        Some(Err(error)) => {
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
