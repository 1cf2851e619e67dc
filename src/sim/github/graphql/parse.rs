//! Reading GraphQL documents.

use super::ast::{Document, Field, Fragment, Operation, Selection, Variable};
use super::cursor::Cursor;
use super::lexer::{SyntaxError, Token};

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
        self.take_name("fragment");
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
        self.shallower();
        Ok(all)
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
}

#[cfg(test)]
mod tests {
    use super::super::ast::Literal;
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
