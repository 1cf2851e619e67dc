//! A small table for a terminal.

/// Lines of a table: the first column to the left, texts to the left, numbers to the right.
pub(super) fn lines(heads: &[&str], rows: &[Vec<String>]) -> Vec<String> {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let widest = cells.map(|cell| cell.chars().count()).max().unwrap_or(0);
        widest.max(heads[column].chars().count())
    };
    let is_number = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .all(|cell| cell.chars().all(|char| char.is_ascii_digit()))
    };
    let columns: Vec<(usize, bool)> = (0..heads.len()).map(|column| (width(column), is_number(column))).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let cells: Vec<String> = cells
            .zip(&columns)
            .map(|(cell, (width, right))| {
                if *right {
                    format!("{cell:>width$}")
                } else {
                    format!("{cell:<width$}")
                }
            })
            .collect();
        cells.join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(&mut heads.iter().copied())];
    lines.extend(rows.iter().map(|row| line(&mut row.iter().map(String::as_str))));
    lines
}

/// At most `most` characters, the last one an ellipsis where something was cut.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let row = |name: &str, kind: &str, count: &str| vec![name.to_owned(), kind.to_owned(), count.to_owned()];
        let rows = [row("acme/web", "Public", "1200"), row("acme/x", "Private", "7")];
        assert_eq!(
            lines(&["repository", "seen", "issues"], &rows),
            [
                "repository  seen     issues",
                "acme/web    Public     1200",
                "acme/x      Private       7"
            ]
        );
        assert_eq!(lines(&["a", "b"], &[]), ["a  b"]);
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(cut("漢字かな", 4), "漢字かな");
        assert_eq!(cut("漢字かな交じり", 4), "漢字か…");
    }
}
