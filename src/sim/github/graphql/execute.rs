//! Running a checked operation: selections are merged, fields resolved one by one, errors collected with their paths.

use serde_json::{Map, Value};

use super::ast::{Directive, Field, Fragment, Position, Selection, Type};
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

/// What stands where a value that must not be null could not be had: it makes null of the next thing around it that may be.
struct Missing;

impl<'e, 'w> Executor<'e, 'w> {
    /// The data of an operation.
    pub(super) fn run(&mut self, selections: &'e [Selection]) -> Value {
        self.object(&Thing::Query, &[selections], &mut Vec::new())
            .unwrap_or(Value::Null)
    }

    /// The members of an object that were asked for.
    fn object(&mut self, thing: &Thing<'w>, selections: &[&'e [Selection]], path: &mut Vec<Value>) -> Result<Value, Missing> {
        let mut fields: Vec<(&str, Vec<&'e Field>)> = Vec::new();
        for selection in selections {
            self.collect(thing.type_name(), selection, &mut fields);
        }
        let mut members = Map::new();
        for (key, same) in fields {
            path.push(key.into());
            let value = self.field(thing, &same, path);
            path.pop();
            members.insert(key.to_owned(), value?);
        }
        Ok(members.into())
    }

    fn field(&mut self, thing: &Thing<'w>, same: &[&'e Field], path: &mut Vec<Value>) -> Result<Value, Missing> {
        let on = thing.type_name();
        let Some(field) = same.first().filter(|field| field.name != "__typename") else {
            return Ok(on.into());
        };
        let Some(known) = self.schema.field(on, &field.name) else {
            return Err(Missing);
        };
        let values = arguments(&known.arguments, &field.arguments, self.variables);
        let resolved = self.context.resolve(thing, &field.name, &values);
        let inner: Vec<&'e [Selection]> = same.iter().map(|field| field.selections.as_slice()).collect();
        self.complete(resolved, &known.of, &inner, path, field.at)
    }

    /// A value of type `of`, null only where that may be.
    fn complete(
        &mut self,
        resolved: Result<Resolved<'w>, FieldError>,
        of: &Type,
        inner: &[&'e [Selection]],
        path: &mut Vec<Value>,
        at: Position,
    ) -> Result<Value, Missing> {
        let value = match resolved {
            Ok(Resolved::Json(value)) => Ok(value),
            Ok(Resolved::Thing(thing)) => self.object(&thing, inner, path),
            Ok(Resolved::List(items)) => {
                let complete = |(place, item)| {
                    path.push(Value::from(place));
                    let value = self.complete(item, of.item(), inner, path, at);
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
                Ok(Value::Null)
            }
        };
        match value {
            Ok(value) if !value.is_null() => Ok(value),
            _ if of.is_required() => Err(Missing),
            _ => Ok(Value::Null),
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
