//! GitHub has done it: its row says so, and its answer is mirrored.

use serde_json::{Value, json};

use crate::domain::Entity;
use crate::github::Write;
use crate::store::writes::{self, Landed, WriteRow};
use crate::store::{Stamp, items, task_links};

use super::super::ActionError;
use super::{Outcome, Press, Writing};

impl Writing {
    /// Notes that `write` was done, and mirrors what GitHub answered. From here on nothing is a failure any more: what could not be
    /// stored is a warning, and is stored later.
    pub(in crate::actions) async fn landed(&self, name: &str, write: &Write, task: Option<&str>, answer: Value) -> Outcome {
        let landed = Landed {
            number: answer["number"].as_u64(),
            url: answer["html_url"].as_str(),
        };
        let noted = async {
            let stamp = Stamp::now(&self.site, self.user.as_str()).await?;
            writes::done(self.site.db(), &stamp, name, landed).await
        };
        self.complain(noted.await);
        self.stored(name, write, task, answer).await
    }

    /// Mirrors what GitHub answered, and notes that it is.
    pub(super) async fn stored(&self, name: &str, write: &Write, task: Option<&str>, answer: Value) -> Outcome {
        match self.mirror(write, &answer, task).await {
            Ok(mirrored) => {
                if mirrored.warning.is_none() || !mirrored.again {
                    self.complain(writes::mirrored(self.site.db(), name).await);
                }
                Outcome {
                    answer,
                    document: mirrored.document,
                    task_modified: mirrored.task_modified,
                    warning: mirrored.warning,
                }
            }
            Err(reason) => {
                tracing::warn!(site = self.site.name(), repository = self.repository.as_str(), error = %reason, "what was done on GitHub is not stored yet");
                let warning = format!(
                    "{} is done on GitHub, but could not be stored here yet: {reason}. The next sync brings it; do not do it again",
                    write.thing()
                );
                Outcome {
                    answer,
                    warning: Some(warning),
                    ..Outcome::default()
                }
            }
        }
    }

    /// What a press shows that met one which is done. That GitHub cannot be read just now makes it no failure.
    pub(super) async fn shown(&self, row: &WriteRow, press: &Press) -> Result<Outcome, ActionError> {
        let db = self.site.db();
        let Some(number) = row.number else {
            return Ok(Outcome::default());
        };
        let (entity, read) = match press.write {
            Write::CreatePullRequest(_) | Write::RequestReviewers { .. } => {
                let read = self.client.pull_request_as_is(&self.repository, number).await;
                (Entity::PullRequest, read)
            }
            _ => (Entity::Issue, self.client.issue_as_is(&self.repository, number).await),
        };
        let answer = read.unwrap_or_else(|_| json!({"number": number, "html_url": row.url}));
        let task_modified = match &row.task {
            Some(task) => task_links::find(db, task).await?.map(|task| task.modified),
            None => None,
        };
        Ok(Outcome {
            answer,
            document: items::document_of(db, self.repository.as_str(), entity, number).await?,
            task_modified,
            warning: None,
        })
    }
}
