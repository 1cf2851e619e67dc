//! Somebody took back what he had authorised.

use super::super::json::Object;
use super::super::rest;
use super::{Delivery, Told};

impl Told<'_> {
    /// Tells of all who did.
    pub(super) fn authorizations(&mut self) {
        let now = &self.now.world.oauth.authorizations;
        for gone in self.then.world.oauth.authorizations.iter().filter(|one| !now.contains(one)) {
            let mut payload = Object::new();
            payload
                .put("action", "revoked")
                .raw("sender", &rest::person(self.now, Some(&gone.login)));
            self.all.push(Delivery {
                event: "github_app_authorization",
                payload: payload.end(),
            });
        }
    }
}
