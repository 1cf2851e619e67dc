//! Somebody authorised the App on GitHub, or did not: he is connected with his account.

use serde_json::json;

use crate::frappe::realtime::{Event, Room};

use super::super::grants::{GrantError, Purpose};
use super::super::installations::TOLD;
use super::super::{ActionError, my_github};
use super::{Brought, End, Guest, refused};

const WHAT: &str = "Your GitHub account was not connected";

impl Guest<'_> {
    /// `callback`: exchanges GitHub's code for a connection. Where the App has people authorise it as they install it, GitHub sends them here instead of
    /// to the setup page; the code is not asked for then, because whoever installs is connected before.
    pub(super) async fn with_account(&self, brought: &Brought) -> Result<End, ActionError> {
        if brought.state.is_none() && brought.is_of_installation() {
            return self.with_installation(brought).await;
        }
        let way = match self.any_way(brought).await? {
            Ok(way) if way.purpose == Purpose::ConnectAccount => way,
            Ok(way) if way.purpose == Purpose::InstallApp && brought.is_of_installation() => {
                return self.installed(brought, way).await;
            }
            Ok(_) => return Ok(End::StateUsed),
            Err(end) => return self.late(brought, end).await,
        };
        if let Some(word) = &brought.error {
            return Ok(refused(WHAT, word));
        }
        let Some(code) = &brought.code else {
            return Ok(refused(WHAT, "bad_verification_code"));
        };
        let Some(grants) = self.services.grants(self.site).await? else {
            return Ok(End::Refused {
                what: WHAT,
                reason: "no App is set up here any more: an administrator enters it in GitHub Settings".to_owned(),
            });
        };
        match grants.connect(&way, code).await {
            Ok(connected) => {
                let message = json!({"login": connected.login});
                let room = Room::User(self.caller.user.clone());
                self.site.tell(&[Event::custom(TOLD, room, message)]).await;
                Ok(End::Connected {
                    user: self.caller.user.clone(),
                    login: connected.login,
                    scopes: my_github::scopes(self.site, &grants).await?,
                    at: way.back_to,
                })
            }
            Err(GrantError::Db(error)) => Err(error.into()),
            Err(error) => {
                tracing::debug!(site = self.site.name(), error = %error, "an account was not connected");
                Ok(End::Refused {
                    what: WHAT,
                    reason: error.to_string(),
                })
            }
        }
    }
}
