//! How people let an App act for them: GitHub's page, codes, tokens and their end, as its guide and its description tell it.

use chrono::TimeDelta;
use erpnext_github::clock::FixedClock;
use erpnext_github::domain::Visibility;
use erpnext_github::sim::github::World;
use serde_json::{Value, json};
use url::Url;

use super::openapi::wrong_delivery;
use super::probe::{Probe, Reply};

const APP: (&str, &str) = ("Iv23fake", "a-secret-of-the-fake-app");
const BACK: &str = "https://erp.example.com/integrations/github/callback";
/// The example of RFC 7636.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

async fn probe() -> (Probe, std::sync::Arc<FixedClock>) {
    let clock = FixedClock::at(World::start_of_time());
    let mut world = World::new(clock.clone());
    world
        .oauth_app(APP.0, APP.1)
        .with_callback("https://erp.example.com/integrations/github/");
    (Probe::new(world).await.with_token(None), clock)
}

fn form(pairs: &[(&str, &str)]) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(pairs).finish()
}

fn asked(back: &str) -> String {
    form(&[
        ("client_id", APP.0),
        ("redirect_uri", back),
        ("state", "a & state"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ])
}

/// Presses a button of the page; gives what stands in the address that somebody is sent back to.
async fn pressed(probe: &Probe, button: &str) -> Vec<(String, String)> {
    let body = format!("{}&authorize={button}", asked(BACK));
    let reply = probe
        .send_write("POST", "/login/oauth/authorize", body)
        .await
        .expect("an answer");
    assert_eq!(reply.status, 302);
    let back = Url::parse(reply.header("location").expect("an address")).expect("an address");
    assert!(back.as_str().starts_with(BACK));
    back.query_pairs()
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect()
}

async fn code(probe: &Probe) -> String {
    let back = pressed(probe, "1").await;
    assert_eq!(back[1], ("state".to_owned(), "a & state".to_owned()));
    assert_eq!(back[0].0, "code");
    back[0].1.clone()
}

async fn tokens(probe: &Probe, further: &[(&str, &str)]) -> Value {
    let pairs: Vec<(&str, &str)> = [("client_id", APP.0), ("client_secret", APP.1)]
        .into_iter()
        .chain(further.iter().copied())
        .collect();
    let body = json!(pairs.into_iter().collect::<std::collections::BTreeMap<_, _>>());
    tokens_for(probe, body.to_string()).await
}

async fn tokens_for(probe: &Probe, body: String) -> Value {
    let url = format!("{}/login/oauth/access_token", probe.fake.base_url());
    let request = reqwest::Client::builder().no_proxy().build().expect("a client").post(url);
    let response = request
        .header("accept", "application/json")
        .body(body)
        .send()
        .await
        .expect("an answer");
    assert_eq!(response.status(), 200, "errors are told in an answer of success");
    serde_json::from_str(&response.text().await.expect("a body")).expect("JSON")
}

async fn exchanged(probe: &Probe) -> Value {
    let code = code(probe).await;
    tokens(probe, &[("code", &code), ("code_verifier", VERIFIER), ("redirect_uri", BACK)]).await
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no {key} in {value}"))
}

#[tokio::test]
async fn the_page_asks_and_sends_back_what_was_decided() {
    let (probe, _) = probe().await;
    let page = probe
        .send(&format!("/login/oauth/authorize?{}", asked(BACK)), &[])
        .await
        .expect("a page");
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, Some("text/html; charset=utf-8"))
    );
    assert!(
        page.body.contains("mona") && page.body.contains("a &amp; state"),
        "{}",
        page.body
    );
    let back = pressed(&probe, "0").await;
    assert_eq!(back[0], ("error".to_owned(), "access_denied".to_owned()));
    assert_eq!(back.last(), Some(&("state".to_owned(), "a & state".to_owned())));
    for elsewhere in [
        "https://evil.test/integrations/github/",
        "https://erp.example.com/integrations/githubevil",
        "https://erp.example.com/",
    ] {
        let page = probe
            .send(&format!("/login/oauth/authorize?{}", asked(elsewhere)), &[])
            .await
            .expect("a page");
        assert_eq!((page.status, page.header("location")), (400, None), "{elsewhere}");
    }
    probe.done();
}

#[tokio::test]
async fn a_code_is_taken_once_with_its_verifier_and_address_within_ten_minutes() {
    let (probe, clock) = probe().await;
    let answer = exchanged(&probe).await;
    assert!(text(&answer, "access_token").starts_with("ghu_") && text(&answer, "refresh_token").starts_with("ghr_"));
    assert_eq!(
        [&answer["expires_in"], &answer["refresh_token_expires_in"]],
        [&json!(28_800), &json!(15_897_600)]
    );
    let refused = async |wanted: &[(&str, &str)]| text(&tokens(&probe, wanted).await, "error").to_owned();

    let once = code(&probe).await;
    let right = [("code", once.as_str()), ("code_verifier", VERIFIER)];
    assert!(tokens(&probe, &right).await["access_token"].is_string());
    assert_eq!(refused(&right).await, "bad_verification_code", "used");
    let wrong = code(&probe).await;
    assert_eq!(
        refused(&[("code", &wrong), ("code_verifier", "another")]).await,
        "bad_verification_code"
    );
    let without = code(&probe).await;
    assert_eq!(refused(&[("code", &without)]).await, "bad_verification_code");
    let elsewhere = code(&probe).await;
    let there = [
        ("code", elsewhere.as_str()),
        ("code_verifier", VERIFIER),
        ("redirect_uri", "https://evil.test/"),
    ];
    assert_eq!(refused(&there).await, "redirect_uri_mismatch");
    let late = code(&probe).await;
    clock.advance(TimeDelta::minutes(10));
    assert_eq!(
        refused(&[("code", &late), ("code_verifier", VERIFIER)]).await,
        "bad_verification_code"
    );
    let body = form(&[("client_id", APP.0), ("client_secret", "wrong"), ("code", "x")]);
    assert_eq!(text(&tokens_for(&probe, body).await, "error"), "incorrect_client_credentials");
    probe.done();
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_the_old_pair_dies_with_it() {
    let (probe, clock) = probe().await;
    let first = exchanged(&probe).await;
    let renew = async |refresh: &str| tokens(&probe, &[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await;
    let status = async |pair: &Value| {
        let token = format!("Bearer {}", text(pair, "access_token"));
        probe.get_with("/user", &[("authorization", &token)]).await.status
    };
    assert_eq!(status(&first).await, 200, "it acts as its account");
    let second = renew(text(&first, "refresh_token")).await;
    assert_eq!((status(&first).await, status(&second).await), (401, 200));
    assert_eq!(
        text(&renew(text(&first, "refresh_token")).await, "error"),
        "bad_refresh_token"
    );
    clock.advance(TimeDelta::hours(8));
    assert_eq!(status(&second).await, 401, "after eight hours");
    let third = renew(text(&second, "refresh_token")).await;
    assert_eq!(status(&third).await, 200);
    clock.advance(TimeDelta::days(184));
    assert_eq!(
        text(&renew(text(&third, "refresh_token")).await, "error"),
        "bad_refresh_token",
        "after six months"
    );
    probe.done();
}

#[tokio::test]
async fn an_app_asks_about_its_tokens_and_ends_them() {
    let (mut probe, _) = probe().await;
    let (one, other) = (exchanged(&probe).await, exchanged(&probe).await);
    let paths = [
        format!("/applications/{}/token", APP.0),
        format!("/applications/{}/grant", APP.0),
    ];
    let of = |pair: &Value| json!({ "access_token": pair["access_token"] });
    let before = probe.fake.world().clone();
    assert_eq!(probe.write("POST", &paths[0], of(&one)).await.status, 401, "without a secret");
    probe.app = Some((APP.0.to_owned(), APP.1.to_owned()));
    let known = probe.done_as(200, "POST", &paths[0], of(&one)).await;
    assert_eq!(
        (known["user"]["login"].as_str(), known["app"]["client_id"].as_str()),
        (Some("mona"), Some(APP.0))
    );
    probe.done_as(204, "DELETE", &paths[0], of(&one)).await;
    let gone: Reply = probe.write("POST", &paths[0], of(&one)).await;
    assert_eq!(gone.status, 404);
    assert!(
        probe.fake.deliveries_since(&before).is_empty(),
        "one token is not what was authorised"
    );
    probe.done_as(204, "DELETE", &paths[1], of(&other)).await;
    assert_eq!(probe.write("POST", &paths[0], of(&other)).await.status, 404);
    let told = probe.fake.deliveries_since(&before);
    assert_eq!(told.len(), 1);
    let payload: Value = serde_json::from_str(&told[0].payload).expect("JSON");
    assert_eq!(
        (told[0].event, payload["action"].as_str()),
        ("github_app_authorization", Some("revoked"))
    );
    assert_eq!(wrong_delivery(told[0].event, &payload), Vec::<String>::new());
    probe.done();
}

#[tokio::test]
async fn a_person_sees_installations_and_their_repositories() {
    let (probe, _) = probe().await;
    let acme = {
        let mut world = probe.fake.world();
        world.repository("acme/web").visibility = Visibility::Private;
        world.repository("acme/api");
        world.organization("other").owners = vec!["ada".to_owned()];
        world.repository("other/secret").visibility = Visibility::Private;
        world.repository("other/secret").collaborators.clear();
        APP.0.clone_into(&mut world.app("erp").client_id);
        let web = world.repository("acme/web").id;
        for account in ["mona", "other"] {
            world.install("erp", account);
        }
        // Another App's are not this one's.
        world.install("another", "mona");
        world.install("erp", "acme").only([web]).id
    };
    let token = format!("Bearer {}", text(&exchanged(&probe).await, "access_token"));
    let headers = [("authorization", token.as_str())];
    let seen = probe.get_with("/user/installations?per_page=1", &headers).await;
    assert_eq!((seen.status, seen.json()["total_count"].as_u64()), (200, Some(2)));
    assert!(seen.link("next").is_some());
    let inside = probe
        .get_with(&format!("/user/installations/{acme}/repositories"), &headers)
        .await
        .json();
    assert_eq!(
        (
            inside["total_count"].as_u64(),
            inside["repositories"][0]["full_name"].as_str()
        ),
        (Some(1), Some("acme/web"))
    );
    let others = probe
        .fake
        .world()
        .installations
        .values()
        .find(|one| one.account == "other")
        .map(|one| one.id);
    let others = format!("/user/installations/{}/repositories", others.expect("there"));
    assert_eq!(probe.get_with(&others, &headers).await.status, 404);
    let classic = format!("Bearer {}", World::TOKEN);
    assert_eq!(
        probe
            .get_with("/user/installations", &[("authorization", &classic)])
            .await
            .status,
        403
    );
    probe.done();
}

#[tokio::test]
async fn tokens_of_an_oauth_app_have_scopes_and_do_not_end() {
    let (probe, clock) = probe().await;
    probe.fake.world().oauth_app(APP.0, APP.1).as_oauth_app();
    let body = format!("{}&scope=repo+read%3Aorg&authorize=1", asked(BACK));
    let reply = probe
        .send_write("POST", "/login/oauth/authorize", body)
        .await
        .expect("an answer");
    let back = Url::parse(reply.header("location").expect("an address")).expect("an address");
    let code = back.query_pairs().next().expect("a code").1.into_owned();
    let answer = tokens(&probe, &[("code", &code), ("code_verifier", VERIFIER)]).await;
    assert!(text(&answer, "access_token").starts_with("gho_"));
    assert_eq!(
        (text(&answer, "scope"), &answer["refresh_token"]),
        ("repo,read:org", &Value::Null)
    );
    clock.advance(TimeDelta::days(400));
    let token = format!("Bearer {}", text(&answer, "access_token"));
    let reply = probe.get_with("/user", &[("authorization", &token)]).await;
    assert_eq!((reply.status, reply.header("x-oauth-scopes")), (200, Some("repo, read:org")));
    probe.done();
}
