//! GitHub's GraphQL interface, as far as `schema.graphql` goes: parsed, validated, weighed and executed as GitHub does it.

mod ast;
mod cursor;
mod execute;
mod findings;
mod lexer;
mod parse;
mod problem;
mod resolve;
mod schema;
mod validate;
mod values;

use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::incoming::Incoming;
use super::record::RecordedOperation;
use super::view::View;
use super::world::{ANONYMOUS, Token, Usage};
use execute::Executor;
use findings::{Findings, Weight};
use problem::Problem;
use resolve::Context;
pub use schema::SCHEMA;
use schema::Schema;
use validate::validate;

/// GitHub refuses documents that could give more nodes than this.
const MAX_NODES: u64 = 500_000;

/// The operation in a request body, for the record; none where the body is not of that form.
pub(super) fn operation(incoming: &Incoming) -> Option<RecordedOperation> {
    let body: Value = serde_json::from_str(&incoming.body).ok()?;
    Some(RecordedOperation {
        query: body["query"].as_str()?.to_owned(),
        variables: body["variables"].to_string(),
    })
}

/// Answers a request whose caller was admitted and has points left.
pub(super) fn answer(view: View<'_>, incoming: &Incoming, usage: Usage) -> Answer {
    if incoming.method != "POST" {
        return Answer::unexpected(&format!(
            "The fake GitHub has no route for {} {}",
            incoming.method, incoming.path
        ));
    }
    if view.caller.label == ANONYMOUS {
        let docs = "graphql/guides/forming-calls-with-graphql#authenticating-with-graphql";
        return Answer::error(401, "This endpoint requires you to be authenticated.", docs);
    }
    let Ok(Value::Object(body)) = serde_json::from_str(&incoming.body) else {
        return Answer::error(400, "Problems parsing JSON", "graphql");
    };
    run(view, &body, usage).unwrap_or_else(|refused| {
        let errors: Vec<Value> = refused.problems.iter().map(Problem::json).collect();
        let mut answer = Answer::ok(json!({ "errors": errors }).to_string());
        answer.unexpected = refused.unexpected;
        answer
    })
}

/// Errors without data; a document that GitHub's own schema might take, but not the fake's, is unexpected.
struct Refused {
    problems: Vec<Problem>,
    unexpected: Option<String>,
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self {
            unexpected: Some(format!("GraphQL: {}", problem.message)),
            problems: vec![problem],
        }
    }
}

fn run(view: View<'_>, body: &Map<String, Value>, usage: Usage) -> Result<Answer, Refused> {
    let schema = Schema::get();
    let text = body.get("query").and_then(Value::as_str).unwrap_or_default();
    let document = parse::document(text).map_err(|error| Problem::new(error.message, error.at).coded("parseError"))?;
    let wanted = body.get("operationName").and_then(Value::as_str);
    let mut fitting = document
        .operations
        .iter()
        .filter(|operation| wanted.is_none() || operation.name.as_deref() == wanted);
    let (Some(operation), None) = (fitting.next(), fitting.next()) else {
        return Err(Problem::new("An operation name is required".to_owned(), ast::Position::default()).into());
    };
    if operation.kind != "query" {
        let message = format!("The fake GitHub answers no {}", operation.kind);
        return Err(Problem::new(message, ast::Position::default()).into());
    }
    let none = Map::new();
    let sent = body.get("variables").and_then(Value::as_object).unwrap_or(&none);
    let variables = values::variables(schema, operation, sent)?;
    let findings = validate(schema, &document, operation, &variables);
    let weight = findings.weight;
    admit(findings, view.caller.token.as_ref())?;
    let mut executor = Executor {
        schema,
        fragments: &document.fragments,
        variables: &variables,
        context: Context { view, weight, usage },
        errors: Vec::new(),
        unresolved: Vec::new(),
    };
    let data = executor.run(&operation.selections);
    let mut json = json!({ "data": data });
    if !executor.errors.is_empty() {
        json["errors"] = executor.errors.into();
    }
    let mut answer = Answer::ok(json.to_string());
    answer.points = weight.points();
    answer.unexpected = executor.unresolved.into_iter().next();
    Ok(answer)
}

fn admit(findings: Findings, token: Option<&Token>) -> Result<(), Refused> {
    if let Some(first) = findings.problems.first() {
        return Err(Refused {
            unexpected: Some(format!("GraphQL: {}", first.message)),
            problems: findings.problems,
        });
    }
    let lacking = |(field, at, scopes): (String, _, &'static [&'static str])| {
        let token = token.filter(|token| !token.allows_any(scopes))?;
        let held = token.scopes.as_deref().unwrap_or_default();
        let message = format!(
            "Your token has not been granted the required scopes to execute this query. The '{field}' field requires one of the following scopes: {scopes:?}, but your token has only been granted the: {held:?} scopes. Please modify your token's scopes at: https://github.com/settings/tokens."
        );
        Some(Problem::new(message, at).of_kind("INSUFFICIENT_SCOPES"))
    };
    let problems: Vec<Problem> = findings.scoped.into_iter().filter_map(lacking).collect();
    if !problems.is_empty() {
        return Err(Refused {
            problems,
            unexpected: None,
        });
    }
    within(findings.weight)
}

fn within(weight: Weight) -> Result<(), Refused> {
    if weight.nodes <= MAX_NODES {
        return Ok(());
    }
    let message = format!(
        "This query requests up to {} possible nodes which exceeds the maximum limit of {MAX_NODES}.",
        weight.nodes
    );
    let problem = Problem::new(message, ast::Position { line: 1, column: 1 }).of_kind("MAX_NODE_LIMIT_EXCEEDED");
    Err(Refused {
        problems: vec![problem],
        unexpected: None,
    })
}
