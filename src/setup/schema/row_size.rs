//! Whether new columns still fit into a row: MariaDB refuses a table whose longest row might pass its limits.

use super::catalog::Table;

/// Longest row that the server allows, blobs not counted.
pub(crate) const SERVER_LIMIT: u64 = 65_535;
/// Longest row that fits into an InnoDB page of 16 KiB, when what can be is stored elsewhere.
pub(crate) const PAGE_LIMIT: u64 = 8_126;
/// What InnoDB counts for a column that can be stored elsewhere (`BTR_EXTERN_FIELD_REF_SIZE`). Measured on 10.11: a table takes 382
/// columns of type `text`, and ten with `varchar(63)` take as much room as ten of their longest values.
const ELSEWHERE: u64 = 20;
/// Longer ones than this can be stored elsewhere.
const INLINE: u64 = 255;
/// A character of utf8mb4 at its longest.
const CHARACTER: u64 = 4;

/// What a row may come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct RowSize {
    /// As the server counts.
    pub(crate) server: u64,
    /// As InnoDB counts for its page.
    pub(crate) page: u64,
}

impl RowSize {
    /// Of a table with these column types.
    pub(crate) fn of<'a>(types: impl IntoIterator<Item = &'a str>) -> Self {
        let mut sum = Self::default();
        for sql_type in types {
            let one = Self::of_type(sql_type);
            sum.server += one.server;
            sum.page += one.page;
        }
        sum
    }

    /// Of a table that is there, with more columns of these types.
    pub(crate) fn with<'a>(table: &'a Table, more: impl IntoIterator<Item = &'a str>) -> Self {
        let there = table.columns.values().map(|column| column.sql_type.as_str());
        Self::of(there.chain(more))
    }

    /// True when MariaDB would take it.
    pub(crate) fn fits(self) -> bool {
        self.server <= SERVER_LIMIT && self.page <= PAGE_LIMIT
    }

    fn of_type(sql_type: &str) -> Self {
        let (name, length) = match sql_type.split_once('(') {
            Some((name, rest)) => (
                name,
                rest.split([',', ')'])
                    .next()
                    .and_then(|digits| digits.parse().ok())
                    .unwrap_or(0),
            ),
            None => (sql_type.split(' ').next().unwrap_or_default(), 0),
        };
        let fixed = |bytes| Self {
            server: bytes,
            page: bytes,
        };
        let varying = |bytes: u64| Self {
            server: bytes + if bytes > INLINE { 2 } else { 1 },
            page: if bytes > INLINE { ELSEWHERE } else { bytes + 1 },
        };
        match name {
            "varchar" => varying(length * CHARACTER),
            "char" => fixed(length * CHARACTER),
            "tinyint" => fixed(1),
            "smallint" | "year" => fixed(2),
            "date" | "mediumint" => fixed(3),
            "int" | "float" => fixed(4),
            "time" => fixed(6),
            "bigint" | "datetime" | "double" | "timestamp" => fixed(8),
            // Nine digits take four bytes.
            "decimal" => fixed(length / 2 + 1),
            // A blob's row holds its length and a pointer.
            _ => Self {
                server: 12,
                page: ELSEWHERE,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_the_manual() {
        let one = RowSize::of(["varchar(140)", "int(11)", "datetime(6)", "longtext", "decimal(21,9)"]);
        assert_eq!(one.server, 562 + 4 + 8 + 12 + 11);
        assert!(RowSize::of(vec!["varchar(140)"; 116]).fits());
        assert!(!RowSize::of(vec!["varchar(140)"; 117]).fits());
        assert!(RowSize::of(vec!["text"; 382]).fits());
        assert!(!RowSize::of(vec!["text"; 410]).fits());
        assert!(!RowSize::of(vec!["varchar(63)"; 33]).fits());
    }
}
