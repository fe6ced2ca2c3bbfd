//! Computed figures: what the definitions alone come to, for one scenario.
//!
//! The counts are those of a case in which every registry has everything and
//! nobody asks for a supplement; they come from the same [fold](crate::case)
//! as everything else.
//!
//! The processing time is the length of the longest path through the scenario,
//! each step of a department or outside body taking as long as its limit
//! allows. The old way is a chain, so it comes to the serial sum; the new way
//! is a DAG, so it comes to the critical path. To this is added, by the same
//! rule in both ways, what the *applicant* needs on the way, as far as the
//! workload states it (its mean): the errands of the applicant's own steps,
//! and the time from one matter to the next before each application but the
//! first. A note says so.
//!
//! The time ends with the last delivery, as it does for a case, and as it does in drawings
//! and notices: all of them have it from [`onething_plan::critical`].
//!
//! # Limits are compared with their like
//!
//! Where every limited step of both ways has a promised limit, promised
//! limits are compared; else, where every one has a statutory limit,
//! statutory ones; else the limit that binds each step, and the figure is
//! flagged.
//!
//! # Units are never added up
//!
//! Working days are the scale of `processing_time`. Hours and minutes run by
//! the clock on the wall: up to 24 of them are that much of a usual working
//! day, but never more than one. Calendar days, and hours beyond 24, cannot be
//! put on that scale; one such limit leaves the figure unknown, with a note.
//! `elapsed_time` is known only where no limit is in working days.

mod path;

use std::sync::Arc;

use onething_engine::{Blueprint, Event};
use onething_model::{Text, Timestamp};
use onething_plan::scale;
use onething_plan::workload::Workload;
use onething_plan::{Actor, Answers, Plan, Scenario, Service, StepIx, SubmissionKind};

use crate::case::{CaseFold, CaseMeasures, Meter};
use crate::figure::{Figure, FigureName, Kind};
use crate::source::Source;
use path::Path;

pub use onething_plan::scale::Basis;
pub use path::mean;

/// What one way comes to for one scenario.
#[derive(Debug, Clone)]
pub struct Computed {
    /// The counts; the times are unknown here.
    pub counts: CaseMeasures,
    /// Working days along the critical path; `None` where limits are in
    /// calendar days or nothing is limited.
    pub processing_working_days: Option<f64>,
    /// Calendar days along the critical path; `None` where limits are in
    /// working days or nothing is limited.
    pub elapsed_days: Option<f64>,
    /// The steps of the critical path that take time, in order.
    pub path: Vec<StepIx>,
    /// What has to be known of the limits that both times stand on.
    pub notes: Vec<Text>,
    /// What the processing time includes or leaves out of the applicant's own time.
    pub errands: Vec<Text>,
}

impl Computed {
    /// The value of a figure; `None` where it cannot be computed.
    #[must_use]
    pub fn value(&self, name: FigureName) -> Option<f64> {
        match name {
            FigureName::ProcessingTime => self.processing_working_days,
            FigureName::ElapsedTime => self.elapsed_days,
            FigureName::Submissions
            | FigureName::Materials
            | FigureName::Fields
            | FigureName::Forms
            | FigureName::Visits
            | FigureName::Steps
            | FigureName::InternalSteps
            | FigureName::Departments => self.counts.value(name),
        }
    }
}

/// The computed figures of a service for its reference scenario, in the order
/// of [`FigureName::ALL`]. Without an old way, nothing is known of before. A
/// way that has nothing to do in that scenario has no figures: nought would be a
/// saving for people whom it does not serve.
#[must_use]
pub fn computed(service: &Service) -> Vec<Figure> {
    let workload = service.workload.as_deref();
    let old = service.old.as_ref();
    let (basis, conventions) = shared_basis(service);
    let way = |plan: &Arc<Plan>| {
        let is_served = !Scenario::resolve(plan, &plan.reference).steps().is_empty();
        is_served.then(|| compute(plan, &plan.reference, basis, workload))
    };
    let (before, after) = (old.and_then(way), way(&service.new));
    let unserved = unserved(old.is_some() && before.is_none(), after.is_none());
    let source = Source::Definition {
        service: service.new.service.clone(),
        version: service.new.version.clone(),
        digest: service.new.digest,
        reference: true,
    };
    let figure = |name: FigureName| {
        let mut figure = Figure::new(
            name,
            Kind::Computed,
            before.as_ref().and_then(|before| before.value(name)),
            after.as_ref().and_then(|after| after.value(name)),
            source.clone(),
        );
        figure.notes.extend(unserved.iter().cloned());
        let times = [FigureName::ProcessingTime, FigureName::ElapsedTime];
        if times.contains(&name) {
            figure.notes.extend(conventions.iter().cloned());
            if let Some(before) = &before {
                figure
                    .notes
                    .extend(about(("改革前", "before"), before, name));
            }
            if let Some(after) = &after {
                figure.notes.extend(about(("改革后", "after"), after, name));
            }
        }
        figure
    };
    FigureName::ALL.into_iter().map(figure).collect()
}

/// Why there is nothing to compare where the old way, the new way or both have nothing to do
/// for some answers; `None` where both have.
#[must_use]
pub fn unserved(before: bool, after: bool) -> Option<Text> {
    let (zh, en) = match (before, after) {
        (false, false) => return None,
        (true, false) => ("改革前", "the old way has"),
        (false, true) => ("改革后", "the new way has"),
        (true, true) => ("前后两种方式", "both ways have"),
    };
    Some(Text::new(
        format!("按此情形，{zh}没有事项可办，无从比较"),
        format!("{en} nothing to do for these answers: there is nothing to compare"),
    ))
}

/// The notes of one way on one of the times.
fn about(way: (&str, &str), computed: &Computed, name: FigureName) -> Vec<Text> {
    let mut notes: Vec<&Text> = computed.notes.iter().collect();
    let in_working_days = Text::new(
        "时限为工作日，不折算为自然日，历时仅由仿真或实测给出",
        "limits are in working days, which are not turned into calendar days: only simulated and \
         measured cases have an elapsed time",
    );
    if name == FigureName::ProcessingTime {
        notes.extend(&computed.errands);
    } else if computed.processing_working_days.is_some() && computed.elapsed_days.is_none() {
        notes.push(&in_working_days);
    }
    let note = |note: &&Text| {
        Text::new(
            format!("{}：{}", way.0, note.zh()),
            format!("{}: {}", way.1, note.en()),
        )
    };
    notes.iter().map(note).collect()
}

/// What a plan comes to for these answers.
#[must_use]
pub fn compute(
    plan: &Arc<Plan>,
    answers: &Answers,
    basis: Basis,
    workload: Option<&Workload>,
) -> Computed {
    let blueprint = Blueprint::new(plan.clone());
    let layout = blueprint.layout(answers);
    let mut meter = Meter::new(&blueprint);
    let mut fold = CaseFold::new();
    meter.begin(&mut fold, &layout);
    for step in layout.scenario.steps() {
        if let Some(event) = ideal(plan, *step) {
            meter.apply(&mut fold, &event, Timestamp(0));
        }
    }
    let mut path = Path::new(plan, &layout.scenario, basis);
    path.errands(workload);
    path.computed(meter.measures(&fold))
}

/// The processing time of a scenario alone, in working days, as [`compute`] has it; `None` where
/// it cannot be computed.
#[must_use]
pub fn working_days(
    plan: &Plan,
    scenario: &Scenario,
    basis: Basis,
    workload: Option<&Workload>,
) -> Option<f64> {
    let mut path = Path::new(plan, scenario, basis);
    path.errands(workload);
    path.working_days(&path.timing())
}

/// What happens to a step in a case without trouble.
fn ideal(plan: &Plan, step: StepIx) -> Option<Event> {
    let values = Vec::new();
    match &plan.step(step).actor {
        Actor::Submission(submission) => match submission.kind {
            SubmissionKind::Application => Some(Event::Submitted { step, values }),
            SubmissionKind::Fallback(_) => None,
        },
        Actor::LookUp(_) | Actor::System | Actor::Officer | Actor::Applicant | Actor::Outside => {
            Some(Event::StepCompleted {
                step,
                values,
                missed: Vec::new(),
                valid_since: Vec::new(),
            })
        }
    }
}

/// The basis on which the ways of a service can be compared, and what has to be
/// known of it: which limits these are, or that there is no basis for all.
#[must_use]
pub fn shared_basis(service: &Service) -> (Basis, Vec<Text>) {
    let mut limited = Vec::new();
    for plan in service.old.iter().chain([&service.new]) {
        let scenario = Scenario::resolve(plan, &plan.reference);
        let binding = scale::by_limits(plan, &scenario, Basis::Binding);
        for step in scenario.steps() {
            let item = plan.step(*step);
            let counts = item.actor.is_internal() && binding.is_awaited(*step);
            if counts && item.limit.binding().is_some() {
                limited.push((item.limit.clone(), item.title.clone()));
            }
        }
    }
    for (basis, note) in [
        (
            Basis::Promised,
            Text::new("两边均按承诺时限计", "by promised limits"),
        ),
        (
            Basis::Statutory,
            Text::new("两边均按法定时限计", "by statutory limits"),
        ),
    ] {
        if limited.iter().all(|(limit, _)| basis.of(limit).is_some()) {
            return (basis, vec![note]);
        }
    }
    let lacking = limited.iter().filter(|(limit, _)| limit.promised.is_none());
    let mut titles: Vec<Text> = Vec::new();
    for (_, title) in lacking {
        if !titles.contains(title) {
            titles.push(title.clone());
        }
    }
    let flag = Text::new(
        format!(
            "承诺时限与法定时限混用：{}没有承诺时限，按法定时限计，两边口径不完全一致",
            listed(&titles, true)
        ),
        format!(
            "promised and statutory limits are mixed: {} without a promised limit, counted by \
             the statutory one; the two sides are not quite alike",
            listed(&titles, false)
        ),
    );
    (Basis::Binding, vec![flag])
}

fn listed(titles: &[Text], zh: bool) -> String {
    if zh {
        let titles: Vec<_> = titles.iter().map(|t| format!("「{}」", t.zh())).collect();
        titles.concat()
    } else {
        let titles: Vec<_> = titles.iter().map(Text::en).collect();
        titles.join("; ")
    }
}

#[cfg(test)]
mod tests;
