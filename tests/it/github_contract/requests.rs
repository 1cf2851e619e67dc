//! Checks of recorded requests: does GitHub have what was asked for?

use erpnext_github::sim::github::RecordedRequest;

use super::graphql_schema::check_document;
use super::openapi::OpenApi;

/// What GitHub does not have of what was asked for: an unknown path, parameter or member of a body, or a document that its schema refuses.
///
/// A test of the product ends with `assert_eq!(wrong_requests(&fake.requests()), Vec::<String>::new())`.
pub(crate) fn wrong_requests(requests: &[RecordedRequest]) -> Vec<String> {
    let check = |request: &RecordedRequest| match &request.operation {
        Some(operation) => check_document(&operation.query),
        None if request.path == "/graphql" => Err("a GraphQL request without an operation".to_owned()),
        None => {
            let (api, body) = (OpenApi::get(), request.body.as_deref().unwrap_or_default());
            api.check_request(&request.method, &request.path, &request.query)
                .and_then(|()| api.check_body(&request.method, &request.path, body))
        }
    };
    let asked = requests.iter().filter(|request| !request.is_page());
    asked.filter_map(|request| check(request).err()).collect()
}

#[test]
fn requests_that_exist_pass_and_others_are_named() {
    let check = |target: &str| {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        OpenApi::get().check_request("GET", path, query)
    };
    for right in [
        "/user",
        "/repos/acme/web/issues?state=all&sort=updated&direction=asc&per_page=100&since=2026-01-01T00:00:00Z",
        "/repositories/7/issues?state=all&after=xyz&page=2",
        "/organizations/7/repos?page=2",
        "/repos/acme/web/collaborators?affiliation=all&page=1",
        "/rate_limit",
    ] {
        assert_eq!(check(right), Ok(()), "{right}");
    }
    for (wrong, why) in [
        ("/user?shoe_size=44", "has no parameter `shoe_size`"),
        (
            "/repos/acme/web/issues?state=merged",
            "`state=merged` is none of the allowed values",
        ),
        ("/repos/acme/web/issues?since=yesterday", "is no moment"),
        ("/repos/acme/web/branches?per_page=many", "is no whole number"),
        ("/repos/acme/web/shoes", "GitHub describes no GET /repos/acme/web/shoes"),
    ] {
        let error = check(wrong).expect_err(wrong);
        assert!(error.contains(why), "{error}");
    }
    assert!(OpenApi::get().check_request("POST", "/user", "").is_err());
}

#[test]
fn bodies_that_exist_pass_and_others_are_named() {
    let check = |method: &str, path: &str, body: &str| OpenApi::get().check_body(method, path, body);
    let issues = "/repos/acme/web/issues";
    assert_eq!(
        check("POST", issues, r#"{"title":"A","labels":["bug"],"assignees":[]}"#),
        Ok(())
    );
    assert_eq!(check("PUT", "/repos/acme/web/collaborators/ada-l", ""), Ok(()));
    assert_eq!(check("GET", issues, ""), Ok(()));
    for (method, path, body, why) in [
        ("POST", issues, r#"{"title":"A","shoe_size":44}"#, "shoe_size"),
        ("POST", issues, r#"{"title":"A","labels":"bug"}"#, "/labels"),
        ("POST", issues, r#"{"body":"A"}"#, "title"),
        ("POST", issues, "", "needs a body"),
        ("GET", issues, "{}", "takes no body"),
    ] {
        let error = check(method, path, body).expect_err(body);
        assert!(error.contains(why), "{error}");
    }
}
