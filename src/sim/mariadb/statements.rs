//! Listing the statements that one database user ran, from the server's general log.

use std::sync::atomic::Ordering;

use mysql_async::prelude::Queryable;

use super::database::sql_text;
use super::{ScratchError, ScratchServer};

const WHAT: &str = "reading the general log";

/// A capture under way. While there is any on a server, the server logs every statement of every user, which costs time: end it.
///
/// Dropped without [`Capture::finish`], it no longer counts, and the log is switched off by the last one that is finished.
#[derive(Debug)]
pub struct Capture {
    server: ScratchServer,
    user: String,
    /// Rows of this user that were in the log before.
    skip: usize,
}

impl ScratchServer {
    /// Begins to list the statements of a database user (for a site: the name of its database).
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn capture(&self, user: &str) -> Result<Capture, ScratchError> {
        let _alone = self.capture_lock().lock().await;
        if self.capturing().fetch_add(1, Ordering::SeqCst) == 0 {
            let begun = self
                .run_sql(
                    Some("mysql"),
                    "SET GLOBAL general_log = OFF; TRUNCATE TABLE mysql.general_log; \
                     SET GLOBAL log_output = 'TABLE'; SET GLOBAL general_log = ON",
                )
                .await;
            if let Err(error) = begun {
                self.capturing().fetch_sub(1, Ordering::SeqCst);
                return Err(error);
            }
        }
        let mut capture = Capture {
            server: self.clone(),
            user: user.to_owned(),
            skip: 0,
        };
        capture.skip = capture.all().await?.len();
        Ok(capture)
    }
}

impl Capture {
    /// The statements so far, in the order in which they ran, as the server saw them: the parameters of prepared statements are
    /// filled in. What a connection says at its beginning (`SET NAMES ...`) is among them.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn statements(&self) -> Result<Vec<String>, ScratchError> {
        Ok(self.all().await?.split_off(self.skip))
    }

    /// Forgets the statements so far.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn forget(&mut self) -> Result<(), ScratchError> {
        self.skip = self.all().await?.len();
        Ok(())
    }

    /// The statements, and the end of the capture.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn finish(self) -> Result<Vec<String>, ScratchError> {
        let statements = self.statements().await?;
        let server = self.server.clone();
        let _alone = server.capture_lock().lock().await;
        drop(self);
        if server.capturing().load(Ordering::SeqCst) == 0 {
            server.run_sql(None, "SET GLOBAL general_log = OFF").await?;
        }
        Ok(statements)
    }

    async fn all(&self) -> Result<Vec<String>, ScratchError> {
        let mut conn = self.server.admin().await?;
        // `user_host` is "user[user] @ host [address]". A prepared statement is logged when it is prepared, with its question
        // marks, and when it is run. The log is a CSV file, read in the order in which it was written.
        let begin = sql_text(&format!("{}[", self.user));
        // What was sent as bytes stands in it as bytes.
        let statements: Vec<Vec<u8>> = conn
            .query(format!(
                "SELECT CAST(argument AS BINARY) FROM mysql.general_log \
                 WHERE LEFT(user_host, CHAR_LENGTH({begin})) = {begin} AND command_type IN ('Query', 'Execute')"
            ))
            .await
            .map_err(ScratchError::sql(WHAT))?;
        conn.disconnect().await.map_err(ScratchError::sql(WHAT))?;
        let text = |statement: &Vec<u8>| String::from_utf8_lossy(statement).into_owned();
        Ok(statements.iter().map(text).collect())
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.server.capturing().fetch_sub(1, Ordering::SeqCst);
    }
}

/// True for a statement that changes rows or tables.
#[must_use]
pub fn is_write(statement: &str) -> bool {
    const WRITES: [&str; 10] = [
        "INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "ALTER", "DROP", "TRUNCATE", "RENAME", "LOAD",
    ];
    let word: String = statement
        .trim_start_matches(|letter: char| letter.is_whitespace() || letter == '(')
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .collect();
    WRITES.iter().any(|write| word.eq_ignore_ascii_case(write))
}

#[cfg(test)]
mod tests {
    use super::is_write;

    #[test]
    fn writes_are_told_from_reads() {
        for write in [
            "INSERT INTO t VALUES (1)",
            "  update t SET a = 1",
            "\nDelete FROM t",
            "ALTER TABLE t",
        ] {
            assert!(is_write(write), "{write}");
        }
        for read in [
            "SELECT 1",
            "(SELECT 1)",
            "START TRANSACTION",
            "COMMIT",
            "SET NAMES utf8mb4",
            "UPDATED",
        ] {
            assert!(!is_write(read), "{read}");
        }
    }
}
