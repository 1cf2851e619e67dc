//! `webhooks.github_webhook`: GitHub delivers. A guest may call it, because every delivery is signed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use axum::response::Response;
use futures_util::StreamExt as _;
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::frappe::site::Site;
use crate::webhook::{Arrival, Crowd, Head, LARGEST, ReceiveError, Receiver};

use super::ApiState;
use super::desk::{answered, caller_address, refused, site_named};
use super::turns::Turns;

/// How long a body may take to come in.
const SLOWEST: Duration = Duration::from_secs(30);
/// Bytes of bodies that are held at the same time, in KiB.
const HELD: usize = 256 * 1024;
/// How long a delivery waits for room.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the handler works with. Clones share it.
#[derive(Debug, Clone)]
pub struct Deliveries {
    receiver: Receiver,
    room: Arc<Semaphore>,
    /// Sites at which somebody works on deliveries just now.
    turns: Turns,
}

impl Deliveries {
    /// Counts what comes in, in `crowd`.
    #[must_use]
    pub fn counting(crowd: Crowd) -> Self {
        Self {
            receiver: Receiver::counting(crowd),
            room: Arc::new(Semaphore::new(HELD)),
            turns: Turns::default(),
        }
    }
}

/// Takes a delivery in.
pub(super) async fn deliver(
    State(state): State<ApiState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    match take(&state, peer, &head, body).await {
        Ok((status, word)) => answered(status, &json!({"message": "ok", "delivery": word})),
        Err(Refusal(status, class, sentence)) => refused(status, class, &sentence),
    }
}

/// Status, Frappe's class of exception, and a sentence.
struct Refusal(StatusCode, &'static str, String);

impl Refusal {
    fn odd(status: StatusCode, sentence: impl Into<String>) -> Self {
        Self(status, "ValidationError", sentence.into())
    }

    fn away(sentence: impl Into<String>) -> Self {
        Self(StatusCode::SERVICE_UNAVAILABLE, "SessionStopped", sentence.into())
    }
}

impl From<ReceiveError> for Refusal {
    fn from(error: ReceiveError) -> Self {
        let sentence = error.to_string();
        match error {
            ReceiveError::Unsigned => Self(StatusCode::UNAUTHORIZED, "AuthenticationError", sentence),
            ReceiveError::Flood => Self(StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsError", sentence),
            ReceiveError::NoSecret | ReceiveError::Away(_) => Self::away(sentence),
            ReceiveError::Body(_) => Self::odd(StatusCode::UNSUPPORTED_MEDIA_TYPE, sentence),
            ReceiveError::Json(_) => Self::odd(StatusCode::BAD_REQUEST, sentence),
        }
    }
}

async fn take(state: &ApiState, peer: SocketAddr, head: &Parts, body: Body) -> Result<(StatusCode, &'static str), Refusal> {
    if head.method != Method::POST {
        return Err(Refusal(
            StatusCode::FORBIDDEN,
            "PermissionError",
            "Not permitted: GitHub delivers by POST".to_owned(),
        ));
    }
    let deliveries = &state.deliveries;
    let (body, _held) = read(&deliveries.room, head, body).await?;
    let site = site_of(state, peer, head).await?;
    let text = |name: &str| {
        head.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    let said = Head {
        content_type: text("content-type"),
        signature: text(crate::webhook::signature::HEADER),
        event: text("x-github-event"),
        delivery: text("x-github-delivery"),
        hook_id: text("x-github-hook-id"),
        target_type: text("x-github-hook-installation-target-type"),
        source: Some(caller_address(&head.headers, peer.ip(), state.desk.proxies())),
    };
    let arrival = deliveries.receiver.receive(&site, &said, &body).await;
    let arrival = arrival.inspect_err(|error| tracing::debug!(site = site.name(), error = %error, "a delivery was not taken"))?;
    let services = state.desk.services();
    deliveries.turns.take(site.name(), || {
        let (services, site) = (Arc::clone(services), site.clone());
        let again = services.clone();
        let turns = deliveries.turns.clone();
        again.go_on(Box::pin(async move {
            loop {
                services.work_on_deliveries(&site).await;
                if !turns.again(site.name()) {
                    return;
                }
            }
        }));
    });
    Ok(match arrival {
        Arrival::New | Arrival::Again => (StatusCode::ACCEPTED, "accepted"),
        Arrival::Known => (StatusCode::OK, "known"),
    })
}

/// The body, and what is held of the room for bodies while it is looked at.
async fn read(room: &Arc<Semaphore>, head: &Parts, body: Body) -> Result<(Vec<u8>, OwnedSemaphorePermit), Refusal> {
    let encoding = head
        .headers
        .get(header::CONTENT_ENCODING)
        .and_then(|value| value.to_str().ok());
    if let Some(encoding) = encoding.filter(|encoding| !encoding.trim().eq_ignore_ascii_case("identity")) {
        let shown: String = encoding.chars().take(20).collect();
        return Err(Refusal::odd(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!("a delivery that is compressed ({shown}) is not taken: GitHub sends none"),
        ));
    }
    let too_large = || {
        let most = LARGEST / (1024 * 1024);
        Refusal::odd(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("the delivery is larger than {most} MiB, more than GitHub sends"),
        )
    };
    let told = head
        .headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if told.is_some_and(|length| length > LARGEST) {
        return Err(too_large());
    }
    match timeout(SLOWEST, gather(room, body)).await {
        Ok(Ok(read)) => Ok(read),
        Ok(Err(Broken::Room)) => Err(Refusal::away(
            "too many deliveries come in just now: have GitHub deliver this one again later",
        )),
        Ok(Err(Broken::TooLarge)) => Err(too_large()),
        Ok(Err(Broken::Off)) => Err(Refusal::odd(StatusCode::BAD_REQUEST, "the delivery broke off")),
        Err(_elapsed) => Err(Refusal::odd(StatusCode::REQUEST_TIMEOUT, "the delivery came in too slowly")),
    }
}

/// Why a body did not come in as a whole.
enum Broken {
    Room,
    TooLarge,
    Off,
}

/// All of a body. Room is taken for what has come, not for what is announced: whoever announces much and sends nothing keeps nobody out.
async fn gather(room: &Arc<Semaphore>, body: Body) -> Result<(Vec<u8>, OwnedSemaphorePermit), Broken> {
    let mut held = more_room(room, 1).await?;
    let mut stream = body.into_data_stream();
    let mut gathered = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Broken::Off)?;
        if gathered.len() + chunk.len() > LARGEST {
            return Err(Broken::TooLarge);
        }
        let needed = (gathered.len() + chunk.len()) / 1024 + 1;
        if needed > held.num_permits() {
            held.merge(more_room(room, needed - held.num_permits()).await?);
        }
        gathered.extend_from_slice(&chunk);
    }
    Ok((gathered, held))
}

async fn more_room(room: &Arc<Semaphore>, kib: usize) -> Result<OwnedSemaphorePermit, Broken> {
    let kib = u32::try_from(kib).map_err(|_| Broken::TooLarge)?;
    let taken = timeout(PATIENCE, Arc::clone(room).acquire_many_owned(kib)).await;
    taken.map_err(|_elapsed| Broken::Room)?.map_err(|_closed| Broken::Room)
}

/// The site that is delivered to.
async fn site_of(state: &ApiState, peer: SocketAddr, head: &Parts) -> Result<Site, Refusal> {
    let name = site_named(head, peer, state.desk.proxies()).unwrap_or_default();
    let site = state.desk.services().site(&name).await;
    site.map_err(|error| match error {
        crate::actions::ActionError::Missing(sentence) => Refusal(StatusCode::NOT_FOUND, "DoesNotExistError", sentence),
        other => Refusal::away(other.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::body::Bytes;
    use futures_util::stream;
    use tokio::time::Instant;

    use super::*;

    async fn refusal(room: &Arc<Semaphore>, body: Body) -> (StatusCode, String) {
        let (head, _) = Request::new(Body::empty()).into_parts();
        match read(room, &head, body).await {
            Ok((body, _)) => (StatusCode::OK, format!("{} bytes", body.len())),
            Err(Refusal(status, _, sentence)) => (status, sentence),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn f24_a_body_that_comes_in_too_slowly_is_given_up_after_thirty_seconds() {
        let room = Arc::new(Semaphore::new(HELD));
        // A byte each second, without an end.
        let drops = stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Some((Ok::<_, Infallible>(Bytes::from_static(b" ")), ()))
        });
        let silence = stream::pending::<Result<Bytes, Infallible>>();
        for body in [Body::from_stream(drops), Body::from_stream(silence)] {
            let began = Instant::now();
            let (status, sentence) = refusal(&room, body).await;
            assert_eq!(
                (status, began.elapsed()),
                (StatusCode::REQUEST_TIMEOUT, SLOWEST),
                "{sentence}"
            );
            assert_eq!(room.available_permits(), HELD, "its room is free again");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn f24_who_finds_no_room_waits_five_seconds_and_is_told_to_come_again() {
        let room = Arc::new(Semaphore::new(100));
        let held = Arc::clone(&room).acquire_many_owned(90).await.expect("room");
        let body = || Body::from(vec![b' '; 20 * 1024]);
        let began = Instant::now();
        let (status, sentence) = refusal(&room, body()).await;
        assert_eq!(
            (status, began.elapsed()),
            (StatusCode::SERVICE_UNAVAILABLE, PATIENCE),
            "{sentence}"
        );
        drop(held);
        assert_eq!(refusal(&room, body()).await, (StatusCode::OK, "20480 bytes".to_owned()));
        assert_eq!(room.available_permits(), 100);
    }
}
