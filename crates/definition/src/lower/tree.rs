//! What all services of a tree share.

use onething_model::{DepartmentKey, Lang, Text};

use super::calendar::{self, CalendarEntry};
use super::contract::{self, ContractEntry};
use super::{Cx, DEPARTMENT, Index};
use crate::diagnostic::{Code, Diagnostic, both};
use crate::load::ENDINGS;
use crate::source::{FileId, SourceSet, Span};
use crate::syntax::departments::{BodyKind, DepartmentsFile};
use crate::syntax::read_file;
use crate::syntax::values::AllOr;
use crate::yaml::read::Spanned;

/// A department of the tree.
#[derive(Debug, Clone)]
pub(crate) struct DepartmentEntry {
    pub(crate) key: DepartmentKey,
    pub(crate) title: Text,
    pub(crate) outside: bool,
}

/// A window of the tree.
#[derive(Debug, Clone)]
pub(crate) struct WindowEntry {
    pub(crate) name: String,
    /// The only department it works for, if there is one.
    pub(crate) department: Option<usize>,
}

/// What all services of a tree share. Broken parts are gaps; they were reported.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tree {
    pub(crate) departments_file: Option<FileId>,
    pub(crate) departments: Vec<DepartmentEntry>,
    /// Whether all departments are known, so that another name is a mistake.
    pub(crate) departments_known: bool,
    /// Whether all windows are.
    pub(crate) windows_known: bool,
    /// Whether there were no errors, so that no name is missing because of one.
    pub(crate) whole: bool,
    department_names: Index,
    pub(crate) windows: Vec<WindowEntry>,
    /// What people call the purposes of grants.
    pub(crate) purposes: Vec<(String, Text)>,
    pub(crate) calendars: Vec<CalendarEntry>,
    calendar_names: Index,
    pub(crate) contracts: Vec<ContractEntry>,
    contract_names: Index,
}

impl Tree {
    /// Reads everything that is not a service.
    pub(crate) fn read(cx: &mut Cx<'_>) -> Self {
        let mut tree = Self::default();
        tree.read_departments(cx);
        for (name, file) in files(cx, "calendars") {
            tree.add_calendar(calendar::calendar(cx, &name, file));
        }
        tree.add_calendar(calendar::round_the_clock());
        for (name, file) in files(cx, "contracts") {
            let entry = contract::contract(cx, &tree, &name, file);
            tree.contract_names.insert(&name, tree.contracts.len());
            tree.contracts.push(entry);
        }
        tree.whole = !cx.found.has_errors();
        tree
    }

    fn add_calendar(&mut self, entry: CalendarEntry) {
        self.calendar_names
            .insert(&entry.name, self.calendars.len());
        self.calendars.push(entry);
    }

    fn read_departments(&mut self, cx: &mut Cx<'_>) {
        let Some(file) = one_of(cx, "departments") else {
            // Where there is no tree, whoever looked for it has said so.
            if let Some((file, _)) = cx.sources.iter().next()
                && !cx.found.has_errors()
            {
                cx.report(
                    Diagnostic::new(
                        Code::NoTree,
                        Span::top(file),
                        both!(
                            "根目录中没有 `departments.yaml`",
                            "there is no `departments.yaml` at the root",
                        ),
                    )
                    .help(both!(
                        "建立 `departments.yaml`，列出各部门",
                        "write a `departments.yaml` that lists the departments",
                    )),
                );
            }
            return;
        };
        self.departments_file = Some(file);
        let Some(read) = read_file::<DepartmentsFile>(cx.sources, file, Lang::Zh, cx.found) else {
            return;
        };
        self.departments_known = read.departments.is_some();
        self.windows_known = read.windows.is_some() || !cx.found.is_lost(file, "windows");
        for (key, def) in read.departments.iter().flat_map(|named| &named.entries) {
            self.department_names
                .insert(key.as_str(), self.departments.len());
            let title = def.as_ref().and_then(|def| def.title.clone());
            let kind = def.as_ref().and_then(|def| def.kind);
            self.departments.push(DepartmentEntry {
                key: key.value.clone(),
                title: title.map_or_else(|| super::titled(key.as_str()), |title| title.value),
                outside: kind.is_some_and(|kind| kind.value == BodyKind::Outside),
            });
        }
        for (name, title) in read.purposes.iter().flat_map(|named| named.iter()) {
            self.purposes
                .push((name.as_str().to_owned(), title.clone()));
        }
        for (name, def) in read.windows.iter().flat_map(|named| named.iter()) {
            let department = match def.departments.as_ref().map(|given| &given.value) {
                Some(AllOr::Only(list)) => {
                    let field = format!("windows.{}.departments", name.as_str());
                    let known: Vec<_> = list
                        .iter()
                        .filter_map(|key| self.department(cx, key, &field))
                        .collect();
                    match known[..] {
                        [only] => Some(only),
                        _ => None,
                    }
                }
                Some(AllOr::All) | None => None,
            };
            self.windows.push(WindowEntry {
                name: name.as_str().to_owned(),
                department,
            });
        }
    }

    /// The department of this name; reports an unknown one.
    pub(crate) fn department(
        &self,
        cx: &mut Cx<'_>,
        key: &Spanned<DepartmentKey>,
        field: &str,
    ) -> Option<usize> {
        let found = self.department_names.get(key.as_str());
        if found.is_none() && self.departments_known {
            let names = self.departments.iter().map(|entry| entry.key.as_str());
            cx.unknown(DEPARTMENT, key.span, field, key.as_str(), names);
        }
        found
    }

    pub(crate) fn find_contract(&self, name: &str) -> Option<usize> {
        self.contract_names.get(name)
    }

    pub(crate) fn find_calendar(&self, name: &str) -> Option<usize> {
        self.calendar_names.get(name)
    }
}

/// The files of a folder, by name without ending.
fn files(cx: &mut Cx<'_>, folder: &str) -> Vec<(String, FileId)> {
    let mut found: Vec<(String, FileId)> = Vec::new();
    for (id, file) in cx.sources.iter() {
        let Some((in_folder, name)) = file.path().rsplit_once('/') else {
            continue;
        };
        let Some((stem, ending)) = name.rsplit_once('.') else {
            continue;
        };
        if in_folder != folder || !ENDINGS.contains(&ending) {
            continue;
        }
        match found.last() {
            Some((other, first)) if other == stem => two_files(cx.found, id, *first, cx.sources),
            Some(_) | None => found.push((stem.to_owned(), id)),
        }
    }
    found
}

/// The one file of a path without ending; reports a second one.
pub(crate) fn one_of(cx: &mut Cx<'_>, stem: &str) -> Option<FileId> {
    let mut found = ENDINGS
        .iter()
        .filter_map(|ending| cx.sources.find(&format!("{stem}.{ending}")));
    let first = found.next()?;
    for other in found {
        two_files(cx.found, other, first, cx.sources);
    }
    Some(first)
}

fn two_files(
    found: &mut crate::diagnostic::Diagnostics,
    other: FileId,
    first: FileId,
    sources: &SourceSet,
) {
    let path = sources.file(first).path();
    found.push(
        Diagnostic::new(
            Code::TwoFiles,
            Span::top(other),
            both!(
                "`{path}` 已经定义了同样的内容",
                "`{path}` defines the same thing",
            ),
        )
        .help(both!("删除其中一个文件", "remove one of the two")),
    );
}

/// A name inside a file must be that of the file or folder.
pub(crate) fn check_name(cx: &mut Cx<'_>, written: &str, span: Span, expected: &str) {
    if written == expected {
        return;
    }
    cx.report(
        Diagnostic::new(
            Code::NameMismatch,
            span,
            both!(
                "名称 `{written}` 与文件或文件夹的名称 `{expected}` 不同",
                "the name `{written}` is not that of the file or folder, `{expected}`",
            ),
        )
        .help(both!(
            "写成 `{expected}`，或者改文件（夹）的名称",
            "write `{expected}`, or rename the file or folder",
        )),
    );
}
