//! A service, a store, and the commands on them.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::tool::{Ran, project, run, write};

/// A service, a store, and the commands on them.
pub(crate) struct Office {
    pub(crate) folder: TempDir,
    pub(crate) service: PathBuf,
}

impl Office {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempdir().unwrap(),
            service: project("workflows/open-restaurant"),
        }
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    pub(crate) fn path(&self, below: &str) -> String {
        self.folder.path().join(below).display().to_string()
    }

    /// Runs a command with the store.
    pub(crate) fn on(&self, line: &str) -> Ran {
        let store = self.store().display().to_string();
        let args = line.split(' ').map(str::to_owned);
        run(args.chain(["--store".to_owned(), store]))
    }

    /// `onething run`, with more arguments.
    pub(crate) fn run(&self, more: &[&str]) -> Ran {
        let (service, store) = (self.service.display().to_string(), self.store());
        let store = store.display().to_string();
        let args = ["run", service.as_str(), "--store", store.as_str()];
        run(args.iter().chain(more))
    }
}

/// The step that is awaited as work under a key of this form.
pub(crate) fn awaited(case: &Value, what: &str) -> Vec<String> {
    let items = case["awaiting"].as_array().unwrap().iter();
    let items = items.filter(|item| item["what"] == what);
    items
        .map(|item| item["effect"].as_str().unwrap().to_owned())
        .collect()
}

/// An application for the restaurant: what the sample one would hand in.
pub(crate) fn application(office: &Office, more: &str) -> String {
    let text = format!(
        "service: open-restaurant\nanswers: {{ signboard: no }}\nvalues:\n  operator.phone: 13900000000\n{more}"
    );
    write(office.folder.path(), &[("in/application.yaml", &text)]);
    office.path("in/application.yaml")
}

/// The file whose name holds this, without regard to case.
pub(crate) fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?;
    entries.flatten().map(|entry| entry.path()).find(|path| {
        let own = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .to_uppercase();
        path.is_file() && own.contains(name)
    })
}

/// Every file of a folder with its bytes.
pub(crate) fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(contents(&path));
        } else {
            files.push((path.clone(), std::fs::read(&path).unwrap()));
        }
    }
    files.sort();
    files
}
