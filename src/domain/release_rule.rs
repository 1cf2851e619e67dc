//! Which rule a release falls under.

/// Which releases a rule means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prereleases {
    /// All.
    Any,
    /// None that is marked as a prerelease.
    Releases,
    /// Those that are.
    Prereleases,
}

impl Prereleases {
    /// The Select option; what is none means all.
    #[must_use]
    pub fn of(text: &str) -> Self {
        match text {
            "Releases" => Self::Releases,
            "Prereleases" => Self::Prereleases,
            _ => Self::Any,
        }
    }

    fn means(self, prerelease: bool) -> bool {
        match self {
            Self::Any => true,
            Self::Releases => !prerelease,
            Self::Prereleases => prerelease,
        }
    }
}

/// A rule: which releases of a repository belong to what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseRule {
    /// Tags; `*` stands for any text, and everything else for itself.
    pub tag_pattern: String,
    /// Which of them.
    pub prereleases: Prereleases,
    /// Name of the Project; empty for none.
    pub project: String,
    /// Name of the Task; empty for none.
    pub task: String,
}

impl ReleaseRule {
    /// The rule that counts for a release, of those of its repository, the oldest first: the one whose pattern says most, then one that does not
    /// mean all, then the oldest.
    #[must_use]
    pub fn of<'a>(rules: &'a [Self], tag: &str, prerelease: bool) -> Option<&'a Self> {
        let fitting = rules
            .iter()
            .filter(|rule| rule.prereleases.means(prerelease) && fits(rule.tag_pattern.trim(), tag));
        // `max_by_key` takes the last of equal ones.
        fitting.rev().max_by_key(|rule| {
            let said = rule.tag_pattern.trim().chars().filter(|letter| *letter != '*').count();
            (said, rule.prereleases != Prereleases::Any)
        })
    }
}

/// Whether a tag is one that a pattern means. Tags are told apart by the case of their letters, as Git does.
fn fits(pattern: &str, tag: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = tag.strip_prefix(first) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        // No star at all.
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text_and_everything_else_for_itself() {
        for (pattern, tag, wanted) in [
            ("*", "v1.0", true),
            ("*", "", true),
            ("v1.0", "v1.0", true),
            ("v1.0", "v1.0.1", false),
            ("v1.0", "v1x0", false),
            ("v2.*", "v2.7", true),
            ("v2.*", "V2.7", false),
            ("*-beta", "v2-beta", true),
            ("*-beta", "v2-beta.1", false),
            ("v*-rc*", "v1-rc2", true),
            ("v*-rc*", "v1-beta", false),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("*%*", "v1", false),
            ("web/*/rc", "web/7/rc", true),
            ("*ä*", "v-ä-1", true),
            ("**", "x", true),
        ] {
            assert_eq!(fits(pattern, tag), wanted, "{pattern} {tag}");
        }
    }

    #[test]
    fn the_rule_that_says_most_counts() {
        let rule = |pattern: &str, prereleases, project: &str| ReleaseRule {
            tag_pattern: pattern.to_owned(),
            prereleases,
            project: project.to_owned(),
            task: String::new(),
        };
        let rules = [
            rule("*", Prereleases::Any, "oldest"),
            rule("*", Prereleases::Any, "younger"),
            rule("*", Prereleases::Prereleases, "pre"),
            rule("v2.*", Prereleases::Any, "two"),
            rule("v2.*", Prereleases::Releases, "two out"),
        ];
        let of = |tag, prerelease| ReleaseRule::of(&rules, tag, prerelease).map(|rule| rule.project.as_str());
        assert_eq!(of("v1.0", false), Some("oldest"));
        assert_eq!(of("v1.0", true), Some("pre"));
        assert_eq!(of("v2.1", false), Some("two out"));
        assert_eq!(of("v2.1", true), Some("two"));
        assert_eq!(ReleaseRule::of(&rules[3..], "v1.0", false), None);
    }
}
