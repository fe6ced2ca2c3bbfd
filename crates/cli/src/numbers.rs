//! Numbers of the command line: held to their range before anything is done, and refused with
//! it and an example. How they are written is not left to the parser, which knows one language.

use std::ops::RangeInclusive;

use onething::Comparing;

use crate::failure::Failure;
use crate::say::both;

/// A whole number: how the option is spelt, its range, and an example.
struct Whole {
    option: &'static str,
    range: RangeInclusive<u64>,
    example: u64,
}

/// Ten thousand times the usual: one replication fits into memory, and ends some day.
const CASES: Whole = Whole {
    option: "--cases",
    range: 1..=10_000_000,
    example: 1_000,
};

/// Intervals need replications to vary.
const REPLICATIONS: Whole = Whole {
    option: "--replications",
    range: 2..=100_000,
    example: 20,
};

const SEED: Whole = Whole {
    option: "--seed",
    range: 0..=u64::MAX,
    example: 1,
};

const THREADS: Whole = Whole {
    option: "--threads",
    range: 1..=1_024,
    example: 2,
};

/// A share, as a fraction.
struct Share {
    option: &'static str,
    range: RangeInclusive<f64>,
    example: &'static str,
}

/// Below a half an interval more often misses than holds; above, its ends are made of the
/// farthest tail of a distribution that a study of some replications says nothing of.
const CONFIDENCE: Share = Share {
    option: "--confidence",
    range: 0.5..=0.9999,
    example: "0.95",
};

const MARGIN: Share = Share {
    option: "--margin",
    range: 0.0..=1.0,
    example: "0.05",
};

/// What the options of a study say, as they were written.
pub(crate) struct Study<'a> {
    pub(crate) cases: &'a str,
    pub(crate) replications: &'a str,
    pub(crate) seed: &'a str,
    pub(crate) confidence: &'a str,
    pub(crate) threads: Option<&'a str>,
}

/// A study as its options ask for it.
///
/// # Errors
/// One of them is no number within its range.
pub(crate) fn study(asked: &Study<'_>) -> Result<Comparing, Failure> {
    Ok(Comparing {
        cases: CASES.read(asked.cases)?,
        replications: REPLICATIONS.read(asked.replications)?,
        seed: SEED.read(asked.seed)?,
        confidence: CONFIDENCE.read(asked.confidence)?,
        threads: match asked.threads {
            // The range fits.
            Some(text) => THREADS.read(text)? as usize,
            None => Comparing::default().threads,
        },
    })
}

/// By how much a rewrite may worsen what it is not for.
///
/// # Errors
/// It is no share.
pub(crate) fn margin(text: &str) -> Result<f64, Failure> {
    MARGIN.read(text)
}

impl Whole {
    fn read(&self, text: &str) -> Result<u64, Failure> {
        let number = text.parse().ok();
        let number = number.filter(|number| self.range.contains(number));
        number.ok_or_else(|| {
            let (option, example) = (self.option, self.example);
            let (least, most) = (self.range.start(), self.range.end());
            Failure::usage(both!(
                "`{option}` 应为 {least} 到 {most} 的整数，例如 {example}；所写的 `{text}` 不是",
                "`{option}` is a whole number from {least} to {most}, as {example}; `{text}` is none",
            ))
        })
    }
}

impl Share {
    fn read(&self, text: &str) -> Result<f64, Failure> {
        let number = text.parse::<f64>().ok();
        let within = |number: &f64| self.range.contains(number);
        if let Some(number) = number.filter(within) {
            // Minus nought is nought.
            return Ok(number.abs());
        }
        let (option, example) = (self.option, self.example);
        let (least, most) = (self.range.start(), self.range.end());
        let failure = Failure::usage(both!(
            "`{option}` 应为 {least} 到 {most} 的小数，例如 {example}；所写的 `{text}` 不是",
            "`{option}` is a fraction from {least} to {most}, as {example}; `{text}` is none",
        ));
        let percent = text.trim_end_matches(['%', '％']).trim_end().parse::<f64>();
        let fraction = percent.ok().map(|percent| percent / 100.0).filter(within);
        Err(match fraction {
            Some(fraction) => failure.help(both!(
                "百分数写成小数：`{option} {fraction}`",
                "write a percentage as a fraction: `{option} {fraction}`",
            )),
            None => failure,
        })
    }
}
