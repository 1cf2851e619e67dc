//! `completions`: what a shell needs to complete our commands.

use clap_complete::Shell;

use super::Exit;

/// Prints the completion script of a shell
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which shell
    shell: Shell,
}

/// Runs the command.
pub(super) fn run(args: &Args) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::command(), "erpnext-github", &mut script);
    super::output::line(String::from_utf8_lossy(&script).trim_end());
    Exit::Done
}
