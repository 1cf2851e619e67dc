//! Statuses of deployments; they come in webhook payloads alone.

use serde::Deserialize;
use url::Url;

use super::Moment;
use crate::domain::Deployed;

/// Length of an address that is kept.
const LONGEST: usize = 500;
/// States in which there is nothing to be seen.
const DOWN: [&str; 3] = ["error", "failure", "inactive"];

/// The payload of a `deployment_status`.
#[derive(Debug, Deserialize)]
pub(in crate::github) struct DeploymentStatus {
    deployment: Deployment,
    deployment_status: Status,
}

#[derive(Debug, Deserialize)]
struct Deployment {
    id: u64,
    sha: String,
    #[serde(rename = "ref")]
    git_ref: Option<String>,
}

/// A status. Before there was `environment_url`, `target_url` told the address; GitHub fills it with that of the log since.
#[derive(Debug, Deserialize)]
struct Status {
    id: u64,
    state: String,
    environment_url: Option<String>,
    target_url: Option<String>,
    log_url: Option<String>,
    created_at: Moment,
}

impl From<DeploymentStatus> for Deployed {
    fn from(wire: DeploymentStatus) -> Self {
        let status = wire.deployment_status;
        let is_down = DOWN.iter().any(|state| status.state.eq_ignore_ascii_case(state));
        let target = (status.state == "success" && status.target_url != status.log_url)
            .then_some(status.target_url)
            .flatten();
        let url = [status.environment_url, target]
            .into_iter()
            .flatten()
            .find_map(|text| address(&text));
        Self {
            id: wire.deployment.id,
            sha: wire.deployment.sha,
            git_ref: wire.deployment.git_ref.unwrap_or_default(),
            url: url.filter(|_| !is_down),
            status_id: status.id,
            told_at: status.created_at.0,
        }
    }
}

/// An address that a form may offer to be pressed: whoever may deploy wrote it.
fn address(text: &str) -> Option<String> {
    let url = Url::parse(text.trim()).ok()?;
    let text = String::from(url.clone());
    (matches!(url.scheme(), "http" | "https") && url.has_host() && text.len() <= LONGEST).then_some(text)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::github::payload::deployed;

    fn told(state: &str, environment: &Value, target: &Value, log: &Value) -> Option<String> {
        let payload = json!({
            "deployment": {"id": 1, "sha": "aa", "ref": "topic"},
            "deployment_status": {
                "id": 2, "state": state, "environment_url": environment, "target_url": target, "log_url": log,
                "created_at": "2024-01-02T03:04:05Z",
            },
        });
        deployed(&payload).expect("decodes").url
    }

    #[test]
    fn the_address_is_that_of_what_runs() {
        let (there, log, none) = (
            json!("https://pr-1.example.com"),
            json!("https://ci.example.com/1"),
            Value::Null,
        );
        let shown = Some("https://pr-1.example.com/".to_owned());
        assert_eq!(told("success", &there, &log, &log), shown);
        assert_eq!(told("in_progress", &there, &none, &none), shown);
        assert_eq!(told("inactive", &there, &none, &none), None);
        assert_eq!(told("success", &json!(""), &there, &none), shown, "as it was told before");
        assert_eq!(told("success", &none, &log, &log), None, "a log is no environment");
        for odd in ["javascript:alert(1)", "data:text/html,x", "nowhere", "https://"] {
            assert_eq!(told("success", &json!(odd), &none, &none), None, "{odd}");
        }
    }
}
