//! Members as rows of a Repository.

use crate::domain::Member;
use crate::store::People;
use crate::store::cell::{Cell, DATA};

use super::person::person_row_name;
use super::{MEMBERS, WantedChild};

/// One row a member, ordered by login so that the same set always has the same order. `email` is the ERP user's.
pub(in crate::store) fn member_rows(repository_id: u64, members: &[Member], people: &People) -> Vec<WantedChild> {
    let id = repository_id.to_string();
    let mut sorted: Vec<&Member> = members.iter().collect();
    sorted.sort_by_key(|member| member.person.login.to_lowercase());
    let mut rows: Vec<WantedChild> = sorted
        .into_iter()
        .map(|member| {
            let user = people.user_of(&member.person);
            WantedChild {
                name: person_row_name(&MEMBERS, &[&id], &member.person),
                cells: vec![
                    Cell::data(&member.person.login, DATA),
                    Cell::id(member.person.id),
                    Cell::Text(member.role().as_str().to_owned()),
                    Cell::data(&member.permission, DATA),
                    Cell::check(member.can_push),
                    Cell::data_or_null(user, DATA),
                    Cell::data_or_null(user.and_then(|user| people.email_of(user)), DATA),
                ],
            }
        })
        .collect();
    rows.dedup_by(|a, b| a.name == b.name);
    rows
}
