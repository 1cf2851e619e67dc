//! What permissions need to know of DocTypes, kept for some seconds: it changes when an administrator changes forms, and is asked at
//! every call. What they say of people is never kept.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use mysql_async::prelude::FromRow;

use crate::frappe::columns::Columns;
use crate::frappe::db::{Db, DbError};

/// A save in the desk acts within twenty seconds.
const KEPT: Duration = Duration::from_secs(15);

/// What was read lately of one site.
#[derive(Debug, Default)]
pub struct Lately {
    columns: Kept<String, BTreeSet<String>>,
    links: Kept<String, Vec<Link>>,
}

/// A Link field that User Permissions look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    /// DocType that has it: the document's own, or one of its child tables'.
    pub(super) doctype: String,
    /// Its column.
    pub(super) field: String,
    /// DocType that it links to.
    pub(super) target: String,
}

impl Lately {
    /// Columns of a table; none of one that is not there.
    pub(super) async fn columns(&self, db: &Db, table: &str) -> Result<Arc<BTreeSet<String>>, DbError> {
        if let Some(known) = self.columns.get(table) {
            return Ok(known);
        }
        let probed = Columns::probe(db, &[table]).await?;
        let names = probed.of(table).map(|(name, _)| name.to_owned()).collect();
        Ok(self.columns.keep(table.to_owned(), names))
    }

    /// Link fields of documents of that type and of their child rows.
    pub(super) async fn links(&self, db: &Db, doctype: &str) -> Result<Arc<Vec<Link>>, DbError> {
        if let Some(known) = self.links.get(doctype) {
            return Ok(known);
        }
        let links = links_of(db, doctype).await?;
        Ok(self.links.keep(doctype.to_owned(), links))
    }
}

async fn links_of(db: &Db, doctype: &str) -> Result<Vec<Link>, DbError> {
    const WHAT: &str = "listing link fields";
    let rows = db
        .rows(
            WHAT,
            "WITH parents AS (SELECT ? AS name \
               UNION SELECT options FROM `tabDocField` WHERE parent = ? AND fieldtype IN ('Table', 'Table MultiSelect') \
               UNION SELECT options FROM `tabCustom Field` WHERE dt = ? AND fieldtype IN ('Table', 'Table MultiSelect')) \
             SELECT f.parent, f.fieldname, IFNULL(f.options, '') FROM `tabDocField` f JOIN parents ON parents.name = f.parent \
             WHERE f.fieldtype = 'Link' AND IFNULL((SELECT MAX(p.value) FROM `tabProperty Setter` p WHERE p.doc_type = f.parent \
               AND p.field_name = f.fieldname AND p.property = 'ignore_user_permissions'), IFNULL(f.ignore_user_permissions, 0)) IN ('', '0') \
             UNION SELECT f.dt, f.fieldname, IFNULL(f.options, '') FROM `tabCustom Field` f JOIN parents ON parents.name = f.dt \
             WHERE f.fieldtype = 'Link' AND IFNULL(f.ignore_user_permissions, 0) = 0",
            (doctype, doctype, doctype),
        )
        .await?;
    let links = rows.into_iter().map(<(String, String, String)>::from_row);
    Ok(links
        .map(|(doctype, field, target)| Link { doctype, field, target })
        .collect())
}

/// Values by key, each with the moment when it was read.
#[derive(Debug)]
struct Kept<K, V>(Mutex<HashMap<K, (Instant, Arc<V>)>>);

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V> Kept<K, V> {
    fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<Arc<V>>
    where
        K: std::borrow::Borrow<Q>,
    {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, value) = kept.get(key)?;
        (since.elapsed() < KEPT).then(|| Arc::clone(value))
    }

    fn keep(&self, key: K, value: V) -> Arc<V> {
        let value = Arc::new(value);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Keys are DocTypes that the site has; what is old goes all the same.
        kept.retain(|_, (since, _)| since.elapsed() < KEPT);
        kept.insert(key, (Instant::now(), Arc::clone(&value)));
        value
    }
}
