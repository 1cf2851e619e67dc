//! The figures that the engine is held against, as one table: what was measured, the bar, and how far it is from the floor of the same
//! run. MariaDB (durable), GitHub and the program are processes of their own; this one only starts them and reads clocks.
//!
//! `make bench`; benches/README.md says what can be chosen and how to read it. A figure is no test: the program ends with 0 unless
//! something could not be measured.
#![expect(clippy::print_stdout, reason = "the figures are what this program is for")]

mod figures;
#[path = "processes/program.rs"]
mod program;

use figures::Choice;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    if figures::is_github().await? {
        return Ok(());
    }
    // The HTTP library wants one, although nothing here is encrypted.
    let _there_already = rustls::crypto::ring::default_provider().install_default();
    figures::measure(Choice::of_environment()?).await
}
