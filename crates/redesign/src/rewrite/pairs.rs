//! Answers that between them reach each pair of scenarios of two ways: what is computed of the
//! reference scenario alone may be otherwise in another.

use std::collections::BTreeSet;

use onething_definition::classes::classes_of;
use onething_model::Text;
use onething_plan::{Answers, Plan, Scenario};

/// A set of answers for each pair of scenarios, the reference scenario's first.
pub(super) struct Pairs {
    pub(super) answers: Vec<Answers>,
    /// Whether these are all pairs.
    pub(super) whole: bool,
}

impl Pairs {
    /// The most pairs of scenarios that are looked at: more than most services have that people
    /// fill in, and few enough not to be felt.
    pub(super) const MOST: usize = 32;

    pub(super) fn of(ways: [&Plan; 2]) -> Self {
        let all = classes_of(ways);
        let mut whole = all.exhaustive;
        let mut seen = BTreeSet::new();
        let mut answers = Vec::new();
        for one in all.answers {
            if !seen.insert(ways.map(|plan| Scenario::key(plan, &one))) {
                continue;
            }
            if answers.len() == Self::MOST {
                whole = false;
                break;
            }
            answers.push(one);
        }
        Self { answers, whole }
    }

    /// That not all answers were looked at, in brackets, where that is so.
    pub(super) fn few(&self) -> Text {
        few(self.whole, self.answers.len())
    }
}

/// That of all answers only so many were looked at, in brackets; empty where it was the `whole`.
pub(super) fn few(whole: bool, count: usize) -> Text {
    if whole {
        return Text::new("", "");
    }
    Text::new(
        format!("（情形太多，只看了 {count} 种）"),
        format!(" (there are more answers, of which {count} were looked at)"),
    )
}
