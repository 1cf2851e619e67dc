//! Telling one user something that he finds when he looks next: the bell of the desk, and a message where one of his is open.

use super::db::{Db, DbError, Value};
use super::log_rows;
use super::markup::escape;
use super::realtime::{Event, Room};
use super::site::Site;

/// What is told.
#[derive(Debug, Clone, Copy)]
pub struct Notice<'a> {
    /// Who is told.
    pub user: &'a str,
    /// One sentence, plain.
    pub sentence: &'a str,
    /// DocType and name of the document that it is about.
    pub document: Option<(&'a str, &'a str)>,
    /// It is good news.
    pub good: bool,
}

/// Whether the user has the same notice about the same document already, read or not. Frappe keeps them for half a year.
///
/// # Errors
/// When the database cannot be read.
pub async fn was_sent(db: &Db, notice: &Notice<'_>) -> Result<bool, DbError> {
    let (doctype, name) = notice.document.unzip();
    let sql = "SELECT 1 FROM `tabNotification Log` WHERE for_user = ? AND document_type <=> ? AND document_name <=> ? AND subject = ? LIMIT 1";
    let values = (notice.user, doctype, name, escape(notice.sentence));
    Ok(db.row("looking for a notification", sql, values).await?.is_some())
}

/// Leaves the notice in the user's Notification Log, and shows it at his open desks. Showing may fail; the row stays.
///
/// # Errors
/// When the database cannot be written.
pub async fn send(site: &Site, notice: Notice<'_>) -> Result<(), DbError> {
    let (doctype, name) = notice.document.unzip();
    let markup = escape(notice.sentence);
    let row = vec![
        ("subject", Value::from(&markup)),
        ("for_user", Value::from(notice.user)),
        ("from_user", Value::from(notice.user)),
        ("type", Value::from("Alert")),
        ("document_type", Value::from(doctype)),
        ("document_name", Value::from(name)),
        ("read", Value::from(0)),
    ];
    log_rows::insert(site, "Notification Log", "leaving a notification", row).await?;
    site.db()
        .exec(
            "marking notifications as unseen",
            "UPDATE `tabNotification Settings` SET seen = 0 WHERE name = ?",
            (notice.user,),
        )
        .await?;
    let indicator = if notice.good { "green" } else { "red" };
    let bell = Event::custom("notification", Room::User(notice.user.to_owned()), serde_json::json!({}));
    site.tell(&[bell, Event::alert(notice.user, &markup, indicator)]).await;
    Ok(())
}
