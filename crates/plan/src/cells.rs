//! Cells: answers to a question between which no comparison tells a difference.
//!
//! Conditions compare a number with a few others. These and the bounds of the question cut what
//! can be answered into intervals, and one answer of each is enough: two applicants whose answers
//! lie in the same cells have the same scenario.

use crate::{Answer, QuestionType};

/// Answers to a question between which no comparison tells a difference.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// One of them; of numbers a whole one where there is one.
    pub answer: Answer,
    /// For numbers: the last that is compared with at or below it, and whether the answers lie
    /// above that. `None` where nothing is compared with below.
    pub below: Option<(f64, bool)>,
    /// For numbers: the first that is compared with at or above it, and whether the answers lie
    /// below that. `None` where nothing is compared with above.
    pub above: Option<(f64, bool)>,
}

impl QuestionType {
    /// The cells of what can be answered, in order, where numbers are compared with these.
    ///
    /// ```
    /// use onething_plan::{Answer, QuestionType};
    /// let age = QuestionType::Number { min: Some(60.0), max: None };
    /// let cells = age.cells(vec![65.0, 50.0]);
    /// let answers: Vec<_> = cells.into_iter().map(|cell| cell.answer).collect();
    /// assert_eq!(answers, [60.0, 65.0, 66.0].map(Answer::Number));
    /// ```
    #[must_use]
    pub fn cells(&self, mut compared: Vec<f64>) -> Vec<Cell> {
        let simple = |answer| Cell {
            answer,
            below: None,
            above: None,
        };
        let (min, max) = match self {
            Self::YesNo => return [true, false].map(Answer::YesNo).map(simple).to_vec(),
            Self::Choice(options) => {
                let options = options.iter().map(|(key, _)| Answer::Choice(key.clone()));
                return options.map(simple).collect();
            }
            Self::Number { min, max } => (*min, *max),
        };
        compared.sort_by(f64::total_cmp);
        compared.dedup();
        let mut cells = Vec::new();
        let mut add = |number: f64, below, above| {
            let answer = Answer::Number(number);
            if self.accepts(&answer) {
                cells.push(Cell {
                    answer,
                    below,
                    above,
                });
            }
        };
        let mut last: Option<f64> = None;
        for bound in compared.into_iter().map(Some).chain([None]) {
            if let Some(number) = between(last, bound, min, max) {
                let open = |bound: Option<f64>| bound.map(|bound| (bound, true));
                add(number, open(last), open(bound));
            }
            if let Some(bound) = bound {
                add(bound, Some((bound, false)), Some((bound, false)));
            }
            last = bound;
        }
        cells
    }
}

/// A number above `last` and below `next` that is at least `min` and at most `max`, if there is
/// one: the ends of what can be answered before others, and whole numbers before others, since
/// many questions count something.
fn between(
    last: Option<f64>,
    next: Option<f64>,
    min: Option<f64>,
    max: Option<f64>,
) -> Option<f64> {
    let inside = |number: &f64| {
        let apart =
            last.is_none_or(|last| *number > last) && next.is_none_or(|next| *number < next);
        let within = min.is_none_or(|min| *number >= min) && max.is_none_or(|max| *number <= max);
        number.is_finite() && apart && within
    };
    let low = last.into_iter().chain(min).reduce(f64::max);
    let high = next.into_iter().chain(max).reduce(f64::min);
    let tried = [
        min,
        max.filter(|_| next.is_none()),
        low.map(|low| (low + 1.0).floor()),
        max,
        low.zip(high).map(|(low, high)| low / 2.0 + high / 2.0),
        high.map(|high| high - 1.0),
        Some(0.0),
        // Beyond where one more or less makes a difference.
        Some(f64::MIN),
        Some(f64::MAX),
    ];
    tried.into_iter().flatten().find(inside)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(cell: &Cell) -> f64 {
        match cell.answer {
            Answer::Number(number) => number,
            Answer::YesNo(_) | Answer::Choice(_) => panic!("{cell:?}"),
        }
    }

    #[test]
    fn one_number_for_each_interval_within_the_bounds() {
        let none = None::<f64>;
        for (min, max, compared, expected) in [
            (
                none,
                none,
                &[10.0, 50.0][..],
                &[9.0, 10.0, 11.0, 50.0, 51.0][..],
            ),
            (Some(0.0), Some(20.0), &[10.0, 50.0], &[0.0, 10.0, 11.0]),
            (Some(60.0), none, &[10.0, 50.0], &[60.0]),
            (Some(60.0), none, &[65.0, 50.0], &[60.0, 65.0, 66.0]),
            (Some(60.0), Some(120.0), &[65.0, 50.0], &[60.0, 65.0, 120.0]),
            (none, Some(8.5), &[8.0, 100.0], &[7.0, 8.0, 8.5]),
            (Some(8.0), Some(8.0), &[8.0], &[8.0]),
            (Some(1.5), Some(1.75), &[1.0, 2.0], &[1.5]),
            (none, none, &[], &[0.0]),
            (none, none, &[1e300], &[0.0, 1e300, f64::MAX]),
        ] {
            let cells = QuestionType::Number { min, max }.cells(compared.to_vec());
            let tried: Vec<f64> = cells.iter().map(number).collect();
            assert_eq!(tried, expected, "{min:?} {max:?} {compared:?}");
        }
    }

    proptest! {
        /// Each number that can be answered compares as that of one cell, and each cell's can
        /// be answered.
        #[test]
        fn every_answer_has_its_cell(
            compared in prop::collection::vec((-40_i32..40).prop_map(|n| f64::from(n) / 4.0), 0..5),
            min in prop::option::of((-40_i32..40).prop_map(|n| f64::from(n) / 4.0)),
            over in prop::option::of((0_i32..60).prop_map(|n| f64::from(n) / 4.0)),
        ) {
            let max = over.map(|over| min.unwrap_or(-5.0) + over);
            let kind = QuestionType::Number { min, max };
            let cells = kind.cells(compared.clone());
            let signs = |number: f64| -> Vec<_> {
                compared.iter().map(|bound| number.partial_cmp(bound)).collect()
            };
            for cell in &cells {
                prop_assert!(kind.accepts(&cell.answer), "{cell:?}");
                let of = number(cell);
                let beyond = |(bound, open): (f64, bool)| if open { of != bound } else { of == bound };
                prop_assert!(cell.below.is_none_or(beyond) && cell.above.is_none_or(beyond));
            }
            for probe in (-240..240).map(|n| f64::from(n) / 8.0) {
                let alike = cells.iter().filter(|cell| signs(number(cell)) == signs(probe)).count();
                let expected = usize::from(kind.accepts(&Answer::Number(probe)));
                prop_assert!(alike >= expected && alike <= 1, "{probe}: {alike} of {cells:?}");
            }
        }
    }
}
