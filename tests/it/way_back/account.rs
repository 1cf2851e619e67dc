//! Connecting one's account: the page at its end, and the wrong ends.

use chrono::TimeDelta;
use reqwest::Method;

use super::{PAGES, SITE, Stage, session};
use crate::support::desk::Desk;

const DESK: &str = "desk@x.com";

#[tokio::test]
async fn g0_3_who_comes_back_is_connected_and_told_what_that_is_for() {
    let stage = Stage::new().await;
    let page = stage.connect(DESK, "mona").await;
    assert_eq!((page.status, page.kind.as_str()), (200, "connected"), "{}", page.text);
    for words in [
        "desk@x.com is mona on GitHub",
        "What is read by it",
        "What is never done",
        "href=\"/app/user\"",
    ] {
        assert!(page.text.contains(words), "{words}");
    }
    for (name, value) in [
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
        ("x-answered-by", "erpnext-github"),
    ] {
        assert_eq!(page.headers[name].to_str().ok(), Some(value), "{name}");
    }
    let policy = page.headers["content-security-policy"].to_str().expect("text");
    assert!(
        policy.starts_with("default-src 'none'; style-src 'nonce-") && !policy.contains("unsafe"),
        "{policy}"
    );
    let known = stage
        .mirror
        .erp
        .value("SELECT CONCAT(github_username, github_user_id > '') FROM tabUser WHERE name = 'desk@x.com'");
    assert_eq!(known.await, "mona1");
    let mine = stage
        .desk
        .get(DESK, "erpnext_github_integration.desk.my_connection", &[])
        .await;
    assert_eq!(
        (&mine.message()["connected"], &mine.message()["login"]),
        (&true.into(), &"mona".into())
    );
    for secret in stage.mirror.github.world().given_out() {
        assert!(!page.text.contains(secret.as_str()), "a secret stands on the page");
    }
    stage.finish().await;
}

#[tokio::test]
async fn a_way_back_is_good_once_for_one_session_and_ten_minutes() {
    let stage = Stage::new().await;
    let begin = async || {
        let page = stage.address(DESK, "connect_github", &[]).await;
        stage.authorize(&page, "mona", true).await
    };
    // Another session, after which it is used up.
    let back = begin().await;
    assert_eq!(stage.open("member", &back).await.kind, "state-of-other");
    assert_eq!(stage.open(session(DESK), &back).await.kind, "state-used");
    // Too late.
    let back = begin().await;
    stage.mirror.erp.clock().advance(TimeDelta::minutes(11));
    let late = stage.open(session(DESK), &back).await;
    assert_eq!((late.kind.as_str(), late.status), ("state-ended", 400));
    // Replayed.
    let back = begin().await;
    let first = stage.open(session(DESK), &back).await;
    assert_eq!(first.kind, "connected", "{}", first.text);
    assert_eq!(stage.open(session(DESK), &back).await.kind, "state-used");
    // Somebody looks at the link beforehand, and nothing is used up.
    let back = begin().await;
    for verb in [Method::HEAD, Method::POST] {
        let looked = stage.desk.request(verb, &back).header("cookie", "sid=desk");
        assert_eq!(
            Desk::answer(looked.header("x-frappe-site-name", stage.mirror.site().name()))
                .await
                .status,
            405
        );
    }
    assert_eq!(stage.open(session(DESK), &back).await.kind, "connected");
    stage.finish().await;
}

#[tokio::test]
async fn every_refusal_of_githubs_is_said() {
    let stage = Stage::new().await;
    let page = stage.address(DESK, "connect_github", &[]).await;
    let denied = stage.authorize(&page, "mona", false).await;
    let page = stage.open(session(DESK), &denied).await;
    assert_eq!(page.kind, "refused");
    assert!(page.text.contains("access was denied on GitHub"), "{}", page.text);
    // A code that was used before, on a way that is good.
    let first = stage.address(DESK, "connect_github", &[]).await;
    let used = stage.authorize(&first, "mona", true).await;
    assert_eq!(stage.open(session(DESK), &used).await.kind, "connected");
    let second = stage.address(DESK, "connect_github", &[]).await;
    let fresh = stage.authorize(&second, "mona", true).await;
    let part = |path: &str, key: &str| {
        let url = url::Url::parse(&format!("{SITE}{path}")).expect("an address");
        super::query(&url)[key].clone()
    };
    let mixed = format!("{PAGES}callback?code={}&state={}", part(&used, "code"), part(&fresh, "state"));
    let page = stage.open(session(DESK), &mixed).await;
    assert!(
        page.kind == "refused" && page.text.contains("bad_verification_code"),
        "{}",
        page.text
    );
    // An account that is somebody else's.
    let page = stage.connect("member@x.com", "mona").await;
    assert!(
        page.kind == "refused" && page.text.contains("mona is the GitHub account of desk@x.com"),
        "{}",
        page.text
    );
    stage.finish().await;
}

#[tokio::test]
async fn nobody_a_website_user_and_strange_addresses_get_a_page_that_says_so() {
    let stage = Stage::new().await;
    for (session, path, kind, status) in [
        ("", "/integrations/github", "sign-in", 403),
        ("", "/integrations/github/callback?code=a&state=b", "sign-in", 403),
        ("long-gone", "/integrations/github/", "sign-in", 403),
        ("website", "/integrations/github/", "not-for-you", 403),
        ("desk", "/integrations/github/", "nothing", 200),
        ("desk", "/integrations/github", "nothing", 200),
        ("desk", "/integrations/github/other", "no-such-page", 404),
        ("desk", "/integrations/github/callback", "state-used", 400),
        ("desk", "/integrations/github/callback?state=%3Cscript%3E", "state-used", 400),
        ("", "/integrations/github/?sid=desk", "sign-in", 403),
    ] {
        let page = stage.open(session, path).await;
        assert_eq!((page.kind.as_str(), page.status), (kind, status), "{path}: {}", page.text);
        assert!(!page.text.contains("<script>"), "{path}");
    }
    stage.finish().await;
}

#[tokio::test]
async fn nobody_is_sent_elsewhere_than_into_the_desk() {
    let stage = Stage::new().await;
    for elsewhere in [
        "https://evil.test/app",
        "//evil.test/app",
        "/\\evil.test",
        "/login",
        "javascript:alert(1)",
    ] {
        let page = stage.address(DESK, "connect_github", &[("back_to", elsewhere)]).await;
        let back = stage.authorize(&page, "mona", true).await;
        let page = stage.open(session(DESK), &back).await;
        assert!(
            page.kind == "connected" && page.text.contains("href=\"/app\""),
            "{elsewhere}: {}",
            page.text
        );
        assert!(!page.text.contains("evil"), "{elsewhere}");
    }
    stage.finish().await;
}

#[tokio::test]
async fn a_connection_is_ended_by_its_user_and_what_github_shows_decides_what_he_sees() {
    let stage = Stage::new().await;
    let mine = async |query: &[(&str, &str)]| {
        let answer = stage
            .desk
            .get(DESK, "erpnext_github_integration.desk.my_connection", query)
            .await;
        answer.message().clone()
    };
    assert_eq!(mine(&[]).await["connected"], false);
    let refused = stage.call(DESK, "disconnect_github", &[]).await;
    assert_eq!(
        (refused.status, &refused.body["connect_github"]),
        (417, &1.into()),
        "{refused:?}"
    );
    stage.connect(DESK, "mona").await;
    let id = {
        let mut world = stage.mirror.github.world();
        world.install(crate::support::github_app::APP, "acme").id
    };
    let seen = mine(&[("installations", "1")]).await;
    assert_eq!(seen["installations"][0]["account"], "acme", "{seen}");
    assert_eq!(seen["installations"][0]["connected"], false);
    let seen = mine(&[("installation", &id.to_string())]).await;
    assert!(seen["repositories"].to_string().contains("acme/web"), "{seen}");
    let gone = stage.call(DESK, "disconnect_github", &[]).await;
    assert_eq!(gone.message()["login"], "mona");
    assert_eq!(mine(&[("installations", "1")]).await["connected"], false);
    stage.finish().await;
}
