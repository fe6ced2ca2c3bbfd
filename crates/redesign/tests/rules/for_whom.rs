//! What is said of an applicant is said of those of whom it is true: matters that exclude each
//! other nobody has both of.

use onething_redesign::rewrite::Rule;

use crate::svc::{Svc, changed, checked};

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
