//! Which rewrites are kept: backward elimination over paired replications.
//!
//! One begins with all rewrites and asks of each what is lost without it.
//! Where some do not prove themselves, the weakest is left out and the rest
//! are asked again, until all that remain do. To begin with all and to leave
//! out one at a time keeps rewrites that only help together (adding one at a
//! time would not) and one of two that do the same (leaving out both at once
//! would not); see Draper and Smith, *Applied Regression Analysis*, 3rd ed.
//! 1998, ch. 15, on the procedure.
//!
//! # Error rates
//!
//! With `n` rewrites at most `n (n + 1) / 2` questions are asked. Each is
//! answered at a level of `alpha` divided by that number (Bonferroni), and each
//! round takes *fresh* replications, independent of those that led to it. So
//! the probability that a rewrite is kept which does not improve its target, or
//! worsens a guarded quantity by more than the margin, is at most `alpha`. To be
//! kept, *all* conditions on a rewrite have to be shown, which needs no
//! correction (intersection-union test, Berger, *Technometrics* 24, 1982); where
//! a rule has several targets, one is enough, and the level is divided again.

use serde::Serialize;

use onething_model::Text;

use super::Prefer;
use super::designs::Set;
use super::proof::Rule;
use super::quantity::{Quantity, guards, targets};
use super::score::{Row, ends, pairs};

/// What the simulation says of one rewrite.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// The rule.
    pub rule: Rule,
    /// Whether the rewrite is kept.
    pub kept: bool,
    /// The round that decided, from 1.
    pub round: u64,
    /// What the rewrite changes on its targets and on the guarded quantities:
    /// the design with all rewrites of the round against the one without this.
    pub effects: Vec<Effect>,
}

/// What a rewrite changes on one quantity.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Effect {
    /// The quantity.
    pub quantity: Quantity,
    /// Why it is looked at.
    pub role: Role,
    /// The mean without the rewrite.
    pub without: f64,
    /// The mean with it.
    pub with: f64,
    /// The confidence interval of what it takes off, `without - with`.
    pub interval: [f64; 2],
    /// The level of the interval, as a fraction.
    pub level: f64,
    /// How much it may worsen; for a target, nothing is allowed.
    pub margin: f64,
    /// A target: it is improved. A guarded quantity: it is not worsened by
    /// more than the margin.
    pub holds: bool,
}

/// Why an effect is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The rewrite is for it.
    Target,
    /// It must not suffer.
    Guard,
}

/// How decisions are taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deciding {
    pub(super) prefer: Prefer,
    /// The level that all decisions hold at together, as a fraction.
    pub(super) confidence: f64,
    /// By how much a guarded quantity may worsen, as a fraction of the old way's.
    pub(super) margin: f64,
}

/// The rules to keep, and a verdict on each rule, in their order.
///
/// `rows` gives the figures of a set of rules in the replications of a round,
/// counted from 1; at most as many rounds as there are rules.
pub(super) fn choose<E>(
    rules: &[Rule],
    deciding: Deciding,
    mut rows: impl FnMut(Set, u64) -> Result<Vec<Row>, E>,
) -> Result<(Set, Vec<Verdict>), E> {
    let count = rules.len();
    let questions = (count * (count + 1) / 2).max(1);
    let level = 1.0 - (1.0 - deciding.confidence) / questions as f64;
    let mut set: Set = (1 << count) - 1;
    let mut verdicts: Vec<Option<Verdict>> = vec![None; count];
    let mut round = 1;
    while set != 0 {
        let (base, with) = (rows(0, round)?, rows(set, round)?);
        let mut weakest: Option<(Strength, usize)> = None;
        for at in (0..count).filter(|at| set >> at & 1 == 1) {
            let without = rows(set & !(1 << at), round)?;
            let tried = Tried {
                base: &base,
                without: &without,
                with: &with,
            };
            let effects = tried.effects(rules[at], deciding, level);
            let strength = Strength::of(&effects);
            verdicts[at] = Some(Verdict {
                rule: rules[at],
                kept: strength.enough(),
                round,
                effects,
            });
            let weaker = weakest.is_none_or(|(least, _)| strength.weaker_or_equal(least));
            if !strength.enough() && weaker {
                weakest = Some((strength, at));
            }
        }
        let Some((_, at)) = weakest else { break };
        set &= !(1 << at);
        round += 1;
    }
    Ok((set, verdicts.into_iter().flatten().collect()))
}

/// Figures of the old way, and of two designs of which one has a rewrite more.
struct Tried<'a> {
    base: &'a [Row],
    without: &'a [Row],
    with: &'a [Row],
}

impl Tried<'_> {
    fn effects(&self, rule: Rule, deciding: Deciding, level: f64) -> Vec<Effect> {
        let targets = targets(rule);
        let each = 1.0 - (1.0 - level) / targets.len() as f64;
        let mut effects: Vec<Effect> = targets
            .iter()
            .filter_map(|target| self.effect(*target, Role::Target, each, 0.0))
            .collect();
        let guarded = guards(rule, deciding.prefer);
        effects.extend(
            guarded.filter_map(|guard| self.effect(guard, Role::Guard, level, deciding.margin)),
        );
        effects
    }

    fn effect(&self, quantity: Quantity, role: Role, level: f64, share: f64) -> Option<Effect> {
        let pairs = pairs(self.without, self.with, quantity)?;
        let interval = pairs.difference_interval(level)?;
        let before = pairs_of_one(self.base, quantity)?;
        let margin = share * before.abs();
        let holds = match role {
            Role::Target => interval.low > 0.0,
            // Fewer refusals may mean that a check is gone, more that people are
            // refused who were not: neither may change.
            Role::Guard if quantity == Quantity::RefusedShare => {
                interval.low >= -margin && interval.high <= margin
            }
            Role::Guard => interval.low >= -margin,
        };
        Some(Effect {
            quantity,
            role,
            without: pairs.before().mean(),
            with: pairs.after().mean(),
            interval: ends(Some(interval))?,
            level,
            margin,
            holds,
        })
    }
}

fn pairs_of_one(rows: &[Row], quantity: Quantity) -> Option<f64> {
    pairs(rows, rows, quantity).map(|pairs| pairs.before().mean())
}

/// How well a rewrite has proved itself.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Strength {
    guards_hold: bool,
    /// The best of its targets: the interval's lower end by its half-width,
    /// above 0 where improved; infinite where nothing varies.
    target: f64,
}

impl Strength {
    fn of(effects: &[Effect]) -> Self {
        let guards_hold = effects
            .iter()
            .all(|effect| effect.role == Role::Target || effect.holds);
        let targets = effects.iter().filter(|effect| effect.role == Role::Target);
        let strength = |effect: &Effect| {
            let [low, high] = effect.interval;
            let half = (high - low) / 2.0;
            match (low > 0.0, half > 0.0) {
                (_, true) => low / half,
                (true, false) => f64::INFINITY,
                (false, false) => f64::NEG_INFINITY,
            }
        };
        Self {
            guards_hold,
            target: targets.map(strength).fold(f64::NEG_INFINITY, f64::max),
        }
    }

    fn enough(self) -> bool {
        self.guards_hold && self.target > 0.0
    }

    /// What does harm goes first.
    fn weaker_or_equal(self, other: Self) -> bool {
        match (self.guards_hold, other.guards_hold) {
            (false, true) => true,
            (true, false) => false,
            (true, true) | (false, false) => self.target <= other.target,
        }
    }
}

impl Verdict {
    /// Why the rewrite is not kept, in words without figures; `None` where it is.
    #[must_use]
    pub fn why(&self) -> Option<Text> {
        if self.kept {
            return None;
        }
        let harmed: Vec<Text> = self
            .effects
            .iter()
            .filter(|effect| effect.role == Role::Guard && !effect.holds)
            .map(|effect| effect.quantity.title())
            .collect();
        if !harmed.is_empty() {
            let list = crate::words::list(&harmed);
            return Some(Text::new(
                format!("不能排除使{}变差超过允许幅度", list.zh()),
                format!(
                    "that it worsens {} by more than the margin cannot be ruled out",
                    list.en()
                ),
            ));
        }
        let targets: Vec<Text> = targets(self.rule).iter().map(|t| t.title()).collect();
        let list = crate::words::list(&targets);
        Some(Text::new(
            format!("{}没有可以确认的改进", list.zh()),
            format!("no improvement of {} can be shown", list.en()),
        ))
    }
}

#[cfg(test)]
mod tests;
