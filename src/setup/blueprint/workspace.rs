//! `workspace.json`: the page of the desk that leads to our documents.

use serde::Deserialize;
use serde_json::{Map, Value};

/// The page.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Workspace {
    /// Its name and title.
    pub(crate) label: String,
    /// Name of an icon that Frappe 14, 15 and 16 have.
    pub(crate) icon: String,
    /// Its place in the sidebar: behind ERPNext's own `Projects`.
    pub(crate) sequence_id: i64,
    /// What is counted at the top.
    pub(crate) shortcuts: Vec<Shortcut>,
    /// Lists of links below.
    pub(crate) cards: Vec<Card>,
}

/// A list that opens filtered, with the number of its rows.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Shortcut {
    /// What it is called.
    pub(crate) label: String,
    /// The DocType.
    pub(crate) link_to: String,
    /// What it opens: a list, or a new document, where our script opens the wizard.
    #[serde(default = "list")]
    pub(crate) view: String,
    /// Which of its documents, by field, as Frappe's lists take it.
    pub(crate) filter: Map<String, Value>,
    /// Text about their number, which stands for `{}`.
    pub(crate) format: String,
    /// Colour of the number while there are any.
    pub(crate) color: String,
}

fn list() -> String {
    "List".to_owned()
}

/// A heading with links.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Card {
    /// The heading.
    pub(crate) label: String,
    /// The DocTypes whose lists it leads to.
    pub(crate) links: Vec<String>,
    /// Reports of ours that it leads to.
    #[serde(default)]
    pub(crate) reports: Vec<String>,
}
