//! The panels at the top of the forms: what they show, and which of their buttons make sense for the caller.

mod app;
mod lacking;
mod project;
mod releases;
mod repository;
mod settings;
mod task;

pub(super) use project::of_project;
pub(super) use repository::of_repository;
pub(super) use settings::{of_caller, of_settings};
pub(super) use task::of_task;

use crate::frappe::permissions::{Right, with_any, with_document};

use super::ActionError;
use super::rights::Rights;

impl Rights<'_> {
    /// Whether he may make documents of a DocType of ERPNext.
    async fn creates(&self, doctype: &str) -> Result<bool, ActionError> {
        Ok(with_any(self.site.db(), self.roles, doctype, Right::Create).await?)
    }

    /// Whether he may do that with a Project.
    pub(in crate::actions) async fn may_with_project(&self, project: &str, right: Right) -> Result<bool, ActionError> {
        Ok(with_document(self.site, self.roles, "Project", project, right).await?)
    }
}
