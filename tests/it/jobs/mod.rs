//! Scheduled work, a step at a time and by a clock that stands still.

mod daily;
mod due;
mod side_by_side;
mod told;

use std::sync::Arc;

use erpnext_github::app::Served;
use erpnext_github::jobs::Runner;
use tokio_util::sync::CancellationToken;

use crate::support::mirror::Mirror;

/// A runner over the mirror's one site, as `serve` has it.
pub(crate) fn runner(mirror: &Mirror) -> Runner<Served> {
    let name = mirror.site().name().to_owned();
    let served = Served::new(mirror.app().clone(), move || vec![name.clone()], CancellationToken::new());
    Runner::new(Arc::new(served))
}
