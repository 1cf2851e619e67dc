//! Our tables: rows, batched upserts, apply, cursors and leases.
