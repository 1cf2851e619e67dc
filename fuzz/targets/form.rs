//! See `erpnext_github::sim::fuzz::form`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| erpnext_github::sim::fuzz::form(data));
