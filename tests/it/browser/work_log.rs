//! The report GitHub Work Log: its filters in a browser, what its statement gives for them, and the chart of that.

use erpnext_github::store::project_links;
use serde_json::{Map, Value, json};

use super::chromium::Sheet;
use super::stage::Stage;

/// Columns of the statement, as the desk calls them.
const COLUMNS: [&str; 9] = [
    "date",
    "person",
    "github_login",
    "repository",
    "commits",
    "pull_requests",
    "reviews",
    "issues",
    "comments",
];
/// A report as the desk gives it to a script: filters with values, and what the desk sends of them.
const REPORT: &str = "window.report = (() => { \
    const script = frappe.query_reports['GitHub Work Log']; \
    class Filter { constructor(df) { this.df = df; this.value = df.default ?? ''; } get_value() { return this.value; } set_input(value) { this.value = value; } } \
    const filters = Object.fromEntries(script.filters.map((df) => [df.fieldname, new Filter(df)])); \
    const report = { script, filters, page: { add_inner_message() {} }, get_filter: (name) => filters[name], \
        choose(name, value) { filters[name].value = value; }, \
        sent() { return Object.fromEntries(Object.values(filters).filter((one) => one.get_value()) \
            .map((one) => [one.df.fieldname, one.get_value() === '%' ? null : one.get_value()])); } }; \
    return report; })(); 0";

/// Fills a filter, as somebody who types.
async fn choose(sheet: &Sheet, filter: &str, value: &str) {
    sheet
        .eval(&format!("window.report.choose('{filter}', {}), 0", json!(value)))
        .await;
}

/// What the statement gives for the filters as they are, and the bars that the script makes of it: name and sum of each.
async fn bars(stage: &Stage, sheet: &Sheet) -> (usize, Value) {
    let filters = sheet.eval("report.sent()").await;
    let mut sql = stage
        .value("SELECT query FROM tabReport WHERE name = 'GitHub Work Log'")
        .await;
    for name in ["from_date", "to_date", "project", "person"] {
        let sent = filters.get(name).unwrap_or_else(|| panic!("{name} is not sent: {filters}"));
        let value = sent.as_str().map_or_else(|| "NULL".to_owned(), |value| format!("'{value}'"));
        sql = sql.replace(&format!("%({name})s"), &value);
    }
    let rows = stage.mirror.erp.query(&sql).await.into_iter().map(|row| {
        let cells = COLUMNS.iter().zip(row).map(|(name, cell)| ((*name).to_owned(), json!(cell)));
        Value::Object(cells.collect::<Map<_, _>>())
    });
    let rows: Vec<Value> = rows.collect();
    let sums = format!(
        "(report.script.get_chart_data([], {}) || {{ data: {{ datasets: [] }} }}).data.datasets.map((one) => [one.name, one.values.reduce((a, b) => a + b, 0)])",
        json!(rows)
    );
    (rows.len(), sheet.eval(&sums).await)
}

#[tokio::test]
async fn g1_17_the_work_log_is_filtered_by_project_person_and_date_and_drawn() {
    let stage = Stage::new().await;
    {
        let mut world = stage.mirror.github.world();
        let web = world.repository("octo/web");
        web.open_issue("By hand");
        web.comment_by(1, "pusher", "Seen");
    }
    stage.mirror.sync("octo/web").await;
    project_links::settle(stage.mirror.site(), "Administrator")
        .await
        .expect("settled");
    let sheet = stage.form("admin@x.com", "Repository", "octo/web").await;
    let script = stage
        .value("SELECT javascript FROM tabReport WHERE name = 'GitHub Work Log'")
        .await;
    sheet
        .eval("frappe.query_reports = {}; Object.assign(frappe.datetime, { get_today: () => '2026-03-01', add_days: (day, days) => new Date(Date.parse(day) + days * 86400000).toISOString().slice(0, 10) }); 0")
        .await;
    sheet.eval(&format!("new Function({})(), 0", json!(script))).await;
    sheet.eval(REPORT).await;
    assert_eq!(sheet.eval("report.filters.from_date.value").await, json!("2026-01-30"));
    // What an Auto Email Report begins with, which sends what is filled in and nothing else.
    assert_eq!(
        sheet
            .eval("[report.filters.project.value, report.filters.person.value]")
            .await,
        json!(["%", "%"])
    );
    // The page was opened anew by its address, in which no person is called null.
    choose(&sheet, "person", "null").await;
    sheet.eval("report.script.onload(report), 0").await;
    assert_eq!(
        sheet
            .eval("[report.filters.project.value, report.filters.person.value]")
            .await,
        json!(["", ""]),
        "the page shows them empty"
    );
    choose(&sheet, "from_date", "2024-01-01").await;
    let (rows, all) = bars(&stage, &sheet).await;
    let sum = |bars: &Value, kind: &str| {
        let all = bars.as_array().cloned().unwrap_or_default();
        all.iter()
            .find(|one| one[0] == kind)
            .map_or(0, |one| one[1].as_i64().unwrap_or_default())
    };
    assert!(rows > 0 && sum(&all, "Issues") > 0 && sum(&all, "Comments") == 1, "{all}");
    // Of the Project that follows it, the same; of another one, nothing.
    choose(&sheet, "project", "TRY-1").await;
    assert_eq!(bars(&stage, &sheet).await, (rows, all.clone()));
    choose(&sheet, "project", "NO-SUCH").await;
    assert_eq!(bars(&stage, &sheet).await, (0, json!([])));
    choose(&sheet, "project", "").await;
    assert_eq!(bars(&stage, &sheet).await, (rows, all.clone()));
    choose(&sheet, "person", "pusher").await;
    let (_, his) = bars(&stage, &sheet).await;
    assert_eq!((sum(&his, "Comments"), sum(&his, "Commits")), (1, 0), "{his}");
    choose(&sheet, "person", "").await;
    choose(&sheet, "to_date", "2024-01-02").await;
    assert_eq!(bars(&stage, &sheet).await, (0, json!([])));
    assert_eq!(
        sheet
            .eval("report.script.filters.some((df) => df.on_change || df.hidden)")
            .await,
        json!(false),
        "each choice draws it anew, as the desk does by itself"
    );
    sheet.close().await;
    stage.finish().await;
}
