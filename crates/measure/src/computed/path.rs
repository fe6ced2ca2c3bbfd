//! The way through a scenario: what its steps take, on which scale, and how
//! long that comes to.

use onething_model::{Limit, Micros, Text};
use onething_plan::critical::{self, Timing};
use onething_plan::workload::{Distribution, Duration, Unit, Workload};
use onething_plan::{Actor, FieldIx, Handled, Plan, Scenario, StepIx, SubmissionKind};

use super::{Basis, Computed, listed};
use crate::case::CaseMeasures;

fn joined(texts: &[Text], zh: bool) -> String {
    let of = |text: &Text| {
        if zh {
            text.zh().to_owned()
        } else {
            text.en().to_owned()
        }
    };
    let texts: Vec<String> = texts.iter().map(of).collect();
    texts.join(if zh { "；" } else { "; " })
}

/// The mean of a duration, in its own unit.
fn in_words(duration: &Duration) -> Text {
    let mean = libm::round(mean(&duration.distribution) * 1_000.0) / 1_000.0;
    let (zh, en) = match duration.unit {
        Unit::WorkingDays => ("个工作日", "wd"),
        Unit::CalendarDays => ("个自然日", "d"),
        Unit::Hours => ("小时", "h"),
    };
    Text::new(
        format!("平均 {mean} {zh}"),
        format!("{mean} {en} in the mean"),
    )
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
pub(super) struct Path<'a> {
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
    pub(super) fn new(plan: &'a Plan, scenario: &'a Scenario, basis: Basis) -> Self {
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
    pub(super) fn limits(&mut self) {
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
    pub(super) fn errands(&mut self, workload: Option<&Workload>) {
        let Some(workload) = workload else { return };
        let mut first = true;
        let mut on_the_way = 0;
        let mut errands = Vec::new();
        for step in self.scenario.steps() {
            let item = self.plan.step(*step);
            match &item.actor {
                Actor::Applicant => {
                    let stated = workload.work.iter().find(|(key, _)| *key == item.key);
                    if let Some((_, figure)) = stated.filter(|_| self.counted[step.index()]) {
                        let length = self.errand(*step, &figure.value);
                        let mean = in_words(&figure.value);
                        let what = Text::new(
                            format!("{}，{}", item.title.zh(), mean.zh()),
                            format!("{}, {}", item.title.en(), mean.en()),
                        );
                        errands.push((length, what));
                    }
                }
                Actor::Submission(submission) if submission.kind == SubmissionKind::Application => {
                    let later = !std::mem::take(&mut first) && self.counted[step.index()];
                    if let Some(figure) = workload.between_matters.as_ref().filter(|_| later) {
                        self.errand(*step, &figure.value);
                        on_the_way += 1;
                    }
                }
                Actor::Submission(_)
                | Actor::LookUp(_)
                | Actor::System
                | Actor::Officer
                | Actor::Outside => {}
            }
        }
        if let Some(figure) = workload.between_matters.as_ref().filter(|_| on_the_way > 0) {
            let mean = in_words(&figure.value);
            let what = Text::new(
                format!("办下一事项之前 {on_the_way} 次，每次{}", mean.zh()),
                format!("before the next matter ({on_the_way} ×), {}", mean.en()),
            );
            errands.insert(0, (self.length(&figure.value), what));
        }
        self.say_errands(&errands);
    }

    fn errand(&mut self, step: StepIx, duration: &Duration) -> Length {
        let length = self.length(duration);
        if let Length::Open(span) = length {
            self.open[step.index()] = self.open[step.index()].saturating_add(span);
        }
        length
    }

    /// The mean of a duration on the scale it can be put on.
    fn length(&self, duration: &Duration) -> Length {
        let mean = mean(&duration.distribution);
        let span = |unit_ms: u64| {
            // NaN and numbers below 0 become 0.
            (libm::round(mean * unit_ms as f64) as u64).min(LONGEST_MS)
        };
        match duration.unit {
            Unit::WorkingDays => Length::Open(span(self.day_ms)),
            Unit::CalendarDays => Length::Calendar(span(DAY_MS)),
            Unit::Hours => self.by_clock(span(HOUR_MS)),
        }
    }

    /// One note for what is included, one for what cannot be.
    fn say_errands(&mut self, errands: &[(Length, Text)]) {
        let (mut included, mut left_out) = (Vec::new(), Vec::new());
        for (length, what) in errands {
            match length {
                Length::Open(0) => {}
                Length::Open(_) => included.push(what.clone()),
                Length::Calendar(_) => left_out.push(what.clone()),
            }
        }
        if !included.is_empty() {
            self.errands.push(Text::new(
                format!("含申请人自己的时间：{}", joined(&included, true)),
                format!(
                    "includes the applicant's own time: {}",
                    joined(&included, false)
                ),
            ));
        }
        if !left_out.is_empty() {
            self.errands.push(Text::new(
                format!(
                    "未含申请人自己的时间，因自然日不与工作日相加：{}",
                    joined(&left_out, true)
                ),
                format!(
                    "leaves out the applicant's own time, since calendar days are not added to \
                     working days: {}",
                    joined(&left_out, false)
                ),
            ));
        }
    }

    pub(super) fn computed(self, counts: CaseMeasures) -> Computed {
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
