//! Where a credential may go along: the same scheme, host and port, and nowhere else.

use url::Url;

/// True where scheme, host and port are the same: only there may a redirect or a page link take the credential.
pub(super) fn same_origin(a: &Url, b: &Url) -> bool {
    a.scheme() == b.scheme() && a.host() == b.host() && a.port_or_known_default() == b.port_or_known_default()
}

/// Host and port of an address, as people write it in an error.
pub(super) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or("an unnamed host");
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let url = |text: &str| Url::parse(text).expect("url");
        assert!(same_origin(&url("https://a.test/x"), &url("https://A.test:443/y?z")));
        for other in ["http://a.test", "https://b.test", "https://a.test:444", "https://a.test.evil"] {
            assert!(!same_origin(&url("https://a.test"), &url(other)), "{other}");
        }
    }
}
