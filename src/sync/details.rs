//! What the feed does not say of pull requests, asked for a hundred at a time.

use std::collections::{HashMap, VecDeque};

use futures_util::future::BoxFuture;
use tokio_util::task::AbortOnDropHandle;

use crate::domain::{Change, Entity, PullRequest, PullRequestState};
use crate::github::{BATCH, Client, GithubError, PullRequestFacts};

use super::repository::Run;
use super::reviews::Told;
use super::{SyncError, report::Tally};

/// Questions that are under way at a time beside the one whose answer is stored.
const SIDE_BY_SIDE: usize = 6;
/// So many pull requests are stored at a time at least, where their answers have come.
const TOGETHER: usize = 250;
/// Pages after which those that wait are asked for, few as they are: a walk that is cut off goes on with the page of the first one.
const LONGEST: u64 = 40;

/// Pull requests that wait until there are enough of them for one question, and questions that wait for their answer. Open ones are asked
/// for more than closed ones.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// Number of the page that is at hand.
    page: u64,
    /// Each with the page that it was on.
    open: VecDeque<(u64, PullRequest)>,
    closed: VecDeque<(u64, PullRequest)>,
    /// The first page of what is being stored.
    at_hand: Option<u64>,
    /// Oldest first, each with the first page that one of them was on. Dropped, they are asked no more.
    asked: VecDeque<(u64, AbortOnDropHandle<Answered>)>,
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
    /// A page is turned; gives its number, from 1.
    pub(super) fn turn(&mut self) -> u64 {
        self.page += 1;
        self.page
    }

    /// Adds some of a page.
    pub(super) fn add(&mut self, pulls: Vec<PullRequest>) {
        for pull in pulls {
            let kind = match pull.state {
                PullRequestState::Open => &mut self.open,
                _ => &mut self.closed,
            };
            kind.push_back((self.page, pull));
        }
    }

    /// The first page of which something is not stored yet.
    pub(super) fn oldest(&self) -> Option<u64> {
        let first = |kind: &VecDeque<(u64, PullRequest)>| kind.front().map(|(page, _)| *page);
        let asked = self.asked.iter().map(|(page, _)| *page);
        asked
            .chain(self.at_hand)
            .chain(first(&self.open))
            .chain(first(&self.closed))
            .min()
    }

    /// Asks for full batches, and for what has waited long, and stores what was answered.
    pub(super) async fn store_full(&mut self, run: &Run<'_>, tally: &mut Tally) -> Result<(), SyncError> {
        for (pulls, is_open) in [(&mut self.open, true), (&mut self.closed, false)] {
            while let Some((page, _)) = pulls.front()
                && (pulls.len() >= BATCH || self.page - page >= LONGEST)
            {
                self.asked.push_back(ask(run, pulls, is_open));
            }
        }
        self.store_answered(run, tally, SIDE_BY_SIDE).await
    }

    /// Asks for what is left, and stores all.
    pub(super) async fn store_rest(&mut self, run: &Run<'_>, tally: &mut Tally) -> Result<(), SyncError> {
        for (pulls, is_open) in [(&mut self.open, true), (&mut self.closed, false)] {
            while !pulls.is_empty() {
                self.asked.push_back(ask(run, pulls, is_open));
            }
        }
        self.store_answered(run, tally, 0).await
    }

    /// Stores answers in the order of the questions, those together that have come, until no more than `left` are missing.
    async fn store_answered(&mut self, run: &Run<'_>, tally: &mut Tally, left: usize) -> Result<(), SyncError> {
        let has_come =
            |asked: &VecDeque<(u64, AbortOnDropHandle<Answered>)>| asked.front().is_some_and(|(_, one)| one.is_finished());
        while self.asked.len() > left || has_come(&self.asked) {
            let mut together = Together::default();
            while let Some((page, asked)) = self.asked.pop_front() {
                // Open and closed ones are asked for apart: a later question may hold an earlier page.
                self.at_hand = Some(self.at_hand.map_or(page, |first| first.min(page)));
                match asked.await {
                    Ok(answered) => together.add(tally, answered),
                    Err(ended) => tally.failed(
                        Entity::PullRequest,
                        1,
                        format!("a question was not asked to its end: {ended}"),
                    ),
                }
                if together.is_enough() || !has_come(&self.asked) {
                    break;
                }
            }
            together.store(run, tally).await?;
            self.at_hand = None;
        }
        Ok(())
    }
}

/// Asks for as many as one question may hold.
fn ask(run: &Run<'_>, waiting: &mut VecDeque<(u64, PullRequest)>, is_open: bool) -> (u64, AbortOnDropHandle<Answered>) {
    let page = waiting.front().map_or(0, |(page, _)| *page);
    let pulls: Vec<PullRequest> = waiting.drain(..BATCH.min(waiting.len())).map(|(_, pull)| pull).collect();
    let (client, is_asked) = (run.context.client.clone(), run.context.ways.graphql);
    let asked = AbortOnDropHandle::new(tokio::spawn(async move {
        let node_ids: Vec<String> = pulls.iter().map(|pull| pull.item.node_id.clone()).collect();
        let details = if is_asked {
            Some(told(&client, &node_ids, is_open).await)
        } else {
            None
        };
        Answered { pulls, details }
    }));
    (page, asked)
}

/// Asks, and where GitHub fails at it, for each half by itself: one that GitHub cannot tell is not to take others with it. Where both halves
/// fail it is not for one of them.
fn told<'a>(client: &'a Client, node_ids: &'a [String], is_open: bool) -> BoxFuture<'a, Result<Details, GithubError>> {
    Box::pin(async move {
        let error = match client.pull_request_details(node_ids, is_open).await {
            Err(error) if is_of_one(&error) && node_ids.len() > 1 => error,
            answered => return answered,
        };
        let (first, second) = node_ids.split_at(node_ids.len() / 2);
        let halves = (
            client.pull_request_details(first, is_open).await,
            client.pull_request_details(second, is_open).await,
        );
        let (mut known, open) = match halves {
            (Ok(known), Err(error)) if is_of_one(&error) => (known, (second, error)),
            (Err(error), Ok(known)) if is_of_one(&error) => (known, (first, error)),
            (Ok(mut known), Ok(more)) => {
                known.extend(more);
                return Ok(known);
            }
            (Err(other), _) | (_, Err(other)) if !is_of_one(&other) => return Err(other),
            _ => return Err(error),
        };
        let (rest, error) = open;
        match rest {
            [only] => known.push((only.clone(), Err(error.to_string()))),
            several => known.extend(told(client, several, is_open).await?),
        }
        Ok(known)
    })
}

/// True for a failure that a single thing of a question may be the reason of.
fn is_of_one(error: &GithubError) -> bool {
    !error.is_outage() && !error.is_stopped()
}

/// Answers that are stored in one transaction.
#[derive(Default)]
struct Together {
    pulls: Vec<PullRequest>,
    told: Told,
    /// Pull requests that are stored as the list tells them, and nothing more is asked of them.
    bare: Vec<PullRequest>,
    /// Why no more is asked.
    ended: Option<GithubError>,
}

impl Together {
    fn is_enough(&self) -> bool {
        self.pulls.len() + self.bare.len() >= TOGETHER || self.ended.is_some()
    }

    /// Takes in a batch with its details; where GitHub does not give them, without, and that is counted as a failure.
    fn add(&mut self, tally: &mut Tally, answered: Answered) {
        let Answered { mut pulls, details } = answered;
        match details {
            // The list itself told what it tells.
            None => self.bare.extend(pulls),
            Some(Ok(details)) => {
                let mut details: HashMap<String, Result<PullRequestFacts, String>> = details.into_iter().collect();
                for pull in &mut pulls {
                    match details.remove(&pull.item.node_id) {
                        Some(Ok(facts)) => {
                            (pull.id, pull.detail) = (Some(facts.id), Some(facts.detail));
                            self.told.add(tally, (&pull.item.node_id, pull.item.number), facts.reviews);
                        }
                        Some(Err(reason)) => untold(tally, pull.item.number, &reason),
                        None => untold(tally, pull.item.number, "GitHub gave no details"),
                    }
                }
                self.pulls.extend(pulls);
            }
            Some(Err(error)) if error.is_stopped() => self.ended = Some(error),
            Some(Err(error)) => {
                if error.is_outage() {
                    // It ends the run, and these come again.
                    self.bare.extend(pulls);
                    self.ended = Some(error);
                } else {
                    let reason = error.to_string();
                    for pull in &pulls {
                        untold(tally, pull.item.number, &reason);
                    }
                    self.pulls.extend(pulls);
                }
            }
        }
    }

    /// Stores what was taken in, and tells what ended it.
    async fn store(mut self, run: &Run<'_>, tally: &mut Tally) -> Result<(), SyncError> {
        if !self.bare.is_empty() {
            tally.applied(&run.apply(Change::PullRequests(self.bare)).await?);
        }
        if !self.pulls.is_empty() {
            count_comments(run, tally, &mut self.pulls).await?;
            let reviews = self.told.all(run, tally).await?;
            let changes = vec![Change::PullRequests(self.pulls), Change::Reviews(reviews.reviews)];
            tally.applied(&run.apply_all(changes).await?);
            reviews.found.settle(run, tally).await?;
        }
        self.ended.map_or(Ok(()), |error| Err(error.into()))
    }
}

/// GitHub does not tell the rest of a pull request, whatever it may be that keeps it from that: it is stored without.
fn untold(tally: &mut Tally, number: u64, reason: &str) {
    tally.unread(Entity::PullRequest, number, format!("#{number}: {reason}"));
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
            let unknown = pulls.iter().filter(|pull| pull.item.comments.is_none());
            for pull in unknown {
                untold(tally, pull.item.number, &error.to_string());
            }
            Ok(())
        }
    }
}
