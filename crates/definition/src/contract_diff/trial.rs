//! The services of a tree, compiled with the old contracts and with the new: what
//! newly fails is broken by the change, whatever the table of changes says.

use std::collections::{BTreeMap, BTreeSet};

use onething_model::{Digest, Text};
use onething_plan::Service;
use serde::Serialize;

use super::compare::settle;
use super::forms::{self, AskedAnew, grown};
use super::{Change, Contracts, Diff, Kind};
use crate::compile::compile;
use crate::diagnostic::{Code, Diagnostic, Severity, both};
use crate::load::{ENDINGS, services};
use crate::source::SourceSet;

/// Something that `onething check` says of a service with the new contracts and
/// did not say with the old ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewProblem {
    /// The folder of the service, below the root of the tree.
    pub service: String,
    /// The contracts whose change brings it about on its own; none where it takes
    /// several changes together.
    pub contracts: Vec<String>,
    /// The code.
    pub code: Code,
    /// Whether it keeps the service from being used.
    pub severity: Severity,
    /// What is wrong.
    pub message: Text,
    /// The file, below the root of the tree.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

/// A problem apart from where in its file it stands, which moves with every edit.
type Key = (String, Code, String, String, String);

type Problems = BTreeMap<Key, NewProblem>;

/// What the services of a tree come to with some contracts.
struct Trial {
    problems: Problems,
    /// Those without errors, by folder.
    services: BTreeMap<String, (Digest, Service)>,
}

impl Diff {
    /// Compiles each service of a tree with the old and with the new contracts in
    /// place of its own. A change that makes a service fail breaks it, and the
    /// verdict and the version that is needed follow from that. What forms ask
    /// anew is told beside it.
    #[must_use]
    pub fn tried_on(mut self, tree: &SourceSet, old: &Contracts, new: &Contracts) -> Self {
        let before = Trial::of(&with(tree, old, new, |_| false));
        let together = Trial::of(&with(tree, old, new, |_| true));
        let mut newly = together.newly(&before);
        let mut asked_anew = together.asked_anew(&before);
        for contract in &mut self.contracts {
            let name = &contract.contract;
            let alone = Trial::of(&with(tree, old, new, |one| one == name));
            let mut fails: BTreeSet<String> = BTreeSet::new();
            for (key, problem) in alone.newly(&before) {
                if let Some(found) = newly.get_mut(&key) {
                    found.contracts.push(name.clone());
                }
                if problem.severity == Severity::Error {
                    fails.insert(problem.service);
                }
            }
            for key in alone.asked_anew(&before).keys() {
                if let Some(found) = asked_anew.get_mut(key) {
                    found.contracts.push(name.clone());
                }
            }
            if fails.is_empty() {
                continue;
            }
            let list = Text::list(fails);
            contract.changes.insert(
                0,
                Change {
                    kind: Kind::FailsCheck,
                    bump: Kind::FailsCheck.bump(),
                    fields: Vec::new(),
                    message: both!(
                        "按新的数据约定，以下一件事不再通过检查：{list}",
                        "with the new contract these services no longer pass their check: {list}"; list
                    ),
                    affected: Vec::new(),
                },
            );
            settle(contract);
        }
        self.breaking |= self.contracts.iter().any(|one| one.is_breaking());
        self.newly = Some(newly.into_values().collect());
        self.asked_anew = Some(asked_anew.into_values().collect());
        self
    }
}

impl Trial {
    fn of(sources: &SourceSet) -> Self {
        let mut trial = Self {
            problems: Problems::new(),
            services: BTreeMap::new(),
        };
        for folder in services(sources) {
            let compiled = compile(sources, &folder);
            for found in compiled.diagnostics.into_sorted() {
                trial.said(sources, &folder, found);
            }
            if let Some(service) = compiled.service {
                trial.services.insert(folder, (compiled.digest, service));
            }
        }
        trial
    }

    fn said(&mut self, sources: &SourceSet, folder: &str, found: Diagnostic) {
        let span = found.primary.span;
        let file = sources.file(span.file);
        let key = (
            folder.to_owned(),
            found.code,
            file.path().to_owned(),
            found.field.clone(),
            found.message.en().to_owned(),
        );
        self.problems.entry(key).or_insert_with(|| NewProblem {
            service: folder.to_owned(),
            contracts: Vec::new(),
            code: found.code,
            severity: found.severity(),
            message: found.message,
            file: file.path().to_owned(),
            line: file.position(span.start).line,
        });
    }

    fn newly(&self, before: &Self) -> Problems {
        let mut problems = self.problems.clone();
        problems.retain(|key, _| !before.problems.contains_key(key));
        problems
    }

    /// Of a service with errors nobody knows what its forms ask; the errors are told.
    fn asked_anew(&self, before: &Self) -> BTreeMap<forms::Key, AskedAnew> {
        let mut found = BTreeMap::new();
        for (folder, (digest, new)) in &self.services {
            let old = before.services.get(folder);
            if let Some((_, old)) = old.filter(|(old, _)| old != digest) {
                found.extend(grown(folder, old, new));
            }
        }
        found
    }
}

/// The tree with the contracts of either version: the new one where `is_new` says so.
fn with(
    tree: &SourceSet,
    old: &Contracts,
    new: &Contracts,
    is_new: impl Fn(&str) -> bool,
) -> SourceSet {
    let names: BTreeSet<&str> = old.names().chain(new.names()).collect();
    let replaced: BTreeSet<String> = names
        .iter()
        .flat_map(|name| ENDINGS.map(|ending| format!("contracts/{name}.{ending}")))
        .collect();
    let kept = tree
        .iter()
        .filter(|(_, file)| !replaced.contains(file.path()))
        .map(|(_, file)| (file.path().to_owned(), file.text().to_owned()));
    let placed = names.iter().filter_map(|name| {
        let from = if is_new(name) { new } else { old };
        let contract = from.by_name.get(*name)?;
        Some((format!("contracts/{name}.yaml"), contract.text.clone()))
    });
    SourceSet::from_texts(kept.chain(placed))
}
