//! The HTTP of a site to try things on: the part of Frappe and ERPNext that a sidecar calls.
//!
//! Task, Project, `ToDo` and any other DocType of the site are read, inserted and updated under `/api/resource`, with Frappe's
//! permissions, naming, mandatory fields, lengths and links, and its error envelope. A Task that is saved writes its cached Project
//! back, all columns of it, as ERPNext does. What goes wrong is data: [`SiteFault`].

mod cached;
mod caller;
mod document;
mod methods;
mod refusal;
mod request;
mod resource;
mod rules;
mod server;
mod write;

pub use server::{SiteFault, SiteHttp, SiteRequest};
