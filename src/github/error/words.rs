//! GitHub's own words, made fit for a sentence.

use serde::Deserialize;
use serde_json::Value;

/// Longest part of GitHub's own message that is kept, in characters.
const MESSAGE_CHARS: usize = 500;

/// GitHub's error body.
#[derive(Deserialize)]
struct Body {
    message: Option<String>,
    #[serde(default)]
    errors: Vec<Value>,
}

/// GitHub's sentence out of an error body, with the fields that it complains of. A page of HTML (a proxy's) says nothing.
pub(super) fn message(body: &str) -> Option<String> {
    let Ok(parsed) = serde_json::from_str::<Body>(body) else {
        return if body.trim_start().starts_with('<') {
            None
        } else {
            tidy(body)
        };
    };
    let details: Vec<String> = parsed.errors.iter().filter_map(complaint).collect();
    let sentence = parsed.message.unwrap_or_default();
    if details.is_empty() {
        return tidy(&sentence);
    }
    tidy(&format!("{sentence}: {}", details.join("; ")))
}

fn complaint(error: &Value) -> Option<String> {
    if let Some(text) = error.as_str() {
        return Some(text.to_owned());
    }
    let words: Vec<&str> = ["resource", "field", "code", "message"]
        .iter()
        .filter_map(|key| error.get(key)?.as_str())
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// `text` on one line, without control characters, cut at [`MESSAGE_CHARS`].
pub(in crate::github) fn tidy(text: &str) -> Option<String> {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    let line = words.join(" ");
    let line: String = line.trim_end_matches(['.', ' ']).chars().take(MESSAGE_CHARS).collect();
    (!line.is_empty()).then_some(line)
}
