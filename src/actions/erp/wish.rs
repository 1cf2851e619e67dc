//! What somebody wants of ERPNext, as it is kept while it waits. Everything else is looked up anew when it is done.

use serde::{Deserialize, Serialize};

use crate::frappe::naming::stable_child_name;

/// One document to be made or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Wish {
    /// A Task of an issue.
    Task(TaskWish),
    /// A Project of a repository.
    Project(ProjectWish),
    /// The members of a repository in a Project.
    Users(UsersWish),
}

/// A Task of an issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TaskWish {
    /// Name of the Repository Issue.
    pub issue: String,
    /// Another subject than the issue's title.
    pub title: Option<String>,
    /// The Project that it belongs to; without it, the one that the repository is connected with.
    pub project: Option<String>,
}

/// A Project of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ProjectWish {
    /// Name of the Repository.
    pub repository: String,
    /// Another title than the one that follows from the repository's name.
    pub title: Option<String>,
    /// Another company than the caller's default.
    pub company: Option<String>,
}

/// The members of a repository in a Project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct UsersWish {
    /// Name of the Repository.
    pub repository: String,
    /// Name of the Project.
    pub project: String,
}

impl Wish {
    /// What is wanted, in a text of at most 170 characters: two wishes with the same one are the same wish.
    pub(super) fn wanted(&self) -> String {
        match self {
            Self::Task(wish) => format!("task:{}", wish.issue),
            Self::Project(wish) => format!("project:{}", wish.repository),
            // Two names would be too long.
            Self::Users(wish) => format!("users:{}", stable_child_name(&[&wish.project, &wish.repository])),
        }
    }

    /// What it is about, for people.
    pub(super) fn what(&self) -> String {
        match self {
            Self::Task(wish) => format!("the task for {}", wish.issue),
            Self::Project(wish) => format!("the project for {}", wish.repository),
            Self::Users(wish) => format!("the members of {} in project {}", wish.repository, wish.project),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_kept_as_it_was_and_its_key_is_short() {
        let long = "x".repeat(140);
        let wishes = [
            Wish::Task(TaskWish {
                issue: long.clone(),
                title: Some("A title".to_owned()),
                project: None,
            }),
            Wish::Project(ProjectWish {
                repository: long.clone(),
                title: None,
                company: Some("ACME".to_owned()),
            }),
            Wish::Users(UsersWish {
                repository: long.clone(),
                project: long,
            }),
        ];
        for wish in wishes {
            let text = serde_json::to_string(&wish).expect("JSON");
            assert_eq!(serde_json::from_str::<Wish>(&text).expect("read back"), wish);
            assert!(wish.wanted().len() <= 170, "{wish:?}");
        }
    }
}
