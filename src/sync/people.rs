//! After the mirror is written: accounts that no user claims are matched by the address that they show in public.

use crate::domain::Person;
use crate::frappe::db::DbError;
use crate::frappe::users;
use crate::store::{People, logins};

use super::{SyncContext, SyncError};

/// Who is who on the site, by what is known so far.
pub(super) async fn known(context: &SyncContext) -> Result<People, DbError> {
    let users = users::people(context.site.db()).await?;
    logins::people(context.site.db(), &users).await
}

/// Asks GitHub for the public addresses of unmatched logins, remembers the answers, and links who can be linked now; gives
/// the number of rows that were linked.
pub(super) async fn match_by_address(context: &SyncContext) -> Result<u64, SyncError> {
    context.checkpoint().await?;
    let db = context.site.db();
    let now = context.site.clock().now();
    let unknown = logins::to_look_up(db, &known(context).await?, now).await?;
    for batch in unknown.chunks(crate::github::BATCH) {
        let names: Vec<String> = batch.iter().map(|person| person.login.clone()).collect();
        let answers = context.client.public_emails(&names).await?;
        let answers: Vec<(Person, Option<String>)> = batch
            .iter()
            .map(|person| (person.clone(), answers.get(&person.login).cloned().flatten()))
            .collect();
        logins::remember(db, &answers, now).await?;
        context.checkpoint().await?;
    }
    Ok(logins::relink(db, &known(context).await?).await?)
}
