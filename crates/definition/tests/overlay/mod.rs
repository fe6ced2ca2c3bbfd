//! Changes to the service that `onething new` writes, as pages and tables show them.

use std::collections::BTreeMap;

use onething_definition::new_service;

/// A block of a page: which file, whether it is the whole of it, whether it is the
/// cure, and the text.
pub(crate) struct Block {
    pub(crate) path: String,
    pub(crate) whole: bool,
    pub(crate) cured: bool,
    pub(crate) text: String,
}

/// The blocks of a page.
pub(crate) fn blocks(page: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(head) = line.strip_prefix("```yaml ") else {
            continue;
        };
        let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let mut words = head.split(' ');
        let path = words.next().unwrap_or("").to_owned();
        let words: Vec<&str> = words.collect();
        found.push(Block {
            path,
            whole: words.contains(&"whole"),
            cured: words.contains(&"cured"),
            text: text.join("\n") + "\n",
        });
    }
    found
}

/// Pieces of a text that begin at `indent`: the key, and all lines up to the next.
fn pieces(text: &str, indent: usize) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for line in text.split_inclusive('\n') {
        let depth = line.len() - line.trim_start().len();
        let begins = depth == indent
            && !line.trim().is_empty()
            && !line.trim_start().starts_with(['#', '-']);
        match found.last_mut() {
            Some((_, piece)) if !begins => piece.push_str(line),
            Some(_) | None => {
                let key = line.trim().split(':').next().unwrap_or("").to_owned();
                found.push((key, line.to_owned()));
            }
        }
    }
    found
}

/// Puts a block in place of the same keys of a file: two levels of keys are looked at.
pub(crate) fn overlay(base: &str, block: &str) -> String {
    let mut out = String::new();
    let mut new: BTreeMap<String, String> = BTreeMap::new();
    let mut order = Vec::new();
    for (key, piece) in pieces(block, 0) {
        order.push(key.clone());
        new.entry(key).or_default().push_str(&piece);
    }
    for (key, piece) in pieces(base, 0) {
        let Some(with) = new.remove(&key) else {
            out.push_str(&piece);
            continue;
        };
        let (head, children) = with.split_once('\n').unwrap_or((&with, ""));
        let listed = children.trim_start().starts_with('-');
        if children.is_empty() || listed {
            out.push_str(&with);
            continue;
        }
        out.push_str(head);
        out.push('\n');
        let (_, old_children) = piece.split_once('\n').unwrap_or(("", ""));
        let mut replaced: BTreeMap<String, String> = BTreeMap::new();
        let mut child_order = Vec::new();
        for (child, text) in pieces(children, 2) {
            child_order.push(child.clone());
            replaced.entry(child).or_default().push_str(&text);
        }
        for (child, text) in pieces(old_children, 2) {
            out.push_str(&replaced.remove(&child).unwrap_or(text));
        }
        for child in child_order {
            out.push_str(&replaced.remove(&child).unwrap_or_default());
        }
    }
    for key in order {
        out.push_str(&new.remove(&key).unwrap_or_default());
    }
    out
}

/// The files of the service `shop` with these blocks in them.
pub(crate) fn shop(blocks: &[&Block]) -> BTreeMap<String, String> {
    let name = "shop".parse().unwrap();
    let mut files: BTreeMap<String, String> = new_service(&name).into_iter().collect();
    for block in blocks {
        let text = match files.get(&block.path) {
            Some(base) if !block.whole => overlay(base, &block.text),
            Some(_) | None => block.text.clone(),
        };
        files.insert(block.path.clone(), text);
    }
    files
}
