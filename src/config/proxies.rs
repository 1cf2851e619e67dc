//! Whose word counts about where a call comes from and which site it means.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use super::{ConfigError, Environment, choose, key};

/// Addresses of the proxies in front: only what comes from them may name a site and a caller's address.
#[derive(Debug, Clone)]
pub struct TrustedProxies(Vec<IpNet>);

impl Default for TrustedProxies {
    /// This machine: nginx stands beside us.
    fn default() -> Self {
        Self(vec![
            IpNet::new_assert(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), 8),
            IpNet::from(IpAddr::V6(Ipv6Addr::LOCALHOST)),
        ])
    }
}

impl TrustedProxies {
    /// Whether this one is trusted. An IPv4 address may come in IPv6's clothes.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|net| net.contains(&address))
    }
}

/// The trusted proxies: flag, else environment, else this machine. A comma list of addresses and networks.
///
/// # Errors
/// When a part is neither.
pub fn trusted_proxies(flag: Option<&str>, environment: &Environment) -> Result<TrustedProxies, ConfigError> {
    let Some((origin, text)) = choose("--trusted-proxy", flag, key::TRUSTED_PROXY, environment) else {
        return Ok(TrustedProxies::default());
    };
    let net = |part: &str| {
        part.parse::<IpNet>()
            .ok()
            .or_else(|| part.parse::<IpAddr>().ok().map(IpNet::from))
    };
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| {
            net(part).ok_or_else(|| ConfigError {
                origin,
                value: part.to_owned(),
                expected: "is neither an address nor a network: write for example 10.0.0.5,172.18.0.0/16".to_owned(),
            })
        })
        .collect::<Result<Vec<_>, _>>()
        .map(TrustedProxies)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(proxies: &TrustedProxies, address: &str) -> bool {
        proxies.contains(address.parse().expect("an address"))
    }

    #[test]
    fn this_machine_is_trusted_unless_others_are_named() {
        let usual = trusted_proxies(None, &Environment::default()).expect("proxies");
        for (address, trusted) in [
            ("127.0.0.1", true),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("10.0.0.5", false),
        ] {
            assert_eq!(contains(&usual, address), trusted, "{address}");
        }
        let named = trusted_proxies(Some("10.0.0.5, 172.18.0.0/16"), &Environment::default()).expect("proxies");
        for (address, trusted) in [
            ("127.0.0.1", false),
            ("10.0.0.5", true),
            ("172.18.3.4", true),
            ("172.19.0.1", false),
        ] {
            assert_eq!(contains(&named, address), trusted, "{address}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        let error = trusted_proxies(Some("10.0.0.5,nginx"), &Environment::default()).expect_err("refused");
        assert!(
            error.to_string().starts_with("--trusted-proxy: `nginx` is neither"),
            "{error}"
        );
    }
}
