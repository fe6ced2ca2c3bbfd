//! The folder of a store: its version, its lock, its parts.

use std::any::Any;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use onething_model::{Digest, Timestamp};

use super::recover;
use super::segment::FORMAT;
use crate::Error;
use crate::files::{Files, Mode};

/// Says that a folder is a store, and of which format. Written last when a store is made.
const VERSION_FILE: &str = "onething.version";
const VERSION_TEMP: &str = "onething.version.tmp";
pub(super) const LOCK_FILE: &str = "lock";
pub(super) const JOURNAL: &str = "journal";
pub(super) const BLOBS: &str = "blobs";
pub(super) const INDEX: &str = "index";

/// Held by everything that writes to the folder.
pub(super) type Lock = Arc<dyn Any + Send + Sync>;

/// A store's folder, locked, of a known format, with a journal in it.
pub(super) struct Folder {
    pub(super) root: PathBuf,
    pub(super) created: bool,
    pub(super) lock: Lock,
}

impl Folder {
    pub(super) fn journal(&self) -> PathBuf {
        self.root.join(JOURNAL)
    }

    pub(super) fn blobs(&self) -> PathBuf {
        self.root.join(BLOBS)
    }
}

/// Locks the store in a folder, and makes one if the folder is new or empty.
pub(super) fn open(
    files: &dyn Files,
    root: &Path,
    identity: Option<Digest>,
) -> Result<Folder, Error> {
    // Before anything is touched, the lock included: the folder may belong to somebody else.
    let present = match files.list(root) {
        Ok(names) => {
            check_version(files, root, &names)?;
            true
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => return Err(Error::io("open", root, error)),
    };
    if !present {
        create_folders(files, root)?;
    }
    let lock = files.lock(&root.join(LOCK_FILE)).map_err(|error| {
        if error.kind() == std::io::ErrorKind::WouldBlock {
            Error::Locked {
                path: root.to_owned(),
            }
        } else {
            Error::io("lock", root, error)
        }
    })?;
    // Another process may have made the store while this one waited for the lock.
    let names = files
        .list(root)
        .map_err(|error| Error::io("list", root, error))?;
    let is_store = check_version(files, root, &names)?;
    if !is_store {
        make(
            files,
            root,
            &identity.map_or_else(new_identity, |identity| identity.0),
        )?;
    }
    Ok(Folder {
        root: root.to_owned(),
        created: !is_store,
        lock: Arc::from(lock),
    })
}

/// Whether the folder is a store of the known format. `false` when one may be made there.
pub(super) fn check_version(
    files: &dyn Files,
    root: &Path,
    names: &[String],
) -> Result<bool, Error> {
    if !names.iter().any(|name| name == VERSION_FILE) {
        // What an interrupted creation leaves behind.
        let ours = [VERSION_TEMP, LOCK_FILE, JOURNAL, BLOBS];
        return match names.iter().find(|name| !ours.contains(&name.as_str())) {
            None => Ok(false),
            Some(other) => Err(Error::NotAStore {
                path: root.to_owned(),
                what: format!("it holds `{other}` and no {VERSION_FILE}"),
            }),
        };
    }
    let path = root.join(VERSION_FILE);
    let bytes = files
        .open(&path, Mode::Read)
        .and_then(|file| file.read_whole(4096))
        .map_err(|error| Error::io("read", &path, error))?;
    let text = String::from_utf8_lossy(bytes.as_deref().unwrap_or_default()).into_owned();
    let found = text
        .lines()
        .find_map(|line| line.strip_prefix("format "))
        .map(str::trim);
    match found {
        Some(format) if format.parse() == Ok(FORMAT) => Ok(true),
        Some(format) if !format.is_empty() && format.bytes().all(|byte| byte.is_ascii_digit()) => {
            Err(Error::UnknownVersion {
                path: root.to_owned(),
                found: format.to_owned(),
                known: FORMAT,
            })
        }
        _ => Err(Error::corrupt(
            &path,
            0,
            format!("it should say `format {FORMAT}` and does not"),
        )),
    }
}

/// Makes an empty store in a locked folder. The version file comes last: with it the store is there.
fn make(files: &dyn Files, root: &Path, identity: &[u8; 32]) -> Result<(), Error> {
    let journal = root.join(JOURNAL);
    for folder in [&journal, &root.join(BLOBS)] {
        files
            .create_dir(folder)
            .map_err(|error| Error::io("create", folder, error))?;
    }
    recover::create(files, &journal, *identity)?;
    let temp = root.join(VERSION_TEMP);
    let path = root.join(VERSION_FILE);
    write_new(
        files,
        &temp,
        format!("onething store\nformat {FORMAT}\n").as_bytes(),
    )?;
    files
        .sync_dir(root)
        .and_then(|()| files.rename(&temp, &path))
        .and_then(|()| files.sync_dir(root))
        .map_err(|error| Error::io("write", &path, error))
}

/// Writes a file that an earlier attempt may have left, and makes its bytes durable; not its name.
pub(super) fn write_new(files: &dyn Files, path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let open = match files.open(path, Mode::CreateNew) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            files.open(path, Mode::Write)
        }
        other => other,
    };
    open.and_then(|file| {
        file.set_len(0)?;
        file.write_all_at(bytes, 0)?;
        file.sync_data()
    })
    .map_err(|error| Error::io("write", path, error))
}

/// Makes a folder and those above it that are missing, each durable in the one above.
fn create_folders(files: &dyn Files, folder: &Path) -> Result<(), Error> {
    let mut missing = vec![folder];
    while let Some(parent) = missing.last().and_then(|folder| folder.parent()) {
        if parent.as_os_str().is_empty() || files.list(parent).is_ok() {
            break;
        }
        missing.push(parent);
    }
    for folder in missing.into_iter().rev() {
        files
            .create_dir(folder)
            .map_err(|error| Error::io("create", folder, error))?;
        let parent = match folder.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        files
            .sync_dir(parent)
            .map_err(|error| Error::io("sync", parent, error))?;
    }
    Ok(())
}

/// Bytes that no other journal has: from the process's random keys, the time and the process.
fn new_identity() -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for _ in 0..2 {
        hasher.update(&RandomState::new().build_hasher().finish().to_le_bytes());
    }
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    hasher.update(&since.as_nanos().to_le_bytes());
    hasher.update(&std::process::id().to_le_bytes());
    *hasher.finalize().as_bytes()
}

/// The system's time, for noting when a store was opened.
pub(super) fn system_time() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
