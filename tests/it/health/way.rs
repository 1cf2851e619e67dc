//! From the site's address through the real nginx to the sidecar: each place where the way can end is named with what to type.

use std::net::SocketAddr;

use erpnext_github::health::way::{Asker, Heard, Way};
use erpnext_github::health::{CheckId, CheckResult, CheckStatus, examine};
use url::Url;

use crate::cli::closed_port;
use crate::cli::program::{finish, program};
use crate::nginx::program::TestNginx;
use crate::support::desk::Desk;
use crate::support::mirror::Mirror;

/// What `doctor` finds with `serve` at `sidecar` and the site at `address`.
async fn asked(mirror: &Mirror, sidecar: &str, address: &str) -> Vec<CheckResult> {
    let way = Way {
        sidecar: sidecar.trim_start_matches("http://").parse().expect("an address"),
        address: Some(Url::parse(address).expect("an address")),
    };
    let (app, site) = (mirror.app(), mirror.site().name());
    let connect = async |site: &erpnext_github::frappe::site::Site| app.github(site).await;
    examine(app.bench(), app.databases(), app.clock(), site, &way, connect)
        .await
        .checks
}

fn assert_told(checks: &[CheckResult], check: CheckId, status: CheckStatus, part: &str) {
    let told = checks.iter().find(|answer| answer.check == check).expect("asked");
    assert!(told.status == status && told.message.contains(part), "{part}: {checks:#?}");
}

/// A server of the site on a port, which answers everything itself.
fn server(site: &str, port: u16) -> String {
    format!(
        "server {{\n\tlisten 127.0.0.1:{port};\n\tserver_name {site};\n\
         \tlocation / {{ try_files /nothing @webserver; }}\n\
         \tlocation @webserver {{ proxy_set_header X-Frappe-Site-Name {site}; return 417 'Failed to get method'; }}\n}}\n"
    )
}

/// nginx in front of the site, with our block to `upstream` if there is one; none where nginx is not installed.
fn nginx(test: &str, mirror: &Mirror, upstream: Option<&str>) -> Option<(TestNginx, String)> {
    let (site, port) = (mirror.site().name(), closed_port());
    let mut nginx = TestNginx::new(test, &server(site, port))?;
    if let Some(upstream) = upstream {
        let (bench, file, command) = (
            mirror.erp.bench_root().to_string_lossy().into_owned(),
            nginx.file().to_string_lossy().into_owned(),
            nginx.command(),
        );
        let upstream = upstream.trim_start_matches("http://");
        let ended = finish(
            program(&[
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
            ]),
            "",
        );
        assert_eq!(ended.code, 0, "{ended:?}");
    }
    nginx.start();
    Some((nginx, format!("http://{site}:{port}")))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_that_leads_to_the_sidecar() {
    let mirror = Mirror::new(|_| {}).await;
    let desk = Desk::of(&mirror).await;
    let Some((_nginx, address)) = nginx("a_way_that_leads_to_the_sidecar", &mirror, Some(desk.address())) else {
        return;
    };
    let checks = asked(&mirror, desk.address(), &address).await;
    assert_told(&checks, CheckId::Sidecar, CheckStatus::Ok, "`serve` answers at 127.0.0.1:");
    assert_told(&checks, CheckId::SiteAddress, CheckStatus::Ok, &address);
    assert_told(&checks, CheckId::WebhookPath, CheckStatus::Warning, "it needs https");
    assert_told(&checks, CheckId::Session, CheckStatus::Ok, "nobody has a session yet");
    assert_told(&checks, CheckId::Network, CheckStatus::Ok, "without a proxy");
    assert_told(&checks, CheckId::Clock, CheckStatus::Ok, "MariaDB and GitHub");
    let asker = Asker::new(mirror.site().name(), "any");
    let webhook = asker.webhook(&Url::parse(&address).expect("an address")).await;
    assert!(matches!(webhook, Heard::Stranger(_)), "a sidecar answers: {webhook:?}");
    mirror.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_that_ends_at_nginx() {
    let mirror = Mirror::new(|_| {}).await;
    let desk = Desk::of(&mirror).await;
    let site = mirror.site().name();
    let test = "a_way_that_ends_at_nginx";
    let Some((unpatched, address)) = nginx(test, &mirror, None) else {
        return;
    };
    let checks = asked(&mirror, desk.address(), &address).await;
    let patch = format!("run `erpnext-github nginx patch --site {site}`");
    assert_told(&checks, CheckId::SiteAddress, CheckStatus::Failed, &patch);
    drop(unpatched);
    let gone = asked(&mirror, desk.address(), &address).await;
    assert_told(&gone, CheckId::SiteAddress, CheckStatus::Warning, "--address URL");

    let away = format!("127.0.0.1:{}", closed_port());
    let Some((_nginx, address)) = nginx(test, &mirror, Some(&away)) else {
        return;
    };
    let checks = asked(&mirror, desk.address(), &address).await;
    assert_told(
        &checks,
        CheckId::SiteAddress,
        CheckStatus::Failed,
        &format!("{patch} --upstream 127.0.0.1:"),
    );
    mirror.finish().await;
}

#[tokio::test]
async fn a_sidecar_that_is_not_the_sites() {
    let (mirror, other) = (Mirror::new(|_| {}).await, Mirror::new(|_| {}).await);
    let desk = Desk::of(&mirror).await;
    // It knows no site by that host.
    let checks = asked(&mirror, desk.address(), desk.address()).await;
    assert_told(&checks, CheckId::Sidecar, CheckStatus::Ok, "answers");
    assert_told(
        &checks,
        CheckId::SiteAddress,
        CheckStatus::Failed,
        "another installation (there is no site 127.0.0.1 here)",
    );
    // The same name on another bench is another installation.
    assert_eq!(mirror.site().name(), other.site().name());
    let checks = asked(&other, desk.address(), desk.address()).await;
    assert_told(
        &checks,
        CheckId::Sidecar,
        CheckStatus::Failed,
        "does not serve this installation",
    );
    let nobody = SocketAddr::from(([127, 0, 0, 1], closed_port())).to_string();
    let checks = asked(&mirror, &nobody, desk.address()).await;
    assert_told(
        &checks,
        CheckId::Sidecar,
        CheckStatus::Warning,
        "start `erpnext-github serve`",
    );
    assert_told(&checks, CheckId::SiteAddress, CheckStatus::Skipped, "sidecar");
    mirror.finish().await;
    other.finish().await;
}

#[tokio::test]
async fn strangers_learn_nothing_from_what_doctor_asks() {
    let mirror = Mirror::new(|_| {}).await;
    let desk = Desk::of(&mirror).await;
    for header in ["", "a.b", "00.00"] {
        let request = desk
            .request(reqwest::Method::GET, "/api/method/erpnext_github_integration.doctor")
            .header("x-frappe-site-name", mirror.site().name())
            .header("x-erpnext-github-doctor", header);
        let answer = Desk::answer(request).await;
        assert_eq!(answer.status, 403, "{answer:?}");
        assert!(!answer.body.to_string().contains(env!("CARGO_PKG_VERSION")), "{answer:?}");
    }
    mirror.finish().await;
}

#[tokio::test]
async fn sessions_in_an_unknown_form_are_told_and_no_id_of_one_is() {
    let mirror = Mirror::new(|_| {}).await;
    let desk = Desk::of(&mirror).await;
    mirror
        .erp
        .erp()
        .add_user("mona@example.com", "Mona", &["System Manager"])
        .await
        .expect("a user");
    Desk::log_in(&mirror, "mona@example.com").await;
    let checks = asked(&mirror, desk.address(), desk.address()).await;
    assert_told(
        &checks,
        CheckId::Session,
        CheckStatus::Ok,
        "the newest session of the site is understood",
    );
    let odd = "UPDATE tabSessions SET sessiondata = 'b64:????', sid = 'secret-of-mona'";
    mirror.erp.scratch().execute(odd).await.expect("changed");
    let checks = asked(&mirror, desk.address(), desk.address()).await;
    assert_told(&checks, CheckId::Session, CheckStatus::Warning, "in a form that is not known");
    assert!(!format!("{checks:?}").contains("secret-of-mona"));
    mirror.finish().await;
}
