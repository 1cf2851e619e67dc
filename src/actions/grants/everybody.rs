//! All connections of a site end, because it is uninstalled.

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;
use tokio::time::{Instant, timeout_at};

use crate::store::grants::{self, Holder};

use super::{GrantError, Grants};

/// So many people are asked about at a time.
const AT_ONCE: usize = 4;

/// What came of that.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Everybody {
    /// Connections that were taken back on GitHub.
    pub ended: usize,
    /// Logins of those that were not, each with a sentence that says why; it holds no secret.
    pub left: Vec<(String, String)>,
}

impl Grants {
    /// Disconnects everybody: their tokens are gone here, and what they authorised is taken back on GitHub, as far as there is time for that
    /// `within`. Who had no turn is among what is left.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn disconnect_everybody(&self, within: Duration) -> Result<Everybody, GrantError> {
        let until = Instant::now() + within;
        let mut waiting: Vec<Holder> = grants::holders(self.site.db()).await?;
        let mut came = Everybody::default();
        let one = async |holder: Holder| (self.end(&holder.user, None).await, holder);
        let mut ends = stream::iter(waiting.clone()).map(one).buffer_unordered(AT_ONCE).boxed_local();
        while let Ok(Some((end, holder))) = timeout_at(until, ends.next()).await {
            waiting.retain(|other| other.user != holder.user);
            match end {
                Ok(Some(gone)) => match gone.left_on_github {
                    None => came.ended += 1,
                    Some(why) => came.left.push((gone.login, why)),
                },
                Ok(None) => {}
                Err(error) => came.left.push((holder.login, error.to_string())),
            }
        }
        let page = self.oauth.settings_page();
        let late = waiting.into_iter().map(|holder| {
            let why = format!("there was no more time to ask GitHub; if the App is still listed there, revoke it on {page}");
            (holder.login, why)
        });
        came.left.extend(late);
        came.left.sort();
        Ok(came)
    }
}
