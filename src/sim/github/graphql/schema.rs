//! The schema that the fake answers, read from `schema.graphql` once.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::ast::{Literal, Type};
use super::cursor::Cursor;
use super::lexer::SyntaxError;

/// The text of the schema: a part of GitHub's, in GitHub's own words.
pub const SCHEMA: &str = include_str!("schema.graphql");

/// An argument of a field, or a field of an input.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Input {
    pub(super) name: String,
    pub(super) of: Type,
    pub(super) default: Option<Literal>,
}

/// A field of an object or interface.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FieldType {
    pub(super) name: String,
    pub(super) arguments: Vec<Input>,
    pub(super) of: Type,
}

/// What a name stands for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Definition {
    Scalar,
    Enum(Vec<String>),
    Input(Vec<Input>),
    Union(Vec<String>),
    Interface(Vec<FieldType>),
    Object {
        implements: Vec<String>,
        fields: Vec<FieldType>,
    },
}

/// All types by name.
#[derive(Debug, Default)]
pub(super) struct Schema {
    types: BTreeMap<String, Definition>,
}

impl Schema {
    /// The schema of the fake. A text that cannot be read gives no types, which every test would notice.
    pub(super) fn get() -> &'static Self {
        static READ: OnceLock<Schema> = OnceLock::new();
        READ.get_or_init(|| Self::read(SCHEMA).unwrap_or_default())
    }

    fn read(text: &str) -> Result<Self, SyntaxError> {
        let mut cursor = Cursor::new(text)?;
        let mut types: BTreeMap<String, Definition> = ["Boolean", "Float", "ID", "Int", "String"]
            .map(|name| (name.to_owned(), Definition::Scalar))
            .into();
        while !cursor.at_end() {
            cursor.take_text();
            let word = cursor.name()?;
            let name = cursor.name()?;
            types.insert(name, definition(&mut cursor, &word)?);
        }
        Ok(Self { types })
    }

    /// A type by its name.
    pub(super) fn definition(&self, name: &str) -> Option<&Definition> {
        self.types.get(name)
    }

    /// A field of an object or interface.
    pub(super) fn field(&self, on: &str, name: &str) -> Option<&FieldType> {
        match self.types.get(on)? {
            Definition::Object { fields, .. } | Definition::Interface(fields) => fields.iter().find(|field| field.name == name),
            _ => None,
        }
    }

    /// True when the fields of `name` are asked for between braces.
    pub(super) fn is_composite(&self, name: &str) -> bool {
        matches!(
            self.types.get(name),
            Some(Definition::Object { .. } | Definition::Interface(_) | Definition::Union(_))
        )
    }

    /// The objects that a value of type `name` can be.
    pub(super) fn possible(&self, name: &str) -> Vec<&str> {
        match self.types.get(name) {
            Some(Definition::Object { .. }) => self
                .types
                .get_key_value(name)
                .map(|(name, _)| name.as_str())
                .into_iter()
                .collect(),
            Some(Definition::Union(members)) => members.iter().map(String::as_str).collect(),
            Some(Definition::Interface(_)) => {
                let implements = |definition: &Definition| matches!(definition, Definition::Object { implements, .. } if implements.iter().any(|one| one == name));
                let all = self.types.iter().filter(|(_, definition)| implements(definition));
                all.map(|(name, _)| name.as_str()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// All objects with their fields.
    #[cfg(test)]
    pub(super) fn objects(&self) -> impl Iterator<Item = (&str, &[FieldType])> {
        self.types.iter().filter_map(|(name, definition)| match definition {
            Definition::Object { fields, .. } => Some((name.as_str(), fields.as_slice())),
            _ => None,
        })
    }
}

fn definition(cursor: &mut Cursor, word: &str) -> Result<Definition, SyntaxError> {
    Ok(match word {
        "scalar" => Definition::Scalar,
        "union" => {
            cursor.expect('=')?;
            Definition::Union(names(cursor, '|')?)
        }
        "enum" => {
            cursor.expect('{')?;
            let mut values = Vec::new();
            while !cursor.take('}') {
                values.push(cursor.name()?);
            }
            Definition::Enum(values)
        }
        "input" => {
            cursor.expect('{')?;
            Definition::Input(inputs(cursor, '}')?)
        }
        "interface" => Definition::Interface(fields(cursor)?),
        "type" => {
            let implements = if cursor.take_name("implements") {
                names(cursor, '&')?
            } else {
                Vec::new()
            };
            let fields = fields(cursor)?;
            Definition::Object { implements, fields }
        }
        _ => {
            return Err(SyntaxError {
                message: format!("`{word}` defines nothing here"),
                at: cursor.at(),
            });
        }
    })
}

fn names(cursor: &mut Cursor, between: char) -> Result<Vec<String>, SyntaxError> {
    let mut all = vec![cursor.name()?];
    while cursor.take(between) {
        all.push(cursor.name()?);
    }
    Ok(all)
}

fn inputs(cursor: &mut Cursor, end: char) -> Result<Vec<Input>, SyntaxError> {
    let mut all = Vec::new();
    while !cursor.take(end) {
        let name = cursor.name()?;
        cursor.expect(':')?;
        let of = cursor.of_type()?;
        let default = cursor.take('=').then(|| cursor.literal()).transpose()?;
        all.push(Input { name, of, default });
    }
    Ok(all)
}

fn fields(cursor: &mut Cursor) -> Result<Vec<FieldType>, SyntaxError> {
    cursor.expect('{')?;
    let mut all = Vec::new();
    while !cursor.take('}') {
        let name = cursor.name()?;
        let arguments = if cursor.take('(') { inputs(cursor, ')')? } else { Vec::new() };
        cursor.expect(':')?;
        let of = cursor.of_type()?;
        all.push(FieldType { name, arguments, of });
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_whole() {
        let schema = Schema::read(SCHEMA).expect("a schema");
        for (name, definition) in &schema.types {
            let mentioned: Vec<&str> = match definition {
                Definition::Scalar | Definition::Enum(_) => Vec::new(),
                Definition::Input(inputs) => inputs.iter().map(|input| input.of.name()).collect(),
                Definition::Union(members) => members.iter().map(String::as_str).collect(),
                Definition::Interface(fields) => fields.iter().map(|field| field.of.name()).collect(),
                Definition::Object { implements, fields } => {
                    let arguments = fields.iter().flat_map(|field| &field.arguments).map(|input| input.of.name());
                    let own = fields.iter().map(|field| field.of.name()).chain(arguments);
                    own.chain(implements.iter().map(String::as_str)).collect()
                }
            };
            for other in mentioned {
                assert!(
                    schema.types.contains_key(other),
                    "{name} mentions {other}, which is not there"
                );
            }
        }
        assert_eq!(schema.possible("IssueOrPullRequest"), ["Issue", "PullRequest"]);
        assert!(schema.possible("Actor").contains(&"Bot"));
        assert!(schema.field("Repository", "refs").is_some() && schema.field("Repository", "nothing").is_none());
    }
}
