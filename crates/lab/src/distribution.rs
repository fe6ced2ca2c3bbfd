//! Distributions, sampled by inverse transform: one uniform number per value.
//!
//! One number, no more and no fewer, so that a draw stays a pure function of
//! its address; and an increasing transform, so that the same draw is long work
//! before and after. All transforms use `libm`, hence the same bytes everywhere.
//!
//! ```
//! use onething_lab::distribution::Distribution;
//!
//! // Review takes two hours on average, skewed to the right.
//! let review = Distribution::lognormal(2.0, 1.0)?;
//! assert_eq!(review.mean(), 2.0);
//! assert!((review.sample(0.5) - 1.788_854_382).abs() < 1e-9, "the median is below the mean");
//! # Ok::<(), onething_lab::distribution::Error>(())
//! ```

use onething_plan::workload;

use crate::gamma::GammaTable;

/// A distribution of non-negative numbers, checked when it is made. The unit is
/// the caller's.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    kind: Kind,
    mean: f64,
    variance: f64,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Constant(f64),
    Uniform {
        low: f64,
        width: f64,
    },
    Triangular {
        low: f64,
        mode: f64,
        high: f64,
    },
    Exponential {
        mean: f64,
    },
    Gamma {
        table: GammaTable,
        scale: f64,
    },
    LogNormal {
        mu: f64,
        sigma: f64,
    },
    Weibull {
        inverse_shape: f64,
        scale: f64,
    },
    /// Ascending values with cumulative shares; the last share is 1.
    Empirical(Vec<(f64, f64)>),
}

/// Why parameters are not a distribution. Texts say which parameter, what was
/// given and what is expected.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// Not a number, infinite, or absurdly large.
    #[error("`{parameter}` is {value}: expected a finite number of at most {MAX:e}")]
    NotFinite {
        /// The parameter's name.
        parameter: &'static str,
        /// What was given.
        value: f64,
    },
    /// Below zero.
    #[error("`{parameter}` is {value}: a duration or an amount is not negative")]
    Negative {
        /// The parameter's name.
        parameter: &'static str,
        /// What was given.
        value: f64,
    },
    /// Zero where only a positive number makes sense.
    #[error("`{parameter}` is 0: expected a number above 0")]
    Zero {
        /// The parameter's name.
        parameter: &'static str,
    },
    /// The mean is zero although values vary.
    #[error(
        "`mean` is 0 but `sd` is {sd}: values that are never negative cannot vary around 0; write a mean above 0, or sd 0"
    )]
    MeanZero {
        /// The standard deviation given.
        sd: f64,
    },
    /// Bounds in the wrong order.
    #[error("`{smaller}` ({low}) is above `{larger}` ({high}): expected it at or below")]
    Order {
        /// The parameter that should be the smaller one.
        smaller: &'static str,
        /// Its value.
        low: f64,
        /// The parameter that should be the larger one.
        larger: &'static str,
        /// Its value.
        high: f64,
    },
    /// Too narrow or too wide for the shape to be computed with.
    #[error(
        "sd / mean is {ratio:.2e}: expected between 0.001 and {most}, or exactly 0 for a constant"
    )]
    Spread {
        /// Standard deviation over mean.
        ratio: f64,
        /// The most that can be computed with.
        most: f64,
    },
    /// An empirical distribution without values, or whose weights are all zero.
    #[error("no value has a weight above 0: expected at least one")]
    Empty,
}

/// The largest parameter accepted; in microseconds, thirty thousand years.
pub const MAX: f64 = 1e18;

type Result<T> = std::result::Result<T, Error>;

impl Distribution {
    /// Always `value`.
    ///
    /// # Errors
    /// When `value` is negative or not finite.
    pub fn constant(value: f64) -> Result<Self> {
        let value = amount("value", value)?;
        Ok(Self::of(Kind::Constant(value), value, 0.0))
    }

    /// Every value between `low` and `high` alike.
    ///
    /// # Errors
    /// When a bound is negative or not finite, or `low > high`.
    pub fn uniform(low: f64, high: f64) -> Result<Self> {
        let (low, high) = (amount("low", low)?, amount("high", high)?);
        ordered("low", low, "high", high)?;
        let width = high - low;
        Ok(Self::of(
            Kind::Uniform { low, width },
            low + width / 2.0,
            width * width / 12.0,
        ))
    }

    /// Between `low` and `high`, most often `mode`.
    ///
    /// # Errors
    /// When a parameter is negative or not finite, or they are not in order.
    pub fn triangular(low: f64, mode: f64, high: f64) -> Result<Self> {
        let low = amount("low", low)?;
        let mode = amount("mode", mode)?;
        let high = amount("high", high)?;
        ordered("low", low, "mode", mode)?;
        ordered("mode", mode, "high", high)?;
        let (a, b) = (mode - low, high - mode);
        let variance = (a * a + a * b + b * b) / 18.0;
        let mean = (low + mode + high) / 3.0;
        Ok(Self::of(
            Kind::Triangular { low, mode, high },
            mean,
            variance,
        ))
    }

    /// Without memory: the time to the next call, say.
    ///
    /// # Errors
    /// When `mean` is negative or not finite. A mean of 0 is the constant 0.
    pub fn exponential(mean: f64) -> Result<Self> {
        let mean = amount("mean", mean)?;
        Ok(Self::of(Kind::Exponential { mean }, mean, mean * mean))
    }

    /// The sum of `stages` exponential stages that together take `mean`.
    ///
    /// # Errors
    /// When `mean` is negative or not finite, or `stages` is 0. More than a
    /// million stages are refused as too narrow.
    pub fn erlang(stages: u32, mean: f64) -> Result<Self> {
        let mean = amount("mean", mean)?;
        if stages == 0 {
            return Err(Error::Zero {
                parameter: "stages",
            });
        }
        let shape = f64::from(stages);
        spread(1.0 / shape.sqrt(), 1.0)?;
        Ok(Self::gamma_of(shape, mean / shape))
    }

    /// Gamma, by mean and standard deviation.
    ///
    /// # Errors
    /// When a parameter is negative or not finite, when the mean is 0 but `sd`
    /// is not, or when `sd / mean` is beyond 0.001 to 10. An `sd` of 0 is the
    /// constant `mean`.
    pub fn gamma(mean: f64, sd: f64) -> Result<Self> {
        let Some((mean, sd)) = mean_and_sd(mean, sd)? else {
            return Self::constant(mean);
        };
        let ratio = sd / mean;
        spread(ratio, 10.0)?;
        Ok(Self::gamma_of(1.0 / (ratio * ratio), mean * ratio * ratio))
    }

    /// Lognormal, by the mean and standard deviation *of the values* (not of
    /// their logarithms).
    ///
    /// # Errors
    /// As for [`gamma`](Self::gamma), with `sd / mean` up to 100.
    pub fn lognormal(mean: f64, sd: f64) -> Result<Self> {
        let Some((mean, sd)) = mean_and_sd(mean, sd)? else {
            return Self::constant(mean);
        };
        let ratio = sd / mean;
        spread(ratio, 100.0)?;
        let sigma_squared = libm::log1p(ratio * ratio);
        let mu = libm::log(mean) - sigma_squared / 2.0;
        let sigma = sigma_squared.sqrt();
        Ok(Self::of(Kind::LogNormal { mu, sigma }, mean, sd * sd))
    }

    /// Weibull, by shape and mean: `shape` below 1 for a hazard that falls
    /// with time, above 1 for one that rises.
    ///
    /// # Errors
    /// When a parameter is negative or not finite, or `shape` is outside 0.05
    /// to 1000. A mean of 0 is the constant 0.
    pub fn weibull(shape: f64, mean: f64) -> Result<Self> {
        let (shape, mean) = (amount("shape", shape)?, amount("mean", mean)?);
        ordered("shape (at least)", 0.05, "shape", shape)?;
        ordered("shape", shape, "shape (at most)", 1_000.0)?;
        let inverse_shape = 1.0 / shape;
        let first = libm::tgamma(1.0 + inverse_shape);
        let second = libm::tgamma(1.0 + 2.0 * inverse_shape);
        let scale = mean / first;
        Ok(Self::of(
            Kind::Weibull {
                inverse_shape,
                scale,
            },
            mean,
            scale * scale * (second - first * first),
        ))
    }

    /// Values seen, each with its weight (how often, or a share; they need not
    /// sum to 1). Values are drawn as they are, without interpolation.
    ///
    /// # Errors
    /// When a value or a weight is negative or not finite, or no weight is
    /// above 0.
    pub fn empirical(values: impl IntoIterator<Item = (f64, f64)>) -> Result<Self> {
        let mut weighted = Vec::new();
        for (value, weight) in values {
            let (value, weight) = (amount("value", value)?, amount("weight", weight)?);
            if weight > 0.0 {
                weighted.push((value, weight));
            }
        }
        weighted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let total: f64 = weighted.iter().map(|w| w.1).sum();
        if total <= 0.0 {
            return Err(Error::Empty);
        }
        let mean = weighted.iter().map(|(v, w)| v * w).sum::<f64>() / total;
        let squares = weighted.iter().map(|(v, w)| (v - mean) * (v - mean) * w);
        let variance = squares.sum::<f64>() / total;
        let mut sum = 0.0;
        for (_, weight) in &mut weighted {
            sum += *weight;
            *weight = sum / total;
        }
        if let Some(last) = weighted.last_mut() {
            last.1 = 1.0;
        }
        Ok(Self::of(Kind::Empirical(weighted), mean, variance))
    }

    /// The same distribution in another unit: every value times `factor`.
    ///
    /// # Errors
    /// When `factor` is negative or not finite, or makes the mean too large.
    pub fn scaled(mut self, factor: f64) -> Result<Self> {
        let factor = amount("factor", factor)?;
        self.mean = amount("mean", self.mean * factor)?;
        self.variance *= factor * factor;
        match &mut self.kind {
            Kind::Constant(value) => *value *= factor,
            Kind::Uniform { low, width } => {
                *low *= factor;
                *width *= factor;
            }
            Kind::Triangular { low, mode, high } => {
                *low *= factor;
                *mode *= factor;
                *high *= factor;
            }
            Kind::Exponential { mean } => *mean *= factor,
            Kind::Gamma { scale, .. } | Kind::Weibull { scale, .. } => *scale *= factor,
            Kind::LogNormal { mu, .. } if factor > 0.0 => *mu += libm::log(factor),
            Kind::LogNormal { .. } => self.kind = Kind::Constant(0.0),
            Kind::Empirical(values) => values.iter_mut().for_each(|(value, _)| *value *= factor),
        }
        Ok(self)
    }

    /// The exact mean.
    #[must_use]
    pub const fn mean(&self) -> f64 {
        self.mean
    }

    /// The exact variance.
    #[must_use]
    pub const fn variance(&self) -> f64 {
        self.variance
    }

    /// The value at `u`, for `u` strictly between 0 and 1: the quantile
    /// function. Finite, not negative, and not decreasing in `u`; outside that
    /// range `u` counts as the nearest number within.
    #[must_use]
    pub fn sample(&self, u: f64) -> f64 {
        // The negated comparison sends NaN to the lower end as well.
        const EDGE: f64 = f64::EPSILON / 2.0;
        let u = if u > EDGE { u.min(1.0 - EDGE) } else { EDGE };
        match &self.kind {
            Kind::Constant(value) => *value,
            Kind::Uniform { low, width } => low + width * u,
            Kind::Triangular { low, mode, high } => triangle(*low, *mode, *high, u),
            // `1 - u` is exact for every draw, so nothing is lost by it.
            Kind::Exponential { mean } => -mean * libm::log(1.0 - u),
            Kind::Gamma { table, scale } => scale * table.quantile(u),
            Kind::LogNormal { mu, sigma } => {
                let z = onething_measure::stats::normal_quantile(u).unwrap_or(0.0);
                libm::exp(mu + sigma * z)
            }
            Kind::Weibull {
                inverse_shape,
                scale,
            } => scale * libm::pow(-libm::log1p(-u), *inverse_shape),
            Kind::Empirical(values) => {
                let place = values.partition_point(|(_, share)| *share <= u);
                values[place.min(values.len() - 1)].0
            }
        }
    }

    const fn of(kind: Kind, mean: f64, variance: f64) -> Self {
        Self {
            kind,
            mean,
            variance,
        }
    }

    fn gamma_of(shape: f64, scale: f64) -> Self {
        let (mean, variance) = (shape * scale, shape * scale * scale);
        // The common case has a closed form, and needs no table.
        let kind = if shape == 1.0 {
            Kind::Exponential { mean }
        } else {
            let table = GammaTable::new(shape);
            Kind::Gamma { table, scale }
        };
        Self::of(kind, mean, variance)
    }
}

impl TryFrom<&workload::Distribution> for Distribution {
    type Error = Error;

    /// Checks and prepares a distribution as a workload states it.
    fn try_from(stated: &workload::Distribution) -> Result<Self> {
        match stated {
            workload::Distribution::Constant(value) => Self::constant(*value),
            workload::Distribution::Uniform { min, max } => Self::uniform(*min, *max),
            workload::Distribution::Triangular { min, mode, max } => {
                Self::triangular(*min, *mode, *max)
            }
            workload::Distribution::Exponential { mean } => Self::exponential(*mean),
            workload::Distribution::Erlang { shape, mean } => Self::erlang(*shape, *mean),
            workload::Distribution::Gamma { mean, sd } => Self::gamma(*mean, *sd),
            workload::Distribution::Lognormal { mean, sd } => Self::lognormal(*mean, *sd),
            workload::Distribution::Weibull { shape, mean } => Self::weibull(*shape, *mean),
            workload::Distribution::Empirical(values) => {
                Self::empirical(values.iter().map(|value| (*value, 1.0)))
            }
        }
    }
}

/// The quantile of the triangular distribution: two square roots that meet at
/// the mode.
fn triangle(low: f64, mode: f64, high: f64, u: f64) -> f64 {
    let width = high - low;
    let left = mode - low;
    if u * width < left {
        low + (u * width * left).sqrt()
    } else {
        high - ((1.0 - u) * width * (high - mode)).sqrt()
    }
}

fn amount(parameter: &'static str, value: f64) -> Result<f64> {
    if !value.is_finite() || value > MAX {
        Err(Error::NotFinite { parameter, value })
    } else if value < 0.0 {
        Err(Error::Negative { parameter, value })
    } else {
        // Turns -0 into 0.
        Ok(value + 0.0)
    }
}

fn ordered(smaller: &'static str, low: f64, larger: &'static str, high: f64) -> Result<()> {
    if low > high {
        return Err(Error::Order {
            smaller,
            low,
            larger,
            high,
        });
    }
    Ok(())
}

/// `None` when the values do not vary.
fn mean_and_sd(mean: f64, sd: f64) -> Result<Option<(f64, f64)>> {
    let (mean, sd) = (amount("mean", mean)?, amount("sd", sd)?);
    match (mean == 0.0, sd == 0.0) {
        (_, true) => Ok(None),
        (true, false) => Err(Error::MeanZero { sd }),
        (false, false) => Ok(Some((mean, sd))),
    }
}

fn spread(ratio: f64, most: f64) -> Result<()> {
    if (0.001..=most).contains(&ratio) {
        Ok(())
    } else {
        Err(Error::Spread { ratio, most })
    }
}

#[cfg(test)]
mod tests;
