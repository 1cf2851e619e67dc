//! A GitHub App: how GitHub knows it, how it is entered on a site, and what it delivers.

use erpnext_github::app::settings;
use std::sync::Arc;

use erpnext_github::sim::github::{Delivery, Effect, Fault, World};
use erpnext_github::webhook::signature::{HEADER, sign};
use reqwest::Method;
use secrecy::SecretString;

use super::desk::Desk;
use super::mirror::Mirror;

/// Its slug.
pub(crate) const APP: &str = "erp-of-acme";

/// Has GitHub know the App of the site that people open at `site`.
pub(crate) fn register(world: &mut World, site: &str) {
    let pages = format!("{}/integrations/github/", site.trim_end_matches('/'));
    let app = world.app(APP);
    app.asking_for(&[("metadata", "read"), ("contents", "read"), ("issues", "write")]);
    app.setup_url = Some(format!("{pages}setup"));
    app.setup_on_update = true;
    let (id, secret) = (app.client_id.clone(), app.client_secret.clone());
    world.oauth_app(&id, &secret).with_callback(&pages);
}

/// The next time that somebody asks which installations he sees, GitHub does not show the newest yet.
pub(crate) fn not_listed_yet(world: &mut World) {
    let without = |answer: &mut serde_json::Value| {
        answer["installations"] = serde_json::json!([]);
        answer["total_count"] = 0.into();
    };
    let fault = Fault::on("/user/installations", Effect::Edited(Arc::new(without)));
    world.faults.push(fault);
}

/// Enters it in the settings, as an administrator does, of a site that people open at `site`.
pub(crate) async fn enter(mirror: &Mirror, site: &str) {
    enter_app(mirror, site, APP).await;
}

/// The same with the App `slug`, whatever was entered before.
pub(crate) async fn enter_app(mirror: &Mirror, site: &str, slug: &str) {
    let values = {
        let mut world = mirror.github.world();
        let app = world.app(slug);
        [
            ("public_url", site.to_owned()),
            ("app_client_id", app.client_id.clone()),
            ("app_client_secret", app.client_secret.clone()),
            ("app_id", app.id.to_string()),
            ("app_slug", slug.to_owned()),
            ("app_webhook_secret", format!("webhook-secret-of-{slug}")),
            ("app_private_key", app.pem()),
        ]
    };
    for (key, value) in values {
        let value = SecretString::from(value);
        let set = settings::set(mirror.app(), mirror.site(), key, &value, "Administrator");
        set.await.unwrap_or_else(|error| panic!("{key}: {error}"));
    }
}

fn webhook_secret() -> String {
    format!("webhook-secret-of-{APP}")
}

/// Delivers by the App's webhook, and waits until that was worked on; the status of the answer.
pub(crate) async fn deliver(mirror: &Mirror, desk: &Desk, id: &str, delivery: &Delivery) -> u16 {
    let body = delivery.payload.clone().into_bytes();
    let request = desk
        .request(Method::POST, "/api/method/erpnext_github_integration.webhooks.github_webhook")
        .header("x-frappe-site-name", mirror.site().name())
        .header("content-type", "application/json")
        .header("x-github-delivery", id)
        .header("x-github-event", delivery.event)
        .header("x-github-hook-installation-target-type", "integration")
        .header(HEADER, sign(&SecretString::from(webhook_secret()), &body));
    let answer = Desk::answer(request.body(body)).await;
    desk.ended().await;
    answer.status
}
