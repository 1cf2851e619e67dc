//! GitHub's GraphQL schema: which documents it takes, what their answers look like, and what the fake promises of it.

use std::sync::OnceLock;

use apollo_compiler::ast::Type;
use apollo_compiler::executable::{Field, Selection, SelectionSet};
use apollo_compiler::schema::{ExtendedType, FieldDefinition, InputValueDefinition};
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Node, Schema};
use erpnext_github::sim::github::GRAPHQL_SCHEMA;
use serde_json::Value;

use super::descriptions::read;

/// The published schema, read once.
fn published() -> &'static Valid<Schema> {
    static READ: OnceLock<Valid<Schema>> = OnceLock::new();
    READ.get_or_init(|| {
        let text = read("@octokit/graphql-schema/schema.graphql");
        match Schema::parse_and_validate(text, "schema.graphql") {
            Ok(schema) => schema,
            // It is published with some fields of one type written twice; anything else would be news.
            Err(error) => {
                let known = |one: &dyn std::fmt::Display| one.to_string().contains("duplicate definitions for the");
                assert!(error.errors.iter().all(|one| known(&one.error)), "{}", error.errors);
                Valid::assume_valid(error.partial)
            }
        }
    })
}

/// Says what is wrong with a document, if anything is.
pub(super) fn check_document(text: &str) -> Result<(), String> {
    match ExecutableDocument::parse_and_validate(published(), text, "sent.graphql") {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("GitHub's schema refuses the document:\n{}\n{text}", error.errors)),
    }
}

/// Says everything that is wrong with the data of an answer to a document.
pub(super) fn check_answer(text: &str, data: &Value) -> Vec<String> {
    let document = match ExecutableDocument::parse_and_validate(published(), text, "sent.graphql") {
        Ok(document) => document,
        Err(error) => return vec![error.errors.to_string()],
    };
    let mut walk = Walk {
        document: &document,
        problems: Vec::new(),
    };
    let operation = document.operations.iter().next().expect("an operation");
    walk.object(&operation.selection_set, data, "");
    walk.problems
}

struct Walk<'d> {
    document: &'d ExecutableDocument,
    problems: Vec<String>,
}

impl Walk<'_> {
    fn object(&mut self, set: &SelectionSet, value: &Value, path: &str) {
        let Some(members) = value.as_object() else {
            return self.problems.push(format!("{path}: {value} is no object"));
        };
        let named = members.get("__typename").and_then(Value::as_str);
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => self.field(field, members.get(field.response_key().as_str()), path),
                Selection::InlineFragment(inline) => {
                    let condition = inline.type_condition.as_ref().map(apollo_compiler::Name::as_str);
                    if applies(condition, named, set.ty.as_str()) {
                        self.object(&inline.selection_set, value, path);
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = &self.document.fragments[&spread.fragment_name];
                    if applies(Some(fragment.type_condition().as_str()), named, set.ty.as_str()) {
                        self.object(&fragment.selection_set, value, path);
                    }
                }
            }
        }
    }

    fn field(&mut self, field: &Node<Field>, value: Option<&Value>, path: &str) {
        let path = format!("{path}/{}", field.response_key());
        match value {
            None if field.directives.is_empty() => self.problems.push(format!("{path} is missing")),
            None => {}
            Some(value) => self.value(&field.definition.ty, &field.selection_set, value, &path),
        }
    }

    fn value(&mut self, ty: &Type, set: &SelectionSet, value: &Value, path: &str) {
        if value.is_null() {
            if ty.is_non_null() {
                self.problems.push(format!("{path} is null, but a {ty}"));
            }
            return;
        }
        if ty.is_list() {
            let Some(items) = value.as_array() else {
                return self.problems.push(format!("{path}: {value} is no list"));
            };
            for (place, item) in items.iter().enumerate() {
                self.value(ty.item_type(), set, item, &format!("{path}/{place}"));
            }
            return;
        }
        let name = ty.inner_named_type();
        let fits = match published().types.get(name) {
            Some(ExtendedType::Enum(values)) => value.as_str().is_some_and(|word| values.values.contains_key(word)),
            Some(ExtendedType::Scalar(_)) => is_scalar(name.as_str(), value),
            _ => return self.object(set, value, path),
        };
        if !fits {
            self.problems.push(format!("{path}: {value} is no {name}"));
        }
    }
}

/// True when a fragment speaks of an object; without `__typename` only where nothing else is possible.
fn applies(condition: Option<&str>, named: Option<&str>, declared: &str) -> bool {
    let Some(condition) = condition else { return true };
    let actual = named.unwrap_or(declared);
    condition == actual || published().is_subtype(condition, actual)
}

fn is_scalar(name: &str, value: &Value) -> bool {
    match name {
        "Int" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        "Boolean" => value.is_boolean(),
        "Float" => value.is_number(),
        "DateTime" | "GitTimestamp" => value
            .as_str()
            .is_some_and(|text| chrono::DateTime::parse_from_rfc3339(text).is_ok()),
        "URI" => value
            .as_str()
            .is_some_and(|text| text.starts_with('/') || url::Url::parse(text).is_ok()),
        "BigInt" => value.as_str().is_some_and(|text| text.parse::<i64>().is_ok()),
        "GitObjectID" => value.as_str().is_some_and(|text| text.len() == 40),
        _ => value.is_string(),
    }
}

/// The fake may know less than GitHub, but nothing else and nothing differently.
#[test]
fn the_fakes_schema_is_a_part_of_the_published_one() {
    let ours = Schema::parse_and_validate(GRAPHQL_SCHEMA, "fake.graphql").unwrap_or_else(|error| panic!("{}", error.errors));
    let mut problems = Vec::new();
    for (name, ours) in ours.types.iter().filter(|(_, ours)| !ours.is_built_in()) {
        match published().types.get(name) {
            None => problems.push(format!("{name} does not exist")),
            Some(published) => compare(name.as_str(), ours, published, &mut problems),
        }
    }
    assert_eq!(problems, Vec::<String>::new());
}

fn compare(name: &str, ours: &ExtendedType, theirs: &ExtendedType, problems: &mut Vec<String>) {
    let lacking = |what: &str| format!("{name}: {what}");
    match (ours, theirs) {
        (ExtendedType::Scalar(_), ExtendedType::Scalar(_)) => {}
        (ExtendedType::Enum(ours), ExtendedType::Enum(theirs)) => {
            let unknown = ours.values.keys().filter(|value| !theirs.values.contains_key(*value));
            problems.extend(unknown.map(|value| lacking(value.as_str())));
        }
        (ExtendedType::Union(ours), ExtendedType::Union(theirs)) => {
            if ours.members != theirs.members {
                problems.push(lacking("other members"));
            }
        }
        (ExtendedType::InputObject(ours), ExtendedType::InputObject(theirs)) => {
            for (field, ours) in &ours.fields {
                match theirs.fields.get(field) {
                    Some(theirs) => input(&lacking(field.as_str()), ours, theirs, problems),
                    None => problems.push(lacking(field.as_str())),
                }
            }
        }
        (ExtendedType::Object(ours), ExtendedType::Object(theirs)) => {
            let unknown = ours
                .implements_interfaces
                .iter()
                .filter(|one| !theirs.implements_interfaces.contains(*one));
            problems.extend(unknown.map(|one| lacking(one.as_str())));
            for (field, ours) in &ours.fields {
                fields(name, ours, theirs.fields.get(field).map(|theirs| &**theirs), problems);
            }
        }
        (ExtendedType::Interface(ours), ExtendedType::Interface(theirs)) => {
            for (field, ours) in &ours.fields {
                fields(name, ours, theirs.fields.get(field).map(|theirs| &**theirs), problems);
            }
        }
        _ => problems.push(lacking("of another kind")),
    }
}

fn fields(on: &str, ours: &FieldDefinition, theirs: Option<&Node<FieldDefinition>>, problems: &mut Vec<String>) {
    let name = format!("{on}.{}", ours.name);
    let Some(theirs) = theirs else {
        return problems.push(format!("{name} does not exist"));
    };
    if ours.ty != theirs.ty {
        problems.push(format!("{name} is {}, not {}", theirs.ty, ours.ty));
    }
    for argument in &ours.arguments {
        match theirs.arguments.iter().find(|one| one.name == argument.name) {
            Some(theirs) => input(&format!("{name}({})", argument.name), argument, theirs, problems),
            None => problems.push(format!("{name} takes no `{}`", argument.name)),
        }
    }
    let required = theirs.arguments.iter().filter(|one| one.is_required());
    for argument in required.filter(|one| !ours.arguments.iter().any(|known| known.name == one.name)) {
        problems.push(format!("{name} needs `{}`", argument.name));
    }
}

fn input(name: &str, ours: &InputValueDefinition, theirs: &InputValueDefinition, problems: &mut Vec<String>) {
    if ours.ty != theirs.ty {
        problems.push(format!("{name} is {}, not {}", theirs.ty, ours.ty));
    }
    if ours.default_value.is_some() && ours.default_value != theirs.default_value {
        problems.push(format!("{name} has another default"));
    }
}
