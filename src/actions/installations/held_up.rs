//! Whoever installed the App for a Project does not lead that any more: what is picked on GitHub from then on does not reach the Project. Who leads it is
//! told, and it goes on by itself once he leads it again.

use crate::frappe::notification::{self, Notice};
use crate::frappe::site::Site;
use crate::frappe::users;
use crate::store::access;
use crate::store::installations::{self, InstallationRow};

use super::super::ActionError;
use super::settle::leads;

/// Why it is held up; the same words as long as it is.
pub(super) fn reason(row: &InstallationRow) -> String {
    format!(
        "{} the Project {}: what is picked on GitHub from now on does not reach it until he does, or until another Project is chosen",
        beginning(row),
        row.project
    )
}

/// What the reason begins with, whatever the Project is called by now.
fn beginning(row: &InstallationRow) -> String {
    format!("{} does not lead", row.owner)
}

/// Those who lead the Project now learn it, and what to do; each once.
///
/// # Errors
/// When the database cannot be used.
pub(super) async fn tell_leaders(site: &Site, row: &InstallationRow) -> Result<(), ActionError> {
    let sentence = format!(
        "{} installed the GitHub App in {} for the Project {}, and does not lead it: repositories that are picked there from now on do not reach the Project. \
         Connect them on its form (GitHub > Connect Repository)",
        row.owner, row.account_login, row.project
    );
    for user in access::leaders(site.db(), &row.project).await? {
        if user == row.owner || !users::is_of_the_desk(site.db(), &user).await? {
            continue;
        }
        let notice = Notice {
            user: &user,
            sentence: &sentence,
            document: Some(("Project", &row.project)),
            good: false,
        };
        if !notification::was_sent(site.db(), &notice).await? {
            notification::send(site, notice).await?;
        }
    }
    Ok(())
}

/// Has those be read that are held up, and whose users lead their Projects again. GitHub is asked by whoever reads, and nothing here.
///
/// # Errors
/// When the database cannot be used.
pub(in crate::actions) async fn resume(site: &Site) -> Result<(), ActionError> {
    for row in installations::with_reason(site.db()).await? {
        if row.reason.starts_with(&beginning(&row)) && leads(site, &row.owner, &row.project).await? {
            installations::read_again(site.db(), &row.name, site.clock().now()).await?;
        }
    }
    Ok(())
}
