//! Scheduled work, a step at a time and by a clock that stands still.

mod daily;
mod due;
mod fifty_sites;
mod scans;
mod side_by_side;
mod told;

use std::sync::Arc;

use erpnext_github::app::{App, Served};
use erpnext_github::jobs::Runner;
use tokio_util::sync::CancellationToken;

use crate::support::mirror::Mirror;

/// A runner over the mirror's one site, as `serve` has it.
pub(crate) fn runner(mirror: &Mirror) -> Runner<Served> {
    runner_of(mirror, mirror.app())
}

/// The same as another process has it.
pub(crate) fn runner_of(mirror: &Mirror, app: &App) -> Runner<Served> {
    let name = mirror.site().name().to_owned();
    let served = Served::new(app.clone(), move || vec![name.clone()], CancellationToken::new());
    Runner::new(Arc::new(served))
}
