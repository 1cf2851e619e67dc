//! The form of a Project: its repositories, who connects them, and what reaches it.

use erpnext_github::store::project_links;
use serde_json::json;

use super::connecting;
use super::stage::Stage;

#[tokio::test]
async fn g0_1_who_leads_the_project_has_the_buttons_and_nobody_else() {
    let stage = Stage::new().await;
    for (user, has) in [("admin@x.com", true), ("manager@x.com", true), ("desk@x.com", false)] {
        let sheet = stage.form(user, "Project", "TRY-1").await;
        sheet.holds("window.cur_frm.github_turn > 0").await;
        let buttons = sheet.buttons("GitHub").await;
        for label in ["Connect Repository", "Repositories"] {
            assert_eq!(buttons.contains(&label.to_owned()), has, "{user} {buttons:?}");
        }
        sheet.close().await;
    }
    stage.finish().await;
}

#[tokio::test]
async fn g0_1_its_owner_connects_and_who_only_reads_it_has_no_button_that_connects() {
    let stage = connecting::stage().await;
    let erp = stage.mirror.erp.erp();
    erp.add_project("NEW-1", "A new one").await.expect("a project");
    for (column, value) in [("owner", "pusher@x.com"), ("project_manager", "manager@x.com")] {
        erp.set("Project", "NEW-1", column, value).await.expect("set");
    }
    let may_read = [("role", "GitHub User"), ("read", "1"), ("write", "0"), ("permlevel", "0")];
    erp.add_child("DocPerm", ("DocType", "Project", "permissions"), &may_read)
        .await
        .expect("a row");
    // All are connected on GitHub: nothing but the Project itself keeps one from it.
    for (user, login) in [("pusher@x.com", "pusher"), ("member@x.com", "member"), ("desk@x.com", "mona")] {
        stage.mirror.github.world().oauth.signed_in = Some(login.to_owned());
        let sheet = stage.form(user, "User", user).await;
        let window = connecting::connect(&sheet).await;
        window.ours("connected").await;
        window.close().await;
        sheet.close().await;
    }
    let connects = [
        "Connect Repository",
        "Repositories",
        "GitHub Installations",
        "Add GitHub Integration",
    ];
    // The one only reads it, the other may write every Project and leads none.
    for (user, further) in [
        ("member@x.com", ["Link Repository", "Connect GitHub"].as_slice()),
        ("desk@x.com", &[]),
    ] {
        let sheet = stage.form(user, "Project", "NEW-1").await;
        sheet.holds("window.cur_frm.github_turn > 0").await;
        let buttons = sheet.buttons("GitHub").await;
        for label in connects.iter().chain(further) {
            assert!(!buttons.contains(&(*label).to_owned()), "{user} {label}: {buttons:?}");
        }
        assert!(
            sheet.answers().await.contains(&"desk.project_overview 200".to_owned()),
            "{user} reads it"
        );
        sheet.close().await;
    }
    let sheet = stage.form("pusher@x.com", "Project", "NEW-1").await;
    sheet
        .holds("document.body.textContent.includes('Add GitHub Integration')")
        .await;
    let buttons = sheet.buttons("GitHub").await;
    for label in connects {
        assert!(buttons.contains(&label.to_owned()), "{label}: {buttons:?}");
    }
    sheet.press("GitHub", "Connect Repository").await;
    sheet.dialog("Connect Repository").await;
    sheet.fill(json!({"repository": "octo/web"})).await;
    sheet.submit().await;
    sheet.until("octo/web is connected with this project.").await;
    let row = "SELECT CONCAT_WS('|', repository, connected_by) FROM `tabGitHub Project Repository` WHERE project = 'NEW-1'";
    assert_eq!(stage.value(row).await, "octo/web|pusher@x.com");
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g0_15_a_repository_is_connected_followed_and_disconnected() {
    let stage = Stage::new().await;
    let sheet = stage.form("admin@x.com", "Project", "TRY-1").await;
    sheet.press("GitHub", "Connect Repository").await;
    sheet.dialog("Connect Repository").await;
    sheet.fill(json!({"repository": "octo/secret", "service_releases": 0})).await;
    sheet.submit().await;
    sheet.until("octo/secret is connected with this project.").await;
    let row = "SELECT CONCAT_WS('|', following, service_issues, service_releases, connected_by) FROM `tabGitHub Project Repository` \
               WHERE project = 'TRY-1' AND repository = 'octo/secret'";
    assert_eq!(stage.value(row).await, "1|1|0|admin@x.com");
    sheet
        .holds("document.querySelector('.github-overview')?.textContent.includes('Followed: Issues, Pull Requests')")
        .await;
    sheet.press("GitHub", "Repositories").await;
    sheet.dialog("Repositories of TRY-1").await;
    for word in ["octo/web", "octo/secret", "Main"] {
        sheet.holds(&format!("$('.modal.show').text().includes('{word}')")).await;
    }
    let act = |act: &str, repository: &str| {
        format!("document.querySelector('.modal.show button[data-act=\"{act}\"][data-repository=\"{repository}\"]').click()")
    };
    sheet.eval(&act("follow", "octo/secret")).await;
    sheet.dialog("What Reaches the Project from octo/secret").await;
    sheet.fill(json!({"following": 0})).await;
    sheet.submit().await;
    sheet.until("What reaches this project from octo/secret is saved.").await;
    assert_eq!(stage.value(row).await, "0|1|0|admin@x.com");
    sheet.dialog("Repositories of TRY-1").await;
    sheet.holds("$('.modal.show').text().includes('Not followed')").await;
    sheet.eval(&act("disconnect", "octo/web")).await;
    sheet.until("Disconnect octo/web from this project?").await;
    sheet.press_in_dialog("Yes").await;
    sheet.until("octo/web is no longer connected with this project.").await;
    sheet.holds("cur_frm.doc.repository === 'octo/secret'").await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g0_15_a_repository_that_is_switched_off_is_not_shown_as_followed_and_is_switched_on_there() {
    let stage = Stage::new().await;
    let off = "UPDATE tabRepository SET enabled = 0 WHERE name = 'octo/secret'";
    stage.mirror.erp.scratch().execute(off).await.expect("off");
    let sheet = stage.form("admin@x.com", "Project", "TRY-1").await;
    sheet.press("GitHub", "Connect Repository").await;
    sheet.dialog("Connect Repository").await;
    sheet.fill(json!({"repository": "octo/secret"})).await;
    sheet.submit().await;
    sheet
        .until("is not mirrored: nothing of it reaches the project. Have it mirrored")
        .await;
    sheet.dismiss().await;
    sheet
        .holds("document.querySelector('.github-overview')?.textContent.includes('Not mirrored')")
        .await;
    sheet.press("GitHub", "Repositories").await;
    sheet.dialog("Repositories of TRY-1").await;
    sheet.holds("$('.modal.show').text().includes('Not mirrored')").await;
    let press = "document.querySelector('.modal.show button[data-act=\"mirror\"][data-repository=\"octo/secret\"]').click()";
    sheet.eval(press).await;
    sheet.until("octo/secret is mirrored from now on").await;
    sheet.holds("!$('.modal.show').text().includes('Not mirrored')").await;
    let enabled = "SELECT enabled FROM tabRepository WHERE name = 'octo/secret'";
    assert_eq!(stage.value(enabled).await, "1");
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g0_17_an_open_form_shows_what_reached_it_and_keeps_what_was_typed() {
    let stage = Stage::new().await;
    project_links::settle(stage.mirror.site(), "Administrator")
        .await
        .expect("settled");
    let sheet = stage.form("manager@x.com", "Project", "TRY-1").await;
    sheet
        .holds("document.querySelector('.github-feed')?.textContent.includes('commits')")
        .await;
    sheet.set(json!({"notes": "Typed and not saved"})).await;
    let id = stage
        .value("SELECT github_id FROM tabRepository WHERE name = 'octo/web'")
        .await;
    let id: u64 = id.parse().expect("a number");
    let payload = json!({
        "ref": "refs/heads/topic", "before": "0".repeat(40), "after": "1".repeat(40), "created": true, "deleted": false,
        "forced": false, "commits": [], "head_commit": null,
        "repository": {"id": id, "full_name": "octo/web", "name": "web", "owner": {"login": "octo"}},
        "sender": {"login": "octo", "id": 1},
    });
    assert_eq!(
        crate::webhook::deliver(&stage.mirror, &stage.desk, ("news", "push"), &payload).await,
        202
    );
    sheet
        .holds("document.querySelector('.github-overview')?.textContent.includes('Last news of the repositories')")
        .await;
    assert_eq!(sheet.value("notes").await, json!("Typed and not saved"));
    assert_eq!(
        sheet.eval("document.querySelector('.form-message')?.textContent || ''").await,
        json!(""),
        "the Project did not change"
    );
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn news_that_come_before_the_overview_take_no_button_away() {
    let stage = Stage::new().await;
    let sheet = stage.form("admin@x.com", "Project", "TRY-1").await;
    let before = sheet.buttons("GitHub").await;
    assert!(before.iter().any(|label| label == "Repositories"), "{before:?}");
    sheet
        .eval("cur_frm.refresh(), cur_frm.github_news({ project: cur_frm.docname })")
        .await;
    assert_eq!(sheet.buttons("GitHub").await, before);
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g1_17_a_repository_shows_its_activity_and_what_github_says_is_no_markup() {
    let stage = Stage::new().await;
    let evil = "<img src=x onerror=\"window.evil=1\">";
    {
        let mut world = stage.mirror.github.world();
        let web = world.repository("octo/web");
        web.open_pull_request(evil, "change");
        for _ in 0..6 {
            web.comment_by(1, "octo", evil);
        }
    }
    stage.mirror.sync("octo/web").await;
    let sheet = stage.form("member@x.com", "Repository", "octo/web").await;
    sheet
        .holds("document.querySelector('.github-feed summary')?.textContent.includes('1 pull requests, 6 comments')")
        .await;
    sheet.eval("document.querySelector('.github-feed button').click()").await;
    sheet.dialog("Activity in octo/web").await;
    sheet.holds("$('.modal.show li').length >= 7").await;
    assert_eq!(sheet.eval("window.evil === undefined").await, json!(true));
    assert_eq!(sheet.eval("document.querySelectorAll('img').length").await, json!(0));
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g4_11_a_release_shows_where_it_is_and_what_it_belongs_to() {
    let stage = Stage::new().await;
    stage.mirror.github.world().repository("octo/web").publish_release("v1");
    stage.mirror.sync("octo/web").await;
    let name = stage.value("SELECT name FROM `tabRepository Release`").await;
    let erp = stage.mirror.erp.erp();
    for (column, value) in [("project", "TRY-1"), ("preview_url", "https://v1.example.com/")] {
        erp.set("Repository Release", &name, column, value).await.expect("set");
    }
    let sheet = stage.form("admin@x.com", "Repository Release", &name).await;
    assert_eq!(sheet.buttons("View").await, ["Open in GitHub", "Open Preview"]);
    sheet
        .holds("document.querySelector('.github-overview')?.textContent.includes('TRY-1')")
        .await;
    sheet
        .holds("Boolean(document.querySelector('.github-overview a[href=\"https://v1.example.com/\"]'))")
        .await;
    sheet.close().await;
    let sheet = stage.form("admin@x.com", "Project", "TRY-1").await;
    sheet
        .holds("document.querySelector('.github-overview')?.textContent.includes('Releases:')")
        .await;
    sheet.close().await;
    stage.finish().await;
}

#[tokio::test]
async fn g4_5_a_pull_request_leads_to_the_preview_that_was_deployed_of_it() {
    let stage = Stage::new().await;
    stage
        .mirror
        .github
        .world()
        .repository("octo/web")
        .open_pull_request("A fix", "fix");
    stage.mirror.sync("octo/web").await;
    let name = stage.value("SELECT name FROM `tabRepository Pull Request`").await;
    let sheet = stage.form("admin@x.com", "Repository Pull Request", &name).await;
    assert!(!sheet.buttons("").await.contains(&"Open Preview".to_owned()));
    let preview = "https://fix.example.com/";
    let erp = stage.mirror.erp.erp();
    erp.set("Repository Pull Request", &name, "preview_url", preview)
        .await
        .expect("set");
    sheet.form("Repository Pull Request", &name).await;
    sheet.press("", "Open Preview").await;
    sheet.holds(&format!("window.opened.at(-1) === '{preview}'")).await;
    sheet.close().await;
    stage.finish().await;
}
