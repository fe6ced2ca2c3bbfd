//! What can make a difference to whether a field is asked: the conditions to look at.

use std::collections::{BTreeMap, BTreeSet};

use onething_plan::{Actor, Cond, FieldIx, Plan, RoleIx, StepIx, SubmissionKind};

use super::learn::Wanted;

/// What can make a difference to whether a field is asked.
pub(super) struct Near<'a> {
    plan: &'a Plan,
    /// For each field: the steps that read it, and those that make it, look-ups among
    /// them.
    readers: Vec<Vec<StepIx>>,
    makers: Vec<Vec<StepIx>>,
    /// For each field: what it follows from, and what follows from it.
    kin: Vec<Vec<FieldIx>>,
    /// For each submission, the steps that it starts.
    scopes: BTreeMap<StepIx, Vec<StepIx>>,
    /// For each role, the look-ups about it.
    of_role: BTreeMap<RoleIx, Vec<StepIx>>,
}

impl<'a> Near<'a> {
    pub(super) fn new(plan: &'a Plan) -> Self {
        let none = vec![Vec::new(); plan.fields.len()];
        let mut near = Self {
            plan,
            readers: none.clone(),
            makers: none,
            kin: vec![Vec::new(); plan.fields.len()],
            scopes: BTreeMap::new(),
            of_role: BTreeMap::new(),
        };
        for (at, field) in plan.fields.iter().enumerate() {
            if let Some(derived) = field.derived {
                near.kin[at].push(derived.from);
                near.kin[derived.from.index()].push(FieldIx::at(at));
            }
        }
        for step in plan.step_numbers() {
            let item = plan.step(step);
            near.scopes.entry(item.scope).or_default().push(step);
            for read in &item.reads {
                near.readers[read.field.index()].push(step);
            }
            for field in &item.writes {
                near.makers[field.index()].push(step);
            }
            if let Actor::LookUp(look_up) = &item.actor {
                near.of_role.entry(look_up.role).or_default().push(step);
            }
        }
        near
    }

    /// The conditions that it can hang on, those that say most of it first, each once.
    pub(super) fn conditions(&self, wanted: &Wanted) -> Vec<&'a Cond> {
        let mut steps: Vec<StepIx> = Vec::new();
        let mut fields: Vec<FieldIx> = Vec::new();
        match wanted {
            Wanted::Active(of) => steps.extend(of),
            Wanted::Unasked(form, maker) => steps.extend([*form, *maker]),
            // Whoever is asked for the sake of a reader is part of the case with it.
            Wanted::Asked(_, field) | Wanted::Required(_, field) | Wanted::Derived(field) => {
                fields.push(*field);
            }
        }
        let mut at = 0;
        let mut next = 0;
        let mut known: BTreeSet<StepIx> = BTreeSet::new();
        let mut known_fields: BTreeSet<FieldIx> = BTreeSet::new();
        // Derived steps are part of the case for the sake of others.
        while at < steps.len() || next < fields.len() {
            if let Some(field) = fields.get(next).copied() {
                next += 1;
                if known_fields.insert(field) {
                    steps.extend(&self.readers[field.index()]);
                    steps.extend(&self.makers[field.index()]);
                    fields.extend(&self.kin[field.index()]);
                }
                continue;
            }
            let step = steps[at];
            at += 1;
            if !known.insert(step) {
                continue;
            }
            let item = self.plan.step(step);
            // What a refusal ends is what needs what is not made, and the rest of its matter.
            if matches!(wanted, Wanted::Unasked(..)) {
                fields.extend(item.reads.iter().map(|read| read.field));
                let mates = self.plan.step_numbers().filter(|other| {
                    item.matter.is_some() && self.plan.step(*other).matter == item.matter
                });
                steps.extend(mates);
            }
            match &item.actor {
                Actor::LookUp(look_up) => {
                    fields.extend(look_up.keys.iter().chain(&item.writes));
                    // Registries that know the same subject stand in for each other.
                    steps.extend(self.of_role.get(&look_up.role).into_iter().flatten());
                }
                Actor::Submission(submission) => {
                    steps.extend(self.scopes.get(&step).into_iter().flatten());
                    if let SubmissionKind::Fallback(look_up) = submission.kind {
                        steps.push(look_up);
                    }
                }
                Actor::System | Actor::Officer | Actor::Applicant | Actor::Outside => {}
            }
        }
        let mut found: Vec<&Cond> = Vec::new();
        let mut add = |cond: &'a Cond| {
            if *cond != Cond::Always && !found.contains(&cond) {
                found.push(cond);
            }
        };
        let written = steps.iter().filter(|step| !self.plan.is_derived(**step));
        for step in written {
            let item = self.plan.step(*step);
            add(&item.when);
        }
        let written = steps.iter().filter(|step| !self.plan.is_derived(**step));
        for step in written {
            let item = self.plan.step(*step);
            if let Some(matter) = item.matter {
                add(&self.plan.matter(matter).when);
            }
            if let Cond::All(parts) = &item.when {
                parts.iter().for_each(&mut add);
            }
        }
        found
    }

    /// The condition of what takes no resolving, whatever it hangs on: a written step is
    /// part of the case when it says so, an application when one of its steps is, and a
    /// field that nobody makes and no registry knows is asked when somebody reads it.
    pub(super) fn read_off(&self, wanted: &Wanted) -> Option<Cond> {
        let whens = |steps: &[StepIx]| -> Option<Vec<Cond>> {
            let written = |step: &StepIx| !self.plan.is_derived(*step);
            let all = steps.iter().all(written);
            all.then(|| {
                steps
                    .iter()
                    .map(|step| self.plan.step(*step).when.clone())
                    .collect()
            })
        };
        let application = |step: StepIx| match &self.plan.step(step).actor {
            Actor::Submission(of) => of.kind == SubmissionKind::Application,
            Actor::LookUp(_)
            | Actor::System
            | Actor::Officer
            | Actor::Applicant
            | Actor::Outside => false,
        };
        let started = |step: StepIx| -> Option<Vec<Cond>> {
            let steps = self.scopes.get(&step).into_iter().flatten().copied();
            let written: Vec<StepIx> = steps.filter(|step| !self.plan.is_derived(*step)).collect();
            whens(&written)
        };
        let conds = match wanted {
            Wanted::Active(steps) => match steps[..] {
                [only] if application(only) => started(only)?,
                _ => whens(steps)?,
            },
            Wanted::Asked(form, field) | Wanted::Required(form, field) => {
                let at = field.index();
                // What follows from something is asked or not for more reasons than that.
                let follows = !self.kin[at].is_empty();
                if !application(*form) || !self.makers[at].is_empty() || follows {
                    return None;
                }
                let any = matches!(wanted, Wanted::Asked(..));
                let mut readers = self.readers[at].clone();
                readers.retain(|reader| {
                    let item = self.plan.step(*reader);
                    let mut reads = item.reads.iter();
                    item.scope == *form
                        && reads.any(|read| read.field == *field && (any || !read.optional))
                });
                let own = readers.iter().any(|reader| reader == form);
                readers.retain(|reader| reader != form);
                let mut conds = whens(&readers)?;
                if own {
                    conds.extend(started(*form)?);
                }
                conds
            }
            Wanted::Derived(_) | Wanted::Unasked(..) => return None,
        };
        let mut parts: Vec<Cond> = Vec::new();
        for cond in conds {
            if cond == Cond::Always {
                return Some(Cond::Always);
            }
            if !parts.contains(&cond) {
                parts.push(cond);
            }
        }
        Some(match (parts.pop(), parts.is_empty()) {
            (None, _) => Cond::Never,
            (Some(only), true) => only,
            (Some(last), false) => {
                parts.push(last);
                Cond::Any(parts)
            }
        })
    }
}
