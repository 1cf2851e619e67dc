//! The scripts of forms and lists: which files of `client_scripts/` stand in which row, and the text that comes of them.

use include_dir::{Dir, File, include_dir};
use serde::Deserialize;

use super::{BlueprintError, files};

static SCRIPTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/client_scripts");

/// Folder of the files, as errors name it.
const FOLDER: &str = "client_scripts";
/// What every script begins with: the person who looks at the row is told where to change it.
const HEAD: &str = "// Installed by erpnext-github, and written again by an upgrade. What you change here stays as you left it, and is then\n\
                    // not upgraded; to add something of your own, make a Client Script of your own.\n";

/// One line of `client_scripts.json`.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Listed {
    doctype: String,
    view: String,
    files: Vec<String>,
}

/// One script of a form or a list.
#[derive(Debug, Clone)]
pub(crate) struct ClientScript {
    /// The DocType.
    pub(crate) doctype: String,
    /// `Form` or `List`.
    pub(crate) view: String,
    /// The whole text.
    pub(crate) text: String,
}

impl ClientScript {
    /// Name of its row.
    pub(crate) fn name(&self) -> String {
        format!("{} {} {}", super::MODULE, self.doctype, self.view)
    }

    /// The files of a line, one after the other in a function of their own: the desk runs the scripts of all DocTypes in one page.
    fn assemble(listed: Listed) -> Result<Self, BlueprintError> {
        let mut text = format!("{HEAD}(function () {{\n\"use strict\";\n");
        for name in &listed.files {
            let part = SCRIPTS.get_file(name).and_then(File::contents_utf8);
            let part = part.ok_or_else(|| BlueprintError {
                file: format!("{FOLDER}/{name}"),
                reason: format!("missing, and the {} of {} needs it", listed.view, listed.doctype),
            })?;
            text.push('\n');
            text.push_str(part);
        }
        text.push_str("})();\n");
        Ok(Self {
            doctype: listed.doctype,
            view: listed.view,
            text,
        })
    }
}

/// All scripts, in the order of the list.
pub(super) fn assemble(listed: Vec<Listed>) -> Result<Vec<ClientScript>, BlueprintError> {
    listed.into_iter().map(ClientScript::assemble).collect()
}

/// Name and text of every file, for the fingerprint.
pub(super) fn sources() -> Result<Vec<(String, &'static str)>, BlueprintError> {
    files(&SCRIPTS, FOLDER, "js")
}
