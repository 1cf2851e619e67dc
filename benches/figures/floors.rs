//! The two floors: a client that only downloads, and a loader that only inserts.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context as _, ensure};
use erpnext_github::sim::github::World;
use erpnext_github::sim::mariadb::ScratchServer;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Params, Row, Value};
use tokio::task::JoinSet;

use super::github::Asked;

/// Requests under way at a time.
const IN_FLIGHT: usize = 8;
/// Status of an answer without a body.
const NOT_MODIFIED: u16 = 304;
/// Rows of one INSERT; a thousand values of a kilobyte would not fit the smallest packet in use.
const ROWS: usize = 250;
/// The loader's schema.
const SCHEMA: &str = "floor";

/// Seconds that a bare client takes for the same answers, eight at a time, each read to its end and thrown away. What was answered 304 is
/// left out: the client has no tags, and a whole answer in place of an empty one would make the floor too high.
pub(crate) async fn download(api: &str, asked: &[Asked]) -> anyhow::Result<f64> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let whole: Vec<Asked> = asked.iter().filter(|one| one.status != NOT_MODIFIED).cloned().collect();
    let (asked, next) = (Arc::new(whole), Arc::new(AtomicUsize::new(0)));
    let began = Instant::now();
    let mut lines = JoinSet::new();
    for _ in 0..IN_FLIGHT {
        let (http, api, asked, next) = (http.clone(), api.to_owned(), asked.clone(), next.clone());
        lines.spawn(async move {
            while let Some(one) = asked.get(next.fetch_add(1, Ordering::Relaxed)) {
                ask(&http, &api, one).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(ended) = lines.join_next().await {
        ended??;
    }
    Ok(began.elapsed().as_secs_f64())
}

async fn ask(http: &reqwest::Client, api: &str, asked: &Asked) -> anyhow::Result<()> {
    let url = format!("{api}{}", asked.target);
    let request = match &asked.graphql {
        None => http.get(url),
        Some((query, variables)) => {
            let variables: serde_json::Value = serde_json::from_str(variables)?;
            http.post(url)
                .body(serde_json::json!({ "query": query, "variables": variables }).to_string())
        }
    };
    let answer = headers(request).send().await?;
    ensure!(
        answer.status().as_u16() == asked.status,
        "{} is answered {}",
        asked.target,
        answer.status()
    );
    answer.bytes().await?;
    Ok(())
}

fn headers(request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
    let request = request.bearer_auth(World::TOKEN).header("User-Agent", "benchmark");
    request
        .header("Accept", "application/vnd.github+json")
        .header("X-GitHub-Api-Version", "2022-11-28")
}

/// One answer as text.
pub(crate) async fn get(http: &reqwest::Client, api: &str, target: &str) -> anyhow::Result<String> {
    let answer = headers(http.get(format!("{api}{target}"))).send().await?;
    ensure!(answer.status().is_success(), "{target} is answered {}", answer.status());
    Ok(answer.text().await?)
}

/// Rows of the mirror, taken out to be inserted again elsewhere.
pub(crate) struct Rows {
    database: String,
    tables: Vec<(String, Vec<String>, Vec<Vec<Value>>)>,
}

impl Rows {
    /// What stands in `tables` of a database.
    pub(crate) async fn read(server: &ScratchServer, database: &str, tables: &[String]) -> anyhow::Result<Self> {
        let mut conn = server.admin().await?;
        let mut read = Vec::new();
        for table in tables {
            let rows: Vec<Row> = conn.exec(format!("SELECT * FROM `{database}`.`{table}`"), ()).await?;
            let Some(first) = rows.first() else { continue };
            let columns = first
                .columns_ref()
                .iter()
                .map(|column| column.name_str().into_owned())
                .collect();
            read.push((table.clone(), columns, rows.into_iter().map(Row::unwrap).collect()));
        }
        conn.disconnect().await?;
        Ok(Self {
            database: database.to_owned(),
            tables: read,
        })
    }

    /// How many they are.
    pub(crate) fn count(&self) -> u64 {
        self.tables.iter().map(|(_, _, rows)| rows.len() as u64).sum()
    }

    /// Seconds that a bare loader takes to insert them into empty tables of the same form: one INSERT and one commit for
    /// [`ROWS`] rows, one connection.
    pub(crate) async fn load(&self, server: &ScratchServer) -> anyhow::Result<f64> {
        let mut conn = server.admin().await?;
        conn.query_drop(format!("DROP DATABASE IF EXISTS `{SCHEMA}`; CREATE DATABASE `{SCHEMA}`"))
            .await?;
        for (table, ..) in &self.tables {
            conn.query_drop(format!(
                "CREATE TABLE `{SCHEMA}`.`{table}` LIKE `{}`.`{table}`",
                self.database
            ))
            .await?;
        }
        let batches: Vec<(String, Vec<Value>)> = self.tables.iter().flat_map(batches).collect();
        let began = Instant::now();
        for (sql, values) in batches {
            conn.exec_drop(sql, Params::Positional(values)).await?;
        }
        let seconds = began.elapsed().as_secs_f64();
        self.is_whole(&mut conn).await?;
        conn.query_drop(format!("DROP DATABASE `{SCHEMA}`")).await?;
        conn.disconnect().await?;
        Ok(seconds)
    }

    async fn is_whole(&self, conn: &mut Conn) -> anyhow::Result<()> {
        for (table, _, rows) in &self.tables {
            let count: Option<usize> = conn.query_first(format!("SELECT COUNT(*) FROM `{SCHEMA}`.`{table}`")).await?;
            let count = count.context("no count")?;
            ensure!(count == rows.len(), "{table}: {count} of {} rows were loaded", rows.len());
        }
        Ok(())
    }
}

fn batches((table, columns, rows): &(String, Vec<String>, Vec<Vec<Value>>)) -> Vec<(String, Vec<Value>)> {
    let marks = format!("({})", vec!["?"; columns.len()].join(", "));
    let batch = |rows: &[Vec<Value>]| {
        let all = vec![marks.as_str(); rows.len()].join(", ");
        let sql = format!("INSERT INTO `{SCHEMA}`.`{table}` (`{}`) VALUES {all}", columns.join("`, `"));
        (sql, rows.concat())
    };
    rows.chunks(ROWS).map(batch).collect()
}
