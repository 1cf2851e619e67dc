//! Puts the block into a configuration's text, or takes it out: text in, text out.

use std::ops::Range;

use super::block::{BEGIN, Block, END};
use super::names::SiteNames;
use super::servers::{self, Others, Server};
use super::syntax::{self, Config, Directive, Fault};
use crate::config::paths::PASSED_ON;

/// A text that was changed, or not.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Edited {
    /// The new text.
    pub(super) text: String,
    /// How many servers of the site there are.
    pub(super) servers: usize,
    /// A line of each block that was written, for telling whether nginx reads the file.
    pub(super) blocks: Vec<String>,
}

/// Why a text cannot be changed; places are counted from the text's beginning.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It cannot be read.
    Syntax(Fault),
    /// None of its servers is the site's.
    NoServer(Others),
    /// The marks there are no pair.
    Marks(usize),
    /// A location of ours without marks is there.
    ByHand(usize),
}

/// The text with the block in every server of the site; with `upstream` none, without it.
pub(super) fn edited(text: &str, names: &SiteNames, upstream: Option<&str>) -> Result<Edited, Trouble> {
    let config = syntax::parse(text).map_err(Trouble::Syntax)?;
    let (servers, others) = servers::of_site(&config.directives, names);
    if servers.is_empty() {
        return Err(Trouble::NoServer(others));
    }
    let mut changed = text.to_owned();
    let mut blocks = Vec::new();
    // From the end, so that the places before stay true.
    for server in servers.iter().rev() {
        let there = marked(text, &config, server)?;
        by_hand(&server.braces.directives, there.as_ref())?;
        let (place, mut new) = match (&there, upstream) {
            (_, Some(upstream)) => place(text, server, there.clone(), upstream),
            (Some(range), None) => (range.clone(), String::new()),
            (None, None) => continue,
        };
        blocks.push(new.clone());
        // A brace in the same line as what stands before it stays the last thing of its line.
        if there.is_none() && !at_line_start(text, place.start) {
            new.insert(0, '\n');
        }
        changed.replace_range(place, &new);
    }
    Ok(Edited {
        text: changed,
        servers: servers.len(),
        blocks,
    })
}

/// Where the block goes, and its text.
fn place(text: &str, server: &Server<'_>, there: Option<Range<usize>>, upstream: &str) -> (Range<usize>, String) {
    let block = Block {
        upstream: upstream.to_owned(),
        site: server.site.clone(),
        host: server.host.clone(),
        forwarded_for: server.forwarded_for.clone(),
        forwarded_proto: server.forwarded_proto.clone(),
    };
    let first = server.braces.directives.first().map(|directive| directive.start);
    let indent = first.and_then(|at| indent_at(text, at)).unwrap_or_else(|| "    ".to_owned());
    let range = there.unwrap_or_else(|| {
        let close = server.braces.close;
        let line = line_start(text, close);
        let at = if text[line..close].trim().is_empty() { line } else { close };
        at..at
    });
    (range, block.text(&indent))
}

/// The marked lines in a server, whole lines; none where there are none.
fn marked(text: &str, config: &Config, server: &Server<'_>) -> Result<Option<Range<usize>>, Trouble> {
    let braces = server.braces;
    let comments = config
        .comments
        .iter()
        .filter(|comment| comment.start > braces.open && comment.start < braces.close);
    let marks: Vec<(bool, &Range<usize>)> = comments
        .filter_map(|comment| {
            let words = &text[comment.clone()];
            let is = |mark: &str| {
                words
                    .strip_prefix(mark)
                    .is_some_and(|rest| !rest.starts_with(|char: char| char.is_alphanumeric()))
            };
            is(BEGIN)
                .then_some((true, comment))
                .or_else(|| is(END).then_some((false, comment)))
        })
        .collect();
    match marks.as_slice() {
        [] => Ok(None),
        [(true, begin), (false, end)] => {
            let after = text[end.end..].find('\n').map_or(text.len(), |at| end.end + at + 1);
            Ok(Some(line_start(text, begin.start)..after))
        }
        [(_, first), ..] => Err(Trouble::Marks(first.start)),
    }
}

/// Refuses a location of ours outside the marks: nginx would refuse the second one.
fn by_hand(directives: &[Directive], marked: Option<&Range<usize>>) -> Result<(), Trouble> {
    let ours = directives.iter().find(|directive| {
        directive.name() == "location"
            && directive
                .arguments()
                .last()
                .is_some_and(|path| PASSED_ON.contains(&path.as_str()))
            && !marked.is_some_and(|range| range.contains(&directive.start))
    });
    ours.map_or(Ok(()), |directive| Err(Trouble::ByHand(directive.start)))
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

fn at_line_start(text: &str, at: usize) -> bool {
    line_start(text, at) == at
}

/// The blanks before a place; none where something else stands before it.
fn indent_at(text: &str, at: usize) -> Option<String> {
    let before = &text[line_start(text, at)..at];
    before.trim().is_empty().then(|| before.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const UPSTREAM: &str = "127.0.0.1:9100";

    fn names() -> SiteNames {
        SiteNames {
            site: "a.local".to_owned(),
            hosts: vec!["a.local".to_owned()],
        }
    }

    fn patched(text: &str) -> Edited {
        edited(text, &names(), Some(UPSTREAM)).expect("changed")
    }

    const TWO: &str = "# first\nserver {\n\tlisten 80;\n\tserver_name a.local;\n\tlocation / { proxy_pass http://b; }\n}\nserver { server_name a.local; listen 443; }\nserver {\n  server_name b.local;\n}\n";

    #[test]
    fn the_block_goes_into_every_server_of_the_site_and_a_second_time_changes_nothing() {
        let once = patched(TWO);
        assert_eq!((once.servers, once.text.matches(BEGIN).count()), (2, 2));
        assert!(
            once.text.contains("\t# BEGIN erpnext-github") && once.text.contains("\n    # BEGIN erpnext-github"),
            "{}",
            once.text
        );
        assert!(once.text.ends_with("server {\n  server_name b.local;\n}\n"));
        assert_eq!(patched(&once.text).text, once.text);
        let moved = edited(&once.text, &names(), Some("10.0.0.5:9100")).expect("changed").text;
        assert_eq!(moved, once.text.replace(UPSTREAM, "10.0.0.5:9100"));
    }

    #[test]
    fn taken_out_again_the_file_is_as_it_was() {
        let text = TWO.replace(
            "server { server_name a.local; listen 443; }",
            "server {\n server_name a.local;\n}",
        );
        let once = patched(&text).text;
        assert_eq!(edited(&once, &names(), None).expect("changed").text, text);
        assert_eq!(edited(&text, &names(), None).expect("changed").text, text);
    }

    #[test]
    fn marks_in_a_quote_are_no_marks_and_half_a_pair_is_refused() {
        let text = "server {\n server_name a.local;\n add_header X '\n# BEGIN erpnext-github\n';\n}\n";
        assert_eq!(patched(text).text.matches(BEGIN).count(), 2);
        for half in [BEGIN, END, "# END erpnext-github\n# BEGIN erpnext-github"] {
            let text = format!("server {{\n server_name a.local;\n{half}\n}}\n");
            assert!(
                matches!(edited(&text, &names(), Some(UPSTREAM)), Err(Trouble::Marks(_))),
                "{text}"
            );
        }
    }

    #[test]
    fn a_location_that_was_put_there_by_hand_is_named() {
        let text =
            "server {\n server_name a.local;\n location ^~ /api/method/erpnext_github_integration. { proxy_pass http://x; }\n}\n";
        let Err(Trouble::ByHand(at)) = edited(text, &names(), Some(UPSTREAM)) else {
            panic!("refused")
        };
        assert_eq!(syntax::line_of(text, at), 3);
    }
}
