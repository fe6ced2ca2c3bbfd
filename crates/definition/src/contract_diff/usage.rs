//! Who uses which field of which contract, in the services of a tree.

use std::collections::BTreeMap;
use std::sync::Arc;

use onething_model::{DepartmentKey, FieldKey, RegistryKey};
use onething_plan::{Actor, FieldIx, Plan, StepIx};

use super::forms::acceptance;
use super::grants::Rights;
use super::names::Names;
use super::taken::{Taken, fallback};
use super::{Affected, Does, WayOf};
use crate::compile::Checked;

/// What the steps of services do with the fields of contracts.
#[derive(Debug, Clone, Default)]
pub struct Usage {
    uses: BTreeMap<(String, FieldKey), Vec<Use>>,
    pub(super) services: Vec<String>,
    pub(super) not_readable: Vec<String>,
    /// What people call what the tree names.
    pub(super) names: Names,
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
    /// Of a form, whether it asks whatever registries have, where registries are asked at all.
    in_place_of_a_registry: bool,
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
    /// Who reads what these registries give, and their look-ups, which read their keys.
    Of(Vec<RegistryKey>),
    /// The look-up alone.
    LookUp(RegistryKey),
    /// Forms on which the applicant is asked for what a registry could give, and none is known to.
    Askers,
}

impl Usage {
    /// Of the services that were checked; those with errors are named, since
    /// nobody knows what they use.
    #[must_use]
    pub fn of(checked: &Checked) -> Self {
        let mut usage = Self {
            names: Names::read(&checked.report.sources),
            ..Self::default()
        };
        for compilation in &checked.services {
            let folder = compilation.folder.clone();
            let Some(service) = &compilation.service else {
                usage.not_readable.push(folder);
                continue;
            };
            usage.services.push(folder);
            usage.names.add_service(service);
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
                let datum = plan.field(read.field);
                let follows = of.taken.follows(step, read.field);
                if let Some(derived) = datum.derived.filter(|_| follows && of.derives) {
                    self.follows(of, step, read.field, derived.from);
                }
                // What nobody makes comes from the form, be it that a registry had nothing.
                if datum.producers.is_empty() {
                    self.asked(of, item.scope, read.field, false);
                    for form in datum.lookups.iter().filter_map(|at| fallback(plan, *at)) {
                        if of.taken.asks(form, read.field) {
                            self.push(of, form, read.field, Does::Asks, false);
                        }
                    }
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
        let asks = of.taken.asks(form, field);
        if asks || of.plan.field(field).derived.is_some() {
            self.push(of, form, field, Does::Asks, own);
        }
        if let Some(accepts) = acceptance(of.plan, form).filter(|_| asks) {
            self.push(of, accepts, field, Does::Sees, own);
        }
    }

    fn push(&mut self, of: &Way<'_>, step: StepIx, field: FieldIx, does: Does, own: bool) {
        self.add_use(of, step, field, field, does, own);
    }

    /// Who reads what follows from a field uses that field.
    fn follows(&mut self, of: &Way<'_>, step: StepIx, field: FieldIx, from: FieldIx) {
        self.add_use(of, step, field, from, Does::Reads, true);
    }

    fn add_use(
        &mut self,
        of: &Way<'_>,
        step: StepIx,
        field: FieldIx,
        used: FieldIx,
        does: Does,
        own: bool,
    ) {
        let plan = of.plan;
        let (item, datum) = (plan.step(step), plan.field(used));
        let affected = Affected {
            service: plan.service.clone(),
            way: of.way,
            step: item.key.clone(),
            department: item.department.map(|at| plan.department(at).key.clone()),
            does,
            field: plan.field(field).path.clone(),
            follows_from: (used != field).then(|| datum.path.clone()),
        };
        let key = (datum.contract.to_string(), datum.path.field.clone());
        let uses = self.uses.entry(key).or_default();
        if let Some(known) = uses.iter_mut().find(|known| known.affected == affected) {
            known.own |= own;
            return;
        }
        let given = datum.lookups.iter();
        let given = given.filter(|look_up| of.taken.has_from(step, used, **look_up));
        let registry = |step: &StepIx| registry_of(plan, *step).cloned();
        uses.push(Use {
            affected,
            purposes: item.purposes.as_slice().into(),
            look_up: registry_of(plan, step).cloned(),
            registries: given.filter_map(registry).collect(),
            derives: of.derives,
            // Where anything is fetched, what follows from something is known as well.
            in_place_of_a_registry: of.derives && of.taken.asks_anyway(step, field),
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
        match hits {
            Hits::Nobody => false,
            // Who accepts an application checks what its form asks, whichever way it changes.
            Hits::Readers => matches!(affected.does, Does::Reads | Does::Sees),
            Hits::Suppliers => affected.does != Does::Reads,
            Hits::Everybody => true,
            Hits::Losing(sight) => self.is_lost(sight),
            Hits::Deriving(hits) => self.derives && self.is_hit(hits),
            Hits::Of(registries) => {
                let own = self.look_up.as_ref();
                let is_own = own.is_some_and(|own| registries.contains(own));
                match affected.does {
                    // A look-up reads its keys, and may have them of another one.
                    Does::Reads => {
                        is_own || registries.iter().any(|of| self.registries.contains(of))
                    }
                    Does::Gives => is_own,
                    Does::Makes | Does::Asks | Does::Sees => false,
                }
            }
            Hits::Askers => affected.does == Does::Asks && self.in_place_of_a_registry,
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
            // It is read on a right of its own.
            follows_from: None,
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
