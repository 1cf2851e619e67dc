//! Multi-row statements, cut so that each fits the server's packet, and so that few texts of them are prepared.
//!
//! A statement is prepared for a number of rows, and a prepared one is kept on both sides with a description of each of its parameters:
//! dear when every page brings another number. So rows go out in pieces of a few sizes, whose statements a connection has after its
//! first pages. The server's own array binding would need one row's text alone; servers older than 2022 write only the first row where a
//! table has a trigger (MDEV-24411), and say nothing.

use std::fmt::Write as _;

use crate::frappe::db::{DbConn, DbError, Params, Value};

/// Rows of one statement. One with more rows is hardly faster, and each of its values is described on both sides as long as it is prepared, in
/// some 200 bytes here: of few sizes, each connection keeps few such descriptions.
const PIECES: [usize; 10] = [100, 64, 48, 24, 12, 8, 4, 3, 2, 1];
/// Bytes of values in one statement, whatever the server takes. Statements of three times as many rows are some 3 % faster, and describing their
/// values takes 25 MB more on all connections together.
const STATEMENT_BYTES: usize = 64 * 1024;
/// Bytes below which no server's packet needs to be known: none takes less than Frappe's own statements have.
const SMALL: usize = 32 * 1024;
/// Bytes of a packet that are not values: the head of the message, and what is said of each parameter.
const HEAD: usize = 4 * 1024;
/// Names in one `IN` list; from a thousand on MariaDB makes a join of it.
pub(super) const NAMES: usize = 500;
/// Lengths of `IN` lists whose statements are kept prepared: a shorter list repeats its last name.
const LISTS: [usize; 9] = [1, 2, 4, 8, 16, 32, 64, 100, NAMES];

/// Rows that are inserted where their key is new and updated where it is not.
pub(super) struct Upsert<'a> {
    /// For messages.
    pub what: &'static str,
    /// Table.
    pub table: &'a str,
    /// All columns, in the order of the values.
    pub columns: &'a [&'a str],
    /// Columns that a row which is there already takes over.
    pub updated: &'a [&'a str],
}

impl Upsert<'_> {
    /// Writes `rows`, each with one value a column. One that is larger than the server's packet is refused by the server: see [`room`].
    ///
    /// # Errors
    /// As [`DbError`] says.
    pub(super) async fn write(&self, conn: &mut DbConn, mut rows: Vec<Vec<Value>>) -> Result<(), DbError> {
        let mut weights: Vec<usize> = rows.iter().map(|row| row.iter().map(weight).sum()).collect();
        let most = match weights.iter().sum::<usize>() {
            small if small <= SMALL => SMALL,
            _ => room(conn).await?.min(STATEMENT_BYTES),
        };
        while !rows.is_empty() {
            let count = piece(&weights, most);
            let rest = rows.split_off(count);
            weights.drain(..count);
            self.send(conn, rows).await?;
            rows = rest;
        }
        Ok(())
    }

    async fn send(&self, conn: &mut DbConn, rows: Vec<Vec<Value>>) -> Result<(), DbError> {
        let sql = self.text(rows.len());
        let params = Params::Positional(rows.into_iter().flatten().collect());
        conn.exec(self.what, &sql, params).await.map(drop)
    }

    fn text(&self, rows: usize) -> String {
        let row = format!("({})", marks(self.columns.len()));
        let mut sql = format!("INSERT INTO `{}` (`{}`) VALUES {row}", self.table, self.columns.join("`, `"));
        sql.reserve((row.len() + 2) * rows);
        for _ in 1..rows {
            sql.push_str(", ");
            sql.push_str(&row);
        }
        for (at, column) in self.updated.iter().enumerate() {
            let lead = if at == 0 { " ON DUPLICATE KEY UPDATE " } else { ", " };
            // Writing to a String cannot fail.
            let _infallible = write!(sql, "{lead}`{column}` = VALUES(`{column}`)");
        }
        sql
    }
}

/// Brings rows into the order of their names, which are their first values: every transaction locks rows in one order, so that two of them
/// seldom wait for each other, and neighbours in the table are written one after the other.
pub(super) fn in_order(rows: &mut [Vec<Value>]) {
    fn name(row: &[Value]) -> &[u8] {
        match row.first() {
            Some(Value::Bytes(name)) => name,
            _ => &[],
        }
    }
    rows.sort_by(|one, other| name(one).cmp(name(other)));
}

/// How many of the rows with these weights go out next: the largest piece that is there and has at most `most` bytes, one at least.
fn piece(weights: &[usize], most: usize) -> usize {
    let fits = |count: &usize| *count <= weights.len() && weights[..*count].iter().sum::<usize>() <= most;
    PIECES.into_iter().find(fits).unwrap_or(1)
}

/// Bytes that the values of one statement may have on this connection.
///
/// # Errors
/// As [`DbError`] says.
pub(super) async fn room(conn: &mut DbConn) -> Result<usize, DbError> {
    Ok(conn.packet().await?.saturating_sub(HEAD).max(1))
}

/// True for values of so many bytes that the server's packet has to be known.
pub(super) fn is_small(bytes: usize) -> bool {
    bytes <= SMALL
}

/// An `IN` list of at most [`NAMES`] values: its marks, and the values, the last of them repeated up to a length that is met again.
pub(super) fn list(mut values: Vec<Value>) -> (String, Vec<Value>) {
    let length = LISTS.into_iter().find(|&length| length >= values.len());
    if let (Some(length), Some(last)) = (length, values.last().cloned()) {
        values.resize(length, last);
    }
    (marks(values.len()), values)
}

/// `?, ?, ?`
pub(super) fn marks(count: usize) -> String {
    let mut text = "?, ".repeat(count);
    text.truncate(text.len().saturating_sub(2));
    text
}

/// Texts as parameters.
pub(super) fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<Value> {
    texts.into_iter().map(|text| Value::Bytes(text.as_bytes().to_vec())).collect()
}

/// Bytes of a value as it is sent at most, its type included.
fn weight(value: &Value) -> usize {
    match value {
        Value::NULL => 2,
        Value::Bytes(bytes) if bytes.len() <= 250 => bytes.len() + 3,
        Value::Bytes(bytes) => bytes.len() + 11,
        Value::Date(..) | Value::Time(..) => 15,
        _ => 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_statement_names_every_column_once() {
        let upsert = Upsert {
            what: "writing",
            table: "tabX",
            columns: &["name", "a"],
            updated: &["a"],
        };
        assert_eq!(
            upsert.text(2),
            "INSERT INTO `tabX` (`name`, `a`) VALUES (?, ?), (?, ?) ON DUPLICATE KEY UPDATE `a` = VALUES(`a`)"
        );
        assert_eq!(marks(0), "");
    }

    /// The sizes of the pieces that so many rows of one weight go out in.
    fn pieces(count: usize, weight: usize, most: usize) -> Vec<usize> {
        let (mut weights, mut sizes) = (vec![weight; count], Vec::new());
        while !weights.is_empty() {
            sizes.push(piece(&weights, most));
            weights.drain(..sizes.last().copied().unwrap_or(1));
        }
        sizes
    }

    #[test]
    fn rows_go_out_in_few_sizes_and_never_above_the_room_but_alone() {
        assert_eq!(pieces(100, 10, 10_000), [100]);
        assert_eq!(pieces(67, 10, 10_000), [64, 3]);
        assert_eq!(pieces(60, 10, 10_000), [48, 12]);
        assert_eq!(pieces(250, 10, 10_000), [100, 100, 48, 2]);
        assert_eq!(pieces(20, 60_000, 400_000), [4, 4, 4, 4, 4]);
        assert_eq!(pieces(2, 5_000, 4_000), [1, 1], "what does not fit is told apart before");
        for count in 1..=300 {
            assert_eq!(pieces(count, 1, 1_000).iter().sum::<usize>(), count);
        }
    }

    #[test]
    fn a_list_repeats_its_last_name_up_to_a_length_that_is_met_again() {
        let (marks, values) = list(texts(["a", "b", "c"]));
        assert_eq!(marks, "?, ?, ?, ?");
        assert_eq!(values, texts(["a", "b", "c", "c"]));
        assert_eq!(list(vec![Value::Int(1); 65]).1.len(), 100);
        assert_eq!(list(vec![Value::Int(1); NAMES]).1.len(), NAMES);
        assert_eq!(list(Vec::new()), (String::new(), Vec::new()));
    }
}
