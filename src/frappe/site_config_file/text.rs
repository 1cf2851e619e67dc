//! Adding, replacing and removing one member of a JSON object as text, so that everything else stays to the byte.
//!
//! The text is known to hold a JSON object before it comes here; of a text that does not, nothing is made.

use std::ops::Range;

use serde_json::Value;

/// One member of the outermost object.
struct Member {
    /// Its name, unescaped.
    key: String,
    /// Its name as it stands there, quotes included.
    name: Range<usize>,
    /// Its value.
    value: Range<usize>,
}

/// The text with `key` set: replaced where it is, else put in its place if the keys are sorted (as Frappe writes them), else
/// put last.
pub(super) fn set(text: &str, key: &str, value: &Value) -> Option<String> {
    let members = members(text)?;
    let value = value.to_string();
    // Of a name that is there twice, readers take the last.
    if let Some(member) = members.iter().rev().find(|member| member.key == key) {
        return Some(splice(text, member.value.clone(), &value));
    }
    let name = Value::from(key).to_string();
    let open = text.find('{')? + 1;
    let (Some(first), Some(last)) = (members.first(), members.last()) else {
        return Some(splice(text, open..text.rfind('}')?, &format!("\n {name}: {value}\n")));
    };
    // What stands between two members and between name and value is taken over from the first.
    let lead = &text[open..first.name.start];
    let member = format!("{name}{}{value}", &text[first.name.end..first.value.start]);
    let sorted = members.is_sorted_by(|one, other| one.key <= other.key);
    Some(match members.iter().find(|member| sorted && member.key.as_str() > key) {
        Some(next) => splice(text, next.name.start..next.name.start, &format!("{member},{lead}")),
        None => splice(text, last.value.end..last.value.end, &format!(",{lead}{member}")),
    })
}

/// The text without `key`.
pub(super) fn remove(text: &str, key: &str) -> Option<String> {
    let mut text = text.to_owned();
    loop {
        let members = members(&text)?;
        let Some(at) = members.iter().position(|member| member.key == key) else {
            return Some(text);
        };
        let previous = at.checked_sub(1).and_then(|before| members.get(before));
        let gone = match (previous, members.get(at + 1)) {
            (_, Some(next)) => members[at].name.start..next.name.start,
            (Some(previous), None) => previous.value.end..members[at].value.end,
            (None, None) => text.find('{')? + 1..text.rfind('}')?,
        };
        text = splice(&text, gone, "");
    }
}

fn splice(text: &str, range: Range<usize>, with: &str) -> String {
    [&text[..range.start], with, &text[range.end..]].concat()
}

/// Finds the members of the outermost object.
fn members(text: &str) -> Option<Vec<Member>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = skip_blanks(bytes, 0);
    if bytes.get(at) != Some(&b'{') {
        return None;
    }
    at += 1;
    loop {
        at = skip_blanks(bytes, at);
        match bytes.get(at)? {
            b'}' => return Some(found),
            b',' => at += 1,
            b'"' => {
                let name = at..string_end(bytes, at)?;
                at = skip_blanks(bytes, name.end);
                if bytes.get(at) != Some(&b':') {
                    return None;
                }
                let start = skip_blanks(bytes, at + 1);
                at = value_end(bytes, start)?;
                found.push(Member {
                    key: serde_json::from_str(&text[name.clone()]).ok()?,
                    name,
                    value: start..at,
                });
            }
            _ => return None,
        }
    }
}

fn skip_blanks(bytes: &[u8], from: usize) -> usize {
    let blanks = bytes[from..].iter().take_while(|byte| byte.is_ascii_whitespace());
    from + blanks.count()
}

/// The place behind the text that opens at `from`.
fn string_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from + 1;
    loop {
        match bytes.get(at)? {
            b'\\' => at += 2,
            b'"' => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// The place behind the value that begins at `from`.
fn value_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = from;
    loop {
        match bytes.get(at)? {
            b'"' => at = string_end(bytes, at)?,
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' if depth > 0 => {
                depth -= 1;
                at += 1;
            }
            // Within a list or an object these belong to the value; outside they end a number or a word.
            b',' | b'}' | b']' if depth == 0 => return Some(at),
            byte if depth == 0 && byte.is_ascii_whitespace() => return Some(at),
            _ => at += 1,
        }
        if depth == 0 && matches!(bytes[at - 1], b'"' | b'}' | b']') {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, json};

    use super::*;

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".*".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(".*", inner, 0..4).prop_map(|map| Value::from(Map::from_iter(map))),
            ]
        })
    }

    proptest! {
        /// Whatever the object holds and however it is laid out: the key is set, the rest is untouched, and removing the key
        /// gives the same text as before.
        #[test]
        fn set_and_remove_are_inverse(
            object in prop::collection::hash_map("[a-f\"{},:\\\\é]{0,4}", any_value(), 0..6),
            key in "[a-f]{1,5}z",
            value in any_value(),
            pretty in any::<bool>(),
        ) {
            let object = Map::from_iter(object);
            let before = if pretty { serde_json::to_string_pretty(&object) } else { serde_json::to_string(&object) }.expect("JSON");
            let after = set(&before, &key, &value).expect("an object");
            let mut expected = object.clone();
            expected.insert(key.clone(), value);
            prop_assert_eq!(serde_json::from_str::<Map<String, Value>>(&after).expect("still JSON"), expected);
            prop_assert_eq!(remove(&after, &key).expect("an object"), before);
        }
    }

    #[test]
    fn replacing_touches_the_value_alone() {
        let text = "{ \"a\" : [1, {\"b\": \"}\"}] , \"b\":\t-1.50e3 }";
        assert_eq!(
            set(text, "a", &json!("x")).expect("an object"),
            "{ \"a\" : \"x\" , \"b\":\t-1.50e3 }"
        );
        assert_eq!(
            set(text, "b", &json!({"c": 1})).expect("an object"),
            "{ \"a\" : [1, {\"b\": \"}\"}] , \"b\":\t{\"c\":1} }"
        );
        assert_eq!(remove(text, "a").expect("an object"), "{ \"b\":\t-1.50e3 }");
    }

    #[test]
    fn a_name_that_is_there_twice_is_replaced_where_readers_look_and_removed_altogether() {
        let text = r#"{"a": 1, "b": 2, "a": 3}"#;
        assert_eq!(set(text, "a", &json!(4)).expect("an object"), r#"{"a": 1, "b": 2, "a": 4}"#);
        assert_eq!(remove(text, "a").expect("an object"), r#"{"b": 2}"#);
    }

    #[test]
    fn of_what_is_no_object_nothing_is_made() {
        for text in ["", "[]", "{", "{\"a\"", "{\"a\": ", "{\"a\" 1}", "1"] {
            assert!(set(text, "k", &json!(1)).is_none(), "{text}");
            assert!(remove(text, "k").is_none(), "{text}");
        }
    }
}
