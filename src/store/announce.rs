//! Open forms and lists are told what changed.

use crate::frappe::realtime::Event;
use crate::frappe::site::Site;
use crate::frappe::zone::frappe_text;

use super::applied::Touched;

/// Beyond this many documents of one change nobody is told one by one: a bulk import is no news to a form.
const AT_MOST: usize = 100;

/// Tells open forms and lists of a site which documents `user` changed; telling may fail, and the work is done without it.
pub async fn tell(site: &Site, user: &str, touched: &[Touched]) {
    let mut events = Vec::with_capacity(touched.len().min(AT_MOST) * 2);
    for one in touched.iter().take(AT_MOST) {
        events.push(Event::doc_update(one.doctype, &one.name, &frappe_text(one.modified)));
        events.push(Event::list_update(one.doctype, &one.name, user));
    }
    if !events.is_empty() {
        site.tell(&events).await;
    }
}
