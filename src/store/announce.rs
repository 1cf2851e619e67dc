//! Open forms and lists are told what changed.

use serde_json::json;

use crate::frappe::realtime::{Event, Room};
use crate::frappe::site::Site;
use crate::frappe::zone::frappe_text;

use super::applied::Touched;

/// Documents of one change of which the desk is told one by one: what a run stores together, a few pages.
const AT_MOST: usize = 400;

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

/// What scripts of a Project's form listen for.
const PROJECT_NEWS: &str = "github_project_news";

/// Tells open forms of these Projects that there is something new of their repositories. The Projects themselves did not change: as a change of
/// the document, it would be a false alarm for everybody who has not saved yet.
pub async fn tell_projects(site: &Site, projects: &[String]) {
    let news = |project: &String| {
        let room = Room::Document {
            doctype: "Project".to_owned(),
            name: project.clone(),
        };
        Event::custom(PROJECT_NEWS, room, json!({"project": project}))
    };
    let events: Vec<Event> = projects.iter().take(AT_MOST).map(news).collect();
    if !events.is_empty() {
        site.tell(&events).await;
    }
}
