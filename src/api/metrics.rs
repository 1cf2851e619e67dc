//! `/metrics`: what was counted, in Prometheus' text form.
//!
//! Every label has a small, closed set of values. No site, repository or person is ever one.

use std::sync::{Mutex, PoisonError};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use metrics::{counter, describe_counter, describe_gauge, gauge};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};

use crate::frappe::db::Databases;
use crate::telemetry::metric;

use super::ApiState;

/// Prometheus' text form, version 0.0.4.
const TEXT_FORM: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Requests that were answered, by route and class of status.
pub(super) const REQUESTS: &str = "erpnext_github_http_requests_total";
/// Connections to MariaDB, by state.
const CONNECTIONS: &str = "erpnext_github_db_connections";
/// Statements that were sent to MariaDB.
const STATEMENTS: &str = "erpnext_github_db_statements_total";
/// Always 1; its label is the version.
const BUILD: &str = "erpnext_github_build_info";

/// The counters of this process. Cheap to clone.
#[derive(Clone)]
pub struct MetricsHandle {
    prometheus: PrometheusHandle,
    databases: Databases,
}

impl std::fmt::Debug for MetricsHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MetricsHandle").finish_non_exhaustive()
    }
}

impl MetricsHandle {
    /// Begins to count for the whole process, if it does not count already.
    ///
    /// # Errors
    /// When somebody else counts.
    pub fn start(databases: Databases) -> Result<Self, BuildError> {
        // A process has one recorder; whoever comes second reads the same counters.
        static RECORDER: Mutex<Option<PrometheusHandle>> = Mutex::new(None);
        let mut recorder = RECORDER.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(prometheus) = &*recorder {
            let prometheus = prometheus.clone();
            return Ok(Self { prometheus, databases });
        }
        let prometheus = PrometheusBuilder::new().install_recorder()?;
        *recorder = Some(prometheus.clone());
        for (name, what) in metric::ALL {
            describe_counter!(name, what);
        }
        for (name, what) in metric::GAUGES {
            describe_gauge!(name, what);
        }
        describe_counter!(REQUESTS, "HTTP requests answered, by route and class of status");
        describe_gauge!(CONNECTIONS, "Connections to MariaDB, by state");
        describe_counter!(STATEMENTS, "Statements sent to MariaDB");
        describe_gauge!(BUILD, "Always 1; the label is the version");
        gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        Ok(Self { prometheus, databases })
    }

    fn text(&self) -> String {
        for (state, number) in [("in_use", self.databases.in_use()), ("idle", self.databases.idle())] {
            gauge!(CONNECTIONS, "state" => state).set(f64::from(u32::try_from(number).unwrap_or(u32::MAX)));
        }
        counter!(STATEMENTS).absolute(self.databases.statements());
        // Nobody else does it: the recorder was installed without a server of its own.
        self.prometheus.run_upkeep();
        self.prometheus.render()
    }
}

/// Answers `/metrics`.
pub(super) async fn render(State(state): State<ApiState>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, TEXT_FORM)], state.metrics.text())
}

/// Counts a request under the route that it matched, never under the path that was asked for.
pub(super) async fn count(request: Request, next: Next) -> Response {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let response = next.run(request).await;
    counter!(REQUESTS, "route" => route, "status" => class_of(response.status())).increment(1);
    response
}

/// The class of a status, which is what is counted.
pub(super) fn class_of(status: StatusCode) -> &'static str {
    match status.as_u16() {
        100..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}
