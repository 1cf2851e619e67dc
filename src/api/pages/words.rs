//! What each page says. One sentence says what is, the next one what to do.

use axum::http::StatusCode;

use crate::actions::way_back::End;

use super::choices::{of_choice, of_projects};
use super::html::{Text, Tone};

/// What is read by a connection. The dialog before GitHub opens says the same (`client_scripts/connecting.js`; a test holds them together).
const READ: [&str; 3] = [
    "your login, number and picture",
    "which installations of the App, and which repositories in them, you can see; for an installation that you began, also by itself until it is finished; in the wizard of a GitHub Integration by OAuth also your organizations and the repositories that you can reach",
    "what a button has to know before it changes something in your name",
];
/// What is done with it.
const DONE: [&str; 3] = [
    "what you ask for by a button here then carries your name: issues, pull requests, assignments, requests for review, access and webhooks",
    "what you asked for and what was cut off is finished by it, also while you are away",
    "nothing else is done by it while you are away, unless you lend it: a GitHub Integration by OAuth that you make, or lend it to, reads the repositories of its account and keeps their webhooks by it, until you end one of the two",
];
/// What it could reach: of a GitHub App.
const APP_REACH: [&str; 1] =
    ["no more than the App was granted where it is installed, and no more than you may on GitHub yourself"];
/// The same of an OAuth App.
const OAUTH_REACH: [&str; 1] = [
    "GitHub gives the scopes repo, read:org with it. By these all repositories that you can reach could be read and changed, private ones included: GitHub knows nothing narrower for an OAuth App, and nothing but what is said here is done",
];
/// What is not.
const NEVER: [&str; 4] = [
    "your password is never asked for, nor an e-mail address that your profile on GitHub does not show to everybody",
    "no other user here acts by your connection. Whoever acts as you on this site does: who has your session, your password or an API key of yours, which administrators can make",
    "its tokens are kept encrypted, and are never shown, logged or sent anywhere but to GitHub",
    "you can end it at any time: Disconnect GitHub on your User, or on GitHub under Settings, Applications",
];

pub(super) const BACK_IN_DESK: &str = "Go on in the desk";
const DESK: &str = "/app";
const AGAIN: &str = "Begin again in the desk: open the form that you came from, and press the button once more.";

/// What is left where the way back of an App that was made came to nothing.
const LEFT: &str = "An App was made on GitHub, and nothing of it is kept here.";
/// What to do about it.
const MENDED: &str = "Delete it on its page there, and begin again in GitHub Settings. Or make a private key and a client secret on that page, and enter them in \
                      GitHub Settings. An App of an organization is listed in the settings of the organization on GitHub, under Developer settings.";

/// What is said above how an installation is, of a way back that took too long.
const ENDED: &str =
    "This way back has ended: it is good for ten minutes. What was installed counts all the same, and this is how far it is.";
/// The same of one that somebody came back on before.
const USED: &str = "This way back was used already, or did not begin here. This is how far the installation is.";

/// The page of an end.
pub(super) fn of(end: &End) -> Text {
    match end {
        End::Connected {
            user,
            login,
            scopes,
            at,
        } => Text::new("connected", Tone::Good, "Your GitHub account is connected")
            .say(format!("{user} is {login} on GitHub. You can close this window."))
            .list("What is read by it", &READ)
            .list("What is done by it", &DONE)
            .list("What it could reach", if scopes.is_empty() { &APP_REACH } else { &OAUTH_REACH })
            .list("What is never done", &NEVER)
            .link(at.as_str(), BACK_IN_DESK),
        End::AppMade { name, at } => Text::new("app-made", Tone::Good, format!("The GitHub App {name} is made"))
            .say("Its key and secrets are stored here, encrypted. GitHub shows the private key to nobody again.")
            .say("The next step is to install it in an organisation or account: Connect GitHub in GitHub Settings, or Add GitHub Integration on a Project.")
            .link(at.as_str(), BACK_IN_DESK),
        End::Done { .. } | End::Waiting { .. } | End::ChooseProject { .. } => of_installation(end),
        End::ChooseRepositories { .. } => of_choice(end),
        End::Unmatched { .. } | End::Requested | End::Suspended { .. } | End::Deleted { .. } | End::Failed { .. } => of_hindered(end),
        End::MissingInstallation | End::NoSuchInstallation | End::NotYours | End::Nothing => of_no_installation(end),
        End::Refused { what, reason } => Text::new("refused", Tone::Bad, *what).say(sentence(reason)).link(DESK, BACK_IN_DESK),
        End::SignIn => Text::new("sign-in", Tone::Open, "Sign in first")
            .with_status(StatusCode::FORBIDDEN)
            .say("Nobody is signed in at this site in this browser, or the session has ended.")
            .say("If you set out in another browser, open the address of this page there. Else sign in, and begin again in the desk.")
            .keeping_address()
            .link("/login", "Sign in"),
        End::NotForYou => Text::new("not-for-you", Tone::Bad, "This is for users of the desk")
            .with_status(StatusCode::FORBIDDEN)
            .say("Ask an administrator for a System User's account."),
        End::StateUsed | End::StateOfOther | End::StateEnded => of_state(end),
        End::Late { has_ended, then } => {
            let mut text = of(then);
            let why = if *has_ended { ENDED } else { USED };
            text.sentences.insert(0, why.to_owned());
            text
        }
        End::AppLeft { why, apps } => of_left(why, apps),
        End::SwitchedOff(why) => Text::new("switched-off", Tone::Open, "The GitHub integration is switched off")
            .say(sentence(&capital(why)))
            .say("Nothing was done, and nothing is used up. Once it is switched on, try again, or begin again in the desk.")
            .trying_again()
            .link(DESK, BACK_IN_DESK),
        End::Broken { reason, is_good } => {
            let text = Text::new("broken", Tone::Bad, "This cannot be done just now")
                .with_status(StatusCode::SERVICE_UNAVAILABLE)
                .say(sentence(reason));
            let text = if *is_good {
                text.say("Nothing was done, and nothing is used up.").trying_again()
            } else {
                text
            };
            text.link(DESK, BACK_IN_DESK)
        }
    }
}

fn of_installation(end: &End) -> Text {
    match end {
        End::Done {
            account,
            project,
            at,
            is_for_all,
            lacks,
            accept,
        } => {
            let tone = if lacks.is_some() { Tone::Open } else { Tone::Good };
            let mut text = Text::new("done", tone, format!("The App is installed in {account}"));
            text = match (project, lacks) {
                (_, Some(reason)) => text.say(sentence(reason)),
                (Some(project), None) => text.say(format!(
                    "What was picked there belongs to the Project {project}. You can close this window."
                )),
                (None, None) => text.say("You can close this window."),
            };
            if *is_for_all {
                text = text
                    .say(
                        "It reaches all repositories there, and none of them is followed by itself: an administrator follows some in the GitHub Integration of the account, or somebody chooses some on his Project.",
                    )
                    .link("/app/github-integration", "Choose what is followed");
            }
            if let Some(url) = accept {
                text = text
                    .say("The App asks for more than was granted. Until an owner of the account accepts it, some features are switched off.")
                    .link(url, "Accept the permissions on GitHub");
            }
            text.link(at.as_str(), BACK_IN_DESK)
        }
        End::Waiting { id, read_in, csrf_token } => {
            let mut text = read_in.as_deref().map_or_else(of_untold, of_read).checking(*id, csrf_token);
            text.waits = true;
            text
        }
        End::ChooseProject { .. } => of_projects(end),
        _ => of_hindered(end),
    }
}

/// Waits for GitHub's word.
fn of_untold() -> Text {
    Text::new("waiting", Tone::Open, "GitHub has not told of the installation yet")
        .say("That takes a few seconds. Do not close this window: it goes on by itself.")
        .say(
            "If nothing happens for minutes, GitHub does not reach this site: press Check again, which asks GitHub by your own connection. An administrator looks at Recent Deliveries on the App's page.",
        )
}

/// Waits for what GitHub is asked.
fn of_read(account: &str) -> Text {
    Text::new("waiting", Tone::Open, format!("The installation in {account} is being read"))
        .say("GitHub is asked what it is like and which repositories were picked, which takes longer where there are many. Do not close this window: it goes on by itself.")
        .say("If nothing happens for minutes, press Check again: it is read at once.")
}

pub(super) fn of_hindered(end: &End) -> Text {
    match end {
        End::Unmatched {
            account,
            is_given_up,
            at,
            id,
            csrf_token,
        } => {
            let kind = |title| Text::new("unmatched", Tone::Open, title);
            let text = if *is_given_up {
                kind(format!("The installation in {account} is nobody's"))
                    .say("What was noted of it here was deleted, and GitHub has it still. What it connected stays.")
            } else {
                kind("Nobody here is the account that installed the App".to_owned())
                    .say("If it was you, connect that GitHub account: Connect GitHub on your User. The installation is yours then.")
                    .link(at.as_str(), "Open your User")
            };
            text.say(
                "If you installed it with the account that you connected, or are an owner there, press Check again: GitHub is asked by your own connection, and it is yours then.",
            )
            .checking(*id, csrf_token)
            .link(DESK, BACK_IN_DESK)
        }
        End::Suspended {
            account,
            url,
            id,
            csrf_token,
        } => Text::new("suspended", Tone::Bad, format!("The App is suspended in {account}"))
            .with_status(StatusCode::OK)
            .say("Nothing is read or written there until an owner of the account ends that.")
            .checking(*id, csrf_token)
            .link(url, "Open the installation on GitHub"),
        End::Deleted { account } => Text::new("deleted", Tone::Bad, format!("The App is not installed in {account} any more"))
            .with_status(StatusCode::OK)
            .say("What is mirrored stays, and is not brought up to date. To go on, install the App again.")
            .link(DESK, BACK_IN_DESK),
        End::Failed {
            account,
            reason,
            id,
            csrf_token,
        } => Text::new("failed", Tone::Bad, format!("The installation in {account} cannot be read"))
            .with_status(StatusCode::OK)
            .say(sentence(reason))
            .say("It is tried again by itself.")
            .checking(*id, csrf_token)
            .link(DESK, BACK_IN_DESK),
        _ => Text::new("requested", Tone::Open, "An owner of the organisation was asked")
            .say("Only owners install Apps in it. GitHub has told them, and tells this site when one of them agrees: then the Project shows it.")
            .say("You can close this window.")
            .link(DESK, BACK_IN_DESK),
    }
}

fn of_no_installation(end: &End) -> Text {
    match end {
        End::MissingInstallation => Text::new("missing-installation", Tone::Bad, "GitHub did not say which installation it is")
            .say("The address lacks installation_id. If you installed the App just now, it was told to this site all the same: look at your Project.")
            .link("/integrations/github/", "How far it is"),
        End::NoSuchInstallation => Text::new("no-such-installation", Tone::Bad, "There is no such installation")
            .with_status(StatusCode::NOT_FOUND)
            .say("Neither this site nor GitHub knows an installation of this App of that number. It may have been removed.")
            .say(AGAIN)
            .link(DESK, BACK_IN_DESK),
        End::NotYours => Text::new("not-yours", Tone::Bad, "This installation is not yours")
            .with_status(StatusCode::FORBIDDEN)
            .say("Somebody else installed it. He, or a GitHub Admin, can say which Project it belongs to.")
            .link(DESK, BACK_IN_DESK),
        _ => Text::new("nothing", Tone::Open, "You have not installed the App")
            .say("Open a Project and press Add GitHub Integration.")
            .link(DESK, BACK_IN_DESK),
    }
}

fn of_state(end: &End) -> Text {
    let (kind, title, why) = match end {
        End::StateOfOther => (
            "state-of-other",
            "This way back is somebody else's",
            "It belongs to another user or session of this site. Nothing was done.",
        ),
        End::StateEnded => (
            "state-ended",
            "This way back has ended",
            "It is good for ten minutes. No account was connected by it; an installation of the App counts all the same, because GitHub tells of it.",
        ),
        _ => (
            "state-used",
            "This way back cannot be used",
            "It was used already, or did not begin here. If it worked the first time, all is well.",
        ),
    };
    Text::new(kind, Tone::Bad, title)
        .say(why)
        .say(AGAIN)
        .link("/integrations/github/", "How far the last installation is")
        .link(DESK, BACK_IN_DESK)
}

/// Of an App that GitHub made, and that is not kept here.
fn of_left(why: &End, apps: &str) -> Text {
    let mut text = of(why);
    text.sentences = match why {
        End::StateUsed => vec![
            "It was used already, or did not begin here. If GitHub Settings shows the App that you made, it worked the first time, and all is well.".to_owned(),
            format!("If not: {LEFT}"),
        ],
        End::StateOfOther => vec![
            "It belongs to another user or session of this site, and the code that GitHub gave was not exchanged.".to_owned(),
            LEFT.to_owned(),
        ],
        End::StateEnded => vec![
            "It is good for an hour, and so is the code that GitHub gave.".to_owned(),
            LEFT.to_owned(),
        ],
        _ => text.sentences.into_iter().chain([LEFT.to_owned()]).collect(),
    };
    text.sentences.push(MENDED.to_owned());
    text.links = vec![
        (apps.to_owned(), "Your Apps on GitHub".to_owned()),
        ("/app/github-settings".to_owned(), "Open GitHub Settings".to_owned()),
    ];
    text
}

/// A page that is not there.
pub(super) fn no_such_page() -> Text {
    Text::new("no-such-page", Tone::Bad, "There is no such page")
        .with_status(StatusCode::NOT_FOUND)
        .link(DESK, BACK_IN_DESK)
}

/// A reason, as a sentence with an end. It may begin with a login, which is written as it is.
pub(super) fn sentence(text: &str) -> String {
    if text.ends_with(['.', '!', '?']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// A sentence of ours that begins with a word of ours.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dialog_before_github_and_the_page_after_it_say_the_same() {
        let dialog = include_str!("../../../client_scripts/connecting.js");
        for said in READ.iter().chain(&DONE).chain(&APP_REACH).chain(&OAUTH_REACH).chain(&NEVER) {
            assert!(dialog.contains(said), "{said}");
        }
    }
}
