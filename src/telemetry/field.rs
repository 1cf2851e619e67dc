//! The closed list of field names, so that one thing has one name in every log line and every JSON answer.
//!
//! A name with a unit ends in it. `tracing`'s macros want literal names: write the literal and keep it in this list, which a
//! test holds against the calls.

/// Folder name of the site.
pub const SITE: &str = "site";
/// `owner/name` of the repository.
pub const REPOSITORY: &str = "repository";
/// Name of the sync run's row.
pub const RUN: &str = "run";
/// Kind of thing: `issue`, `pull_request`, `branch`, `member`.
pub const ENTITY: &str = "entity";
/// GitHub's delivery id.
pub const DELIVERY: &str = "delivery";
/// GitHub's event name.
pub const EVENT: &str = "event";
/// GitHub's action within the event.
pub const ACTION: &str = "action";
/// GitHub's `x-github-request-id`.
pub const REQUEST_ID: &str = "request_id";
/// HTTP status.
pub const STATUS: &str = "status";
/// HTTP method.
pub const METHOD: &str = "method";
/// Path of a request, without its query.
pub const PATH: &str = "path";
/// How many.
pub const COUNT: &str = "count";
/// How often something was tried.
pub const ATTEMPT: &str = "attempt";
/// How long something took, in milliseconds.
pub const DURATION_MS: &str = "duration_ms";
/// How long is waited, in milliseconds.
pub const WAIT_MS: &str = "wait_ms";
/// An error's sentence, its causes included.
pub const ERROR: &str = "error";
/// Why something was left out or put off.
pub const REASON: &str = "reason";
/// Address that is listened on.
pub const LISTEN: &str = "listen";
/// Version of the program.
pub const VERSION: &str = "version";

/// Kind of scheduled work.
pub const JOB: &str = "job";

/// Which of a site's secrets it was: its name, never the secret.
pub const SECRET: &str = "secret";

/// Name of a GraphQL operation.
pub const OPERATION: &str = "operation";

/// All of them.
pub const ALL: [&str; 22] = [
    SITE,
    REPOSITORY,
    RUN,
    ENTITY,
    DELIVERY,
    EVENT,
    ACTION,
    REQUEST_ID,
    STATUS,
    METHOD,
    PATH,
    COUNT,
    ATTEMPT,
    DURATION_MS,
    WAIT_MS,
    ERROR,
    REASON,
    LISTEN,
    VERSION,
    JOB,
    OPERATION,
    SECRET,
];
