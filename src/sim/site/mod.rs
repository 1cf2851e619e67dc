//! Frappe sites to try things on: a small one written by us for versions 14, 15 and 16, and a real one loaded from a dump.
//!
//! Both are a bench folder (`sites/<site>/site_config.json` and what else is read there) and a database on a scratch server. The
//! small one has the core tables that we touch, with the columns and types of the version; `tables/` describes them. A test
//! holds version 15 against a real dump, so that it cannot drift.

mod bench;
mod dumped;
mod erp;
mod error;
mod http;
mod look;
mod place;
mod seed;
mod sign_in;
mod small;
mod tables;
mod version;

pub use bench::BenchFolder;
pub use dumped::DumpSite;
pub use erp::Erp;
pub use error::SiteError;
pub use http::{SiteFault, SiteHttp, SiteRequest};
pub use look::{EXAMPLES, OVERVIEW_HEADS, Written};
pub use place::ScratchSite;
pub use small::{Address, RedisUrls, SiteOptions, SmallSite};
pub use tables::table_names;
pub use version::FrappeMajor;
