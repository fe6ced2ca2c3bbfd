//! What goes on after the last delivery is in nobody's time, and what each rule saves of it.

use onething_measure::FigureName;
use onething_redesign::View;
use onething_redesign::rewrite::Rule;

use crate::svc::{Svc, confirm};

/// A decision that makes the result, and a filing of it that only the old way had.
const FILED: Svc = Svc {
    steps: "  x:
    title: X
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
    limit: 1wd
",
    asks: "",
    before: "  file:
    title: File
    matter: m
    by: officer
    reads: { r: [number] }
    legal_effect: no
    limit: 3wd
",
    workload: "",
    prefer: onething_redesign::rewrite::Prefer::Time,
};

#[test]
fn nobody_waits_for_a_filing() {
    let mut told = String::new();
    for (what, change) in [
        ("dropped", &[] as &[(&str, &str)]),
        ("kept", &[("    legal_effect: no\n", "")]),
        (
            "both ways have it",
            &[(
                "  far:\n",
                "  bind:\n    title: Bind\n    matter: m\n    by: officer\n    reads: { r: [number] }\n    limit: 2wd\n  far:\n",
            )],
        ),
    ] {
        let made = FILED.made(change);
        let mut figures = made.waterfall.figures.iter();
        let name = FigureName::ProcessingTime.as_str();
        let at = figures.position(|figure| figure.as_str() == name).unwrap();
        let drawn = |plan: &onething_plan::Plan| {
            let view = View::new(plan, &plan.reference);
            let after: Vec<&str> = view.after_results.iter().map(|key| key.as_str()).collect();
            format!(
                "{} ({})",
                view.makespan_working_days.unwrap(),
                after.join(", ")
            )
        };
        told += &format!("{what}: {} -> {}", drawn(&made.before), drawn(&made.plan));
        let promised = made.waterfall.before[at].zip(made.waterfall.after[at]);
        let (before, after) = promised.unwrap();
        told += &format!("; promised {before} -> {after};");
        for bar in &made.waterfall.bars {
            let saves = bar.saves[at].unwrap_or(0.0);
            if saves != 0.0 {
                told += &format!(" {:?} {saves:.2}", bar.rule);
            }
        }
        told += "\n";
    }
    // Where only R1 is applied, the walk still has `far`, which the delivery waits for, come
    // after the filing: what R1 adds, R5 takes off.
    let expected = "\
dropped: 5 (file, apply-n, far) -> 5 (); promised 5 -> 5; AskOnce -1.50 Eliminate 0.50 Unbind 1.00
kept: 5 (file, apply-n, far) -> 5 (file); promised 5 -> 5; AskOnce -2.00 Unbind 2.00
both ways have it: 5 (bind, file, apply-n, far) -> 5 (bind); promised 5 -> 5; AskOnce -1.83 Eliminate 0.17 Unbind 1.67
";
    assert_eq!(told, expected);
}

/// One case waits for all of its matters, where each result was there when its own was done.
#[test]
fn answers_for_which_the_time_grows_are_named() {
    const SVC: Svc = Svc {
        steps: "  x: { title: X, matter: m, by: officer, reads: { who: [id, doc] }, limit: 2wd }
  y: { title: Y, matter: m, by: officer, reads: { who: [id, name] }, writes: { r: [number] }, limit: 2wd }
  far: { title: Far, matter: n, by: officer, when: \"!q\", reads: { who: [doc] }, limit: 9wd }
",
        asks: "",
        before: "  y: { after: [{ step: x, because: habit }] }\n",
        ..FILED
    };
    let told = |change: &[(&str, &str)]| {
        let made = SVC.made(change);
        let name = FigureName::ProcessingTime.as_str();
        let mut figures = made.waterfall.figures.iter();
        let at = figures.position(|figure| figure.as_str() == name).unwrap();
        let saved = made.waterfall.after[at] < made.waterfall.before[at];
        let said = confirm(&made, Rule::AskOnce);
        let grows = said.lines().find(|line| line.contains("time grows"));
        let of = grows.map(|line| line.split_once("together): ").unwrap().1.to_owned());
        (saved, of)
    };
    let all = Some("9 working days instead of 4 (answers: q = no)".to_owned());
    assert_eq!(told(&[]), (true, all));
    assert_eq!(told(&[("limit: 9wd", "limit: 4wd")]), (true, None));
}

/// One acceptance serves all, within the longest of their limits. Where nothing is delivered but
/// what was, results that come together are not the reason.
#[test]
fn why_one_case_takes_longer_is_told() {
    const SVC: Svc = Svc {
        steps: "  x: { title: X, matter: m, by: officer, reads: { who: [id, doc] }, writes: { r: [number] }, limit: 5wd }
  far: { title: Far, matter: n, by: officer, reads: { who: [doc] }, limit: 1wd }
",
        before: "",
        ..FILED
    };
    let told = |change: &[(&str, &str)]| {
        let accepted = [
            (
                "because: habit\n",
                "because: habit\nmatters: { n: { intake: { by: officer, limit: 4wd } } }\n",
            ),
            (
                "intake: { visits: 1",
                "intake: { by: officer, limit: 1wd, visits: 1",
            ),
            (
                "applicant: who\n",
                "applicant: who\nintake: { by: officer, limit: 1wd }\n",
            ),
        ];
        let all: Vec<(&str, &str)> = accepted.iter().chain(change).copied().collect();
        let said = confirm(&SVC.made(&all), Rule::AskOnce);
        let grows = said.lines().find(|line| line.contains("time grows"));
        let of = grows.and_then(|line| line.split_once("which is acceptable"));
        of.map(|(_, why)| why.to_owned()).unwrap_or_default()
    };
    // The 5 days of `x` begin after 4, and not after 1.
    let longest = "the acceptances are one, and every matter waits for the longest of their limits";
    let answers = "9 working days instead of 6 (answers: q = yes)";
    assert_eq!(told(&[]), format!(" ({longest}): {answers}"));
    // As long as all of them, nothing is waited for.
    assert_eq!(told(&[("limit: 4wd", "limit: 1wd")]), "");
    // What comes last is the other matter, as soon as any was accepted.
    let together = "apart, each result was delivered by itself, and as one case they come together";
    let slow = [
        ("limit: 4wd", "limit: 1wd"),
        (
            "reads: { who: [doc] }, limit: 1wd",
            "reads: { who: [doc] }, limit: 9wd",
        ),
    ];
    let answers = "10 working days instead of 6 (answers: q = yes)";
    assert_eq!(told(&slow), format!(" ({together}): {answers}"));
    // Each of them has a share.
    let answers = "13 working days instead of 6 (answers: q = yes)";
    assert_eq!(
        told(&slow[1..]),
        format!(" ({together}; {longest}): {answers}")
    );
}

/// It is asked of the rule by which the time grows, and results that came together before come
/// together still.
#[test]
fn the_rule_that_takes_longer_asks_for_it() {
    const SVC: Svc = Svc {
        steps: "  x: { title: X, matter: m, by: officer, reads: { who: [doc] }, writes: { firm: [code] }, limit: 5wd }
  far: { title: Far, matter: n, by: officer, reads: { firm: [\"name?\"] }, writes: { r: [number] }, limit: 9wd }
  fetch: { title: Fetch, matter: n, by: applicant, visits: 1, reads: { r: [number] } }
",
        asks: "",
        before: "",
        ..FILED
    };
    let made = SVC.made(&[
        ("handled: apart\n", "handled: together\n"),
        ("walk: [m, n]\n", ""),
    ]);
    let of = |rule| confirm(&made, rule);
    let said = "for some answers the computed processing time grows, which is acceptable: 14 working days instead of 9";
    assert!(of(Rule::OnceOnly).contains(said), "{:#?}", made.applied);
    let others = made
        .applied
        .iter()
        .filter(|proof| proof.rule != Rule::OnceOnly);
    for proof in others {
        assert!(!of(proof.rule).contains("time grows"), "{:#?}", proof);
    }
}
