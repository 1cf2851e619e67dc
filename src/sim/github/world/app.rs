//! GitHub Apps, and manifests that somebody agreed to.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Hook, World, app_keys, ids};

/// So long a code of the manifest flow is good.
const CODE_LASTS: TimeDelta = TimeDelta::hours(1);

/// A GitHub App.
#[derive(Debug, Clone)]
pub struct App {
    /// Database id.
    pub id: u64,
    /// Name in addresses.
    pub slug: String,
    /// Name that people read.
    pub name: String,
    /// What tokens name it by.
    pub client_id: String,
    /// Secret for connecting accounts. This and the others are made-up words, never real secrets.
    pub client_secret: String,
    /// What deliveries are signed with.
    pub webhook_secret: Option<String>,
    /// Which of the fake's keys is its own.
    pub key: usize,
    /// Login of the account that it belongs to.
    pub owner: String,
    /// It may be installed by anybody; else in the account that it belongs to, and nowhere else.
    pub is_public: bool,
    /// Its page elsewhere.
    pub url: String,
    /// Where people may be sent back to with a code.
    pub callback_urls: Vec<String>,
    /// Where people are sent after they installed or changed it.
    pub setup_url: Option<String>,
    /// They are sent there after a change, too.
    pub setup_on_update: bool,
    /// What it wants to be granted: permission and level.
    pub permissions: BTreeMap<String, String>,
    /// What it wants to be told.
    pub events: Vec<String>,
    /// Its webhook, with what was delivered by it.
    pub hook: Hook,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A manifest that somebody agreed to, and the code that makes it an App.
#[derive(Debug, Clone)]
pub struct Agreed {
    /// The code.
    pub code: String,
    /// Until when it is good.
    pub until: DateTime<Utc>,
    /// The App to be.
    pub app: App,
}

impl App {
    /// An App without permissions.
    fn new(id: u64, slug: &str, owner: &str, at: DateTime<Utc>) -> Self {
        Self {
            id,
            slug: slug.to_owned(),
            name: slug.to_owned(),
            client_id: format!("Iv23li{id:06}fake"),
            client_secret: format!("client-secret-of-{slug}"),
            webhook_secret: Some(format!("webhook-secret-of-{slug}")),
            key: 0,
            owner: owner.to_owned(),
            is_public: true,
            url: "https://erp.example.com/".to_owned(),
            callback_urls: Vec::new(),
            setup_url: None,
            setup_on_update: false,
            permissions: BTreeMap::new(),
            events: Vec::new(),
            hook: Hook::new(id, "https://erp.example.com/", at),
            created_at: at,
        }
    }

    /// Adds permissions that it asks for, such as `("issues", "write")`.
    pub fn asking_for(&mut self, permissions: &[(&str, &str)]) -> &mut Self {
        let pairs = permissions.iter().map(|&(name, level)| (name.to_owned(), level.to_owned()));
        self.permissions.extend(pairs);
        self
    }

    /// Sets what it wants to be told.
    pub fn for_events(&mut self, events: &[&str]) -> &mut Self {
        self.events = events.iter().map(|&event| event.to_owned()).collect();
        self
    }

    /// Global node id.
    #[must_use]
    pub fn node_id(&self) -> String {
        ids::node("A", self.id)
    }

    /// Its private key as GitHub gives it (PKCS#1).
    #[must_use]
    pub fn pem(&self) -> String {
        app_keys::pkcs1(self.key)
    }

    /// The same key in the other form of PEM (PKCS#8).
    #[must_use]
    pub fn pem_pkcs8(&self) -> String {
        app_keys::pkcs8(self.key)
    }

    /// The public half, by which GitHub knows it.
    pub(crate) fn public_key(&self) -> Vec<u8> {
        app_keys::public(self.key)
    }
}

impl World {
    /// A GitHub App by its slug, made when there is none: of [`World::VIEWER`], with the bot that it acts as.
    pub fn app(&mut self, slug: &str) -> &mut App {
        let place = self.apps.iter().position(|app| app.slug == slug);
        let place = place.unwrap_or_else(|| {
            let app = App::new(self.next_app_id(), slug, Self::VIEWER, self.now());
            self.add_app(app)
        });
        &mut self.apps[place]
    }

    fn next_app_id(&self) -> u64 {
        let made = self.apps.iter().chain(self.agreed.iter().map(|one| &one.app));
        made.map(|app| app.id).max().map_or(ids::FIRST_APP, |id| id + 1)
    }

    fn add_app(&mut self, app: App) -> usize {
        self.bot(&app.slug);
        self.apps.push(app);
        self.apps.len() - 1
    }

    /// Notes that somebody agreed to make an App for `owner`; `fill` sets what its manifest says. Gives the code.
    pub(crate) fn agree(&mut self, slug: &str, owner: &str, fill: impl FnOnce(&mut App)) -> String {
        let mut app = App::new(self.next_app_id(), slug, owner, self.now());
        fill(&mut app);
        let code = ids::sha(app.id, ids::seed(slug));
        self.agreed.push(Agreed {
            code: code.clone(),
            until: self.now() + CODE_LASTS,
            app,
        });
        code
    }

    /// The manifest that a code stands for, while it is good.
    pub(crate) fn agreed_by(&self, code: &str) -> Option<&Agreed> {
        self.agreed.iter().find(|one| one.code == code && self.now() < one.until)
    }

    /// Makes the App that a code stands for; gives its id.
    pub(crate) fn redeem(&mut self, code: &str) -> Option<u64> {
        let place = self.agreed.iter().position(|one| one.code == code)?;
        let app = self.agreed.remove(place).app;
        let id = app.id;
        // People authorise it as any other.
        self.oauth_app(&app.client_id, &app.client_secret)
            .callbacks
            .clone_from(&app.callback_urls);
        self.add_app(app);
        Some(id)
    }
}
