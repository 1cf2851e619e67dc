//! Work that may take longer than its caller waits: it goes on whatever becomes of the call, and his desks are told how far it is.
//!
//! A call waits for the end, at most [`PATIENCE`]; with `background=1` only until it is known which run was begun. What goes on is
//! answered with `status: running`, the counts so far, and `run` and `job`, which every `github_progress` event of the work carries;
//! the last one has `ended: true` and the `answer`, or the `error` as a sentence.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::oneshot;

use crate::sync::SyncError;

use super::progress::DeskProgress;
use super::{ActionError, Call};

/// The desk waits two minutes for an answer; what takes longer goes on without it.
pub(super) const PATIENCE: Duration = Duration::from_secs(100);
/// A call that does not want to wait waits so long for the name of the run: GitHub is asked before there is one.
const NAMED_WITHIN: Duration = Duration::from_secs(5);

/// Work that goes on whatever becomes of the call.
pub(super) struct LongWork {
    progress: Arc<DeskProgress>,
    ended: oneshot::Receiver<Result<Value, ActionError>>,
}

/// What a call waited for.
pub(super) enum Waited {
    /// The work ended, and gives its answer.
    Ended(Result<Value, ActionError>),
    /// It goes on; this is the answer meanwhile.
    GoesOn(Value),
}

/// Begins `work`, which gives the answer of the method, and tells the caller's desks of it until it ended.
pub(super) fn begin(
    call: &Call<'_>,
    progress: &Arc<DeskProgress>,
    work: impl Future<Output = Result<Value, ActionError>> + Send + 'static,
) -> LongWork {
    let (tell, ended) = oneshot::channel();
    let (site, told, teller) = (call.site.name().to_owned(), progress.clone(), progress.clone().tell());
    let work = async move {
        let result = work.await;
        told.end(&result);
        if let Err(Err(error)) = tell.send(result) {
            // Nobody waits any more.
            tracing::warn!(site, error = %error, "work that somebody asked for failed");
        }
    };
    call.services.go_on(Box::pin(async move {
        tokio::join!(work, teller);
    }));
    LongWork {
        progress: progress.clone(),
        ended,
    }
}

/// Begins `work` and answers the call: with its answer, or that it goes on.
pub(super) async fn answer(
    call: &Call<'_>,
    progress: &Arc<DeskProgress>,
    work: impl Future<Output = Result<Value, ActionError>> + Send + 'static,
) -> Result<Value, ActionError> {
    match begin(call, progress, work).wait(call).await {
        Waited::Ended(result) => result,
        Waited::GoesOn(answer) => Ok(answer),
    }
}

impl LongWork {
    /// Waits as long as the caller does: for the end, or with `background` for the beginning of the run.
    pub(super) async fn wait(mut self, call: &Call<'_>) -> Waited {
        let enough = async {
            if call.arguments.flag("background") {
                // Without a name the work goes on all the same.
                drop(tokio::time::timeout(NAMED_WITHIN, self.progress.named()).await);
            } else {
                tokio::time::sleep(call.services.patience()).await;
            }
        };
        tokio::select! {
            biased;
            result = &mut self.ended => Waited::Ended(result.unwrap_or_else(|_| Err(SyncError::Stopped.into()))),
            () = enough => Waited::GoesOn(self.progress.running()),
        }
    }
}
