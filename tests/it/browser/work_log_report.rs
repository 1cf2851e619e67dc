//! The report GitHub Work Log before a real Frappe, which runs its statement, draws its chart and shows each person the rows of his repositories. The desk for
//! tests has no Frappe behind it; what the statement gives is in `work_log.rs`.

use serde_json::json;

use super::chromium::Sheet;
use super::reader::method;
use super::real::RealDesk;

/// Rows of the report GitHub Work Log, as the page and any call get them: those of `hidden`, and the others.
async fn work_log(sheet: &Sheet, hidden: &str) -> (usize, usize) {
    let filters = json!({"from_date": "2000-01-01", "to_date": "2100-01-01", "project": "%", "person": "%"});
    let asked = json!({"report_name": "GitHub Work Log", "filters": filters, "ignore_prepared_report": true});
    let (status, ran) = method(sheet, "frappe.desk.query_report.run", asked).await;
    assert_eq!(status, 200, "{ran}");
    let repositories: Vec<&str> = ran["result"]
        .as_array()
        .expect("rows")
        .iter()
        .filter_map(|row| row["repository"].as_str())
        .collect();
    let of_hidden = repositories.iter().filter(|name| **name == hidden).count();
    (of_hidden, repositories.len() - of_hidden)
}

#[tokio::test]
async fn g1_17_frappe_runs_the_work_log_draws_its_chart_and_shows_each_his_repositories() {
    const NAME: &str = "g1_17_frappe_runs_the_work_log_draws_its_chart_and_shows_each_his_repositories";
    let Some(desk) = RealDesk::named(NAME).await else { return };
    let Some(reader) = desk.reader(NAME).await else { return };
    let (admin, hidden) = (desk.sheet().await, desk.repository());
    for sheet in [&reader, &admin] {
        sheet.list("Repository").await;
    }
    let (to_admin, others) = work_log(&admin, hidden).await;
    let to_reader = work_log(&reader, hidden).await;
    assert!(to_admin > 0 && others >= to_reader.1, "{to_admin} {others} {to_reader:?}");
    assert_eq!(to_reader.0, 0);
    admin
        .visit("/app/query-report/GitHub%20Work%20Log?from_date=2000-01-01&to_date=2100-01-01")
        .await;
    admin
        .holds("document.querySelectorAll('.report-wrapper .dt-row').length > 1")
        .await;
    admin
        .holds("document.querySelectorAll('.chart-wrapper svg.chart rect').length > 0")
        .await;
    reader.close().await;
    admin.close().await;
}
