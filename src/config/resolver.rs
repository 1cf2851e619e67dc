//! Whether the name of a host stands for a machine at all.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

/// Somebody waits for the answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// What came of looking a name up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolved {
    /// It has an address.
    Known,
    /// There is no such name.
    Unknown,
    /// Nobody could be asked, or the answer took too long: that is no reason to refuse a name.
    NoAnswer,
}

type Look = dyn Fn(String) -> BoxFuture<'static, Resolved> + Send + Sync;

/// Looks names up. Cheap to clone.
#[derive(Clone)]
pub struct Resolver(Arc<Look>);

impl Default for Resolver {
    /// By the system's own means.
    fn default() -> Self {
        Self(Arc::new(|name| look_up(name).boxed()))
    }
}

impl Resolver {
    /// One that knows just the names for which `is_known` is true.
    #[must_use]
    pub fn knowing(is_known: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(move |name| {
            let found = if is_known(&name) { Resolved::Known } else { Resolved::Unknown };
            std::future::ready(found).boxed()
        }))
    }

    /// Looks for the address of `name`, for some seconds at most.
    pub async fn look_up(&self, name: &str) -> Resolved {
        (self.0)(name.to_owned()).await
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver").finish_non_exhaustive()
    }
}

async fn look_up(name: String) -> Resolved {
    let looked = tokio::net::lookup_host((name.as_str(), 443));
    match tokio::time::timeout(PATIENCE, looked).await {
        Ok(Ok(mut addresses)) => addresses.next().map_or(Resolved::Unknown, |_| Resolved::Known),
        // The system tells the two apart by its words alone: EAI_NONAME and EAI_NODATA, and what may pass.
        Ok(Err(error)) => {
            let text = error.to_string();
            let says = ["not known", "No address associated"];
            if says.iter().any(|words| text.contains(words)) {
                Resolved::Unknown
            } else {
                Resolved::NoAnswer
            }
        }
        Err(_elapsed) => Resolved::NoAnswer,
    }
}
