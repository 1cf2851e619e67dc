//! Labels as rows.

use crate::domain::Label;
use crate::store::cell::{Cell, DATA};

use super::{Home, LABEL, Wanted, part};

/// GitHub-owned columns of `tabRepository Label`, but for those of every part.
pub(super) const COLUMNS: &[&str] = &["label_name", "color", "is_default", "github_id", "description", "node_id"];

/// The row of a label. GitHub tells no version of it.
pub(in crate::store) fn label_row(label: &Label, home: &Home<'_>) -> Wanted {
    let cells = [
        Cell::data(&label.name, DATA),
        Cell::data(&label.color, DATA),
        Cell::check(label.is_default),
        Cell::id(Some(label.id)),
        Cell::small_text(&label.description),
        Cell::data(&label.node_id, DATA),
    ];
    let columns = COLUMNS.iter().copied().zip(cells).collect();
    part(&LABEL, home, &label.id.to_string(), None, columns)
}
