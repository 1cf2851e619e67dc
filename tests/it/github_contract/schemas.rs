//! JSON schemas out of an OpenAPI 3.0 document: `nullable` translated, references kept, unknown members refused.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// A schema that stands on its own: `root`, and every component that it reaches.
pub(super) fn standalone(root: &Value, components: &Value) -> Value {
    let mut reached = BTreeMap::new();
    let mut waiting: Vec<String> = references(root).into_iter().collect();
    while let Some(name) = waiting.pop() {
        if let Entry::Vacant(place) = reached.entry(name) {
            let component = &components[place.key()];
            assert!(component.is_object(), "the description has no schema {}", place.key());
            waiting.extend(references(component));
            place.insert(translated(component));
        }
    }
    json!({ "allOf": [translated(root)], "components": { "schemas": reached } })
}

fn references(schema: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    match schema {
        Value::Object(members) => {
            if let Some(name) = members.get("$ref").and_then(Value::as_str) {
                found.extend(name.strip_prefix("#/components/schemas/").map(str::to_owned));
            }
            let inner = members
                .iter()
                .filter(|(key, _)| !["example", "examples"].contains(&key.as_str()));
            inner.for_each(|(_, inner)| found.extend(references(inner)));
        }
        Value::Array(items) => items.iter().for_each(|inner| found.extend(references(inner))),
        _ => {}
    }
    found
}

/// The same schema for a validator of JSON Schema. An object with named members may have no others:
/// GitHub's answers have some that it does not describe, but the fake has no business with those.
fn translated(schema: &Value) -> Value {
    let Value::Object(members) = schema else {
        return schema.clone();
    };
    let mut members = members.clone();
    for noise in [
        "example",
        "examples",
        "description",
        "title",
        "x-github-breaking-changes",
        "deprecated",
    ] {
        members.remove(noise);
    }
    for (key, inner) in &mut members {
        match (key.as_str(), &mut *inner) {
            ("properties", Value::Object(properties)) => properties.values_mut().for_each(|one| *one = translated(one)),
            ("allOf" | "anyOf" | "oneOf", Value::Array(all)) => {
                if key == "allOf" {
                    all.retain(|one| !only_adds(one));
                }
                for one in all {
                    *one = translated(one);
                }
            }
            ("items" | "additionalProperties" | "not", one) => *one = translated(one),
            _ => {}
        }
    }
    if members.contains_key("properties") && !members.contains_key("additionalProperties") {
        members.insert("additionalProperties".to_owned(), json!(false));
    }
    if members.remove("nullable") == Some(json!(true)) {
        json!({ "anyOf": [{ "type": "null" }, members] })
    } else {
        members.into()
    }
}

/// True for a part of `allOf` that only allows further members. Closed as they are here, two parts could not both be met;
/// the fake sends no such members.
fn only_adds(part: &Value) -> bool {
    part["properties"].is_object() && part["required"].as_array().is_none_or(Vec::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nullable_reference_may_be_null_and_strange_members_may_not_be() {
        let components = json!({
            "person": { "type": "object", "nullable": true, "required": ["id"], "properties": { "id": { "type": "integer" } } },
        });
        let schema = standalone(
            &json!({ "type": "array", "items": { "$ref": "#/components/schemas/person" } }),
            &components,
        );
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        assert!(validator.is_valid(&json!([null, { "id": 1 }])));
        assert!(!validator.is_valid(&json!([{ "id": null }])));
        assert!(!validator.is_valid(&json!([{ "id": 1, "shoe_size": 44 }])));
    }
}
