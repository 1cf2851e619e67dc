//! Cutting a GraphQL text into tokens.

/// Line and column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Position {
    pub(super) line: u32,
    pub(super) column: u32,
}

/// The smallest parts that mean something.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Name(String),
    Int(i64),
    Float(f64),
    Text(String),
    /// One of `! $ & ( ) : = @ [ ] { | }`, or `.` for three dots.
    Sign(char),
    End,
}

/// A text that is not GraphQL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (line {}, column {})", at.line, at.column)]
pub(super) struct SyntaxError {
    pub(super) message: String,
    pub(super) at: Position,
}

struct Reader<'t> {
    rest: &'t str,
    at: Position,
}

/// All tokens of a text, the last of them [`Token::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, Position)>, SyntaxError> {
    let mut reader = Reader {
        rest: text,
        at: Position { line: 1, column: 1 },
    };
    let mut all = Vec::new();
    loop {
        reader.skip_ignored();
        let at = reader.at;
        let token = reader.token()?;
        let end = token == Token::End;
        all.push((token, at));
        if end {
            return Ok(all);
        }
    }
}

impl<'t> Reader<'t> {
    fn advance(&mut self, bytes: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at(bytes);
        for sign in taken.chars() {
            if sign == '\n' {
                self.at.line += 1;
                self.at.column = 1;
            } else {
                self.at.column += 1;
            }
        }
        self.rest = rest;
        taken
    }

    fn skip_ignored(&mut self) {
        loop {
            let blank = self
                .rest
                .find(|sign: char| !(sign.is_whitespace() || sign == ',' || sign == '\u{feff}'));
            self.advance(blank.unwrap_or(self.rest.len()));
            if !self.rest.starts_with('#') {
                return;
            }
            let line = self.rest.find('\n').unwrap_or(self.rest.len());
            self.advance(line);
        }
    }

    fn token(&mut self) -> Result<Token, SyntaxError> {
        let Some(first) = self.rest.chars().next() else {
            return Ok(Token::End);
        };
        if self.rest.starts_with("...") {
            self.advance(3);
            return Ok(Token::Sign('.'));
        }
        match first {
            '!' | '$' | '&' | '(' | ')' | ':' | '=' | '@' | '[' | ']' | '{' | '|' | '}' => {
                self.advance(1);
                Ok(Token::Sign(first))
            }
            '"' if self.rest.starts_with("\"\"\"") => self.block(),
            '"' => self.text(),
            '-' | '0'..='9' => self.number(),
            _ if first == '_' || first.is_ascii_alphabetic() => {
                let end = self.rest.find(|sign: char| sign != '_' && !sign.is_ascii_alphanumeric());
                Ok(Token::Name(self.advance(end.unwrap_or(self.rest.len())).to_owned()))
            }
            _ => Err(self.error(format!("Expected a token, got {first:?}"))),
        }
    }

    fn number(&mut self) -> Result<Token, SyntaxError> {
        let end = self
            .rest
            .find(|sign: char| !(sign.is_ascii_digit() || "+-.eE".contains(sign)));
        let text = &self.rest[..end.unwrap_or(self.rest.len())];
        let token = match text.parse() {
            Ok(number) => Token::Int(number),
            Err(_) => Token::Float(text.parse().map_err(|_| self.error(format!("{text} is no number")))?),
        };
        self.advance(text.len());
        Ok(token)
    }

    /// A text between three quotes, taken as it stands; nobody's meaning depends on its indentation here.
    fn block(&mut self) -> Result<Token, SyntaxError> {
        let end = self.rest[3..]
            .find("\"\"\"")
            .ok_or_else(|| self.error("A text does not end".to_owned()))?;
        let text = self.rest[3..3 + end].trim().to_owned();
        self.advance(end + 6);
        Ok(Token::Text(text))
    }

    fn text(&mut self) -> Result<Token, SyntaxError> {
        let mut escaped = false;
        let end = self.rest[1..].find(|sign| {
            let ends = sign == '\n' || sign == '"' && !escaped;
            escaped = sign == '\\' && !escaped;
            ends
        });
        match end {
            Some(end) if self.rest[1 + end..].starts_with('"') => {
                // GraphQL's escapes are those of JSON.
                let quoted = &self.rest[..end + 2];
                let text = serde_json::from_str(quoted).map_err(|_| self.error(format!("{quoted} is no text")))?;
                self.advance(end + 2);
                Ok(Token::Text(text))
            }
            _ => Err(self.error("A text does not end".to_owned())),
        }
    }

    fn error(&self, message: String) -> SyntaxError {
        SyntaxError { message, at: self.at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Token> {
        tokens(text).expect("tokens").into_iter().map(|(token, _)| token).collect()
    }

    #[test]
    fn every_kind_of_token_is_known() {
        let name = |text: &str| Token::Name(text.to_owned());
        assert_eq!(
            kinds("{ a(b: -12, c: 1.5e3) ...on D # rest\n \"\"\" x \"y\" \"\"\" }"),
            [
                Token::Sign('{'),
                name("a"),
                Token::Sign('('),
                name("b"),
                Token::Sign(':'),
                Token::Int(-12),
                name("c"),
                Token::Sign(':'),
                Token::Float(1500.0),
                Token::Sign(')'),
                Token::Sign('.'),
                name("on"),
                name("D"),
                Token::Text("x \"y\"".to_owned()),
                Token::Sign('}'),
                Token::End,
            ]
        );
        assert_eq!(kinds(r#""a\"\\ü\n""#)[0], Token::Text("a\"\\ü\n".to_owned()));
    }

    #[test]
    fn positions_are_those_of_an_editor() {
        let all = tokens("{\n  viewer\n}").expect("tokens");
        assert_eq!(all[1].1, Position { line: 2, column: 3 });
    }

    #[test]
    fn what_is_no_graphql_is_refused_with_its_place() {
        for (text, column) in [("{ a ? }", 5), ("{ a(b: \"x) }", 8), ("\"\"\" x", 1), ("1.2.3", 1)] {
            let error = tokens(text).expect_err("no tokens");
            assert_eq!(error.at.column, column, "{text}: {error}");
        }
    }
}
