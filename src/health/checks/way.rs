//! Does the site's own address lead to this installation: the sidecar itself, the address that people open, GitHub's deliveries?

use url::{Host, Url};

use crate::frappe::db::DbError;
use crate::frappe::instance::FILE_KEY;
use crate::frappe::singles;
use crate::frappe::site::Site;
use crate::frappe::site_hosts;
use crate::health::way::{Asker, Heard, Seen, Way};
use crate::health::{CheckId, CheckResult};
use crate::store::settings::DOCTYPE;

use super::session;

/// Asks all along the way; `site` must be one that we are installed on, and no copy.
pub(in crate::health) async fn checks(site: &Site, way: &Way) -> Vec<CheckResult> {
    let asker = Asker::new(site.name(), &site.config().text(FILE_KEY).unwrap_or_default());
    let heard = asker.sidecar(way.sidecar).await;
    let mut answers = vec![sidecar(way, &heard)];
    let mut seen = match heard {
        Heard::Ours(seen) => Some(seen),
        _ => None,
    };
    if seen.is_none() {
        answers.extend([CheckId::SiteAddress, CheckId::WebhookPath].map(|id| CheckResult::skipped(id, CheckId::Sidecar)));
    } else {
        let address = way.address.clone().or_else(|| site_hosts::address(site.config()));
        let heard = match &address {
            Some(base) => asker.site(base).await,
            None => Heard::Nobody("it is no web address: correct host_name in site_config.json".to_owned()),
        };
        answers.push(site_address(site.name(), way, address.as_ref(), &heard));
        answers.push(webhook_path(site, &asker, address.as_ref()).await);
        if let Heard::Ours(through) = heard {
            seen = Some(through);
        }
    }
    answers.push(session::check(site, seen.as_ref()).await);
    answers
}

fn sidecar(way: &Way, heard: &Heard) -> CheckResult {
    let (id, at) = (CheckId::Sidecar, way.sidecar);
    match heard {
        Heard::Ours(Seen { version, .. }) if version == env!("CARGO_PKG_VERSION") => {
            CheckResult::ok(id, format!("`serve` answers at {at}"))
        }
        Heard::Ours(Seen { version, .. }) => CheckResult::warning(
            id,
            format!(
                "`serve` at {at} is version {version}, this is {}: start it again",
                env!("CARGO_PKG_VERSION")
            ),
        ),
        Heard::Nobody(reason) => CheckResult::warning(
            id,
            format!(
                "nobody answers at {at} ({reason}), so that buttons do not work and nothing is synced by schedule: start `erpnext-github serve`, or say with --listen where it listens"
            ),
        ),
        Heard::Stranger(words) => CheckResult::failed(
            id,
            format!(
                "`serve` at {at} does not serve this installation ({words}): start `serve` in this bench, or say with --listen where it listens"
            ),
        ),
        Heard::Behind | Heard::Else(_) => CheckResult::failed(
            id,
            format!("something else answers at {at}: give `serve` a free address with --listen, and say the same here"),
        ),
    }
}

fn site_address(site: &str, way: &Way, address: Option<&Url>, heard: &Heard) -> CheckResult {
    let id = CheckId::SiteAddress;
    let at = address.map(Url::as_str).unwrap_or_default();
    let patch = format!("`erpnext-github nginx patch --site {site}`");
    match heard {
        Heard::Ours(seen) if seen.is_trusted => CheckResult::ok(id, format!("{at} leads to `serve`")),
        Heard::Ours(seen) => CheckResult::warning(
            id,
            format!(
                "{at} leads to `serve`, which does not believe the proxy at {} about site and caller: start `serve` with --trusted-proxy {}",
                seen.peer, seen.peer
            ),
        ),
        Heard::Stranger(words) => CheckResult::failed(
            id,
            format!("{at} leads to another installation ({words}): correct host_name in site_config.json, or where nginx leads"),
        ),
        Heard::Behind => CheckResult::failed(
            id,
            format!(
                "{at} does not reach `serve`, which answers at {}: run {patch} --upstream {}, and have nginx read it",
                way.sidecar, way.sidecar
            ),
        ),
        Heard::Else(status) => CheckResult::failed(
            id,
            format!(
                "at {at} something else answers our paths (status {status}), so that buttons do not work: run {patch} and have nginx read it; a bench without nginx is opened through `erpnext-github serve --proxy`"
            ),
        ),
        Heard::Nobody(reason) => CheckResult::warning(
            id,
            format!(
                "{at} cannot be asked from here ({reason}): if people open the site elsewhere, say where with --address URL, or correct host_name in site_config.json"
            ),
        ),
    }
}

/// Where GitHub delivers: `public_url` of GitHub Settings, else the site's address.
async fn webhook_path(site: &Site, asker: &Asker, address: Option<&Url>) -> CheckResult {
    let id = CheckId::WebhookPath;
    let public = match public_url(site).await {
        Ok(public) => public.or_else(|| address.cloned()),
        Err(error) => return CheckResult::failed(id, error.to_string()),
    };
    let Some(public) = public else {
        return CheckResult::skipped(id, CheckId::SiteAddress);
    };
    let set = format!(
        "set public_url with `erpnext-github settings set public_url https://HOST --site {}`",
        site.name()
    );
    if public.scheme() != "https" || is_local(&public) {
        return CheckResult::warning(
            id,
            format!(
                "GitHub does not deliver to {public}: it needs https and a host that the world knows; {set} (in development, the address of a tunnel)"
            ),
        );
    }
    match asker.webhook(&public).await {
        Heard::Nobody(reason) => CheckResult::warning(
            id,
            format!(
                "{public} cannot be asked from here ({reason}): that says nothing of GitHub, unless the address is wrong; then {set}"
            ),
        ),
        Heard::Behind => CheckResult::failed(
            id,
            format!(
                "{public} does not reach `serve`: run `erpnext-github nginx patch --site {}` there",
                site.name()
            ),
        ),
        Heard::Else(status) => CheckResult::failed(
            id,
            format!(
                "at {public} something else answers GitHub's deliveries (status {status}): run `erpnext-github nginx patch --site {}` there, or {set}",
                site.name()
            ),
        ),
        Heard::Ours(_) | Heard::Stranger(_) => {
            CheckResult::ok(id, format!("deliveries to {public} reach a `serve`, asked from here"))
        }
    }
}

async fn public_url(site: &Site) -> Result<Option<Url>, DbError> {
    let text = singles::read_field(site.db(), DOCTYPE, "public_url").await?;
    Ok(text.and_then(|text| Url::parse(text.trim()).ok()).filter(Url::has_host))
}

/// True for a host that only this machine or its network knows.
fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified(),
        Some(Host::Ipv6(ip)) => ip.is_loopback() || ip.is_unique_local() || ip.is_unspecified(),
        Some(Host::Domain(name)) => {
            !name.contains('.')
                || ["localhost", "local", "test", "internal"]
                    .iter()
                    .any(|end| name.ends_with(&format!(".{end}")))
        }
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::CheckStatus;
    use crate::health::way::SessionSeen;

    #[test]
    fn each_answer_says_what_to_type() {
        let way = Way {
            sidecar: "127.0.0.1:9100".parse().expect("an address"),
            address: None,
        };
        let at = Url::parse("https://erp.example.com/").expect("an address");
        let untrusted = Seen {
            site: "a.test".to_owned(),
            version: "0".to_owned(),
            peer: "10.0.0.5".parse().expect("an address"),
            is_trusted: false,
            session: SessionSeen::Unknown,
            reply: String::new(),
        };
        let old = sidecar(&way, &Heard::Ours(untrusted.clone()));
        assert!(
            old.status == CheckStatus::Warning && old.message.contains("start it again"),
            "{old:?}"
        );
        for (heard, status, part) in [
            (Heard::Ours(untrusted), CheckStatus::Warning, "--trusted-proxy 10.0.0.5"),
            (
                Heard::Behind,
                CheckStatus::Failed,
                "nginx patch --site a.test` --upstream 127.0.0.1:9100",
            ),
            (Heard::Else(417), CheckStatus::Failed, "nginx patch --site a.test`"),
            (
                Heard::Stranger("a copy".to_owned()),
                CheckStatus::Failed,
                "another installation (a copy)",
            ),
            (Heard::Nobody("refused".to_owned()), CheckStatus::Warning, "--address URL"),
        ] {
            let told = site_address("a.test", &way, Some(&at), &heard);
            assert!(told.status == status && told.message.contains(part), "{told:?}");
        }
        for (heard, status, part) in [
            (Heard::Else(200), CheckStatus::Failed, "--listen"),
            (
                Heard::Nobody("refused".to_owned()),
                CheckStatus::Warning,
                "start `erpnext-github serve`",
            ),
            (
                Heard::Stranger("none".to_owned()),
                CheckStatus::Failed,
                "does not serve this installation (none)",
            ),
        ] {
            let told = sidecar(&way, &heard);
            assert!(told.status == status && told.message.contains(part), "{told:?}");
        }
    }

    #[test]
    fn hosts_that_github_cannot_know() {
        for (url, local) in [
            ("https://erp.example.com/", false),
            ("https://203.0.113.9/", false),
            ("https://10.0.0.5/", true),
            ("https://erp/", true),
            ("https://erp.local/", true),
            ("https://[::1]/", true),
        ] {
            assert_eq!(is_local(&Url::parse(url).expect("an address")), local, "{url}");
        }
    }
}
