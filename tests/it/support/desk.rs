//! The desk of a mirrored site: the sidecar's HTTP surface, and people with sessions who call it.

use std::sync::Arc;

use chrono::TimeDelta;
use erpnext_github::api::{self, ApiState, Deliveries, Desk as DeskState, MetricsHandle, Proxy, Server};
use erpnext_github::app::Served;
use erpnext_github::config::TrustedProxies;
use erpnext_github::frappe::zone::frappe_text;
use reqwest::Method;
use serde_json::Value;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::mirror::Mirror;

/// A running surface; it ends with the test.
pub(crate) struct Desk {
    base: String,
    site: String,
    http: reqwest::Client,
    state: DeskState,
    _end: DropGuard,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    /// HTTP status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: Value,
}

impl Answer {
    /// What the method gave.
    pub(crate) fn message(&self) -> &Value {
        assert_eq!(self.status, 200, "{self:?}");
        &self.body["message"]
    }

    /// The sentence that the desk would show.
    pub(crate) fn sentence(&self) -> String {
        let list: Vec<String> =
            serde_json::from_str(self.body["_server_messages"].as_str().unwrap_or("[]")).expect("a list of texts");
        let first: Value = serde_json::from_str(list.first().map_or("{}", String::as_str)).expect("a message");
        first["message"].as_str().unwrap_or_default().to_owned()
    }
}

/// How somebody calls: who, and what he leaves out or gets wrong.
#[derive(Debug, Clone, Copy)]
pub(crate) struct As<'a> {
    /// His session's id; none for nobody.
    pub(crate) sid: Option<&'a str>,
    /// The token that he brings along.
    pub(crate) csrf_token: Option<&'a str>,
}

impl Desk {
    /// The surface of `mirror`'s site.
    pub(crate) async fn of(mirror: &Mirror) -> Self {
        Self::with(mirror, |_| None).await
    }

    /// The same, in front of the bench that `bench` makes for a process that ends with its token.
    pub(crate) async fn with(mirror: &Mirror, bench: impl FnOnce(CancellationToken) -> Option<Proxy>) -> Self {
        let app = mirror.app().clone();
        let end = CancellationToken::new();
        let name = mirror.site().name().to_owned();
        let listed = name.clone();
        let sites = Served::new(app.clone(), move || vec![listed.clone()], end.clone());
        let state = ApiState {
            readiness: sites.readiness(),
            metrics: MetricsHandle::start(app.databases().clone()).expect("counters"),
            desk: DeskState::new(Arc::new(sites), TrustedProxies::default()),
            deliveries: Deliveries::counting(app.crowd().clone()),
        };
        let desk = state.desk.clone();
        let server = Server::bind("127.0.0.1:0".parse().expect("an address"))
            .await
            .expect("a port")
            .in_front_of(bench(end.clone()));
        let base = format!("http://{}", server.address());
        tokio::spawn(server.run(api::router(state), end.clone()));
        // An error means that one is there already.
        let _kept = rustls::crypto::ring::default_provider().install_default();
        Self {
            base,
            site: name,
            http: reqwest::Client::builder().no_proxy().build().expect("a client"),
            state: desk,
            _end: end.drop_guard(),
        }
    }

    /// Somebody with a session whose id is his name before the `@` and whose token is `token-` and that.
    pub(crate) async fn log_in(mirror: &Mirror, user: &str) {
        let zone = mirror.site().zone().await.expect("a zone");
        let now = frappe_text(zone.to_local(mirror.site().clock().now() - TimeDelta::minutes(1)));
        let short = short(user);
        mirror
            .erp
            .erp()
            .add_session(user, short, &format!("token-{short}"), &now)
            .await
            .expect("a session");
    }

    /// A call by POST with a form, as the desk makes it.
    pub(crate) async fn post(&self, user: &str, method: &str, form: &[(&str, &str)]) -> Answer {
        let (sid, token) = (short(user), format!("token-{}", short(user)));
        let who = As {
            sid: Some(sid),
            csrf_token: Some(&token),
        };
        self.call(Method::POST, who, method, form).await
    }

    /// A call by GET.
    pub(crate) async fn get(&self, user: &str, method: &str, query: &[(&str, &str)]) -> Answer {
        let who = As {
            sid: Some(short(user)),
            csrf_token: None,
        };
        self.call(Method::GET, who, method, query).await
    }

    /// Its address.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Waits for what goes on after its call was answered.
    pub(crate) async fn ended(&self) {
        self.state.ended().await;
    }

    /// Any call. `method` is the path after `/api/method/`.
    pub(crate) async fn call(&self, verb: Method, who: As<'_>, method: &str, arguments: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(arguments)
            .finish();
        let path = format!("{}/api/method/{method}", self.base);
        let request = if verb == Method::GET {
            self.http.get(format!("{path}?{body}"))
        } else {
            self.http
                .request(verb, path)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body)
        };
        let mut request = request.header("x-frappe-site-name", &self.site);
        if let Some(sid) = who.sid {
            request = request.header("cookie", format!("system_user=yes; sid={sid}"));
        }
        if let Some(token) = who.csrf_token {
            request = request.header("x-frappe-csrf-token", token);
        }
        Self::answer(request).await
    }

    /// A request of one's own making, to a path of the surface.
    pub(crate) fn request(&self, verb: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(verb, format!("{}{path}", self.base))
    }

    /// Where it is, as `http://IP:PORT`.
    pub(crate) fn address(&self) -> &str {
        &self.base
    }

    /// Sends it.
    pub(crate) async fn answer(request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.expect("an answer");
        let status = response.status().as_u16();
        let text = response.text().await.expect("a body");
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer { status, body }
    }
}

fn short(user: &str) -> &str {
    user.split('@').next().unwrap_or(user)
}
