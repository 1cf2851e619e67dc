//! Rows that `hooks/` asks for: module, roles, custom fields, connections, workflow states, webhooks.

use crate::setup::blueprint::MODULE;
use crate::setup::ledger::Kind;
use crate::setup::options::DEFAULT_CALLBACK;
use crate::setup::rows::{Cell, Parent, WantedRow, WhenForeign, WhenRemoved};

use super::{Context, cells, cells_of};

/// What a custom field of somebody else must have for ours to work: nobody may lose sight of his Project because of a User
/// Permission on Repository, an index without the flag is dropped at Frappe's next schema sync, and whoever may write his own login on GitHub could
/// say that he is somebody else.
const FIELD_NEEDS: &[&str] = &["ignore_user_permissions", "search_index", "permlevel"];
const WEBHOOK: &str = "tabWebhook";
/// What the bench posts: enough to know what to read again.
const WEBHOOK_BODY: &str = r#"{"doctype": {{ doc.doctype | tojson }}, "name": {{ doc.name | tojson }}, "modified": {{ doc.modified | string | tojson }}}"#;

/// Module Def and roles.
pub(super) fn module_and_roles(context: &Context<'_>) -> Vec<WantedRow> {
    let module = cells([
        ("module_name", MODULE.into()),
        // Reports of ours need no files, and `bench uninstall-app` of another app does not take us with it.
        ("custom", 1.into()),
        ("app_name", "frappe".into()),
    ]);
    let roles = context.blueprint.roles.iter().map(|role| {
        let values = cells_of(role);
        let name = values
            .get("role_name")
            .map(|name| name.text().into_owned())
            .unwrap_or_default();
        let mut values = values;
        values.insert("disabled".to_owned(), Cell::Int(0));
        // A removal by an earlier version disabled a role that others use; coming back enables it again.
        WantedRow::document("tabRole", &name, values).when_foreign(WhenForeign::Amend(&["disabled"]))
    });
    std::iter::once(WantedRow::document("tabModule Def", MODULE, module))
        .chain(roles)
        .collect()
}

/// Custom fields on DocTypes of others; one that the DocType has by itself is left out.
pub(super) fn custom_fields(context: &Context<'_>) -> Vec<WantedRow> {
    let fields = context.blueprint.custom_fields.iter();
    fields
        .filter(|custom| !context.facts.has_standard_field(&custom.doctype, &custom.field.fieldname))
        .map(|custom| {
            let mut values = cells_of(&custom.field.properties);
            values.extend(cells([
                ("dt", custom.doctype.as_str().into()),
                ("module", MODULE.into()),
                ("is_system_generated", 1.into()),
            ]));
            WantedRow::document("tabCustom Field", &custom.name(), values).when_foreign(WhenForeign::Amend(FIELD_NEEDS))
        })
        .collect()
}

/// Connections on DocTypes of others. With this parent type they survive when `bench migrate` imports the DocType anew.
pub(super) fn dashboard_links(context: &Context<'_>) -> Vec<WantedRow> {
    let links = context.blueprint.dashboard_links.iter().zip(1..);
    links
        .map(|(link, idx)| {
            let parent = Parent {
                name: link.parent.clone(),
                doctype: "Customize Form",
                field: "links",
            };
            let values = cells([
                ("group", link.group.as_str().into()),
                ("link_doctype", link.link_doctype.as_str().into()),
                ("link_fieldname", link.link_fieldname.as_str().into()),
                ("custom", 1.into()),
            ]);
            let identity = &["link_doctype", "link_fieldname"];
            WantedRow::child("tabDocType Link", parent, identity, values, idx).when_removed(WhenRemoved::Respect)
        })
        .collect()
}

/// Workflow states; those that are there are kept as they are.
pub(super) fn workflow_states(context: &Context<'_>) -> Vec<WantedRow> {
    let states = context.blueprint.workflow_states.iter();
    states
        .map(|state| {
            let values = cells_of(state);
            let name = values
                .get("workflow_state_name")
                .map(|name| name.text().into_owned())
                .unwrap_or_default();
            WantedRow::document("tabWorkflow State", &name, values).when_removed(WhenRemoved::Respect)
        })
        .collect()
}

/// Name of the Webhook row that tells us of saves of a DocType.
#[must_use]
pub fn webhook_name(doctype: &str) -> String {
    format!("erpnext-github {doctype}")
}

/// Webhooks that tell us of saves in the desk: off until somebody says where we can be reached.
pub(super) fn webhooks(context: &Context<'_>) -> Vec<WantedRow> {
    let events = context.blueprint.doc_events.iter();
    events
        .map(|event| {
            let name = webhook_name(&event.doctype);
            let mut values = cells([
                ("webhook_doctype", event.doctype.as_str().into()),
                ("webhook_docevent", event.event.as_str().into()),
                ("request_method", "POST".into()),
                ("request_structure", "JSON".into()),
                ("webhook_json", WEBHOOK_BODY.into()),
                ("enable_security", 1.into()),
            ]);
            let recorded = context
                .ledger
                .get(Kind::Row, WEBHOOK, &name)
                .map(|entry| entry.record().wrote);
            let from = |address: &str| format!("{}/internal/doc-event/{}", address.trim_end_matches('/'), context.site);
            let (mut url, mut enabled) = (Cell::from(from(DEFAULT_CALLBACK)), Cell::Int(0));
            if let Some(callback) = &context.options.callback_url {
                (url, enabled) = (from(callback.as_str()).into(), Cell::Int(1));
            } else if let Some(before) = recorded {
                url = before.get("request_url").cloned().unwrap_or(url);
                enabled = before.get("enabled").cloned().unwrap_or(enabled);
            }
            values.extend(cells([("request_url", url), ("enabled", enabled)]));
            WantedRow::document(WEBHOOK, &name, values)
        })
        .collect()
}
