//! What the scripts of the desk must not do, and where they may do the rest.

use super::source::files;

/// Lines of one file, at most.
const MOST_LINES: usize = 350;

/// What may stand in these files only; nowhere where none is named.
const ONLY_IN: [(&str, &[&str]); 11] = [
    // Markup comes from functions that escape, and goes in by them.
    ("innerHTML", &[]),
    ("insertAdjacentHTML", &[]),
    // JavaScript's texts have no such method: placeholders are `__(\"{0}\", [value])`.
    (".format(", &[]),
    // A form draws its fields itself; doing it again at each refresh loses what is being typed (D6.15).
    ("refresh_fields(", &[]),
    ("eval(", &[]),
    ("new Function", &[]),
    // A press that fails is told in one place.
    ("frappe.call(", &["client_scripts/shared.js"]),
    ("frappe.xcall(", &[]),
    ("await fetch(", &["client_scripts/shared.js"]),
    // Whoever listens must stop listening.
    ("frappe.realtime.on(", &["client_scripts/long_work.js"]),
    // An upgrade finds its handlers again.
    ("frappe.ui.form.on(", &["client_scripts/shared.js"]),
];

#[test]
fn d6_8_f22_scripts_do_what_is_theirs_in_the_one_place_for_it() {
    let scripts = files("client_scripts", ".js");
    assert!(!scripts.is_empty());
    for file in scripts {
        assert!(file.text.starts_with("// "), "{} does not begin with what it owns", file.path);
        assert!(
            file.text.lines().count() <= MOST_LINES,
            "{} has more than one concern",
            file.path
        );
        for (what, homes) in ONLY_IN {
            let at_home = homes.contains(&file.path.as_str());
            assert!(at_home || !file.text.contains(what), "{} holds {what}", file.path);
        }
        for line in file.text.lines().filter(|line| line.trim_start().starts_with("window.")) {
            assert!(line.contains("window.open("), "{}: nothing is global: {line}", file.path);
        }
    }
}
