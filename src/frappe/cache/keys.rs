//! Which of Frappe's cache entries belong to what, for every version at once.
//!
//! Version 14 keeps many things in Redis hashes, later versions in keys of their own (`doctype_meta::Project`). Dropping
//! both forms is harmless where one is absent, so that nobody needs to know the version. Read from `frappe/cache_manager.py`
//! of versions 14, 15 and 16.

/// Hashes with one field a DocType.
pub(super) const DOCTYPE_HASHES: [&str; 10] = [
    "doctype_meta",
    "doctype_form_meta",
    "last_modified",
    "linked_doctypes",
    "linked_doctypes_without_ignore_user_permissions_enabled",
    "workflow",
    "data_import_column_header_map",
    "notifications",
    "assignment_rule_map",
    "document_naming_rule_map",
];

/// Keys of the whole site that depend on which DocTypes there are and who may do what with them.
pub(super) const SITE_KEYS: [&str; 15] = [
    "bootinfo",
    "is_table",
    "doctype_modules",
    "db_tables",
    "domain_restricted_doctypes",
    "active_modules",
    "app_modules",
    "module_app",
    "installed_app_modules",
    "linked_doctypes",
    "metadata_version",
    "information_schema:counts",
    "webhooks",
    "server_script_map",
    "users_for_mentions",
];

/// Keys of one user that depend on which DocTypes there are and who may do what with them; they follow `user:<name>:`.
pub(super) const USER_DIGESTS: [&str; 4] = [
    "user_perm_can_read",
    "user_allowed_modules",
    "has_role:Page",
    "has_role:Report",
];

/// Hashes with one field a user.
pub(super) const USER_HASHES: [&str; 9] = [
    "bootinfo",
    "roles",
    "user_permissions",
    "user_doc",
    "home_page",
    "notification_config",
    "desktop_icons",
    "portal_menu_items",
    "defaults",
];

/// Keys that follow from System Settings.
pub(super) const SYSTEM_SETTINGS_KEYS: [&str; 3] = ["system_settings", "time_zone", "bootinfo"];

/// What a site-wide clearing leaves alone: sessions and list settings that the database does not have yet, queues, counters,
/// and what Frappe itself keeps (`persistent_cache_keys` of its hooks). A `*` at the end stands for anything.
const KEPT: [&str; 10] = [
    "session",
    "last_db_session_update",
    "_user_settings",
    "changelog-*",
    "insert_queue_for_*",
    "recorder-*",
    "global_search_queue",
    "monitor-transactions",
    "rate-limit-counter-*",
    "rl:*",
];

/// True for a key (without the site's prefix) that a site-wide clearing leaves alone.
pub(super) fn is_kept(key: &str) -> bool {
    KEPT.iter().any(|kept| match kept.strip_suffix('*') {
        Some(start) => key.starts_with(start),
        None => key == *kept,
    })
}

/// The text as a pattern of SCAN that matches just it.
pub(super) fn escape(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '*' | '?' | '[' | ']' | '^' | '-' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unflushed_state_is_kept() {
        for key in [
            "session",
            "_user_settings",
            "rl:api:1",
            "insert_queue_for_Version",
            "recorder-requests",
        ] {
            assert!(is_kept(key), "{key}");
        }
        for key in ["bootinfo", "sessions", "doctype_meta", "document_cache::Project::P-1", "rlx"] {
            assert!(!is_kept(key), "{key}");
        }
    }

    #[test]
    fn a_pattern_matches_itself_alone() {
        assert_eq!(escape("_1bd|user:a*b?[c]"), r"_1bd|user:a\*b\?\[c\]");
    }
}
