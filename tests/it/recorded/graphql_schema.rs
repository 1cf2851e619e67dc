//! Our queries, and the variables that go with them, against GitHub's published GraphQL schema.

use apollo_compiler::request::coerce_variable_values;
use apollo_compiler::response::JsonMap;
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema};
use erpnext_github::domain::RepoName;
use erpnext_github::github::documents;
use serde_json::{Value, json};

use super::package;
use crate::github_client::canned::{Reply, Server};

fn schema() -> Valid<Schema> {
    let path = package("graphql-schema").join("schema.graphql");
    let text = std::fs::read_to_string(&path).expect("the schema");
    match Schema::parse_and_validate(text, &path) {
        Ok(schema) => schema,
        // GitHub publishes a few fields twice, word for word; that harms nothing here. Anything else would.
        Err(error) => {
            let others: Vec<String> = error
                .errors
                .iter()
                .map(|diagnostic| diagnostic.error.to_string())
                .filter(|text| !text.starts_with("duplicate definitions"))
                .collect();
            assert!(others.is_empty(), "GitHub's schema: {others:?}");
            Valid::assume_valid(error.partial)
        }
    }
}

fn checked(schema: &Valid<Schema>, name: &str, text: &str) -> Valid<ExecutableDocument> {
    ExecutableDocument::parse_and_validate(schema, text, name).unwrap_or_else(|error| panic!("{name}: {}\n{text}", error.errors))
}

#[test]
fn every_query_is_one_of_githubs_schema() {
    let schema = schema();
    let mut names: Vec<_> = documents().into_iter().map(|(name, _)| name).collect();
    for (name, text) in documents() {
        let document = checked(&schema, name, &text);
        let operation = document
            .operations
            .get(Some(name))
            .unwrap_or_else(|_| panic!("{name} is the operation's name"));
        assert!(operation.is_query(), "{name} must not write");
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), documents().len(), "each has a name of its own");
}

/// The queries as they leave the client, for a hundred things at a time.
#[tokio::test]
async fn what_is_sent_is_valid_with_its_variables() {
    let server = Server::start().await;
    for (name, _) in documents() {
        // Any answer will do: what was asked is looked at.
        server.on(name, Reply::status(401, "Bad credentials"));
    }
    let client = server.client();
    let web: RepoName = "acme/web".parse().expect("a name");
    let ids: Vec<String> = (0..100).map(|n| format!("PR_{n}")).collect();
    let shas: Vec<String> = (0..100).map(|n| format!("{n:040x}")).collect();
    let numbers: Vec<u64> = (1..=100).collect();
    assert!(client.pull_request_details(&ids, true).await.is_err());
    assert!(client.comment_counts(&ids).await.is_err());
    assert!(client.commit_dates(&web, &shas).await.is_err());
    assert!(client.still_there(&web, &numbers).await.is_err());
    assert!(client.public_emails(&ids).await.is_err());
    assert!(client.repository_by_node_id("R_1").await.is_err());

    let schema = schema();
    let asked = server.asked();
    assert_eq!(asked.len(), 6);
    for asked in asked {
        let name = asked.body["operationName"].as_str().expect("a name");
        let document = checked(&schema, name, asked.body["query"].as_str().expect("a query"));
        let operation = document.operations.get(Some(name)).expect("the operation");
        let given: JsonMap = serde_json::from_value(asked.body["variables"].clone()).expect("variables");
        let coerced = coerce_variable_values(&schema, operation, &given).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(coerced.len(), given.len(), "{name} sends a variable that it does not declare");
        assert_eq!(
            given.len(),
            operation.variables.len(),
            "{name} declares a variable that it does not send"
        );
    }
}

/// The words that we read as text are GitHub's enumerations; that of merge states has a word for "not computed yet".
#[test]
fn the_words_we_know_are_githubs() {
    let schema = schema();
    let words = |name: &str| -> Vec<String> {
        let kind = schema.get_enum(name).expect("an enumeration");
        kind.values.keys().map(ToString::to_string).collect()
    };
    assert!(words("MergeStateStatus").contains(&"UNKNOWN".to_owned()));
    assert_eq!(
        words("PullRequestReviewDecision"),
        ["APPROVED", "CHANGES_REQUESTED", "REVIEW_REQUIRED"]
    );
    let kinds = |name: &str| -> Value {
        let members = schema
            .get_union(name)
            .expect("a union")
            .members
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>();
        json!(members)
    };
    assert_eq!(kinds("RequestedReviewer"), json!(["Bot", "Mannequin", "Team", "User"]));
    assert_eq!(kinds("IssueOrPullRequest"), json!(["Issue", "PullRequest"]));
}
