//! Every method that the desk and scripts may call, whether it writes, and who may call it. One row a method.

/// Who may call a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    /// GitHub Admin; System Manager counts as one.
    Admin,
    /// Who works on the repository that is named: manager of a connected Project, or member with push permission.
    Worker,
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
    /// What it does.
    pub action: Action,
}

/// What a method does; two paths may do the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is named as its method, which the contract describes")]
pub enum Action {
    CanUserSyncRepo,
    GetRepositoryStatistics,
    GetSyncStatistics,
    GetUserRepositories,
}

const fn reads(path: &'static str, who: Who, action: Action) -> Method {
    Method {
        path,
        writes: false,
        who,
        action,
    }
}

/// All of them, by path.
pub const METHODS: &[Method] = &[
    reads(
        "erpnext_github_integration.api.can_user_sync_repo",
        Who::DeskUser,
        Action::CanUserSyncRepo,
    ),
    reads(
        "erpnext_github_integration.api.get_repository_statistics",
        Who::Reader,
        Action::GetRepositoryStatistics,
    ),
    reads(
        "erpnext_github_integration.api.get_user_repositories",
        Who::DeskUser,
        Action::GetUserRepositories,
    ),
    reads(
        "erpnext_github_integration.github_api.can_user_sync_repo",
        Who::DeskUser,
        Action::CanUserSyncRepo,
    ),
    reads(
        "erpnext_github_integration.github_api.get_sync_statistics",
        Who::Admin,
        Action::GetSyncStatistics,
    ),
];

/// The method of that path.
#[must_use]
pub fn find(path: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.path == path)
}
