//! Pages on which somebody chooses: the Project that an installation is for, and repositories of one that reaches all.

use crate::actions::way_back::End;

use super::html::{Choice, Picks, Text, Tone};
use super::words::{BACK_IN_DESK, of_hindered, sentence};

/// Asks for the Project that an installation is for.
pub(super) fn of_projects(end: &End) -> Text {
    let End::ChooseProject {
        installation,
        id,
        account,
        projects,
        csrf_token,
    } = end
    else {
        return of_hindered(end);
    };
    let mut text = Text::new("choose-project", Tone::Open, "Choose a Project").say(format!(
        "The App is installed in {account}. To which Project do the repositories belong that were picked there?"
    ));
    text.installation_id = *id;
    if projects.is_empty() {
        return text
            .say("There is no open Project that you lead: its owner or its manager, or a GitHub Admin, connects a Project with repositories.")
            .say("Once there is one: GitHub Installations in the GitHub group of the Project.");
    }
    text = text.say("For a Project that is not listed here: GitHub Installations in the GitHub group of that Project.");
    text.choice = Some(Choice {
        installation: installation.clone(),
        offered: projects
            .iter()
            .map(|(name, title)| {
                let label = if name == title {
                    name.clone()
                } else {
                    format!("{title} ({name})")
                };
                (name.clone(), label)
            })
            .collect(),
        csrf_token: csrf_token.clone(),
    });
    text
}

pub(super) fn of_choice(end: &End) -> Text {
    let End::ChooseRepositories {
        installation,
        id,
        account,
        project,
        repositories,
        problem,
        at,
        csrf_token,
    } = end
    else {
        return of_hindered(end);
    };
    let mut text = Text::new("choose-repositories", Tone::Open, "Choose repositories").say(format!(
        "The App is installed in {account} for all repositories. None of them is followed by itself: which ones is the Project {project} about?"
    ));
    text.installation_id = *id;
    text = match problem {
        Some(problem) => text
            .say(sentence(problem))
            .say("You can choose them later: GitHub Installations in the GitHub group of the Project."),
        None if repositories.is_empty() => text.say(
            "GitHub shows none of them to you. Whoever sees them can choose them later: GitHub Installations in the GitHub group of the Project.",
        ),
        None => text.say("The people of the Project will read what you choose. You can choose more later, on the Project."),
    };
    if !repositories.is_empty() {
        text.picks = Some(Picks {
            installation: installation.clone(),
            project: project.clone(),
            offered: repositories.clone(),
            csrf_token: csrf_token.clone(),
        });
    }
    text.link(at.as_str(), BACK_IN_DESK)
}
