//! The redesign proved by something that is not itself: random services and
//! their proposals, both read sentence by sentence for every set of answers
//! ([`naive`]), and held to each promise on its own ([`promise`]).
//!
//! Nothing here knows the rules or calls `worsened`. Seeds 0 to N are the gate;
//! `ONETHING_SEEDS=from..to cargo test -p onething-redesign --test oracle` tries others.

mod merged;
mod naive;
mod neighbours;
mod promise;
#[path = "../random/mod.rs"]
mod random;
mod sentences;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use onething_definition::design::{Design, Drafting, Folder};
use onething_definition::diagnostic::Severity;
use onething_definition::{SourceSet, load};
use onething_plan::{
    Actor, Answer, Answers, Cond, Plan, QuestionIx, QuestionType, Scenario, Source,
};
use onething_redesign::rewrite::{Options, Prefer, Redesign, Rule, redesign};

use naive::{Asked, Case, Said, Told};

/// What was tried, so that no test passes for want of cases.
#[derive(Debug, Default)]
struct Tried {
    services: usize,
    /// Of these, where data runs against the old order.
    turned: usize,
    /// Of these, where a registry is asked on the draft for some answers, and later for others.
    two_times: usize,
    answers: usize,
    /// Steps that were merged of others.
    merged: usize,
    /// Of the answers, with something that follows from what the applicant gives.
    derived: usize,
    rules: [usize; Rule::APPLIED.len()],
    refused: Vec<String>,
    /// Seeds that are no service, by the first error.
    wrong: BTreeMap<String, usize>,
}

fn seeds(gate: Range<u64>) -> Range<u64> {
    let Ok(text) = std::env::var("ONETHING_SEEDS") else {
        return gate;
    };
    let ends = text.split_once("..").expect("as 100..200");
    ends.0.parse().unwrap()..ends.1.parse().unwrap()
}

/// Every set of answers that a condition of the service can tell from another.
fn all_answers(plan: &Plan) -> Vec<Said> {
    let mut all: Vec<Said> = vec![Vec::new()];
    for question in &plan.questions {
        let choices: Vec<Answer> = match &question.kind {
            QuestionType::YesNo => vec![Answer::YesNo(true), Answer::YesNo(false)],
            QuestionType::Choice(options) => options
                .iter()
                .map(|(key, _)| Answer::Choice(key.clone()))
                .collect(),
            // Random services compare with 5, shipped ones with 50 and 75.
            QuestionType::Number { .. } if plan.service.as_str() == "svc" => {
                [5.0, 6.0].map(Answer::Number).to_vec()
            }
            QuestionType::Number { .. } => [50.0, 60.0, 75.0, 90.0].map(Answer::Number).to_vec(),
        };
        let mut longer = Vec::new();
        for said in &all {
            let asked = naive::holds(&question.when, said);
            let answers: Vec<Option<Answer>> = match asked {
                true => choices.iter().cloned().map(Some).collect(),
                false => vec![None],
            };
            for answer in answers {
                let mut said = said.clone();
                said.push(answer);
                longer.push(said);
            }
        }
        all = longer;
    }
    let ruled_out = |said: &Said| {
        let mut rules = plan.impossible.iter();
        rules.any(|rule| naive::holds(&rule.when, said))
    };
    all.retain(|said| !ruled_out(said));
    all
}

fn in_words(said: &Said) -> String {
    let words = said.iter().map(|answer| match answer {
        None => "-".to_owned(),
        Some(Answer::YesNo(true)) => "yes".to_owned(),
        Some(Answer::YesNo(false)) => "no".to_owned(),
        Some(Answer::Number(number)) => number.to_string(),
        Some(Answer::Choice(choice)) => choice.to_string(),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Stated orders and who reads what of whom, to see what went wrong.
fn orders(design: &Design) -> String {
    let mut text = String::new();
    for step in &design.steps {
        let matter = step.matter.as_ref().map_or("", |key| key.as_str());
        text.push_str(&format!("{} ({matter}, {:?})", step.key, step.by));
        for order in &step.after {
            text.push_str(&format!(" {:?}:{}", order.kind, order.step));
        }
        let reads = step.reads.iter().map(|read| &read.field);
        for from in design.steps.iter().filter(|from| {
            let mut reads = reads.clone();
            reads.any(|field| from.writes.contains(field))
        }) {
            text.push_str(&format!(" reads:{}", from.key));
        }
        text.push_str("; ");
    }
    text
}

fn answers(said: &Said) -> Answers {
    let mut answers = Answers::none(said.len());
    for (at, answer) in said.iter().enumerate() {
        answers.set(QuestionIx::at(at), answer.clone());
    }
    answers
}

/// What the plan weighs for these answers.
fn weighed(plan: &Plan, scenario: &Scenario) -> Told {
    let mut given = BTreeSet::new();
    for step in scenario.steps() {
        for (field, source) in scenario.sources(*step) {
            if let Source::Derived(from) = source
                && let Some((_, Source::Applicant(form))) = scenario.outline().origin(*step, *field)
            {
                let form = plan.step(form).key.to_string();
                given.insert((form, plan.field(*from).path.clone()));
            }
        }
    }
    let registries = registries(plan, scenario);
    Told { registries, given }
}

/// The registries that the plan asks for these answers.
fn registries(plan: &Plan, scenario: &Scenario) -> Asked {
    let steps = scenario.steps().iter().map(|step| plan.step(*step));
    steps
        .filter_map(|step| match &step.actor {
            Actor::LookUp(look_up) => Some((
                look_up.registry.to_string(),
                plan.roles[look_up.role.index()].key.to_string(),
                plan.step(step.scope).key.to_string(),
            )),
            _ => None,
        })
        .collect()
}

/// Reads a way for these answers, and finds that the plan says the same of it.
fn read<'a>(
    drafting: &'a Drafting<'_>,
    design: &'a Design,
    plan: &Plan,
    said: &Said,
    told: &'a Told,
    what: &str,
) -> Case<'a> {
    let scenario = Scenario::resolve(plan, &answers(said));
    let case = Case::of(drafting.setting(), design, said, told);
    for (at, step) in design.steps.iter().enumerate() {
        let number = plan.find_step(step.key.as_str()).unwrap();
        assert_eq!(
            scenario.is_active(number),
            case.active[at],
            "{what}: {}",
            step.key
        );
    }
    for (at, intake) in design.intakes.iter().enumerate() {
        let number = plan.find_step(intake.key.as_str()).unwrap();
        let form = scenario.form(number).iter();
        let mut form: Vec<_> = form.map(|field| &plan.field(field.field).path).collect();
        form.sort();
        let mut asked: Vec<_> = case.asked[at].iter().collect();
        asked.sort();
        assert_eq!(form, asked, "{what}: the form of {}", intake.key);
    }
    case
}

fn proposed(drafting: &Drafting<'_>, old: &Design, prefer: Prefer) -> Redesign {
    let options = Options {
        prefer,
        ..Options::default()
    };
    redesign(drafting, old, options).unwrap()
}

/// Holds a proposal to all of its promises; what is broken, a line each.
fn broken(
    drafting: &Drafting<'_>,
    prefer: Prefer,
    what: &str,
    tried: &mut Tried,
) -> Option<String> {
    let old = drafting.old().unwrap();
    let made = proposed(drafting, old, prefer);
    let mut found = Vec::new();
    promise::stated(old, &made.design, &mut found);
    merging(drafting, &made, prefer, what, tried, &mut found);
    let reordered = made
        .applied
        .iter()
        .any(|proof| proof.rule == Rule::KnockOut);
    let workload = drafting.service().workload.as_deref();
    // Where data runs against the old order, as it may when matters become one case,
    // not all of the old order can stay.
    let told = "where the old order ran against the data, the data decides";
    let mut changed = made.applied.iter().flat_map(|proof| &proof.changed);
    let mut turned = changed.any(|line| line.text.en().starts_with(told));
    let plain = promise::without_knock_outs(&made.design);
    let mut late = Vec::new();
    for said in all_answers(&made.plan) {
        let what = format!("{what}, {}", in_words(&said));
        let [told_then, told_now] = [&made.before, &made.plan]
            .map(|plan| weighed(plan, &Scenario::resolve(plan, &answers(&said))));
        tried.derived += usize::from(!told_now.given.is_empty());
        let then = read(drafting, old, &made.before, &said, &told_then, &what);
        let now = read(drafting, &made.design, &made.plan, &said, &told_now, &what);
        let before = found.len();
        promise::seen(&then, &now, &mut found);
        turned = turned || {
            let by_data = Case::of(drafting.setting(), &plain, &said, &told_now);
            promise::turned(&then, &by_data)
        };
        let kept = found.len();
        if !reordered {
            promise::waits(&then, &now, &mut found);
        }
        if let (Prefer::Work, Some(workload)) = (prefer, workload) {
            if reordered {
                let was = promise::expected_hours(&then, [&then, &now], workload);
                let is = promise::expected_hours(&now, [&then, &now], workload);
                if is > was + 1e-9 {
                    found.push(format!("{is} hours of work, not {was}"));
                }
            }
            promise::spared(&then, &now, workload, &mut found);
        }
        late.extend(
            found
                .drain(kept..)
                .map(|line| format!("{line} ({})", in_words(&said))),
        );
        // Once is enough to know what is broken; the first answers stand for all.
        let known: Vec<String> = found.drain(before..).collect();
        for line in known {
            if !found.iter().any(|other| other.starts_with(&line)) {
                found.push(format!("{line} ({})", in_words(&said)));
            }
        }
        tried.answers += 1;
    }
    if let Some(workload) = workload {
        let knock_outs = made.applied.iter();
        let knock_outs = knock_outs.filter(|proof| proof.rule == Rule::KnockOut);
        for line in knock_outs.flat_map(|proof| &proof.changed) {
            promise::cheapest_first(&line.edges, workload, &mut found);
        }
    }
    let two_times = |plan: &Plan| {
        let mut steps = plan.steps.iter();
        steps.any(|step| matches!(step.actor, Actor::LookUp(_)) && step.when != Cond::Always)
    };
    tried.two_times += usize::from(two_times(&made.plan) || two_times(&made.before));
    tried.services += 1;
    tried.turned += usize::from(turned);
    if !turned {
        found.append(&mut late);
    }
    for proof in &made.applied {
        let at = Rule::APPLIED.iter().position(|rule| *rule == proof.rule);
        tried.rules[at.unwrap()] += 1;
    }
    for refusal in &made.refused {
        tried
            .refused
            .push(format!("{what}: {:?} {}", refusal.rule, refusal.why.en()));
    }
    if found.is_empty() {
        return None;
    }
    let rules = made.applied.iter().map(|proof| proof.rule.number());
    let rules: Vec<&str> = rules.collect();
    found.push(format!("old: {}", orders(old)));
    found.push(format!(
        "new, by {}: {}",
        rules.join(" "),
        orders(&made.design)
    ));
    Some(format!("{what}, {prefer:?}:\n  {}\n", found.join("\n  ")))
}

/// Holds the merged steps of a proposal to what they are merged of.
fn merging(
    drafting: &Drafting<'_>,
    made: &Redesign,
    prefer: Prefer,
    what: &str,
    tried: &mut Tried,
    found: &mut Vec<String>,
) {
    let merged = made.design.steps.iter();
    let merged = merged.filter(|step| !step.merges.is_empty()).count();
    if merged == 0 {
        return;
    }
    let old = drafting.old().unwrap();
    let apart = proposed(drafting, &merged::kept_apart(old, &made.design), prefer);
    if !merged::comparable(&apart.design, &made.design) {
        return;
    }
    tried.merged += merged;
    merged::stated(&apart.design, &made.design, found);
    let mut waiting = merged::Waiting::new();
    for said in all_answers(&made.plan) {
        let what = format!("{what}, merged, {}", in_words(&said));
        let [told_old, told_apart, told] = [&made.before, &apart.plan, &made.plan]
            .map(|plan| weighed(plan, &Scenario::resolve(plan, &answers(&said))));
        let old = read(drafting, old, &made.before, &said, &told_old, &what);
        let was = read(
            drafting,
            &apart.design,
            &apart.plan,
            &said,
            &told_apart,
            &what,
        );
        let is = read(drafting, &made.design, &made.plan, &said, &told, &what);
        let before = found.len();
        merged::seen(&old, &was, &is, &mut waiting, found);
        let more: BTreeSet<String> = found.drain(before..).collect();
        found.extend(more);
    }
    let late = waiting.iter().filter(|(_, leads)| !**leads);
    found.extend(late.map(|(key, _)| format!("a result waits for the end of {key}")));
    let mut known = BTreeSet::new();
    found.retain(|line| known.insert(line.clone()));
}

fn random_services(
    seeds: Range<u64>,
    prefer: Prefer,
    service: fn(u64) -> SourceSet,
) -> (Tried, String) {
    let mut tried = Tried::default();
    let mut all = String::new();
    for seed in seeds {
        let folder = Folder::read(Arc::new(service(seed)), "svc");
        let drafting = match folder.open() {
            Ok(drafting) => drafting,
            Err(wrong) => {
                let errors = wrong.diagnostics.into_sorted();
                let first = errors.iter().find(|one| one.severity() == Severity::Error);
                let code = first.map_or_else(String::new, |one| one.code.to_string());
                *tried.wrong.entry(code).or_default() += 1;
                continue;
            }
        };
        let what = format!("seed {seed}");
        all.extend(broken(&drafting, prefer, &what, &mut tried));
    }
    (tried, all)
}

#[test]
fn random_services_keep_their_promises() {
    let (tried, broken) = random_services(seeds(0..400), Prefer::Time, random::service);
    let lines: Vec<&str> = broken.lines().take(60).collect();
    assert!(broken.is_empty(), "{tried:?}\n{}", lines.join("\n"));
    assert!(tried.services - tried.turned >= 120, "{tried:?}");
    assert!(tried.derived >= 100, "{tried:?}");
    assert!(tried.two_times >= 20, "{tried:?}");
    assert!(tried.merged >= 20, "{tried:?}");
    // Where data and law run in a circle the applications stay apart, and nowhere else.
    let whole =
        |line: &&String| line.contains(": AskOnce") && !line.contains("wait for each other");
    let whole: Vec<&String> = tried.refused.iter().filter(whole).collect();
    assert!(whole.is_empty(), "{whole:?}");
    // The knock-out order prefers work, below.
    for (rule, count) in Rule::APPLIED.iter().zip(tried.rules) {
        assert!(
            *rule == Rule::KnockOut || count >= 15,
            "{rule:?}: {tried:?}"
        );
    }
}

#[test]
fn neighbours_that_become_one_keep_their_promises() {
    let (tried, broken) = random_services(seeds(0..400), Prefer::Time, neighbours::service);
    let lines: Vec<&str> = broken.lines().take(60).collect();
    assert!(broken.is_empty(), "{tried:?}\n{}", lines.join("\n"));
    assert!(tried.services >= 200 && tried.merged >= 150, "{tried:?}");
}

#[test]
fn who_prefers_work_never_has_more_of_it() {
    for (make, least) in [
        (random::service_with_work as fn(u64) -> _, 8),
        // Where all is one case R1 has less to do.
        (random::one_form_with_work, 5),
    ] {
        let (tried, broken) = random_services(seeds(0..300), Prefer::Work, make);
        let lines: Vec<&str> = broken.lines().take(60).collect();
        assert!(broken.is_empty(), "{tried:?}\n{}", lines.join("\n"));
        assert!(tried.services - tried.turned >= 90, "{tried:?}");
        for (rule, count) in Rule::APPLIED.iter().zip(tried.rules) {
            assert!(count >= least, "{rule:?}: {tried:?}");
        }
    }
}

/// What proofs say of applicants, against what is so; a line for each difference.
fn differing(
    drafting: &Drafting<'_>,
    what: &str,
    compared: &mut sentences::Compared,
) -> Vec<String> {
    let old = drafting.old().unwrap();
    let made = proposed(drafting, old, Prefer::Time);
    let cases = |said: &Said, look: &mut sentences::Look<'_>| {
        let [told_then, told_now] = [&made.before, &made.plan]
            .map(|plan| weighed(plan, &Scenario::resolve(plan, &answers(said))));
        let then = read(drafting, old, &made.before, said, &told_then, what);
        let now = read(drafting, &made.design, &made.plan, said, &told_now, what);
        look(&then, &now);
    };
    let all = all_answers(&made.before);
    let wrong = sentences::wrong(drafting, &made, &cases, &all, compared);
    let lines = wrong.into_iter().map(|line| format!("{what}: {line}"));
    lines.collect()
}

#[test]
fn what_proofs_say_of_applicants_is_so_for_each_and_all_of_it_is_said() {
    let mut compared = sentences::Compared::default();
    let mut wrong = Vec::new();
    let mut services = 0;
    for make in [random::service, random::service_with_exclusive_matters] {
        for seed in seeds(0..200) {
            let folder = Folder::read(Arc::new(make(seed)), "svc");
            if let Ok(drafting) = folder.open() {
                services += 1;
                wrong.extend(differing(&drafting, &format!("seed {seed}"), &mut compared));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows");
    let sources = load(&root).sources;
    for service in ["open-restaurant", "newborn", "enterprise-deregister"] {
        let folder = Folder::read(Arc::clone(&sources), service);
        wrong.extend(differing(&folder.open().unwrap(), service, &mut compared));
    }
    let lines: Vec<&str> = wrong.iter().take(40).map(String::as_str).collect();
    assert!(lines.is_empty(), "{compared:?}\n{}", lines.join("\n"));
    assert!(services >= 150, "{services}: {compared:?}");
    let of = &compared;
    for count in [
        of.twice,
        of.trips,
        of.undelivered,
        of.falls,
        of.gone,
        of.looked_up,
        of.carried,
        of.against,
        of.left_off,
        of.freed,
        of.spared,
        of.for_some,
    ] {
        assert!(count >= 10, "{compared:?}");
    }
}

#[test]
fn the_shipped_services_keep_their_promises() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows");
    let sources = load(&root).sources;
    let mut tried = Tried::default();
    for service in ["open-restaurant", "newborn", "enterprise-deregister"] {
        let folder = Folder::read(Arc::clone(&sources), service);
        let drafting = folder.open().unwrap();
        for prefer in [Prefer::Time, Prefer::Work] {
            let found = broken(&drafting, prefer, service, &mut tried);
            assert_eq!(found, None);
        }
    }
    assert!(tried.answers > 100 && tried.refused.is_empty(), "{tried:?}");
}
