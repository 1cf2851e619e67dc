//! `desk.child_rows`: who reads a document sees what stands in its tables, and nobody else does.

use serde_json::{Value, json};

use super::company;

const METHOD: &str = "erpnext_github_integration.desk.child_rows";

#[tokio::test]
async fn whoever_reads_a_document_sees_its_rows_as_frappe_has_them() {
    let (mirror, desk) = company().await;
    mirror.sync("octo/web").await;
    let rows = async |user: &str, doctype: &str, name: &str| {
        let arguments = [("repository", "octo/web"), ("doctype", doctype), ("name", name)];
        desk.get(user, METHOD, &arguments).await
    };
    let fields = rows("member@x.com", "Repository", "octo/web").await;
    let fields = fields.message();
    for (field, table, column) in [
        ("branches_table", "tabRepository Branch", "branch_name"),
        ("members_table", "tabRepository Member", "github_username"),
    ] {
        let shown: Vec<&str> = fields[field]
            .as_array()
            .expect("rows")
            .iter()
            .filter_map(|row| row[column].as_str())
            .collect();
        let sql = format!("SELECT GROUP_CONCAT({column} ORDER BY idx) FROM `{table}` WHERE parent = 'octo/web'");
        assert_eq!(shown.join(","), mirror.erp.value(&sql).await, "{field}");
    }
    let member = &fields["members_table"][0];
    assert_eq!((&member["idx"], &member["repo_full_name"]), (&json!(1), &json!("octo/web")));
    assert!(member["can_push"].is_i64() && member["name"].is_string(), "{member}");
    let when = fields["branches_table"][0]["last_updated"].as_str().unwrap_or_default();
    assert!(when.is_empty() || when.len() == 19, "{when}");
    let issue = rows("member@x.com", "Repository Issue", "octo/web-#1").await;
    assert!(issue.message()["assignees_table"].is_array(), "{issue:?}");
    // Neither a document of another repository, nor a DocType that has no rows, nor one that is not ours.
    for (doctype, name) in [
        ("Repository", "octo/secret"),
        ("Repository Issue", "octo/secret-#1"),
        ("Repository Label", "x"),
        ("User", "Administrator"),
        ("User` WHERE 1 = 1 -- ", "x"),
    ] {
        let answer = rows("member@x.com", doctype, name).await;
        assert_eq!(answer.status, 404, "{doctype} {answer:?}");
    }
    let theirs = [
        ("repository", "octo/secret"),
        ("doctype", "Repository"),
        ("name", "octo/secret"),
    ];
    for (user, status) in [("desk@x.com", 403), ("member@x.com", 403), ("admin@x.com", 200)] {
        let answer = desk.get(user, METHOD, &theirs).await;
        assert_eq!(answer.status, status, "{user} {answer:?}");
        assert!(status == 200 || answer.body["message"] == Value::Null);
    }
    mirror.finish().await;
}
