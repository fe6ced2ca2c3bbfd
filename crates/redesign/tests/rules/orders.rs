//! R5 unbind, R7 knock-out order, R9 resequence.

use onething_redesign::rewrite::{Prefer, Rule};

use crate::svc::{Row, Svc, changed, checked, confirm};

/// Three officers' steps of one matter that share nothing but the form, in an
/// order of habit, and one of another matter.
const HABIT: Svc = Svc {
    steps: "  a:
    title: A
    matter: m
    by: officer
    reads: { who: [id] }
    writes: { r: [number] }
    limit: 1wd
  b:
    title: B
    matter: m
    by: officer
    reads: { who: [doc] }
    writes: { r: [note] }
    limit: 1wd # b
  c:
    title: C
    matter: n
    by: officer
    reads: { who: [town] }
    writes: { s: [number] }
    limit: 1wd
",
    asks: "",
    before: "  b: { after: [{ step: a, because: habit }], because: h }\n",
    workload: "",
    prefer: Prefer::Time,
};

const WORKLOAD: &str = "assumed: x
arrivals: { per_year: 100 }
staff: { d: { officers: 1 }, e: { officers: 1 } }
work: { a: 1h, b: 4h, c: 2h }
refusals: { a: 10%, b: 50% }
";

pub(crate) fn orders(made: &onething_redesign::rewrite::Redesign) -> String {
    let steps = made.design.steps.iter();
    let orders = steps.flat_map(|step| {
        let after = step.after.iter();
        after.map(move |order| format!("{} < {} ({:?})", order.step, step.key, order.kind))
    });
    orders.collect::<Vec<_>>().join(", ")
}

#[test]
fn habit_goes_and_law_stays() {
    let lines: [Row<'_>; 4] = [
        ("habit, and the walk", &[], ""),
        (
            "a law in the old way",
            &[("because: habit }]", "because: law, basis: law }]")],
            "a < b (Law)",
        ),
        (
            "a law of the service",
            &[
                (
                    "limit: 1wd # b",
                    "limit: 1wd\n    after: [{ step: a, because: law }]",
                ),
                (
                    "steps:\n  b: { after: [{ step: a, because: habit }], because: h }\n",
                    "",
                ),
            ],
            "a < b (Law)",
        ),
        (
            "a law against the walk",
            &[
                (
                    "limit: 1wd # b",
                    "limit: 1wd\n    after: [{ step: c, because: law }]",
                ),
                ("walk: [m, n]", "walk: [n, m]"),
            ],
            "c < b (Law)",
        ),
    ];
    for (what, change, expected) in lines {
        let made = HABIT.made(change);
        assert_eq!(orders(&made), expected, "{what}");
        assert!(made.refused.is_empty(), "{what}: {:?}", made.refused);
    }
    // Data keeps its own order, whatever is said.
    let made = HABIT.made(&[(
        "reads: { who: [doc] }",
        "reads: { who: [doc], r: [number] }",
    )]);
    assert!(changed(&made, Rule::Unbind).contains("1 order follows from data"));
}

#[test]
fn an_order_after_a_refusal_is_a_knock_out() {
    let told = Svc {
        workload: WORKLOAD,
        ..HABIT
    };
    // Who prefers time lets it go, knows what it costs and confirms it.
    let made = told.made(&[]);
    assert_eq!(orders(&made), "");
    // a < b by habit, b < c by the walk; a < c follows from these.
    let line = "2 orders stand on no data and no law; 2 of them come after a step that may refuse and so end them";
    assert!(
        checked(&made, Rule::Unbind).contains(line),
        "{}",
        checked(&made, Rule::Unbind)
    );
    // Of 7 hours, 3.15 = 0.9 × 0.5 × 7 are useful. One after the other
    // 1 + 0.9 × 4 + 0.45 × 2 = 5.5 are done, at once all 7.
    let asked = confirm(&made, Rule::Unbind);
    assert!(
        asked.contains("3.85 hours a case in the mean instead of 2.35"),
        "{asked}"
    );

    // Who prefers work keeps it; R7 then puts the likelier refusal by work first: b / 0.5 = 8, a / 0.1 = 10.
    let spared = Svc {
        prefer: Prefer::Work,
        ..told
    };
    let made = spared.made(&[
        ("c: 2h }", "c: 2h }\n"),
        ("refusals: { a: 10%, b: 50% }", "refusals: { b: 50% }"),
    ]);
    // Nothing follows from a refusal of `a`, for it never refuses.
    assert_eq!(orders(&made), "b < c (KnockOut)");
    assert!(checked(&made, Rule::Unbind).contains("1 knock-out order stays"));
    assert!(changed(&made, Rule::Unbind).contains("1 order is gone"));
    assert_eq!(confirm(&made, Rule::Unbind), "");

    // A refusal in `n` ends that matter alone: nothing of `m` is spared.
    let made = spared.made(&[
        ("refusals: { a: 10%, b: 50% }", "refusals: { c: 50% }"),
        ("walk: [m, n]", "walk: [n, m]"),
    ]);
    assert_eq!(orders(&made), "");
    // Within its own matter it is.
    let made = spared.made(&[
        ("refusals: { a: 10%, b: 50% }", "refusals: { a: 50% }"),
        ("title: A\n    matter: m", "title: A\n    matter: n"),
        ("title: B\n    matter: m", "title: B\n    matter: n"),
        ("title: C\n    matter: n", "title: C\n    matter: m"),
        ("limit: 1wd # b", "limit: 1d"),
    ]);
    assert_eq!(orders(&made), "a < b (KnockOut)");
}

/// Where the workload does not state the one acceptance of R1, it does the work of the
/// acceptances before, and refuses what they refuse.
#[test]
fn the_one_acceptance_works_in_vain_as_those_before() {
    let told = Svc {
        workload: WORKLOAD,
        ..HABIT
    };
    for (work, refuses, said) in [
        // Beside 3.85 and 2.35: of 3 hours 0.45 × 3 are useful.
        (
            "accept-m: 1h, accept-n: 2h",
            "",
            "5.5 hours a case in the mean instead of 4",
        ),
        // What is stated of it counts, and nothing else.
        (
            "accept: 1h, accept-m: 1h, accept-n: 2h",
            "",
            "4.4 hours a case in the mean instead of 2.9",
        ),
        // 3 + 0.5 × 7 are done at once, 3 + 0.5 × 5.5 in order; 0.225 × 10 are useful.
        (
            "accept-m: 1h, accept-n: 2h",
            "accept-n: 50%,",
            "4.25 hours a case in the mean instead of 3.5",
        ),
    ] {
        let made = told.made(&[
            (
                "intake: { visits: 1",
                "intake: { by: officer, limit: 1wd, visits: 1",
            ),
            (
                "applicant: who\n",
                "applicant: who\nintake: { by: officer, limit: 1wd }\n",
            ),
            ("work: { ", &format!("work: {{ {work}, ")),
            ("refusals: { ", &format!("refusals: {{ {refuses} ")),
        ]);
        let asked = confirm(&made, Rule::Unbind);
        assert!(asked.contains(said), "{work}: {asked}");
    }
}

/// Three officers' steps of a matter whose refusal ends it alone, in an order of habit.
const OF_ONE_MATTER: Svc = Svc {
    steps: "  a: { title: A, matter: n, by: officer, reads: { who: [id] }, writes: { r: [number] }, limit: 1wd }
  b: { title: B, matter: n, by: officer, reads: { who: [doc] }, writes: { s: [number] }, limit: 1wd }
  c: { title: C, matter: m, by: officer, reads: { who: [town] }, writes: { s: [note] }, limit: 1wd }
",
    before: "  b: { after: [{ step: a, because: habit }], because: h }\n",
    workload: "assumed: x
arrivals: { per_year: 100 }
staff: { d: { officers: 1 }, e: { officers: 1 } }
work: { a: 1h, b: 5h, c: 2h }
refusals: { a: 50% }
",
    ..HABIT
};

/// A refusal that ends its matter wastes the work on that matter, and on what needs what it makes.
#[test]
fn what_a_refusal_of_one_matter_wastes_is_to_be_confirmed() {
    // `a` is done in vain in half of the cases: 0.5 h. Behind it `b` is done only where it is of
    // use, beside it in vain in half of the cases as well: 2.5 h more. `c` goes on.
    let asked = |change: &[(&str, &str)]| confirm(&OF_ONE_MATTER.made(change), Rule::Unbind);
    let said = asked(&[]);
    assert!(
        said.contains("3 hours a case in the mean instead of 0.5,"),
        "{said}"
    );
    let all = OF_ONE_MATTER.made(&[]);
    let follows = all
        .suggested
        .iter()
        .find(|one| one.rule == Rule::Parallelise);
    let follows = follows.map(|one| one.text.en().to_owned());
    let line = "in the reference scenario on cases and matters that end in a refusal: 3 hours a case in the mean (0.5 in the old way)";
    assert!(
        follows.as_ref().is_some_and(|told| told.contains(line)),
        "{follows:?}"
    );
    // What the order was between is of another matter: nothing is spared.
    let elsewhere = ("title: B, matter: n", "title: B, matter: m");
    assert_eq!(asked(&[elsewhere, ("walk: [m, n]", "walk: [n, m]")]), "");
    // Where `c` cannot be without what `b` makes, it begins once that is made, and is of use then;
    // where that is not made, it does not begin.
    let needs = ("reads: { who: [town] }", "reads: { s: [number] }");
    let said = asked(&[needs]);
    assert!(
        said.contains("3 hours a case in the mean instead of 0.5,"),
        "{said}"
    );
    // Where another step of its matter cannot be without it, the matter falls, and the 2 h of `c`
    // are in vain, which they were not as long as both waited for `a`.
    let other = |read: &str| {
        format!(
            "  e: {{ title: E, matter: m, by: officer, reads: {{ s: [\"{read}\"] }}, limit: 1wd }}\n  c: {{"
        )
    };
    let walk = ("walk: [m, n]", "walk: [n, m]");
    let said = asked(&[("  c: {", &other("number")), walk]);
    assert!(
        said.contains("4 hours a case in the mean instead of 0.5,"),
        "{said}"
    );
    // Where it can do without, they are of use.
    let said = asked(&[("  c: {", &other("number?")), walk]);
    assert!(
        said.contains("3 hours a case in the mean instead of 0.5,"),
        "{said}"
    );
}

/// What a matter falls with is waited for where staff's work is preferred, and who prefers time is
/// told what that would spare.
#[test]
fn a_step_waits_for_what_its_matter_falls_with() {
    const FALLS: (&str, &str) = (
        "  c: {",
        "  e: { title: E, matter: m, by: officer, reads: { s: [number] }, limit: 1wd }\n  c: {",
    );
    const TIME: Svc = Svc {
        before: "",
        ..OF_ONE_MATTER
    };
    let spared = Svc {
        prefer: Prefer::Work,
        ..TIME
    };
    // `a` and `b` wait for nobody; `c` waited for both, for it comes after in the walk. Its matter
    // falls with `a`: where that refuses, `b` is not made. `e` itself begins once it is made.
    let walk = ("walk: [m, n]", "walk: [n, m]");
    let change = [FALLS, walk];
    assert_eq!(orders(&spared.made(&change)), "a < c (KnockOut)");
    let told = confirm(&TIME.made(&change), Rule::Unbind);
    let line = "4 hours a case in the mean instead of 3, is acceptable (where not, say `--save-work`, with which it is 3 hours)";
    assert!(told.contains(line), "{told}");
    let checks = checked(&TIME.made(&change), Rule::Unbind);
    assert!(checks.contains("1 of them comes after a step"), "{checks}");
    // Where nothing of the matter of `c` falls, nothing is spared.
    assert_eq!(orders(&spared.made(&[walk])), "");
    assert_eq!(confirm(&TIME.made(&[walk]), Rule::Unbind), "");
}

/// Work may be wasted for other answers than those of the reference scenario.
#[test]
fn the_answers_for_which_most_is_wasted_are_named() {
    let told = Svc {
        workload: WORKLOAD,
        ..HABIT
    };
    let asked = |change: &[(&str, &str)]| confirm(&told.made(change), Rule::Unbind);
    // `b` is part of no case of the reference scenario: what is left there is `a` before `c`.
    let sometimes = (
        "title: B\n    matter: m\n",
        "title: B\n    matter: m\n    when: \"!q\"\n",
    );
    let said = asked(&[sometimes]);
    let line =
        "3.85 hours a case in the mean instead of 2.35 (it grows most for the answers q = no), is";
    assert!(said.contains(line), "{said}");
    // The reference scenario is named where nothing grows more.
    let both = ("reference: { q: yes }", "reference: { q: no }");
    assert_eq!(asked(&[sometimes, both]), said);
    let made = told.made(&[sometimes, ("a: 10%, b: 50%", "b: 50%")]);
    let time = made
        .waterfall
        .bars
        .iter()
        .find(|bar| bar.rule == Rule::Unbind);
    assert!(confirm(&made, Rule::Unbind).contains("answers q = no"));
    assert!(
        time.is_some_and(|bar| !bar.to_confirm.is_empty()),
        "{time:?}"
    );
}

/// What is wasted more is to be confirmed, unless the figures that are told are the same.
#[test]
fn an_increase_that_rounds_to_none_is_not_to_be_confirmed() {
    let told = Svc {
        workload: WORKLOAD,
        ..HABIT
    };
    for (refuses, asked) in [("10%", true), ("0.001%", false)] {
        let rare = format!("refusals: {{ a: {refuses}, b: {refuses} }}");
        let made = told.made(&[("refusals: { a: 10%, b: 50% }", &rare)]);
        let confirm = confirm(&made, Rule::Unbind);
        assert_eq!(confirm.contains("hours a case"), asked, "{confirm}");
    }
}

#[test]
fn without_a_workload_nobody_knows_what_is_wasted() {
    let made = HABIT.made(&[]);
    assert!(confirm(&made, Rule::Unbind).contains("without a workload nobody knows"));
    let work = Svc {
        prefer: Prefer::Work,
        ..HABIT
    };
    let made = work.made(&[]);
    // Every department may refuse: nothing is unbound; who does `b` after `a` may do both.
    let stay = "2 knock-out orders stay: the earlier step may refuse";
    assert!(checked(&made, Rule::Unbind).starts_with(stay));
    assert_eq!(orders(&made), "a-b < c (KnockOut)");
}

/// Where no order goes, those that stay are still called what they are.
#[test]
fn what_stays_is_no_habit_though_nothing_goes() {
    let work = Svc {
        workload: WORKLOAD,
        prefer: Prefer::Work,
        ..HABIT
    };
    let likely = ("a: 10%, b: 50%", "a: 50%, b: 50%");
    let reads = (
        "reads: { who: [doc] }",
        "reads: { who: [doc], r: [number] }",
    );
    let lines: [Row<'_>; 3] = [
        (
            "knock-outs",
            &[likely],
            "2 orders are knock-outs now, and no habits",
        ),
        (
            "a knock-out, and what data decides",
            &[likely, reads],
            "1 order is a knock-out now, and no habit\n1 order follows from data and need not be stated",
        ),
        (
            "a law, and the walk",
            &[likely, ("because: habit }]", "because: law, basis: law }]")],
            "1 order is a knock-out now, and no habit",
        ),
    ];
    work.table(Rule::Unbind, &lines);
    for (what, change, _) in lines {
        let found = orders(&work.made(change));
        assert!(!found.contains("Habit"), "{what}: {found}");
    }
}

#[test]
fn checks_are_ordered_by_work_and_refusal() {
    let work = Svc {
        workload: WORKLOAD,
        prefer: Prefer::Work,
        ..HABIT
    };
    let made = work.made(&[]);
    // 4 h / 50 % is less than 1 h / 10 %: b first, against the habit; c last, for it never refuses.
    assert_eq!(
        orders(&made),
        "b < a (KnockOut), b < c (KnockOut), a < c (KnockOut)"
    );
    let named = "“B” (4 hours, refuses 50%), “A” (1 hour, refuses 10%)";
    let said = checked(&made, Rule::KnockOut);
    assert!(said.ends_with(named), "{said}");
    assert!(
        changed(&made, Rule::KnockOut)
            .contains("4.5 expected hours; 4.6 in the worst order, 5 all at once"),
        "{}",
        changed(&made, Rule::KnockOut)
    );
    // Nobody has both.
    let made = work.made(&[
        ("title: A\n", "title: A\n    when: q\n"),
        ("title: B\n", "title: B\n    when: \"!q\"\n"),
    ]);
    assert_eq!(changed(&made, Rule::KnockOut), "");
    // The law decides between the two: there is nothing to order.
    let made = work.made(&[("because: habit }]", "because: law, basis: law }]")]);
    assert_eq!(changed(&made, Rule::KnockOut), "");
    let time = Svc {
        prefer: Prefer::Time,
        ..work
    };
    assert_eq!(changed(&time.made(&[]), Rule::KnockOut), "");
}

/// A system's check `s` written last, an officer's `o` of the same matter.
const CHECK: Svc = Svc {
    steps: "  o:
    title: O
    matter: m
    by: officer
    reads: { who: [id] }
    writes: { r: [number] }
    limit: 1wd
  far:
    title: Far
    matter: n
    by: officer
    reads: { who: [doc] }
    writes: { firm: [code] }
    limit: 1wd
  s:
    title: S
    matter: m
    by: system
    reads: { who: [doc] }
    writes: { r: [note] }
",
    asks: "",
    before: "",
    workload: "",
    prefer: Prefer::Time,
};

/// What makes the result, or has a legal effect of its own, comes after whoever may refuse it.
#[test]
fn what_decides_is_no_check_before_who_may_refuse_it() {
    let after = Svc {
        before: "  s: { after: [{ step: o, because: habit }], because: h }\n",
        ..CHECK
    };
    let moves = "“S” moves to the front: it checks as soon as the application is accepted";
    let other = ("writes: { r: [note] }", "writes: { firm: [name] }");
    let effect = ("by: system\n", "by: system\n    legal_effect: yes\n");
    for prefer in [Prefer::Time, Prefer::Work] {
        let svc = Svc { prefer, ..after };
        svc.table(
            Rule::Resequence,
            &[
                ("it makes what is delivered", &[], ""),
                ("it makes something else", &[other], moves),
                ("that has a legal effect", &[other, effect], ""),
            ],
        );
    }
    // Where nobody of its matter came before it, it takes nothing from anybody.
    CHECK.table(
        Rule::Resequence,
        &[("before it nobody refuses", &[effect], moves)],
    );
}

#[test]
fn a_systems_check_of_the_form_comes_first() {
    let moves = "“S” moves to the front: it checks as soon as the application is accepted";
    CHECK.table(
        Rule::Resequence,
        &[
            ("a check of the form", &[], moves),
            (
                "on the one form of an old way",
                &[(
                    "handled: apart\nfetched: nothing\nwalk: [m, n]\n",
                    "handled: together\nfetched: nothing\n",
                )],
                moves,
            ),
            (
                "of what a registry has",
                &[(
                    "by: system\n    reads: { who: [doc] }",
                    "by: system\n    reads: { who: [id, name] }",
                )],
                moves,
            ),
            (
                "of what a step makes",
                &[(
                    "by: system\n    reads: { who: [doc] }",
                    "by: system\n    reads: { firm: [code] }",
                )],
                "",
            ),
            (
                "of what is looked up by what a step makes",
                &[(
                    "by: system\n    reads: { who: [doc] }",
                    "by: system\n    reads: { firm: [name] }",
                )],
                "",
            ),
            (
                "of nothing",
                &[("by: system\n    reads: { who: [doc] }", "by: system")],
                "",
            ),
            ("an officer's", &[("by: system", "by: officer")], ""),
            (
                "with a limit",
                &[("by: system", "by: system\n    limit: 1wd")],
                "",
            ),
            (
                "after another by law",
                &[
                    (
                        "by: system",
                        "by: system\n    after: [{ step: far, because: law }]",
                    ),
                    ("walk: [m, n]", "walk: [n, m]"),
                ],
                "",
            ),
            (
                "nobody works on its matter: it need not wait either",
                &[
                    ("title: S\n    matter: m", "title: S\n    matter: n"),
                    ("title: Far\n    matter: n", "title: Far\n    matter: m"),
                ],
                moves,
            ),
            (
                "it is read already",
                &[("reads: { who: [id] }", "reads: { who: [id], r: [note] }")],
                "",
            ),
        ],
    );
    let made = CHECK.made(&[]);
    assert_eq!(orders(&made), "s < o (KnockOut)");
}
