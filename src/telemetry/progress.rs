//! Progress of long work, as the work reports it. How it is shown is the command line's business.

/// A repository in a run over several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OneOfMany<'a> {
    /// Its name.
    pub name: &'a str,
    /// How many were done before it.
    pub before: usize,
    /// How many there are.
    pub total: usize,
    /// Whether it went well, once it ended; none while it begins.
    pub ended_well: Option<bool>,
}

/// What comparing some rows with what GitHub says did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rows {
    /// New.
    pub created: u64,
    /// Written again.
    pub updated: u64,
    /// Left alone.
    pub unchanged: u64,
}

/// Told by long work how far it is. One thing is under way at a time: `started` ends the one before.
pub trait Reporter: Send + Sync {
    /// `what` begins, for example "acme/web: issues"; `total` when the number of things is known.
    fn started(&self, total: Option<u64>, what: &str);
    /// The number of things is known now, or turned out to be another.
    fn expects(&self, total: u64);
    /// This many more are done.
    fn advanced(&self, count: u64);
    /// Something that a person should read while waiting, for example until when GitHub wants us to pause.
    fn message(&self, text: &str);
    /// What was started is done.
    fn finished(&self);
    /// A row in `GitHub Sync Run` was begun for the work; this is its name.
    fn begun(&self, _run: &str) {}
    /// So many rows were compared with what GitHub says.
    fn stored(&self, _rows: Rows) {}
    /// In a run over several repositories one begins or ended.
    fn repository(&self, _one: OneOfMany<'_>) {}
}

/// Says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Reporter for Silent {
    fn started(&self, _total: Option<u64>, _what: &str) {}
    fn expects(&self, _total: u64) {}
    fn advanced(&self, _count: u64) {}
    fn message(&self, _text: &str) {}
    fn finished(&self) {}
}
