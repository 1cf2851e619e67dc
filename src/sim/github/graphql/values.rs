//! Values of variables and arguments: checked against their types and turned into JSON.

use serde_json::{Map, Value};

use super::ast::{Literal, Operation, Type};
use super::problem::Problem;
use super::schema::{Definition, Input, Schema};

/// Values by name.
pub(super) type Values = Map<String, Value>;

/// The variables of an operation: what was sent, or else its default.
pub(super) fn variables(schema: &Schema, operation: &Operation, sent: &Values) -> Result<Values, Problem> {
    let mut values = Values::new();
    for variable in &operation.variables {
        let refuse = |why: String| {
            Problem::new(
                format!("Variable ${} of type {} {why}", variable.name, variable.of),
                variable.at,
            )
        };
        let value = match (sent.get(&variable.name), &variable.default) {
            (Some(value), _) => value.clone(),
            (None, Some(default)) => literal(default, &Values::new()),
            (None, None) if variable.of.is_required() => return Err(refuse("was provided invalid value".to_owned())),
            (None, None) => continue,
        };
        check(schema, &variable.of, &value).map_err(|why| refuse(format!("was provided invalid value: {why}")))?;
        values.insert(variable.name.clone(), value);
    }
    Ok(values)
}

/// A written value as JSON; an absent variable is null.
pub(super) fn literal(written: &Literal, variables: &Values) -> Value {
    match written {
        Literal::Variable(name) => variables.get(name).cloned().unwrap_or(Value::Null),
        Literal::Int(number) => (*number).into(),
        Literal::Float(number) => (*number).into(),
        Literal::Text(text) | Literal::Enum(text) => text.clone().into(),
        Literal::Boolean(truth) => (*truth).into(),
        Literal::Null => Value::Null,
        Literal::List(items) => items.iter().map(|item| literal(item, variables)).collect(),
        Literal::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), literal(value, variables)))
            .collect::<Values>()
            .into(),
    }
}

/// The arguments of a field: what is written, or else the defaults; absent variables count as not written.
pub(super) fn arguments(known: &[Input], written: &[(String, Literal)], variables: &Values) -> Values {
    let mut values = Values::new();
    for input in known {
        let given = written.iter().find(|(name, value)| {
            *name == input.name && !matches!(value, Literal::Variable(name) if !variables.contains_key(name))
        });
        if let Some((_, value)) = given {
            values.insert(input.name.clone(), literal(value, variables));
        } else if let Some(default) = &input.default {
            values.insert(input.name.clone(), literal(default, variables));
        }
    }
    values
}

/// Checks a value against a type; says what is wrong.
pub(super) fn check(schema: &Schema, of: &Type, value: &Value) -> Result<(), String> {
    match of {
        Type::NonNull(inner) => {
            if value.is_null() {
                return Err(format!("null is no {of}"));
            }
            check(schema, inner, value)
        }
        _ if value.is_null() => Ok(()),
        Type::List(inner) => match value {
            Value::Array(items) => items.iter().try_for_each(|item| check(schema, inner, item)),
            single => check(schema, inner, single),
        },
        Type::Named(name) => check_named(schema, name, value),
    }
}

fn check_named(schema: &Schema, name: &str, value: &Value) -> Result<(), String> {
    let fits = match (name, schema.definition(name)) {
        ("Int", _) => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        ("Float", _) => value.is_number(),
        ("Boolean", _) => value.is_boolean(),
        ("ID", _) => value.is_string() || value.is_i64(),
        ("DateTime", _) => value
            .as_str()
            .is_some_and(|text| chrono::DateTime::parse_from_rfc3339(text).is_ok()),
        (_, Some(Definition::Scalar)) => value.is_string(),
        (_, Some(Definition::Enum(values))) => value.as_str().is_some_and(|text| values.iter().any(|one| one == text)),
        (_, Some(Definition::Input(inputs))) => return check_input(schema, name, inputs, value),
        _ => false,
    };
    if fits { Ok(()) } else { Err(format!("{value} is no {name}")) }
}

fn check_input(schema: &Schema, name: &str, inputs: &[Input], value: &Value) -> Result<(), String> {
    let Value::Object(members) = value else {
        return Err(format!("{value} is no {name}"));
    };
    if let Some(other) = members.keys().find(|key| !inputs.iter().any(|input| input.name == **key)) {
        return Err(format!("{name} has no field {other}"));
    }
    inputs
        .iter()
        .try_for_each(|input| check(schema, &input.of, members.get(&input.name).unwrap_or(&Value::Null)))
}
