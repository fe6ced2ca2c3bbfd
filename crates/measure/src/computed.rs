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
//! The time ends with the last result, as it does for a case: in the new way
//! results are delivered together when all steps are done; in the old way each
//! is when it is made, and what follows the last one takes no time here.
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

use std::sync::Arc;

use onething_engine::{Blueprint, Event};
use onething_model::{Limit, Micros, Text, Timestamp};
use onething_plan::critical::{self, Timing};
use onething_plan::workload::{Distribution, Duration, Unit, Workload};
use onething_plan::{
    Actor, Answers, FieldIx, Handled, Limits, Plan, Scenario, Service, StepIx, SubmissionKind,
};

use crate::case::{CaseFold, CaseMeasures, Meter};
use crate::figure::{Figure, FigureName, Kind};
use crate::source::Source;

/// Which limits the steps take as long as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// What the departments promise (承诺办结时限).
    Promised,
    /// What the law allows (法定办结时限).
    Statutory,
    /// The promised limit of a step, else the statutory one.
    Binding,
}

impl Basis {
    fn of(self, limits: &Limits) -> Option<Limit> {
        match self {
            Self::Promised => limits.promised,
            Self::Statutory => limits.statutory,
            Self::Binding => limits.binding(),
        }
    }
}

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
/// of [`FigureName::ALL`]. Without an old way, nothing is known of before.
#[must_use]
pub fn computed(service: &Service) -> Vec<Figure> {
    let workload = service.workload.as_deref();
    let old = service.old.as_ref();
    let (basis, flag) = shared_basis(old.into_iter().chain([&service.new]));
    let way = |plan: &Arc<Plan>| compute(plan, &plan.reference, basis, workload);
    let (before, after) = (old.map(way), way(&service.new));
    let source = Source::Definition {
        service: service.new.service.clone(),
        version: service.new.version.clone(),
        digest: service.new.digest,
    };
    let figure = |name: FigureName| {
        let mut figure = Figure::new(
            name,
            Kind::Computed,
            before.as_ref().and_then(|before| before.value(name)),
            after.value(name),
            source.clone(),
        );
        let times = [FigureName::ProcessingTime, FigureName::ElapsedTime];
        if times.contains(&name) {
            figure
                .notes
                .extend(flag.clone().or_else(|| basis_note(basis)));
            if let Some(before) = &before {
                figure
                    .notes
                    .extend(about(("改革前", "before"), before, name));
            }
            figure
                .notes
                .extend(about(("改革后", "after"), &after, name));
        }
        figure
    };
    FigureName::ALL.into_iter().map(figure).collect()
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
    path.limits();
    path.errands(workload);
    path.computed(meter.measures(&fold))
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
            })
        }
    }
}

/// The basis on which all these plans can be compared, and the flag to raise
/// where there is none.
fn shared_basis<'a>(plans: impl Iterator<Item = &'a Arc<Plan>> + Clone) -> (Basis, Option<Text>) {
    let mut limited = Vec::new();
    for plan in plans {
        let scenario = Scenario::resolve(plan, &plan.reference);
        for step in scenario.steps() {
            let item = plan.step(*step);
            if item.actor.is_internal() && item.limit.binding().is_some() {
                limited.push((item.limit.clone(), item.title.clone()));
            }
        }
    }
    for basis in [Basis::Promised, Basis::Statutory] {
        if limited.iter().all(|(limit, _)| basis.of(limit).is_some()) {
            return (basis, None);
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
    (Basis::Binding, Some(flag))
}

fn basis_note(basis: Basis) -> Option<Text> {
    match basis {
        Basis::Promised => Some(Text::new("两边均按承诺时限计", "by promised limits")),
        Basis::Statutory => Some(Text::new("两边均按法定时限计", "by statutory limits")),
        Basis::Binding => None,
    }
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

/// A length on the only scale it can be put on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Length {
    /// Opening time, in milliseconds.
    Open(u64),
    /// Time by the calendar, in milliseconds.
    Calendar(u64),
}

/// A calendar day and an hour by the clock.
const DAY_MS: u64 = 24 * HOUR_MS;
const HOUR_MS: u64 = 3_600_000;

/// No single step takes longer: some 30,000 years, so that sums stay far within `u64`.
const LONGEST_MS: u64 = 1 << 50;

fn whole_ms(span: Micros) -> u64 {
    span.0.max(0).unsigned_abs() / 1_000
}

/// A way through a scenario and what its steps take.
struct Path<'a> {
    plan: &'a Plan,
    scenario: &'a Scenario,
    basis: Basis,
    /// By step number: whether the last delivery waits for it.
    counted: Vec<bool>,
    /// Opening time of a usual working day, in milliseconds, at least 1.
    day_ms: u64,
    /// By step number, in milliseconds.
    open: Vec<u64>,
    calendar: Vec<u64>,
    /// Whether some limit counts in working days, in calendar days, by the clock.
    in_working_days: bool,
    in_calendar_days: bool,
    by_the_clock: bool,
    notes: Vec<Text>,
    errands: Vec<Text>,
}

impl<'a> Path<'a> {
    fn new(plan: &'a Plan, scenario: &'a Scenario, basis: Basis) -> Self {
        Self {
            plan,
            scenario,
            basis,
            counted: counted(plan, scenario),
            day_ms: whole_ms(critical::usual_day(plan)).max(1),
            open: vec![0; plan.steps.len()],
            calendar: vec![0; plan.steps.len()],
            in_working_days: false,
            in_calendar_days: false,
            by_the_clock: false,
            notes: Vec::new(),
            errands: Vec::new(),
        }
    }

    /// Each step of a department or an outside body takes as long as its limit.
    fn limits(&mut self) {
        let (mut unlimited, mut beyond) = (Vec::new(), Vec::new());
        for step in self.scenario.steps() {
            let item = self.plan.step(*step);
            if !item.actor.is_internal() || !self.counted[step.index()] {
                continue;
            }
            let Some(limit) = self.basis.of(&item.limit) else {
                if matches!(item.actor, Actor::Officer | Actor::Outside) {
                    unlimited.push(item.title.clone());
                }
                continue;
            };
            let length = match limit {
                Limit::WorkingDays { thousandths } => {
                    self.in_working_days |= thousandths > 0;
                    Length::Open(thousandths.saturating_mul(self.day_ms) / 1_000)
                }
                Limit::CalendarDays { thousandths: 0 } => Length::Open(0),
                Limit::CalendarDays { thousandths } => {
                    let span = thousandths.saturating_mul(DAY_MS / 1_000).min(LONGEST_MS);
                    self.calendar[step.index()] = span;
                    Length::Calendar(span)
                }
                Limit::Clock(span) => {
                    let span = whole_ms(span).min(LONGEST_MS);
                    self.by_the_clock |= span > 0;
                    self.calendar[step.index()] = span;
                    self.by_clock(span)
                }
            };
            match length {
                Length::Open(span) => self.open[step.index()] = span.min(LONGEST_MS),
                Length::Calendar(_) => {
                    self.in_calendar_days = true;
                    beyond.push(Text::new(
                        format!("{}（{limit}）", item.title.zh()),
                        format!("{} ({limit})", item.title.en()),
                    ));
                }
            }
        }
        if !beyond.is_empty() {
            self.notes.push(Text::new(
                format!(
                    "{}的时限不是工作日，不与工作日相加，办理时间无法推算",
                    listed(&beyond, true)
                ),
                format!(
                    "limits that are not in working days are never added to them, so the \
                     processing time is not computed: {}",
                    listed(&beyond, false)
                ),
            ));
        }
        if !unlimited.is_empty() {
            self.notes.push(Text::new(
                format!("{}没有时限，未计时间", listed(&unlimited, true)),
                format!(
                    "no limit, so no time is counted: {}",
                    listed(&unlimited, false)
                ),
            ));
        }
    }

    /// Up to 24 hours by the clock hold at most one working day; how many lie
    /// in a longer time depends on its date.
    fn by_clock(&self, span: u64) -> Length {
        if span <= DAY_MS {
            Length::Open(span.min(self.day_ms))
        } else {
            Length::Calendar(span)
        }
    }

    /// Adds what the workload says that the applicant needs on the way.
    fn errands(&mut self, workload: Option<&Workload>) {
        let Some(workload) = workload else { return };
        let mut first = true;
        for step in self.scenario.steps() {
            let item = self.plan.step(*step);
            let (duration, what) = match &item.actor {
                Actor::Applicant => {
                    let stated = workload.work.iter().find(|(key, _)| *key == item.key);
                    (stated.map(|(_, figure)| &figure.value), item.title.clone())
                }
                Actor::Submission(submission) if submission.kind == SubmissionKind::Application => {
                    if std::mem::take(&mut first) {
                        continue;
                    }
                    let stated = workload.between_matters.as_ref();
                    let what = Text::new(
                        format!("到「{}」之间", item.title.zh()),
                        format!("the way to {}", item.title.en()),
                    );
                    (stated.map(|figure| &figure.value), what)
                }
                Actor::Submission(_)
                | Actor::LookUp(_)
                | Actor::System
                | Actor::Officer
                | Actor::Outside => continue,
            };
            let Some(duration) = duration.filter(|_| self.counted[step.index()]) else {
                continue;
            };
            self.errand(*step, duration, &what);
        }
    }

    fn errand(&mut self, step: StepIx, duration: &Duration, what: &Text) {
        let mean = mean(&duration.distribution);
        let span = |unit_ms: u64| {
            // NaN and numbers below 0 become 0.
            (libm::round(mean * unit_ms as f64) as u64).min(LONGEST_MS)
        };
        let (length, unit) = match duration.unit {
            Unit::WorkingDays => (Length::Open(span(self.day_ms)), ("个工作日", "wd")),
            Unit::CalendarDays => (Length::Calendar(span(DAY_MS)), ("个自然日", "d")),
            Unit::Hours => (self.by_clock(span(HOUR_MS)), ("小时", "h")),
        };
        let mean = libm::round(mean * 1_000.0) / 1_000.0;
        let (zh, en) = match length {
            Length::Open(0) => return,
            Length::Open(span) => {
                self.open[step.index()] = self.open[step.index()].saturating_add(span);
                ("含申请人自己的时间", "includes the applicant's own time")
            }
            Length::Calendar(_) => (
                "未含申请人自己的时间（自然日不与工作日相加）",
                "leaves out the applicant's own time (calendar days are not added to working days)",
            ),
        };
        self.errands.push(Text::new(
            format!("{zh}：{}，平均 {mean} {}", what.zh(), unit.0),
            format!("{en}: {}, {mean} {} in the mean", what.en(), unit.1),
        ));
    }

    fn computed(self, counts: CaseMeasures) -> Computed {
        let Self {
            plan,
            scenario,
            day_ms,
            open,
            calendar,
            in_working_days,
            in_calendar_days,
            by_the_clock,
            mut notes,
            errands,
            counted: _,
            basis: _,
        } = self;
        let limited = in_working_days || in_calendar_days || by_the_clock;
        if !limited && !scenario.steps().is_empty() {
            notes.push(Text::new(
                "没有任何环节定有时限，无法推算时间",
                "no step has a limit, so no time is computed",
            ));
        }
        let timing = |takes: &[u64]| critical::by_time(plan, scenario, takes);
        let by_calendar = in_calendar_days && !in_working_days;
        let shown = timing(if by_calendar { &calendar } else { &open });
        let elapsed = (limited && !in_working_days).then(|| timing(&calendar).makespan);
        Computed {
            counts,
            processing_working_days: (limited && !in_calendar_days)
                .then(|| timing(&open).makespan as f64 / day_ms as f64),
            elapsed_days: elapsed.map(|span| span as f64 / DAY_MS as f64),
            path: path_of(&shown),
            notes,
            errands,
        }
    }
}

/// The steps that the last delivery waits for: all of them where results are
/// delivered together at the end, else those that come to the making of one.
fn counted(plan: &Plan, scenario: &Scenario) -> Vec<bool> {
    let makes = |step: &StepIx| {
        let item = plan.step(*step);
        let delivered = |field: &FieldIx| {
            let role = plan.field(*field).role;
            plan.deliveries.iter().any(|delivery| delivery.what == role)
        };
        !plan.is_derived(*step) && item.writes.iter().any(delivered)
    };
    let steps = scenario.steps();
    if plan.handled == Handled::Together || !steps.iter().any(makes) {
        return vec![true; plan.steps.len()];
    }
    let mut counted = vec![false; plan.steps.len()];
    for step in steps.iter().rev() {
        counted[step.index()] |= makes(step);
        if counted[step.index()] {
            for from in scenario.needs(*step) {
                counted[from.index()] = true;
            }
        }
    }
    counted
}

fn path_of(timing: &Timing) -> Vec<StepIx> {
    let takes = |step: &&StepIx| timing.time.get(step.index()).is_some_and(|time| *time > 0);
    timing.path.iter().filter(takes).copied().collect()
}

/// The mean of a distribution, in its own unit.
#[must_use]
pub fn mean(distribution: &Distribution) -> f64 {
    match distribution {
        Distribution::Constant(value) => *value,
        Distribution::Uniform { min, max } => (min + max) / 2.0,
        Distribution::Triangular { min, mode, max } => (min + mode + max) / 3.0,
        Distribution::Exponential { mean }
        | Distribution::Erlang { mean, .. }
        | Distribution::Gamma { mean, .. }
        | Distribution::Lognormal { mean, .. }
        | Distribution::Weibull { mean, .. } => *mean,
        Distribution::Empirical(values) => {
            if values.is_empty() {
                return 0.0;
            }
            values.iter().sum::<f64>() / values.len() as f64
        }
    }
}

#[cfg(test)]
mod tests;
