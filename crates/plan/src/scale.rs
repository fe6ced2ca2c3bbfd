//! What the limits of a scenario's steps come to, on one scale.
//!
//! The time of a department's or outside body's step is its limit; that of an
//! applicant's own steps is up to them and not counted.
//!
//! Working days and calendar days are never added up: a step whose limit is in
//! calendar days is listed, and has no time on the scale of working days. Hours and minutes run
//! by the clock on the wall: up to 24 of them count as that fraction of a usual
//! working day's opening hours, but never as more than one working day, since
//! in 24 hours an office is open for one day. How many working days lie in
//! more hours depends on the date: they are listed with the calendar days.

use onething_model::{Limit, Micros, Timestamp};

use crate::critical::{self, Timing};
use crate::index::StepIx;
use crate::plan::Plan;
use crate::scenario::Scenario;
use crate::step::{Actor, Limits};

/// A calendar day, in milliseconds.
pub const DAY_MS: u64 = 24 * 3_600_000;

/// No single step takes longer: some 30,000 years, so that sums stay far within `u64`.
pub const LONGEST_MS: u64 = 1 << 50;

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
    /// The limit of a step on this basis.
    #[must_use]
    pub fn of(self, limits: &Limits) -> Option<Limit> {
        match self {
            Self::Promised => limits.promised,
            Self::Statutory => limits.statutory,
            Self::Binding => limits.binding(),
        }
    }
}

/// A length on the only scale it can be put on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// Opening time, in milliseconds.
    Open(u64),
    /// Time by the calendar, in milliseconds.
    Calendar(u64),
}

/// The scale of working days: the opening time of a usual one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    day_ms: u64,
}

impl Scale {
    /// The scale of a plan's calendar: its first working day from the beginning of 2026.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let calendar = &plan.calendar;
        let opens = calendar.next_open(Timestamp::from_millis(1_767_225_600_000));
        let day = calendar.open_time_on(calendar.date_of(opens));
        Self {
            day_ms: whole_ms(day).max(1),
        }
    }

    /// The opening time of a usual working day, in milliseconds, at least 1.
    #[must_use]
    pub const fn day_ms(self) -> u64 {
        self.day_ms
    }

    /// Working days of an opening time in milliseconds.
    #[must_use]
    pub fn working_days(self, open_ms: u64) -> f64 {
        open_ms as f64 / self.day_ms as f64
    }

    /// The same in thousandths of a working day, rounded: what people are told.
    #[must_use]
    pub fn thousandths(self, open_ms: u64) -> u64 {
        let day = u128::from(self.day_ms);
        let thousandths = (u128::from(open_ms) * 1_000 + day / 2) / day;
        u64::try_from(thousandths).unwrap_or(u64::MAX)
    }

    /// Up to 24 hours by the clock hold at most one working day; how many lie
    /// in a longer time depends on its date.
    #[must_use]
    pub fn by_clock(self, span_ms: u64) -> Length {
        if span_ms <= DAY_MS {
            Length::Open(span_ms.min(self.day_ms))
        } else {
            Length::Calendar(span_ms)
        }
    }
}

fn whole_ms(span: Micros) -> u64 {
    span.0.max(0).unsigned_abs() / 1_000
}

/// How long the steps of a scenario take by their limits. Tables are by step number.
#[derive(Debug, Clone)]
pub struct ByLimits {
    /// What a working day is.
    pub scale: Scale,
    /// Opening time in milliseconds; 0 where the limit is not on that scale.
    pub open_ms: Vec<u64>,
    /// Time by the calendar in milliseconds, of limits that are in calendar days or by the clock.
    pub calendar_ms: Vec<u64>,
    /// Steps of officers and outside bodies that the last delivery waits for and that have
    /// no limit, and so no time here.
    pub unlimited: Vec<StepIx>,
    /// Steps that the last delivery waits for and whose limit is in calendar days, or in more
    /// than 24 hours by the clock, and so cannot be added to working days.
    pub in_calendar_days: Vec<(StepIx, Limit)>,
    /// Whether the last delivery waits for a step that is limited in working days.
    pub has_working_days: bool,
    /// Whether the last delivery waits for a step that is limited by the clock.
    pub has_hours: bool,
    /// By step number: whether the last delivery waits for it.
    awaited: Vec<bool>,
}

impl ByLimits {
    /// Whether the last delivery waits for a step of the scenario.
    #[must_use]
    pub fn is_awaited(&self, step: StepIx) -> bool {
        self.awaited[step.index()]
    }

    /// The timing on the scale of working days, in milliseconds of opening time.
    #[must_use]
    pub fn timing(&self, plan: &Plan, scenario: &Scenario) -> Timing {
        critical::by_time(plan, scenario, &self.open_ms)
    }
}

/// How long the steps of a scenario take by their limits.
///
/// ```
/// use onething_model::Limit;
/// use onething_plan::{Actor, Scenario, builder::PlanBuilder, scale};
/// let mut b = PlanBuilder::new("shop");
/// b.step("review", Actor::Officer)
///     .with(|step| step.limit.promised = Some(Limit::working_days(5)));
/// let plan = b.build();
/// let scenario = Scenario::resolve(&plan, &plan.reference);
/// let limits = scale::by_limits(&plan, &scenario, scale::Basis::Binding);
/// let timing = limits.timing(&plan, &scenario);
/// assert_eq!(limits.scale.thousandths(timing.makespan), 5_000);
/// ```
#[must_use]
pub fn by_limits(plan: &Plan, scenario: &Scenario, basis: Basis) -> ByLimits {
    let scale = Scale::of(plan);
    let mut limits = ByLimits {
        scale,
        open_ms: vec![0; plan.steps.len()],
        calendar_ms: vec![0; plan.steps.len()],
        unlimited: Vec::new(),
        in_calendar_days: Vec::new(),
        has_working_days: false,
        has_hours: false,
        awaited: critical::awaited(plan, scenario),
    };
    for step in scenario.steps() {
        let item = plan.step(*step);
        // What applicants take for their own steps is up to them, whatever bounds it.
        if !item.actor.is_internal() {
            continue;
        }
        let at = step.index();
        let awaited = limits.awaited[at];
        let Some(limit) = basis.of(&item.limit) else {
            if awaited && matches!(item.actor, Actor::Officer | Actor::Outside) {
                limits.unlimited.push(*step);
            }
            continue;
        };
        let length = match limit {
            Limit::WorkingDays { thousandths } => {
                limits.has_working_days |= awaited && thousandths > 0;
                Length::Open(thousandths.saturating_mul(scale.day_ms) / 1_000)
            }
            Limit::CalendarDays { thousandths: 0 } => Length::Open(0),
            Limit::CalendarDays { thousandths } => {
                let span = thousandths.saturating_mul(DAY_MS / 1_000).min(LONGEST_MS);
                limits.calendar_ms[at] = span;
                Length::Calendar(span)
            }
            Limit::Clock(span) => {
                let span = whole_ms(span).min(LONGEST_MS);
                limits.has_hours |= awaited && span > 0;
                limits.calendar_ms[at] = span;
                scale.by_clock(span)
            }
        };
        match length {
            Length::Open(span) => limits.open_ms[at] = span.min(LONGEST_MS),
            Length::Calendar(_) if awaited => limits.in_calendar_days.push((*step, limit)),
            Length::Calendar(_) => {}
        }
    }
    limits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::PlanBuilder;

    #[test]
    fn units_are_not_added_up() {
        let mut b = PlanBuilder::new("units");
        let _ = b.step("calendar", Actor::Officer).with(|step| {
            step.limit.promised = Some(Limit::calendar_days(30));
        });
        let _ = b.step("hours", Actor::Officer).with(|step| {
            step.limit.statutory = Some(Limit::Clock(Micros::HOUR.times(6)));
        });
        let _ = b.step("open-end", Actor::Officer);
        let _ = b.step("long", Actor::Officer).with(|step| {
            step.limit.promised = Some(Limit::Clock(Micros::HOUR.times(25)));
        });
        let plan = b.build();
        let scenario = Scenario::resolve(&plan, &plan.reference);
        let limits = by_limits(&plan, &scenario, Basis::Binding);
        let timing = limits.timing(&plan, &scenario);
        // Round the clock a working day has 24 open hours.
        assert_eq!(limits.scale.thousandths(timing.makespan), 250);
        let key = |steps: &[StepIx]| plan.step(steps[0]).key.to_string();
        let beyond: Vec<StepIx> = limits
            .in_calendar_days
            .iter()
            .map(|(step, _)| *step)
            .collect();
        assert_eq!(key(&beyond), "calendar");
        assert_eq!(key(&beyond[1..]), "long");
        assert_eq!(key(&limits.unlimited), "open-end");
    }
}
