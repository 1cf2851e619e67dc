//! Speaking HTTP to the bench, in somebody's name: what ERPNext owns is written through it, so that Frappe's own validation, naming,
//! notifications and permissions run.
//!
//! A caller is spoken for by what he showed himself: his session with its CSRF token, or his `Authorization` header. Nothing is
//! sent twice: a write whose answer did not come is [`BenchHttpError::AnswerLost`], and only a look at the tables can tell.

mod client;
mod envelope;
mod error;

pub use client::{BenchHttp, Document};
pub use error::{BenchHttpError, BenchRefusal};
