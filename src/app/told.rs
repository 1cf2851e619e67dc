//! What somebody who waits at the desk is told of a site that cannot be worked on.

use crate::actions::ActionError;
use crate::frappe::instance::InstanceError;
use crate::frappe::secrets::SecretError;
use crate::frappe::version::VersionError;
use crate::setup::SetupError;

use super::ConnectError;

/// Why a site cannot be worked on, for who waits for an answer; a database that does not answer is told as such.
pub(super) fn told(error: ConnectError) -> ActionError {
    match error {
        ConnectError::Setup(error) => match *error {
            SetupError::Db(error)
            | SetupError::Version(VersionError::Db(error))
            | SetupError::Secret(SecretError::Db(error))
            | SetupError::Instance(InstanceError::Db(error)) => ActionError::Db(error),
            other => ActionError::NotReady(other.to_string()),
        },
        ConnectError::Grant(error) => (*error).into(),
        other => match other.into_database() {
            Ok(error) => ActionError::Db(error),
            Err(other) => ActionError::NotReady(other.to_string()),
        },
    }
}
