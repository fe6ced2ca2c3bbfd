//! A disk that can fail, run full and lose power.
//!
//! What a power cut keeps is modelled harshly: of the writes since the last
//! sync of a file any sectors of 512 bytes, in any combination; of the new,
//! renamed and removed names since the last sync of their folder any. After a
//! failed sync the system believes that it has nothing left to write, as Linux does.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use onething_store::files::{File, Files, LockGuard, Mode};

const SECTOR: u64 = 512;

/// A disk; clones are the same one.
#[derive(Clone, Default)]
pub(crate) struct Disk(Arc<Mutex<State>>);

/// What shall go wrong.
#[derive(Clone, Copy, Default)]
pub(crate) struct Plan {
    /// The power goes at this change of the disk, counted from 1.
    pub(crate) cut_at: Option<u64>,
    /// This sync of a file fails, counted from 1.
    pub(crate) fail_sync: Option<u64>,
    /// This write fails with an I/O error, counted from 1.
    pub(crate) fail_write: Option<u64>,
    /// No more bytes than these fit into all files together.
    pub(crate) capacity: Option<u64>,
    /// One call writes no more bytes than these.
    pub(crate) write_at_most: Option<usize>,
}

#[derive(Default)]
struct State {
    inodes: Vec<Inode>,
    names: BTreeMap<PathBuf, Node>,
    durable_names: BTreeMap<PathBuf, Node>,
    pending_names: Vec<NameChange>,
    locked: Vec<PathBuf>,
    plan: Plan,
    changes: u64,
    syncs: u64,
    writes: u64,
    off: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Node {
    Folder,
    File(usize),
}

#[derive(Default)]
struct Inode {
    /// What programs see.
    live: Vec<u8>,
    /// What is on the device for certain.
    durable: Vec<u8>,
    pending: Vec<Change>,
}

#[derive(Clone)]
enum Change {
    Write(u64, Vec<u8>),
    SetLen(u64),
}

#[derive(Clone)]
struct NameChange {
    removed: Option<PathBuf>,
    added: Option<(PathBuf, Node)>,
}

impl NameChange {
    fn touches(&self, folder: &Path) -> bool {
        let added = self.added.as_ref().map(|(path, _)| path);
        [self.removed.as_ref(), added]
            .into_iter()
            .flatten()
            .any(|path| path.parent() == Some(folder))
    }

    fn apply(&self, names: &mut BTreeMap<PathBuf, Node>) {
        if let Some(path) = &self.removed {
            names.remove(path);
        }
        if let Some((path, node)) = &self.added {
            names.insert(path.clone(), *node);
        }
    }
}

impl Disk {
    /// An empty disk with a folder to make stores in.
    pub(crate) fn new(plan: Plan) -> Self {
        let disk = Self::default();
        let root = PathBuf::from("/disk");
        let mut state = disk.state();
        state.names.insert(root.clone(), Node::Folder);
        state.durable_names.insert(root, Node::Folder);
        state.plan = plan;
        drop(state);
        disk
    }

    pub(crate) fn files(&self) -> Arc<dyn Files> {
        Arc::new(self.clone())
    }

    /// Changes what shall go wrong from now on; the counts begin anew.
    pub(crate) fn replan(&self, plan: Plan) {
        let mut state = self.state();
        state.plan = plan;
        (state.changes, state.syncs, state.writes) = (0, 0, 0);
    }

    /// How often the disk was changed since the plan was made.
    pub(crate) fn changes(&self) -> u64 {
        self.state().changes
    }

    pub(crate) fn syncs(&self) -> u64 {
        self.state().syncs
    }

    pub(crate) fn used(&self) -> u64 {
        self.state().used()
    }

    /// The disk as the machine finds it after a power cut.
    pub(crate) fn after_power_cut(&self, seed: u64) -> Self {
        let state = self.state();
        let mut draw = Draw::new(seed);
        let mut names = state.durable_names.clone();
        for change in &state.pending_names {
            if draw.keeps() {
                change.apply(&mut names);
            }
        }
        // What lies in a folder that is gone is gone.
        let folders = names.clone();
        names.retain(|path, _| {
            path.ancestors()
                .skip(1)
                .take_while(|folder| *folder != Path::new("/"))
                .all(|folder| folders.get(folder) == Some(&Node::Folder))
        });
        let inodes = state
            .inodes
            .iter()
            .map(|inode| {
                let mut bytes = inode.durable.clone();
                for change in &inode.pending {
                    draw.tear(change, &mut bytes);
                }
                Inode {
                    live: bytes.clone(),
                    durable: bytes,
                    pending: Vec::new(),
                }
            })
            .collect();
        Self(Arc::new(Mutex::new(State {
            inodes,
            durable_names: names.clone(),
            names,
            ..State::default()
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Counts a change; fails when the power is off, or goes off with it.
    fn change(&self) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.state();
        state.power()?;
        state.changes += 1;
        if state.plan.cut_at == Some(state.changes) {
            state.off = true;
        }
        Ok(state)
    }
}

impl State {
    fn power(&self) -> io::Result<()> {
        if self.off {
            return Err(io::Error::other("the power is off"));
        }
        Ok(())
    }

    fn used(&self) -> u64 {
        self.names
            .values()
            .map(|node| match node {
                Node::Folder => 0,
                Node::File(inode) => self.inodes[*inode].live.len() as u64,
            })
            .sum()
    }

    fn rename(&mut self, removed: Option<PathBuf>, added: Option<(PathBuf, Node)>) {
        let change = NameChange { removed, added };
        change.apply(&mut self.names);
        self.pending_names.push(change);
    }

    fn folder_of(&self, path: &Path) -> io::Result<()> {
        let folder = path.parent().unwrap();
        match self.names.get(folder) {
            Some(Node::Folder) => Ok(()),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

impl Files for Disk {
    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let state = self.state();
        state.power()?;
        if state.names.get(folder) != Some(&Node::Folder) {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(state
            .names
            .keys()
            .filter(|path| path.parent() == Some(folder))
            .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
            .collect())
    }

    fn create_dir(&self, folder: &Path) -> io::Result<()> {
        let mut state = self.change()?;
        state.folder_of(folder)?;
        match state.names.get(folder) {
            None => state.rename(None, Some((folder.to_owned(), Node::Folder))),
            Some(Node::Folder) => {}
            Some(Node::File(_)) => return Err(io::ErrorKind::AlreadyExists.into()),
        }
        state.power()
    }

    fn sync_dir(&self, folder: &Path) -> io::Result<()> {
        let mut state = self.change()?;
        state.power()?;
        let State {
            durable_names,
            pending_names,
            ..
        } = &mut *state;
        pending_names.retain(|change| {
            let touches = change.touches(folder);
            if touches {
                change.apply(durable_names);
            }
            !touches
        });
        Ok(())
    }

    fn open(&self, path: &Path, mode: Mode) -> io::Result<Arc<dyn File>> {
        let found = {
            let state = self.state();
            state.power()?;
            state.names.get(path).copied()
        };
        let inode = match (found, mode) {
            (Some(Node::File(inode)), Mode::Read | Mode::Write) => inode,
            (Some(_), Mode::CreateNew) => return Err(io::ErrorKind::AlreadyExists.into()),
            (Some(Node::Folder), _) => return Err(io::ErrorKind::IsADirectory.into()),
            (None, Mode::Read | Mode::Write) => return Err(io::ErrorKind::NotFound.into()),
            (None, Mode::CreateNew) => {
                let mut state = self.change()?;
                state.folder_of(path)?;
                state.inodes.push(Inode::default());
                let inode = state.inodes.len() - 1;
                state.rename(None, Some((path.to_owned(), Node::File(inode))));
                state.power()?;
                inode
            }
        };
        Ok(Arc::new(Handle {
            disk: self.clone(),
            inode,
        }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.change()?;
        state.folder_of(to)?;
        let node = *state.names.get(from).ok_or(io::ErrorKind::NotFound)?;
        state.rename(Some(from.to_owned()), Some((to.to_owned(), node)));
        state.power()
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.change()?;
        if !state.names.contains_key(path) {
            return Err(io::ErrorKind::NotFound.into());
        }
        state.rename(Some(path.to_owned()), None);
        state.power()
    }

    fn lock(&self, path: &Path) -> io::Result<LockGuard> {
        let mut state = self.state();
        state.power()?;
        state.folder_of(path)?;
        if state.locked.iter().any(|locked| locked == path) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        state.locked.push(path.to_owned());
        if !state.names.contains_key(path) {
            state.inodes.push(Inode::default());
            let inode = state.inodes.len() - 1;
            state.rename(None, Some((path.to_owned(), Node::File(inode))));
        }
        Ok(Box::new(Held {
            disk: self.clone(),
            path: path.to_owned(),
        }))
    }
}

struct Held {
    disk: Disk,
    path: PathBuf,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.disk.state().locked.retain(|path| *path != self.path);
    }
}

struct Handle {
    disk: Disk,
    inode: usize,
}

impl File for Handle {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let state = self.disk.state();
        state.power()?;
        let live = &state.inodes[self.inode].live;
        let rest = live.get(offset as usize..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let mut state = self.disk.change()?;
        state.writes += 1;
        if state.plan.fail_write == Some(state.writes) {
            return Err(io::Error::other("the device failed to write"));
        }
        let at_most = state.plan.write_at_most.unwrap_or(usize::MAX);
        let mut bytes = &bytes[..bytes.len().min(at_most)];
        if let Some(capacity) = state.plan.capacity {
            let end = offset + bytes.len() as u64;
            let grows = end.saturating_sub(state.inodes[self.inode].live.len() as u64);
            let room = capacity.saturating_sub(state.used());
            if grows > room {
                let fits = (bytes.len() as u64).saturating_sub(grows - room);
                if fits == 0 {
                    return Err(io::ErrorKind::StorageFull.into());
                }
                bytes = &bytes[..fits as usize];
            }
        }
        let inode = &mut state.inodes[self.inode];
        let change = Change::Write(offset, bytes.to_vec());
        apply(&change, &mut inode.live);
        inode.pending.push(change);
        state.power()?;
        Ok(bytes.len())
    }

    fn set_len(&self, bytes: u64) -> io::Result<()> {
        let mut state = self.disk.change()?;
        let inode = &mut state.inodes[self.inode];
        inode.live.resize(bytes as usize, 0);
        inode.pending.push(Change::SetLen(bytes));
        state.power()
    }

    fn len(&self) -> io::Result<u64> {
        let state = self.disk.state();
        state.power()?;
        Ok(state.inodes[self.inode].live.len() as u64)
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.disk.change()?;
        state.power()?;
        state.syncs += 1;
        let fails = state.plan.fail_sync == Some(state.syncs);
        let inode = &mut state.inodes[self.inode];
        let pending = std::mem::take(&mut inode.pending);
        if fails {
            // The system has tried, forgets what it could not write, and will not try again.
            return Err(io::Error::other("the device failed to sync"));
        }
        for change in pending {
            apply(&change, &mut inode.durable);
        }
        Ok(())
    }
}

fn apply(change: &Change, bytes: &mut Vec<u8>) {
    match change {
        Change::SetLen(length) => bytes.resize(*length as usize, 0),
        Change::Write(offset, written) => {
            let end = *offset as usize + written.len();
            bytes.resize(bytes.len().max(end), 0);
            bytes[*offset as usize..end].copy_from_slice(written);
        }
    }
}

/// A small generator (splitmix64), seeded.
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn keeps(&mut self) -> bool {
        self.next().is_multiple_of(2)
    }

    /// Applies what a power cut leaves of a change: all, nothing, or some of its sectors.
    fn tear(&mut self, change: &Change, bytes: &mut Vec<u8>) {
        let kind = self.next() % 4;
        let (offset, written) = match (kind, change) {
            (0, _) => return apply(change, bytes),
            (1, _) => return,
            (_, Change::SetLen(_)) => {
                if self.keeps() {
                    apply(change, bytes);
                }
                return;
            }
            (_, Change::Write(offset, written)) => (*offset, written),
        };
        let end = offset + written.len() as u64;
        if kind == 3 {
            // The file has grown, but not all of its bytes have been written.
            bytes.resize(bytes.len().max(end as usize), 0);
        }
        let mut from = offset;
        while from < end {
            let to = ((from / SECTOR + 1) * SECTOR).min(end);
            if self.keeps() {
                let part = &written[(from - offset) as usize..(to - offset) as usize];
                apply(&Change::Write(from, part.to_vec()), bytes);
            }
            from = to;
        }
    }
}
