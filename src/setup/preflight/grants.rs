//! Whether the site's database user may do what setup does.

use super::Check;

/// What setup needs in the site's own database.
const NEEDED: [&str; 8] = ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "INDEX", "DROP"];

/// Reads the lines of `SHOW GRANTS`.
pub(super) fn check_lines(lines: &[String], database: &str) -> Vec<&'static str> {
    let mut missing = NEEDED.to_vec();
    for line in lines {
        let Some((privileges, rest)) = line.strip_prefix("GRANT ").and_then(|rest| rest.split_once(" ON ")) else {
            continue;
        };
        let Some((scope, _)) = rest.split_once(" TO ") else { continue };
        if !covers(scope, database) {
            continue;
        }
        let granted: Vec<&str> = privileges.split(',').map(str::trim).collect();
        missing.retain(|privilege| !granted.contains(&"ALL PRIVILEGES") && !granted.contains(privilege));
    }
    missing
}

pub(super) fn check(lines: &[String], database: &str) -> Check {
    let missing = check_lines(lines, database);
    let complaint = (!missing.is_empty()).then(|| {
        format!(
            "the site's database user lacks {} on {database}: grant ALL PRIVILEGES on it, as bench does",
            missing.join(", ")
        )
    });
    super::check("grants", complaint, "sufficient")
}

/// True when a scope such as `` `_1bd\_x`.* `` is that database as a whole. `_` and `%` are wild unless escaped.
fn covers(scope: &str, database: &str) -> bool {
    let Some(pattern) = scope.strip_suffix(".*") else {
        return false;
    };
    let pattern: Vec<char> = pattern.trim_matches('`').replace("``", "`").chars().collect();
    pattern == ['*'] || matches(&pattern, &database.chars().collect::<Vec<char>>())
}

fn matches(pattern: &[char], text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['%', rest @ ..] => (0..=text.len()).any(|skipped| matches(rest, &text[skipped..])),
        ['_', rest @ ..] => !text.is_empty() && matches(rest, &text[1..]),
        ['\\', one, rest @ ..] | [one, rest @ ..] => text.first() == Some(one) && matches(rest, &text[1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(grant: &str) -> Vec<String> {
        vec!["GRANT USAGE ON *.* TO `_1bd`@`localhost`".to_owned(), grant.to_owned()]
    }

    #[test]
    fn what_bench_grants_is_enough() {
        assert!(check_lines(&lines(r"GRANT ALL PRIVILEGES ON `\_1bd`.* TO `_1bd`@`localhost`"), "_1bd").is_empty());
        assert!(check_lines(&lines("GRANT ALL PRIVILEGES ON `_1bd`.* TO `_1bd`@`localhost`"), "_1bd").is_empty());
        assert!(
            check_lines(
                &lines("GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION"),
                "_1bd"
            )
            .is_empty()
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        let some = lines("GRANT SELECT, INSERT, UPDATE, DELETE ON `_1bd`.* TO `_1bd`@`localhost`");
        assert_eq!(check_lines(&some, "_1bd"), ["CREATE", "ALTER", "INDEX", "DROP"]);
        assert_eq!(
            check_lines(&lines("GRANT ALL PRIVILEGES ON `other`.* TO `x`@`y`"), "_1bd").len(),
            NEEDED.len()
        );
        assert_eq!(
            check_lines(&lines("GRANT ALL PRIVILEGES ON `_1bd`.`tabTask` TO `x`@`y`"), "_1bd").len(),
            NEEDED.len()
        );
    }
}
