//! The template: a title, sentences, perhaps a choice, and where to go on. Everything that is not written here is escaped.

use std::fmt::Write as _;

use axum::http::StatusCode;
use secrecy::{ExposeSecret as _, SecretString};

use crate::frappe::markup::escape;

/// How a page looks, and nothing that it says.
const STYLE: &str = include_str!("page.css");
/// What a page does: it waits for an installation, sends a choice, and takes out of the address what was used up.
const SCRIPT: &str = include_str!("page.js");

/// What is said where the browser runs no scripts.
const WITHOUT_SCRIPTS: &str = "<noscript><p>Buttons on this page work with JavaScript, which is switched off in this browser: switch it on, and open \
                               this page again.</p></noscript>\n";

/// How good the news is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// It is done.
    Good,
    /// It goes on, or somebody has to do something.
    Open,
    /// It was not done.
    Bad,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Open => "open",
            Self::Bad => "bad",
        }
    }
}

/// A list under a line of its own.
#[derive(Debug)]
pub(super) struct List {
    pub(super) head: &'static str,
    pub(super) items: Vec<&'static str>,
}

/// A choice that is sent to the desk's method.
#[derive(Debug)]
pub(super) struct Choice {
    /// Name of the installation.
    pub(super) installation: String,
    /// Value and label.
    pub(super) offered: Vec<(String, String)>,
    pub(super) csrf_token: SecretString,
}

/// Repositories of which some are sent to the desk's method.
#[derive(Debug)]
pub(super) struct Picks {
    /// Name of the installation.
    pub(super) installation: String,
    pub(super) project: String,
    /// Number and name.
    pub(super) offered: Vec<(String, String)>,
    pub(super) csrf_token: SecretString,
}

/// What a page says.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) status: StatusCode,
    /// Tells the page from others, for scripts.
    pub(super) kind: &'static str,
    pub(super) tone: Tone,
    pub(super) title: String,
    pub(super) sentences: Vec<String>,
    pub(super) lists: Vec<List>,
    pub(super) choice: Option<Choice>,
    pub(super) picks: Option<Picks>,
    /// A button that has GitHub asked again: what a write must bring along.
    pub(super) check: Option<SecretString>,
    /// Where to go on: address and label. An address is a place of this site, or a page of GitHub.
    pub(super) links: Vec<(String, String)>,
    /// It waits for an installation: GitHub's number, where that is known.
    pub(super) waits: bool,
    /// GitHub's number of the installation.
    pub(super) installation_id: Option<u64>,
    /// Nothing was used up: what its address holds stays there, and is good when the page is opened anew.
    pub(super) keeps_address: bool,
}

impl Text {
    /// A page of that kind, which says nothing yet.
    pub(super) fn new(kind: &'static str, tone: Tone, title: impl Into<String>) -> Self {
        Self {
            status: if tone == Tone::Bad {
                StatusCode::BAD_REQUEST
            } else {
                StatusCode::OK
            },
            kind,
            tone,
            title: title.into(),
            sentences: Vec::new(),
            lists: Vec::new(),
            choice: None,
            picks: None,
            check: None,
            links: Vec::new(),
            waits: false,
            installation_id: None,
            keeps_address: false,
        }
    }

    pub(super) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    pub(super) fn say(mut self, sentence: impl Into<String>) -> Self {
        self.sentences.push(sentence.into());
        self
    }

    pub(super) fn list(mut self, head: &'static str, items: &[&'static str]) -> Self {
        self.lists.push(List {
            head,
            items: items.to_vec(),
        });
        self
    }

    pub(super) fn link(mut self, address: impl Into<String>, label: impl Into<String>) -> Self {
        self.links.push((address.into(), label.into()));
        self
    }

    /// Leaves the address as it is, because nothing of it was used up.
    pub(super) fn keeping_address(self) -> Self {
        Self {
            keeps_address: true,
            ..self
        }
    }

    /// Offers to open the same address once more. The page does not hold it, with the secrets in it: an empty link is the address itself.
    pub(super) fn trying_again(self) -> Self {
        self.keeping_address().link("", "Try again")
    }

    /// Offers to ask GitHub again for the installation of that number, or the one that is waited for.
    pub(super) fn checking(mut self, id: Option<u64>, csrf_token: &SecretString) -> Self {
        self.installation_id = id;
        self.check = Some(csrf_token.clone());
        self
    }

    /// Whether something on it does not work without scripts.
    fn has_buttons(&self) -> bool {
        self.choice.is_some() || self.picks.is_some() || self.check.is_some()
    }

    /// The page.
    pub(super) fn page(&self, nonce: &str) -> String {
        let title = escape(&self.title);
        let mut body = String::new();
        for sentence in &self.sentences {
            let _ = writeln!(body, "<p>{}</p>", escape(sentence));
        }
        if self.waits {
            body.push_str("<p id=\"still\" role=\"status\"></p>\n");
        }
        for list in &self.lists {
            let _ = write!(body, "<h2>{}</h2>\n<ul>", escape(list.head));
            for item in &list.items {
                let _ = write!(body, "<li>{}</li>", escape(item));
            }
            body.push_str("</ul>\n");
        }
        if let Some(choice) = &self.choice {
            body.push_str(&choice.html());
        }
        if let Some(picks) = &self.picks {
            body.push_str(&picks.html());
        }
        if let Some(token) = &self.check {
            let token = escape(token.expose_secret());
            let _ = writeln!(
                body,
                "<p><button id=\"check\" data-token=\"{token}\">Check again</button> <span id=\"found\" role=\"alert\"></span></p>"
            );
        }
        for (address, label) in self.links.iter().filter(|(address, _)| is_fit(address)) {
            let (address, label) = (escape(address), escape(label));
            let _ = writeln!(body, "<p><a class=\"go\" href=\"{address}\">{label}</a></p>");
        }
        if self.has_buttons() {
            body.push_str(WITHOUT_SCRIPTS);
        }
        let id = self.installation_id.map(|id| id.to_string()).unwrap_or_default();
        let again = match (self.waits, id.is_empty()) {
            (false, _) => String::new(),
            (true, true) => refreshed(""),
            (true, false) => refreshed(&format!("?installation_id={id}")),
        };
        format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><link rel=\"icon\" href=\"data:,\">\
             <title>{title}</title><style nonce=\"{nonce}\">{STYLE}</style>{again}</head>\n\
             <body data-kind=\"{}\" data-waits=\"{}\" data-installation=\"{id}\" data-keeps=\"{}\"><main class=\"{}\"><h1>{title}</h1>\n{body}</main>\n\
             <script nonce=\"{nonce}\">{SCRIPT}</script></body></html>\n",
            self.kind,
            u8::from(self.waits),
            u8::from(self.keeps_address),
            self.tone.class(),
        )
    }
}

impl Choice {
    fn html(&self) -> String {
        let mut options = String::new();
        for (value, label) in &self.offered {
            let _ = write!(options, "<option value=\"{}\">{}</option>", escape(value), escape(label));
        }
        format!(
            "<form id=\"choice\" data-installation=\"{}\" data-token=\"{}\"><label>Project <select name=\"project\">{options}</select></label> \
             <button type=\"submit\">Use this Project</button><p id=\"problem\" role=\"alert\"></p></form>\n",
            escape(&self.installation),
            escape(self.csrf_token.expose_secret()),
        )
    }
}

impl Picks {
    fn html(&self) -> String {
        let mut boxes = String::new();
        for (id, name) in &self.offered {
            let (id, name) = (escape(id), escape(name));
            let _ = write!(
                boxes,
                "<label><input type=\"checkbox\" name=\"repository\" value=\"{id}\"> {name}</label>"
            );
        }
        format!(
            "<form id=\"picks\" data-installation=\"{}\" data-project=\"{}\" data-token=\"{}\"><fieldset class=\"boxes\"><legend>Repositories</legend>{boxes}</fieldset> \
             <button type=\"submit\">Follow these</button><p id=\"problem\" role=\"alert\"></p></form>\n",
            escape(&self.installation),
            escape(&self.project),
            escape(self.csrf_token.expose_secret()),
        )
    }
}

/// Has a browser without scripts look again by itself how far it is.
fn refreshed(query: &str) -> String {
    format!("<noscript><meta http-equiv=\"refresh\" content=\"10;url=/integrations/github/{query}\"></noscript>")
}

/// True for an address that a link may have: this page's own, a path of this site, or a page by http.
fn is_fit(address: &str) -> bool {
    let is_path = address.starts_with('/') && !address.starts_with("//");
    is_path || address.is_empty() || address.starts_with("https://") || address.starts_with("http://")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_elsewhere_is_no_markup_and_no_script() {
        let text = Text::new("x", Tone::Good, "<b>T</b>")
            .say("<script>alert(1)</script>")
            .link("javascript:alert(1)", "Press")
            .link("//evil.test/", "There")
            .link("/app/project/A\"B", "On");
        let page = text.page("n0nce");
        assert!(!page.contains("<b>T") && !page.contains("<script>alert") && page.contains("&lt;script&gt;"));
        assert!(!page.contains("javascript:") && !page.contains("evil.test"));
        assert!(page.contains("href=\"/app/project/A&quot;B\""));
        assert_eq!(page.matches("nonce=\"n0nce\"").count(), 2);
    }
}
