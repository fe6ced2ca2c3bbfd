//! What a redesign promises, each promise stated on its own, over two ways of
//! handling as [`naive`](crate::naive) reads them.

use std::collections::{BTreeMap, BTreeSet};

use onething_definition::design::{By, Design, OrderKind, Read, Step};
use onething_model::{FieldPath, Limit, StepKey};
use onething_plan::Refused;
use onething_plan::workload::{Unit, Workload};

use crate::naive::{Case, From, lawful};

/// The steps whose work a step does.
pub(crate) fn parts(step: &Step) -> &[StepKey] {
    match &step.merges[..] {
        [] => std::slice::from_ref(&step.key),
        merges => merges,
    }
}

/// The step of a design that does the work of this name.
pub(crate) fn heir<'a>(design: &'a Design, key: &StepKey) -> Option<&'a Step> {
    design.steps.iter().find(|step| parts(step).contains(key))
}

/// What is broken whatever the answers.
pub(crate) fn stated(old: &Design, new: &Design, broken: &mut Vec<String>) {
    for delivers in &old.delivers {
        let mut kept = new.delivers.iter();
        let kept = kept.any(|kept| kept == delivers);
        check(broken, kept, || {
            format!("{} is not delivered", delivers.what)
        });
    }
    check(broken, old.limits == new.limits, || {
        "limits of matters".to_owned()
    });
    for step in &new.steps {
        let of: Option<Vec<&Step>> = parts(step)
            .iter()
            .map(|key| old.step(key.as_str()))
            .collect();
        let Some(of) = of else {
            broken.push(format!("{} is new", step.key));
            continue;
        };
        let key = &step.key;
        let each = |alike: fn(&Step, &Step) -> bool| of.iter().all(|part| alike(part, step));
        for (what, alike) in [
            (
                "hands",
                each(|a, b| a.by == b.by && a.department == b.department),
            ),
            ("matter", each(|a, b| a.matter == b.matter)),
            ("condition", each(|a, b| a.when == b.when)),
            ("retries", each(|a, b| a.retry == b.retry)),
            ("purposes", each(|a, b| a.purposes == b.purposes)),
        ] {
            check(broken, alike, || format!("{key} has another {what}"));
        }
        let visits: u32 = of.iter().map(|part| part.visits).sum();
        check(broken, visits == step.visits, || format!("trips of {key}"));
        let attended = of.iter().any(|part| part.attended);
        check(broken, attended == step.attended, || {
            format!("attendance of {key}")
        });
        let limits = |limit: fn(&Step) -> Option<Limit>| {
            let mut sum = BTreeMap::new();
            for limit in of.iter().filter_map(|part| limit(part)) {
                let (unit, amount) = length(limit);
                *sum.entry(unit).or_insert(0) += amount;
            }
            sum.into_iter().collect::<Vec<(&str, i128)>>()
        };
        let own = |limit: Option<Limit>| limit.map(length).into_iter().collect::<Vec<_>>();
        let alike = limits(|part| part.limit.promised) == own(step.limit.promised)
            && limits(|part| part.limit.statutory) == own(step.limit.statutory);
        check(broken, alike, || format!("the limit of {key}"));
        let lawful = of.iter().any(|part| part.legal_effect == Some(true));
        let says = step.legal_effect == Some(true);
        check(broken, lawful == says, || {
            format!("the legal effect of {key}")
        });
        let writes: BTreeSet<&FieldPath> = of.iter().flat_map(|part| &part.writes).collect();
        let more = step.writes.iter().find(|field| !writes.contains(field));
        check(broken, more.is_none(), || format!("{key} makes {more:?}"));
        let reads: BTreeSet<&FieldPath> = reads(&of).collect();
        let mut own = step.reads.iter().map(|read| &read.field);
        let more = own.find(|field| !reads.contains(*field));
        check(broken, more.is_none(), || format!("{key} sees {more:?}"));
        if let Some(undo) = &step.undo {
            check(broken, new.step(undo.as_str()).is_some(), || {
                format!("{key} undoes {undo}, which is gone")
            });
        }
        orders_of(old, new, step, broken);
    }
    for step in &old.steps {
        for other in &step.separate_from {
            if old.step(other.as_str()).is_none() {
                continue;
            }
            let pair = heir(new, &step.key).zip(heir(new, other));
            let apart = pair.is_some_and(|(one, two)| {
                one.key != two.key
                    && (one.separate_from.contains(&two.key)
                        || two.separate_from.contains(&one.key))
            });
            check(broken, apart, || {
                format!("{} and {other} are one", step.key)
            });
        }
    }
    for step in old
        .steps
        .iter()
        .filter(|step| heir(new, &step.key).is_none())
    {
        gone(old, new, step, broken);
    }
}

fn reads<'a>(steps: &[&'a Step]) -> impl Iterator<Item = &'a FieldPath> {
    steps
        .iter()
        .flat_map(|step| step.reads.iter().map(|read| &read.field))
        .collect::<Vec<_>>()
        .into_iter()
}

fn length(limit: Limit) -> (&'static str, i128) {
    match limit {
        Limit::WorkingDays { thousandths } => ("wd", i128::from(thousandths)),
        Limit::CalendarDays { thousandths } => ("d", i128::from(thousandths)),
        Limit::Clock(span) => ("µs", i128::from(span.0)),
    }
}

/// Who waits, waits for a step that is there; what is called law was law.
fn orders_of(old: &Design, new: &Design, step: &Step, broken: &mut Vec<String>) {
    for order in &step.after {
        let Some(earlier) = new.step(order.step.as_str()) else {
            broken.push(format!(
                "{} waits for {}, which is gone",
                step.key, order.step
            ));
            continue;
        };
        if order.kind == OrderKind::Law {
            // Demanded of the same work, or through a step that was left out.
            let chain = parts(earlier).iter().any(|one| {
                let mut later = parts(step).iter();
                later.any(|two| lawful_path(old, one, two))
            });
            check(broken, chain, || {
                format!("no law puts {} before {}", order.step, step.key)
            });
        }
    }
}

fn lawful_path(design: &Design, one: &StepKey, two: &StepKey) -> bool {
    let orders = lawful(design);
    let mut open = vec![two];
    let mut seen = BTreeSet::new();
    while let Some(at) = open.pop() {
        for (earlier, later) in &orders {
            if *later == at && seen.insert(*earlier) {
                open.push(earlier);
            }
        }
    }
    seen.contains(one)
}

/// A step that is gone: nobody wants it, and nobody misses it.
fn gone(old: &Design, new: &Design, step: &Step, broken: &mut Vec<String>) {
    let key = &step.key;
    check(broken, step.legal_effect != Some(true), || {
        format!("{key} had a legal effect")
    });
    let named = lawful(old)
        .iter()
        .any(|(one, two)| *one == key && heir(new, two).is_some());
    check(broken, !named, || {
        format!("the law has others wait for {key}")
    });
    let undoes = new
        .steps
        .iter()
        .any(|other| other.undo.as_ref() == Some(key));
    check(broken, !undoes, || format!("{key} is undone by another"));
    for field in &step.writes {
        let delivered = new
            .delivers
            .iter()
            .any(|delivers| delivers.what == field.role);
        check(broken, !delivered, || {
            format!("{field} of {key} is delivered")
        });
        let mut steps = new.steps.iter();
        let read = steps.any(|step| step.reads.iter().any(|read| read.field == *field));
        check(broken, !read, || format!("{field} of {key} is read"));
    }
    let of_matter = |design: &Design| design.steps.iter().any(|other| other.matter == step.matter);
    check(broken, of_matter(new), || {
        format!("{key} was all of its matter")
    });
    let told = step.legal_effect == Some(false);
    // The applicant only came for what is sent anyway.
    let collected = step.by == By::Applicant && !step.attended && step.writes.is_empty();
    let collected = collected
        && step.reads.iter().all(|read| {
            let mut delivers = new.delivers.iter();
            delivers.any(|delivers| {
                let by = |channel: &str| delivers.by.iter().any(|by| by.as_str() == channel);
                delivers.what == read.field.role && (by("electronic") || by("post"))
            })
        });
    // The same is checked by a step that stays.
    let same = |other: &&Step| {
        let fields = |reads: &[Read]| -> BTreeSet<(FieldPath, bool)> {
            reads
                .iter()
                .map(|read| (read.field.clone(), read.optional))
                .collect()
        };
        let law = |step: &Step| -> BTreeSet<StepKey> {
            let law = step
                .after
                .iter()
                .filter(|order| order.kind == OrderKind::Law);
            law.map(|order| order.step.clone()).collect()
        };
        other.key != *key
            && heir(new, &other.key).is_some()
            && matches!(step.by, By::Officer | By::System)
            && other.by == step.by
            && other.department == step.department
            && other.matter == step.matter
            && other.when == step.when
            && other.limit == step.limit
            && other.retry == step.retry
            && other.purposes == step.purposes
            && other.undo == step.undo
            && other.corrections == step.corrections
            && other.special == step.special
            && fields(&other.reads) == fields(&step.reads)
            && law(other) == law(step)
            && [*other, step]
                .iter()
                .all(|step| step.writes.is_empty() && !step.attended && step.visits == 0)
    };
    let twin = old.steps.iter().find(same);
    check(broken, told || collected || twin.is_some(), || {
        format!("{key} is gone for no reason")
    });
}

/// What is broken for one set of answers.
pub(crate) fn seen(old: &Case<'_>, new: &Case<'_>, broken: &mut Vec<String>) {
    let made = new.made();
    for field in old.made() {
        let delivered = old
            .design
            .delivers
            .iter()
            .any(|delivers| delivers.what == field.role);
        check(broken, !delivered || made.contains(field), || {
            format!("{field} is not made")
        });
    }
    for (at, step) in old.steps() {
        let lawful = step.legal_effect == Some(true);
        let Some(heir) = new.doing(&step.key) else {
            check(broken, !lawful, || format!("{} is not done", step.key));
            continue;
        };
        for field in step.writes.iter().filter(|_| lawful) {
            check(broken, made.contains(field), || {
                format!("{field} of {} is not made", step.key)
            });
        }
        informed(old, new, at, heir, broken);
    }
    for (one, two) in lawful(old.design) {
        let both = old.doing(one).is_some() && old.doing(two).is_some();
        let Some(later) = new.doing(two).filter(|_| both) else {
            continue;
        };
        let kept = new
            .doing(one)
            .is_some_and(|one| one != later && new.precedes(one, later));
        check(broken, kept, || {
            format!("{one} no longer comes before {two}")
        });
    }
    asked(old, new, broken);
    let accepted = |case: &Case<'_>| -> usize {
        let intakes = case.design.intakes.iter().zip(&case.open);
        let open = intakes.filter(|(_, open)| **open);
        open.filter(|(intake, _)| intake.acceptance.is_some())
            .count()
    };
    // Where nothing is left to do nothing is handed in.
    let is_done = new.active.iter().any(|active| *active);
    check(
        broken,
        accepted(old) == 0 || accepted(new) > 0 || !is_done,
        || "nobody accepts".to_owned(),
    );
}

/// Who still works knows what they knew, and has it at hand where they had.
fn informed(old: &Case<'_>, new: &Case<'_>, was: usize, is: usize, broken: &mut Vec<String>) {
    let key = &old.step(was).key;
    let within: BTreeSet<&FieldPath> = parts(new.step(is))
        .iter()
        .filter_map(|part| old.design.step(part.as_str()))
        .flat_map(|part| &part.writes)
        .collect();
    for read in &old.step(was).reads {
        let then = old.comes_from(was, &read.field);
        let now = new.comes_from(is, &read.field);
        // What passed within a merged step is known there.
        if within.contains(&read.field) && now.is_none() {
            continue;
        }
        let kept = match (then, now) {
            (_, None) => false,
            (Some(From::Step(_) | From::Registry), Some(now)) => {
                matches!(now, From::Step(_) | From::Registry)
            }
            (Some(From::Form), Some(now)) => now != From::Nowhere,
            (Some(From::Nowhere) | None, Some(_)) => true,
        };
        check(broken, kept, || {
            format!("{key} had {} {then:?}, now {now:?}", read.field)
        });
    }
}

fn asked(old: &Case<'_>, new: &Case<'_>, broken: &mut Vec<String>) {
    // A registry that is newly asked names the law that lets it.
    for provider in &new.setting.providers {
        let newly = !old.design.fetched.allows(provider.registry.as_str());
        let asked = new.asks(provider);
        check(
            broken,
            !(newly && asked) || provider.basis.is_some(),
            || format!("{} is asked on no basis", provider.registry),
        );
    }
    let known: BTreeSet<&FieldPath> = old.asked.iter().flatten().collect();
    // What is asked for no more, and what it is looked up by or follows from in its place.
    let now: BTreeSet<&FieldPath> = new.asked.iter().flatten().collect();
    let mut spared: BTreeSet<&FieldPath> = known.difference(&now).copied().collect();
    let count = |spared: &BTreeSet<&FieldPath>| spared.len();
    loop {
        let before = count(&spared);
        for provider in new.setting.providers.iter().filter(|one| new.asks(one)) {
            if provider.gives.iter().any(|field| spared.contains(field)) {
                spared.extend(&provider.with);
            }
        }
        let follow: Vec<&FieldPath> = spared
            .iter()
            .filter_map(|field| new.follows_from(field))
            .collect();
        spared.extend(follow);
        if count(&spared) == before {
            break;
        }
    }
    for field in now {
        let fine = known.contains(field) || spared.contains(field);
        check(broken, fine, || format!("{field} is asked anew"));
    }
    for form in &new.asked {
        let mut asked = form.iter();
        let twice = asked.find(|field| {
            new.follows_from(field)
                .is_some_and(|from| form.contains(from))
        });
        check(broken, twice.is_none(), || {
            format!("{twice:?} is asked beside what it follows from")
        });
    }
    let ((was, papers), (is, now)) = (old.burden(), new.burden());
    check(broken, is <= was, || {
        format!("{is} fields asked, not {was}")
    });
    check(broken, now <= papers, || {
        format!("{now} papers, not {papers}")
    });
    let (was, is) = (old.visits(), new.visits());
    check(broken, is <= was, || format!("{is} trips, not {was}"));
    let (was, is) = (old.appointments(), new.appointments());
    check(broken, is <= was, || {
        format!("{is} appointments, not {was}")
    });
    let (was, is) = (old.open.iter(), new.open.iter());
    let count = |open: std::slice::Iter<'_, bool>| open.filter(|open| **open).count();
    check(broken, count(is) <= count(was), || {
        "more applications".to_owned()
    });
}

/// The design without the orders that only spare work: what turns by them is
/// a rule's doing, and no excuse.
pub(crate) fn without_knock_outs(design: &Design) -> Design {
    let mut plain = design.clone();
    for step in &mut plain.steps {
        step.after.retain(|order| order.kind != OrderKind::KnockOut);
    }
    plain
}

/// Whether something now comes before what it came after.
pub(crate) fn turned(old: &Case<'_>, new: &Case<'_>) -> bool {
    old.steps().any(|(two, later)| {
        old.steps().any(|(one, earlier)| {
            let pair = new.doing(&earlier.key).zip(new.doing(&later.key));
            old.precedes(one, two) && pair.is_some_and(|(one, two)| new.precedes(two, one))
        })
    })
}

/// Nobody waits for what they did not wait for, unless they now get its result,
/// or a system's check of the form comes before people (R9).
pub(crate) fn waits(old: &Case<'_>, new: &Case<'_>, broken: &mut Vec<String>) {
    for (_, later) in new.steps() {
        for order in &later.after {
            let Some(one) = new.doing(&order.step) else {
                continue;
            };
            let earlier = new.step(one);
            let waited = parts(earlier).iter().any(|one| {
                let mut later = parts(later).iter();
                later.any(|two| {
                    let pair = old.doing(one).zip(old.doing(two));
                    pair.is_some_and(|(one, two)| old.precedes(one, two))
                })
            });
            let form = earlier
                .reads
                .iter()
                .all(|read| !matches!(new.comes_from(one, &read.field), Some(From::Step(_))));
            let checks = order.kind == OrderKind::KnockOut
                && earlier.by == By::System
                && earlier.limit.promised.is_none()
                && earlier.limit.statutory.is_none()
                && form
                && matches!(later.by, By::Officer | By::Outside)
                && earlier.matter == later.matter;
            check(broken, waited || checks, || {
                format!("{} now waits for {}", later.key, earlier.key)
            });
        }
    }
}

/// Who works after a refusal that ends their work, so that it is not done in
/// vain, still does: where work is preferred, an order that spares it stays,
/// unless data or a law now runs the other way.
pub(crate) fn spared(
    old: &Case<'_>,
    new: &Case<'_>,
    workload: &Workload,
    broken: &mut Vec<String>,
) {
    for (key, figure) in &workload.refusals {
        let Some(one) = old.doing(key).filter(|_| figure.value > 0.0) else {
            continue;
        };
        for (two, later) in old.steps() {
            let office = matches!(later.by, By::Officer | By::Outside);
            if !office || !old.precedes(one, two) || !ends(old, key, &later.key) {
                continue;
            }
            let Some((one, two)) = new.doing(key).zip(new.doing(&later.key)) else {
                continue;
            };
            let kept = one == two || new.precedes(one, two) || new.precedes(two, one);
            check(broken, kept, || {
                format!("{} no longer waits for {key} to refuse", later.key)
            });
        }
    }
}

/// Of two checks next to each other the one comes first that costs less work for each
/// case that it refuses: the other way round more work would be expected.
pub(crate) fn cheapest_first(
    pairs: &[(StepKey, StepKey)],
    workload: &Workload,
    broken: &mut Vec<String>,
) {
    let figures = |key: &StepKey| {
        let mut refusals = workload.refusals.iter();
        let refuses = refusals.find(|(known, _)| known == key);
        (
            hours_of(workload, key),
            refuses.map_or(0.0, |(_, figure)| figure.value),
        )
    };
    for (one, two) in pairs {
        let ((work_of_one, one_refuses), (work_of_two, two_refuses)) = (figures(one), figures(two));
        let in_order = work_of_one + (1.0 - one_refuses) * work_of_two;
        let swapped = work_of_two + (1.0 - two_refuses) * work_of_one;
        check(broken, in_order <= swapped + 1e-9, || {
            format!("{one} before {two} costs {in_order} hours, not {swapped}")
        });
    }
}

/// The hours that people work on a case in the mean, each step with its own
/// refusal: a step is done unless one before it, whose refusal ends it, refused.
///
/// A step that the proposal leaves out refuses nothing: not the work of others was
/// ever its use.
pub(crate) fn expected_hours(
    case: &Case<'_>,
    [old, new]: [&Case<'_>; 2],
    workload: &Workload,
) -> f64 {
    let refuses = |key: &StepKey| {
        if new.doing(key).is_none() {
            return 0.0;
        }
        let mut refusals = workload.refusals.iter();
        refusals
            .find(|(known, _)| known == key)
            .map_or(0.0, |(_, figure)| figure.value)
    };
    // Each part of a merged step by itself, in the order of the work.
    let all: Vec<(usize, usize, &StepKey)> = case
        .steps()
        .flat_map(|(at, step)| {
            let parts = parts(step).iter().enumerate();
            parts.map(move |(number, key)| (at, number, key))
        })
        .collect();
    let people = |at: &usize| matches!(case.step(*at).by, By::Officer | By::Outside);
    let mut hours = 0.0;
    for (at, number, key) in all.iter().filter(|(at, ..)| people(at)) {
        let mut done = 1.0;
        for (other, before, refuser) in &all {
            let comes_before = if other == at {
                before < number
            } else {
                case.precedes(*other, *at)
            };
            if comes_before && ends(old, refuser, key) {
                done *= 1.0 - refuses(refuser);
            }
        }
        hours += done * hours_of(workload, key);
    }
    hours
}

fn hours_of(workload: &Workload, key: &StepKey) -> f64 {
    let mut work = workload.work.iter();
    let found = work.find(|(known, figure)| known == key && figure.value.unit == Unit::Hours);
    found.map_or(0.0, |(_, figure)| {
        onething_measure::computed::mean(&figure.value.distribution)
    })
}

/// Whether a refusal of one step makes the work of another useless.
fn ends(old: &Case<'_>, one: &StepKey, other: &StepKey) -> bool {
    let matter = |key: &StepKey| {
        let step = old.design.step(key.as_str());
        step.and_then(|step| step.matter.clone())
    };
    let Some(of) = matter(one) else {
        return true;
    };
    match old.setting.matter(&of).unwrap().refused {
        Refused::EndsCase => true,
        Refused::EndsMatter => matter(other) == Some(of),
    }
}

pub(crate) fn check(broken: &mut Vec<String>, holds: bool, what: impl FnOnce() -> String) {
    if !holds {
        broken.push(what());
    }
}
