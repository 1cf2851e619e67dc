//! GraphQL's errors: of one field beside the rest of the data, and of a whole document.

use erpnext_github::domain::Visibility;
use erpnext_github::sim::github::World;
use serde_json::{Value, json};

use super::probe::Probe;

#[tokio::test]
async fn what_is_not_there_is_an_error_of_its_field_and_the_rest_stands() {
    let mut world = World::default();
    let home = world.repository("acme/web").with_issues(4).with_pull_requests(1);
    home.delete_item(2);
    world.repository("acme/api").with_issues(6);
    world.transfer_issue("acme/web", 3, "acme/api");
    let probe = Probe::new(world).await;
    let query = r#"{ repository(owner: "acme", name: "web") {
        here: issueOrPullRequest(number: 1) { ...Place }
        deleted: issueOrPullRequest(number: 2) { ...Place }
        moved: issueOrPullRequest(number: 3) { ...Place }
        pull: issueOrPullRequest(number: 5) { ...Place }
        never: issueOrPullRequest(number: 99) { ...Place }
      } }
      fragment Place on IssueOrPullRequest { __typename
        ... on Issue { number repository { nameWithOwner databaseId } } ... on PullRequest { number repository { nameWithOwner databaseId } } }"#;
    let json = probe.graphql(query, json!({})).await;
    let found = &json["data"]["repository"];
    assert_eq!(
        (&found["here"]["__typename"], &found["pull"]["__typename"]),
        (&"Issue".into(), &"PullRequest".into())
    );
    assert_eq!((&found["deleted"], &found["never"]), (&Value::Null, &Value::Null));
    assert_eq!(found["moved"]["repository"]["nameWithOwner"], "acme/api");
    assert_eq!(found["moved"]["number"], 7);
    let errors = json["errors"].as_array().expect("errors");
    assert_eq!(errors.len(), 2);
    assert_eq!(
        errors[0],
        json!({
            "type": "NOT_FOUND", "path": ["repository", "deleted"], "locations": [{ "line": 3, "column": 9 }],
            "message": "Could not resolve to an issue or pull request with the number of 2.",
        })
    );
    probe.done();
}

#[tokio::test]
async fn lost_and_hidden_nodes_are_null_at_their_places() {
    let mut world = World::default();
    let open = world
        .repository("acme/web")
        .with_issues(1)
        .item(1)
        .map(erpnext_github::sim::github::Issue::node_id);
    world.user("ada-l");
    let hidden = world
        .repository("ada-l/diary")
        .with_visibility(Visibility::Private)
        .with_issues(1);
    let hidden = [hidden.node_id(), hidden.item_mut(1).node_id()];
    let probe = Probe::new(world).await;
    let ids = json!([hidden[0], open, hidden[1], "nonsense"]);
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id __typename } node(id: \"x\") { id } }";
    let json = probe.graphql(query, json!({ "ids": ids })).await;
    assert_eq!(json["data"]["nodes"][1]["__typename"], "Issue");
    let paths: Vec<&Value> = json["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| &error["path"])
        .collect();
    assert_eq!(
        paths,
        [
            &json!(["nodes", 0]),
            &json!(["nodes", 2]),
            &json!(["nodes", 3]),
            &json!(["node"])
        ]
    );
    probe.done();
}

#[tokio::test]
async fn repositories_and_people_are_found_or_not() {
    let mut world = World::default();
    world.repository("acme/old");
    world.rename_repository("acme/old", "acme/new");
    world.bot("renovate");
    let probe = Probe::new(world).await;
    let query = r#"{
        renamed: repository(owner: "Acme", name: "OLD") { nameWithOwner }
        strict: repository(owner: "acme", name: "old", followRenames: false) { nameWithOwner }
        none: repository(owner: "acme", name: "none") { nameWithOwner }
        mona: user(login: "MONA") { login databaseId email __typename }
        bot: user(login: "renovate") { login }
        botSuffix: user(login: "renovate[bot]") { login }
        org: user(login: "acme") { login }
        nobody: organization(login: "nobody") { login }
        owner: repositoryOwner(login: "acme") { __typename login }
        noOwner: repositoryOwner(login: "nobody") { login }
    }"#;
    let json = probe.graphql(query, json!({})).await;
    let data = &json["data"];
    assert_eq!(data["renamed"]["nameWithOwner"], "acme/new");
    assert_eq!(data["mona"]["email"], "", "without a public address it is empty, never null");
    assert_eq!(data["owner"]["__typename"], "Organization");
    let errors: Vec<(&str, &str)> = json["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| {
            (
                error["path"][0].as_str().unwrap_or_default(),
                error["type"].as_str().unwrap_or_default(),
            )
        })
        .collect();
    let lost = ["strict", "none", "bot", "botSuffix", "org", "nobody"].map(|name| (name, "NOT_FOUND"));
    assert_eq!(errors, lost);
    assert_eq!(data["noOwner"], Value::Null);
    probe.done();
}

#[tokio::test]
async fn missing_scopes_refuse_the_whole_document() {
    let mut world = World::default();
    world.tokens[0].with_scopes(&["repo"]);
    let probe = Probe::new(world).await;
    let json = probe.graphql("{ viewer { login email } }", json!({})).await;
    assert_eq!(json.get("data"), None);
    assert_eq!(json["errors"][0]["type"], "INSUFFICIENT_SCOPES");
    assert!(
        json["errors"][0]["message"]
            .as_str()
            .is_some_and(|text| text.contains("user:email"))
    );
    probe.data("{ viewer { login } }", json!({})).await;
    probe.fake.world().tokens[0].with_scopes(&["repo", "user"]);
    probe.data("{ viewer { login email } }", json!({})).await;
    probe.done();
}

#[tokio::test]
async fn too_much_at_once_is_refused() {
    let mut world = World::default();
    let id = world.repository("acme/web").with_issues(3).node_id();
    let probe = Probe::new(world).await;
    let kind = async |query: &str, variables: Value| {
        let json = probe.graphql(query, variables).await;
        json["errors"][0]["type"].as_str().map(str::to_owned)
    };
    let of = |rest: &str| format!("{{ repository(owner: \"acme\", name: \"web\") {{ {rest} }} }}");
    let none = json!({});
    assert_eq!(
        kind(&of("issues { totalCount }"), none.clone()).await.as_deref(),
        Some("MISSING_PAGINATION_BOUNDARIES")
    );
    assert_eq!(
        kind(&of("issues(first: 101) { totalCount }"), none.clone()).await.as_deref(),
        Some("EXCESSIVE_PAGINATION")
    );
    let bounded = probe.graphql(&of("name issues { totalCount }"), json!({})).await;
    assert_eq!(
        bounded["data"],
        json!({ "repository": null }),
        "issues may not be null, so what holds them is"
    );
    let deep = of(
        "issues(first: 100) { nodes { repository { issues(first: 100) { nodes { repository { issues(first: 100) { totalCount } } } } } } }",
    );
    assert_eq!(kind(&deep, none).await.as_deref(), Some("MAX_NODE_LIMIT_EXCEEDED"));
    let many = json!({ "ids": vec![id; 101] });
    assert_eq!(
        kind("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", many).await.as_deref(),
        Some("ARGUMENT_LIMIT")
    );
    probe.done();
}

#[tokio::test]
async fn what_the_fake_does_not_know_is_named_and_remembered() {
    let probe = Probe::new(World::default()).await;
    for (query, message) in [
        ("{ viewer { shoeSize } }", "Field 'shoeSize' doesn't exist on type 'User'"),
        ("{ viewer { bio } }", "Field 'bio' doesn't exist on type 'User'"),
        (
            "mutation { addStar(input: {}) { clientMutationId } }",
            "The fake GitHub answers no mutation",
        ),
        ("{ viewer { login }", "Expected a name, got the end"),
    ] {
        probe.fake.forget_requests();
        let reply = probe.graphql_unchecked(query, json!({})).await;
        assert_eq!(reply.status, 200);
        let json = reply.json();
        assert_eq!(
            (json["errors"][0]["message"].as_str(), json.get("data")),
            (Some(message), None)
        );
        assert_eq!(probe.fake.unexpected(), [format!("GraphQL: {message}")]);
    }
    let wrong = super::wrong_requests(&probe.fake.requests());
    assert_eq!(wrong.len(), 1, "GitHub's schema refuses the last of them, too");
}

#[tokio::test]
async fn issues_that_are_switched_off_look_deleted_and_pull_requests_do_not() {
    let mut world = World::default();
    let home = world
        .repository("acme/mirror")
        .with_issues(1)
        .with_pull_requests(1)
        .without_issues();
    let ids: Vec<String> = home.items.values().map(erpnext_github::sim::github::Issue::node_id).collect();
    let probe = Probe::new(world).await;
    let query = r#"query($ids: [ID!]!) { nodes(ids: $ids) { __typename } repository(owner: "acme", name: "mirror") { hasIssuesEnabled
        issue: issueOrPullRequest(number: 1) { __typename } pull: issueOrPullRequest(number: 2) { __typename }
        issues(first: 1) { totalCount } pullRequests(first: 1) { totalCount } } }"#;
    let json = probe.graphql(query, json!({ "ids": ids })).await;
    let expected = json!({
        "nodes": [null, { "__typename": "PullRequest" }],
        "repository": {
            "hasIssuesEnabled": false, "issue": null, "pull": { "__typename": "PullRequest" },
            "issues": { "totalCount": 0 }, "pullRequests": { "totalCount": 1 },
        },
    });
    assert_eq!(json["data"], expected);
    probe.done();
}
