//! A bench whose Redis is found through sentinels.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use erpnext_github::frappe::cache::Caches;
use erpnext_github::frappe::site_config::SiteConfig;

struct Servers(Vec<Child>);

impl Drop for Servers {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // It may have ended by itself.
            let _ended = child.kill().and_then(|()| child.wait());
        }
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

#[tokio::test]
async fn the_master_that_a_sentinel_names_is_used() {
    let folder = tempfile::tempdir().expect("a folder");
    let (master, sentinel) = (free_port(), free_port());
    let start = |name: &str, config: String, extra: &[&str]| {
        let path = folder.path().join(name);
        std::fs::write(&path, config).expect("written");
        let mut command = Command::new("redis-server");
        command.arg(path).args(extra).current_dir(folder.path()).stdout(Stdio::null());
        command.spawn().expect("redis-server can be started")
    };
    let _servers = Servers(vec![
        start(
            "master.conf",
            format!("port {master}\nbind 127.0.0.1\nsave \"\"\nrequirepass master-secret\n"),
            &[],
        ),
        start(
            "sentinel.conf",
            format!(
                "port {sentinel}\nbind 127.0.0.1\nrequirepass own-secret\nsentinel monitor bench 127.0.0.1 {master} 1\n\
                 sentinel auth-pass bench master-secret\n"
            ),
            &["--sentinel"],
        ),
    ]);
    let site = folder.path().join("s");
    std::fs::create_dir(&site).expect("made");
    let json = serde_json::json!({
        "db_name": "_db",
        "redis_cache": "redis://127.0.0.1:1",
        "redis_cache_sentinel_enabled": 1,
        "redis_cache_sentinels": ["127.0.0.1:1", format!("127.0.0.1:{sentinel}")],
        "redis_cache_sentinel_password": "own-secret",
        "redis_cache_master_service": "bench",
        "redis_cache_master_password": "master-secret",
    });
    std::fs::write(site.join("site_config.json"), json.to_string()).expect("written");
    let config = SiteConfig::read(folder.path(), "s", &BTreeMap::new()).expect("readable");
    let caches = Caches::connect(&config);
    let limit = Instant::now() + Duration::from_secs(20);
    while let Err(error) = caches.ping().await {
        assert!(Instant::now() < limit, "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
