//! Paging as GitHub does it: `per_page`, `page`, and addresses in the `Link` header.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::super::answer::Answer;
use super::super::incoming::Parameters;

/// Parameters that every list takes.
pub(super) const PAGE: &str = "page";
/// Size of a page.
pub(super) const PER_PAGE: &str = "per_page";
/// GitHub never gives more at once.
const MAX: usize = 100;

/// What a list is sorted by, and the number that settles a tie.
pub(super) type Key = (i64, u64);

/// Which part of a list was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    size: usize,
    page: usize,
}

impl Window {
    /// Reads `per_page` and `page`; what is no number, or below one, counts as absent.
    pub(super) fn of(parameters: &Parameters) -> Self {
        let number = |key| {
            parameters
                .get(key)
                .and_then(|text| text.parse().ok())
                .filter(|&number| number > 0)
        };
        Self {
            size: number(PER_PAGE).unwrap_or(30).min(MAX),
            page: number(PAGE).unwrap_or(1),
        }
    }

    /// How many things are on it at most.
    pub(super) fn size(self) -> usize {
        self.size
    }

    /// The number of the page.
    pub(super) fn page(self) -> usize {
        self.page
    }

    /// True when it begins after the first `count`.
    pub(super) fn is_beyond(self, count: usize) -> bool {
        self.size.saturating_mul(self.page - 1) >= count
    }

    /// The part of `all` that lies in it.
    pub(super) fn of_list<T>(self, all: &[T]) -> &[T] {
        let start = self.size.saturating_mul(self.page - 1).min(all.len());
        &all[start..(start + self.size).min(all.len())]
    }

    /// The `Link` header for a list of `total` things at `address`; none for a list of one page.
    pub(super) fn link(self, address: &str, parameters: &Parameters, total: usize) -> Option<String> {
        let last = total.div_ceil(self.size).max(1);
        let mut parts = Vec::new();
        let mut add = |page: usize, rel: &str| parts.push(reference(address, parameters, &[(PAGE, &page.to_string())], rel));
        if self.page > 1 {
            add((self.page - 1).min(last), "prev");
        }
        if self.page < last {
            add(self.page + 1, "next");
            add(last, "last");
        }
        if self.page > 1 {
            if self.page > last {
                add(last, "last");
            }
            add(1, "first");
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// A part of `all` by cursor, with the header that leads on and back.
    pub(super) fn by_cursor<'k>(
        self,
        all: &'k [Key],
        ascending: bool,
        address: &str,
        parameters: &Parameters,
    ) -> Result<(&'k [Key], Option<String>), Answer> {
        let place = |key: Key, inclusive: bool| {
            all.partition_point(|&other| match other.cmp(&key) {
                std::cmp::Ordering::Equal => inclusive,
                order => order.is_lt() == ascending,
            })
        };
        let (start, end) = if let Some(text) = parameters.get("after") {
            let start = place(decode(text)?, true);
            (start, (start + self.size).min(all.len()))
        } else if let Some(text) = parameters.get("before") {
            let end = place(decode(text)?, false);
            (end.saturating_sub(self.size), end)
        } else {
            let start = self.size.saturating_mul(self.page - 1).min(all.len());
            (start, (start + self.size).min(all.len()))
        };
        let part = &all[start..end];
        let mut links = Vec::new();
        if let (Some(&last), true) = (part.last(), end < all.len()) {
            let page = (self.page + 1).to_string();
            links.push(reference(
                address,
                parameters,
                &[("after", &encode(last)), (PAGE, &page)],
                "next",
            ));
        }
        if let (Some(&first), true) = (part.first(), start > 0) {
            let page = self.page.saturating_sub(1).max(1).to_string();
            links.push(reference(
                address,
                parameters,
                &[("before", &encode(first)), (PAGE, &page)],
                "prev",
            ));
        }
        Ok((part, (!links.is_empty()).then(|| links.join(", "))))
    }
}

/// One address of a `Link` header: the parameters that were sent, but for those that say where in the list.
fn reference(address: &str, parameters: &Parameters, place: &[(&str, &str)], rel: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (key, value) in &parameters.0 {
        if ![PAGE, "after", "before"].contains(&key.as_str()) {
            query.append_pair(key, value);
        }
    }
    for (key, value) in place {
        query.append_pair(key, value);
    }
    format!("<{address}?{}>; rel=\"{rel}\"", query.finish())
}

fn encode((value, number): Key) -> String {
    URL_SAFE_NO_PAD.encode(format!("cursor:{value}:{number}"))
}

fn decode(text: &str) -> Result<Key, Answer> {
    let key = || {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let (value, number) = text.strip_prefix("cursor:")?.split_once(':')?;
        Some((value.parse().ok()?, number.parse().ok()?))
    };
    key().ok_or_else(|| {
        Answer::error(
            422,
            "Invalid cursor",
            "rest/using-the-rest-api/using-pagination-in-the-rest-api",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(text: &str) -> Parameters {
        let pairs = url::form_urlencoded::parse(text.as_bytes());
        Parameters(pairs.map(|(key, value)| (key.into_owned(), value.into_owned())).collect())
    }

    fn relations(link: &str) -> Vec<&str> {
        link.split("rel=\"")
            .skip(1)
            .filter_map(|part| part.split('"').next())
            .collect()
    }

    #[test]
    fn a_middle_page_leads_everywhere_and_keeps_the_parameters() {
        let asked = parameters("state=all&per_page=10&page=2");
        let link = Window::of(&asked)
            .link("http://x/repositories/1/issues", &asked, 35)
            .expect("a header");
        assert_eq!(relations(&link), ["prev", "next", "last", "first"]);
        assert!(link.contains("<http://x/repositories/1/issues?state=all&per_page=10&page=3>; rel=\"next\""));
        assert!(link.contains("page=4>; rel=\"last\""));
    }

    #[test]
    fn the_ends_lead_inwards_only() {
        let of = |text: &str, total| {
            let asked = parameters(text);
            Window::of(&asked).link("http://x/a", &asked, total).unwrap_or_default()
        };
        assert_eq!(relations(&of("", 31)), ["next", "last"]);
        assert_eq!(relations(&of("page=2", 31)), ["prev", "first"]);
        assert_eq!(relations(&of("page=9", 31)), ["prev", "last", "first"]);
        assert_eq!(of("", 30), "", "one page needs no header");
        assert_eq!(of("", 0), "");
    }

    #[test]
    fn pages_are_of_at_most_a_hundred() {
        let all: Vec<_> = (0..250).collect();
        let part = |text| Window::of(&parameters(text)).of_list(&all).to_vec();
        assert_eq!(part("per_page=500").len(), 100);
        assert_eq!(part("per_page=0").len(), 30);
        assert_eq!(part("per_page=100&page=3"), (200..250).collect::<Vec<_>>());
        assert!(part("page=99999999999").is_empty());
    }

    #[test]
    fn cursors_go_through_a_list_even_when_it_grows() {
        let mut all: Vec<Key> = (0..7).map(|n| (n * 10, u64::try_from(n).expect("small"))).collect();
        let asked = parameters("per_page=3");
        let (part, link) = Window::of(&asked)
            .by_cursor(&all, true, "http://x/a", &asked)
            .expect("a page");
        assert_eq!(part, &all[..3]);
        let next = link.expect("more").split(['?', '>']).nth(1).expect("a query").to_owned();
        assert!(next.contains("after=") && !next.contains("last"));
        all.insert(0, (-5, 99));
        let asked = parameters(&next);
        let (part, link) = Window::of(&asked)
            .by_cursor(&all, true, "http://x/a", &asked)
            .expect("a page");
        assert_eq!(part[0].1, 3, "what was inserted before does not shift the page");
        assert_eq!(relations(&link.expect("both ways")), ["next", "prev"]);
        assert!(decode("nonsense").is_err());
    }

    #[test]
    fn cursors_go_down_a_descending_list_and_back() {
        let all: Vec<Key> = (0..7).rev().map(|n| (n, 1)).collect();
        let asked = parameters(&format!("per_page=2&after={}", encode((5, 1))));
        let (part, _) = Window::of(&asked)
            .by_cursor(&all, false, "http://x/a", &asked)
            .expect("a page");
        assert_eq!(part, [(4, 1), (3, 1)]);
        let asked = parameters(&format!("per_page=2&before={}", encode((4, 1))));
        let (part, _) = Window::of(&asked)
            .by_cursor(&all, false, "http://x/a", &asked)
            .expect("a page");
        assert_eq!(part, [(6, 1), (5, 1)]);
    }
}
