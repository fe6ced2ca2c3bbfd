//! The way through a scenario: what its steps take, on which scale, and how
//! long that comes to.

use onething_model::Text;
use onething_plan::critical::{self, Timing};
use onething_plan::scale::{self, Basis, ByLimits, DAY_MS, LONGEST_MS, Length};
use onething_plan::workload::{Distribution, Duration, Unit, Workload};
use onething_plan::{Actor, Plan, Scenario, StepIx, SubmissionKind};

use super::{Computed, listed};
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

/// An hour by the clock, in milliseconds.
const HOUR_MS: u64 = 3_600_000;

/// A way through a scenario and what its steps take.
pub(super) struct Path<'a> {
    plan: &'a Plan,
    scenario: &'a Scenario,
    /// What the steps take, the errands of the applicant among them.
    takes: ByLimits,
    notes: Vec<Text>,
    errands: Vec<Text>,
}

impl<'a> Path<'a> {
    /// Each step of a department or an outside body takes as long as its limit.
    pub(super) fn new(plan: &'a Plan, scenario: &'a Scenario, basis: Basis) -> Self {
        let mut path = Self {
            plan,
            scenario,
            takes: scale::by_limits(plan, scenario, basis),
            notes: Vec::new(),
            errands: Vec::new(),
        };
        path.say_limits();
        path
    }

    fn say_limits(&mut self) {
        let plan = self.plan;
        let title = |step: &StepIx| plan.step(*step).title.clone();
        let beyond = self.takes.in_calendar_days.iter().map(|(step, limit)| {
            let title = title(step);
            Text::new(
                format!("{}（{limit}）", title.zh()),
                format!("{} ({limit})", title.en()),
            )
        });
        let beyond: Vec<Text> = beyond.collect();
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
        let unlimited: Vec<Text> = self.takes.unlimited.iter().map(title).collect();
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
                    if let Some((_, figure)) = stated.filter(|_| self.takes.is_awaited(*step)) {
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
                    let later = !std::mem::take(&mut first) && self.takes.is_awaited(*step);
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
            let takes = &mut self.takes.open_ms[step.index()];
            *takes = takes.saturating_add(span);
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
            Unit::WorkingDays => Length::Open(span(self.takes.scale.day_ms())),
            Unit::CalendarDays => Length::Calendar(span(DAY_MS)),
            Unit::Hours => self.takes.scale.by_clock(span(HOUR_MS)),
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

    /// What the steps take, one after the other as far as they wait.
    pub(super) fn timing(&self) -> Timing {
        self.takes.timing(self.plan, self.scenario)
    }

    fn is_limited(&self) -> bool {
        let takes = &self.takes;
        takes.has_working_days || !takes.in_calendar_days.is_empty() || takes.has_hours
    }

    /// Working days until the last delivery; `None` where limits are in calendar days or
    /// nothing is limited.
    pub(super) fn working_days(&self, timing: &Timing) -> Option<f64> {
        let known = self.is_limited() && self.takes.in_calendar_days.is_empty();
        known.then(|| self.takes.scale.working_days(timing.makespan))
    }

    pub(super) fn computed(self, counts: CaseMeasures) -> Computed {
        let limited = self.is_limited();
        let open = self.timing();
        let processing_working_days = self.working_days(&open);
        let Self {
            plan,
            scenario,
            takes,
            mut notes,
            errands,
        } = self;
        let in_calendar_days = !takes.in_calendar_days.is_empty();
        if !limited && !scenario.steps().is_empty() {
            notes.push(Text::new(
                "没有任何环节定有时限，无法推算时间",
                "no step has a limit, so no time is computed",
            ));
        }
        let calendar = critical::by_time(plan, scenario, &takes.calendar_ms);
        let by_calendar = in_calendar_days && !takes.has_working_days;
        Computed {
            counts,
            processing_working_days,
            elapsed_days: (limited && !takes.has_working_days)
                .then(|| calendar.makespan as f64 / DAY_MS as f64),
            path: path_of(if by_calendar { &calendar } else { &open }),
            notes,
            errands,
        }
    }
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
