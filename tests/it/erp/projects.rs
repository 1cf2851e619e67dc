//! `create_project_from_repository`.

use serde_json::json;

use super::{CREATE_PROJECT, company_with_bench, text};

const SECRET: (&str, &str) = ("repo_full_name", "octo/secret");

#[tokio::test]
async fn f33_a_project_is_made_with_the_callers_company_and_both_links() {
    let (mirror, desk, _bench) = company_with_bench().await;
    let answer = desk.post("Administrator", CREATE_PROJECT, &[SECRET]).await;
    let message = answer.message();
    assert_eq!(
        (&message["success"], text(message, "project_name"), text(message, "company")),
        (&json!(true), "secret Project", "Example"),
        "{message}"
    );
    let name = text(message, "project");
    let sql = format!("SELECT repository, company, owner, status FROM tabProject WHERE name = '{name}'");
    let row = mirror.erp.query(&sql).await.remove(0);
    let row: Vec<&str> = row.iter().map(|value| value.as_deref().unwrap_or_default()).collect();
    assert_eq!(row, ["octo/secret", "Example", "Administrator", "Open"]);
    let linked = mirror
        .erp
        .value("SELECT project FROM tabRepository WHERE name = 'octo/secret'")
        .await;
    assert_eq!(linked, name);
    let again = desk.post("Administrator", CREATE_PROJECT, &[SECRET]).await;
    assert_eq!(again.message()["success"], false);
    assert!(
        text(again.message(), "error").starts_with("A project is already linked to this repository"),
        "{again:?}"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn g2_4_a_taken_name_gets_the_repositorys_full_name() {
    let (mirror, desk, _bench) = company_with_bench().await;
    let erp = mirror.erp.erp();
    erp.add_project("TRY-3", "SECRET project").await.expect("a project");
    let answer = desk.post("Administrator", CREATE_PROJECT, &[SECRET]).await;
    assert_eq!(text(answer.message(), "project_name"), "octo/secret", "{answer:?}");
    let name = text(answer.message(), "project").to_owned();
    erp.set("Repository", "octo/secret", "project", "").await.expect("set");
    erp.set("Project", &name, "repository", "").await.expect("set");
    let both = desk.post("Administrator", CREATE_PROJECT, &[SECRET]).await;
    assert_eq!(both.message()["success"], false, "{both:?}");
    assert!(text(both.message(), "error").contains("project_name"), "{both:?}");
    mirror.finish().await;
}

#[tokio::test]
async fn whoever_has_no_default_company_is_asked_for_one() {
    let (mirror, desk, _bench) = company_with_bench().await;
    mirror
        .erp
        .scratch()
        .execute(
            "DELETE FROM tabDefaultValue WHERE defkey = 'company'; \
             DELETE FROM tabSingles WHERE doctype = 'Global Defaults' AND field = 'default_company'",
        )
        .await
        .expect("deleted");
    let asked = desk.post("Administrator", CREATE_PROJECT, &[SECRET]).await;
    let message = asked.message();
    assert_eq!(
        (&message["success"], &message["needs"]),
        (&json!(false), &json!(["company"])),
        "{message}"
    );
    let erp = mirror.erp.erp();
    let own = [("defkey", "company"), ("defvalue", "Own Ltd")];
    erp.add_child("DefaultValue", ("User", "Administrator", "defaults"), &own)
        .await
        .expect("a default");
    let answer = desk
        .post("Administrator", CREATE_PROJECT, &[SECRET, ("company", "Named Ltd")])
        .await;
    assert_eq!(
        text(answer.message(), "company"),
        "Named Ltd",
        "what is said goes over the default"
    );
    let other = [("repo_full_name", "octo/secret"), ("project_name", "x")];
    mirror
        .erp
        .scratch()
        .execute("DELETE FROM tabProject WHERE repository = 'octo/secret'; UPDATE tabRepository SET project = NULL WHERE name = 'octo/secret'")
        .await
        .expect("deleted");
    let answer = desk.post("Administrator", CREATE_PROJECT, &other).await;
    assert_eq!(
        (text(answer.message(), "company"), text(answer.message(), "project_name")),
        ("Own Ltd", "x"),
        "{answer:?}"
    );
    mirror.finish().await;
}
