//! Where a registry cannot be asked, since the step that makes its key was refused or is not
//! gone on with: the form for what it would have had comes then as well, if somebody who goes
//! on needs it. Told by the rules by which the core cancels, skips and asks.

use std::collections::BTreeSet;

use onething_model::Text;
use onething_plan::{Actor, FieldIx, Outline, Plan, Refused, Source, StepIx, SubmissionKind};

use crate::words;

/// The steps that make what a form's registry is asked with, be it by way of other registries.
pub(crate) fn makers(plan: &Plan, form: StepIx) -> BTreeSet<StepIx> {
    let mut makers = BTreeSet::new();
    let mut look_ups: Vec<StepIx> = look_up_of(plan, form).into_iter().collect();
    let mut known = BTreeSet::new();
    while let Some(look_up) = look_ups.pop() {
        if !known.insert(look_up) {
            continue;
        }
        for read in &plan.step(look_up).reads {
            let field = plan.field(read.field);
            let from = field.derived.map(|derived| plan.field(derived.from));
            for key in [Some(field), from].into_iter().flatten() {
                makers.extend(&key.producers);
                look_ups.extend(&key.lookups);
            }
        }
    }
    makers
}

/// Whether the form comes where `maker` is refused or is not gone on with, for these answers.
pub(crate) fn opens(plan: &Plan, outline: &Outline, form: StepIx, maker: StepIx) -> bool {
    let Some(look_up) = look_up_of(plan, form).filter(|_| outline.is_active(form)) else {
        return false;
    };
    // What comes after the maker cannot be refused before it.
    let after = coming_after(plan, outline, maker);
    let may_be_refused = |step: &StepIx| {
        let item = plan.step(*step);
        let refused = item.matter.map(|matter| plan.matter(matter).refused);
        item.actor.is_internal() && !after.contains(step) && refused == Some(Refused::EndsMatter)
    };
    outline.steps().filter(may_be_refused).any(|refused| {
        let ended = ended(plan, outline, refused, maker, look_up);
        ended.contains(&maker)
            && lacks_key(plan, outline, look_up, maker, &ended)
            && is_needed(plan, outline, look_up, None, &ended)
    })
}

/// What begins only when a step is over: by what is read, and by what orders say.
fn coming_after(plan: &Plan, outline: &Outline, first: StepIx) -> BTreeSet<StepIx> {
    let mut after = BTreeSet::new();
    let is_after = |after: &BTreeSet<StepIx>, step| step == first || after.contains(&step);
    // Steps stand in an order in which they can be done.
    for step in plan.step_numbers().filter(|step| *step > first) {
        let mut stated = plan.step(step).after.iter().map(|order| order.step);
        let mut sources = outline.sources(step).iter();
        let reads = sources.any(|(_, source)| match source {
            Source::Step(from) | Source::LookUp(from) | Source::Applicant(from) => {
                is_after(&after, *from)
            }
            Source::Derived(_) => false,
        });
        if reads || stated.any(|from| is_after(&after, from)) {
            after.insert(step);
        }
    }
    after
}

/// The makers for which the form comes for these answers, as people say it.
pub(crate) fn told(plan: &Plan, outline: &Outline, form: StepIx) -> Option<Text> {
    let makers = makers(plan, form).into_iter();
    let makers = makers.filter(|maker| opens(plan, outline, form, *maker));
    let titles: Vec<Text> = makers
        .map(|maker| words::quoted(&plan.step(maker).title))
        .collect();
    let join = |lang: fn(&Text) -> &str, between: &str| {
        let titles: Vec<&str> = titles.iter().map(lang).collect();
        titles.join(between)
    };
    let verb = if titles.len() > 1 { "are" } else { "is" };
    (!titles.is_empty()).then(|| {
        Text::new(
            format!("因{}不予许可或者不再办理而无法查询", join(Text::zh, "、")),
            format!(
                "cannot be asked since {} {verb} refused or not gone on with",
                join(Text::en, " and ")
            ),
        )
    })
}

fn look_up_of(plan: &Plan, form: StepIx) -> Option<StepIx> {
    match &plan.step(form).actor {
        Actor::Submission(of) => match of.kind {
            SubmissionKind::Fallback(look_up) => Some(look_up),
            SubmissionKind::Application => None,
        },
        _ => None,
    }
}

/// What is not gone on with where a step is refused whose matter ends with it: the rest of the
/// matter, and what cannot be without what is not made: by the maker, and by who waits for it or
/// for the registry. What else is of the matter may be done by then, and takes nothing with it.
fn ended(
    plan: &Plan,
    outline: &Outline,
    refused: StepIx,
    maker: StepIx,
    look_up: StepIx,
) -> BTreeSet<StepIx> {
    let mut ended = BTreeSet::from([refused]);
    let mut taking = ended.clone();
    let mut open = vec![refused];
    while let Some(step) = open.pop() {
        let matter = plan.step(step).matter;
        for other in outline.steps() {
            let item = plan.step(other);
            let needs = outline.required(plan, other).any(|from| from == step);
            let of_it = matter.is_some() && item.matter == matter;
            if matches!(item.actor, Actor::LookUp(_)) || !(needs || of_it) {
                continue;
            }
            let waits = || {
                let mut sources = outline.sources(other).iter();
                sources.any(|(_, source)| *source == Source::LookUp(look_up))
            };
            ended.insert(other);
            if (needs || other == maker || waits()) && taking.insert(other) {
                open.push(other);
            }
        }
    }
    ended
}

/// Whether nothing is known to ask a registry with, since `maker` has not made it.
fn lacks_key(
    plan: &Plan,
    outline: &Outline,
    look_up: StepIx,
    maker: StepIx,
    ended: &BTreeSet<StepIx>,
) -> bool {
    outline
        .sources(look_up)
        .iter()
        .any(|(key, source)| match source {
            Source::Step(from) => *from == maker && ended.contains(from),
            // Unless the applicant is asked for the key, and gives it.
            Source::LookUp(giver) => {
                lacks_key(plan, outline, *giver, maker, ended)
                    && !is_needed(plan, outline, *giver, Some(*key), ended)
            }
            Source::Applicant(_) | Source::Derived(_) => false,
        })
}

/// Whether somebody who goes on cannot do without what a registry gives, or one field of it.
fn is_needed(
    plan: &Plan,
    outline: &Outline,
    look_up: StepIx,
    only: Option<FieldIx>,
    ended: &BTreeSet<StepIx>,
) -> bool {
    outline
        .steps()
        .filter(|step| !ended.contains(step))
        .any(|step| {
            let item = plan.step(step);
            let mut reads = item.reads.iter().filter(|read| !read.optional);
            !matches!(item.actor, Actor::LookUp(_))
                && reads.any(|read| {
                    matches!(outline.origin(step, read.field), Some((field, Source::LookUp(from)))
                    if from == look_up && only.is_none_or(|only| only == field))
                })
        })
}
