//! The connection to the bench, and the few calls that are made.

use std::net::IpAddr;
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE, COOKIE, HOST, HeaderValue};
use reqwest::{Method, RequestBuilder, Response, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use url::Url;

use super::envelope;
use super::error::BenchHttpError;
use crate::frappe::auth::{Caller, Means, Presented};
use crate::frappe::site_config::SiteConfig;

/// How long the bench may take to accept a connection; it is on this machine or beside it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long it may take to answer: a little less than the desk waits, and than bench gives its workers.
const TIMEOUT: Duration = Duration::from_secs(100);
/// How long it may take to say who somebody is.
const WHO_TIMEOUT: Duration = Duration::from_secs(10);

/// A document as Frappe's REST interface gives it, child tables included.
pub type Document = Map<String, Value>;

/// A site of the bench, by HTTP. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct BenchHttp {
    http: reqwest::Client,
    base: Url,
    site: HeaderValue,
}

impl std::fmt::Debug for BenchHttp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BenchHttp").field("site", &self.site).finish_non_exhaustive()
    }
}

impl BenchHttp {
    /// The site of this configuration; nothing is connected yet.
    ///
    /// # Errors
    /// [`BenchHttpError::Address`] where the bench's address is none, or no HTTPS connection can be prepared.
    pub fn of(config: &SiteConfig) -> Result<Self, BenchHttpError> {
        let text = config.bench_url();
        let wrong = |reason: String| BenchHttpError::Address {
            text: crate::config::without_password(&text),
            reason,
        };
        let base = Url::parse(&text)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let base = base.ok_or_else(|| wrong("is no web address: write for example http://127.0.0.1:8000".to_owned()))?;
        let site =
            HeaderValue::from_str(&config.site).map_err(|_| wrong("has a site name that no header can hold".to_owned()))?;
        // An error means that one is there already.
        let _kept = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT);
        if base.scheme() == "http" {
            builder = builder.tls_certs_only([]);
        }
        let http = builder
            .build()
            .map_err(|error| wrong(format!("cannot be prepared for ({error})")))?;
        Ok(Self { http, base, site })
    }

    /// Makes a document as `caller`; gives it as Frappe saved it.
    ///
    /// # Errors
    /// As [`BenchHttpError`] says.
    pub async fn insert(&self, caller: &Caller, doctype: &str, values: &Document) -> Result<Document, BenchHttpError> {
        let request = self.request(Method::POST, &["api", "resource", doctype])?;
        data(self.write(request, caller, values).await?)
    }

    /// Changes the given fields of a document as `caller`; gives it as Frappe saved it. With `modified` among them, Frappe refuses
    /// (`TimestampMismatchError`) where somebody saved it since.
    ///
    /// # Errors
    /// As [`BenchHttpError`] says.
    pub async fn update(
        &self,
        caller: &Caller,
        (doctype, name): (&str, &str),
        values: &Document,
    ) -> Result<Document, BenchHttpError> {
        let request = self.request(Method::PUT, &["api", "resource", doctype, name])?;
        data(self.write(request, caller, values).await?)
    }

    /// Reads a document as `caller`.
    ///
    /// # Errors
    /// As [`BenchHttpError`] says.
    pub async fn read(&self, caller: &Caller, doctype: &str, name: &str) -> Result<Document, BenchHttpError> {
        let request = self.request(Method::GET, &["api", "resource", doctype, name])?;
        let request = as_caller(request, caller);
        data(self.send(request).await.map_err(nothing_done)?)
    }

    /// Name of the user whom Frappe takes this for; Guest is refused by Frappe itself (403). With `csrf_token` the question is a
    /// write, so that Frappe checks the token too.
    ///
    /// # Errors
    /// As [`BenchHttpError`] says.
    pub async fn logged_user(
        &self,
        presented: &Presented,
        csrf_token: Option<Option<&SecretString>>,
    ) -> Result<String, BenchHttpError> {
        let verb = if csrf_token.is_some() { Method::POST } else { Method::GET };
        let mut request = self
            .request(verb, &["api", "method", "frappe.auth.get_logged_user"])?
            .timeout(WHO_TIMEOUT);
        if let Some(sid) = &presented.sid {
            request = request.header(COOKIE, secret(&format!("sid={}", sid.expose_secret())));
        }
        if let Some(header) = &presented.authorization {
            request = authorized(request, header, presented.source.as_deref());
        }
        if let Some(Some(token)) = csrf_token {
            request = request.header("x-frappe-csrf-token", secret(token.expose_secret()));
        }
        let answer = self.send(from(request, presented.address)).await.map_err(nothing_done)?;
        Ok(answer.get("message").and_then(Value::as_str).unwrap_or_default().to_owned())
    }

    fn request(&self, verb: Method, path: &[&str]) -> Result<RequestBuilder, BenchHttpError> {
        let mut url = self.base.clone();
        let cannot = || BenchHttpError::Address {
            text: self.address(),
            reason: "has no path".to_owned(),
        };
        url.path_segments_mut().map_err(|()| cannot())?.pop_if_empty().extend(path);
        Ok(self
            .http
            .request(verb, url)
            .header(ACCEPT, "application/json")
            .header("x-frappe-site-name", &self.site)
            // Without nginx in between, Frappe chooses the site by this one.
            .header(HOST, &self.site))
    }

    async fn write(&self, request: RequestBuilder, caller: &Caller, values: &Document) -> Result<Document, BenchHttpError> {
        let body = Value::Object(values.clone()).to_string();
        let request = as_caller(request, caller).header(CONTENT_TYPE, "application/json").body(body);
        self.send(request).await
    }

    async fn send(&self, request: RequestBuilder) -> Result<Document, BenchHttpError> {
        let lost = |error: &reqwest::Error| {
            let (address, reason) = (self.address(), innermost(error));
            if error.is_connect() || error.is_builder() {
                BenchHttpError::Away { address, reason }
            } else {
                BenchHttpError::AnswerLost { address, reason }
            }
        };
        let response = request.send().await.map_err(|error| lost(&error))?;
        let status = response.status().as_u16();
        let location = location(&response);
        let body = response.bytes().await.map_err(|error| lost(&error))?;
        let (address, reason) = (self.address(), format!("status {status}"));
        match (status, envelope::object(&body)) {
            (200..300, Some(answer)) => Ok(answer),
            (200..300, None) => Err(BenchHttpError::AnswerLost {
                address,
                reason: "an answer that is not Frappe's".to_owned(),
            }),
            // Frappe's maintenance, or a proxy that has nobody behind it: nothing was done.
            (503, _) => Err(BenchHttpError::Away { address, reason }),
            // A proxy that got no answer: nobody knows.
            (502 | 504, _) => Err(BenchHttpError::AnswerLost { address, reason }),
            (_, Some(body)) if status >= 400 => Err(BenchHttpError::Refused(envelope::refusal(status, &body))),
            _ => Err(BenchHttpError::NotTheBench {
                address,
                reason: format!("{reason}{location}"),
            }),
        }
    }

    /// Where it is, for people.
    fn address(&self) -> String {
        self.base.origin().ascii_serialization()
    }
}

fn as_caller(request: RequestBuilder, caller: &Caller) -> RequestBuilder {
    let request = match &caller.means {
        Means::None => request,
        Means::Session { sid, csrf_token } => {
            let request = request.header(COOKIE, secret(&format!("sid={}", sid.expose_secret())));
            match csrf_token {
                Some(token) => request.header("x-frappe-csrf-token", secret(token.expose_secret())),
                None => request,
            }
        }
        Means::Authorization { header, source } => authorized(request, header, source.as_deref()),
    };
    from(request, caller.address)
}

fn authorized(request: RequestBuilder, header: &SecretString, source: Option<&str>) -> RequestBuilder {
    let request = request.header("authorization", secret(header.expose_secret()));
    match source {
        Some(source) => request.header("frappe-authorization-source", source),
        None => request,
    }
}

/// Frappe holds users to the addresses that they may come from, and limits calls by address.
fn from(request: RequestBuilder, address: Option<IpAddr>) -> RequestBuilder {
    match address {
        Some(address) => request.header("x-forwarded-for", address.to_string()),
        None => request,
    }
}

/// A header that is printed nowhere; empty where the text cannot be one, which Frappe then refuses.
fn secret(text: &str) -> HeaderValue {
    let mut value = HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

fn data(mut answer: Document) -> Result<Document, BenchHttpError> {
    match answer.remove("data") {
        Some(Value::Object(document)) => Ok(document),
        _ => Err(BenchHttpError::AnswerLost {
            address: "the bench".to_owned(),
            reason: "an answer without a document".to_owned(),
        }),
    }
}

/// A question that was not answered did nothing.
fn nothing_done(error: BenchHttpError) -> BenchHttpError {
    match error {
        BenchHttpError::AnswerLost { address, reason } => BenchHttpError::Away { address, reason },
        other => other,
    }
}

/// Where a redirect leads, for people.
fn location(response: &Response) -> String {
    let location = response.headers().get("location").and_then(|value| value.to_str().ok());
    location.map_or_else(String::new, |to| {
        format!(", sends on to {}", crate::config::without_password(to))
    })
}

/// The innermost cause says what happened, for example "connection refused"; the address is said beside it.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    cause.to_string()
}
