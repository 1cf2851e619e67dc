//! The small site of version 15 against a real one: it cannot drift.

use std::collections::{BTreeMap, BTreeSet};

use erpnext_github::sim::site::FrappeMajor;

use crate::support::TestSite;

/// What is compared of a table: its columns, its indexes, its links, each as one line.
async fn facts(test: &TestSite, sql: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut tables: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in test.query(sql).await {
        let mut values = row.into_iter().map(|value| value.unwrap_or_else(|| "(null)".to_owned()));
        let table = values.next().expect("a table");
        tables
            .entry(table)
            .or_default()
            .insert(values.collect::<Vec<_>>().join(" | "));
    }
    tables
}

/// Prints each difference in tables that both have, and gives their number.
fn differences(what: &str, small: &BTreeMap<String, BTreeSet<String>>, real: &BTreeMap<String, BTreeSet<String>>) -> usize {
    let mut count = 0;
    for (table, ours) in small {
        let Some(theirs) = real.get(table) else { continue };
        for (side, fact) in ours
            .difference(theirs)
            .map(|fact| ("small site only", fact))
            .chain(theirs.difference(ours).map(|fact| ("real site only", fact)))
        {
            println!("{what} of {table}, {side}: {fact}");
            count += 1;
        }
    }
    count
}

#[tokio::test]
async fn the_small_site_has_the_tables_of_a_real_one() {
    let Some(real) = TestSite::from_dump("the_small_site_has_the_tables_of_a_real_one").await else {
        return;
    };
    let small = TestSite::new(FrappeMajor::V15).await;
    let columns = "SELECT table_name, column_name, column_type, is_nullable, column_default, collation_name, extra \
                   FROM information_schema.columns WHERE table_schema = DATABASE()";
    let indexes = "SELECT table_name, index_name, index_type, non_unique, \
                   GROUP_CONCAT(CONCAT(column_name, IFNULL(CONCAT('(', sub_part, ')'), '')) ORDER BY seq_in_index) \
                   FROM information_schema.statistics WHERE table_schema = DATABASE() GROUP BY 1, 2, 3, 4";
    let engines = "SELECT table_name, engine, table_collation FROM information_schema.tables \
                   WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'";
    let mut count = 0;
    let mut compared = 0;
    for (what, sql) in [("column", columns), ("index", indexes), ("engine", engines)] {
        let (ours, theirs) = (facts(&small, sql).await, facts(&real, sql).await);
        compared = ours.keys().filter(|table| theirs.contains_key(*table)).count();
        count += differences(what, &ours, &theirs);
    }
    assert_eq!(count, 0, "differences are printed above");
    assert!(compared > 60, "only {compared} tables are on both sides");
}

#[tokio::test]
async fn the_small_site_links_what_a_real_one_links() {
    let Some(real) = TestSite::from_dump("the_small_site_links_what_a_real_one_links").await else {
        return;
    };
    let small = TestSite::new(FrappeMajor::V15).await;
    // Links to DocTypes that the small site lacks are left out there.
    let links = "SELECT parent, fieldname, fieldtype, options, ignore_user_permissions FROM tabDocField \
                 WHERE fieldtype IN ('Link', 'Table') AND options IN (SELECT name FROM tabDocType) OR fieldtype = 'Dynamic Link'";
    let (ours, mut theirs) = (facts(&small, links).await, facts(&real, links).await);
    let names = |rows: Vec<Vec<Option<String>>>| -> BTreeSet<String> { rows.into_iter().flatten().flatten().collect() };
    let known = names(small.query("SELECT name FROM tabDocType").await);
    for facts in theirs.values_mut() {
        facts.retain(|fact| {
            let mut parts = fact.split(" | ").skip(1);
            let (kind, options) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            kind == "Dynamic Link" || known.contains(options)
        });
    }
    assert_eq!(differences("link", &ours, &theirs), 0, "differences are printed above");
}
