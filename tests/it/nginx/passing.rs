//! Requests through the real nginx to the sidecar, and what the desk sees when the sidecar is away.

use reqwest::Method;
use serde_json::{Value, json};

use super::program::TestNginx;
use crate::cli::closed_port;
use crate::cli::program::{finish, program};
use crate::support::desk::Desk;
use crate::support::mirror::Mirror;

const METHOD: &str = "erpnext_github_integration.api.can_user_sync_repo";

/// bench's server of one site, and one in front of it that knows the host alone.
fn servers(site: &str) -> String {
    format!(
        "server {{\n\tlisten unix:FOLDER/bench.sock;\n\tserver_name {site};\n\
         \tlocation / {{ try_files /nothing @webserver; }}\n\
         \tlocation @webserver {{ proxy_set_header X-Frappe-Site-Name {site}; proxy_set_header X-Forwarded-For $remote_addr; return 418 'the bench'; }}\n}}\n\
         server {{\n\tlisten unix:FOLDER/front.sock;\n\tserver_name front.example.com;\n\tlocation / {{ proxy_pass http://127.0.0.1:1; }}\n}}\n"
    )
}

/// nginx with the block in both servers, running.
fn patched(test: &str, mirror: &Mirror, upstream: &str) -> Option<TestNginx> {
    let site = mirror.site().name();
    let mut nginx = TestNginx::new(test, &servers(site))?;
    let scratch = mirror.erp.scratch();
    scratch.set_config("domains", json!(["front.example.com"])).expect("changed");
    let (bench, file, command) = (
        mirror.erp.bench_root().to_string_lossy().into_owned(),
        nginx.file().to_string_lossy().into_owned(),
        nginx.command(),
    );
    let arguments = [
        "nginx",
        "patch",
        "--bench",
        &bench,
        "--site",
        site,
        "--file",
        &file,
        "--nginx",
        &command,
        "--upstream",
        upstream,
    ];
    let ended = finish(program(&arguments), "");
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stdout.contains("into 2 servers"), "{ended:?}");
    nginx.start();
    Some(nginx)
}

fn upstream(desk: &Desk) -> String {
    desk.address().trim_start_matches("http://").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_and_its_token_reach_the_sidecar_by_the_sites_own_address() {
    let mirror = Mirror::new(|_| {}).await;
    let desk = Desk::of(&mirror).await;
    mirror
        .erp
        .erp()
        .add_user("mona@example.com", "Mona", &["System Manager"])
        .await
        .expect("a user");
    Desk::log_in(&mirror, "mona@example.com").await;
    let test = "a_session_and_its_token_reach_the_sidecar_by_the_sites_own_address";
    let Some(nginx) = patched(test, &mirror, &upstream(&desk)) else {
        return;
    };
    for (socket, host) in [("bench.sock", mirror.site().name()), ("front.sock", "front.example.com")] {
        let client = nginx.client(socket);
        let call = |verb: Method, path: &str, sid: &str| {
            client
                .request(verb, format!("http://{host}{path}{METHOD}?repo_full_name=acme%2Fweb"))
                .header("cookie", format!("sid={sid}"))
                // What a stranger writes here does not count.
                .header("x-frappe-site-name", "other.test")
        };
        for path in ["/api/method/", "/api/v1/method/"] {
            let answer = Desk::answer(call(Method::GET, path, "mona")).await;
            assert!(answer.message().is_object() || answer.message().is_boolean(), "{answer:?}");
        }
        let forged = Desk::answer(call(Method::POST, "/api/method/", "mona")).await;
        assert_eq!(
            (forged.status, &forged.body["exc_type"]),
            (400, &json!("CSRFTokenError")),
            "{forged:?}"
        );
        let over = Desk::answer(call(Method::GET, "/api/method/", "nobodys")).await;
        assert_eq!((over.status, &over.body["session_expired"]), (403, &json!(1)), "{over:?}");
        // Pages are ours; nginx sends who types no slash to the one with it.
        for path in ["/integrations/github/", "/integrations/github"] {
            let page = Desk::answer(client.get(format!("http://{host}{path}")).header("cookie", "sid=mona")).await;
            let is_ours = page.body.to_string().contains("You have not installed the App");
            assert!(is_ours || page.status == 301, "{path}: {page:?}");
        }
        // So are those to which GitHub sends people back, with what it adds to the address.
        for (path, kind) in [
            (
                "/integrations/github/setup?installation_id=x&setup_action=install",
                "no-such-installation",
            ),
            ("/integrations/github/setup", "missing-installation"),
            ("/integrations/github/callback?code=c&state=none", "state-used"),
        ] {
            let page = Desk::answer(client.get(format!("http://{host}{path}")).header("cookie", "sid=mona")).await;
            let shown = page.body.as_str().unwrap_or_default();
            assert!(shown.contains(&format!("data-kind=\"{kind}\"")), "{path}: {page:?}");
        }
        let machine = Desk::answer(client.get(format!("http://{host}/metrics"))).await;
        assert_ne!(machine.status, 200, "what is for the machine alone is not passed on");
    }
    let other = Desk::answer(nginx.client("bench.sock").get(format!("http://{}/app", mirror.site().name()))).await;
    assert_eq!((other.status, &other.body), (418, &json!("the bench")));
    mirror.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sidecar_that_is_away_is_told_in_words_of_frappe_that_name_doctor() {
    let mirror = Mirror::new(|_| {}).await;
    let test = "a_sidecar_that_is_away_is_told_in_words_of_frappe_that_name_doctor";
    let Some(nginx) = patched(test, &mirror, &format!("127.0.0.1:{}", closed_port())) else {
        return;
    };
    let url = format!("http://{}/api/method/{METHOD}", mirror.site().name());
    let answer = Desk::answer(nginx.client("bench.sock").get(url)).await;
    assert_eq!(answer.status, 503, "for 502 the desk would show words of its own: {answer:?}");
    assert!(answer.sentence().contains("erpnext-github doctor"), "{answer:?}");
    assert!(
        matches!(&answer.body, Value::Object(body) if body["exc_type"] == "SessionStopped"),
        "{answer:?}"
    );
    mirror.finish().await;
}
