//! What the pages of a list can be known again by.

/// Tags of all pages of a list, for a later question that costs no point where nothing changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageTags {
    /// Tag of the first page.
    pub first: String,
    /// Address and tag of each further one.
    pub further: Vec<(String, String)>,
}

impl PageTags {
    /// Of a list whose first page tells whether anything changed.
    #[must_use]
    pub fn of_first(tag: String) -> Self {
        Self {
            first: tag,
            further: Vec::new(),
        }
    }
}
