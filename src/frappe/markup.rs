//! Texts in the desk's pages.

/// A text that means itself where the desk writes it into a page as markup (F-22).
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// What a text of the desk says without its markup: tags are left out, entities are read.
#[must_use]
pub fn plain(markup: &str) -> String {
    let mut text = String::with_capacity(markup.len());
    let mut rest = markup;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        // A `<` that begins no tag is one.
        let is_tag = rest[at + 1..].starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '/');
        if let Some(end) = rest[at..].find('>').filter(|_| is_tag) {
            let tag = &rest[at..=at + end];
            if ["<br", "<p", "</p", "<li", "<div", "</summary"]
                .iter()
                .any(|block| tag.starts_with(block))
            {
                text.push(' ');
            }
            rest = &rest[at + end + 1..];
        } else {
            text.push('<');
            rest = &rest[at + 1..];
        }
    }
    text.push_str(rest);
    // The ampersand last: what it makes is no entity.
    for (entity, letter) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ] {
        text = text.replace(entity, letter);
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f22_a_text_cannot_be_markup() {
        assert_eq!(
            escape("<img src=x onerror='a()'> & \"b\""),
            "&lt;img src=x onerror=&#39;a()&#39;&gt; &amp; &quot;b&quot;"
        );
    }

    #[test]
    fn markup_is_left_out_and_what_it_says_stays() {
        assert_eq!(
            plain("User <b>a@x.com</b> has no access<br>to <strong>Task</strong> &amp; &lt;b&gt;"),
            "User a@x.com has no access to Task & <b>"
        );
        assert_eq!(plain("1 < 2 and <3"), "1 < 2 and <3");
        assert_eq!(plain("&amp;lt;"), "&lt;");
    }
}
