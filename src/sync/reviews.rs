//! Reviews: they come with what is asked of their pull requests, and need no request of their own unless there are more than a hundred.

use std::collections::BTreeSet;

use crate::domain::{Entity, Item, Review};
use crate::github::{ReviewPage, ReviewsAfter};
use crate::store::stored_parts;

use super::repository::Run;
use super::{SyncError, parts, report::Tally};

/// What GitHub told of the reviews of some pull requests.
#[derive(Debug, Default)]
pub(super) struct Told {
    reviews: Vec<Review>,
    /// Pull requests whose reviews were told, by number.
    of: BTreeSet<u64>,
    more: Vec<ReviewsAfter>,
    odd: u64,
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
    of: Vec<u64>,
}

impl Told {
    /// Adds the first page of the reviews of a pull request, where it came.
    pub(super) fn add(&mut self, pull: &Item, page: Option<ReviewPage>) {
        let Some(page) = page else { return };
        self.of.insert(pull.number);
        self.take(&pull.node_id, pull.number, page);
    }

    fn take(&mut self, node_id: &str, number: u64, page: ReviewPage) {
        self.odd += page.odd;
        self.reviews.extend(page.reviews);
        self.more.extend(page.next.map(|after| ReviewsAfter {
            node_id: node_id.to_owned(),
            number,
            after,
        }));
    }

    /// Notes that the reviews of a pull request are not all known: what is stored and was not seen may well be there.
    fn gap(&mut self, tally: &mut Tally, of: &ReviewsAfter, reason: &str) {
        self.of.remove(&of.number);
        tally.failed(Entity::Review, 1, format!("#{}: {reason}", of.number));
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
                            None => self.gap(tally, &of, "GitHub gave not all reviews"),
                        }
                    }
                }
                Err(error) if error.is_outage() || error.is_stopped() => return Err(error.into()),
                Err(error) => asked.iter().for_each(|of| self.gap(tally, of, &error.to_string())),
            }
            run.context.checkpoint().await?;
        }
        if self.odd > 0 {
            tally.failed(
                Entity::Review,
                self.odd,
                "reviews that are not what GitHub's description says",
            );
        }
        tally.fetched(Entity::Review, self.reviews.len());
        let found = Found {
            ids: self.reviews.iter().map(|review| review.id).collect(),
            of: self.of.into_iter().collect(),
        };
        Ok(All {
            reviews: self.reviews,
            found,
        })
    }
}

impl Found {
    /// Removes stored reviews of these pull requests that were not there any more.
    pub(super) async fn prune(self, run: &Run<'_>, tally: &mut Tally) -> Result<(), SyncError> {
        if !tally.is_whole(Entity::Review) {
            return Ok(());
        }
        let stored = stored_parts::reviews_of(run.context.site.db(), run.repository.name.as_str(), &self.of).await?;
        let unseen = stored.difference(&self.ids).copied().collect();
        parts::prune(run, tally, Entity::Review, &unseen).await
    }
}
