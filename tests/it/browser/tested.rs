//! Test Connection: what a credential has and what is blocked, as tables, for each kind of credential.

use erpnext_github::sim::github::{Effect, Fault};

use super::chromium::Sheet;
use super::stage::Stage;
use crate::support::github_app::{APP, enter, register};
use crate::support::mirror::TOKEN;

const ADMIN: &str = "admin@x.com";
const SETTINGS: &str = "GitHub Settings";

/// Presses the button; the dialog that says `words`.
async fn tested(stage: &Stage, words: &str) -> (Sheet, String) {
    let sheet = stage.form(ADMIN, SETTINGS, SETTINGS).await;
    sheet.press("Actions", "Test Connection").await;
    let dialog = sheet.dialog(words).await;
    (sheet, dialog["text"].as_str().unwrap_or_default().to_owned())
}

/// Cells of the row of the dialog that has this in its second cell.
async fn row(sheet: &Sheet, second: &str) -> String {
    let find = format!(
        "$('.modal.show tr').toArray().map((row) => [...row.cells].map((cell) => cell.innerText.trim())).filter((cells) => cells[1] === '{second}').map((cells) => cells.join(' | ')).join('; ')"
    );
    sheet.eval(&find).await.as_str().unwrap_or_default().to_owned()
}

/// What the dialog says beside a label.
async fn fact(sheet: &Sheet, label: &str) -> String {
    let find = format!(
        "$('.modal.show .github-facts > span').toArray().map((one) => one.innerText.trim()).filter((text) => text.startsWith('{label}:')).join('; ')"
    );
    let said = sheet.eval(&find).await.as_str().unwrap_or_default().to_owned();
    said.trim_start_matches(&format!("{label}:")).trim().to_owned()
}

#[tokio::test]
async fn g1_9_a_classic_token_shows_each_service_with_its_scope_and_what_is_blocked() {
    let stage = Stage::new().await;
    {
        let end = "2026-03-21T16:05:06Z".parse().expect("a moment");
        let mut world = stage.mirror.github.world();
        world
            .token(TOKEN, "octo")
            .with_scopes(&["repo", "read:org", "gist"])
            .expiring(end);
    }
    let (sheet, text) = tested(&stage, "Successfully connected via octo").await;
    for words in [
        "personal access token (classic)",
        "Service",
        "Scope Needed",
        "What Is Blocked",
        "Ends",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    // The scopes that it has, needed here or not, and its end in the site's own time.
    assert_eq!(fact(&sheet, "Scopes").await, "repo read:org gist");
    assert_eq!(fact(&sheet, "Ends").await, "2026-03-21 12:05:06");
    assert_eq!(
        row(&sheet, "repo").await,
        "Repositories, Issues and Pull Requests | repo | has | "
    );
    assert_eq!(
        row(&sheet, "admin:repo_hook").await,
        "Webhooks of repositories | admin:repo_hook | has | "
    );
    let blocked = row(&sheet, "admin:org").await;
    assert_eq!(
        blocked,
        "Access of teams | admin:org | missing | teams are given no access to repositories"
    );
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g1_10_single_sign_on_is_told_with_the_page_and_a_refusal_with_its_own() {
    let stage = Stage::new().await;
    {
        let mut world = stage.mirror.github.world();
        world.organization("acme").owners = vec!["octo".to_owned()];
        world.organization("acme").requires_sso = true;
        world.repository("acme/web");
    }
    let (sheet, text) = tested(&stage, "Left out by single sign-on").await;
    assert!(
        text.contains("Configure SSO")
            && text.contains("again each time it was made anew")
            && text.contains("GitHub names no end"),
        "{text}"
    );
    let page = sheet
        .eval("$('.modal.show a:contains(Authorize)').attr('href')")
        .await
        .to_string();
    assert!(page.contains("/settings/tokens"), "{page}");
    sheet.close().await;
    // An organization that refuses names the page on which the token is authorised for it.
    let (name, value) = (
        "X-GitHub-SSO",
        "required; url=https://github.com/orgs/acme/sso?authorization_request=A1",
    );
    stage.mirror.github.world().faults.push(
        Fault::on(
            "/orgs/acme/repos",
            Effect::Answer {
                status: 403,
                headers: vec![(name.to_owned(), value.to_owned())],
                body: None,
            },
        )
        .always(),
    );
    let erp = stage.mirror.erp.erp();
    erp.set_single(SETTINGS, "default_organization", "acme").await.expect("set");
    let (sheet, text) = tested(&stage, "single sign-on keeps the token out").await;
    assert!(text.contains("acme: "), "{text}");
    sheet
        .holds("$('.modal.show a:contains(Authorize)').toArray().some((one) => one.href.includes('authorization_request=A1'))")
        .await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g1_9_of_a_fine_grained_token_the_form_says_what_it_needs_and_that_github_does_not_tell() {
    let stage = Stage::new().await;
    stage.mirror.github.world().token(TOKEN, "octo").fine_grained();
    let (sheet, text) = tested(&stage, "Successfully connected via octo").await;
    assert!(
        text.contains("personal access token (fine-grained)") && text.contains("what it lacks is said where it is refused"),
        "{text}"
    );
    assert_eq!(
        (fact(&sheet, "Scopes").await, fact(&sheet, "Ends").await),
        (String::new(), "GitHub names no end".to_owned())
    );
    let needed = row(&sheet, "Contents").await;
    assert_eq!(
        needed,
        "mirroring branches, commits and releases | Contents | read | GitHub does not tell"
    );
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g3_7_of_an_app_permissions_are_shown_in_place_of_scopes() {
    let stage = Stage::new().await;
    {
        let mut world = stage.mirror.github.world();
        register(&mut world, stage.base());
        world.install(APP, "acme");
    }
    enter(&stage.mirror, stage.base()).await;
    let erp = stage.mirror.erp.erp();
    erp.set_single(SETTINGS, "auth_type", "GitHub App").await.expect("set");
    erp.set_single(SETTINGS, "default_organization", "acme").await.expect("set");
    let (sheet, text) = tested(&stage, "Successfully connected via erp-of-acme[bot]").await;
    assert!(
        text.contains("Installed In: acme") && text.contains("it is renewed by itself"),
        "{text}"
    );
    let issues = row(&sheet, "Issues").await;
    assert!(
        issues.contains("opening and assigning issues | Issues | read and write | has"),
        "{issues}"
    );
    assert!(row(&sheet, "Pull requests").await.contains("missing"));
    sheet.close().await;
    // Without an organization nobody can say which installation the site works by.
    erp.set_single(SETTINGS, "default_organization", "nobody").await.expect("set");
    let (sheet, text) = tested(&stage, "is not installed in nobody").await;
    assert!(text.contains("/apps/erp-of-acme/installations/new"), "{text}");
    sheet.close().await;
    stage.finish().await;
}
