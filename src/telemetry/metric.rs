//! Names of what is counted for `/metrics` outside of the HTTP surface. Every label has a small, closed set of values.

/// Requests to GitHub, by API and class of the answer's status; `none` where there was no answer.
pub const GITHUB_REQUESTS: &str = "erpnext_github_requests_total";
/// Runs of repositories that ended, by who or what began them and how they ended.
pub const SYNC_RUNS: &str = "erpnext_github_sync_runs_total";

/// All of them, with what they are.
pub const ALL: [(&str, &str); 2] = [
    (GITHUB_REQUESTS, "Requests to GitHub, by API and class of the answer's status"),
    (SYNC_RUNS, "Runs of repositories that ended, by trigger and status"),
];
