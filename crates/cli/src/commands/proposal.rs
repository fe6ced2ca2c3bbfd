//! Writing a proposal as a service of its own: into a folder beside the
//! service, or into a tree of its own with the contracts it uses.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use onething_definition::design::{Files, Folder};
use onething_definition::diagnostic::{Diagnostics, Report, Severity};
use onething_definition::yaml::scalar::name_fault;
use onething_model::{ServiceKey, Text};

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
            let fault = name_fault(name, &error);
            Failure::usage(both!(
                "文件夹名不能作一件事的名称：{fault}",
                "the folder's name cannot name a service: {fault}"; fault
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

    /// Where its folder is below the root of its tree, and whether that is a tree of its own.
    pub(crate) fn below(&self) -> (&str, bool) {
        (&self.below, self.own_tree)
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

/// What has to be written for a proposal to stand, by path below the root of its tree: its own
/// files, and for a tree of its own those that it uses.
#[derive(Debug)]
pub(crate) struct Held(BTreeMap<String, String>);

/// Holds the files of a proposal to the checks, beside those of the tree: `below` is its folder.
///
/// # Errors
/// They do not pass: what is wrong.
pub(crate) fn held(
    (below, own_tree): (&str, bool),
    files: &Files,
    folder: &Folder,
) -> Result<Held, Report> {
    let own = [
        ("service", Some(&files.service)),
        ("before", Some(&files.before)),
        ("workload", files.workload.as_ref()),
    ];
    let own = own.into_iter();
    let own = own.filter_map(|(name, text)| Some((format!("{below}/{name}.yaml"), text?.clone())));
    let mut texts: BTreeMap<String, String> = own.collect();
    // Problems of other services are not the proposal's.
    let (whole, checked) = folder.with(below, &texts);
    let mut found = Diagnostics::new();
    for diagnostic in checked.diagnostics.into_sorted() {
        if diagnostic.severity() == Severity::Error {
            found.push(diagnostic);
        }
    }
    if found.has_errors() {
        return Err(Report::new(Arc::new(whole), found));
    }
    if own_tree {
        for file in checked.files {
            let file = whole.file(file);
            texts.insert(file.path().to_owned(), file.text().to_owned());
        }
    }
    Ok(Held(texts))
}

/// What is wrong with a proposal that does not pass, a line for each.
pub(crate) fn failings(report: &Report) -> Vec<Text> {
    let found = report.diagnostics.iter();
    found
        .map(|one| {
            let (code, zh, en) = (one.code, one.message.zh(), one.message.en());
            both!(
                "没有通过检查，请连同定义报告给开发者：{code} {zh}",
                "it does not pass the checks, which is to be reported with the definition: {code} {en}",
            )
        })
        .collect()
}

/// Writes what [`held`] found to stand, with a page `README.md` of what the proposal says.
/// Nothing is written where one of the files is there already.
///
/// # Errors
/// So, or a file cannot be written; then those written before are removed.
pub(crate) fn write(
    place: &Place,
    Held(mut texts): Held,
    page: &str,
    out: &mut Output,
) -> Result<(), Failure> {
    let below = |name: &str| format!("{}/{name}", place.below);
    let readme = below("README.md");
    let compared = compared();
    texts.insert(readme, format!("{page}\n{}\n", compared.get(out.lang)));
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

/// What a comparison of the folder is to be read with, for its page.
fn compared() -> Text {
    both!(
        "## 如何对比\n\n\
         在本文件夹运行 `onething compare`：改革前的办法与原来的相同，改革后的数字就是以上推出的。\
         对比只计前后都有事项可办的申请人：原来的新办法与本提案服务的人不同的，两处改革前的数字也就不同。",
        "## Comparing it\n\n\
         Run `onething compare` on this folder: its old way is that of the original, and after come the figures \
         proposed above. A comparison is of those for whom both ways have something to do: where the \
         original's new way serves others than this proposal, the two have different figures of before.",
    )
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proposal_that_does_not_pass_is_told_with_what_is_wrong() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows");
        let sources = onething_definition::load(&root).sources;
        let text = |name: &str| {
            let file = sources.find(&format!("newborn/{name}.yaml"));
            sources.file(file.unwrap()).text().to_owned()
        };
        let files = Files {
            service: text("service"),
            before: text("before"),
            workload: Some(text("workload")),
            left_out: Vec::new(),
        };
        let folder = Folder::read(Arc::clone(&sources), "newborn");
        for own_tree in [false, true] {
            let Held(texts) = held(("newborn", own_tree), &files, &folder).unwrap();
            assert_eq!(texts.len() > 3, own_tree, "{:?}", texts.keys());
        }
        let broken = Files {
            service: files.service.replacen("owner: ", "owner: no-", 1),
            ..files
        };
        let report = held(("newborn", false), &broken, &folder).unwrap_err();
        // The same in a folder that is not there yet, for which the tree is read again.
        let renamed = |text: &str, key: &str| {
            text.replacen(&format!("{key}: newborn"), &format!("{key}: beside"), 1)
        };
        let beside = Files {
            service: renamed(&broken.service, "service"),
            before: renamed(&broken.before, "before"),
            ..broken
        };
        let again = held(("beside", false), &beside, &folder).unwrap_err();
        assert_eq!(failings(&again), failings(&report));
        let told = failings(&report);
        assert!(
            told.len() == 1 && told[0].en().contains("D0") && told[0].zh().contains("没有通过检查"),
            "{told:?}"
        );
    }
}
