//! One attempt: send, follow redirects within the same host, take the body up to a bound, tell success from refusal.

use std::error::Error;
use std::time::Instant;

use chrono::{DateTime, Utc};
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderValue, IF_NONE_MATCH, LOCATION};
use reqwest::{Response, StatusCode};
use url::Url;

use super::authorization::Proof;
use super::{Answer, Client, Request, resource};
use crate::github::budget::{Permit, Want};
use crate::github::error::{ErrorKind, GithubError, Seen, refusal, tidy};
use crate::github::origin::{authority, same_origin};
use crate::github::retry::{Api, limit};
use crate::github::spent::Spent;
use crate::telemetry::metric;

/// How many redirects in a row are followed: a renamed repository takes one.
const REDIRECTS: usize = 5;
/// As much of a refusal's body as is looked at, in bytes.
const REFUSAL_BYTES: usize = 64 * 1024;

impl Client {
    /// Sends `request` once, redirects aside; a second time where GitHub refused a proof that can be had anew.
    pub(super) async fn exchange(&self, request: &Request) -> Result<Answer, GithubError> {
        let mut proof = self.proof(&request.call).await?;
        let mut result = self.attempt(request, &proof).await;
        if let Err(error) = &result
            && self.drops(&proof, error)
        {
            proof = self.proof(&request.call).await?;
            result = self.attempt(request, &proof).await;
        }
        result.map_err(|error| proof.explained(error))
    }

    async fn attempt(&self, request: &Request, proof: &Proof<'_>) -> Result<Answer, GithubError> {
        let want = Want::Read(resource(request.call.api, &request.call.path));
        let permit = self.permit(&request.call, want).await?;
        let began = Instant::now();
        let result = self.follow(request, proof, &permit).await;
        // Before those who wait for the place go on.
        if let Err(error) = &result {
            self.heed(error).await;
        }
        drop(permit);
        let (status, request_id) = match &result {
            Ok(answer) => (Some(answer.seen.status.as_u16()), answer.seen.request_id.as_deref()),
            Err(error) => (error.status(), error.request_id()),
        };
        tracing::debug!(
            method = request.call.method,
            path = request.call.path,
            status,
            request_id,
            duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            "asked GitHub"
        );
        result
    }

    async fn follow(&self, request: &Request, proof: &Proof<'_>, permit: &Permit) -> Result<Answer, GithubError> {
        let mut url = request.url.clone();
        for _ in 0..REDIRECTS {
            let response = self.send(request, proof, &url).await?;
            permit.saw(response.status(), response.headers(), date(response.headers()));
            if !is_redirect(response.status()) {
                return self.receive(request, url, response).await;
            }
            permit.again();
            url = self.target(request, &url, &response)?;
        }
        let to = Some(url.path().to_owned());
        Err(GithubError::unanswered(request.call.clone(), ErrorKind::Moved { to }))
    }

    /// Puts one request on the wire and waits for the head of its answer.
    async fn send(&self, request: &Request, proof: &Proof<'_>, url: &Url) -> Result<Response, GithubError> {
        let mut builder = match &request.query {
            None => self.inner.http.get(url.clone()),
            Some(query) => self
                .inner
                .http
                .post(url.clone())
                .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
                .body(query.clone()),
        };
        builder = proof.on(builder);
        if let Some(etag) = &request.etag {
            builder = builder.header(IF_NONE_MATCH, etag);
        }
        self.count(Spent::REQUEST);
        let result = builder.send().await;
        let class = match &result {
            Ok(response) if response.status() == StatusCode::NOT_MODIFIED => "304",
            Ok(response) => class(response.status()),
            Err(_) => "none",
        };
        metrics::counter!(metric::GITHUB_REQUESTS, "api" => request.call.api.as_str(), "class" => class).increment(1);
        result.map_err(|error| GithubError::unanswered(request.call.clone(), broken(&error, url)))
    }

    /// Where a redirect leads, if the token may go there.
    fn target(&self, request: &Request, url: &Url, response: &Response) -> Result<Url, GithubError> {
        self.count(Spent::points(1));
        let fail = |kind| GithubError::answered(request.call.clone(), kind, self.seen(response.status(), response.headers()));
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let target = location
            .and_then(|text| url.join(text).ok())
            .ok_or_else(|| fail(ErrorKind::Moved { to: None }))?;
        if !same_origin(&target, &request.url) {
            let host = authority(&target);
            return Err(fail(ErrorKind::CrossHostRedirect { host }));
        }
        if request.query.is_some() {
            let to = Some(target.path().to_owned());
            return Err(fail(ErrorKind::Moved { to }));
        }
        Ok(target)
    }

    async fn receive(&self, request: &Request, url: Url, response: Response) -> Result<Answer, GithubError> {
        let (status, headers) = (response.status(), response.headers().clone());
        let seen = self.seen(status, &headers);
        if status == StatusCode::NOT_MODIFIED && request.etag.is_some() {
            self.count(Spent::NOT_MODIFIED);
            return Ok(Answer {
                call: request.call.clone(),
                seen,
                headers,
                url,
                body: Vec::new(),
                is_secret: false,
            });
        }
        if !status.is_success() {
            let body = read_body(response, REFUSAL_BYTES, Vec::new())
                .await
                .unwrap_or_else(|(_, part)| part);
            let text = String::from_utf8_lossy(&body);
            if request.call.api == Api::Rest && limit(status, &headers, &text).is_none() {
                self.count(Spent::points(1));
            }
            return Err(refusal(request.call.clone(), seen, &headers, &text));
        }
        if request.call.api == Api::Rest {
            self.count(Spent::points(1));
        }
        let body = read_body(response, self.inner.max_body, self.inner.buffers.take())
            .await
            .map_err(|(kind, _)| GithubError::answered(request.call.clone(), kind, seen.clone()))?;
        if body.is_empty() {
            return Err(GithubError::answered(request.call.clone(), ErrorKind::EmptyBody, seen));
        }
        Ok(Answer {
            call: request.call.clone(),
            seen,
            headers,
            url,
            body,
            is_secret: request.is_secret,
        })
    }

    pub(super) fn seen(&self, status: StatusCode, headers: &HeaderMap) -> Seen {
        Seen {
            status,
            message: None,
            request_id: headers
                .get("x-github-request-id")
                .and_then(|value| tidy(value.to_str().ok()?)),
            date: date(headers).unwrap_or_else(|| self.inner.clock.now()),
        }
    }
}

/// Reads a body up to `limit` bytes, unpacked, into `body`, which is empty. A failure comes with what was read until then.
pub(in crate::github) async fn read_body(
    mut response: Response,
    limit: usize,
    mut body: Vec<u8>,
) -> Result<Vec<u8>, (ErrorKind, Vec<u8>)> {
    let announced = response
        .content_length()
        .and_then(|length| usize::try_from(length).ok())
        .unwrap_or(0);
    body.reserve(announced.min(limit));
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > limit => return Err((ErrorKind::TooLarge { limit }, body)),
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(body),
            Err(error) if error.is_timeout() => return Err((ErrorKind::Timeout, body)),
            Err(error) => {
                let reason = format!("after {} bytes ({})", body.len(), chain(&error));
                return Err((ErrorKind::Truncated { reason }, body));
            }
        }
    }
}

/// The kind of a failure before the head of an answer was there.
pub(in crate::github) fn broken(error: &reqwest::Error, url: &Url) -> ErrorKind {
    let reason = format!("{}: {}", authority(url), chain(error));
    if error.is_timeout() {
        ErrorKind::Timeout
    } else if error.is_connect() {
        ErrorKind::Unreachable { reason }
    } else if error.is_builder() {
        ErrorKind::Setup {
            reason,
            action: "report this: the request was ours",
        }
    } else {
        ErrorKind::Truncated { reason }
    }
}

/// The innermost words of an error: the outer ones only repeat that something failed, and hold the address with its query.
pub(in crate::github) fn chain(error: &reqwest::Error) -> String {
    let mut innermost: &dyn Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    let text = if innermost.is::<reqwest::Error>() {
        "the connection failed".to_owned()
    } else {
        innermost.to_string()
    };
    tidy(&text).unwrap_or_default()
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 307 | 308)
}

pub(in crate::github) fn date(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    let text = headers.get(DATE)?.to_str().ok()?;
    DateTime::parse_from_rfc2822(text).ok().map(|time| time.to_utc())
}

pub(super) fn class(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        5 => "5xx",
        _ => "other",
    }
}
