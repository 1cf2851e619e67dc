//! Where GitHub is. This decides where a credential may be sent, so that it is boot configuration and never a form field.

use std::net::IpAddr;
use std::path::PathBuf;

use url::{Host, Url};

use super::environment::{Environment, key};

/// The three addresses of one GitHub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hosts {
    /// REST API, for example `https://api.github.com/`.
    pub api: Url,
    /// GraphQL API, for example `https://api.github.com/graphql`.
    pub graphql: Url,
    /// Pages that people open, for example `https://github.com/`.
    pub web: Url,
    /// Certificate authorities that are believed there beside the system's.
    pub authorities: Option<AuthoritiesFile>,
}

/// A file of certificate authorities in PEM form, with the place that names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthoritiesFile {
    /// Flag, variable or key.
    pub origin: &'static str,
    /// The file.
    pub path: PathBuf,
}

/// The addresses that one source names: flags, environment or a site's configuration.
#[derive(Debug, Clone, Default)]
pub struct HostLayer {
    api: Option<Named>,
    graphql: Option<Named>,
    web: Option<Named>,
    authorities: Option<AuthoritiesFile>,
}

/// An address with the place that it was written in.
#[derive(Debug, Clone)]
struct Named {
    origin: &'static str,
    text: String,
}

/// Why an address cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{origin}: `{text}` {reason}")]
pub struct HostError {
    origin: &'static str,
    text: String,
    reason: &'static str,
}

impl HostLayer {
    /// From the flags.
    #[must_use]
    pub fn of_flags(api: Option<String>, graphql: Option<String>, web: Option<String>) -> Self {
        let named = |origin, text: Option<String>| text.map(|text| Named { origin, text });
        Self {
            api: named("--github-api-url", api),
            graphql: named("--github-graphql-url", graphql),
            web: named("--github-web-url", web),
            authorities: None,
        }
    }

    /// The same with the file of `--github-ca`, where one is given.
    #[must_use]
    pub fn with_authorities(self, path: Option<PathBuf>) -> Self {
        let authorities = path.map(|path| AuthoritiesFile {
            origin: "--github-ca",
            path,
        });
        Self { authorities, ..self }
    }

    /// From the environment.
    #[must_use]
    pub fn of_environment(environment: &Environment) -> Self {
        let named = |origin| {
            environment.get(origin).map(|text| Named {
                origin,
                text: text.to_owned(),
            })
        };
        Self {
            api: named(key::API_URL),
            graphql: named(key::GRAPHQL_URL),
            web: named(key::WEB_URL),
            authorities: environment.get(key::CA).map(|path| AuthoritiesFile {
                origin: key::CA,
                path: path.into(),
            }),
        }
    }

    /// From a site's configuration; `value` gives the text of a key.
    #[must_use]
    pub fn of_site(value: impl Fn(&str) -> Option<String>) -> Self {
        let named = |origin| value(origin).map(|text| Named { origin, text });
        Self {
            api: named("github_api_url"),
            graphql: named("github_graphql_url"),
            web: named("github_web_url"),
            authorities: value("github_ca").map(|path| AuthoritiesFile {
                origin: "github_ca",
                path: path.into(),
            }),
        }
    }
}

impl Hosts {
    /// Lays the sources over github.com, the weakest first. A source that names the API settles all three addresses: the
    /// other two follow from it unless it, or a stronger source, names them too. One token is never sent to a mixture of hosts
    /// that no single source meant.
    ///
    /// # Errors
    /// When an address is none, or is not https and not on this machine.
    pub fn resolve(layers: &[&HostLayer]) -> Result<Self, HostError> {
        let mut hosts = Self::beside(Url::parse("https://api.github.com/").map_err(|_| HostError {
            origin: "github.com",
            text: String::new(),
            reason: "is not an address",
        })?);
        for layer in layers {
            if let Some(api) = &layer.api {
                hosts = Self {
                    authorities: hosts.authorities,
                    ..Self::beside(api.address()?)
                };
            }
            if let Some(authorities) = &layer.authorities {
                hosts.authorities = Some(authorities.clone());
            }
            if let Some(graphql) = &layer.graphql {
                hosts.graphql = graphql.address()?;
            }
            if let Some(web) = &layer.web {
                hosts.web = web.address()?;
            }
        }
        Ok(hosts)
    }

    /// The addresses for one API address, where nobody else has a say.
    ///
    /// # Errors
    /// When the address is none, or is not https and not on this machine.
    pub fn of_api(api: &str) -> Result<Self, HostError> {
        Self::resolve(&[&HostLayer::of_flags(Some(api.to_owned()), None, None)])
    }

    /// Where a credential goes, for comparing and for people: scheme, host and port of the REST API, and those of the GraphQL
    /// API where they are others.
    #[must_use]
    pub fn origins(&self) -> String {
        let [api, graphql] = [&self.api, &self.graphql].map(|url| url.origin().ascii_serialization());
        if api == graphql { api } else { format!("{api} and {graphql}") }
    }

    /// True when no call is encrypted, so that no certificate authorities are needed.
    #[must_use]
    pub fn are_plain(&self) -> bool {
        [&self.api, &self.graphql].iter().all(|url| url.scheme() == "http")
    }

    /// True when no call leaves this machine, so that no proxy may come between.
    #[must_use]
    pub fn are_local(&self) -> bool {
        is_this_machine(&self.api) && is_this_machine(&self.graphql)
    }

    /// The usual neighbours of an API address: GitHub Enterprise Server keeps both APIs under `/api` of its one host, all
    /// others have `api.HOST` beside `HOST`.
    fn beside(api: Url) -> Self {
        let (mut graphql, mut web) = (api.clone(), api.clone());
        let path = api.path().trim_end_matches('/');
        match path.strip_suffix("/v3") {
            Some(base) => graphql.set_path(&format!("{base}/graphql")),
            None => graphql.set_path(&format!("{path}/graphql")),
        }
        web.set_path("/");
        if let Some(host) = api.host_str().and_then(|host| host.strip_prefix("api.")) {
            // Setting a host that was part of a valid one cannot fail; if it did, the API's own host is a sane answer.
            let _unchanged = web.set_host(Some(host));
        }
        Self {
            api,
            graphql,
            web,
            authorities: None,
        }
    }
}

impl Named {
    fn address(&self) -> Result<Url, HostError> {
        let refused = |reason| HostError {
            origin: self.origin,
            text: without_password(&self.text),
            reason,
        };
        let url = Url::parse(&self.text).map_err(|_| refused("is not an address: write it as https://HOST/PATH"))?;
        if url.host().is_none() {
            return Err(refused("names no host: write it as https://HOST/PATH"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused(
                "holds a user or a password: leave them out, the credential is kept in GitHub Settings",
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refused("has a `?` or `#` part: leave it out"));
        }
        match url.scheme() {
            "https" => Ok(url),
            "http" if is_this_machine(&url) => Ok(url),
            "http" => Err(refused("would send the credential unencrypted: write https://")),
            _ => Err(refused("is not a web address: write https://HOST/PATH")),
        }
    }
}

/// An address as a message may show it: a password that was written into it stays out.
#[must_use]
pub fn without_password(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((_secret, rest)) => format!("...@{rest}"),
        None => address.to_owned(),
    }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(api: &str) -> HostLayer {
        HostLayer::of_flags(Some(api.to_owned()), None, None)
    }

    fn shown(hosts: &Hosts) -> [&str; 3] {
        [hosts.api.as_str(), hosts.graphql.as_str(), hosts.web.as_str()]
    }

    #[test]
    fn github_com_when_nobody_says_otherwise() {
        let hosts = Hosts::resolve(&[&HostLayer::default()]).expect("valid");
        assert_eq!(
            shown(&hosts),
            [
                "https://api.github.com/",
                "https://api.github.com/graphql",
                "https://github.com/"
            ]
        );
    }

    #[test]
    fn the_neighbours_follow_from_the_api() {
        for (api, expected) in [
            (
                "https://git.acme.test/api/v3",
                [
                    "https://git.acme.test/api/v3",
                    "https://git.acme.test/api/graphql",
                    "https://git.acme.test/",
                ],
            ),
            (
                "https://api.acme.ghe.com",
                [
                    "https://api.acme.ghe.com/",
                    "https://api.acme.ghe.com/graphql",
                    "https://acme.ghe.com/",
                ],
            ),
            (
                "http://127.0.0.1:8100",
                [
                    "http://127.0.0.1:8100/",
                    "http://127.0.0.1:8100/graphql",
                    "http://127.0.0.1:8100/",
                ],
            ),
        ] {
            assert_eq!(shown(&Hosts::resolve(&[&flags(api)]).expect("valid")), expected);
        }
    }

    #[test]
    fn a_stronger_api_is_not_combined_with_a_weaker_graphql() {
        let site = HostLayer::of_site(|key| match key {
            "github_graphql_url" => Some("https://git.acme.test/api/graphql".to_owned()),
            _ => None,
        });
        let hosts = Hosts::resolve(&[&site, &flags("http://localhost:1/")]).expect("valid");
        assert_eq!(hosts.graphql.as_str(), "http://localhost:1/graphql");
        let environment: Environment = [(key::WEB_URL.to_owned(), "https://www.acme.test".to_owned())]
            .into_iter()
            .collect();
        let hosts = Hosts::resolve(&[&site, &HostLayer::of_environment(&environment)]).expect("valid");
        assert_eq!(
            shown(&hosts),
            [
                "https://api.github.com/",
                "https://git.acme.test/api/graphql",
                "https://www.acme.test/"
            ]
        );
    }

    #[test]
    fn the_strongest_file_of_authorities_counts_whoever_names_the_address() {
        let site = HostLayer::of_site(|key| (key == "github_ca").then(|| "/site.pem".to_owned()));
        let environment = [(key::CA.to_owned(), "/environment.pem".to_owned())].into_iter().collect();
        let environment = HostLayer::of_environment(&environment);
        let flag = flags("https://git.acme.test/api/v3").with_authorities(Some("/flag.pem".into()));
        let address = flags("https://git.acme.test/api/v3");
        for (layers, origin, path) in [
            (vec![&site, &address], "github_ca", "/site.pem"),
            (vec![&site, &environment, &address], "ERPNEXT_GITHUB_CA", "/environment.pem"),
            (vec![&site, &environment, &flag], "--github-ca", "/flag.pem"),
        ] {
            let found = Hosts::resolve(&layers).expect("valid").authorities.expect("a file");
            assert_eq!((found.origin, found.path.to_str()), (origin, Some(path)));
        }
    }

    #[test]
    fn an_origin_has_scheme_host_and_port_and_no_path() {
        let of = |api: &str, graphql: Option<&str>| {
            let flags = HostLayer::of_flags(Some(api.to_owned()), graphql.map(str::to_owned), None);
            Hosts::resolve(&[&flags]).expect("valid").origins()
        };
        assert_eq!(of("https://Git.acme.test:443/api/v3", None), "https://git.acme.test");
        assert_eq!(of("http://localhost:8100", None), "http://localhost:8100");
        assert_eq!(
            of("https://a.test", Some("https://a.test:444/graphql")),
            "https://a.test and https://a.test:444"
        );
    }

    #[test]
    fn an_address_that_would_leak_the_credential_is_refused() {
        for bad in [
            "http://api.github.com",
            "https://me:secret@api.github.com",
            "https://api.github.com/?a=b",
            "ftp://127.0.0.1/",
            "api.github.com",
            "http://127.0.0.1.evil.test/",
            "http://localhost.evil.test/",
            "",
        ] {
            let error = Hosts::resolve(&[&flags(bad)]).expect_err(bad).to_string();
            assert!(error.starts_with("--github-api-url: "), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
        for good in ["http://[::1]:9/", "http://localhost:9", "http://127.1.2.3/"] {
            assert!(Hosts::resolve(&[&flags(good)]).is_ok(), "{good}");
        }
    }
}
