//! GitHub's REST description: which requests exist, and what their answers look like.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jsonschema::Validator;
use serde_json::Value;

use super::descriptions::read;
use super::schemas::standalone;

/// The description, read once.
pub(super) struct OpenApi {
    document: Value,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

/// Statuses that any request may be answered with, whether its operation lists them or not, and where GitHub says so.
const ANY_TIME: [(u16, &str); 13] = [
    (301, "best practices: redirects"),
    (307, "best practices: redirects of what is no GET"),
    (400, "API versions: an unsupported version"),
    (401, "troubleshooting: bad or missing credentials"),
    (403, "rate limits, single sign-on, missing scopes"),
    (404, "troubleshooting: not found, or not for you to know"),
    (410, "issues: they can be disabled for a repository"),
    (415, "media types"),
    (422, "troubleshooting: validation failed"),
    (429, "rate limits"),
    (451, "repositories taken down for legal reasons"),
    (500, "server error"),
    (502, "troubleshooting: timeouts"),
];

/// Where GitHub's real answers have null though its description does not allow it: operation, end of the place, when.
const NULL_IN_TRUTH: [(&str, &str, &str); 7] = [
    ("pulls/list", "/head/repo", "the fork was deleted"),
    ("pulls/list", "/labels/*/description", "a label without a description"),
    (
        "pulls/request-reviewers",
        "/labels/*/description",
        "a label without a description",
    ),
    ("pulls/get", "/head/repo", "the fork was deleted"),
    ("pulls/get", "/head/user", "the fork was deleted with its owner"),
    ("pulls/get", "/user", "the author's account was deleted"),
    ("issues/list-for-repo", "/type", "an issue without a type, in some answers"),
];

/// Where GitHub's real deliveries have null though its description does not allow it.
const NULL_IN_DELIVERIES: [&str; 2] = ["/milestone/creator", "/description"];

/// Where GitHub's real answers say why though its description has no body: operation, status.
const BODY_IN_TRUTH: [(&str, u16); 1] = [("pulls/request-reviewers", 422)];

/// The description of this list wants each account to be a person and an enterprise at once; its installations are like single ones.
const LIKE_SINGLE_ONES: (&str, u16) = ("apps/list-installations", 200);

impl OpenApi {
    /// The description of api.github.com.
    pub(super) fn get() -> &'static Self {
        static READ: OnceLock<OpenApi> = OnceLock::new();
        READ.get_or_init(|| Self {
            document: serde_json::from_str(&read("@octokit/openapi/generated/api.github.com.json")).expect("a JSON document"),
            validators: Mutex::default(),
        })
    }

    /// Says what is wrong with a request, if anything is.
    pub(super) fn check_request(&self, method: &str, path: &str, query: &str) -> Result<(), String> {
        let operation = self.operation(method, path)?;
        let parameters: Vec<&Value> = self.parameters(operation).collect();
        for (key, value) in url::form_urlencoded::parse(query.as_bytes()) {
            // GitHub's guide to pagination: `Link` may lead on by cursor in lists whose description knows pages only.
            if ["after", "before"].contains(&&*key) && operation["operationId"] == "issues/list-for-repo" {
                continue;
            }
            let known = parameters.iter().find(|one| one["in"] == "query" && one["name"] == *key);
            let known = known.ok_or_else(|| format!("{method} {path} has no parameter `{key}`"))?;
            check_value(&known["schema"], &value).map_err(|why| format!("{method} {path}: `{key}={value}` {why}"))?;
        }
        for required in parameters
            .iter()
            .filter(|one| one["in"] == "query" && one["required"] == true)
        {
            let name = required["name"].as_str().unwrap_or_default();
            if !url::form_urlencoded::parse(query.as_bytes()).any(|(key, _)| key == name) {
                return Err(format!("{method} {path} needs the parameter `{name}`"));
            }
        }
        Ok(())
    }

    /// Says what is wrong with the body of a request, if anything is.
    pub(super) fn check_body(&self, method: &str, path: &str, body: &str) -> Result<(), String> {
        let operation = self.operation(method, path)?;
        let described = self.follow(&operation["requestBody"]);
        let schema = &described["content"]["application/json"]["schema"];
        if body.is_empty() {
            let needed = described["required"] == true;
            return if needed {
                Err(format!("{method} {path} needs a body"))
            } else {
                Ok(())
            };
        }
        if schema.is_null() {
            return Err(format!("{method} {path} takes no body"));
        }
        let json: Value = serde_json::from_str(body).map_err(|error| format!("{method} {path}: no JSON: {error}"))?;
        let id = operation["operationId"].as_str().unwrap_or_default();
        let validator = self.validator(&format!("{id} request"), schema);
        let problems: Vec<String> = validator
            .iter_errors(&json)
            .map(|error| format!("{method} {path}: body at `{}`: {error}", error.instance_path()))
            .collect();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems.join("\n"))
        }
    }

    /// Says everything that is wrong with an answer.
    pub(super) fn check_answer(&self, method: &str, path: &str, status: u16, body: &str) -> Vec<String> {
        let operation = match self.operation(method, path) {
            Ok(operation) => operation,
            Err(why) => return vec![why],
        };
        let id = operation["operationId"].as_str().unwrap_or_default();
        let described = &operation["responses"][status.to_string()];
        let response = self.follow(described);
        let schema = match (
            described.is_null(),
            response["content"]["application/json"]["schema"].is_null(),
        ) {
            (true, _) if !ANY_TIME.iter().any(|(known, _)| *known == status) => {
                return vec![format!("{id} is never answered {status}")];
            }
            // A refused value is named, also where the description does not know that it can be.
            (true, _) if status == 422 => &serde_json::json!({ "$ref": "#/components/schemas/validation-error" }),
            (true, _) => &serde_json::json!({ "$ref": "#/components/schemas/basic-error" }),
            (false, true) if body.is_empty() => return Vec::new(),
            (false, true) if BODY_IN_TRUTH.contains(&(id, status)) => {
                &serde_json::json!({ "$ref": "#/components/schemas/validation-error" })
            }
            (false, true) => return vec![format!("{id} answers {status} without a body, got {body}")],
            (false, false) if (id, status) == LIKE_SINGLE_ONES => {
                &serde_json::json!({ "type": "array", "items": { "$ref": "#/components/schemas/installation" } })
            }
            (false, false) => &response["content"]["application/json"]["schema"],
        };
        let mut json: Value = match serde_json::from_str(body) {
            Ok(json) => json,
            Err(error) => return vec![format!("{id}: the body is no JSON: {error}")],
        };
        let mut problems = Vec::new();
        if status >= 400 {
            problems.extend(check_error(&mut json, status).map(|why| format!("{id}: {why}")));
        }
        let validator = self.validator(&format!("{id} {status}"), schema);
        let errors = validator.iter_errors(&json).filter(|error| !is_truth(id, error));
        problems.extend(errors.take(10).map(|error| {
            let shown: String = error.to_string().chars().take(300).collect();
            format!("{id} {status} at {}: {shown}", error.instance_path())
        }));
        problems
    }

    fn validator(&self, key: &str, schema: &Value) -> Arc<Validator> {
        let mut all = self.validators.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || {
            let schema = standalone(schema, &self.document["components"]["schemas"]);
            let built = jsonschema::options().should_validate_formats(true).build(&schema);
            Arc::new(built.unwrap_or_else(|error| panic!("{key}: {error}")))
        };
        all.entry(key.to_owned()).or_insert_with(make).clone()
    }

    /// The operation that a path means; where several templates fit, the one with the most words of its own.
    fn operation(&self, method: &str, path: &str) -> Result<&Value, String> {
        let asked = described_path(path);
        let asked: Vec<&str> = asked.trim_matches('/').split('/').collect();
        let templates = self.document["paths"].as_object().expect("paths");
        let fitting = templates.iter().filter_map(|(template, item)| {
            let parts: Vec<&str> = template.trim_matches('/').split('/').collect();
            let fits = parts.len() == asked.len()
                && parts
                    .iter()
                    .zip(&asked)
                    .all(|(part, word)| part.starts_with('{') && !word.is_empty() || part == word);
            let own = parts.iter().filter(|part| !part.starts_with('{')).count();
            let operation = &item[method.to_lowercase()];
            (fits && operation.is_object()).then_some((own, operation))
        });
        let best = fitting.max_by_key(|(own, _)| *own);
        best.map(|(_, operation)| operation)
            .ok_or_else(|| format!("GitHub describes no {method} {path}"))
    }

    fn parameters<'a>(&'a self, operation: &'a Value) -> impl Iterator<Item = &'a Value> {
        let all = operation["parameters"].as_array().into_iter().flatten();
        all.map(|parameter| self.follow(parameter))
    }

    fn follow<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            None => value,
            Some(place) => self.document.pointer(place.trim_start_matches('#')).unwrap_or(&Value::Null),
        }
    }
}

/// Events of webhooks, each with whether GitHub describes that Apps are told of it.
pub(super) fn events_of_apps() -> BTreeMap<String, bool> {
    let described = OpenApi::get().document["x-webhooks"].as_object().expect("webhooks");
    let mut events = BTreeMap::new();
    for delivery in described.values() {
        let about = &delivery["post"]["x-github"];
        // Some are written with dashes there, and with none where they are delivered.
        let event = about["subcategory"].as_str().expect("an event").replace('-', "_");
        let kinds = about["supported-webhook-types"].as_array().expect("kinds");
        *events.entry(event).or_insert(false) |= kinds.iter().any(|kind| kind == "app");
    }
    events
}

/// Says what is wrong with the payload of a delivery. Members that the description does not know are no fault: it knows less of issues in
/// deliveries than of the same issues in lists.
pub(crate) fn wrong_delivery(event: &str, payload: &Value) -> Vec<String> {
    let api = OpenApi::get();
    let action = payload["action"]
        .as_str()
        .map(|action| format!("-{action}"))
        .unwrap_or_default();
    let name = format!("webhook-{event}{action}").replace('_', "-");
    let schemas = &api.document["components"]["schemas"];
    if !schemas[&name].is_object() {
        return vec![format!("GitHub describes no {name}")];
    }
    let validator = {
        let mut all = api.validators.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || {
            let reference = serde_json::json!({ "$ref": format!("#/components/schemas/{name}") });
            let mut schema = standalone(&reference, schemas);
            open_up(&mut schema);
            let built = jsonschema::options().build(&schema);
            Arc::new(built.unwrap_or_else(|error| panic!("{name}: {error}")))
        };
        all.entry(name.clone()).or_insert_with(make).clone()
    };
    let told = |error: jsonschema::ValidationError<'_>| {
        let shown: String = error.to_string().chars().take(160).collect();
        format!("{name} at {}: {shown}", error.instance_path())
    };
    let errors = validator.iter_errors(payload).filter(|error| {
        !NULL_IN_DELIVERIES
            .iter()
            .any(|end| error.instance().is_null() && error.instance_path().to_string().ends_with(end))
    });
    errors.map(told).collect()
}

/// Lets objects have further members.
fn open_up(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.get("additionalProperties") == Some(&Value::Bool(false)) {
                members.remove("additionalProperties");
            }
            members.values_mut().for_each(open_up);
        }
        Value::Array(all) => all.iter_mut().for_each(open_up),
        _ => {}
    }
}

/// The described form of an address that GitHub gives out in `Link` and `Location`: ids stand for names there.
fn described_path(path: &str) -> String {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    match parts.as_slice() {
        ["repositories", id, rest @ ..] => ["repos", "by-id", id]
            .iter()
            .chain(rest)
            .copied()
            .collect::<Vec<_>>()
            .join("/"),
        ["organizations", id, list @ ("repos" | "teams")] => format!("orgs/{id}/{list}"),
        ["user", id, "repos"] => format!("users/{id}/repos"),
        _ => path.to_owned(),
    }
}

fn check_value(schema: &Value, value: &str) -> Result<(), String> {
    if let Some(allowed) = schema["enum"].as_array()
        && !allowed.iter().any(|one| one == value)
    {
        return Err("is none of the allowed values".to_owned());
    }
    match schema["type"].as_str() {
        Some("integer") => match value.parse::<i64>() {
            Ok(number) if schema["maximum"].as_i64().is_none_or(|maximum| number <= maximum) => Ok(()),
            Ok(_) => Err("is too large".to_owned()),
            Err(_) => Err("is no whole number".to_owned()),
        },
        Some("boolean") if !["true", "false"].contains(&value) => Err("is neither true nor false".to_owned()),
        _ if schema["format"] == "date-time" && chrono::DateTime::parse_from_rfc3339(value).is_err() => {
            Err("is no moment of ISO 8601".to_owned())
        }
        _ => Ok(()),
    }
}

/// What every error has. Its status stands in the body, too, which the description knows of some errors only, so it is taken out.
fn check_error(json: &mut Value, status: u16) -> Option<&'static str> {
    let told = json.as_object_mut().and_then(|members| members.remove("status"));
    if json["message"].as_str().is_none_or(str::is_empty) {
        return Some("an error without a message");
    }
    (told != Some(status.to_string().into())).then_some("an error without its status")
}

fn is_truth(id: &str, error: &jsonschema::ValidationError<'_>) -> bool {
    let place: Vec<String> = error.instance_path().to_string().split('/').map(str::to_owned).collect();
    let ends_in = |end: &str| {
        let end: Vec<&str> = end.trim_start_matches('/').split('/').collect();
        place.len() >= end.len()
            && place[place.len() - end.len()..]
                .iter()
                .zip(&end)
                .all(|(word, part)| *part == "*" || word == part)
    };
    error.instance().is_null()
        && NULL_IN_TRUTH
            .iter()
            .any(|(operation, end, _)| *operation == id && ends_in(end))
}
