//! Distributions: from what is written to plain numbers, and what cannot be.

use onething_model::{Limit, Micros, Text};
use onething_plan::workload::{Distribution, Unit};

use crate::diagnostic::both;
use crate::syntax::figures::DistributionDef;
use crate::yaml::read::Spanned;

/// How many of which unit.
pub(crate) fn counted(limit: Limit) -> (f64, Unit) {
    match limit {
        Limit::WorkingDays { thousandths } => (thousandths as f64 / 1_000.0, Unit::WorkingDays),
        Limit::CalendarDays { thousandths } => (thousandths as f64 / 1_000.0, Unit::CalendarDays),
        Limit::Clock(Micros(micros)) => (micros as f64 / Micros::HOUR.0 as f64, Unit::Hours),
    }
}

/// The distribution over plain numbers.
pub(crate) fn made<V>(
    written: &DistributionDef<V>,
    number: impl Fn(&Spanned<V>) -> f64,
) -> Distribution {
    match written {
        DistributionDef::Fixed(value) => Distribution::Constant(number(value)),
        DistributionDef::Uniform(min, max) => Distribution::Uniform {
            min: number(min),
            max: number(max),
        },
        DistributionDef::Triangular(min, mode, max) => Distribution::Triangular {
            min: number(min),
            mode: number(mode),
            max: number(max),
        },
        DistributionDef::Exponential(mean) => Distribution::Exponential { mean: number(mean) },
        DistributionDef::Erlang(shape, mean) => Distribution::Erlang {
            // Beyond the range it becomes the nearest end, which is refused.
            shape: shape.value as u32,
            mean: number(mean),
        },
        DistributionDef::Gamma(mean, sd) => Distribution::Gamma {
            mean: number(mean),
            sd: number(sd),
        },
        DistributionDef::Lognormal(mean, sd) => Distribution::Lognormal {
            mean: number(mean),
            sd: number(sd),
        },
        DistributionDef::Weibull(shape, mean) => Distribution::Weibull {
            shape: shape.value,
            mean: number(mean),
        },
        DistributionDef::Empirical(values) => {
            Distribution::Empirical(values.iter().map(number).collect())
        }
    }
}

/// Why a distribution cannot be; `None` when it can.
pub(crate) fn impossible<V>(made: &Distribution, written: &DistributionDef<V>) -> Option<Text> {
    let ordered = |list: &[f64]| list.windows(2).all(|pair| pair[0] <= pair[1]);
    match made {
        Distribution::Constant(value) if *value < 0.0 => {
            Some(both!("不能为负数", "it must not be negative",))
        }
        Distribution::Uniform { min, max } if *min < 0.0 || min > max => Some(both!(
            "最小值不能为负，也不能大于最大值",
            "the least must not be negative, nor more than the most",
        )),
        Distribution::Triangular { min, mode, max }
            if *min < 0.0 || !ordered(&[*min, *mode, *max]) || min == max =>
        {
            Some(both!(
                "应当 0 ≤ min ≤ mode ≤ max，且 min < max",
                "0 ≤ min ≤ mode ≤ max and min < max must hold",
            ))
        }
        Distribution::Exponential { mean } if *mean <= 0.0 => {
            Some(both!("均值必须大于零", "the mean must be more than zero"))
        }
        Distribution::Erlang { shape, mean } if *mean <= 0.0 || !(1..=1_000).contains(shape) => {
            Some(both!(
                "均值必须大于零，`shape` 是 1 到 1000 的整数",
                "the mean must be more than zero, and `shape` a whole number from 1 to 1000",
            ))
        }
        Distribution::Gamma { mean, sd } | Distribution::Lognormal { mean, sd }
            if *mean <= 0.0 || *sd <= 0.0 =>
        {
            Some(both!(
                "均值和标准差必须大于零；没有波动就写 `fixed`",
                "mean and standard deviation must be more than zero; without variation write `fixed`",
            ))
        }
        Distribution::Weibull { shape, mean } if *mean <= 0.0 || !(0.1..=100.0).contains(shape) => {
            Some(both!(
                "均值必须大于零，`shape` 在 0.1 到 100 之间",
                "the mean must be more than zero, and `shape` from 0.1 to 100",
            ))
        }
        Distribution::Empirical(values) if values.is_empty() => {
            Some(both!("没有观测值", "there is no observed value"))
        }
        Distribution::Empirical(values) if values.iter().any(|value| *value < 0.0) => {
            Some(both!("不能为负数", "it must not be negative"))
        }
        Distribution::Constant(_)
        | Distribution::Uniform { .. }
        | Distribution::Triangular { .. }
        | Distribution::Exponential { .. }
        | Distribution::Erlang { .. }
        | Distribution::Gamma { .. }
        | Distribution::Lognormal { .. }
        | Distribution::Weibull { .. }
        | Distribution::Empirical(_) => match written {
            DistributionDef::Erlang(shape, _) if shape.value.fract() != 0.0 => Some(both!(
                "`shape` 是 1 到 1000 的整数",
                "`shape` is a whole number from 1 to 1000",
            )),
            _ => None,
        },
    }
}
