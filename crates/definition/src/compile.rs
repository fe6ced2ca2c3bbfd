//! From the sources of a service to its plans.

use std::collections::BTreeSet;
use std::sync::Arc;

use onething_model::{Digest, Lang, Limit};
use onething_plan::{Declared, Service};

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Report, Severity, both};
use crate::graph::build::{Built, Head, build};
use crate::graph::derive::{NodeKind, Nodes, nodes};
use crate::graph::order::order;
use crate::load::{Loaded, is_at_or_below};
use crate::lower::Cx;
use crate::lower::before::old_way;
use crate::lower::subjects::Subjects;
use crate::lower::symbols::Symbols;
use crate::lower::tree::{Tree, check_name, one_of};
use crate::lower::way::{WaySpec, new_way};
use crate::lower::workload::workload;
use crate::needless::{self, Uses};
use crate::review::{Reviewed, review};
use crate::source::{FileId, SourceSet, Span};
use crate::syntax::before::BeforeFile;
use crate::syntax::read_file;
use crate::syntax::service::{DeclaredDef, FigureValue, ServiceFile};
use crate::syntax::step::By;
use crate::syntax::workload::WorkloadFile;
use crate::yaml::read::Spanned;

/// What came of compiling one service.
#[derive(Debug, Clone)]
pub struct Compilation {
    /// The folder of the service, below the root of the tree.
    pub folder: String,
    /// The service; `None` when there are errors.
    pub service: Option<Service>,
    /// What was found. Warnings do not keep a service from being used.
    pub diagnostics: Diagnostics,
    /// The files that the service depends on: its own, the departments, its contracts
    /// and calendars. Stored together they can be compiled again, anywhere.
    pub files: Vec<FileId>,
    /// The digest of these files: the identity of the definition.
    pub digest: Digest,
    /// What the service uses of the contracts.
    uses: Uses,
    /// Of the new way, and of the old one where there is one, whether what follows from
    /// something known is known.
    pub(crate) derives: Vec<bool>,
}

/// Compiles one service from its sources; nothing else is read.
///
/// `folder` is the service's folder below the root of the tree, with `/`.
///
/// ```
/// use onething_definition::{SourceSet, compile};
/// # let sources = onething_definition::source::SourceSet::from_texts([("departments.yaml", "")]);
/// let compilation = compile(&sources, "nowhere");
/// assert!(compilation.service.is_none());
/// assert!(compilation.diagnostics.has_errors());
/// ```
#[must_use]
pub fn compile(sources: &SourceSet, folder: &str) -> Compilation {
    let mut found = Diagnostics::new();
    let tree = Tree::read(&mut Cx {
        sources,
        found: &mut found,
    });
    compile_with(sources, &tree, found, folder)
}

/// Compiles one service of a tree that was read before, and what was found then.
pub(crate) fn compile_with(
    sources: &SourceSet,
    tree: &Tree,
    found: Diagnostics,
    folder: &str,
) -> Compilation {
    let mut compilation = compile_in(sources, tree, folder);
    // Problems of a contract that the service does not use are not its problems.
    for diagnostic in found.into_sorted() {
        if compilation.files.contains(&diagnostic.primary.span.file)
            || diagnostic.code == Code::NoTree
        {
            compilation.diagnostics.push(diagnostic);
        }
    }
    if compilation.diagnostics.has_errors() {
        compilation.service = None;
    }
    compilation
}

/// What came of checking a tree: all problems, and every service that has none.
#[derive(Debug, Clone)]
pub struct Checked {
    /// All problems of the files that were asked for, sorted.
    pub report: Report,
    /// The services in the order asked for.
    pub services: Vec<Compilation>,
}

/// Compiles services of one set of sources and checks what they share.
///
/// `folders` are the services asked for. When they are all there are, what none of
/// them needs of the contracts is mentioned: whole contracts, fields, grants and
/// what registries give. Of a single service among others nobody could tell.
#[must_use]
pub fn check(sources: Arc<SourceSet>, folders: &[String], found: Diagnostics) -> Checked {
    let mut found = found;
    let tree = Tree::read(&mut Cx {
        sources: &sources,
        found: &mut found,
    });
    let whole = crate::load::services(&sources).len() == folders.len();
    let mut services = Vec::new();
    for folder in folders {
        let compilation = compile_in(&sources, &tree, folder);
        found.extend(compilation.diagnostics.clone());
        services.push(compilation);
    }
    // Where a role is misspelt, its contract only seems unused.
    if whole && !found.has_errors() {
        unneeded(&tree, &services, &mut found);
    }
    let report = Report::new(sources, found);
    // A broken contract or calendar breaks every service that uses it.
    for compilation in &mut services {
        let broken = report.diagnostics.iter().any(|diagnostic| {
            diagnostic.severity() == Severity::Error
                && compilation.files.contains(&diagnostic.primary.span.file)
        });
        if broken {
            compilation.service = None;
        }
    }
    Checked { report, services }
}

/// What none of all services of a tree needs of its contracts.
pub(crate) fn unneeded(tree: &Tree, services: &[Compilation], found: &mut Diagnostics) {
    if services.is_empty() {
        return;
    }
    let mut uses = Uses::default();
    let mut used: BTreeSet<FileId> = BTreeSet::new();
    for compilation in services {
        uses.extend(&compilation.uses);
        used.extend(&compilation.files);
    }
    let names: Vec<&str> = services.iter().map(|one| one.folder.as_str()).collect();
    needless::report(found, tree, uses, &names);
    for contract in &tree.contracts {
        if !used.contains(&contract.file) {
            let name = &contract.name;
            found.push(
                Diagnostic::new(
                    Code::UnusedContract,
                    Span::top(contract.file),
                    both!(
                        "没有一件事用到数据约定 `{name}`",
                        "no service uses the contract `{name}`",
                    ),
                )
                .help(both!(
                    "删除文件，或者在一件事的 `roles` 中使用",
                    "remove the file, or use it in the `roles` of a service",
                )),
            );
        }
    }
}

/// Checks what was loaded: of a whole tree everything, used or not; else the services
/// and shared files that were asked for, and whatever these services depend on.
#[must_use]
pub fn check_loaded(loaded: Loaded) -> Checked {
    let unread: BTreeSet<FileId> = loaded.diagnostics.files().collect();
    let mut checked = check(loaded.sources, &loaded.services, loaded.diagnostics);
    if !loaded.asked.is_empty() {
        let mut concerned = unread;
        concerned.extend(checked.services.iter().flat_map(|one| &one.files));
        let sources = &checked.report.sources;
        concerned.extend(
            sources
                .iter()
                .filter(|(_, file)| is_at_or_below(file.path(), &loaded.asked))
                .map(|(id, _)| id),
        );
        let diagnostics = &mut checked.report.diagnostics;
        diagnostics.retain(|found| concerned.contains(&found.primary.span.file));
    }
    // What is said of its contracts and calendars is said of the service as well.
    for compilation in &mut checked.services {
        for found in &checked.report.diagnostics {
            if compilation.files.contains(&found.primary.span.file) {
                compilation.diagnostics.push(found.clone());
            }
        }
    }
    checked
}

/// Compiles one service of a tree that was read before; problems of the tree
/// itself are not repeated.
pub(crate) fn compile_in(sources: &SourceSet, tree: &Tree, folder: &str) -> Compilation {
    let mut found = Diagnostics::new();
    let mut cx = Cx {
        sources,
        found: &mut found,
    };
    let mut compiler = Compiler {
        tree,
        folder,
        files: tree.departments_file.into_iter().collect(),
        used: Uses::default(),
        derives: Vec::new(),
    };
    let service = compiler.service(&mut cx);
    let (uses, derives) = (compiler.used, compiler.derives);
    let digest = sources.digest(compiler.files.iter().copied());
    let service = service.filter(|_| !found.has_errors());
    Compilation {
        folder: folder.to_owned(),
        service,
        diagnostics: found,
        files: compiler.files.into_iter().collect(),
        digest,
        uses,
        derives,
    }
}

struct Compiler<'a> {
    tree: &'a Tree,
    folder: &'a str,
    files: BTreeSet<FileId>,
    used: Uses,
    derives: Vec<bool>,
}

impl Compiler<'_> {
    fn file(&mut self, cx: &mut Cx<'_>, name: &str) -> Option<FileId> {
        let file = one_of(cx, &format!("{}/{name}", self.folder))?;
        self.files.insert(file);
        Some(file)
    }

    fn service(&mut self, cx: &mut Cx<'_>) -> Option<Service> {
        let Some(file) = self.file(cx, "service") else {
            let folder = self.folder;
            if let Some((first, _)) = cx.sources.iter().next() {
                cx.report(
                    Diagnostic::new(
                        Code::NoService,
                        Span::top(first),
                        both!(
                            "文件夹 `{folder}` 中没有 `service.yaml`",
                            "the folder `{folder}` holds no `service.yaml`",
                        ),
                    )
                    .help(both!(
                        "检查路径，或者新建 `service.yaml`",
                        "check the path, or write a `service.yaml`",
                    )),
                );
            }
            return None;
        };
        let before_file = self.file(cx, "before");
        let workload_file = self.file(cx, "workload");
        let read = read_file::<ServiceFile>(cx.sources, file, Lang::Zh, cx.found);
        let lang: Lang = read
            .as_ref()
            .and_then(|read| read.language)
            .map_or(Lang::Zh, |language| language.value.into());
        // Every file is read before any is given up, so that all problems are told at once.
        let before =
            before_file.and_then(|file| read_file::<BeforeFile>(cx.sources, file, lang, cx.found));
        let load = workload_file
            .and_then(|file| read_file::<WorkloadFile>(cx.sources, file, lang, cx.found));
        let read = read?;
        let written = &read.value;
        // Where a section that gives names is not there, every name of the others seems unknown;
        // why it is not was told.
        let named = [
            written.roles.is_some(),
            written.matters.is_some(),
            written.steps.is_some(),
            written.questions.is_some() || !cx.found.is_lost(file, "questions"),
        ];
        if named.contains(&false) {
            return None;
        }
        let folder = self.folder.rsplit('/').next().unwrap_or(self.folder);
        if let Some(name) = &written.service {
            check_name(cx, name.as_str(), name.span, folder);
        }
        if let Some(name) = before.as_ref().and_then(|before| before.before.as_ref()) {
            check_name(cx, name.as_str(), name.span, folder);
        }
        let symbols = Symbols::read(cx, self.tree, written);
        self.uses(&symbols, written, load.as_ref());
        let new = new_way(cx, &symbols, written);
        let old = before
            .as_ref()
            .map(|before| old_way(cx, &symbols, &new, before));
        let digest = cx.sources.digest(self.files.iter().copied());
        let head = written.service.as_ref().zip(written.version.as_ref());
        let head = head.map(|(service, version)| Head {
            service: service.value.clone(),
            version: version.value.to_string(),
            digest,
            title: written
                .title
                .as_ref()
                .map(|title| title.value.clone())
                .unwrap_or_default(),
        });
        let new_plan = plan(cx, &symbols, &new, head.as_ref());
        let old_plan = old
            .as_ref()
            .map(|(symbols, way)| plan(cx, symbols, way, head.as_ref()));
        let mut subjects = Subjects::default();
        subjects.whole = !cx.found.has_errors() && self.tree.whole;
        for planned in std::iter::once(&new_plan).chain(&old_plan) {
            subjects.add(&symbols, &planned.nodes, planned.built.as_ref());
        }
        let reviewed = Reviewed {
            symbols: &symbols,
            spec: &new,
            nodes: &new_plan.nodes,
            built: new_plan.built.as_ref(),
        };
        let before = old.as_ref().zip(old_plan.as_ref());
        let before = before.map(|((symbols, spec), plan)| Reviewed {
            symbols,
            spec,
            nodes: &plan.nodes,
            built: plan.built.as_ref(),
        });
        review(cx, &reviewed, before.as_ref());
        for way in std::iter::once(&reviewed).chain(&before) {
            self.used.add(way);
            self.derives.push(way.spec.fetched.derives());
        }
        let load = load
            .as_ref()
            .map(|load| Arc::new(workload(cx, &symbols, &subjects, lang, load)));
        if let (Some(load), Some(built)) = (&load, &new_plan.built) {
            crate::space::workload(cx, &symbols, built, load);
        }
        Some(Service {
            new: Arc::new(new_plan.built?.plan),
            old: match old_plan {
                Some(old) => Some(Arc::new(old.built?.plan)),
                None => None,
            },
            workload: load,
            declared: declared(written),
        })
    }

    /// Notes the contracts and the calendar that the service depends on.
    fn uses(
        &mut self,
        symbols: &Symbols<'_>,
        file: &ServiceFile,
        load: Option<&Spanned<WorkloadFile>>,
    ) {
        for role in &symbols.roles {
            if let Some(contract) = role.contract {
                self.files.insert(self.tree.contracts[contract].file);
            }
        }
        if let Some(calendar) = &file.calendar {
            self.uses_calendar(calendar.as_str());
        }
        let Some(load) = load else { return };
        let on = load
            .arrivals
            .as_ref()
            .and_then(|arrivals| arrivals.on.as_ref());
        let staff = load.staff.iter().flat_map(|staff| staff.figures.iter());
        let hours = staff.filter_map(|(_, staff)| staff.hours.as_ref());
        for calendar in on.into_iter().chain(hours) {
            self.uses_calendar(calendar.as_str());
        }
    }

    fn uses_calendar(&mut self, name: &str) {
        let entry = self
            .tree
            .find_calendar(name)
            .map(|at| &self.tree.calendars[at]);
        self.files.extend(entry.and_then(|entry| entry.file));
    }
}

/// A way with its derived nodes.
pub(crate) struct Planned {
    pub(crate) nodes: Nodes,
    pub(crate) built: Option<Built>,
}

/// Derives, orders and numbers; the graph is looked at even where names are missing,
/// since a cycle is one whatever else is wrong.
pub(crate) fn plan(
    cx: &mut Cx<'_>,
    symbols: &Symbols<'_>,
    way: &WaySpec,
    head: Option<&Head>,
) -> Planned {
    let mut nodes = nodes(cx, symbols, way);
    limits_of_matters(symbols, &mut nodes);
    let order = order(cx, symbols, way, &nodes);
    let built = match (order, head) {
        (Some(order), Some(head)) if !cx.found.has_errors() => {
            build(symbols, way, head, &nodes, order)
        }
        _ => None,
    };
    Planned { nodes, built }
}

/// The only step of a matter that takes time has the matter's limit, if it has none of its own.
fn limits_of_matters(symbols: &Symbols<'_>, nodes: &mut Nodes) {
    for (at, matter) in symbols.matters.iter().enumerate() {
        let mut takers = nodes.list.iter_mut().filter(|node| {
            node.matter == Some(at)
                && matches!(node.kind, NodeKind::Step(By::Officer | By::Outside))
        });
        if let (Some(only), None) = (takers.next(), takers.next())
            && only.limit.binding().is_none()
        {
            only.limit = matter.limit.clone();
        }
    }
}

fn declared(file: &ServiceFile) -> Vec<Declared> {
    let figure = |def: &DeclaredDef| {
        let days = |value: FigureValue| match value {
            FigureValue::Count(count) => (count, None),
            FigureValue::Duration(Limit::WorkingDays { thousandths }) => {
                (thousandths as f64 / 1_000.0, Some("wd"))
            }
            FigureValue::Duration(Limit::CalendarDays { thousandths }) => {
                (thousandths as f64 / 1_000.0, Some("d"))
            }
            FigureValue::Duration(Limit::Clock(span)) => (span.as_days(), Some("d")),
        };
        let (after, unit) = days(def.after.as_ref()?.value);
        Some(Declared {
            figure: def.figure.as_ref()?.value.as_str().to_owned(),
            before: def.before.map(|before| days(before.value).0),
            after,
            unit: unit.map(str::to_owned),
            place: def.place.as_ref()?.value.clone(),
            year: def.year.and_then(|year| i16::try_from(year.value.0).ok()),
            source: def.source.as_ref()?.value.clone(),
        })
    };
    file.declared
        .iter()
        .flat_map(|list| &list.value)
        .filter_map(|def| figure(&def.value))
        .collect()
}
