//! R1 ask once, R2 once only, R8 compose.

use std::sync::Arc;

use onething_definition::design::Registries;
use onething_definition::diagnostic::{Code, Diagnostics, Severity};
use onething_definition::{SourceSet, check};
use onething_redesign::rewrite::{Options, Prefer, Rule, redesign};

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

/// A name that another step has, in the old way too, is no name for a merged one.
#[test]
fn a_merged_step_has_a_name_of_its_own() {
    let other = |key: &str| {
        format!(
            "  {key}:\n    title: Other\n    matter: n\n    by: officer\n    reads: {{ who: [doc] }}\n    limit: 9wd\n  far:\n"
        )
    };
    const GONE: &str = "  one-two:\n    title: Gone\n    matter: n\n    by: applicant\n    visits: 1\n    reads: { r: [number] }\n    legal_effect: no\n";
    let long = "x".repeat(40);
    let (one, two) = (format!("  {long}:\n"), format!("  {long}-y:\n"));
    let (taken, both) = (
        other("one-two"),
        other("one-two-2").replace("  far:\n", "") + &other("one-two"),
    );
    for (what, change, name) in [
        ("taken", &[("  far:\n", taken.as_str())][..], "one-two-2"),
        (
            "and the next",
            &[("  far:\n", both.as_str())][..],
            "one-two-3",
        ),
        (
            "too long",
            &[("  one:\n", one.as_str()), ("  two:\n", two.as_str())][..],
            &format!("{long}-2"),
        ),
    ] {
        let made = CHAIN.made(change);
        let steps = made.design.steps.iter();
        let merged = steps.filter(|step| !step.merges.is_empty());
        let names: Vec<&str> = merged.map(|step| step.key.as_str()).collect();
        assert_eq!(names, [name], "{what}");
        assert_eq!(made.refused, [], "{what}");
    }
    // The old way has it, and R4 leaves it out before the two are merged.
    let before = Svc {
        before: GONE,
        ..CHAIN
    };
    let made = before.made(&[]);
    let keys: Vec<&str> = made
        .design
        .steps
        .iter()
        .map(|step| step.key.as_str())
        .collect();
    assert_eq!(keys, ["one-two-2", "far"]);
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

/// The old windows were of `d` and `e`; the one application is taken in by `d`.
#[test]
fn who_takes_the_application_in_needs_a_grant_for_what_only_it_reads() {
    let asks = ("asks: { who: [id, doc] }", "asks: { who: [id, doc, nick] }");
    let personal = (
        "  doc: { title",
        "  nick: { title: Nick, type: text, sensitivity: personal }\n  doc: { title",
    );
    let public = (
        "  doc: { title",
        "  nick: { title: Nick, type: text }\n  doc: { title",
    );
    let grant = |to: &str| {
        format!(
            "grants:\n  - {{ to: {to}, fields: [nick], purpose: p, basis: b }}\nproviders:\n  - {{ registry: people"
        )
    };
    let (to_d, to_e) = (grant("d"), grant("e"));
    let providers = "providers:\n  - { registry: people";
    let told = "taken in by D, which has no grant to read Person: Nick";
    for (what, change, expected) in [
        ("nobody has a grant", vec![asks, personal], true),
        (
            "only a window of before",
            vec![asks, personal, (providers, &to_e)],
            true,
        ),
        (
            "it has one",
            vec![asks, personal, (providers, &to_d)],
            false,
        ),
        ("it is public", vec![asks, public], false),
        ("no form asks for it", vec![personal], false),
    ] {
        let confirm = confirm(&CHAIN.made(&change), Rule::AskOnce);
        assert_eq!(confirm.contains(told), expected, "{what}: {confirm}");
    }
}

/// Where the department in charge, which now takes the application in, has several grants on
/// what the form asks, the one application names one of them, one that a window named before.
#[test]
fn the_one_application_names_what_it_asks_for() {
    let asks = |purpose: &str| {
        (
            "asks: { who: [id, doc] }".to_owned(),
            format!("asks: {{ who: [id, doc, nick] }}, purpose: {purpose}"),
        )
    };
    let personal = (
        "  doc: { title",
        "  nick: { title: Nick, type: text, sensitivity: personal }\n  doc: { title",
    );
    let grants = |grants: &[(&str, &str)]| {
        let grant = |(to, purpose): &(&str, &str)| {
            format!("  - {{ to: {to}, fields: [nick], purpose: {purpose}, basis: b }}\n")
        };
        let all: String = grants.iter().map(grant).collect();
        format!("grants:\n{all}providers:\n  - {{ registry: people")
    };
    let providers = "providers:\n  - { registry: people";
    // The grants; what the windows named; what the one application names.
    type Case<'a> = (&'a [(&'a str, &'a str)], &'a str, &'a [&'a str]);
    let table: [Case<'_>; 3] = [
        (&[("d", "p"), ("e", "p")], "p", &[]),
        (&[("d", "p"), ("d", "q"), ("e", "q")], "q", &["q"]),
        (&[("d", "p"), ("d", "q"), ("e", "p")], "p", &["p"]),
    ];
    for (granted, named, expected) in table {
        let (asks, grants) = (asks(named), grants(granted));
        let made = CHAIN.made(&[(&asks.0, &asks.1), personal, (providers, &grants)]);
        let [one] = &made.design.intakes[..] else {
            panic!("{granted:?}: {}", checked(&made, Rule::AskOnce));
        };
        assert_eq!(one.purposes, expected, "{granted:?}");
        let told = confirm(&made, Rule::AskOnce).contains("has the fields of the form for");
        assert_eq!(told, !expected.is_empty(), "{granted:?}");
    }
}

const CLOSED: (&str, &str) = (
    "applicant: who\n",
    "applicant: who\nfetched: { without: { towns: { zh: 未联通, en: not connected } } }\n",
);

/// What R2 tells of registries: those that are asked, and those that are not.
fn registries(change: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
    let made = CHAIN.made(change);
    let proof = made
        .applied
        .iter()
        .find(|proof| proof.rule == Rule::OnceOnly)
        .unwrap();
    let told = |lines: &[onething_redesign::rewrite::Line]| {
        let lines = lines.iter();
        lines.map(|line| line.text.en().to_owned()).collect()
    };
    (told(&proof.checked), told(&proof.refused))
}

#[test]
fn a_registry_is_told_to_be_asked_where_it_is() {
    let reads = ("reads: { who: [doc] }", "reads: { who: [doc, name, town] }");
    let people = "people (D) gives Person: Name; basis: law; fresh within: not stated; how often it has nothing is not stated";
    let circle = (
        "registry: towns, department: d, with: [id], gives: [town]",
        "registry: towns, department: d, with: [name], gives: [id], basis: law",
    );
    let (asked, not) = registries(&[reads, circle]);
    assert_eq!(asked, [people]);
    assert_eq!(not.len(), 1, "{not:?}");
    assert!(
        not[0].starts_with("towns (D) may be asked and is not"),
        "{not:?}"
    );
    let known = ("gives: [town]", "gives: [town], basis: law");
    let (asked, not) = registries(&[reads, known, CLOSED]);
    assert_eq!(asked, [people]);
    assert_eq!(
        not,
        ["towns (D) holds Person: Town, but `service.yaml` leaves it out: not connected"]
    );
    let made = CHAIN.made(&[reads, known, CLOSED]);
    let closed = vec![(
        "towns".parse().unwrap(),
        onething_model::Text::new("未联通", "not connected"),
    )];
    assert_eq!(made.design.fetched, Registries::Without(closed));
    // Of no use to the old way: it is left out all the same.
    let reads = ("reads: { who: [doc] }", "reads: { who: [doc, name] }");
    let made = CHAIN.made(&[reads, CLOSED]);
    assert!(!made.design.fetched.allows("towns"));
    // All that have something are left out.
    let reads = ("reads: { who: [doc] }", "reads: { who: [doc, town] }");
    let (asked, not) = registries(&[reads, CLOSED]);
    assert_eq!((asked.len(), not.len()), (0, 1));
}

#[test]
fn trips_of_both_are_trips_of_the_one() {
    let one = ("limit: 1wd # one", "limit: 1wd\n    visits: 1");
    let two = ("limit: 2wd # two", "limit: 2wd\n    visits: 2");
    let made = CHAIN.made(&[one, two]);
    let merged = made.design.step("one-two").unwrap();
    assert_eq!(merged.visits, 3);
}

#[test]
fn how_often_a_registry_has_nothing_is_told_where_it_is_stated() {
    let reads = ("reads: { who: [doc] }", "reads: { who: [doc, name] }");
    let stated = Svc {
        workload: "assumed: test\nmisses: { people: 5% }\n",
        ..CHAIN
    };
    let told = checked(&stated.made(&[reads]), Rule::OnceOnly);
    assert!(told.ends_with("; has nothing in 5% of cases"), "{told}");
}

#[test]
fn a_title_that_says_one_thing_does_not_say_it_twice() {
    let title = |title: &str| {
        let to = format!("title: {title}\n");
        let made = CHAIN.made(&[("title: Service\n", &to)]);
        made.design.intakes[0].title.zh().to_owned()
    };
    assert_eq!(title("入学"), "入学“一件事”申请");
    assert_eq!(title("入学一件事"), "入学一件事申请");
    assert_eq!(title("入学“一件事”"), "入学“一件事”申请");
}

/// A question that only says which answers are impossible together is still
/// asked of the same people, and the written proposal passes the checks.
#[test]
fn questions_that_only_rules_name_are_kept() {
    let change = [
        (
            "  q: { ask: q, type: yes-no }\n",
            "  q: { ask: q, type: yes-no }\n  p: { ask: p, type: yes-no }\n",
        ),
        (
            "reference: { q: yes }",
            "impossible:\n  - { when: q && p, because: not both }\nreference: { q: yes, p: no }",
        ),
        ("limit: 2wd # two", "limit: 2wd\n    when: q"),
    ];
    let name = "proposed".parse().unwrap();
    let files = CHAIN.open(&change, |drafting| {
        let old = drafting.old().unwrap();
        let made = redesign(drafting, old, Options::default()).unwrap();
        drafting.folder(&name, &made.design, old, None).unwrap()
    });
    let files = files.unwrap();
    assert!(files.service.contains("not both"), "{}", files.service);
    let sources = CHAIN.sources(&change);
    let others = sources
        .iter()
        .map(|(_, file)| (file.path().to_owned(), file.text().to_owned()));
    let own = [
        ("proposed/service.yaml".to_owned(), files.service.clone()),
        ("proposed/before.yaml".to_owned(), files.before.clone()),
    ];
    let sources = Arc::new(SourceSet::from_texts(others.chain(own)));
    let checked = check(sources, &["proposed".to_owned()], Diagnostics::new());
    let found: Vec<String> = checked
        .report
        .diagnostics
        .iter()
        .filter(|one| one.severity() == Severity::Error || one.code == Code::UnusedQuestion)
        .map(|one| one.message.en().to_owned())
        .collect();
    assert!(found.is_empty(), "{found:?}\n{}", files.service);
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
            (
                "the other gives what the first is asked by",
                &[reads, ("registry: towns, department: d, with: [id], gives: [town]", "registry: towns, department: d, with: [name], gives: [id], basis: law")],
                "looked up, and asked for only where the registry has nothing: Person: Name",
            ),
            (
                "the other gives what the first is asked by, which a form asks",
                &[
                    ("reads: { who: [id, doc] }", "reads: { who: [doc, name, town] }"),
                    ("with: [id], gives: [name]", "with: [id], gives: [name, town]"),
                    ("towns, department: d, with: [id], gives: [town]", "towns, department: d, with: [name], gives: [id], basis: law"),
                ],
                "looked up, and asked for only where the registry has nothing: Person: Name, Person: Town",
            ),
            (
                "one gives what the other is asked by, which a form asks",
                &[
                    ("reads: { who: [id, doc] }", "reads: { who: [doc, name, town] }"),
                    ("with: [id], gives: [name]", "with: [name], gives: [id]"),
                    ("gives: [town]", "gives: [town], basis: law"),
                ],
                "looked up, and asked for only where the registry has nothing: Person: Id, Person: Town",
            ),
            (
                "what the other gives is no more than its key",
                &[
                    reads,
                    ("  doc: { title", "  nr: { title: Nr, type: text }\n  doc: { title"),
                    ("with: [id], gives: [town]", "with: [nr], gives: [town], basis: law"),
                ],
                "looked up, and asked for only where the registry has nothing: Person: Name",
            ),
            (
                "what one gives no step reads, but a form asks",
                &[(", doc] } }", ", doc, name] } }")],
                "no longer on a form and not looked up, for a registry holds it and no step needs it: Person: Name",
            ),
            (
                "the service leaves one out",
                &[reads, ("gives: [town]", "gives: [town], basis: law"), CLOSED],
                "looked up, and asked for only where the registry has nothing: Person: Name",
            ),
        ],
    );
    let made = CHAIN.made(&[reads]);
    assert!(made.design.fetched.allows("people") && !made.design.fetched.allows("towns"));
    let confirm = confirm(&made, Rule::OnceOnly);
    assert!(confirm.contains("names no legal basis"), "{confirm}");
}

/// R10: how long papers lie between desks, be it a day or several.
#[test]
fn how_long_papers_lie_between_desks_is_told() {
    const LYING: Svc = Svc {
        workload: "assumed: test\nlying: { one: 1wd, two: 0wd }\n",
        ..CHAIN
    };
    for (change, zh, en) in [
        (
            "two: 0wd",
            "停留 1 个工作日（",
            "for 1 working day in the mean (",
        ),
        (
            "two: 0.5wd",
            "停留 1.5 个工作日（",
            "for 1.5 working days in the mean (",
        ),
    ] {
        let made = LYING.made(&[("two: 0wd", change)]);
        let lying = made.suggested.iter().find(|one| one.rule == Rule::UnBatch);
        let told = &lying.expect("papers lie").text;
        assert!(told.zh().contains(zh) && told.en().contains(en), "{told:?}");
    }
}
