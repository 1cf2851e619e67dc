//! What the desk can be told, and who hears it.

use serde_json::{Value, json};

/// Who hears an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Room {
    /// Every open desk of this user.
    User(String),
    /// Every desk that has this document's form open.
    Document {
        /// The document's type.
        doctype: String,
        /// Its name.
        name: String,
    },
    /// Every desk that shows this DocType's list.
    List(String),
    /// Every desk of the site.
    Everybody,
    /// Whoever follows this task.
    Task(String),
}

impl Room {
    /// The room's name, without the site that version 14 puts before it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::User(user) => format!("user:{user}"),
            Self::Document { doctype, name } => format!("doc:{doctype}/{name}"),
            Self::List(doctype) => format!("doctype:{doctype}"),
            Self::Everybody => "all".to_owned(),
            Self::Task(id) => format!("task_progress:{id}"),
        }
    }
}

/// One message to the desk.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The name that scripts listen for.
    pub name: String,
    /// What they are given.
    pub message: Value,
    /// Who hears it.
    pub room: Room,
}

impl Event {
    /// A document changed: an open form of it reloads. `modified` is the text that was stored, six digits included; a form
    /// that holds the same one ignores the event.
    #[must_use]
    pub fn doc_update(doctype: &str, name: &str, modified: &str) -> Self {
        Self {
            name: "doc_update".to_owned(),
            message: json!({"modified": modified, "doctype": doctype, "name": name}),
            room: Room::Document {
                doctype: doctype.to_owned(),
                name: name.to_owned(),
            },
        }
    }

    /// A document changed: an open list fetches its row again. `user` is who changed it.
    #[must_use]
    pub fn list_update(doctype: &str, name: &str, user: &str) -> Self {
        Self {
            name: "list_update".to_owned(),
            message: json!({"doctype": doctype, "name": name, "user": user}),
            room: Room::List(doctype.to_owned()),
        }
    }

    /// A progress dialog at one user's desk. It closes itself at 100; 0 would not be shown and becomes 1. At most two to four
    /// a second make sense.
    #[must_use]
    pub fn progress(user: &str, percent: u8, title: &str, description: &str) -> Self {
        Self {
            name: "progress".to_owned(),
            message: json!({"percent": percent.clamp(1, 100), "title": title, "description": description}),
            room: Room::User(user.to_owned()),
        }
    }

    /// A message box at one user's desk. `indicator` is a colour of the desk, such as `green` or `red`.
    #[must_use]
    pub fn msgprint(user: &str, title: &str, message: &str, indicator: &str) -> Self {
        Self {
            name: "msgprint".to_owned(),
            message: json!({"message": message, "title": title, "indicator": indicator}),
            room: Room::User(user.to_owned()),
        }
    }

    /// A short message that goes away by itself at one user's desk.
    #[must_use]
    pub fn alert(user: &str, message: &str, indicator: &str) -> Self {
        Self {
            name: "msgprint".to_owned(),
            message: json!({"message": message, "indicator": indicator, "alert": 1}),
            room: Room::User(user.to_owned()),
        }
    }

    /// Something of our own, for scripts that listen with `frappe.realtime.on(name, ..)`.
    #[must_use]
    pub fn custom(name: &str, room: Room, message: Value) -> Self {
        Self {
            name: name.to_owned(),
            message,
            room,
        }
    }
}
