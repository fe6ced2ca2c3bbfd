//! Where steps get what they read, with the old contracts and with the new, whatever made it
//! another place: a registry that gives or is asked otherwise, one that comes first, a key that
//! nobody brings any more, a field that follows from nothing.

use std::collections::{BTreeMap, BTreeSet};

use onething_model::{FieldKey, FieldPath, RegistryKey, StepKey, Text};
use onething_plan::{Actor, FieldIx, Source, StepIx};
use serde::Serialize;

use super::names::{Names, joined, spaced};
use super::pairs::At;
use super::{Affected, Does, WayOf};
use crate::diagnostic::both;

/// Where a step gets a field from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case", tag = "from")]
pub enum Origin {
    /// From nobody: it does without.
    Nobody,
    /// From the applicant, on a form.
    Applicant {
        /// The step whose form it is.
        form: StepKey,
    },
    /// From a step that makes it.
    Step {
        /// That step.
        step: StepKey,
    },
    /// From a registry.
    Registry {
        /// The registry.
        registry: RegistryKey,
        /// What it is asked with, and where that comes from.
        with: BTreeMap<FieldKey, Origin>,
    },
    /// It follows from another field.
    Field {
        /// That field, by the service's role.
        field: FieldPath,
        /// Where that comes from.
        source: Box<Origin>,
    },
}

/// A field that a step gets from elsewhere with the new contracts, for some answers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Moved {
    /// The step, and what it reads.
    #[serde(flatten)]
    pub affected: Affected,
    /// Where it comes from with the old contracts.
    pub was: Origin,
    /// Where it comes from with the new ones.
    pub is: Origin,
    /// The contracts whose change brings it about on its own; none where it takes
    /// several changes together.
    pub contracts: Vec<String>,
}

impl Moved {
    /// Whether somebody who was counted on gives it no longer. What the applicant stated and a
    /// registry gives now is none the worse.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.was.is_lost_to(&self.is)
    }

    /// From where to where.
    pub(super) fn told(&self, names: &Names) -> Text {
        let Affected { service, way, .. } = &self.affected;
        let of = Of {
            names,
            service: service.as_str(),
            way: *way,
        };
        self.was.to(&self.is, &of)
    }
}

impl Origin {
    fn of(at: &At<'_>, step: StepIx, field: FieldIx) -> Self {
        let At { plan, outline } = at;
        let mut sources = outline.sources(step).iter();
        let source = sources.find(|(known, _)| *known == field);
        match source.map(|(_, source)| *source) {
            None => Self::Nobody,
            Some(Source::Applicant(form)) => Self::Applicant {
                form: plan.step(form).key.clone(),
            },
            Some(Source::Step(maker)) => Self::Step {
                step: plan.step(maker).key.clone(),
            },
            Some(Source::Derived(from)) => Self::Field {
                field: plan.field(from).path.clone(),
                source: Box::new(Self::of(at, step, from)),
            },
            Some(Source::LookUp(look_up)) => {
                let Actor::LookUp(item) = &plan.step(look_up).actor else {
                    return Self::Nobody;
                };
                let key = |key: &FieldIx| {
                    let name = plan.field(*key).path.field.clone();
                    (name, Self::of(at, look_up, *key))
                };
                Self::Registry {
                    registry: item.registry.clone(),
                    with: item.keys.iter().map(key).collect(),
                }
            }
        }
    }

    /// Whether it comes from the same place; which form the applicant gives it on and with what
    /// else a registry is asked is told apart.
    fn is_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Applicant { .. }, Self::Applicant { .. }) => true,
            (
                Self::Registry { registry, with },
                Self::Registry {
                    registry: other,
                    with: others,
                },
            ) => registry == other && differing(with, others).next().is_none(),
            (
                Self::Field { field, source },
                Self::Field {
                    field: other,
                    source: others,
                },
            ) => field == other && source.is_as(others),
            _ => self == other,
        }
    }

    /// Whether somebody who was counted on, here or for a key of the same registry, is so no
    /// longer.
    fn is_lost_to(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Applicant { .. } | Self::Nobody, _) => false,
            (
                Self::Registry { registry, with },
                Self::Registry {
                    registry: is,
                    with: others,
                },
            ) if registry == is => {
                let mut keys = differing(with, others);
                keys.any(|(_, was, is)| was.is_lost_to(is))
            }
            (
                Self::Field { field, source },
                Self::Field {
                    field: is,
                    source: others,
                },
            ) if field == is => source.is_lost_to(others),
            _ => !self.is_as(other),
        }
    }

    /// From here to there: of the same registry that is asked with something from elsewhere, and
    /// of what follows from the same field, from where to where that moves.
    fn to(&self, other: &Self, of: &Of<'_>) -> Text {
        match (self, other) {
            (
                Self::Registry { registry, with },
                Self::Registry {
                    registry: is,
                    with: others,
                },
            ) if registry == is => {
                let keys = differing(with, others).map(|(key, was, is)| {
                    let called = spaced(of.names.registry(registry));
                    let moved = was.to(is, of);
                    both!(
                        "{called}的查询条件 `{key}`：{moved}",
                        "the key `{key}` of {called}: {moved}"; called, moved
                    )
                });
                joined(keys, "；", "; ")
            }
            (
                Self::Field { field, source },
                Self::Field {
                    field: is,
                    source: others,
                },
            ) if field == is => {
                let moved = source.to(others, of);
                both!("`{field}`：{moved}", "`{field}`: {moved}"; moved)
            }
            _ => {
                let (was, is) = (self.name(of), other.name(of));
                both!("{was} → {is}", "{was} → {is}"; was, is)
            }
        }
    }

    fn name(&self, of: &Of<'_>) -> Text {
        match self {
            Self::Nobody => both!("不再提供", "nobody"),
            Self::Applicant { form } => {
                let form = of.step(form);
                both!("申请人填写（{form}）", "the applicant ({form})"; form)
            }
            Self::Step { step } => {
                let step = of.step(step);
                both!("环节{step}", "the step {step}"; step)
            }
            Self::Registry { registry, .. } => of.names.registry(registry),
            Self::Field { field, source } => {
                let source = source.name(of);
                both!(
                    "由 `{field}`（{source}）得出",
                    "what follows from `{field}` ({source})"; source
                )
            }
        }
    }
}

/// Of which service, and what people call what it names.
struct Of<'a> {
    names: &'a Names,
    service: &'a str,
    way: WayOf,
}

impl Of<'_> {
    fn step(&self, key: &StepKey) -> Text {
        match self.names.step(self.service, self.way, key) {
            Some(title) => both!("“{title}”", "“{title}”"; title),
            None => both!("`{key}`", "`{key}`"),
        }
    }
}

/// The keys of both that come from elsewhere. What is needed more or less is a change of its own.
fn differing<'a>(
    was: &'a BTreeMap<FieldKey, Origin>,
    is: &'a BTreeMap<FieldKey, Origin>,
) -> impl Iterator<Item = (&'a FieldKey, &'a Origin, &'a Origin)> {
    let both = was
        .iter()
        .filter_map(|(key, was)| Some((key, was, is.get(key)?)));
    both.filter(|(_, was, is)| !was.is_as(is))
}

/// Notes what steps of a service that take part in both get from elsewhere, for some answers.
pub(super) fn moved(way: WayOf, (old, new): (&At<'_>, &At<'_>), found: &mut BTreeSet<Moved>) {
    for step in new.outline.steps() {
        let item = new.plan.step(step);
        // What forms ask is told of them; theirs is no source.
        if matches!(item.actor, Actor::Submission(_)) {
            continue;
        }
        let before = old.plan.find_step(item.key.as_str());
        let Some(before) = before.filter(|step| old.outline.is_active(*step)) else {
            continue;
        };
        for read in &item.reads {
            let path = &new.plan.field(read.field).path;
            let Some(field) = old.plan.find_field(path) else {
                continue;
            };
            let reads = &old.plan.step(before).reads;
            if !reads.iter().any(|read| read.field == field) {
                // A look-up that is asked with something else.
                continue;
            }
            let (was, is) = (
                Origin::of(old, before, field),
                Origin::of(new, step, read.field),
            );
            if was.is_as(&is) {
                continue;
            }
            let department = item
                .department
                .map(|at| new.plan.department(at).key.clone());
            found.insert(Moved {
                affected: Affected {
                    service: new.plan.service.clone(),
                    way,
                    step: item.key.clone(),
                    department,
                    does: Does::Reads,
                    field: path.clone(),
                    follows_from: None,
                },
                was,
                is,
                contracts: Vec::new(),
            });
        }
    }
}
