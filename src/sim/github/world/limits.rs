//! GitHub's primary rate limit: points by the hour (searches by the minute), counted for each account and resource.

use std::collections::HashMap;

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resource {
    /// REST.
    Core,
    /// GraphQL.
    Graphql,
    /// Searches of REST.
    Search,
}

impl Resource {
    /// The word in `X-RateLimit-Resource`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Graphql => "graphql",
            Self::Search => "search",
        }
    }

    /// After what time points come back.
    fn window(self) -> TimeDelta {
        match self {
            Self::Core | Self::Graphql => TimeDelta::hours(1),
            Self::Search => TimeDelta::minutes(1),
        }
    }
}

/// How much of a limit is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Points in an hour, or in a minute for searches.
    pub limit: u64,
    /// Points used in it.
    pub used: u64,
    /// When it ends.
    pub resets_at: DateTime<Utc>,
}

impl Usage {
    /// Points left.
    #[must_use]
    pub fn remaining(self) -> u64 {
        self.limit.saturating_sub(self.used)
    }
}

/// The limits and what was used of them.
#[derive(Debug, Clone)]
pub struct Limits {
    /// REST points an hour for a token.
    pub core: u64,
    /// GraphQL points an hour for a token.
    pub graphql: u64,
    /// REST points an hour without a token.
    pub anonymous: u64,
    /// Searches a minute for a token.
    pub search: u64,
    /// Searches a minute without a token.
    pub anonymous_search: u64,
    /// Answers tell of the limits. On a GitHub Enterprise Server they are off at first, and no answer tells of any.
    pub are_told: bool,
    windows: HashMap<(String, Resource), (u64, DateTime<Utc>)>,
    exhausted: HashMap<Resource, DateTime<Utc>>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            core: 5_000,
            graphql: 5_000,
            anonymous: 60,
            search: 30,
            anonymous_search: 10,
            are_told: true,
            windows: HashMap::new(),
            exhausted: HashMap::new(),
        }
    }
}

impl Limits {
    /// Makes every credential's points of `resource` used up until `until`.
    pub fn exhaust(&mut self, resource: Resource, until: DateTime<Utc>) {
        self.exhausted.insert(resource, until.trunc_subsecs(0));
    }

    /// Sets what `account` (a login, or `anonymous`) has used of `resource` in an hour (or minute) that ends at `resets_at`.
    pub fn set_used(&mut self, account: &str, resource: Resource, used: u64, resets_at: DateTime<Utc>) {
        self.windows
            .insert((account.to_owned(), resource), (used, resets_at.trunc_subsecs(0)));
    }

    /// What `account` has used of `resource` at `now`.
    #[must_use]
    pub fn usage(&self, account: &str, resource: Resource, now: DateTime<Utc>) -> Usage {
        let limit = match resource {
            Resource::Graphql if account == ANONYMOUS => 0,
            Resource::Core if account == ANONYMOUS => self.anonymous,
            Resource::Search if account == ANONYMOUS => self.anonymous_search,
            Resource::Search => self.search,
            Resource::Core => self.core,
            Resource::Graphql => self.graphql,
        };
        if let Some(&until) = self.exhausted.get(&resource)
            && now < until
        {
            return Usage {
                limit,
                used: limit,
                resets_at: until,
            };
        }
        let (used, resets_at) = match self.windows.get(&(account.to_owned(), resource)) {
            Some(&(used, resets_at)) if now < resets_at => (used, resets_at),
            _ => (0, now.trunc_subsecs(0) + resource.window()),
        };
        Usage { limit, used, resets_at }
    }

    /// Takes `points` from `account`.
    pub(crate) fn charge(&mut self, account: &str, resource: Resource, points: u64, now: DateTime<Utc>) -> Usage {
        let mut usage = self.usage(account, resource, now);
        usage.used = (usage.used + points).min(usage.limit.max(points));
        self.set_used(account, resource, usage.used, usage.resets_at);
        usage
    }
}

/// How requests without a token are counted.
pub(crate) const ANONYMOUS: &str = "anonymous";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_used_up_and_come_back_after_the_hour() {
        let now = DateTime::from_timestamp(1_700_000_000, 0).expect("a moment");
        let mut limits = Limits {
            core: 2,
            ..Limits::default()
        };
        assert_eq!(limits.charge("mona", Resource::Core, 1, now).remaining(), 1);
        assert_eq!(limits.charge("mona", Resource::Core, 1, now).remaining(), 0);
        assert_eq!(limits.usage("ada", Resource::Core, now).remaining(), 2);
        assert_eq!(limits.usage("mona", Resource::Core, now + TimeDelta::hours(1)).remaining(), 2);
        limits.charge("mona", Resource::Search, 30, now);
        assert_eq!(limits.usage("mona", Resource::Search, now).remaining(), 0);
        let later = now + TimeDelta::minutes(1);
        assert_eq!(limits.usage("mona", Resource::Search, later).remaining(), 30);
        limits.exhaust(Resource::Core, now + TimeDelta::minutes(5));
        assert_eq!(limits.usage("ada", Resource::Core, now).remaining(), 0);
        assert_eq!(
            limits.usage("ada", Resource::Core, now + TimeDelta::minutes(5)).remaining(),
            2
        );
    }
}
