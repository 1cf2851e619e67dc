//! With whose credential GitHub is asked for a repository: its own, else its integration's, else the site's. What is here because of an installation of the
//! App, and belongs to no integration, is read by that installation: nobody knows whether a token of the site sees it.

use std::fmt;

use super::{Service, Services};

/// What stands behind a credential. Two repositories with the same one are asked for together, within one budget.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// The token of the Repository of that name.
    Repository(String),
    /// The token of the GitHub Integration of that name.
    Integration(String),
    /// The connection of a person, who lends it to an integration.
    Person {
        /// Name of the User.
        user: String,
    },
    /// The GitHub App, as it is installed in an account.
    Installation {
        /// Login of the account, in small letters.
        account: String,
    },
    /// The token of GitHub Settings.
    Site,
    /// A variable of the process's environment, which the site's own configuration names.
    Environment(String),
}

/// What the site itself works with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SiteWay {
    /// The token of GitHub Settings.
    Token,
    /// The GitHub App.
    App,
    /// The environment's variable of that name.
    Environment(String),
}

/// How an integration proves itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IntegrationWay {
    /// The GitHub App.
    App {
        /// Login of the account.
        account: String,
        /// The integration that is the account's already, where it is another one; else empty.
        holder: String,
    },
    /// The connection of a User.
    Person {
        /// Name of the User; empty for nobody's.
        user: String,
        /// Whether he lent it.
        loan: Loan,
    },
    /// A token of its own.
    Token,
}

/// What somebody lent to an integration that names his connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loan {
    /// His connection, for what is asked for.
    Lent,
    /// His connection, for the account of the integration, and this is another one's.
    OtherAccount,
    /// Nothing.
    Nothing,
}

/// The integration of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfIntegration {
    /// Its name.
    pub name: String,
    /// Switched on; none where it is not there any more.
    pub enabled: Option<bool>,
    /// How it proves itself.
    pub way: IntegrationWay,
    /// What it does.
    pub services: Services,
}

/// What is known of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reachable {
    /// Name of the Repository document.
    pub name: String,
    /// It has a token of its own.
    pub has_token: bool,
    /// Its integration.
    pub integration: Option<OfIntegration>,
    /// An installation of the App brought the repository here.
    pub is_installed: bool,
}

/// Why nothing is asked for a repository: a whole sentence that says what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAsked {
    /// The sentence.
    pub sentence: String,
    /// Somebody switched it off, so that nothing is wrong.
    pub is_choice: bool,
}

impl Reachable {
    /// A repository of which nothing is written down.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            has_token: false,
            integration: None,
            is_installed: false,
        }
    }

    /// What is read of it.
    #[must_use]
    pub fn services(&self) -> Services {
        self.integration
            .as_ref()
            .map_or_else(Services::default, |integration| integration.services)
    }

    /// With whose credential it is asked for.
    ///
    /// # Errors
    /// Where somebody switched that off, or its integration is not whole.
    pub fn source(&self, site: &SiteWay) -> Result<Source, NotAsked> {
        if let Some(integration) = &self.integration {
            self.may_be_asked(integration)?;
        }
        if self.has_token {
            return Ok(Source::Repository(self.name.clone()));
        }
        match self
            .integration
            .as_ref()
            .map(|integration| (&integration.way, &integration.name))
        {
            Some((IntegrationWay::App { account, .. }, name)) if account.is_empty() => Err(wrong(format!(
                "the GitHub Integration {name} does not say in which account the GitHub App is installed: connect it again"
            ))),
            Some((IntegrationWay::App { account, holder }, name)) if !holder.is_empty() => {
                Err(wrong(held_already(account, holder, name)))
            }
            Some((IntegrationWay::App { account, .. }, _)) => Ok(installation(account)),
            Some((IntegrationWay::Person { user, .. }, name)) if user.is_empty() => Err(wrong(format!(
                "the GitHub Integration {name} does not say whose connection it uses: {LEND} there"
            ))),
            Some((
                IntegrationWay::Person {
                    user,
                    loan: Loan::OtherAccount,
                },
                name,
            )) => Err(wrong(format!(
                "{user} lent his connection to the GitHub Integration {name} for its own account, and {} is another one's: choose another \
                 integration on the Repository, or none",
                self.name
            ))),
            Some((
                IntegrationWay::Person {
                    user,
                    loan: Loan::Nothing,
                },
                name,
            )) => Err(wrong(format!(
                "the GitHub Integration {name} names the connection of {user}, who has not lent it: have {user}, or another GitHub Admin for his own, {LEND} there"
            ))),
            Some((IntegrationWay::Person { user, .. }, _)) => Ok(Source::Person { user: user.clone() }),
            Some((IntegrationWay::Token, name)) => Ok(Source::Integration(name.clone())),
            // What a token of the site may see nobody knows.
            None if self.is_installed => Ok(installation(self.owner())),
            None => Ok(match site {
                SiteWay::Token => Source::Site,
                SiteWay::Environment(name) => Source::Environment(name.clone()),
                SiteWay::App => installation(self.owner()),
            }),
        }
    }

    /// Whether something may be changed on GitHub that belongs to `service`.
    ///
    /// # Errors
    /// Where somebody switched that off.
    pub fn require(&self, service: Service) -> Result<(), NotAsked> {
        let Some(integration) = &self.integration else { return Ok(()) };
        self.may_be_asked(integration)?;
        if integration.services.is_on(service) {
            return Ok(());
        }
        Err(chosen(format!(
            "the service {} of the GitHub Integration {} is switched off: switch it on to work with {} here",
            service.label(),
            integration.name,
            self.name
        )))
    }

    /// Login of the account that has it.
    fn owner(&self) -> &str {
        self.name.split('/').next().unwrap_or_default()
    }

    fn may_be_asked(&self, integration: &OfIntegration) -> Result<(), NotAsked> {
        let name = &integration.name;
        match integration.enabled {
            None => Err(wrong(format!(
                "the GitHub Integration {name} is not there any more: choose another on the Repository {}, or none",
                self.name
            ))),
            Some(false) => Err(chosen(format!(
                "the GitHub Integration {name} is switched off: switch it on to have {} read",
                self.name
            ))),
            Some(true) if !integration.services.reads_anything() => Err(chosen(format!(
                "the services Repositories, Pull Requests and Issues of the GitHub Integration {name} are switched off, so that nothing of {} is read",
                self.name
            ))),
            Some(true) => Ok(()),
        }
    }
}

/// The button that lends a connection.
const LEND: &str = "press Use My Connection";

/// Why the integration `name` is not used: through the App an account has one, and this one's has `holder`.
#[must_use]
pub fn held_already(account: &str, holder: &str, name: &str) -> String {
    format!(
        "{account} is connected through the GitHub App already, as {holder}: use {holder} for its repositories, and delete {name} or enter another account there"
    )
}

fn installation(account: &str) -> Source {
    Source::Installation {
        account: account.to_lowercase(),
    }
}

fn wrong(sentence: String) -> NotAsked {
    NotAsked {
        sentence,
        is_choice: false,
    }
}

fn chosen(sentence: String) -> NotAsked {
    NotAsked {
        sentence,
        is_choice: true,
    }
}

impl Source {
    /// What it is, without the names of a repository and of its owner, which GitHub changes.
    #[must_use]
    pub fn whatever_it_is_called(&self) -> String {
        match self {
            Self::Repository(_) => "a token of the repository".to_owned(),
            Self::Installation { .. } => "the installation of its owner".to_owned(),
            other => other.to_string(),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Repository(name) => write!(f, "the token of the Repository {name}"),
            Self::Integration(name) => write!(f, "the token of the GitHub Integration {name}"),
            Self::Person { user } => write!(f, "the connection of {user}"),
            Self::Installation { account } => write!(f, "the GitHub App in {account}"),
            Self::Site => f.write_str("the token of GitHub Settings"),
            Self::Environment(name) => write!(f, "the environment's {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(way: IntegrationWay) -> Reachable {
        let integration = OfIntegration {
            name: "Acme".to_owned(),
            enabled: Some(true),
            way,
            services: Services::default(),
        };
        Reachable {
            integration: Some(integration),
            ..Reachable::named("Acme/web")
        }
    }

    #[test]
    fn g4_a_repositorys_own_token_goes_before_its_integrations_and_that_before_the_sites() {
        let acme = || Source::Installation {
            account: "acme".to_owned(),
        };
        let own = Reachable {
            has_token: true,
            ..of(IntegrationWay::Token)
        };
        assert_eq!(own.source(&SiteWay::App), Ok(Source::Repository("Acme/web".to_owned())));
        let token = of(IntegrationWay::Token).source(&SiteWay::Token);
        assert_eq!(token, Ok(Source::Integration("Acme".to_owned())));
        let ann = |loan| IntegrationWay::Person {
            user: "ann@x.com".to_owned(),
            loan,
        };
        let refused = of(ann(Loan::OtherAccount))
            .source(&SiteWay::Token)
            .expect_err("not for this one");
        assert!(refused.sentence.contains("Acme/web is another one's"), "{refused:?}");
        let refused = of(ann(Loan::Nothing)).source(&SiteWay::Token).expect_err("she lent nothing");
        assert!(
            !refused.is_choice && refused.sentence.contains("has not lent it"),
            "{refused:?}"
        );
        let person = of(ann(Loan::Lent)).source(&SiteWay::Token);
        assert_eq!(
            person,
            Ok(Source::Person {
                user: "ann@x.com".to_owned()
            })
        );
        let app = |holder: &str| IntegrationWay::App {
            account: "ACME".to_owned(),
            holder: holder.to_owned(),
        };
        assert_eq!(of(app("")).source(&SiteWay::Token), Ok(acme()));
        let second = of(app("First")).source(&SiteWay::Token).expect_err("there is one");
        assert!(
            !second.is_choice && second.sentence.contains("already, as First"),
            "{second:?}"
        );
        let plain = Reachable::named("Acme/web");
        assert_eq!(plain.source(&SiteWay::Token), Ok(Source::Site));
        assert_eq!(plain.source(&SiteWay::App), Ok(acme()), "the installation of its owner");
        let named = SiteWay::Environment("GITHUB_AUTH_TOKEN".to_owned());
        assert_eq!(plain.source(&named), Ok(Source::Environment("GITHUB_AUTH_TOKEN".to_owned())));
    }

    #[test]
    fn an_installation_that_reaches_it_goes_before_the_sites_token_alone() {
        let reached = |reachable| Reachable {
            is_installed: true,
            ..reachable
        };
        let acme = Source::Installation {
            account: "acme".to_owned(),
        };
        let named = SiteWay::Environment("GITHUB_AUTH_TOKEN".to_owned());
        for site in [&SiteWay::Token, &SiteWay::App, &named] {
            assert_eq!(reached(Reachable::named("Acme/web")).source(site).as_ref(), Ok(&acme));
        }
        let integrated = reached(of(IntegrationWay::Token));
        assert_eq!(integrated.source(&SiteWay::Token), Ok(Source::Integration("Acme".to_owned())));
        let own = Reachable {
            has_token: true,
            ..reached(Reachable::named("Acme/web"))
        };
        assert_eq!(own.source(&SiteWay::Token), Ok(Source::Repository("Acme/web".to_owned())));
    }

    #[test]
    fn what_somebody_switched_off_is_not_asked_for_whatever_token_there_is() {
        let mut off = Reachable {
            has_token: true,
            ..of(IntegrationWay::Token)
        };
        let set = |reachable: &mut Reachable, enabled, services| {
            let integration = reachable.integration.as_mut().expect("one");
            (integration.enabled, integration.services) = (enabled, services);
        };
        set(&mut off, Some(false), Services::default());
        let refused = off.source(&SiteWay::Token).expect_err("switched off");
        assert!(
            refused.is_choice && refused.sentence.contains("Acme is switched off"),
            "{refused:?}"
        );
        let nothing = Services {
            repositories: false,
            pull_requests: false,
            issues: false,
            webhooks: true,
        };
        set(&mut off, Some(true), nothing);
        assert!(off.source(&SiteWay::Token).expect_err("nothing is on").is_choice);
        let no_issues = Services {
            issues: false,
            ..Services::default()
        };
        set(&mut off, Some(true), no_issues);
        assert!(off.require(Service::Issues).expect_err("off").is_choice);
        assert_eq!(off.require(Service::PullRequests), Ok(()));
        set(&mut off, None, Services::default());
        assert!(!off.source(&SiteWay::Token).expect_err("removed").is_choice);
    }
}
