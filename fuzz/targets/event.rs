//! See `erpnext_github::sim::fuzz::event`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| erpnext_github::sim::fuzz::event(data));
