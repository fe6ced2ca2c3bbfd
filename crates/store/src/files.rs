//! The file layer under the embedded store.
//!
//! The journal and the content store reach the disk through [`Files`] alone,
//! so that a test can put a layer beneath them that fails, runs full or loses
//! power. [`RealFiles`] is the operating system's.

use std::any::Any;
use std::fmt;
use std::fs::{self, TryLockError};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;

/// A file system, as far as the store needs one.
///
/// What a method promises about durability is what the store relies on: a
/// file's bytes are safe after [`File::sync_data`], its name after
/// [`sync_dir`](Self::sync_dir) of the folder it is in.
pub trait Files: Send + Sync {
    /// The names in a folder, in order.
    ///
    /// # Errors
    ///
    /// `NotFound` when there is no such folder.
    fn list(&self, folder: &Path) -> io::Result<Vec<String>>;

    /// Makes a folder inside an existing one; nothing happens when it is there.
    ///
    /// # Errors
    ///
    /// As the operating system says.
    fn create_dir(&self, folder: &Path) -> io::Result<()>;

    /// Makes the names in a folder durable: new ones, renamed ones, removed ones.
    ///
    /// # Errors
    ///
    /// As the operating system says.
    fn sync_dir(&self, folder: &Path) -> io::Result<()>;

    /// Opens a file.
    ///
    /// # Errors
    ///
    /// `NotFound`; `AlreadyExists` for [`Mode::CreateNew`]; as the operating system says.
    fn open(&self, path: &Path, mode: Mode) -> io::Result<Arc<dyn File>>;

    /// Gives a file another name, replacing what had it.
    ///
    /// # Errors
    ///
    /// As the operating system says.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    ///
    /// As the operating system says.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Takes a lock that no other process, and nobody else in this one, can
    /// hold, and makes its file if needed. The lock lasts until the guard is dropped.
    ///
    /// # Errors
    ///
    /// `WouldBlock` when somebody has it.
    fn lock(&self, path: &Path) -> io::Result<LockGuard>;
}

/// Holds a lock until it is dropped.
pub type LockGuard = Box<dyn Any + Send + Sync>;

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// To read it.
    Read,
    /// To read and write one that exists.
    Write,
    /// To read and write one that must not exist yet.
    CreateNew,
}

/// An open file.
pub trait File: Send + Sync {
    /// Reads some bytes at an offset; 0 means the end of the file.
    ///
    /// # Errors
    ///
    /// As the operating system says.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Writes some of the bytes at an offset and says how many.
    ///
    /// # Errors
    ///
    /// As the operating system says.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize>;

    /// Cuts the file to a length, or extends it with zeros.
    ///
    /// # Errors
    ///
    /// As the operating system says.
    fn set_len(&self, bytes: u64) -> io::Result<()>;

    /// The length in bytes.
    ///
    /// # Errors
    ///
    /// As the operating system says.
    fn len(&self) -> io::Result<u64>;

    /// Makes the bytes and the length durable.
    ///
    /// After an error nothing is known about what was written since the last
    /// success, and asking again proves nothing: the system may have dropped it.
    ///
    /// # Errors
    ///
    /// As the operating system says.
    fn sync_data(&self) -> io::Result<()>;

    /// Whether the file has no bytes.
    ///
    /// # Errors
    ///
    /// As [`len`](Self::len).
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }
}

impl dyn File + '_ {
    /// Writes all bytes at an offset, however many calls it takes.
    pub(crate) fn write_all_at(&self, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.write_at(bytes, offset) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    bytes = bytes.get(written..).unwrap_or_default();
                    offset += written as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Fills the buffer from an offset, or as much of it as the file has.
    pub(crate) fn read_full_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.read_at(rest, offset + filled as u64) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    /// The whole file, if it is no longer than `limit`.
    pub(crate) fn read_whole(&self, limit: usize) -> io::Result<Option<Vec<u8>>> {
        let Some(length) = usize::try_from(self.len()?)
            .ok()
            .filter(|len| *len <= limit)
        else {
            return Ok(None);
        };
        let mut bytes = vec![0; length];
        let read = self.read_full_at(&mut bytes, 0)?;
        bytes.truncate(read);
        Ok(Some(bytes))
    }
}

/// The operating system's files.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealFiles;

impl Files for RealFiles {
    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(folder)? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort_unstable();
        Ok(names)
    }

    fn create_dir(&self, folder: &Path) -> io::Result<()> {
        match private_folder().create(folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
            other => other,
        }
    }

    fn sync_dir(&self, folder: &Path) -> io::Result<()> {
        fs::File::open(folder)?.sync_all()
    }

    fn open(&self, path: &Path, mode: Mode) -> io::Result<Arc<dyn File>> {
        let file = private_file()
            .read(true)
            .write(mode != Mode::Read)
            .create_new(mode == Mode::CreateNew)
            .open(path)?;
        Ok(Arc::new(RealFile(file)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn lock(&self, path: &Path) -> io::Result<LockGuard> {
        let file = private_file()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        match file.try_lock() {
            // The lock goes when the file is closed.
            Ok(()) => Ok(Box::new(file)),
            Err(TryLockError::WouldBlock) => Err(io::ErrorKind::WouldBlock.into()),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// How folders are made: a store holds personal data, so nobody else on the
/// machine may look into it.
fn private_folder() -> fs::DirBuilder {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    // Elsewhere the folder has the rights that its parent gives it.
    builder.recursive(false);
    builder
}

/// How files are made: for their owner alone.
fn private_file() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.read(true);
    options
}

struct RealFile(fs::File);

impl fmt::Debug for RealFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl File for RealFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.0.read_at(buffer, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        self.0.write_at(bytes, offset)
    }

    fn set_len(&self, bytes: u64) -> io::Result<()> {
        self.0.set_len(bytes)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }
}
