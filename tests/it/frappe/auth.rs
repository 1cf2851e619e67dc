//! Who is calling, from the tables of each version.

use std::net::IpAddr;

use chrono::TimeDelta;
use erpnext_github::frappe::auth::{self, AuthError, Caller, Presented};
use erpnext_github::frappe::encryption_key;
use erpnext_github::sim::site::FrappeMajor;
use secrecy::SecretString;

use super::{TestSite, sql};

/// A minute before the tests' noon, in the zone of the small sites.
async fn now_local(test: &TestSite) -> String {
    let zone = test.site().zone().await.expect("a zone");
    let then = zone.to_local(test.site().clock().now() - TimeDelta::minutes(1));
    erpnext_github::frappe::zone::frappe_text(then)
}

fn with_sid(sid: &str) -> Presented {
    Presented {
        sid: Some(SecretString::from(sid)),
        ..Presented::default()
    }
}

fn with_header(header: &str) -> Presented {
    Presented {
        authorization: Some(SecretString::from(header)),
        ..Presented::default()
    }
}

async fn who(test: &TestSite, presented: &Presented) -> Result<Caller, AuthError> {
    auth::identify(test.site(), presented).await
}

async fn site_with_jane(major: FrappeMajor) -> TestSite {
    let test = TestSite::new(major).await;
    test.erp().add_user("jane@x.com", "Jane Doe", &[]).await.expect("a user");
    let then = now_local(&test).await;
    test.erp()
        .add_session("jane@x.com", "jane-sid", "token-of-jane", &then)
        .await
        .expect("a session");
    test
}

#[tokio::test]
async fn a_session_of_every_version_is_known_with_its_csrf_token() {
    for major in [FrappeMajor::V14, FrappeMajor::V15, FrappeMajor::V16] {
        let test = site_with_jane(major).await;
        let jane = who(&test, &with_sid("jane-sid")).await.expect("known");
        assert_eq!(
            (jane.user.as_str(), jane.desk, jane.session_expired),
            ("jane@x.com", true, false)
        );
        assert!(jane.csrf_holds(Some("token-of-jane")));
        for wrong in [None, Some(""), Some("token-of-jan"), Some("token-of-janE")] {
            assert!(!jane.csrf_holds(wrong), "{wrong:?}");
        }
        for stranger in ["JANE-SID", "jane-sid ", "other"] {
            let nobody = who(&test, &with_sid(stranger)).await.expect("answered");
            assert!(nobody.is_guest() && nobody.session_expired, "{stranger}");
        }
        let guest = who(&test, &with_sid("Guest")).await.expect("answered");
        assert!(guest.is_guest() && !guest.session_expired && !guest.desk);
    }
}

#[tokio::test]
async fn a_session_ends_with_its_time_and_with_its_user() {
    // 170 hours in version 15's System Settings of the small site, or what is set there; a week and an hour is longer.
    let test = site_with_jane(FrappeMajor::V15).await;
    test.erp().set_system_setting("session_expiry", "01:00").await.expect("set");
    sql(
        test.site(),
        &[
            "DELETE FROM tabDefaultValue WHERE parent = '__default' AND defkey = 'session_expiry'",
            "INSERT INTO tabDefaultValue (name, parent, parenttype, parentfield, defkey, defvalue) \
             VALUES ('expiry', '__default', '__default', 'system_defaults', 'session_expiry', '01:00')",
        ],
    )
    .await;
    test.clock().advance(TimeDelta::minutes(68));
    assert_eq!(
        who(&test, &with_sid("jane-sid")).await.expect("known").user,
        "jane@x.com",
        "its last use may be written late"
    );
    test.clock().advance(TimeDelta::minutes(2));
    let over = who(&test, &with_sid("jane-sid")).await.expect("answered");
    assert!(over.is_guest() && over.session_expired);

    let test = site_with_jane(FrappeMajor::V15).await;
    test.erp().set("User", "jane@x.com", "enabled", "0").await.expect("disabled");
    let gone = who(&test, &with_sid("jane-sid")).await.expect("answered");
    assert!(gone.is_guest() && gone.session_expired);
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_for_the_bench_to_judge() {
    let test = site_with_jane(FrappeMajor::V15).await;
    sql(test.site(), &["UPDATE tabSessions SET sessiondata = 'gobbledygook'"]).await;
    let error = who(&test, &with_sid("jane-sid")).await.expect_err("not understood");
    assert!(matches!(error, AuthError::NotUnderstood), "{error}");
}

#[tokio::test]
async fn api_keys_are_taken_as_token_and_as_basic_and_need_no_csrf_token() {
    let test = site_with_jane(FrappeMajor::V15).await;
    let key = encryption_key::ensure(test.site().config()).expect("a key");
    test.erp()
        .add_api_key("jane@x.com", "k1", "s3cret", &key)
        .await
        .expect("a key");
    for header in ["token k1:s3cret", "Basic azE6czNjcmV0"] {
        let jane = who(&test, &with_header(header)).await.expect("known");
        assert_eq!(jane.user, "jane@x.com", "{header}");
        assert!(jane.csrf_holds(None));
    }
    for header in ["token k1:wrong", "token K1:s3cret", "token k2:s3cret", "token :"] {
        let error = who(&test, &with_header(header)).await.expect_err("refused");
        assert!(matches!(error, AuthError::Refused), "{header}: {error}");
        assert!(!error.to_string().contains("s3cret"));
    }
    assert!(matches!(
        who(&test, &with_header("Digest abc")).await,
        Err(AuthError::NotUnderstood)
    ));
    // Not two words: Frappe does not look at it.
    assert!(who(&test, &with_header("token")).await.expect("answered").is_guest());
    test.erp().set("User", "jane@x.com", "enabled", "0").await.expect("disabled");
    assert!(matches!(
        who(&test, &with_header("token k1:s3cret")).await,
        Err(AuthError::Refused)
    ));
}

#[tokio::test]
async fn a_bearer_token_counts_until_it_is_over_revoked_or_wider_than_its_client() {
    let test = site_with_jane(FrappeMajor::V15).await;
    let later = test
        .site()
        .zone()
        .await
        .expect("a zone")
        .to_local(test.site().clock().now() + TimeDelta::hours(1));
    let later = erpnext_github::frappe::zone::frappe_text(later);
    let erp = test.erp();
    erp.insert("OAuth Client", "client", &[("app_name", "app"), ("scopes", "all openid")])
        .await
        .expect("a client");
    for (token, status, scopes) in [
        ("good", "Active", "all"),
        ("revoked", "Revoked", "all"),
        ("wide", "Active", "all admin"),
    ] {
        let values = [
            ("client", "client"),
            ("user", "jane@x.com"),
            ("status", status),
            ("scopes", scopes),
            ("access_token", token),
            ("expiration_time", later.as_str()),
        ];
        erp.insert("OAuth Bearer Token", token, &values).await.expect("a token");
    }
    assert_eq!(
        who(&test, &with_header("Bearer good")).await.expect("known").user,
        "jane@x.com"
    );
    for token in ["revoked", "wide", "unknown", "GOOD"] {
        let error = who(&test, &with_header(&format!("Bearer {token}")))
            .await
            .expect_err("refused");
        assert!(matches!(error, AuthError::Refused), "{token}: {error}");
    }
    test.clock().advance(TimeDelta::minutes(61));
    assert!(matches!(
        who(&test, &with_header("Bearer good")).await,
        Err(AuthError::Refused)
    ));
}

#[tokio::test]
async fn a_user_who_is_restricted_to_addresses_comes_in_from_there_alone() {
    let test = site_with_jane(FrappeMajor::V15).await;
    let from = |address: &str| Presented {
        address: Some(address.parse::<IpAddr>().expect("an address")),
        ..with_sid("jane-sid")
    };
    test.erp()
        .set("User", "jane@x.com", "restrict_ip", "10.1., 192.168.0.7")
        .await
        .expect("restricted");
    assert_eq!(who(&test, &from("10.1.2.3")).await.expect("known").user, "jane@x.com");
    assert_eq!(who(&test, &from("192.168.0.7")).await.expect("known").user, "jane@x.com");
    assert!(matches!(who(&test, &from("10.2.2.3")).await, Err(AuthError::Address)));
    assert!(
        matches!(who(&test, &with_sid("jane-sid")).await, Err(AuthError::Address)),
        "an unknown address is no allowed one"
    );
    test.erp()
        .set("User", "jane@x.com", "bypass_restrict_ip_check_if_2fa_enabled", "1")
        .await
        .expect("set");
    assert!(
        matches!(who(&test, &from("10.2.2.3")).await, Err(AuthError::Address)),
        "two factors are not asked for here"
    );
    test.erp()
        .set_single("System Settings", "enable_two_factor_auth", "1")
        .await
        .expect("set");
    assert_eq!(who(&test, &from("10.2.2.3")).await.expect("known").user, "jane@x.com");
}
