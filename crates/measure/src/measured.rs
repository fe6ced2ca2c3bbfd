//! Measured figures: means over cases that really ran.
//!
//! Cases of one period wait in the same queues and are not independent, so
//! there is no interval here: an interval over cases would be far too narrow.
//! How many cases a mean stands on, and how many it leaves out, stands beside it.

use onething_model::{Text, Timestamp};

use crate::case::{CaseMeasures, Outcome};
use crate::comparison::Outcomes;
use crate::figure::{Figure, FigureName, Kind};
use crate::source::Source;
use crate::stats::Moments;

/// Cases of one way of one service, summed up as they come. Constant memory.
///
/// Finished cases (closed or refused) are in the means; withdrawn, unfinished
/// and turned-away ones are counted only.
///
/// ```
/// use onething_measure::{CaseMeasures, FigureName, Measured, Outcome};
/// let case = |visits, outcome| CaseMeasures { visits, outcome, ..CaseMeasures::default() };
/// let mut measured = Measured::new();
/// measured.push(&case(1, Outcome::Closed));
/// measured.push(&case(2, Outcome::Closed));
/// measured.push(&case(9, Outcome::Unfinished));
/// assert_eq!(measured.mean(FigureName::Visits), Some(1.5));
/// assert_eq!(measured.outcomes().unfinished, 1);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Measured {
    moments: [Moments; FigureName::COUNT],
    outcomes: Outcomes,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
}

impl Outcomes {
    /// Counts one more case.
    pub fn push(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Unfinished => self.unfinished += 1,
            Outcome::Closed => self.closed += 1,
            Outcome::Refused => self.refused += 1,
            Outcome::Withdrawn => self.withdrawn += 1,
            Outcome::NotAccepted => self.not_accepted += 1,
        }
    }
}

impl Measured {
    /// No cases.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one more case in.
    pub fn push(&mut self, case: &CaseMeasures) {
        self.outcomes.push(case.outcome);
        if !case.outcome.is_finished() {
            return;
        }
        for name in FigureName::ALL {
            if let Some(value) = case.value(name) {
                self.moments[name.index()].push(value);
            }
        }
        if let Some(at) = case.first_submission {
            self.first = Some(self.first.map_or(at, |first| first.min(at)));
        }
        if let Some(at) = case.end {
            self.last = Some(self.last.map_or(at, |last| last.max(at)));
        }
    }

    /// How the cases ended.
    #[must_use]
    pub fn outcomes(&self) -> Outcomes {
        self.outcomes
    }

    /// How many cases are in the means.
    #[must_use]
    pub fn finished(&self) -> u64 {
        self.outcomes.closed + self.outcomes.refused
    }

    /// The first submission and the last end among the cases in the means.
    #[must_use]
    pub fn period(&self) -> Option<(Timestamp, Timestamp)> {
        self.first.zip(self.last)
    }

    /// The moments of a figure over the finished cases.
    #[must_use]
    pub fn moments(&self, name: FigureName) -> &Moments {
        &self.moments[name.index()]
    }

    /// The mean of a figure; `None` where no case has it.
    #[must_use]
    pub fn mean(&self, name: FigureName) -> Option<f64> {
        let moments = self.moments(name);
        (moments.count() > 0).then(|| moments.mean())
    }

    /// How many cases ended how, in words.
    #[must_use]
    pub fn note(&self) -> Text {
        let o = self.outcomes;
        Text::new(
            format!(
                "共 {} 件：办结 {}、不予许可 {}（计入均值）；撤回 {}、未办结 {}、不予受理 {}（不计入）",
                o.total(),
                o.closed,
                o.refused,
                o.withdrawn,
                o.unfinished,
                o.not_accepted
            ),
            format!(
                "{} cases: {} closed and {} refused are in the means; {} withdrawn, {} unfinished \
                 and {} turned away are not",
                o.total(),
                o.closed,
                o.refused,
                o.withdrawn,
                o.unfinished,
                o.not_accepted
            ),
        )
    }
}

/// The measured figures, in the order of [`FigureName::ALL`]: cases of the old
/// way, if any ran, before; cases of the new way after. Nothing where no case
/// has finished.
#[must_use]
pub fn measured(before: Option<&Measured>, after: Option<&Measured>) -> Vec<Figure> {
    let some = |side: Option<&Measured>| side.map_or(0, Measured::finished);
    let cases = some(before) + some(after);
    if cases == 0 {
        return Vec::new();
    }
    let figure = |name: FigureName| {
        let mean = |side: Option<&Measured>| side.and_then(|side| side.mean(name));
        let source = Source::Records { cases };
        let mut figure = Figure::new(name, Kind::Measured, mean(before), mean(after), source);
        for (side, (zh, en)) in [(before, ("改革前", "before")), (after, ("改革后", "after"))]
        {
            let Some(side) = side else { continue };
            let moments = side.moments(name);
            // A mean alone says little about times, which are skewed.
            if let (true, Some(least), Some(most)) = (
                matches!(name, FigureName::ProcessingTime | FigureName::ElapsedTime),
                moments.min(),
                moments.max(),
            ) {
                figure = figure.note(Text::new(
                    format!("{zh}：最短 {least:.2}，最长 {most:.2}"),
                    format!("{en}: from {least:.2} to {most:.2}"),
                ));
            }
        }
        figure
    };
    FigureName::ALL.into_iter().map(figure).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(outcome: Outcome, days: f64, visits: u32) -> CaseMeasures {
        let finished = outcome.is_finished();
        CaseMeasures {
            outcome,
            first_submission: Some(Timestamp(1_000)),
            end: finished.then_some(Timestamp(9_000)),
            processing_working_days: finished.then_some(days),
            elapsed_days: finished.then_some(days * 1.5),
            visits,
            ..CaseMeasures::default()
        }
    }

    #[test]
    fn means_are_of_finished_cases() {
        let mut after = Measured::new();
        after.push(&case(Outcome::Closed, 2.0, 0));
        after.push(&case(Outcome::Refused, 5.0, 1));
        after.push(&case(Outcome::Unfinished, 0.0, 8));
        after.push(&case(Outcome::Withdrawn, 0.0, 8));
        after.push(&case(Outcome::NotAccepted, 0.0, 0));
        let figures = measured(None, Some(&after));
        let of = |name: FigureName| &figures[name.index()];
        let time = of(FigureName::ProcessingTime);
        assert_eq!((time.before, time.after, time.cut), (None, Some(3.5), None));
        assert_eq!(time.kind, Kind::Measured);
        assert_eq!(time.source, Source::Records { cases: 2 });
        assert_eq!(time.notes[0].en(), "after: from 2.00 to 5.00");
        assert_eq!(of(FigureName::Visits).after, Some(0.5));
        assert!(of(FigureName::Visits).notes.is_empty());
        assert_eq!(after.outcomes().total(), 5);
        assert!(after.note().zh().starts_with("共 5 件：办结 1、不予许可 1"));
        assert_eq!(after.period(), Some((Timestamp(1_000), Timestamp(9_000))));
    }

    #[test]
    fn both_ways_are_compared_when_both_ran() {
        let (mut before, mut after) = (Measured::new(), Measured::new());
        before.push(&case(Outcome::Closed, 8.0, 4));
        after.push(&case(Outcome::Closed, 2.0, 1));
        let figures = measured(Some(&before), Some(&after));
        assert_eq!(figures[0].cut, Some(0.75));
        assert_eq!(figures[0].interval, None);
        assert_eq!(figures[0].source, Source::Records { cases: 2 });
    }

    #[test]
    fn without_a_finished_case_nothing_is_measured() {
        let mut after = Measured::new();
        assert!(measured(None, Some(&after)).is_empty());
        after.push(&case(Outcome::Unfinished, 0.0, 1));
        assert!(measured(None, Some(&after)).is_empty());
        assert_eq!(after.mean(FigureName::Visits), None);
        assert_eq!(after.period(), None);
    }
}
