//! Figures of the workload: distributions, probabilities, and where they come from.

use std::marker::PhantomData;
use std::str::FromStr;

use onething_model::NameError;

use super::values::{Named, Probability};
use super::{KeyShape, Read, RecordShape, Shape, optional, record, required};
use crate::diagnostic::{Code, Diagnostic, both};
use crate::yaml::read::{Fields, Reader, Spanned};
use crate::yaml::{Map, Node, Value};
use onething_model::Text;

/// Where a figure comes from.
#[derive(Debug, Clone, Default)]
pub struct OriginDef {
    /// Published or measured.
    pub source: Option<Spanned<String>>,
    /// Assumed, and why.
    pub assumed: Option<Spanned<String>>,
}

impl OriginDef {
    fn take(fields: &mut Fields<'_>, reader: &mut Reader<'_>) -> Self {
        Self {
            source: optional(fields, reader, "source"),
            assumed: optional(fields, reader, "assumed"),
        }
    }

    /// Whether neither is stated.
    #[must_use]
    pub fn is_unstated(&self) -> bool {
        self.source.is_none() && self.assumed.is_none()
    }
}

fn origin_keys() -> Vec<KeyShape> {
    vec![
        KeyShape {
            key: "source",
            required: false,
            meaning: Text::new("来源：公布的或实测的", "where it is published or measured"),
            shape: Shape::Str,
        },
        KeyShape {
            key: "assumed",
            required: false,
            meaning: Text::new("假设及其理由", "that it is assumed, and why"),
            shape: Shape::Str,
        },
    ]
}

/// A section of figures by name, with an origin that holds for all of them.
#[derive(Debug, Clone)]
pub struct Section<K, T> {
    /// The figures.
    pub figures: Named<K, T>,
    /// The origin of those that do not state theirs.
    pub origin: OriginDef,
}

impl<K: FromStr<Err = NameError> + Read, T: Read> Read for Section<K, T> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let map = reader.map(node)?;
        let is_origin = |key: &str| matches!(key, "source" | "assumed");
        let part = |of_origin: bool| Node {
            value: Value::Map(Map {
                entries: map
                    .entries
                    .iter()
                    .filter(|entry| is_origin(&entry.key.text) == of_origin)
                    .cloned()
                    .collect(),
                partial: map.partial,
            }),
            span: node.span,
        };
        let origin = part(true);
        let mut fields = reader.fields(&origin, &["source", "assumed"])?;
        let origin = OriginDef::take(&mut fields, reader);
        fields.finish(reader);
        let figures = Read::read(&part(false), reader)?;
        Some(Self { figures, origin })
    }
    fn shape() -> Shape {
        Shape::Section(Box::new(K::shape()), Box::new(T::shape()))
    }
}

/// A distribution as it is written, over values of type `V`.
#[derive(Debug, Clone)]
pub enum DistributionDef<V> {
    /// Always the same.
    Fixed(Spanned<V>),
    /// Any value between the two.
    Uniform(Spanned<V>, Spanned<V>),
    /// Least, most frequent, most.
    Triangular(Spanned<V>, Spanned<V>, Spanned<V>),
    /// Mean.
    Exponential(Spanned<V>),
    /// Number of exponentials, mean of the sum.
    Erlang(Spanned<f64>, Spanned<V>),
    /// Mean, standard deviation.
    Gamma(Spanned<V>, Spanned<V>),
    /// Mean, standard deviation.
    Lognormal(Spanned<V>, Spanned<V>),
    /// Shape, mean.
    Weibull(Spanned<f64>, Spanned<V>),
    /// Observed values.
    Empirical(Vec<Spanned<V>>),
}

/// A distribution with its origin: `2h`, or `{ lognormal: { mean: 2h, sd: 1h }, source: … }`.
#[derive(Debug, Clone)]
pub struct FigureDef<V> {
    /// The distribution.
    pub distribution: Option<DistributionDef<V>>,
    /// Where it comes from.
    pub origin: OriginDef,
}

/// The parameters of a distribution, whichever it needs.
struct Parameters<V>(PhantomData<V>);

/// The distributions and their parameters.
const DISTRIBUTIONS: [(&str, &[&str], &str, &str); 7] = [
    (
        "uniform",
        &["min", "max"],
        "两者之间任意值，机会均等",
        "any value between the two, equally likely",
    ),
    (
        "triangular",
        &["min", "mode", "max"],
        "三角分布：最少、最常见、最多",
        "between `min` and `max`, most often `mode`",
    ),
    ("exponential", &["mean"], "指数分布", "exponential"),
    (
        "erlang",
        &["shape", "mean"],
        "爱尔朗分布：`shape` 段之和",
        "a sum of `shape` exponentials",
    ),
    (
        "gamma",
        &["mean", "sd"],
        "伽马分布：均值和标准差",
        "gamma, by mean and standard deviation",
    ),
    (
        "lognormal",
        &["mean", "sd"],
        "对数正态分布：值本身的均值和标准差",
        "lognormal, by mean and standard deviation of the values themselves",
    ),
    (
        "weibull",
        &["shape", "mean"],
        "韦布尔分布",
        "Weibull; a shape of 1 is exponential",
    ),
];

impl<V: Read> Parameters<V> {
    fn read(name: &str, node: &Node, reader: &mut Reader<'_>) -> Option<DistributionDef<V>> {
        let mut named = DISTRIBUTIONS.iter();
        let (_, keys, ..) = named.find(|(known, ..)| *known == name)?;
        let mut fields = reader.fields(node, keys)?;
        let mut take =
            |key: &'static str, reader: &mut Reader<'_>| required::<V>(&mut fields, reader, key);
        let two = |a: Option<Spanned<V>>, b: Option<Spanned<V>>| Some((a?, b?));
        let made = match name {
            "uniform" => {
                let (min, max) = (take("min", reader), take("max", reader));
                two(min, max).map(|(a, b)| DistributionDef::Uniform(a, b))
            }
            "triangular" => {
                let min = take("min", reader);
                let mode = take("mode", reader);
                let max = take("max", reader);
                two(min, mode)
                    .zip(max)
                    .map(|((a, b), c)| DistributionDef::Triangular(a, b, c))
            }
            "exponential" => take("mean", reader).map(DistributionDef::Exponential),
            "erlang" | "weibull" => {
                let mean = take("mean", reader);
                let shape = required::<f64>(&mut fields, reader, "shape");
                shape.zip(mean).map(|(shape, mean)| {
                    if name == "erlang" {
                        DistributionDef::Erlang(shape, mean)
                    } else {
                        DistributionDef::Weibull(shape, mean)
                    }
                })
            }
            other => {
                let (mean, sd) = (take("mean", reader), take("sd", reader));
                two(mean, sd).map(|(mean, sd)| {
                    if other == "gamma" {
                        DistributionDef::Gamma(mean, sd)
                    } else {
                        DistributionDef::Lognormal(mean, sd)
                    }
                })
            }
        };
        fields.finish(reader);
        made
    }
}

impl<V: Read> Read for FigureDef<V> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let Value::Map(map) = &node.value else {
            let value = super::spanned(node, reader)?;
            return Some(Self {
                distribution: Some(DistributionDef::Fixed(value)),
                origin: OriginDef::default(),
            });
        };
        let mut keys = vec!["fixed", "empirical", "source", "assumed"];
        keys.splice(1..1, DISTRIBUTIONS.map(|(name, ..)| name));
        let mut fields = reader.fields(node, &keys)?;
        let fixed = optional(&mut fields, reader, "fixed").map(DistributionDef::Fixed);
        let mut found = vec![fixed];
        for (name, ..) in DISTRIBUTIONS {
            found.push(fields.optional(name, reader, |node, reader| {
                Parameters::read(name, node, reader)
            }));
        }
        found.push(
            optional::<Vec<Spanned<V>>>(&mut fields, reader, "empirical")
                .map(|list| DistributionDef::Empirical(list.value)),
        );
        let origin = OriginDef::take(&mut fields, reader);
        let written = map
            .entries
            .iter()
            .filter(|entry| !matches!(&*entry.key.text, "source" | "assumed"))
            .count();
        let unread = fields.finish(reader);
        if written != 1 && !unread {
            reader.report(
                Diagnostic::new(
                    Code::OneDistribution,
                    node.span,
                    both!(
                        "此处应当有且只有一个分布",
                        "exactly one distribution was expected here"
                    ),
                )
                .help(both!(
                    "写成如 `{{ lognormal: {{ mean: 2h, sd: 1h }}, source: … }}`",
                    "write it as in `{{ lognormal: {{ mean: 2h, sd: 1h }}, source: … }}`",
                )),
            );
        }
        Some(Self {
            distribution: found.into_iter().flatten().next(),
            origin,
        })
    }

    fn shape() -> Shape {
        Shape::OneOf(vec![V::shape(), Shape::Record(figure_record::<V>)])
    }
}

fn figure_record<V: Read>() -> RecordShape {
    let key = |key, meaning, shape| KeyShape {
        key,
        required: false,
        meaning,
        shape,
    };
    let mut keys = vec![key(
        "fixed",
        Text::new("固定值", "always the same"),
        V::shape(),
    )];
    for (name, _, zh, en) in DISTRIBUTIONS {
        keys.push(key(name, Text::new(zh, en), parameters_shape::<V>(name)));
    }
    keys.push(key(
        "empirical",
        Text::new("观测值，机会均等", "observed values, equally likely"),
        Shape::List(Box::new(V::shape())),
    ));
    keys.extend(origin_keys());
    let of_durations = matches!(V::shape(), Shape::Duration);
    RecordShape {
        name: if of_durations {
            "duration_figure"
        } else {
            "number_figure"
        },
        title: Text::new("带来源的分布", "a distribution with its origin"),
        shared: true,
        keys,
    }
}

/// Function pointers carry no name, so each distribution has its own.
fn parameters_shape<V: Read>(name: &str) -> Shape {
    macro_rules! of {
        ($at:literal) => {
            Shape::Record(|| parameters_record::<V>($at))
        };
    }
    match name {
        "uniform" => of!(0),
        "triangular" => of!(1),
        "exponential" => of!(2),
        "erlang" => of!(3),
        "gamma" => of!(4),
        "lognormal" => of!(5),
        _ => of!(6),
    }
}

fn parameters_record<V: Read>(at: usize) -> RecordShape {
    let (name, parameters, zh, en) = DISTRIBUTIONS[at];
    let meaning = |parameter: &str| match parameter {
        "min" => Text::new("最小值", "the least"),
        "max" => Text::new("最大值", "the most"),
        "mode" => Text::new("最常见的值", "the most frequent"),
        "mean" => Text::new("均值", "the mean"),
        "sd" => Text::new("标准差", "the standard deviation"),
        _ => Text::new("形状参数", "the shape"),
    };
    RecordShape {
        name,
        title: Text::new(zh, en),
        shared: false,
        keys: parameters
            .iter()
            .map(|parameter| KeyShape {
                key: parameter,
                required: true,
                meaning: meaning(parameter),
                shape: if *parameter == "shape" {
                    Shape::Number
                } else {
                    V::shape()
                },
            })
            .collect(),
    }
}

record! {
    /// A probability with its origin, in its long form.
    pub struct ProbabilityRecord "probability_figure" "带来源的比例" "a probability with its origin" {
        probability "probability" required Probability: "比例" "the probability";
        source "source" optional String: "来源：公布的或实测的" "where it is published or measured";
        assumed "assumed" optional String: "假设及其理由" "that it is assumed, and why";
    }
}

/// A probability: `25%`, or the long form.
#[derive(Debug, Clone)]
pub struct ProbabilityDef(pub ProbabilityRecord);

impl Read for ProbabilityDef {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if let Value::Map(_) = node.value {
            return ProbabilityRecord::read(node, reader).map(Self);
        }
        let probability = super::spanned(node, reader)?;
        Some(Self(ProbabilityRecord {
            probability: Some(probability),
            ..ProbabilityRecord::default()
        }))
    }
    fn shape() -> Shape {
        Shape::OneOf(vec![Shape::Probability, ProbabilityRecord::shape()])
    }
}
