//! Who holds a table that we wait for, as well as the server lets us know.

use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbConn, DbError};

/// So many are named.
const NAMED: usize = 5;
/// A query is shown up to here.
const SHOWN: usize = 200;

/// One connection of the server.
#[derive(Debug, Clone)]
struct Connection {
    id: u64,
    user: String,
    host: String,
    command: String,
    seconds: i64,
    query: String,
}

/// A list for a sentence. With the plugin `metadata_lock_info` it is exact; else it names who has an open transaction, as far
/// as we may see that; else everybody who may have one.
pub(super) async fn describe(db: &Db, table: &str) -> Result<String, DbError> {
    let mut conn = db.conn().await?;
    let connections = connections(&mut conn).await?;
    let exact = ids(
        &mut conn,
        "SELECT DISTINCT THREAD_ID FROM information_schema.METADATA_LOCK_INFO WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?",
        Some(table),
    )
    .await;
    let in_transaction = ids(
        &mut conn,
        "SELECT trx_mysql_thread_id FROM information_schema.INNODB_TRX ORDER BY trx_started",
        None,
    )
    .await;
    let pick = |ids: &[u64]| -> Vec<Connection> {
        let by_id = |id: &u64| connections.iter().find(|one| one.id == *id).cloned();
        ids.iter().filter_map(by_id).collect()
    };
    let (certain, likely) = (pick(&exact), pick(&in_transaction));
    let found = if certain.is_empty() { likely } else { certain };
    if !found.is_empty() {
        return Ok(list(&found));
    }
    let suspects = by_suspicion(connections, table);
    Ok(if suspects.is_empty() {
        "a connection that we may not see (SHOW PROCESSLIST as root names it)".to_owned()
    } else {
        format!("most likely {}", list(&suspects))
    })
}

async fn connections(conn: &mut DbConn) -> Result<Vec<Connection>, DbError> {
    let sql = "SELECT ID, IFNULL(USER, ''), IFNULL(HOST, ''), IFNULL(COMMAND, ''), CAST(IFNULL(TIME, 0) AS SIGNED), IFNULL(INFO, '') \
               FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND ID <> CONNECTION_ID()";
    let rows = conn.rows("looking who is in the way", sql, ()).await?;
    let rows = rows.into_iter().map(<(u64, String, String, String, i64, String)>::from_row);
    Ok(rows
        .map(|(id, user, host, command, seconds, query)| Connection {
            id,
            user,
            host,
            command,
            seconds,
            query,
        })
        .collect())
}

/// Without the plugin or the privilege there is no answer, which is no error here.
async fn ids(conn: &mut DbConn, sql: &str, table: Option<&str>) -> Vec<u64> {
    const WHAT: &str = "looking who is in the way";
    let rows = match table {
        Some(table) => conn.rows(WHAT, sql, (table,)).await,
        None => conn.rows(WHAT, sql, ()).await,
    };
    let rows = rows.unwrap_or_default().into_iter();
    rows.map(|row| <(u64,)>::from_row(row).0).collect()
}

/// Running queries that name the table, other running queries, then idle connections, the longest first.
fn by_suspicion(mut connections: Vec<Connection>, table: &str) -> Vec<Connection> {
    connections.retain(|one| one.command != "Daemon");
    connections.sort_by_key(|one| {
        let rank = match (one.query.contains(table), one.command == "Sleep") {
            (true, _) => 0,
            (false, false) => 1,
            (false, true) => 2,
        };
        (rank, std::cmp::Reverse(one.seconds))
    });
    connections
}

fn list(connections: &[Connection]) -> String {
    let mut named: Vec<String> = connections.iter().take(NAMED).map(sentence).collect();
    if connections.len() > NAMED {
        named.push(format!("and {} more", connections.len() - NAMED));
    }
    named.join("; ")
}

fn sentence(one: &Connection) -> String {
    let Connection {
        id, user, host, seconds, ..
    } = one;
    if one.query.is_empty() {
        return format!("connection {id} of {user}@{host}, idle for {seconds} s within a transaction");
    }
    let query: String = one.query.split_whitespace().collect::<Vec<_>>().join(" ");
    let query: String = query.chars().take(SHOWN).collect();
    format!("connection {id} of {user}@{host}, running for {seconds} s: {query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(id: u64, command: &str, seconds: i64, query: &str) -> Connection {
        Connection {
            id,
            user: "u".to_owned(),
            host: "h".to_owned(),
            command: command.to_owned(),
            seconds,
            query: query.to_owned(),
        }
    }

    #[test]
    fn the_query_on_the_table_is_named_first_and_then_who_idles_longest() {
        let all = vec![
            connection(1, "Sleep", 10, ""),
            connection(2, "Sleep", 90, ""),
            connection(3, "Query", 1, "SELECT 1"),
            connection(4, "Query", 1, "SELECT * FROM `tabTask`"),
        ];
        let order: Vec<u64> = by_suspicion(all, "tabTask").iter().map(|one| one.id).collect();
        assert_eq!(order, [4, 3, 2, 1]);
    }

    #[test]
    fn long_queries_and_long_lists_are_cut() {
        let all: Vec<_> = (0..7)
            .map(|id| connection(id, "Query", 1, &"SELECT 1,\n  ".repeat(100)))
            .collect();
        let text = list(&all);
        assert!(text.ends_with("and 2 more") && text.len() < 7 * 300);
        assert!(sentence(&connection(8, "Sleep", 12, "")).contains("idle for 12 s"));
    }
}
