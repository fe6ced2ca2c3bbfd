//! Count, mean and variance of a stream of numbers.

use serde::{Deserialize, Serialize};

/// Count, mean, variance and range of a stream, in constant memory.
///
/// Welford's recurrence, merged by the pairwise formula of Chan, Golub and
/// LeVeque (1983). The result depends on the order in which numbers are pushed
/// and parts are merged, in the last bits only: merge in a fixed order where
/// bytes must be the same.
///
/// ```
/// use onething_measure::stats::Moments;
/// let waits: Moments = [2.0, 4.0, 9.0].into_iter().collect();
/// assert_eq!((waits.count(), waits.mean(), waits.variance()), (3, 5.0, Some(13.0)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    count: u64,
    mean: f64,
    /// Sum of squared deviations from the mean.
    squares: f64,
    min: f64,
    max: f64,
}

impl Default for Moments {
    fn default() -> Self {
        Self::new()
    }
}

impl Moments {
    /// Of no numbers.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            count: 0,
            mean: 0.0,
            squares: 0.0,
            min: 0.0,
            max: 0.0,
        }
    }

    /// Takes one more number in.
    pub fn push(&mut self, value: f64) {
        self.count += 1;
        if self.count == 1 {
            *self = Self {
                count: 1,
                mean: value,
                squares: 0.0,
                min: value,
                max: value,
            };
            return;
        }
        let delta = value - self.mean;
        self.mean += delta / self.count as f64;
        self.squares += delta * (value - self.mean);
        self.min = if value < self.min { value } else { self.min };
        self.max = if value > self.max { value } else { self.max };
    }

    /// Takes in all that `other` has seen.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = *other;
            return;
        }
        let (mine, theirs) = (self.count as f64, other.count as f64);
        let total = mine + theirs;
        let delta = other.mean - self.mean;
        self.count += other.count;
        self.mean += delta * (theirs / total);
        self.squares += other.squares + delta * delta * (mine * theirs / total);
        self.min = if other.min < self.min {
            other.min
        } else {
            self.min
        };
        self.max = if other.max > self.max {
            other.max
        } else {
            self.max
        };
    }

    /// How many numbers were seen.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The mean; 0 when nothing was seen.
    #[must_use]
    pub const fn mean(&self) -> f64 {
        self.mean
    }

    /// The sum.
    #[must_use]
    pub fn sum(&self) -> f64 {
        self.mean * self.count as f64
    }

    /// The sample variance (divisor `n - 1`); `None` below two numbers.
    #[must_use]
    pub fn variance(&self) -> Option<f64> {
        (self.count >= 2).then(|| self.squares / (self.count - 1) as f64)
    }

    /// The sample standard deviation; `None` below two numbers.
    #[must_use]
    pub fn sd(&self) -> Option<f64> {
        self.variance().map(f64::sqrt)
    }

    /// The standard error of the mean of independent numbers; `None` below two.
    #[must_use]
    pub fn standard_error(&self) -> Option<f64> {
        self.variance().map(|v| (v / self.count as f64).sqrt())
    }

    /// The smallest number; `None` when nothing was seen.
    #[must_use]
    pub fn min(&self) -> Option<f64> {
        (self.count > 0).then_some(self.min)
    }

    /// The largest number; `None` when nothing was seen.
    #[must_use]
    pub fn max(&self) -> Option<f64> {
        (self.count > 0).then_some(self.max)
    }
}

impl Extend<f64> for Moments {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, values: I) {
        for value in values {
            self.push(value);
        }
    }
}

impl FromIterator<f64> for Moments {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut moments = Self::new();
        moments.extend(values);
        moments
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_and_one_number_have_no_variance() {
        let mut moments = Moments::new();
        assert_eq!(
            (moments.mean(), moments.variance(), moments.min()),
            (0.0, None, None)
        );
        moments.push(-7.0);
        assert_eq!(moments.variance(), None);
        assert_eq!((moments.min(), moments.max()), (Some(-7.0), Some(-7.0)));
    }

    #[test]
    fn equal_numbers_have_variance_zero_exactly() {
        let moments: Moments = std::iter::repeat_n(0.1, 1_000).collect();
        assert_eq!((moments.mean(), moments.variance()), (0.1, Some(0.0)));
    }

    #[test]
    fn a_large_offset_does_not_cancel_the_variance() {
        let moments: Moments = [4.0, 7.0, 13.0, 16.0]
            .map(|x| x + 1e9)
            .into_iter()
            .collect();
        assert_eq!(moments.variance(), Some(30.0));
    }

    proptest! {
        #[test]
        fn merging_parts_equals_pushing_all(
            left in prop::collection::vec(-1e3..1e3, 0..40),
            right in prop::collection::vec(-1e3..1e3, 0..40),
        ) {
            let mut merged: Moments = left.iter().copied().collect();
            merged.merge(&right.iter().copied().collect());
            let all: Moments = left.iter().chain(&right).copied().collect();
            prop_assert_eq!(merged.count(), all.count());
            prop_assert!((merged.mean() - all.mean()).abs() < 1e-9);
            prop_assert_eq!((merged.min(), merged.max()), (all.min(), all.max()));
            match (merged.variance(), all.variance()) {
                (Some(a), Some(b)) => prop_assert!((a - b).abs() <= 1e-9 * b.max(1.0)),
                (a, b) => prop_assert_eq!(a, b),
            }
        }
    }
}
