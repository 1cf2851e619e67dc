//! A write on the wire: once, and with an honest account of what became of it.

use std::time::Instant;

use reqwest::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use reqwest::{Method, Response, StatusCode};
use url::Url;

use super::authorization::Proof;
use super::exchange::{broken, chain, class, date, read_body};
use super::{Answer, Client};
use crate::github::budget::{Permit, Want};
use crate::github::error::{Call, ErrorKind, GithubError, refusal};
use crate::github::origin::{authority, same_origin};
use crate::github::retry::Api;
use crate::github::spent::Spent;
use crate::github::write::WriteFailure;
use crate::telemetry::metric;

/// How many redirects in a row are followed: a renamed repository takes one.
const REDIRECTS: usize = 5;
/// As much of a refusal's body as is looked at, in bytes.
const REFUSAL_BYTES: usize = 64 * 1024;

/// A request that changes something.
#[derive(Debug, Clone)]
pub(in crate::github) struct WriteRequest {
    call: Call,
    method: Method,
    url: Url,
    body: Option<Vec<u8>>,
    is_secret: bool,
}

impl WriteRequest {
    /// `method url` with a JSON body, or without one.
    pub(in crate::github) fn new(method: Method, url: Url, body: Option<Vec<u8>>) -> Self {
        let word = match method {
            Method::POST => "POST",
            Method::PATCH => "PATCH",
            Method::PUT => "PUT",
            Method::DELETE => "DELETE",
            _ => "WRITE",
        };
        let call = Call {
            api: Api::Rest,
            method: word,
            path: url.path().to_owned(),
        };
        Self {
            call,
            method,
            url,
            body,
            is_secret: false,
        }
    }

    /// The same, where address and answer hold secrets: it is called `path` wherever it is told of.
    pub(in crate::github) fn secret(mut self, path: &str) -> Self {
        path.clone_into(&mut self.call.path);
        self.is_secret = true;
        self
    }

    fn unanswered(&self, kind: ErrorKind) -> GithubError {
        GithubError::unanswered(self.call.clone(), kind)
    }
}

impl Client {
    /// Sends a write. It is never sent twice to where it may have been done, which a proof that GitHub refused rules out; a request to stop
    /// keeps it from being sent, and does not cut it short once it is.
    pub(in crate::github) async fn write(&self, request: &WriteRequest) -> Result<Answer, WriteFailure> {
        let proof = async || self.proof(&request.call).await.map_err(WriteFailure::NotDone);
        let mut with = proof().await?;
        let mut result = self.attempt_write(request, &with).await;
        if let Err(WriteFailure::NotDone(error)) = &result
            && self.drops(&with, error)
        {
            with = proof().await?;
            result = self.attempt_write(request, &with).await;
        }
        result.map_err(|failure| match failure {
            WriteFailure::NotDone(error) => WriteFailure::NotDone(with.explained(error)),
            WriteFailure::Unknown(error) => WriteFailure::Unknown(with.explained(error)),
        })
    }

    async fn attempt_write(&self, request: &WriteRequest, proof: &Proof<'_>) -> Result<Answer, WriteFailure> {
        if self.stop.is_cancelled() {
            return Err(WriteFailure::NotDone(request.unanswered(ErrorKind::Stopped)));
        }
        let want = Want::Write {
            makes_content: request.method == Method::POST,
        };
        let permit = self.permit(&request.call, want).await.map_err(WriteFailure::NotDone)?;
        let began = Instant::now();
        // Boxed, as a read's exchange is.
        let result = Box::pin(self.write_and_follow(request, proof, &permit)).await;
        if let Err(WriteFailure::NotDone(error) | WriteFailure::Unknown(error)) = &result {
            self.heed(error).await;
        }
        drop(permit);
        let (status, request_id) = match &result {
            Ok(answer) => (Some(answer.seen.status.as_u16()), answer.seen.request_id.as_deref()),
            Err(WriteFailure::NotDone(error) | WriteFailure::Unknown(error)) => (error.status(), error.request_id()),
        };
        tracing::info!(
            method = request.call.method,
            path = request.call.path,
            status,
            request_id,
            duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            "wrote to GitHub"
        );
        result
    }

    async fn write_and_follow(&self, request: &WriteRequest, proof: &Proof<'_>, permit: &Permit) -> Result<Answer, WriteFailure> {
        let mut url = request.url.clone();
        for _ in 0..REDIRECTS {
            let response = self.send_write(request, proof, &url).await?;
            permit.saw(response.status(), response.headers(), date(response.headers()));
            // GitHub did nothing where it sends us elsewhere.
            match response.status().as_u16() {
                301 | 302 | 307 | 308 => url = self.write_target(request, &url, &response).map_err(WriteFailure::NotDone)?,
                _ => return self.receive_write(request, url, response).await,
            }
        }
        let to = (!request.is_secret).then(|| url.path().to_owned());
        Err(WriteFailure::NotDone(request.unanswered(ErrorKind::Moved { to })))
    }

    async fn send_write(&self, request: &WriteRequest, proof: &Proof<'_>, url: &Url) -> Result<Response, WriteFailure> {
        let mut builder = proof.on(self.inner.http.request(request.method.clone(), url.clone()));
        if let Some(body) = &request.body {
            builder = builder
                .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
                .body(body.clone());
        }
        self.count(Spent::REQUEST);
        let result = builder.send().await;
        let class = result.as_ref().map_or("none", |response| class(response.status()));
        metrics::counter!(metric::GITHUB_REQUESTS, "api" => request.call.api.as_str(), "class" => class).increment(1);
        result.map_err(|error| {
            // Without a connection nothing can have been sent; also when it was waited for in vain.
            if error.is_connect() {
                let reason = format!("{}: {}", authority(url), chain(&error));
                return WriteFailure::NotDone(request.unanswered(ErrorKind::Unreachable { reason }));
            }
            let kind = broken(&error, url);
            match kind {
                ErrorKind::Setup { .. } => WriteFailure::NotDone(request.unanswered(kind)),
                _ => WriteFailure::Unknown(request.unanswered(kind)),
            }
        })
    }

    /// Where a redirect leads that keeps the method, if the token may go there.
    fn write_target(&self, request: &WriteRequest, url: &Url, response: &Response) -> Result<Url, GithubError> {
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
        if !matches!(
            response.status(),
            StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT
        ) {
            let to = (!request.is_secret).then(|| target.path().to_owned());
            return Err(fail(ErrorKind::Moved { to }));
        }
        Ok(target)
    }

    async fn receive_write(&self, request: &WriteRequest, url: Url, response: Response) -> Result<Answer, WriteFailure> {
        let (status, headers) = (response.status(), response.headers().clone());
        let seen = self.seen(status, &headers);
        self.count(Spent::points(1));
        if !status.is_success() {
            let body = read_body(response, REFUSAL_BYTES, Vec::new())
                .await
                .unwrap_or_else(|(_, part)| part);
            let error = refusal(request.call.clone(), seen, &headers, &String::from_utf8_lossy(&body));
            // A gateway that gave up says nothing of what goes on behind it.
            return Err(if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT {
                WriteFailure::Unknown(error)
            } else {
                WriteFailure::NotDone(error)
            });
        }
        let body = read_body(response, self.inner.max_body, Vec::new())
            .await
            .map_err(|(kind, _)| WriteFailure::Unknown(GithubError::answered(request.call.clone(), kind, seen.clone())))?;
        Ok(Answer {
            call: request.call.clone(),
            seen,
            headers,
            url,
            body,
            is_secret: request.is_secret,
        })
    }
}
