//! Every statement must run on MariaDB 10.3, the floor of Frappe 14, and on a Galera cluster.

use super::source::files;

/// Words in a row that MariaDB 10.3 does not know (or that do not work on Galera), and since when it does.
const LATER: [(&[&str], &str); 27] = [
    (&["SKIP", "LOCKED"], "10.6"),
    (&["JSON_TABLE"], "10.6"),
    (&["RENAME", "COLUMN"], "10.5"),
    (&["RENAME", "INDEX"], "10.5"),
    (&["RENAME", "KEY"], "10.5"),
    (&["ALTER", "TABLE", "IF", "EXISTS"], "10.5"),
    (&["EXCEPT", "ALL"], "10.5"),
    (&["INTERSECT", "ALL"], "10.5"),
    (&["JSON_ARRAYAGG"], "10.5"),
    (&["JSON_OBJECTAGG"], "10.5"),
    (&["INET6"], "10.5"),
    (&["INET4"], "10.10"),
    (&["FETCH", "FIRST"], "10.6"),
    (&["FETCH", "NEXT"], "10.6"),
    (&["WITH", "TIES"], "10.6"),
    (&["TO_CHAR"], "10.6"),
    (&["IGNORED"], "10.6"),
    (&["NATURAL_SORT_KEY"], "10.7"),
    (&["SFORMAT"], "10.7"),
    (&["JSON_EQUALS"], "10.7"),
    (&["JSON_NORMALIZE"], "10.7"),
    (&["JSON_OVERLAPS"], "10.9"),
    (&["RANDOM_BYTES"], "10.10"),
    (&["LATERAL"], "no MariaDB of its floor"),
    (&["MEMBER", "OF"], "no MariaDB"),
    (&["GET_LOCK"], "every version, but not on Galera"),
    (&["RELEASE_LOCK"], "every version, but not on Galera"),
];

/// Statement's words, upper case, quoted names and texts left out; an opening parenthesis is a word too.
fn words(sql: &str) -> Vec<String> {
    let (mut words, mut quote) = (vec![String::new()], None);
    for char in sql.chars() {
        match (quote, char) {
            (Some(open), _) if open == char => quote = None,
            (Some(_), _) => {}
            (None, '`' | '\'') => quote = Some(char),
            (None, '(') => words.extend(["(".to_owned(), String::new()]),
            (None, char) if char.is_alphanumeric() || char == '_' => {
                if let Some(last) = words.last_mut() {
                    last.extend(char.to_uppercase());
                }
            }
            (None, _) => words.push(String::new()),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// What is wrong with a statement, if anything is.
fn too_new(sql: &str) -> Option<String> {
    let words = words(sql);
    for (sequence, since) in LATER {
        if words.windows(sequence.len()).any(|window| *window == *sequence) {
            return Some(format!("{} needs {since}", sequence.join(" ")));
        }
    }
    let inserts = words.iter().any(|word| word == "INSERT" || word == "REPLACE");
    if inserts && words.iter().any(|word| word == "RETURNING") {
        return Some("INSERT ... RETURNING needs 10.5".to_owned());
    }
    let uuid_type = words
        .iter()
        .enumerate()
        .any(|(at, word)| word == "UUID" && at > 0 && words.get(at + 1).is_none_or(|next| next != "("));
    (uuid_type && words.iter().any(|word| word == "TABLE")).then(|| "the UUID type needs 10.7".to_owned())
}

/// True for what may be SQL, or a part of it: prose is not written in capitals.
fn may_be_sql(literal: &str) -> bool {
    literal
        .split(|char: char| !char.is_ascii_alphanumeric() && char != '_')
        .any(|word| word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'))
}

#[test]
fn all_statements_run_on_the_oldest_server() {
    let mut seen = 0;
    for file in files("src", ".rs") {
        for (line, literal) in file.parse().literals.into_iter().filter(|(_, literal)| may_be_sql(literal)) {
            seen += 1;
            assert_eq!(too_new(&literal), None, "{}:{line}: {literal}", file.path);
        }
    }
    for file in files("patches", "").iter().filter(|file| !file.path.contains("README")) {
        seen += 1;
        assert_eq!(too_new(&file.text), None, "{}", file.path);
    }
    assert!(seen > 5, "only {seen} statements were seen: does the reader still find them?");
}

#[test]
fn a_statement_that_is_too_new_is_seen() {
    for bad in [
        "SELECT name FROM q LIMIT 1 FOR UPDATE SKIP LOCKED",
        "INSERT INTO t (a) VALUES (?) RETURNING name",
        "SELECT * FROM JSON_TABLE(?, '$' COLUMNS (a INT PATH '$.a')) AS j",
        "ALTER TABLE `tabTask` RENAME COLUMN a TO b",
        "CREATE TABLE t (id UUID NOT NULL, PRIMARY KEY (id))",
        "create table t (id uuid)",
        "SELECT GET_LOCK('a', 1)",
    ] {
        assert!(too_new(bad).is_some(), "{bad}");
    }
    for good in [
        "SELECT UUID()",
        "DELETE FROM t WHERE a = 1 RETURNING b",
        "ALTER TABLE t ADD COLUMN IF NOT EXISTS `uuid` varchar(140)",
        "SELECT `skip` FROM t WHERE note = 'SKIP LOCKED'",
        "SELECT 1 FROM t FOR UPDATE",
    ] {
        assert_eq!(too_new(good), None, "{good}");
    }
}
