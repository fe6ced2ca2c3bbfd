//! What each rule saves: Shapley values, since rules interact.
//!
//! The value of a rule is its mean contribution over all orders in which the
//! rules could be added (Shapley 1953); contributions add up to the whole. With
//! `n` rules 2^n designs are scored, each once. The shares of one replication
//! add up to that replication's difference, so their means over replications
//! add up to the mean difference, and their spread gives the intervals.

use onething_measure::stats::{Moments, mean_interval};
use serde::Serialize;

use super::designs::Set;
use super::proof::{Proof, Rule};
use super::quantity::Quantity;
use super::score::{Row, ends};

/// What each rule contributes to each figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Waterfall {
    /// The figures.
    pub figures: Vec<Quantity>,
    /// Each figure before; `None` where it is unknown of some design.
    pub before: Vec<Option<f64>>,
    /// Each figure after.
    pub after: Vec<Option<f64>>,
    /// The confidence interval of each `before - after`; none where nothing varies
    /// because figures are computed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub intervals: Vec<Option<[f64; 2]>>,
    /// What each rule takes off each figure; negative where it adds.
    pub bars: Vec<Bar>,
    /// Of which figures some rule's saving stands only once it is confirmed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub to_confirm: Vec<Quantity>,
}

/// What one rule takes off each figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bar {
    /// The rule.
    pub rule: Rule,
    /// By figure, in the order of [`Waterfall::figures`].
    pub saves: Vec<Option<f64>>,
    /// The confidence interval of each; none where figures are computed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub intervals: Vec<Option<[f64; 2]>>,
    /// Of which figures the saving stands, in whole or in part, only once what the proof asks to
    /// confirm is confirmed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub to_confirm: Vec<Quantity>,
}

impl Waterfall {
    /// Marks what stands only once it is confirmed, by the proofs of the rules.
    pub(super) fn with_open(mut self, proofs: &[Proof]) -> Self {
        for bar in &mut self.bars {
            let of_rule = proofs.iter().filter(|proof| proof.rule == bar.rule);
            let open: Vec<Quantity> = of_rule
                .flat_map(|proof| &proof.unconfirmed)
                .copied()
                .collect();
            let figures = self.figures.iter().zip(&bar.saves);
            // What a rule adds, nobody has to confirm to be spared.
            let figures = figures.filter(|(figure, saves)| {
                open.contains(figure) && saves.is_some_and(|saves| saves > SOME)
            });
            bar.to_confirm = figures.map(|(figure, _)| *figure).collect();
        }
        let open = |figure: &&Quantity| {
            let mut bars = self.bars.iter();
            bars.any(|bar| bar.to_confirm.contains(figure))
        };
        self.to_confirm = self.figures.iter().filter(open).copied().collect();
        self
    }
}

/// Less is a rounding error of the shares.
const SOME: f64 = 1e-9;

/// Shares the difference between no rule and all rules among the rules.
///
/// `rows` gives the figures of a subset, a bit for each rule, in as many rows
/// each time; `level` is that of the intervals. Most rules: 16.
pub(super) fn waterfall<E>(
    figures: &[Quantity],
    rules: &[Rule],
    level: f64,
    rows: impl FnMut(Set) -> Result<Vec<Row>, E>,
) -> Result<Waterfall, E> {
    let count = rules.len().min(16);
    let all: Set = (1 << count) - 1;
    let values: Vec<Vec<Row>> = (0..=all).map(rows).collect::<Result<_, E>>()?;
    let replications = values.iter().map(Vec::len).min().unwrap_or(0);
    let of = |set: Set, row: usize, figure: Quantity| {
        values[set as usize][row][figure.index()].unwrap_or(0.0)
    };
    let known = |figure: &Quantity| {
        let all_rows = |value: &Vec<Row>| value.iter().all(|row| row[figure.index()].is_some());
        replications > 0 && values.iter().all(all_rows)
    };
    let over_rows = |figure: &Quantity, value: &dyn Fn(usize) -> f64| -> Option<Moments> {
        known(figure).then(|| (0..replications).map(value).collect())
    };
    let share = |at: usize, row: usize, figure: Quantity| {
        // One sum for each size of subset keeps the weights few and exact.
        (0..count)
            .map(|size| {
                let sets =
                    (0..=all).filter(|set| set >> at & 1 == 0 && set.count_ones() as usize == size);
                let gain: f64 = sets
                    .map(|set| of(set, row, figure) - of(set | 1 << at, row, figure))
                    .sum();
                gain / (choose(count - 1, size) * count as f64)
            })
            .sum::<f64>()
    };
    let means = |moments: &[Option<Moments>]| -> Vec<Option<f64>> {
        moments.iter().map(|m| m.map(|m| m.mean())).collect()
    };
    let intervals = |moments: &[Option<Moments>]| -> Vec<Option<[f64; 2]>> {
        if replications < 2 {
            return Vec::new();
        }
        let interval = |m: &Option<Moments>| ends(mean_interval(m.as_ref()?, level));
        moments.iter().map(interval).collect()
    };
    let bars = (0..count).map(|at| {
        let shares: Vec<Option<Moments>> = figures
            .iter()
            .map(|figure| over_rows(figure, &|row| share(at, row, *figure)))
            .collect();
        Bar {
            rule: rules[at],
            saves: means(&shares),
            intervals: intervals(&shares),
            to_confirm: Vec::new(),
        }
    });
    let bars = bars.collect();
    // A design that does stand has its figure, whether the others have it or not.
    let edge = |set: Set| -> Vec<Option<f64>> {
        let column = |figure: &Quantity| -> Option<Moments> {
            let rows = &values[set as usize];
            let column = rows.iter().map(|row| row[figure.index()]);
            column.collect()
        };
        let columns: Vec<Option<Moments>> = figures.iter().map(column).collect();
        means(&columns)
    };
    let difference: Vec<Option<Moments>> = figures
        .iter()
        .map(|figure| over_rows(figure, &|row| of(0, row, *figure) - of(all, row, *figure)))
        .collect();
    Ok(Waterfall {
        figures: figures.to_vec(),
        before: edge(0),
        after: edge(all),
        intervals: intervals(&difference),
        bars,
        to_confirm: Vec::new(),
    })
}

fn choose(of: usize, count: usize) -> f64 {
    (0..count).fold(1.0, |product, at| {
        product * (of - at) as f64 / (at + 1) as f64
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use onething_measure::FigureName;

    const VISITS: Quantity = Quantity::Figure(FigureName::Visits);
    const FORMS: Quantity = Quantity::Figure(FigureName::Forms);

    fn row(of: &[(Quantity, Option<f64>)]) -> Row {
        let mut row = [None; Quantity::COUNT];
        for (quantity, value) in of {
            row[quantity.index()] = *value;
        }
        row
    }

    fn fall(figures: &[Quantity], rules: &[Rule], rows: impl FnMut(Set) -> Vec<Row>) -> Waterfall {
        let mut rows = rows;
        let made = waterfall(figures, rules, 0.95, |set| Ok::<_, ()>(rows(set)));
        made.unwrap()
    }

    /// Three gloves: a pair is worth one; the two left ones share a third.
    #[test]
    fn the_glove_game() {
        let rules = [Rule::AskOnce, Rule::OnceOnly, Rule::Unbind];
        let fall = fall(&[VISITS], &rules, |set| {
            let pair = set & 4 != 0 && set & 3 != 0;
            vec![row(&[(VISITS, Some(if pair { 9.0 } else { 10.0 }))])]
        });
        let saves: Vec<f64> = fall.bars.iter().map(|bar| bar.saves[0].unwrap()).collect();
        for (found, expected) in saves.iter().zip([1.0 / 6.0, 1.0 / 6.0, 4.0 / 6.0]) {
            assert!((found - expected).abs() < 1e-12);
        }
        // Nothing varies in one row.
        assert!(fall.intervals.is_empty() && fall.bars[0].intervals.is_empty());
    }

    #[test]
    fn a_figure_that_is_unknown_once_is_unknown() {
        let rules = [Rule::AskOnce, Rule::OnceOnly];
        let fall = fall(&[VISITS, FORMS], &rules, |set| {
            let forms = (set != 2).then_some(1.0);
            vec![row(&[(VISITS, Some(f64::from(set))), (FORMS, forms)])]
        });
        assert_eq!(fall.bars[0].saves, [Some(-1.0), None]);
        assert_eq!(fall.bars[1].saves, [Some(-2.0), None]);
        assert_eq!(fall.after, [Some(3.0), Some(1.0)]);
    }

    /// Two rules, three replications: the first always saves 1, the second
    /// 2, 3 or 4. The t quantile of two degrees of freedom is 4.302653.
    #[test]
    fn shares_vary_as_replications_do() {
        let rules = [Rule::AskOnce, Rule::Unbind];
        let fall = fall(&[VISITS], &rules, |set| {
            let value = |number: u32| {
                let first = f64::from(set & 1);
                let second = f64::from(set >> 1 & 1) * f64::from(2 + number);
                10.0 + f64::from(number) - first - second
            };
            (0..3).map(|at| row(&[(VISITS, Some(value(at)))])).collect()
        });
        assert_eq!(fall.bars[0].saves, [Some(1.0)]);
        assert_eq!(fall.bars[0].intervals, [Some([1.0, 1.0])]);
        let half = 4.302_652_73 / 3.0_f64.sqrt();
        let [low, high] = fall.bars[1].intervals[0].unwrap();
        assert!((low - (3.0 - half)).abs() < 1e-6 && (high - (3.0 + half)).abs() < 1e-6);
        let [low, high] = fall.intervals[0].unwrap();
        assert!((low - (4.0 - half)).abs() < 1e-6 && (high - (4.0 + half)).abs() < 1e-6);
        assert_eq!((fall.before[0], fall.after[0]), (Some(11.0), Some(7.0)));
    }
}
