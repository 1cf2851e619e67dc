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
    CanUserSyncRepo,
    CreateProjectFromRepository,
    CreateTaskFromGithubIssue,
    GetGithubUsernameByEmail,
    GetRepositoryActivity,
    GetRepositoryStatistics,
    GetSyncStatistics,
    GetUserRepositories,
    ListBranches,
    ListRepoMembers,
    ListRepositories,
    ListRepositoryWebhooks,
    ListTeams,
    StartSyncAllRepositories,
    SyncAllRepositories,
    SyncRepo,
    SyncRepoMembers,
    TestConnection,
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

/// Modules of the Python app, whose paths are kept.
macro_rules! path {
    (api $name:literal) => {
        concat!("erpnext_github_integration.api.", $name)
    };
    (github_api $name:literal) => {
        concat!("erpnext_github_integration.github_api.", $name)
    };
}

/// All of them, by path.
pub const METHODS: &[Method] = &[
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
    reads(path!(github_api "can_user_sync_repo"), Who::DeskUser, Action::CanUserSyncRepo),
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
    reads(path!(github_api "list_branches"), Who::Reader, Action::ListBranches),
    reads(path!(github_api "list_repo_members"), Who::Reader, Action::ListRepoMembers),
    reads(path!(github_api "list_repositories"), Who::Admin, Action::ListRepositories),
    reads(
        path!(github_api "list_repository_webhooks"),
        Who::Admin,
        Action::ListRepositoryWebhooks,
    ),
    reads(path!(github_api "list_teams"), Who::Admin, Action::ListTeams),
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

/// The method of that path.
#[must_use]
pub fn find(path: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.path == path)
}
