//! The versions of Frappe that a small site can be of.

/// A major version of Frappe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FrappeMajor {
    /// Version 14.
    V14,
    /// Version 15.
    V15,
    /// Version 16.
    V16,
}

impl FrappeMajor {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::V14, Self::V15, Self::V16];

    /// The release that the small site says it is, as `tabInstalled Application` has it.
    #[must_use]
    pub fn frappe_release(self) -> &'static str {
        match self {
            Self::V14 => "14.93.2",
            Self::V15 => "15.101.1",
            Self::V16 => "16.0.0-dev",
        }
    }

    /// The same for ERPNext.
    #[must_use]
    pub fn erpnext_release(self) -> &'static str {
        match self {
            Self::V14 => "14.83.1",
            Self::V15 => "15.99.1",
            Self::V16 => "16.0.0-dev",
        }
    }

    /// Type of a 0/1 column and of `docstatus`: `int(1)`, from 16 on `tinyint(4)`.
    pub(super) fn check_type(self) -> &'static str {
        if self >= Self::V16 { "tinyint(4)" } else { "int(1)" }
    }

    /// Type of `idx`.
    pub(super) fn idx_type(self) -> &'static str {
        if self >= Self::V16 { "int(11)" } else { "int(8)" }
    }
}
