//! Where GitHub delivers to: an address that it can reach.

use url::{Host, Url};

use crate::config::paths::WEBHOOK;
use crate::config::{Resolved, Resolver};
use crate::frappe::singles;
use crate::frappe::site::Site;
use crate::store::settings::DOCTYPE;

use super::HookError;

/// Where GitHub delivers to: `given`, else below `public_url`, else below the site's `host_name`.
pub(super) async fn of_site(site: &Site, given: Option<&str>) -> Result<String, HookError> {
    if let Some(given) = given {
        return checked(given, "`webhook_url`").map(String::from);
    }
    let setting = singles::read_field(site.db(), DOCTYPE, "public_url").await?;
    let setting = setting.map(|url| url.trim().to_owned()).filter(|url| !url.is_empty());
    let base = match setting {
        Some(url) => checked(&url, "`public_url` in GitHub Settings")?,
        None => match site.config().text("host_name") {
            Some(host) if host.contains("://") => checked(&host, "the `host_name` of the site")?,
            Some(host) => checked(&format!("https://{host}"), "the `host_name` of the site")?,
            None => {
                return Err(HookError::Invalid(
                    "nobody knows under which address GitHub reaches this site: enter it as Public URL in GitHub Settings"
                        .to_owned(),
                ));
            }
        },
    };
    Ok(format!("{}{WEBHOOK}", base.as_str().trim_end_matches('/')))
}

/// Refuses an address whose name stands for no machine.
pub(super) async fn require_known(address: &str, resolver: &Resolver) -> Result<(), HookError> {
    let url = Url::parse(address).ok();
    let Some(Host::Domain(name)) = url.as_ref().and_then(Url::host) else {
        return Ok(());
    };
    if resolver.look_up(name).await != Resolved::Unknown {
        return Ok(());
    }
    let shown: String = name.chars().take(200).collect();
    Err(HookError::Invalid(format!(
        "GitHub would find nobody at {shown}: there is no such name in the DNS; correct Public URL in GitHub Settings, or have the name entered"
    )))
}

/// An address that GitHub can reach, without anything that would be told to it.
fn checked(text: &str, what: &str) -> Result<Url, HookError> {
    let refuse = |why: &str| {
        let shown: String = text.chars().take(200).collect();
        HookError::Invalid(format!(
            "{what}, {shown}, {why}: GitHub delivers over https to public addresses; enter such an address as Public URL in GitHub Settings"
        ))
    };
    let url = Url::parse(text).map_err(|_| refuse("is no address"))?;
    if url.scheme() != "https" {
        return Err(refuse("is not https"));
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(refuse("holds more than an address"));
    }
    if is_local(&url) {
        return Err(refuse("is a local address"));
    }
    Ok(url)
}

/// True for what only this machine or its network knows.
fn is_local(url: &Url) -> bool {
    match url.host() {
        None => true,
        Some(Host::Ipv4(ip)) => {
            ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified() || ip.is_broadcast()
        }
        Some(Host::Ipv6(ip)) => {
            let v4 = ip
                .to_ipv4_mapped()
                .is_some_and(|ip| ip.is_loopback() || ip.is_private() || ip.is_link_local());
            ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local() || v4
        }
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            let ends = ["localhost", "local", "internal", "test", "lan", "invalid"];
            !name.contains('.') || ends.iter().any(|end| name.rsplit('.').next() == Some(end))
        }
    }
}

/// True where both lead to the same place of the same host, however they are written.
pub(super) fn is_same_place(one: &str, other: &str) -> bool {
    let place = |text: &str| {
        let url = Url::parse(text).ok()?;
        let host = url.host_str()?.trim_end_matches('.').to_ascii_lowercase();
        Some((host, url.path().trim_end_matches('/').to_owned()))
    };
    place(one).is_some_and(|one| place(other).as_ref() == Some(&one))
}

/// True for the path on which a site of this program, or of the Python app, takes deliveries, whatever the host.
pub(super) fn is_our_path(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| url.path().trim_end_matches('/').ends_with(WEBHOOK))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f41_only_an_address_that_github_reaches_is_taken() {
        for good in ["https://erp.example.com", "https://erp.example.com:8443/x", "https://8.8.8.8"] {
            assert!(checked(good, "it").is_ok(), "{good}");
        }
        for (bad, why) in [
            ("http://erp.example.com", "not https"),
            ("https://localhost/x", "local"),
            ("https://erp", "local"),
            ("https://erp.local", "local"),
            ("https://site.test", "local"),
            ("https://127.0.0.1", "local"),
            ("https://10.1.2.3", "local"),
            ("https://192.168.0.4:8000", "local"),
            ("https://[::1]", "local"),
            ("https://[::ffff:10.0.0.1]", "local"),
            ("https://user:word@erp.example.com", "more than an address"),
            ("erp.example.com", "no address"),
        ] {
            let error = checked(bad, "it").expect_err(bad).to_string();
            assert!(error.contains(why), "{bad}: {error}");
        }
    }

    #[test]
    fn f41_an_address_is_known_again_however_it_is_written() {
        let ours = format!("https://erp.example.com{WEBHOOK}");
        assert!(is_same_place(&ours, &format!("http://ERP.example.com:8080{WEBHOOK}/")));
        assert!(!is_same_place(&ours, &format!("https://staging.example.com{WEBHOOK}")));
        assert!(!is_same_place(&ours, "https://erp.example.com/"));
        assert!(is_our_path(&format!("https://elsewhere.example.com{WEBHOOK}")));
        assert!(!is_our_path("https://ci.example.com/hook"));
    }
}
