//! The draft that an applicant looks at before handing it in.
//!
//! Registries are asked while the application is a draft. What they had is
//! shown, with where it came from; what they did not have is asked; and one
//! submission is counted, when the draft is handed in.

use onething_engine::{Case, CaseStatus, Command, StepStatus};
use onething_model::{CaseId, DepartmentKey, FieldPath, RegistryKey, StepKey, Text, Timestamp};
use onething_plan::{Actor, FieldIx, LookUp, Sensitivity, StepIx};

use crate::cell::Cell;
use crate::error::reject;
use crate::provenance::{Known, Origin, drafted, one, registry, submission};
use crate::view::{FormItem, form};
use crate::{Application, Engine, Error, Fields, Receipt, Submitted};

/// A draft as its applicant sees it before handing it in.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The case.
    pub case: CaseId,
    /// The submission with which it is [handed in](Engine::hand_in).
    pub submission: StepKey,
    /// What registries had, with the values.
    pub fetched: Vec<Known>,
    /// What follows from what registries had, with the values, and from what the application
    /// gave, without. It is not asked for.
    pub derived: Vec<Known>,
    /// What the application gave; handing in another value corrects it.
    pub given: Vec<FieldPath>,
    /// What the application gave and registries were asked with, whether or not they
    /// had something. It stays: with another value, what they had would be somebody else's.
    pub asked_with: Vec<FieldPath>,
    /// What the application gave although a registry holds it, or it follows from something
    /// else: that value counts.
    pub set_aside: Vec<FieldPath>,
    /// What is still missing and has to be handed in, what registries did not have included.
    pub asked: Vec<FormItem>,
    /// What was asked of registries, and what came of it.
    pub look_ups: Vec<DraftLookUp>,
    /// Registries that have not answered yet. Until then nothing fetched is shown.
    pub waits_for: Vec<RegistryKey>,
}

/// A question to a registry about a draft. It names fields and shows no values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftLookUp {
    /// The step that asks.
    pub step: StepKey,
    /// The registry.
    pub registry: RegistryKey,
    /// What people call the registry.
    pub title: Text,
    /// About whom it is asked, as people say: the operator, the premises.
    pub about: Text,
    /// Who keeps the registry: where a mistake in it is corrected.
    pub kept_by: Option<(DepartmentKey, Text)>,
    /// What it had.
    pub had: Vec<FieldPath>,
    /// What it was asked for and did not have, or would have been.
    pub missed: Vec<FieldPath>,
    /// Whether it was not asked at all, since what it is asked with should have come from
    /// another registry, which did not have it.
    pub skipped: bool,
    /// Until when what it had is fresh enough, where its contract says how old an
    /// answer may be. None while it has given nothing.
    pub fresh_until: Option<Timestamp>,
}

impl Engine {
    /// Files an application as a draft: registries are asked, and it waits for
    /// the applicant to look at what they had ([`view_draft`](Self::view_draft))
    /// and to [hand it in](Self::hand_in), even where nothing is missing; what
    /// registries had is not handed in before somebody looked at it. That is one submission. Otherwise as [`submit`](Self::submit).
    ///
    /// # Errors
    /// As [`submit`](Self::submit).
    pub async fn draft(&self, application: Application) -> Result<Submitted, Error> {
        self.file(application, true).await
    }

    /// A draft as its applicant, or who helps them, sees it. Where something
    /// personal was fetched, or nobody has looked at it yet, who looked is on record
    /// before it is shown.
    ///
    /// # Errors
    /// Rejected: no such case (C0201), or it is handed in already (C0101, C0104).
    pub async fn view_draft(&self, case: CaseId, by: &str) -> Result<Draft, Error> {
        reject::nobody(by)?;
        let cell = self.find(case).await?;
        let opened = cell.view(|_, live| live.opened).await?.unwrap_or_default();
        let look = |state: &Case| draft_of(&cell, state, opened);
        let seen = cell.view(|state, _| look(state)).await?;
        // What nobody has seen is looked at on record, personal or not: it is handed in after that.
        let is_unseen = cell.view(|state, _| state.is_unseen()).await?;
        if let Some(Some((draft, false))) = seen
            && (is_unseen != Some(true) || !draft.waits_for.is_empty())
        {
            return Ok(draft);
        }
        // What is shown is what was there when the reading was recorded.
        let mut shown = None;
        let mut key = None;
        self.perform(case, Some(by), |_, state| {
            shown = look(state).map(|(draft, _)| draft);
            let step = to_hand_in(state);
            key = Some(state.plan().step(step).key.clone());
            Ok(Command::Read { step })
        })
        .await?;
        let key = key.map_or_else(String::new, |key| key.to_string());
        shown.ok_or_else(|| reject::unknown_step(case, &key).into())
    }

    /// The applicant, or who helps them, hands a draft in: with what was
    /// missing, and with other values for what the application gave. That is one
    /// submission. The same as [`hand_in`](Self::hand_in) without having to
    /// name the draft's submission.
    ///
    /// # Errors
    /// Rejected: no such case (C0201); it is handed in already or registries
    /// have not answered yet (C0101, C0103, C0104); incomplete or not the
    /// applicant's to give, with every fault (C0108). What registries had was not
    /// [looked at](Self::view_draft) (C0114). It is older than its contract allows (C0112):
    /// they are asked [again](Self::renew), and the applicant looks at the draft once more.
    pub async fn confirm(
        &self,
        case: CaseId,
        values: Fields,
        by: Option<&str>,
    ) -> Result<Receipt, Error> {
        self.check_size(&values)?;
        self.perform(case, by, |cell, state| {
            let step = to_hand_in(state);
            self.answered(cell, state, step, values, |values| Command::Submit {
                step,
                values,
            })
        })
        .await
    }

    /// Asks registries again about a draft, as it was filed, since what one of them had
    /// has become older than its contract allows ([`DraftLookUp::fresh_until`]).
    /// Who hands such a draft in need not call this: it is done for them.
    ///
    /// # Errors
    /// Rejected: no such case (C0201), it is over (C0101), or nothing is too old (C0113).
    pub async fn renew(&self, case: CaseId, by: Option<&str>) -> Result<Receipt, Error> {
        self.perform(case, by, |_, _| Ok(Command::Renew)).await
    }
}

/// The submission of a draft. Of an application that was turned away there is none: the
/// case is over, which is told whatever the step.
fn to_hand_in(case: &Case) -> StepIx {
    submission(case).unwrap_or(StepIx(0))
}

/// The draft, and whether personal data is in it; `None` where there is none any more.
fn draft_of(cell: &Cell, case: &Case, opened: Timestamp) -> Option<(Draft, bool)> {
    let opening = case
        .opening()
        .filter(|_| case.status() == CaseStatus::Draft)?;
    let plan = case.plan();
    let step = submission(case)?;
    let waits_for: Vec<RegistryKey> = case
        .outstanding()
        .filter_map(|effect| registry(plan, effect.step).cloned())
        .collect();
    let (mut derived, fetched): (Vec<Known>, Vec<Known>) = case
        .fetched()
        .filter(|_| waits_for.is_empty())
        .map(|(field, datum)| one(case, field, datum, true))
        .partition(|known| matches!(known.origin, Origin::Derived { .. }));
    let personal =
        (fetched.iter().chain(&derived)).any(|known| known.sensitivity != Sensitivity::Public);
    derived.extend(
        case.drafted()
            .map(|(field, by)| drafted(plan, field, by, opened)),
    );
    let is_fetched = |field: &FieldIx| {
        case.set_aside().any(|(given, _)| given == *field)
            || case.drafted().any(|(had, _)| had == *field)
    };
    let (aside, given): (Vec<FieldIx>, Vec<FieldIx>) = opening
        .values
        .iter()
        .map(|(field, _)| *field)
        .partition(is_fetched);
    let mut asked = case.asked(step);
    asked.retain(|item| !given.contains(&item.field));
    let (asked_with, given): (Vec<FieldIx>, Vec<FieldIx>) = given
        .into_iter()
        .partition(|field| case.is_asked_with(*field));
    let paths = |fields: &[FieldIx]| {
        let path = |field: &FieldIx| plan.field(*field).path.clone();
        fields.iter().map(path).collect()
    };
    let draft = Draft {
        case: cell.id,
        submission: plan.step(step).key.clone(),
        fetched,
        derived,
        given: paths(&given),
        asked_with: paths(&asked_with),
        set_aside: paths(&aside),
        asked: form(&cell.defined, &asked),
        look_ups: look_ups(case),
        waits_for,
    };
    Some((draft, personal))
}

/// The look-ups of a draft, in the order of the plan.
fn look_ups(case: &Case) -> Vec<DraftLookUp> {
    let Some(layout) = case.layout() else {
        return Vec::new();
    };
    let plan = case.plan();
    let of_draft = |step: &StepIx| layout.scenario.is_active(*step);
    plan.step_numbers()
        .filter(of_draft)
        .filter_map(|step| match &plan.step(step).actor {
            Actor::LookUp(item) if item.fallback.is_none() => Some(asked_of(case, step, item)),
            _ => None,
        })
        .collect()
}

fn asked_of(case: &Case, step: StepIx, item: &LookUp) -> DraftLookUp {
    let plan = case.plan();
    let path = |field: FieldIx| plan.field(field).path.clone();
    let had: Vec<_> = case
        .fetched()
        .filter(|(field, datum)| datum.from == step && case.follows_from(*field).is_none())
        .collect();
    DraftLookUp {
        step: plan.step(step).key.clone(),
        registry: item.registry.clone(),
        title: item.title.clone(),
        about: plan.role(item.role).title.clone(),
        kept_by: plan.step(step).department.map(|at| {
            let department = plan.department(at);
            (department.key.clone(), department.title.clone())
        }),
        had: had.iter().map(|(field, _)| path(*field)).collect(),
        missed: case
            .missed()
            .filter(|(_, by)| *by == step)
            .map(|(field, _)| path(field))
            .collect(),
        skipped: case.step(step).status == StepStatus::Skipped,
        fresh_until: case.fresh_until(step),
    }
}
