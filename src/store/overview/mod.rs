//! What the panels at the top of the forms show, each read with a few statements that an index answers.

mod counts;
mod news;
mod offered;
mod project;
mod releases;
mod repository;
mod site;
mod task;

pub use counts::{OpenItems, open_items};
pub use news::{LatestRelease, RecentDelivery, latest_release, recent_deliveries};
pub use offered::{OfferedLabel, OfferedMilestone, offered_labels, offered_milestones};
pub use project::{Waiting, repositories_of, waiting_for_review};
pub use releases::{BelongsTo, LinkedRelease, releases_of, releasing};
pub use repository::{Entry, FailedStep, Run, entry, failed_steps, last_run};
pub use site::{Progress, RecentRun, login_of, progress, recent_runs};
pub use task::{Account, Issue, PullRequest, TaskLinks, branches, issue, pull_request, task};
