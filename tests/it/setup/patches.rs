//! The chain of patches, on tables that are not empty, and each of its statements run twice.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use erpnext_github::sim::site::FrappeMajor;

use super::install;
use crate::support::TestSite;

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = std::fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> = entries
        .filter(|path| path.extension().is_some_and(|ending| ending == "sql"))
        .collect();
    files.sort();
    files
}

fn name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

/// Statements of a file, its comments left out.
fn statements(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).expect("readable");
    let code: Vec<&str> = text.lines().filter(|line| !line.starts_with("--")).collect();
    let statements = code.join("\n");
    let statements = statements
        .split(";\n")
        .map(|statement| statement.trim().trim_end_matches(';').to_owned());
    statements.filter(|statement| !statement.is_empty()).collect()
}

#[test]
fn every_patch_has_a_number_of_its_own_and_sample_rows() {
    let patches: Vec<String> = files("patches").iter().map(|path| name(path)).collect();
    let samples: Vec<String> = files("tests/it/setup/patch_samples").iter().map(|path| name(path)).collect();
    assert_eq!(patches, samples, "each patch has a file of sample rows");
    for (patch, number) in patches.iter().zip(1..) {
        assert!(patch.starts_with(&format!("{number:04}_")), "{patch} must be number {number}");
    }
}

#[tokio::test]
async fn the_chain_runs_on_tables_that_are_not_empty_and_every_statement_twice() {
    let test = TestSite::new(FrappeMajor::V15).await;
    for (patch, sample) in files("patches").iter().zip(files("tests/it/setup/patch_samples")) {
        let statements = statements(patch);
        // Broken off after each statement, and begun anew.
        for done in 1..=statements.len() {
            for statement in &statements[..done] {
                test.scratch()
                    .execute(statement)
                    .await
                    .unwrap_or_else(|error| panic!("{}: {error}", name(patch)));
            }
        }
        for statement in self::statements(&sample) {
            test.scratch()
                .execute(&statement)
                .await
                .unwrap_or_else(|error| panic!("sample of {}: {error}", name(patch)));
        }
    }
    let tables = "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME LIKE 'erpnext\\_github\\_%'";
    for table in test.query(tables).await.into_iter().flatten().flatten() {
        assert_ne!(
            test.value(&format!("SELECT COUNT(*) FROM `{table}`")).await,
            "0",
            "{table} has no sample row"
        );
        let key = format!("SHOW INDEX FROM `{table}` WHERE Key_name = 'PRIMARY'");
        assert!(!test.query(&key).await.is_empty(), "{table} has no primary key");
    }
}

#[tokio::test]
async fn what_ran_is_recorded() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let report = install(test.site()).await;
    let recorded = test.query("SELECT name FROM erpnext_github_patch").await;
    let recorded: BTreeSet<String> = recorded.into_iter().flatten().flatten().collect();
    let wanted: BTreeSet<String> = files("patches")
        .iter()
        .map(|path| name(path).trim_end_matches(".sql").to_owned())
        .collect();
    assert_eq!(recorded, wanted);
    assert_eq!(report.patches.len(), wanted.len());
    assert_eq!(
        test.value("SELECT MAX(applied_at) FROM erpnext_github_patch").await,
        "2026-03-01 12:00:00.000000",
        "in UTC"
    );
}
