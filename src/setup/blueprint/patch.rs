//! A patch: a numbered file of statements that is run once on every site.

/// One patch.
#[derive(Debug, Clone)]
pub(crate) struct Patch {
    /// File name without folder and ending; what is recorded.
    pub(crate) name: String,
    /// Its statements in order. Each can be run again without harm.
    pub(crate) statements: Vec<String>,
}

impl Patch {
    /// Reads a file: statements end with `;` at the end of a line, comments are lines that begin with `--`.
    pub(super) fn parse(file: &str, text: &str) -> Result<Self, String> {
        let name = file
            .rsplit('/')
            .next()
            .and_then(|name| name.strip_suffix(".sql"))
            .ok_or("is no .sql file")?;
        let is_numbered = name.split_once('_').is_some_and(|(number, rest)| {
            number.len() == 4 && number.bytes().all(|byte| byte.is_ascii_digit()) && !rest.is_empty()
        });
        if !is_numbered {
            return Err("must be named NNNN_verb_object.sql".to_owned());
        }
        let code: String = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("--"))
            .flat_map(|line| [line, "\n"])
            .collect();
        let statements: Vec<String> = code
            .split(";\n")
            .map(|statement| statement.trim().to_owned())
            .filter(|statement| !statement.is_empty())
            .collect();
        if statements.is_empty() {
            return Err("holds no statement".to_owned());
        }
        Ok(Self {
            name: name.to_owned(),
            statements,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_split_and_comments_left_out() {
        let patch = Patch::parse(
            "patches/0001_make_a.sql",
            "-- why\nCREATE TABLE a (\n  b int\n);\n\n-- and\nSELECT 1;\n",
        )
        .expect("a patch");
        assert_eq!(patch.name, "0001_make_a");
        assert_eq!(patch.statements, ["CREATE TABLE a (\n  b int\n)", "SELECT 1"]);
        assert!(Patch::parse("patches/make.sql", "SELECT 1;\n").is_err());
        assert!(Patch::parse("patches/0002_nothing.sql", "-- nothing\n").is_err());
    }
}
