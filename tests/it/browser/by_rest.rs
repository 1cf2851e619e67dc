//! Installations of the App and links of Projects by Frappe's own REST, on a real desk: the desk for tests has no Frappe behind it.

use serde_json::{Value, json};

use super::chromium::Sheet;
use super::real::RealDesk;

/// What Frappe answers to `verb` at `path` below `/api/resource`, as somebody who is logged in: status and data.
pub(super) async fn rest(sheet: &Sheet, verb: &str, path: &str, body: Value) -> (u64, Value) {
    let body = if body.is_null() {
        "undefined".to_owned()
    } else {
        json!(body.to_string()).to_string()
    };
    let asked = format!(
        "fetch({path}, {{method: '{verb}', body: {body}, headers: {{'Content-Type': 'application/json', 'Accept': 'application/json', \
         'X-Frappe-CSRF-Token': frappe.csrf_token}}}}).then(async (got) => [got.status, (await got.json()).data])",
        path = json!(format!("/api/resource/{path}")),
    );
    let mut answer = sheet.eval(&asked).await;
    (answer[0].as_u64().unwrap_or_default(), answer[1].take())
}

/// Makes a document, shows it, finds it in the list, and deletes it.
pub(super) async fn lives(sheet: &Sheet, doctype: &str, values: Value) {
    let (status, made) = rest(sheet, "POST", doctype, values).await;
    assert_eq!(status, 200, "{doctype}: {made}");
    let name = made["name"].as_str().expect("a name").to_owned();
    let path = format!("{doctype}/{}", name.replace('/', "%2F"));
    let (status, shown) = rest(sheet, "GET", &path, Value::Null).await;
    assert_eq!((status, &shown["name"]), (200, &made["name"]), "{doctype}");
    let (_, index) = rest(sheet, "GET", &format!("{doctype}?limit_page_length=0"), Value::Null).await;
    assert!(index.to_string().contains(&name), "{doctype}: {index}");
    let (status, _) = rest(sheet, "DELETE", &path, Value::Null).await;
    assert!(status < 300, "{doctype}: {status}");
    let (status, _) = rest(sheet, "GET", &path, Value::Null).await;
    assert_eq!(status, 404, "{doctype}");
}

#[tokio::test]
async fn g0_20_installations_and_links_are_served_by_rest() {
    let Some(desk) = RealDesk::named("g0_20_installations_and_links_are_served_by_rest").await else {
        return;
    };
    let sheet = desk.sheet().await;
    sheet.list("Project").await;
    lives(&sheet, "GitHub App Installation", json!({})).await;
    // GitHub alone says what an installation is: a user's word of it counts for nothing where he is no admin, and his name is his.
    let (_, made) = rest(&sheet, "POST", "GitHub App Installation", json!({"owner": "Guest"})).await;
    assert_ne!(made["owner"], "Guest");
    let name = made["name"].as_str().expect("a name");
    rest(&sheet, "DELETE", &format!("GitHub App Installation/{name}"), Value::Null).await;
    let project = json!({"project_name": format!("By REST {name}")});
    let (status, project) = rest(&sheet, "POST", "Project", project).await;
    assert_eq!(status, 200, "{project}");
    let link = json!({"project": project["name"], "repository": desk.repository()});
    lives(&sheet, "GitHub Project Repository", link).await;
    let repository = json!({"full_name": format!("by-rest/{name}"), "enabled": 0});
    lives(&sheet, "Repository", repository).await;
    let path = format!("Project/{}", project["name"].as_str().unwrap_or_default());
    let (status, answer) = rest(&sheet, "DELETE", &path, Value::Null).await;
    assert_eq!(status, 202, "{answer}");
    sheet.close().await;
}
