//! A Repository that somebody makes by hand, on Frappe's own form.

use serde_json::json;

use super::stage::Stage;

#[tokio::test]
async fn g2_3_a_malformed_name_is_refused_before_it_is_saved_and_an_address_is_taken_apart() {
    let stage = Stage::new().await;
    let sheet = stage.form("admin@x.com", "Repository", "new").await;
    for name in ["no slash", "/web", "octo/", "octo/web/issues"] {
        sheet.set(json!({"full_name": name})).await;
        assert_eq!(sheet.save().await["dirty"], json!(true), "{name}");
        sheet.until("Full Name must be the owner and the name as on GitHub").await;
        sheet.dismiss().await;
    }
    let all = "SELECT GROUP_CONCAT(name ORDER BY name) FROM tabRepository";
    assert_eq!(stage.value(all).await, "octo/secret,octo/web");
    sheet.set(json!({"full_name": "https://github.com/octo/api.git"})).await;
    for (field, value) in [("full_name", "octo/api"), ("repo_owner", "octo"), ("repo_name", "api")] {
        assert_eq!(sheet.value(field).await, json!(value), "{field}");
    }
    sheet.close().await;
    stage.finish().await;
}
