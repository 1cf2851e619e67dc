//! The order of a form's fields, where ours and an administrator's meet.

/// The order that a form gets. `current` is what it has, `base` what we gave it last, `wanted` what we want now.
///
/// Fields of others keep their place behind the field that they followed. Where the administrator has moved our fields about,
/// his order stays, and what is new goes behind the field that it follows in ours.
pub(super) fn merged_order(current: &[String], base: &[String], wanted: &[String]) -> Vec<String> {
    let known = |name: &&String| base.contains(name);
    let moved = !current
        .iter()
        .filter(known)
        .eq(base.iter().filter(|name| current.contains(name)));
    let (mut order, guests) = if moved {
        (current.to_vec(), wanted)
    } else {
        (wanted.to_vec(), current)
    };
    let mut before: Option<&String> = None;
    for guest in guests {
        if !order.contains(guest) {
            let at = before
                .and_then(|name| order.iter().position(|one| one == name))
                .map_or(0, |at| at + 1);
            order.insert(at, guest.clone());
        }
        before = Some(guest);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    fn merged(current: &str, base: &str, wanted: &str) -> String {
        merged_order(&names(current), &names(base), &names(wanted)).join(" ")
    }

    #[test]
    fn a_new_form_has_our_order() {
        assert_eq!(merged("", "", "a b c"), "a b c");
    }

    #[test]
    fn fields_of_the_administrator_stay_where_they_are() {
        assert_eq!(merged("a x b c", "a b c", "a b c"), "a x b c");
        assert_eq!(merged("x a b", "a b", "a n b"), "x a n b");
    }

    #[test]
    fn our_new_order_is_taken_unless_the_administrator_has_his_own() {
        assert_eq!(merged("a b c", "a b c", "c b a"), "c b a");
        assert_eq!(merged("b a c", "a b c", "a n b c"), "b a n c");
    }
}
