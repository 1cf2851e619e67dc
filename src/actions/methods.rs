//! Every method that the desk and scripts may call, whether it writes, and who may call it. One row a method.

/// Who may call a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    /// GitHub Admin; System Manager counts as one.
    Admin,
    /// Who works on the repository that is named: manager of a connected Project, or member with push permission.
    Worker,
    /// Who works on the repository of the issue that is named.
    IssueWorker,
    /// Who may read the Repository document that is named.
    Reader,
    /// Who may read the Project that is named.
    ProjectReader,
    /// Who may read the Task that is named.
    TaskReader,
    /// Who may write the Project that is named.
    ProjectWriter,
    /// Owner of the Project that is named, its manager, or admin.
    ProjectLead,
    /// Who may read the Repository document that is named, or where none is, the Project.
    FeedReader,
    /// Whose installation of the App it is that is named, and who leads the Project that is named.
    Installer,
    /// Any user of the desk.
    DeskUser,
    /// Anybody who is logged in, about himself.
    Oneself,
}

/// A method of the Python app, kept under its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Method {
    /// Path after `/api/method/`.
    pub path: &'static str,
    /// It changes something here or on GitHub: POST only, with the session's token.
    pub writes: bool,
    /// Who may call it.
    pub who: Who,
    /// DocType of ERPNext of which it makes a document: Frappe's own right to create one is needed besides.
    pub creates: Option<&'static str>,
    /// What it does.
    pub action: Action,
}

/// What a method does; two paths may do the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is named as its method, which the contract describes")]
pub enum Action {
    ActivityFeed,
    AddPrReviewer,
    AssignIssue,
    BulkCreateIssues,
    BulkImportGithubData,
    BulkLinkGithubUsers,
    CanUserSyncRepo,
    CheckInstallation,
    CheckIntegration,
    ChildRows,
    ChooseRepositories,
    ConnectGithub,
    ConnectableOrganizations,
    ConnectRepository,
    ConnectVisibleRepositories,
    CreateApp,
    CreateIntegrations,
    CreateIssue,
    CreateProjectFromRepository,
    CreatePullRequest,
    CreateRepositoryWebhook,
    CreateTaskFromGithubIssue,
    DeleteWebhook,
    DisconnectGithub,
    DisconnectRepository,
    EventPayload,
    FetchAllRepositories,
    FinishInstallation,
    FollowRepositories,
    FollowRepository,
    GetGithubUsernameByEmail,
    GetRepositoryActivity,
    GetRepositoryStatistics,
    GetSyncStatistics,
    GetUserRepositories,
    InstallApp,
    IntegrationOverview,
    LatestInstallation,
    LendConnection,
    TakeBackConnection,
    LinkGithubUserToErp,
    LinkRepositoryToProject,
    ListAssignees,
    ListBranches,
    ListLabels,
    ListMilestones,
    ListRepoMembers,
    ListRepositories,
    ListRepositoryWebhooks,
    ListTeams,
    ManageRepoAccess,
    MyConnection,
    PingWebhook,
    ProjectOverview,
    ProjectRepositories,
    RedeliverWebhook,
    ReleaseBelongs,
    ReleaseTarget,
    RemoveAppKey,
    RepositoryOverview,
    RetryEvent,
    Rights,
    SetAppKey,
    SettingsOverview,
    StartSyncAllRepositories,
    SyncAllRepositories,
    SyncRepo,
    SyncRepoMembers,
    SyncUserGithubProfile,
    TaskOverview,
    TestConnection,
    WebhookDeliveries,
    Webhooks,
}

const fn reads(path: &'static str, who: Who, action: Action) -> Method {
    Method {
        path,
        writes: false,
        who,
        creates: None,
        action,
    }
}

const fn writes(path: &'static str, who: Who, action: Action) -> Method {
    Method {
        writes: true,
        ..reads(path, who, action)
    }
}

const fn creates(path: &'static str, who: Who, doctype: &'static str, action: Action) -> Method {
    Method {
        creates: Some(doctype),
        ..writes(path, who, action)
    }
}

/// Modules of the Python app, whose paths are kept, and `desk`, which is ours.
macro_rules! path {
    (api $name:literal) => {
        concat!("erpnext_github_integration.api.", $name)
    };
    (desk $name:literal) => {
        concat!("erpnext_github_integration.desk.", $name)
    };
    (github_api $name:literal) => {
        concat!("erpnext_github_integration.github_api.", $name)
    };
}

/// All of them, by path.
pub const METHODS: &[Method] = &[
    writes(path!(api "bulk_import_github_data"), Who::Admin, Action::BulkImportGithubData),
    writes(path!(api "bulk_link_github_users"), Who::Admin, Action::BulkLinkGithubUsers),
    reads(path!(api "can_user_sync_repo"), Who::DeskUser, Action::CanUserSyncRepo),
    creates(
        path!(api "create_project_from_repository"),
        Who::Worker,
        "Project",
        Action::CreateProjectFromRepository,
    ),
    creates(
        path!(api "create_task_from_github_issue"),
        Who::IssueWorker,
        "Task",
        Action::CreateTaskFromGithubIssue,
    ),
    reads(
        path!(api "get_repository_statistics"),
        Who::Reader,
        Action::GetRepositoryStatistics,
    ),
    reads(path!(api "get_user_repositories"), Who::DeskUser, Action::GetUserRepositories),
    writes(path!(api "link_github_user_to_erp"), Who::Admin, Action::LinkGithubUserToErp),
    writes(
        path!(api "link_repository_to_project"),
        Who::ProjectWriter,
        Action::LinkRepositoryToProject,
    ),
    writes(
        path!(api "sync_user_github_profile"),
        Who::Oneself,
        Action::SyncUserGithubProfile,
    ),
    reads(path!(desk "activity_feed"), Who::FeedReader, Action::ActivityFeed),
    writes(path!(desk "check_installation"), Who::DeskUser, Action::CheckInstallation),
    writes(path!(desk "check_integration"), Who::Admin, Action::CheckIntegration),
    reads(path!(desk "child_rows"), Who::Reader, Action::ChildRows),
    writes(path!(desk "choose_repositories"), Who::Installer, Action::ChooseRepositories),
    writes(path!(desk "connect_github"), Who::DeskUser, Action::ConnectGithub),
    writes(path!(desk "connect_repository"), Who::ProjectLead, Action::ConnectRepository),
    writes(
        path!(desk "connectable_organizations"),
        Who::Admin,
        Action::ConnectableOrganizations,
    ),
    writes(
        path!(desk "connect_visible_repositories"),
        Who::ProjectLead,
        Action::ConnectVisibleRepositories,
    ),
    writes(path!(desk "create_app"), Who::Admin, Action::CreateApp),
    writes(path!(desk "create_integrations"), Who::Admin, Action::CreateIntegrations),
    writes(path!(desk "delete_webhook"), Who::Admin, Action::DeleteWebhook),
    writes(path!(desk "disconnect_github"), Who::DeskUser, Action::DisconnectGithub),
    writes(
        path!(desk "disconnect_repository"),
        Who::ProjectLead,
        Action::DisconnectRepository,
    ),
    reads(path!(desk "event_payload"), Who::Admin, Action::EventPayload),
    writes(path!(desk "finish_installation"), Who::Installer, Action::FinishInstallation),
    writes(path!(desk "follow_repositories"), Who::Admin, Action::FollowRepositories),
    writes(path!(desk "follow_repository"), Who::ProjectLead, Action::FollowRepository),
    writes(path!(desk "install_app"), Who::DeskUser, Action::InstallApp),
    reads(path!(desk "integration_overview"), Who::Admin, Action::IntegrationOverview),
    reads(path!(desk "latest_installation"), Who::DeskUser, Action::LatestInstallation),
    reads(path!(desk "my_connection"), Who::DeskUser, Action::MyConnection),
    writes(path!(desk "lend_connection"), Who::Admin, Action::LendConnection),
    writes(path!(desk "take_back_connection"), Who::DeskUser, Action::TakeBackConnection),
    writes(path!(desk "ping_webhook"), Who::Admin, Action::PingWebhook),
    reads(path!(desk "project_overview"), Who::ProjectReader, Action::ProjectOverview),
    reads(
        path!(desk "project_repositories"),
        Who::ProjectLead,
        Action::ProjectRepositories,
    ),
    writes(path!(desk "redeliver_webhook"), Who::Admin, Action::RedeliverWebhook),
    reads(path!(desk "release_belongs"), Who::Reader, Action::ReleaseBelongs),
    reads(path!(desk "release_target"), Who::Admin, Action::ReleaseTarget),
    writes(path!(desk "remove_app_key"), Who::Admin, Action::RemoveAppKey),
    reads(path!(desk "repository_overview"), Who::Reader, Action::RepositoryOverview),
    writes(path!(desk "retry_event"), Who::Admin, Action::RetryEvent),
    reads(path!(desk "rights"), Who::DeskUser, Action::Rights),
    writes(path!(desk "set_app_key"), Who::Admin, Action::SetAppKey),
    reads(path!(desk "settings_overview"), Who::Admin, Action::SettingsOverview),
    reads(path!(desk "task_overview"), Who::TaskReader, Action::TaskOverview),
    reads(path!(desk "webhook_deliveries"), Who::Admin, Action::WebhookDeliveries),
    reads(path!(desk "webhooks"), Who::Admin, Action::Webhooks),
    writes(path!(github_api "add_pr_reviewer"), Who::Worker, Action::AddPrReviewer),
    writes(path!(github_api "assign_issue"), Who::Worker, Action::AssignIssue),
    writes(path!(github_api "bulk_create_issues"), Who::Admin, Action::BulkCreateIssues),
    reads(path!(github_api "can_user_sync_repo"), Who::DeskUser, Action::CanUserSyncRepo),
    writes(path!(github_api "create_issue"), Who::Worker, Action::CreateIssue),
    writes(
        path!(github_api "create_pull_request"),
        Who::Worker,
        Action::CreatePullRequest,
    ),
    writes(
        path!(github_api "create_repository_webhook"),
        Who::Admin,
        Action::CreateRepositoryWebhook,
    ),
    writes(
        path!(github_api "fetch_all_repositories"),
        Who::Admin,
        Action::FetchAllRepositories,
    ),
    reads(
        path!(github_api "get_github_username_by_email"),
        Who::Admin,
        Action::GetGithubUsernameByEmail,
    ),
    reads(
        path!(github_api "get_repository_activity"),
        Who::Reader,
        Action::GetRepositoryActivity,
    ),
    reads(path!(github_api "get_sync_statistics"), Who::Admin, Action::GetSyncStatistics),
    reads(path!(github_api "list_assignees"), Who::Reader, Action::ListAssignees),
    reads(path!(github_api "list_branches"), Who::Reader, Action::ListBranches),
    reads(path!(github_api "list_labels"), Who::Reader, Action::ListLabels),
    reads(path!(github_api "list_milestones"), Who::Reader, Action::ListMilestones),
    reads(path!(github_api "list_repo_members"), Who::Reader, Action::ListRepoMembers),
    reads(path!(github_api "list_repositories"), Who::Admin, Action::ListRepositories),
    reads(
        path!(github_api "list_repository_webhooks"),
        Who::Admin,
        Action::ListRepositoryWebhooks,
    ),
    reads(path!(github_api "list_teams"), Who::Admin, Action::ListTeams),
    writes(path!(github_api "manage_repo_access"), Who::Admin, Action::ManageRepoAccess),
    writes(
        path!(github_api "start_sync_all_repositories"),
        Who::Admin,
        Action::StartSyncAllRepositories,
    ),
    writes(
        path!(github_api "sync_all_repositories"),
        Who::Admin,
        Action::SyncAllRepositories,
    ),
    writes(path!(github_api "sync_repo"), Who::Worker, Action::SyncRepo),
    writes(path!(github_api "sync_repo_members"), Who::Worker, Action::SyncRepoMembers),
    reads(path!(github_api "test_connection"), Who::Admin, Action::TestConnection),
];

impl Method {
    /// True for what is answered on a copy of a site, too, where nothing is done (D17): why that is so.
    #[must_use]
    pub fn is_for_copies(&self) -> bool {
        self.action == Action::SettingsOverview
    }
}

/// The method of that path.
#[must_use]
pub fn find(path: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.path == path)
}
