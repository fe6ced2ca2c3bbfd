//! Writing a proposal as a service of its own: into a folder beside the
//! service, or into a tree of its own with the contracts it uses.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use onething_definition::design::Files;
use onething_definition::diagnostic::{Diagnostics, Report, Severity};
use onething_definition::{SourceSet, check};
use onething_model::ServiceKey;

use crate::failure::{Failure, FileAct};
use crate::output::Output;
use crate::say::both;

/// The file that marks the root of a definition tree.
const ROOT: &str = "departments.yaml";

/// Where a proposal goes.
#[derive(Debug)]
pub(crate) struct Place {
    /// The folder that was asked for.
    asked: PathBuf,
    /// The service's folder below the root of its tree, with `/`.
    below: String,
    /// What the proposed service is called.
    pub(crate) name: ServiceKey,
    /// Whether it is a tree of its own, with copies of what the service uses.
    own_tree: bool,
}

impl Place {
    /// A folder within the tree of the service, `root`: there it sees the
    /// departments, calendars and contracts that the service uses.
    ///
    /// # Errors
    /// It lies elsewhere, or its name is no service's.
    pub(crate) fn beside(root: &Path, folder: &Path) -> Result<Self, Failure> {
        let shown = folder.display();
        let name = folder.file_name().and_then(|name| name.to_str());
        let name = name.unwrap_or_default();
        let key: ServiceKey = name.parse().map_err(|error| {
            Failure::usage(both!(
                "文件夹名 `{name}` 不能作一件事的名称：{error}",
                "the folder's name `{name}` cannot name a service: {error}",
            ))
            .help(both!(
                "用小写字母、数字、`-` 命名，例如 `open-bookshop-2`",
                "use lowercase letters, digits and `-`, as in `open-bookshop-2`",
            ))
        })?;
        let elsewhere = || {
            let root = root.display();
            Failure::usage(both!(
                "`{shown}` 不在 `{root}` 之下：提案要用那里的部门、日历和数据约定",
                "`{shown}` does not lie below `{root}`, where the departments, calendars and contracts of the proposal are",
            ))
            .help(both!(
                "写到 `{root}/{name}`，或加 `--with-contracts` 一并复制",
                "write to `{root}/{name}`, or copy them as well with `--with-contracts`",
            ))
        };
        let whole = whole(folder).map_err(|error| Failure::file(FileAct::Write, folder, &error))?;
        let own_root = whole
            .ancestors()
            .find(|above| above.join(ROOT).is_file())
            .ok_or_else(elsewhere)?;
        if own_root != root || whole == *root {
            return Err(elsewhere());
        }
        let below = whole.strip_prefix(root).map_err(|_| elsewhere())?;
        let below: Vec<&str> = below.iter().filter_map(|part| part.to_str()).collect();
        Ok(Self {
            asked: folder.to_owned(),
            below: below.join("/"),
            name: key,
            own_tree: false,
        })
    }

    /// A tree of its own.
    pub(crate) fn apart(folder: &Path, service: &ServiceKey) -> Self {
        Self {
            asked: folder.to_owned(),
            below: service.as_str().to_owned(),
            name: service.clone(),
            own_tree: true,
        }
    }

    /// The folder of the service.
    fn folder(&self) -> PathBuf {
        if self.own_tree {
            self.asked.join(&self.below)
        } else {
            self.asked.clone()
        }
    }
}

/// A path from the root of the file system, of a folder that may not be there yet.
fn whole(folder: &Path) -> io::Result<PathBuf> {
    let absolute = std::path::absolute(folder)?;
    let there = absolute.ancestors().find(|above| above.exists());
    let there = there.unwrap_or_else(|| Path::new("/"));
    let rest = absolute.strip_prefix(there).unwrap_or(Path::new(""));
    Ok(there.canonicalize()?.join(rest))
}

/// Writes the files, with a page `README.md` of what the proposal says.
/// Nothing is written where one of them is there already, or where the
/// proposal does not pass the checks.
///
/// # Errors
/// So, or a file cannot be written; then those written before are removed.
pub(crate) fn write(
    place: &Place,
    files: &Files,
    page: &str,
    sources: &SourceSet,
    out: &mut Output,
) -> Result<(), Failure> {
    let below = |name: &str| format!("{}/{name}", place.below);
    let mut own: BTreeMap<String, &str> = BTreeMap::from([
        (below("service.yaml"), files.service.as_str()),
        (below("before.yaml"), files.before.as_str()),
    ]);
    if let Some(workload) = &files.workload {
        own.insert(below("workload.yaml"), workload);
    }
    let mut texts = copied(place, &own, sources)?;
    let readme = below("README.md");
    texts.insert(readme, page.to_owned());
    // Below the root of the tree, so from the folder that was asked for up or down.
    let path = |text: &str| match text.strip_prefix(&format!("{}/", place.below)) {
        Some(name) => place.folder().join(name),
        None => place.asked.join(text),
    };
    let paths: Vec<(PathBuf, &String)> = texts.iter().map(|(to, text)| (path(to), text)).collect();
    if let Some((there, _)) = paths
        .iter()
        .find(|(path, _)| path.symlink_metadata().is_ok())
    {
        let shown = there.display();
        return Err(Failure::no(both!(
            "`{shown}` 已存在，未作任何改动",
            "`{shown}` is there already; nothing was changed",
        ))
        .help(both!(
            "先移走或删除它，或用 `-o` 另指定一个文件夹",
            "move or remove it first, or name another folder with `-o`",
        )));
    }
    let mut written: Vec<&PathBuf> = Vec::new();
    for (path, text) in &paths {
        if let Err(error) = create(path, text) {
            for path in written {
                // What cannot be removed is told by the failure that follows.
                let _ = std::fs::remove_file(path);
            }
            return Err(Failure::file(FileAct::Write, path, &error));
        }
        written.push(path);
    }
    for (path, _) in &paths {
        let shown = path.display();
        out.note(&both!("已写入 `{shown}`", "written: `{shown}`"));
    }
    let folder = place.folder();
    let folder = folder.display();
    out.note(&both!(
        "接下来：`onething check {folder}`，`onething compare {folder}`",
        "next: `onething check {folder}`, `onething compare {folder}`",
    ));
    Ok(())
}

/// A new file, in a folder that is made where it is not there.
fn create(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // Never over a file that appeared since.
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())
}

/// What has to be written for the proposal to stand: its own files, and for a
/// tree of its own those that it uses. They are checked first.
fn copied(
    place: &Place,
    own: &BTreeMap<String, &str>,
    sources: &SourceSet,
) -> Result<BTreeMap<String, String>, Failure> {
    let own_texts = || {
        own.iter()
            .map(|(to, text)| (to.clone(), (*text).to_owned()))
    };
    let inside = |path: &str| path.starts_with(&format!("{}/", place.below));
    let others = sources
        .iter()
        .filter(|(_, file)| !inside(file.path()))
        .map(|(_, file)| (file.path().to_owned(), file.text().to_owned()));
    let whole = Arc::new(SourceSet::from_texts(others.chain(own_texts())));
    let folders = [place.below.clone()];
    let checked = check(Arc::clone(&whole), &folders, Diagnostics::new());
    let used = checked.services.first().map_or(&[][..], |one| &one.files);
    // Problems of other services are not the proposal's.
    let mut found = Diagnostics::new();
    for diagnostic in checked.report.diagnostics {
        if used.contains(&diagnostic.primary.span.file) && diagnostic.severity() == Severity::Error
        {
            found.push(diagnostic);
        }
    }
    if found.has_errors() {
        let report = Report::new(Arc::clone(&whole), found);
        return Err(Failure::definition(report.into()).with_message(both!(
            "推出的新办法没有通过检查，未写入任何文件：请连同定义报告给开发者",
            "the proposal does not pass the checks, and nothing was written: report this with the definition",
        )));
    }
    let mut texts: BTreeMap<String, String> = own_texts().collect();
    if place.own_tree {
        for file in used {
            let file = whole.file(*file);
            texts.insert(file.path().to_owned(), file.text().to_owned());
        }
    }
    Ok(texts)
}
