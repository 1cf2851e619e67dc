//! Holds a caller to the table of [`super::methods`].

use crate::domain::RepoName;
use crate::frappe::auth::Caller;
use crate::frappe::permissions::{Right, Roles, with_any, with_document};
use crate::frappe::site::Site;
use crate::store::access::PROJECTS_MANAGER;
use crate::store::installations::{self, InstallationRow};
use crate::store::readers::{self, ADMINS};
use crate::store::{access, issue_tasks, projects};

use super::{ActionError, Arguments, Method, PROJECT, REPOSITORY, Who};

/// What one caller may do on one site.
pub(super) struct Rights<'a> {
    pub(super) site: &'a Site,
    pub(super) caller: &'a Caller,
    pub(super) roles: &'a Roles,
}

impl Rights<'_> {
    /// Refuses a caller who may not call `method` with these arguments.
    pub(super) async fn require(&self, method: &Method, arguments: &Arguments) -> Result<(), ActionError> {
        if self.caller.is_guest() {
            return Err(ActionError::forbidden("log in to use the GitHub integration"));
        }
        if method.who != Who::Oneself && !self.caller.desk {
            return Err(ActionError::forbidden(
                "the GitHub integration is for users of the desk; ask an administrator for a System User's account",
            ));
        }
        self.require_who(method.who, arguments).await?;
        match method.creates {
            Some(doctype) if !with_any(self.site.db(), self.roles, doctype, Right::Create).await? => {
                Err(ActionError::forbidden(format!(
                    "You do not have permission to create {}s: ask an administrator for a role that may, such as Projects User",
                    doctype.to_lowercase()
                )))
            }
            _ => Ok(()),
        }
    }

    async fn require_who(&self, who: Who, arguments: &Arguments) -> Result<(), ActionError> {
        match who {
            Who::Oneself | Who::DeskUser => Ok(()),
            Who::Admin if self.is_admin() => Ok(()),
            Who::Admin => Err(ActionError::forbidden(
                "only users with the role GitHub Admin may do this; ask a System Manager for it",
            )),
            Who::ProjectReader => self.require_readable("Project", "project", arguments).await,
            Who::TaskReader => self.require_readable("Task", "task", arguments).await,
            Who::ProjectWriter => self.require_project(&arguments.required(&[PROJECT])?).await,
            Who::Installer => {
                self.require_lead(&arguments.required(&[PROJECT])?).await?;
                self.require_installation(&arguments.text("installation").unwrap_or_default())
                    .await
            }
            Who::ProjectLead => self.require_lead(&arguments.required(&[PROJECT])?).await,
            Who::FeedReader if arguments.text_of(&REPOSITORY).is_none() => {
                self.require_readable("Project", PROJECT, arguments).await
            }
            Who::FeedReader => self.require_repository(Who::Reader, arguments).await,
            Who::IssueWorker => {
                let name = arguments.required(&["issue_name"])?;
                let issue = issue_tasks::issue(self.site.db(), &name).await?;
                match issue {
                    Some(issue) if self.works_on(&issue.repository).await? => Ok(()),
                    None if self.is_admin() => Err(ActionError::Missing(format!(
                        "there is no Repository Issue {name}: sync the repository first"
                    ))),
                    // Whether it is there is not for those to know who may not read it.
                    _ => Err(ActionError::forbidden(format!(
                        "you do not work on the repository of {name}: a GitHub Admin, the manager of a connected Project, or a member with push permission may do this"
                    ))),
                }
            }
            Who::Reader | Who::Worker => self.require_repository(who, arguments).await,
        }
    }

    /// Refuses a caller who may not read the repository that is named, or for any other `who` does not work on it; in the same words where there is
    /// none.
    async fn require_repository(&self, who: Who, arguments: &Arguments) -> Result<(), ActionError> {
        let name = repository_argument(arguments)?;
        if who == Who::Reader && self.reads(name.as_str()).await? {
            return Ok(());
        }
        let Some(repository) = access::repository_named(self.site.db(), name.as_str()).await? else {
            // Whether it is there is not for those to know who may not read it.
            return Err(if self.is_admin() {
                unknown(&name)
            } else {
                not_yours(who, &name)
            });
        };
        let may = who != Who::Reader && self.works_on(&repository).await?;
        if may { Ok(()) } else { Err(not_yours(who, &name)) }
    }

    /// Refuses a caller who does not lead the Project, in the same words where there is none.
    pub(super) async fn require_lead(&self, project: &str) -> Result<(), ActionError> {
        if self.leads(project).await? {
            return Ok(());
        }
        Err(ActionError::forbidden(format!(
            "you do not lead the Project {project}: its owner, its project manager or a GitHub Admin may connect it with repositories"
        )))
    }

    /// Whether he may say which repositories a Project is connected with: its owner, its manager, or admin.
    pub(super) async fn leads(&self, project: &str) -> Result<bool, ActionError> {
        leads(self.site, self.roles, project).await
    }

    /// Whether he is one of the Project's people: its owner, its manager, one of its users, or admin.
    pub(super) async fn belongs_to(&self, project: &str) -> Result<bool, ActionError> {
        Ok(self.is_admin() || access::belongs(self.site.db(), self.roles.user(), project).await?)
    }

    /// Refuses who may not write the Project, in the same words where there is none.
    async fn require_project(&self, project: &str) -> Result<(), ActionError> {
        if with_document(self.site, self.roles, "Project", project, Right::Write).await? {
            return Ok(());
        }
        Err(ActionError::forbidden(format!(
            "you may not write the Project {project}, or there is none: ask somebody with the role Projects User"
        )))
    }

    /// Refuses whose installation it is not, in the same words where there is none.
    pub(super) async fn require_installation(&self, name: &str) -> Result<(), ActionError> {
        if self.is_admin() {
            return Ok(());
        }
        let row = installations::named(self.site.db(), name).await?;
        if row.is_some_and(|row| self.owns(&row)) {
            return Ok(());
        }
        Err(ActionError::forbidden(
            "this installation of the App is not yours, or there is none: ask who installed it, or a GitHub Admin",
        ))
    }

    /// Whose an installation is may see it and finish it, and who runs the integration.
    pub(super) fn owns(&self, row: &InstallationRow) -> bool {
        self.is_admin() || row.owner.to_lowercase() == self.caller.user.to_lowercase()
    }

    /// Who runs the integration.
    pub(super) fn is_admin(&self) -> bool {
        is_admin(self.roles)
    }

    /// Refuses a caller who may not read the document that `argument` names, in the same words where there is none.
    async fn require_readable(&self, doctype: &str, argument: &str, arguments: &Arguments) -> Result<(), ActionError> {
        let name = arguments.required(&[argument])?;
        if with_document(self.site, self.roles, doctype, &name, Right::Read).await? {
            return Ok(());
        }
        Err(ActionError::forbidden(format!(
            "you may not read the {doctype} {name}: ask somebody who can share it with you"
        )))
    }

    /// Whether he may read the Repository document.
    pub(super) async fn reads(&self, repository: &str) -> Result<bool, ActionError> {
        Ok(readers::may_read(self.site, self.roles, repository).await?)
    }

    /// The repository that a call names, for somebody who may connect a Project with it: he reads it, or works on it.
    pub(super) async fn connectable(&self, arguments: &Arguments) -> Result<String, ActionError> {
        let name = repository_argument(arguments)?;
        match access::repository_named(self.site.db(), name.as_str()).await? {
            Some(repository) if self.reads(&repository).await? || self.works_on(&repository).await? => Ok(repository),
            None if self.is_admin() => Err(unknown(&name)),
            // Whether it is there is not for those to know who may not read it.
            _ => Err(not_yours(Who::Reader, &name)),
        }
    }

    /// Whether he works on the repository: admin, manager of a connected Project, member who may push.
    pub(super) async fn works_on(&self, repository: &str) -> Result<bool, ActionError> {
        if self.is_admin() {
            return Ok(true);
        }
        let (db, user) = (self.site.db(), self.roles.user());
        let projects = access::projects_of(db, repository).await?;
        if access::manages_any(db, user, &projects).await? || access::pushes(db, user, repository).await? {
            return Ok(true);
        }
        if self.roles.has(PROJECTS_MANAGER) {
            for project in &projects {
                if with_document(self.site, self.roles, "Project", project, Right::Write).await? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// Whether the user of `roles` is an admin here.
pub(super) fn is_admin(roles: &Roles) -> bool {
    ADMINS.iter().any(|role| roles.has(role))
}

/// Whether the user of `roles` may say which repositories a Project is connected with: its owner, its manager, or admin.
pub(super) async fn leads(site: &Site, roles: &Roles, project: &str) -> Result<bool, ActionError> {
    if is_admin(roles) {
        return Ok(projects::named(site.db(), project).await?.is_some());
    }
    Ok(access::leads(site.db(), roles.user(), project).await?)
}

/// The repository that a call names, checked against GitHub's rules for names (F-21).
pub(super) fn repository_argument(arguments: &Arguments) -> Result<RepoName, ActionError> {
    let text = arguments.required(&REPOSITORY)?;
    text.parse::<RepoName>()
        .map_err(|error| ActionError::invalid(error.to_string()))
}

/// The Repository document that a call names.
pub(super) async fn known_repository(site: &Site, arguments: &Arguments) -> Result<String, ActionError> {
    let name = repository_argument(arguments)?;
    access::repository_named(site.db(), name.as_str())
        .await?
        .ok_or_else(|| unknown(&name))
}

fn unknown(name: &RepoName) -> ActionError {
    ActionError::Missing(format!(
        "{name} is not mirrored here: fetch the repositories in GitHub Settings first, or make a Repository of that name"
    ))
}

fn not_yours(who: Who, name: &RepoName) -> ActionError {
    ActionError::forbidden(match who {
        Who::Reader => format!("you may not read {name}: ask a GitHub Admin, or somebody who can share the Repository with you"),
        _ => format!(
            "you do not work on {name}: a GitHub Admin, the manager of a connected Project, or a member with push permission may do this"
        ),
    })
}
