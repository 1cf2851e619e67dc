//! Work on several sites: one that fails does not stop the next.

use serde::Serialize;

use crate::app::App;
use crate::frappe::site::Site;

use super::exit::{Exit, sentence};
use super::output;

/// What a command did on one site.
pub(super) trait Report: Serialize {
    /// Lines for a person.
    fn lines(&self) -> Vec<String>;
    /// True when something in it failed, so that the exit code must say so.
    fn has_failures(&self) -> bool;

    /// True when it failed because something that it needs cannot be reached.
    fn is_unreachable(&self) -> bool {
        false
    }

    /// The code that it stands for.
    fn exit(&self) -> Exit {
        match (self.is_unreachable(), self.has_failures()) {
            (true, _) => Exit::Unreachable,
            (false, true) => Exit::Failures,
            (false, false) => Exit::Done,
        }
    }
}

/// What came out, site by site.
#[derive(Debug)]
pub(super) struct Outcome<R> {
    site: String,
    result: anyhow::Result<R>,
}

#[derive(Serialize)]
struct Answer<'a, R> {
    ok: bool,
    sites: Vec<SiteAnswer<'a, R>>,
}

#[derive(Serialize)]
struct SiteAnswer<'a, R> {
    site: &'a str,
    ok: bool,
    #[serde(flatten)]
    report: Option<&'a R>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Does `work` on one site after the other.
pub(super) async fn on_each_site<R>(
    app: &App,
    names: Vec<String>,
    mut work: impl AsyncFnMut(Site) -> anyhow::Result<R>,
) -> Vec<Outcome<R>> {
    let mut outcomes = Vec::with_capacity(names.len());
    for site in names {
        let result = match app.site(&site) {
            Ok(opened) => work(opened).await,
            Err(error) => Err(error.into()),
        };
        outcomes.push(Outcome::of(site, result));
    }
    outcomes
}

/// Prints what came out, for a person or as one JSON object, and gives the exit code.
pub(super) fn tell<R: Report>(outcomes: &[Outcome<R>], json: bool) -> Exit {
    for outcome in outcomes {
        match &outcome.result {
            Err(error) => output::complain(&outcome.complaint(error)),
            Ok(report) if !json => {
                if outcomes.len() > 1 {
                    output::line(&format!("{}:", outcome.site));
                }
                for line in report.lines() {
                    output::line(&line);
                }
            }
            Ok(_) => {}
        }
    }
    if json {
        output::json(&Answer {
            ok: outcomes.iter().all(Outcome::is_good),
            sites: outcomes.iter().map(Outcome::answer).collect(),
        });
    }
    exit_of(outcomes)
}

/// The code of one failure that all sites share, else 1 when anything failed.
fn exit_of<R: Report>(outcomes: &[Outcome<R>]) -> Exit {
    let mut exits = outcomes.iter().map(|outcome| match &outcome.result {
        Err(error) => Exit::of(error),
        Ok(report) => report.exit(),
    });
    let first = exits.next().unwrap_or(Exit::Done);
    if exits.all(|exit| exit == first) {
        first
    } else {
        Exit::Failures
    }
}

impl<R> Outcome<R> {
    /// What came out on the site of that name.
    pub(super) fn of(site: String, result: anyhow::Result<R>) -> Self {
        Self { site, result }
    }
}

impl<R: Report> Outcome<R> {
    fn is_good(&self) -> bool {
        self.result.as_ref().is_ok_and(|report| !report.has_failures())
    }

    /// The error's sentence, with the site's name unless it says it itself.
    fn complaint(&self, error: &anyhow::Error) -> String {
        let (told, name) = (sentence(error), format!("site {}", self.site));
        if told.contains(&name) {
            told
        } else {
            format!("{name}: {told}")
        }
    }

    fn answer(&self) -> SiteAnswer<'_, R> {
        SiteAnswer {
            site: &self.site,
            ok: self.is_good(),
            report: self.result.as_ref().ok(),
            error: self.result.as_ref().err().map(|error| self.complaint(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::exit::{UnreachableError, UsageError};

    #[derive(Serialize)]
    struct Count {
        failed: u32,
    }

    impl Report for Count {
        fn lines(&self) -> Vec<String> {
            vec![format!("{} failed", self.failed)]
        }

        fn has_failures(&self) -> bool {
            self.failed > 0
        }
    }

    fn outcome(site: &str, result: anyhow::Result<Count>) -> Outcome<Count> {
        Outcome::of(site.to_owned(), result)
    }

    #[test]
    fn one_code_for_all_or_one() {
        let good = || Ok(Count { failed: 0 });
        let away = || Err(UnreachableError("away".to_owned()).into());
        assert_eq!(exit_of::<Count>(&[]), Exit::Done);
        assert_eq!(exit_of(&[outcome("a", good()), outcome("b", good())]), Exit::Done);
        assert_eq!(exit_of(&[outcome("a", away()), outcome("b", away())]), Exit::Unreachable);
        assert_eq!(exit_of(&[outcome("a", away()), outcome("b", good())]), Exit::Failures);
        assert_eq!(exit_of(&[outcome("a", Ok(Count { failed: 1 }))]), Exit::Failures);
        assert_eq!(exit_of(&[outcome("a", Err(UsageError("x".to_owned()).into()))]), Exit::Usage);
    }

    #[test]
    fn the_answer_names_every_site() {
        let outcomes = [
            outcome("a", Ok(Count { failed: 0 })),
            outcome("b", Err(anyhow::anyhow!("odd"))),
        ];
        let answers: Vec<_> = outcomes.iter().map(Outcome::answer).collect();
        assert_eq!(
            serde_json::to_value(answers).expect("JSON"),
            serde_json::json!([
                { "site": "a", "ok": true, "failed": 0 },
                { "site": "b", "ok": false, "error": "site b: odd" },
            ])
        );
    }
}
