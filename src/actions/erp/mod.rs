//! Documents of ERPNext that a button makes or changes: written through the bench as the caller, so that Frappe has its say.
//!
//! Each is found before it is made ([`perform`]), so that it is made once, however often it is asked for. While the bench does
//! not answer, what was asked for waits ([`settle_waiting`]), and the caller is told when it was done.

mod desk;
mod project;
mod task;
mod users;
mod waiting;
mod wish;

pub(super) use desk::{create_project, create_task};
pub(super) use users::add_members;
pub use waiting::settle_waiting;

use serde_json::{Map, Value};

use crate::frappe::auth::Caller;
use crate::frappe::bench_http::BenchHttpError;
use crate::frappe::db::DbError;
use crate::frappe::realtime::Event;
use crate::frappe::site::Site;
use crate::frappe::zone::frappe_text;
use crate::store::Stamp;

use super::ActionError;
use wish::Wish;

/// What came of a wish.
#[derive(Debug)]
enum Outcome {
    /// It was done just now.
    Done(Made),
    /// Somebody did it before.
    There(Made),
    /// It cannot be done until the caller says more: the sentence, and what the answer offers him.
    Asks(String, Map<String, Value>),
    /// The bench did not do it.
    NotDone(BenchHttpError),
}

/// A document that is there.
#[derive(Debug)]
struct Made {
    /// Its DocType.
    doctype: &'static str,
    /// Its name.
    name: String,
    /// What happened, in one sentence.
    sentence: String,
    /// What the answer of the button holds beside `success`.
    answer: Map<String, Value>,
}

/// Does what is wished as `caller`, unless it is done already.
async fn perform(site: &Site, caller: &Caller, wish: &Wish) -> Result<Outcome, ActionError> {
    match wish {
        Wish::Task(wish) => task::perform(site, caller, wish).await,
        Wish::Project(wish) => project::perform(site, caller, wish).await,
        Wish::Users(wish) => users::perform(site, caller, wish).await,
    }
}

/// After a document of ours was linked: the desk is told. What could not be linked is a warning: the document of ERPNext is there,
/// and asking again links it.
async fn linked(site: &Site, stamp: &Stamp, document: (&str, &str), result: Result<bool, DbError>) -> Option<String> {
    let (doctype, name) = document;
    match result {
        Ok(true) => {
            let modified = frappe_text(stamp.local_now());
            let events = [
                Event::doc_update(doctype, name, &modified),
                Event::list_update(doctype, name, &stamp.user),
            ];
            site.tell(&events).await;
            None
        }
        Ok(false) => None,
        Err(error) => Some(format!(
            "it could not be noted on {doctype} {name} ({error}): do it again to repair that"
        )),
    }
}

fn object(pairs: impl IntoIterator<Item = (&'static str, Value)>) -> Map<String, Value> {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
