//! Pages that are fetched before they are asked for, side by side: what a list with numbered pages allows.

use std::collections::VecDeque;

use tokio_util::task::AbortOnDropHandle;
use url::Url;

/// Pages of a list that are under way at a time, or have come and wait. How many of them are on the wire at once the budget decides: more
/// are begun, so that places are not left while what came is stored.
const DEPTH: usize = 16;

/// Pages that are under way, in the order of the list. Dropped, they are not fetched any more.
#[derive(Debug)]
pub(super) struct Ahead<T>(VecDeque<(Url, AbortOnDropHandle<T>)>);

impl<T> Default for Ahead<T> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<T: Send + 'static> Ahead<T> {
    /// Waits for the page at `url`; none where it is not under way. Where another one is, the list is not what its links said, and nothing is
    /// kept. A page stays where the waiting is cut short.
    pub(super) async fn take(&mut self, url: &Url) -> Option<T> {
        if self.0.front().is_some_and(|(at, _)| at != url) {
            self.0.clear();
        }
        let (_, task) = self.0.front_mut()?;
        let ended = task.await;
        self.0.pop_front();
        ended.ok()
    }

    /// True when the page at `url` has come: who takes it does not wait.
    pub(super) fn has(&self, url: &Url) -> bool {
        self.0.front().is_some_and(|(at, task)| at == url && task.is_finished())
    }

    /// Begins with the pages from `next` to number `last`, as far as there is room; each is what `fetch` makes of its address.
    pub(super) fn fill<F>(&mut self, next: &Url, last: u32, fetch: impl Fn(Url) -> F)
    where
        F: Future<Output = T> + Send + 'static,
    {
        let Some(first) = number_of(next) else { return };
        let begun = self.0.len();
        for number in (first..=last).skip(begun).take(DEPTH.saturating_sub(begun)) {
            let url = at_number(next, number);
            self.0
                .push_back((url.clone(), AbortOnDropHandle::new(tokio::spawn(fetch(url)))));
        }
    }
}

fn number_of(url: &Url) -> Option<u32> {
    let (_, number) = url.query_pairs().find(|(key, _)| key == "page")?;
    number.parse().ok()
}

/// The same address with another number, everything else as GitHub wrote it.
fn at_number(url: &Url, number: u32) -> Url {
    let query = url.query().unwrap_or_default();
    let pairs: Vec<String> = query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some(("page", _)) => format!("page={number}"),
            _ => pair.to_owned(),
        })
        .collect();
    let mut other = url.clone();
    other.set_query(Some(&pairs.join("&")));
    other
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(page: &str) -> Url {
        format!("https://api.github.com/repositories/1/issues?state=all&per_page=100&page={page}")
            .parse()
            .expect("an address")
    }

    #[tokio::test]
    async fn pages_come_in_the_order_of_the_list_and_no_further_than_its_end() {
        let mut ahead = Ahead::default();
        let fetch = async |url: Url| url.query().unwrap_or_default().to_owned();
        ahead.fill(&url("2"), 4, fetch);
        for page in ["2", "3", "4"] {
            assert_eq!(ahead.take(&url(page)).await, url(page).query().map(str::to_owned));
        }
        assert_eq!(ahead.take(&url("5")).await, None);
        ahead.fill(&url("2"), 40, fetch);
        assert_eq!(ahead.0.len(), DEPTH);
        ahead.take(&url("2")).await;
        ahead.fill(&url("3"), 40, fetch);
        assert_eq!(ahead.0.len(), DEPTH, "one more, none twice");
        assert_eq!(ahead.0.back().map(|(url, _)| url.clone()), Some(url("18")));
    }

    #[tokio::test]
    async fn a_link_that_leads_elsewhere_throws_away_what_was_begun() {
        let mut ahead = Ahead::default();
        ahead.fill(&url("2"), 9, async |_| ());
        assert_eq!(ahead.take(&url("5")).await, None);
        assert_eq!(ahead.take(&url("2")).await, None);
    }
}
