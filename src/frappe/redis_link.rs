//! A connection to one of the bench's Redis servers: made when first needed, made anew when it broke, never waited for long.

use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, Pipeline, RedisConnectionInfo, RedisError,
    RedisResult, Value,
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use super::site_config::SiteConfig;

/// How long a server may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// How long an answer may take; what we ask for is done in milliseconds.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(3);
/// After a server has let us wait that long, it is not asked again for this long: work that touches it page after page would
/// else wait at every page. A server that refuses costs nothing and is asked again at once.
const SILENCE: Duration = Duration::from_secs(5);

/// A Redis that cannot be used just now.
#[derive(Debug, Clone, thiserror::Error)]
#[error("Redis at {address} cannot be used ({reason}): start it, or correct `{key}` in common_site_config.json")]
pub struct RedisDown {
    /// The configuration key that names the server.
    pub key: &'static str,
    /// Where it is, without credentials.
    pub address: String,
    /// What went wrong.
    pub reason: String,
}

/// The way to one server, and the connection to it while there is one.
pub(super) struct Link {
    key: &'static str,
    way: Way,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    conn: Option<MultiplexedConnection>,
    /// Since when it is known not to answer.
    silent_since: Option<Instant>,
}

enum Way {
    Url(SecretString),
    Sentinels(Sentinels),
}

/// Servers that know which of the others is the master just now.
struct Sentinels {
    nodes: Vec<String>,
    service: String,
    own: Credentials,
    master: Credentials,
}

struct Credentials {
    user: Option<String>,
    password: Option<SecretString>,
}

impl Link {
    /// The server that `key` (`redis_cache`, `redis_queue` or `redis_socketio`) names; nothing is connected yet.
    pub(super) fn new(config: &SiteConfig, key: &'static str, url: String) -> Self {
        let way = if config.flag(&format!("{key}_sentinel_enabled")) {
            Way::Sentinels(Sentinels {
                nodes: config.list(&format!("{key}_sentinels")),
                service: config.text(&format!("{key}_master_service")).unwrap_or_default(),
                own: Credentials::of(config, &format!("{key}_sentinel")),
                master: Credentials::of(config, &format!("{key}_master")),
            })
        } else {
            Way::Url(SecretString::from(url))
        };
        Self {
            key,
            way,
            state: Mutex::default(),
        }
    }

    /// Sends the commands and gives their answers. Sent once more on a new connection where the old one turns out to be broken
    /// or to lead to a server that is no master any more, so that what is sent must be harmless twice. The one refusal that is
    /// an answer and no failure is that a key holds another kind of value: what it is kept as differs between versions.
    pub(super) async fn send(&self, mut commands: Pipeline) -> Result<Vec<RedisResult<Value>>, RedisDown> {
        commands.ignore_errors();
        let was_open = self.state.lock().await.conn.is_some();
        let answers = match self.send_once(&commands).await {
            Err(error) if was_open && !error.is_timeout() => self.send_once(&commands).await,
            answers => answers,
        };
        answers.map_err(|error| self.down(&error))
    }

    async fn send_once(&self, commands: &Pipeline) -> RedisResult<Vec<RedisResult<Value>>> {
        let mut conn = self.connection().await?;
        let answers: RedisResult<Vec<RedisResult<Value>>> = commands.query_async(&mut conn).await;
        let failure = match answers {
            Ok(answers) => match answers.iter().position(is_failure) {
                None => return Ok(answers),
                Some(at) => answers.into_iter().nth(at).and_then(Result::err),
            },
            Err(error) => Some(error),
        };
        let failure = failure.unwrap_or_else(|| invalid("the server refuses"));
        self.state.lock().await.fail(&failure);
        Err(failure)
    }

    async fn connection(&self) -> RedisResult<MultiplexedConnection> {
        let mut state = self.state.lock().await;
        if let Some(conn) = &state.conn {
            return Ok(conn.clone());
        }
        if state.silent_since.is_some_and(|since| since.elapsed() < SILENCE) {
            return Err(invalid("it did not answer a moment ago"));
        }
        let fresh = match &self.way {
            Way::Url(url) => connect(url.expose_secret()).await,
            Way::Sentinels(sentinels) => sentinels.connect().await,
        };
        let fresh = fresh.inspect_err(|error| state.fail(error))?;
        state.silent_since = None;
        Ok(state.conn.insert(fresh).clone())
    }

    fn down(&self, error: &RedisError) -> RedisDown {
        RedisDown {
            key: self.key,
            address: self.address(),
            reason: error.to_string(),
        }
    }

    /// Where the server is, without user and password.
    fn address(&self) -> String {
        match &self.way {
            Way::Sentinels(sentinels) => format!("`{}` of {}", sentinels.service, sentinels.nodes.join(", ")),
            Way::Url(url) => match url::Url::parse(url.expose_secret()) {
                Ok(url) => match (url.host(), url.port()) {
                    (Some(host), Some(port)) => format!("{host}:{port}"),
                    (Some(host), None) => host.to_string(),
                    (None, _) => url.path().to_owned(),
                },
                Err(_) => "an address that is none".to_owned(),
            },
        }
    }
}

impl State {
    fn fail(&mut self, error: &RedisError) {
        self.conn = None;
        self.silent_since = error.is_timeout().then(Instant::now);
    }
}

fn is_failure(answer: &RedisResult<Value>) -> bool {
    answer.as_ref().is_err_and(|error| error.code() != Some("WRONGTYPE"))
}

fn invalid(reason: &'static str) -> RedisError {
    RedisError::from((redis::ErrorKind::InvalidClientConfig, reason))
}

async fn connect(to: impl IntoConnectionInfo) -> RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_response_timeout(Some(RESPONSE_TIMEOUT));
    // Boxed as a type of its own: the client's future is deeper than what the compiler likes to look into from every write.
    let opening = Client::open(to)?;
    opening.get_multiplexed_async_connection_with_config(&config).boxed().await
}

impl Sentinels {
    /// Asks one sentinel after the other, and connects to the master that the first of them names.
    async fn connect(&self) -> RedisResult<MultiplexedConnection> {
        let mut failure = invalid("no sentinel is configured");
        for node in &self.nodes {
            match self.ask(node).await {
                Ok(master) => return connect(master).await,
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    async fn ask(&self, node: &str) -> RedisResult<ConnectionInfo> {
        let (host, port) = node
            .rsplit_once(':')
            .ok_or_else(|| invalid("a sentinel is written as host:port"))?;
        let mut sentinel = connect(self.own.at(host, port)?).await?;
        let master: Option<(String, String)> = redis::cmd("SENTINEL")
            .arg("GET-MASTER-ADDR-BY-NAME")
            .arg(&self.service)
            .query_async(&mut sentinel)
            .await?;
        let (host, port) = master.ok_or_else(|| invalid("the sentinel knows no master of that name"))?;
        self.master.at(&host, &port)
    }
}

impl Credentials {
    fn of(config: &SiteConfig, prefix: &str) -> Self {
        Self {
            user: config.text(&format!("{prefix}_username")),
            password: config.text(&format!("{prefix}_password")).map(SecretString::from),
        }
    }

    fn at(&self, host: &str, port: &str) -> RedisResult<ConnectionInfo> {
        let port = port.trim().parse().map_err(|_| invalid("a port is no number"))?;
        let mut settings = RedisConnectionInfo::default();
        if let Some(user) = &self.user {
            settings = settings.set_username(user);
        }
        if let Some(password) = &self.password {
            settings = settings.set_password(password.expose_secret());
        }
        let address = ConnectionAddr::Tcp(host.trim().to_owned(), port).into_connection_info()?;
        Ok(address.set_redis_settings(settings))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(json: &str) -> Link {
        let config = SiteConfig::for_tests(json);
        let url = config.redis_cache();
        Link::new(&config, "redis_cache", url)
    }

    #[tokio::test]
    async fn a_server_that_is_away_is_named_without_its_password() {
        let link = link(r#"{"redis_cache": "redis://bench:hunter2@127.0.0.1:1/0"}"#);
        let mut ping = redis::pipe();
        ping.cmd("PING");
        let error = link.send(ping).await.expect_err("nobody listens on port 1");
        let message = error.to_string();
        assert!(message.starts_with("Redis at 127.0.0.1:1 cannot be used ("), "{message}");
        assert!(message.contains("`redis_cache`") && !message.contains("hunter2"), "{message}");
    }

    #[tokio::test]
    async fn a_server_that_does_not_answer_is_waited_for_once() {
        // The kernel takes connections for it, and nobody ever answers.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let link = link(&format!(r#"{{"redis_cache": "redis://{address}"}}"#));
        let mut ping = redis::pipe();
        ping.cmd("PING");
        assert!(link.send(ping.clone()).await.is_err());
        let since = Instant::now();
        let message = link.send(ping).await.expect_err("still silent").to_string();
        assert!(since.elapsed() < CONNECT_TIMEOUT / 2, "the second call does not wait");
        assert!(message.contains("did not answer a moment ago"), "{message}");
    }

    #[test]
    fn addresses_show_no_credentials() {
        for (url, address) in [
            ("redis://:secret@redis-cache:6379", "redis-cache:6379"),
            ("rediss://u:secret@cache.example.com/1", "cache.example.com"),
            ("unix:///run/redis.sock?db=1", "/run/redis.sock"),
            ("nonsense secret", "an address that is none"),
        ] {
            assert_eq!(link(&format!(r#"{{"redis_cache": "{url}"}}"#)).address(), address);
        }
    }

    #[tokio::test]
    async fn sentinels_are_tried_in_turn() {
        let link = link(
            r#"{"redis_cache_sentinel_enabled": 1, "redis_cache_sentinels": ["127.0.0.1:1", "nowhere"], "redis_cache_master_service": "bench"}"#,
        );
        let mut ping = redis::pipe();
        ping.cmd("PING");
        let message = link.send(ping).await.expect_err("no sentinel").to_string();
        assert!(
            message.starts_with("Redis at `bench` of 127.0.0.1:1, nowhere cannot be used (a sentinel is written"),
            "{message}"
        );
    }
}
