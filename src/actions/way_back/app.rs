//! An administrator agreed to make an App from our manifest: GitHub's code is exchanged for it, and it is stored.

use secrecy::ExposeSecret as _;
use serde_json::json;
use url::Url;

use crate::frappe::realtime::{Event, Room};
use crate::github::{GithubError, WriteFailure};

use super::super::ActionError;
use super::super::grants::Purpose;
use super::super::installations::TOLD;
use super::{Brought, End, Guest, refused};

const NOT_MADE: &str = "The GitHub App was not made";
const NOT_KEPT: &str = "The GitHub App is not kept here";

impl Guest<'_> {
    /// `app-created`: stores what GitHub gives once. Where a code came along GitHub has made an App, whatever is wrong with the way back: who does not
    /// get it stored is told so.
    pub(super) async fn with_app(&self, brought: &Brought) -> Result<End, ActionError> {
        // What may fail in passing comes first: the way is still good then, and so is GitHub's code.
        let roles = self.roles().await?;
        let (nobody, apps) = (self.services.nobody(self.site).await?, self.apps()?);
        let left = |why| End::AppLeft {
            why: Box::new(why),
            apps: apps.clone(),
        };
        let way = match self.way(brought, Purpose::RegisterApp).await? {
            Ok(way) => way,
            Err(end @ (End::StateUsed | End::StateOfOther | End::StateEnded)) if brought.code.is_some() => return Ok(left(end)),
            Err(end) => return Ok(end),
        };
        let Some(code) = &brought.code else {
            return Ok(refused(NOT_MADE, brought.error.as_deref().unwrap_or("bad_verification_code")));
        };
        if !self.rights(&roles).is_admin() {
            return Ok(left(End::Refused {
                what: NOT_KEPT,
                reason: "only users with the role GitHub Admin may do this; ask a System Manager for it".to_owned(),
            }));
        }
        let new = match nobody.convert_manifest(code.expose_secret()).await {
            Ok(new) => new,
            Err(WriteFailure::NotDone(error)) => return Ok(left(not_kept(&error))),
            Err(WriteFailure::Unknown(error)) => {
                return Ok(left(End::Refused {
                    what: NOT_KEPT,
                    reason: error.to_string(),
                }));
            }
        };
        if let Err(error) = self.services.store_app(self.site, &new, &self.caller.user).await {
            return Ok(End::Refused {
                what: "The GitHub App was made, and could not be kept here",
                reason: format!(
                    "{error}. Nothing of it is stored, and what was set up before works on. GitHub shows its key once: on {} make a private key and \
                     a client secret, and enter them in GitHub Settings; or delete the App there and begin again",
                    new.app.html_url
                ),
            });
        }
        // The dialog that opened the window goes on.
        let room = Room::User(self.caller.user.clone());
        self.site
            .tell(&[Event::custom(TOLD, room, json!({"app": new.app.name}))])
            .await;
        Ok(End::AppMade {
            name: new.app.name,
            at: way.back_to,
        })
    }

    /// GitHub's page that lists the Apps of whoever is signed in there.
    fn apps(&self) -> Result<String, ActionError> {
        let apps = Url::parse(&self.services.web_url(self.site)?).and_then(|web| web.join("settings/apps"));
        let apps = apps.map_err(|_| ActionError::NotReady("the address of GitHub's pages cannot be used".to_owned()))?;
        Ok(apps.into())
    }
}

fn not_kept(error: &GithubError) -> End {
    let reason = if error.status() == Some(404) {
        "GitHub does not accept the code: it was used, or is older than an hour".to_owned()
    } else {
        error.to_string()
    };
    End::Refused { what: NOT_KEPT, reason }
}
