//! What a save in the desk means for us. Looked for every few seconds, and at once where the bench tells of a save: both do the same.

use std::collections::BTreeSet;

use crate::frappe::db::DbError;
use crate::frappe::site::Site;
use crate::frappe::users;
use crate::store::settings::Settings;
use crate::store::watch::{self, Saved, Watched};
use crate::store::{
    People, Stamp, Touched, by_hand, left_out, logins, project_links, project_names, readers, release_rules, relink, tasks, tell,
};

use crate::webhook::hooks;

use super::grants::end_here_of_people_who_left;
use super::{ActionError, Services, installations, saved_tokens};

/// In whose name: nobody pressed a button for it.
const WRITER: &str = "Administrator";

/// A step that follows from saves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Secrets of GitHub Settings are stored properly; the first credential switches the integration on.
    Settings,
    /// Repositories that were made by hand get owner and address.
    Repositories,
    /// What repositories' own tokens may do is said on their forms.
    Tokens,
    /// Rows of people say which users they are.
    People,
    /// Who left acts on GitHub no more.
    Connections,
    /// What names Projects by text follows their renames.
    Names,
    /// Installations whose users lead their Projects again go on.
    Installations,
    /// Projects and Repositories name each other.
    Links,
    /// Issues and pull requests name their Task.
    Tasks,
    /// The role and the User Permissions.
    Readers,
    /// Releases name the Project or Task that a rule gives them.
    Releases,
    /// What was switched on in an integration is read.
    Services,
    /// Webhooks on GitHub are as Settings, Repositories and integrations want them.
    Webhooks,
}

impl Step {
    /// In this order: what one writes, a later one reads.
    const ALL: [Self; 13] = [
        Self::Settings,
        Self::Repositories,
        Self::People,
        Self::Connections,
        Self::Names,
        Self::Installations,
        Self::Links,
        Self::Tasks,
        Self::Readers,
        Self::Releases,
        Self::Services,
        // It waits for GitHub.
        Self::Tokens,
        Self::Webhooks,
    ];

    /// The DocTypes whose saves it follows from.
    fn follows(self) -> &'static [Watched] {
        match self {
            Self::Settings => &[Watched::Settings],
            Self::Repositories | Self::Tokens => &[Watched::Repository],
            Self::People | Self::Connections => &[Watched::User],
            Self::Links => &[Watched::Project, Watched::Repository, Watched::ProjectRepository],
            Self::Names => &[Watched::Project, Watched::ProjectRepository, Watched::Release],
            Self::Installations => &[Watched::Project, Watched::User],
            Self::Tasks => &[Watched::Task],
            Self::Services => &[Watched::Integration],
            Self::Webhooks => &[Watched::Settings, Watched::Repository, Watched::Integration],
            Self::Releases => &[Watched::ReleaseRule],
            Self::Readers => &[
                Watched::Project,
                Watched::Repository,
                Watched::ProjectRepository,
                Watched::User,
                Watched::UserPermission,
            ],
        }
    }
}

/// Does what follows from everything that was saved since the last look; true when something was. A step that fails leaves its DocTypes
/// for the next look, and does not keep the others from being done.
///
/// # Errors
/// The first error, after all steps.
pub async fn look(services: &dyn Services, site: &Site) -> Result<bool, ActionError> {
    let db = site.db();
    let now = site.clock().now();
    let saved = watch::look(db, site.zone().await?, now).await?;
    if saved.is_empty() {
        return Ok(false);
    }
    let (mut error, mut failed) = (None, BTreeSet::new());
    for step in Step::ALL {
        let concerned: Vec<&Saved> = saved.iter().filter(|one| step.follows().contains(&one.doctype)).collect();
        if concerned.is_empty() {
            continue;
        }
        if let Err(reason) = act(services, site, step, &concerned).await {
            failed.extend(concerned.iter().map(|one| one.doctype));
            error.get_or_insert(reason);
        }
    }
    for one in saved.iter().filter(|one| !failed.contains(&one.doctype)) {
        watch::note(db, one, now).await?;
    }
    error.map_or(Ok(true), Err)
}

async fn act(services: &dyn Services, site: &Site, step: Step, saved: &[&Saved]) -> Result<(), ActionError> {
    let db = site.db();
    let stamp = Stamp::now(site, WRITER).await?;
    let touched = match step {
        Step::Settings => return services.settings_saved(site).await,
        Step::Tokens => return saved_tokens::look(services, site).await,
        Step::Repositories => {
            let visibility = Settings::read(db).await?.default_visibility;
            by_hand::complete(db, &stamp, &services.web_url(site)?, &visibility).await?
        }
        Step::Connections => {
            return match services.grants(site).await {
                Ok(Some(grants)) => Ok(grants.end_of_people_who_left().await.map(drop)?),
                Err(error) if error.database().is_some() => Err(error),
                // Without what proves the App GitHub cannot be told. That who left is not acted for does not wait for it.
                Ok(None) | Err(_) => Ok(end_here_of_people_who_left(site).await?),
            };
        }
        Step::People => people(site, &stamp).await?,
        Step::Names => {
            let settled = project_names::settle(db).await?;
            if settled.gone.is_empty() && settled.cleared == 0 {
                return Ok(());
            }
            // Where it was merged into another one, the rules name that by now.
            release_rules::settle(db, &stamp).await?
        }
        Step::Installations => return installations::resume(site).await,
        // Both tell the desk themselves.
        Step::Links => return project_links::settle(site, WRITER).await.map(drop).map_err(ActionError::from),
        Step::Readers => return Ok(readers::settle(site).await.map(drop)?),
        Step::Services => return Ok(left_out::look_again(db, stamp.now).await?),
        // What is to be done about them on GitHub, the schedule does right after.
        Step::Webhooks => return Ok(hooks::prepare(site, true).await?),
        Step::Releases => release_rules::settle(db, &stamp).await?,
        Step::Tasks => {
            let since = saved.iter().find_map(|one| one.since);
            tasks::settle(db, &stamp, since).await?
        }
    };
    tell(site, WRITER, &touched).await;
    Ok(())
}

/// Everybody who is somebody else now, or nobody any more, is linked anew, as at the end of a sync.
async fn people(site: &Site, stamp: &Stamp) -> Result<Vec<Touched>, DbError> {
    let db = site.db();
    let known: People = logins::people(db, &users::people(db).await?).await?;
    let mentions = logins::mentioned(db).await?;
    Ok(relink(db, stamp, &known, &mentions).await?.touched)
}
