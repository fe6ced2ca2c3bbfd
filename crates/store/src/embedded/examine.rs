//! Reading everything of a store to say what is damaged and which cases that hits.
//!
//! Opening and [`verify`](super::EmbeddedStore::verify) stop at the first damage:
//! what follows it is not proved any more. Here reading goes on behind it, so that
//! somebody who has to restore knows how much is concerned. Nothing is changed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use onething_model::{CaseId, Digest};

use super::blobs;
use super::folder::{self, INDEX};
use super::frame::{Codec, Fault, Header, Kind, chain, fields_of, records_of};
use super::index::{self, Journaled};
use super::recover::{Tip, is_unfinished};
use super::segment::{
    Reader, SEGMENT_HEADER_BYTES, SegmentHeader, Step, number_of, path_of, read_header,
};
use crate::files::{File, Files, Mode};
use crate::{Error, Position, Torn};

/// What [`EmbeddedStore::examine`](crate::EmbeddedStore::examine) found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examination {
    /// How many records could be read.
    pub records: u64,
    /// How many cases they belong to.
    pub cases: u64,
    /// How many segments the journal has.
    pub segments: u64,
    /// How many contents there are.
    pub contents: u64,
    /// The last record that the chain proves to be what was acknowledged, with all before it.
    pub proved: Position,
    /// The chain hash there. Who noted it elsewhere can prove later that nothing before it was changed.
    pub head: Digest,
    /// An interrupted write at the end of the journal, which is no damage.
    pub torn: Option<Torn>,
    /// Everything that is damaged, the journal first.
    pub damages: Vec<Damage>,
    /// How the index is.
    pub index: IndexFound,
}

impl Examination {
    /// Whether nothing is damaged of what cannot be rebuilt.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.damages.is_empty()
    }
}

/// Bytes that are not what was written, or are missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Of what.
    pub part: Part,
    /// The file.
    pub file: PathBuf,
    /// Where in it, in bytes from its start.
    pub offset: u64,
    /// What was found.
    pub what: String,
    /// The cases that are known to be hit: whose records are damaged or missing, or
    /// which refer to the content. Of records that cannot be read at all, nobody
    /// can say whose they were if nothing of the same case follows.
    pub cases: BTreeSet<CaseId>,
}

/// A part of a store that cannot be rebuilt from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The journal.
    Journal,
    /// The contents under their digests: definitions' sources, documents.
    Contents,
}

/// How the index is. Whatever it is, it can be rebuilt from the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexFound {
    /// Every row could be read.
    Whole {
        /// How many.
        rows: u64,
        /// Up to where the journal was fed to it.
        reached: Position,
    },
    /// There is none; the next opening makes one.
    Absent,
    /// Another program has the store open, and the index cannot be read beside it.
    InUse,
    /// It cannot be used. Whether the next opening sees that of itself is not sure.
    Damaged {
        /// Why.
        why: String,
    },
    /// It could not be copied, and reading it in place could change it.
    NotRead {
        /// Why.
        why: String,
    },
}

/// Tells which contents a record of a case refers to.
pub type References<'a> = dyn FnMut(CaseId, &[u8]) -> Vec<Digest> + 'a;

pub(super) fn examine(
    files: &dyn Files,
    root: &Path,
    references: &mut References<'_>,
) -> Result<Examination, Error> {
    let contents = blobs::examine(files, &root.join(folder::BLOBS))?;
    let damage = |digest: &Digest, what: &str| Damage {
        part: Part::Contents,
        file: blobs::place(&root.join(folder::BLOBS), digest).1,
        offset: 0,
        what: what.to_owned(),
        cases: BTreeSet::new(),
    };
    let mut bad: BTreeMap<Digest, Damage> = BTreeMap::new();
    for (digest, fault) in &contents {
        if let Some(what) = fault {
            bad.insert(*digest, damage(digest, what));
        }
    }
    let mut refers = |case: CaseId, record: &[u8]| {
        for digest in references(case, record) {
            if contents.get(&digest).is_some_and(Option::is_none) {
                continue;
            }
            let missing = || damage(&digest, "the content is missing");
            bad.entry(digest).or_insert_with(missing).cases.insert(case);
        }
    };
    let folder = root.join(folder::JOURNAL);
    let mut walk = Walk::new(&mut refers);
    walk.journal(files, &folder)?;
    let Walk {
        identity,
        tip,
        proved,
        tails,
        records,
        segments,
        torn,
        mut damages,
        ..
    } = walk;
    damages.extend(bad.into_values());
    let end = Position(tip.position);
    Ok(Examination {
        records,
        cases: tails.len() as u64,
        segments,
        contents: contents.len() as u64,
        proved: Position(proved.position),
        head: Digest(proved.chain),
        torn,
        damages,
        index: index_of(files, root, identity, end),
    })
}

fn index_of(
    files: &dyn Files,
    root: &Path,
    identity: Option<[u8; 32]>,
    end: Position,
) -> IndexFound {
    if !root.join(INDEX).exists() {
        return IndexFound::Absent;
    }
    let Some(identity) = identity else {
        let why = "the journal it belongs to cannot be read".to_owned();
        return IndexFound::NotRead { why };
    };
    // Held while the index is copied.
    let _lock = match files.lock(&root.join(folder::LOCK_FILE)) {
        Ok(lock) => lock,
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return IndexFound::InUse,
        Err(error) => {
            let why = error.to_string();
            return IndexFound::NotRead { why };
        }
    };
    index::examine(root, &Journaled { identity, end })
}

/// Reading the journal on behind whatever is damaged.
struct Walk<'a> {
    refers: &'a mut dyn FnMut(CaseId, &[u8]),
    identity: Option<[u8; 32]>,
    tip: Tip,
    /// Whether the tip is what the next frame has to continue: not behind damage.
    is_known: bool,
    /// The last tip before anything was damaged.
    proved: Tip,
    tails: HashMap<CaseId, u64>,
    records: u64,
    segments: u64,
    torn: Option<Torn>,
    damages: Vec<Damage>,
}

impl<'a> Walk<'a> {
    fn new(refers: &'a mut dyn FnMut(CaseId, &[u8])) -> Self {
        let nothing = Tip::start([0; 32]);
        Self {
            refers,
            identity: None,
            tip: nothing,
            is_known: false,
            proved: nothing,
            tails: HashMap::new(),
            records: 0,
            segments: 0,
            torn: None,
            damages: Vec::new(),
        }
    }

    fn damaged(&mut self, file: &Path, offset: u64, what: &str, case: Option<CaseId>) {
        self.is_known = false;
        self.damages.push(Damage {
            part: Part::Journal,
            file: file.to_owned(),
            offset,
            what: what.to_owned(),
            cases: case.into_iter().collect(),
        });
    }

    fn journal(&mut self, files: &dyn Files, folder: &Path) -> Result<(), Error> {
        let names = files
            .list(folder)
            .map_err(|error| Error::io("list", folder, error))?;
        let numbers: BTreeSet<u64> = names.iter().filter_map(|name| number_of(name)).collect();
        let last = numbers.last().copied().unwrap_or(1);
        for number in 1..=last {
            let path = path_of(folder, number);
            if !numbers.contains(&number) {
                let what = "this segment of the journal is missing";
                self.damaged(&path, 0, what, None);
                continue;
            }
            let file = files
                .open(&path, Mode::Read)
                .map_err(|error| Error::io("open", &path, error))?;
            self.segment(&file, &path, number, number == last)?;
        }
        Ok(())
    }

    fn segment(
        &mut self,
        file: &Arc<dyn File>,
        path: &Path,
        number: u64,
        is_last: bool,
    ) -> Result<(), Error> {
        match read_header(file.as_ref(), path)? {
            Ok(header) => self.header(path, number, &header),
            // Its creation was interrupted: it holds nothing.
            Err(_) if is_last && number > 1 && is_unfinished(file.as_ref(), path)? => return Ok(()),
            Err(fault) => self.damaged(path, 0, fault.what(), None),
        }
        self.segments += 1;
        // Without the journal's identity no frame can be told from other bytes.
        let Some(identity) = self.identity else {
            return Ok(());
        };
        let length = file.len().map_err(|error| Error::io("read", path, error))?;
        let from = |offset| {
            let codec = Codec::new(&identity);
            Reader::new(Arc::clone(file), path.to_owned(), codec, offset, length)
        };
        let mut reader = from(SEGMENT_HEADER_BYTES as u64);
        loop {
            let offset = reader.offset();
            let fault = match reader.next(None)? {
                Step::End => return Ok(()),
                Step::Frame(header, payload) => {
                    self.frame(&header, payload, path, offset);
                    continue;
                }
                Step::Bad(fault) => fault,
            };
            let batch = self.tip.batch + u64::from(self.tip.batch_complete);
            // The same rule as at an opening: only the last batch can have been interrupted.
            if is_last
                && self.is_known
                && matches!(fault, Fault::Damaged(_))
                && !from(offset).find_behind(|header| header.batch != batch)?
            {
                self.torn = Some(Torn {
                    file: path.to_owned(),
                    offset,
                    bytes: length - offset,
                });
                return Ok(());
            }
            let case = reader.header_here()?.and_then(|header| case_of(&header));
            self.damaged(path, offset, fault.what(), case);
            if !reader.find_behind(|_| true)? {
                return Ok(());
            }
        }
    }

    /// What a segment's header says of what comes before it.
    fn header(&mut self, path: &Path, number: u64, header: &SegmentHeader) {
        let identity = *self.identity.get_or_insert(header.identity);
        let expected = SegmentHeader {
            number,
            first: self.tip.position + 1,
            batch: self.tip.batch,
            identity,
            chain: self.tip.chain,
        };
        let begins = number == 1 && (header.first, header.batch) == (1, 0);
        if number == 1 && !begins {
            let what = "this is not the first segment of a journal";
            self.damaged(path, 0, what, None);
        } else if !begins && self.is_known && *header != expected {
            let what = "it does not continue the segment before it";
            self.damaged(path, 0, what, None);
        }
        self.is_known = self.is_known || self.damages.is_empty();
        self.tip = Tip {
            position: header.first.saturating_sub(1),
            batch: header.batch,
            batch_complete: true,
            chain: header.chain,
            ..self.tip
        };
        if begins {
            self.proved = self.tip;
        }
    }

    fn frame(&mut self, header: &Header, payload: &[u8], path: &Path, offset: u64) {
        if self.is_known {
            let digest = blake3::hash(payload);
            let expected = chain(&self.tip.chain, &fields_of(header), digest.as_bytes());
            let mut tip = self.tip;
            let fits = match tip.follow(header) {
                _ if header.chain != expected => {
                    Err("the chain of hashes is broken: this frame or one before it was changed")
                }
                fits => fits,
            };
            if let Err(what) = fits {
                self.damaged(path, offset, what, case_of(header));
            }
        }
        // Behind damage the frame is taken at its word, and what follows is held to it.
        self.is_known = true;
        self.tip = Tip::at(header);
        if self.damages.is_empty() {
            self.proved = self.tip;
        }
        if header.kind == Kind::Records {
            self.records_of_case(header, payload, path, offset);
        }
    }

    fn records_of_case(&mut self, header: &Header, payload: &[u8], path: &Path, offset: u64) {
        let tail = self.tails.get(&header.case).copied().unwrap_or(0);
        if tail != header.expected {
            let what = "records of this case are missing before this frame";
            // They were in what could not be read.
            match self.damages.last_mut() {
                Some(damage) => {
                    damage.cases.insert(header.case);
                }
                None => self.damaged(path, offset, what, Some(header.case)),
            }
            self.is_known = true;
        }
        let after = header.expected.saturating_add(u64::from(header.records));
        self.tails.insert(header.case, after);
        match records_of(payload, header.records) {
            Some(records) => {
                for record in records {
                    self.records += 1;
                    (self.refers)(header.case, record);
                }
            }
            None => {
                let what = "the records of a frame do not fill it";
                self.damaged(path, offset, what, Some(header.case));
                self.is_known = true;
            }
        }
    }
}

fn case_of(header: &Header) -> Option<CaseId> {
    (header.kind == Kind::Records).then_some(header.case)
}
