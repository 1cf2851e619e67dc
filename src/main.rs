//! The program: everything is in the library, so that tests can reach it.

use std::process::ExitCode;

use erpnext_github::cli;
use erpnext_github::config::Environment;

#[tokio::main]
async fn main() -> ExitCode {
    cli::run(std::env::args_os().collect(), Environment::of_process())
        .await
        .into()
}
