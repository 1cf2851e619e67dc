//! Reading GraphQL documents; the schema is read with the same cursor.

use super::ast::{Directive, Document, Field, Fragment, Literal, Operation, Selection, Type, Variable};
use super::lexer::{Position, SyntaxError, Token, tokens};

/// How deep selections and values may be nested.
const DEEPEST: usize = 60;

/// A place in a list of tokens.
pub(super) struct Cursor {
    tokens: Vec<(Token, Position)>,
    next: usize,
    depth: usize,
}

/// Reads a document.
pub(super) fn document(text: &str) -> Result<Document, SyntaxError> {
    let mut cursor = Cursor::new(text)?;
    let mut document = Document::default();
    while !cursor.at_end() {
        if cursor.peek_name("fragment") {
            document.fragments.push(cursor.fragment()?);
        } else {
            document.operations.push(cursor.operation()?);
        }
    }
    Ok(document)
}

impl Cursor {
    /// The beginning of a text.
    pub(super) fn new(text: &str) -> Result<Self, SyntaxError> {
        Ok(Self {
            tokens: tokens(text)?,
            next: 0,
            depth: 0,
        })
    }

    fn peek(&self) -> &Token {
        self.tokens.get(self.next).map_or(&Token::End, |(token, _)| token)
    }

    /// Where the next token stands.
    pub(super) fn at(&self) -> Position {
        self.tokens.get(self.next).map(|(_, at)| *at).unwrap_or_default()
    }

    /// True when nothing is left.
    pub(super) fn at_end(&self) -> bool {
        *self.peek() == Token::End
    }

    fn peek_name(&self, name: &str) -> bool {
        matches!(self.peek(), Token::Name(found) if found == name)
    }

    /// Takes a sign if it is next.
    pub(super) fn take(&mut self, sign: char) -> bool {
        let found = *self.peek() == Token::Sign(sign);
        self.next += usize::from(found);
        found
    }

    /// Takes a word if it is next.
    pub(super) fn take_name(&mut self, name: &str) -> bool {
        let found = self.peek_name(name);
        self.next += usize::from(found);
        found
    }

    /// Takes a text if it is next: the description of what follows in a schema.
    pub(super) fn take_text(&mut self) {
        if matches!(self.peek(), Token::Text(_)) {
            self.next += 1;
        }
    }

    /// Takes a sign that must be next.
    pub(super) fn expect(&mut self, sign: char) -> Result<(), SyntaxError> {
        if self.take(sign) {
            Ok(())
        } else {
            Err(self.unexpected(&format!("`{sign}`")))
        }
    }

    /// Takes a name that must be next.
    pub(super) fn name(&mut self) -> Result<String, SyntaxError> {
        match self.peek() {
            Token::Name(name) => {
                let name = name.clone();
                self.next += 1;
                Ok(name)
            }
            _ => Err(self.unexpected("a name")),
        }
    }

    fn unexpected(&self, wanted: &str) -> SyntaxError {
        let found = match self.peek() {
            Token::End => "the end".to_owned(),
            Token::Sign(sign) => format!("`{sign}`"),
            token => format!("{token:?}"),
        };
        SyntaxError {
            message: format!("Expected {wanted}, got {found}"),
            at: self.at(),
        }
    }

    fn operation(&mut self) -> Result<Operation, SyntaxError> {
        if *self.peek() == Token::Sign('{') {
            let selections = self.selections()?;
            return Ok(Operation {
                kind: "query".to_owned(),
                name: None,
                variables: Vec::new(),
                selections,
            });
        }
        if !["query", "mutation", "subscription"].iter().any(|kind| self.peek_name(kind)) {
            return Err(self.unexpected("an operation or a fragment"));
        }
        let kind = self.name()?;
        let name = matches!(self.peek(), Token::Name(_)).then(|| self.name()).transpose()?;
        let mut variables = Vec::new();
        if self.take('(') {
            while !self.take(')') {
                variables.push(self.variable()?);
            }
        }
        self.directives()?;
        let selections = self.selections()?;
        Ok(Operation {
            kind,
            name,
            variables,
            selections,
        })
    }

    fn variable(&mut self) -> Result<Variable, SyntaxError> {
        let at = self.at();
        self.expect('$')?;
        let name = self.name()?;
        self.expect(':')?;
        let of = self.of_type()?;
        let default = self.take('=').then(|| self.literal()).transpose()?;
        Ok(Variable { name, of, default, at })
    }

    fn fragment(&mut self) -> Result<Fragment, SyntaxError> {
        let at = self.at();
        self.next += 1;
        let name = self.name()?;
        if !self.take_name("on") {
            return Err(self.unexpected("`on`"));
        }
        let on = self.name()?;
        self.directives()?;
        let selections = self.selections()?;
        Ok(Fragment {
            name,
            on,
            selections,
            at,
        })
    }

    /// What stands between braces; there must be something.
    fn selections(&mut self) -> Result<Vec<Selection>, SyntaxError> {
        self.expect('{')?;
        self.deeper()?;
        let mut all = vec![self.selection()?];
        while !self.take('}') {
            all.push(self.selection()?);
        }
        self.depth -= 1;
        Ok(all)
    }

    fn deeper(&mut self) -> Result<(), SyntaxError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(SyntaxError {
                message: format!("Nested deeper than {DEEPEST} levels"),
                at: self.at(),
            });
        }
        Ok(())
    }

    fn selection(&mut self) -> Result<Selection, SyntaxError> {
        let at = self.at();
        if !self.take('.') {
            return Ok(Selection::Field(self.field()?));
        }
        if matches!(self.peek(), Token::Name(name) if name != "on") {
            let name = self.name()?;
            let directives = self.directives()?;
            return Ok(Selection::Spread { name, directives, at });
        }
        let on = self.take_name("on").then(|| self.name()).transpose()?;
        let directives = self.directives()?;
        let selections = self.selections()?;
        Ok(Selection::Inline {
            on,
            directives,
            selections,
            at,
        })
    }

    fn field(&mut self) -> Result<Field, SyntaxError> {
        let at = self.at();
        let first = self.name()?;
        let (alias, name) = if self.take(':') {
            (Some(first), self.name()?)
        } else {
            (None, first)
        };
        let arguments = self.arguments()?;
        let directives = self.directives()?;
        let nested = *self.peek() == Token::Sign('{');
        let selections = if nested { self.selections()? } else { Vec::new() };
        Ok(Field {
            alias,
            name,
            arguments,
            directives,
            selections,
            at,
        })
    }

    fn arguments(&mut self) -> Result<Vec<(String, Literal)>, SyntaxError> {
        let mut all = Vec::new();
        if self.take('(') {
            while !self.take(')') {
                let name = self.name()?;
                self.expect(':')?;
                all.push((name, self.literal()?));
            }
        }
        Ok(all)
    }

    /// Directives, of which there may be none.
    pub(super) fn directives(&mut self) -> Result<Vec<Directive>, SyntaxError> {
        let mut all = Vec::new();
        while self.take('@') {
            let name = self.name()?;
            let arguments = self.arguments()?;
            all.push(Directive { name, arguments });
        }
        Ok(all)
    }

    /// A value.
    pub(super) fn literal(&mut self) -> Result<Literal, SyntaxError> {
        self.deeper()?;
        let literal = self.literal_inside()?;
        self.depth -= 1;
        Ok(literal)
    }

    fn literal_inside(&mut self) -> Result<Literal, SyntaxError> {
        let literal = match self.peek().clone() {
            Token::Int(number) => Literal::Int(number),
            Token::Float(number) => Literal::Float(number),
            Token::Text(text) => Literal::Text(text),
            Token::Name(name) => match name.as_str() {
                "true" => Literal::Boolean(true),
                "false" => Literal::Boolean(false),
                "null" => Literal::Null,
                _ => Literal::Enum(name),
            },
            Token::Sign('$') => {
                self.next += 1;
                return Ok(Literal::Variable(self.name()?));
            }
            Token::Sign('[') => {
                self.next += 1;
                let mut all = Vec::new();
                while !self.take(']') {
                    all.push(self.literal()?);
                }
                return Ok(Literal::List(all));
            }
            Token::Sign('{') => {
                self.next += 1;
                let mut all = Vec::new();
                while !self.take('}') {
                    let name = self.name()?;
                    self.expect(':')?;
                    all.push((name, self.literal()?));
                }
                return Ok(Literal::Object(all));
            }
            _ => return Err(self.unexpected("a value")),
        };
        self.next += 1;
        Ok(literal)
    }

    /// A type.
    pub(super) fn of_type(&mut self) -> Result<Type, SyntaxError> {
        let inner = if self.take('[') {
            let inner = self.of_type()?;
            self.expect(']')?;
            Type::List(Box::new(inner))
        } else {
            Type::Named(self.name()?)
        };
        Ok(if self.take('!') {
            Type::NonNull(Box::new(inner))
        } else {
            inner
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_with_everything_is_read() {
        let text = r#"
            query Find($ids: [ID!]!, $deep: Boolean = false) {
              found: nodes(ids: $ids) {
                __typename
                ... on Issue @include(if: $deep) { title }
                ...Rest
              }
              repository(owner: "a", name: "b") {
                refs(refPrefix: "refs/heads/", first: 10, orderBy: {field: ALPHABETICAL, direction: ASC}) { totalCount }
              }
            }
            fragment Rest on PullRequest { number }
        "#;
        let document = document(text).expect("a document");
        let operation = &document.operations[0];
        assert_eq!(operation.variables[0].of.to_string(), "[ID!]!");
        assert_eq!(operation.variables[1].default, Some(Literal::Boolean(false)));
        let Selection::Field(nodes) = &operation.selections[0] else {
            panic!("a field")
        };
        assert_eq!(
            (nodes.key(), nodes.name.as_str(), nodes.selections.len()),
            ("found", "nodes", 3)
        );
        assert_eq!(document.fragments[0].on, "PullRequest");
    }

    #[test]
    fn errors_name_the_place_and_what_was_expected() {
        for (text, start) in [
            ("query {", "Expected a name, got the end"),
            ("{ a(b) }", "Expected `:`"),
            ("{ }", "Expected a name, got `}`"),
            ("hello", "Expected an operation"),
            ("fragment A { b }", "Expected `on`"),
            ("query($a: [Int) { b }", "Expected `]`"),
        ] {
            let error = document(text).expect_err("not GraphQL").to_string();
            assert!(error.starts_with(start), "{text}: {error}");
        }
    }

    #[test]
    fn nesting_without_end_is_refused() {
        let text = format!("{}{}", "{a".repeat(1_000), "}".repeat(1_000));
        assert!(document(&text).expect_err("too deep").message.contains("deeper"));
        assert!(document(&format!("{{a(b: {}1)}}", "[".repeat(1_000))).is_err());
    }
}
