//! See `erpnext_github::sim::fuzz::signature_header`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| erpnext_github::sim::fuzz::signature_header(data));
