//! Quantiles of the normal and of Student's distribution.

/// The quantile of the standard normal distribution, to about 16 digits.
///
/// Algorithm AS 241 (PPND16) of Wichura, Applied Statistics 37 (1988).
/// `None` unless `0 < p < 1`.
///
/// ```
/// use onething_measure::stats::normal_quantile;
/// assert!((normal_quantile(0.975).unwrap() - 1.959_963_984_540_054).abs() < 1e-15);
/// ```
#[must_use]
pub fn normal_quantile(p: f64) -> Option<f64> {
    if !(p > 0.0 && p < 1.0) {
        return None;
    }
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return Some(q * horner(&CENTRE_NUMERATOR, r) / horner(&CENTRE_DENOMINATOR, r));
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    let r = (-libm::log(tail)).sqrt();
    let z = if r <= 5.0 {
        let r = r - 1.6;
        horner(&MIDDLE_NUMERATOR, r) / horner(&MIDDLE_DENOMINATOR, r)
    } else {
        let r = r - 5.0;
        horner(&FAR_NUMERATOR, r) / horner(&FAR_DENOMINATOR, r)
    };
    Some(if q < 0.0 { -z } else { z })
}

/// The quantile of Student's t distribution, to about 12 digits.
///
/// `degrees` is any positive number of degrees of freedom. `None` unless
/// `0 < p < 1` and `degrees > 0`. Newton's method, kept within a bracket, on
/// the regularised incomplete beta function.
///
/// ```
/// use onething_measure::stats::student_quantile;
/// assert!((student_quantile(0.975, 9.0).unwrap() - 2.262_157_162_8).abs() < 1e-9);
/// ```
#[must_use]
pub fn student_quantile(p: f64, degrees: f64) -> Option<f64> {
    if degrees.is_nan() || degrees <= 0.0 || degrees == f64::INFINITY {
        return None;
    }
    let normal = normal_quantile(p)?;
    if p == 0.5 {
        return Some(0.0);
    }
    // Beyond this the two distributions agree to the digits promised.
    if degrees > 1e12 {
        return Some(normal);
    }
    let tail = if p < 0.5 { p } else { 1.0 - p };
    let half = student_from_tail(tail, degrees, normal.abs());
    Some(if p < 0.5 { -half } else { half })
}

/// The `t > 0` with `P(T > t) = tail`; Student's is wider than the normal, so
/// `normal` is below it.
fn student_from_tail(tail: f64, degrees: f64, normal: f64) -> f64 {
    let (mut low, mut high) = (normal * (1.0 - 1e-12), normal.max(1.0));
    while upper_tail(high, degrees) > tail && high < 1e300 {
        low = high;
        high *= 4.0;
    }
    let mut t = low.max(normal);
    for _ in 0..200 {
        let excess = upper_tail(t, degrees) - tail;
        if excess > 0.0 {
            low = t;
        } else {
            high = t;
        }
        let mut next = t + excess / density(t, degrees);
        if !(next > low && next < high) {
            next = low + (high - low) / 2.0;
        }
        let step = (next - t).abs();
        t = next;
        if step <= 1e-15 * t {
            break;
        }
    }
    t
}

fn density(t: f64, degrees: f64) -> f64 {
    let log = libm::lgamma((degrees + 1.0) / 2.0)
        - libm::lgamma(degrees / 2.0)
        - 0.5 * libm::log(degrees * std::f64::consts::PI)
        - (degrees + 1.0) / 2.0 * libm::log1p(t * t / degrees);
    libm::exp(log)
}

/// `P(T > t)` for `t >= 0`.
fn upper_tail(t: f64, degrees: f64) -> f64 {
    // The beta function is regular in whichever argument is the smaller one.
    let squared = t * t;
    if squared < degrees {
        0.5 - 0.5 * beta_regularised(0.5, degrees / 2.0, squared / (degrees + squared))
    } else {
        0.5 * beta_regularised(degrees / 2.0, 0.5, degrees / (degrees + squared))
    }
}

/// The regularised incomplete beta function, by Lentz's evaluation of its
/// continued fraction (Numerical Recipes, 3rd edition, 6.4).
fn beta_regularised(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = libm::exp(
        libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b)
            + a * libm::log(x)
            + b * libm::log1p(-x),
    );
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(a, b, x) / a
    } else {
        1.0 - front * beta_fraction(b, a, 1.0 - x) / b
    }
}

fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    // Converges in O(sqrt(max(a, b))) terms.
    for m in 1..20_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away(1.0 + even * d);
        c = away(1.0 + even / c);
        value *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away(1.0 + odd * d);
        c = away(1.0 + odd / c);
        let factor = d * c;
        value *= factor;
        if (factor - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

/// Coefficients from the highest power down.
fn horner(coefficients: &[f64; 8], x: f64) -> f64 {
    coefficients.iter().fold(0.0, |sum, c| sum * x + c)
}

const CENTRE_NUMERATOR: [f64; 8] = [
    2_509.080_928_730_122_7,
    33_430.575_583_588_13,
    67_265.770_927_008_7,
    45_921.953_931_549_87,
    13_731.693_765_509_46,
    1_971.590_950_306_551_3,
    133.141_667_891_784_38,
    3.387_132_872_796_366_5,
];
const CENTRE_DENOMINATOR: [f64; 8] = [
    5_226.495_278_852_545,
    28_729.085_735_721_943,
    39_307.895_800_092_71,
    21_213.794_301_586_597,
    5_394.196_021_424_751,
    687.187_007_492_057_9,
    42.313_330_701_600_91,
    1.0,
];
const MIDDLE_NUMERATOR: [f64; 8] = [
    7.745_450_142_783_414e-4,
    0.022_723_844_989_269_184,
    0.241_780_725_177_450_6,
    1.270_458_252_452_368_4,
    3.647_848_324_763_204_5,
    5.769_497_221_460_691,
    4.630_337_846_156_546,
    1.423_437_110_749_683_5,
];
const MIDDLE_DENOMINATOR: [f64; 8] = [
    1.050_750_071_644_416_9e-9,
    5.475_938_084_995_345e-4,
    0.015_198_666_563_616_457,
    0.148_103_976_427_480_08,
    0.689_767_334_985_1,
    1.676_384_830_183_803_8,
    2.053_191_626_637_759,
    1.0,
];
const FAR_NUMERATOR: [f64; 8] = [
    2.010_334_399_292_288_1e-7,
    2.711_555_568_743_487_6e-5,
    0.001_242_660_947_388_078_4,
    0.026_532_189_526_576_124,
    0.296_560_571_828_504_87,
    1.784_826_539_917_291_3,
    5.463_784_911_164_114,
    6.657_904_643_501_103,
];
const FAR_DENOMINATOR: [f64; 8] = [
    2.044_263_103_389_939_8e-15,
    1.421_511_758_316_446e-7,
    1.846_318_317_510_054_8e-5,
    7.868_691_311_456_133e-4,
    0.014_875_361_290_850_615,
    0.136_929_880_922_735_8,
    0.599_832_206_555_888,
    1.0,
];

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, StudentsT};

    #[test]
    fn normal_quantiles_of_published_tables() {
        let table = [
            (0.5, 0.0),
            (0.9, 1.281_551_565_544_600_4),
            (0.95, 1.644_853_626_951_472_2),
            (0.995, 2.575_829_303_548_900_4),
            (1e-6, -4.753_424_308_822_899),
            (1e-15, -7.941_345_326_170_997),
        ];
        for (p, z) in table {
            assert!((normal_quantile(p).unwrap() - z).abs() < 1e-14, "{p}");
        }
        for p in [0.0, 1.0, -1.0, f64::NAN] {
            assert_eq!(normal_quantile(p), None);
        }
    }

    #[test]
    fn normal_quantiles_invert_the_distribution_function() {
        for i in 1..2_000 {
            let p = f64::from(i) / 2_000.0;
            let z = normal_quantile(p).unwrap();
            let back = 0.5 * libm::erfc(-z / std::f64::consts::SQRT_2);
            assert!((back - p).abs() < 1e-15, "{p}: {back}");
        }
    }

    #[test]
    fn student_quantiles_of_closed_forms() {
        // One degree: -cot(pi p); two: (2p - 1) / sqrt(2 p (1 - p)).
        for p in [1e-9, 0.001, 0.025, 0.2, 0.49, 0.6, 0.975, 0.999] {
            let one = -1.0 / libm::tan(std::f64::consts::PI * p);
            let two = (2.0 * p - 1.0) / (2.0 * p * (1.0 - p)).sqrt();
            for (degrees, expected) in [(1.0, one), (2.0, two)] {
                let t = student_quantile(p, degrees).unwrap();
                assert!(
                    (t - expected).abs() < 1e-11 * expected.abs().max(1.0),
                    "{p} {degrees}"
                );
            }
        }
    }

    #[test]
    fn student_quantiles_of_published_tables() {
        // NIST/SEMATECH e-Handbook, table 1.3.6.7.2, at 97.5 %.
        let table = [
            (3.0, 3.182),
            (9.0, 2.262),
            (29.0, 2.045),
            (49.0, 2.010),
            (100.0, 1.984),
        ];
        for (degrees, t) in table {
            assert!(
                (student_quantile(0.975, degrees).unwrap() - t).abs() < 6e-4,
                "{degrees}"
            );
        }
        assert!((student_quantile(0.975, 1e9).unwrap() - 1.959_963_987).abs() < 1e-8);
        assert_eq!(student_quantile(0.5, 4.0), Some(0.0));
        for (p, degrees) in [
            (0.0, 5.0),
            (1.0, 5.0),
            (0.9, 0.0),
            (0.9, -1.0),
            (0.9, f64::NAN),
        ] {
            assert_eq!(student_quantile(p, degrees), None);
        }
    }

    #[test]
    fn student_quantiles_invert_an_independent_distribution_function() {
        for degrees in [1.0, 2.5, 9.0, 10.0, 49.0, 999.0, 99_999.0] {
            let student = StudentsT::new(0.0, 1.0, degrees).unwrap();
            for p in [
                0.0005, 0.005, 0.025, 0.05, 0.3, 0.6, 0.95, 0.975, 0.995, 0.9995,
            ] {
                let back = student.cdf(student_quantile(p, degrees).unwrap());
                assert!((back - p).abs() < 1e-9, "{degrees} {p}: {back}");
            }
        }
    }
}
