//! Shares of the waterfall that no line of a proof accounts for: they come of other orders in which
//! the rules could be applied.

use onething_model::Text;

use super::proof::{Line, Proof};
use super::waterfall::Waterfall;
use crate::words::list;

/// A smaller difference is a rounding error.
const SOME: f64 = 1e-9;

/// Has the proof of each rule say of which figures it has a share though it changes nothing of
/// them where it is applied. `by_stage` has the figures of the way that was begun with, and of what
/// each of the rules made.
pub(super) fn told_by(fall: &Waterfall, by_stage: &[Vec<Option<f64>>], applied: &mut [Proof]) {
    for (bar, stages) in fall.bars.iter().zip(by_stage.windows(2)) {
        let figures = fall.figures.iter().enumerate().filter(|(at, _)| {
            let share = bar.saves.get(*at).copied().flatten();
            let both = stages[0].get(*at).copied().flatten();
            let both = both.zip(stages[1].get(*at).copied().flatten());
            share.is_some_and(|share| share.abs() > SOME)
                && both.is_some_and(|(then, now)| (then - now).abs() <= SOME)
        });
        let titles: Vec<Text> = figures.map(|(_, figure)| figure.title()).collect();
        let proof = applied.iter_mut().find(|proof| proof.rule == bar.rule);
        if let Some(proof) = proof.filter(|_| !titles.is_empty()) {
            let of = list(&titles);
            proof.checked(Line::new(
                format!(
                    "按各规则应用的先后，这条规则没有改变：{}；它在其中的份额（沙普利值，即规则各种先后的平均）全部来自其他先后",
                    of.zh()
                ),
                format!(
                    "in the order in which the rules are applied, this one changes nothing of: {}; its share of these (a Shapley value, the mean over all orders of the rules) comes of other orders only",
                    of.en()
                ),
            ));
        }
    }
}
