//! Work that may take longer than its caller waits: it goes on whatever becomes of the call, and his desks are told how far it is.
//!
//! A call waits for the end, at most [`PATIENCE`]; with `background=1` only until it is known which run was begun. What goes on is
//! answered with `status: running`, the counts so far, and `run` and `job`, which every `github_progress` event of the work carries;
//! the last one has `ended: true` and the `answer`, or the `error` as a sentence. Who asks for the same meanwhile is shown what is under
//! way, and is told of it, too.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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

/// What is under way in this process, by site and what it is. Clones are the same list.
#[derive(Clone, Default)]
pub struct LongWorks(Arc<Mutex<BTreeMap<Key, Arc<DeskProgress>>>>);

/// A site, and what is done there.
type Key = (String, String);

impl std::fmt::Debug for LongWorks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.locked().keys()).finish()
    }
}

/// A place in the list, until it is dropped.
struct Claim {
    list: LongWorks,
    key: Key,
}

impl LongWorks {
    /// Puts `progress` on the list; gives what is there already where the same is under way.
    fn claim(&self, key: Key, progress: &Arc<DeskProgress>) -> Result<Claim, Arc<DeskProgress>> {
        let mut list = self.locked();
        if let Some(there) = list.get(&key) {
            return Err(there.clone());
        }
        list.insert(key.clone(), progress.clone());
        Ok(Claim { list: self.clone(), key })
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<Key, Arc<DeskProgress>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.list.locked().remove(&self.key);
    }
}

/// Work that goes on whatever becomes of the call.
pub(super) struct LongWork {
    progress: Arc<DeskProgress>,
    /// None where somebody else asked for the same before.
    ended: Option<oneshot::Receiver<Result<Value, ActionError>>>,
}

/// What a call waited for.
pub(super) enum Waited {
    /// The work ended, and gives its answer.
    Ended(Result<Value, ActionError>),
    /// It goes on; this is the answer meanwhile.
    GoesOn(Value),
}

/// Begins `work`, which gives the answer of the method, and tells the caller's desks of it until it ended; unless the same (as `what` says) is under way on the site, which the caller is then shown, and told of from now on.
pub(super) fn begin_once(
    call: &Call<'_>,
    progress: &Arc<DeskProgress>,
    what: impl Into<String>,
    work: impl Future<Output = Result<Value, ActionError>> + Send + 'static,
) -> LongWork {
    let key = (call.site.name().to_owned(), what.into());
    match call.services.long_works().claim(key, progress) {
        Ok(claim) => start(call, progress, claim, work),
        Err(progress) => {
            progress.join(&call.caller.user);
            LongWork { progress, ended: None }
        }
    }
}

/// Begins `work`, and tells the caller's desks of it until it ended.
fn start(
    call: &Call<'_>,
    progress: &Arc<DeskProgress>,
    claim: Claim,
    work: impl Future<Output = Result<Value, ActionError>> + Send + 'static,
) -> LongWork {
    let (tell, ended) = oneshot::channel();
    let (site, told, teller) = (call.site.name().to_owned(), progress.clone(), progress.clone().tell());
    let work = async move {
        let result = work.await;
        // Whoever asks from now on begins anew; whoever asked before is told of the end.
        drop(claim);
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
        ended: Some(ended),
    }
}

/// Begins `work`, as [`begin_once`] says, and answers the call: with its answer, or that it goes on.
pub(super) async fn answer_once(
    call: &Call<'_>,
    progress: &Arc<DeskProgress>,
    what: impl Into<String>,
    work: impl Future<Output = Result<Value, ActionError>> + Send + 'static,
) -> Result<Value, ActionError> {
    match begin_once(call, progress, what, work).wait(call).await {
        Waited::Ended(result) => result,
        Waited::GoesOn(answer) => Ok(answer),
    }
}

impl LongWork {
    /// Waits as long as the caller does: for the end, or with `background`, or where it is another's work, for the beginning of the run.
    pub(super) async fn wait(self, call: &Call<'_>) -> Waited {
        let patience = if call.arguments.flag("background") || self.ended.is_none() {
            None
        } else {
            Some(call.services.patience())
        };
        self.wait_for(patience).await
    }

    /// Waits for the end so long, or without a time only until it is known which run was begun.
    async fn wait_for(self, patience: Option<Duration>) -> Waited {
        let Self { progress, ended } = self;
        let enough = async {
            match patience {
                Some(patience) => tokio::time::sleep(patience).await,
                // Without a name the work goes on all the same.
                None => drop(tokio::time::timeout(NAMED_WITHIN, progress.named()).await),
            }
        };
        let end = async {
            match ended {
                Some(ended) => ended.await.unwrap_or_else(|_| Err(SyncError::Stopped.into())),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            result = end => Waited::Ended(result),
            () = enough => Waited::GoesOn(progress.running()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::clock::SystemClock;
    use crate::frappe::db::Databases;
    use crate::frappe::site::Site;
    use crate::frappe::site_config::SiteConfig;
    use crate::telemetry::Reporter as _;

    fn work(has_run: bool) -> (LongWork, oneshot::Sender<Result<Value, ActionError>>) {
        let config = SiteConfig::for_tests(r#"{"db_name": "x", "db_password": "x"}"#);
        let site = Site::new(config, &Databases::new(1), Arc::new(SystemClock)).expect("a site");
        let (end, ended) = oneshot::channel();
        let work = LongWork {
            progress: DeskProgress::new(site, "jane@x.com", "GitHub", has_run),
            ended: Some(ended),
        };
        (work, end)
    }

    fn so_far(waited: Waited) -> Value {
        match waited {
            Waited::GoesOn(answer) => answer,
            Waited::Ended(result) => panic!("it goes on: {result:?}"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn after_100_s_a_call_is_answered_with_the_counts_so_far() {
        let (work, _end) = work(true);
        work.progress.counts([("created", 3)]);
        work.progress.begun("run-1");
        let began = tokio::time::Instant::now();
        let answer = so_far(work.wait_for(Some(PATIENCE)).await);
        assert_eq!(began.elapsed(), Duration::from_secs(100));
        assert_eq!(
            [&answer["created"], &answer["status"], &answer["run"], &answer["success"]],
            [&json!(3), &json!("running"), &json!("run-1"), &json!(true)]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_ended_before_is_the_answer() {
        let (work, end) = work(true);
        end.send(Ok(json!({"created": 4}))).expect("somebody waits");
        let Waited::Ended(Ok(answer)) = work.wait_for(Some(PATIENCE)).await else {
            panic!("it ended")
        };
        assert_eq!(answer, json!({"created": 4}));
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_wait_waits_for_the_name_of_the_run_alone_and_not_long() {
        for (has_run, seconds) in [(false, 0), (true, 5)] {
            let (work, _end) = work(has_run);
            let began = tokio::time::Instant::now();
            so_far(work.wait_for(None).await);
            assert_eq!(began.elapsed(), Duration::from_secs(seconds), "{has_run}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn work_that_was_broken_off_is_no_answer() {
        let (work, end) = work(true);
        drop(end);
        assert!(matches!(work.wait_for(Some(PATIENCE)).await, Waited::Ended(Err(_))));
    }
}
