//! Source files: their text, and positions within them.
//!
//! A [`SourceSet`] holds everything a compilation reads. It is filled from a
//! disk by [`load`](mod@crate::load) or from memory, so that stored sources can be
//! compiled again without a disk. A [`Span`] is a byte range of one file; lines
//! and columns are worked out when somebody looks at them.

use onething_model::Digest;

/// The largest file that is read, in bytes: 8 MiB.
pub const MAX_FILE_BYTES: usize = 8 * 1024 * 1024;

/// A file of a [`SourceSet`]; valid for that set alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

/// A byte range of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte; equal to `start` for a bare position.
    pub end: u32,
}

impl Span {
    /// The bytes `start..end` of `file`. Offsets fit, because a file has at
    /// most [`MAX_FILE_BYTES`].
    #[must_use]
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self {
            file,
            start: offset(start),
            end: offset(end.max(start)),
        }
    }

    /// The very beginning of `file`: where problems of the whole file are shown.
    #[must_use]
    pub fn top(file: FileId) -> Self {
        Self::new(file, 0, 0)
    }

    /// From the beginning of `self` to the end of `other`, which is in the same file.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self {
            end: self.end.max(other.end),
            ..self
        }
    }

    /// The bytes `start..end` counted from the beginning of this span.
    #[must_use]
    pub fn part(self, start: usize, end: usize) -> Self {
        let base = self.start as usize;
        let limit = self.end as usize;
        Self::new(
            self.file,
            (base + start).min(limit),
            (base + end).min(limit),
        )
    }
}

/// A line and a column, both counted from 1; columns count characters, so that
/// they agree with what an editor shows, in Chinese text too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The character within the line, from 1.
    pub column: usize,
}

/// One file: where it is and what it says.
#[derive(Debug, Clone)]
pub struct SourceFile {
    path: String,
    text: String,
    /// Offset of the first byte of each line.
    lines: Vec<u32>,
    readable: bool,
}

impl SourceFile {
    fn new(path: String, text: String, readable: bool) -> Self {
        let lines = std::iter::once(0)
            .chain(
                text.bytes()
                    .enumerate()
                    .filter(|(_, byte)| *byte == b'\n')
                    .map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX)),
            )
            .collect();
        Self {
            path,
            text,
            lines,
            readable,
        }
    }

    /// The path below the root of the definition tree, with `/` on every system.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The text; of a file that could not be read as a whole, what can be shown of it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the whole text is here. A file that is too large, is not UTF-8 or
    /// could not be opened is kept for its diagnostics only.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        self.readable
    }

    /// Line and column of a byte offset; an offset beyond the end means the end.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        let line = self.lines.partition_point(|start| *start <= offset).max(1) - 1;
        let from = self.lines[line] as usize;
        let mut to = (offset as usize).clamp(from, self.text.len());
        while !self.text.is_char_boundary(to) {
            to -= 1;
        }
        let column = self.text[from..to].chars().count();
        Position {
            line: line + 1,
            column: column + 1,
        }
    }

    /// The byte range of the lines that hold `start..end`, without the last line break,
    /// and the number of the first of them.
    #[must_use]
    pub fn lines_around(&self, start: u32, end: u32) -> (std::ops::Range<usize>, usize) {
        let first = self.lines.partition_point(|line| *line <= start).max(1) - 1;
        let last = self.lines.partition_point(|line| *line <= end).max(1) - 1;
        let from = self.lines[first] as usize;
        let to = match self.lines.get(last + 1) {
            Some(next) => *next as usize - 1,
            None => self.text.len(),
        };
        (from..to.max(from), first + 1)
    }
}

/// All files of a compilation, in the order of their paths.
///
/// ```
/// use onething_definition::source::SourceSet;
///
/// let sources = SourceSet::from_texts([
///     ("b/service.yaml", "service: b"),
///     ("departments.yaml", "language: zh"),
/// ]);
/// let file = sources.find("b/service.yaml").unwrap();
/// assert_eq!(sources.file(file).position(9).column, 10);
/// ```
#[derive(Debug, Clone, Default)]
pub struct SourceSet {
    files: Vec<SourceFile>,
    is_private: bool,
}

impl SourceSet {
    /// A set from memory. Of two files with the same path the first is kept.
    pub fn from_texts<P: Into<String>, T: Into<String>>(
        texts: impl IntoIterator<Item = (P, T)>,
    ) -> Self {
        Self::from_files(
            texts
                .into_iter()
                .map(|(path, text)| SourceFile::new(path.into(), text.into(), true))
                .collect(),
        )
    }

    /// A set from what bytes were found: an entry that is not UTF-8 or too large
    /// is kept, but [not readable](SourceFile::is_readable).
    pub(crate) fn from_files(mut files: Vec<SourceFile>) -> Self {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files.dedup_by(|b, a| a.path == b.path);
        Self {
            files,
            is_private: false,
        }
    }

    /// Holds what people gave of themselves: diagnostics name the line and the column and
    /// quote nothing, since they are read by others and kept in logs.
    #[must_use]
    pub fn private(mut self) -> Self {
        self.is_private = true;
        self
    }

    /// Whether diagnostics quote nothing of it; see [`private`](Self::private).
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.is_private
    }

    /// A file of which the whole text is known.
    pub(crate) fn whole(path: String, text: String) -> SourceFile {
        SourceFile::new(path, text, true)
    }

    /// A file that could not be read as a whole; `shown` is what its diagnostics may quote.
    pub(crate) fn unreadable(path: String, shown: String) -> SourceFile {
        SourceFile::new(path, shown, false)
    }

    /// The file behind an identifier.
    ///
    /// # Panics
    ///
    /// When the identifier is from another set.
    #[must_use]
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// The file with this path.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<FileId> {
        self.files
            .binary_search_by(|file| file.path.as_str().cmp(path))
            .ok()
            .and_then(|at| u32::try_from(at).ok())
            .map(FileId)
    }

    /// All files, in the order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0..).map(FileId).zip(&self.files)
    }

    /// Whether there is no file.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The text of a span.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.file(span.file)
            .text
            .get(span.start as usize..span.end as usize)
            .unwrap_or("")
    }

    /// The digest of these files, which is that of the definition they make up:
    /// over paths and texts in the order of the paths.
    #[must_use]
    pub fn digest(&self, files: impl IntoIterator<Item = FileId>) -> Digest {
        let mut ids: Vec<FileId> = files.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        Digest::of_parts(ids.into_iter().map(|id| {
            let file = self.file(id);
            (file.path.as_str(), file.text.as_bytes())
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let sources = SourceSet::from_texts([("a.yaml", "标题: 食品\nx: 1\n")]);
        let file = sources.file(sources.find("a.yaml").unwrap());
        let at = |offset| {
            let position = file.position(offset);
            (position.line, position.column)
        };
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(6), (1, 3), "two characters of three bytes");
        assert_eq!(at(8), (1, 5), "after the colon and the space");
        assert_eq!(at(15), (2, 1));
        assert_eq!(at(18), (2, 4));
        assert_eq!(at(20), (3, 1), "after the last line break");
        assert_eq!(at(999), (3, 1), "beyond the end");
    }

    #[test]
    fn the_order_of_listing_is_the_order_of_paths() {
        let one = SourceSet::from_texts([("b", "2"), ("a", "1")]);
        let two = SourceSet::from_texts([("a", "1"), ("b", "2")]);
        let all = |set: &SourceSet| set.digest(set.iter().map(|(id, _)| id));
        assert_eq!(all(&one), all(&two));
        assert_ne!(all(&one), one.digest(one.find("a")));
        let twice = one.find("a").into_iter().chain(one.find("a"));
        assert_eq!(one.digest(twice), one.digest(one.find("a")));
    }

    #[test]
    fn lines_around_a_span() {
        let sources = SourceSet::from_texts([("a", "one\ntwo\nthree")]);
        let file = sources.file(sources.find("a").unwrap());
        assert_eq!(file.lines_around(5, 6), (4..7, 2));
        assert_eq!(file.lines_around(0, 5), (0..7, 1));
        assert_eq!(file.lines_around(13, 13), (8..13, 3));
    }
}
