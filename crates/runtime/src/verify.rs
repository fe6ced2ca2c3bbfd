//! Reading everything of an engine's store: whether it is what was acknowledged.

use std::collections::BTreeSet;
use std::path::Path;

use onething_engine::DurableRecord;
use onething_model::{CaseId, Digest};
use onething_store::{EmbeddedStore, Error as StoreError, Examination};
use serde_json::Value;

/// What [`verify`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// What is damaged, and the state of the index.
    pub store: Examination,
    /// Cases with a record that is whole and that this program cannot read.
    pub unreadable: BTreeSet<CaseId>,
}

/// Reads a store in a folder, journal, contents and index, and says what is
/// damaged and which cases that hits. Documents and definitions that records
/// refer to have to be there. Nothing is changed; another program may have the
/// store open meanwhile, and then the index is left out.
///
/// # Errors
/// As [`EmbeddedStore::examine`]; damage is no error.
pub fn verify(path: &Path) -> Result<Verification, StoreError> {
    let mut unreadable = BTreeSet::new();
    let store = EmbeddedStore::examine(path, &mut |case, record| {
        if DurableRecord::decode(record).is_err() {
            unreadable.insert(case);
            return Vec::new();
        }
        serde_json::from_slice(record).map_or_else(|_| Vec::new(), |record| referred(&record))
    })?;
    Ok(Verification { store, unreadable })
}

/// The contents that a record refers to: the definition that a case begins
/// with, and the documents among its values.
fn referred(record: &Value) -> Vec<Digest> {
    let digest = |value: Option<&Value>| value?.as_str()?.parse::<Digest>().ok();
    let mut found = Vec::new();
    if record.get("event").and_then(Value::as_str) == Some("case-opened") {
        found.extend(digest(record.get("definition")));
    }
    documents(record.get("values"), &mut |document| {
        found.extend(digest(document.get("digest")));
    });
    found
}

/// Every object below a value that is written as a document is.
fn documents(value: Option<&Value>, found: &mut dyn FnMut(&Value)) {
    match value {
        Some(Value::Array(items)) => {
            for item in items {
                documents(Some(item), found);
            }
        }
        Some(document @ Value::Object(_)) if document.get("bytes").is_some() => found(document),
        Some(_) | None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_refers_to_its_definition_and_documents() {
        let (one, other) = (Digest::of(b"sources"), Digest::of(b"plan"));
        let text = format!(
            r#"{{"at":1,"event":"case-opened","definition":"{one}","request":"{}",
               "values":[["a.size",3],["a.plan",{{"name":"p","bytes":4,"digest":"{other}"}}]]}}"#,
            Digest::of(b"request"),
        );
        let record = serde_json::from_str(&text).unwrap();
        assert_eq!(referred(&record), [one, other]);
        let other = serde_json::json!({ "event": "case-closed" });
        assert_eq!(referred(&other), []);
    }
}
