//! R1 where the old way is one case already: what its form asks although it is known.

use onething_redesign::rewrite::{Prefer, Rule};

use crate::svc::Svc;

/// One form; `review` makes a number, `take` collects it at a window.
const TOGETHER: Svc = Svc {
    steps: "  review: { title: Review, matter: m, by: officer, reads: { who: [id] }, writes: { r: [number] }, limit: 1wd }
  file: { title: File, matter: n, by: officer, reads: { who: [town] }, limit: 1wd }
",
    asks: "",
    before: "  take: { title: Take, matter: m, by: applicant, visits: 1, reads: { r: [number] }, source: a paper }
",
    workload: "",
    prefer: Prefer::Time,
};

const ONE: (&str, &str) = (
    "handled: apart\nfetched: nothing\nwalk: [m, n]\n",
    "handled: together\nfetched: nothing\n",
);
const FETCHED: (&str, &str) = ("fetched: nothing\nbecause", "fetched: everything\nbecause");
const WINDOW: (&str, &str) = ("by: [electronic]", "by: [window]");

#[test]
fn one_form_does_not_ask_for_what_is_known() {
    TOGETHER.table(
        Rule::AskOnce,
        &[
            ("nothing is known", &[ONE], ""),
            (
                "a step makes it",
                &[ONE, WINDOW, ("[id, doc] }", "[id, doc], r: [number] }")],
                "no longer on the form, for a step of the same case makes it: Made: Number",
            ),
            (
                "a step makes it, and nobody else reads it",
                &[ONE, ("[id, doc] }", "[id, doc], r: [number] }")],
                "no longer on the form, for a step of the same case makes it: Made: Number",
            ),
            (
                "a step makes it, where the window of a matter asks",
                &[
                    ONE,
                    WINDOW,
                    (
                        "because: habit\n",
                        "because: habit\nmatters: { n: { reads: { r: [number] }, source: a paper } }\n",
                    ),
                ],
                "no longer on the form, for a step of the same case makes it: Made: Number",
            ),
            (
                "a step makes it for some answers",
                &[
                    ONE,
                    WINDOW,
                    ("[id, doc] }", "[id, doc], r: [number] }"),
                    ("{ title: Review, ", "{ title: Review, when: q, "),
                ],
                "no longer on the form, for a step of the same case makes it (for the answers q = yes): Made: Number",
            ),
            (
                "a registry gives it, which is asked already",
                &[ONE, FETCHED, ("[id, doc] }", "[id, name] }")],
                "no longer wanted by who takes the application in, for it is looked up or follows from what is there: Person: Name",
            ),
            (
                "a registry could give it, and is asked for nothing",
                &[ONE, ("[id, doc] }", "[id, name] }")],
                "",
            ),
        ],
    );
}

/// What only some have read is asked of them alone, where a step of theirs reads it.
#[test]
fn one_form_asks_what_some_steps_read_of_those_alone() {
    let sometimes = (
        "matter: n, by: officer, reads: { who: [town]",
        "matter: n, by: officer, when: q, reads: { firm: [note]",
    );
    TOGETHER.table(
        Rule::AskOnce,
        &[(
            "read for some answers",
            &[ONE, sometimes, ("[id, doc] }", "[id, doc], firm: [note] }")],
            "asked only for the answers for which a step reads it: Firm: Note",
        )],
    );
}
