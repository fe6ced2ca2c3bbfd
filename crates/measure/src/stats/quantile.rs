//! Quantiles of a sample that is held in memory.

/// Sorts a sample for [`quantile`]: ascending, by the total order of IEEE 754.
pub fn sort(sample: &mut [f64]) {
    sample.sort_unstable_by(f64::total_cmp);
}

/// The `p` quantile of an ascending sample, interpolated linearly between order
/// statistics: definition 7 of Hyndman and Fan (1996), the default of R, NumPy
/// and spreadsheets. `None` when the sample is empty or `p` is outside [0, 1].
///
/// A study takes one quantile per replication and an interval over those:
/// quantiles of pooled cases have no honest interval. The sample is kept whole,
/// 8 bytes per case of one replication; a mergeable sketch would be needed only
/// beyond some ten million cases.
///
/// ```
/// use onething_measure::stats::quantile;
/// assert_eq!(quantile(&[1.0, 2.0, 4.0, 8.0], 0.5), Some(3.0));
/// assert_eq!(quantile(&[], 0.5), None);
/// ```
#[must_use]
pub fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    if !(0.0..=1.0).contains(&p) {
        return None;
    }
    let last = sorted.len().checked_sub(1)?;
    let place = p * last as f64;
    let low = (place as usize).min(last);
    let high = (low + 1).min(last);
    let (below, above) = (sorted[low], sorted[high]);
    Some(below + (above - below) * (place - low as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_r_and_numpy_interpolate() {
        let mut sample = vec![9.0, 1.0, 7.0, 3.0, 5.0, 2.0];
        sort(&mut sample);
        let expected = [
            (0.0, 1.0),
            (0.25, 2.25),
            (0.5, 4.0),
            (0.9, 8.0),
            (0.95, 8.5),
            (1.0, 9.0),
        ];
        for (p, value) in expected {
            assert!((quantile(&sample, p).unwrap() - value).abs() < 1e-12, "{p}");
        }
        assert_eq!(quantile(&[4.0], 0.95), Some(4.0));
        for p in [-0.1, 1.1, f64::NAN] {
            assert_eq!(quantile(&sample, p), None);
        }
    }
}
