//! A place in the desk that somebody is sent back to. Nothing else can be one: an address that leads anywhere but into the desk of the
//! same site cannot be made into a [`DeskPath`].

use std::fmt;

use url::Url;

/// Where the desk is: up to version 15, and since.
const DESKS: [&str; 2] = ["/app", "/desk"];
/// An address that no path leads away from unnoticed.
const SOMEWHERE: &str = "https://desk.invalid";
/// Longest place, in bytes; names of documents have 140 characters, each nine bytes at most when it is escaped.
const LONGEST: usize = 2_000;

/// A path of the desk, with its query and fragment, as a browser would send it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskPath(String);

impl DeskPath {
    /// Reads a path such as `/app/project/PROJ-0001`. None for anything that a browser would not take for a place in this site's desk:
    /// other paths, other hosts however they are written, and what is too long.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // Browsers drop these, or take them for something else.
        let is_odd = |char: char| char.is_control() || char == '\\';
        if !text.starts_with('/') || text.contains(is_odd) || text.len() > LONGEST {
            return None;
        }
        let base = Url::parse(SOMEWHERE).ok()?;
        let url = base.join(text).ok()?;
        // What was given is a path alone, so that the address is still that of the base.
        if url.origin() != base.origin() || !url.username().is_empty() || url.password().is_some() {
            return None;
        }
        let path = url.path();
        let inside = DESKS.iter().any(|desk| {
            path.strip_prefix(desk)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        let whole = url.as_str().strip_prefix(SOMEWHERE)?;
        (inside && !path.contains("//") && whole.len() <= LONGEST).then(|| Self(whole.to_owned()))
    }

    /// The path as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for DeskPath {
    /// The desk's front page.
    fn default() -> Self {
        Self(DESKS[0].to_owned())
    }
}

impl fmt::Display for DeskPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_the_desk_are_kept() {
        for (text, kept) in [
            ("/app", "/app"),
            ("/app/project/PROJ-0001", "/app/project/PROJ-0001"),
            ("/desk/user/jane@x.com", "/desk/user/jane@x.com"),
            (
                "/app/project/Büro 1?tab=github#top",
                "/app/project/B%C3%BCro%201?tab=github#top",
            ),
            ("/app/repository/acme%2Fweb", "/app/repository/acme%2Fweb"),
            ("/app/a/../b", "/app/b"),
        ] {
            assert_eq!(DeskPath::parse(text).expect(text).as_str(), kept);
        }
        assert!(DeskPath::parse(DeskPath::default().as_str()).is_some());
    }

    #[test]
    fn nothing_leads_anywhere_else() {
        for text in [
            "",
            "app",
            "//evil.test/app",
            "///evil.test/app",
            "/\\evil.test/app",
            "/app\\..\\..\\x",
            "https://evil.test/app",
            "javascript:alert(1)",
            "/\t/evil.test/app",
            "/app/\n//evil.test",
            "/app/../login",
            "/app/%2e%2e/login",
            "/app/../../evil",
            "/application",
            "/app//evil.test",
            "/login?redirect=/app",
            "/api/method/x",
            "/",
        ] {
            assert_eq!(DeskPath::parse(text), None, "{text:?}");
        }
        assert_eq!(DeskPath::parse(&format!("/app/{}", "x".repeat(2_000))), None);
        assert_eq!(
            DeskPath::parse(&format!("/app/{}", "ü".repeat(900))),
            None,
            "escaped it is too long"
        );
    }
}
