//! What the desk's buttons and scripts mean: one function a method, and who may call it.
//!
//! A method is called by somebody on a site: [`call`] holds him to the row of [`METHODS`] first.

mod access;
mod activity;
mod app_key;
mod arguments;
mod bulk;
mod bulk_linking;
mod candidates;
mod child_rows;
mod connecting;
mod connection;
mod erp;
mod error;
mod events;
mod feed;
mod fetching;
pub mod grants;
pub mod hooks;
mod importing;
pub mod installations;
pub mod integrations;
mod issues;
mod linking;
mod lists;
mod logins;
mod long_work;
mod members;
mod methods;
mod my_github;
mod my_installations;
mod overview;
mod own_address;
mod people;
mod profile;
mod progress;
mod project_repositories;
mod pulls;
mod register_app;
mod release_targets;
mod rights;
pub mod saved;
mod saved_tokens;
mod services;
mod statistics;
mod switched_on;
mod syncing;
mod tasks;
mod tested;
mod tour;
mod visible_repositories;
pub mod way_back;
mod writing;

pub use arguments::Arguments;
pub use erp::settle_waiting;
pub use error::ActionError;
pub use long_work::LongWorks;
pub use methods::{Action, METHODS, Method, Who, find};
pub use services::Services;
pub use writing::{is_unsettled, settle_site};

use serde::Serialize;
use serde_json::Value;

use crate::domain::RepoName;
use crate::frappe::auth::Caller;
use crate::frappe::permissions::Roles;
use crate::frappe::site::Site;
use crate::github::Client;

use rights::Rights;

/// Somebody's call on a site.
pub struct Call<'a> {
    /// What the process gives.
    pub services: &'a dyn Services,
    /// The site.
    pub site: &'a Site,
    /// Who calls.
    pub caller: &'a Caller,
    /// With what.
    pub arguments: &'a Arguments,
}

/// Does what `method` says, if the caller may; gives its answer, null for none.
///
/// # Errors
/// When he may not, or it cannot be done.
pub async fn call(method: &Method, call: &Call<'_>) -> Result<Value, ActionError> {
    let roles = Roles::read(call.site.db(), &call.caller.user, call.caller.desk).await?;
    let rights = Rights {
        site: call.site,
        caller: call.caller,
        roles: &roles,
    };
    rights.require(method, call.arguments).await?;
    done(method.action, call, &rights).await
}

/// What `action` says, for a caller who may.
#[expect(clippy::too_many_lines, reason = "a table: one line a method")]
async fn done(action: Action, call: &Call<'_>, rights: &Rights<'_>) -> Result<Value, ActionError> {
    match action {
        Action::BulkImportGithubData => importing::bulk(call).await,
        Action::ConnectGithub => my_github::connect(call).await,
        Action::DisconnectGithub => my_github::disconnect(call).await,
        Action::MyConnection => my_github::mine(call, rights).await,
        Action::InstallApp => installations::install(call, rights).await,
        Action::CheckInstallation => installations::check(call, rights).await,
        Action::ChooseRepositories => installations::choose(call).await,
        Action::LatestInstallation => installations::latest(call, rights).await,
        Action::FinishInstallation => installations::finish(call, rights).await,
        Action::ConnectableOrganizations => integrations::connectable(call).await,
        Action::CreateIntegrations => integrations::create(call).await,
        Action::IntegrationOverview => integrations::overview(call).await,
        Action::FollowRepositories => integrations::follow(call).await,
        Action::CheckIntegration => integrations::check(call).await,
        Action::LendConnection => integrations::lend(call).await,
        Action::TakeBackConnection => integrations::take_back(call).await,
        Action::CreateApp => register_app::create(call).await,
        Action::SetAppKey => app_key::set(call).await,
        Action::RemoveAppKey => app_key::remove(call).await,
        Action::FetchAllRepositories => fetching::all(call).await,
        Action::ChildRows => child_rows::of(call).await,
        Action::ActivityFeed => feed::of(rights, call.arguments).await,
        Action::ConnectRepository => project_repositories::connect(call, rights).await,
        Action::ConnectVisibleRepositories => visible_repositories::connect(call).await,
        Action::DisconnectRepository => project_repositories::disconnect(call).await,
        Action::FollowRepository => project_repositories::follow(call).await,
        Action::ProjectRepositories => project_repositories::list(rights, call.arguments).await,
        Action::ReleaseBelongs => release_targets::of_release(call, rights).await,
        Action::ReleaseTarget => release_targets::check(call).await,
        Action::ProjectOverview => overview::of_project(rights, call.arguments).await,
        Action::RepositoryOverview => overview::of_repository(rights, call.arguments).await,
        Action::Rights => overview::of_caller(rights).await,
        Action::SettingsOverview => overview::of_settings(call).await,
        Action::TaskOverview => overview::of_task(rights, call.arguments).await,
        Action::BulkLinkGithubUsers => bulk_linking::all(call).await,
        Action::EventPayload => events::payload(call).await,
        Action::RetryEvent => events::retry(call).await,
        Action::LinkGithubUserToErp => linking::link(call).await,
        Action::LinkRepositoryToProject => connecting::project(call, rights).await,
        Action::SyncUserGithubProfile => profile::of_oneself(call).await,
        Action::CreateTaskFromGithubIssue => erp::create_task(call).await,
        Action::CreateProjectFromRepository => erp::create_project(call).await,
        Action::TestConnection => connection::test(call).await,
        Action::GetGithubUsernameByEmail => connection::username_by_email(call).await,
        Action::ListRepositories => lists::repositories(call).await,
        Action::ListBranches => lists::branches(call).await,
        Action::ListRepoMembers => lists::members(call).await,
        Action::ListRepositoryWebhooks => lists::webhooks(call).await,
        Action::ListTeams => lists::teams(call).await,
        Action::ListLabels => lists::labels(call).await,
        Action::ListMilestones => lists::milestones(call).await,
        Action::ListAssignees => lists::assignees(call).await,
        Action::CreateIssue => issues::create(call, rights).await,
        Action::BulkCreateIssues => bulk::create(call).await,
        Action::AssignIssue => issues::assign(call).await,
        Action::CreatePullRequest => pulls::create(call, rights).await,
        Action::AddPrReviewer => pulls::add_reviewers(call).await,
        Action::ManageRepoAccess => access::manage(call).await,
        Action::CreateRepositoryWebhook => hooks::create(call).await,
        Action::DeleteWebhook => hooks::delete(call).await,
        Action::PingWebhook => hooks::ping(call).await,
        Action::RedeliverWebhook => hooks::redeliver(call).await,
        Action::WebhookDeliveries => hooks::deliveries(call).await,
        Action::Webhooks => hooks::list(call).await,
        Action::StartSyncAllRepositories => syncing::start_all(call).await,
        Action::SyncAllRepositories => syncing::all(call).await,
        Action::SyncRepoMembers => members::sync(call).await,
        Action::SyncRepo => syncing::repository(call).await,
        Action::GetRepositoryActivity => activity::of_repository(call).await,
        Action::CanUserSyncRepo => people::can_user_sync_repo(rights, call.arguments).await,
        Action::GetUserRepositories => people::get_user_repositories(rights).await,
        Action::GetSyncStatistics => statistics::of_site(call).await,
        Action::GetRepositoryStatistics => statistics::of_repository(call).await,
    }
}

impl Call<'_> {
    /// The same for a repository, with its own credential.
    async fn github_for(&self, repository: &RepoName) -> Result<Client, ActionError> {
        self.services.github_for(self.site, repository.as_str()).await
    }

    /// GitHub, for somebody who waits.
    async fn github(&self) -> Result<Client, ActionError> {
        self.services.github(self.site).await
    }
}

/// The answer as JSON.
fn answer(value: impl Serialize) -> Result<Value, ActionError> {
    serde_json::to_value(value).map_err(|error| ActionError::Invalid(format!("the answer cannot be written: {error}")))
}

/// Name under which the methods take a Project.
const PROJECT: &str = "project";
/// Names under which the methods take a repository.
const REPOSITORY: [&str; 2] = ["repo_full_name", "repository"];
