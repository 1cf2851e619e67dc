//! Checks of a whole document against the schema before anything is looked up, and what the document will cost.

use std::collections::BTreeSet;

use serde_json::Value;

use super::ast::{Directive, Document, Field, Fragment, Literal, Operation, Position, Selection};
use super::findings::Findings;
use super::problem::Problem;
use super::schema::{FieldType, Schema};
use super::values::{Values, arguments, check, literal};

struct Checker<'d> {
    schema: &'d Schema,
    fragments: &'d [Fragment],
    operation: &'d Operation,
    variables: &'d Values,
    used_variables: BTreeSet<&'d str>,
    used_fragments: BTreeSet<&'d str>,
    open_fragments: Vec<&'d str>,
    findings: Findings,
}

/// Checks an operation.
pub(super) fn validate(schema: &Schema, document: &Document, operation: &Operation, variables: &Values) -> Findings {
    let mut checker = Checker {
        schema,
        fragments: &document.fragments,
        operation,
        variables,
        used_variables: BTreeSet::new(),
        used_fragments: BTreeSet::new(),
        open_fragments: Vec::new(),
        findings: Findings::default(),
    };
    checker.selections("Query", &operation.selections, 1);
    checker.leftovers();
    checker.findings
}

impl<'d> Checker<'d> {
    fn report(&mut self, message: String, at: Position, code: &'static str) {
        self.findings.problems.push(Problem::new(message, at).coded(code));
    }

    fn leftovers(&mut self) {
        for variable in &self.operation.variables {
            if !self.used_variables.contains(variable.name.as_str()) {
                let message = format!("Variable ${} is declared but not used", variable.name);
                self.report(message, variable.at, "variableNotUsed");
            }
        }
        let fragments = self.fragments;
        for fragment in fragments {
            if !self.used_fragments.contains(fragment.name.as_str()) {
                let message = format!("Fragment {} was defined, but not used", fragment.name);
                self.report(message, fragment.at, "useAndDefineFragment");
            }
        }
    }

    fn selections(&mut self, on: &str, selections: &'d [Selection], times: u64) {
        for selection in selections {
            match selection {
                Selection::Field(field) => self.field(on, field, times),
                Selection::Inline {
                    on: inner,
                    directives,
                    selections,
                    at,
                } => {
                    self.directives(directives, *at);
                    let inner = inner.as_deref().unwrap_or(on);
                    if self.can_be(on, inner, *at) {
                        self.selections(inner, selections, times);
                    }
                }
                Selection::Spread { name, directives, at } => {
                    self.directives(directives, *at);
                    self.spread(on, name, *at, times);
                }
            }
        }
    }

    fn spread(&mut self, on: &str, name: &'d str, at: Position, times: u64) {
        let Some(fragment) = self.fragments.iter().find(|fragment| fragment.name == name) else {
            return self.report(
                format!("Fragment {name} was used, but not defined"),
                at,
                "useAndDefineFragment",
            );
        };
        if self.open_fragments.contains(&name) {
            return self.report(format!("Fragment {name} contains an infinite loop"), at, "infiniteLoop");
        }
        self.used_fragments.insert(name);
        if self.can_be(on, &fragment.on, at) {
            self.open_fragments.push(name);
            self.selections(&fragment.on, &fragment.selections, times);
            self.open_fragments.pop();
        }
    }

    fn can_be(&mut self, on: &str, inner: &str, at: Position) -> bool {
        if !self.schema.is_composite(inner) {
            self.report(
                format!("No such type {inner}, so it can't be a fragment condition"),
                at,
                "undefinedType",
            );
            return false;
        }
        let possible = self.schema.possible(on);
        if self.schema.possible(inner).iter().any(|name| possible.contains(name)) {
            return true;
        }
        let message = format!("Fragment on {inner} can't be spread inside {on}");
        self.report(message, at, "cannotSpreadFragment");
        false
    }

    fn field(&mut self, on: &str, field: &'d Field, times: u64) {
        self.directives(&field.directives, field.at);
        if field.name == "__typename" {
            return;
        }
        let Some(known) = self.schema.field(on, &field.name) else {
            let message = format!("Field '{}' doesn't exist on type '{on}'", field.name);
            return self.report(message, field.at, "undefinedField");
        };
        self.arguments(known, field);
        self.scopes(on, field);
        let of = known.of.name();
        match (self.schema.is_composite(of), field.selections.is_empty()) {
            (true, true) => {
                let message = format!(
                    "Field must have selections (field '{}' returns {of} but has no selections.)",
                    field.name
                );
                self.report(message, field.at, "selectionMismatch");
            }
            (false, false) => {
                let message = format!("Selections can't be made on scalars (field '{}' returns {of})", field.name);
                self.report(message, field.at, "selectionMismatch");
            }
            _ => {
                let times = self.weigh(known, field, times);
                self.selections(of, &field.selections, times);
            }
        }
    }

    fn arguments(&mut self, known: &'d FieldType, field: &'d Field) {
        for (name, value) in &field.arguments {
            self.variables_in(value, field.at);
            let Some(input) = known.arguments.iter().find(|input| input.name == *name) else {
                let message = format!("Field '{}' doesn't accept argument '{name}'", field.name);
                self.report(message, field.at, "argumentNotAccepted");
                continue;
            };
            let absent =
                matches!(value, Literal::Variable(name) if !self.variables.contains_key(name)) && !input.of.is_required();
            if !absent && let Err(why) = check(self.schema, &input.of, &literal(value, self.variables)) {
                let message = format!("Argument '{name}' on Field '{}' has an invalid value: {why}", field.name);
                self.report(message, field.at, "argumentLiteralsIncompatible");
            }
        }
        for input in known.arguments.iter().filter(|input| input.of.is_required()) {
            if !field.arguments.iter().any(|(name, _)| *name == input.name) {
                let message = format!("Field '{}' is missing required arguments: {}", field.name, input.name);
                self.report(message, field.at, "missingRequiredArguments");
            }
        }
    }

    fn variables_in(&mut self, value: &'d Literal, at: Position) {
        match value {
            Literal::Variable(name) => {
                self.used_variables.insert(name);
                if !self.operation.variables.iter().any(|variable| variable.name == *name) {
                    self.report(format!("Variable ${name} is used but not declared"), at, "variableNotDefined");
                }
            }
            Literal::List(items) => items.iter().for_each(|item| self.variables_in(item, at)),
            Literal::Object(members) => members.iter().for_each(|(_, value)| self.variables_in(value, at)),
            _ => {}
        }
    }

    fn directives(&mut self, directives: &'d [Directive], at: Position) {
        for directive in directives {
            if !["include", "skip"].contains(&directive.name.as_str()) {
                self.report(
                    format!("Directive @{} is not defined", directive.name),
                    at,
                    "undefinedDirective",
                );
            }
            for (_, value) in &directive.arguments {
                self.variables_in(value, at);
            }
        }
    }

    /// GitHub asks for scopes where something is not everybody's business.
    fn scopes(&mut self, on: &str, field: &Field) {
        let scopes: &[&str] = match (on, field.name.as_str()) {
            ("User", "email") => &["user:email", "read:user"],
            ("Team", _) => &["read:org", "read:discussion"],
            _ => return,
        };
        self.findings.scoped.push((field.name.clone(), field.at, scopes));
    }

    /// Adds a field to the weight, and tells how often its parts are asked for.
    fn weigh(&mut self, known: &FieldType, field: &Field, times: u64) -> u64 {
        let values = arguments(&known.arguments, &field.arguments, self.variables);
        if known.of.name().ends_with("Connection") {
            let size = ["first", "last"]
                .iter()
                .find_map(|name| values.get(*name).and_then(Value::as_u64));
            let size = size.unwrap_or(0).min(100);
            self.findings.weight.requests += times;
            self.findings.weight.nodes += times * size;
            return times * size;
        }
        match values.get("ids").and_then(Value::as_array) {
            Some(ids) => times * (ids.len() as u64).max(1),
            None => times,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::findings::Weight;
    use super::super::parse::document;
    use super::super::values;
    use super::*;

    fn findings(text: &str, sent: &Value) -> Findings {
        let document = document(text).expect("a document");
        let operation = &document.operations[0];
        let sent = sent.as_object().cloned().unwrap_or_default();
        let variables = values::variables(Schema::get(), operation, &sent).expect("variables");
        validate(Schema::get(), &document, operation, &variables)
    }

    fn messages(text: &str) -> Vec<String> {
        findings(text, &Value::Null)
            .problems
            .into_iter()
            .map(|problem| problem.message)
            .collect()
    }

    #[test]
    fn what_the_schema_lacks_is_named() {
        for (text, message) in [
            ("{ viewer { shoeSize } }", "Field 'shoeSize' doesn't exist on type 'User'"),
            (
                "{ viewer }",
                "Field must have selections (field 'viewer' returns User but has no selections.)",
            ),
            (
                "{ viewer { login { x } } }",
                "Selections can't be made on scalars (field 'login' returns String)",
            ),
            ("{ user { login } }", "Field 'user' is missing required arguments: login"),
            (
                "{ user(login: 3) { login } }",
                "Argument 'login' on Field 'user' has an invalid value: 3 is no String",
            ),
            (
                "{ user(login: \"a\", age: 3) { login } }",
                "Field 'user' doesn't accept argument 'age'",
            ),
            (
                "{ viewer { ... on Issue { title } } }",
                "Fragment on Issue can't be spread inside User",
            ),
            ("{ viewer { ...Missing } }", "Fragment Missing was used, but not defined"),
            ("query($a: Int) { viewer { login } }", "Variable $a is declared but not used"),
            ("{ user(login: $who) { login } }", "Variable $who is used but not declared"),
            ("{ viewer { login @upper } }", "Directive @upper is not defined"),
            (
                "{ repository(owner: \"a\", name: \"b\") { issues(first: 1, states: [MERGED]) { totalCount } } }",
                "Argument 'states' on Field 'issues' has an invalid value: \"MERGED\" is no IssueState",
            ),
        ] {
            let found = messages(text);
            assert!(found.iter().any(|one| one == message), "{text}: {found:?}");
        }
        let found = messages("{ viewer { ...A } } fragment A on User { ...B } fragment B on User { ...A }");
        assert_eq!(found, ["Fragment A contains an infinite loop"]);
    }

    #[test]
    fn weight_follows_the_nesting() {
        let text = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Repository {
            issues(first: 1) { nodes { labels(first: 10) { totalCount } } } pullRequests(first: 1) { totalCount } } } }";
        let ids: Vec<String> = (0..100).map(|n| n.to_string()).collect();
        let found = findings(text, &serde_json::json!({ "ids": ids }));
        assert_eq!(found.problems, []);
        assert_eq!(
            found.weight,
            Weight {
                requests: 300,
                nodes: 1_200
            }
        );
        assert_eq!(found.weight.points(), 3);
        assert_eq!(findings("{ viewer { login } }", &Value::Null).weight.points(), 1);
    }
}
