//! Nothing of a key or a token is shown anywhere.

use chrono::TimeDelta;
use erpnext_github::github::app::Narrowing;
use erpnext_github::github::{Credential, Renewable as _, WriteFailure};
use erpnext_github::sim::github::{Agreed, Fault, World};
use secrecy::ExposeSecret as _;

use super::{APP, Stage};
use crate::github_client::web;
use crate::support::Log;

#[tokio::test]
async fn no_secret_is_in_a_log_an_error_or_a_debug_text() {
    let log = Log::listen("trace");
    let stage = Stage::new(|_| {}).await;
    let identity = stage.identity();
    let jwt = identity.pass(World::start_of_time()).await;
    let jwt = jwt.expect("a token");
    let acme = stage.acme().await;
    let credential = stage.credential("site", &acme, Narrowing::default());
    let client = stage.client(&credential);
    client.repository(&web()).await.expect("a repository");
    let code = "a-code-of-the-fake";
    {
        let mut world = stage.fake.world();
        let mut app = world.app(APP).clone();
        (app.id, app.slug, app.key) = (7, "new".to_owned(), 1);
        let until = World::start_of_time() + TimeDelta::hours(1);
        world.agreed.push(Agreed {
            code: code.to_owned(),
            until,
            app,
        });
    }
    let nobody = stage.client(&Credential::Nobody);
    let made = nobody.convert_manifest(code).await.expect("an App");
    let again = nobody.convert_manifest(code).await.expect_err("used up");
    assert!(matches!(again, WriteFailure::NotDone(_)));
    stage.fake.world().faults.push(Fault::status("/repos/acme/web", 401).always());
    let error = client.repository(&web()).await.expect_err("refused");
    let token = stage.fake.world().tokens.iter().find(|token| token.grant.is_some()).cloned();
    let token = token.expect("a token").secret;
    let shown = format!(
        "{error} {error:?} {again} {again:?} {identity:?} {credential:?} {client:?} {made:?} {jwt:?} {:?} {}",
        stage.tokens,
        log.text()
    );
    let pem = stage.pem();
    let key_line = pem.expose_secret().lines().nth(3).expect("a line").to_owned();
    for secret in [
        token.as_str(),
        jwt.secret.expose_secret(),
        key_line.as_str(),
        code,
        made.client_secret.expose_secret(),
        made.webhook_secret.as_ref().expect("a secret").expose_secret(),
        made.key.expose_secret().lines().nth(3).expect("a line"),
    ] {
        assert!(!shown.contains(secret), "{secret} is shown");
    }
    assert!(shown.contains("/app-manifests/.../conversions"), "it is told of all the same");
}
