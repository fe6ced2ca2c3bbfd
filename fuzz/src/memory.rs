//! Files in memory, for the store.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use onething_store::files::{File, Files, LockGuard, Mode};

/// No file of a store made from an input of some kilobytes has a reason to be longer.
const MOST_BYTES: usize = 16 << 20;

/// A disk in memory; clones are the same one.
#[derive(Clone, Default)]
pub struct Disk {
    names: Arc<Mutex<Names>>,
}

#[derive(Default)]
struct Names {
    folders: BTreeSet<PathBuf>,
    files: BTreeMap<PathBuf, Arc<Bytes>>,
}

#[derive(Default)]
struct Bytes(Mutex<Vec<u8>>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Disk {
    /// Every file with its bytes.
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        lock(&self.names)
            .files
            .iter()
            .map(|(path, bytes)| (path.clone(), lock(&bytes.0).clone()))
            .collect()
    }

    /// A disk with these files and nothing else.
    pub fn with(files: &[(PathBuf, Vec<u8>)]) -> Self {
        let disk = Self::default();
        let mut names = lock(&disk.names);
        for (path, bytes) in files {
            let folders = path.ancestors().skip(1).map(Path::to_owned);
            names.folders.extend(folders);
            let bytes = Arc::new(Bytes(Mutex::new(bytes.clone())));
            names.files.insert(path.clone(), bytes);
        }
        drop(names);
        disk
    }
}

impl Files for Disk {
    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let names = lock(&self.names);
        if !names.folders.contains(folder) {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(names
            .files
            .keys()
            .chain(&names.folders)
            .filter(|path| path.parent() == Some(folder))
            .filter_map(|path| path.file_name())
            .map(|name| name.to_string_lossy().into_owned())
            .collect())
    }

    fn create_dir(&self, folder: &Path) -> io::Result<()> {
        lock(&self.names).folders.insert(folder.to_owned());
        Ok(())
    }

    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn open(&self, path: &Path, mode: Mode) -> io::Result<Arc<dyn File>> {
        let mut names = lock(&self.names);
        let found = names.files.get(path).cloned();
        match (found, mode) {
            (Some(file), Mode::Read | Mode::Write) => Ok(file),
            (Some(_), Mode::CreateNew) => Err(io::ErrorKind::AlreadyExists.into()),
            (None, Mode::Read | Mode::Write) => Err(io::ErrorKind::NotFound.into()),
            (None, Mode::CreateNew) => {
                let file = Arc::new(Bytes::default());
                names.files.insert(path.to_owned(), Arc::clone(&file));
                Ok(file)
            }
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut names = lock(&self.names);
        let file = names.files.remove(from).ok_or(io::ErrorKind::NotFound)?;
        names.files.insert(to.to_owned(), file);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let removed = lock(&self.names).files.remove(path);
        removed.map(|_| ()).ok_or(io::ErrorKind::NotFound.into())
    }

    fn lock(&self, path: &Path) -> io::Result<LockGuard> {
        // One store at a time is opened on each disk.
        let mut names = lock(&self.names);
        names.files.entry(path.to_owned()).or_default();
        Ok(Box::new(()))
    }
}

impl File for Bytes {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let bytes = lock(&self.0);
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        let rest = bytes.get(from..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn write_at(&self, written: &[u8], offset: u64) -> io::Result<usize> {
        let mut bytes = lock(&self.0);
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        let end = from.saturating_add(written.len());
        assert!(end <= MOST_BYTES, "a file grows to {end} bytes");
        if bytes.len() < end {
            bytes.resize(end, 0);
        }
        bytes[from..end].copy_from_slice(written);
        Ok(written.len())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        assert!(length <= MOST_BYTES, "a file is made {length} bytes long");
        lock(&self.0).resize(length, 0);
        Ok(())
    }

    fn len(&self) -> io::Result<u64> {
        Ok(lock(&self.0).len() as u64)
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }
}
