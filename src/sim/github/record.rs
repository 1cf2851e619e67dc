//! What was asked and what was answered, so that tests can count and compare.

use super::app_pages::is_page;
use super::world::Resource;

/// The GraphQL side of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedOperation {
    /// Text of the document.
    pub query: String,
    /// Its variables, as JSON.
    pub variables: String,
}

/// A request, and how it ended.
#[derive(Debug, Clone)]
pub struct RecordedRequest {
    /// Its place among all requests, from 1.
    pub number: u64,
    /// HTTP method.
    pub method: String,
    /// Path as it was sent.
    pub path: String,
    /// Query string as it was sent, without the question mark.
    pub query: String,
    /// Headers with lower-case names, but for `authorization`.
    pub headers: Vec<(String, String)>,
    /// Whose token was sent: a login, `anonymous`, or `unknown`.
    pub credential: String,
    /// JSON of the body of a write, the secret of a hook hidden as GitHub hides it.
    pub body: Option<String>,
    /// The operation, for GraphQL.
    pub operation: Option<RecordedOperation>,
    /// HTTP status; 0 while unanswered, and for good where the connection was reset first.
    pub status: u16,
    /// Which limit it counts against.
    pub resource: Resource,
    /// Points that it cost.
    pub points: u64,
    /// The fault that it met.
    pub fault: Option<String>,
    /// Why the fake did not know what to do with it.
    pub unexpected: Option<String>,
}

impl RecordedRequest {
    /// A header by its lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// True for a page that people open, of which GitHub's description of its API says nothing.
    #[must_use]
    pub fn is_page(&self) -> bool {
        is_page(&self.path)
    }

    /// Path and query string as one.
    #[must_use]
    pub fn target(&self) -> String {
        if self.query.is_empty() {
            self.path.clone()
        } else {
            format!("{}?{}", self.path, self.query)
        }
    }
}

/// Sums over the recorded requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// REST requests.
    pub rest: u64,
    /// GraphQL requests.
    pub graphql: u64,
    /// Answers 304.
    pub not_modified: u64,
    /// Points of the REST limit.
    pub rest_points: u64,
    /// Points of the GraphQL limit.
    pub graphql_points: u64,
    /// Points of the search limit.
    pub search_points: u64,
}

impl Counts {
    /// All requests.
    #[must_use]
    pub fn requests(self) -> u64 {
        self.rest + self.graphql
    }

    /// Adds a request.
    pub(super) fn add(&mut self, request: &RecordedRequest) {
        match request.resource {
            Resource::Core => {
                self.rest += 1;
                self.rest_points += request.points;
            }
            Resource::Graphql => {
                self.graphql += 1;
                self.graphql_points += request.points;
            }
            Resource::Search => {
                self.rest += 1;
                self.search_points += request.points;
            }
        }
        self.not_modified += u64::from(request.status == 304);
    }
}
