//! A matter that only some answers bring, whose window wants more than the others.

use onething_plan::Actor;
use onething_redesign::rewrite::{Prefer, Redesign, Rule};

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

/// What the window of each matter wants.
#[derive(Clone, Copy, Default)]
struct Window {
    visits: u32,
    asks: &'static str,
    /// The answers that bring the matter; all where empty.
    when: &'static str,
}

const fn window(visits: u32, asks: &'static str, when: &'static str) -> Window {
    Window { visits, asks, when }
}

const CODE: &str = "firm: [code]";
const NICK: &str = "who: [nick]";

/// The windows of both matters; then trips and fields of the one application's own, and what
/// is to be confirmed.
#[test]
fn what_some_answers_bring_is_not_asked_for_all() {
    let all = |asks| window(1, asks, "");
    let some = |asks| window(1, asks, "q");
    let others = |asks| window(1, asks, "!q");
    let table = [
        ([all(""), window(2, "", "")], "2 trips, asks "),
        (
            [all(""), window(2, "", "q")],
            "1 trips, asks ; a matter that only some",
        ),
        ([window(2, "", ""), some("")], "2 trips, asks "),
        ([all(""), all(CODE)], "1 trips, asks firm.code"),
        (
            [all(""), some(CODE)],
            "1 trips, asks ; whether N needs Firm: Code at all",
        ),
        // What steps read is asked where they read it, be it a step of the other matter.
        ([all(""), some("who: [town]")], "1 trips, asks "),
        ([all(""), some("firm: [name]")], "1 trips, asks "),
        // The applicant's own, whom the office has to know, is asked of nobody anew either.
        ([all(""), all(NICK)], "1 trips, asks who.nick"),
        (
            [all(""), some(NICK)],
            "1 trips, asks ; whether N needs Person: Nick to reach or to know the applicant",
        ),
        (
            [all(""), some("who: [scan, nick]")],
            "1 trips, asks ; whether N needs Person: Scan to reach or to know the applicant; whether N needs Person: Nick to reach or to know the applicant",
        ),
        // All answers bring a matter that wants it, each another one.
        ([some(NICK), others(NICK)], "1 trips, asks who.nick"),
        ([some(CODE), others(CODE)], "1 trips, asks firm.code"),
        (
            [some(NICK), others("")],
            "1 trips, asks ; whether M needs Person: Nick to reach or to know the applicant",
        ),
        // Nobody has to give what only some had to.
        (
            [all("who: [\"nick?\"]"), some(NICK)],
            "1 trips, asks who.nick?",
        ),
        (
            [some(NICK), all("who: [\"nick?\"]")],
            "1 trips, asks who.nick?",
        ),
        (
            [all(NICK), some("who: [\"nick?\"]")],
            "1 trips, asks who.nick",
        ),
    ];
    let mut wrong = String::new();
    for (windows, expected) in table {
        let of = |window: Window| {
            format!(
                "{{ intake: {{ visits: {}, asks: {{ {} }} }} }}",
                window.visits, window.asks
            )
        };
        let when = |window: Window| match window.when {
            "" => String::new(),
            when => format!(", when: \"{when}\""),
        };
        let [m, n] = windows;
        let matters = format!("matters: {{ m: {}, n: {} }}", of(m), of(n));
        let service = format!(
            "  m: {{ title: M, department: d{} }}\n  n: {{ title: N, department: e{},",
            when(m),
            when(n)
        );
        let mut change = vec![
            ("intake: { visits: 1, asks: { who: [id, doc] } }", &*matters),
            (
                "  m: { title: M, department: d }\n  n: { title: N, department: e,",
                &*service,
            ),
            (
                "  doc: { title",
                "  nick: { title: Nick, type: text }\n  scan: { title: Scan, type: document }\n  doc: { title",
            ),
        ];
        if n.asks == "firm: [name]" {
            change.push((
                "reads: { who: [name, town] }",
                "reads: { who: [name, town], firm: [name] }",
            ));
        }
        let told = told(&SOMETIMES.made(&change));
        if told != expected {
            wrong += &format!("{service} {matters}: `{told}`, not `{expected}`\n");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// The one application as R1 leaves it: what no step reads is dropped afterwards, in its own
/// right.
fn told(made: &Redesign) -> String {
    let of = |rule: Rule| made.applied.iter().find(|proof| proof.rule == rule);
    let Some(proof) = of(Rule::AskOnce) else {
        let why: Vec<&str> = made.refused.iter().map(|one| one.why.en()).collect();
        return format!("no R1: {why:?}");
    };
    let apply = made.plan.find_step("apply").unwrap();
    let step = made.plan.step(apply);
    assert!(matches!(step.actor, Actor::Submission(_)));
    let dropped = of(Rule::DeadData).into_iter();
    let dropped = dropped.flat_map(|proof| &proof.changed);
    let dropped = dropped.flat_map(|line| &line.fields);
    let asks: Vec<String> = step
        .reads
        .iter()
        .map(|read| {
            let mark = if read.optional { "?" } else { "" };
            format!("{}{mark}", made.plan.field(read.field).path)
        })
        .chain(dropped.map(ToString::to_string))
        .collect();
    let mut told = format!("{} trips, asks {}", step.visits, asks.join(" "));
    for confirm in &proof.confirm {
        if confirm.en().starts_with("a matter that only some") {
            told += "; a matter that only some";
        }
        if let Some((known, _)) = confirm.en().split_once(": if so, let a step of") {
            told += &format!("; {known}");
        }
    }
    told
}
