//! Somebody installed the App on GitHub, or looks how far that is.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::domain::{RepositorySelection, Stage};
use crate::frappe::desk_path::DeskPath;
use crate::store::installations::{self, InstallationRow};
use crate::store::projects;

use super::super::ActionError;
use super::super::grants::{Purpose, Way};
use super::super::installations::{claim, offered, read_anew};
use super::{Brought, End, Guest};

/// Points of the App's that people who look for installations leave to everything else.
const KEPT: u64 = 1_000;
/// Projects that are offered.
const OFFERED: u32 = 100;

impl Guest<'_> {
    /// `setup`: GitHub sends whoever installed the App, or changed an installation. What it says is a hint: the webhook tells, and where it has not yet,
    /// the connection of whoever set out here does.
    pub(super) async fn with_installation(&self, brought: &Brought) -> Result<End, ActionError> {
        // Who changed an installation on GitHub's own pages did not set out here.
        if brought.state.is_none() {
            return self.told(brought, None).await;
        }
        match self.way(brought, Purpose::InstallApp).await? {
            Ok(way) => self.installed(brought, way).await,
            Err(end) => self.late(brought, end).await,
        }
    }

    /// A way back that is good no more: what was installed counts all the same, and is told as to whoever opens the page anew. Where it leads to nothing
    /// that is his, the page says what is wrong with the way alone.
    pub(super) async fn late(&self, brought: &Brought, end: End) -> Result<End, ActionError> {
        let is_late = matches!(end, End::StateEnded | End::StateUsed);
        if !is_late || !brought.is_of_installation() {
            return Ok(end);
        }
        Ok(match self.told(brought, None).await? {
            End::MissingInstallation | End::NoSuchInstallation | End::NotYours => end,
            then => End::Late {
                has_ended: matches!(end, End::StateEnded),
                then: Box::new(then),
            },
        })
    }

    /// Whoever set out to install it is back.
    pub(super) async fn installed(&self, brought: &Brought, way: Way) -> Result<End, ActionError> {
        self.find(brought).await?;
        self.told(brought, Some(way.back_to)).await
    }

    /// What GitHub's address says of an installation.
    async fn told(&self, brought: &Brought, back_to: Option<DeskPath>) -> Result<End, ActionError> {
        match (&brought.installation_id, brought.setup_action.as_deref()) {
            (None, Some("request")) => Ok(End::Requested),
            (None, _) => Ok(End::MissingInstallation),
            (Some(id), _) => self.of_number(id, back_to).await,
        }
    }

    /// The index: an installation by its number, or the one that he began last.
    pub(super) async fn look(&self, brought: &Brought) -> Result<End, ActionError> {
        if let Some(id) = &brought.installation_id {
            return self.of_number(id, None).await;
        }
        match installations::latest_of(self.site.db(), &self.caller.user).await? {
            Some(row) => self.stands(&row, None).await,
            None => Ok(End::Nothing),
        }
    }

    /// Looks for the installation by his own connection. That it cannot be is no reason not to wait for GitHub's word.
    async fn find(&self, brought: &Brought) -> Result<(), ActionError> {
        let number = brought.installation_id.as_deref().and_then(|id| id.parse().ok());
        let (Some(id), Some(user)) = (number, self.caller.user_id()) else {
            return Ok(());
        };
        let found = match installations::with_id(self.site.db(), id).await? {
            Some(row) if row.course.is_deleted => read_anew(self.services, self.site, user.as_str(), &row).await,
            Some(row) if row.course.stage() != Stage::WaitsForUser => return Ok(()),
            _ => claim(self.services, self.site, &user, Some(id)).await.map(drop),
        };
        match found {
            Ok(()) => Ok(()),
            Err(error) if error.database().is_some() => Err(error),
            Err(error) => {
                tracing::debug!(site = self.site.name(), error = %error, "an installation is waited for");
                Ok(())
            }
        }
    }

    fn waiting(&self, id: Option<u64>, read_in: Option<String>) -> End {
        End::Waiting {
            id,
            read_in,
            csrf_token: self.csrf_token(),
        }
    }

    /// Of one that is nobody's here.
    fn unmatched(&self, row: &InstallationRow) -> End {
        End::Unmatched {
            account: row.account_login.clone(),
            is_given_up: row.is_given_up(),
            at: form("user", &self.caller.user).unwrap_or_default(),
            id: row.id,
            csrf_token: self.csrf_token(),
        }
    }

    async fn of_number(&self, id: &str, back_to: Option<DeskPath>) -> Result<End, ActionError> {
        let Some(id) = id.parse::<u64>().ok().filter(|id| *id > 0) else {
            return Ok(End::NoSuchInstallation);
        };
        let roles = self.roles().await?;
        match installations::with_id(self.site.db(), id).await? {
            Some(row) if row.course.stage() == Stage::WaitsForUser => Ok(self.unmatched(&row)),
            Some(row) if self.rights(&roles).owns(&row) => self.stands(&row, back_to).await,
            Some(_) => Ok(End::NotYours),
            // GitHub may send the person sooner than it tells us.
            None if self.is_there(id).await => Ok(self.waiting(Some(id), None)),
            None => Ok(End::NoSuchInstallation),
        }
    }

    /// Whether GitHub knows an installation of our App of that number; true where it cannot be asked. Whoever types numbers cannot ask so often that
    /// nothing is left for tokens.
    async fn is_there(&self, id: u64) -> bool {
        match self.services.as_app(self.site).await {
            Ok(Some(app)) => !matches!(app.sparing(KEPT).installation(id).await, Ok(None)),
            Ok(None) => false,
            Err(_) => true,
        }
    }

    /// How an installation of his stands.
    async fn stands(&self, row: &InstallationRow, back_to: Option<DeskPath>) -> Result<End, ActionError> {
        let account = row.account_login.clone();
        Ok(match row.course.stage() {
            Stage::WaitsForGithub => self.waiting(row.id, None),
            Stage::IsRead => self.waiting(row.id, Some(account)),
            Stage::WaitsForUser => self.unmatched(row),
            Stage::WaitsForProject => End::ChooseProject {
                installation: row.name.clone(),
                id: row.id,
                account,
                projects: self.projects().await?,
                csrf_token: self.csrf_token(),
            },
            Stage::Suspended => End::Suspended {
                account,
                url: row.html_url.clone(),
                id: row.id,
                csrf_token: self.csrf_token(),
            },
            Stage::Deleted => End::Deleted { account },
            Stage::Failed => End::Failed {
                account,
                reason: row.reason.clone(),
                id: row.id,
                csrf_token: self.csrf_token(),
            },
            Stage::Done if self.is_to_choose(row).await? => self.choose_repositories(row).await?,
            Stage::Done => End::Done {
                is_for_all: row.selection == Some(RepositorySelection::All) && row.project.is_empty(),
                account,
                lacks: Some(row.reason.clone()).filter(|reason| !reason.is_empty()),
                at: form("project", &row.project).or(back_to).unwrap_or_default(),
                project: Some(row.project.clone()).filter(|project| !project.is_empty()),
                accept: row.permissions_pending.then(|| row.html_url.clone()),
            },
        })
    }

    /// Whether it is for all repositories, and nobody said yet which of them its Project is about.
    async fn is_to_choose(&self, row: &InstallationRow) -> Result<bool, ActionError> {
        let (Some(id), Some(RepositorySelection::All)) = (row.id, row.selection) else {
            return Ok(false);
        };
        Ok(!row.project.is_empty() && installations::reached(self.site.db(), id).await?.is_empty())
    }

    async fn choose_repositories(&self, row: &InstallationRow) -> Result<End, ActionError> {
        let (mut repositories, mut problem) = (Vec::new(), None);
        if let (Some(id), Some(user)) = (row.id, self.caller.user_id()) {
            match offered(self.services, self.site, &user, id).await {
                Ok(seen) => repositories = seen.iter().map(|one| (one.id.to_string(), one.name.to_string())).collect(),
                Err(error) if error.database().is_some() => return Err(error),
                Err(error) => problem = Some(error.to_string()),
            }
        }
        Ok(End::ChooseRepositories {
            installation: row.name.clone(),
            id: row.id,
            account: row.account_login.clone(),
            project: row.project.clone(),
            repositories,
            problem,
            at: form("project", &row.project).unwrap_or_default(),
            csrf_token: self.csrf_token(),
        })
    }

    /// The open Projects that he leads.
    async fn projects(&self) -> Result<Vec<(String, String)>, ActionError> {
        let roles = self.roles().await?;
        let leader = (!self.rights(&roles).is_admin()).then(|| roles.user());
        Ok(projects::open(self.site.db(), leader, OFFERED).await?)
    }
}

/// The form of a document of that kind; none for none.
fn form(doctype: &str, name: &str) -> Option<DeskPath> {
    let escaped = utf8_percent_encode(name, NON_ALPHANUMERIC);
    DeskPath::parse(&format!("/app/{doctype}/{escaped}")).filter(|_| !name.is_empty())
}
