//! Reads nginx's configuration as nginx reads it: words, quotes, comments, braces.
//!
//! What matters here are the places of things in the text; what a directive means is not known. The rules are those of
//! nginx's own reader: `#` begins a comment only where a word could begin, a quote is a quote only there too, `${` is no brace, and a
//! backslash takes the next sign as it is. Blocks of Lua (`*_by_lua_block`) hold another language.

use std::ops::Range;

/// Blocks within blocks, at most: nginx has at most a handful.
const DEEPEST: usize = 32;

/// A whole file.
#[derive(Debug, Default)]
pub(super) struct Config {
    pub(super) directives: Vec<Directive>,
    /// Where the comments are, each from its `#` to the end of its line.
    pub(super) comments: Vec<Range<usize>>,
}

/// One directive.
#[derive(Debug)]
pub(super) struct Directive {
    /// Its name and arguments, quotes removed; at least one.
    pub(super) words: Vec<String>,
    /// Where it begins.
    pub(super) start: usize,
    /// What stands in its braces, if it has any.
    pub(super) block: Option<Braces>,
}

/// What stands between two braces.
#[derive(Debug)]
pub(super) struct Braces {
    /// Where the opening one is.
    pub(super) open: usize,
    /// Where the closing one is.
    pub(super) close: usize,
    pub(super) directives: Vec<Directive>,
}

/// Why a text cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// Where.
    pub(super) at: usize,
    /// What is wrong.
    pub(super) reason: &'static str,
}

impl Directive {
    pub(super) fn name(&self) -> &str {
        self.words.first().map(String::as_str).unwrap_or_default()
    }

    pub(super) fn arguments(&self) -> &[String] {
        self.words.get(1..).unwrap_or_default()
    }

    /// What stands in its braces; nothing for a directive without.
    pub(super) fn inside(&self) -> &[Directive] {
        self.block
            .as_ref()
            .map(|block| block.directives.as_slice())
            .unwrap_or_default()
    }
}

/// The line of a place, counted from 1.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1
}

/// Takes a file apart.
pub(super) fn parse(text: &str) -> Result<Config, Fault> {
    let mut reader = Reader {
        bytes: text.as_bytes(),
        at: 0,
        comments: Vec::new(),
    };
    let (directives, _) = reader.directives(0)?;
    Ok(Config {
        directives,
        comments: reader.comments,
    })
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    comments: Vec<Range<usize>>,
}

/// What comes next.
enum Token {
    Word(usize, String),
    Semicolon,
    Open(usize),
    Close(usize),
    End,
}

impl Reader<'_> {
    /// Reads up to the closing brace, or to the end where `depth` is 0; gives the brace's place too.
    fn directives(&mut self, depth: usize) -> Result<(Vec<Directive>, usize), Fault> {
        let mut found = Vec::new();
        let (mut words, mut start) = (Vec::new(), 0);
        loop {
            let before = self.at;
            match self.token()? {
                Token::Word(at, word) => {
                    if words.is_empty() {
                        start = at;
                    }
                    words.push(word);
                }
                Token::Semicolon if words.is_empty() => return Err(fault(before, "a `;` without a directive")),
                Token::Semicolon => found.push(Directive {
                    words: std::mem::take(&mut words),
                    start,
                    block: None,
                }),
                Token::Open(at) if words.is_empty() => return Err(fault(at, "a `{` without a directive")),
                Token::Open(open) => {
                    if depth == DEEPEST {
                        return Err(fault(open, "braces are too deep"));
                    }
                    let words = std::mem::take(&mut words);
                    let block = self.braces(&words, open, depth)?;
                    found.push(Directive {
                        words,
                        start,
                        block: Some(block),
                    });
                }
                Token::Close(at) if !words.is_empty() => return Err(fault(at, "a `;` is missing before this `}`")),
                Token::Close(at) if depth == 0 => return Err(fault(at, "a `}` too many")),
                Token::Close(at) => return Ok((found, at)),
                Token::End if depth > 0 || !words.is_empty() => {
                    return Err(fault(self.at, "the file ends too soon: a `}` or `;` is missing"));
                }
                Token::End => return Ok((found, self.at)),
            }
        }
    }

    /// Reads what stands after the opening brace of the directive `words`.
    fn braces(&mut self, words: &[String], open: usize, depth: usize) -> Result<Braces, Fault> {
        let is_lua = words.first().is_some_and(|name| name.ends_with("_by_lua_block"));
        let (directives, close) = if is_lua {
            (Vec::new(), self.lua(open)?)
        } else {
            self.directives(depth + 1)?
        };
        Ok(Braces { open, close, directives })
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn token(&mut self) -> Result<Token, Fault> {
        loop {
            let Some(byte) = self.peek() else { return Ok(Token::End) };
            let at = self.at;
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                b'#' => self.comment(),
                b';' | b'{' | b'}' => {
                    self.at += 1;
                    return Ok(match byte {
                        b';' => Token::Semicolon,
                        b'{' => Token::Open(at),
                        _ => Token::Close(at),
                    });
                }
                b'"' | b'\'' => return Ok(Token::Word(at, self.quoted(byte)?)),
                _ => return Ok(Token::Word(at, self.plain()?)),
            }
        }
    }

    fn comment(&mut self) {
        let begin = self.at;
        while self.peek().is_some_and(|byte| byte != b'\n') {
            self.at += 1;
        }
        self.comments.push(begin..self.at);
    }

    fn quoted(&mut self, quote: u8) -> Result<String, Fault> {
        let begin = self.at;
        self.at += 1;
        let mut word = Vec::new();
        loop {
            match self.peek() {
                None => return Err(fault(begin, "a quote is not closed")),
                Some(b'\\') => self.escaped(&mut word),
                Some(byte) => {
                    self.at += 1;
                    if byte == quote {
                        break;
                    }
                    word.push(byte);
                }
            }
        }
        match self.peek() {
            None | Some(b' ' | b'\t' | b'\r' | b'\n' | b';' | b'{' | b')') => Ok(String::from_utf8_lossy(&word).into_owned()),
            Some(_) => Err(fault(self.at, "a space is missing after a quote")),
        }
    }

    fn plain(&mut self) -> Result<String, Fault> {
        let mut word = Vec::new();
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b';' => break,
                // `${name}` is a variable; any other brace ends the word.
                b'{' if word.last() != Some(&b'$') => break,
                b'\\' => self.escaped(&mut word),
                _ => {
                    self.at += 1;
                    word.push(byte);
                }
            }
        }
        if self.peek().is_none() {
            return Err(fault(self.at, "the file ends too soon: a `}` or `;` is missing"));
        }
        Ok(String::from_utf8_lossy(&word).into_owned())
    }

    /// A backslash with what follows: of nginx's own five a sign, of all others both signs.
    fn escaped(&mut self, word: &mut Vec<u8>) {
        let next = self.bytes.get(self.at + 1).copied();
        self.at += if next.is_some() { 2 } else { 1 };
        match next {
            Some(byte @ (b'"' | b'\'' | b'\\')) => word.push(byte),
            Some(b't') => word.push(b'\t'),
            Some(b'r') => word.push(b'\r'),
            Some(b'n') => word.push(b'\n'),
            Some(other) => word.extend([b'\\', other]),
            None => word.push(b'\\'),
        }
    }

    /// Passes over Lua up to the brace that closes it; strings and comments of one line may hold braces.
    fn lua(&mut self, open: usize) -> Result<usize, Fault> {
        let mut depth = 0;
        while let Some(byte) = self.peek() {
            let at = self.at;
            self.at += 1;
            match byte {
                b'{' => depth += 1,
                b'}' if depth == 0 => return Ok(at),
                b'}' => depth -= 1,
                b'"' | b'\'' => self.lua_string(byte),
                b'-' if self.peek() == Some(b'-') => {
                    while self.peek().is_some_and(|byte| byte != b'\n') {
                        self.at += 1;
                    }
                }
                _ => {}
            }
        }
        Err(fault(open, "a block of Lua is not closed"))
    }

    fn lua_string(&mut self, quote: u8) {
        while let Some(byte) = self.peek() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == quote || byte == b'\n' {
                return;
            }
        }
    }
}

fn fault(at: usize, reason: &'static str) -> Fault {
    Fault { at, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<Vec<String>> {
        let config = parse(text).expect("a configuration");
        config.directives.into_iter().map(|directive| directive.words).collect()
    }

    #[test]
    fn words_are_those_that_nginx_sees() {
        for (text, words) in [
            ("a b;", vec!["a", "b"]),
            ("a \"x y\" 'z; {';", vec!["a", "x y", "z; {"]),
            ("a \"x\\\"y\" b\\ c;", vec!["a", "x\"y", "b\\ c"]),
            ("a x#y b'c;", vec!["a", "x#y", "b'c"]),
            ("a ${b}c;", vec!["a", "${b}c"]),
            ("a # no; {\n b;", vec!["a", "b"]),
            ("a \"${b}\"\n;", vec!["a", "${b}"]),
            ("a x}y;", vec!["a", "x}y"]),
        ] {
            assert_eq!(names(text), [words], "{text}");
        }
    }

    #[test]
    fn braces_are_found_where_they_count() {
        let text = "http { # server {\n map $a $b { default \"}\"; }\n server { location ~ \"^/a{2}$\" { return 200 '}'; } } }\n";
        let config = parse(text).expect("a configuration");
        let http = &config.directives[0];
        assert_eq!(http.inside().len(), 2);
        let server = &http.inside()[1];
        let block = server.block.as_ref().expect("braces");
        assert_eq!((&text[block.open..=block.open], &text[block.close..=block.close]), ("{", "}"));
        assert_eq!(server.inside()[0].arguments(), ["~", "^/a{2}$"]);
        assert_eq!(config.comments.len(), 1);
        assert_eq!(&text[config.comments[0].clone()], "# server {");
        assert_eq!(line_of(text, server.start), 3);
    }

    #[test]
    fn lua_is_passed_over() {
        let text = "a { content_by_lua_block { local t = { x = '}' } -- }\n ngx.say(\"}\\\"}\") } b; }";
        let config = parse(text).expect("a configuration");
        assert_eq!(config.directives[0].inside().len(), 2);
    }

    #[test]
    fn what_nginx_refuses_is_refused_with_its_place() {
        for (text, line) in [
            ("a {\n b;\n", 3),
            ("a;\n}", 2),
            ("a b", 1),
            ("\n;", 1),
            ("{ }", 1),
            ("a {\n b }", 2),
            ("a 'b", 1),
            ("a \"b\"c;", 1),
            ("x_by_lua_block { {", 1),
        ] {
            let fault = parse(text).expect_err(text);
            assert_eq!(line_of(text, fault.at), line, "{text:?}: {fault:?}");
        }
        let deep = format!("{}{}", "a {".repeat(200), "}".repeat(200));
        assert!(parse(&deep).is_err());
    }
}
