//! People's authorisations: the Apps that may ask for them, the codes and tokens that were given out, and what ends them.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Token, World, ids, same_account};

/// How long a code may be exchanged.
const CODE_TIME: TimeDelta = TimeDelta::minutes(10);
/// How long a token lives that ends, and its refresh token: eight hours, six months.
const ACCESS_TIME: TimeDelta = TimeDelta::seconds(28_800);
const REFRESH_TIME: TimeDelta = TimeDelta::seconds(15_897_600);

/// All of it.
#[derive(Debug, Clone, Default)]
pub struct OAuthWorld {
    /// Apps that may ask.
    pub apps: Vec<OAuthClient>,
    /// Who is signed in at the browser that opens GitHub's pages; [`World::VIEWER`] where nobody is named.
    pub signed_in: Option<String>,
    /// Who authorised which App.
    pub authorizations: Vec<Authorization>,
    codes: Vec<Code>,
    pub(crate) pairs: Vec<Pair>,
    given: Vec<String>,
}

impl OAuthWorld {
    /// Has an account be called otherwise in all that it was given.
    pub(super) fn rename(&mut self, replace: impl Fn(&mut String)) {
        let given = self.authorizations.iter_mut().map(|one| &mut one.login);
        let given = given.chain(self.codes.iter_mut().map(|one| &mut one.login));
        given.chain(self.pairs.iter_mut().map(|one| &mut one.login)).for_each(replace);
    }
}

/// An App that people may authorise.
#[derive(Debug, Clone)]
pub struct OAuthClient {
    /// Public id.
    pub client_id: String,
    /// What it proves itself with. A made-up word, never a real secret.
    pub client_secret: String,
    /// Name on the page.
    pub name: String,
    /// Where people may be sent back to; an address below one of them will do.
    pub callbacks: Vec<String>,
    /// A GitHub App; else an OAuth App, whose tokens have scopes and do not end.
    pub is_github_app: bool,
    /// Its tokens end, and come with refresh tokens. A GitHub App may switch that off.
    pub tokens_end: bool,
}

impl OAuthClient {
    /// Adds an address that people may be sent back to.
    pub fn with_callback(&mut self, address: &str) -> &mut Self {
        self.callbacks.push(address.to_owned());
        self
    }

    /// Makes its tokens last until they are taken back.
    pub fn without_end(&mut self) -> &mut Self {
        self.tokens_end = false;
        self
    }

    /// Makes it an OAuth App.
    pub fn as_oauth_app(&mut self) -> &mut Self {
        (self.is_github_app, self.tokens_end) = (false, false);
        self
    }

    /// True where people may be sent back to `address`: the same origin, and a path that is or lies below one that is registered.
    #[must_use]
    pub fn allows(&self, address: &str) -> bool {
        let Ok(asked) = url::Url::parse(address) else { return false };
        self.callbacks
            .iter()
            .filter_map(|one| url::Url::parse(one).ok())
            .any(|known| {
                let below = asked.path().strip_prefix(known.path().trim_end_matches('/'));
                known.origin() == asked.origin() && below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
    }
}

/// That somebody authorised an App.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    /// The App.
    pub client_id: String,
    /// Who did.
    pub login: String,
}

/// What a person is sent back with.
#[derive(Debug, Clone)]
struct Code {
    text: String,
    client_id: String,
    login: String,
    redirect_uri: String,
    challenge: Option<String>,
    scopes: Vec<String>,
    ends_at: DateTime<Utc>,
}

/// Tokens that work.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    pub(crate) client_id: String,
    pub(crate) login: String,
    pub(crate) access: String,
    pub(crate) access_ends_at: Option<DateTime<Utc>>,
    pub(crate) refresh: Option<String>,
    refresh_ends_at: Option<DateTime<Utc>>,
    pub(crate) scopes: Vec<String>,
    pub(crate) made_at: DateTime<Utc>,
}

/// What somebody asks for on the page.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) client_id: String,
    pub(crate) login: String,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<String>,
    pub(crate) scopes: Vec<String>,
}

/// How a code is exchanged.
#[derive(Debug, Clone)]
pub(crate) struct Exchanged {
    pub(crate) code: String,
    pub(crate) redirect_uri: Option<String>,
    pub(crate) verifier: Option<String>,
}

impl World {
    /// An App that people may authorise, made when there is none of that id: a GitHub App whose tokens end.
    pub fn oauth_app(&mut self, client_id: &str, client_secret: &str) -> &mut OAuthClient {
        let apps = &mut self.oauth.apps;
        let place = apps.iter().position(|app| app.client_id == client_id);
        let place = place.unwrap_or_else(|| {
            apps.push(OAuthClient {
                client_id: client_id.to_owned(),
                client_secret: client_secret.to_owned(),
                name: "ERP".to_owned(),
                callbacks: Vec::new(),
                is_github_app: true,
                tokens_end: true,
            });
            apps.len() - 1
        });
        &mut apps[place]
    }

    /// Every code, every token of people and every token of an installation that was ever given out.
    #[must_use]
    pub fn given_out(&self) -> &[String] {
        &self.oauth.given
    }

    /// Notes that a secret was given out.
    pub(super) fn note_given(&mut self, secret: &str) {
        self.oauth.given.push(secret.to_owned());
    }

    /// `login` takes back what he authorised, as on GitHub's settings page: all his tokens of the App end.
    pub fn revoke_authorization(&mut self, client_id: &str, login: &str) {
        let is_it = |id: &str, of: &str| id == client_id && same_account(of, login);
        self.oauth.authorizations.retain(|one| !is_it(&one.client_id, &one.login));
        self.oauth.codes.retain(|one| !is_it(&one.client_id, &one.login));
        let ended: Vec<String> = self.oauth.pairs.iter().map(|pair| pair.access.clone()).collect();
        self.oauth.pairs.retain(|one| !is_it(&one.client_id, &one.login));
        let live: Vec<String> = self.oauth.pairs.iter().map(|pair| pair.access.clone()).collect();
        self.tokens
            .retain(|token| !ended.contains(&token.secret) || live.contains(&token.secret));
    }

    /// Who opens GitHub's pages.
    #[must_use]
    pub fn signed_in(&self) -> &str {
        self.oauth.signed_in.as_deref().unwrap_or(Self::VIEWER)
    }

    pub(crate) fn oauth_client(&self, client_id: &str) -> Option<&OAuthClient> {
        self.oauth.apps.iter().find(|app| app.client_id == client_id)
    }

    /// The pair of a token that works.
    pub(crate) fn pair_of(&self, access: &str) -> Option<&Pair> {
        let now = self.now();
        self.oauth
            .pairs
            .iter()
            .find(|pair| pair.access == access && pair.access_ends_at.is_none_or(|at| now < at))
    }

    /// Notes that it was authorised; gives the code.
    pub(crate) fn authorize(&mut self, asked: Asked) -> String {
        let text = self.secret("", 20);
        let authorization = Authorization {
            client_id: asked.client_id.clone(),
            login: asked.login.clone(),
        };
        if !self.oauth.authorizations.contains(&authorization) {
            self.oauth.authorizations.push(authorization);
        }
        self.oauth.codes.push(Code {
            text: text.clone(),
            client_id: asked.client_id,
            login: asked.login,
            redirect_uri: asked.redirect_uri,
            challenge: asked.challenge,
            scopes: asked.scopes,
            ends_at: self.now() + CODE_TIME,
        });
        text
    }

    /// Makes tokens out of a code, which is gone whatever comes of it; GitHub's word for what is wrong with it.
    pub(crate) fn exchange(&mut self, client_id: &str, asked: &Exchanged) -> Result<Pair, &'static str> {
        let codes = &mut self.oauth.codes;
        let place = codes
            .iter()
            .position(|code| code.text == asked.code && code.client_id == client_id);
        let code = codes.remove(place.ok_or("bad_verification_code")?);
        if asked.redirect_uri.as_ref().is_some_and(|uri| *uri != code.redirect_uri) {
            return Err("redirect_uri_mismatch");
        }
        let challenge = asked.verifier.as_deref().map(challenge);
        if self.now() >= code.ends_at || challenge != code.challenge {
            return Err("bad_verification_code");
        }
        Ok(self.give(client_id, &code.login, code.scopes))
    }

    /// Makes the next tokens; those before are dead from now on.
    pub(crate) fn rotate(&mut self, client_id: &str, refresh: &str) -> Result<Pair, &'static str> {
        let now = self.now();
        let place = self.oauth.pairs.iter().position(|pair| {
            pair.client_id == client_id
                && pair.refresh.as_deref() == Some(refresh)
                && pair.refresh_ends_at.is_some_and(|at| now < at)
        });
        let old = self.oauth.pairs.remove(place.ok_or("bad_refresh_token")?);
        self.tokens.retain(|token| token.secret != old.access);
        Ok(self.give(client_id, &old.login, old.scopes))
    }

    /// Ends one token, and the refresh token that came with it.
    pub(crate) fn end_token(&mut self, access: &str) {
        self.oauth.pairs.retain(|pair| pair.access != access);
        self.tokens.retain(|token| token.secret != access);
    }

    fn give(&mut self, client_id: &str, login: &str, scopes: Vec<String>) -> Pair {
        let app = self.oauth_client(client_id);
        let (is_github_app, tokens_end) = app.map_or((true, true), |app| (app.is_github_app, app.tokens_end));
        let now = self.now();
        let access = self.secret(if is_github_app { "ghu_" } else { "gho_" }, 36);
        let pair = Pair {
            client_id: client_id.to_owned(),
            login: login.to_owned(),
            access_ends_at: tokens_end.then_some(now + ACCESS_TIME),
            refresh: tokens_end.then(|| self.secret("ghr_", 76)),
            refresh_ends_at: tokens_end.then_some(now + REFRESH_TIME),
            scopes,
            made_at: now,
            access,
        };
        let mut token = Token::classic(&pair.access, login);
        token.scopes = (!is_github_app).then(|| pair.scopes.clone());
        token.expires_at = pair.access_ends_at;
        self.tokens.push(token);
        self.oauth.pairs.push(pair.clone());
        pair
    }

    /// A new secret of so many letters and digits.
    fn secret(&mut self, prefix: &str, length: u64) -> String {
        const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let seed = ids::mix(ids::seed("given out"), self.oauth.given.len() as u64);
        let letter = |step| char::from(LETTERS[usize::try_from(ids::mix(seed, step) % 62).unwrap_or_default()]);
        let text: String = prefix.chars().chain((0..length).map(letter)).collect();
        self.oauth.given.push(text.clone());
        text
    }
}

/// What stands for a verifier (RFC 7636, `S256`).
fn challenge(verifier: &str) -> String {
    use base64::Engine as _;
    use sha2::Digest as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(verifier.as_bytes()))
}
