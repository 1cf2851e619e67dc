//! Who on a site may be somebody on GitHub.

use erpnext_github::frappe::users::{self, SiteUser};

use super::{FrappeMajor, TestSite, sql};

#[tokio::test]
async fn enabled_users_are_read_with_and_without_our_fields() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let site = test.site();
    sql(
        site,
        &[
            "DELETE FROM `tabUser` WHERE name NOT IN ('Administrator', 'Guest')",
            "INSERT INTO `tabUser` (name, email, enabled) VALUES ('jane@x.com', 'Jane@x.com', 1), ('gone@x.com', 'gone@x.com', 0), ('joe@x.com', '', 1)",
        ],
    )
    .await;
    let names = |people: &[SiteUser]| people.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
    let people = users::people(site.db()).await.expect("read");
    assert_eq!(names(&people), ["Administrator", "jane@x.com", "joe@x.com"]);
    assert_eq!(
        (people[1].email.as_deref(), people[2].email.as_deref()),
        (Some("Jane@x.com"), None)
    );
    assert!(
        people
            .iter()
            .all(|one| one.github_username.is_none() && one.github_user_id.is_none())
    );

    sql(
        site,
        &[
            "ALTER TABLE `tabUser` ADD COLUMN IF NOT EXISTS github_username varchar(140), ADD COLUMN IF NOT EXISTS github_user_id varchar(140)",
            "UPDATE `tabUser` SET github_username = ' Jane ', github_user_id = '9007199254740993' WHERE name = 'jane@x.com'",
            "UPDATE `tabUser` SET github_username = '', github_user_id = '0' WHERE name = 'joe@x.com'",
        ],
    )
    .await;
    let people = users::people(site.db()).await.expect("read");
    assert_eq!(people[1].github_username.as_deref(), Some("Jane"));
    assert_eq!(people[1].github_user_id, Some(9_007_199_254_740_993));
    assert_eq!((&people[2].github_username, people[2].github_user_id), (&None, None));
}
