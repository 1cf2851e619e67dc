//! Replacing a file by another with the same owner and mode.
//!
//! For files that others read at any moment: the site's `site_config.json`, nginx's configuration.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::Path;

/// What became of a replacement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The new text is in place.
    Replaced,
    /// Somebody changed the file since it was read; nothing was done.
    Overtaken,
}

/// Puts `new` where `old` is. The file is the old or the new one at any moment, never a part; a link stays a link.
///
/// # Errors
/// When it cannot be written, or not without changing who owns it.
pub fn replace(path: &Path, old: &[u8], new: &[u8]) -> io::Result<Outcome> {
    let path = fs::canonicalize(path)?;
    let folder = path.parent().ok_or_else(|| io::Error::other("it lies in no folder"))?;
    let before = fs::metadata(&path)?;
    // Readable by us alone until it has its owner.
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let mut file = tempfile::Builder::new()
        .prefix(&format!(".{name}."))
        .suffix(".tmp")
        .tempfile_in(folder)?;
    let made = file.as_file().metadata()?;
    if (made.uid(), made.gid()) != (before.uid(), before.gid()) {
        fchown(file.as_file(), Some(before.uid()), Some(before.gid()))
            .map_err(|error| io::Error::other(format!("its owner could not be kept: {error}; run this as the file's owner")))?;
    }
    file.as_file()
        .set_permissions(fs::Permissions::from_mode(before.mode() & 0o7777))?;
    file.write_all(new)?;
    file.as_file().sync_all()?;
    if fs::read(&path)? != old {
        return Ok(Outcome::Overtaken);
    }
    file.persist(&path).map_err(|error| error.error)?;
    // The rename itself outlives a power cut only when the folder is written too; where that cannot be, the file is still whole.
    if let Ok(folder) = fs::File::open(folder) {
        let _unsynced = folder.sync_all();
    }
    Ok(Outcome::Replaced)
}
