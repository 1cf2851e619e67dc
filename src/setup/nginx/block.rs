//! The block itself.

use serde_json::json;

use crate::config::paths::{INTEGRATIONS, PASSED_ON};

/// First words of the comment above it.
pub(super) const BEGIN: &str = "# BEGIN erpnext-github";
/// First words of the comment below it.
pub(super) const END: &str = "# END erpnext-github";

/// Longest call, in seconds: one that takes longer goes on after 100 s and is answered.
const READ_TIMEOUT_SECONDS: u32 = 180;
/// Largest body that is passed on, in MiB: GitHub's deliveries have up to 25.
const LARGEST_BODY_MIB: u32 = 26;

/// What the desk shows when nobody answers behind nginx.
const DOWN: &str = "The GitHub integration does not answer. An administrator can find out why with: erpnext-github doctor";
/// What the desk shows when the answer did not come in time.
const LATE: &str = "The GitHub integration did not answer in time. What was asked for may have been done: look before you ask again. \
An administrator can find out why with: erpnext-github doctor";

/// The block for one server.
#[derive(Debug, Clone)]
pub struct Block {
    /// Host and port at which nginx reaches the sidecar.
    pub upstream: String,
    /// Value of `X-Frappe-Site-Name`; empty where the host has to tell the site.
    pub site: String,
    /// Value of `Host`.
    pub host: String,
    /// Value of `X-Forwarded-For`.
    pub forwarded_for: String,
    /// Value of `X-Forwarded-Proto`.
    pub forwarded_proto: String,
}

impl Block {
    /// The block of a server of its own for the site of that name.
    #[must_use]
    pub fn of_site(site: &str, upstream: &str) -> Self {
        Self {
            upstream: upstream.to_owned(),
            site: site.to_owned(),
            host: "$host".to_owned(),
            forwarded_for: "$remote_addr".to_owned(),
            forwarded_proto: "$scheme".to_owned(),
        }
    }

    /// Its text between the marks, marks included, each line behind `indent`, ending in a line break.
    #[must_use]
    pub fn text(&self, indent: &str) -> String {
        let step = if indent.contains('\t') { "\t" } else { "    " };
        let mut lines = vec![format!(
            "{BEGIN}: written by `erpnext-github nginx patch`, which replaces all down to END"
        )];
        for path in PASSED_ON {
            lines.push(format!("location ^~ {path} {{"));
            lines.extend(self.location().into_iter().map(|line| format!("{step}{line}")));
            if path == INTEGRATIONS {
                // The query holds codes of GitHub's, and one that was not used up is good for a while. The program logs these requests without it.
                lines.push(format!("{step}access_log off;"));
            }
            lines.push("}".to_owned());
        }
        // Answered by nginx itself, in the form that the desk shows; passed to Python, it would be "method not found".
        for (name, sentence) in [("@erpnext_github_down", DOWN), ("@erpnext_github_late", LATE)] {
            lines.push(format!("location {name} {{"));
            lines.push(format!("{step}default_type application/json;"));
            lines.push(format!("{step}return 503 {};", quoted(&envelope(sentence))));
            lines.push("}".to_owned());
        }
        lines.push(END.to_owned());
        let mut text = String::new();
        for line in lines {
            text.push_str(indent);
            text.push_str(&line);
            text.push('\n');
        }
        text
    }

    fn location(&self) -> Vec<String> {
        let header = |name: &str, value: &str| format!("proxy_set_header {name} {};", word(value));
        vec![
            format!("proxy_pass http://{};", self.upstream),
            "proxy_http_version 1.1;".to_owned(),
            header("Host", &self.host),
            header("X-Frappe-Site-Name", &self.site),
            header("X-Forwarded-For", &self.forwarded_for),
            header("X-Forwarded-Proto", &self.forwarded_proto),
            "proxy_connect_timeout 5s;".to_owned(),
            format!("proxy_read_timeout {READ_TIMEOUT_SECONDS}s;"),
            format!("client_max_body_size {LARGEST_BODY_MIB}m;"),
            "error_page 502 = @erpnext_github_down;".to_owned(),
            "error_page 504 = @erpnext_github_late;".to_owned(),
        ]
    }
}

/// An error as Frappe writes it. The status is 503, for which the desk shows the message; of a 502 or 504 it shows words of its own.
fn envelope(sentence: &str) -> String {
    let message = json!({"message": sentence, "title": "GitHub", "indicator": "red", "raise_exception": 1});
    let body = json!({
        "exc_type": "SessionStopped",
        "exception": format!("frappe.exceptions.SessionStopped: {sentence}"),
        "_server_messages": json!([message.to_string()]).to_string(),
    });
    body.to_string()
}

/// A value as nginx reads it back; a plain word stands as it is.
fn word(value: &str) -> String {
    let is_plain = !value.is_empty() && !value.contains(|char: char| char.is_whitespace() || "\"'\\;{}#".contains(char));
    if is_plain { value.to_owned() } else { quoted(value) }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::syntax::parse;
    use super::*;

    #[test]
    fn what_is_written_is_what_nginx_reads() {
        let text = Block::of_site("a.local", "127.0.0.1:9100").text("\t");
        let config = parse(&text).expect("a configuration");
        assert_eq!(config.directives.len(), PASSED_ON.len() + 2);
        assert_eq!(config.comments.len(), 2);
        let down = config.directives.last().expect("a location");
        let answer = down.inside().last().expect("a return").arguments();
        let body: Value = serde_json::from_str(&answer[1]).expect("JSON");
        let messages: Vec<String> = serde_json::from_str(body["_server_messages"].as_str().expect("text")).expect("a list");
        let message: Value = serde_json::from_str(&messages[0]).expect("a message");
        assert!(message["message"].as_str().expect("text").contains("erpnext-github doctor"));
        assert!(text.lines().all(|line| line.starts_with('\t')), "{text}");
    }

    #[test]
    fn values_are_quoted_where_they_must_be() {
        for (value, written) in [
            ("$host", "$host"),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's", "'it\\'s'"),
            ("${a}b", "'${a}b'"),
        ] {
            assert_eq!(word(value), written);
        }
    }
}
