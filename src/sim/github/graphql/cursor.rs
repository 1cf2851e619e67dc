//! A place in a list of tokens, and what documents and schemas have in common: names, values, types, directives.

use super::ast::{Directive, Literal, Type};
use super::lexer::{Position, SyntaxError, Token, tokens};

/// How deep selections and values may be nested.
const DEEPEST: usize = 60;

/// A place in a list of tokens.
pub(super) struct Cursor {
    tokens: Vec<(Token, Position)>,
    next: usize,
    depth: usize,
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

    /// The next token.
    pub(super) fn peek(&self) -> &Token {
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

    /// True when a word is next.
    pub(super) fn peek_name(&self, name: &str) -> bool {
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

    /// The error of finding something else than was wanted.
    pub(super) fn unexpected(&self, wanted: &str) -> SyntaxError {
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

    /// Goes a level down, if that is not too deep.
    pub(super) fn deeper(&mut self) -> Result<(), SyntaxError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(SyntaxError {
                message: format!("Nested deeper than {DEEPEST} levels"),
                at: self.at(),
            });
        }
        Ok(())
    }

    /// Leaves a level.
    pub(super) fn shallower(&mut self) {
        self.depth -= 1;
    }

    /// Arguments, of which there may be none.
    pub(super) fn arguments(&mut self) -> Result<Vec<(String, Literal)>, SyntaxError> {
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
        self.shallower();
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
