//! An ordinary user before a real Frappe: he reads some Repositories, by the role and User Permissions that we give, and nothing of any other one. The
//! desk for tests has no Frappe behind it; what can be said of the rows of permission alone is in `setup/permissions.rs`.

use serde_json::{Value, json};

use super::by_rest::{lives, rest};
use super::chromium::Sheet;
use super::real::RealDesk;

const NOTHING: Value = Value::Null;

/// Child rows and whose they are.
const CHILDREN: [(&str, &str); 6] = [
    ("Repository Branch", "Repository"),
    ("Repository Member", "Repository"),
    ("Repository Issue Assignee", "Repository Issue"),
    ("Repository PR Assignee", "Repository Pull Request"),
    ("Repository PR Reviewer", "Repository Pull Request"),
    ("Repository Release Asset", "Repository Release"),
];
/// What hangs on a Repository by a Link.
const PARTS: [&str; 9] = [
    "Repository Issue",
    "Repository Pull Request",
    "Repository Label",
    "Repository Milestone",
    "Repository Release",
    "Repository Comment",
    "Repository Review",
    "Repository Commit",
    "GitHub Project Repository",
];

/// What a method of Frappe answers: status and `message`.
pub(super) async fn method(sheet: &Sheet, method: &str, arguments: Value) -> (u64, Value) {
    let asked = format!(
        "fetch('/api/method/{method}', {{method: 'POST', body: {}, headers: {{'Content-Type': 'application/json', 'Accept': 'application/json', \
         'X-Frappe-CSRF-Token': frappe.csrf_token}}}}).then(async (got) => [got.status, (await got.json()).message])",
        json!(arguments.to_string()),
    );
    let mut answer = sheet.eval(&asked).await;
    (answer[0].as_u64().unwrap_or_default(), answer[1].take())
}

/// The rows of an answer that must be one; `message` has keys and values where it is the desk's own list.
fn rows((status, answer): (u64, Value), what: &str) -> Vec<Value> {
    assert_eq!(status, 200, "{what}: {answer}");
    let list = answer.get("values").unwrap_or(&answer);
    list.as_array().cloned().unwrap_or_default()
}

/// A title that no Project has.
async fn fresh(sheet: &Sheet) -> String {
    let letters = sheet.eval("frappe.utils.get_random(10)").await;
    format!("Tried by REST {}", letters.as_str().expect("letters"))
}

fn escaped(name: &str) -> String {
    name.replace('/', "%2F").replace('#', "%23").replace(' ', "%20")
}

/// Everything about `hidden` that an ordinary user can ask Frappe for.
async fn hears_nothing(reader: &Sheet, admin: &Sheet, hidden: &str) {
    let (status, _) = rest(reader, "GET", &format!("Repository/{}", escaped(hidden)), NOTHING).await;
    assert_eq!(status, 403);
    let (_, all) = rest(reader, "GET", "Repository?limit_page_length=0", NOTHING).await;
    let names = all.to_string();
    assert!(names.len() > 4 && !names.contains(hidden), "{names}");
    for doctype in PARTS {
        let filters = json!([["repository", "=", hidden]]);
        let asked = json!({"doctype": doctype, "filters": filters, "fields": ["*"], "limit_page_length": 5});
        let found = rows(method(reader, "frappe.client.get_list", asked.clone()).await, doctype);
        assert_eq!(found, Vec::<Value>::new(), "{doctype}");
        let counted = method(
            reader,
            "frappe.client.get_count",
            json!({"doctype": doctype, "filters": filters}),
        )
        .await;
        assert_eq!(counted, (200, json!(0)), "{doctype}");
        for one in rows(method(admin, "frappe.client.get_list", asked).await, doctype)
            .iter()
            .take(1)
        {
            let path = format!("{doctype}/{}", escaped(one["name"].as_str().expect("a name")));
            let (status, _) = rest(reader, "GET", &path, NOTHING).await;
            assert_eq!(status, 403, "{path}");
        }
    }
    let asked = json!({"doctype": "Repository", "txt": hidden});
    let (status, found) = method(reader, "frappe.desk.search.search_link", asked).await;
    assert!(status == 200 && !found.to_string().contains(hidden), "{status} {found}");
}

#[tokio::test]
async fn a_reader_hears_nothing_of_other_repositories_by_any_door_of_frappe() {
    const NAME: &str = "a_reader_hears_nothing_of_other_repositories_by_any_door_of_frappe";
    let Some(desk) = RealDesk::named(NAME).await else { return };
    let Some(reader) = desk.reader(NAME).await else { return };
    let admin = desk.sheet().await;
    for sheet in [&reader, &admin] {
        sheet.list("Repository").await;
    }
    hears_nothing(&reader, &admin, desk.repository()).await;
    reader.close().await;
    admin.close().await;
}

/// Whoever may read the document has them with it, or by our method, and sees them in its form.
async fn forms_have_them(reader: &Sheet, admin: &Sheet, hidden: &str) {
    let filled = |rows: &Value| rows.as_array().is_some_and(|rows| !rows.is_empty());
    let (_, whole) = rest(admin, "GET", &format!("Repository/{}", escaped(hidden)), NOTHING).await;
    assert!(filled(&whole["branches_table"]), "{whole}");
    let arguments = json!({"repository": hidden, "doctype": "Repository", "name": hidden});
    let (status, _) = method(reader, "erpnext_github_integration.desk.child_rows", arguments.clone()).await;
    assert_eq!(status, 403);
    let (_, shown) = method(admin, "erpnext_github_integration.desk.child_rows", arguments).await;
    assert!(filled(&shown["branches_table"]), "{shown}");
}

/// What hangs on documents of `hidden`, by name.
async fn parents_of(admin: &Sheet, parent: &str, hidden: &str) -> Vec<Value> {
    let column = if parent == "Repository" { "name" } else { "repository" };
    let filters = json!([[column, "=", hidden]]);
    let (_, found) = rest(
        admin,
        "GET",
        &format!("{parent}?limit_page_length=0&filters={filters}"),
        NOTHING,
    )
    .await;
    let found = found.as_array().expect("a list").iter();
    found.map(|one| one["name"].clone()).collect()
}

#[tokio::test]
async fn child_rows_of_other_repositories_are_listed_to_nobody_who_may_not_read_them() {
    const NAME: &str = "child_rows_of_other_repositories_are_listed_to_nobody_who_may_not_read_them";
    let Some(desk) = RealDesk::named(NAME).await else { return };
    let Some(reader) = desk.reader(NAME).await else { return };
    let (admin, hidden) = (desk.sheet().await, desk.repository());
    for sheet in [&reader, &admin] {
        sheet.list("Repository").await;
    }
    let (mut seen, mut forbidden) = (0, 0);
    for (child, parent) in CHILDREN {
        let of = parents_of(&admin, parent, hidden).await;
        let asked = json!({"doctype": child, "parent": parent, "fields": ["*"], "limit_page_length": 0});
        let to_admin = rows(method(&admin, "frappe.client.get_list", asked.clone()).await, child);
        let secret: Vec<&Value> = to_admin.iter().filter(|row| of.contains(&row["parent"])).collect();
        seen += secret.len();
        let by_rest = format!("{child}?parent={parent}&fields=[\"*\"]&limit_page_length=0");
        for answer in [
            method(&reader, "frappe.client.get_list", asked).await,
            rest(&reader, "GET", &by_rest, NOTHING).await,
        ] {
            let told = rows(answer, child);
            assert!(!told.iter().any(|row| of.contains(&row["parent"])), "{child}: {told:?}");
        }
        for row in secret.iter().take(1) {
            let (status, _) = rest(
                &reader,
                "GET",
                &format!("{child}/{}", row["name"].as_str().expect("a name")),
                NOTHING,
            )
            .await;
            assert_eq!(status, 403, "{child}");
            forbidden += 1;
        }
        // Frappe takes filters, too: by them one row after the other could be had.
        let found = json!({"doctype": child, "parent": parent, "filters": {"name": [">", ""]}});
        let (status, told) = method(&reader, "frappe.client.get", found.clone()).await;
        assert!(secret.is_empty() || status == 403, "{child}: {status} {told}");
        let (status, told) = method(&admin, "frappe.client.get", found).await;
        assert!(secret.is_empty() || status == 200, "{child}: {status} {told}");
        // A report of parents that shows a column of their rows: Frappe asks what he may read of the parents.
        let table = if parent == "Repository" { "name" } else { "repository" };
        let report = json!({
            "doctype": parent, "view": "Report", "start": 0, "page_length": 500,
            "fields": [format!("`tab{parent}`.`{table}`"), format!("`tab{child}`.`name` as `{child}:name`")],
        });
        let told = rows(method(&reader, "frappe.desk.reportview.get", report.clone()).await, child);
        assert!(!json!(told).to_string().contains(hidden), "{child}: {told:?}");
        let told = rows(method(&admin, "frappe.desk.reportview.get", report).await, child);
        assert!(
            secret.is_empty() || json!(told).to_string().contains(hidden),
            "{child}: {told:?}"
        );
    }
    assert!(
        seen > 0 && forbidden > 0,
        "{hidden} has no child rows: nothing was shown by this"
    );
    forms_have_them(&reader, &admin, hidden).await;
    reader.close().await;
    admin.close().await;
}

#[tokio::test]
async fn g0_20_a_reader_has_installations_of_his_own_and_keeps_no_project() {
    const NAME: &str = "g0_20_a_reader_has_installations_of_his_own_and_keeps_no_project";
    let Some(desk) = RealDesk::named(NAME).await else { return };
    let Some(reader) = desk.reader(NAME).await else { return };
    let admin = desk.sheet().await;
    for sheet in [&reader, &admin] {
        sheet.list("Repository").await;
    }
    lives(&reader, "GitHub App Installation", json!({})).await;
    let (status, theirs) = rest(&admin, "POST", "GitHub App Installation", json!({})).await;
    assert_eq!(status, 200, "{theirs}");
    let theirs = format!("GitHub App Installation/{}", theirs["name"].as_str().expect("a name"));
    for (verb, body) in [
        ("GET", NOTHING),
        ("PUT", json!({"originating_project": "X"})),
        ("DELETE", NOTHING),
    ] {
        let (status, _) = rest(&reader, verb, &theirs, body).await;
        assert!(status == 403 || status == 404, "{verb}: {status}");
    }
    let (_, index) = rest(&reader, "GET", "GitHub App Installation?limit_page_length=0", NOTHING).await;
    assert!(
        !index.to_string().contains(theirs.rsplit('/').next().unwrap_or_default()),
        "{index}"
    );
    let counted = method(
        &reader,
        "frappe.client.get_count",
        json!({"doctype": "GitHub App Installation"}),
    )
    .await;
    assert_eq!(counted, (200, json!(index.as_array().map_or(0, Vec::len))));
    rest(&admin, "DELETE", &theirs, NOTHING).await;
    // A Project that somebody names is no secret to find out, and nothing that it hangs on.
    let title = json!({"project_name": fresh(&admin).await});
    let (_, project) = rest(&admin, "POST", "Project", title).await;
    let project = project["name"].as_str().expect("a Project").to_owned();
    for name in [project.as_str(), "There is none of this name"] {
        let (status, made) = rest(
            &reader,
            "POST",
            "GitHub App Installation",
            json!({"originating_project": name}),
        )
        .await;
        assert_eq!(status, 200, "{name}: {made}");
        let made = format!("GitHub App Installation/{}", made["name"].as_str().expect("a name"));
        // What he owns he does not rewrite.
        let (status, _) = rest(&reader, "PUT", &made, json!({"originating_project": "X"})).await;
        assert_eq!(status, 403);
        if name == project {
            let (status, answer) = rest(&admin, "DELETE", &format!("Project/{project}"), NOTHING).await;
            assert_eq!(status, 202, "{answer}");
        }
        let (status, _) = rest(&reader, "DELETE", &made, NOTHING).await;
        assert_eq!(status, 202);
    }
    reader.close().await;
    admin.close().await;
}

#[tokio::test]
async fn g0_20_a_reader_is_shown_repositories_and_neither_makes_them_nor_sees_who_else_follows() {
    const NAME: &str = "g0_20_a_reader_is_shown_repositories_and_neither_makes_them_nor_sees_who_else_follows";
    let Some(desk) = RealDesk::named(NAME).await else { return };
    let Some(reader) = desk.reader(NAME).await else { return };
    let admin = desk.sheet().await;
    for sheet in [&reader, &admin] {
        sheet.list("Repository").await;
    }
    let (_, index) = rest(&reader, "GET", "Repository", NOTHING).await;
    let his = index[0]["name"].as_str().expect("he reads one").to_owned();
    let path = format!("Repository/{}", escaped(&his));
    let (status, shown) = rest(&reader, "GET", &path, NOTHING).await;
    assert_eq!((status, &shown["name"]), (200, &json!(his)));
    for (verb, path, body) in [
        ("POST", "Repository", json!({"full_name": "by-rest/not-his", "enabled": 0})),
        ("PUT", &path, json!({"enabled": 0})),
        ("DELETE", &path, NOTHING),
        (
            "POST",
            "GitHub Project Repository",
            json!({"project": "X", "repository": his}),
        ),
    ] {
        let (status, _) = rest(&reader, verb, path, body).await;
        assert_eq!(status, 403, "{verb} {path}");
    }
    // A Project of others follows what he reads: he learns nothing of it, whichever way he asks.
    let title = json!({"project_name": fresh(&admin).await});
    let (status, project) = rest(&admin, "POST", "Project", title).await;
    assert_eq!(status, 200, "{project}");
    let project = project["name"].as_str().expect("a Project").to_owned();
    let link = json!({"project": project, "repository": his});
    let (status, link) = rest(&admin, "POST", "GitHub Project Repository", link).await;
    assert_eq!(status, 200, "{link}");
    let link = format!("GitHub Project Repository/{}", link["name"].as_str().expect("a name"));
    let (status, _) = rest(&reader, "GET", &link, NOTHING).await;
    assert_eq!(status, 403);
    for filters in [
        json!([["repository", "=", his]]),
        json!([["project", "like", format!("{project}%")]]),
    ] {
        let asked = json!({"doctype": "GitHub Project Repository", "filters": filters, "fields": ["*"]});
        let told = rows(method(&reader, "frappe.client.get_list", asked).await, "connections");
        assert!(!json!(told).to_string().contains(&project), "{told:?}");
    }
    for path in [link, format!("Project/{project}")] {
        let (status, answer) = rest(&admin, "DELETE", &path, NOTHING).await;
        assert_eq!(status, 202, "{path}: {answer}");
    }
    reader.close().await;
    admin.close().await;
}
