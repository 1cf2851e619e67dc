//! Reads Rust source just well enough to tell code, comments and string literals apart.

use std::fs;
use std::path::{Path, PathBuf};

/// One file of the project.
pub(crate) struct SourceFile {
    /// Path from the project's root, with `/`.
    pub(crate) path: String,
    /// All of it.
    pub(crate) text: String,
}

/// A file taken apart.
pub(crate) struct Parsed {
    /// The code with its comments gone and every string literal emptied; lines stay where they were.
    pub(crate) code: String,
    /// The string literals, with the line on which each begins.
    pub(crate) literals: Vec<(usize, String)>,
}

/// The project's root.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All files below `folder` whose name ends in `ending`, sorted; none when there is no such folder.
pub(crate) fn files(folder: &str, ending: &str) -> Vec<SourceFile> {
    let mut found = Vec::new();
    collect(&root().join(folder), ending, &mut found);
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

fn collect(folder: &Path, ending: &str, found: &mut Vec<SourceFile>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.expect("an entry").path()) {
        if path.is_dir() {
            collect(&path, ending, found);
        } else if path.to_string_lossy().ends_with(ending) {
            let relative = path.strip_prefix(root()).expect("below the root");
            found.push(SourceFile {
                path: relative.to_string_lossy().replace('\\', "/"),
                text: fs::read_to_string(&path).expect("UTF-8"),
            });
        }
    }
}

impl SourceFile {
    /// The room that the file belongs to: `sync` for `src/sync/run.rs`, `clock` for `src/clock.rs`.
    pub(crate) fn room(&self) -> &str {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let end = inside.find(['/', '.']).unwrap_or(inside.len());
        &inside[..end]
    }

    /// True for a file that holds tests alone; whoever declares it says `#[cfg(test)]`, which a test makes sure of.
    pub(crate) fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }

    /// What ships: everything before the file's own tests.
    pub(crate) fn production(&self) -> &str {
        if self.is_test() {
            return "";
        }
        let end = self.text.find("\n#[cfg(test)]\nmod tests").unwrap_or(self.text.len());
        &self.text[..end]
    }

    /// What ships, taken apart.
    pub(crate) fn parse(&self) -> Parsed {
        parse(self.production())
    }
}

/// Takes Rust source apart.
pub(crate) fn parse(text: &str) -> Parsed {
    let (mut code, mut literals) = (String::new(), Vec::new());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let line = text[..text.len() - rest.len()].matches('\n').count() + 1;
        let taken = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some((length, literal)) = raw_literal(rest, code.chars().last()).or_else(|| literal(rest)) {
            literals.push((line, literal));
            code.push_str("\"\"");
            length
        } else if let Some(length) = char_literal(rest) {
            code.push_str("' '");
            length
        } else {
            code.push(first);
            first.len_utf8()
        };
        if taken > first.len_utf8() {
            code.extend(rest[..taken].chars().filter(|char| *char == '\n'));
        }
        rest = &rest[taken..];
    }
    Parsed { code, literals }
}

/// `r"..."` and `r#"..."#`, unless the `r` ends a word.
fn raw_literal(rest: &str, before: Option<char>) -> Option<(usize, String)> {
    if before.is_some_and(|char| char.is_alphanumeric() || char == '_') {
        return None;
    }
    let after_r = rest.strip_prefix('r')?;
    let hashes = after_r.chars().take_while(|char| *char == '#').count();
    let body = after_r[hashes..].strip_prefix('"')?;
    let closing = format!("\"{}", "#".repeat(hashes));
    let end = body.find(&closing)?;
    Some((rest.len() - body.len() + end + closing.len(), body[..end].to_owned()))
}

/// `"..."`; a backslash at the end of a line joins the lines, as the compiler does it.
fn literal(rest: &str) -> Option<(usize, String)> {
    let body = rest.strip_prefix('"')?;
    let (mut value, mut chars) = (String::new(), body.char_indices());
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return Some((at + 2, value)),
            '\\' => match chars.next()?.1 {
                '\n' => {
                    while chars.as_str().starts_with([' ', '\n']) {
                        chars.next();
                    }
                }
                escaped => value.push(if escaped == 'n' { ' ' } else { escaped }),
            },
            char => value.push(char),
        }
    }
    None
}

/// `'x'` and `'\n'`, but not a lifetime.
fn char_literal(rest: &str) -> Option<usize> {
    let body = rest.strip_prefix('\'')?;
    if let Some(escaped) = body.strip_prefix('\\') {
        return Some(2 + 1 + escaped[1..].find('\'')? + 1);
    }
    let char = body.chars().next()?;
    body[char.len_utf8()..].starts_with('\'').then(|| char.len_utf8() + 2)
}

#[test]
fn source_is_taken_apart() {
    let text =
        "let a = \"x \\\"y\\\" \\\n   z\"; // \"no\"\nlet b = r#\"raw \"q\"\"#; /* 'c */ let c = '\"'; fn f<'a>(x: &'a str) {}\n";
    let parsed = parse(text);
    assert_eq!(parsed.literals, [(1, "x \"y\" z".to_owned()), (3, "raw \"q\"".to_owned())]);
    assert_eq!(
        parsed.code,
        "let a = \"\"\n; \nlet b = \"\";  let c = ' '; fn f<'a>(x: &'a str) {}\n"
    );
}
