//! `healthcheck`: asks a running `serve` whether it is well, for containers without curl.

use std::time::Duration;

use anyhow::Context as _;

use crate::config::without_password;

use super::Exit;
use super::exit::{UnreachableError, UsageError};
use super::output;

/// How long the answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Of an answer that is not well, this much is shown.
const SHOWN_BYTES: usize = 4096;

/// Asks a running `serve` whether it is well
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Address to ask, for example <http://127.0.0.1:9100/readyz>
    #[arg(value_name = "URL")]
    url: String,
}

/// Runs the command.
pub(super) async fn run(args: Args) -> anyhow::Result<Exit> {
    let shown = without_password(&args.url);
    let url = url::Url::parse(&args.url)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .ok_or_else(|| {
            UsageError(format!(
                "`{shown}` is no web address: write for example http://127.0.0.1:9100/readyz"
            ))
        })?;
    // An error means that one is there already.
    let _kept = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .no_proxy()
        .build()
        .context("preparing the request")?;
    let answer = client.get(url).send().await.map_err(|error| away(&shown, &error))?;
    let status = answer.status();
    let body = answer.bytes().await.map_err(|error| away(&shown, &error))?;
    if status.is_success() {
        output::line(&format!("{shown}: {status}"));
        return Ok(Exit::Done);
    }
    let told = String::from_utf8_lossy(&body[..body.len().min(SHOWN_BYTES)]);
    Err(anyhow::anyhow!("{shown}: {status}: {}", told.trim()))
}

fn away(url: &str, error: &(dyn std::error::Error + 'static)) -> UnreachableError {
    // The innermost cause says what happened, for example "connection refused".
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    UnreachableError(format!(
        "{url} does not answer ({cause}): is `erpnext-github serve` running there?"
    ))
}
