//! How calls to GitHub leave this machine: is the proxy there, and can the certificate authorities be read?

use std::time::Duration;

use tokio::net::TcpStream;

use crate::github::{Client, Outgoing};
use crate::health::{CheckId, CheckResult};

/// A proxy that does not take a connection within this is away.
const PATIENCE: Duration = Duration::from_secs(5);

/// Knocks at the proxy, if there is one; GitHub itself is asked by another check.
pub(in crate::health) async fn check(client: &Client) -> CheckResult {
    let id = CheckId::Network;
    let outgoing = match client.outgoing() {
        Ok(outgoing) => outgoing,
        Err(error) => return CheckResult::failed(id, error.to_string()),
    };
    match away(&outgoing).await {
        None => CheckResult::ok(id, told(&outgoing)),
        Some(reason) => CheckResult::failed_by(
            id,
            format!(
                "{}, but the proxy does not answer ({reason}): correct HTTPS_PROXY, or name GitHub's host in NO_PROXY",
                told(&outgoing)
            ),
            true,
        ),
    }
}

async fn away(outgoing: &Outgoing) -> Option<String> {
    let proxy = outgoing.proxy.as_ref()?;
    let at = (
        proxy.host_str()?.trim_matches(['[', ']']).to_owned(),
        proxy.port_or_known_default()?,
    );
    match tokio::time::timeout(PATIENCE, TcpStream::connect(at)).await {
        Ok(Ok(_connected)) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_elapsed) => Some("it takes too long".to_owned()),
    }
}

fn told(outgoing: &Outgoing) -> String {
    let by = match &outgoing.proxy {
        Some(proxy) => format!("through the proxy {proxy}"),
        None => "without a proxy".to_owned(),
    };
    let authorities = match &outgoing.authorities {
        Some((file, count)) => format!(
            "the system's certificate authorities and {count} of {} ({})",
            file.path.display(),
            file.origin
        ),
        None => "the system's certificate authorities".to_owned(),
    };
    format!("{} is called {by}, with {authorities}", outgoing.api)
}
