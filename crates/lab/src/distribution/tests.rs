use super::*;

/// One of each kind, with parameters that are not special.
fn zoo() -> Vec<(&'static str, Distribution)> {
    let all = [
        ("constant", Distribution::constant(2.5)),
        ("uniform", Distribution::uniform(1.0, 4.0)),
        ("triangular", Distribution::triangular(1.0, 2.0, 6.0)),
        (
            "triangular, mode at an end",
            Distribution::triangular(1.0, 1.0, 6.0),
        ),
        ("exponential", Distribution::exponential(2.5)),
        ("erlang", Distribution::erlang(4, 2.0)),
        ("gamma", Distribution::gamma(3.0, 2.0)),
        ("gamma, wide", Distribution::gamma(3.0, 6.0)),
        ("gamma, narrow", Distribution::gamma(3.0, 0.01)),
        ("lognormal", Distribution::lognormal(2.0, 1.0)),
        ("weibull", Distribution::weibull(1.7, 2.0)),
        (
            "empirical",
            Distribution::empirical([(4.0, 1.0), (1.0, 2.0), (2.0, 5.0)]),
        ),
    ];
    all.into_iter()
        .map(|(name, d)| (name, d.unwrap()))
        .collect()
}

/// The integral of `g(sample(u))` over (0, 1): a midpoint rule after the
/// substitution `u = 3s² - 2s³`, which flattens the ends where the quantile
/// function has its poles.
fn expectation(distribution: &Distribution, g: impl Fn(f64) -> f64) -> f64 {
    const N: u32 = 20_000;
    (0..N)
        .map(|i| {
            let s = (f64::from(i) + 0.5) / f64::from(N);
            let u = s * s * (3.0 - 2.0 * s);
            g(distribution.sample(u)) * 6.0 * s * (1.0 - s) / f64::from(N)
        })
        .sum()
}

#[test]
fn the_inverse_has_the_stated_mean_and_variance() {
    for (name, d) in zoo() {
        let mean = expectation(&d, |x| x);
        let variance = expectation(&d, |x| (x - d.mean()) * (x - d.mean()));
        assert!(
            (mean - d.mean()).abs() < 2e-4 * d.mean(),
            "{name}: {mean} {}",
            d.mean()
        );
        let tolerance = 5e-3 * d.variance() + 1e-9;
        assert!(
            (variance - d.variance()).abs() < tolerance,
            "{name}: {variance} {}",
            d.variance()
        );
    }
}

#[test]
fn means_and_variances_of_textbooks() {
    let expected = [
        ("uniform", 2.5, 0.75),
        ("triangular", 3.0, 7.0 / 6.0),
        ("exponential", 2.5, 6.25),
        ("erlang", 2.0, 1.0),
        ("gamma", 3.0, 4.0),
        ("lognormal", 2.0, 1.0),
        ("empirical", 2.0, 0.75),
    ];
    for (name, mean, variance) in expected {
        let (_, d) = zoo().into_iter().find(|(n, _)| *n == name).unwrap();
        assert!((d.mean() - mean).abs() < 1e-12, "{name}");
        assert!(
            (d.variance() - variance).abs() < 1e-12,
            "{name}: {}",
            d.variance()
        );
    }
    // Rayleigh is Weibull with shape 2: mean σ√(π/2), variance (2 - π/2)σ².
    let pi = std::f64::consts::PI;
    let rayleigh = Distribution::weibull(2.0, (pi / 2.0).sqrt()).unwrap();
    assert!((rayleigh.variance() - (2.0 - pi / 2.0)).abs() < 1e-12);
    let scale = std::f64::consts::SQRT_2;
    assert!((rayleigh.sample(1.0 - (-1.0_f64).exp()) - scale).abs() < 1e-12);
}

#[test]
fn samples_never_fall_and_stay_within_bounds() {
    for (name, d) in zoo() {
        let mut previous = 0.0;
        for i in 1..10_000 {
            let x = d.sample(f64::from(i) / 10_000.0);
            assert!(x.is_finite() && x >= previous, "{name} at {i}");
            previous = x;
        }
        for u in [0.0, 1.0, -1.0, 2.0, f64::NAN, f64::MIN_POSITIVE] {
            let x = d.sample(u);
            assert!(x.is_finite() && x >= 0.0, "{name} at {u}: {x}");
        }
    }
}

#[test]
fn another_unit_is_the_same_values_times_a_factor() {
    for (name, d) in zoo() {
        let scaled = d.clone().scaled(3_600.0).unwrap();
        assert!(
            (scaled.mean() / (d.mean() * 3_600.0) - 1.0).abs() < 1e-12,
            "{name}"
        );
        for u in [0.01, 0.4, 0.99] {
            let ratio = scaled.sample(u) / (d.sample(u) * 3_600.0);
            assert!((ratio - 1.0).abs() < 1e-12, "{name} at {u}: {ratio}");
        }
        assert_eq!(d.clone().scaled(0.0).unwrap().sample(0.7), 0.0, "{name}");
        assert!(d.scaled(1e30).is_err(), "{name}");
    }
}

/// A defect seen in a peer: its triangular distribution returned its mean.
#[test]
fn a_triangular_sample_is_not_always_the_mean() {
    let d = Distribution::triangular(1.0, 2.0, 6.0).unwrap();
    // By the distribution function: F(2) = 1/5; F(4) = 1 - 4/20 = 4/5.
    assert!((d.sample(0.2) - 2.0).abs() < 1e-12);
    assert!((d.sample(0.8) - 4.0).abs() < 1e-12);
    assert!((d.sample(0.05) - 1.5).abs() < 1e-12);
}

#[test]
fn an_empirical_sample_has_the_shares_given() {
    let d = Distribution::empirical([(4.0, 1.0), (1.0, 2.0), (9.0, 0.0), (2.0, 5.0)]).unwrap();
    let table = [
        (0.001, 1.0),
        (0.249, 1.0),
        (0.251, 2.0),
        (0.874, 2.0),
        (0.876, 4.0),
        (0.999, 4.0),
    ];
    for (u, value) in table {
        assert_eq!(d.sample(u), value, "{u}");
    }
}

#[test]
fn what_does_not_vary_is_a_constant() {
    for d in [
        Distribution::gamma(3.0, 0.0),
        Distribution::lognormal(3.0, 0.0),
        Distribution::uniform(3.0, 3.0),
        Distribution::triangular(3.0, 3.0, 3.0),
    ] {
        let d = d.unwrap();
        assert_eq!(
            (d.sample(0.1), d.sample(0.9), d.variance()),
            (3.0, 3.0, 0.0),
            "{d:?}"
        );
    }
    assert_eq!(Distribution::exponential(0.0).unwrap().sample(0.9), 0.0);
    assert_eq!(Distribution::lognormal(0.0, 0.0).unwrap().sample(0.9), 0.0);
}

#[test]
fn impossible_parameters_are_refused_with_the_reason() {
    let refused = [
        (
            Distribution::constant(-1.0),
            "`value` is -1: a duration or an amount is not negative",
        ),
        (
            Distribution::constant(f64::NAN),
            "`value` is NaN: expected a finite number of at most 1e18",
        ),
        (
            Distribution::exponential(f64::INFINITY),
            "`mean` is inf: expected a finite number of at most 1e18",
        ),
        (
            Distribution::uniform(4.0, 1.0),
            "`low` (4) is above `high` (1): expected it at or below",
        ),
        (
            Distribution::triangular(1.0, 7.0, 6.0),
            "`mode` (7) is above `high` (6): expected it at or below",
        ),
        (
            Distribution::erlang(0, 1.0),
            "`stages` is 0: expected a number above 0",
        ),
        (
            Distribution::gamma(1.0, 1e-9),
            "sd / mean is 1.00e-9: expected between 0.001 and 10, or exactly 0 for a constant",
        ),
        (
            Distribution::lognormal(0.0, 1.0),
            "`mean` is 0 but `sd` is 1: values that are never negative cannot vary around 0; write a mean above 0, or sd 0",
        ),
        (
            Distribution::lognormal(1.0, -1.0),
            "`sd` is -1: a duration or an amount is not negative",
        ),
        (
            Distribution::weibull(0.0, 1.0),
            "`shape (at least)` (0.05) is above `shape` (0): expected it at or below",
        ),
        (
            Distribution::empirical([]),
            "no value has a weight above 0: expected at least one",
        ),
        (
            Distribution::empirical([(1.0, 0.0)]),
            "no value has a weight above 0: expected at least one",
        ),
        (
            Distribution::empirical([(1.0, -1.0)]),
            "`weight` is -1: a duration or an amount is not negative",
        ),
    ];
    for (result, message) in refused {
        assert_eq!(result.unwrap_err().to_string(), message);
    }
}

/// Freezes the transforms: the same bytes on every platform.
#[test]
fn golden_values() {
    let found: Vec<String> = zoo()
        .iter()
        .map(|(name, d)| {
            let values = [0.01, 0.5, 0.99].map(|u| format!("{:016x}", d.sample(u).to_bits()));
            format!("{name} {}", values.join(" "))
        })
        .collect();
    assert_eq!(found.join("\n"), include_str!("golden.txt").trim_end());
}
