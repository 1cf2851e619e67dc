//! The roles of a user, automatic ones included.

use std::collections::BTreeSet;

use mysql_async::prelude::FromRow;

use crate::frappe::auth::{ADMINISTRATOR, GUEST};
use crate::frappe::db::{Db, DbError};

/// What a user may do follows from these.
#[derive(Debug, Clone)]
pub struct Roles {
    user: String,
    names: BTreeSet<String>,
}

impl Roles {
    /// Reads the roles of `user`; `desk` says that he is a System User.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn read(db: &Db, user: &str, desk: bool) -> Result<Self, DbError> {
        const WHAT: &str = "reading a user's roles";
        let mut names = BTreeSet::from([GUEST.to_owned()]);
        if user != GUEST {
            let rows = db
                .rows(
                    WHAT,
                    "SELECT role FROM `tabHas Role` WHERE parent = ? AND parenttype = 'User' AND role IS NOT NULL",
                    (user,),
                )
                .await?;
            names.extend(rows.into_iter().map(|row| <(String,)>::from_row(row).0));
            names.insert("All".to_owned());
            if desk {
                names.insert("Desk User".to_owned());
            }
        }
        Ok(Self {
            user: user.to_owned(),
            names,
        })
    }

    /// All of them but one.
    #[must_use]
    pub fn without(&self, role: &str) -> Self {
        let mut others = self.clone();
        others.names.remove(role);
        others
    }

    /// Whose they are.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// True for the user who may do everything.
    #[must_use]
    pub fn is_administrator(&self) -> bool {
        self.user == ADMINISTRATOR
    }

    /// Whether he has the role; Administrator has every one.
    #[must_use]
    pub fn has(&self, role: &str) -> bool {
        self.is_administrator() || self.names.contains(role)
    }
}
