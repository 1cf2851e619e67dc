//! What a session's row holds beside its user: a Python `repr` in versions 14 and 15, JSON from 16 on.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde_json::Value;

use super::python_repr;

/// What is of interest in a session's data.
#[derive(Debug, Default)]
pub(super) struct SessionData {
    /// The token that writes must bring along; none before the desk was first loaded.
    pub(super) csrf_token: Option<SecretString>,
    /// When the session ends whatever its activity, in the site's zone.
    pub(super) session_end: Option<String>,
}

/// Reads it; none where it is neither of the two forms.
pub(super) fn parse(source: &str) -> Option<SessionData> {
    let mut texts = json(source).or_else(|| python_repr::texts(source))?;
    let mut take = |key: &str| texts.remove(key).filter(|text| !text.is_empty());
    Some(SessionData {
        csrf_token: take("csrf_token").map(SecretString::from),
        session_end: take("session_end"),
    })
}

fn json(source: &str) -> Option<BTreeMap<String, String>> {
    let values: BTreeMap<String, Value> = serde_json::from_str(source).ok()?;
    let texts = values.into_iter().filter_map(|(key, value)| match value {
        Value::String(text) => Some((key, text)),
        _ => None,
    });
    Some(texts.collect())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn both_forms_give_the_token() {
        for source in [
            r#"{"user":"jane@x.com","csrf_token":"abc","session_end":null,"n":1}"#,
            "{'user': 'jane@x.com', 'csrf_token': 'abc', 'session_end': None}",
        ] {
            let data = parse(source).expect("a session");
            assert_eq!(
                data.csrf_token.map(|token| token.expose_secret().to_owned()).as_deref(),
                Some("abc")
            );
            assert_eq!(data.session_end, None);
        }
        assert!(parse("{}").expect("a fresh session").csrf_token.is_none());
        assert!(parse("no session").is_none());
    }
}
