//! `healthcheck`: asks a running `serve` whether it is well, for containers without curl.

use std::time::Duration;

use anyhow::Context as _;

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
    let url = url::Url::parse(&args.url)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .ok_or_else(|| {
            UsageError(format!(
                "`{}` is no web address: write for example http://127.0.0.1:9100/readyz",
                args.url
            ))
        })?;
    // An error means that one is there already.
    let _kept = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .no_proxy()
        .build()
        .context("preparing the request")?;
    let answer = client.get(url.clone()).send().await.map_err(|error| away(&url, &error))?;
    let status = answer.status();
    let body = answer.bytes().await.map_err(|error| away(&url, &error))?;
    if status.is_success() {
        output::line(&format!("{url}: {status}"));
        return Ok(Exit::Done);
    }
    let shown = String::from_utf8_lossy(&body[..body.len().min(SHOWN_BYTES)]);
    Err(anyhow::anyhow!("{url}: {status}: {}", shown.trim()))
}

fn away(url: &url::Url, error: &(dyn std::error::Error + 'static)) -> UnreachableError {
    // The innermost cause says what happened, for example "connection refused".
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    UnreachableError(format!(
        "{url} does not answer ({cause}): is `erpnext-github serve` running there?"
    ))
}
