//! Child rows that stand for a person.

use crate::domain::Person;
use crate::frappe::naming::stable_child_name;
use crate::store::People;
use crate::store::cell::{Cell, DATA};

use super::{ChildTable, WantedChild};

/// One row a person, in GitHub's order; someone who is named twice has one row.
pub(super) fn person_rows(table: &ChildTable, parent: &[&str], persons: &[Person], people: &People) -> Vec<WantedChild> {
    let mut rows: Vec<WantedChild> = Vec::with_capacity(persons.len());
    for person in persons {
        let name = person_row_name(table, parent, person);
        if rows.iter().any(|row| row.name == name) {
            continue;
        }
        rows.push(WantedChild {
            name,
            cells: vec![
                Cell::data_or_null(people.user_of(person), DATA),
                Cell::data(&person.login, DATA),
                Cell::id(person.id),
            ],
        });
    }
    rows
}

/// The row's name is what it is: parent, child table, and the account by id (by login where the id is not known).
pub(super) fn person_row_name(table: &ChildTable, parent: &[&str], person: &Person) -> String {
    let key = match person.id {
        Some(id) => id.to_string(),
        None => format!("login:{}", person.login.to_lowercase()),
    };
    let mut parts = vec![table.doctype, table.parentfield];
    parts.extend(parent);
    parts.push(&key);
    stable_child_name(&parts)
}
