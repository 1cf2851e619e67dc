//! After the mirror is written: accounts that no user claims are matched by the address that they show in public.

use crate::frappe::db::DbError;
use crate::frappe::users;
use crate::github::Client;
use crate::store::logins::{self, Mention};
use crate::store::{People, Stamp, relink};

use super::{SyncContext, SyncError, announce};

/// Who is who on the site, by what is known so far.
pub(super) async fn known(context: &SyncContext) -> Result<People, DbError> {
    let users = users::people(context.site.db()).await?;
    logins::people(context.site.db(), &users).await
}

/// Asks GitHub for the public addresses of unmatched logins, remembers the answers, and links everybody anew whom they, or changed
/// users, make somebody else; gives the number of rows that were linked. `asking` are tried in turn, where GitHub does not serve one of
/// them. What could not be asked, or nobody is there to ask, keeps nobody else from being linked.
pub(super) async fn match_by_address(context: &SyncContext, asking: &[&Client]) -> Result<u64, SyncError> {
    context.checkpoint().await?;
    let db = context.site.db();
    let mentions = logins::mentioned(db).await?;
    let mut asked = Ok(());
    for client in asking {
        asked = look_up(context, client, &mentions).await;
        if !matches!(&asked, Err(SyncError::Github(error)) if error.is_outage()) {
            break;
        }
    }
    let stamp = Stamp::now(&context.site, &*context.user).await?;
    let relinked = relink(db, &stamp, &known(context).await?, &mentions).await?;
    announce::changed(context, &relinked.touched).await;
    asked.map(|()| relinked.rows)
}

async fn look_up(context: &SyncContext, client: &Client, mentions: &[Mention]) -> Result<(), SyncError> {
    let db = context.site.db();
    let now = context.site.clock().now();
    let unknown = logins::to_look_up(db, &known(context).await?, mentions, now).await?;
    for batch in unknown.chunks(crate::github::BATCH) {
        let answers = client.public_emails(batch).await?;
        logins::remember(db, &answers, now).await?;
        context.checkpoint().await?;
    }
    Ok(())
}
