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
