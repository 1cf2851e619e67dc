//! What GitHub tells of installations, in whatever order: whose they are, how they stand, and what is followed.

use erpnext_github::domain::Person;
use erpnext_github::jobs::Work;
use erpnext_github::store::{Stamp, claims, installations};

use super::{PAGES, Stage};
use crate::jobs::runner;
use crate::support::github_app::{APP, deliver};

const DESK: &str = "desk@x.com";

async fn is_mona(stage: &Stage, user: &str) {
    let id = stage.mirror.github.world().account("mona").expect("an account").id;
    let person = Person {
        id: Some(id),
        login: "mona".to_owned(),
    };
    let stamp = Stamp::now(stage.mirror.site(), user).await.expect("a stamp");
    claims::claim(stage.mirror.site().db(), &stamp, user, &person)
        .await
        .expect("claimed");
}

#[tokio::test]
async fn g0_5_one_pending_installation_a_user_whoever_made_the_others() {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    // As REST lets him: Frappe writes him as the owner.
    let erp = stage.mirror.erp.erp();
    for name in ["by-rest-1", "by-rest-2"] {
        let values = [("origin", "initiated_here")];
        erp.insert("GitHub App Installation", name, &values).await.expect("a row");
        erp.set("GitHub App Installation", name, "owner", DESK).await.expect("set");
    }
    for project in ["NEW-1", "TRY-1"] {
        stage.address(DESK, "install_app", &[("project", project)]).await;
        assert_eq!(stage.installations().await, format!("desk initiated_here - {project} - 000"));
    }
    stage.finish().await;
}

#[tokio::test]
async fn g0_9_whoever_is_unknown_is_matched_when_he_connects() {
    let stage = Stage::new().await;
    stage
        .happens(|world| {
            let web = world.repository("acme/web").id;
            world.install(APP, "acme").only([web]);
        })
        .await;
    let unmatched = stage.installations().await;
    assert!(
        unmatched.ends_with("initiated_on_github unmatched_user - selected 000"),
        "{unmatched}"
    );
    assert_eq!(stage.followed().await, " | NEW-1=-,TRY-1=octo/web");
    let id = stage
        .mirror
        .erp
        .value("SELECT installation_id FROM `tabGitHub App Installation`")
        .await;
    assert_eq!(
        stage.open("desk", &format!("{PAGES}setup?installation_id={id}")).await.kind,
        "unmatched"
    );
    stage.connect(DESK, "mona").await;
    assert_eq!(
        stage.installations().await,
        "desk initiated_on_github processing - selected 000"
    );
    // The schedule reads it.
    assert_eq!(runner(&stage.mirror).step(Work::Refresh).await, 1);
    assert_eq!(
        stage.installations().await,
        "desk initiated_on_github processed - selected 000"
    );
    assert_eq!(stage.followed().await, "acme/web=1 | NEW-1=-,TRY-1=octo/web");
    stage
        .happens(|world| {
            world.install(APP, "acme").suspend("mona");
        })
        .await;
    assert_eq!(
        stage.installations().await,
        "desk initiated_on_github processed - selected 100"
    );
    stage.finish().await;
}

/// The App is installed for the Project `NEW-1`, and the first of two repositories was picked.
async fn installed_for_a_project() -> (Stage, [u64; 2]) {
    let stage = Stage::new().await;
    is_mona(&stage, DESK).await;
    let stamp = Stamp::now(stage.mirror.site(), DESK).await.expect("a stamp");
    installations::begin(stage.mirror.site().db(), &stamp, "NEW-1")
        .await
        .expect("begun");
    let ids = {
        let mut world = stage.mirror.github.world();
        ["acme/web", "acme/api"].map(|name| world.repository(name).id)
    };
    stage
        .happens(|world| {
            world.install(APP, "acme").only([ids[0]]);
        })
        .await;
    (stage, ids)
}

#[tokio::test]
async fn g0_11_repositories_of_an_installation_come_and_go() {
    let (stage, ids) = installed_for_a_project().await;
    assert_eq!(stage.followed().await, "acme/web=1 | NEW-1=acme/web,TRY-1=octo/web");
    stage
        .happens(|world| {
            world.install(APP, "acme").only(ids);
        })
        .await;
    assert_eq!(
        stage.followed().await,
        "acme/api=1,acme/web=1 | NEW-1=acme/web,TRY-1=octo/web"
    );
    // What somebody switched off stays off, and what was taken away on GitHub is not followed any more.
    stage
        .mirror
        .erp
        .erp()
        .set("Repository", "acme/api", "enabled", "0")
        .await
        .expect("set");
    stage
        .happens(|world| {
            world.install(APP, "acme").only([ids[1]]);
        })
        .await;
    assert_eq!(
        stage.followed().await,
        "acme/api=0,acme/web=0 | NEW-1=acme/api,TRY-1=octo/web"
    );
    stage.finish().await;
}

#[tokio::test]
async fn g0_16_repositories_and_installations_have_number_login_picture_and_kind_of_their_account() {
    let stage = Stage::new().await;
    is_mona(&stage, DESK).await;
    for (account, repository, kind) in [("acme", "acme/web", "Organization"), ("mona", "mona/notes", "User")] {
        let number = stage.mirror.github.world().repository(repository).id;
        stage
            .happens(|world| {
                world.install(APP, account).only([number]);
            })
            .await;
        let of = {
            let world = stage.mirror.github.world();
            let known = world.account(account).expect("an account");
            format!("{}|{account}|{}|{kind}", known.id, known.avatar_url())
        };
        assert!(of.contains("|https://"), "{of}");
        let installation = format!(
            "SELECT CONCAT_WS('|', account_id, account_login, account_avatar_url, account_type) FROM `tabGitHub App Installation` \
             WHERE account_login = '{account}'"
        );
        assert_eq!(stage.mirror.erp.value(&installation).await, of);
        let row = format!(
            "SELECT CONCAT_WS('|', github_id, owner_id, repo_owner, owner_avatar_url, owner_type) FROM tabRepository WHERE name = '{repository}'"
        );
        assert_eq!(stage.mirror.erp.value(&row).await, format!("{number}|{of}"));
    }
    stage.finish().await;
}

#[tokio::test]
async fn g3_7_permissions_and_events_of_an_installation_are_those_that_github_says() {
    const GIVEN: &str = "SELECT CONCAT(permissions, ' ', events) FROM `tabGitHub App Installation`";
    let stage = Stage::new().await;
    is_mona(&stage, DESK).await;
    let number = {
        let mut world = stage.mirror.github.world();
        world.app(APP).for_events(&["issues", "push"]);
        world.repository("acme/web").id
    };
    stage
        .happens(|world| {
            world.install(APP, "acme").only([number]);
        })
        .await;
    assert_eq!(
        stage.mirror.erp.value(GIVEN).await,
        r#"{"contents":"read","issues":"write","metadata":"read"} issues, push"#
    );
    // What the App wants more is given when an owner accepts it.
    stage
        .mirror
        .github
        .world()
        .app(APP)
        .asking_for(&[("pull_requests", "read")])
        .for_events(&["issues", "pull_request"]);
    let id: u64 = *stage.mirror.github.world().installations.keys().next().expect("one");
    stage.happens(|world| world.accept_permissions(id)).await;
    assert_eq!(
        stage.mirror.erp.value(GIVEN).await,
        r#"{"contents":"read","issues":"write","metadata":"read","pull_requests":"read"} issues, pull_request"#
    );
    stage.finish().await;
}

#[tokio::test]
async fn g0_12_an_installation_is_suspended_allowed_more_and_deleted() {
    let (stage, ids) = installed_for_a_project().await;
    stage
        .happens(|world| {
            world.install(APP, "acme").suspend("mona");
        })
        .await;
    assert_eq!(
        stage.installations().await,
        "desk initiated_here processed NEW-1 selected 100"
    );
    assert_eq!(stage.open("desk", PAGES).await.kind, "suspended");
    stage
        .happens(|world| {
            world.install(APP, "acme").unsuspend();
        })
        .await;
    // The App asks for more; the next thing that GitHub tells shows it.
    stage.mirror.github.world().app(APP).asking_for(&[("members", "read")]);
    stage
        .happens(|world| {
            world.install(APP, "acme").only(ids);
        })
        .await;
    assert_eq!(
        stage.installations().await,
        "desk initiated_here processed NEW-1 selected 001"
    );
    let page = stage.open("desk", PAGES).await;
    assert!(
        page.kind == "done" && page.text.contains("Accept the permissions on GitHub"),
        "{}",
        page.text
    );
    let number = stage
        .mirror
        .erp
        .value("SELECT installation_id FROM `tabGitHub App Installation`")
        .await;
    let number: u64 = number.parse().expect("a number");
    stage.happens(|world| world.accept_permissions(number)).await;
    assert_eq!(
        stage.installations().await,
        "desk initiated_here processed NEW-1 selected 000"
    );
    stage.happens(|world| world.uninstall(number)).await;
    assert_eq!(
        stage.installations().await,
        "desk initiated_here processed NEW-1 selected 010"
    );
    assert_eq!(stage.followed().await, "acme/api=0,acme/web=0 | NEW-1=-,TRY-1=octo/web");
    assert_eq!(stage.open("desk", PAGES).await.kind, "deleted");
    stage.finish().await;
}

#[tokio::test]
async fn deliveries_of_an_installation_end_in_the_same_rows_in_any_order_and_twice() {
    let stage = Stage::new().await;
    is_mona(&stage, DESK).await;
    let ids = {
        let mut world = stage.mirror.github.world();
        ["acme/web", "acme/api"].map(|name| world.repository(name).id)
    };
    let mut all = Vec::new();
    let mut step = |story: &dyn Fn(&mut erpnext_github::sim::github::World)| {
        let before = stage.world();
        stage.mirror.erp.clock().advance(chrono::TimeDelta::seconds(5));
        story(&mut stage.mirror.github.world());
        all.extend(stage.mirror.github.deliveries_since(&before));
    };
    step(&|world| {
        world.install(APP, "acme").only([ids[0]]);
    });
    step(&|world| {
        world.install(APP, "acme").only(ids);
    });
    step(&|world| {
        world.install(APP, "acme").only([ids[1]]);
    });
    step(&|world| {
        world.install(APP, "acme").suspend("mona");
    });
    step(&|world| {
        world.install(APP, "acme").unsuspend();
    });
    assert!(all.len() >= 5, "{all:?}");
    for (turn, delivery) in all.iter().rev().chain(&all).enumerate() {
        assert_eq!(
            deliver(&stage.mirror, &stage.desk, &format!("turn-{turn}"), delivery).await,
            202
        );
    }
    assert_eq!(
        stage.installations().await,
        "desk initiated_on_github processed - selected 000"
    );
    assert_eq!(stage.followed().await, "acme/api=1 | NEW-1=-,TRY-1=octo/web");
    stage.finish().await;
}
