//! Names that figures can be about, and which of them are worth offering to who mistypes one.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use onething_plan::{Outline, Plan};

use super::symbols::Symbols;
use super::{Cx, Kind, STEP};
use crate::classes::classes;
use crate::graph::build::Built;
use crate::graph::derive::Nodes;
use crate::source::Span;

/// Names that figures can be about.
#[derive(Debug, Default)]
pub(crate) struct Subjects<'a> {
    /// Every step of either way, derived ones too.
    pub(crate) steps: BTreeSet<String>,
    /// The matter of those that belong to one, by number; the old way's where they differ.
    pub(crate) matters: BTreeMap<String, usize>,
    /// Departments that do steps in either way.
    pub(crate) departments: BTreeSet<String>,
    /// Whether nothing is missing here because of an error elsewhere, so that an unknown
    /// name is a mistake.
    pub(crate) whole: bool,
    plans: Vec<&'a Plan>,
    /// Steps that derive from the definition and that no answers bring.
    idle: OnceCell<BTreeSet<String>>,
}

impl<'a> Subjects<'a> {
    /// Adds what a way does.
    pub(crate) fn add(&mut self, symbols: &Symbols<'_>, nodes: &Nodes, built: Option<&'a Built>) {
        for node in &nodes.list {
            self.steps.insert(node.key.as_str().to_owned());
            if let Some(matter) = node.matter {
                self.matters.insert(node.key.as_str().to_owned(), matter);
            }
            if let Some(department) = node.department {
                let entry = &symbols.tree.departments[department];
                self.departments.insert(entry.key.as_str().to_owned());
            }
        }
        self.plans.extend(built.map(|built| &built.plan));
    }

    /// Reports a step that is none.
    pub(crate) fn unknown_step(&self, cx: &mut Cx<'_>, span: Span, field: &str, name: &str) {
        let idle = self.idle.get_or_init(|| idle(&self.plans));
        let names = self.steps.iter().filter(|name| !idle.contains(*name));
        cx.unknown(STEP, span, field, name, names.map(String::as_str));
    }
}

/// Looks at all answers, which takes its time: only for who mistyped a name.
fn idle(plans: &[&Plan]) -> BTreeSet<String> {
    let (mut idle, mut taken) = (BTreeSet::new(), BTreeSet::new());
    for plan in plans {
        let classes = classes(plan);
        let mut active = vec![!classes.exhaustive; plan.steps.len()];
        for answers in classes.scenarios(plan) {
            for step in Outline::resolve(plan, answers).steps() {
                active[step.index()] = true;
            }
        }
        for step in plan.step_numbers().filter(|step| plan.is_derived(*step)) {
            let found = if active[step.index()] {
                &mut taken
            } else {
                &mut idle
            };
            found.insert(plan.step(step).key.to_string());
        }
    }
    idle.retain(|key| !taken.contains(key));
    idle
}

/// What the figures of a section can be about.
#[derive(Clone, Copy)]
pub(super) enum Known<'a> {
    Steps(&'a Subjects<'a>),
    Others(Kind, &'a BTreeSet<String>),
}

impl Known<'_> {
    pub(super) fn contains(self, name: &str) -> bool {
        match self {
            Self::Steps(subjects) => subjects.steps.contains(name),
            Self::Others(_, known) => known.contains(name),
        }
    }

    /// Reports a name that is none of them.
    pub(super) fn unknown(self, cx: &mut Cx<'_>, span: Span, field: &str, name: &str) {
        match self {
            Self::Steps(subjects) => subjects.unknown_step(cx, span, field, name),
            Self::Others(kind, known) => {
                cx.unknown(kind, span, field, name, known.iter().map(String::as_str));
            }
        }
    }
}
