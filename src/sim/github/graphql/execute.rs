//! Running a checked operation: selections are merged, fields resolved one by one, errors collected with their paths.

use serde_json::{Map, Value};

use super::ast::{Directive, Field, Fragment, Position, Selection};
use super::problem::FieldError;
use super::resolve::{Context, Resolved, Thing};
use super::schema::Schema;
use super::values::{Values, arguments, literal};

/// Everything that stays the same during an operation.
pub(super) struct Executor<'e, 'w> {
    pub(super) schema: &'e Schema,
    pub(super) fragments: &'e [Fragment],
    pub(super) variables: &'e Values,
    pub(super) context: Context<'w>,
    /// What went into `errors` so far.
    pub(super) errors: Vec<Value>,
    /// Fields that the schema has and nothing resolves.
    pub(super) unresolved: Vec<String>,
}

impl<'e, 'w> Executor<'e, 'w> {
    /// The members of an object that were asked for.
    pub(super) fn object(&mut self, thing: &Thing<'w>, selections: &[&'e [Selection]], path: &mut Vec<Value>) -> Value {
        let mut fields: Vec<(&str, Vec<&'e Field>)> = Vec::new();
        for selection in selections {
            self.collect(thing.type_name(), selection, &mut fields);
        }
        let mut members = Map::new();
        for (key, same) in fields {
            path.push(key.into());
            let value = self.field(thing, &same, path);
            path.pop();
            members.insert(key.to_owned(), value);
        }
        members.into()
    }

    fn field(&mut self, thing: &Thing<'w>, same: &[&'e Field], path: &mut Vec<Value>) -> Value {
        let Some(field) = same.first() else { return Value::Null };
        let on = thing.type_name();
        if field.name == "__typename" {
            return on.into();
        }
        let known = self.schema.field(on, &field.name).map_or(&[][..], |known| &known.arguments);
        let values = arguments(known, &field.arguments, self.variables);
        let resolved = self.context.resolve(thing, &field.name, &values);
        let inner: Vec<&'e [Selection]> = same.iter().map(|field| field.selections.as_slice()).collect();
        self.complete(resolved, &inner, path, field.at)
    }

    fn complete(
        &mut self,
        resolved: Result<Resolved<'w>, FieldError>,
        inner: &[&'e [Selection]],
        path: &mut Vec<Value>,
        at: Position,
    ) -> Value {
        match resolved {
            Ok(Resolved::Json(value)) => value,
            Ok(Resolved::Thing(thing)) => self.object(&thing, inner, path),
            Ok(Resolved::List(items)) => {
                let complete = |(place, item)| {
                    path.push(Value::from(place));
                    let value = self.complete(item, inner, path, at);
                    path.pop();
                    value
                };
                (0_u64..).zip(items).map(complete).collect()
            }
            Err(error) => {
                if error.kind.is_none() {
                    self.unresolved.push(error.message.clone());
                }
                self.errors.push(error.json(path, at));
                Value::Null
            }
        }
    }

    /// Gathers the fields for an object of type `on`, those with the same key together.
    fn collect(&self, on: &str, selections: &'e [Selection], fields: &mut Vec<(&'e str, Vec<&'e Field>)>) {
        for selection in selections {
            match selection {
                Selection::Field(field) if self.is_wanted(&field.directives) => {
                    match fields.iter_mut().find(|(key, _)| *key == field.key()) {
                        Some((_, same)) => same.push(field),
                        None => fields.push((field.key(), vec![field])),
                    }
                }
                Selection::Inline {
                    on: inner,
                    directives,
                    selections,
                    ..
                } if self.is_wanted(directives) && self.applies(inner.as_deref(), on) => self.collect(on, selections, fields),
                Selection::Spread { name, directives, .. } if self.is_wanted(directives) => {
                    let fragment = self.fragments.iter().find(|fragment| fragment.name == *name);
                    if let Some(fragment) = fragment.filter(|fragment| self.applies(Some(&fragment.on), on)) {
                        self.collect(on, &fragment.selections, fields);
                    }
                }
                _ => {}
            }
        }
    }

    fn applies(&self, condition: Option<&str>, on: &str) -> bool {
        condition.is_none_or(|condition| self.schema.possible(condition).contains(&on))
    }

    fn is_wanted(&self, directives: &[Directive]) -> bool {
        directives.iter().all(|directive| {
            let condition = directive.arguments.iter().find(|(name, _)| name == "if");
            let truth = condition.is_some_and(|(_, value)| literal(value, self.variables) == Value::Bool(true));
            truth == (directive.name == "include")
        })
    }
}
