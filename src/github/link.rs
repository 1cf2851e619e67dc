//! The `Link` header: the only way from one page of a list to the next.

use reqwest::header::{HeaderMap, LINK};
use url::Url;

/// What a `Link` header says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Links {
    /// The next page.
    pub(super) next: Option<Url>,
    /// The last page; lists with a cursor do not name it.
    pub(super) last: Option<Url>,
}

impl Links {
    /// Reads the header of an answer to a request for `asked`. What is not a link is passed over.
    pub(super) fn of(headers: &HeaderMap, asked: &Url) -> Self {
        let mut links = Self::default();
        for text in headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok()) {
            for (target, parameters) in entries(text) {
                let Ok(url) = asked.join(target) else { continue };
                match relation(parameters) {
                    Some("next") => links.next = Some(url),
                    Some("last") => links.last = Some(url),
                    _ => {}
                }
            }
        }
        links
    }

    /// How many pages the list has, where the last one is named by its number.
    pub(super) fn last_page(&self) -> Option<u32> {
        let last = self.last.as_ref()?;
        let (_, number) = last.query_pairs().find(|(key, _)| key == "page")?;
        number.parse().ok()
    }
}

/// Pairs of target and parameters; a comma within `<...>` belongs to the target.
fn entries(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once('<')?;
        let (target, after) = after.split_once('>')?;
        let end = after.find('<').unwrap_or(after.len());
        rest = &after[end..];
        Some((target, &after[..end]))
    })
}

fn relation(parameters: &str) -> Option<&str> {
    parameters.split(';').find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        (key.trim() == "rel").then(|| value.trim().trim_end_matches(',').trim_end().trim_matches('"'))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn links(text: &str) -> Links {
        let mut headers = HeaderMap::new();
        headers.insert(LINK, text.parse().expect("header"));
        Links::of(&headers, &Url::parse("https://api.github.com/repos/a/b/issues").expect("url"))
    }

    #[test]
    fn pages_by_number_and_by_cursor() {
        let numbered = links(
            "<https://api.github.com/repositories/1/issues?per_page=3&page=2>; rel=\"next\", \
             <https://api.github.com/repositories/1/issues?per_page=3&page=5>; rel=\"last\"",
        );
        assert_eq!(numbered.next.as_ref().and_then(Url::query), Some("per_page=3&page=2"));
        assert_eq!(numbered.last_page(), Some(5));

        let cursor = links("</repositories/1/issues?after=Y3Vyc29y,x%3D%3D&page=2>; title=\"a\"; rel=\"next\"");
        assert_eq!(
            cursor.next.as_ref().map(Url::as_str),
            Some("https://api.github.com/repositories/1/issues?after=Y3Vyc29y,x%3D%3D&page=2")
        );
        assert_eq!(cursor.last_page(), None);
    }

    #[test]
    fn what_is_no_link_is_passed_over() {
        for odd in [
            "",
            "nonsense",
            "<",
            "<x",
            "<http://[>; rel=next",
            "<https://a.test>; rel=\"prev\"",
        ] {
            assert_eq!(links(odd), Links::default(), "{odd}");
        }
    }

    proptest! {
        #[test]
        fn any_link_that_github_could_write_is_found_and_nothing_is_too_odd(
            page in 1..100_000_u32, last in 1..100_000_u32, cursor in "[A-Za-z0-9,;=%]{0,20}", noise in "\\PC{0,60}",
            swapped in any::<bool>(),
        ) {
            let next = format!("<https://api.github.com/repositories/1/issues?after={cursor}&page={page}>; rel=\"next\"");
            let end = format!("</repositories/1/issues?page={last}>; rel=\"last\"");
            let text = if swapped { format!("{end}, {next}") } else { format!("{next}, {end}") };
            let read = links(&text);
            let number = format!("page={page}");
            prop_assert!(read.next.as_ref().and_then(Url::query).is_some_and(|query| query.ends_with(&number)), "{text}");
            prop_assert_eq!(read.last_page(), Some(last));
            if noise.parse::<reqwest::header::HeaderValue>().is_ok() {
                let _whatever = links(&noise);
            }
        }
    }
}
