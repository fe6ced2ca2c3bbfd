//! Redesign by analysis: from the old way and the contracts to a proposal.
//!
//! Rules are a closed list ([`Rule`]), each a pure function from a design to a
//! changed design and a [`Proof`]: what was checked and what changed. A rewrite
//! is kept only if the result compiles and gives the applicant, in every class
//! of answers, everything it gave before. The [`Waterfall`] tells what each
//! rule saves.
//!
//! # What it does not do
//!
//! It measures nothing itself: the caller scores plans. It knows no law beyond
//! what the definition cites; what only a person can know is listed under
//! `Proof::confirm`.

mod ask_once;
mod compose;
mod eliminate;
mod graph;
mod once_only;
mod orders;
mod proof;
mod report;
mod suggest;
mod waterfall;

use std::collections::BTreeMap;

use onething_definition::classes::classes;
use onething_definition::design::{Design, Drafting, Registries, Setting};
use onething_definition::diagnostic::Diagnostics;
use onething_model::{FieldPath, RegistryKey, StepKey, Text};
use onething_plan::workload::{Distribution, Duration, Unit, Workload};
use onething_plan::{Plan, Scenario};
use serde::Serialize;

pub use orders::{ascending, expected_work};
pub use proof::{Line, Proof, Rule};
pub use suggest::Suggestion;
pub use waterfall::{Bar, Waterfall};

/// What a redesign prefers where two rules pull in different directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Prefer {
    /// The applicant's time: independent checks run at the same time.
    #[default]
    Time,
    /// The staff's work: independent checks run one after the other, cheapest refusal first.
    Work,
}

/// What rules look at beside the design.
pub(crate) struct Ground<'a> {
    setting: &'a Setting,
    workload: Option<&'a Workload>,
    prefer: Prefer,
}

impl Ground<'_> {
    /// How often a registry has nothing.
    fn miss(&self, registry: &RegistryKey) -> Option<f64> {
        let misses = &self.workload?.misses;
        let found = misses.iter().find(|(key, _)| key == registry);
        found.map(|(_, figure)| figure.value)
    }

    /// How often a step refuses.
    fn refusal(&self, step: &StepKey) -> Option<f64> {
        let refusals = &self.workload?.refusals;
        let found = refusals.iter().find(|(key, _)| key == step);
        found.map(|(_, figure)| figure.value)
    }

    /// The mean hands-on time of a step, where it is stated in hours.
    fn work_hours(&self, step: &StepKey) -> Option<f64> {
        let work = &self.workload?.work;
        let (_, figure) = work.iter().find(|(key, _)| key == step)?;
        (figure.value.unit == Unit::Hours).then(|| mean(&figure.value))
    }
}

/// The mean of a duration, in its unit.
fn mean(duration: &Duration) -> f64 {
    match &duration.distribution {
        Distribution::Constant(value) => *value,
        Distribution::Uniform { min, max } => (min + max) / 2.0,
        Distribution::Triangular { min, mode, max } => (min + mode + max) / 3.0,
        Distribution::Exponential { mean }
        | Distribution::Erlang { mean, .. }
        | Distribution::Gamma { mean, .. }
        | Distribution::Lognormal { mean, .. }
        | Distribution::Weibull { mean, .. } => *mean,
        Distribution::Empirical(values) => {
            values.iter().sum::<f64>() / (values.len().max(1) as f64)
        }
    }
}

/// What the registries that are asked hold.
fn given<'a>(setting: &'a Setting, fetched: &'a Registries) -> Vec<&'a FieldPath> {
    setting
        .providers
        .iter()
        .filter(|provider| fetched.allows(provider.registry.as_str()))
        .flat_map(|provider| &provider.gives)
        .collect()
}

/// At most three decimals.
fn decimal(value: f64) -> String {
    let rounded = (value * 1_000.0).round() / 1_000.0;
    if rounded == 0.0 {
        "0".to_owned()
    } else {
        rounded.to_string()
    }
}

fn percent(share: f64) -> String {
    format!("{}%", decimal(share * 100.0))
}

/// A rewrite that was tried and not kept.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Refusal {
    /// The rule.
    pub rule: Rule,
    /// Why.
    pub why: Text,
}

/// A proposal.
#[derive(Debug, Clone)]
pub struct Redesign {
    /// What people call the service.
    pub title: Text,
    /// The proposed design.
    pub design: Design,
    /// Its plan.
    pub plan: Plan,
    /// The plan that was begun with.
    pub before: Plan,
    /// The rewrites that were kept, in the order in which they were applied.
    pub applied: Vec<Proof>,
    /// The rewrites that were tried and not kept.
    pub refused: Vec<Refusal>,
    /// What the rules lead to or suggest without changing the design.
    pub suggested: Vec<Suggestion>,
    /// What each rule saves.
    pub waterfall: Waterfall,
}

/// Applies one rule; `None` where it finds nothing to do.
#[must_use]
pub(crate) fn rewrite(ground: &Ground<'_>, rule: Rule, design: &Design) -> Option<(Design, Proof)> {
    match rule {
        Rule::AskOnce => ask_once::apply(ground, design),
        Rule::OnceOnly => once_only::apply(ground, design),
        Rule::Eliminate => eliminate::steps(ground, design),
        Rule::DeadData => eliminate::data(ground, design),
        Rule::Resequence => orders::resequence(ground, design),
        Rule::Unbind => orders::unbind(ground, design),
        Rule::Compose => compose::apply(ground, design),
        Rule::KnockOut => orders::knock_out(ground, design),
        // These follow from others, or are only suggested.
        Rule::Parallelise | Rule::UnBatch | Rule::Triage => None,
    }
}

/// Proposes a new way from a design, the old way as a rule.
///
/// `figures` names what `score` gives for a plan, in the same order; `None`
/// where a figure is unknown. It is asked once for each subset of the rules
/// that were kept.
///
/// # Errors
/// The design that is begun with does not compile.
pub fn redesign(
    drafting: &Drafting<'_>,
    from: &Design,
    prefer: Prefer,
    figures: &[String],
    mut score: impl FnMut(&Plan) -> Vec<Option<f64>>,
) -> Result<Redesign, Diagnostics> {
    let workload = drafting.service().workload.clone();
    let ground = Ground {
        setting: drafting.setting(),
        workload: workload.as_deref(),
        prefer,
    };
    let before = drafting.plan(from)?;
    let (mut design, mut plan) = (from.clone(), before.clone());
    let (mut applied, mut refused) = (Vec::new(), Vec::new());
    // The workload knows the steps by their own names: figures are of the
    // plan before steps are merged.
    let mut unmerged = None;
    for rule in Rule::APPLIED {
        let Some((next, proof)) = rewrite(&ground, rule, &design) else {
            continue;
        };
        let kept = drafting
            .plan(&next)
            .map_err(|found| {
                let first = found.into_sorted().into_iter().next();
                first.map_or_else(Text::default, |first| first.message)
            })
            .and_then(|next| match lost(&before, &next) {
                None => Ok(next),
                Some(why) => Err(why),
            });
        match kept {
            Ok(next_plan) => {
                if rule == Rule::Compose {
                    unmerged = Some(plan);
                }
                (design, plan) = (next, next_plan);
                applied.push(proof);
            }
            Err(why) => refused.push(Refusal { rule, why }),
        }
    }
    let rules: Vec<Rule> = applied.iter().map(|proof: &Proof| proof.rule).collect();
    let waterfall = waterfall::waterfall(figures, &rules, |set| {
        let chosen = rules.iter().enumerate();
        let chosen = chosen.filter(|(at, _)| set >> at & 1 == 1);
        let chosen: Vec<Rule> = chosen.map(|(_, rule)| *rule).collect();
        subset(drafting, &ground, from, &chosen)
            .map_or_else(|| vec![None; figures.len()], |plan| score(&plan))
    });
    let suggested = suggest::suggest(&ground, &before, unmerged.as_ref().unwrap_or(&plan));
    Ok(Redesign {
        title: drafting.setting().title.clone(),
        design,
        plan,
        before,
        applied,
        refused,
        suggested,
        waterfall,
    })
}

/// The plan after some of the rules. A rewrite that does not compile without
/// one that is left out (an order against the walk, say) is not made.
fn subset(
    drafting: &Drafting<'_>,
    ground: &Ground<'_>,
    from: &Design,
    rules: &[Rule],
) -> Option<Plan> {
    let all = rules.iter().fold(from.clone(), |design, rule| {
        rewrite(ground, *rule, &design).map_or(design, |(next, _)| next)
    });
    if let Ok(plan) = drafting.plan(&all) {
        return Some(plan);
    }
    let (mut design, mut plan) = (from.clone(), None);
    for rule in rules {
        if let Some((next, _)) = rewrite(ground, *rule, &design)
            && let Ok(made) = drafting.plan(&next)
        {
            (design, plan) = (next, Some(made));
        }
    }
    plan.or_else(|| drafting.plan(from).ok())
}

/// What the applicant no longer gets, or is asked although it is known, in
/// some class of answers; `None` where nothing is lost.
#[must_use]
pub fn lost(before: &Plan, after: &Plan) -> Option<Text> {
    let fields: BTreeMap<&FieldPath, usize> = after
        .fields
        .iter()
        .enumerate()
        .map(|(at, field)| (&field.path, at))
        .collect();
    for answers in &classes(before).answers {
        let (was, is) = (
            Scenario::resolve(before, answers),
            Scenario::resolve(after, answers),
        );
        for field in &before.fields {
            let delivered = before
                .deliveries
                .iter()
                .any(|delivery| delivery.what == field.role);
            if !delivered || !field.producers.iter().any(|step| was.is_active(*step)) {
                continue;
            }
            let still = fields.get(&field.path).is_some_and(|at| {
                let producers = &after.fields[*at].producers;
                producers.iter().any(|step| is.is_active(*step))
            });
            if !still {
                let path = &field.path;
                return Some(Text::new(
                    format!("某些情形下不再产生 `{path}`"),
                    format!("`{path}` is no longer made in some scenario"),
                ));
            }
        }
    }
    None
}
