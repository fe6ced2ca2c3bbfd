//! A service opened for redesign.

use std::collections::BTreeMap;
use std::sync::Arc;

use onething_model::{Digest, Lang, ServiceKey, Text};
use onething_plan::workload::Workload;
use onething_plan::{Plan, Service};

use super::convert::{Names, design};
use super::proposal::{self, Files};
use super::{Design, Setting, write};
use crate::compile::{Compilation, compile, compile_with, plan};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity, both};
use crate::graph::build::Head;
use crate::lower::Cx;
use crate::lower::before::old_way;
use crate::lower::symbols::Symbols;
use crate::lower::tree::{Tree, one_of};
use crate::lower::way::new_way;
use crate::source::{FileId, SourceSet, Span};
use crate::syntax::before::BeforeFile;
use crate::syntax::read_file;
use crate::syntax::service::ServiceFile;

/// A service's folder with the tree it belongs to.
#[derive(Debug)]
pub struct Folder {
    sources: Arc<SourceSet>,
    tree: Tree,
    /// What is wrong with the tree.
    found: Diagnostics,
    folder: String,
}

impl Folder {
    /// Reads a tree. Whether it is free of errors, [`open`](Self::open) tells.
    ///
    /// `folder` is the service's folder below the root of the tree, with `/`.
    #[must_use]
    pub fn read(sources: Arc<SourceSet>, folder: &str) -> Self {
        let mut found = Diagnostics::new();
        let tree = Tree::read(&mut Cx {
            sources: &sources,
            found: &mut found,
        });
        Self {
            sources,
            tree,
            found,
            folder: folder.to_owned(),
        }
    }

    /// Opens the service.
    ///
    /// # Errors
    /// The definition has errors; they are in the compilation's diagnostics.
    pub fn open(&self) -> Result<Drafting<'_>, Box<Compilation>> {
        let found = self.found.clone();
        let compilation = compile_with(&self.sources, &self.tree, found, &self.folder);
        let Some(service) = compilation.service.clone() else {
            return Err(Box::new(compilation));
        };
        let found = compilation.diagnostics.clone().into_sorted();
        let warnings = found
            .iter()
            .filter(|one| one.severity() == Severity::Warning)
            .count();
        Drafting::new(self, service, warnings).ok_or_else(|| Box::new(compilation))
    }
}

impl Folder {
    /// Compiles a service of the tree with these files, by path, in place of those in its
    /// folder, whether or not there is one yet; the sources as they then are.
    ///
    /// `folder` lies below the root of the tree, with `/`.
    #[must_use]
    pub fn with(&self, folder: &str, files: &BTreeMap<String, String>) -> (SourceSet, Compilation) {
        let inside = |path: &str| path.starts_with(&format!("{folder}/"));
        let others = self.sources.iter().map(|(_, file)| file);
        let others = others.filter(|file| !inside(file.path()));
        let others = others.map(|file| (file.path().to_owned(), file.text().to_owned()));
        let whole = SourceSet::from_texts(others.chain(files.clone()));
        let paths = |sources: &SourceSet| -> Vec<String> {
            let paths = sources.iter().map(|(_, file)| file.path().to_owned());
            paths.collect()
        };
        // Files are numbered by their paths: with the same ones the tree need not be read again.
        let compilation = if paths(&whole) == paths(&self.sources) {
            compile_with(&whole, &self.tree, self.found.clone(), folder)
        } else {
            compile(&whole, folder)
        };
        (whole, compilation)
    }
}

/// A service whose ways can be taken apart and put together again.
#[derive(Debug)]
pub struct Drafting<'a> {
    symbols: Symbols<'a>,
    names: Names,
    head: Head,
    warnings: usize,
    language: Option<Lang>,
    before_language: Option<Lang>,
    span: Span,
    sources: &'a SourceSet,
    workload: Option<FileId>,
    setting: Setting,
    service: Service,
    new: Design,
    old: Option<Design>,
}

impl<'a> Drafting<'a> {
    fn new(folder: &'a Folder, service: Service, warnings: usize) -> Option<Self> {
        let sources: &SourceSet = &folder.sources;
        let mut found = Diagnostics::new();
        let mut cx = Cx {
            sources,
            found: &mut found,
        };
        let file = one_of(&mut cx, &format!("{}/service", folder.folder))?;
        let before = one_of(&mut cx, &format!("{}/before", folder.folder));
        let workload = one_of(&mut cx, &format!("{}/workload", folder.folder));
        let read = read_file::<ServiceFile>(sources, file, Lang::Zh, cx.found)?;
        let lang: Lang = read.language.map_or(Lang::Zh, |word| word.value.into());
        let symbols = Symbols::read(&mut cx, &folder.tree, &read.value);
        let new = new_way(&mut cx, &symbols, &read.value);
        let before = before.and_then(|file| read_file::<BeforeFile>(sources, file, lang, cx.found));
        let before_language = before
            .as_ref()
            .and_then(|before| before.language)
            .map(|word| word.value.into());
        let old = before.map(|before| {
            let (then, way) = old_way(&mut cx, &symbols, &new, &before);
            design(&then, &way)
        });
        let plan = &service.new;
        let head = Head {
            service: plan.service.clone(),
            version: plan.version.clone(),
            digest: plan.digest,
            title: plan.title.clone(),
        };
        let span = Span::top(file);
        let new = design(&symbols, &new);
        Some(Self {
            setting: Setting::of(&symbols, &head.service, &head.title)?,
            names: Names::of(&symbols, span),
            symbols,
            head,
            warnings,
            language: read.language.map(|word| word.value.into()),
            before_language,
            span,
            sources,
            workload,
            service,
            new,
            old,
        })
    }

    /// How many warnings the definition has.
    #[must_use]
    pub const fn warnings(&self) -> usize {
        self.warnings
    }

    /// What all designs of the service share.
    #[must_use]
    pub const fn setting(&self) -> &Setting {
        &self.setting
    }

    /// The service as it was compiled.
    #[must_use]
    pub const fn service(&self) -> &Service {
        &self.service
    }

    /// The digest of the workload's file, as it is read; `None` without one.
    #[must_use]
    pub fn workload_digest(&self) -> Option<Digest> {
        let file = self.workload?;
        Some(Digest::of(self.sources.file(file).text().as_bytes()))
    }

    /// The new way as it is defined.
    #[must_use]
    pub const fn new_way(&self) -> &Design {
        &self.new
    }

    /// The old way, if it is defined.
    #[must_use]
    pub const fn old(&self) -> Option<&Design> {
        self.old.as_ref()
    }

    /// Compiles a design. The plan carries the digest of the definition that
    /// was opened, for it is no definition of its own yet.
    ///
    /// # Errors
    /// Cycles and names that the service does not have.
    pub fn plan(&self, design: &Design) -> Result<Plan, Diagnostics> {
        let mut found = Diagnostics::new();
        let mut cx = Cx {
            sources: self.sources,
            found: &mut found,
        };
        let mut symbols = self.symbols.clone();
        for (matter, limit) in symbols.matters.iter_mut().zip(&design.limits) {
            matter.limit = limit.clone();
        }
        let way = match self.names.way(&symbols, design) {
            Ok(way) => way,
            Err(name) => {
                cx.report(
                    Diagnostic::new(
                        Code::UnknownStep,
                        self.span,
                        both!(
                            "设计中的名称 `{name}` 在一件事中不存在",
                            "the design names `{name}`, which the service does not have",
                        ),
                    )
                    .help(both!("检查名称", "check the name")),
                );
                return Err(found);
            }
        };
        let built = plan(&mut cx, &symbols, &way, Some(&self.head)).built;
        match built {
            Some(built) if !found.has_errors() => Ok(built.plan),
            Some(_) | None => Err(found),
        }
    }

    /// A design as the text of a `service.yaml`, in a canonical layout and
    /// without comments. `None` where matters are handled apart: a new way
    /// has one intake.
    #[must_use]
    pub fn service_yaml(&self, design: &Design) -> Option<String> {
        write::service(&self.service_head(), &self.service, design)
    }

    /// A design and the old way it was made from as the files of a service
    /// of its own, called `name`: `service.yaml`, a `before.yaml` that says
    /// the old way over the new steps, and the workload that serves both.
    ///
    /// Names that neither way uses any more are left out, with what that
    /// means told in [`Files::left_out`]. `None` where the design has more
    /// than one application, or the service has a matter or role without
    /// what it needs.
    ///
    /// # Errors
    /// Either design does not compile.
    pub fn folder(
        &self,
        name: &ServiceKey,
        design: &Design,
        old: &Design,
        workload: Option<&Workload>,
    ) -> Result<Option<Files>, Diagnostics> {
        let plans = [self.plan(design)?, self.plan(old)?];
        Ok(proposal::files(
            &self.service_head(),
            &self.setting,
            &self.service,
            [design, old],
            &plans,
            workload,
            name,
        ))
    }

    /// What the new way of `service.yaml` says and a design made from the old
    /// way does not, with what to do about it.
    #[must_use]
    pub fn left_out(&self, design: &Design) -> Vec<Text> {
        proposal::left_out(&self.setting, &self.new, design)
    }

    const fn service_head(&self) -> write::ServiceHead<'_, 'a> {
        write::ServiceHead {
            symbols: &self.symbols,
            head: &self.head,
            language: self.language,
            before_language: self.before_language,
        }
    }
}
