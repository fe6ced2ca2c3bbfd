//! Between a design, by names, and what the compiler works on, by numbers.

use std::collections::BTreeMap;

use onething_model::{DepartmentKey, FieldPath, MatterKey, StepKey};
use onething_plan::{Delivery, RoleIx};

use super::{
    Acceptance, Corrections, Delivers, Design, Intake, IntakeOrder, JointInspection, Order,
    OrderKind, Read, Reason, Reasons, Registries, Special, Step,
};
use crate::lower::intake::{AcceptSpec, ScopeAfter, ScopeSpec};
use crate::lower::reads::{Datum, ReadSpec, WriteSpec};
use crate::lower::symbols::Symbols;
use crate::lower::way::{self, AfterSpec, Fetched, ReasonsSpec, StepSpec, WaySpec};
use crate::source::Span;
use crate::yaml::read::Spanned;

/// A way as a design.
pub(super) fn design(symbols: &Symbols<'_>, way: &WaySpec) -> Design {
    let department = |at: Option<usize>| at.map(|at| symbols.tree.departments[at].key.clone());
    let matter = |at: Option<usize>| at.map(|at| symbols.matters[at].key.value.clone());
    let reads = |specs: &[ReadSpec]| -> Vec<Read> {
        specs
            .iter()
            .filter_map(|read| {
                Some(Read {
                    field: path(symbols, read.datum)?,
                    optional: read.optional,
                })
            })
            .collect()
    };
    Design {
        way: way.way,
        handled: way.handled,
        intakes: way
            .scopes
            .iter()
            .map(|scope| Intake {
                key: scope.key.clone(),
                title: scope.title.clone(),
                window: scope.window.clone(),
                department: department(scope.stated).filter(|_| scope.accept.is_none()),
                matter: matter(scope.matter),
                asks: reads(&scope.asks),
                purposes: scope.purposes.iter().map(|one| one.value.clone()).collect(),
                visits: scope.visits,
                acceptance: scope.accept.as_ref().map(|accept| Acceptance {
                    key: accept.key.clone(),
                    title: accept.title.clone(),
                    by: accept.by,
                    department: department(accept.department),
                    limit: accept.limit.clone(),
                    merges: Vec::new(),
                }),
                after: scope
                    .after
                    .iter()
                    .map(|after| IntakeOrder {
                        intake: after.scope,
                        because: after.because.clone(),
                    })
                    .collect(),
            })
            .collect(),
        steps: way
            .steps
            .iter()
            .zip(&way.scope_of)
            .map(|(step, scope)| Step {
                key: step.key.value.clone(),
                title: step.title.clone(),
                matter: matter(step.matter),
                department: department(step.department),
                by: step.by,
                when: step.own_when.clone(),
                reads: reads(&step.reads),
                purposes: step
                    .purposes
                    .iter()
                    .map(|purpose| purpose.value.clone())
                    .collect(),
                writes: step
                    .writes
                    .iter()
                    .filter_map(|write| path(symbols, write.datum))
                    .collect(),
                after: step
                    .after
                    .iter()
                    .map(|after| Order {
                        step: after.step.value.clone(),
                        because: after.because.clone(),
                        basis: after.basis.clone(),
                        kind: if after.law {
                            OrderKind::Law
                        } else {
                            OrderKind::Habit
                        },
                    })
                    .collect(),
                limit: step.limit.clone(),
                retry: step.retry,
                visits: step.visits,
                attended: step.attended,
                legal_effect: step.legal_effect,
                separate_from: step
                    .separate_from
                    .iter()
                    .map(|key| key.value.clone())
                    .collect(),
                undo: step.undo.as_ref().map(|key| key.value.clone()),
                corrections: step.corrections.map(|spec| Corrections {
                    rounds: spec.rounds,
                    within: spec.within,
                }),
                special: step.special.as_ref().map(|spec| Special {
                    kind: spec.kind,
                    at_most: spec.at_most,
                    basis: spec.basis.clone(),
                }),
                reason: reason(&step.reason),
                intake: *scope,
                merges: Vec::new(),
            })
            .collect(),
        fetched: match &way.fetched {
            Fetched::All => Registries::All,
            Fetched::None => Registries::None,
            Fetched::Only(list) => {
                Registries::Only(list.iter().filter_map(|name| name.parse().ok()).collect())
            }
            Fetched::Without(list) => Registries::Without(
                list.iter()
                    .filter_map(|(name, because)| Some((name.parse().ok()?, because.clone())))
                    .collect(),
            ),
        },
        delivers: way
            .deliveries
            .iter()
            .map(|(delivery, _)| Delivers {
                what: symbols.roles[delivery.what.index()].key.value.clone(),
                by: delivery.by.clone(),
            })
            .collect(),
        limits: symbols
            .matters
            .iter()
            .map(|matter| matter.limit.clone())
            .collect(),
        joint_inspections: way
            .joint_inspections
            .iter()
            .map(|spec| JointInspection {
                name: spec.name.clone(),
                title: spec.title.clone(),
                steps: spec.steps.clone(),
                applicant_attends: spec.applicant_attends,
            })
            .collect(),
        reasons: Reasons {
            source: way.reasons.source.clone(),
            walk: way.reasons.walk.clone(),
            matters: way
                .reasons
                .matters
                .iter()
                .map(|(key, spec)| (key.clone(), reason(spec)))
                .collect(),
            steps: way
                .reasons
                .steps
                .iter()
                .map(|(key, spec)| (key.clone(), reason(spec)))
                .collect(),
        },
    }
}

fn reason(spec: &way::Reason) -> Reason {
    Reason {
        because: spec.because.clone(),
        source: spec.source.clone(),
    }
}

fn path(symbols: &Symbols<'_>, (role, field): Datum) -> Option<FieldPath> {
    let entry = &symbols.roles[role];
    let contract = &symbols.tree.contracts[entry.contract?];
    Some(FieldPath {
        role: entry.key.value.clone(),
        field: contract.fields[field].key.clone(),
    })
}

/// The names of a service, by number.
#[derive(Debug)]
pub(super) struct Names {
    data: BTreeMap<FieldPath, Datum>,
    departments: BTreeMap<DepartmentKey, usize>,
    matters: BTreeMap<MatterKey, usize>,
    span: Span,
}

impl Names {
    pub(super) fn of(symbols: &Symbols<'_>, span: Span) -> Self {
        let mut data = BTreeMap::new();
        for (role, entry) in symbols.roles.iter().enumerate() {
            let contract = entry.contract.map(|at| &symbols.tree.contracts[at]);
            let fields = contract.iter().flat_map(|contract| &contract.fields);
            for field in 0..fields.count() {
                if let Some(path) = path(symbols, (role, field)) {
                    data.insert(path, (role, field));
                }
            }
        }
        let departments = symbols.tree.departments.iter().enumerate();
        let matters = symbols.matters.iter().enumerate();
        Self {
            data,
            departments: departments
                .map(|(at, entry)| (entry.key.clone(), at))
                .collect(),
            matters: matters
                .map(|(at, entry)| (entry.key.value.clone(), at))
                .collect(),
            span,
        }
    }

    fn here(&self, key: &StepKey) -> Spanned<StepKey> {
        Spanned {
            value: key.clone(),
            span: self.span,
        }
    }

    fn reads(&self, reads: &[Read]) -> Result<Vec<ReadSpec>, String> {
        let spec = |read: &Read| {
            Ok(ReadSpec {
                datum: self.datum(&read.field)?,
                optional: read.optional,
                span: self.span,
            })
        };
        reads.iter().map(spec).collect()
    }

    fn purposes(&self, purposes: &[String]) -> Vec<Spanned<String>> {
        let here = |purpose: &String| Spanned {
            value: purpose.clone(),
            span: self.span,
        };
        purposes.iter().map(here).collect()
    }

    fn datum(&self, path: &FieldPath) -> Result<Datum, String> {
        let found = self.data.get(path).copied();
        found.ok_or_else(|| path.to_string())
    }

    fn department(&self, key: Option<&DepartmentKey>) -> Result<Option<usize>, String> {
        key.map(|key| {
            let found = self.departments.get(key).copied();
            found.ok_or_else(|| key.to_string())
        })
        .transpose()
    }

    fn matter(&self, key: Option<&MatterKey>) -> Result<Option<usize>, String> {
        key.map(|key| {
            let found = self.matters.get(key).copied();
            found.ok_or_else(|| key.to_string())
        })
        .transpose()
    }

    /// A design as a way; the first name that the service does not have.
    pub(super) fn way(&self, symbols: &Symbols<'_>, design: &Design) -> Result<WaySpec, String> {
        let scopes = design.intakes.iter().map(|intake| {
            let matter = self.matter(intake.matter.as_ref())?;
            let accept = intake.acceptance.as_ref().map(|accept| {
                Ok::<AcceptSpec, String>(AcceptSpec {
                    key: accept.key.clone(),
                    title: accept.title.clone(),
                    by: accept.by,
                    department: self.department(accept.department.as_ref())?,
                    limit: accept.limit.clone(),
                })
            });
            let earlier = intake
                .after
                .iter()
                .find(|after| after.intake >= design.intakes.len());
            if let Some(after) = earlier {
                return Err(after.intake.to_string());
            }
            Ok(ScopeSpec {
                key: intake.key.clone(),
                title: intake.title.clone(),
                span: self.span,
                matter,
                window: intake.window.clone(),
                department: match &intake.acceptance {
                    Some(accept) => self.department(accept.department.as_ref())?,
                    None => self.department(intake.department.as_ref())?,
                },
                stated: self.department(intake.department.as_ref())?,
                asks: self.reads(&intake.asks)?,
                purposes: self.purposes(&intake.purposes),
                path: "intake".to_owned(),
                visits: intake.visits,
                accept: accept.transpose()?,
                when: matter
                    .map(|at| symbols.matters[at].when.clone())
                    .unwrap_or_default(),
                after: intake
                    .after
                    .iter()
                    .map(|after| ScopeAfter {
                        scope: after.intake,
                        because: after.because.clone(),
                    })
                    .collect(),
                suffix: intake
                    .matter
                    .as_ref()
                    .map(|matter| format!("-{matter}"))
                    .unwrap_or_default(),
            })
        });
        let steps = design.steps.iter().map(|step| {
            let matter = self.matter(step.matter.as_ref())?;
            let of_matter = matter
                .map(|at| symbols.matters[at].when.clone())
                .unwrap_or_default();
            if step.intake >= design.intakes.len() {
                return Err(step.intake.to_string());
            }
            Ok(StepSpec {
                key: self.here(&step.key),
                title: step.title.clone(),
                matter,
                matter_unknown: false,
                department: self.department(step.department.as_ref())?,
                by: step.by,
                own_when: step.when.clone(),
                when_span: None,
                when: of_matter.and(step.when.clone()),
                reads: self.reads(&step.reads)?,
                purposes: self.purposes(&step.purposes),
                writes: step
                    .writes
                    .iter()
                    .map(|path| {
                        Ok(WriteSpec {
                            datum: self.datum(path)?,
                            span: self.span,
                        })
                    })
                    .collect::<Result<Vec<WriteSpec>, String>>()?,
                after: step
                    .after
                    .iter()
                    .map(|order| AfterSpec {
                        step: self.here(&order.step),
                        because: order.because.clone(),
                        basis: order.basis.clone(),
                        law: order.kind != OrderKind::Habit,
                    })
                    .collect(),
                limit: step.limit.clone(),
                retry: step.retry,
                visits: step.visits,
                attended: step.attended,
                legal_effect: step.legal_effect,
                separate_from: step
                    .separate_from
                    .iter()
                    .map(|key| self.here(key))
                    .collect(),
                // What is kept and not carried out leaves no trace in a plan.
                undo: None,
                corrections: None,
                special: None,
                reason: way::Reason::default(),
            })
        });
        let deliveries = design.delivers.iter().map(|delivers| {
            let role = symbols
                .roles
                .iter()
                .position(|role| role.key.value == delivers.what)
                .ok_or_else(|| delivers.what.to_string())?;
            let what = RoleIx::at(role);
            let by = delivers.by.clone();
            Ok((Delivery { what, by }, self.span))
        });
        Ok(WaySpec {
            way: design.way,
            handled: design.handled,
            scopes: scopes.collect::<Result<_, String>>()?,
            steps: steps.collect::<Result<_, String>>()?,
            scope_of: design.steps.iter().map(|step| step.intake).collect(),
            fetched: match &design.fetched {
                Registries::All => Fetched::All,
                Registries::None => Fetched::None,
                Registries::Only(list) => {
                    Fetched::Only(list.iter().map(ToString::to_string).collect())
                }
                Registries::Without(list) => Fetched::Without(
                    list.iter()
                        .map(|(key, because)| (key.to_string(), because.clone()))
                        .collect(),
                ),
            },
            fetched_at: None,
            deliveries: deliveries.collect::<Result<_, String>>()?,
            joint_inspections: Vec::new(),
            reasons: ReasonsSpec::default(),
        })
    }
}
