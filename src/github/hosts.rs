//! Where GitHub is. A credential is sent to these addresses and to no other.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// REST address of github.com.
const GITHUB_COM: &str = "https://api.github.com";
/// Where a GitHub Enterprise Server keeps its REST interface; GraphQL and the pages are found from it.
const GHES_REST: &str = "/api/v3";

/// The three addresses of one GitHub. They are boot configuration, never something that a desk user can change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hosts {
    api: Url,
    graphql: Url,
    web: Url,
}

/// Why an address is refused; the sentence names the configuration key and never repeats a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key} {reason}; write it like {example}")]
pub struct InvalidHost {
    /// Configuration key.
    pub key: &'static str,
    /// What is wrong with it.
    pub reason: String,
    /// A right one.
    pub example: &'static str,
}

impl Hosts {
    /// The addresses for `api` (the REST address). GraphQL and the pages are found from it where they are not given:
    /// `https://HOST/api/v3` is a GitHub Enterprise Server (`https://HOST/api/graphql`, `https://HOST`), `https://api.HOST` is
    /// github.com or a `ghe.com` enterprise (`https://api.HOST/graphql`, `https://HOST`).
    ///
    /// # Errors
    /// An address that is none, is neither https nor on this machine, or carries a user name, a query or a fragment.
    pub fn new(api: &str, graphql: Option<&str>, web: Option<&str>) -> Result<Self, InvalidHost> {
        let api = checked("github_api_url", api)?;
        let graphql = match graphql {
            Some(text) => checked("github_graphql_url", text)?,
            None => graphql_of(&api),
        };
        let web = match web {
            Some(text) => checked("github_web_url", text)?,
            None => web_of(&api),
        };
        Ok(Self { api, graphql, web })
    }

    /// github.com.
    ///
    /// # Errors
    /// Never in practice: the address is ours and a test parses it.
    pub fn github_com() -> Result<Self, InvalidHost> {
        Self::new(GITHUB_COM, None, None)
    }

    /// REST address, without a slash at its end but for an empty path.
    #[must_use]
    pub fn api(&self) -> &Url {
        &self.api
    }

    /// GraphQL address.
    #[must_use]
    pub fn graphql(&self) -> &Url {
        &self.graphql
    }

    /// Address of the pages that people open.
    #[must_use]
    pub fn web(&self) -> &Url {
        &self.web
    }

    /// True when no call leaves this machine, so that no proxy may come between.
    pub(super) fn are_local(&self) -> bool {
        [&self.api, &self.graphql].iter().all(|url| is_loopback(url))
    }

    /// True when no call is encrypted, so that no certificate authorities are needed.
    pub(super) fn are_plain(&self) -> bool {
        [&self.api, &self.graphql].iter().all(|url| url.scheme() == "http")
    }
}

/// True where scheme, host and port are the same: only there may a redirect or a page link take the credential.
pub(super) fn same_origin(a: &Url, b: &Url) -> bool {
    a.scheme() == b.scheme() && a.host() == b.host() && a.port_or_known_default() == b.port_or_known_default()
}

/// Host and port of an address, as people write it in an error.
pub(super) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or("an unnamed host");
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn checked(key: &'static str, text: &str) -> Result<Url, InvalidHost> {
    let example = match key {
        "github_graphql_url" => "https://github.example.com/api/graphql",
        "github_web_url" => "https://github.example.com",
        _ => "https://api.github.com or https://github.example.com/api/v3",
    };
    let refuse = |reason: &str| InvalidHost {
        key,
        reason: reason.to_owned(),
        example,
    };
    let mut url = Url::parse(text.trim()).map_err(|error| refuse(&format!("is not an address ({error})")))?;
    if url.host().is_none() {
        return Err(refuse("names no host"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse(
            "must not hold a user name or password (the token is kept in GitHub Settings)",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refuse("must not have a query or a fragment"));
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        _ => {
            return Err(refuse(
                "must be https (plain http is for this machine alone, since a token is sent there)",
            ));
        }
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => Ipv4Addr::is_loopback(&address),
        Some(Host::Ipv6(address)) => Ipv6Addr::is_loopback(&address),
        None => false,
    }
}

fn graphql_of(api: &Url) -> Url {
    let path = api.path().trim_end_matches('/');
    let mut url = api.clone();
    match path.strip_suffix(GHES_REST) {
        Some(before) => url.set_path(&format!("{before}/api/graphql")),
        None => url.set_path(&format!("{path}/graphql")),
    }
    url
}

fn web_of(api: &Url) -> Url {
    let mut url = api.clone();
    let path = api.path().trim_end_matches('/');
    if let Some(before) = path.strip_suffix(GHES_REST) {
        url.set_path(before);
    } else {
        url.set_path("");
        if let Some(name) = api.host_str().and_then(|host| host.strip_prefix("api.")) {
            // The host was accepted with its prefix, so the shorter one is a host too; if not, the longer one stays.
            let _kept_where_refused = url.set_host(Some(name));
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(api: &str) -> (String, String, String) {
        let hosts = Hosts::new(api, None, None).expect("valid");
        (hosts.api().to_string(), hosts.graphql().to_string(), hosts.web().to_string())
    }

    fn three(a: &str, b: &str, c: &str) -> (String, String, String) {
        (a.to_owned(), b.to_owned(), c.to_owned())
    }

    #[test]
    fn graphql_and_pages_are_found_from_the_rest_address() {
        let github_com = three(
            "https://api.github.com/",
            "https://api.github.com/graphql",
            "https://github.com/",
        );
        assert_eq!(of("https://api.github.com"), github_com);
        assert_eq!(of(" https://api.github.com/ "), github_com);
        assert_eq!(Hosts::github_com(), Hosts::new(GITHUB_COM, None, None));
        let server = three(
            "https://git.acme.test/api/v3",
            "https://git.acme.test/api/graphql",
            "https://git.acme.test/",
        );
        assert_eq!(of("https://git.acme.test/api/v3/"), server);
        assert_eq!(
            of("https://api.acme.ghe.com"),
            three(
                "https://api.acme.ghe.com/",
                "https://api.acme.ghe.com/graphql",
                "https://acme.ghe.com/"
            )
        );
        assert_eq!(
            of("http://127.0.0.1:4321"),
            three(
                "http://127.0.0.1:4321/",
                "http://127.0.0.1:4321/graphql",
                "http://127.0.0.1:4321/"
            )
        );
        let given = Hosts::new(
            "https://a.test/api/v3",
            Some("https://b.test/graphql"),
            Some("https://c.test"),
        )
        .expect("valid");
        assert_eq!(given.graphql().as_str(), "https://b.test/graphql");
        assert_eq!(given.web().as_str(), "https://c.test/");
    }

    #[test]
    fn a_token_is_sent_over_https_or_not_at_all() {
        for bad in [
            "",
            "api.github.com",
            "http://api.github.com",
            "http://10.0.0.8/api/v3",
            "http://localhost.example.com",
            "ftp://localhost",
            "file:///etc",
            "https://user:secret@api.github.com",
            "https://api.github.com?x=1",
            "https://api.github.com#x",
        ] {
            let error = Hosts::new(bad, None, None).expect_err(bad).to_string();
            assert!(error.starts_with("github_api_url "), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
        for good in [
            "http://localhost:1",
            "http://[::1]:1",
            "http://127.8.8.8",
            "http://hub.localhost",
        ] {
            let hosts = Hosts::new(good, None, None).expect(good);
            assert!(hosts.are_local() && hosts.are_plain());
        }
        let encrypted = Hosts::new("https://localhost:1", None, None).expect("local");
        assert!(encrypted.are_local() && !encrypted.are_plain());
        let error = Hosts::new(GITHUB_COM, Some("http://evil.test"), None).expect_err("plain http");
        assert_eq!(error.key, "github_graphql_url");
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let url = |text: &str| Url::parse(text).expect("url");
        assert!(same_origin(&url("https://a.test/x"), &url("https://A.test:443/y?z")));
        for other in ["http://a.test", "https://b.test", "https://a.test:444", "https://a.test.evil"] {
            assert!(!same_origin(&url("https://a.test"), &url(other)), "{other}");
        }
    }
}
