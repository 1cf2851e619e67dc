//! What a method was called with. The desk sends every value as text, lists and flags included; scripts send JSON.

use serde_json::{Map, Value};

use super::ActionError;

/// Largest number that a column of Frappe holds.
const LARGEST: u64 = 2_147_483_647;

/// Named arguments, as they came.
#[derive(Debug, Clone, Default)]
pub struct Arguments(Map<String, Value>);

impl Arguments {
    /// Of these values.
    #[must_use]
    pub fn new(values: Map<String, Value>) -> Self {
        Self(values)
    }

    /// A text; none where it is missing, null or blank. Numbers and flags are taken as they are written.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        let text = match self.0.get(name)? {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            _ => return None,
        };
        // `null` and `undefined` are what a browser makes of nothing.
        (!matches!(text.as_str(), "" | "null" | "undefined")).then_some(text)
    }

    /// The first of several names under which an argument may come.
    #[must_use]
    pub fn text_of(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.text(name))
    }

    /// A text that must be there.
    ///
    /// # Errors
    /// [`ActionError::Invalid`] naming it.
    pub fn required(&self, names: &[&str]) -> Result<String, ActionError> {
        self.text_of(names)
            .ok_or_else(|| ActionError::invalid(format!("`{}` is missing", names.first().copied().unwrap_or_default())))
    }

    /// A text as it was typed, blank lines and all; none where it is missing.
    #[must_use]
    pub fn body(&self, name: &str) -> Option<String> {
        let text = self.0.get(name)?.as_str()?;
        (!text.trim().is_empty()).then(|| text.to_owned())
    }

    /// A flag as Frappe's `cint` reads it: 1, true and yes are true, `"false"` is not.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        self.text(name)
            .is_some_and(|text| matches!(text.to_ascii_lowercase().as_str(), "1" | "true" | "yes" | "on"))
    }

    /// A whole number that must be there and positive.
    ///
    /// # Errors
    /// [`ActionError::Invalid`] naming it.
    pub fn number(&self, names: &[&str]) -> Result<u64, ActionError> {
        let text = self.required(names)?;
        text.trim_start_matches('#')
            .parse::<u64>()
            .ok()
            .filter(|number| (1..=LARGEST).contains(number))
            .ok_or_else(|| {
                ActionError::invalid(format!(
                    "`{}` must be a number, such as 12",
                    names.first().copied().unwrap_or_default()
                ))
            })
    }

    /// A whole number within bounds; `default` where it is missing or none.
    #[must_use]
    pub fn bounded(&self, name: &str, default: u64, (least, most): (u64, u64)) -> u64 {
        let number = self.text(name).and_then(|text| text.parse::<f64>().ok());
        // A fraction is cut, as Frappe does; nonsense is the default.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded right after")]
        let number = number
            .filter(|number| number.is_finite() && *number >= 0.0)
            .map(|number| number as u64);
        number.unwrap_or(default).clamp(least, most)
    }

    /// A list of texts: JSON, a text that holds JSON, or a text with commas. Nothing, blank and repeated ones are left out.
    ///
    /// # Errors
    /// [`ActionError::Invalid`] where something in it is no text: who asks for more than is understood must not get a part of it.
    pub fn texts(&self, name: &str) -> Result<Vec<String>, ActionError> {
        let items = match self.0.get(name) {
            Some(Value::String(text)) => match serde_json::from_str::<Value>(text) {
                Ok(Value::Array(items)) => items,
                Ok(one @ (Value::String(_) | Value::Null | Value::Object(_))) => vec![one],
                _ if text == "undefined" => Vec::new(),
                _ => text.split([',', '\n']).map(Value::from).collect(),
            },
            Some(Value::Array(items)) => items.clone(),
            Some(one) => vec![one.clone()],
            None => Vec::new(),
        };
        let mut texts: Vec<String> = Vec::new();
        for item in items {
            let text = match item {
                Value::Null => continue,
                Value::String(text) => text.trim().to_owned(),
                Value::Number(number) if !number.is_f64() => number.to_string(),
                odd => {
                    let shown: String = odd.to_string().chars().take(100).collect();
                    return Err(ActionError::invalid(format!(
                        "`{name}` must be a list of texts, such as [\"one\", \"two\"]: {shown} is none"
                    )));
                }
            };
            if !text.is_empty() && !texts.contains(&text) {
                texts.push(text);
            }
        }
        Ok(texts)
    }

    /// True where a list is given that has nothing in it, as `[]`; a blank text is no list.
    #[must_use]
    pub fn is_empty_list(&self, name: &str) -> bool {
        match self.0.get(name) {
            Some(Value::Array(items)) => items.is_empty(),
            Some(Value::String(text)) => text.split_whitespace().collect::<String>() == "[]",
            _ => false,
        }
    }

    /// A list of objects: JSON or a text that holds it.
    ///
    /// # Errors
    /// [`ActionError::Invalid`] where it is something else.
    pub fn objects(&self, name: &str) -> Result<Vec<Map<String, Value>>, ActionError> {
        let odd = || {
            ActionError::invalid(format!(
                "`{name}` must be a JSON list of objects, such as [{{\"title\": \"A title\"}}]"
            ))
        };
        let value = match self.0.get(name) {
            Some(Value::String(text)) => serde_json::from_str(text).map_err(|_| odd())?,
            Some(value) => value.clone(),
            None => return Err(odd()),
        };
        match value {
            Value::Array(items) => items
                .into_iter()
                .map(|item| match item {
                    Value::Object(object) => Ok(object),
                    _ => Err(odd()),
                })
                .collect(),
            Value::Object(one) => Ok(vec![one]),
            _ => Err(odd()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(value: Value) -> Arguments {
        match value {
            Value::Object(values) => Arguments::new(values),
            _ => Arguments::default(),
        }
    }

    #[test]
    fn nothing_is_nothing_in_every_form() {
        for nothing in [
            json!(null),
            json!(""),
            json!("  "),
            json!("null"),
            json!("undefined"),
            json!([]),
        ] {
            let arguments = of(json!({"a": nothing}));
            assert_eq!(arguments.text("a"), None, "{arguments:?}");
            assert!(
                arguments
                    .required(&["a", "b"])
                    .expect_err("missing")
                    .to_string()
                    .contains("`a`")
            );
        }
        assert_eq!(of(json!({"b": " x "})).text_of(&["a", "b"]).as_deref(), Some("x"));
    }

    #[test]
    fn f11_a_flag_that_says_false_is_false() {
        for (value, flag) in [
            (json!("false"), false),
            (json!("0"), false),
            (json!(0), false),
            (json!(false), false),
            (json!("true"), true),
            (json!("1"), true),
            (json!(1), true),
            (json!(true), true),
        ] {
            assert_eq!(of(json!({"f": value})).flag("f"), flag, "{value}");
        }
    }

    #[test]
    fn lists_come_as_json_as_text_with_json_and_with_commas() {
        for value in [
            json!(["a", "b"]),
            json!("[\"a\", \"b\"]"),
            json!("a, b"),
            json!("a,b,,a"),
            json!("a\nb"),
        ] {
            assert_eq!(of(json!({"l": value})).texts("l").expect("texts"), ["a", "b"], "{value}");
        }
        for (value, one) in [(json!("\"a\""), "a"), (json!("a"), "a"), (json!(7), "7"), (json!("7"), "7")] {
            assert_eq!(of(json!({"l": value})).texts("l").expect("texts"), [one], "{value}");
        }
        for nothing in [
            json!(null),
            json!("null"),
            json!("undefined"),
            json!([null, " "]),
            json!(" , "),
        ] {
            assert!(of(json!({"l": nothing})).texts("l").expect("texts").is_empty(), "{nothing}");
        }
    }

    #[test]
    fn f8_what_is_no_text_in_a_list_is_refused_with_the_list() {
        for odd in [json!({"name": "a"}), json!(["a"]), json!(true), json!(1.5)] {
            for list in [json!(["a", odd]), json!(json!(["a", odd]).to_string())] {
                let error = of(json!({"l": list})).texts("l").expect_err("refused").to_string();
                assert!(error.contains("`l` must be a list of texts"), "{error}");
            }
        }
        assert!(of(json!({"l": {"name": "a"}})).texts("l").is_err());
        assert!(of(json!({"l": "{\"name\": \"a\"}"})).texts("l").is_err());
    }

    #[test]
    fn an_empty_list_is_not_the_same_as_nothing() {
        for value in [json!([]), json!("[]"), json!(" [ ] ")] {
            assert!(of(json!({"l": value})).is_empty_list("l"), "{value}");
        }
        for value in [json!(null), json!(""), json!("a"), json!(["a"])] {
            assert!(!of(json!({"l": value})).is_empty_list("l"), "{value}");
        }
    }

    #[test]
    fn objects_come_as_json_and_as_text_with_json() {
        for value in [json!([{"title": "x"}]), json!("[{\"title\": \"x\"}]"), json!({"title": "x"})] {
            let objects = of(json!({"o": value})).objects("o").expect("objects");
            assert_eq!(objects[0]["title"], "x");
        }
        for value in [json!("no"), json!([1]), json!(3), json!("[1]")] {
            assert!(of(json!({"o": value})).objects("o").is_err(), "{value}");
        }
    }

    #[test]
    fn numbers_are_bounded_and_checked() {
        for (value, number) in [
            (json!("7"), 7),
            (json!(400), 365),
            (json!("x"), 30),
            (json!(-1), 30),
            (json!("0"), 1),
            (json!(2.9), 2),
        ] {
            assert_eq!(of(json!({"n": value})).bounded("n", 30, (1, 365)), number, "{value}");
        }
        assert_eq!(of(json!({"n": "#12"})).number(&["n"]).expect("a number"), 12);
        for value in [json!("x"), json!("0"), json!("1.5"), json!(2_147_483_648_u64)] {
            assert!(of(json!({"n": value})).number(&["n"]).is_err(), "{value}");
        }
    }
}
