//! The services of a tree, compiled with the old contracts and with the new: what
//! newly fails is broken by the change, and so are the steps that get from elsewhere what
//! somebody gave them, whatever the table of changes says.

use std::collections::{BTreeMap, BTreeSet};

use onething_model::{DepartmentKey, Digest, FieldKey, Text};
use onething_plan::Service;
use serde::Serialize;

use super::compare::settle;
use super::forms::{self, AskedAnew};
use super::names::{Names, listed};
use super::origins::{self, Moved};
use super::pairs::each_pair;
use super::told;
use super::{Affected, Change, ContractDiff, Contracts, Diff, Kind};
use crate::compile::{Compilation, compile_with, unneeded};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity, both, quoted};
use crate::load::{ENDINGS, services};
use crate::lower::Cx;
use crate::lower::tree::Tree;
use crate::source::SourceSet;

/// Something that `onething check` says of a service with the new contracts and
/// did not say with the old ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewProblem {
    /// The folder of the service, below the root of the tree; `None` for what is said of the
    /// tree, as that no service needs a grant.
    pub service: Option<String>,
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

impl NewProblem {
    fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// A problem apart from where in its file it stands, which moves with every edit.
type Key = (Option<String>, Code, String, String, String);

type Problems = BTreeMap<Key, NewProblem>;

/// What the services of a tree come to with some contracts.
struct Trial {
    problems: Problems,
    /// Those without errors, by folder.
    services: BTreeMap<String, (Digest, Service)>,
}

/// What the new contracts bring about, against the old ones.
#[derive(Clone, Default)]
struct Brought {
    newly: Problems,
    asked_anew: BTreeMap<forms::Key, AskedAnew>,
    moved: BTreeSet<Moved>,
    /// The departments that are told more, by the folder of the service.
    told: BTreeSet<(String, DepartmentKey)>,
    /// The services that passed their check and do not any more, by folder, with the departments
    /// that this concerns.
    fails: BTreeMap<String, BTreeSet<DepartmentKey>>,
}

impl Diff {
    /// Compiles each service of a tree with the old and with the new contracts in
    /// place of its own. A change that makes a service fail breaks it, as one does by which
    /// steps get from elsewhere what somebody gave them, and the verdict and the version
    /// that is needed follow from that. What forms ask anew is told beside it.
    #[must_use]
    pub fn tried_on(mut self, tree: &SourceSet, old: &Contracts, new: &Contracts) -> Self {
        let before = Trial::of(&with(tree, old, new, |_| false));
        let together = Trial::of(&with(tree, old, new, |_| true));
        let mut names = Names::read(tree);
        for trial in [&before, &together] {
            let services = trial.services.values();
            services.for_each(|(_, service)| names.add_service(service));
        }
        names.extend(std::mem::take(&mut self.names));
        let together = together.against(&before);
        // Of one contract nothing has to be told apart.
        let mut only = (self.contracts.len() == 1).then(|| together.clone());
        let Brought {
            mut newly,
            mut asked_anew,
            moved,
            ..
        } = together;
        let mut moved: BTreeMap<Moved, Vec<String>> =
            moved.into_iter().map(|one| (one, Vec::new())).collect();
        for contract in &mut self.contracts {
            let name = &contract.contract;
            let alone = only.take().unwrap_or_else(|| {
                Trial::of(&with(tree, old, new, |one| one == name)).against(&before)
            });
            for key in alone.newly.keys() {
                if let Some(found) = newly.get_mut(key) {
                    found.contracts.push(name.clone());
                }
            }
            for (key, asked) in &alone.asked_anew {
                if let Some(found) = asked_anew.get_mut(key) {
                    found.contracts.push(name.clone());
                }
                if let Some(department) = &asked.department {
                    let concerned = &mut contract.concerned;
                    concerned.departments.insert(department.clone());
                    concerned.services.insert(asked.service.clone());
                }
            }
            for (service, department) in &alone.told {
                let concerned = &mut contract.concerned;
                concerned.departments.insert(department.clone());
                concerned.services.insert(service.clone());
            }
            for one in &alone.moved {
                if let Some(contracts) = moved.get_mut(one) {
                    contracts.push(name.clone());
                }
            }
            let elsewhere = elsewhere(contract, &alone.moved);
            contract.changes.extend(fails(alone.fails.keys(), &names));
            for (service, departments) in alone.fails {
                contract.concerned.services.insert(service);
                contract.concerned.departments.extend(departments);
            }
            contract.changes.extend(elsewhere);
            settle(contract);
        }
        let of = |(one, contracts): (Moved, Vec<String>)| Moved { contracts, ..one };
        let moved: Vec<Moved> = moved.into_iter().map(of).collect();
        self.breaking |= self.contracts.iter().any(|one| one.is_breaking());
        self.breaking |= moved.iter().any(Moved::is_lost);
        self.newly = Some(newly.into_values().collect());
        self.asked_anew = Some(asked_anew.into_values().collect());
        self.moved = Some(moved);
        self.names = names;
        self
    }
}

fn fails<'a>(services: impl Iterator<Item = &'a String>, names: &Names) -> Option<Change> {
    let services: Vec<Text> = services.map(|folder| names.service_at(folder)).collect();
    let is_one = !services.is_empty();
    let list = listed(services);
    is_one.then(|| Change {
        kind: Kind::FailsCheck,
        bump: Kind::FailsCheck.bump(),
        fields: Vec::new(),
        message: both!(
            "按新的数据约定，以下一件事不再通过检查：{list}",
            "with the new contract these services no longer pass their check: {list}"; list
        ),
        affected: Vec::new(),
    })
}

/// The steps that somebody gave a field who does not any more, as far as no other change of
/// the contract names them for it.
fn elsewhere(contract: &ContractDiff, moved: &BTreeSet<Moved>) -> Option<Change> {
    let told = contract.changes.iter();
    let told: Vec<&Affected> = told
        .filter(|change| change.kind.moves_sources())
        .flat_map(|change| &change.affected)
        .collect();
    let is_told = |one: &Affected| told.iter().any(|told| told.is_same_reading(one));
    let lost = moved.iter().filter(|one| one.is_lost());
    let mut left: Vec<Affected> = lost.map(|one| one.affected.clone()).collect();
    left.retain(|one| !is_told(one));
    left.dedup();
    let fields: BTreeSet<FieldKey> = left.iter().map(|one| one.field.field.clone()).collect();
    let list = quoted(&fields);
    (!left.is_empty()).then(|| Change {
        kind: Kind::SourceChanged,
        bump: Kind::SourceChanged.bump(),
        fields: fields.into_iter().collect(),
        message: both!(
            "以下环节读取的 {list} 改从别处取得",
            "these steps get {list} from elsewhere"; list
        ),
        affected: left,
    })
}

impl Trial {
    fn of(sources: &SourceSet) -> Self {
        let mut trial = Self {
            problems: Problems::new(),
            services: BTreeMap::new(),
        };
        let mut found = Diagnostics::new();
        let cx = &mut Cx {
            sources,
            found: &mut found,
        };
        let tree = Tree::read(cx);
        let folders = services(sources).into_iter();
        let compiled: Vec<Compilation> = folders
            .map(|folder| compile_with(sources, &tree, found.clone(), &folder))
            .collect();
        // As `onething check` says it: of services with errors nobody knows what they need.
        if compiled.iter().all(|one| one.service.is_some()) {
            let mut of_tree = Diagnostics::new();
            unneeded(&tree, &compiled, &mut of_tree);
            for found in of_tree.into_sorted() {
                trial.said(sources, None, found);
            }
        }
        for one in compiled {
            for found in one.diagnostics.into_sorted() {
                trial.said(sources, Some(&one.folder), found);
            }
            if let Some(service) = one.service {
                trial.services.insert(one.folder, (one.digest, service));
            }
        }
        trial
    }

    fn said(&mut self, sources: &SourceSet, folder: Option<&str>, found: Diagnostic) {
        let span = found.primary.span;
        let file = sources.file(span.file);
        let key = (
            folder.map(str::to_owned),
            found.code,
            file.path().to_owned(),
            found.field.clone(),
            found.message.en().to_owned(),
        );
        self.problems.entry(key).or_insert_with(|| NewProblem {
            service: folder.map(str::to_owned),
            contracts: Vec::new(),
            code: found.code,
            severity: found.severity(),
            message: found.message,
            file: file.path().to_owned(),
            line: file.position(span.start).line,
        });
    }

    /// Of a service with errors nobody knows what its forms ask and where its data comes
    /// from; the errors are told.
    fn against(self, before: &Self) -> Brought {
        let mut brought = Brought::default();
        for (folder, (digest, new)) in &self.services {
            let old = before.services.get(folder);
            let Some((_, old)) = old.filter(|(old, _)| old != digest) else {
                continue;
            };
            each_pair(old, new, |way, old, new| {
                forms::grown(folder, way, (old, new), &mut brought.asked_anew);
                origins::moved(way, (old, new), &mut brought.moved);
                told::more(folder, (old, new), &mut brought.told);
            });
        }
        brought.newly = self.problems;
        brought
            .newly
            .retain(|key, _| !before.problems.contains_key(key));
        let passed = before.services.iter();
        let fails = passed.filter(|(folder, _)| !self.services.contains_key(*folder));
        let fails = fails.map(|(folder, (_, service))| {
            let newly = brought.newly.iter();
            let here =
                newly.filter(|((of, ..), one)| of.as_ref() == Some(folder) && one.is_error());
            (folder.clone(), whose(service, here.map(|(key, _)| key)))
        });
        brought.fails = fails.collect();
        brought
    }
}

/// Whom it concerns that a service fails its check: the department that owns it, and those of
/// the steps where it does.
fn whose<'a>(
    service: &Service,
    problems: impl Iterator<Item = &'a Key>,
) -> BTreeSet<DepartmentKey> {
    let new = &service.new;
    let mut departments = BTreeSet::from([new.department(new.owner).key.clone()]);
    for (folder, _, file, field, _) in problems {
        let folder = folder.as_deref().unwrap_or_default();
        let step = field.strip_prefix("steps.");
        let Some(step) = step.and_then(|rest| rest.split('.').next()) else {
            continue;
        };
        let of_old = file
            .strip_prefix(folder)
            .is_some_and(|name| name.starts_with("/before."));
        let Some(plan) = (if of_old {
            service.old.as_ref()
        } else {
            Some(new)
        }) else {
            continue;
        };
        let at = plan.find_step(step);
        let department = at.and_then(|at| plan.step(at).department);
        departments.extend(department.map(|at| plan.department(at).key.clone()));
    }
    departments
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::new_service;

    #[test]
    fn a_problem_at_a_step_concerns_who_does_it() {
        let files = new_service(&"shop".parse().unwrap());
        let sources = SourceSet::from_texts(files);
        let service = crate::compile(&sources, "shop").service.unwrap();
        for (file, field, expected) in [
            ("shop/service.yaml", "", "health"),
            ("shop/service.yaml", "intake.asks", "health"),
            ("shop/service.yaml", "steps.nobody.reads", "health"),
            (
                "shop/service.yaml",
                "steps.sign-review.reads",
                "health urban",
            ),
            ("shop/before.yaml", "steps.sign-review", "health urban"),
            (
                "shop/before.yaml",
                "steps.accept-sign-filing",
                "health urban",
            ),
            ("shop/service.yaml", "steps.accept-sign-filing", "health"),
        ] {
            let of = |text: &str| text.to_owned();
            let key = (Some(of("shop")), Code::NoGrant, of(file), of(field), of(""));
            let departments = whose(&service, [&key].into_iter());
            let departments: Vec<_> = departments.iter().map(DepartmentKey::as_str).collect();
            assert_eq!(departments.join(" "), expected, "{file} {field}");
        }
    }
}
