//! A call as it comes in: its site, who shows what, and its arguments, read as Frappe reads them.

use std::net::{IpAddr, SocketAddr};

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use secrecy::SecretString;
use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::actions::{ActionError, Arguments};
use crate::api::proxy::NamedSite;
use crate::config::TrustedProxies;
use crate::frappe::auth::Presented;

use super::multipart;

/// What a call brought along beside its arguments.
#[derive(Debug)]
pub(in crate::api) struct Incoming {
    /// The site that is meant, as the caller or a trusted proxy names it.
    pub(in crate::api) site: Option<String>,
    /// What shows who calls.
    pub(in crate::api) presented: Presented,
    /// The session's token against forged writes.
    pub(super) csrf_token: Option<SecretString>,
    /// The named arguments.
    pub(in crate::api) arguments: Arguments,
}

/// Reads a call.
///
/// # Errors
/// When the body is not what its type says.
pub(super) fn read(head: &Parts, body: &Bytes, peer: SocketAddr, proxies: &TrustedProxies) -> Result<Incoming, ActionError> {
    let headers = &head.headers;
    let mut values = values(headers, &head.uri, body)?;
    // What is said about the call is no argument of the method.
    let mut take = |name: &str| match values.remove(name) {
        Some(Value::String(text)) if !text.is_empty() => Some(text),
        _ => None,
    };
    let (csrf_field, sid_field) = (take("csrf_token"), take("sid"));
    for name in ["_", "cmd"] {
        take(name);
    }
    let text = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    Ok(Incoming {
        site: site_named(head, peer, proxies),
        presented: Presented {
            sid: sid_field.or_else(|| cookie(headers, "sid")).map(SecretString::from),
            authorization: text("authorization").map(SecretString::from),
            source: text("frappe-authorization-source"),
            address: Some(caller_address(headers, peer.ip(), proxies)),
        },
        csrf_token: text("x-frappe-csrf-token").or(csrf_field).map(SecretString::from),
        arguments: Arguments::new(values),
    })
}

/// Reads what opened a page: who it is, the cookie of his session says, and nothing that stands in an address.
pub(in crate::api) fn visit(head: &Parts, peer: SocketAddr, proxies: &TrustedProxies) -> Result<Incoming, ActionError> {
    let mut incoming = read(head, &Bytes::new(), peer, proxies)?;
    incoming.presented.sid = cookie(&head.headers, "sid").map(SecretString::from);
    incoming.presented.authorization = None;
    incoming.presented.source = None;
    Ok(incoming)
}

/// The site that is meant: as the way through us names it, else a trusted proxy, else the host.
pub(in crate::api) fn site_named(head: &Parts, peer: SocketAddr, proxies: &TrustedProxies) -> Option<String> {
    let text = |name: &str| {
        let value = head.headers.get(name).and_then(|value| value.to_str().ok());
        value.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let trusted = proxies.contains(peer.ip());
    let host = || text("host").map(|host| host_name(&host));
    let named = head.extensions.get::<NamedSite>().map(|named| named.0.clone());
    named.or_else(|| text("x-frappe-site-name").filter(|_| trusted)).or_else(host)
}

/// A JSON body alone counts where there is one; else the query, overlaid by a form.
fn values(headers: &HeaderMap, uri: &Uri, body: &Bytes) -> Result<Map<String, Value>, ActionError> {
    let whole = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let whole = whole.unwrap_or_default();
    let kind = whole.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind == "application/json" && !body.is_empty() {
        return match serde_json::from_slice(body) {
            Ok(Value::Object(values)) => Ok(values),
            Ok(Value::Null) => Ok(Map::new()),
            Ok(_) => Err(ActionError::Invalid("send the arguments as one JSON object".to_owned())),
            Err(error) => Err(ActionError::Invalid(format!(
                "the body is no JSON ({error}): send the arguments as one JSON object"
            ))),
        };
    }
    let mut values = Map::new();
    let mut overlay = |pairs: &[u8]| {
        for (name, value) in form_urlencoded::parse(pairs) {
            values.insert(name.into_owned(), Value::String(value.into_owned()));
        }
    };
    overlay(uri.query().unwrap_or_default().as_bytes());
    match kind.as_str() {
        "multipart/form-data" if !body.is_empty() => {
            let Some(fields) = multipart::fields(whole, body) else {
                return Err(ActionError::Invalid(
                    "the form broke off, or is none: send it again".to_owned(),
                ));
            };
            for (name, value) in fields {
                values.insert(name, Value::String(value));
            }
        }
        "" | "application/x-www-form-urlencoded" => overlay(body),
        _ if body.is_empty() => {}
        other => {
            return Err(ActionError::Invalid(format!(
                "a body of type {other} is not understood: send a form (application/x-www-form-urlencoded) or JSON"
            )));
        }
    }
    Ok(values)
}

/// A host without its port.
pub(in crate::api) fn host_name(host: &str) -> String {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name.to_owned(),
        _ => host.to_owned(),
    }
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    // A page may set cookies beside ours that are no ASCII; browsers send them as they are.
    let lines = headers
        .get_all(header::COOKIE)
        .into_iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()));
    lines
        .flat_map(|line| line.split(';').map(str::to_owned).collect::<Vec<_>>())
        .find_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == name).then(|| value.trim_matches('"').to_owned())
        })
}

/// Where the call comes from: the last address that no trusted proxy has.
pub(in crate::api) fn caller_address(headers: &HeaderMap, peer: IpAddr, proxies: &TrustedProxies) -> IpAddr {
    // An IPv4 address may come in IPv6's clothes, and is compared with what people wrote.
    let peer = peer.to_canonical();
    if !proxies.contains(peer) {
        return peer;
    }
    // A line is kept whatever is in it: its end is what a trusted proxy wrote behind a stranger's beginning.
    let forwarded = headers
        .get_all("x-forwarded-for")
        .into_iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()));
    let hops: Vec<String> = forwarded
        .flat_map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let mut from = peer;
    for hop in hops.into_iter().rev() {
        // What cannot be read was not written by a trusted proxy.
        let Some(hop) = address(hop.trim()) else { break };
        from = hop;
        if !proxies.contains(hop) {
            break;
        }
    }
    from
}

/// An address, with a port as some proxies write it, or without.
fn address(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let address = text.parse().ok().or_else(with_port)?;
    Some(IpAddr::to_canonical(&address))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use secrecy::ExposeSecret;
    use serde_json::json;

    use super::*;

    fn of(pairs: &[(&'static str, &str)], target: &str, body: &str, peer: &str) -> Result<Incoming, ActionError> {
        let request = pairs
            .iter()
            .fold(Request::get(target), |request, (name, value)| request.header(*name, *value));
        let (head, ()) = request.body(()).expect("a request").into_parts();
        let peer = SocketAddr::new(peer.parse().expect("an address"), 1);
        read(&head, &Bytes::from(body.to_owned()), peer, &TrustedProxies::default())
    }

    #[test]
    fn a_form_goes_over_the_query_and_json_stands_alone() {
        const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded; charset=UTF-8");
        let form = of(
            &[FORM],
            "/x?a=1&b=2&_=77",
            "b=3&c=%5B1%5D&csrf_token=t&sid=s&cmd=x",
            "127.0.0.1",
        )
        .expect("a call");
        let text = |incoming: &Incoming, name: &str| incoming.arguments.text(name);
        assert_eq!(
            (text(&form, "a").as_deref(), text(&form, "b").as_deref()),
            (Some("1"), Some("3"))
        );
        assert_eq!(form.arguments.texts("c").expect("a list"), ["1"]);
        for dropped in ["_", "cmd", "sid", "csrf_token"] {
            assert_eq!(text(&form, dropped), None, "{dropped}");
        }
        assert_eq!(form.csrf_token.as_ref().map(ExposeSecret::expose_secret), Some("t"));
        assert_eq!(form.presented.sid.expect("a sid").expose_secret(), "s");

        let body = json!({"b": 3, "c": [1]}).to_string();
        let alone = of(&[("content-type", "application/json")], "/x?a=1", &body, "127.0.0.1").expect("a call");
        assert_eq!((text(&alone, "a"), text(&alone, "b").as_deref()), (None, Some("3")));
        let form = of(
            &[("content-type", "multipart/form-data; boundary=b")],
            "/x?a=1",
            "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n2\r\n--b--\r\n",
            "127.0.0.1",
        )
        .expect("a call");
        assert_eq!(text(&form, "a").as_deref(), Some("2"));
        for (kind, body) in [
            ("application/json", "{"),
            ("application/json", "[1]"),
            ("text/xml", "<a/>"),
            ("multipart/form-data; boundary=b", "--c"),
        ] {
            let error = of(&[("content-type", kind)], "/x", body, "127.0.0.1").expect_err("refused");
            assert!(matches!(error, ActionError::Invalid(_)), "{error}");
        }
    }

    #[test]
    fn only_a_trusted_proxy_names_the_site_and_the_address() {
        let pairs = [
            ("host", "site.example.com:8000"),
            ("x-frappe-site-name", "other.local"),
            ("x-forwarded-for", "9.9.9.9, 8.8.8.8"),
            ("cookie", "system_user=yes; sid=abc"),
        ];
        let from = |incoming: &Incoming| incoming.presented.address.expect("an address").to_string();
        let trusted = of(&pairs, "/x", "", "127.0.0.1").expect("a call");
        assert_eq!(
            (trusted.site.as_deref(), from(&trusted).as_str()),
            (Some("other.local"), "8.8.8.8")
        );
        assert_eq!(trusted.presented.sid.as_ref().expect("a sid").expose_secret(), "abc");
        let strange = of(&pairs, "/x", "", "7.7.7.7").expect("a call");
        assert_eq!(
            (strange.site.as_deref(), from(&strange).as_str()),
            (Some("site.example.com"), "7.7.7.7")
        );
        let spoofed = of(&[("x-forwarded-for", "127.0.0.1, nonsense, 8.8.8.8")], "/x", "", "127.0.0.1").expect("a call");
        assert_eq!(from(&spoofed), "8.8.8.8");
        for (told, found) in [
            // A stranger's beginning makes the proxy's end no less true.
            ("\u{fc}, 8.8.8.8", "8.8.8.8"),
            ("8.8.8.8:4711", "8.8.8.8"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("::ffff:8.8.8.8", "8.8.8.8"),
        ] {
            let call = of(&[("x-forwarded-for", told)], "/x", "", "127.0.0.1").expect("a call");
            assert_eq!(from(&call), found, "{told}");
        }
        assert_eq!(from(&of(&[], "/x", "", "::ffff:7.7.7.7").expect("a call")), "7.7.7.7");
    }

    #[test]
    fn a_site_that_is_named_as_nothing_is_told_by_the_host() {
        let pairs = [("host", "a.test"), ("x-frappe-site-name", "")];
        assert_eq!(
            of(&pairs, "/x", "", "127.0.0.1").expect("a call").site.as_deref(),
            Some("a.test")
        );
    }

    #[test]
    fn the_first_sid_counts_whatever_stands_beside_it() {
        for (cookies, sid) in [
            ("sid=a; sid=b", Some("a")),
            ("city=M\u{fc}nchen; sid=a", Some("a")),
            ("SID=b; xsid=c; sid = d; sid=\"a\"", Some("a")),
            ("sid", None),
        ] {
            let call = of(&[("cookie", cookies)], "/x", "", "127.0.0.1").expect("a call");
            let found = call.presented.sid.map(|sid| sid.expose_secret().to_owned());
            assert_eq!(found.as_deref(), sid, "{cookies}");
        }
    }
}
