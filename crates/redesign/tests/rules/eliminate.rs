//! R4, eliminate, and R3, dead data.

use onething_redesign::rewrite::{Redesign, Rule};

use crate::svc::{Svc, changed, checked, confirm};

/// Two checks `x` and `y` of the same papers, and a decision.
const CHECKS: Svc = Svc {
    steps: "  x:
    title: X
    matter: m
    by: officer
    reads: { who: [id, doc] }
    limit: 1wd
  y:
    title: Y
    matter: m
    by: officer
    reads: { who: [doc, id] }
    limit: 1wd # y
  z:
    title: Z
    matter: m
    by: officer
    reads: { who: [id, doc] }
    writes: { r: [number] }
    limit: 5wd
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
    prefer: onething_redesign::rewrite::Prefer::Time,
};

const X: &str = "“X” is left out";
const Y: &str = "“Y” is left out";

#[test]
fn the_same_check_twice_is_done_once() {
    let y = "limit: 1wd # y";
    let both = "reads: { who: [id, doc] }\n    limit: 1wd\n";
    CHECKS.table(
        Rule::Eliminate,
        &[
            ("the same in all but its name", &[], X),
            (
                "other people have to do it",
                &[(y, "limit: 1wd\n    separate_from: [x]")],
                "",
            ),
            (
                "the other way round",
                &[(
                    both,
                    "reads: { who: [id, doc] }\n    limit: 1wd\n    separate_from: [y]\n",
                )],
                "",
            ),
            (
                "the law puts one before the other",
                &[(
                    y,
                    "limit: 1wd\n    after: [{ step: x, because: b, basis: law }]",
                )],
                "",
            ),
            (
                "the law puts one before a third: the other goes",
                &[(
                    "limit: 5wd",
                    "limit: 5wd\n    after: [{ step: x, because: b, basis: law }]",
                )],
                Y,
            ),
            (
                "the law puts a third before one of them",
                &[
                    (
                        y,
                        "limit: 1wd\n    after: [{ step: far, because: b, basis: law }]",
                    ),
                    ("walk: [m, n]", "walk: [n, m]"),
                ],
                "",
            ),
            (
                "an appointment on site",
                &[(y, "limit: 1wd\n    attended: yes")],
                "",
            ),
            ("a trip", &[(y, "limit: 1wd\n    visits: 1")], ""),
            ("another limit", &[(y, "limit: 2wd")], ""),
            (
                "another basis of the limit",
                &[(y, "limit: { promised: 1wd, basis: law }")],
                "",
            ),
            (
                "another department",
                &[(y, "limit: 1wd\n    department: e")],
                "",
            ),
            ("another condition", &[(y, "limit: 1wd\n    when: q")], ""),
            (
                "another matter",
                &[("title: Y\n    matter: m", "title: Y\n    matter: n")],
                "",
            ),
            (
                "a system's",
                &[(
                    "title: Y\n    matter: m\n    by: officer",
                    "title: Y\n    matter: m\n    by: system",
                )],
                "",
            ),
            (
                "other retries",
                &[(y, "limit: 1wd\n    retry: { attempts: 2 }")],
                "",
            ),
            (
                "other papers",
                &[("reads: { who: [doc, id] }", "reads: { who: [doc] }")],
                "",
            ),
            (
                "can do without one",
                &[(
                    "reads: { who: [doc, id] }",
                    "reads: { who: [\"doc?\", id] }",
                )],
                "",
            ),
            (
                "a result",
                &[
                    (y, "limit: 1wd\n    writes: { s: [note] }"),
                    ("limit: 5wd", "limit: 5wd\n    # s"),
                    ("reads: { who: [doc] }", "reads: { who: [doc], s: [note] }"),
                ],
                "",
            ),
            (
                "a stated legal effect",
                &[(y, "limit: 1wd\n    legal_effect: yes")],
                "",
            ),
        ],
    );
}

#[test]
fn what_has_no_legal_effect_goes_unless_something_stands_on_it() {
    let y = "limit: 1wd # y";
    // Without its twin `x`.
    let alone: (&str, &str) = (
        "reads: { who: [id, doc] }\n    limit: 1wd\n",
        "reads: { who: [id] }\n    limit: 1wd\n",
    );
    CHECKS.table(
        Rule::Eliminate,
        &[
            ("silent", &[alone], ""),
            (
                "stated to have none",
                &[alone, (y, "limit: 1wd\n    legal_effect: no")],
                Y,
            ),
            (
                "stated to have one",
                &[alone, (y, "limit: 1wd\n    legal_effect: yes")],
                "",
            ),
            (
                "kept apart from another",
                &[
                    alone,
                    (
                        y,
                        "limit: 1wd\n    legal_effect: no\n    separate_from: [z]",
                    ),
                ],
                "",
            ),
            (
                "the law has another wait for it",
                &[
                    alone,
                    (y, "limit: 1wd\n    legal_effect: no"),
                    (
                        "limit: 5wd",
                        "limit: 5wd\n    after: [{ step: y, because: b, basis: law }]",
                    ),
                ],
                "",
            ),
            (
                "a step reads what it makes",
                &[
                    alone,
                    (
                        y,
                        "limit: 1wd\n    legal_effect: no\n    writes: { s: [note] }",
                    ),
                    ("reads: { who: [doc] }", "reads: { who: [doc], s: [note] }"),
                ],
                "",
            ),
            (
                "a registry is asked by what it makes",
                &[
                    alone,
                    (
                        y,
                        "limit: 1wd\n    legal_effect: no\n    writes: { firm: [code] }",
                    ),
                    (
                        "reads: { who: [doc] }",
                        "reads: { who: [doc], firm: [name] }",
                    ),
                ],
                "",
            ),
            (
                "it is delivered",
                &[
                    alone,
                    (
                        y,
                        "limit: 1wd\n    legal_effect: no\n    writes: { s: [note] }",
                    ),
                    (
                        "delivers:\n",
                        "delivers:\n  - { what: s, by: [electronic] }\n",
                    ),
                ],
                "",
            ),
            (
                "the only step of its matter",
                &[
                    alone,
                    ("title: Y\n    matter: m", "title: Y\n    matter: n"),
                    ("title: Far\n    matter: n", "title: Far\n    matter: m"),
                    (y, "limit: 1wd\n    legal_effect: no"),
                ],
                "",
            ),
        ],
    );
}

/// A collection at a window in the old way.
const COLLECT: Svc = Svc {
    before: "  get: { title: Get, matter: m, by: applicant, visits: 1, reads: { r: [number] } }\n",
    ..CHECKS
};

#[test]
fn a_trip_to_collect_goes_where_the_result_can_be_sent() {
    let alone: (&str, &str) = (
        "reads: { who: [id, doc] }\n    limit: 1wd\n",
        "reads: { who: [id] }\n    limit: 1wd\n",
    );
    let gone = "“Get” is left out, 1 trip fewer";
    COLLECT.table(
        Rule::Eliminate,
        &[
            ("sent electronically", &[alone], gone),
            (
                "sent by post",
                &[alone, ("by: [electronic]", "by: [window, post]")],
                gone,
            ),
            (
                "only at the window",
                &[alone, ("by: [electronic]", "by: [window]")],
                "",
            ),
            (
                "in person",
                &[
                    alone,
                    ("visits: 1, reads", "visits: 1, attended: yes, reads"),
                ],
                "",
            ),
            (
                "with a legal effect",
                &[
                    alone,
                    ("visits: 1, reads", "visits: 1, legal_effect: yes, reads"),
                ],
                "",
            ),
            (
                "something is made",
                &[
                    alone,
                    (
                        "{ r: [number] } }",
                        "{ r: [number] }, writes: { s: [note] } }",
                    ),
                ],
                "",
            ),
            (
                "no result",
                &[
                    alone,
                    ("reads: { r: [number] } }", "reads: { who: [doc] } }"),
                ],
                "",
            ),
        ],
    );
}

#[test]
fn what_nobody_reads_is_neither_asked_nor_made() {
    let dead = Svc {
        asks: ", town], firm: [note",
        ..CHECKS
    };
    dead.table(
        Rule::DeadData,
        &[
            (
                "asked, but of the applicant: who applies may say who they are",
                &[],
                "dropped: Firm: Note",
            ),
            (
                "read",
                &[(
                    "reads: { who: [doc] }",
                    "reads: { who: [doc], firm: [note] }",
                )],
                "",
            ),
            (
                "made and not read",
                &[
                    ("], firm: [note", ""),
                    ("writes: { r: [note] }", "writes: { r: [note], s: [note] }"),
                ],
                "dropped: Made: Note",
            ),
            (
                "made, with a legal effect",
                &[
                    ("], firm: [note", ""),
                    (
                        "writes: { r: [note] }",
                        "writes: { r: [note], s: [note] }\n    legal_effect: yes",
                    ),
                ],
                "",
            ),
            (
                "made, a registry is asked by it",
                &[
                    ("], firm: [note", ""),
                    (
                        "writes: { r: [note] }",
                        "writes: { r: [note], firm: [code] }",
                    ),
                    (
                        "reads: { who: [id, doc] }\n    writes",
                        "reads: { who: [id, doc], firm: [name] }\n    writes",
                    ),
                ],
                "",
            ),
            (
                "made and delivered",
                &[
                    ("], firm: [note", ""),
                    ("writes: { r: [note] }", "writes: { s: [note] }"),
                    (
                        "delivers:\n",
                        "delivers:\n  - { what: s, by: [electronic] }\n",
                    ),
                ],
                "",
            ),
        ],
    );
}

/// What the forms ask of the applicant besides; what R3 then drops, and what it says it keeps,
/// in its proof or, without one, beside the suggestions.
#[test]
fn what_tells_who_applies_is_kept_and_told() {
    let scan = (
        "  doc: { title",
        "  scan: { title: Scan, type: document }\n  doc: { title",
    );
    let kept = "read by no step, and asked for all the same, since the office has to know and to reach the applicant: Person: Town (where it does so without, take it out of `asks`)";
    for (asks, dropped, proved, suggested) in [
        ("", "", false, false),
        (", town", "", false, true),
        (", scan", "dropped: Person: Scan", false, false),
        (", town, scan", "dropped: Person: Scan", true, false),
        (", town], firm: [note", "dropped: Firm: Note", true, false),
        (
            ", scan], firm: [note",
            "dropped: Person: Scan, Firm: Note",
            false,
            false,
        ),
    ] {
        let made = Svc { asks, ..CHECKS }.made(&[scan]);
        assert_eq!(changed(&made, Rule::DeadData), dropped, "{asks}");
        let in_proof = checked(&made, Rule::DeadData);
        assert_eq!(in_proof.contains(kept), proved, "{asks}: {in_proof}");
        let mut beside = made.suggested.iter();
        let beside = beside.any(|one| one.rule == Rule::DeadData && one.text.en() == kept);
        assert_eq!(beside, suggested, "{asks}");
    }
}

/// What a registry is asked with is not dropped where it is: for whoever reads what it gives.
#[test]
fn what_a_registry_is_asked_with_is_not_dropped() {
    const STAYS: &str = "read by no step, and still asked for or looked up, since a registry is asked with it or something else follows from it: Firm: Code";
    const SOMETIMES: &str = "read by no step, and asked for or looked up only for the answers for which a registry is asked with it or something else follows from it: Firm: Code";
    let reads = (
        "reads: { who: [doc] }",
        "reads: { who: [doc], firm: [name, kind] }",
    );
    // A number is not worth a name, and worth two fields.
    let kind = (
        "  note: { title: Note, type: text }\nproviders:\n  - { registry: firms, department: d, with: [code], gives: [name]",
        "  note: { title: Note, type: text }\n  kind: { title: Kind, type: text }\nproviders:\n  - { registry: firms, department: d, with: [code], gives: [name, kind]",
    );
    let sometimes = ("matter: n\n", "matter: n\n    when: q\n");
    for (asks, change, dropped, stays) in [
        (
            ", town], firm: [code, note",
            &[][..],
            "dropped: Firm: Code, Firm: Note",
            false,
        ),
        (
            ", town], firm: [code, note",
            &[reads, kind],
            "dropped: Firm: Note",
            true,
        ),
        // Nothing else is dropped, and nothing to be told.
        (", town], firm: [code", &[reads, kind], "", false),
        (
            ", town], firm: [code",
            &[reads, kind, sometimes],
            SOMETIMES,
            false,
        ),
    ] {
        let made = Svc { asks, ..CHECKS }.made(change);
        assert_eq!(changed(&made, Rule::DeadData), dropped, "{asks} {change:?}");
        let told = checked(&made, Rule::DeadData);
        assert_eq!(told.contains(STAYS), stays, "{asks} {change:?}: {told}");
    }
}

/// Of two checks that are the same the one stays that refuses more, whichever is written first:
/// unless only the other is free to go.
#[test]
fn the_check_that_refuses_more_stays() {
    let workload = "assumed: x
arrivals: { per_year: 100 }
staff: { d: { officers: 1 }, e: { officers: 1 } }
work: { x: 1h, y: 1h, z: 1h, far: 1h }
refusals: { x: 5%, y: 2% }
";
    let law = (
        "limit: 5wd",
        "limit: 5wd\n    after: [{ step: y, because: b, basis: law }]",
    );
    let refusals = |to| ("refusals: { x: 5%, y: 2% }", to);
    for (change, gone, why) in [
        (
            &[][..],
            Y,
            "; by the workload “X” refuses more (5%, and “Y” 2%), and so it is the one that stays",
        ),
        (
            &[refusals("refusals: { x: 2%, y: 5% }")][..],
            X,
            "; by the workload “Y” refuses more (5%, and “X” 2%), and so it is the one that stays",
        ),
        (&[refusals("refusals: { x: 5%, y: 5% }")][..], X, ""),
        (&[law][..], X, ""),
    ] {
        let checks = Svc { workload, ..CHECKS };
        let made = checks.made(change);
        assert_eq!(changed(&made, Rule::Eliminate), gone, "{change:?}");
        let said = checked(&made, Rule::Eliminate);
        let told = said.split_once("no law wants both").unwrap().1;
        assert_eq!(told, why, "{change:?}");
    }
}

/// Of two that refuse alike the one stays that `service.yaml` has, and not one of the old way alone.
#[test]
fn the_check_that_the_service_has_stays() {
    let workload = "assumed: x
arrivals: { per_year: 100 }
staff: { d: { officers: 1 }, e: { officers: 1 } }
work: { x: 1h, once: 1h, z: 1h, far: 1h }
refusals: { x: 2%, once: 2% }
";
    let checks = Svc {
        workload,
        before: "  once: { title: Once more, matter: m, by: officer, reads: { who: [doc, id] }, limit: 1wd }\n",
        ..CHECKS
    };
    // `y` reads otherwise: it is no twin.
    let y = (
        "reads: { who: [doc, id] }\n    limit: 1wd # y",
        "reads: { who: [id] }\n    limit: 1wd",
    );
    for (change, gone, why) in [
        (
            &[y][..],
            "“Once more” is left out",
            "; `service.yaml` has “X”, and so it is the one that stays",
        ),
        (
            &[y, ("once: 2%", "once: 3%")][..],
            X,
            "; by the workload “Once more” refuses more (3%, and “X” 2%), and so it is the one that stays",
        ),
        (
            &[
                y,
                ("title: X\n", "title: X\n    legal_effect: yes\n"),
                ("matter: m, by", "legal_effect: yes, matter: m, by"),
            ][..],
            "",
            "",
        ),
    ] {
        let made = checks.made(change);
        assert_eq!(changed(&made, Rule::Eliminate), gone, "{change:?}");
        let said = checked(&made, Rule::Eliminate);
        let told = said.split_once("no law wants both");
        assert_eq!(told.map_or("", |(_, told)| told), why, "{change:?}");
    }
}

/// What a step refuses nobody does once it is left out: where the workload says how often,
/// somebody has to say who does.
#[test]
fn what_a_step_that_is_left_out_refuses_is_told() {
    let workload = "assumed: x
arrivals: { per_year: 100 }
staff: { d: { officers: 1 }, e: { officers: 1 } }
work: { x: 1h, y: 1h, z: 1h, far: 1h }
refusals: { y: 5% }
";
    for (workload, change, told) in [
        (workload, &[][..], ""),
        (
            workload,
            &[("refusals: { y: 5% }", "refusals: { x: 5%, y: 5% }")][..],
            "“X” refuses 5% by the workload: who catches these applications once it is left out\n",
        ),
        ("", &[][..], ""),
    ] {
        let checks = Svc { workload, ..CHECKS };
        let said = confirm(&checks.made(change), Rule::Eliminate);
        let always =
            "the steps left out have no legal effect (one that has says `legal_effect: yes`)";
        assert_eq!(said, format!("{told}{always}"));
    }
}

/// Who brings no more than the idle check states their name and a number of an earlier case; all others
/// are looked up by their number, and the review makes what they are asked. Without the check nobody is
/// left who has to be asked, and the form names neither.
#[test]
fn what_was_asked_for_a_step_that_is_left_out_alone_leaves_the_form() {
    let svc = Svc {
        steps: "  review: { title: Review, matter: m, by: officer, when: q, reads: { who: [id, doc] }, writes: { r: [number] }, limit: 1wd }
  file: { title: File, matter: n, by: officer, when: q, reads: { who: [id], r: [\"number?\"] }, limit: 1wd }
  idle: { title: Idle, matter: m, by: officer, reads: { firm: [note] }, limit: 1wd, legal_effect: no }
",
        ..Svc::default()
    };
    let asks = |made: &Redesign| {
        let asks = made.design.intakes[0].asks.iter();
        let asks: Vec<String> = asks.map(|ask| ask.field.to_string()).collect();
        asks.join(" ")
    };
    let form = (
        "asks: { who: [id, doc] }",
        "asks: { who: [name], r: [\"number?\"] }",
    );
    let fetched = ("fetched: nothing", "fetched: [people]");
    let made = svc.made(&[fetched, form]);
    assert_eq!(asks(&made), "");
    let said = confirm(&made, Rule::Eliminate);
    assert!(said.contains("does without: Person: Name"), "{said}");
    let made = svc.made(&[fetched, form, (", legal_effect: no", "")]);
    assert_eq!(asks(&made), "who.name r.number");
}
