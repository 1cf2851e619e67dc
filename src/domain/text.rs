//! Fitting GitHub's texts into columns without losing the row.

/// The longest prefix of `text` with at most `max` characters (a `varchar(max)` counts characters, not bytes).
#[must_use]
pub fn cut_chars(text: &str, max: usize) -> &str {
    text.char_indices().nth(max).map_or(text, |(end, _)| &text[..end])
}

/// The longest prefix of `text` with at most `max` bytes that ends at a character (`text` columns count bytes).
#[must_use]
pub fn cut_bytes(text: &str, max: usize) -> &str {
    if text.len() <= max {
        return text;
    }
    let end = (0..=max).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_fall_between_characters() {
        assert_eq!(cut_chars("añ😀b", 3), "añ😀");
        assert_eq!(cut_chars("abc", 3), "abc");
        assert_eq!(cut_bytes("añ😀b", 4), "añ");
        assert_eq!(cut_bytes("😀", 3), "");
    }
}
