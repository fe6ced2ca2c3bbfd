//! The quantile of the gamma distribution.

/// The `x` with `P(shape, x) = u`, where `P` is the regularised lower
/// incomplete gamma function; relative error below 1e-10.
///
/// `shape > 0` and finite, `0 < u < 1`. Newton's method on `ln x`, kept within
/// a bracket, begun at the cube-root approximation of Wilson and Hilferty.
/// Where the quantile is below the smallest positive number it is 0.
pub(crate) fn gamma_quantile(shape: f64, u: f64) -> f64 {
    let log_gamma = libm::lgamma(shape);
    let upper = u > 0.5;
    let target = if upper { 1.0 - u } else { u };
    // Left tail: P ≈ x^a / Γ(a + 1), exact in the limit.
    let left = (libm::log(u) + libm::lgamma(shape + 1.0)) / shape;
    if left < -650.0 {
        return libm::exp(left);
    }
    let mut y = match onething_measure::stats::normal_quantile(u) {
        Some(z) if shape >= 0.5 => {
            let ninth = 1.0 / (9.0 * shape);
            let root = 1.0 - ninth + z * ninth.sqrt();
            if root > 0.05 {
                libm::log(shape) + 3.0 * libm::log(root)
            } else {
                left
            }
        }
        _ => left,
    };
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    for _ in 0..200 {
        let x = libm::exp(y);
        let (lower_tail, upper_tail) = incomplete(shape, x, log_gamma);
        // Positive when x is too large.
        let excess = if upper {
            target - upper_tail
        } else {
            lower_tail - target
        };
        if excess > 0.0 {
            high = y;
        } else {
            low = y;
        }
        // dP/dy = x · density(x).
        let slope = libm::exp(shape * y - x - log_gamma);
        // A step of at most e² keeps `x` finite where the slope vanishes.
        let mut next = y - (excess / slope).clamp(-2.0, 2.0);
        if !next.is_finite() || next <= low || next >= high {
            next = match (low.is_finite(), high.is_finite()) {
                (true, true) => low + (high - low) / 2.0,
                (true, false) => low + 1.0,
                (false, true) => high - 1.0,
                (false, false) => break,
            };
        }
        let step = (next - y).abs();
        y = next;
        if step <= 1e-13 {
            break;
        }
    }
    libm::exp(y)
}

/// `(P(a, x), Q(a, x))`, each with full relative accuracy where it is the
/// smaller of the two: series below `a + 1`, continued fraction above
/// (Numerical Recipes, 3rd edition, 6.2).
fn incomplete(a: f64, x: f64, log_gamma: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    let front = libm::exp(a * libm::log(x) - x - log_gamma);
    if x < a + 1.0 {
        let mut term = 1.0 / a;
        let mut sum = term;
        let mut n = a;
        // Terms fall off after about sqrt(a) of them; the bound is never met
        // for the shapes that are accepted.
        for _ in 0..100_000 {
            n += 1.0;
            term *= x / n;
            sum += term;
            if term < sum * 1e-17 {
                break;
            }
        }
        let lower = sum * front;
        (lower, 1.0 - lower)
    } else {
        const TINY: f64 = 1e-300;
        let away = |v: f64| if v.abs() < TINY { TINY } else { v };
        let mut b = x + 1.0 - a;
        let mut c = 1.0 / TINY;
        let mut d = 1.0 / away(b);
        let mut value = d;
        for i in 1..100_000 {
            let i = f64::from(i);
            let numerator = -i * (i - a);
            b += 2.0;
            d = 1.0 / away(numerator * d + b);
            c = away(b + numerator / c);
            let factor = d * c;
            value *= factor;
            if (factor - 1.0).abs() < 1e-16 {
                break;
            }
        }
        let upper = value * front;
        (1.0 - upper, upper)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_forms() {
        for i in 1..100 {
            let u = f64::from(i) / 100.0;
            // Shape 1 is the exponential.
            let exponential = -libm::log1p(-u);
            let found = gamma_quantile(1.0, u);
            assert!((found / exponential - 1.0).abs() < 1e-10, "{u}");
            // Shape 1/2 is half the square of a normal.
            let z = onething_measure::stats::normal_quantile((1.0 + u) / 2.0).unwrap();
            let found = gamma_quantile(0.5, u);
            assert!((found / (z * z / 2.0) - 1.0).abs() < 1e-10, "{u}");
        }
    }

    #[test]
    fn inverts_the_erlang_distribution_function() {
        // Erlang-k: P(X > x) = exp(-x) · Σ x^i / i! for i < k, a finite sum.
        for k in [1, 2, 4, 10, 50] {
            for u in [
                1e-12,
                1e-6,
                0.001,
                0.05,
                0.3,
                0.5,
                0.7,
                0.95,
                0.999,
                1.0 - 1e-9,
            ] {
                let x = gamma_quantile(f64::from(k), u);
                let (mut term, mut sum) = (1.0, 1.0);
                for i in 1..k {
                    term *= x / f64::from(i);
                    sum += term;
                }
                let upper = libm::exp(-x) * sum;
                assert!((1.0 - upper - u).abs() < 1e-11, "{k} {u}: {x}");
            }
        }
    }

    #[test]
    fn inverts_an_independent_distribution_function() {
        use statrs::function::gamma::{gamma_lr, gamma_ur};
        for shape in [0.01, 0.1, 0.3, 0.9, 1.7, 7.5, 120.0, 5_000.0, 100_000.0] {
            for u in [1e-9, 0.001, 0.1, 0.4, 0.6, 0.9, 0.999, 1.0 - 1e-9] {
                let x = gamma_quantile(shape, u);
                if x < 1e-290 {
                    continue;
                }
                let error = if u > 0.5 {
                    gamma_ur(shape, x) / (1.0 - u) - 1.0
                } else {
                    gamma_lr(shape, x) / u - 1.0
                };
                assert!(error.abs() < 1e-8, "{shape} {u}: {x}, off by {error}");
            }
        }
    }

    #[test]
    fn is_increasing_and_finite_to_the_ends() {
        for shape in [1e-4, 0.02, 0.5, 1.0, 3.3, 1_000.0, 1e6] {
            let mut previous = -1.0;
            for exponent in [-52, -40, -20, -8, -3, -1] {
                let x = gamma_quantile(shape, libm::exp2(f64::from(exponent)));
                assert!(x.is_finite() && x >= previous, "{shape} {exponent}");
                previous = x;
            }
            for exponent in [-3, -8, -20, -40, -52] {
                let x = gamma_quantile(shape, 1.0 - libm::exp2(f64::from(exponent)));
                assert!(x.is_finite() && x >= previous, "{shape} {exponent}: {x}");
                previous = x;
            }
        }
    }
}
