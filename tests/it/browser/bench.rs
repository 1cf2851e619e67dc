//! What a bench answers to the desk for tests: documents, their saving with the check that Frappe makes, and single values.

use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use erpnext_github::frappe::site::Site;
use mysql_async::{Row, Value as Sql};
use serde_json::{Map, Value, json};

/// Rows of a query, each by its columns.
async fn rows(site: &Site, sql: &str, values: &[&str]) -> Vec<Map<String, Value>> {
    let params: Vec<Sql> = values.iter().map(|value| Sql::from(*value)).collect();
    let params = if params.is_empty() {
        mysql_async::Params::Empty
    } else {
        params.into()
    };
    let mut conn = site.db().conn().await.expect("a connection");
    let rows = conn.rows("answering for the bench", sql, params).await.expect("rows");
    rows.into_iter().map(object).collect()
}

fn object(row: Row) -> Map<String, Value> {
    let names: Vec<String> = row
        .columns_ref()
        .iter()
        .map(|column| column.name_str().into_owned())
        .collect();
    names.into_iter().zip(row.unwrap().into_iter().map(json_of)).collect()
}

fn json_of(value: Sql) -> Value {
    match value {
        Sql::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned().into(),
        Sql::Int(number) => number.into(),
        Sql::UInt(number) => number.into(),
        Sql::Float(number) => number.into(),
        Sql::Double(number) => number.into(),
        Sql::Date(year, month, day, hour, minute, second, micros) => {
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{micros:06}").into()
        }
        Sql::NULL | Sql::Time(..) => Value::Null,
    }
}

async fn texts(site: &Site, sql: &str, values: &[&str]) -> Vec<String> {
    let rows = rows(site, sql, values).await;
    let first = rows.into_iter().filter_map(|row| row.into_iter().next());
    first
        .map(|(_, value)| value.as_str().unwrap_or_default().to_owned())
        .collect()
}

/// Whose session this is.
pub(super) async fn user_of(site: &Site, sid: &str) -> String {
    let users = texts(site, "SELECT user FROM tabSessions WHERE sid = ?", &[sid]).await;
    users.into_iter().next().unwrap_or_else(|| "Guest".to_owned())
}

/// What the page knows from the start. The token is that of [`crate::support::desk::Desk::log_in`].
pub(super) async fn boot(site: &Site, sid: &str) -> Value {
    let user = user_of(site, sid).await;
    let roles = texts(
        site,
        "SELECT role FROM `tabHas Role` WHERE parent = ? AND parenttype = 'User'",
        &[&user],
    )
    .await;
    let creates = roles.iter().any(|role| role.starts_with("Projects")) || user == "Administrator";
    let mut roles = roles;
    if user == "Administrator" {
        roles.push("System Manager".to_owned());
    }
    json!({
        "user": user, "site": site.name(), "csrf_token": format!("token-{sid}"), "roles": roles,
        "can_create": if creates { json!(["Task", "Project"]) } else { json!([]) },
        "defaults": {"Company": "Acme"},
    })
}

/// The DocType whose address this is.
pub(super) async fn doctype_of(site: &Site, slug: &str) -> String {
    let names = texts(
        site,
        "SELECT name FROM tabDocType WHERE LOWER(REPLACE(name, ' ', '-')) = ?",
        &[slug],
    )
    .await;
    names
        .into_iter()
        .next()
        .unwrap_or_else(|| panic!("no DocType has the address {slug}"))
}

/// The scripts of a DocType that are switched on, forms' and lists', as Frappe orders them.
pub(super) async fn scripts(site: &Site, doctype: &str) -> Vec<String> {
    let sql = "SELECT script FROM `tabClient Script` WHERE dt = ? AND enabled = 1 ORDER BY creation, name";
    texts(site, sql, &[doctype]).await
}

/// A refusal in Frappe's envelope.
pub(super) fn refusal(status: StatusCode, class: &str, sentence: &str) -> Response {
    let message = json!({"message": sentence, "title": "Message", "indicator": "red", "raise_exception": 1}).to_string();
    let body = json!({
        "exception": format!("frappe.exceptions.{class}: {sentence}"),
        "exc_type": class,
        "_server_messages": json!([message]).to_string(),
    });
    (status, axum::Json(body)).into_response()
}

/// Answers what the desk asks of the bench.
pub(super) async fn answer(site: &Site, method: &str, request: Request) -> Response {
    let query = request.uri().query().unwrap_or_default().to_owned();
    let is_get = request.method() == Method::GET;
    let body = axum::body::to_bytes(request.into_body(), usize::MAX).await.expect("a body");
    let form = if is_get { query.into_bytes() } else { body.to_vec() };
    let arguments: Map<String, Value> = url::form_urlencoded::parse(&form)
        .map(|(name, value)| (name.into_owned(), Value::from(value.into_owned())))
        .collect();
    let text = |name: &str| arguments.get(name).and_then(Value::as_str).unwrap_or_default();
    let message = match method {
        "desk.load" => document(site, text("doctype"), text("name")).await,
        "desk.save" => {
            let doc: Map<String, Value> = serde_json::from_str(text("doc")).expect("a document");
            match save(site, text("doctype"), doc).await {
                Ok(document) => document,
                Err(refused) => return refused,
            }
        }
        "frappe.client.get_value" => value(site, text("doctype"), text("filters"), text("fieldname")).await,
        "frappe.client.get_single_value" => single(site, text("doctype")).await[text("field")].clone(),
        other => panic!("the desk for tests is asked for {other}"),
    };
    axum::Json(json!({ "message": message })).into_response()
}

async fn is_single(site: &Site, doctype: &str) -> bool {
    let found = texts(
        site,
        "SELECT name FROM tabDocType WHERE name = ? AND issingle = 1",
        &[doctype],
    )
    .await;
    !found.is_empty()
}

async fn single(site: &Site, doctype: &str) -> Value {
    let rows = rows(site, "SELECT field, value FROM tabSingles WHERE doctype = ?", &[doctype]).await;
    let pairs = rows.into_iter().map(|mut row| {
        let field = row["field"].as_str().unwrap_or_default().to_owned();
        (field, row.remove("value").unwrap_or_default())
    });
    let mut document: Map<String, Value> = pairs.collect();
    document.insert("name".to_owned(), doctype.into());
    document.insert("__may_write".to_owned(), true.into());
    Value::Object(document)
}

async fn document(site: &Site, doctype: &str, name: &str) -> Value {
    if is_single(site, doctype).await {
        return single(site, doctype).await;
    }
    let found = rows(site, &format!("SELECT * FROM `tab{doctype}` WHERE name = ?"), &[name]).await;
    let mut document = found
        .into_iter()
        .next()
        .unwrap_or_else(|| panic!("there is no {doctype} {name}"));
    let tables = "SELECT fieldname, options FROM tabDocField WHERE parent = ? AND fieldtype = 'Table'";
    for table in rows(site, tables, &[doctype]).await {
        let (field, child) = (
            table["fieldname"].as_str().unwrap_or_default(),
            table["options"].as_str().unwrap_or_default(),
        );
        let sql = format!("SELECT * FROM `tab{child}` WHERE parent = ? AND parentfield = ? ORDER BY idx");
        let children = rows(site, &sql, &[name, field]).await;
        document.insert(field.to_owned(), children.into_iter().map(Value::Object).collect());
    }
    document.insert("__may_write".to_owned(), true.into());
    Value::Object(document)
}

async fn value(site: &Site, doctype: &str, name: &str, fields: &str) -> Value {
    let document = document(site, doctype, name).await;
    let fields: Vec<String> = serde_json::from_str(fields).unwrap_or_else(|_| vec![fields.to_owned()]);
    fields
        .into_iter()
        .map(|field| (field.clone(), document[&field].clone()))
        .collect::<Map<_, _>>()
        .into()
}

/// Saves what differs. A document that somebody else saved since it was loaded is refused, as Frappe does.
async fn save(site: &Site, doctype: &str, mut doc: Map<String, Value>) -> Result<Value, Response> {
    if doctype == "Task"
        && doc
            .get("subject")
            .is_none_or(|subject| subject.as_str().unwrap_or_default().is_empty())
    {
        let sentence = "Error: Value missing for Task: Subject";
        return Err(refusal(StatusCode::EXPECTATION_FAILED, "MandatoryError", sentence));
    }
    let is_new = doc.contains_key("__islocal");
    if is_new {
        let name = if doctype == "Repository" {
            doc["full_name"].clone()
        } else {
            format!("{}-NEW-1", doctype.to_uppercase()).into()
        };
        doc.insert("name".to_owned(), name);
    }
    let name = doc["name"].as_str().unwrap_or_default().to_owned();
    if is_single(site, doctype).await {
        for (field, value) in scalars(&doc) {
            let sql = "UPDATE tabSingles SET value = ? WHERE doctype = ? AND field = ?";
            execute(site, sql, &[&value, doctype, &field]).await;
        }
        return Ok(single(site, doctype).await);
    }
    if is_new {
        let sql =
            format!("INSERT INTO `tab{doctype}` (name, owner, creation, modified) VALUES (?, 'Administrator', NOW(6), NOW(6))");
        execute(site, &sql, &[&name]).await;
    } else if document(site, doctype, &name).await["modified"] != doc["modified"] {
        let sentence = "Error: Document has been modified after you have opened it. Please refresh to get the latest document.";
        return Err(refusal(StatusCode::EXPECTATION_FAILED, "TimestampMismatchError", sentence));
    }
    let columns = texts(site, &format!("SHOW COLUMNS FROM `tab{doctype}`"), &[]).await;
    let own = |field: &String| columns.contains(field) && !["name", "modified", "creation"].contains(&field.as_str());
    for (field, value) in scalars(&doc).iter().filter(|(field, _)| own(field)) {
        let sql = format!("UPDATE `tab{doctype}` SET `{field}` = ? WHERE name = ?");
        execute(site, &sql, &[value, &name]).await;
    }
    let sql = format!("UPDATE `tab{doctype}` SET modified = NOW(6) WHERE name = ?");
    execute(site, &sql, &[&name]).await;
    Ok(document(site, doctype, &name).await)
}

/// Plain values of a document; nothing stays as it is.
fn scalars(doc: &Map<String, Value>) -> Vec<(String, String)> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(i32::from(*flag).to_string()),
        _ => None,
    };
    let fields = doc.iter().filter(|(field, _)| !field.starts_with('_'));
    fields
        .filter_map(|(field, value)| Some((field.clone(), text(value)?)))
        .collect()
}

async fn execute(site: &Site, sql: &str, values: &[&str]) {
    let params: Vec<Sql> = values.iter().map(|value| Sql::from(*value)).collect();
    let mut conn = site.db().conn().await.expect("a connection");
    conn.exec("saving for the bench", sql, params).await.expect("saved");
}
