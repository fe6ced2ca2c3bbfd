//! A service with the sources it was compiled from.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use onething_definition::diagnostic::{Rendering, Report};
use onething_definition::load::services;
use onething_definition::{Compilation, Loaded, SourceSet, check_loaded, compile, load};
use onething_engine::{Blueprint, DecodeError};
use onething_measure::{CaseMeasures, from_durable};
use onething_model::Lang;
use onething_plan::workload::{AnswerMix, Figure, Origin};
use onething_plan::{Answers, Plan, Service};
use onething_runtime::{HistoryLine, Source};

/// A checked service: its plans, its workload, and the sources of both.
///
/// ```no_run
/// let definition = onething::Definition::load("workflows/open-restaurant")?;
/// println!("{} steps", definition.plan().steps.len());
/// # Ok::<(), onething::Problems>(())
/// ```
#[derive(Debug, Clone)]
pub struct Definition {
    service: Service,
    sources: Vec<Source>,
    report: Arc<Report>,
    /// See [`Definition::with_answers`].
    given_answers: Option<Answers>,
}

/// Why a definition cannot be used; reads as its problems, each with file,
/// line and cure.
#[derive(Debug, Clone)]
pub struct Problems(Arc<Report>);

/// What checking a path found: every service at or below it, usable or not.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The root of the definition tree; `None` where there is none.
    pub root: Option<std::path::PathBuf>,
    /// The folders of the services, below the root.
    pub services: Vec<String>,
    /// The files that services share at or below the path: departments, calendars,
    /// contracts.
    pub shared: Vec<String>,
    /// Those that can be used, in the same order.
    pub definitions: Vec<Definition>,
    /// Every problem, warnings included.
    pub report: Arc<Report>,
}

/// Checks what is at or below a path: services with all they depend on, and the
/// departments, calendars and contracts, whether a service uses them or not.
///
/// Where these are all services of the tree, what none of them needs of its
/// contracts is mentioned too.
#[must_use]
pub fn check(path: impl AsRef<Path>) -> Checked {
    let loaded = load(path.as_ref());
    let (root, services, shared) = (
        loaded.root.clone(),
        loaded.services.clone(),
        loaded.shared.clone(),
    );
    let checked = check_loaded(loaded);
    let sources = &checked.report.sources;
    let of = |compilation: Compilation| Definition::of(sources, compilation).ok();
    let definitions = checked.services.into_iter().filter_map(of).collect();
    Checked {
        root,
        services,
        shared,
        definitions,
        report: Arc::new(checked.report),
    }
}

/// Checks services one by one: what they do not depend on does not count.
fn each(loaded: Loaded) -> Checked {
    let mut found = loaded.diagnostics;
    let mut definitions = Vec::new();
    for folder in &loaded.services {
        let compilation = compile(&loaded.sources, folder);
        found.extend(compilation.diagnostics.clone());
        definitions.extend(Definition::of(&loaded.sources, compilation).ok());
    }
    Checked {
        root: loaded.root,
        services: loaded.services,
        shared: loaded.shared,
        definitions,
        report: Arc::new(Report::new(loaded.sources, found)),
    }
}

impl Definition {
    /// Reads and compiles the one service at a path: its folder, or a file of it.
    ///
    /// # Errors
    /// The definition has errors, or the path holds none or several services.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Problems> {
        let mut checked = each(load(path.as_ref()));
        match (checked.services.len(), checked.definitions.pop()) {
            (1, Some(definition)) if checked.report.errors() == 0 => Ok(definition),
            _ => Err(Problems(checked.report)),
        }
    }

    /// Compiles the one service among sources in memory, such as those that a store keeps.
    ///
    /// # Errors
    /// The definition has errors, or there is none or several services.
    pub fn from_sources(sources: &[Source]) -> Result<Self, Problems> {
        let text = |source: &Source| {
            let text = String::from_utf8_lossy(&source.content).into_owned();
            (source.path.clone(), text)
        };
        let sources = Arc::new(SourceSet::from_texts(sources.iter().map(text)));
        let folders = services(&sources);
        let folder = folders.first().map_or("", String::as_str);
        Self::of(&sources, compile(&sources, folder))
    }

    fn of(sources: &Arc<SourceSet>, compilation: Compilation) -> Result<Self, Problems> {
        let kept = compilation.files.iter().map(|file| {
            let file = sources.file(*file);
            Source {
                path: file.path().to_owned(),
                content: file.text().as_bytes().to_vec(),
            }
        });
        let mut kept: Vec<Source> = kept.collect();
        kept.sort_by(|one, other| one.path.cmp(&other.path));
        let report = Arc::new(Report::new(sources.clone(), compilation.diagnostics));
        match compilation.service {
            Some(service) => Ok(Self {
                service,
                sources: kept,
                report,
                given_answers: None,
            }),
            None => Err(Problems(report)),
        }
    }

    /// The service: both its ways, its workload, what others declared of it.
    #[must_use]
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// The plan of the new way.
    #[must_use]
    pub fn plan(&self) -> &Arc<Plan> {
        &self.service.new
    }

    /// The answers of [`with_answers`](Self::with_answers); `None` where the service is for
    /// whoever applies.
    pub(crate) fn given_answers(&self) -> Option<&Answers> {
        self.given_answers.as_ref()
    }

    /// The files it was compiled from, in order of their paths. Compiled again
    /// they give the same plan.
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The warnings; a definition with errors does not come to be.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The figures of one case of this definition, from its records:
    /// [`Engine::history`](onething_runtime::Engine::history).
    ///
    /// # Errors
    /// The records name what the definition does not have: they are of another one.
    pub fn measure(&self, history: &[HistoryLine]) -> Result<CaseMeasures, DecodeError> {
        let blueprint = Blueprint::new(self.plan().clone());
        from_durable(&blueprint, history.iter().map(|line| &line.record))
    }

    /// The same service for applicants who all give these answers. What else is asked
    /// they answer as the workload says, and in the scenario of computed figures as in the
    /// reference scenario. A [comparison](crate::compare) says of whom it is.
    #[must_use]
    pub fn with_answers(mut self, answers: &Answers) -> Self {
        let fixed = |plan: &Arc<Plan>| {
            Arc::new(Plan {
                reference: plan.complete(answers),
                ..Plan::clone(plan)
            })
        };
        if let Some(workload) = &self.service.workload {
            let mut workload = onething_plan::workload::Workload::clone(workload);
            for (question, answer) in answers.iter() {
                let mix = Figure {
                    value: AnswerMix::Shares(vec![(answer.clone(), 1.0)]),
                    origin: Origin::Assumed("the same for every applicant".to_owned()),
                };
                let key = &self.service.new.question(question).key;
                workload.answers.retain(|(known, _)| known != key);
                workload.answers.push((key.clone(), mix));
            }
            self.service.workload = Some(Arc::new(workload));
        }
        self.service.old = self.service.old.as_ref().map(fixed);
        self.service.new = fixed(&self.service.new);
        self.given_answers = Some(answers.clone());
        self
    }
}

/// What the runtime needs of it: the plan of the new way, and the sources.
impl From<&Definition> for onething_runtime::Definition {
    fn from(definition: &Definition) -> Self {
        Self::new(definition.plan().clone(), definition.sources.clone())
    }
}

impl Problems {
    /// The problems and the files they are about.
    #[must_use]
    pub fn report(&self) -> &Arc<Report> {
        &self.0
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rendering = Rendering {
            lang: Lang::En,
            colour: false,
        };
        f.write_str(self.0.render(rendering).trim_end())
    }
}

impl std::error::Error for Problems {}
