//! Tokens of installations.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::super::answer::Answer;
use super::super::super::app_token::SUSPENDED;
use super::super::super::change::Change;
use super::super::super::incoming::Incoming;
use super::super::super::json::{Object, array};
use super::super::super::view::{View, stamp};
use super::super::super::world::{Grant, Installation, Token, World, holds};
use super::super::repositories::{Shape, repository};
use super::found;

/// GitHub's bound of repositories for a token.
const MOST: usize = 500;
const DOCS: &str = "rest/apps/apps#create-an-installation-access-token-for-an-app";

/// `POST /app/installations/{installation_id}/access_tokens`.
pub(super) fn create(view: View<'_>, incoming: &Incoming, id: &str) -> Result<Change, Answer> {
    let installation = found(view, id)?;
    if installation.suspended.is_some() {
        return Err(Answer::error(403, SUSPENDED, DOCS));
    }
    let sent: Value = match incoming.body.as_str() {
        "" => Value::Null,
        body => serde_json::from_str(body).map_err(|_| Answer::error(400, "Problems parsing JSON", DOCS))?,
    };
    let grant = Grant {
        installation: installation.id,
        account: installation.account.clone(),
        permissions: permissions(installation, &sent["permissions"])?,
        repositories: repositories(view, installation, &sent)?,
    };
    Ok(Change::of_world(
        move |world: &mut World| world.grant_token(grant),
        |view, token| shown(view, &token),
    ))
}

/// `DELETE /installation/token`.
pub(super) fn revoke(view: View<'_>) -> Result<Change, Answer> {
    let Some(token) = view.caller.token.as_ref().filter(|token| token.grant.is_some()) else {
        return Err(Answer::error(403, super::NOT_ACCESSIBLE, DOCS));
    };
    let secret = token.secret.clone();
    Ok(Change::silent(move |world| world.tokens.retain(|one| one.secret != secret)))
}

fn permissions(installation: &Installation, sent: &Value) -> Result<BTreeMap<String, String>, Answer> {
    let Some(wanted) = sent.as_object() else {
        return Ok(installation.permissions.clone());
    };
    let mut all = BTreeMap::new();
    for (name, level) in wanted {
        let level = level.as_str().unwrap_or_default();
        // Every installation may read metadata.
        if !holds(&installation.permissions, name, level) && (name.as_str(), level) != ("metadata", "read") {
            let message = "The permissions requested are not granted to this installation.";
            return Err(Answer::error(422, message, DOCS));
        }
        all.insert(name.clone(), level.to_owned());
    }
    all.insert("metadata".to_owned(), "read".to_owned());
    Ok(all)
}

fn repositories(view: View<'_>, installation: &Installation, sent: &Value) -> Result<Option<BTreeSet<u64>>, Answer> {
    let (ids, names) = (sent["repository_ids"].as_array(), sent["repositories"].as_array());
    if ids.is_none() && names.is_none() {
        return Ok(None);
    }
    let refused = || {
        let message = "There is at least one repository that does not exist or is not accessible to the parent installation.";
        Answer::error(422, message, DOCS)
    };
    let by_id = ids
        .into_iter()
        .flatten()
        .map(|id| id.as_u64().and_then(|id| view.world.repositories.get(&id)));
    let by_name = names
        .into_iter()
        .flatten()
        .map(|name| view.world.find(&format!("{}/{}", installation.account, name.as_str()?)));
    let mut all = BTreeSet::new();
    for found in by_id.chain(by_name) {
        let home = found.filter(|home| installation.reaches(home)).ok_or_else(refused)?;
        all.insert(home.id);
    }
    if all.len() > MOST { Err(refused()) } else { Ok(Some(all)) }
}

fn shown(view: View<'_>, token: &Token) -> Answer {
    let Some(grant) = &token.grant else {
        return Answer::not_found();
    };
    let installation = view.world.installations.get(&grant.installation);
    let selection = match &grant.repositories {
        Some(_) => "selected",
        None => installation.map_or("all", Installation::selection),
    };
    let mut object = Object::new();
    object
        .put("token", &token.secret)
        .put("expires_at", &token.expires_at.map(stamp))
        .put("permissions", &grant.permissions)
        .put("repository_selection", selection);
    if let Some(ids) = &grant.repositories {
        let homes = ids.iter().filter_map(|id| view.world.repositories.get(id));
        object.raw("repositories", &array(homes.map(|home| repository(view, home, Shape::Plain))));
    }
    Answer {
        status: 201,
        ..Answer::ok(object.end())
    }
}
