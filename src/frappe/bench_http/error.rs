//! What can come back from the bench in place of an answer, by what can be done about it.

/// Why the bench gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum BenchHttpError {
    /// It cannot be reached, or is in maintenance: nothing was done.
    #[error("the bench at {address} does not answer just now ({reason})")]
    Away {
        /// Where it was asked.
        address: String,
        /// What happened.
        reason: String,
    },
    /// The request was sent, and no answer came that could be read: it may or may not have been done.
    #[error("the bench at {address} broke off before it answered ({reason})")]
    AnswerLost {
        /// Where it was asked.
        address: String,
        /// What happened.
        reason: String,
    },
    /// Frappe refuses.
    #[error("{0}")]
    Refused(BenchRefusal),
    /// Whoever answers there is not Frappe, or not the one that has this site.
    #[error(
        "what answers at {address} is not the bench of this site ({reason}); correct webserver_port in common_site_config.json, or give the bench's address with `serve --bench-url URL`"
    )]
    NotTheBench {
        /// Where it was asked.
        address: String,
        /// What came.
        reason: String,
    },
    /// The address of the bench cannot be used.
    #[error("the address of the bench, `{text}`, {reason}; give another one with `serve --bench-url URL`")]
    Address {
        /// What is configured.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// A refusal in Frappe's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct BenchRefusal {
    /// HTTP status.
    pub status: u16,
    /// Frappe's class, such as `ValidationError`; empty where it was not told.
    pub class: String,
    /// What Frappe says, without its markup.
    pub sentence: String,
    /// The session that was shown is over.
    pub session_expired: bool,
}

impl BenchHttpError {
    /// True when trying again later may help: nobody answered, or the answer got lost.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Away { .. } | Self::AnswerLost { .. })
    }

    /// The refusal, if it is one.
    #[must_use]
    pub fn refusal(&self) -> Option<&BenchRefusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// True when Frappe refuses with this class.
    #[must_use]
    pub fn is_class(&self, class: &str) -> bool {
        self.refusal().is_some_and(|refusal| refusal.class == class)
    }
}

impl BenchRefusal {
    /// True when the caller may not do this.
    #[must_use]
    pub fn is_permission(&self) -> bool {
        self.class == "PermissionError" || self.status == 403
    }

    /// True when what was shown does not let anybody in: a session that ended, a key that was taken away, a token that changed.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        self.session_expired || matches!(self.status, 400 | 401)
    }
}
