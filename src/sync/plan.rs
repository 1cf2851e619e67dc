//! In which order the repositories of a site are synced, what that asks of GitHub, and how long it will take.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

use crate::clock::is_over;
use crate::domain::budget::Primary;
use crate::github::{PAGE_SIZE, RepositorySize};
use crate::store::repositories::Tracked;

use super::by_credential::by_credential;
use super::{RunOptions, SyncContext, SyncError};

/// Requests of a repository beside its issues and pull requests: itself, and its lists while they are short.
const BESIDE: u64 = 8;
/// What one request takes until it is known better, with those at its side.
const FIRST_PACE: Duration = Duration::from_millis(100);
/// Requests a minute that GitHub lets work in the background have.
const A_MINUTE: f64 = 800.0;
/// After so long a repository is in the first round again.
const ROUND: TimeDelta = TimeDelta::hours(24);

/// Brings `chosen` into the order in which it is synced: the most recently used first, after all at which nobody looked for a day. Where the
/// points of an hour do not last, those that were left come before those that had their turn.
pub(super) fn order(chosen: &mut [Tracked], now: DateTime<Utc>) {
    let was_left = |tracked: &Tracked| tracked.left_at.is_some() && tracked.left_at >= tracked.attempted_at;
    let had_turn = |tracked: &Tracked| !was_left(tracked) && !is_over(tracked.attempted_at, ROUND, now);
    chosen.sort_by_key(|tracked| (had_turn(tracked), Reverse(tracked.pushed_at)));
}

/// What is left to do, as far as it can be told before.
#[derive(Debug)]
pub(super) struct Plan {
    /// Requests by repository, in their order, and by whose points each is asked for; none where somebody switched it off.
    requests: Vec<(u64, Option<usize>)>,
    began: Instant,
    /// What had been spent when it began.
    before: u64,
    /// Of each credential.
    budgets: Vec<Budget>,
}

/// What is known of the points of a credential.
#[derive(Debug, Clone, Copy)]
struct Budget {
    points: Option<Primary>,
    kept: u64,
}

impl Plan {
    /// Of repositories in the order in which they are synced. Those that are walked through for the first time are asked for their size by
    /// the node ids that are known, each with its own credential; where GitHub does not say it, they count as small.
    ///
    /// # Errors
    /// When the database cannot be read, or we are asked to stop.
    pub(super) async fn of(
        context: &SyncContext,
        chosen: &[Tracked],
        node_ids: &HashMap<String, String>,
        options: RunOptions,
    ) -> Result<Self, SyncError> {
        let id_of = |tracked: &Tracked| tracked.node_id.clone().or_else(|| node_ids.get(&tracked.name).cloned());
        let is_walked = |tracked: &Tracked| !tracked.gone && (options.full || tracked.attempted_at.is_none());
        let mut plan = Self {
            requests: vec![(BESIDE, None); chosen.len()],
            began: Instant::now(),
            before: context.client.spent().requests,
            budgets: Vec::new(),
        };
        // Of a single one nothing is told.
        if chosen.len() < 2 {
            return Ok(plan);
        }
        let places: Vec<(usize, &Tracked)> = chosen.iter().enumerate().collect();
        for (reached, some) in by_credential(context, places, |(_, tracked)| &tracked.name).await? {
            let walked: Vec<String> = some
                .iter()
                .filter(|(_, tracked)| is_walked(tracked))
                .filter_map(|(_, tracked)| id_of(tracked))
                .collect();
            let sizes = if walked.is_empty() {
                HashMap::new()
            } else {
                context.checkpoint().await?;
                // A plan is a courtesy: what refuses it will be told by the sync itself.
                reached.client.repository_sizes(&walked).await.unwrap_or_default()
            };
            let budget = Some(plan.budgets.len());
            plan.budgets.push(Budget {
                points: reached.client.points_left().await,
                kept: reached.client.kept_for_people(),
            });
            for (at, tracked) in some {
                let size = id_of(tracked).and_then(|id| sizes.get(&id));
                if let Some(place) = plan.requests.get_mut(at) {
                    *place = (requests(size), budget);
                }
            }
        }
        Ok(plan)
    }

    /// What is ahead before repository number `at` is begun, for people; nothing for a single repository.
    pub(super) fn ahead(&self, context: &SyncContext, at: usize) -> Option<String> {
        let rest = self.requests.get(at..).filter(|_| self.requests.len() > 1)?;
        let sum = |some: &[(u64, Option<usize>)], of: Option<usize>| -> u64 {
            let counted = some.iter().filter(|(_, whose)| of.is_none() || *whose == of);
            counted.map(|(requests, _)| requests).sum()
        };
        let before = self.requests.get(..at).unwrap_or_default();
        let (done, left) = (sum(before, None), sum(rest, None));
        let spent = context.client.spent().requests.saturating_sub(self.before);
        let pace = match done {
            0 => FIRST_PACE,
            // By what was foreseen, so that what was foreseen too low is made up for.
            foreseen => self.began.elapsed().div_f64(float(foreseen)),
        };
        let now = context.site.clock().now().timestamp();
        // Each waits for its own hour; in that time the others go on.
        let waits = self.budgets.iter().enumerate().map(|(whose, budget)| {
            let whose = Some(whose);
            let spent = (spent * sum(before, whose)).checked_div(done).unwrap_or(spent);
            let points = budget.points.map(|points| Points {
                left: points.remaining.saturating_sub(budget.kept).saturating_sub(spent),
                an_hour: points.limit.saturating_sub(budget.kept),
                resets_in: points.resets_at - now,
            });
            seconds(sum(rest, whose), pace, points.filter(|points| points.an_hour > 0))
        });
        let time = in_words(waits.fold(seconds(left, pace, None), f64::max));
        Some(match at {
            0 => format!("{} repositories, about {left} requests to GitHub, {time}", rest.len()),
            _ => format!("about {left} requests left, {time}"),
        })
    }
}

/// Points of the hour.
#[derive(Debug, Clone, Copy)]
struct Points {
    left: u64,
    an_hour: u64,
    resets_in: i64,
}

/// Requests that a repository takes.
fn requests(size: Option<&RepositorySize>) -> u64 {
    size.map_or(BESIDE, |size| {
        let pulls = size.pull_requests.div_ceil(PAGE_SIZE);
        (size.issues + size.pull_requests).div_ceil(PAGE_SIZE) + pulls + BESIDE
    })
}

/// How long `requests` take at `pace` each: no faster than GitHub's minute allows, and with the hours that have to be waited for.
fn seconds(requests: u64, pace: Duration, points: Option<Points>) -> f64 {
    let count = float(requests);
    let alone = (count * pace.as_secs_f64()).max(count / A_MINUTE * 60.0);
    match points {
        Some(points) if requests > points.left => {
            let hours = (requests - points.left).div_ceil(points.an_hour);
            let waited = f64::from(i32::try_from(points.resets_in.max(0)).unwrap_or(i32::MAX)) + 3_600.0 * float(hours - 1);
            waited.max(alone)
        }
        _ => alone,
    }
}

fn float(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn in_words(seconds: f64) -> String {
    let round = |value: f64| value.ceil().max(1.0);
    match seconds {
        less if less < 90.0 => "about a minute".to_owned(),
        less if less < 5_400.0 => format!("about {} minutes", round(less / 60.0)),
        more => format!("about {} hours", round(more / 3_600.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tracked(name: &str, pushed: Option<&str>, attempted: Option<&str>) -> Tracked {
        let mut tracked = Tracked::named(&format!("octo/{name}").parse().expect("a name"));
        tracked.pushed_at = pushed.map(|text| text.parse().expect("a time"));
        tracked.attempted_at = attempted.map(|text| text.parse().expect("a time"));
        tracked
    }

    #[test]
    fn the_most_recently_used_go_first_and_those_that_had_their_turn_today_last() {
        let now = "2026-01-10T12:00:00Z".parse().expect("a time");
        let mut chosen = [
            tracked("old", Some("2025-01-01T00:00:00"), None),
            tracked("never", None, None),
            tracked("hot-today", Some("2026-01-10T11:00:00"), Some("2026-01-10T10:00:00Z")),
            tracked("new", Some("2026-01-09T00:00:00"), None),
            tracked("hot-lately", Some("2026-01-10T00:00:00"), Some("2026-01-08T00:00:00Z")),
        ];
        order(&mut chosen, now);
        let names = chosen.each_ref().map(|tracked| tracked.name.trim_start_matches("octo/"));
        assert_eq!(names, ["hot-lately", "new", "old", "never", "hot-today"]);
    }

    #[test]
    fn who_was_left_today_goes_before_those_that_had_their_turn() {
        let now = "2026-01-10T12:00:00Z".parse().expect("a time");
        let at = |text: &str| Some(text.parse().expect("a time"));
        let hot = tracked("hot", Some("2026-01-10T11:00:00"), Some("2026-01-10T10:00:00Z"));
        let left = Tracked {
            left_at: at("2026-01-10T10:30:00Z"),
            ..tracked("left", Some("2025-01-01T00:00:00"), Some("2026-01-10T10:30:00Z"))
        };
        let left_before = Tracked {
            left_at: at("2026-01-10T08:00:00Z"),
            ..tracked("left-before", Some("2026-01-10T09:00:00"), Some("2026-01-10T10:00:00Z"))
        };
        let mut chosen = [hot, left_before, left];
        order(&mut chosen, now);
        let names = chosen.each_ref().map(|tracked| tracked.name.trim_start_matches("octo/"));
        assert_eq!(names, ["left", "hot", "left-before"]);
    }

    #[test]
    fn a_first_sync_is_foreseen_by_its_pages_and_hours() {
        let size = RepositorySize {
            issues: 10_000,
            pull_requests: 5_000,
        };
        assert_eq!((requests(Some(&size)), requests(None)), (208, 8));
        let pace = Duration::from_millis(100);
        let of = |requests, points| in_words(seconds(requests, pace, points));
        assert_eq!(of(208, None), "about a minute");
        assert_eq!(of(8_000, None), "about 14 minutes");
        let points = Points {
            left: 1_000,
            an_hour: 4_900,
            resets_in: 1_800,
        };
        assert_eq!(of(900, Some(points)), "about 2 minutes");
        assert_eq!(
            of(5_000, Some(points)),
            "about 30 minutes",
            "the rest is there in half an hour"
        );
        assert_eq!(of(6_000, Some(points)), "about 2 hours");
    }
}
