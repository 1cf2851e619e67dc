//! What is not there, was moved, or is not known.

use erpnext_github::sim::github::World;

use super::probe::Probe;

#[tokio::test]
async fn a_renamed_repository_redirects_by_id_with_path_and_query() {
    let mut world = World::default();
    let id = world.repository("acme/old").with_issues(3).id;
    world.rename_repository("acme/old", "acme/new");
    let probe = Probe::new(world).await;
    for (target, tail) in [
        ("/repos/acme/old", ""),
        ("/repos/ACME/Old/issues?state=all&per_page=2", "/issues?state=all&per_page=2"),
        ("/repos/acme/old/issues/1", "/issues/1"),
    ] {
        let moved = probe.get(target).await;
        let location = format!("{}/repositories/{id}{tail}", probe.fake.base_url());
        assert_eq!((moved.status, moved.header("location")), (301, Some(location.as_str())));
        assert_eq!(moved.json()["url"], location);
        probe.ok(&location).await;
    }
    assert_eq!(probe.ok(&format!("/repositories/{id}")).await.json()["full_name"], "acme/new");
    probe.done();
}

#[tokio::test]
async fn gone_issues_say_where_they_went() {
    let mut world = World::default();
    world.repository("acme/web").with_issues(3).delete_item(1);
    world.user("ada-l");
    let target = world.repository("acme/api").id;
    world.transfer_issue("acme/web", 2, "acme/api");
    let probe = Probe::new(world).await;
    let deleted = probe.get("/repos/acme/web/issues/1").await;
    assert_eq!(
        (deleted.status, deleted.json()["message"].as_str()),
        (410, Some("This issue was deleted"))
    );
    let moved = probe.get("/repos/acme/web/issues/2").await;
    let location = format!("{}/repositories/{target}/issues/1", probe.fake.base_url());
    assert_eq!((moved.status, moved.header("location")), (301, Some(location.as_str())));
    assert_eq!(probe.ok(&location).await.json()["number"], 1);
    probe.fake.world().repository("ada-l/diary");
    probe.fake.world().transfer_issue("acme/web", 3, "ada-l/diary");
    probe.fake.world().repository("ada-l/diary").visibility = erpnext_github::domain::Visibility::Private;
    let hidden = probe.get("/repos/acme/web/issues/3").await;
    assert_eq!(hidden.status, 404, "where it went is not for this token to know");
    assert_eq!(probe.get("/repos/acme/web/issues/9").await.status, 404);
    assert_eq!(
        probe.get("/repos/acme/api/pulls/1").await.status,
        404,
        "an issue is no pull request"
    );
    probe.done();
}

#[tokio::test]
async fn switched_off_issues_are_410_and_pull_requests_are_still_there() {
    let mut world = World::default();
    world.repository("acme/mirror").without_issues().with_pull_requests(2);
    let probe = Probe::new(world).await;
    assert_eq!(probe.get("/repos/acme/mirror/issues?state=all").await.status, 410);
    assert_eq!(probe.get("/repos/acme/mirror/issues/1").await.status, 410);
    assert_eq!(probe.ok("/repos/acme/mirror/pulls?state=all").await.numbers().len(), 2);
    probe.done();
}

#[tokio::test]
async fn what_does_not_exist_is_404_and_bad_values_are_422() {
    let mut world = World::default();
    world.repository("acme/web");
    world.bot("renovate");
    let probe = Probe::new(world).await;
    for target in [
        "/repos/acme/none",
        "/repos/none/web/issues",
        "/repositories/5",
        "/users/nobody",
        "/users/renovate",
        "/orgs/mona",
        "/orgs/nobody/repos",
        "/repos/acme/web/issues/0",
    ] {
        assert_eq!(probe.get(target).await.status, 404, "{target}");
    }
    for target in [
        "/repos/acme/web/issues?state=merged",
        "/repos/acme/web/issues?since=yesterday",
        "/repos/acme/web/pulls?direction=up",
        "/repos/acme/web/commits/0000000",
        "/user/repos?type=all&affiliation=owner",
    ] {
        assert_eq!(probe.get(target).await.status, 422, "{target}");
    }
    probe.done();
}

#[tokio::test]
async fn what_the_fake_does_not_know_is_named_and_remembered() {
    let mut world = World::default();
    world.repository("acme/web");
    let probe = Probe::new(world).await;
    let unknown = probe.send("/repos/acme/web/forks", &[]).await.expect("an answer");
    assert_eq!(unknown.status, 500);
    assert!(unknown.body.contains("no route for GET /repos/acme/web/forks"));
    let parameter = probe
        .send("/repos/acme/web/issues?mentioned=mona", &[])
        .await
        .expect("an answer");
    assert!(parameter.status == 500 && parameter.body.contains("`mentioned`"));
    assert_eq!(probe.fake.unexpected().len(), 2);
    let requests = probe.fake.requests();
    assert!(requests[0].unexpected.is_some() && requests[0].target() == "/repos/acme/web/forks");
}

#[tokio::test]
async fn deleted_repositories_and_accounts_leave_holes() {
    let mut world = World::default();
    world
        .repository("acme/web")
        .open_issue("From somebody")
        .by("ada-l")
        .assigned_to("ada-l");
    world.repository("acme/old");
    world.rename_repository("acme/old", "acme/new");
    let probe = Probe::new(world).await;
    probe.fake.world().delete_repository("acme/new");
    probe.fake.world().delete_account("ada-l");
    assert_eq!(probe.get("/repos/acme/new").await.status, 404);
    assert_eq!(
        probe.get("/repos/acme/old").await.status,
        404,
        "a redirect leads nowhere any more"
    );
    assert_eq!(probe.get("/users/ada-l").await.status, 404);
    let issue = probe.ok("/repos/acme/web/issues/1").await.json();
    assert!(issue["user"].is_null() && issue["assignee"].is_null());
    probe.done();
}
