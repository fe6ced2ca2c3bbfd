//! Maps of known keys: each is taken out once, the rest is reported.
//!
//! What is written under a slip of a key is read as if the key were right: only the slip is
//! told then, not everything that seems to be missing because of it.

use onething_model::Text;

use super::read::Reader;
use super::{Entry, Map, Node, scalar};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, MAX_PER_FILE, both};
use crate::source::Span;

/// A map of known keys that is being read.
///
/// [`finish`](Self::finish) reports the keys that are not known.
#[derive(Debug)]
#[must_use = "finish() reports unknown keys"]
pub struct Fields<'n> {
    map: &'n Map,
    span: Span,
    known: Vec<&'static str>,
    /// The keys that are not known, each with the one that it is likely a slip of.
    unknown: Vec<(&'n Entry, Option<&'static str>)>,
    missing: Vec<&'static str>,
}

impl<'n> Fields<'n> {
    pub(super) fn new(map: &'n Map, span: Span, known: &[&'static str]) -> Self {
        let mut free: Vec<&'static str> = known.to_vec();
        free.retain(|known| map.get(known).is_none());
        let is_unknown = |entry: &&Entry| !known.contains(&&*entry.key.text);
        // More than a file can have problems would not be shown.
        let unknown = map.entries.iter().filter(is_unknown).take(MAX_PER_FILE + 1);
        let unknown = unknown.map(|entry| {
            let near = suggest(&entry.key.text, free.iter().copied());
            free.retain(|free| Some(*free) != near);
            (entry, near)
        });
        Self {
            map,
            span,
            known: known.to_vec(),
            unknown: unknown.collect(),
            missing: Vec::new(),
        }
    }

    /// The value of a key that may be absent. `key:` with nothing behind it is an
    /// error, since it leaves open what the author meant.
    pub fn optional<T>(
        &mut self,
        key: &'static str,
        reader: &mut Reader<'_>,
        read: impl FnOnce(&'n Node, &mut Reader<'_>) -> Option<T>,
    ) -> Option<T> {
        debug_assert!(self.known.contains(&key), "`{key}` is not among the keys");
        let Some(entry) = self.map.get(key) else {
            return self.slip(key, reader, read);
        };
        reader.within(key, |reader| {
            if entry.value.is_nothing() {
                reader.report(
                    Diagnostic::new(
                        Code::Empty,
                        entry.key.span,
                        both!("`{key}` 没有内容", "nothing follows `{key}`"),
                    )
                    .help(both!(
                        "写上内容，或者删除这个键",
                        "write its value, or remove the key",
                    )),
                );
                return None;
            }
            read(&entry.value, reader)
        })
    }

    /// The value of what is likely a slip of the key. Where it is none that the key can have,
    /// the guess was wrong.
    fn slip<T>(
        &self,
        key: &'static str,
        reader: &mut Reader<'_>,
        read: impl FnOnce(&'n Node, &mut Reader<'_>) -> Option<T>,
    ) -> Option<T> {
        let mut slips = self.unknown.iter();
        let (entry, _) = slips.find(|(_, near)| *near == Some(key))?;
        let told = std::mem::replace(reader.found, Diagnostics::new());
        let value = match entry.value.is_nothing() {
            true => None,
            false => reader.within(key, |reader| read(&entry.value, reader)),
        };
        let of_it = std::mem::replace(reader.found, told);
        if value.is_some() {
            reader.found.extend(of_it);
        }
        value
    }

    /// The value of a key that must be there.
    pub fn required<T>(
        &mut self,
        key: &'static str,
        reader: &mut Reader<'_>,
        read: impl FnOnce(&'n Node, &mut Reader<'_>) -> Option<T>,
    ) -> Option<T> {
        let is_slip = |(_, near): &(&Entry, Option<&str>)| *near == Some(key);
        if !self.has(key) && !self.unknown.iter().any(is_slip) {
            self.missing.push(key);
        }
        self.optional(key, reader, read)
    }

    /// Whether the key is written, whatever its value.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.map.get(key).is_some()
    }

    /// Where the key is written.
    #[must_use]
    pub fn key_span(&self, key: &str) -> Option<Span> {
        self.map.get(key).map(|entry| entry.key.span)
    }

    /// Where the map begins: its first key, which is where a reader looks.
    fn top(&self) -> Span {
        match self.map.entries.first() {
            Some(entry) => entry.key.span,
            None => self.span,
        }
    }

    /// Reports keys that are not known, and required keys that are missing. A key
    /// that is likely a slip of a missing one leads to one message, not two.
    ///
    /// Returns whether entries were refused, while the file was parsed or now, so
    /// that the caller does not complain about their absence.
    pub fn finish(self, reader: &mut Reader<'_>) -> bool {
        let partial = self.map.partial || !self.unknown.is_empty();
        for (entry, near) in &self.unknown {
            let key = &*entry.key.text;
            let torn = entry.value.is_nothing() && key.contains([' ', '。', '，', '；']);
            let help = match near {
                _ if torn => both!(
                    "前面的文本含有逗号，要给整个文本加引号",
                    "the text before it holds a comma: put the whole text in quotes",
                ),
                Some(near) => both!("是不是 `{near}`？", "did you mean `{near}`?"),
                None => {
                    // Those that are there are none of what was meant.
                    let there = |key: &&str| self.has(key);
                    let (there, free): (Vec<&str>, Vec<&str>) =
                        self.known.iter().copied().partition(there);
                    let list = listed(free.into_iter().chain(there));
                    both!(
                        "此处可用的键：{}",
                        "keys allowed here: {}",
                        list.zh(),
                        list.en()
                    )
                }
            };
            let shown = scalar::shorten(key);
            reader.report(
                Diagnostic::new(
                    Code::UnknownKey,
                    entry.key.span,
                    both!("未知的键 `{shown}`", "unknown key `{shown}`"),
                )
                .help(help),
            );
        }
        if !self.map.partial {
            for key in &self.missing {
                reader.report(
                    Diagnostic::new(
                        Code::MissingKey,
                        self.top(),
                        both!("缺少必填的键 `{key}`", "the key `{key}` is missing"),
                    )
                    .help(both!("补上 `{key}: …`", "add `{key}: …`")),
                );
            }
        }
        partial
    }
}

/// The candidate that `word` is most likely a slip of.
///
/// Two words are near when at most a third of the letters differ, not counting
/// case and the difference between `-`, `_` and a space.
pub fn suggest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let plain = |text: &str| {
        text.chars()
            .take(64)
            .map(|c| match c {
                '-' | ' ' => '_',
                other => other.to_ascii_lowercase(),
            })
            .collect::<String>()
    };
    let word = plain(word);
    let length = word.chars().count();
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let other = plain(candidate);
            let (shortest, longest) = {
                let other = other.chars().count();
                (length.min(other), length.max(other))
            };
            // They differ in as many letters at least: no need to look closer.
            if (longest - shortest) * 3 > longest {
                return None;
            }
            let distance = strsim::damerau_levenshtein(&word, &other);
            (distance * 3 <= longest).then_some((distance, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// The words as a list for people, the first dozen of them: `a`、`b` and `a`, `b`.
pub(crate) fn listed<'w>(words: impl IntoIterator<Item = &'w str>) -> Text {
    const MOST: usize = 12;
    let mut words: Vec<String> = words
        .into_iter()
        .take(MOST + 1)
        .map(|word| format!("`{word}`"))
        .collect();
    if words.len() > MOST {
        words[MOST] = "…".to_owned();
    }
    Text::new(words.join("、"), words.join(", "))
}
