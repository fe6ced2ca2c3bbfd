//! What is said of an applicant is said of those of whom it is true: matters that exclude each
//! other nobody has both of.

use onething_redesign::rewrite::Rule;

use crate::svc::{Svc, changed, checked, confirm};

/// A permit and a filing, each with a trip to its window.
const TWO: Svc = Svc {
    steps: "  x: { title: X, matter: m, by: officer, reads: { who: [id, doc] }, writes: { r: [number] }, limit: 5wd }
  y: { title: Y, matter: n, by: officer, reads: { who: [doc] }, writes: { s: [number] }, limit: 1wd }
",
    asks: "",
    before: "",
    workload: "",
    prefer: onething_redesign::rewrite::Prefer::Time,
};
const M_IF: (&str, &str) = (
    "{ title: M, department: d }",
    "{ title: M, department: d, when: q }",
);
const N_IF: (&str, &str) = ("{ title: N, ", "{ title: N, when: q, ");
const N_IF_NOT: (&str, &str) = ("{ title: N, ", "{ title: N, when: \"!q\", ");

#[test]
fn what_is_collected_twice_is_told_for_whom() {
    const TWICE: &str =
        "of 2 applications, 2 fields are collected twice or more (2 times too often)";
    const FIELDS: &str = "Person: Document, Person: Id";
    for (change, twice, trips) in [
        (
            &[][..],
            format!("{TWICE}: {FIELDS}"),
            "handing in costs 1 trip instead of 2 in all",
        ),
        (
            &[N_IF],
            format!("{TWICE} (for the answers q = yes): {FIELDS}"),
            "handing in costs 1 trip instead of 2 in all (for the answers q = yes)",
        ),
        (
            &[M_IF, N_IF_NOT],
            format!(
                "asked on or looked up for several applications, of which nobody hands in more than one that does: {FIELDS}"
            ),
            "",
        ),
    ] {
        let made = TWO.made(change);
        assert_eq!(checked(&made, Rule::AskOnce), twice, "{change:?}");
        let all = changed(&made, Rule::AskOnce);
        let mut told = all.lines().filter(|line| line.starts_with("handing in"));
        assert_eq!(told.next().unwrap_or_default(), trips, "{change:?}: {all}");
    }
}

/// The walk from one matter to the other binds who brings both.
#[test]
fn an_order_that_binds_nobody_is_not_called_gone() {
    const GONE: &str = "; steps that no longer wait begin at the same time";
    for (change, told) in [
        (&[][..], format!("1 order is gone{GONE}")),
        (
            &[N_IF],
            format!("1 order is gone (0 to 1 of them for one applicant){GONE}"),
        ),
        (
            &[M_IF, N_IF_NOT],
            "1 order binds nobody and is no longer stated".to_owned(),
        ),
    ] {
        let made = TWO.made(change);
        assert_eq!(changed(&made, Rule::Unbind), told, "{change:?}");
        let stands = checked(&made, Rule::Unbind);
        assert_eq!(
            stands.contains("1 order stands on no data"),
            told.contains("gone"),
            "{change:?}: {stands}"
        );
    }
}

/// Of three matters, the last of which ends the case: what is delivered no more is told of those
/// alone of whom somebody has both.
#[test]
fn what_is_delivered_no_more_is_told_for_whom() {
    const THREE: Svc = Svc {
        steps: "  x: { title: X, matter: m, by: officer, reads: { who: [id, doc] }, writes: { r: [number] }, limit: 5wd }
  y: { title: Y, matter: n, by: officer, reads: { who: [doc] }, writes: { s: [number] }, limit: 1wd }
  z: { title: Z, matter: o, by: officer, reads: { who: [doc] }, limit: 1wd }
",
        ..TWO
    };
    const THIRD: (&str, &str) = (
        "  n: { title: N, department: e, refused: ends matter }\n",
        "  n: { title: N, department: e, refused: ends matter }\n  o: { title: O, department: d }\n",
    );
    const WALK: (&str, &str) = ("walk: [m, n]", "walk: [m, n, o]");
    const BOTH: (&str, &str) = (
        "delivers:\n",
        "delivers:\n  - { what: s, by: [electronic] }\n",
    );
    const O_IF_NOT: (&str, &str) = ("title: O, ", "title: O, when: \"!q\", ");
    for (change, told) in [
        (&[][..], "what was made of M, N by then"),
        (&[N_IF], "what was made of M, N (for some answers) by then"),
        (&[N_IF, O_IF_NOT], "what was made of M by then"),
        (&[N_IF_NOT, O_IF_NOT], "what was made of M, N by then"),
    ] {
        let change: Vec<(&str, &str)> = [THIRD, WALK, BOTH]
            .into_iter()
            .chain(change.iter().copied())
            .collect();
        let made = THREE.made(&change);
        let said = confirm(&made, Rule::AskOnce);
        assert!(said.contains(told), "{change:?}: {said}");
    }
}

/// Where there are more answers than are looked at, what is found says so.
#[test]
fn that_not_all_answers_were_looked_at_is_said() {
    let mut steps = String::from(TWO.steps);
    let (mut questions, mut reference) = (String::new(), String::from("reference: { q: yes"));
    for at in 0..6 {
        steps += &format!(
            "  a{at}: {{ title: A, matter: m, by: officer, when: q{at}, reads: {{ who: [doc] }}, limit: 1wd, legal_effect: yes }}\n"
        );
        questions += &format!("  q{at}: {{ ask: q, type: yes-no }}\n");
        reference += &format!(", q{at}: yes");
    }
    questions += "  q: { ask: q, type: yes-no }\n";
    reference += " }";
    let many: [(&str, &str); 3] = [
        (TWO.steps, &steps),
        ("  q: { ask: q, type: yes-no }\n", &questions),
        ("reference: { q: yes }", &reference),
    ];
    const FEW: &str = "(there are more answers, of which 32 were looked at)";
    let said = checked(&TWO.made(&many), Rule::AskOnce);
    let falls = format!("no matter was found that falls with another {FEW}");
    assert!(said.contains(&falls), "{said}");
    let said = checked(&TWO.made(&[]), Rule::AskOnce);
    assert!(!said.contains("no matter was found"), "{said}");
}

/// Of two equal checks one goes; what only it and the one that stays read stays, and what only a
/// step without effect read goes, be it asked or looked up.
#[test]
fn what_only_steps_that_are_left_out_needed_is_told() {
    const IDLE: (&str, &str) = (
        "  y: {",
        "  idle: { title: Idle, matter: m, by: officer, reads: { who: [name, id], firm: [note] }, limit: 1wd, legal_effect: no }\n  y: {",
    );
    const GONE: &str =
        "needed only for steps that are left out, and neither asked for nor looked up any more";
    for (change, told) in [
        (&[IDLE][..], format!("{GONE}: Person: Name, Firm: Note")),
        (
            &[IDLE, M_IF],
            format!("{GONE} (for the answers q = yes): Person: Name, Firm: Note"),
        ),
        (
            &[
                IDLE,
                ("reads: { who: [doc] }", "reads: { who: [doc, name] }"),
            ],
            format!("{GONE}: Firm: Note"),
        ),
    ] {
        let made = TWO.made(change);
        let all = changed(&made, Rule::Eliminate);
        let said = all.lines().find(|line| line.starts_with("needed only"));
        assert_eq!(said.unwrap_or_default(), told, "{change:?}: {all}");
    }
}

/// What only some were asked for nobody R1 leaves off; R3 without R1 would have dropped it.
#[test]
fn a_share_that_comes_of_another_order_is_told() {
    const TOLD: &str = "in the order in which the rules are applied, this one changes nothing of: fields; its share";
    const ASKS: (&str, &str) = (
        "intake: { visits: 1",
        "matters:\n  n: { asks: { firm: [note] } }\nintake: { visits: 1",
    );
    for (change, is_told) in [(&[N_IF, ASKS][..], true), (&[N_IF], false)] {
        let made = TWO.made(change);
        let mut bars = made.waterfall.bars.iter();
        let bar = bars.find(|bar| bar.rule == Rule::DeadData).unwrap();
        let shares = bar.saves.iter().flatten();
        assert_eq!(shares.sum::<f64>() > 1e-9, is_told, "{bar:?}");
        let told = checked(&made, Rule::DeadData);
        assert_eq!(told.contains(TOLD), is_told, "{told}");
    }
}

/// What a form asked of whom no step needs it goes, and is not called looked up for them, though
/// the registry that has it is asked for something else.
#[test]
fn what_only_some_who_were_asked_for_it_get_looked_up_is_told_for_whom() {
    const FOUND: &str = "looked up, and asked for only where the registry has nothing";
    const GONE: &str =
        "no longer asked, for no step needs it (for the answers q = yes and p = no): Person: Town";
    const BOTH: [(&str, &str); 6] = [
        (
            "with: [id], gives: [name]",
            "with: [id], gives: [name, town]",
        ),
        ("reads: { who: [doc] }", "reads: { who: [doc, id, name] }"),
        (
            "  y: {",
            "  z: { title: Z, matter: n, by: officer, when: p, reads: { who: [town] }, limit: 1wd, legal_effect: yes }\n  y: {",
        ),
        (
            "  q: { ask: q, type: yes-no }\n",
            "  q: { ask: q, type: yes-no }\n  p: { ask: p, type: yes-no }\n",
        ),
        ("reference: { q: yes }", "reference: { q: yes, p: yes }"),
        M_IF,
    ];
    const ASKS: (&str, &str) = (
        "intake: { visits: 1",
        "matters:\n  m: { asks: { who: [town] } }\nintake: { visits: 1",
    );
    for (asks, found, gone) in [
        (None, format!("{FOUND}: Person: Name, Person: Town"), false),
        (
            Some(ASKS),
            format!("{FOUND}: Person: Name\n{FOUND} (for the answers p = yes): Person: Town"),
            true,
        ),
    ] {
        let change: Vec<(&str, &str)> = BOTH.into_iter().chain(asks).collect();
        let made = TWO.made(&change);
        assert_eq!(changed(&made, Rule::OnceOnly), found);
        let told = changed(&made, Rule::AskOnce);
        assert_eq!(told.contains(GONE), gone, "{told}");
    }
}

/// What only some were asked and no step reads is off the one form, unless a registry is asked with
/// it in the end: then there is nothing to be confirmed either.
#[test]
fn what_is_asked_again_as_a_key_is_not_called_left_off() {
    const LEFT: &str =
        "asked on applications of some answers only, and read by no step: not on the one form";
    const WANTED: &str = "whether N needs Firm: Code at all";
    const ASKS: [(&str, &str); 4] = [
        (
            "intake: { visits: 1",
            "matters:\n  n: { asks: { firm: [code] } }\nintake: { visits: 1",
        ),
        (
            "with: [code], gives: [name]",
            "with: [code], gives: [name, note]",
        ),
        (
            "  q: { ask: q, type: yes-no }\n",
            "  q: { ask: q, type: yes-no }\n  p: { ask: p, type: yes-no }\n",
        ),
        ("reference: { q: yes }", "reference: { q: yes, p: yes }"),
    ];
    const ALL: (&str, &str) = (
        "reads: { who: [doc] }",
        "reads: { who: [doc], firm: [name, note] }",
    );
    const SOME: (&str, &str) = (
        "  y: {",
        "  z: { title: Z, matter: n, by: officer, when: p, reads: { firm: [name, note] }, limit: 1wd, legal_effect: yes }\n  y: {",
    );
    for (reads, told, to_confirm) in [
        (None, format!("{LEFT}: Firm: Code"), true),
        (Some(ALL), String::new(), false),
        (
            Some(SOME),
            format!("{LEFT} (for the answers q = yes and p = no): Firm: Code"),
            true,
        ),
    ] {
        let change: Vec<(&str, &str)> = ASKS.into_iter().chain([N_IF]).chain(reads).collect();
        let made = TWO.made(&change);
        let all = changed(&made, Rule::AskOnce);
        let said = all.lines().find(|line| line.starts_with(LEFT));
        assert_eq!(said.unwrap_or_default(), told, "{reads:?}: {all}");
        let asks = confirm(&made, Rule::AskOnce);
        assert_eq!(asks.contains(WANTED), to_confirm, "{reads:?}: {asks}");
    }
}

/// What one matter makes and the other reads is carried, or turns the order, for who brings both.
#[test]
fn what_passes_from_matter_to_matter_is_told_for_whom() {
    const READS: (&str, &str) = (
        "reads: { who: [doc] }",
        "reads: { who: [doc], r: [number] }",
    );
    const TURNED: (&str, &str) = ("walk: [m, n]", "walk: [n, m]");
    const CARRIED: &str = "the applicant no longer carries what another matter made";
    const AGAINST: &str = "where the old order ran against the data, the data decides";
    for (change, of) in [
        (&[][..], Some("")),
        (&[N_IF], Some(" (for the answers q = yes)")),
        (&[M_IF], Some(" (for the answers q = yes)")),
        (&[M_IF, N_IF_NOT], None),
    ] {
        for (turned, told) in [
            (None, of.map(|of| format!("{CARRIED}{of}: Made: Number"))),
            (Some(TURNED), of.map(|of| format!("{AGAINST}{of}"))),
        ] {
            let change = change.iter().copied().chain([READS]).chain(turned);
            let made = TWO.made(&change.collect::<Vec<_>>());
            let all = changed(&made, Rule::AskOnce);
            let mut said = all.lines();
            let said = said.find(|line| line.starts_with(CARRIED) || line.starts_with(AGAINST));
            assert_eq!(said, told.as_deref(), "{turned:?}: {all}");
        }
    }
}

/// Acceptances, and trips to collect: who has the matter has them.
#[test]
fn what_goes_with_a_matter_is_told_for_whom() {
    const COLLECTS: (&str, &str) = (
        "  y: { title: Y,",
        "  get: { title: Get, matter: n, by: applicant, visits: 1, reads: { s: [number] } }\n  y: { title: Y,",
    );
    const SENT: (&str, &str) = (
        "delivers:\n",
        "delivers:\n  - { what: s, by: [electronic] }\n",
    );
    const ACCEPTS: [(&str, &str); 2] = [
        (
            "intake: { visits: 1",
            "intake: { by: officer, limit: 1wd, visits: 1",
        ),
        (
            "applicant: who\n",
            "applicant: who\nintake: { by: officer, limit: 1wd }\n",
        ),
    ];
    for (change, acceptances, trips) in [
        (&[][..], "2 acceptances become one", "1 trip fewer"),
        (
            &[N_IF],
            "2 acceptances (1 to 2 of them for one applicant) become one",
            "1 trip fewer (for the answers q = yes)",
        ),
        (
            &[M_IF, N_IF_NOT],
            "2 acceptances (1 of them for one applicant) become one",
            "1 trip fewer (for the answers q = no)",
        ),
    ] {
        let change = change
            .iter()
            .copied()
            .chain([COLLECTS, SENT])
            .chain(ACCEPTS);
        let made = TWO.made(&change.collect::<Vec<_>>());
        let said = changed(&made, Rule::AskOnce);
        assert!(said.contains(acceptances), "{said}");
        let said = changed(&made, Rule::Eliminate);
        assert_eq!(said, format!("“Get” is left out, {trips}"));
        let said = confirm(&made, Rule::Eliminate);
        let asked = "“Get” only collects results, and is no payment, appearance or other duty";
        assert!(said.contains(asked), "{said}");
    }
}
