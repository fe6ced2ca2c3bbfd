//! R1 ask once, R2 once only, R8 compose.

use onething_redesign::rewrite::{Prefer, Rule};

use crate::svc::{Svc, checked, confirm};

/// `one` makes what `two` reads, of one matter and department; `far` is another's.
const CHAIN: Svc = Svc {
    steps: "  one:
    title: One
    matter: m
    by: officer
    reads: { who: [id, doc] }
    writes: { s: [note] }
    limit: 1wd # one
  two:
    title: Two
    matter: m
    by: officer
    reads: { s: [note] }
    writes: { r: [number] }
    limit: 2wd # two
  far:
    title: Far
    matter: n
    by: officer
    reads: { who: [doc] }
    writes: { r: [note] }
    limit: 1wd
",
    asks: "",
    before: "",
    workload: "",
    prefer: Prefer::Time,
};

const MERGED: &str = "merged into “One; Two”, one hand-over less";
const INSIDE: &str = "\nwhat only passed between the two is no longer made: Made: Note";

#[test]
fn neighbours_of_the_same_hands_become_one() {
    let merged = format!("{MERGED}{INSIDE}");
    let (one, two) = ("limit: 1wd # one", "limit: 2wd # two");
    CHAIN.table(
        Rule::Compose,
        &[
            ("neighbours", &[], &merged),
            (
                "other people have to do it",
                &[(two, "limit: 2wd\n    separate_from: [one]")],
                "",
            ),
            (
                "the other way round",
                &[(one, "limit: 1wd\n    separate_from: [two]")],
                "",
            ),
            (
                "the law puts one before the other",
                &[(
                    two,
                    "limit: 2wd\n    after: [{ step: one, because: b, basis: law }]",
                )],
                "",
            ),
            (
                "another department",
                &[(two, "limit: 2wd\n    department: e")],
                "",
            ),
            (
                "other hands",
                &[(
                    "title: Two\n    matter: m\n    by: officer",
                    "title: Two\n    matter: m\n    by: outside",
                )],
                "",
            ),
            (
                "another condition",
                &[
                    (one, "limit: 1wd\n    when: q"),
                    (
                        "s: [note] }\n    writes: { r",
                        "s: [\"note?\"] }\n    writes: { r",
                    ),
                ],
                "",
            ),
            (
                "another matter",
                &[("title: Two\n    matter: m", "title: Two\n    matter: n")],
                "",
            ),
            (
                "another reads the first's result",
                &[("reads: { who: [doc] }", "reads: { who: [doc], s: [note] }")],
                "",
            ),
            (
                "the law has another wait for the first",
                &[(
                    "reads: { who: [doc] }",
                    "after: [{ step: one, because: b, basis: law }]\n    reads: { who: [doc] }",
                )],
                "",
            ),
            (
                "another comes before the second",
                &[("reads: { s: [note] }", "reads: { s: [note], r: [note] }")],
                "",
            ),
            (
                "the law has the second wait for another",
                &[
                    (
                        two,
                        "limit: 2wd\n    after: [{ step: far, because: b, basis: law }]",
                    ),
                    ("walk: [m, n]", "walk: [n, m]"),
                ],
                "",
            ),
            ("limits do not add up", &[(two, "limit: 2d")], ""),
            (
                "other retries",
                &[(two, "limit: 2wd\n    retry: { attempts: 2 }")],
                "",
            ),
            (
                "what is between them has a legal effect",
                &[(one, "limit: 1wd\n    legal_effect: yes")],
                "",
            ),
            (
                "what is between them is delivered",
                &[(
                    "delivers:\n",
                    "delivers:\n  - { what: s, by: [electronic] }\n",
                )],
                MERGED,
            ),
        ],
    );
}

/// `one` makes a firm's code, by which a registry gives the name that `two` reads.
#[test]
fn a_look_up_between_two_steps_keeps_them_apart() {
    let writes = ("writes: { s: [note] }", "writes: { firm: [code] }");
    CHAIN.table(
        Rule::Compose,
        &[
            (
                "the second reads what is looked up",
                &[writes, ("reads: { s: [note] }", "reads: { firm: [name] }")],
                "",
            ),
            (
                "and the key as well",
                &[
                    writes,
                    ("reads: { s: [note] }", "reads: { firm: [code, name] }"),
                ],
                "",
            ),
            (
                "another reads what is looked up: the first has two that wait for it",
                &[
                    writes,
                    ("reads: { s: [note] }", "reads: { firm: [code] }"),
                    (
                        "reads: { who: [doc] }",
                        "reads: { who: [doc], firm: [name] }",
                    ),
                ],
                "",
            ),
            (
                "nothing is looked up",
                &[writes, ("reads: { s: [note] }", "reads: { firm: [code] }")],
"merged into “One; Two”, one hand-over less\nwhat only passed between the two is no longer made: Firm: Code",
            ),
        ],
    );
}

#[test]
fn three_in_a_row_become_one() {
    let made = CHAIN.made(&[
        ("writes: { r: [number] }", "writes: { t: [note] }"),
        ("  far:", "  three:\n    title: Three\n    matter: m\n    by: officer\n    reads: { t: [note] }\n    writes: { r: [number] }\n    limit: 3wd\n  far:"),
    ]);
    let keys: Vec<&str> = made
        .design
        .steps
        .iter()
        .map(|step| step.key.as_str())
        .collect();
    assert_eq!(keys, ["one-two-three", "far"]);
    let step = &made.design.steps[0];
    assert_eq!(
        step.limit.binding(),
        Some(onething_model::Limit::working_days(6))
    );
    assert_eq!(step.writes.len(), 1, "{:?}", step.writes);
    let parts: Vec<&str> = step.merges.iter().map(|key| key.as_str()).collect();
    assert_eq!(parts, ["one", "two", "three"]);
}

#[test]
fn forms_are_joined_where_they_ask_twice() {
    // Both forms ask for identity and document.
    let made = CHAIN.made(&[]);
    assert!(checked(&made, Rule::AskOnce).contains("2 fields are collected twice"));
    assert_eq!(made.design.intakes.len(), 1);
    // Nothing is asked twice: `far` reads what nobody else does, and no form asks more.
    let made = CHAIN.made(&[
        (", asks: { who: [id, doc] }", ""),
        ("reads: { who: [doc] }", "reads: { who: [town] }"),
    ]);
    assert_eq!(checked(&made, Rule::AskOnce), "");
    assert_eq!(made.design.intakes.len(), 2);
}

#[test]
fn registries_are_asked_on_a_legal_basis_only() {
    let reads: (&str, &str) = ("reads: { who: [doc] }", "reads: { who: [doc, name, town] }");
    CHAIN.table(
        Rule::OnceOnly,
        &[
            ("nobody needs what they have", &[], ""),
            (
                "one has a basis, one has none",
                &[reads],
                "looked up, and asked for only where the registry has nothing: Person: Name",
            ),
            ("none has a basis", &[reads, ("gives: [name], basis: law", "gives: [name]")], ""),
            (
                "both have one",
                &[reads, ("gives: [town]", "gives: [town], basis: law")],
                "looked up, and asked for only where the registry has nothing: Person: Name, Person: Town",
            ),
        ],
    );
    let made = CHAIN.made(&[reads]);
    assert!(made.design.fetched.allows("people") && !made.design.fetched.allows("towns"));
    let confirm = confirm(&made, Rule::OnceOnly);
    assert!(confirm.contains("names no legal basis"), "{confirm}");
}
