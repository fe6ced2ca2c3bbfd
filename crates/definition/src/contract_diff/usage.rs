//! Who uses which field of which contract, in the services of a tree.

use std::collections::BTreeMap;
use std::sync::Arc;

use onething_model::{DepartmentKey, FieldKey, RegistryKey};
use onething_plan::{Actor, FieldIx, Plan, StepIx};

use super::grants::Rights;
use super::taken::Taken;
use super::{Affected, Does, WayOf};
use crate::compile::Checked;

/// What the steps of services do with the fields of contracts.
#[derive(Debug, Clone, Default)]
pub struct Usage {
    uses: BTreeMap<(String, FieldKey), Vec<Use>>,
    pub(super) services: Vec<String>,
    pub(super) not_readable: Vec<String>,
}

/// A way of handling a service.
struct Way<'a> {
    plan: &'a Plan,
    way: WayOf,
    derives: bool,
    taken: Taken,
}

/// A step that does something with a field.
#[derive(Debug, Clone)]
struct Use {
    affected: Affected,
    /// What the step reads for, where it names it.
    purposes: Arc<[String]>,
    /// For a look-up: which registry.
    look_up: Option<RegistryKey>,
    /// The registries that the step has the field from, for some answers.
    registries: Arc<[RegistryKey]>,
    /// Whether anything is derived in this way of handling.
    derives: bool,
    /// Of what is seen on acceptance, whether the application asks it on its own account:
    /// of personal data whoever accepts sees no other values.
    own: bool,
}

/// Whose reading a change may take away: what departments may read, before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sight {
    /// Whose; none: anybody's.
    pub(super) of: Option<DepartmentKey>,
    pub(super) was: Rights,
    pub(super) is: Rights,
}

/// Whom a change hits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hits {
    Nobody,
    Readers,
    Suppliers,
    Everybody,
    /// Who reads a field, or is shown it on acceptance, and no longer may, or for something else.
    Losing(Sight),
    /// Of these, who handles it in a way in which anything is derived: where nothing is
    /// fetched, forms ask for both.
    Deriving(Box<Hits>),
    /// Who reads what this registry gives, and the look-up itself, which reads its keys.
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
            let ways = std::iter::once((&service.new, WayOf::New));
            let ways = ways.chain(service.old.iter().map(|old| (old, WayOf::Old)));
            for ((plan, way), derives) in ways.zip(&compilation.derives) {
                let of = Way {
                    plan,
                    way,
                    derives: *derives,
                    taken: Taken::of(plan),
                };
                usage.add(&of);
            }
        }
        usage
    }

    fn add(&mut self, of: &Way<'_>) {
        let plan = of.plan;
        for step in plan.step_numbers().filter(|at| of.taken.takes_part(*at)) {
            let item = plan.step(step);
            let is_given = |field: &FieldIx| match &item.actor {
                Actor::LookUp(_) => of.taken.gives(step, *field),
                Actor::Submission(_)
                | Actor::System
                | Actor::Officer
                | Actor::Applicant
                | Actor::Outside => true,
            };
            let makes = match &item.actor {
                Actor::LookUp(_) => Does::Gives,
                Actor::Submission(_)
                | Actor::System
                | Actor::Officer
                | Actor::Applicant
                | Actor::Outside => Does::Makes,
            };
            let asks = matches!(item.actor, Actor::Submission(_));
            for read in &item.reads {
                if asks {
                    self.asked(of, step, read.field, true);
                    continue;
                }
                self.push(of, step, read.field, Does::Reads, true);
                // What nobody makes comes from the form, be it that a registry had nothing.
                if plan.field(read.field).producers.is_empty() {
                    self.asked(of, item.scope, read.field, false);
                }
            }
            for field in item.writes.iter().filter(|field| is_given(field)) {
                self.push(of, step, *field, makes, true);
            }
        }
    }

    /// What a form asks is shown to the person who accepts the application.
    fn asked(&mut self, of: &Way<'_>, form: StepIx, field: FieldIx, own: bool) {
        // What follows from something is asked once it does not follow any more.
        let follows = of.plan.field(field).derived.is_some();
        if !follows && !of.taken.asks(form, field) {
            return;
        }
        self.push(of, form, field, Does::Asks, own);
        let Actor::Submission(submission) = &of.plan.step(form).actor else {
            return;
        };
        let by_people = |step: &StepIx| {
            let actor = &of.plan.step(*step).actor;
            matches!(actor, Actor::Officer | Actor::Outside)
        };
        if let Some(accepts) = submission.accepted_by.filter(by_people) {
            self.push(of, accepts, field, Does::Sees, own);
        }
    }

    fn push(&mut self, of: &Way<'_>, step: StepIx, field: FieldIx, does: Does, own: bool) {
        let plan = of.plan;
        let (item, datum) = (plan.step(step), plan.field(field));
        let affected = Affected {
            service: plan.service.clone(),
            way: of.way,
            step: item.key.clone(),
            department: item.department.map(|at| plan.department(at).key.clone()),
            does,
            field: datum.path.clone(),
        };
        let key = (datum.contract.to_string(), datum.path.field.clone());
        let uses = self.uses.entry(key).or_default();
        if let Some(known) = uses.iter_mut().find(|known| known.affected == affected) {
            known.own |= own;
            return;
        }
        let given = datum.lookups.iter();
        let given = given.filter(|look_up| of.taken.has_from(step, field, **look_up));
        let registry = |step: &StepIx| registry_of(plan, *step).cloned();
        uses.push(Use {
            affected,
            purposes: item.purposes.as_slice().into(),
            look_up: registry_of(plan, step).cloned(),
            registries: given.filter_map(registry).collect(),
            derives: of.derives,
            own,
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
            Hits::Suppliers => matches!(affected.does, Does::Makes | Does::Gives | Does::Asks),
            // Who looks whether an application is complete takes it as it comes.
            Hits::Everybody => affected.does != Does::Sees,
            Hits::Losing(sight) => self.is_lost(sight),
            Hits::Deriving(hits) => self.derives && self.is_hit(hits),
            Hits::Of(registry) => match affected.does {
                Does::Reads | Does::Gives if self.look_up.is_some() => {
                    self.look_up.as_ref() == Some(registry)
                }
                Does::Reads => self.registries.contains(registry),
                Does::Gives => false,
                Does::Makes | Does::Asks | Does::Sees => false,
            },
            Hits::Askers => affected.does == Does::Asks,
            Hits::LookUp(registry) => self.look_up.as_ref() == Some(registry),
        }
    }

    /// A registry is asked on the basis of its entry, whatever its department is granted;
    /// the applicant's own data needs no grant.
    fn is_lost(&self, sight: &Sight) -> bool {
        let Affected {
            department: Some(department),
            does: does @ (Does::Reads | Does::Sees),
            field,
            ..
        } = &self.affected
        else {
            return false;
        };
        let concerned =
            self.look_up.is_none() && sight.of.as_ref().is_none_or(|of| of == department);
        let lost =
            |was: &Rights, is: &Rights| was.is_lost(is, department, &field.field, &self.purposes);
        concerned
            && match (does, self.own) {
                // Of what other steps read whoever accepts sees what anyone may.
                (Does::Sees, false) => sight.was.is_closed_to_all(&sight.is, &field.field),
                _ => lost(&sight.was, &sight.is),
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
