//! The index in sled, which is never trusted as truth.
//!
//! sled 0.34 survives a kill of the process but not a power cut: its `flush`
//! does not make the device write (it calls `sync_file_range`), and after a
//! cut it may lose everything or fail to open. So a file beside it says
//! under which boot of the machine it was opened; after an unclean stop under
//! another boot the index is thrown away and fed from the journal again.

use std::fs;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use super::examine::IndexFound;
use super::folder::{INDEX, Lock};

use crate::files::{Files as _, RealFiles};
use crate::index::{Key, Value};
use crate::memory::check_reached;
use crate::{Error, Index, IndexState, Position};

/// Present while the index is in use; holds the boot it is used under.
const IN_USE_FILE: &str = "index.in-use";
/// The last index that could not be used.
const SET_ASIDE: &str = "index.set-aside";
/// Written instead of the boot when sled reported damage.
const DISTRUST: &str = "damaged";

const REACHED: &[u8] = b"\0reached";
const IDENTITY: &[u8] = b"\0identity";
/// Before every key of the user, so that none is one of ours.
const USER: u8 = 1;

pub(super) struct SledIndex {
    root: PathBuf,
    db: RwLock<Option<Open>>,
    /// The position reached; held while a batch is applied.
    reached: Mutex<Position>,
}

struct Open {
    db: sled::Db,
    _lock: Lock,
}

/// What is known of the journal the index belongs to.
pub(super) struct Journaled {
    pub(super) identity: [u8; 32],
    pub(super) end: Position,
}

impl SledIndex {
    /// Opens the index of a store, or sets it aside and makes an empty one.
    pub(super) fn open(
        root: &Path,
        cache_bytes: u64,
        journal: &Journaled,
        lock: Lock,
    ) -> Result<(Self, IndexState), Error> {
        let folder = root.join(INDEX);
        let mut state = if folder.exists() {
            IndexState::Trusted
        } else {
            IndexState::New
        };
        let mut put_aside = |why: String| {
            tracing::warn!(why, "the index is rebuilt from the journal");
            let set_aside = set_aside(root, &folder)?;
            state = IndexState::Rebuild { why, set_aside };
            Ok::<(), Error>(())
        };
        // Before the file that says so is overwritten.
        if let (true, Some(why)) = (folder.exists(), distrusted(root)) {
            put_aside(why)?;
        }
        write_in_use(root, &boot_id())?;
        let opened = open_sled(&folder, cache_bytes, journal);
        let (db, reached) = opened.or_else(|why| {
            put_aside(why)?;
            open_sled(&folder, cache_bytes, journal).map_err(|what| Error::Index { what })
        })?;
        let index = Self {
            root: root.to_owned(),
            db: RwLock::new(Some(Open { db, _lock: lock })),
            reached: Mutex::new(reached),
        };
        Ok((index, state))
    }

    fn with<T>(&self, work: impl FnOnce(&sled::Db) -> Result<T, sled::Error>) -> Result<T, Error> {
        let open = self.db.read().unwrap_or_else(PoisonError::into_inner);
        let open = open.as_ref().ok_or(Error::Closed)?;
        work(&open.db).map_err(|error| {
            // Whatever it is, the next opening begins with an empty index.
            if let Err(error) = write_in_use(&self.root, DISTRUST) {
                tracing::error!(%error, "cannot note that the index is damaged");
            }
            Error::Index {
                what: error.to_string(),
            }
        })
    }

    fn position(&self) -> MutexGuard<'_, Position> {
        self.reached.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Index for SledIndex {
    fn apply(&self, batch: Vec<(Key, Option<Value>)>, reached: Position) -> Result<(), Error> {
        let mut position = self.position();
        check_reached(*position, reached)?;
        let mut changes = sled::Batch::default();
        for (key, value) in batch {
            match value {
                Some(value) => changes.insert(user_key(&key), value),
                None => changes.remove(user_key(&key)),
            }
        }
        changes.insert(REACHED, &reached.0.to_be_bytes());
        self.with(|db| db.apply_batch(changes))?;
        *position = reached;
        Ok(())
    }

    fn get(&self, key: &[u8]) -> Result<Option<Value>, Error> {
        let value = self.with(|db| db.get(user_key(key)))?;
        Ok(value.map(|value| value.to_vec()))
    }

    fn scan(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Key, Value)>, Error> {
        use std::ops::Bound;
        let prefix = user_key(prefix);
        let from = match after.map(user_key) {
            Some(after) if after >= prefix => Bound::Excluded(after),
            Some(_) | None => Bound::Included(prefix.clone()),
        };
        self.with(|db| {
            let mut found = Vec::new();
            for item in db.range::<Key, _>((from, Bound::Unbounded)).take(limit) {
                let (key, value) = item?;
                if !key.starts_with(&prefix) {
                    break;
                }
                found.push((key.get(1..).unwrap_or_default().to_vec(), value.to_vec()));
            }
            Ok(found)
        })
    }

    fn reached(&self) -> Position {
        *self.position()
    }

    fn clear(&self) -> Result<(), Error> {
        let mut position = self.position();
        self.with(|db| {
            // The position goes first: a clearing that is interrupted must not look like a full index.
            db.insert(REACHED, &0_u64.to_be_bytes())?;
            let mut changes = sled::Batch::default();
            for (key, number) in db.range([USER]..).keys().zip(1..) {
                changes.remove(key?);
                if number % 10_000 == 0 {
                    db.apply_batch(std::mem::take(&mut changes))?;
                }
            }
            db.apply_batch(changes)
        })?;
        *position = Position::START;
        Ok(())
    }

    fn close(&self) -> Result<(), Error> {
        let Some(open) = self
            .db
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
        else {
            return Ok(());
        };
        let flushed = open.db.flush();
        let Open { db, _lock } = open;
        drop(db);
        flushed.map_err(|error| Error::Index {
            what: error.to_string(),
        })?;
        // sled's flush leaves the bytes to the system; without this, a power cut after a clean close would
        // find an index that nobody distrusts.
        sync_all(&self.root.join(INDEX))?;
        let path = self.root.join(IN_USE_FILE);
        if fs::read(&path).is_ok_and(|content| content == DISTRUST.as_bytes()) {
            return Ok(());
        }
        fs::remove_file(&path)
            .and_then(|()| fs::File::open(&self.root)?.sync_all())
            .map_err(|error| Error::io("remove", &path, error))
    }
}

impl Drop for SledIndex {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            tracing::warn!(%error, "the index did not close in order and may be rebuilt");
        }
    }
}

fn user_key(key: &[u8]) -> Key {
    let mut own = Vec::with_capacity(key.len() + 1);
    own.push(USER);
    own.extend_from_slice(key);
    own
}

/// Why the index that is there must not be used, if so.
fn distrusted(root: &Path) -> Option<String> {
    let used_under = fs::read_to_string(root.join(IN_USE_FILE)).ok()?;
    let now = boot_id();
    if used_under == DISTRUST {
        Some("it reported damage when it was last used".to_owned())
    } else if now.is_empty() || used_under != now {
        Some("the machine went down while it was in use".to_owned())
    } else {
        // The process was killed, but what it wrote is with the system.
        None
    }
}

/// Tells one boot of the machine from another; empty where the system does not say.
fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .map(|id| id.trim().to_owned())
        .unwrap_or_default()
}

/// Notes durably, before the index is touched, under which boot it is used.
fn write_in_use(root: &Path, content: &str) -> Result<(), Error> {
    let path = root.join(IN_USE_FILE);
    fs::File::create(&path)
        .and_then(|mut file| {
            file.write_all(content.as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| fs::File::open(root)?.sync_all())
        .map_err(|error| Error::io("write", &path, error))
}

/// Opens sled and reads how far it got; the error says why it cannot be used.
fn open_sled(
    folder: &Path,
    cache_bytes: u64,
    journal: &Journaled,
) -> Result<(sled::Db, Position), String> {
    // sled panics on some damage.
    let opened = catch_unwind(AssertUnwindSafe(|| {
        let db = sled::Config::new()
            .path(folder)
            .cache_capacity(cache_bytes)
            .mode(sled::Mode::HighThroughput)
            .flush_every_ms(Some(500))
            .open()?;
        let reached = db.get(REACHED)?;
        let identity = db.get(IDENTITY)?;
        if reached.is_none() && identity.is_none() && db.is_empty() {
            db.insert(IDENTITY, &journal.identity)?;
        }
        Ok::<_, sled::Error>((db, reached, identity))
    }));
    let (db, reached, identity) = match opened {
        Ok(Ok(opened)) => opened,
        Ok(Err(error)) => return Err(format!("it does not open: {error}")),
        Err(_) => return Err("it panicked while it was opened".to_owned()),
    };
    if identity.is_some_and(|identity| *identity != journal.identity) {
        return Err("it belongs to another journal".to_owned());
    }
    let reached = match reached {
        None if db.len() <= 1 => Position::START,
        None => return Err("it does not say how far it got".to_owned()),
        Some(bytes) => match <[u8; 8]>::try_from(bytes.as_ref()) {
            Ok(bytes) => Position(u64::from_be_bytes(bytes)),
            Err(_) => return Err("it does not say how far it got".to_owned()),
        },
    };
    if reached > journal.end {
        return Err(format!(
            "it has reached position {reached}, but the journal ends at {}",
            journal.end
        ));
    }
    Ok((db, reached))
}

/// Reads every row of a copy of the index: sled writes to what it opens.
pub(super) fn examine(root: &Path, journal: &Journaled) -> IndexFound {
    if let Some(why) = distrusted(root) {
        return IndexFound::Damaged { why };
    }
    if !root.join(INDEX).is_dir() {
        let why = "it is a file and no folder".to_owned();
        return IndexFound::Damaged { why };
    }
    let copy = std::env::temp_dir().join(format!("onething-examine-{}", std::process::id()));
    let found = match copy_folder(&root.join(INDEX), &copy) {
        Ok(()) => read_rows(&copy, journal).unwrap_or_else(|why| IndexFound::Damaged { why }),
        Err(error) => IndexFound::NotRead {
            why: error.to_string(),
        },
    };
    if let Err(error) = remove_folder(&copy) {
        tracing::warn!(%error, "a copy of the index was left in {}", copy.display());
    }
    found
}

fn read_rows(folder: &Path, journal: &Journaled) -> Result<IndexFound, String> {
    let (db, reached) = open_sled(folder, 64 << 20, journal)?;
    let counted = catch_unwind(AssertUnwindSafe(|| {
        let mut rows = 0;
        for row in db.range([USER]..) {
            row?;
            rows += 1;
        }
        Ok::<u64, sled::Error>(rows)
    }));
    match counted {
        Ok(Ok(rows)) => Ok(IndexFound::Whole { rows, reached }),
        Ok(Err(error)) => Err(format!("a row cannot be read: {error}")),
        Err(_) => Err("it panicked while it was read".to_owned()),
    }
}

/// Copies a folder for its owner alone.
fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    remove_folder(to)?;
    RealFiles.create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy_folder(&path, &target)?;
        } else {
            fs::copy(&path, &target)?;
        }
    }
    Ok(())
}

/// Moves the index out of the way, in place of what was set aside before. Answers where it is now.
fn set_aside(root: &Path, folder: &Path) -> Result<Option<PathBuf>, Error> {
    let aside = root.join(SET_ASIDE);
    remove_folder(&aside).map_err(|error| Error::io("remove", &aside, error))?;
    match fs::rename(folder, &aside) {
        Ok(()) => Ok(Some(aside)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("set aside", folder, error)),
    }
}

fn remove_folder(folder: &Path) -> std::io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        // It may also be a file that somebody put there.
        Err(_) if folder.is_file() => fs::remove_file(folder),
        other => other,
    }
}

/// Makes every file below a folder durable, and their names.
fn sync_all(folder: &Path) -> Result<(), Error> {
    let entries = fs::read_dir(folder).map_err(|error| Error::io("list", folder, error))?;
    for entry in entries {
        let path = entry
            .map_err(|error| Error::io("list", folder, error))?
            .path();
        if path.is_dir() {
            sync_all(&path)?;
        } else {
            fs::File::open(&path)
                .and_then(|file| file.sync_all())
                .map_err(|error| Error::io("sync", &path, error))?;
        }
    }
    fs::File::open(folder)
        .and_then(|file| file.sync_all())
        .map_err(|error| Error::io("sync", folder, error))
}
