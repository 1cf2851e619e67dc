//! `settings`: reads and writes fields of GitHub Settings without the desk.

use std::io::{IsTerminal, Read};

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use crate::app::settings;

use super::Exit;
use super::args::{GithubArgs, SiteArgs};
use super::exit::UsageError;
use super::invocation::Invocation;
use super::outcome::{Report, on_each_site, tell};

/// Reads or writes a field of GitHub Settings
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Prints a field; of a secret, whether it is set
    Get {
        /// Name of the field, for example `sync_interval_minutes`
        key: String,
        #[command(flatten)]
        sites: SiteArgs,
    },
    /// Sets a field; a secret only from the standard input, so that it appears in no list of processes and no shell history
    Set {
        /// Name of the field, for example `personal_access_token`
        key: String,
        /// New value; not for secrets
        #[arg(conflicts_with = "stdin")]
        value: Option<String>,
        /// Reads the value from the standard input; on a terminal it is asked for without echo
        #[arg(long)]
        stdin: bool,
        #[command(flatten)]
        sites: SiteArgs,
        #[command(flatten)]
        github: GithubArgs,
    },
}

/// Runs the command.
pub(super) async fn run(args: Args, invocation: &Invocation) -> anyhow::Result<Exit> {
    match args.action {
        Action::Get { key, sites } => {
            settings::is_secret(&key)?;
            let (app, names) = sites.open_installed(invocation, None).await?;
            let outcomes = on_each_site(&app, names, async |site| {
                app.require_served(&site).await?;
                Ok(Answer(settings::get(&site, &key).await?))
            })
            .await;
            Ok(tell(&outcomes, false))
        }
        Action::Set {
            key,
            value,
            stdin,
            sites,
            github,
        } => {
            let value = value.map(SecretString::from);
            refuse_secret_in_arguments(&key, value.as_ref())?;
            let (app, names) = sites.open_installed(invocation, Some(&github)).await?;
            let value = match value {
                Some(value) => value,
                None if stdin => read_value(&key)?,
                None => return Err(UsageError(format!("no value for {key}: write it after the key, or add --stdin")).into()),
            };
            let outcomes = on_each_site(&app, names, async |site| {
                app.require_served(&site).await?;
                Ok(Answer(settings::set(&app, &site, &key, &value, "Administrator").await?))
            })
            .await;
            Ok(tell(&outcomes, false))
        }
    }
}

/// One line for a person.
#[derive(Debug, Serialize)]
struct Answer(String);

impl Report for Answer {
    fn lines(&self) -> Vec<String> {
        vec![self.0.clone()]
    }

    fn has_failures(&self) -> bool {
        false
    }
}

/// What stands in the arguments can be read by every user of the machine, so that a secret there is spent already.
fn refuse_secret_in_arguments(key: &str, value: Option<&SecretString>) -> anyhow::Result<()> {
    let is_secret = settings::is_secret(key)?;
    match value {
        Some(value) if is_secret || looks_like_token(value.expose_secret()) => Err(UsageError(format!(
            "{key} is a secret and must not stand in the command: add --stdin and leave the value out; what you typed may be in your shell's history, so make a new one"
        ))
        .into()),
        None | Some(_) => Ok(()),
    }
}

/// GitHub's own prefixes of tokens: somebody may have mistaken the key.
fn looks_like_token(value: &str) -> bool {
    ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"]
        .iter()
        .any(|prefix| value.starts_with(prefix))
}

fn read_value(key: &str) -> anyhow::Result<SecretString> {
    if std::io::stdin().is_terminal() {
        return Ok(rpassword::prompt_password(format!("{key}: "))?.into());
    }
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes)?;
    // The library's error would carry the bytes.
    let Ok(text) = String::from_utf8(bytes) else {
        return Err(UsageError(format!(
            "the standard input holds no text in UTF-8, so that it cannot be {key}: nothing is stored"
        ))
        .into());
    };
    let value = SecretString::from(text.trim_end_matches(['\r', '\n']).to_owned());
    if value.expose_secret().is_empty() {
        return Err(UsageError(format!("the standard input holds no value for {key}")).into());
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_taken_from_the_arguments_nor_repeated() {
        let token = SecretString::from(format!("ghp_{}", "x".repeat(36)));
        for key in ["personal_access_token", "public_url"] {
            let error = refuse_secret_in_arguments(key, Some(&token)).expect_err("refused");
            assert!(!error.to_string().contains("xxx"), "{error}");
        }
        let plain = SecretString::from("30");
        assert!(refuse_secret_in_arguments("webhook_secret", Some(&plain)).is_err());
        assert!(refuse_secret_in_arguments("sync_interval_minutes", Some(&plain)).is_ok());
        assert!(refuse_secret_in_arguments("webhook_secret", None).is_ok());
    }
}
