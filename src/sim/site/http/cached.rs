//! ERPNext's cached Projects: a Task that is saved counts its Project anew on a cached copy, and writes the whole copy back.
//!
//! Frappe keeps the copies in Redis. Here they are kept in memory, and Redis, where the site has one, holds a key that says that
//! the copy is still good: whoever drops the key drops the copy.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value, json};

use super::server::Shared;
use super::{document, write};
use crate::frappe::site::Site;
use crate::sim::mariadb::sql_text;
use crate::sim::site::SiteError;

/// Columns that counting anew changes; all others are written back as they were read.
const COUNTED: &str = "percent_complete";

/// Copies of Projects.
pub(super) struct CachedProjects {
    prefix: String,
    redis: String,
    copies: Mutex<BTreeMap<String, Map<String, Value>>>,
    held: Mutex<Vec<Map<String, Value>>>,
}

impl CachedProjects {
    pub(super) fn new(site: &Site) -> Self {
        let config = site.config();
        Self {
            prefix: config.text("db_name").unwrap_or_default(),
            redis: config.redis_cache(),
            copies: Mutex::default(),
            held: Mutex::default(),
        }
    }

    /// A Task of this Project was saved.
    pub(super) async fn task_saved(&self, shared: &Shared, project: &str) -> Result<(), SiteError> {
        if project.is_empty() {
            return Ok(());
        }
        let Some(mut copy) = self.get(shared, project).await? else {
            return Ok(());
        };
        let percent = shared
            .value(&format!(
                "SELECT IFNULL(ROUND(100 * SUM(status IN ('Completed', 'Cancelled')) / COUNT(*), 2), 0) FROM tabTask WHERE project = {}",
                sql_text(project)
            ))
            .await?;
        copy.insert(COUNTED.to_owned(), json!(percent.parse::<f64>().unwrap_or_default()));
        write::update_row(shared, "Project", project, &copy).await
    }

    /// Drops a copy, as Frappe does when it saves the document.
    pub(super) fn forget(&self, name: &str) {
        locked(&self.copies).remove(name);
    }

    /// A request reads a Project and goes on with it.
    pub(super) async fn hold(&self, shared: &Shared, name: &str) -> Result<(), SiteError> {
        let copy = document::read(shared, "Project", name).await?;
        let copy = copy.ok_or_else(|| SiteError::Row(format!("there is no Project `{name}` to hold")))?;
        locked(&self.held).push(copy);
        Ok(())
    }

    /// All such requests write back what they read.
    pub(super) async fn write_back_held(&self, shared: &Shared) -> Result<(), SiteError> {
        let held = std::mem::take(&mut *locked(&self.held));
        for copy in held {
            let name = copy.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
            write::update_row(shared, "Project", &name, &copy).await?;
        }
        Ok(())
    }

    /// `get_cached_doc`.
    async fn get(&self, shared: &Shared, name: &str) -> Result<Option<Map<String, Value>>, SiteError> {
        let key = format!("{}|document_cache::Project::{name}", self.prefix);
        let copy = locked(&self.copies).get(name).cloned();
        if let Some(copy) = copy
            && redis(&self.redis, &format!("EXISTS {key}")).await.as_deref() != Some(":0")
        {
            return Ok(Some(copy));
        }
        let read = document::read(shared, "Project", name).await?;
        if let Some(read) = &read {
            locked(&self.copies).insert(name.to_owned(), read.clone());
            redis(&self.redis, &format!("SET {key} pickle")).await;
        }
        Ok(read)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One command without blanks in its words, and the first line of the answer; none where no Redis answers.
async fn redis(address: &str, command: &str) -> Option<String> {
    use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
    use tokio::net::{TcpStream, UnixStream};
    trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
    impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}
    let mut stream: Box<dyn Stream> = match address.strip_prefix("unix://") {
        Some(path) => Box::new(UnixStream::connect(path).await.ok()?),
        None => Box::new(TcpStream::connect(address.strip_prefix("redis://")?).await.ok()?),
    };
    stream.write_all(format!("{command}\r\n").as_bytes()).await.ok()?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).await.ok()?;
    Some(line.trim().to_owned())
}
