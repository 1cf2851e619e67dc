//! Reads table descriptions; the notation is in `README.md`.

use super::super::FrappeMajor;
use super::model::{Change, Column, Flag, Key, KeyKind, Kind, Link, Table};

/// Reads one file.
pub(super) fn tables(text: &str) -> Result<Vec<Table>, String> {
    let mut tables: Vec<Table> = Vec::new();
    for line in joined_lines(text) {
        match line.strip_prefix("  ") {
            None => tables.push(header(&line)?),
            Some(entry) => {
                let table = tables.last_mut().ok_or_else(|| format!("`{line}` belongs to no table"))?;
                add_entry(table, entry).map_err(|error| format!("{}: {error}", table.name))?;
            }
        }
    }
    Ok(tables)
}

/// Lines with their continuations, without comments and empty ones. Entries begin with two blanks; a line that goes on begins
/// with more, or is a further line of columns (no word and colon in front).
fn joined_lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        match lines.last_mut() {
            Some(last) if continues(last, line) => {
                last.push(' ');
                last.push_str(line.trim());
            }
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

fn continues(last: &str, line: &str) -> bool {
    line.starts_with("   ") || (line.starts_with("  ") && last.starts_with("  ") && last.ends_with(','))
}

fn header(line: &str) -> Result<Table, String> {
    let (name, flags) = line.split_once(" | ").unwrap_or((line, ""));
    let mut table = Table {
        name: name.to_owned(),
        module: None,
        flags: Vec::new(),
        columns: Vec::new(),
        keys: Vec::new(),
        doctype: Vec::new(),
        child_tables: Vec::new(),
        changes: Vec::new(),
    };
    for flag in flags.split_whitespace() {
        table.flags.push(match flag {
            "bare" => Flag::Bare,
            "child" => Flag::Child,
            "compressed" => Flag::Compressed,
            "fields" => Flag::Fields,
            "myisam" => Flag::MyIsam,
            "optional" => Flag::Optional,
            "sequence14" => Flag::Sequence14,
            "wide" => Flag::Wide,
            other => match other.strip_prefix("module:") {
                Some(module) => {
                    table.module = Some(module.replace('_', " "));
                    continue;
                }
                None => return Err(format!("{name}: unknown flag `{other}`")),
            },
        });
    }
    Ok(table)
}

fn add_entry(table: &mut Table, entry: &str) -> Result<(), String> {
    let pairs = |text: &str, between: &str| -> Result<Vec<(String, String)>, String> {
        text.split(between)
            .map(|pair| {
                let (key, value) = pair.split_once('=').ok_or_else(|| format!("`{pair}` has no `=`"))?;
                Ok((key.trim().to_owned(), value.to_owned()))
            })
            .collect()
    };
    match entry.split_once(": ") {
        Some(("doctype", text)) => table.doctype = pairs(text, "; ")?,
        Some(("tables", text)) => table.child_tables = pairs(text, ", ")?,
        Some(("keys", text)) => table.keys = text.split(", ").map(key).collect::<Result<_, _>>()?,
        Some(("v14", text)) => add_changes(table, FrappeMajor::V14, text)?,
        Some(("v16", text)) => add_changes(table, FrappeMajor::V16, text)?,
        _ => table.columns = entry.split(", ").map(column).collect::<Result<_, _>>()?,
    }
    Ok(())
}

fn add_changes(table: &mut Table, major: FrappeMajor, text: &str) -> Result<(), String> {
    for item in text.split(", ") {
        let (sign, rest) = item.split_at_checked(1).ok_or("an empty change")?;
        let change = match sign {
            "+" => Change::Add(column(rest)?),
            "-" => Change::Remove(rest.to_owned()),
            "~" => Change::Replace(column(rest)?),
            _ => return Err(format!("`{item}` begins with none of + - ~")),
        };
        let (Change::Add(Column { name, .. }) | Change::Remove(name) | Change::Replace(Column { name, .. })) = &change;
        let known = table.columns.iter().any(|column| column.name == *name);
        if known == matches!(change, Change::Add(_)) {
            return Err(format!("`{item}` does not fit the columns above it"));
        }
        table.changes.push((major, change));
    }
    Ok(())
}

/// `name`, `name type`, then `!` or `?`, then `=default`, then ` @link`.
fn column(text: &str) -> Result<Column, String> {
    let (text, link) = match text.split_once(" @") {
        Some((text, target)) => (text, Some(link(target))),
        None => (text, None),
    };
    let (left, default) = match text.split_once('=') {
        Some((left, default)) => (left, Some(default.to_owned())),
        None => (text, None),
    };
    let (left, nullable) = match (left.strip_suffix('!'), left.strip_suffix('?')) {
        (Some(left), _) => (left, Some(false)),
        (_, Some(left)) => (left, Some(true)),
        _ => (left, None),
    };
    let (name, kind) = match left.split_once(' ') {
        Some((name, word)) => (name, kind(word)?),
        None => (left, Kind::Varchar(140)),
    };
    let nullable = nullable.unwrap_or(!kind.is_number());
    let zero = || (kind.is_number() && !nullable).then(|| "0".to_owned());
    Ok(Column {
        name: name.to_owned(),
        kind,
        nullable,
        default: default.or_else(zero),
        link,
    })
}

fn kind(word: &str) -> Result<Kind, String> {
    let unknown = |_| format!("unknown type `{word}`");
    Ok(match word {
        "text" => Kind::Text,
        "long" => Kind::Long,
        "json" => Kind::Json,
        "check" => Kind::Check,
        "int" => Kind::Int(11),
        "big" => Kind::Big,
        "dec" => Kind::Decimal,
        "date" => Kind::Date,
        "time" => Kind::Time,
        "dt" => Kind::Datetime,
        _ => match (word.strip_prefix('v'), word.strip_prefix("int(")) {
            (Some(length), _) => Kind::Varchar(length.parse().map_err(unknown)?),
            (_, Some(width)) => Kind::Int(width.trim_end_matches(')').parse().map_err(unknown)?),
            _ => return Err(format!("unknown type `{word}`")),
        },
    })
}

fn link(target: &str) -> Link {
    let (target, ignores_user_permissions) = match target.strip_suffix('*') {
        Some(target) => (target, true),
        None => (target, false),
    };
    match target.strip_prefix(':') {
        Some(field) => Link::Dynamic {
            field: field.to_owned(),
            ignores_user_permissions,
        },
        None => Link::To {
            doctype: target.to_owned(),
            ignores_user_permissions,
        },
    }
}

/// `column`, `unique column`, `fulltext column`, `name(column column)`, `primary(column column)`, `-name`.
fn key(text: &str) -> Result<Key, String> {
    let (kind, text) = match (text.split_once(' '), text.strip_prefix('-')) {
        (Some(("unique", text)), _) => (KeyKind::Unique, text),
        (Some(("fulltext", text)), _) => (KeyKind::Fulltext, text),
        (_, Some(text)) => (KeyKind::Absent, text),
        _ if text.starts_with("primary(") => (KeyKind::Primary, text),
        _ => (KeyKind::Plain, text),
    };
    let (name, columns) = match text.split_once('(') {
        Some((name, columns)) => (
            name,
            columns
                .strip_suffix(')')
                .ok_or_else(|| format!("`{text}` is not closed"))?
                .split(' ')
                .collect(),
        ),
        None => (text, vec![text]),
    };
    Ok(Key {
        name: name.to_owned(),
        kind,
        columns: columns.into_iter().map(str::to_owned).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = "# a comment\n\nThing | module:Our_Own child\n  title, owner_of @User*, size int=3,\n  note text?, \
                          at dt\n  doctype: autoname=hash; title_field=title\n  keys: unique title, both(title size), \
                          -parent\n  v14: -note, +old v20!=\n  v16: ~title v60\n";

    #[test]
    fn a_description_is_read() {
        let table = tables(SAMPLE).expect("a table").remove(0);
        assert_eq!((table.name.as_str(), table.module.as_deref()), ("Thing", Some("Our Own")));
        let names = |major| -> Vec<String> { table.columns_of(major).into_iter().map(|column| column.name).collect() };
        assert_eq!(names(FrappeMajor::V15), ["title", "owner_of", "size", "note", "at"]);
        assert_eq!(names(FrappeMajor::V14), ["title", "owner_of", "size", "at", "old"]);
        assert_eq!(table.columns_of(FrappeMajor::V16)[0].kind, Kind::Varchar(60));
        let size = &table.columns[2];
        assert_eq!((size.nullable, size.default.as_deref()), (false, Some("3")));
        let old = &table.columns_of(FrappeMajor::V14)[4];
        assert_eq!((old.nullable, old.default.as_deref()), (false, Some("")));
        assert_eq!(table.keys.len(), 3);
        assert_eq!(table.doctype[1], ("title_field".to_owned(), "title".to_owned()));
    }

    #[test]
    fn mistakes_are_named() {
        for (text, word) in [
            ("  lost", "belongs to no table"),
            ("T | strange", "unknown flag"),
            ("T\n  a strange", "unknown type"),
            ("T\n  a\n  v14: -b", "does not fit"),
            ("T\n  a\n  v14: +a", "does not fit"),
        ] {
            let error = tables(text).expect_err("a mistake");
            assert!(error.contains(word), "{text}: {error}");
        }
    }
}
