//! The rows that a small site begins with.

mod meta;
mod rows;

use rows::Rows;

use super::{FrappeMajor, SiteError, SiteOptions};

/// The company that the site's defaults name.
const COMPANY: &str = "Example";

/// Statements that fill the tables of a new site.
pub(super) fn sql(major: FrappeMajor, options: &SiteOptions) -> Result<String, SiteError> {
    let mut rows = Rows::new(major)?;
    meta::add(&mut rows);
    apps(&mut rows, major);
    settings(&mut rows, options);
    people(&mut rows);
    work(&mut rows);
    rows.sql()
}

fn apps(rows: &mut Rows, major: FrappeMajor) {
    default_value(rows, "__global", "installed_apps", r#"["frappe", "erpnext"]"#);
    for (name, version) in [("frappe", major.frappe_release()), ("erpnext", major.erpnext_release())] {
        rows.child(
            "Installed Application",
            ("Installed Applications", "Installed Applications", "installed_applications"),
            &[
                ("app_name", name),
                ("app_version", version),
                ("git_branch", "UNVERSIONED"),
                ("has_setup_wizard", "1"),
                ("is_setup_complete", "1"),
            ],
        );
    }
    for patch in ["frappe.patches.v14_0.example", "execute:example"] {
        rows.hashed("Patch Log", &[("patch", patch)]);
    }
}

fn settings(rows: &mut Rows, options: &SiteOptions) {
    let values = [
        ("time_zone", options.time_zone.as_str()),
        ("session_expiry", "170:00"),
        ("language", "en"),
        ("country", "United States"),
        ("date_format", "yyyy-mm-dd"),
        ("time_format", "HH:mm:ss"),
        ("number_format", "#,###.##"),
        ("first_day_of_the_week", "Sunday"),
        ("allow_error_traceback", "1"),
        ("enable_scheduler", "1"),
        ("apply_strict_user_permissions", "0"),
        ("disable_document_sharing", "0"),
        ("setup_complete", "1"),
    ];
    rows.single("System Settings", &values);
    // Frappe mirrors these as defaults of the whole site.
    for (field, value) in values {
        default_value(rows, "__default", field, value);
    }
    default_value(rows, "__default", "company", COMPANY);
    rows.single(
        "Global Defaults",
        &[("default_company", COMPANY), ("default_currency", "USD")],
    );
}

fn default_value(rows: &mut Rows, parent: &str, key: &str, value: &str) {
    rows.child(
        "DefaultValue",
        ("__default", parent, "system_defaults"),
        &[("defkey", key), ("defvalue", value)],
    );
}

/// Roles as a fresh site has them, as far as we meet them: name, and whether it opens the desk.
const ROLES: [(&str, &str); 10] = [
    ("Administrator", "1"),
    ("All", "1"),
    ("Desk User", "1"),
    ("Employee", "1"),
    ("Guest", "0"),
    ("Projects Manager", "1"),
    ("Projects User", "1"),
    ("Support Team", "1"),
    ("System Manager", "1"),
    ("Workspace Manager", "1"),
];

/// Name, first name, last name, e-mail, kind, roles.
type Person = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
);

const PEOPLE: [Person; 4] = [
    (
        "Administrator",
        "Administrator",
        "",
        "admin@example.com",
        "System User",
        &["System Manager", "Workspace Manager", "Projects Manager", "Projects User"],
    ),
    ("Guest", "Guest", "", "guest@example.com", "Website User", &["Guest"]),
    (
        "jane@example.com",
        "Jane",
        "Doe",
        "jane@example.com",
        "System User",
        &["System Manager", "Projects Manager", "Projects User"],
    ),
    (
        "bob@example.com",
        "Bob",
        "Roe",
        "bob@example.com",
        "System User",
        &["Projects User"],
    ),
];

fn people(rows: &mut Rows) {
    // Frappe has it from 15 on.
    let is_there = |role: &str| role != "Desk User" || rows.major() != FrappeMajor::V14;
    let roles: Vec<_> = ROLES.into_iter().filter(|(role, _)| is_there(role)).collect();
    for (role, desk) in roles {
        rows.named("Role", role, &[("role_name", role), ("desk_access", desk)]);
    }
    for (name, first, last, email, kind, roles) in PEOPLE {
        let full = format!("{first} {last}");
        rows.named(
            "User",
            name,
            &[
                ("email", email),
                ("first_name", first),
                ("last_name", last),
                ("full_name", full.trim()),
                ("username", &first.to_lowercase()),
                ("user_type", kind),
                ("language", "en"),
                ("send_welcome_email", "0"),
                ("onboarding_status", "{}"),
            ],
        );
        for role in roles {
            rows.child("Has Role", ("User", name, "roles"), &[("role", role)]);
        }
    }
}

/// A project with two tasks, as ERPNext would have made them: counters and the tasks' tree included.
fn work(rows: &mut Rows) {
    rows.named(
        "Project",
        "PROJ-0001",
        &[
            ("naming_series", "PROJ-.####"),
            ("project_name", "Website"),
            ("status", "Open"),
            ("is_active", "Yes"),
            ("priority", "Medium"),
            ("company", COMPANY),
        ],
    );
    rows.child(
        "Project User",
        ("Project", "PROJ-0001", "users"),
        &[
            ("user", "bob@example.com"),
            ("email", "bob@example.com"),
            ("full_name", "Bob Roe"),
            ("welcome_email_sent", "1"),
        ],
    );
    for (name, subject, left, right) in [
        ("TASK-2026-00001", "Draw the front page", "1", "2"),
        ("TASK-2026-00002", "Write the texts", "3", "4"),
    ] {
        rows.named(
            "Task",
            name,
            &[
                ("subject", subject),
                ("project", "PROJ-0001"),
                ("status", "Open"),
                ("priority", "Low"),
                ("company", COMPANY),
                ("lft", left),
                ("rgt", right),
            ],
        );
    }
    rows.bare("tabSeries", &[("name", "PROJ-"), ("current", "1")]);
    rows.bare("tabSeries", &[("name", "TASK-2026-"), ("current", "2")]);
    for state in ["Pending", "Approved", "Rejected"] {
        rows.named("Workflow State", state, &[("workflow_state_name", state)]);
    }
    for (name, is_home, is_attachments, folder) in [("Home", "1", "0", ""), ("Home/Attachments", "0", "1", "Home")] {
        rows.named(
            "File",
            name,
            &[
                ("file_name", name.rsplit('/').next().unwrap_or(name)),
                ("is_folder", "1"),
                ("is_home_folder", is_home),
                ("is_attachments_folder", is_attachments),
                ("folder", folder),
            ],
        );
    }
}
