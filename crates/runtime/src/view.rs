//! What callers see of cases. Nothing here carries values, and what people wrote is
//! shown without the personal values in it (see [`Audience`]), but for the
//! [`WorkItem`], which shows exactly what the step reads, and personal data
//! only to somebody who [opens](crate::Engine::open_work) it.

use std::sync::Arc;

use onething_engine::{
    Ask, Audience, Case, CaseStatus, DurableRecord, EffectId, Fault, StepState, StepStatus,
};
use onething_model::{
    CaseId, DepartmentKey, Digest, FieldPath, RegistryKey, ServiceKey, StepKey, Text, Timestamp,
};
use onething_plan::{Actor, FieldIx, FieldType, FormField, Plan, StepIx};
use onething_store::Position;

use crate::Fields;
use crate::board::WorkKey;
use crate::cell::{Cell, Progress};
use crate::definition::Defined;
use crate::provenance::{Known, one, registry};
use crate::reasons::WhyNot;

/// A case (办件) as it stands.
#[derive(Debug, Clone)]
pub struct CaseView {
    /// Its number.
    pub case: CaseId,
    /// The service.
    pub service: ServiceKey,
    /// What people call the service.
    pub title: Text,
    /// The version of the definition it is pinned to.
    pub version: String,
    /// The digest of that definition.
    pub definition: Digest,
    /// Where it stands.
    pub status: CaseStatus,
    /// When it was opened.
    pub opened: Timestamp,
    /// How many records it has.
    pub seq: u64,
    /// How many times the applicant handed something in.
    pub submissions: u32,
    /// Its steps in topological order; those that are no part of it are left out.
    pub steps: Vec<StepView>,
    /// What it waits for.
    pub awaiting: Vec<Awaited>,
    /// Why the application was not accepted.
    pub faults: Vec<Fault>,
    /// What the applicant gave although a registry holds it: what the registry had counts.
    pub set_aside: Vec<SetAside>,
    /// What was written when the applicant withdrew, if they did: to them as it was, to
    /// others without what is personal.
    pub withdrawn: Option<Arc<str>>,
}

/// Something that the applicant gave and that does not count, since a registry holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// `role.field`.
    pub field: FieldPath,
    /// What people call it.
    pub title: Text,
    /// The step that asked the registry.
    pub step: StepKey,
    /// Whose value counts.
    pub registry: RegistryKey,
}

/// A step (环节) of a case.
#[derive(Debug, Clone)]
pub struct StepView {
    /// The step.
    pub step: StepKey,
    /// What people call it.
    pub title: Text,
    /// Who does it, if not the applicant.
    pub department: Option<DepartmentKey>,
    /// Where it stands.
    pub status: StepStatus,
    /// How often it was asked anew.
    pub round: u32,
    /// The end of its limit while it is under way.
    pub due: Option<Timestamp>,
    /// Why it was refused, or is not gone on with.
    pub why_not: Option<WhyNot>,
}

/// Something that a case waits for.
#[derive(Debug, Clone)]
pub struct Awaited {
    /// The key under which it is answered.
    pub effect: EffectId,
    /// What people call the step.
    pub title: Text,
    /// From whom.
    pub of: Whom,
    /// What.
    pub what: Awaits,
    /// By when.
    pub due: Option<Timestamp>,
}

/// From whom something is awaited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    /// A department or an outside body.
    Department {
        /// Which.
        key: DepartmentKey,
        /// What people call it.
        title: Text,
    },
    /// A registry.
    Registry(RegistryKey),
    /// The applicant.
    Applicant,
    /// Nobody: a timer.
    Time,
}

/// What is awaited.
#[derive(Debug, Clone)]
pub enum Awaits {
    /// The answer of a department's system or a registry.
    Answer {
        /// Which attempt it is.
        attempt: u32,
        /// Whether the system said that it answers later.
        pending: bool,
    },
    /// An officer's or an outside body's work.
    Work,
    /// A submission.
    Submission {
        /// What is asked.
        form: Vec<FormItem>,
    },
    /// The answer to a supplement notice.
    Supplement {
        /// What the notice says: to its applicant as it was written, to others without
        /// what is personal.
        reason: Arc<str>,
        /// What is to be handed in again.
        form: Vec<FormItem>,
    },
    /// The applicant's own step: to collect, to pay, to attend.
    Errand {
        /// What it has to come to.
        form: Vec<FormItem>,
    },
    /// The moment of a retry.
    Retry {
        /// When.
        at: Timestamp,
    },
    /// A person who looks at an incident and retries.
    Incident {
        /// What happened.
        reason: Arc<str>,
    },
}

/// A field that somebody has to fill in.
#[derive(Debug, Clone)]
pub struct FormItem {
    /// `role.field`.
    pub field: FieldPath,
    /// What people call it.
    pub title: Text,
    /// What a value must be.
    pub kind: FieldType,
    /// Whether it may be left out.
    pub optional: bool,
    /// Whether the draft holds a value already: handing in another corrects it.
    pub given: bool,
}

/// A row of a worklist: a step for an officer or an outside body.
#[derive(Debug, Clone)]
pub struct WorkItem {
    /// The key under which it is answered.
    pub effect: EffectId,
    /// The service.
    pub service: ServiceKey,
    /// What people call the step.
    pub title: Text,
    /// What people call the matter it works on.
    pub matter: Option<Text>,
    /// Whose work it is.
    pub department: Option<DepartmentKey>,
    /// The end of its limit.
    pub due: Option<Timestamp>,
    /// Whether it is the acceptance of an application (受理): who does it looks whether
    /// what was handed in is complete, rather than at what a step reads.
    pub accepts: bool,
    /// What the step reads, and nothing else; of an acceptance, what the application's
    /// form asks and what was fetched for it.
    pub input: Fields,
    /// Where each of these values came from, and since when; what is withheld as well,
    /// without its value.
    pub known: Vec<Known>,
    /// What could be left out and is not there.
    pub missing: Vec<FormItem>,
    /// Personal fields that it reads as well, and that a list does not show:
    /// [`Engine::open_work`](crate::Engine::open_work) does, and records who read
    /// them. What the department has no grant for is not shown there either.
    pub withheld: Vec<FieldPath>,
    /// What it has to make.
    pub form: Vec<FormItem>,
    /// What a supplement notice may ask the applicant for; nothing once the matter
    /// has had its one notice.
    pub correctable: Vec<FieldPath>,
    /// What the step reads and the applicant gave, but registries were asked with: no
    /// notice asks for it. Where it is wrong, the applicant withdraws and applies again.
    pub asked_with: Vec<FieldPath>,
}

/// A page of a worklist.
#[derive(Debug, Clone, Default)]
pub struct WorkPage {
    /// The rows, what is due first first.
    pub items: Vec<WorkItem>,
    /// Where the next page begins; none after the last.
    pub next: Option<WorkKey>,
}

/// Which rows of the worklist are wanted.
#[derive(Debug, Clone, Default)]
pub struct WorkFilter {
    /// Of which department; all where none is named.
    pub department: Option<DepartmentKey>,
    /// Of which case.
    pub case: Option<CaseId>,
    /// After which place.
    pub after: Option<WorkKey>,
    /// At most so many rows; 0 means 100.
    pub limit: usize,
}

/// A step that a person has to look at.
#[derive(Debug, Clone)]
pub struct Incident {
    /// Which.
    pub effect: EffectId,
    /// The service.
    pub service: ServiceKey,
    /// What people call the step.
    pub title: Text,
    /// What happened, without what is personal.
    pub reason: Arc<str>,
}

/// A case in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseLine {
    /// Its number.
    pub case: CaseId,
    /// The service.
    pub service: ServiceKey,
    /// The caller's idempotency key, without what is personal in it: `▇▇` stands for what
    /// it quotes of the application.
    pub key: String,
    /// Where it stands.
    pub status: CaseStatus,
    /// When it was opened.
    pub opened: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
}

/// A page of a list of cases, in order of numbers.
#[derive(Debug, Clone, Default)]
pub struct CasePage {
    /// The cases.
    pub cases: Vec<CaseLine>,
    /// After which case the next page begins; none after the last.
    pub next: Option<CaseId>,
}

/// A case as its applicant is told it.
#[derive(Debug, Clone)]
pub struct ToApplicant {
    /// As it stands.
    pub view: CaseView,
    /// Every record before this look, in order.
    pub story: Vec<HistoryLine>,
}

/// A record of a case, in order.
#[derive(Debug, Clone)]
pub struct HistoryLine {
    /// Its number within the case; the first is 1.
    pub seq: u64,
    /// Its place in the journal.
    pub position: Position,
    /// What happened.
    pub record: DurableRecord,
}

pub(crate) fn effect_id(case: CaseId, plan: &Plan, step: StepIx, round: u32) -> EffectId {
    EffectId {
        case,
        step: plan.step(step).key.clone(),
        round,
    }
}

pub(crate) fn case_view(cell: &Cell, case: &Case, opened: Timestamp, seq: u64) -> CaseView {
    let plan = case.plan();
    let progress = cell.progress();
    let step_view = |(step, state): (StepIx, StepState)| {
        let item = plan.step(step);
        StepView {
            step: item.key.clone(),
            title: item.title.clone(),
            department: item.department.map(|at| plan.department(at).key.clone()),
            status: state.status,
            round: state.round,
            due: state.due().filter(|_| !state.status.is_final()),
            why_not: None,
        }
    };
    CaseView {
        case: cell.id,
        service: plan.service.clone(),
        title: plan.title.clone(),
        version: plan.version.clone(),
        definition: plan.digest,
        status: case.status(),
        opened,
        seq,
        submissions: case.submissions(),
        steps: plan
            .step_numbers()
            .map(|step| (step, case.step(step)))
            .filter(|(_, state)| state.status != StepStatus::Absent)
            .map(step_view)
            .collect(),
        awaiting: awaited(cell, case, &progress, Audience::Anybody),
        faults: Vec::new(),
        set_aside: case
            .set_aside()
            .filter_map(|(field, step)| {
                Some(SetAside {
                    field: plan.field(field).path.clone(),
                    title: plan.field(field).title.clone(),
                    step: plan.step(step).key.clone(),
                    registry: registry(plan, step)?.clone(),
                })
            })
            .collect(),
        withdrawn: None,
    }
}

/// What a case waits for, by step number.
pub(crate) fn awaited(cell: &Cell, case: &Case, progress: &Progress, to: Audience) -> Vec<Awaited> {
    let plan = case.plan();
    let defined = &cell.defined;
    let note = |step: StepIx| -> Arc<str> {
        let note = progress.notes.iter().find(|(at, _)| *at == step);
        note.map_or("".into(), |(_, reason)| case.told(reason, to).into())
    };
    let one = |effect: onething_engine::Effect| {
        let step = effect.step;
        let item = plan.step(step);
        let department = || {
            item.department.map_or(Whom::Applicant, |at| {
                let department = plan.department(at);
                Whom::Department {
                    key: department.key.clone(),
                    title: department.title.clone(),
                }
            })
        };
        let (of, what) = match effect.ask {
            Ask::Dispatch { attempt } | Ask::LookUp { attempt } => {
                let of = match &item.actor {
                    Actor::LookUp(look_up) => Whom::Registry(look_up.registry.clone()),
                    _ => department(),
                };
                let pending = progress
                    .calls
                    .iter()
                    .any(|placed| placed.step == step && placed.pending);
                (of, Awaits::Answer { attempt, pending })
            }
            Ask::Work => (department(), Awaits::Work),
            Ask::Submission => {
                let mut form = form(defined, &case.asked(step));
                let draft = case
                    .opening()
                    .filter(|_| case.status() == CaseStatus::Draft);
                for (field, _) in draft.iter().flat_map(|opening| &opening.values) {
                    let path = &plan.field(*field).path;
                    let item = form.iter_mut().find(|item| item.field == *path);
                    item.into_iter().for_each(|item| item.given = true);
                }
                (Whom::Applicant, Awaits::Submission { form })
            }
            Ask::Errand => {
                let form = form(defined, &case.asked(step));
                (Whom::Applicant, Awaits::Errand { form })
            }
            Ask::Supplement => {
                let form = form(defined, &case.asked(step));
                let reason = note(step);
                (Whom::Applicant, Awaits::Supplement { reason, form })
            }
            Ask::Wake { at } => (Whom::Time, Awaits::Retry { at }),
            Ask::Incident => (department(), Awaits::Incident { reason: note(step) }),
        };
        Awaited {
            effect: effect_id(cell.id, plan, step, effect.round),
            title: item.title.clone(),
            of,
            what,
            // An officer's limit is not the applicant's.
            due: case
                .step(step)
                .due()
                .filter(|_| effect.ask != Ask::Supplement),
        }
    };
    case.outstanding().map(one).collect()
}

/// Whether personal data is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Personal {
    Shown,
    Withheld,
}

/// The worklist's row of a step; `None` if it is not waiting for work any more.
pub(crate) fn work_item(
    cell: &Cell,
    case: &Case,
    step: StepIx,
    personal: Personal,
) -> Option<WorkItem> {
    let is_shown = |ask: Ask| match ask {
        Ask::Work => true,
        // A system's step that a person looks after, because the system answers later.
        Ask::Dispatch { .. } => personal == Personal::Shown,
        Ask::LookUp { .. }
        | Ask::Submission
        | Ask::Errand
        | Ask::Supplement
        | Ask::Wake { .. }
        | Ask::Incident => false,
    };
    let effect = case.effect(step).filter(|effect| is_shown(effect.ask))?;
    let plan = case.plan();
    let item = plan.step(step);
    let named =
        |(field, value): (FieldIx, &serde_json::Value)| (cell.defined.name(field), value.clone());
    // What is not granted is shown to nobody.
    let mut withheld: Vec<FieldIx> = case.not_granted(step).collect();
    match personal {
        Personal::Shown => {}
        Personal::Withheld => withheld.extend(case.personal_reads(step)),
    }
    withheld.sort_unstable();
    Some(WorkItem {
        effect: effect_id(cell.id, plan, step, effect.round),
        service: plan.service.clone(),
        title: item.title.clone(),
        matter: item.matter.map(|matter| plan.matter(matter).title.clone()),
        department: item.department.map(|at| plan.department(at).key.clone()),
        due: case.step(step).due(),
        accepts: matches!(&plan.step(item.scope).actor,
            Actor::Submission(of) if of.accepted_by == Some(step)),
        known: case
            .reads(step)
            .filter_map(|read| {
                let shown = !withheld.contains(&read.field);
                Some(one(case, read.field, case.datum(read.field)?, shown))
            })
            .collect(),
        missing: case
            .reads(step)
            .filter(|read| case.datum(read.field).is_none())
            .map(|read| form_item(&cell.defined, read.field, read.optional))
            .collect(),
        input: case
            .input(step)
            .filter(|(field, _)| !withheld.contains(field))
            .map(named)
            .collect(),
        withheld: paths(plan, withheld.iter().copied()),
        form: written(&cell.defined, &item.writes),
        correctable: if case.has_supplemented(step) {
            Vec::new()
        } else {
            paths(plan, case.correctable(step))
        },
        asked_with: paths(plan, case.kept(step)),
    })
}

fn paths(plan: &Plan, fields: impl Iterator<Item = FieldIx>) -> Vec<FieldPath> {
    fields.map(|field| plan.field(field).path.clone()).collect()
}

pub(crate) fn form(defined: &Defined, asked: &[FormField]) -> Vec<FormItem> {
    let item = |asked: &FormField| form_item(defined, asked.field, asked.optional);
    asked.iter().map(item).collect()
}

fn written(defined: &Defined, writes: &[FieldIx]) -> Vec<FormItem> {
    let item = |field: &FieldIx| form_item(defined, *field, false);
    writes.iter().map(item).collect()
}

fn form_item(defined: &Defined, field: FieldIx, optional: bool) -> FormItem {
    let item = defined.plan().field(field);
    FormItem {
        field: item.path.clone(),
        title: item.title.clone(),
        kind: item.kind.clone(),
        optional,
        given: false,
    }
}
