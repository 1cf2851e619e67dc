//! Names of what is counted for `/metrics` outside of the HTTP surface. Every label has a small, closed set of values.

/// Requests to GitHub, by API and class of the answer's status; `none` where there was no answer.
pub const GITHUB_REQUESTS: &str = "erpnext_github_requests_total";
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

/// All of them, with what they are.
pub const ALL: [(&str, &str); 7] = [
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
];
