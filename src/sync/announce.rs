//! Open forms and lists are told what a run changed.

use crate::store::{Touched, tell};

use super::SyncContext;

/// Tells the desk; telling may fail, and the work is done without it.
pub(super) async fn changed(context: &SyncContext, touched: &[Touched]) {
    tell(&context.site, &context.user, touched).await;
}
