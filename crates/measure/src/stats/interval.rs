//! Confidence intervals.

use serde::{Deserialize, Serialize};

use super::{Moments, student_quantile};

/// A confidence interval with both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// The nominal coverage, as a fraction: 0.95.
    pub level: f64,
}

impl Interval {
    /// Whether `value` lies within.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// Half the width.
    #[must_use]
    pub fn half_width(&self) -> f64 {
        (self.high - self.low) / 2.0
    }

    /// The same interval seen from the other side: `1 - x` of each value.
    #[must_use]
    pub(super) fn complement(self) -> Self {
        Self {
            low: 1.0 - self.high,
            high: 1.0 - self.low,
            level: self.level,
        }
    }
}

/// Student's interval of a mean over independent numbers, one per replication.
///
/// `mean ± t(n - 1) · s / √n`; of width zero when all numbers are equal.
/// `None` below two numbers, or when `level` is not strictly between 0 and 1.
///
/// ```
/// use onething_measure::stats::{mean_interval, Moments};
/// let shares: Moments = [0.91, 0.94, 0.92, 0.95].into_iter().collect();
/// let interval = mean_interval(&shares, 0.95).unwrap();
/// assert!((interval.half_width() - 0.029052).abs() < 1e-6);
/// ```
#[must_use]
pub fn mean_interval(moments: &Moments, level: f64) -> Option<Interval> {
    let error = moments.standard_error()?;
    let t = two_sided(level, moments.count())?;
    let (mean, half) = (moments.mean(), t * error);
    Some(Interval {
        low: mean - half,
        high: mean + half,
        level,
    })
}

/// The quantile that a two-sided interval at `level` over `count` numbers uses.
pub(super) fn two_sided(level: f64, count: u64) -> Option<f64> {
    if count < 2 {
        return None;
    }
    // Halving first keeps the tail exact where `level` is close to 1.
    let tail = (1.0 - level) / 2.0;
    student_quantile(tail, (count - 1) as f64)
        .filter(|_| level > 0.0 && level < 1.0)
        .map(|t| -t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degenerate_samples() {
        assert_eq!(mean_interval(&Moments::new(), 0.95), None);
        assert_eq!(mean_interval(&[1.0].into_iter().collect(), 0.95), None);
        let equal: Moments = [3.0; 5].into_iter().collect();
        let interval = mean_interval(&equal, 0.95).unwrap();
        assert_eq!((interval.low, interval.high), (3.0, 3.0));
        for level in [0.0, 1.0, -0.5, 1.5, f64::NAN] {
            assert_eq!(mean_interval(&equal, level), None, "{level}");
        }
    }

    #[test]
    fn a_textbook_interval() {
        // Ten numbers 1..=10: mean 5.5, s = 3.02765, t(9) at 95 % = 2.262157.
        let moments: Moments = (1..=10).map(f64::from).collect();
        let interval = mean_interval(&moments, 0.95).unwrap();
        assert!((interval.low - 3.334_149).abs() < 1e-6, "{interval:?}");
        assert!((interval.high - 7.665_851).abs() < 1e-6, "{interval:?}");
    }
}
