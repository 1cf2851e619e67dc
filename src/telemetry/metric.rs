//! Names of what is counted for `/metrics` outside of the HTTP surface. Every label has a small, closed set of values.

/// Requests to GitHub, by API and class of the answer's status; `none` where there was no answer.
pub const GITHUB_REQUESTS: &str = "erpnext_github_requests_total";
/// Points of GitHub's primary limits that were spent, REST and GraphQL together, by kind of work.
pub const POINTS: &str = "erpnext_github_points_total";
/// Times that GitHub asked us to slow down.
pub const GITHUB_SLOWED: &str = "erpnext_github_slowed_total";
/// Runs of repositories that ended, by who or what began them and how they ended.
pub const SYNC_RUNS: &str = "erpnext_github_sync_runs_total";

/// Deliveries whose signature fitted, by which secret.
pub const DELIVERIES_SIGNED: &str = "erpnext_github_deliveries_signed_total";
/// Deliveries that were refused for their signature.
pub const DELIVERIES_REFUSED: &str = "erpnext_github_deliveries_refused_total";
/// Deliveries that were worked on, by how they ended.
pub const DELIVERIES: &str = "erpnext_github_deliveries_total";

/// Webhooks that were made, repaired or removed on GitHub.
pub const HOOKS: &str = "erpnext_github_hooks_total";
/// Deliveries that GitHub could not make and was asked for again, by whether it agreed.
pub const REDELIVERIES: &str = "erpnext_github_redeliveries_total";

/// Rows that a comparison with GitHub found to be out of step, by entity.
pub const DRIFT: &str = "erpnext_github_drift_total";

/// When a delivery came in last, on any site of this process: seconds of the epoch.
pub const LAST_EVENT: &str = "erpnext_github_last_event_timestamp_seconds";
/// When the sites were compared with GitHub last, the one that waits longest: seconds of the epoch.
pub const LAST_RECONCILIATION: &str = "erpnext_github_last_reconciliation_timestamp_seconds";
/// Deliveries that were given up, and repositories whose last sync was not whole, over all sites.
pub const FAILURES: &str = "erpnext_github_failures";
/// How long the delivery waits that waits longest.
pub const QUEUE_AGE: &str = "erpnext_github_queue_age_seconds";
/// How long ago the repository was proven to be in step that was proven longest ago, by entity.
pub const FRESHNESS: &str = "erpnext_github_freshness_seconds";

/// Those that go up and down, with what they are.
pub const GAUGES: [(&str, &str); 5] = [
    (LAST_EVENT, "When a delivery came in last"),
    (
        LAST_RECONCILIATION,
        "When the site was compared with GitHub last that waits longest",
    ),
    (
        FAILURES,
        "Deliveries that were given up and repositories whose last sync was not whole",
    ),
    (QUEUE_AGE, "Age of the delivery that waits longest"),
    (
        FRESHNESS,
        "Seconds since everything followed was proven to be in step, by entity",
    ),
];

/// All that only grow, with what they are.
pub const ALL: [(&str, &str); 10] = [
    (POINTS, "Points of GitHub's primary limits that were spent, by kind of work"),
    (
        GITHUB_SLOWED,
        "Times that GitHub asked us to slow down (its secondary limits)",
    ),
    (GITHUB_REQUESTS, "Requests to GitHub, by API and class of the answer's status"),
    (SYNC_RUNS, "Runs of repositories that ended, by trigger and status"),
    (DELIVERIES_SIGNED, "Deliveries whose signature fitted, by which secret"),
    (DELIVERIES_REFUSED, "Deliveries that were refused for their signature"),
    (DELIVERIES, "Deliveries that were worked on, by how they ended"),
    (
        HOOKS,
        "Webhooks that were made, repaired or removed on GitHub, by which of it",
    ),
    (
        REDELIVERIES,
        "Deliveries that GitHub was asked for again, by whether it agreed",
    ),
    (DRIFT, "Rows found to be out of step with GitHub, by entity"),
];
