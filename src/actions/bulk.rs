//! `bulk_create_issues`: many issues in one call, none of them twice.

use serde_json::{Map, Value};

use crate::domain::Service;
use crate::frappe::naming::stable_child_name;
use crate::github::{NewIssue, Write};
use crate::store::Stamp;
use crate::store::writes::{self, ActingAs, BatchItem, NewBatch};
use crate::telemetry::Reporter as _;

use super::logins::Directory;
use super::progress::DeskProgress;
use super::writing::{self, batch};
use super::{ActionError, Arguments, Call, issues, lists, long_work};

/// What an item of the list may hold.
const KNOWN: [&str; 4] = ["title", "body", "assignees", "labels"];
/// So many of the list's faults are named.
const NAMED: usize = 10;

/// `bulk_create_issues(repository, issues)`: a list of objects with `title`, `body`, `assignees`, `labels`. All of it is checked before the
/// first is sent. The same list again goes on with what was left of it.
pub(super) async fn create(call: &Call<'_>) -> Result<Value, ActionError> {
    let repository = lists::repository(call).await?;
    let items = drafts(call).await?;
    let progress = DeskProgress::of(call, &format!("GitHub: new issues in {repository}"), true);
    let context = call
        .services
        .sync_context(call.site, &call.caller.user, progress.clone())
        .await?;
    let actor = writing::actor(call, &repository, Service::Issues).await?;
    let (account, repository_id) = writing::who_and_where(call, &actor, &repository).await?;
    // Nobody goes on with what was begun in another name. By a token that is everybody's, two who give the same list mean the same issues.
    let (acting_as, number) = writing::name_of(actor.acting_as, account.as_ref());
    let user = (actor.acting_as == ActingAs::User).then_some(call.caller.user.as_str());
    let whose = [user.unwrap_or_default(), acting_as, number.as_str()];
    let parts: Vec<&str> = ["GitHub Write batch", repository.as_str()]
        .into_iter()
        .chain(whose)
        .chain(items.iter().map(|item| item.request.as_str()))
        .collect();
    let new = NewBatch {
        kind: "create_issue",
        repository: repository.as_str(),
        repository_id,
        acting: account.as_ref(),
        acting_as: actor.acting_as,
        key: &stable_child_name(&parts),
        items: &items,
    };
    let stamp = Stamp::now(call.site, call.caller.user.as_str()).await?;
    let name = writes::begin_batch(call.site.db(), &stamp, &new).await?;
    progress.begun(&name);
    progress.counts([("created", 0), ("failed", 0)]);
    let what = format!("writes {name}");
    long_work::answer_once(call, &progress, what, async move {
        // Boxed, because it holds all of a write, its mirror included.
        let mut worked = Box::pin(batch::work(&context, &name)).await?;
        batch::answer(&context, &name, &mut worked).await
    })
    .await
}

/// The list, each item as it will be sent.
async fn drafts(call: &Call<'_>) -> Result<Vec<BatchItem>, ActionError> {
    let list = call.arguments.objects("issues")?;
    if list.is_empty() {
        return Err(ActionError::invalid(
            "`issues` is empty: give a JSON list such as [{\"title\": \"A title\"}]",
        ));
    }
    let directory = Directory::read(call.site.db()).await?;
    let (mut items, mut faults) = (Vec::with_capacity(list.len()), Vec::new());
    for (place, item) in (1..).zip(list) {
        match draft(item, &directory) {
            Ok(issue) => items.push(written_down(issue)?),
            Err(reason) => faults.push(format!("issue {place}: {reason}")),
        }
    }
    if faults.is_empty() {
        return Ok(items);
    }
    let more = faults.len().saturating_sub(NAMED);
    faults.truncate(NAMED);
    let more = if more > 0 {
        format!("; and {more} more")
    } else {
        String::new()
    };
    Err(ActionError::invalid(format!("nothing was sent. {}{more}", faults.join("; "))))
}

fn draft(mut item: Map<String, Value>, directory: &Directory) -> Result<NewIssue, ActionError> {
    item.retain(|_, value| !value.is_null());
    if let Some(odd) = item.keys().find(|key| !KNOWN.contains(&key.as_str())) {
        let shown: String = odd.chars().take(60).collect();
        return Err(ActionError::invalid(format!(
            "`{shown}` is not understood; an issue has {}",
            KNOWN.join(", ")
        )));
    }
    issues::drafted(&Arguments::new(item), directory)
}

fn written_down(issue: NewIssue) -> Result<BatchItem, ActionError> {
    let request = serde_json::to_string(&Write::CreateIssue(issue));
    let request = request.map_err(|error| ActionError::invalid(format!("the list cannot be written down: {error}")))?;
    Ok(BatchItem { request })
}
