//! Secrets lie in the database as Frappe's own do.

use erpnext_github::frappe::encryption_key::{self, EncryptionKey};
use erpnext_github::frappe::secrets::{self, SecretError};
use erpnext_github::frappe::singles;
use secrecy::{ExposeSecret, SecretString};

use super::{FrappeMajor, TestSite, one, sql};

const TOKEN: &str = "ghp_ünïcode and quotes '\"";

#[tokio::test]
async fn a_singles_secret_is_stored_masked_and_read_back() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let (site, key) = (test.site(), encryption_key::ensure(test.site().config()).expect("a key"));
    let mut conn = site.db().conn().await.expect("connected");
    let field = ("GitHub Settings", "personal_access_token");
    let read = secrets::read_single(&mut conn, &key, field.0, field.1).await.expect("read");
    assert!(read.is_none());
    for secret in ["first", TOKEN] {
        let secret = SecretString::from(secret);
        secrets::store_single(&mut conn, &key, field.0, field.1, &secret)
            .await
            .expect("stored");
    }
    let found = secrets::read_single(&mut conn, &key, field.0, field.1)
        .await
        .expect("read")
        .expect("there");
    assert_eq!((found.secret.expose_secret(), found.in_clear), (TOKEN, false));
    assert!(secrets::is_single_set(&mut conn, field.0, field.1).await.expect("read"));

    let shown = singles::read_field(site.db(), field.0, field.1)
        .await
        .expect("read")
        .expect("there");
    assert!(!shown.is_empty() && shown.bytes().all(|byte| byte == b'*'), "{shown}");
    assert_eq!(
        one(
            site,
            "SELECT COUNT(*) FROM `__Auth` WHERE doctype = 'GitHub Settings' AND encrypted = 1"
        )
        .await,
        "1"
    );
    assert!(
        one(site, "SELECT password FROM `__Auth` WHERE doctype = 'GitHub Settings'")
            .await
            .starts_with("gAAAA")
    );

    assert!(secrets::remove_single(&mut conn, field.0, field.1).await.expect("removed"));
    assert!(!secrets::is_single_set(&mut conn, field.0, field.1).await.expect("read"));
    assert_eq!(
        singles::read_field(site.db(), field.0, field.1)
            .await
            .expect("read")
            .as_deref(),
        Some("")
    );
}

#[tokio::test]
async fn a_value_in_clear_is_the_secret_itself() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let (site, key) = (test.site(), encryption_key::ensure(test.site().config()).expect("a key"));
    let mut conn = site.db().conn().await.expect("connected");
    let old = SecretString::from("old");
    secrets::store_single(&mut conn, &key, "GitHub Settings", "webhook_secret", &old)
        .await
        .expect("stored");
    sql(
        site,
        &["UPDATE `tabSingles` SET value = 'typed' WHERE field = 'webhook_secret'"],
    )
    .await;
    let found = secrets::read_single(&mut conn, None, "GitHub Settings", "webhook_secret")
        .await
        .expect("read")
        .expect("there");
    assert_eq!((found.secret.expose_secret(), found.in_clear), ("typed", true));
    secrets::store_single(&mut conn, &key, "GitHub Settings", "webhook_secret", &found.secret)
        .await
        .expect("stored");
    let found = secrets::read_single(&mut conn, &key, "GitHub Settings", "webhook_secret")
        .await
        .expect("read")
        .expect("there");
    assert_eq!((found.secret.expose_secret(), found.in_clear), ("typed", false));
}

#[tokio::test]
async fn a_key_that_decrypts_nothing_is_one_sentence() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let mut conn = test.site().db().conn().await.expect("connected");
    let key = encryption_key::ensure(test.site().config()).expect("a key");
    let secret = SecretString::from(TOKEN);
    secrets::store(&mut conn, &key, "User", "a@b.c", "api_secret", &secret)
        .await
        .expect("stored");
    let other = EncryptionKey::parse("cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=").expect("a key");
    let error = secrets::read(&mut conn, &other, "User", "a@b.c", "api_secret")
        .await
        .expect_err("another key");
    assert!(
        error.to_string().ends_with("enter it again") && !error.to_string().contains(TOKEN),
        "{error}"
    );
    let error = secrets::read(&mut conn, None, "User", "a@b.c", "api_secret")
        .await
        .expect_err("no key");
    assert!(matches!(error, SecretError::NoKey { .. }), "{error}");
    assert!(secrets::is_set(&mut conn, "User", "a@b.c", "api_secret").await.expect("read"));
    assert!(
        secrets::remove(&mut conn, "User", "a@b.c", "api_secret")
            .await
            .expect("removed")
    );
    let none = secrets::read(&mut conn, None, "User", "a@b.c", "api_secret")
        .await
        .expect("read");
    assert!(none.is_none());
}

#[tokio::test]
async fn what_frappe_does_not_encrypt_is_read_as_it_is() {
    let test = TestSite::new(FrappeMajor::V15).await;
    sql(test.site(), &["INSERT INTO `__Auth` (doctype, name, fieldname, password, encrypted) VALUES ('User', 'a@b.c', 'password', '$hash', 0)"]).await;
    let mut conn = test.site().db().conn().await.expect("connected");
    let found = secrets::read(&mut conn, None, "User", "a@b.c", "password")
        .await
        .expect("read")
        .expect("there");
    assert_eq!(found.expose_secret(), "$hash");
}

#[tokio::test]
async fn both_places_are_written_in_one_transaction() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let key = encryption_key::ensure(test.site().config()).expect("a key");
    let mut tx = test.site().db().begin().await.expect("begun");
    let secret = SecretString::from(TOKEN);
    secrets::store_single(&mut tx, &key, "GitHub Settings", "webhook_secret", &secret)
        .await
        .expect("stored");
    tx.rollback().await.expect("rolled back");
    let mut conn = test.site().db().conn().await.expect("connected");
    assert!(
        !secrets::is_single_set(&mut conn, "GitHub Settings", "webhook_secret")
            .await
            .expect("read")
    );
    assert_eq!(
        one(
            test.site(),
            "SELECT COUNT(*) FROM `tabSingles` WHERE field = 'webhook_secret'"
        )
        .await,
        "0"
    );
}
