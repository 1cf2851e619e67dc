//! The command line: one file a command, each with its `Args` and its `run`.
//!
//! A command's answer goes to the standard output, everything else (progress, log, complaints) to the standard error stream.
//! With `--json` the standard output holds one JSON object and nothing else.

mod adopt;
mod args;
mod completions;
mod demo;
mod doctor;
mod events;
mod exit;
mod healthcheck;
mod hooks;
mod install;
mod invocation;
mod nginx;
mod outcome;
mod output;
mod progress;
mod serve;
mod settings;
mod signal;
mod sync;
mod uninstall;

pub use exit::Exit;

use std::ffi::OsString;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use futures_util::future::LocalBoxFuture;

use crate::config::{Environment, key};
use crate::telemetry::{self, LogFormat};
use exit::{AFTER_HELP, UsageError};
use invocation::Invocation;

/// Gives ERPNext a complete GitHub integration: one program beside the bench, no Python app.
#[derive(Debug, Parser)]
#[command(name = "erpnext-github", version, arg_required_else_help = true)]
struct Cli {
    #[arg(long, global = true, value_name = "FORMAT", value_parser = ["human", "json"], help = args::or_env("How log lines look [default: human on a terminal, else json]", key::LOG_FORMAT))]
    log_format: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Install(install::Args),
    Uninstall(uninstall::Args),
    Adopt(adopt::Args),
    Serve(serve::Args),
    Sync(sync::Args),
    Doctor(doctor::Args),
    Events(events::Args),
    Hooks(hooks::Args),
    Nginx(nginx::Args),
    Settings(settings::Args),
    Demo(demo::Args),
    Healthcheck(healthcheck::Args),
    Completions(completions::Args),
}

impl Command {
    /// What is logged unless told otherwise: a server tells what it does, a command only what went wrong.
    fn default_log(&self) -> &'static str {
        match self {
            // The cron library tells at that level how it is built up.
            Self::Serve(_) => "info,tokio_cron_scheduler=warn",
            Self::Demo(_) => demo::LOG,
            _ => "warn",
        }
    }

    async fn run(self, invocation: &Invocation) -> anyhow::Result<Exit> {
        match self {
            Self::Install(args) => install::run(args, invocation).await,
            Self::Uninstall(args) => uninstall::run(args, invocation).await,
            Self::Adopt(args) => adopt::run(args, invocation).await,
            Self::Serve(args) => serve::run(args, invocation).await,
            Self::Sync(args) => sync::run(args, invocation).await,
            Self::Doctor(args) => doctor::run(args, invocation).await,
            Self::Events(args) => events::run(args, invocation).await,
            Self::Hooks(args) => hooks::run(args, invocation).await,
            Self::Nginx(args) => nginx::run(args, invocation),
            Self::Settings(args) => settings::run(args, invocation).await,
            Self::Demo(args) => Box::pin(demo::run(args, invocation)).await,
            Self::Healthcheck(args) => healthcheck::run(args).await,
            Self::Completions(args) => Ok(completions::run(&args)),
        }
    }
}

/// Runs the command that `arguments` (the program's name first) ask for, and says how it ended.
///
/// The future is boxed here: what is behind a pointer is compiled once, in this library. Handed out as it is, the compiler would make
/// all that every command does a second time for the program itself, which takes as long as the library does.
#[must_use]
pub fn run(arguments: Vec<OsString>, environment: Environment) -> LocalBoxFuture<'static, Exit> {
    Box::pin(async { output::settled(answer(arguments, environment).await) })
}

async fn answer(arguments: Vec<OsString>, environment: Environment) -> Exit {
    // Asked of the plain words: it must be known also where they are no command.
    let wants_json = arguments.iter().take_while(|word| *word != "--").any(|word| word == "--json");
    let cli = match command()
        .try_get_matches_from(arguments)
        .and_then(|found| Cli::from_arg_matches(&found))
    {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers, not complaints; clap knows which stream each belongs to.
            let printed = error.print();
            if !error.use_stderr() {
                output::keep(printed);
                return Exit::Done;
            }
            if wants_json {
                output::failure(&exit::usage_sentence(&error));
            }
            return Exit::Usage;
        }
    };
    let invocation = Invocation::new(environment);
    let ended = match start_logging(&cli, &invocation) {
        Ok(()) => Box::pin(cli.command.run(&invocation)).await,
        Err(error) => Err(error),
    };
    invocation.rest().await;
    ended.unwrap_or_else(|error| {
        let sentence = exit::sentence(&error);
        output::complain(&sentence);
        if wants_json {
            output::failure(&sentence);
        }
        Exit::of(&error)
    })
}

/// The whole command line.
fn command() -> clap::Command {
    with_exit_codes(Cli::command())
}

/// Tells the exit codes under the help of a command and of all below it.
fn with_exit_codes(command: clap::Command) -> clap::Command {
    command.after_help(AFTER_HELP).mut_subcommands(with_exit_codes)
}

fn start_logging(cli: &Cli, invocation: &Invocation) -> anyhow::Result<()> {
    let environment = invocation.environment();
    let format = match cli.log_format.as_deref().or_else(|| environment.get(key::LOG_FORMAT)) {
        None => LogFormat::of_stderr(),
        Some(name) => LogFormat::named(name).ok_or_else(|| {
            UsageError(format!(
                "{}: `{name}` is not a log format: write human or json",
                key::LOG_FORMAT
            ))
        })?,
    };
    let filter = environment.get(key::LOG).unwrap_or_else(|| cli.command.default_log());
    telemetry::start(filter, format, invocation.terminal().clone()).map_err(|error| {
        UsageError(format!(
            "{}: `{filter}` is not a log filter ({error}): write for example info, or erpnext_github=debug",
            key::LOG
        ))
        .into()
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_consistent() {
        super::command().debug_assert();
    }
}
