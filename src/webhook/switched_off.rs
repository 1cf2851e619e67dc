//! Deliveries that nobody wants just now: their repository's integration, or the service that they belong to, is switched off.

use crate::domain::OfIntegration;

use super::sent;

/// The event of comments, which are of issues and of pull requests.
const COMMENT: &str = "issue_comment";

/// Why a delivery of `event` is not taken, as a sentence; none where it is.
pub(super) fn reason(of: &OfIntegration, event: &str, stored: &[u8]) -> Option<String> {
    let name = &of.name;
    if of.enabled == Some(false) {
        return Some(format!("the GitHub Integration {name} is switched off"));
    }
    let is_of_pull = event == COMMENT && is_of_pull_request(stored);
    let service = of.services.keeps_out(event, is_of_pull)?.label();
    Some(format!(
        "the service {service} of the GitHub Integration {name} is switched off"
    ))
}

fn is_of_pull_request(stored: &[u8]) -> bool {
    sent::read(stored).is_ok_and(|payload| payload.pointer("/issue/pull_request").is_some_and(|pull| !pull.is_null()))
}
