//! How people let an App act for them: GitHub's page, the exchange of codes and refresh tokens, and the end of it.

mod applications;
mod page;
mod tokens;

use super::answer::Answer;
use super::change::{Change, Outcome};
use super::incoming::Incoming;
use super::view::View;

/// Answers what is asked for without a token, or says what it changes; none for everything else.
pub(super) fn react(view: View<'_>, incoming: &Incoming) -> Option<Outcome> {
    let segments = incoming.segments();
    let segments: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
    let outcome = match (incoming.method.as_str(), segments.as_slice()) {
        ("GET", ["login", "oauth", "authorize"]) => page::shown(view, incoming).map(Outcome::Shown),
        ("POST", ["login", "oauth", "authorize"]) => page::pressed(view, incoming).map(Outcome::Changes),
        ("POST", ["login", "oauth", "access_token"]) => tokens::asked(view, incoming).map(Outcome::Changes),
        (method, ["applications", client_id, what]) => {
            return Some(applications::react(view, incoming, (method, client_id, what)));
        }
        _ => return None,
    };
    Some(outcome.unwrap_or_else(Outcome::Shown))
}

/// What was sent as a form.
struct Form(Vec<(String, String)>);

impl Form {
    fn of(text: &str) -> Self {
        let pairs = url::form_urlencoded::parse(text.as_bytes());
        Self(pairs.map(|(key, value)| (key.into_owned(), value.into_owned())).collect())
    }

    /// A value; an empty one counts as absent.
    fn get(&self, key: &str) -> Option<&str> {
        let found = self.0.iter().find(|(other, value)| other == key && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    /// Refuses what the fake does not understand.
    fn knows(&self, known: &[&str], incoming: &Incoming) -> Result<(), Answer> {
        match self.0.iter().find(|(key, _)| !known.contains(&key.as_str())) {
            None => Ok(()),
            Some((key, _)) => Err(Answer::unexpected(&format!(
                "The fake GitHub does not know the parameter `{key}` of {} {}",
                incoming.method, incoming.path
            ))),
        }
    }
}

/// An answer that costs no points.
fn free(status: u16, body: String) -> Answer {
    Answer {
        status,
        points: 0,
        ..Answer::ok(body)
    }
}

/// A change of nothing, answered so.
fn unchanged(answer: Answer) -> Change {
    Change::of_world(|_| (), move |_, ()| answer)
}
