//! What each rule saves: Shapley values, since rules interact.
//!
//! The value of a rule is its mean contribution over all orders in which the
//! rules could be added (Shapley 1953); contributions add up to the whole. With
//! `n` rules 2^n designs are scored, each once.

use serde::Serialize;

use super::proof::Rule;

/// What each rule contributes to each figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Waterfall {
    /// The figures' names, as the caller gave them.
    pub figures: Vec<String>,
    /// Each figure before; `None` where it is unknown of some design.
    pub before: Vec<Option<f64>>,
    /// Each figure after.
    pub after: Vec<Option<f64>>,
    /// What each rule takes off each figure; negative where it adds.
    pub bars: Vec<Bar>,
}

/// What one rule takes off each figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bar {
    /// The rule.
    pub rule: Rule,
    /// By figure, in the order of [`Waterfall::figures`].
    pub saves: Vec<Option<f64>>,
}

/// Shares the difference between no rule and all rules among the rules.
///
/// `value` gives the figures of a subset, a bit for each rule. Most rules: 16.
pub(super) fn waterfall(
    figures: &[String],
    rules: &[Rule],
    mut value: impl FnMut(u32) -> Vec<Option<f64>>,
) -> Waterfall {
    let count = rules.len().min(16);
    let all = (1_u32 << count) - 1;
    let values: Vec<Vec<Option<f64>>> = (0..=all).map(&mut value).collect();
    let known = |figure: usize| {
        values
            .iter()
            .all(|value| value.get(figure).copied().flatten().is_some())
    };
    let of = |set: u32, figure: usize| {
        values[set as usize]
            .get(figure)
            .copied()
            .flatten()
            .unwrap_or(0.0)
    };
    let bars = (0..count).map(|at| Bar {
        rule: rules[at],
        saves: (0..figures.len())
            .map(|figure| {
                known(figure).then(|| {
                    // One sum for each size of subset keeps the weights few and exact.
                    (0..count)
                        .map(|size| {
                            let sets = (0..=all).filter(|set| {
                                set >> at & 1 == 0 && set.count_ones() as usize == size
                            });
                            let gain: f64 = sets
                                .map(|set| of(set, figure) - of(set | 1 << at, figure))
                                .sum();
                            gain / (choose(count - 1, size) * count as f64)
                        })
                        .sum::<f64>()
                })
            })
            .collect(),
    });
    let bars = bars.collect();
    let edge = |set: u32| -> Vec<Option<f64>> {
        (0..figures.len())
            .map(|figure| values[set as usize].get(figure).copied().flatten())
            .collect()
    };
    Waterfall {
        figures: figures.to_vec(),
        before: edge(0),
        after: edge(all),
        bars,
    }
}

fn choose(of: usize, count: usize) -> f64 {
    (0..count).fold(1.0, |product, at| {
        product * (of - at) as f64 / (at + 1) as f64
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three gloves: a pair is worth one; the two left ones share a third.
    #[test]
    fn the_glove_game() {
        let rules = [Rule::AskOnce, Rule::OnceOnly, Rule::Unbind];
        let fall = waterfall(&["cost".to_owned()], &rules, |set| {
            let pair = set & 4 != 0 && set & 3 != 0;
            vec![Some(if pair { 9.0 } else { 10.0 })]
        });
        let saves: Vec<f64> = fall.bars.iter().map(|bar| bar.saves[0].unwrap()).collect();
        for (found, expected) in saves.iter().zip([1.0 / 6.0, 1.0 / 6.0, 4.0 / 6.0]) {
            assert!((found - expected).abs() < 1e-12);
        }
    }

    #[test]
    fn a_figure_that_is_unknown_once_is_unknown() {
        let rules = [Rule::AskOnce, Rule::OnceOnly];
        let fall = waterfall(&["a".to_owned(), "b".to_owned()], &rules, |set| {
            vec![Some(f64::from(set)), (set != 2).then_some(1.0)]
        });
        assert_eq!(fall.bars[0].saves, [Some(-1.0), None]);
        assert_eq!(fall.bars[1].saves, [Some(-2.0), None]);
    }
}
