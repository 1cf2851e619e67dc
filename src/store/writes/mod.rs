//! `GitHub Write`: one row for each thing that is changed on GitHub, committed before it is sent.
//!
//! A row is `waiting` (of a batch, not sent yet), `sending`, or settled: `done`, `failed`, or `unknown` where the answer was lost. Two rows
//! never mean the same at the same time: while a row is sent or unknown it holds its claim, which is unique, so that a second press meets
//! the first one's row instead of a second request. What is done stays done, whoever else came to another conclusion meanwhile.

mod batch;
mod begin;
mod row;
mod settle;

pub use batch::{BatchItem, NewBatch, batch_of, begin_batch, give_up, lease_name, open_batches, put_off, take_next, wait_again};
pub use begin::{Begun, NewWrite, begin};
pub use row::{ActingAs, WriteRow, WriteStatus, find, is_hook_deleted, taken_numbers, unsettled};
pub use settle::{Landed, done, failed, look_later, mirrored, prune, unknown};
