//! The server, and the handle by which tests hold it.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex as StdMutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use super::cached::CachedProjects;
use super::refusal::Refusal;
use super::request::Incoming;
use super::{caller, methods, resource};
use crate::clock::SharedClock;
use crate::frappe::site::Site;
use crate::sim::github::listener::{Fuse, FusedListener};
use crate::sim::site::{ScratchSite, SiteError};

/// Largest request body.
const MAX_BODY: usize = 4 << 20;

/// How the next request fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SiteFault {
    /// 503, as in maintenance mode; nothing is done.
    Maintenance,
    /// A gateway's 502 with a page; nothing is done.
    BadGateway,
    /// The connection is reset before anything is answered, and nothing was done.
    Refused,
    /// Everything is done as asked, but the connection is reset before anything is answered.
    Lost,
    /// Somebody else saves the document between the reading and the writing: its `modified` moves before this is looked at.
    Overtaken,
}

/// A request that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteRequest {
    /// `POST`, ...
    pub verb: String,
    /// Path, decoded.
    pub path: String,
    /// Who called; none where that was refused.
    pub user: Option<String>,
    /// The site that the request named.
    pub site: Option<String>,
    /// The address that it said to come from.
    pub forwarded_for: Option<String>,
    /// Status of the answer; none while it is not given, or where it was lost.
    pub status: Option<u16>,
}

/// What requests share.
pub(super) struct Shared {
    pub(super) site: ScratchSite,
    /// The same site as the program sees it: for permissions, zone and clock.
    pub(super) program: Site,
    pub(super) cached: CachedProjects,
    log: StdMutex<Log>,
    /// One request at a time: nothing here needs more.
    turn: Mutex<()>,
}

#[derive(Default)]
struct Log {
    requests: Vec<SiteRequest>,
    faults: VecDeque<Option<SiteFault>>,
    hooks: BTreeMap<String, String>,
    mails: Vec<String>,
}

impl Shared {
    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The user that a hook of the site knows by this `Authorization` header.
    pub(super) fn hooked(&self, header: &str) -> Option<String> {
        self.log().hooks.get(header).cloned()
    }

    /// ERPNext writes to somebody.
    pub(super) fn mail(&self, to: &str) {
        self.log().mails.push(to.to_owned());
    }

    /// First value of a query's first row; empty for NULL and for no row.
    pub(super) async fn value(&self, sql: &str) -> Result<String, SiteError> {
        let rows = self.site.query(sql).await?;
        Ok(rows.into_iter().flatten().flatten().next().unwrap_or_default())
    }
}

/// A running site; it ends when this is dropped.
pub struct SiteHttp {
    shared: Arc<Shared>,
    port: u16,
    task: JoinHandle<io::Result<()>>,
}

impl SiteHttp {
    /// Serves `site` on a free port of 127.0.0.1, by `clock`.
    ///
    /// # Errors
    /// When there is no port, or the site's configuration cannot be read.
    pub async fn start(site: &ScratchSite, clock: SharedClock) -> Result<Self, SiteError> {
        let program = site.open(clock)?;
        let failed = || SiteError::file("listening for", site.bench_root());
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listener = TcpListener::bind(address).await.map_err(failed())?;
        let port = listener.local_addr().map_err(failed())?.port();
        let shared = Arc::new(Shared {
            cached: CachedProjects::new(&program),
            site: site.clone(),
            program,
            log: StdMutex::default(),
            turn: Mutex::default(),
        });
        let router = Router::new().fallback(handle).with_state(shared.clone());
        let task = tokio::spawn(async move {
            axum::serve(FusedListener(listener), router.into_make_service_with_connect_info::<Fuse>()).await
        });
        Ok(Self { shared, port, task })
    }

    /// The port, for `webserver_port` of the bench's configuration.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address, for `--bench-url`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The next request that is not under way yet meets this.
    pub fn fail_next(&self, fault: SiteFault) {
        self.script(Some(fault));
    }

    /// Like [`SiteHttp::fail_next`], and none for a request that meets nothing.
    pub fn script(&self, fault: Option<SiteFault>) {
        self.shared.log().faults.push_back(fault);
    }

    /// A hook of the site: whoever sends this `Authorization` header is `user`.
    pub fn know(&self, header: &str, user: &str) {
        self.shared.log().hooks.insert(header.to_owned(), user.to_owned());
    }

    /// All requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<SiteRequest> {
        self.shared.log().requests.clone()
    }

    /// Whom ERPNext wrote a welcome mail.
    #[must_use]
    pub fn mails(&self) -> Vec<String> {
        self.shared.log().mails.clone()
    }

    /// A request of Python reads a Project, and goes on with it for a while: what the sidecar writes meanwhile it does not see.
    ///
    /// # Errors
    /// When there is no such Project.
    pub async fn hold_project(&self, name: &str) -> Result<(), SiteError> {
        self.shared.cached.hold(&self.shared, name).await
    }

    /// That request ends, and writes back what it read.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn write_back_held(&self) -> Result<(), SiteError> {
        self.shared.cached.write_back_held(&self.shared).await
    }
}

impl Drop for SiteHttp {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn handle(State(shared): State<Arc<Shared>>, ConnectInfo(fuse): ConnectInfo<Fuse>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY).await.unwrap_or_default();
    let incoming = Incoming::new(&parts, &body);
    let _turn = shared.turn.lock().await;
    let number = {
        let mut log = shared.log();
        log.requests.push(SiteRequest {
            verb: incoming.verb.clone(),
            path: format!("/{}", incoming.path.join("/")),
            user: None,
            site: incoming.site.clone(),
            forwarded_for: incoming.forwarded_for.clone(),
            status: None,
        });
        log.requests.len() - 1
    };
    let fault = shared.log().faults.pop_front().flatten();
    let answered = match fault {
        Some(SiteFault::Refused) => {
            fuse.blow_after(0);
            return Response::new(Body::empty());
        }
        Some(SiteFault::BadGateway) => return respond(502, "text/html", "<html>502 Bad Gateway</html>".to_owned()),
        Some(SiteFault::Maintenance) => Err(Refusal::new(503, "SessionStopped", "")),
        other => answer(&shared, number, &incoming, other).await,
    };
    if fault == Some(SiteFault::Lost) {
        fuse.blow_after(0);
        return Response::new(Body::empty());
    }
    let (status, body) = match answered {
        Ok(body) => (200, body),
        Err(refusal) => (refusal.status, refusal.body()),
    };
    shared.log().requests[number].status = Some(status);
    respond(status, "application/json", body.to_string())
}

async fn answer(shared: &Shared, number: usize, incoming: &Incoming, fault: Option<SiteFault>) -> Result<Value, Refusal> {
    if incoming.site.as_deref() != Some(shared.site.site_name()) {
        return Err(Refusal::new(404, "IncorrectSitePath", "404 Not Found"));
    }
    let user = caller::of(shared, incoming).await?;
    shared.log().requests[number].user = Some(user.clone());
    let path: Vec<&str> = incoming.path.iter().map(String::as_str).collect();
    match (incoming.verb.as_str(), path.as_slice()) {
        (_, ["api", "method", method]) => methods::call(shared, &user, method, incoming).await,
        ("GET", ["api", "resource", doctype, name]) => resource::read(shared, &user, doctype, name).await,
        ("POST", ["api", "resource", doctype]) => resource::insert(shared, &user, doctype, &incoming.values).await,
        ("PUT", ["api", "resource", doctype, name]) => {
            if fault == Some(SiteFault::Overtaken) {
                resource::touch(shared, doctype, name).await?;
            }
            resource::update(shared, &user, (doctype, name), &incoming.values).await
        }
        _ => Err(Refusal::missing("Page", &incoming.path.join("/"))),
    }
}

fn respond(status: u16, kind: &'static str, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
