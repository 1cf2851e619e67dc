//! Reviews: they come with what is asked of their pull requests, and need no request of their own unless there are more than a hundred.
//!
//! Reviews that cannot be read hold up nothing else: their pull request is stored and noted, and the next run asks for them again.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Change, Entity, Review};
use crate::github::{ReviewPage, ReviewsAfter};
use crate::store::stored_parts;
use crate::store::unread::{self, Unread};

use super::repository::Run;
use super::{SyncError, parts, report::Tally};

/// How many are asked for again in one run: what one query holds.
const AT_ONCE: usize = crate::github::BATCH;

/// What GitHub told of the reviews of some pull requests.
#[derive(Debug, Default)]
pub(super) struct Told {
    reviews: Vec<Review>,
    /// Pull requests whose reviews were told, by number.
    of: BTreeSet<u64>,
    /// Those of which some could not be read although they came; asking once more would not help.
    odd: BTreeMap<u64, u64>,
    /// Those of which some did not come.
    missing: BTreeSet<u64>,
    more: Vec<ReviewsAfter>,
}

/// All reviews of these pull requests, and what is known from that.
#[derive(Debug)]
pub(super) struct All {
    pub reviews: Vec<Review>,
    pub found: Found,
}

/// Which reviews were there.
#[derive(Debug)]
pub(super) struct Found {
    ids: BTreeSet<u64>,
    /// Pull requests all of whose reviews were read.
    of: Vec<u64>,
    /// Pull requests that are to be asked for again.
    missing: Vec<u64>,
}

impl Told {
    /// Adds the first page of the reviews of a pull request, with its node id and number; none where it did not come.
    pub(super) fn add(&mut self, tally: &mut Tally, (node_id, number): (&str, u64), page: Option<ReviewPage>) {
        match page {
            Some(page) => {
                self.of.insert(number);
                self.take(node_id, number, page);
            }
            None => self.gap(tally, number, "GitHub gave no reviews"),
        }
    }

    fn take(&mut self, node_id: &str, number: u64, page: ReviewPage) {
        if page.odd > 0 {
            *self.odd.entry(number).or_default() += page.odd;
        }
        self.reviews.extend(page.reviews);
        self.more.extend(page.next.map(|after| ReviewsAfter {
            node_id: node_id.to_owned(),
            number,
            after,
        }));
    }

    /// Notes that the reviews of a pull request are not all known: what is stored and was not seen may well be there.
    fn gap(&mut self, tally: &mut Tally, number: u64, reason: &str) {
        self.missing.insert(number);
        tally.failed(Entity::Review, 1, format!("#{number}: {reason}"));
    }

    /// Asks for the pages that follow.
    pub(super) async fn all(mut self, run: &Run<'_>, tally: &mut Tally) -> Result<All, SyncError> {
        while !self.more.is_empty() {
            let asked = std::mem::take(&mut self.more);
            match run.context.client.more_reviews(&asked).await {
                Ok(pages) => {
                    for (of, page) in pages {
                        match page {
                            Some(page) => self.take(&of.node_id, of.number, page),
                            None => self.gap(tally, of.number, "GitHub gave not all reviews"),
                        }
                    }
                }
                Err(error) if error.is_outage() || error.is_stopped() => return Err(error.into()),
                Err(error) => asked.iter().for_each(|of| self.gap(tally, of.number, &error.to_string())),
            }
            run.context.checkpoint().await?;
        }
        for (number, count) in &self.odd {
            let reason = format!("#{number}: reviews that are not what GitHub's description says");
            tally.failed(Entity::Review, *count, reason);
        }
        tally.fetched(Entity::Review, self.reviews.len());
        let is_whole = |number: &u64| !self.odd.contains_key(number) && !self.missing.contains(number);
        let found = Found {
            ids: self.reviews.iter().map(|review| review.id).collect(),
            of: self.of.iter().copied().filter(is_whole).collect(),
            missing: self.missing.iter().copied().collect(),
        };
        Ok(All {
            reviews: self.reviews,
            found,
        })
    }
}

impl Found {
    /// Removes stored reviews of these pull requests that were not there any more, and notes which are to be asked for again.
    pub(super) async fn settle(self, run: &Run<'_>, tally: &mut Tally) -> Result<(), SyncError> {
        let db = run.context.site.db();
        note(run, &self.missing).await?;
        let stored = stored_parts::reviews_of(db, run.repository.name.as_str(), &self.of).await?;
        let unseen = stored.difference(&self.ids).copied().collect();
        match parts::prune(run, tally, Entity::Review, &unseen).await {
            Err(error) if !error.ends_the_run() => {
                tally.failed(Entity::Review, 1, error.to_string());
                note(run, &self.of).await
            }
            other => other,
        }
    }
}

/// Has the next run ask for the reviews of these pull requests, by number.
async fn note(run: &Run<'_>, numbers: &[u64]) -> Result<(), SyncError> {
    let (site, id) = (&run.context.site, run.repository.id);
    Ok(unread::note(site.db(), id, Unread::Reviews, numbers, site.clock().now()).await?)
}

/// Asks for the reviews that earlier runs could not read. Mostly there are none, and nothing is asked.
pub(super) async fn again(run: &Run<'_>, tally: &mut Tally) -> Result<(), SyncError> {
    let (db, id) = (run.context.site.db(), run.repository.id);
    let noted = unread::reviews(db, id, run.repository.name.as_str(), AT_ONCE).await?;
    if noted.is_empty() {
        return Ok(());
    }
    // Noted once more where they cannot be read this time either.
    let mut told = Told::default();
    let node_ids: Vec<String> = noted.iter().map(|(_, node_id)| node_id.clone()).collect();
    match run.context.client.pull_request_details(&node_ids, false).await {
        Ok(details) => {
            for ((number, node_id), (_, facts)) in noted.iter().zip(details) {
                match facts {
                    Ok(facts) => told.add(tally, (node_id, *number), facts.reviews),
                    // Gone, most likely; the walk of the night finds that out.
                    Err(reason) => told.gap(tally, *number, &reason),
                }
            }
        }
        Err(error) if error.is_outage() || error.is_stopped() => return Err(error.into()),
        Err(error) => noted
            .iter()
            .for_each(|(number, _)| told.gap(tally, *number, &error.to_string())),
    }
    let reviews = told.all(run, tally).await?;
    tally.applied(&run.apply(Change::Reviews(reviews.reviews)).await?);
    unread::forget(db, id, Unread::Reviews, &reviews.found.of).await?;
    reviews.found.settle(run, tally).await
}
