//! Contents on disk: one file each, named by its digest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use onething_model::Digest;

use super::folder::{Lock, write_new};
use crate::files::{Files, Mode};
use crate::store::Guard;
use crate::{Blobs, Error, MAX_BLOB_BYTES};

/// Contents being written stand here until they have their name.
const TEMP: &str = "tmp";

pub(super) struct EmbeddedBlobs {
    files: Arc<dyn Files>,
    folder: PathBuf,
    next_temp: AtomicU64,
    /// Until the store is closed.
    lock: Mutex<Option<Lock>>,
}

impl EmbeddedBlobs {
    /// Opens the contents in a folder and removes what was never finished.
    pub(super) fn open(files: Arc<dyn Files>, folder: &Path, lock: Lock) -> Result<Self, Error> {
        let temp = folder.join(TEMP);
        files
            .create_dir(&temp)
            .map_err(|error| Error::io("create", &temp, error))?;
        let left = files
            .list(&temp)
            .map_err(|error| Error::io("list", &temp, error))?;
        for name in left {
            let path = temp.join(name);
            files
                .remove(&path)
                .map_err(|error| Error::io("remove", &path, error))?;
        }
        Ok(Self {
            files,
            folder: folder.to_owned(),
            next_temp: AtomicU64::new(1),
            lock: Mutex::new(Some(lock)),
        })
    }

    fn place(&self, digest: &Digest) -> (PathBuf, PathBuf) {
        place(&self.folder, digest)
    }

    fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, Error> {
        read(self.files.as_ref(), path)
    }

    fn sync_names(&self, folder: &Path) -> Result<(), Error> {
        self.files
            .sync_dir(folder)
            .and_then(|()| self.files.sync_dir(&self.folder))
            .map_err(|error| Error::io("sync", folder, error))
    }
}

/// The folder and the file of a content: `ab/cdef…`.
pub(super) fn place(contents: &Path, digest: &Digest) -> (PathBuf, PathBuf) {
    let digits = digest.to_string();
    let (first, rest) = digits.split_at(2);
    let folder = contents.join(first);
    let path = folder.join(rest);
    (folder, path)
}

fn read(files: &dyn Files, path: &Path) -> Result<Option<Vec<u8>>, Error> {
    let read = files
        .open(path, Mode::Read)
        .and_then(|file| file.read_whole(MAX_BLOB_BYTES));
    match read {
        Ok(Some(content)) => Ok(Some(content)),
        Ok(None) => Err(Error::corrupt(
            path,
            MAX_BLOB_BYTES as u64,
            "it is longer than any content that was ever stored",
        )),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", path, error)),
    }
}

/// Reads every content; answers what is wrong with each, if anything is.
pub(super) fn examine(
    files: &dyn Files,
    contents: &Path,
) -> Result<BTreeMap<Digest, Option<String>>, Error> {
    let list = |folder: &Path| {
        let listed = files.list(folder);
        listed.map_err(|error| Error::io("list", folder, error))
    };
    let mut found = BTreeMap::new();
    for first in list(contents)? {
        if first == TEMP {
            continue;
        }
        let folder = contents.join(&first);
        for rest in list(&folder)? {
            // What has no digest for a name is none of ours.
            let Ok(digest) = format!("{first}{rest}").parse::<Digest>() else {
                continue;
            };
            let fault = match read(files, &folder.join(rest)) {
                Ok(Some(content)) if Digest::of(&content) == digest => None,
                Ok(Some(_)) => Some("its content is not what was stored".to_owned()),
                // It went while it was looked for.
                Ok(None) => continue,
                Err(Error::Corrupt { what, .. }) => Some(what),
                Err(error) => Some(error.to_string()),
            };
            found.insert(digest, fault);
        }
    }
    Ok(found)
}

impl Blobs for EmbeddedBlobs {
    fn put(&self, content: &[u8]) -> Result<Digest, Error> {
        if content.len() > MAX_BLOB_BYTES {
            return Err(Error::blob_too_large(content.len()));
        }
        // Held while writing: the folder must not be given away in between.
        let Some(_lock) = self
            .lock
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
        else {
            return Err(Error::Closed);
        };
        let digest = Digest::of(content);
        let (folder, path) = self.place(&digest);
        if self.read(&path)?.as_deref() == Some(content) {
            // It may have been renamed by a process that died before the name was durable.
            self.sync_names(&folder)?;
            return Ok(digest);
        }
        let number = self.next_temp.fetch_add(1, Ordering::Relaxed);
        let temp = self.folder.join(TEMP).join(number.to_string());
        let written = write_new(self.files.as_ref(), &temp, content).and_then(|()| {
            self.files
                .create_dir(&folder)
                .map_err(|error| Error::io("create", &folder, error))?;
            // What stands there, if anything, is damaged: its digest was another.
            self.files
                .rename(&temp, &path)
                .map_err(|error| Error::io("write", &path, error))
        });
        if let Err(error) = written {
            // Without room, what was written must not keep what room there is.
            let _ = self.files.remove(&temp);
            return Err(error);
        }
        self.sync_names(&folder)?;
        Ok(digest)
    }

    fn get(&self, digest: &Digest) -> Result<Option<Vec<u8>>, Error> {
        let (_, path) = self.place(digest);
        let Some(content) = self.read(&path)? else {
            return Ok(None);
        };
        let found = Digest::of(&content);
        if found != *digest {
            return Err(Error::blob_damaged(&path, digest, &found));
        }
        Ok(Some(content))
    }

    fn contains(&self, digest: &Digest) -> Result<bool, Error> {
        let (_, path) = self.place(digest);
        match self.files.open(&path, Mode::Read) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(Error::io("open", &path, error)),
        }
    }

    fn head(&self, digest: &Digest, most: usize) -> Result<Option<(Vec<u8>, u64)>, Error> {
        let (_, path) = self.place(digest);
        let file = match self.files.open(&path, Mode::Read) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io("open", &path, error)),
        };
        let read = || {
            let bytes = file.len()?;
            let mut head = vec![0; usize::try_from(bytes).unwrap_or(most).min(most)];
            let mut filled = 0;
            while filled < head.len() {
                match file.read_at(&mut head[filled..], filled as u64)? {
                    0 => break,
                    more => filled += more,
                }
            }
            head.truncate(filled);
            Ok((head, bytes))
        };
        read()
            .map(Some)
            .map_err(|error| Error::io("read", &path, error))
    }
}

impl Guard for EmbeddedBlobs {
    fn release(&self) {
        self.lock
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }
}
