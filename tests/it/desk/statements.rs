//! How often a call asks the database: people wait for each time.

use super::company;

/// Who is calling, his roles, whose the repository is, what roles grant and User Permissions leave, and the answer itself.
const AT_MOST: u64 = 6;

#[tokio::test]
async fn a_call_that_needs_no_github_asks_the_database_a_few_times() {
    let (mirror, desk) = company().await;
    let call = async || {
        desk.get(
            "member@x.com",
            "erpnext_github_integration.api.get_repository_statistics",
            &[("repo_full_name", "octo/web")],
        )
        .await
    };
    // What is kept for some seconds is read.
    assert_eq!(call().await.status, 200);
    let statements = || mirror.app().databases().statements();
    let before = statements();
    assert_eq!(call().await.status, 200);
    let asked = statements() - before;
    assert!(asked <= AT_MOST, "{asked} statements");
}
