//! CREATE TABLE as Frappe would write it for a version.

use std::fmt::Write as _;

use super::super::FrappeMajor;
use super::model::{Column, Flag, Key, KeyKind, Kind, Table};
use crate::sim::mariadb::sql_text;

/// Columns that every non-child DocType has besides its own.
const OPTIONAL: [&str; 4] = ["_user_tags", "_comments", "_assign", "_liked_by"];

/// The statement, and before it the one for the sequence where the version has one.
pub(super) fn create_table(table: &Table, major: FrappeMajor) -> String {
    let mut parts = Vec::new();
    if !table.is(Flag::Bare) {
        parts.extend(standard_columns(table, major));
    }
    parts.extend(table.columns_of(major).iter().map(|column| column_sql(column, major)));
    if table.is(Flag::Optional) {
        parts.extend(OPTIONAL.iter().map(|name| format!("`{name}` text")));
    }
    parts.extend(keys(table, major).iter().map(key_sql));
    let mut sql = String::new();
    if table.has_sequence(major) {
        // Writing to a String cannot fail.
        let _ = writeln!(sql, "CREATE SEQUENCE `{}` NOCACHE NOCYCLE;", table.sequence());
    }
    let engine = if table.is(Flag::MyIsam) { "MyISAM" } else { "InnoDB" };
    let row_format = if table.is(Flag::Compressed) { "COMPRESSED" } else { "DYNAMIC" };
    let _ = writeln!(
        sql,
        "CREATE TABLE `{}` ({}) ENGINE={engine} ROW_FORMAT={row_format} CHARACTER SET=utf8mb4 COLLATE=utf8mb4_unicode_ci;",
        table.sql_name(),
        parts.join(", ")
    );
    sql
}

fn standard_columns(table: &Table, major: FrappeMajor) -> Vec<String> {
    let text = if table.is(Flag::Wide) {
        "varchar(255)"
    } else {
        "varchar(140)"
    };
    let name = if table.has_sequence(major) { "bigint(20)" } else { text };
    let mut columns = vec![
        format!("`name` {name} NOT NULL"),
        "`creation` datetime(6)".to_owned(),
        "`modified` datetime(6)".to_owned(),
        format!("`modified_by` {text}"),
        format!("`owner` {text}"),
        format!("`docstatus` {} NOT NULL DEFAULT 0", major.check_type()),
        format!("`idx` {} NOT NULL DEFAULT 0", major.idx_type()),
    ];
    if table.is(Flag::Child) {
        columns.extend(["parent", "parentfield", "parenttype"].map(|column| format!("`{column}` {text}")));
    }
    columns
}

fn column_sql(column: &Column, major: FrappeMajor) -> String {
    let kind = match column.kind {
        Kind::Varchar(length) => format!("varchar({length})"),
        Kind::Int(width) => format!("int({width})"),
        Kind::Text => "text".to_owned(),
        Kind::Long => "longtext".to_owned(),
        Kind::Json => "json".to_owned(),
        Kind::Check => major.check_type().to_owned(),
        Kind::Big => "bigint(20)".to_owned(),
        Kind::Decimal => "decimal(21,9)".to_owned(),
        Kind::Date => "date".to_owned(),
        Kind::Time => "time(6)".to_owned(),
        Kind::Datetime => "datetime(6)".to_owned(),
    };
    let null = if column.nullable { "" } else { " NOT NULL" };
    let default = match &column.default {
        None => String::new(),
        Some(number) if column.kind.is_number() => format!(" DEFAULT {number}"),
        Some(text) => format!(" DEFAULT {}", sql_text(text)),
    };
    format!("`{}` {kind}{null}{default}", column.name)
}

/// The indexes written down, and those that every table has.
fn keys(table: &Table, major: FrappeMajor) -> Vec<Key> {
    let plain = |name: &str| Key {
        name: name.to_owned(),
        kind: KeyKind::Plain,
        columns: vec![name.to_owned()],
    };
    let mut standard = Vec::new();
    if !table.is(Flag::Bare) {
        standard.push(Key {
            kind: KeyKind::Primary,
            ..plain("name")
        });
        let child = table.is(Flag::Child);
        if child {
            standard.push(plain("parent"));
        }
        // Version 14 gives child tables one too. Tables of Frappe's own SQL file have none.
        if !table.is(Flag::Wide) && (!child || major == FrappeMajor::V14) {
            standard.push(plain(if major >= FrappeMajor::V16 { "creation" } else { "modified" }));
        }
    }
    standard.retain(|key| !table.keys.iter().any(|own| own.name == key.name));
    standard.extend(table.keys.iter().filter(|key| key.kind != KeyKind::Absent).cloned());
    standard
}

fn key_sql(key: &Key) -> String {
    let columns: Vec<String> = key
        .columns
        .iter()
        .map(|column| match column.split_once('(') {
            Some((column, length)) => format!("`{column}`({length}"),
            None => format!("`{column}`"),
        })
        .collect();
    let columns = columns.join(", ");
    match key.kind {
        KeyKind::Primary => format!("PRIMARY KEY ({columns})"),
        KeyKind::Unique => format!("UNIQUE KEY `{}` ({columns})", key.name),
        KeyKind::Fulltext => format!("FULLTEXT KEY `{}` ({columns})", key.name),
        KeyKind::Plain | KeyKind::Absent => format!("KEY `{}` ({columns})", key.name),
    }
}
