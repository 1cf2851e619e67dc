//! One thing has one name in every log line.

use erpnext_github::telemetry::field;

use super::source::{files, parse};

/// Macros of `tracing` that take fields.
const MACROS: [&str; 11] = [
    "trace!",
    "debug!",
    "info!",
    "warn!",
    "error!",
    "trace_span!",
    "debug_span!",
    "info_span!",
    "warn_span!",
    "error_span!",
    "event!",
];

/// Names of the fields that the calls in `code` give.
fn fields(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, name) in MACROS.iter().flat_map(|name| code.match_indices(name)) {
        let whole_word = !code[..at].ends_with(|char: char| char.is_alphanumeric() || char == '_');
        if let Some(arguments) = code[at + name.len()..].strip_prefix('(').filter(|_| whole_word) {
            found.extend(arguments_of(arguments).iter().filter_map(|argument| field_name(argument)));
        }
    }
    found
}

/// The text up to the closing parenthesis, split at its own commas.
fn arguments_of(text: &str) -> Vec<String> {
    let (mut depth, mut arguments) = (0, vec![String::new()]);
    for char in text.chars() {
        match char {
            ')' if depth == 0 => break,
            ',' if depth == 0 => {
                arguments.push(String::new());
                continue;
            }
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        if let Some(last) = arguments.last_mut() {
            last.push(char);
        }
    }
    arguments
}

/// `a` of `a = x`, `a = %x`, `%a`, `?a` and `a`; none for the message and for `target:`.
fn field_name(argument: &str) -> Option<String> {
    let argument = argument.trim();
    let name = argument.split_once('=').map_or(argument, |(name, _)| name.trim());
    let name = name.trim_start_matches(['%', '?']);
    let is_name = name.starts_with(|char: char| char.is_ascii_lowercase())
        && name
            .chars()
            .all(|char| char.is_ascii_lowercase() || char.is_ascii_digit() || matches!(char, '_' | '.'));
    is_name.then(|| name.to_owned())
}

#[test]
fn log_fields_are_on_the_list() {
    for file in files("src", ".rs") {
        for name in fields(&file.parse().code) {
            assert!(
                field::ALL.contains(&name.as_str()),
                "{}: the field `{name}` is not in telemetry::field",
                file.path
            );
        }
    }
}

#[test]
fn fields_are_found() {
    let code =
        parse("tracing::warn!(site = %a.b(c, d), ?error, count, \"{x}, {y}\"); my_info!(no = 1); info!(target: \"a\", run = 1)")
            .code;
    assert_eq!(fields(&code), ["run", "site", "error", "count"]);
}
