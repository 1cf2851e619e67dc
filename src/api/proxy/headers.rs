//! What one hop changes in the headers: what belongs to a connection stays with it, and who calls is told as it was found out here.

use std::net::IpAddr;

use axum::http::header::{
    CONNECTION, EXPECT, HOST, ORIGIN, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::api::desk::{caller_address, host_name};
use crate::config::TrustedProxies;

/// Belongs to one connection (RFC 9110, 7.6.1), beside what `Connection` itself names.
const OF_THE_CONNECTION: [HeaderName; 8] = [
    CONNECTION,
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    HeaderName::from_static("keep-alive"),
];
/// Says who calls from where, and counts from trusted proxies only.
const FORWARDED: [HeaderName; 4] = [
    HeaderName::from_static("forwarded"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-port"),
    HeaderName::from_static("x-real-ip"),
];
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const SITE: HeaderName = HeaderName::from_static("x-frappe-site-name");
/// With it, Frappe leaves the sending of private files to nginx, which is not there.
const ACCEL: HeaderName = HeaderName::from_static("x-use-x-accel-redirect");

/// What was found out about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hop {
    /// Where it comes from, behind trusted proxies.
    pub(super) address: IpAddr,
    /// `https` where a trusted proxy says so.
    pub(super) scheme: &'static str,
    /// Which site is meant, where it can be told.
    pub(super) site: Option<String>,
    /// The peer's word counts.
    is_trusted: bool,
}

impl Hop {
    /// Of a request that comes from `peer`.
    pub(super) fn of(
        headers: &HeaderMap,
        peer: IpAddr,
        trusted: &TrustedProxies,
        site_of: &dyn Fn(&str) -> Option<String>,
    ) -> Self {
        let is_trusted = trusted.contains(peer);
        let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
        let is_https = is_trusted && text(&FORWARDED_PROTO).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
        let told = text(&SITE).filter(|site| is_trusted && !site.is_empty()).map(str::to_owned);
        Self {
            address: caller_address(headers, peer, trusted),
            scheme: if is_https { "https" } else { "http" },
            site: told.or_else(|| site_of(&host_name(text(&HOST).unwrap_or_default()))),
            is_trusted,
        }
    }

    /// True where the request was made on this machine, or by a trusted proxy itself.
    pub(super) fn is_near(&self, trusted: &TrustedProxies) -> bool {
        self.address.is_loopback() || trusted.contains(self.address)
    }

    /// Makes a request's headers those of the next hop; `upgrade` is the protocol that is asked for.
    pub(super) fn apply(&self, headers: &mut HeaderMap, upgrade: Option<&HeaderValue>) {
        strip(headers);
        // Answered here, as soon as the body is read.
        headers.remove(EXPECT);
        headers.remove(ACCEL);
        if !self.is_trusted {
            for name in FORWARDED {
                headers.remove(name);
            }
        }
        let mut set = |name: HeaderName, value: &str| match HeaderValue::from_str(value) {
            Ok(value) => drop(headers.insert(name, value)),
            Err(_) => drop(headers.remove(name)),
        };
        set(FORWARDED_FOR, &self.address.to_string());
        set(FORWARDED_PROTO, self.scheme);
        match &self.site {
            Some(site) => set(SITE, site),
            None => drop(headers.remove(SITE)),
        }
        match upgrade {
            Some(protocol) => reconnect(headers, protocol),
            None => drop(headers.insert(CONNECTION, HeaderValue::from_static("close"))),
        }
    }

    /// node asks the site at the page's origin who somebody is, and a page's own GET has none.
    pub(super) fn name_origin(&self, headers: &mut HeaderMap) {
        let Some(host) = headers.get(HOST).and_then(|value| value.to_str().ok()) else {
            return;
        };
        if let Ok(origin) = HeaderValue::from_str(&format!("{}://{host}", self.scheme))
            && !headers.contains_key(ORIGIN)
        {
            headers.insert(ORIGIN, origin);
        }
    }
}

/// The protocol that a request asks to change to: web sockets, and no other. Over HTTP/2 without TLS (`h2c`) requests would go to the
/// bench past us, with whatever their headers say of site and caller.
pub(super) fn upgrade(headers: &HeaderMap) -> Option<HeaderValue> {
    let asked = options(headers).any(|option| option.eq_ignore_ascii_case("upgrade"));
    let protocol = headers.get(UPGRADE).filter(|_| asked)?;
    protocol
        .as_bytes()
        .eq_ignore_ascii_case(b"websocket")
        .then(|| protocol.clone())
}

/// Says that the protocol changes.
pub(super) fn reconnect(headers: &mut HeaderMap, protocol: &HeaderValue) {
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, protocol.clone());
}

/// Removes what belongs to the connection that it came over.
pub(super) fn strip(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = options(headers).filter_map(|option| option.parse().ok()).collect();
    for name in named.iter().chain(&OF_THE_CONNECTION) {
        headers.remove(name);
    }
}

fn options(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let lines = headers
        .get_all(CONNECTION)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    lines
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .filter(|option| !option.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    fn passed(peer: &str, pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = headers(pairs);
        let site_of = |host: &str| (host == "erp.example.com").then(|| "a.local".to_owned());
        let hop = Hop::of(
            &headers,
            peer.parse().expect("an address"),
            &TrustedProxies::default(),
            &site_of,
        );
        let wanted = upgrade(&headers);
        hop.apply(&mut headers, wanted.as_ref());
        headers
    }

    const FROM_OUTSIDE: [(&str, &str); 8] = [
        ("host", "erp.example.com:9100"),
        ("x-forwarded-for", "1.2.3.4"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "evil.example.com"),
        ("x-frappe-site-name", "other.local"),
        ("x-use-x-accel-redirect", "True"),
        ("connection", "keep-alive, X-Mine"),
        ("x-mine", "1"),
    ];

    #[test]
    fn a_strangers_word_does_not_count() {
        let passed = passed("9.9.9.9", &FROM_OUTSIDE);
        for (name, value) in [
            ("host", Some("erp.example.com:9100")),
            ("x-forwarded-for", Some("9.9.9.9")),
            ("x-forwarded-proto", Some("http")),
            ("x-forwarded-host", None),
            ("x-frappe-site-name", Some("a.local")),
            ("x-use-x-accel-redirect", None),
            ("connection", Some("close")),
            ("x-mine", None),
        ] {
            assert_eq!(passed.get(name).map(|value| value.to_str().expect("text")), value, "{name}");
        }
    }

    #[test]
    fn a_trusted_proxys_word_counts() {
        let passed = passed("127.0.0.1", &FROM_OUTSIDE);
        for (name, value) in [
            ("x-forwarded-for", Some("1.2.3.4")),
            ("x-forwarded-proto", Some("https")),
            ("x-forwarded-host", Some("evil.example.com")),
            ("x-frappe-site-name", Some("other.local")),
            ("x-use-x-accel-redirect", None),
        ] {
            assert_eq!(passed.get(name).map(|value| value.to_str().expect("text")), value, "{name}");
        }
    }

    #[test]
    fn a_site_that_cannot_be_told_is_not_named() {
        let passed = passed("9.9.9.9", &[("host", "localhost:9100"), ("x-frappe-site-name", "a.local")]);
        assert!(!passed.contains_key("x-frappe-site-name"));
    }

    #[test]
    fn a_change_of_protocol_is_passed_on_and_a_stray_upgrade_is_not() {
        let socket = passed(
            "9.9.9.9",
            &[
                ("connection", "Upgrade"),
                ("upgrade", "websocket"),
                ("sec-websocket-key", "x"),
            ],
        );
        assert_eq!(socket["connection"], "upgrade");
        assert_eq!(socket["upgrade"], "websocket");
        assert!(socket.contains_key("sec-websocket-key"));
        for options in ["keep-alive", "Upgrade, HTTP2-Settings"] {
            let other = passed(
                "9.9.9.9",
                &[("connection", options), ("upgrade", "h2c"), ("http2-settings", "AAMAAABk")],
            );
            assert!(!other.contains_key("upgrade") && other["connection"] == "close", "{other:?}");
        }
    }

    #[test]
    fn an_origin_is_named_only_where_there_is_none() {
        let hop = Hop::of(
            &headers(&[]),
            "9.9.9.9".parse().expect("an address"),
            &TrustedProxies::default(),
            &|_| None,
        );
        for (origin, told) in [(None, "http://a:1"), (Some("http://b"), "http://b")] {
            let mut headers = headers(&[("host", "a:1")]);
            if let Some(origin) = origin {
                headers.insert("origin", HeaderValue::from_static(origin));
            }
            hop.name_origin(&mut headers);
            assert_eq!(headers["origin"], told);
        }
    }
}
