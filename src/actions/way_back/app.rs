//! An administrator agreed to make an App from our manifest: GitHub's code is exchanged for it, and it is stored.

use secrecy::ExposeSecret as _;
use serde_json::json;

use crate::frappe::realtime::{Event, Room};
use crate::github::{GithubError, WriteFailure};

use super::super::ActionError;
use super::super::grants::Purpose;
use super::super::installations::TOLD;
use super::{Brought, End, Guest, refused};

const WHAT: &str = "The GitHub App was not made";

impl Guest<'_> {
    /// `app-created`: stores what GitHub gives once.
    pub(super) async fn with_app(&self, brought: &Brought) -> Result<End, ActionError> {
        let way = match self.way(brought, Purpose::RegisterApp).await? {
            Ok(way) => way,
            Err(end) => return Ok(end),
        };
        let roles = self.roles().await?;
        if !self.rights(&roles).is_admin() {
            return Ok(End::Refused {
                what: WHAT,
                reason: "only users with the role GitHub Admin may do this; ask a System Manager for it".to_owned(),
            });
        }
        let Some(code) = &brought.code else {
            return Ok(refused(WHAT, brought.error.as_deref().unwrap_or("bad_verification_code")));
        };
        let nobody = self.services.nobody(self.site).await?;
        let new = match nobody.convert_manifest(code.expose_secret()).await {
            Ok(new) => new,
            Err(WriteFailure::NotDone(error)) => return Ok(not_made(&error)),
            Err(WriteFailure::Unknown(error)) => {
                return Ok(End::Refused {
                    what: "Nobody knows whether the GitHub App was made",
                    reason: format!(
                        "{error}. If GitHub lists it under Developer settings, make a private key and a client secret there, and enter them in \
                         GitHub Settings; else begin again there"
                    ),
                });
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
}

fn not_made(error: &GithubError) -> End {
    let reason = if error.status() == Some(404) {
        "GitHub does not accept the code: it was used, or is older than an hour; begin again in GitHub Settings".to_owned()
    } else {
        error.to_string()
    };
    End::Refused { what: WHAT, reason }
}
