//! The command line of `erpnext-github`.

fn main() {}
