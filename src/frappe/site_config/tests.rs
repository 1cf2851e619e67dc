//! What is read from which file, and what is refused.

use secrecy::ExposeSecret;

use super::*;

fn database(json: &str) -> Result<DbSpec, SiteConfigError> {
    SiteConfig::for_tests(json).database()
}

fn refused(json: &str) -> String {
    database(json).expect_err("refused").to_string()
}

#[test]
fn the_site_wins_over_the_bench_and_the_environment_over_both() {
    let sites = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(sites.path().join("s")).expect("made");
    let common = r#"{"db_host": "common", "redis_cache": "redis://common", "maintenance_mode": 1}"#;
    std::fs::write(sites.path().join(COMMON_FILE), common).expect("written");
    let own = r#"{"db_name": "own", "db_host": "own", "db_port": 3307}"#;
    std::fs::write(sites.path().join("s").join(SITE_FILE), own).expect("written");
    let read = |environment: &[(&str, &str)]| {
        let owned = environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        SiteConfig::read(sites.path(), "s", &owned.collect()).expect("readable")
    };

    let config = read(&[]);
    assert_eq!(
        config.database().expect("usable").endpoint,
        Endpoint::Tcp("own".to_owned(), 3307)
    );
    assert_eq!(config.redis_cache(), "redis://common");
    assert!(config.maintenance_mode());

    let config = read(&[
        ("FRAPPE_DB_HOST", "db"),
        ("FRAPPE_DB_PORT", "3306"),
        ("FRAPPE_DB_NAME", "named"),
        ("FRAPPE_DB_USER", "user"),
        ("FRAPPE_DB_PASSWORD", "secret"),
        ("FRAPPE_REDIS_CACHE", "redis://redis-cache:6379"),
        ("FRAPPE_REDIS_QUEUE", ""),
    ]);
    let spec = config.database().expect("usable");
    assert_eq!(spec.endpoint, Endpoint::Tcp("db".to_owned(), 3306));
    assert_eq!(
        (spec.database.as_str(), spec.users),
        ("named", vec!["named".to_owned(), "user".to_owned()])
    );
    assert_eq!(spec.password.expose_secret(), "secret");
    assert_eq!(config.redis_cache(), "redis://redis-cache:6379");
    assert_eq!(config.redis_queue(), DEFAULT_REDIS_QUEUE, "an empty variable is none");

    let config = read(&[("FRAPPE_DB_SOCKET", "/run/mysqld.sock")]);
    assert_eq!(
        config.database().expect("usable").endpoint,
        Endpoint::Socket("/run/mysqld.sock".into())
    );
}

#[test]
fn frappes_defaults_hold() {
    let spec = database(r#"{"db_name": "_1bd", "db_type": "mariadb"}"#).expect("usable");
    assert_eq!(spec.endpoint, Endpoint::Tcp("127.0.0.1".to_owned(), 3306));
    assert_eq!(spec.users, ["_1bd"]);
    assert!(spec.tls.is_none());
}

#[test]
fn the_schemas_name_is_the_first_user_tried() {
    // Frappe up to 15 ignores db_user, 16 honours it.
    let spec = database(r#"{"db_name": "_1bd", "db_user": "erp"}"#).expect("usable");
    assert_eq!(spec.users, ["_1bd", "erp"]);
    let spec = database(r#"{"db_name": "_1bd", "db_user": "_1bd"}"#).expect("usable");
    assert_eq!(spec.users, ["_1bd"]);
}

#[test]
fn what_makes_no_sense_is_named_with_the_file() {
    let message = refused(r#"{"db_name": "x", "db_type": "postgres"}"#);
    assert!(
        message.contains("site_config.json: `db_type` is `postgres`: only MariaDB"),
        "{message}"
    );
    let message = refused(r#"{"db_port": 3306}"#);
    assert!(message.contains("`db_name` is missing"), "{message}");
    let message = refused(r#"{"db_name": "x", "db_port": "abc"}"#);
    assert!(message.contains("`db_port` is `abc`: write a port number"), "{message}");
    let message = refused(r#"{"db_name": "x", "db_ssl_ca": "/nowhere/ca.pem"}"#);
    assert!(
        message.contains("`db_ssl_ca` names /nowhere/ca.pem, which is not a file"),
        "{message}"
    );
}

#[test]
fn tls_needs_all_three_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| {
        std::fs::write(folder.path().join(name), "x").expect("written");
        folder.path().join(name).display().to_string()
    };
    let (ca, cert, key) = (file("ca"), file("cert"), file("key"));
    let two = format!(r#"{{"db_name": "x", "db_ssl_ca": "{ca}", "db_ssl_cert": "{cert}"}}"#);
    assert!(database(&two).expect("usable").tls.is_none(), "as Frappe does");
    let all = format!(
        r#"{{"db_name": "x", "db_ssl_ca": "{ca}", "db_ssl_cert": "{cert}", "db_ssl_key": "{key}", "db_ssl_check_hostname": 1}}"#
    );
    let tls = database(&all).expect("usable").tls.expect("all three are there");
    assert_eq!((tls.ca, tls.check_hostname), (ca.into(), true));
}

#[test]
fn flags_are_read_as_frappe_reads_them() {
    for (json, on) in [
        ("1", true),
        ("true", true),
        (r#""1""#, true),
        ("0", false),
        (r#""0""#, false),
        ("null", false),
    ] {
        let config = SiteConfig::for_tests(&format!(r#"{{"maintenance_mode": {json}}}"#));
        assert_eq!(config.maintenance_mode(), on, "{json}");
    }
    assert!(!SiteConfig::for_tests("{}").maintenance_mode());
}

#[test]
fn a_file_that_is_no_object_is_told_and_nothing_shown() {
    let sites = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(sites.path().join("s")).expect("made");
    let read = |own: &str| {
        std::fs::write(sites.path().join("s").join(SITE_FILE), own).expect("written");
        SiteConfig::read(sites.path(), "s", &BTreeMap::new()).map_err(|error| error.to_string())
    };
    let message = read(r#"{"db_password": "hunter2",}"#).expect_err("no JSON");
    assert!(
        message.contains("s/site_config.json: is no JSON (") && !message.contains("hunter2"),
        "{message}"
    );
    let message = read("[]").expect_err("no object");
    assert!(message.contains("holds JSON that is no object"), "{message}");
    let config = read(r#"{"db_password": "hunter2"}"#).expect("readable");
    assert!(!format!("{config:?}").contains("hunter2"));
}
