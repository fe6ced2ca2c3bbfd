//! One rewrite of a rule is refused and its others stand.

use std::collections::BTreeMap;

use onething_definition::SourceSet;
use onething_definition::design::{Design, Folder, OrderKind};

use super::*;
use crate::rewrite::Prefer;

const DEPARTMENTS: &str = "departments:\n  d: { title: D }\n  e: { title: E }\n";
const PERSON: &str = "contract: person
version: 1.0.0
title: Person
identified_by: [id]
fields:
  id: { title: Id, type: text }
  name: { title: Name, type: document }
  town: { title: Town, type: document }
  doc: { title: Document, type: document }
providers:
  - { registry: people, department: d, with: [id], gives: [name], basis: law }
  - { registry: towns, department: d, with: [id], gives: [town], basis: law }
";
const MADE: &str = "contract: made
version: 1.0.0
title: Made
fields:
  number: { title: Number, type: text }
  note: { title: Note, type: text }
";
/// Every rule finds two things to do, of which one can be refused.
const SERVICE: &str = "onething: 1
service: svc
version: 1.0.0
title: Service
owner: d
calendar: round-the-clock
roles: { who: person, q: made, r: made, s: made }
applicant: who
matters:
  m: { title: M, department: d }
  n: { title: N, department: e }
steps:
  x: { title: X, matter: m, by: officer, reads: { who: [doc] }, limit: 1wd, legal_effect: no }
  y: { title: Y, matter: m, by: officer, reads: { who: [id] }, limit: 1wd, legal_effect: no }
  a: { title: A, matter: n, by: officer, reads: { who: [name] }, writes: { s: [note, number] }, limit: 1wd }
  b: { title: B, matter: n, by: officer, reads: { s: [note] }, writes: { r: [number] }, limit: 1wd }
  c: { title: C, matter: m, by: officer, reads: { who: [town] }, writes: { q: [note, number] }, limit: 1wd }
  f: { title: F, matter: m, by: officer, reads: { q: [note] }, writes: { r: [note] }, limit: 1wd }
  one: { title: One, matter: m, by: system, reads: { who: [doc] } }
  two: { title: Two, matter: n, by: system, reads: { who: [id] } }
delivers:
  - { what: r, by: [electronic] }
";
const BEFORE: &str = "before: svc
handled: apart
fetched: nothing
walk: [m, n]
because: habit
intake: { visits: 1, asks: { who: [id, doc] } }
";

/// Refuses what a rule does where this holds of the design.
fn run(rule: Rule, worse: fn(&Design) -> bool) -> (Pipeline, Vec<String>) {
    let sources = SourceSet::from_texts([
        ("departments.yaml", DEPARTMENTS),
        ("contracts/person.yaml", PERSON),
        ("contracts/made.yaml", MADE),
        ("svc/service.yaml", SERVICE),
        ("svc/before.yaml", BEFORE),
    ]);
    let folder = Folder::read(Arc::new(sources), "svc");
    let drafting = folder.open().unwrap_or_else(|wrong| {
        let found = wrong.diagnostics.into_sorted();
        let found = found.iter().map(|one| one.message.en().to_owned());
        panic!("{:?}", found.collect::<Vec<_>>())
    });
    let mut ground = Ground {
        drafting: &drafting,
        setting: drafting.setting(),
        workload: None,
        prefer: Prefer::Time,
        closed: &[],
        denied: BTreeMap::new(),
        drops_dead_data: false,
    };
    let judge = |ground: &Ground<'_>, of: Rule, ways: Ways<'_>| {
        let refused = (of == rule && worse(ways.is.design)).then(|| Text::new("x", "it is worse"));
        refused.or_else(|| worsened_by(ground, of, ways))
    };
    let old = Rc::new(Draft::new(drafting.old().unwrap().clone()));
    let made = Pipeline::run(&judge, &mut ground, &old, &Rule::APPLIED).unwrap();
    let proof = made.applied.iter().find(|proof| proof.rule == rule);
    let refused = proof.iter().flat_map(|proof| &proof.refused);
    let refused = refused.map(|line| line.text.en().to_owned()).collect();
    (made, refused)
}

fn makes(design: &Design, path: &str) -> bool {
    let mut steps = design.steps.iter();
    steps.any(|step| step.writes.iter().any(|field| field.to_string() == path))
}

/// Whether a step waits for another, for this kind of reason.
fn waits(design: &Design, later: &str, earlier: &str, kind: OrderKind) -> bool {
    let step = design.step(later);
    step.is_some_and(|step| {
        let mut after = step.after.iter();
        after.any(|order| order.kind == kind && order.step.as_str() == earlier)
    })
}

#[test]
fn all_that_is_not_refused_is_kept() {
    let (made, _) = run(Rule::AskOnce, |_| false);
    assert_eq!(made.refused, []);
    let design = &made.made.design;
    assert!(design.fetched.allows("people") && design.fetched.allows("towns"));
    assert!(design.step("x").is_none() && design.step("y").is_none());
    assert!(!makes(design, "s.number") && !makes(design, "q.number"));
    assert!(design.step("a-b").is_some() && design.step("c-f").is_some());
    assert!(made.applied.iter().all(|proof| proof.refused.is_empty()));
}

#[test]
fn one_registry_is_refused_and_the_other_asked() {
    let (made, refused) = run(Rule::OnceOnly, |design| design.fetched.allows("towns"));
    assert_eq!(refused, ["`towns`: it is worse"]);
    let fetched = &made.made.design.fetched;
    assert!(fetched.allows("people") && !fetched.allows("towns"));
}

#[test]
fn one_step_stays_and_the_other_goes() {
    let (made, refused) = run(Rule::Eliminate, |design| design.step("y").is_none());
    assert_eq!(refused, ["`y`: it is worse"]);
    let design = &made.made.design;
    assert!(design.step("y").is_some() && design.step("x").is_none());
}

#[test]
fn one_field_is_made_on_and_the_other_is_not() {
    let (made, refused) = run(Rule::DeadData, |design| !makes(design, "s.number"));
    assert_eq!(refused, ["Made: Number: it is worse"]);
    let design = &made.made.design;
    assert!(makes(design, "s.number") && !makes(design, "q.number"));
}

#[test]
fn one_check_stays_and_the_other_moves() {
    let moved = |design: &Design| waits(design, "a", "two", OrderKind::KnockOut);
    let (made, refused) = run(Rule::Resequence, |design| {
        waits(design, "a", "two", OrderKind::KnockOut)
    });
    assert_eq!(refused, ["`two`: it is worse"]);
    let proof = made
        .applied
        .iter()
        .find(|proof| proof.rule == Rule::Resequence);
    let moves = &proof.unwrap().changed;
    assert!(moves.iter().any(|line| line.text.en().contains("“One”")));
    assert!(!moves.iter().any(|line| line.text.en().contains("“Two”")));
    assert!(!moved(&made.made.design));
}

#[test]
fn one_order_stays_and_the_others_go() {
    let (made, refused) = run(Rule::Unbind, |design| {
        !waits(design, "a", "f", OrderKind::Habit)
    });
    assert_eq!(refused, ["`f` → `a`: it is worse"]);
    let design = &made.made.design;
    let habits = design.steps.iter().flat_map(|step| &step.after);
    let habits = habits.filter(|order| order.kind == OrderKind::Habit);
    assert_eq!(habits.count(), 1);
}

#[test]
fn one_pair_stays_apart_and_the_other_is_one() {
    let (made, refused) = run(Rule::Compose, |design| design.step("a-b").is_some());
    assert_eq!(refused, ["`a` → `b`: it is worse"]);
    let design = &made.made.design;
    assert!(design.step("a").is_some() && design.step("c-f").is_some());
}

#[test]
fn where_nothing_stands_the_rule_is_refused() {
    let (made, _) = run(Rule::AskOnce, |_| true);
    let told: Vec<(Rule, &str)> = made
        .refused
        .iter()
        .map(|refusal| (refusal.rule, refusal.why.en()))
        .collect();
    assert_eq!(told, [(Rule::AskOnce, "it is worse")]);
    assert_eq!(made.made.design.intakes.len(), 2);
    let (made, _) = run(Rule::Eliminate, |design| {
        design.step("x").is_none() || design.step("y").is_none()
    });
    let told: Vec<&str> = made
        .refused
        .iter()
        .map(|refusal| refusal.why.en())
        .collect();
    assert_eq!(told, ["`x`: it is worse", "`y`: it is worse"]);
}
