//! Loading files and dumping databases.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use secrecy::ExposeSecret as _;

use crate::support::server;

const SQL: &str = "CREATE TABLE t (name varchar(140) PRIMARY KEY, body longtext) ENGINE=InnoDB ROW_FORMAT=COMPRESSED;\n\
                   INSERT INTO t VALUES ('b', 'zwölf'), ('a', NULL);\n";

/// A database for one test, with what is in [`SQL`], from a plain file and from a packed one.
async fn loaded(name: &str, packed: bool) -> String {
    let server = server().await;
    let database = format!("dumps_{name}_{packed}");
    let credentials = server.create_database(&database).await.expect("a database");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(if packed { "site.sql.gz" } else { "site.sql" });
    let mut file = std::fs::File::create(&path).expect("a file");
    if packed {
        let mut writer = GzEncoder::new(file, Compression::fast());
        writer.write_all(SQL.as_bytes()).expect("written");
        writer.finish().expect("written");
    } else {
        file.write_all(SQL.as_bytes()).expect("written");
    }
    server.load_dump(&credentials.database, &path).await.expect("loaded");
    database
}

#[tokio::test]
async fn plain_and_packed_files_give_the_same_dump_in_the_order_of_the_key() {
    let server = server().await;
    let mut dumps = Vec::new();
    for packed in [false, true] {
        let database = loaded("same", packed).await;
        dumps.push(server.dump(&database).await.expect("a dump"));
        server.drop_database(&database).await.expect("dropped");
    }
    assert_eq!(dumps[0], dumps[1]);
    let rows: Vec<&str> = dumps[0].lines().filter(|line| line.starts_with("INSERT")).collect();
    assert_eq!(
        rows,
        ["INSERT INTO `t` VALUES ('a',NULL);", "INSERT INTO `t` VALUES ('b','zwölf');"]
    );
}

#[tokio::test]
async fn a_dump_of_named_tables_has_no_others() {
    let server = server().await;
    let database = loaded("named", false).await;
    server
        .run_sql(Some(&database), "CREATE TABLE u (a int)")
        .await
        .expect("a table");
    let dump = server.dump_tables(&database, &["u"]).await.expect("a dump");
    assert!(
        dump.contains("CREATE TABLE `u`") && !dump.contains("CREATE TABLE `t`"),
        "{dump}"
    );
    let error = server.dump_tables(&database, &["nothing"]).await.expect_err("no such table");
    assert!(error.to_string().contains("nothing"), "{error}");
    server.drop_database(&database).await.expect("dropped");
}

#[tokio::test]
async fn a_broken_file_says_what_the_server_said() {
    let server = server().await;
    server.create_database("dumps_broken").await.expect("a database");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("broken.sql");
    std::fs::write(&path, "CREATE TABEL t (a int);").expect("a file");
    let error = server.load_dump("dumps_broken", &path).await.expect_err("broken").to_string();
    assert!(error.contains("1064"), "{error}");
    std::fs::write(folder.path().join("broken.sql.gz"), "no gzip").expect("a file");
    let error = server
        .load_dump("dumps_broken", &folder.path().join("broken.sql.gz"))
        .await
        .expect_err("broken")
        .to_string();
    assert!(error.contains("broken.sql.gz"), "{error}");
    server.drop_database("dumps_broken").await.expect("dropped");
}

#[tokio::test]
async fn a_user_has_its_own_schema_and_no_other() {
    let server = server().await;
    // Without escaping, the underscore of a grant would also stand for the x.
    let credentials = server.create_database("own_1").await.expect("a database");
    server.create_database("ownx1").await.expect("a database");
    let grants = server
        .query("mysql", "SHOW GRANTS FOR 'own_1'@'%'")
        .await
        .expect("grants")
        .into_iter()
        .flatten()
        .flatten()
        .collect::<Vec<_>>()
        .join("\n");
    assert!(grants.contains("ON `own\\_1`.*"), "{grants}");
    let options = mysql_async::OptsBuilder::default()
        .ip_or_hostname("127.0.0.1")
        .tcp_port(server.port())
        .prefer_socket(Some(false))
        .user(Some(credentials.user()))
        .pass(Some(credentials.password.expose_secret()));
    let other = mysql_async::Conn::new(options.clone().db_name(Some("ownx1"))).await;
    assert!(other.expect_err("not allowed").to_string().contains("1044"));
    let own = mysql_async::Conn::new(options.db_name(Some("own_1"))).await;
    own.expect("allowed").disconnect().await.expect("closed");
    for name in ["own_1", "ownx1"] {
        server.drop_database(name).await.expect("dropped");
    }
}
