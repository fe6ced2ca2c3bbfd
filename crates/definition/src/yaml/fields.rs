//! Maps of known keys: each is taken out once, the rest is reported.

use onething_model::Text;

use super::read::Reader;
use super::{Map, Node, scalar};
use crate::diagnostic::{Code, Diagnostic, MAX_PER_FILE, both};
use crate::source::Span;

/// A map of known keys that is being read.
///
/// Every key that is asked for counts as known; [`finish`](Self::finish) reports the others.
#[derive(Debug)]
#[must_use = "finish() reports unknown keys"]
pub struct Fields<'n> {
    map: &'n Map,
    span: Span,
    known: Vec<&'static str>,
    missing: Vec<&'static str>,
}

impl<'n> Fields<'n> {
    pub(super) fn new(map: &'n Map, span: Span) -> Self {
        Self {
            map,
            span,
            known: Vec::new(),
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
        self.known.push(key);
        let entry = self.map.get(key)?;
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

    /// The value of a key that must be there.
    pub fn required<T>(
        &mut self,
        key: &'static str,
        reader: &mut Reader<'_>,
        read: impl FnOnce(&'n Node, &mut Reader<'_>) -> Option<T>,
    ) -> Option<T> {
        if self.map.get(key).is_some() {
            return self.optional(key, reader, read);
        }
        self.known.push(key);
        self.missing.push(key);
        None
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

    /// Reports keys nobody asked for, and required keys that are missing. A key
    /// that is likely a slip of a missing one leads to one message, not two.
    ///
    /// Returns whether entries were refused, while the file was parsed or now, so
    /// that the caller does not complain about their absence.
    pub fn finish(mut self, reader: &mut Reader<'_>) -> bool {
        let mut partial = self.map.partial;
        let is_known = |key: &str| self.known.contains(&key);
        let unknown = self
            .map
            .entries
            .iter()
            .filter(|entry| !is_known(&entry.key.text));
        let free: Vec<&str> = self
            .known
            .iter()
            .copied()
            .filter(|known| !self.has(known))
            .collect();
        // More than a file can have problems would not be shown.
        for entry in unknown.take(MAX_PER_FILE + 1) {
            let key = &*entry.key.text;
            partial = true;
            let near = suggest(key, free.iter().copied());
            self.missing.retain(|missing| Some(*missing) != near);
            let torn = entry.value.is_nothing() && key.contains([' ', '。', '，', '；']);
            let help = match near {
                _ if torn => both!(
                    "前面的文本含有逗号，要给整个文本加引号",
                    "the text before it holds a comma: put the whole text in quotes",
                ),
                Some(near) => both!("是不是 `{near}`？", "did you mean `{near}`?"),
                None => {
                    let list = listed(self.known.iter().copied());
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
