//! What GitHub sent, compressed and in pieces. Whoever writes and reads it knows the compression; here it is bytes.

use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbConn, DbError, Params, Value};
use crate::store::upsert::{NAMES, Upsert, marks, texts};

/// Bytes of one piece: with its row it stays below the smallest `max_allowed_packet` in use.
const PIECE: usize = 256 * 1024;

/// Stores payloads. Pieces may be there without a row, which somebody removed by hand: they are written over.
pub(super) async fn write(conn: &mut DbConn, payloads: &[(&str, &[u8])]) -> Result<(), DbError> {
    let pieces = payloads
        .iter()
        .flat_map(|(id, bytes)| (0..).zip(bytes.chunks(PIECE)).map(move |(at, piece)| (*id, at, piece)));
    let rows = pieces.map(|(id, at, piece)| vec![Value::from(id), Value::Int(at), Value::from(piece)]);
    Upsert {
        what: "storing payloads",
        table: "erpnext_github_payload",
        columns: &["delivery_id", "piece", "bytes"],
        updated: &["bytes"],
    }
    .write(conn, rows.collect())
    .await
}

/// Removes payloads.
pub(super) async fn remove(conn: &mut DbConn, ids: &[&str]) -> Result<(), DbError> {
    for chunk in ids.chunks(NAMES) {
        let sql = format!(
            "DELETE FROM `erpnext_github_payload` WHERE delivery_id IN ({})",
            marks(chunk.len())
        );
        conn.exec("removing payloads", &sql, Params::Positional(texts(chunk.iter().copied())))
            .await?;
    }
    Ok(())
}

/// The payload of a delivery as it was given to be stored; none when it was not kept, or is gone.
///
/// # Errors
/// When the database cannot be read.
pub async fn read(db: &Db, id: &str) -> Result<Option<Vec<u8>>, DbError> {
    let mut conn = db.conn().await?;
    let mut bytes = Vec::new();
    for piece in 0_i64.. {
        // One at a time: an answer must fit the packet, too.
        let row = conn
            .row(
                "reading a payload",
                "SELECT bytes FROM `erpnext_github_payload` WHERE delivery_id = ? AND piece = ?",
                (id, piece),
            )
            .await?;
        let Some((piece,)) = row.map(<(Vec<u8>,)>::from_row) else {
            break;
        };
        let is_last = piece.len() < PIECE;
        bytes.extend(piece);
        if is_last {
            break;
        }
    }
    Ok((!bytes.is_empty()).then_some(bytes))
}
