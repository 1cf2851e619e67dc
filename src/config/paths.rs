//! Which paths of a site's address are ours: what nginx passes on, what `serve --proxy` keeps, what `doctor` asks.

/// The methods, as the desk calls them, and GitHub's webhook, which is one of them.
pub const METHODS: &str = "/api/method/erpnext_github_integration.";
/// The same under the path of Frappe's first numbered API (version 15 and later).
pub const METHODS_V1: &str = "/api/v1/method/erpnext_github_integration.";
/// Pages that GitHub sends people back to.
pub const INTEGRATIONS: &str = "/integrations/github/";
/// The same as people type it. nginx sends them to the one with the slash by itself.
pub const INTEGRATIONS_TYPED: &str = "/integrations/github";

/// What a proxy in front passes on to us, each the beginning of a path.
pub const PASSED_ON: [&str; 3] = [METHODS, METHODS_V1, INTEGRATIONS];

/// What is for this machine alone, and passed on by nobody.
const OF_THE_MACHINE: [&str; 3] = ["/healthz", "/readyz", "/metrics"];
/// What the bench's workers tell us, signed.
const INTERNAL: &str = "/internal/";

/// What `doctor` asks to learn whether an address leads to us.
pub const DOCTOR: &str = "/api/method/erpnext_github_integration.doctor";
/// Where GitHub delivers.
pub const WEBHOOK: &str = "/api/method/erpnext_github_integration.webhooks.github_webhook";
/// The same under the path of Frappe's first numbered API.
pub const WEBHOOK_V1: &str = "/api/v1/method/erpnext_github_integration.webhooks.github_webhook";

/// True for a path that tells of the process, and is for this machine and trusted proxies alone.
#[must_use]
pub fn is_of_the_machine(path: &str) -> bool {
    OF_THE_MACHINE.contains(&path)
}

/// True for a path that is answered here, not by the bench.
#[must_use]
pub fn is_ours(path: &str) -> bool {
    OF_THE_MACHINE.contains(&path)
        || path == INTEGRATIONS_TYPED
        || path.starts_with(INTERNAL)
        || PASSED_ON.iter().any(|ours| path.starts_with(ours))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_is_what_begins_as_ours() {
        for path in [
            DOCTOR,
            WEBHOOK,
            "/api/v1/method/erpnext_github_integration.api.x",
            "/healthz",
            "/internal/doc-event/a",
            "/integrations/github",
            "/integrations/github/",
            "/integrations/github/callback",
        ] {
            assert!(is_ours(path), "{path}");
        }
        for path in [
            "/",
            "/app",
            "/api/method/frappe.ping",
            "/api/method/erpnext_github_integrations",
            "/healthz/x",
            "/integrations/githubs",
        ] {
            assert!(!is_ours(path), "{path}");
        }
    }
}
