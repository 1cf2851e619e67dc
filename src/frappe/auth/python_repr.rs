//! Reads the top level of a Python dictionary as `repr` writes it, which is how Frappe 14 and 15 keep a session's data.
//!
//! Only texts are of interest. Values of any other kind (`None`, numbers, `datetime.datetime(2026, 1, 2)`, lists) are passed
//! over, whatever they hold.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

/// The texts of a dictionary by key; none where this is no dictionary.
pub(super) fn texts(source: &str) -> Option<BTreeMap<String, String>> {
    let mut rest = source.trim().chars().peekable();
    if rest.next() != Some('{') {
        return None;
    }
    let mut found = BTreeMap::new();
    loop {
        skip_blanks(&mut rest);
        match rest.peek()? {
            '}' => return Some(found),
            ',' => {
                rest.next();
            }
            '\'' | '"' => {
                let key = text(&mut rest)?;
                skip_blanks(&mut rest);
                if rest.next() != Some(':') {
                    return None;
                }
                skip_blanks(&mut rest);
                let value = match rest.peek()? {
                    '\'' | '"' => text(&mut rest),
                    _ => None,
                };
                // A text may stand at the beginning of something longer; whatever follows belongs to the same value.
                let longer = skip_value(&mut rest)?;
                if let Some(value) = value.filter(|_| !longer) {
                    found.insert(key, value);
                }
            }
            _ => return None,
        }
    }
}

fn skip_blanks(rest: &mut Peekable<Chars<'_>>) {
    while rest.next_if(|letter| letter.is_whitespace()).is_some() {}
}

/// Passes over the rest of a value up to the comma or brace that ends it; true when there was any.
fn skip_value(rest: &mut Peekable<Chars<'_>>) -> Option<bool> {
    let (mut depth, mut any) = (0_usize, false);
    loop {
        match *rest.peek()? {
            ',' | '}' if depth == 0 => return Some(any),
            '\'' | '"' => {
                text(rest)?;
                any = true;
                continue;
            }
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        any |= rest.next().is_some_and(|letter| !letter.is_whitespace());
    }
}

/// A quoted text with Python's escapes; none where it does not end or an escape is unknown.
fn text(rest: &mut Peekable<Chars<'_>>) -> Option<String> {
    let quote = rest.next()?;
    let mut found = String::new();
    loop {
        match rest.next()? {
            letter if letter == quote => return Some(found),
            '\\' => found.push(match rest.next()? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'x' => coded(rest, 2)?,
                'u' => coded(rest, 4)?,
                'U' => coded(rest, 8)?,
                plain @ ('\\' | '\'' | '"') => plain,
                _ => return None,
            }),
            letter => found.push(letter),
        }
    }
}

fn coded(rest: &mut Peekable<Chars<'_>>, digits: usize) -> Option<char> {
    let code: String = rest.by_ref().take(digits).collect();
    (code.len() == digits)
        .then(|| u32::from_str_radix(&code, 16).ok().and_then(char::from_u32))
        .flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_session_of_frappe_is_read() {
        let source = "{'session_ip': '10.0.0.1', 'last_updated': datetime.datetime(2026, 1, 2, 3, 4, 5, 678901), 'creation': '2026-01-02', \
                      'user': 'jane@x.com', 'full_name': \"Jane O'Neil\", 'employee': None, 'tags': ['a', {'user': 'evil@x.com'}], \
                      'csrf_token': 'abc', 'lang': 'de', 'n': 12, 'odd': 'a\\'b\\n\\xe9\\u20ac\\\\'}";
        let found = texts(source).expect("a dictionary");
        let of = |key: &str| found.get(key).map(String::as_str);
        assert_eq!(
            of("user"),
            Some("jane@x.com"),
            "the inner dictionary is no part of the session"
        );
        assert_eq!(of("full_name"), Some("Jane O'Neil"));
        assert_eq!((of("csrf_token"), of("lang")), (Some("abc"), Some("de")));
        assert_eq!(of("odd"), Some("a'b\né€\\"));
        assert_eq!(
            (of("employee"), of("last_updated"), of("n"), of("tags")),
            (None, None, None, None)
        );
    }

    #[test]
    fn what_is_no_dictionary_is_none() {
        for source in [
            "",
            "[]",
            "{'a': 'b'",
            "{'a' 'b'}",
            "{'a': 'b\\q'}",
            "{a: 'b'}",
            "{'a': )}",
            "{'a': 'b",
        ] {
            assert_eq!(texts(source), None, "{source}");
        }
        assert_eq!(texts("{}"), Some(BTreeMap::new()));
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(source in ".{0,200}") {
            let _ = texts(&source);
        }

        #[test]
        fn a_value_cannot_pose_as_a_key(value in ".{0,40}") {
            let quoted: String = value.chars().flat_map(|letter| match letter {
                '\\' => vec!['\\', '\\'],
                '\'' => vec!['\\', '\''],
                other => vec![other],
            }).collect();
            let found = texts(&format!("{{'full_name': '{quoted}', 'csrf_token': 'right'}}")).expect("a dictionary");
            prop_assert_eq!(found.get("csrf_token").map(String::as_str), Some("right"));
            prop_assert_eq!(found.get("full_name"), Some(&value));
        }
    }
}
