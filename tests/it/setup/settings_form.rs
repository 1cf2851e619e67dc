//! G2-1: what the settings form offers, as design section 7 lists it, in every version of Frappe.

use erpnext_github::sim::site::FrappeMajor;

use super::install;
use crate::support::TestSite;

/// Name, type, options or default (as far as they matter) of every field of the list.
const FIELDS: [(&str, &str, &str); 28] = [
    ("enabled", "Check", ""),
    ("auth_type", "Select", "Personal Access Token\nOAuth App\nGitHub App"),
    ("personal_access_token", "Password", ""),
    ("oauth_client_id", "Data", ""),
    ("oauth_client_secret", "Password", ""),
    ("app_id", "Data", ""),
    ("app_slug", "Data", ""),
    ("app_key_fingerprint", "Data", ""),
    ("app_client_id", "Data", ""),
    ("app_client_secret", "Password", ""),
    ("app_webhook_secret", "Password", ""),
    ("act_without_connection", "Check", ""),
    ("webhook_secret", "Password", ""),
    ("previous_webhook_secret", "Password", ""),
    ("previous_secret_until", "Datetime", ""),
    ("webhook_events", "Small Text", ""),
    ("public_url", "Data", ""),
    ("default_organization", "Data", ""),
    ("default_visibility", "Select", "Public\nPrivate\nInternal"),
    ("sync_interval_minutes", "Int", ""),
    ("reconciliation_period_minutes", "Int", ""),
    ("rate_limit_threshold", "Int", ""),
    ("event_retention_days", "Int", ""),
    ("run_retention_days", "Int", ""),
    ("commit_history_days", "Int", ""),
    ("reconciliation_budget_percent", "Int", ""),
    ("last_sync", "Datetime", ""),
    ("api_url", "Data", ""),
];

#[tokio::test]
async fn g2_1_the_settings_form_has_every_field_of_the_design_and_explains_it() {
    for major in [FrappeMajor::V14, FrappeMajor::V15, FrappeMajor::V16] {
        let test = TestSite::new(major).await;
        install(test.site()).await;
        for (field, fieldtype, options) in FIELDS {
            let sql = format!(
                "SELECT CONCAT_WS('|', fieldtype, IFNULL(options, ''), IFNULL(description, '') <> '') FROM tabDocField \
                 WHERE parent = 'GitHub Settings' AND fieldname = '{field}'"
            );
            assert_eq!(
                test.value(&sql).await,
                format!("{fieldtype}|{options}|1"),
                "{field} on {major:?}"
            );
        }
        // What the system sets is not typed in; an interval without a word of the administrator is an hour.
        let read_only = "SELECT GROUP_CONCAT(fieldname ORDER BY fieldname) FROM tabDocField WHERE parent = 'GitHub Settings' AND read_only = 1 \
                         AND fieldname <> 'status_line'";
        assert_eq!(test.value(read_only).await, "api_url,app_key_fingerprint,last_sync");
        let interval = "SELECT value FROM tabSingles WHERE doctype = 'GitHub Settings' AND field = 'sync_interval_minutes'";
        assert_eq!(test.value(interval).await, "60");
    }
}
