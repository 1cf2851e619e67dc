//! A push moves one branch, at once; the list of all branches follows.

use crate::domain::BranchMoved;
use crate::frappe::db::{DbConn, DbError};

use super::cell::time_value;
use super::rows::{BRANCHES, Home, REPOSITORY};
use super::stamp::Stamp;

/// Moves the head of a branch that is here and stands where the push found it; true when it did. Pushes that come in another order than
/// they were made find it elsewhere, and wait for the list. When the new commit was made is not known yet.
pub(super) async fn move_head(conn: &mut DbConn, stamp: &Stamp, home: &Home<'_>, moved: &BranchMoved) -> Result<bool, DbError> {
    const WHAT: &str = "moving a branch";
    let (now, user) = (time_value(stamp.local_now()), stamp.user.as_str());
    let sql = format!(
        "UPDATE `{}` SET commit_sha = ?, modified = ?, modified_by = ? WHERE parent = ? AND parenttype = 'Repository' \
         AND BINARY branch_name = ? AND commit_sha = ?",
        BRANCHES.table
    );
    let params = (
        moved.head_sha.as_str(),
        now.clone(),
        user,
        home.repository,
        moved.name.as_str(),
        moved.before.as_str(),
    );
    if conn.exec(WHAT, &sql, params).await? == 0 {
        return Ok(false);
    }
    // Frappe compares the parent's time alone when somebody saves the form.
    let sql = format!(
        "UPDATE `{}` SET modified = ?, modified_by = ? WHERE name = ?",
        REPOSITORY.table
    );
    conn.exec(WHAT, &sql, (now, user, home.repository)).await?;
    Ok(true)
}
