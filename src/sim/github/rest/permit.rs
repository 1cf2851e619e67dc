//! Who may write.

use super::super::answer::Answer;
use super::super::view::View;
use super::super::world::{Permission, Repository, Token};
use crate::domain::Visibility;

/// The token of a caller who may do on a repository what `needed` allows; what GitHub answers to everybody else.
pub(super) fn permit<'w>(view: View<'w>, home: &Repository, needed: Permission) -> Result<&'w Token, Answer> {
    let token = signed_in(view)?;
    let scope = if home.visibility == Visibility::Public {
        "public_repo"
    } else {
        "repo"
    };
    if !token.allows_any(&[scope]) {
        return Err(Answer::not_found());
    }
    if home.archived {
        return Err(Answer::error(403, "Repository was archived so is read-only.", "rest"));
    }
    if view.permission(home) < Some(needed) {
        return Err(Answer::error(403, "Must have admin rights to Repository.", "rest"));
    }
    Ok(token)
}

/// The token, which every write needs.
pub(super) fn signed_in(view: View<'_>) -> Result<&Token, Answer> {
    let token = view.caller.token.as_ref();
    token.ok_or_else(|| Answer::error(401, "Requires authentication", "rest"))
}
