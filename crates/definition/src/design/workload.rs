//! A workload as the text of a `workload.yaml`, fitted to the steps that there are.
//!
//! Figures keep their origin. One that all or most figures of a section share is
//! written once, at its head.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::sync::Arc;

use onething_model::{Calendar, Limit, Micros};
use onething_plan::workload::{
    AnswerMix, Distribution, Duration, Figure, Origin, Staff, Unit, Workload,
};
use onething_plan::{Answer, Plan};

use super::write::{Needed, Page};
use super::yaml::quoted;
use crate::lower::symbols::Symbols;

/// What figures can be about.
pub(super) struct Subjects<'a> {
    pub(super) symbols: &'a Symbols<'a>,
    /// Steps of either way, derived ones too.
    pub(super) steps: BTreeSet<&'a str>,
    /// Departments that do a step in either way.
    pub(super) departments: BTreeSet<&'a str>,
    /// Registries that the remaining roles can be looked up in.
    pub(super) registries: BTreeSet<&'a str>,
    /// By number of the question: whether it is still asked.
    pub(super) questions: &'a [bool],
    /// Matters that a step works on in either way.
    pub(super) matters: BTreeSet<&'a str>,
}

impl<'a> Subjects<'a> {
    /// Whatever the plans do.
    pub(super) fn of(symbols: &'a Symbols<'a>, plans: &'a [Plan; 2], needed: &'a Needed) -> Self {
        let steps = || plans.iter().flat_map(|plan| &plan.steps);
        let department = |plan: &'a Plan| {
            let of = plan.steps.iter().filter_map(|step| step.department);
            of.map(|at| plan.department(at).key.as_str())
        };
        let roles = symbols.roles.iter().zip(&needed.roles);
        let matters = symbols.matters.iter().zip(&needed.matters);
        Self {
            symbols,
            steps: steps().map(|step| step.key.as_str()).collect(),
            departments: plans.iter().flat_map(department).collect(),
            registries: roles
                .filter(|(_, needed)| **needed)
                .filter_map(|(role, _)| role.contract)
                .flat_map(|at| &symbols.tree.contracts[at].providers)
                .map(|provider| provider.registry.as_str())
                .collect(),
            questions: &needed.questions,
            matters: matters
                .filter(|(_, needed)| **needed)
                .map(|(matter, _)| matter.key.as_str())
                .collect(),
        }
    }

    /// The name of a calendar.
    fn calendar(&self, calendar: &Arc<Calendar>) -> Option<&str> {
        let known = self.symbols.tree.calendars.iter().find(|entry| {
            let found = entry.calendar.as_ref();
            found.is_some_and(|found| Arc::ptr_eq(found, calendar))
        });
        known.map(|entry| entry.name.as_str())
    }
}

/// Writes the figures about what there is; gives the names of those left out.
pub(super) fn write_workload(
    page: &mut Page,
    subjects: &Subjects<'_>,
    workload: &Workload,
) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    if let Some(arrivals) = &workload.arrivals {
        page.line(0, "arrivals", "");
        page.line(1, "per_year", &arrivals.per_year.to_string());
        let on = subjects.calendar(&arrivals.calendar);
        page.some(1, "on", on.map(quoted));
        origin_lines(page, &arrivals.origin);
        page.gap();
    }
    answers(page, subjects, workload);
    let staff = |staff: &Staff| {
        let hours = subjects.calendar(&staff.calendar);
        let hours = hours.map(|hours| format!("hours: {}", quoted(hours)));
        let officers = Some(format!("officers: {}", staff.officers));
        Value::Map([officers, hours].into_iter().flatten().collect())
    };
    let departments = &subjects.departments;
    section(page, "staff", &workload.staff, departments, &mut out, staff);
    let steps = &subjects.steps;
    section(page, "work", &workload.work, steps, &mut out, duration);
    section(page, "lying", &workload.lying, steps, &mut out, duration);
    merged(page, subjects, workload);
    let registries = &subjects.registries;
    section(
        page,
        "misses",
        &workload.misses,
        registries,
        &mut out,
        share,
    );
    section(
        page,
        "supplements",
        &workload.supplements,
        &subjects.matters,
        &mut out,
        share,
    );
    single(page, "answered_after", workload.answered_after.as_ref());
    section(page, "refusals", &workload.refusals, steps, &mut out, share);
    single(page, "between_matters", workload.between_matters.as_ref());
    out
}

/// A figure as it is written.
enum Value {
    /// In a mapping of its own: `lognormal: …`, `officers: 2`; an origin stands beside it.
    Map(Vec<String>),
    /// As one value, which an origin turns into `{ key: value, … }`.
    Plain(&'static str, String),
}

impl Value {
    fn beside(self, origin: Option<String>) -> String {
        match (self, origin) {
            (Self::Plain(_, value), None) => value,
            (Self::Plain(key, value), Some(origin)) => format!("{{ {key}: {value}, {origin} }}"),
            (Self::Map(mut parts), origin) => {
                parts.extend(origin);
                format!("{{ {} }}", parts.join(", "))
            }
        }
    }
}

fn origin(origin: &Origin) -> Option<(&'static str, String)> {
    match origin {
        Origin::Source(source) => Some(("source", quoted(source))),
        Origin::Assumed(assumed) => Some(("assumed", quoted(assumed))),
        Origin::Unstated => None,
    }
}

fn origin_part(of: &Origin) -> Option<String> {
    origin(of).map(|(key, value)| format!("{key}: {value}"))
}

fn origin_lines(page: &mut Page, of: &Origin) {
    if let Some((key, value)) = origin(of) {
        page.line(1, key, &value);
    }
}

/// The origin that most figures share, if all of them state one.
fn shared<'a>(origins: impl Iterator<Item = &'a Origin> + Clone) -> Option<&'a Origin> {
    let stated = origins.clone().all(|origin| *origin != Origin::Unstated);
    let same = |one: &Origin| origins.clone().filter(|other| *other == one).count();
    // Of several that are as frequent the first.
    let most = origins
        .clone()
        .enumerate()
        .max_by_key(|(at, origin)| (same(origin), std::cmp::Reverse(*at)));
    most.map(|(_, origin)| origin).filter(|_| stated)
}

fn section<K: Display, T>(
    page: &mut Page,
    name: &str,
    figures: &[(K, Figure<T>)],
    known: &BTreeSet<&str>,
    out: &mut BTreeSet<String>,
    value: impl Fn(&T) -> Value,
) {
    let mut kept: Vec<(String, &Figure<T>)> = Vec::new();
    for (key, figure) in figures {
        let key = key.to_string();
        if known.contains(key.as_str()) {
            kept.push((key, figure));
        } else {
            out.insert(format!("{name}.{key}"));
        }
    }
    if kept.is_empty() {
        return;
    }
    let shared = shared(kept.iter().map(|(_, figure)| &figure.origin));
    page.line(0, name, "");
    shared.iter().for_each(|shared| origin_lines(page, shared));
    for (key, figure) in kept {
        let own = Some(&figure.origin).filter(|own| Some(*own) != shared);
        let value = value(&figure.value).beside(own.and_then(origin_part));
        page.line(1, &quoted(&key), &value);
    }
    page.gap();
}

fn merged(page: &mut Page, subjects: &Subjects<'_>, workload: &Workload) {
    let kept = workload.merged.iter();
    let kept: Vec<_> = kept
        .filter(|(key, _)| subjects.steps.contains(key.as_str()))
        .collect();
    if kept.is_empty() {
        return;
    }
    page.line(0, "merged", "");
    for (key, parts) in kept {
        let parts: Vec<String> = parts
            .iter()
            .map(|part| quoted(part.step.as_str()))
            .collect();
        let list = format!("[{}]", parts.join(", "));
        page.line(1, &quoted(key.as_str()), &list);
    }
    page.gap();
}

fn single(page: &mut Page, name: &str, figure: Option<&Figure<Duration>>) {
    if let Some(figure) = figure {
        let value = duration(&figure.value).beside(origin_part(&figure.origin));
        page.line(0, name, &value);
        page.gap();
    }
}

fn answers(page: &mut Page, subjects: &Subjects<'_>, workload: &Workload) {
    let questions = subjects.symbols.questions.iter().zip(subjects.questions);
    let asked: BTreeSet<&str> = questions
        .filter(|(_, asked)| **asked)
        .map(|(question, _)| question.key.as_str())
        .collect();
    let value = |mix: &AnswerMix| match mix {
        AnswerMix::Number(numbers) => distribution(numbers, &|number| number.to_string()),
        AnswerMix::Shares(shares) => {
            let of = |(answer, share): &(Answer, f64)| match answer {
                Answer::YesNo(true) => Some(("yes".to_owned(), percent(*share))),
                Answer::YesNo(false) | Answer::Number(_) => None,
                Answer::Choice(key) => Some((quoted(key), percent(*share))),
            };
            let mut shares: Vec<(String, String)> = shares.iter().filter_map(of).collect();
            match (shares.pop(), shares.is_empty()) {
                (Some((key, share)), true) if key == "yes" => Value::Plain("yes", share),
                (last, _) => {
                    shares.extend(last);
                    let parts = shares.iter().map(|(key, share)| format!("{key}: {share}"));
                    Value::Map(parts.collect())
                }
            }
        }
    };
    // What is no longer asked is told with the questions.
    let mut out = BTreeSet::new();
    section(page, "answers", &workload.answers, &asked, &mut out, value);
}

fn share(share: &f64) -> Value {
    Value::Plain("probability", percent(*share))
}

/// The shortest percentage that is read back as the same share.
fn percent(share: f64) -> String {
    let reads_back = |text: &String| {
        let found = crate::yaml::scalar::probability(text);
        found.is_ok_and(|found| found == share)
    };
    (0..=17)
        .map(|digits| format!("{:.digits$}%", share * 100.0))
        .find(reads_back)
        .unwrap_or_else(|| format!("{}%", share * 100.0))
}

fn duration(duration: &Duration) -> Value {
    let limit = |count: f64| match duration.unit {
        Unit::WorkingDays => Limit::WorkingDays {
            thousandths: thousandths(count),
        },
        Unit::CalendarDays => Limit::CalendarDays {
            thousandths: thousandths(count),
        },
        // A float cast saturates; durations are far from the ends.
        Unit::Hours => Limit::Clock(Micros((count * Micros::HOUR.0 as f64).round() as i64)),
    };
    distribution(&duration.distribution, &|count| limit(count).to_string())
}

fn thousandths(count: f64) -> u64 {
    (count * 1_000.0).round() as u64
}

fn distribution(of: &Distribution, number: &dyn Fn(f64) -> String) -> Value {
    let made = |name: &str, parameters: &[(&str, String)]| {
        let parameters: Vec<String> = parameters
            .iter()
            .map(|(key, value)| format!("{key}: {value}"))
            .collect();
        Value::Map(vec![format!("{name}: {{ {} }}", parameters.join(", "))])
    };
    match of {
        Distribution::Constant(value) => Value::Plain("fixed", number(*value)),
        Distribution::Uniform { min, max } => {
            made("uniform", &[("min", number(*min)), ("max", number(*max))])
        }
        Distribution::Triangular { min, mode, max } => made(
            "triangular",
            &[
                ("min", number(*min)),
                ("mode", number(*mode)),
                ("max", number(*max)),
            ],
        ),
        Distribution::Exponential { mean } => made("exponential", &[("mean", number(*mean))]),
        Distribution::Erlang { shape, mean } => made(
            "erlang",
            &[("shape", shape.to_string()), ("mean", number(*mean))],
        ),
        Distribution::Gamma { mean, sd } => {
            made("gamma", &[("mean", number(*mean)), ("sd", number(*sd))])
        }
        Distribution::Lognormal { mean, sd } => {
            made("lognormal", &[("mean", number(*mean)), ("sd", number(*sd))])
        }
        Distribution::Weibull { shape, mean } => made(
            "weibull",
            &[("shape", shape.to_string()), ("mean", number(*mean))],
        ),
        Distribution::Empirical(values) => {
            let values: Vec<String> = values.iter().map(|value| number(*value)).collect();
            Value::Map(vec![format!("empirical: [{}]", values.join(", "))])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_written_so_that_it_is_read_back() {
        for (share, text) in [
            (0.07, "7%"),
            (0.29, "29%"),
            (0.005, "0.5%"),
            (0.0, "0%"),
            (1.0, "100%"),
            (1.0 / 3.0, "33.33333333333333%"),
        ] {
            assert_eq!(percent(share), text);
            let found = crate::yaml::scalar::probability(text).unwrap();
            assert!((found - share).abs() < f64::EPSILON, "{text}");
        }
    }
}
