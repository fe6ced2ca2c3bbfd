//! What a refusal ends once matters are one case: told where it is more than before.

use onething_redesign::rewrite::Rule;

use crate::svc::{Row, Svc, confirm};

/// A permit and, after it by habit, a filing; each has a result.
const TWO: Svc = Svc {
    steps: "  x:
    title: X
    matter: m
    by: officer
    reads: { who: [id, doc] }
    writes: { r: [number] }
    limit: 5wd
  y:
    title: Y
    matter: n
    by: officer
    reads: { who: [doc] }
    writes: { s: [number] }
    limit: 1wd
",
    asks: "",
    before: "",
    workload: "",
    prefer: onething_redesign::rewrite::Prefer::Time,
};

#[test]
fn a_refusal_that_keeps_back_what_was_delivered_is_told() {
    const ENDS_CASE: (&str, &str) = ("refused: ends matter", "refused: ends case");
    const TOLD: &str = "refused N ends the whole case, and what was made of M by then is \
                        delivered no more";
    let rows: [Row<'_>; 5] = [
        ("the later ends its matter only", &[], ""),
        ("the later ends the case", &[ENDS_CASE], TOLD),
        (
            "the earlier delivers nothing",
            &[
                ENDS_CASE,
                ("    writes: { r: [number] }\n", ""),
                ("what: r", "what: s"),
            ],
            "",
        ),
        (
            "the later refuses nothing",
            &[
                ENDS_CASE,
                (
                    "    matter: n\n    by: officer\n    reads: { who: [doc] }\n    writes: { s: [number] }\n    limit: 1wd\n",
                    "    matter: n\n    by: applicant\n    reads: { who: [doc] }\n",
                ),
            ],
            "",
        ),
        (
            "only the earlier ends the case",
            &[
                ("walk: [m, n]", "walk: [n, m]"),
                ENDS_CASE,
                (
                    "{ title: M, department: d }",
                    "{ title: M, department: d, refused: ends matter }",
                ),
            ],
            "",
        ),
    ];
    for (what, change, told) in rows {
        let made = TWO.made(change);
        let said = confirm(&made, Rule::AskOnce);
        let said = said.contains("what a refusal ends").then_some(said);
        match (said, told) {
            (None, "") => {}
            (Some(said), told) if !told.is_empty() => {
                assert!(said.contains(told), "{what}: {said}")
            }
            (said, _) => panic!("{what}: {said:?}"),
        }
    }
}

/// A matter that ends with a refusal of its own alone, one that cannot be without what it makes,
/// and one that cannot be without what that one makes.
const CHAIN: Svc = Svc {
    steps: "  y: { title: Y, matter: n, by: officer, reads: { who: [id, doc] }, writes: { s: [number] }, limit: 1wd }
  z: { title: Z, matter: o, by: officer, reads: { who: [doc], s: [number] }, writes: { t: [number] }, limit: 1wd }
  x: { title: X, matter: m, by: officer, reads: { who: [id], t: [number] }, writes: { r: [number] }, limit: 1wd }
",
    ..TWO
};

/// The lines of what is to be confirmed of R1 about refusals.
fn of_refusals(svc: &Svc, change: &[(&str, &str)]) -> String {
    const THIRD: (&str, &str) = (
        "  n: { title: N, department: e, refused: ends matter }\n",
        "  n: { title: N, department: e, refused: ends matter }\n  o: { title: O, department: d, refused: ends matter }\n",
    );
    let all: Vec<(&str, &str)> = [THIRD, ("walk: [m, n]", "walk: [n, o, m]")]
        .into_iter()
        .chain(change.iter().copied())
        .collect();
    let said = confirm(&svc.made(&all), Rule::AskOnce);
    let said = said
        .lines()
        .filter_map(|line| line.strip_prefix("what a refusal ends: "));
    let ends = ["; apart", "; matters"];
    let said = said.map(|line| {
        let mut ends = ends.iter().filter_map(|end| line.split_once(end));
        ends.next().map_or(line, |(first, _)| first)
    });
    said.collect::<Vec<&str>>().join("\n")
}

#[test]
fn what_falls_with_another_matter_is_told() {
    fn chain(change: &[(&str, &str)]) -> String {
        of_refusals(&CHAIN, change)
    }
    const LEAD: &str =
        "what stands before an arrow, refused or ended with another, ends what stands after it: ";
    let lead = |told: &str| format!("{LEAD}{told}");
    let (of_n, of_o) = ("N → O (needs Made: Number)", "O → M (needs Made: Number)");
    assert_eq!(chain(&[]), lead(&format!("{of_n}; {of_o}")));
    // Who can do without goes on.
    let optional = ("t: [number] }, w", "t: [\"number?\"] }, w");
    assert_eq!(chain(&[optional]), lead(of_n));
    // Where the step that makes it, or needs it, is no part of the case, it goes on.
    let sometimes = ("title: Z, matter: o", "title: Z, matter: o, when: q");
    assert_eq!(chain(&[sometimes]), lead(&format!("{of_n}; {of_o}")));
    let other = "  w: { title: W, matter: o, by: officer, when: \"!q\", reads: { who: [doc] }, limit: 1wd }\n  x: {";
    let told = lead(
        "N → O (needs Made: Number, for some answers); O → M (needs Made: Number, for some answers)",
    );
    assert_eq!(chain(&[sometimes, ("  x: {", other)]), told);
    // Whose refusal ends the case is told of where something is delivered before it.
    let ends_case = ("department: e, refused: ends matter", "department: e");
    assert_eq!(chain(&[ends_case]), lead(of_o));
    // One application already: nothing falls that did not.
    let together = ("handled: apart\n", "handled: together\n");
    assert_eq!(chain(&[together, ("walk: [n, o, m]\n", "")]), "");
}

#[test]
fn what_refuses_most_is_told_first() {
    let told = Svc {
        workload: "assumed: x
arrivals: { per_year: 100 }
staff: { d: { officers: 1 }, e: { officers: 1 } }
work: { x: 1h, y: 1h, z: 1h }
refusals: { y: 10%, z: 30% }
",
        ..CHAIN
    };
    let said = of_refusals(&told, &[]);
    let in_order =
        ": O (30% by the workload) → M (needs Made: Number); N (10% by the workload) → O (needs";
    assert!(said.contains(in_order), "{said}");
    // So are those whose refusal ends the case.
    let of_case = of_refusals(
        &told,
        &[
            ("walk: [n, o, m]", "walk: [m, n, o]"),
            (", refused: ends matter", ""),
            ("t: [number] }, w", "doc] }, w"),
            ("who: [id], doc] }", "who: [id, doc] }"),
            ("title: Z, matter: o", "title: Z, matter: o, when: q"),
        ],
    );
    let line = "refused O (up to 30% by the workload), N (10% by the workload) ends the whole case";
    assert!(of_case.starts_with(line), "{of_case}");
}

/// Who accepted a matter ended that alone where its refusals do; who accepts all ends all.
#[test]
fn what_the_one_acceptance_ends_is_told() {
    let accepted = [
        (
            "intake: { visits: 1",
            "intake: { by: officer, limit: 1wd, visits: 1",
        ),
        (
            "applicant: who\n",
            "applicant: who\nintake: { by: officer, limit: 1wd }\n",
        ),
    ];
    let told = |change: &[(&str, &str)]| {
        let all: Vec<(&str, &str)> = accepted.iter().chain(change).copied().collect();
        let made = TWO.made(&all);
        let said = confirm(&made, Rule::AskOnce);
        let mut lines = said
            .lines()
            .filter(|line| line.contains("the one acceptance"));
        let line = lines.next().unwrap_or_default().to_owned();
        // A step without a matter: that is what ends the case.
        let accept = made.plan.find_step("accept").unwrap();
        assert_eq!(made.plan.step(accept).matter, None);
        line
    };
    assert_eq!(
        told(&[]),
        "what a refusal ends: the one acceptance refused ends the whole case; apart, that of N ended the matter alone"
    );
    assert_eq!(told(&[("refused: ends matter", "refused: ends case")]), "");
    let of_m = [
        (
            "intake: { by: officer, limit: 1wd, visits: 1",
            "intake: { visits: 1",
        ),
        (
            "because: habit\n",
            "because: habit\nmatters: { m: { intake: { by: officer, limit: 1wd } } }\n",
        ),
    ];
    assert_eq!(told(&of_m), "", "nobody accepted N");
}

/// What nobody has both of, no refusal of the one takes from the other.
#[test]
fn matters_that_exclude_each_other_lose_nothing() {
    let svc = Svc {
        steps: "  review: { title: Review, matter: m, by: officer, reads: { who: [id, doc] }, writes: { r: [number] }, limit: 1wd }
  file: { title: File, matter: n, by: officer, reads: { who: [id, doc] }, limit: 1wd }
",
        ..Svc::default()
    };
    const ENDS: (&str, &str) = (", refused: ends matter", "");
    for (when, lost) in [
        (&[ENDS][..], true),
        (
            &[
                (
                    "title: M, department: d",
                    "title: M, department: d, when: q",
                ),
                (
                    "title: N, department: e, refused: ends matter",
                    "title: N, department: e, when: \"!q\"",
                ),
            ],
            false,
        ),
        (
            &[
                (
                    "title: M, department: d",
                    "title: M, department: d, when: q",
                ),
                ENDS,
            ],
            true,
        ),
    ] {
        let told = confirm(&svc.made(when), Rule::AskOnce);
        assert_eq!(
            told.contains("refused N ends the whole case"),
            lost,
            "{when:?}: {told}"
        );
    }
}
