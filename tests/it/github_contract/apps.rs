//! GitHub Apps: every answer as described, and every refusal as GitHub words it.

use chrono::TimeDelta;
use erpnext_github::clock::FixedClock;
use erpnext_github::domain::Visibility;
use erpnext_github::github::Renewable as _;
use erpnext_github::github::app::{AppIdentity, AppKey};
use erpnext_github::sim::github::{Collaborator, Permission, World};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::openapi::wrong_delivery;
use super::probe::Probe;

const ASKED: [(&str, &str); 5] = [
    ("contents", "read"),
    ("issues", "write"),
    ("metadata", "read"),
    ("pull_requests", "read"),
    ("repository_hooks", "write"),
];

/// `acme` with two private repositories, of which the App `erp` was given one; the person `ada-l` installed it, too.
fn world() -> World {
    let mut world = World::new(FixedClock::at(World::start_of_time()));
    let web = world
        .repository("acme/web")
        .with_visibility(Visibility::Private)
        .with_issues(3)
        .id;
    world.repository("acme/secret").with_visibility(Visibility::Private);
    world.user("ada-l");
    world.repository("ada-l/notes");
    world.app("erp").asking_for(&ASKED).for_events(&["issues", "push"]);
    world.install("erp", "acme").only([web]);
    world.install("erp", "ada-l");
    world
}

/// The token of the App `slug` at a moment by which it counts the time.
async fn jwt(world: &mut World, slug: &str, off: TimeDelta) -> String {
    let app = world.app(slug);
    let key = AppKey::from_pem(&SecretString::from(app.pem())).expect("a key");
    let identity = AppIdentity::new(app.id.to_string(), None, key);
    let pass = identity.pass(World::start_of_time() + off).await.expect("a token");
    pass.secret.expose_secret().to_owned()
}

/// A probe that speaks as the App.
async fn as_app() -> Probe {
    let mut world = world();
    let token = jwt(&mut world, "erp", TimeDelta::zero()).await;
    Probe::new(world).await.with_token(Some(&token))
}

fn id_of(probe: &Probe, account: &str) -> u64 {
    let world = probe.fake.world();
    let found = world.installations.values().find(|one| one.account == account);
    found.expect("an installation").id
}

/// A token of the installation in `acme`, narrowed as `body` says.
async fn token(probe: &Probe, body: Value) -> Value {
    let target = format!("/app/installations/{}/access_tokens", id_of(probe, "acme"));
    probe.done_as(201, "POST", &target, body).await
}

/// The same probe as that installation.
async fn installed(probe: Probe, body: Value) -> Probe {
    let token = token(&probe, body).await;
    probe.with_token(token["token"].as_str())
}

fn message(reply: &super::probe::Reply) -> String {
    reply.json()["message"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn what_an_app_reads_is_as_described() {
    let probe = as_app().await;
    let app = probe.ok("/app").await.json();
    assert_eq!((&app["slug"], &app["installations_count"]), (&json!("erp"), &json!(2)));
    assert_eq!(probe.ok("/apps/erp").await.json()["id"], app["id"]);
    let all = probe.ok("/app/installations?per_page=1").await;
    assert!(all.link("next").is_some());
    let acme = id_of(&probe, "acme");
    for target in [
        format!("/app/installations/{acme}"),
        "/orgs/acme/installation".to_owned(),
        "/users/acme/installation".to_owned(),
        "/repos/acme/web/installation".to_owned(),
    ] {
        assert_eq!(probe.ok(&target).await.json()["id"], acme, "{target}");
    }
    let personal = probe.ok("/users/ada-l/installation").await.json();
    assert_eq!(
        (&personal["target_type"], &personal["repository_selection"]),
        (&json!("User"), &json!("all"))
    );
    for target in [
        "/app/installations/7",
        "/orgs/nobody/installation",
        "/repos/acme/secret/installation",
    ] {
        assert_eq!(probe.get(target).await.status, 404, "{target}");
    }
    assert_eq!(probe.get("/user").await.status, 403);
    probe.fake.world().rename_repository("acme/web", "acme/site");
    let moved = probe.get("/repos/acme/web/installation").await;
    assert_eq!(moved.status, 301);
    assert_eq!(
        probe.ok(moved.header("location").expect("an address")).await.json()["id"],
        acme
    );
    probe.done();
}

#[tokio::test]
async fn what_an_apps_own_webhook_delivered_is_listed_and_delivered_again() {
    let mut world = world();
    let token = jwt(&mut world, "erp", TimeDelta::zero()).await;
    let (now, hook) = (world.now(), &mut world.app("erp").hook);
    let ids: Vec<u64> = (0..5)
        .map(|number| {
            hook.delivered(
                &format!("guid-{number}"),
                "installation",
                now,
                if number == 3 { 502 } else { 200 },
            )
        })
        .collect();
    let probe = Probe::new(world).await.with_token(Some(&token));
    let all = probe.ok("/app/hook/deliveries").await.json();
    assert_eq!(
        (all[0]["id"].as_u64(), &all[1]["status_code"]),
        (ids.last().copied(), &json!(502))
    );
    let pages = probe.pages("/app/hook/deliveries?per_page=2").await;
    let together: Vec<Value> = pages
        .iter()
        .flat_map(|page| page.json().as_array().cloned().expect("a list"))
        .collect();
    assert_eq!((pages.len(), Value::from(together)), (3, all));
    let target = format!("/app/hook/deliveries/{}/attempts", ids[3]);
    assert_eq!(probe.done_as(202, "POST", &target, Value::Null).await, json!({}));
    let newest = probe.ok("/app/hook/deliveries").await.json()[0].take();
    assert_eq!(
        (&newest["guid"], &newest["redelivery"], &newest["status_code"]),
        (&json!("guid-3"), &json!(true), &json!(200))
    );
    let unknown = probe.write("POST", "/app/hook/deliveries/1/attempts", Value::Null).await;
    assert_eq!(unknown.status, 404);
    let probe = probe.with_token(Some(World::TOKEN));
    assert_eq!(probe.get("/app/hook/deliveries").await.status, 401, "nobody but the App");
    probe.done();
}

#[tokio::test]
async fn an_app_proves_itself_as_github_wants_it() {
    let mut world = world();
    world.app("other").key = 1;
    let early = jwt(&mut world, "erp", TimeDelta::minutes(10)).await;
    let late = jwt(&mut world, "erp", -TimeDelta::minutes(10)).await;
    let far = jwt(&mut world, "erp", TimeDelta::seconds(61)).await;
    let good = jwt(&mut world, "erp", TimeDelta::zero()).await;
    world.app("erp").key = 1;
    let foreign = jwt(&mut world, "erp", TimeDelta::zero()).await;
    world.app("erp").key = 0;
    let mut probe = Probe::new(world).await;
    for (token, status, words) in [
        (good.as_str(), 200, ""),
        (&early, 401, "'Issued at' claim ('iat')"),
        (&far, 401, "'Issued at' claim ('iat')"),
        (&late, 401, "'Expiration time' claim ('exp') must be"),
        (&foreign, 401, "A JSON web token could not be decoded"),
        ("a.b.c", 401, "A JSON web token could not be decoded"),
        (World::TOKEN, 401, "A JSON web token could not be decoded"),
    ] {
        probe = probe.with_token(Some(token));
        let reply = probe.get("/app").await;
        assert_eq!(reply.status, status, "{words}");
        assert!(status == 200 || message(&reply).starts_with(words), "{}", message(&reply));
    }
    probe.fake.world().apps.clear();
    let gone = probe.with_token(Some(&good));
    let reply = gone.get("/app").await;
    assert_eq!((reply.status, message(&reply).as_str()), (404, "Integration not found"));
    gone.done();
}

#[tokio::test]
async fn a_token_is_for_an_hour_and_for_what_was_asked() {
    let clock = FixedClock::at(World::start_of_time());
    let mut world = world().with_clock(clock.clone());
    let app = jwt(&mut world, "erp", TimeDelta::zero()).await;
    let web = world.repository("acme/web").id;
    let probe = Probe::new(world).await.with_token(Some(&app));
    let whole = token(&probe, Value::Null).await;
    assert_eq!(whole["expires_at"], "2026-03-02T10:00:00Z");
    assert_eq!(
        (&whole["permissions"]["issues"], &whole["repository_selection"]),
        (&json!("write"), &json!("selected"))
    );
    assert!(
        whole["token"].as_str().is_some_and(|text| text.len() > 40),
        "as GitHub's newer ones"
    );
    let narrow = token(
        &probe,
        json!({ "permissions": { "issues": "read" }, "repository_ids": [web] }),
    )
    .await;
    assert_eq!(narrow["permissions"], json!({ "issues": "read", "metadata": "read" }));
    assert_eq!(narrow["repositories"][0]["full_name"], "acme/web");
    let probe = probe.with_token(narrow["token"].as_str());
    let list = probe.ok("/installation/repositories").await.json();
    assert_eq!(
        (&list["total_count"], &list["repositories"][0]["name"]),
        (&json!(1), &json!("web"))
    );
    clock.advance(TimeDelta::minutes(59));
    probe.ok("/repos/acme/web").await;
    clock.advance(TimeDelta::minutes(1));
    assert_eq!(message(&probe.get("/repos/acme/web").await), "Bad credentials");
    probe.done();
}

#[tokio::test]
async fn what_was_not_granted_suspended_or_removed_gets_no_token() {
    let probe = as_app().await;
    let acme = id_of(&probe, "acme");
    let target = format!("/app/installations/{acme}/access_tokens");
    let secret = probe.fake.world().repository("acme/secret").id;
    for (body, words) in [
        (
            json!({ "permissions": { "issues": "write", "members": "read" } }),
            "The permissions requested are not granted",
        ),
        (
            json!({ "permissions": { "contents": "write" } }),
            "The permissions requested are not granted",
        ),
        (
            json!({ "repository_ids": [secret] }),
            "There is at least one repository that does not exist",
        ),
        (
            json!({ "repositories": ["nothing"] }),
            "There is at least one repository that does not exist",
        ),
    ] {
        let reply = probe.write("POST", &target, body).await;
        assert_eq!(reply.status, 422);
        assert!(message(&reply).starts_with(words), "{}", message(&reply));
    }
    probe
        .done_as(204, "PUT", &format!("/app/installations/{acme}/suspended"), Value::Null)
        .await;
    let reply = probe.write("POST", &target, Value::Null).await;
    assert_eq!(
        (reply.status, message(&reply).as_str()),
        (403, "This installation has been suspended")
    );
    probe
        .done_as(204, "DELETE", &format!("/app/installations/{acme}/suspended"), Value::Null)
        .await;
    let token = token(&probe, Value::Null).await;
    probe
        .done_as(204, "DELETE", &format!("/app/installations/{acme}"), Value::Null)
        .await;
    assert_eq!(probe.write("POST", &target, Value::Null).await.status, 404);
    let probe = probe.with_token(token["token"].as_str());
    assert_eq!(probe.get("/installation/repositories").await.status, 401);
    probe.done();
}

#[tokio::test]
async fn an_installation_may_do_what_its_permissions_allow() {
    let probe = installed(as_app().await, Value::Null).await;
    for (method, target, body, status) in [
        ("GET", "/repos/acme/web/issues", Value::Null, 200),
        ("GET", "/repos/acme/web/branches", Value::Null, 200),
        ("GET", "/repos/acme/web/collaborators", Value::Null, 200),
        ("GET", "/repos/acme/web/hooks", Value::Null, 200),
        ("GET", "/repos/acme/secret", Value::Null, 404),
        ("GET", "/orgs/acme/teams", Value::Null, 403),
        ("GET", "/orgs/acme/hooks", Value::Null, 403),
        ("GET", "/user", Value::Null, 403),
        ("GET", "/user/repos", Value::Null, 403),
        ("POST", "/repos/acme/web/issues", json!({ "title": "By the App" }), 201),
        (
            "POST",
            "/repos/acme/web/pulls",
            json!({ "title": "x", "head": "a", "base": "main" }),
            403,
        ),
        ("PUT", "/repos/acme/web/collaborators/ada-l", json!({}), 403),
        ("POST", "/repos/ada-l/notes/issues", json!({ "title": "Not there" }), 403),
    ] {
        let reply = if method == "GET" {
            probe.get(target).await
        } else {
            probe.write(method, target, body).await
        };
        assert_eq!(reply.status, status, "{method} {target}: {}", reply.body);
        if status == 403 {
            assert_eq!(message(&reply), "Resource not accessible by integration", "{method} {target}");
        }
    }
    let made = probe.fake.world().repository("acme/web").items.values().next_back().cloned();
    assert_eq!(made.expect("an issue").author.as_deref(), Some("erp[bot]"));
    let refused = probe.write("PUT", "/repos/acme/web/collaborators/ada-l", json!({})).await;
    assert_eq!(refused.header("x-accepted-github-permissions"), Some("administration=write"));
    let home = probe.ok("/repos/acme/web").await.json();
    assert_eq!(home["permissions"]["pull"], false, "roles are people's");
    probe.done();
}

#[tokio::test]
async fn graphql_works_for_an_installation_within_its_permissions() {
    let body = json!({ "permissions": { "issues": "read" } });
    let probe = installed(as_app().await, body).await;
    let data = probe.data("{ viewer { login } }", json!({})).await;
    assert_eq!(data["viewer"]["login"], "erp");
    let query = |part: &str| format!(r#"{{ repository(owner: "acme", name: "web") {{ {part}(first: 1) {{ totalCount }} }} }}"#);
    let data = probe.data(&query("issues"), json!({})).await;
    assert_eq!(data["repository"]["issues"]["totalCount"], 3);
    let answer = probe.graphql(&query("pullRequests"), json!({})).await;
    assert_eq!(answer["errors"][0]["type"], "FORBIDDEN");
    assert_eq!(answer["errors"][0]["message"], "Resource not accessible by integration");
    let hidden = probe
        .graphql(r#"{ repository(owner: "acme", name: "secret") { name } }"#, json!({}))
        .await;
    assert_eq!(hidden["errors"][0]["type"], "NOT_FOUND");
    probe.done();
}

#[tokio::test]
async fn deliveries_of_installations_are_as_described() {
    let mut start = world();
    start
        .repository("acme/web")
        .with_member(Collaborator::new("ada-l", Permission::Push));
    let probe = Probe::new(start).await;
    let acme = id_of(&probe, "acme");
    let told = |change: &dyn Fn(&mut World)| {
        let before = probe.fake.world().clone();
        change(&mut probe.fake.world());
        let all = probe.fake.deliveries_since(&before);
        let mut names = Vec::new();
        for one in &all {
            let payload: Value = serde_json::from_str(&one.payload).expect("JSON");
            assert_eq!(wrong_delivery(one.event, &payload), Vec::<String>::new());
            names.push(format!("{}.{}", one.event, payload["action"].as_str().unwrap_or_default()));
        }
        (names.join(" "), all)
    };
    let secret = probe.fake.world().repository("acme/secret").id;
    let (names, added) = told(&|world| {
        if let Some(one) = world.installations.get_mut(&acme) {
            one.repositories.get_or_insert_default().insert(secret);
        }
    });
    assert_eq!(names, "installation_repositories.added");
    let payload: Value = serde_json::from_str(&added[0].payload).expect("JSON");
    assert_eq!(payload["repositories_added"][0]["full_name"], "acme/secret");
    assert_eq!(
        (&payload["repositories_removed"], &payload["installation"]["id"]),
        (&json!([]), &json!(acme))
    );
    let one = |change: fn(&mut erpnext_github::sim::github::Installation)| {
        told(&move |world| {
            if let Some(one) = world.installations.get_mut(&acme) {
                change(one);
            }
        })
        .0
    };
    assert_eq!(
        one(|one| {
            one.only([700_000_001]);
        }),
        "installation_repositories.removed"
    );
    assert_eq!(
        one(|one| {
            one.suspend("mona");
        }),
        "installation.suspend"
    );
    assert_eq!(
        one(|one| {
            one.unsuspend();
        }),
        "installation.unsuspend"
    );
    let (names, _) = told(&|world| {
        world.app("erp").asking_for(&[("members", "read")]);
        world.accept_permissions(acme);
    });
    assert_eq!(names, "installation.new_permissions_accepted");
    assert_eq!(told(&|world| world.uninstall(acme)).0, "installation.deleted");
    let again = told(&|world| {
        world.install("erp", "acme");
    });
    assert_eq!(again.0, "installation.created");
}
