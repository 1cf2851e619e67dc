//! G1 17: the repositories to which a report is narrowed by a Project.

use erpnext_github::store::readers;
use serde_json::json;

use super::company;

const SCOPE: &str = "erpnext_github_integration.desk.project_scope";

#[tokio::test]
async fn g1_17_which_repositories_a_project_has_is_told_to_its_own_people_and_to_nobody_else() {
    let (mirror, desk) = company().await;
    let erp = mirror.erp.erp();
    readers::settle(mirror.site()).await.expect("settled");
    let scope = async |user: &str, project: &str| {
        let answer = desk.get(user, SCOPE, &[("project", project)]).await;
        answer.message()["repositories"].clone()
    };
    let none = json!([]);
    for (user, told) in [
        ("Administrator", &json!(["octo/web"])),
        ("admin@x.com", &json!(["octo/web"])),
        ("system@x.com", &json!(["octo/web"])),
        ("manager@x.com", &json!(["octo/web"])),
        // He reads the repository, and has nothing to do with the Project.
        ("member@x.com", &none),
        // He reads Projects, as everybody who has ERPNext's role.
        ("desk@x.com", &none),
    ] {
        assert_eq!(&scope(user, "TRY-1").await, told, "{user}");
        assert_eq!(
            scope(user, "NO-SUCH").await,
            none,
            "{user}: one that is not there looks the same"
        );
    }
    erp.add_child("Project User", ("Project", "TRY-1", "users"), &[("user", "member@x.com")])
        .await
        .expect("one of its users");
    assert_eq!(scope("member@x.com", "TRY-1").await, json!(["octo/web"]));
    // Of what it is connected with he is told what he reads.
    let second = [("project", "TRY-1"), ("repository", "octo/secret")];
    erp.insert("GitHub Project Repository", "second", &second)
        .await
        .expect("a connection");
    let all = json!(["octo/secret", "octo/web"]);
    let mut told = scope("admin@x.com", "TRY-1").await;
    told.as_array_mut().expect("a list").sort_by_key(ToString::to_string);
    assert_eq!(told, all);
    erp.set("Project", "TRY-1", "owner", "desk@x.com").await.expect("set");
    assert_eq!(scope("desk@x.com", "TRY-1").await, none, "he reads none of them yet");
    mirror.finish().await;
}
