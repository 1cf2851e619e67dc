//! The program, each time in a process of its own, and what other processes need to meet.

use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use tokio::net::TcpStream;

/// The program that is measured.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_erpnext-github");
/// The repository of [`World::reference`](erpnext_github::sim::github::World::reference).
pub(crate) const REPOSITORY: &str = "acme/reference";
/// Buffer pool of the measured server, in MiB.
pub(crate) const BUFFER_POOL: u32 = 1_024;
/// A process that does not answer after this many looks, a twentieth of a second apart, will not.
const LOOKS: u32 = 600;

/// Runs a command to its end and gives what it printed.
pub(crate) fn run(mut command: Command, input: Option<&str>) -> anyhow::Result<Vec<u8>> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut stdin = child.stdin.take().context("no standard input")?;
    stdin.write_all(input.unwrap_or_default().as_bytes())?;
    drop(stdin);
    let output = child.wait_with_output()?;
    ensure!(
        output.status.success(),
        "{command:?} failed: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(output.stdout)
}

/// An address that was free a moment ago; the process that is given it takes it.
pub(crate) fn free_address() -> anyhow::Result<String> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

/// Until something answers there.
pub(crate) async fn answers(address: &str) -> anyhow::Result<()> {
    for _ in 0..LOOKS {
        if TcpStream::connect(address).await.is_ok() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    anyhow::bail!("nothing answers on {address}")
}

/// A process that is ended with this value; it has nothing to save.
pub(crate) struct Ended(pub(crate) Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ended_already = self.0.kill();
        let _reaped = self.0.wait();
    }
}
