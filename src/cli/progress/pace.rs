//! How far something is and how fast it goes, as one line.

use std::time::Duration;

use indicatif::{HumanCount, HumanDuration};

/// Less than this is no time.
const MOMENT: Duration = Duration::from_millis(100);

/// One thing under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pace {
    /// What it is.
    pub(super) what: String,
    /// Things done.
    pub(super) done: u64,
    /// Things there are, if known.
    pub(super) total: Option<u64>,
}

impl Pace {
    /// The line after `elapsed` of work.
    pub(super) fn line(&self, elapsed: Duration) -> String {
        let (what, done) = (&self.what, HumanCount(self.done));
        let rate = self.rate(elapsed);
        match (self.total, self.time_left(elapsed)) {
            (Some(total), Some(left)) => {
                format!(
                    "{what}: {done} of {}, {rate}/s, {} left",
                    HumanCount(total),
                    HumanDuration(left)
                )
            }
            (Some(total), None) => format!("{what}: {done} of {}, {rate}/s", HumanCount(total)),
            (None, _) => format!("{what}: {done}, {rate}/s"),
        }
    }

    /// The line when it is over. The rate of a moment would say nothing.
    pub(super) fn last_line(&self, elapsed: Duration) -> String {
        if elapsed < MOMENT {
            return format!("{}: {}", self.what, HumanCount(self.done));
        }
        let rate = self.rate(elapsed);
        format!(
            "{}: {} in {:.1} s, {rate}/s",
            self.what,
            HumanCount(self.done),
            elapsed.as_secs_f64()
        )
    }

    fn rate(&self, elapsed: Duration) -> HumanCount {
        let milliseconds = elapsed.as_millis().max(1);
        HumanCount(u64::try_from(u128::from(self.done) * 1000 / milliseconds).unwrap_or(u64::MAX))
    }

    /// As long for what is left as for what is done; unknown before anything is done.
    fn time_left(&self, elapsed: Duration) -> Option<Duration> {
        let left = self.total?.checked_sub(self.done)?;
        let milliseconds = elapsed
            .as_millis()
            .checked_mul(u128::from(left))?
            .checked_div(u128::from(self.done))?;
        u64::try_from(milliseconds).ok().map(Duration::from_millis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(done: u64, total: Option<u64>) -> Pace {
        Pace {
            what: "issues".to_owned(),
            done,
            total,
        }
    }

    #[test]
    fn a_line_has_count_rate_and_time_left() {
        let ten = Duration::from_secs(10);
        assert_eq!(
            pace(3200, Some(10_000)).line(ten),
            "issues: 3,200 of 10,000, 320/s, 21 seconds left"
        );
        assert_eq!(pace(3200, None).line(ten), "issues: 3,200, 320/s");
        assert_eq!(pace(0, Some(5)).line(ten), "issues: 0 of 5, 0/s");
        assert_eq!(pace(7, Some(5)).line(ten), "issues: 7 of 5, 0/s", "more than were announced");
        assert_eq!(
            pace(5, Some(5)).line(Duration::ZERO),
            "issues: 5 of 5, 5,000/s, 0 seconds left"
        );
    }

    #[test]
    fn the_last_line_has_the_time_taken() {
        assert_eq!(
            pace(1500, None).last_line(Duration::from_millis(2500)),
            "issues: 1,500 in 2.5 s, 600/s"
        );
        assert_eq!(pace(63, Some(100)).last_line(Duration::from_millis(9)), "issues: 63");
    }
}
