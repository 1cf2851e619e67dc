//! Where a bench without nginx listens: for `serve --proxy`.

use url::Url;

use super::ConfigError;

/// A web server of the bench, over plain http.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    /// Name or address.
    pub host: String,
    /// Port.
    pub port: u16,
}

/// The two servers of a bench.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BenchServers {
    /// Python, for everything.
    pub web: Upstream,
    /// node, for `/socket.io`.
    pub socketio: Upstream,
}

/// The servers of `--proxy` and `--socketio`; without the latter, node listens on `socketio_port` beside Python.
///
/// # Errors
/// When one is no address of a web server.
pub fn bench_servers(proxy: &str, socketio: Option<&str>, socketio_port: u16) -> Result<BenchServers, ConfigError> {
    let web = upstream("--proxy", proxy)?;
    let socketio = match socketio {
        Some(text) => upstream("--socketio", text)?,
        None => Upstream {
            port: socketio_port,
            ..web.clone()
        },
    };
    Ok(BenchServers { web, socketio })
}

fn upstream(origin: &'static str, text: &str) -> Result<Upstream, ConfigError> {
    let refused = || ConfigError {
        origin,
        value: super::without_password(text),
        expected: "is no address of a bench: write it as http://HOST:PORT, for example http://127.0.0.1:8000".to_owned(),
    };
    let url = Url::parse(text).map_err(|_| refused())?;
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    let host = url
        .host_str()
        .filter(|_| url.scheme() == "http" && is_bare && url.password().is_none());
    Ok(Upstream {
        host: host.ok_or_else(refused)?.trim_matches(['[', ']']).to_owned(),
        port: url.port_or_known_default().ok_or_else(refused)?,
    })
}

impl std::fmt::Display for Upstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.host.contains(':') {
            write!(f, "http://[{}]:{}", self.host, self.port)
        } else {
            write!(f, "http://{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_stands_beside_python_unless_it_is_named() {
        let servers = bench_servers("http://localhost:8001", None, 9000).expect("servers");
        assert_eq!(
            (servers.web.to_string(), servers.socketio.to_string()),
            ("http://localhost:8001".to_owned(), "http://localhost:9000".to_owned())
        );
        let servers = bench_servers("http://[::1]:8000/", Some("http://node"), 9000).expect("servers");
        assert_eq!(
            (servers.web.to_string(), servers.socketio.to_string()),
            ("http://[::1]:8000".to_owned(), "http://node:80".to_owned())
        );
    }

    #[test]
    fn what_is_no_bench_is_refused() {
        for bad in [
            "",
            "8000",
            "127.0.0.1:8000",
            "https://a:1",
            "http://a/b",
            "http://me:secret@a:1",
            "http://a?b",
        ] {
            let error = bench_servers(bad, None, 9000).expect_err(bad).to_string();
            assert!(error.starts_with("--proxy: ") && !error.contains("secret"), "{error}");
        }
        let error = bench_servers("http://a", Some("x"), 9000).expect_err("refused").to_string();
        assert!(error.starts_with("--socketio: "), "{error}");
    }
}
