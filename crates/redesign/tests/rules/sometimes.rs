//! A matter that only some answers bring, whose window wants more than the others.

use onething_plan::Actor;
use onething_redesign::rewrite::{Prefer, Rule};

use crate::svc::Svc;

/// A matter each for `one` and `far`; `far` is part of the case for some answers only.
const SOMETIMES: Svc = Svc {
    steps: "  one:
    title: One
    matter: m
    by: officer
    reads: { who: [name, town] }
    writes: { r: [number] }
    limit: 1wd
  far:
    title: Far
    matter: n
    by: officer
    reads: { who: [town, name] }
    writes: { r: [note] }
    limit: 1wd
",
    asks: "",
    before: "",
    workload: "",
    prefer: Prefer::Time,
};

/// What the window of each matter wants; whether the second is for some answers only; then
/// trips and fields of the one application's own, and what is to be confirmed.
#[test]
fn what_some_answers_bring_is_not_asked_for_all() {
    let table = [
        ("1", "2", "", false, "2 trips, asks "),
        (
            "1",
            "2",
            "",
            true,
            "1 trips, asks ; a matter that only some",
        ),
        ("2", "1", "", true, "2 trips, asks "),
        ("1", "1", "firm: [code]", false, "1 trips, asks firm.code"),
        (
            "1",
            "1",
            "firm: [code]",
            true,
            "1 trips, asks ; whether who accepts needs Firm: Code",
        ),
        // What steps read is asked where they read it, be it a step of the other matter.
        ("1", "1", "who: [town]", true, "1 trips, asks "),
        ("1", "1", "firm: [name]", true, "1 trips, asks "),
    ];
    let mut wrong = String::new();
    for (first, second, asks, sometimes, expected) in table {
        let matters = format!(
            "matters: {{ m: {{ intake: {{ visits: {first} }} }}, n: {{ intake: {{ visits: {second}, asks: {{ {asks} }} }} }} }}"
        );
        let mut change = vec![("intake: { visits: 1, asks: { who: [id, doc] } }", &*matters)];
        if sometimes {
            change.push((
                "n: { title: N, department: e,",
                "n: { title: N, department: e, when: q,",
            ));
        }
        if asks == "firm: [name]" {
            change.push((
                "reads: { who: [name, town] }",
                "reads: { who: [name, town], firm: [name] }",
            ));
        }
        let made = SOMETIMES.made(&change);
        // As R1 leaves it: what no step reads is dropped afterwards, in its own right.
        let proof = made
            .applied
            .iter()
            .find(|proof| proof.rule == Rule::AskOnce);
        let Some(proof) = proof else {
            let why: Vec<&str> = made.refused.iter().map(|one| one.why.en()).collect();
            wrong += &format!("{matters} {sometimes}: no R1; {why:?}\n");
            continue;
        };
        let apply = made.plan.find_step("apply").unwrap();
        let step = made.plan.step(apply);
        assert!(matches!(step.actor, Actor::Submission(_)));
        let dropped = made
            .applied
            .iter()
            .find(|proof| proof.rule == Rule::DeadData);
        let dropped = dropped.iter().flat_map(|proof| &proof.changed);
        let dropped = dropped.flat_map(|line| &line.fields);
        let asks: Vec<String> = step
            .reads
            .iter()
            .map(|read| made.plan.field(read.field).path.to_string())
            .chain(dropped.map(ToString::to_string))
            .collect();
        let mut told = format!("{} trips, asks {}", step.visits, asks.join(" "));
        for confirm in &proof.confirm {
            let mut told_of = [
                "a matter that only some",
                "whether who accepts needs Firm: Code",
                "whether who accepts",
            ]
            .iter();
            if let Some(known) = told_of.find(|known| confirm.en().starts_with(**known)) {
                told += &format!("; {known}");
            }
        }
        if told != expected {
            wrong += &format!("{matters} {sometimes}: `{told}`, not `{expected}`\n");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
