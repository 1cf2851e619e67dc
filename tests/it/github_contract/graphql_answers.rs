//! GraphQL in several worlds; the probe holds each document and each answer against the published schema.

use erpnext_github::clock::FixedClock;
use erpnext_github::sim::github::World;
use serde_json::{Value, json};

use super::probe::Probe;

async fn lively() -> Probe {
    Probe::new(World::lively(FixedClock::at(World::start_of_time()))).await
}

/// All that can be asked of an item.
const ITEMS: &str = "
    fragment Anybody on Actor { __typename login url resourcePath avatarUrl(size: 40) ... on User { databaseId email name } ... on Bot { databaseId id } }
    fragment OneIssue on Issue {
      __typename id databaseId fullDatabaseId number title body url resourcePath state stateReason(enableDuplicate: true)
      createdAt updatedAt closedAt closed locked activeLockReason authorAssociation
      author { ...Anybody } milestone { number title state dueOn creator { ...Anybody } }
      labels(first: 20) { totalCount nodes { name color isDefault description } }
      assignees(first: 20) { nodes { login databaseId } } comments { totalCount } repository { nameWithOwner databaseId }
    }
    fragment OnePull on PullRequest {
      __typename id databaseId fullDatabaseId number title body url permalink pullState: state isDraft merged mergedAt mergedBy { ...Anybody }
      createdAt updatedAt closedAt closed locked activeLockReason authorAssociation author { ...Anybody }
      headRefName headRefOid headRepository { nameWithOwner } headRepositoryOwner { login } baseRefName baseRefOid
      baseRepository { nameWithOwner } isCrossRepository mergeable mergeStateStatus reviewDecision
      reviewRequests(first: 20) { nodes { asCodeOwner requestedReviewer { __typename ... on User { login databaseId } ... on Team { slug name combinedSlug } ... on Bot { login } } } }
      labels(first: 20) { nodes { name } } assignees(first: 20) { nodes { login } } milestone { title } comments(first: 1) { totalCount }
      reviews(first: 20, states: [APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED]) { totalCount nodes { ...OneReview } }
      repository { nameWithOwner }
    }
    fragment OneReview on PullRequestReview {
      id databaseId fullDatabaseId author { ...Anybody } body state url createdAt updatedAt submittedAt commit { oid } pullRequest { number }
      repository { nameWithOwner }
    }";

#[tokio::test]
async fn every_item_of_a_lively_world_is_as_described() {
    let probe = lively().await;
    let ids: Vec<String> = {
        let world = probe.fake.world();
        let homes = world.repositories.values();
        homes
            .flat_map(|home| home.items.values().map(erpnext_github::sim::github::Issue::node_id))
            .collect()
    };
    let query = format!("query($ids: [ID!]!) {{ nodes(ids: $ids) {{ __typename id ...OneIssue ...OnePull }} }} {ITEMS}");
    let mut kinds = std::collections::BTreeSet::new();
    for part in ids.chunks(100) {
        let data = probe.data(&query, json!({ "ids": part })).await;
        let nodes = data["nodes"].as_array().expect("nodes");
        assert_eq!(nodes.len(), part.len());
        for (node, id) in nodes.iter().zip(part) {
            assert_eq!(node["id"], *id);
            kinds.insert(node["author"]["__typename"].as_str().unwrap_or("ghost").to_owned());
            kinds.insert(node["__typename"].as_str().unwrap_or_default().to_owned());
        }
    }
    assert_eq!(
        kinds.into_iter().collect::<Vec<_>>(),
        ["Bot", "Issue", "PullRequest", "User", "ghost"]
    );
    probe.done();
}

#[tokio::test]
async fn every_repository_of_a_lively_world_is_as_described() {
    let probe = lively().await;
    let query = "query($login: String!) { organization(login: $login) { __typename id databaseId login name email url viewerIsAMember
        repositories(first: 50, orderBy: {field: NAME, direction: ASC}) { totalCount pageInfo { hasNextPage endCursor } edges { cursor node {
          id databaseId name nameWithOwner owner { __typename id login url } description url resourcePath visibility isPrivate isArchived isFork
          isDisabled isLocked isEmpty isInOrganization hasIssuesEnabled stargazerCount homepageUrl createdAt updatedAt pushedAt viewerPermission
          defaultBranchRef { name prefix target { __typename oid abbreviatedOid commitUrl ... on Commit {
            committedDate authoredDate messageHeadline message url author { name email date user { login } } committer { name } repository { name } } } }
          labels(first: 5) { edges { cursor node { name url } } } milestones(last: 5) { nodes { number title closed createdAt updatedAt } }
          collaborators(first: 20) { totalCount edges { permission node { login databaseId } } }
          issues(first: 1, orderBy: {field: UPDATED_AT, direction: DESC}, states: [OPEN]) { totalCount nodes { number updatedAt } }
          pullRequests(first: 1, orderBy: {field: UPDATED_AT, direction: DESC}, states: [OPEN, MERGED]) { totalCount nodes { number state } }
        } } } } }";
    let data = probe.data(query, json!({ "login": "acme" })).await;
    let repositories = &data["organization"]["repositories"];
    assert_eq!(repositories["totalCount"], 6);
    let named = |name: &str| {
        let edges = repositories["edges"].as_array().expect("edges");
        edges
            .iter()
            .map(|edge| &edge["node"])
            .find(|node| node["name"] == name)
            .expect(name)
            .clone()
    };
    assert_eq!(named("infra")["visibility"], "INTERNAL");
    assert_eq!(named("empty")["defaultBranchRef"], Value::Null);
    assert_eq!(named("mirror")["hasIssuesEnabled"], false);
    probe.done();
}

#[tokio::test]
async fn branches_come_with_their_commit_dates_page_by_page() {
    let mut world = World::default();
    world.repository("acme/web").with_branches(230);
    let probe = Probe::new(world).await;
    let query = r#"query($after: String) { repository(owner: "acme", name: "web") {
        refs(refPrefix: "refs/heads/", first: 100, after: $after, orderBy: {field: ALPHABETICAL, direction: ASC}) {
          totalCount nodes { name target { oid ... on Commit { committedDate } } } pageInfo { hasNextPage endCursor } } } }"#;
    let (mut after, mut names) = (Value::Null, Vec::new());
    loop {
        let data = probe.data(query, json!({ "after": after })).await;
        let refs = &data["repository"]["refs"];
        assert_eq!(refs["totalCount"], 230);
        for node in refs["nodes"].as_array().expect("nodes") {
            assert!(node["target"]["committedDate"].is_string());
            names.push(node["name"].as_str().expect("a name").to_owned());
        }
        after = refs["pageInfo"]["endCursor"].clone();
        if refs["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(names.len(), 230);
    assert!(names.is_sorted());
    assert_eq!(probe.fake.counts().graphql, 3);
    probe.done();
}

#[tokio::test]
async fn commits_are_found_by_hash_under_aliases_and_unknown_ones_are_null() {
    let mut world = World::default();
    let sha = world.repository("acme/web").push("main");
    let probe = Probe::new(world).await;
    let query = r#"query($a: GitObjectID, $b: GitObjectID) { repository(owner: "acme", name: "web") {
        a: object(oid: $a) { ... on Commit { oid committedDate } }
        b: object(oid: $b) { ... on Commit { oid committedDate } }
        c: object(expression: "main") { oid }
        d: ref(qualifiedName: "refs/heads/main") { name }
        e: ref(qualifiedName: "refs/heads/Main") { name } } }"#;
    let data = probe.data(query, json!({ "a": sha, "b": "0".repeat(40) })).await;
    let found = &data["repository"];
    assert_eq!(found["a"]["committedDate"], "2026-03-02T09:00:00Z");
    assert_eq!(found["b"], Value::Null);
    assert_eq!(found["c"]["oid"], sha);
    assert_eq!((&found["d"]["name"], &found["e"]), (&"main".into(), &Value::Null));
    probe.done();
}

#[tokio::test]
async fn the_words_of_graphql_and_rest_differ_as_on_github() {
    let mut world = World::default();
    let home = world.repository("acme/web");
    home.open_issue("One").by("renovate[bot]");
    home.close(1, "duplicate");
    let pull = home.open_pull_request("Two", "two").number;
    home.merge(pull, "ada-l");
    let probe = Probe::new(world).await;
    let query = r#"{ repository(owner: "acme", name: "web") {
        issue(number: 1) { databaseId fullDatabaseId state stateReason full: stateReason(enableDuplicate: true) author { login } }
        pullRequest(number: 2) { databaseId fullDatabaseId state mergedBy { login } } } }"#;
    let data = probe.data(query, json!({})).await;
    let (issue, pull) = (&data["repository"]["issue"], &data["repository"]["pullRequest"]);
    assert_eq!(
        (&issue["author"]["login"], &issue["state"]),
        (&"renovate".into(), &"CLOSED".into())
    );
    assert_eq!(
        (&issue["stateReason"], &issue["full"]),
        (&"NOT_PLANNED".into(), &"DUPLICATE".into())
    );
    assert_eq!(pull["state"], "MERGED");
    let rest = probe.ok("/repos/acme/web/issues/1").await.json();
    assert_eq!(
        (&rest["user"]["login"], &rest["state_reason"]),
        (&"renovate[bot]".into(), &"duplicate".into())
    );
    assert_eq!(issue["fullDatabaseId"], rest["id"].to_string());
    assert_eq!(issue["databaseId"], Value::Null, "it does not fit 32 bits");
    probe.done();
}

#[tokio::test]
async fn fragments_aliases_and_conditions_work_together() {
    let mut world = World::default();
    world.user("mona").with_email("mona@example.com");
    let probe = Probe::new(world).await;
    let query = "query Who($more: Boolean!, $less: Boolean = true) {
        me: viewer { ...Short login email @include(if: $more) name @skip(if: $less) ... @include(if: true) { databaseId } }
        other: user(login: \"mona\") { ...Short }
    } fragment Short on User { login id }";
    let data = probe.data(query, json!({ "more": true })).await;
    assert_eq!(data["me"]["email"], "mona@example.com");
    assert_eq!(data["me"].get("name"), None);
    assert_eq!(data["me"]["id"], data["other"]["id"]);
    assert!(data["me"]["databaseId"].is_u64());
    let keys: Vec<&String> = data["me"].as_object().expect("an object").keys().collect();
    assert_eq!(
        keys,
        ["login", "id", "email", "databaseId"],
        "in the order in which they were asked for"
    );
    let requests = probe.fake.requests();
    let operation = requests[0].operation.as_ref().expect("an operation");
    assert!(operation.query.contains("query Who") && operation.variables == r#"{"more":true}"#);
    assert_eq!(super::wrong_requests(&requests), Vec::<String>::new());
    probe.done();
}

#[tokio::test]
async fn every_part_of_a_lively_world_is_found_by_its_node_id_in_its_repository() {
    let probe = lively().await;
    let query = "query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { id
        labels(first: 50) { nodes { id } } milestones(first: 50) { nodes { id } }
        releases(first: 50) { nodes { id databaseId tagName name description isDraft isPrerelease author { login } createdAt updatedAt publishedAt url } }
        issues(first: 50) { nodes { comments(first: 50) { nodes { id databaseId fullDatabaseId author { login } body createdAt updatedAt url } } } }
        pullRequests(first: 50) { nodes { reviews(first: 50) { nodes { id } } } } } }";
    let mut found = std::collections::BTreeSet::new();
    for name in ["web", "ledger"] {
        let data = probe.data(query, json!({ "owner": "acme", "name": name })).await;
        let home = &data["repository"];
        let mut ids = Vec::new();
        collect(home, &mut ids);
        ids.retain(|id| *id != home["id"]);
        let there = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Label { repository { id } } ... on Milestone { repository { id } }
            ... on Release { repository { id } } ... on IssueComment { repository { id } } ... on PullRequestReview { repository { id } } } }";
        let answer = probe.data(there, json!({ "ids": ids })).await;
        for (node, id) in answer["nodes"].as_array().expect("nodes").iter().zip(&ids) {
            assert_eq!((&node["id"], &node["repository"]["id"]), (id, &home["id"]));
            found.insert(node["__typename"].as_str().unwrap_or_default().to_owned());
        }
    }
    let kinds: Vec<_> = found.into_iter().collect();
    assert_eq!(kinds, ["IssueComment", "Label", "Milestone", "PullRequestReview", "Release"]);
    probe.done();
}

fn collect(value: &Value, ids: &mut Vec<Value>) {
    match value {
        Value::Object(members) => {
            ids.extend(members.get("id").cloned());
            members.values().for_each(|member| collect(member, ids));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, ids)),
        _ => {}
    }
}
