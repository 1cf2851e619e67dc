//! Databases and users on a scratch server, as bench makes them: one schema, one user of its name.

use mysql_async::prelude::Queryable;
use secrecy::{ExposeSecret, SecretString};

use super::{ScratchError, ScratchServer};

/// Letters of a made-up password.
const WORD_LENGTH: usize = 24;

/// Who may use a database. The user's name is the database's.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Schema, and user.
    pub database: String,
    /// Password.
    pub password: SecretString,
}

impl Credentials {
    /// Credentials with a random password; nothing is created.
    #[must_use]
    pub fn invent(database: impl Into<String>) -> Self {
        Self {
            database: database.into(),
            password: SecretString::from(random_word()),
        }
    }

    /// The user's name.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.database
    }

    /// Statements that make the database and its user, and enter it.
    pub(crate) fn create_sql(&self) -> String {
        let Self { database, password } = self;
        let name = database.replace('`', "``");
        let user = sql_text(database);
        // In a grant `_` and `%` stand for other characters unless they are escaped.
        let pattern = name.replace('\\', "\\\\").replace('_', "\\_").replace('%', "\\%");
        format!(
            "CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;\n\
             CREATE USER {user}@'%' IDENTIFIED BY {};\n\
             GRANT ALL PRIVILEGES ON `{pattern}`.* TO {user}@'%';\n\
             USE `{name}`;\n",
            sql_text(password.expose_secret())
        )
    }
}

impl ScratchServer {
    /// Makes an empty database with a user of its own, who has every right on that schema and none elsewhere, as bench does.
    ///
    /// # Errors
    /// When the server refuses, for example because the database is there.
    pub async fn create_database(&self, name: &str) -> Result<Credentials, ScratchError> {
        let credentials = Credentials::invent(name);
        self.run_sql(None, &credentials.create_sql()).await?;
        Ok(credentials)
    }

    /// Runs statements, separated by semicolons, as the administrator, in `database` if one is given.
    ///
    /// # Errors
    /// When the server refuses one; those after it are not run.
    pub async fn run_sql(&self, database: Option<&str>, sql: &str) -> Result<(), ScratchError> {
        const WHAT: &str = "running statements";
        let mut conn = self.admin().await?;
        if let Some(database) = database {
            let database = database.replace('`', "``");
            conn.query_drop(format!("USE `{database}`"))
                .await
                .map_err(ScratchError::sql(WHAT))?;
        }
        conn.query_drop(sql).await.map_err(ScratchError::sql(WHAT))?;
        conn.disconnect().await.map_err(ScratchError::sql(WHAT))
    }

    /// Runs one query as the administrator in `database` and gives every value as text; none for NULL.
    ///
    /// # Errors
    /// When the server refuses it.
    pub async fn query(&self, database: &str, sql: &str) -> Result<Vec<Vec<Option<String>>>, ScratchError> {
        const WHAT: &str = "running a query";
        let mut conn = self.admin().await?;
        let database = database.replace('`', "``");
        conn.query_drop(format!("USE `{database}`"))
            .await
            .map_err(ScratchError::sql(WHAT))?;
        let rows: Vec<mysql_async::Row> = conn.query(sql).await.map_err(ScratchError::sql(WHAT))?;
        conn.disconnect().await.map_err(ScratchError::sql(WHAT))?;
        Ok(rows
            .into_iter()
            .map(|row| row.unwrap().into_iter().map(|value| value_text(&value)).collect())
            .collect())
    }

    /// Removes a database and its user; connections of that user are closed first, so that no open transaction is in the way.
    /// What is not there is passed over.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn drop_database(&self, name: &str) -> Result<(), ScratchError> {
        let user = sql_text(name);
        let database = name.replace('`', "``");
        self.run_sql(None, &format!("DROP USER IF EXISTS {user}@'%'")).await?;
        self.kill_connections(name).await?;
        self.run_sql(None, &format!("DROP DATABASE IF EXISTS `{database}`")).await
    }

    /// Closes all connections of a user, as "later" versions of `bench migrate` do, and gives their number.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn kill_connections(&self, user: &str) -> Result<usize, ScratchError> {
        const WHAT: &str = "closing connections";
        let mut conn = self.admin().await?;
        let ids: Vec<u64> = conn
            .query(format!(
                "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = {}",
                sql_text(user)
            ))
            .await
            .map_err(ScratchError::sql(WHAT))?;
        for id in &ids {
            // 1094, no such thread: it has gone by itself meanwhile.
            match conn.query_drop(format!("KILL CONNECTION {id}")).await {
                Err(mysql_async::Error::Server(gone)) if gone.code == 1094 => {}
                result => result.map_err(ScratchError::sql(WHAT))?,
            }
        }
        conn.disconnect().await.map_err(ScratchError::sql(WHAT))?;
        Ok(ids.len())
    }
}

/// A text literal of SQL, whatever the text holds.
pub(crate) fn sql_text(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('\'');
    for letter in text.chars() {
        match letter {
            '\'' => literal.push_str("''"),
            '\\' => literal.push_str("\\\\"),
            '\0' => literal.push_str("\\0"),
            letter => literal.push(letter),
        }
    }
    literal.push('\'');
    literal
}

/// Random letters and digits: a password that needs no quoting anywhere.
pub(crate) fn random_word() -> String {
    use rand::Rng as _;
    rand::rng()
        .sample_iter(rand::distr::Alphanumeric)
        .take(WORD_LENGTH)
        .map(char::from)
        .collect()
}

fn value_text(value: &mysql_async::Value) -> Option<String> {
    match value {
        mysql_async::Value::NULL => None,
        mysql_async::Value::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        // The text protocol sends bytes alone; this is for completeness.
        other => Some(other.as_sql(true).trim_matches('\'').to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grant_is_for_this_schema_alone() {
        let sql = Credentials::invent("_0a_b").create_sql();
        assert!(sql.contains("ON `\\_0a\\_b`.* TO '_0a_b'@'%'"), "{sql}");
    }

    #[test]
    fn literals_survive_quotes_and_backslashes() {
        assert_eq!(sql_text("it's a \\ and \0"), "'it''s a \\\\ and \\0'");
    }

    #[test]
    fn debug_shows_no_password() {
        let credentials = Credentials::invent("one");
        assert!(!format!("{credentials:?}").contains(credentials.password.expose_secret()));
    }
}
