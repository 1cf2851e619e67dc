//! Frappe's answers: what was asked for, or the envelope of a refusal.

use serde_json::{Map, Value};

use super::error::BenchRefusal;
use crate::frappe::markup::plain;

/// An answer's body as an object; none for what is not Frappe's.
pub(super) fn object(body: &[u8]) -> Option<Map<String, Value>> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Some(object),
        _ => None,
    }
}

/// The refusal in a body.
pub(super) fn refusal(status: u16, body: &Map<String, Value>) -> BenchRefusal {
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
    let exception = text("exception");
    let class = match text("exc_type") {
        "" => exception
            .split(':')
            .next()
            .unwrap_or_default()
            .rsplit('.')
            .next()
            .unwrap_or_default(),
        class => class,
    };
    let said = [
        messages(text("_server_messages")),
        plain(text("_error_message")),
        exception.split_once(": ").map(|(_, text)| plain(text)).unwrap_or_default(),
    ];
    let sentence = said.into_iter().find(|text| !text.is_empty());
    BenchRefusal {
        status,
        class: class.to_owned(),
        sentence: sentence.unwrap_or_else(|| unexplained(status, class)),
        session_expired: body.get("session_expired").is_some_and(|flag| flag.as_i64() == Some(1)),
    }
}

fn unexplained(status: u16, class: &str) -> String {
    let class = if class.is_empty() {
        String::new()
    } else {
        format!(", {class}")
    };
    format!("ERPNext refuses without a reason (status {status}{class}): look into its Error Log")
}

/// The sentences of `_server_messages`, a list in a text whose items are JSON in texts: those that were raised, else all.
fn messages(text: &str) -> String {
    let items: Vec<String> = serde_json::from_str(text).unwrap_or_default();
    let items: Vec<Value> = items.iter().filter_map(|item| serde_json::from_str(item).ok()).collect();
    let raised: Vec<&Value> = items
        .iter()
        .filter(|item| item["raise_exception"].as_i64() == Some(1))
        .collect();
    let chosen = if raised.is_empty() { items.iter().collect() } else { raised };
    let sentences: Vec<String> = chosen
        .into_iter()
        .map(|item| plain(item["message"].as_str().unwrap_or_default()))
        .filter(|sentence| !sentence.is_empty())
        .collect();
    sentences.join("; ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(status: u16, body: &Value) -> BenchRefusal {
        refusal(status, body.as_object().expect("an object"))
    }

    #[test]
    fn a_refusal_says_what_frappe_raised_without_its_markup() {
        let note = json!({"message": "By the way"}).to_string();
        let raised = json!({"message": "Could not find <b>Repository</b>: a &amp; b", "indicator": "red", "raise_exception": 1})
            .to_string();
        let body = json!({"exc_type": "LinkValidationError", "_server_messages": json!([note, raised]).to_string(), "session_expired": 1});
        let refused = of(417, &body);
        assert_eq!(refused.sentence, "Could not find Repository: a & b");
        assert_eq!(
            (refused.class.as_str(), refused.session_expired),
            ("LinkValidationError", true)
        );
    }

    #[test]
    fn version_14_and_bare_exceptions_are_read_too() {
        let refused = of(
            500,
            &json!({"exception": "frappe.exceptions.QueryDeadlockError: (1213, 'Deadlock')"}),
        );
        assert_eq!(
            (refused.class.as_str(), refused.sentence.as_str()),
            ("QueryDeadlockError", "(1213, 'Deadlock')")
        );
        let refused = of(403, &json!({"_error_message": "No permission for <b>Task</b>"}));
        assert_eq!(refused.sentence, "No permission for Task");
        assert!(refused.is_permission());
        // As version 15 answers a Guest.
        let shut = "frappe.exceptions.PermissionError: <details><summary>Login to access</summary>Function <strong>x</strong> is not whitelisted.</details>";
        let refused = of(403, &json!({"exception": shut, "exc_type": "PermissionError"}));
        assert_eq!(refused.sentence, "Login to access Function x is not whitelisted.");
        assert!(of(500, &json!({})).sentence.contains("status 500"));
    }

    #[test]
    fn what_is_no_object_is_not_frappes() {
        for body in ["", "<html>", "[]", "3"] {
            assert!(object(body.as_bytes()).is_none(), "{body}");
        }
    }
}
