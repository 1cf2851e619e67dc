//! An integration of an account with many repositories: the list is drawn in parts, searched, and followed as a whole.

use super::lending::lent;

#[tokio::test]
async fn g1_14_many_repositories_are_drawn_in_parts_found_by_name_and_followed_together() {
    let (stage, sheet) = lent().await;
    for at in 0..140 {
        stage.mirror.github.world().repository(&format!("acme/part-{at:03}"));
    }
    sheet.form("GitHub Integration", "By mona").await;
    sheet.holds("$('input[name=repository]').length === 100").await;
    assert_eq!(
        sheet
            .eval("$('.github-deleting').text().includes('unfollow them first')")
            .await,
        serde_json::json!(true)
    );
    sheet.click(".github-more").await;
    sheet
        .holds("$('input[name=repository]').length === 142 && !$('.github-more').length")
        .await;
    // What is chosen stays so while something else is looked for.
    sheet.click("input[name=repository][value='acme/api']").await;
    sheet.eval("$('.github-search').val('PART-').trigger('input')").await;
    sheet
        .holds("$('input[name=repository]').length === 100 && $('.github-chosen').text().includes('1 chosen')")
        .await;
    sheet.click(".github-all").await;
    sheet.holds("$('.github-chosen').text().includes('141 chosen')").await;
    sheet.click("[data-github-follow='1']").await;
    sheet.until("141 repositories are followed now").await;
    let followed = "SELECT COUNT(*) FROM tabRepository WHERE integration = 'By mona' AND enabled = 1";
    assert_eq!(stage.value(followed).await, "142");
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g1_15_a_private_one_that_the_account_does_not_see_any_more_says_so() {
    let (stage, sheet) = lent().await;
    let hidden = "UPDATE tabRepository SET visibility = 'Private', github_id = '99999999' WHERE name = 'acme/web'";
    stage.mirror.erp.query(hidden).await;
    sheet.form("GitHub Integration", "By mona").await;
    sheet
        .holds("$('.github-table').text().includes('it is private, and GitHub does not show it to this account')")
        .await;
    sheet.close().await;
    stage.finish().await;
}
