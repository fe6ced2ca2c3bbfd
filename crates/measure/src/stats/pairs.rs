//! Before and after, paired by replication.

use serde::{Deserialize, Serialize};

use super::interval::two_sided;
use super::{Interval, Moments};

/// Pairs (before, after), one per replication of a study.
///
/// Both members of a pair saw the same arrivals and the same draws, so that
/// what differs is the service. Constant memory: means and co-moments only.
///
/// The interval of the cut is **Fieller's** (1954), the exact one for a ratio
/// of two correlated normal means. It was preferred to a bootstrap because it
/// needs no random numbers, keeps its coverage at ten replications, where
/// resampling is known to be too narrow, and can say "unbounded".
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Pairs {
    before: Moments,
    after: Moments,
    difference: Moments,
}

impl Pairs {
    /// No pairs.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one more replication in.
    pub fn push(&mut self, before: f64, after: f64) {
        self.before.push(before);
        self.after.push(after);
        self.difference.push(before - after);
    }

    /// Takes in all replications that `other` has seen.
    pub fn merge(&mut self, other: &Self) {
        self.before.merge(&other.before);
        self.after.merge(&other.after);
        self.difference.merge(&other.difference);
    }

    /// How many replications were seen.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.before.count()
    }

    /// The replications' values before.
    #[must_use]
    pub const fn before(&self) -> &Moments {
        &self.before
    }

    /// The replications' values after.
    #[must_use]
    pub const fn after(&self) -> &Moments {
        &self.after
    }

    /// The differences `before - after`: positive where the figure fell.
    #[must_use]
    pub const fn difference(&self) -> &Moments {
        &self.difference
    }

    /// The paired t interval of the mean difference `before - after`.
    ///
    /// `None` below two replications or for a `level` outside (0, 1).
    #[must_use]
    pub fn difference_interval(&self, level: f64) -> Option<Interval> {
        super::mean_interval(&self.difference, level)
    }

    /// `(before - after) / before` of the means: a fraction, positive when the
    /// figure fell. `None` when nothing was seen or the mean before is 0.
    #[must_use]
    pub fn cut(&self) -> Option<f64> {
        let before = self.before.mean();
        (self.count() > 0 && before != 0.0).then(|| self.difference.mean() / before)
    }

    /// Fieller's interval of [`cut`](Self::cut).
    ///
    /// Of width zero when no replication varied. `None` below two
    /// replications, when the mean before is 0, or when it does not differ
    /// from 0 at `level`, since the interval is then unbounded.
    #[must_use]
    pub fn cut_interval(&self, level: f64) -> Option<Interval> {
        let t = two_sided(level, self.count())?;
        let n = self.count() as f64;
        let (b, a) = (self.before.mean(), self.after.mean());
        if b == 0.0 {
            return None;
        }
        // Variances and covariance of the two means.
        let vb = self.before.variance()? / n;
        let va = self.after.variance()? / n;
        let vab = self.covariance()? / n;
        let q = t * t / (b * b);
        let g = q * vb;
        if g.is_nan() || g >= 1.0 {
            return None;
        }
        let ratio = a / b;
        let centre = ratio - q * vab;
        // Mathematically not negative; rounding can make it so where the two
        // sides are proportional.
        let radicand =
            (va - 2.0 * ratio * vab + ratio * ratio * vb - q * (va * vb - vab * vab)).max(0.0);
        let half = t / b.abs() * radicand.sqrt();
        let kept = Interval {
            low: (centre - half) / (1.0 - g),
            high: (centre + half) / (1.0 - g),
            level,
        };
        Some(kept.complement())
    }

    /// The sample covariance of before and after; `None` below two replications.
    ///
    /// From `Var(b - a) = Var b + Var a - 2 Cov`.
    #[must_use]
    pub fn covariance(&self) -> Option<f64> {
        let sum = self.before.variance()? + self.after.variance()?;
        Some((sum - self.difference.variance()?) / 2.0)
    }

    /// The correlation of before and after, in [-1, 1]; `None` below two
    /// replications or when one side does not vary.
    #[must_use]
    pub fn correlation(&self) -> Option<f64> {
        let scale = (self.before.variance()? * self.after.variance()?).sqrt();
        (scale > 0.0).then(|| (self.covariance().unwrap_or(0.0) / scale).clamp(-1.0, 1.0))
    }

    /// What pairing saved: `Var(b - a) / (Var b + Var a)`.
    ///
    /// 1 when pairing did nothing, 0.1 when an unpaired study would need ten
    /// times the replications; `None` below two replications or when neither
    /// side varies.
    #[must_use]
    pub fn variance_ratio(&self) -> Option<f64> {
        let unpaired = self.before.variance()? + self.after.variance()?;
        (unpaired > 0.0).then(|| self.difference.variance().unwrap_or(0.0) / unpaired)
    }
}

impl FromIterator<(f64, f64)> for Pairs {
    fn from_iter<I: IntoIterator<Item = (f64, f64)>>(pairs: I) -> Self {
        let mut all = Self::new();
        for (before, after) in pairs {
            all.push(before, after);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::normal_quantile;
    use proptest::prelude::*;

    #[test]
    fn no_variance_gives_a_width_of_zero() {
        let pairs: Pairs = [(11.0, 3.0); 10].into_iter().collect();
        let interval = pairs.cut_interval(0.95).unwrap();
        assert_eq!(pairs.cut(), Some(8.0 / 11.0));
        assert_eq!(interval.low, interval.high);
        assert!((interval.low - 8.0 / 11.0).abs() < 1e-15);
        let difference = pairs.difference_interval(0.95).unwrap();
        assert_eq!((difference.low, difference.high), (8.0, 8.0));
        assert_eq!((pairs.correlation(), pairs.variance_ratio()), (None, None));
    }

    #[test]
    fn a_mean_before_of_zero_has_no_cut() {
        let zero: Pairs = [(0.0, 1.0), (0.0, 2.0)].into_iter().collect();
        assert_eq!((zero.cut(), zero.cut_interval(0.95)), (None, None));
        let around: Pairs = [(-1.0, 1.0), (1.1, 2.0)].into_iter().collect();
        assert!(around.cut().is_some());
        assert_eq!(around.cut_interval(0.95), None, "unbounded");
        assert_eq!(Pairs::new().cut(), None);
    }

    #[test]
    fn proportional_sides_cut_the_same_in_every_replication() {
        let pairs: Pairs = (1..=12)
            .map(|i| (f64::from(i), f64::from(i) * 0.4))
            .collect();
        let interval = pairs.cut_interval(0.95).unwrap();
        assert!(
            (interval.low - 0.6).abs() < 1e-6 && interval.half_width() < 1e-6,
            "{interval:?}"
        );
        assert!((pairs.correlation().unwrap() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn pairing_is_worth_what_the_correlation_says() {
        let pairs: Pairs = [(10.0, 6.0), (12.0, 7.0), (9.0, 5.0), (13.0, 8.0)]
            .into_iter()
            .collect();
        // By hand: Var b = 10/3, Var a = 5/3, Var(b - a) = 1/3.
        assert!((pairs.variance_ratio().unwrap() - 1.0 / 15.0).abs() < 1e-12);
        assert!((pairs.covariance().unwrap() - 7.0 / 3.0).abs() < 1e-12);
        assert!((pairs.correlation().unwrap() - 0.989_949_493_661).abs() < 1e-9);
    }

    /// The ends of Fieller's interval are the ratios at which the test of
    /// `after - ratio * before = 0` is exactly at the level: its definition.
    #[test]
    fn the_ends_are_where_the_test_turns() {
        let data = [
            (10.0, 6.5),
            (12.0, 7.0),
            (9.0, 5.0),
            (13.0, 8.0),
            (11.0, 6.0),
        ];
        let pairs: Pairs = data.into_iter().collect();
        let interval = pairs.cut_interval(0.9).unwrap();
        let t = two_sided(0.9, 5).unwrap();
        for cut in [interval.low, interval.high] {
            let residuals: Moments = data.iter().map(|(b, a)| a - (1.0 - cut) * b).collect();
            let score = residuals.mean() / residuals.standard_error().unwrap();
            assert!((score.abs() - t).abs() < 1e-9, "{score} against {t}");
        }
    }

    /// Coverage over 1,000 small studies of correlated normal pairs.
    #[test]
    fn intervals_cover_at_their_level() {
        let mut state = 7_u64;
        let mut normal = move || {
            // Any decent generator will do here; the lab has its own.
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^= z >> 31;
            normal_quantile(((z >> 12) as f64 + 0.5) / (1_u64 << 52) as f64).unwrap()
        };
        let (mut cuts, mut differences) = (0, 0);
        for _ in 0..1_000 {
            let mut pairs = Pairs::new();
            for _ in 0..10 {
                let shared = normal();
                pairs.push(
                    48.0 + 4.0 * shared + normal(),
                    13.0 + 2.0 * shared + normal(),
                );
            }
            cuts += u32::from(pairs.cut_interval(0.95).unwrap().contains(35.0 / 48.0));
            differences += u32::from(pairs.difference_interval(0.95).unwrap().contains(35.0));
        }
        assert!((935..=965).contains(&cuts), "{cuts}");
        assert!((935..=965).contains(&differences), "{differences}");
    }

    proptest! {
        #[test]
        fn the_cut_lies_within_its_interval(
            data in prop::collection::vec((0.1..1e4, 0.0..1e4), 2..30),
            level in 0.01..0.999,
        ) {
            let pairs: Pairs = data.into_iter().collect();
            let (cut, slack) = (pairs.cut().unwrap(), 1e-9);
            if let Some(interval) = pairs.cut_interval(level) {
                prop_assert!(interval.low <= cut + slack && cut - slack <= interval.high);
            }
        }
    }
}
