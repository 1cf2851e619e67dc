//! The ways in which somebody asks the program to end.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// What was asked for by signals.
pub(super) struct Asked {
    /// To end in good order: the first ctrl-C, `SIGTERM` or `SIGHUP` (the terminal was closed).
    pub(super) to_end: CancellationToken,
    /// To end at once: another one of them.
    pub(super) at_once: CancellationToken,
}

/// A token that is cancelled when the program is asked to end.
pub(super) fn shutdown() -> anyhow::Result<CancellationToken> {
    Ok(asked()?.to_end)
}

/// Tokens that are cancelled when the program is asked to end, and when it is asked again.
pub(super) fn asked() -> anyhow::Result<Asked> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    let (to_end, at_once) = (CancellationToken::new(), CancellationToken::new());
    let told = [to_end.clone(), at_once.clone()];
    tokio::spawn(async move {
        for token in told {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hang_up.recv() => {}
            }
            token.cancel();
        }
    });
    Ok(Asked { to_end, at_once })
}
