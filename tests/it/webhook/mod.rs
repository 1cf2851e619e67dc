//! GitHub's webhooks: what comes in, and what becomes of it.

mod applied;
mod authorization;
mod beside_desk;
mod broken_off;
mod by_app;
mod clocks;
mod converge;
mod damaged;
mod defects;
mod examples;
mod hooks;
mod hostile;
mod kept;
mod killed;
mod let_go;
mod load;
mod lost_hook;
mod moved;
mod outage;
mod parts;
mod people;
mod previews;
mod quiet_hooks;
mod reached;
mod received;
mod redelivery;
mod redelivery_of_app;
mod release_rules;
mod services;
mod shapes;
mod stale;
mod taken_up;

use erpnext_github::app::settings;
use erpnext_github::frappe::encryption_key;
use erpnext_github::frappe::secrets;
use erpnext_github::sim::github::{Delivery, World};
use erpnext_github::webhook::signature::{HEADER, sign};
use reqwest::Method;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::support::desk::Desk;
use crate::support::mirror::{Mirror, TOKEN};

/// Where GitHub delivers.
const PATH: &str = "/api/method/erpnext_github_integration.webhooks.github_webhook";

/// A mirror whose site takes deliveries.
pub(crate) struct Hooked {
    pub(crate) mirror: Mirror,
    desk: Desk,
    secret: SecretString,
}

impl Hooked {
    /// `octo/web` is mirrored, in a world that `story` fills.
    pub(crate) async fn new(story: impl FnOnce(&mut World)) -> Self {
        let mirror = Mirror::new(|world| {
            world.repository("octo/web");
            story(world);
        })
        .await;
        mirror.sync("octo/web").await;
        Self::of(mirror).await
    }

    /// A mirror that takes deliveries from now on.
    async fn of(mirror: Mirror) -> Self {
        let desk = Desk::of(&mirror).await;
        let secret = stored_secret(&mirror).await;
        Self { mirror, desk, secret }
    }

    /// A delivery with `headers` besides those that every one has; the status and the body of its answer.
    async fn send(&self, headers: &[(&str, &str)], body: Vec<u8>) -> (u16, Value) {
        let mut request = self
            .desk
            .request(Method::POST, PATH)
            .header("x-frappe-site-name", self.mirror.site().name());
        if !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = Desk::answer(request.body(body)).await;
        (answer.status, answer.body)
    }

    /// A delivery as GitHub makes it, signed; waits until it was worked on, and gives the status of the answer.
    pub(crate) async fn deliver(&self, id: &str, event: &str, payload: &Value) -> u16 {
        self.deliver_signed(&self.secret, id, event, payload).await
    }

    /// The same by the App's webhook, whose secret is entered first.
    pub(crate) async fn deliver_by_app(&self, id: &str, event: &str, payload: &Value) -> u16 {
        let secret = SecretString::from("the secret of the App's webhook");
        self.enter_app_secret(&secret).await;
        self.deliver_signed(&secret, id, event, payload).await
    }

    /// Enters the secret of the App's webhook.
    async fn enter_app_secret(&self, secret: &SecretString) {
        let (app, site) = (self.mirror.app(), self.mirror.site());
        let set = settings::set(app, site, "app_webhook_secret", secret, "Administrator").await;
        set.expect("stored");
    }

    async fn deliver_signed(&self, secret: &SecretString, id: &str, event: &str, payload: &Value) -> u16 {
        let body = payload.to_string().into_bytes();
        let signature = sign(secret, &body);
        let headers = [
            ("x-github-delivery", id),
            ("x-github-event", event),
            (HEADER, signature.as_str()),
        ];
        let (status, _body) = self.send(&headers, body).await;
        self.desk.ended().await;
        status
    }

    /// Has GitHub change.
    fn change(&self, story: impl FnOnce(&mut World)) {
        story(&mut self.mirror.github.world());
    }

    /// Has GitHub change, and gives what it delivers for that, in order.
    fn changes(&self, story: impl FnOnce(&mut World)) -> Vec<Delivery> {
        let before = self.mirror.github.world().clone();
        self.change(story);
        self.mirror.github.deliveries_since(&before)
    }

    /// Delivers these, each of which must be processed.
    async fn tell(&self, deliveries: &[Delivery]) {
        for delivery in deliveries {
            let count = self.mirror.erp.value("SELECT COUNT(*) FROM `tabGitHub Event`").await;
            let (id, payload) = (
                format!("told-{count}"),
                serde_json::from_str(&delivery.payload).expect("JSON"),
            );
            assert_eq!(self.deliver(&id, delivery.event, &payload).await, 202, "{delivery:?}");
            let (status, reason) = self.event(&id).await;
            assert_eq!(status, "processed", "{reason} {delivery:?}");
        }
    }

    /// Has GitHub change, and deliver that.
    async fn happens(&self, story: impl FnOnce(&mut World)) {
        let deliveries = self.changes(story);
        assert_ne!(deliveries, Vec::new(), "GitHub tells of it");
        self.tell(&deliveries).await;
    }

    /// First column of the only row.
    async fn value(&self, sql: &str) -> String {
        self.mirror.erp.value(sql).await
    }

    /// What GitHub shows there.
    async fn object(&self, path: &str) -> Value {
        let url = format!("{}/{path}", self.mirror.github.base_url());
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let answer = http
            .get(url)
            .bearer_auth(TOKEN)
            .header("user-agent", "tests")
            .header("x-github-api-version", "2022-11-28")
            .send()
            .await
            .expect("an answer");
        serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON")
    }

    /// The payload of an event of `octo/web` with these members.
    async fn payload(&self, action: &str, members: Value) -> Value {
        let mut payload = json!({"action": action, "sender": {"login": "octo", "id": 1}});
        payload["repository"] = self.object("repos/octo/web").await;
        if let (Some(payload), Value::Object(members)) = (payload.as_object_mut(), members) {
            payload.extend(members);
        }
        payload
    }

    /// Status and reason of a delivery.
    async fn event(&self, id: &str) -> (String, String) {
        let sql = format!("SELECT status, IFNULL(reason, '') FROM `tabGitHub Event` WHERE name = '{id}'");
        let mut rows = self.mirror.erp.query(&sql).await;
        let row = rows.pop().unwrap_or_default();
        let mut texts = row.into_iter().map(Option::unwrap_or_default);
        (texts.next().unwrap_or_default(), texts.next().unwrap_or_default())
    }

    async fn count(&self, table: &str) -> String {
        self.mirror.erp.value(&format!("SELECT COUNT(*) FROM `{table}`")).await
    }
}

/// A delivery to the site of `mirror`, signed; gives the status of the answer when it was worked on.
pub(crate) async fn deliver(mirror: &Mirror, desk: &Desk, (id, event): (&str, &str), payload: &Value) -> u16 {
    let body = payload.to_string().into_bytes();
    let signature = sign(&stored_secret(mirror).await, &body);
    let request = desk
        .request(Method::POST, PATH)
        .header("x-frappe-site-name", mirror.site().name())
        .header("content-type", "application/json")
        .header("x-github-delivery", id)
        .header("x-github-event", event)
        .header(HEADER, signature);
    let answer = Desk::answer(request.body(body)).await;
    desk.ended().await;
    answer.status
}

/// The secret that `install` made.
async fn stored_secret(mirror: &Mirror) -> SecretString {
    let site = mirror.site();
    let key = encryption_key::existing(site.config()).expect("readable");
    let mut conn = site.db().conn().await.expect("a connection");
    let found = secrets::read_single(&mut conn, key.as_ref(), "GitHub Settings", "webhook_secret").await;
    found.expect("readable").expect("a secret").secret
}
