//! Rows of `tabClient Script`: what our buttons and panels are made of.

use crate::setup::blueprint::MODULE;
use crate::setup::rows::{Cell, WantedRow, WhenRemoved};

use super::{Context, cells};

/// The rows. Whether one is switched on is the administrator's to say after the first installation, and so is whether it is there.
pub(super) fn rows(context: &Context<'_>) -> Vec<WantedRow> {
    let scripts = context.blueprint.client_scripts.iter();
    scripts
        .map(|script| {
            let values = cells([
                ("dt", script.doctype.as_str().into()),
                ("view", script.view.as_str().into()),
                ("module", MODULE.into()),
                ("script", script.text.as_str().into()),
            ]);
            WantedRow::document("tabClient Script", &script.name(), values)
                .initially(cells([("enabled", Cell::Int(1))]))
                .when_removed(WhenRemoved::Respect)
        })
        .collect()
}
