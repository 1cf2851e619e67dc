//! What somebody who waits at the desk is told of a site that cannot be worked on.

use crate::actions::ActionError;
use crate::frappe::instance::InstanceError;
use crate::frappe::secrets::SecretError;
use crate::frappe::version::VersionError;
use crate::setup::SetupError;

use super::ConnectError;
use super::settings::SettingsError;

/// Why a site cannot be worked on, for who waits for an answer; a database that does not answer is told as such.
pub(super) fn told(error: ConnectError) -> ActionError {
    match error {
        ConnectError::Db(error)
        | ConnectError::Secret(SecretError::Db(error))
        | ConnectError::Setup(
            SetupError::Db(error)
            | SetupError::Version(VersionError::Db(error))
            | SetupError::Secret(SecretError::Db(error))
            | SetupError::Instance(InstanceError::Db(error)),
        ) => ActionError::Db(error),
        ConnectError::Settings(SettingsError::Db(error)) => ActionError::Db(error),
        ConnectError::Grant(error) => (*error).into(),
        other => ActionError::NotReady(other.to_string()),
    }
}
