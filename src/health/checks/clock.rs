//! Do the clocks agree: this machine's, the database server's, GitHub's?

use chrono::{DateTime, TimeDelta, Utc};

use crate::clock::{Clock as _, SystemClock};
use crate::frappe::db::{DbError, server_time};
use crate::frappe::site::Site;
use crate::health::{CheckId, CheckResult};

/// Clocks may differ by this much; sessions and leases are kept with more room than that.
const TOLERANCE: TimeDelta = TimeDelta::seconds(60);

/// `github` is GitHub's clock and ours at the same moment, where it was asked.
pub(in crate::health) async fn check(site: &Site, github: Option<(DateTime<Utc>, DateTime<Utc>)>) -> CheckResult {
    let id = CheckId::Clock;
    let database = async {
        let server = server_time(site.db()).await?;
        Ok::<_, DbError>((server, SystemClock.now()))
    };
    match database.await {
        Ok(database) => judge(database, github),
        Err(error) => CheckResult::failed(id, error.to_string()),
    }
}

fn judge(database: (DateTime<Utc>, DateTime<Utc>), github: Option<(DateTime<Utc>, DateTime<Utc>)>) -> CheckResult {
    let id = CheckId::Clock;
    let others = [("MariaDB", Some(database)), ("GitHub", github)];
    let apart: Vec<String> = others.iter().filter_map(|(who, clocks)| differs(who, (*clocks)?)).collect();
    if apart.is_empty() {
        let known = others.iter().filter(|(_, clocks)| clocks.is_some()).map(|(who, _)| *who);
        return CheckResult::ok(
            id,
            format!(
                "this machine's clock agrees with that of {}",
                known.collect::<Vec<_>>().join(" and ")
            ),
        );
    }
    CheckResult::warning(
        id,
        format!(
            "{}: have the machine whose clock is wrong set it by the network (`timedatectl set-ntp true`)",
            apart.join("; ")
        ),
    )
}

fn differs(who: &str, (theirs, ours): (DateTime<Utc>, DateTime<Utc>)) -> Option<String> {
    let ahead = ours - theirs;
    let side = if ahead > TimeDelta::zero() { "ahead of" } else { "behind" };
    (ahead.abs() > TOLERANCE).then(|| format!("this machine's clock is {} s {side} that of {who}", ahead.num_seconds().abs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::CheckStatus;

    #[test]
    fn a_clock_that_is_wrong_is_told_with_whose_and_how_much() {
        let at = |seconds: i64| DateTime::from_timestamp(1_700_000_000 + seconds, 0).expect("a moment");
        let good = judge((at(0), at(59)), Some((at(0), at(-59))));
        assert_eq!(good.status, CheckStatus::Ok);
        assert!(good.message.ends_with("MariaDB and GitHub"), "{good:?}");
        assert!(judge((at(0), at(0)), None).message.ends_with("that of MariaDB"));
        let bad = judge((at(0), at(0)), Some((at(0), at(-300))));
        assert_eq!(bad.status, CheckStatus::Warning);
        assert!(
            bad.message.contains("300 s behind that of GitHub") && !bad.message.contains("MariaDB"),
            "{bad:?}"
        );
        assert!(judge((at(0), at(61)), None).message.contains("61 s ahead of that of MariaDB"));
    }
}
