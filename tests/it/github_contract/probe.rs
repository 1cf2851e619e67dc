//! A client for the fake whose every answer is held against GitHub's descriptions.

use std::sync::Once;

use erpnext_github::sim::github::{FakeGithub, World};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use super::graphql_schema::{check_answer, check_document};
use super::openapi::OpenApi;

/// For which version of the API requests are written.
const VERSION: (HeaderName, HeaderValue) = (
    HeaderName::from_static("x-github-api-version"),
    HeaderValue::from_static("2022-11-28"),
);

/// An answer.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Reply {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.body))
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("a readable header"))
    }

    /// The address with a relation in the `Link` header.
    pub(super) fn link(&self, rel: &str) -> Option<String> {
        let wanted = format!("rel=\"{rel}\"");
        let part = self.header("link")?.split(", ").find(|part| part.ends_with(&wanted))?;
        Some(part.trim_start_matches('<').split('>').next()?.to_owned())
    }

    /// The numbers of a list of items.
    pub(super) fn numbers(&self) -> Vec<u64> {
        let json = self.json();
        let items = json.as_array().expect("a list");
        items.iter().map(|item| item["number"].as_u64().expect("a number")).collect()
    }
}

/// A fake GitHub and a client with a token.
pub(super) struct Probe {
    pub(super) fake: FakeGithub,
    client: Client,
    pub(super) token: Option<String>,
    /// Id and secret of an App, which writes then prove themselves with.
    pub(super) app: Option<(String, String)>,
}

impl Probe {
    pub(super) async fn new(world: World) -> Self {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let client = Client::builder()
            .user_agent("contract tests")
            .default_headers(HeaderMap::from_iter([VERSION]))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .expect("a client");
        Self {
            fake: FakeGithub::start(world).await.expect("a free port"),
            client,
            token: Some(World::TOKEN.to_owned()),
            app: None,
        }
    }

    pub(super) fn with_token(mut self, token: Option<&str>) -> Self {
        self.token = token.map(str::to_owned);
        self
    }

    /// Sends a request that may fail on the way; nothing is checked.
    pub(super) async fn send(&self, target: &str, headers: &[(&str, &str)]) -> reqwest::Result<Reply> {
        let url = if target.starts_with("http") {
            target.to_owned()
        } else {
            format!("{}{target}", self.fake.base_url())
        };
        let mut request = self.client.get(url);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        reply(request.send().await?).await
    }

    /// Sends a request, and holds it and its answer against the description.
    pub(super) async fn get_with(&self, target: &str, headers: &[(&str, &str)]) -> Reply {
        let reply = self.send(target, headers).await.expect("an answer");
        self.check("GET", target, "", &reply);
        reply
    }

    fn check(&self, method: &str, target: &str, body: &str, reply: &Reply) {
        let target = target.strip_prefix(self.fake.base_url()).unwrap_or(target);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let api = OpenApi::get();
        // A value that GitHub refuses is refused by its description, too.
        if ![400, 422].contains(&reply.status) {
            assert_eq!(api.check_request(method, path, query), Ok(()));
            assert_eq!(api.check_body(method, path, body), Ok(()));
        }
        let problems = api.check_answer(method, path, reply.status, &reply.body);
        assert!(
            problems.is_empty(),
            "{method} {target} answered {}:\n{}",
            reply.status,
            problems.join("\n")
        );
        for name in ["date", "x-github-request-id"] {
            assert!(reply.header(name).is_some(), "{method} {target} without {name}");
        }
    }

    /// Sends a write that may fail on the way; nothing is checked.
    pub(super) async fn send_write(&self, method: &str, target: &str, body: String) -> reqwest::Result<Reply> {
        let url = match target.strip_prefix('/') {
            Some(path) => format!("{}/{path}", self.fake.base_url()),
            None => target.to_owned(),
        };
        let method = method.parse().expect("an HTTP method");
        let mut request = self.client.request(method, url).body(body);
        if let Some((id, secret)) = &self.app {
            request = request.basic_auth(id, Some(secret));
        } else if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        reply(request.send().await?).await
    }

    /// Sends a write, `null` for none of a body, and holds it and its answer against the description.
    pub(super) async fn write(&self, method: &str, target: &str, body: Value) -> Reply {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let reply = self.send_write(method, target, body.clone()).await.expect("an answer");
        self.check(method, target, &body, &reply);
        reply
    }

    /// A write that must be answered with `status`; gives the JSON of the answer, null for none.
    pub(super) async fn done_as(&self, status: u16, method: &str, target: &str, body: Value) -> Value {
        let reply = self.write(method, target, body).await;
        assert_eq!(reply.status, status, "{method} {target}: {}", reply.body);
        if reply.body.is_empty() { Value::Null } else { reply.json() }
    }

    pub(super) async fn get(&self, target: &str) -> Reply {
        self.get_with(target, &[]).await
    }

    /// Asks for something that must be there.
    pub(super) async fn ok(&self, target: &str) -> Reply {
        let reply = self.get(target).await;
        assert_eq!(reply.status, 200, "GET {target}: {}", reply.body);
        reply
    }

    /// Follows `next` from a target to the end of the list.
    pub(super) async fn pages(&self, target: &str) -> Vec<Reply> {
        let mut pages = vec![self.ok(target).await];
        while let Some(next) = pages.last().and_then(|page| page.link("next")) {
            pages.push(self.ok(&next).await);
        }
        pages
    }

    /// Sends a document, whatever comes of it.
    pub(super) async fn graphql_unchecked(&self, query: &str, variables: Value) -> Reply {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let mut request = self.client.post(self.fake.graphql_url()).body(body);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        reply(request.send().await.expect("an answer")).await.expect("a body")
    }

    /// Sends a document, and holds it and the data of its answer against the schema.
    pub(super) async fn graphql(&self, query: &str, variables: Value) -> Value {
        check_document(query).unwrap_or_else(|why| panic!("{why}"));
        let reply = self.graphql_unchecked(query, variables).await;
        assert_eq!(reply.status, StatusCode::OK.as_u16(), "{}", reply.body);
        let json = reply.json();
        if json["data"].is_object() {
            assert_eq!(check_answer(query, &json["data"]), Vec::<String>::new(), "{query}");
        }
        json
    }

    /// As [`Probe::graphql`], without errors.
    pub(super) async fn data(&self, query: &str, variables: Value) -> Value {
        let mut json = self.graphql(query, variables).await;
        assert_eq!(json.get("errors"), None, "{query}");
        json["data"].take()
    }

    /// Ends a test that asked for nothing strange.
    pub(super) fn done(self) {
        assert_eq!(self.fake.unexpected(), Vec::<String>::new());
    }
}

async fn reply(response: reqwest::Response) -> reqwest::Result<Reply> {
    Ok(Reply {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: response.text().await?,
    })
}
