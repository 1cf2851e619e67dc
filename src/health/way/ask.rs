//! Asking an address who answers there.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION};
use reqwest::{Client, RequestBuilder, Response, redirect};
use serde::Deserialize;
use url::Url;

use crate::config::paths::{DOCTOR, WEBHOOK};

use super::question::{ANSWERED_BY, Question, SESSION_OF_NOBODY, Seen};

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Redirects that are followed: from http to https, and from one name to another.
const REDIRECTS: usize = 3;
/// As much of a sentence as is told, in signs.
const MOST_WORDS: usize = 300;

/// Asks; of one installation.
#[derive(Debug)]
pub struct Asker {
    question: Question,
    site: String,
}

/// What was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// This installation answers.
    Ours(Seen),
    /// A sidecar answers, but not for this installation; its words.
    Stranger(String),
    /// nginx passes our paths on, and nobody answers behind it.
    Behind,
    /// Something else answers, with this status.
    Else(u16),
    /// Nobody answers; why.
    Nobody(String),
}

/// An answer as Frappe would write it.
#[derive(Debug, Default, Deserialize)]
struct Envelope {
    message: Option<Seen>,
    exception: Option<String>,
}

impl Asker {
    /// For the site of that name, whose installation has this id.
    #[must_use]
    pub fn new(site: &str, instance: &str) -> Self {
        Self {
            question: Question::new(instance),
            site: site.to_owned(),
        }
    }

    /// Asks the address that `serve` listens on.
    pub async fn sidecar(&self, address: SocketAddr) -> Heard {
        let Ok(url) = Url::parse(&format!("http://{address}{DOCTOR}")) else {
            return Heard::Nobody("it is no address".to_owned());
        };
        // By the host, which counts from everybody.
        self.heard(
            self.send(&url, |client, url| self.asking(client.get(url)).header(HOST, &self.site))
                .await,
        )
        .await
    }

    /// Asks the address that people open.
    pub async fn site(&self, base: &Url) -> Heard {
        self.heard(self.send(&at(base, DOCTOR), |client, url| self.asking(client.get(url))).await)
            .await
    }

    /// Delivers nothing, unsigned, to where GitHub delivers: whoever answers shows himself, and nothing is done.
    pub async fn webhook(&self, base: &Url) -> Heard {
        let deliver = |client: &Client, url: Url| client.post(url).header(CONTENT_TYPE, "application/json").body("{}");
        match self.send(&at(base, WEBHOOK), deliver).await {
            Ok(response) if is_marked(&response) => Heard::Stranger(String::new()),
            sent => self.heard(sent).await,
        }
    }

    fn asking(&self, request: RequestBuilder) -> RequestBuilder {
        let (name, value) = self.question.header();
        request.header(name, value).header(COOKIE, format!("sid={SESSION_OF_NOBODY}"))
    }

    /// Sends, again to where a redirect leads: with the same headers, which a client would drop on the way.
    async fn send(&self, url: &Url, make: impl Fn(&Client, Url) -> RequestBuilder) -> Result<Response, String> {
        let mut url = url.clone();
        for _ in 0..REDIRECTS {
            let client = client(&url).await?;
            let response = make(&client, url.clone()).send().await.map_err(|error| innermost(&error))?;
            let target = response
                .headers()
                .get(LOCATION)
                .and_then(|target| url.join(target.to_str().ok()?).ok());
            match target.filter(|_| response.status().is_redirection()) {
                Some(target) => url = target,
                None => return Ok(response),
            }
        }
        Err("it redirects without end".to_owned())
    }

    async fn heard(&self, sent: Result<Response, String>) -> Heard {
        let response = match sent {
            Ok(response) => response,
            Err(reason) => return Heard::Nobody(reason),
        };
        let (status, marked) = (response.status().as_u16(), is_marked(&response));
        let text = match response.text().await {
            Ok(text) => text,
            Err(error) => return Heard::Nobody(innermost(&error)),
        };
        let envelope: Envelope = serde_json::from_str(&text).unwrap_or_default();
        match envelope.message {
            Some(seen) if marked && self.question.is_answered_by(&seen) => Heard::Ours(seen),
            _ if marked => {
                let words = envelope.exception.unwrap_or_default();
                let words = words.split_once(": ").map_or(words.as_str(), |(_, words)| words);
                Heard::Stranger(words.chars().take(MOST_WORDS).collect())
            }
            _ if text.contains("erpnext-github doctor") => Heard::Behind,
            _ => Heard::Else(status),
        }
    }
}

fn at(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(path);
    url.set_query(None);
    url
}

fn is_marked(response: &Response) -> bool {
    let (name, value) = ANSWERED_BY;
    response.headers().get(name).is_some_and(|mark| mark == value)
}

/// A client for one address. A name that this machine does not know is looked for on this machine: nginx runs here.
async fn client(url: &Url) -> Result<Client, String> {
    // An error means that one is there already.
    let _kept = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .timeout(PATIENCE)
        .no_proxy()
        .redirect(redirect::Policy::none());
    if url.scheme() == "http" {
        // Certificate authorities are not needed, and may be missing.
        builder = builder.tls_certs_only([]);
    }
    if let Some(host) = url.domain()
        && tokio::net::lookup_host((host, url.port_or_known_default().unwrap_or(80)))
            .await
            .is_err()
    {
        builder = builder.resolve(host, SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0));
    }
    builder.build().map_err(|error| innermost(&error))
}

/// The innermost cause says what happened, for example "connection refused".
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
