//! Who uses which field of which contract, in the services of a tree.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use onething_model::{DepartmentKey, FieldKey, RegistryKey};
use onething_plan::{Actor, FieldIx, Plan, StepIx};

use super::{Affected, Does, WayOf};
use crate::compile::Checked;

/// What the steps of services do with the fields of contracts.
#[derive(Debug, Clone, Default)]
pub struct Usage {
    uses: BTreeMap<(String, FieldKey), Vec<Use>>,
    pub(super) services: Vec<String>,
    pub(super) not_readable: Vec<String>,
}

/// A step that does something with a field.
#[derive(Debug, Clone)]
struct Use {
    affected: Affected,
    /// What the step reads for, where it names it.
    purposes: Arc<[String]>,
    /// For a look-up: which registry.
    look_up: Option<RegistryKey>,
    /// The registries that can give the field.
    registries: Arc<[RegistryKey]>,
}

/// Whom a change hits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hits {
    Nobody,
    Readers,
    Suppliers,
    Everybody,
    /// Steps of one department that read.
    ReadersOf(DepartmentKey),
    /// Steps of one department that read, and do not say for which of the purposes
    /// that it may read each field for.
    Unsaid(DepartmentKey, BTreeMap<FieldKey, BTreeSet<String>>),
    /// Steps of departments other than these that read.
    ReadersBut(Vec<DepartmentKey>),
    /// Who reads what this registry can give, and the look-up itself.
    Of(RegistryKey),
    /// The look-up alone.
    LookUp(RegistryKey),
    /// Forms on which the applicant is asked.
    Askers,
}

impl Usage {
    /// Of the services that were checked; those with errors are named, since
    /// nobody knows what they use.
    #[must_use]
    pub fn of(checked: &Checked) -> Self {
        let mut usage = Self::default();
        for compilation in &checked.services {
            let folder = compilation.folder.clone();
            let Some(service) = &compilation.service else {
                usage.not_readable.push(folder);
                continue;
            };
            usage.services.push(folder);
            usage.add(&service.new, WayOf::New);
            if let Some(old) = &service.old {
                usage.add(old, WayOf::Old);
            }
        }
        usage
    }

    fn add(&mut self, plan: &Plan, way: WayOf) {
        let registries: Vec<Arc<[RegistryKey]>> = plan
            .fields
            .iter()
            .map(|field| {
                let registry = |step: &StepIx| registry_of(plan, *step).cloned();
                field.lookups.iter().filter_map(registry).collect()
            })
            .collect();
        for step in plan.step_numbers() {
            let item = plan.step(step);
            let makes = match &item.actor {
                Actor::LookUp(_) => Does::Gives,
                Actor::Submission(_)
                | Actor::System
                | Actor::Officer
                | Actor::Applicant
                | Actor::Outside => Does::Makes,
            };
            let asks = matches!(item.actor, Actor::Submission(_));
            let reads = if asks { Does::Asks } else { Does::Reads };
            for read in &item.reads {
                self.push(plan, way, step, read.field, reads, &registries);
                // What nobody makes comes from the form, be it that a registry had nothing.
                if !asks && plan.field(read.field).producers.is_empty() {
                    self.push(plan, way, item.scope, read.field, Does::Asks, &registries);
                }
            }
            for field in &item.writes {
                self.push(plan, way, step, *field, makes, &registries);
            }
        }
    }

    fn push(
        &mut self,
        plan: &Plan,
        way: WayOf,
        step: StepIx,
        field: FieldIx,
        does: Does,
        registries: &[Arc<[RegistryKey]>],
    ) {
        let (item, datum) = (plan.step(step), plan.field(field));
        let affected = Affected {
            service: plan.service.clone(),
            way,
            step: item.key.clone(),
            department: item.department.map(|at| plan.department(at).key.clone()),
            does,
            field: datum.path.clone(),
        };
        let key = (datum.contract.to_string(), datum.path.field.clone());
        let uses = self.uses.entry(key).or_default();
        if uses.iter().any(|known| known.affected == affected) {
            return;
        }
        uses.push(Use {
            affected,
            purposes: item.purposes.as_slice().into(),
            look_up: registry_of(plan, step).cloned(),
            registries: registries[field.index()].clone(),
        });
    }

    /// The steps that a change of these fields hits, in order.
    pub(super) fn hit(&self, contract: &str, fields: &[FieldKey], hits: &Hits) -> Vec<Affected> {
        let mut all: Vec<Affected> = fields
            .iter()
            .filter_map(|field| self.uses.get(&(contract.to_owned(), field.clone())))
            .flatten()
            .filter(|one| one.is_hit(hits))
            .map(|one| one.affected.clone())
            .collect();
        all.sort();
        all.dedup();
        all
    }
}

impl Use {
    fn is_hit(&self, hits: &Hits) -> bool {
        let affected = &self.affected;
        let reads = affected.does == Does::Reads;
        match hits {
            Hits::Nobody => false,
            Hits::Readers => reads,
            Hits::Suppliers => !reads,
            Hits::Everybody => true,
            // A registry is asked on the basis of its entry, whatever its department is granted.
            Hits::ReadersOf(department) => {
                reads && self.look_up.is_none() && affected.department.as_ref() == Some(department)
            }
            Hits::Unsaid(department, purposes) => {
                let of_field = purposes.get(&affected.field.field);
                let named =
                    |purpose: &&String| of_field.is_some_and(|list| list.contains(*purpose));
                self.is_hit(&Hits::ReadersOf(department.clone()))
                    && self.purposes.iter().filter(named).count() != 1
            }
            Hits::ReadersBut(granted) => {
                let of = affected.department.as_ref();
                // The applicant's own data needs no grant.
                reads
                    && self.look_up.is_none()
                    && of.is_some_and(|department| !granted.contains(department))
            }
            Hits::Of(registry) => match affected.does {
                Does::Reads => self.registries.contains(registry),
                Does::Gives => self.look_up.as_ref() == Some(registry),
                Does::Makes | Does::Asks => false,
            },
            Hits::Askers => affected.does == Does::Asks,
            Hits::LookUp(registry) => self.look_up.as_ref() == Some(registry),
        }
    }
}

fn registry_of(plan: &Plan, step: StepIx) -> Option<&RegistryKey> {
    match &plan.step(step).actor {
        Actor::LookUp(item) => Some(&item.registry),
        Actor::Submission(_)
        | Actor::System
        | Actor::Officer
        | Actor::Applicant
        | Actor::Outside => None,
    }
}
