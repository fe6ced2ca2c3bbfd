//! What `worsened` says of designs that are worse by hand: one row for each
//! thing that no rewrite may change.

use std::collections::BTreeSet;

use onething_definition::design::{By, Design, Drafting, OrderKind, Read, Registries};
use onething_model::{FieldPath, Limit, Text};
use onething_plan::Cond;
use onething_redesign::rewrite::{Handling, Prefer, worsened};

use crate::svc::Svc;

/// An officer's check and the review that the law puts after it, signed by
/// somebody else; a second matter that only some have. The name is looked up
/// by the identity, the firm's by the code that a step makes.
const SERVICE: Svc = Svc {
    steps: "  check:
    title: Check
    matter: m
    by: officer
    reads: { who: [id, doc] }
    writes: { s: [note] }
    limit: 1wd
  review:
    title: Review
    matter: m
    by: officer
    reads: { who: [id, name], s: [note] }
    writes: { r: [number] }
    limit: 2wd
    legal_effect: yes
    after: [{ step: check, because: law }]
  sign:
    title: Sign
    matter: m
    by: officer
    reads: { r: [number] }
    writes: { t: [number] }
    limit: 1wd
    separate_from: [review]
  site:
    title: Site
    matter: n
    by: officer
    when: q
    reads: { who: [doc] }
    writes: { r: [note], firm: [code] }
    limit: 1wd
  enter:
    title: Enter
    matter: n
    by: system
    when: q
    reads: { firm: [code, name] }
",
    asks: "",
    before: "",
    workload: "",
    prefer: Prefer::Time,
};

const PARTS: &[(&str, &str)] = &[
    (
        "delivers:\n",
        "intake: { by: officer, limit: 1wd, visits: 1 }\ndelivers:\n",
    ),
    ("by: [electronic]", "by: [electronic, post]"),
    (
        "  doc: { title: Document, type: document }\n",
        "  doc: { title: Document, type: document }\n  scan: { title: Scan, type: document }\n",
    ),
];

/// What is done to the design, by name.
type Row = (&'static str, fn(&mut Design), &'static str);

fn at(design: &Design, key: &str) -> usize {
    let mut steps = design.steps.iter();
    steps.position(|step| step.key.as_str() == key).unwrap()
}

fn field(path: &str) -> FieldPath {
    path.parse().unwrap()
}

/// Merges `two` into `one`, which stays where it is.
fn merge(design: &mut Design, one: &str, two: &str) {
    let two = design.steps.remove(at(design, two));
    let one = at(design, one);
    let name = format!("{}-{}", design.steps[one].key, two.key);
    let old = [design.steps[one].key.clone(), two.key];
    let merged = &mut design.steps[one];
    merged.key = name.parse().unwrap();
    merged.merges = old.to_vec();
    merged.writes.extend(two.writes);
    let known = merged.writes.clone();
    merged.reads.extend(two.reads);
    merged.reads.retain(|read| !known.contains(&read.field));
    merged.after.clear();
    merged.limit.promised = two.limit.promised.zip(merged.limit.promised).map(|pair| {
        let (Limit::WorkingDays { thousandths: one }, Limit::WorkingDays { thousandths: two }) =
            pair
        else {
            panic!("{pair:?}")
        };
        Limit::WorkingDays {
            thousandths: one + two,
        }
    });
    merged.legal_effect = merged.legal_effect.or(two.legal_effect);
    merged.separate_from.clear();
    let name = merged.key.clone();
    for step in &mut design.steps {
        for order in &mut step.after {
            if old.contains(&order.step) {
                order.step = name.clone();
            }
        }
        for other in &mut step.separate_from {
            if old.contains(other) {
                *other = name.clone();
            }
        }
    }
}

#[test]
fn what_is_worse_is_said() {
    let rows: &[Row] = &[
        ("nothing", |_| (), ""),
        // Results.
        (
            "a result is not delivered",
            |design| design.delivers.clear(),
            "`r` is no longer delivered as it was",
        ),
        (
            "by one channel less",
            |design| {
                design.delivers[0].by.pop();
            },
            "`r` is no longer delivered as it was",
        ),
        (
            "a part of the licence is not made",
            |design| {
                let review = at(design, "review");
                design.steps[review].writes.clear();
                let sign = at(design, "sign");
                design.steps[sign].reads.clear();
            },
            "`r.number`, which is delivered, is no longer made (answers: q = yes)",
        ),
        (
            "nor for some",
            |design| {
                let site = at(design, "site");
                let enter = at(design, "enter");
                design.steps[site].when = Cond::Never;
                design.steps[enter].when = Cond::Never;
            },
            "`r.note`, which is delivered, is no longer made (answers: q = yes)",
        ),
        // What is asked.
        (
            "the form asks what it did not",
            |design| {
                design.intakes[0].asks.push(Read {
                    field: field("who.town"),
                    optional: true,
                });
            },
            "`who.town` was not asked of the applicant, and now is (answers: q = yes)",
        ),
        (
            "what a registry has",
            |design| design.fetched = Registries::Only(vec!["firms".parse().unwrap()]),
            "`who.name` was made or looked up, and is now asked of the applicant (answers: q = yes)",
        ),
        (
            "what a step made",
            |design| {
                let check = at(design, "check");
                design.steps[check].writes.clear();
            },
            "`s.note` was made or looked up, and is now asked of the applicant (answers: q = yes)",
        ),
        (
            "the same again, on a form of its own",
            |design| {
                let mut again = design.intakes[0].clone();
                again.key = "apply-n".parse().unwrap();
                again.acceptance = None;
                again.visits = 0;
                design.intakes.push(again);
                let site = at(design, "site");
                let enter = at(design, "enter");
                design.steps[site].intake = 1;
                design.steps[enter].intake = 1;
            },
            "fields and materials that the applicant gives: 3 instead of 2 (answers: q = yes)",
        ),
        (
            "a trip for a step",
            |design| {
                let sign = at(design, "sign");
                design.steps[sign].visits = 1;
            },
            "trips to an office: 2 instead of 1 (answers: q = yes)",
        ),
        (
            "a trip to hand in",
            |design| design.intakes[0].visits = 2,
            "trips to an office: 2 instead of 1 (answers: q = yes)",
        ),
        (
            "an appointment",
            |design| {
                let site = at(design, "site");
                design.steps[site].attended = true;
            },
            "times that the applicant has to be there: 1 instead of 0 (answers: q = yes)",
        ),
        // Who does what, and for how long.
        (
            "a step that was not there",
            |design| {
                let mut again = design.steps[at(design, "check")].clone();
                again.key = "check-again".parse().unwrap();
                again.writes.clear();
                design.steps.push(again);
            },
            "the step `check-again` was not there, nor any that it does the work of",
        ),
        (
            "another department",
            |design| {
                let check = at(design, "check");
                design.steps[check].department = Some("e".parse().unwrap());
            },
            "`check` does the work of `check` in another department or by other hands, and competence is given by law",
        ),
        (
            "other hands",
            |design| {
                let check = at(design, "check");
                design.steps[check].by = By::Outside;
            },
            "`check` does the work of `check` in another department or by other hands, and competence is given by law",
        ),
        (
            "two departments' work in one",
            |design| {
                let enter = at(design, "enter");
                design.steps[enter].by = By::Officer;
                design.steps[enter].department = Some("d".parse().unwrap());
                merge(design, "site", "enter");
            },
            "`site-enter` does the work of `enter` in another department or by other hands, and competence is given by law",
        ),
        (
            "more time for the department",
            |design| {
                let check = at(design, "check");
                design.steps[check].limit.promised = Some(Limit::working_days(3));
            },
            "the limit of `check` is not that of the steps whose work it does",
        ),
        (
            "in other days",
            |design| {
                let check = at(design, "check");
                design.steps[check].limit.promised =
                    Some(Limit::CalendarDays { thousandths: 1000 });
            },
            "the limit of `check` is not that of the steps whose work it does",
        ),
        (
            "a registry on no legal basis",
            |design| {
                design.fetched = Registries::All;
                let review = at(design, "review");
                design.steps[review].reads.push(Read {
                    field: field("who.town"),
                    optional: false,
                });
            },
            "`towns` is asked without a legal basis",
        ),
        // What the law wants.
        (
            "a decision with a legal effect is gone",
            |design| {
                let mut review = design.steps.remove(at(design, "review"));
                let check = at(design, "check");
                design.steps[check].writes.append(&mut review.writes);
            },
            "the step `review`, which has a legal effect, is gone",
        ),
        (
            "or no longer said to have one",
            |design| {
                let review = at(design, "review");
                design.steps[review].legal_effect = None;
            },
            "the step `review`, which has a legal effect, is gone",
        ),
        (
            "or not taken for some, though another makes what it made",
            |design| {
                let review = at(design, "review");
                let q = design.steps[at(design, "site")].when.clone();
                design.steps[review].when = Cond::Not(Box::new(q));
                let site = at(design, "site");
                design.steps[site].writes.push(field("r.number"));
            },
            "the step `review`, which has a legal effect, is gone (answers: q = yes)",
        ),
        (
            "nobody accepts",
            |design| design.intakes[0].acceptance = None,
            "the acceptance `accept` is gone",
        ),
        (
            "an order of the law",
            |design| {
                let (review, check) = (at(design, "review"), at(design, "check"));
                design.steps[review].after.clear();
                // Nor does data keep it.
                design.steps[review]
                    .reads
                    .retain(|read| read.field != field("s.note"));
                design.steps[check].writes.clear();
            },
            "the law puts `check` before `review`, and that order is gone (answers: q = yes)",
        ),
        (
            "the other way round",
            |design| {
                let (review, check) = (at(design, "review"), at(design, "check"));
                design.steps[review].after.clear();
                design.steps[review]
                    .reads
                    .retain(|read| read.field != field("s.note"));
                design.steps[check].reads.push(Read {
                    field: field("r.number"),
                    optional: false,
                });
            },
            "the law puts `check` before `review`, and that order is gone (answers: q = yes)",
        ),
        (
            "the earlier step of it, for some",
            |design| {
                let check = at(design, "check");
                let q = design.steps[at(design, "site")].when.clone();
                design.steps[check].when = Cond::Not(Box::new(q));
                let site = at(design, "site");
                design.steps[site].writes.push(field("s.note"));
            },
            "the law puts `check` before `review`, and that order is gone (answers: q = yes)",
        ),
        (
            "altogether",
            |design| {
                let mut check = design.steps.remove(at(design, "check"));
                let review = at(design, "review");
                design.steps[review].after.clear();
                let site = at(design, "site");
                design.steps[site].when = Cond::Always;
                design.steps[site].writes.append(&mut check.writes);
            },
            "the law puts `check` before `review`, and that order is gone",
        ),
        (
            "one step where the law wants two, one after the other",
            |design| merge(design, "check", "review"),
            "the law puts `check` before `review`, and that order is gone",
        ),
        (
            "one step where the law wants two people",
            |design| merge(design, "review", "sign"),
            "`sign` and `review`, which other people have to do, are no longer two steps that say so",
        ),
        (
            "two steps that no longer say so",
            |design| {
                let sign = at(design, "sign");
                design.steps[sign].separate_from.clear();
            },
            "`sign` and `review`, which other people have to do, are no longer two steps that say so",
        ),
        (
            "one of the two is gone",
            |design| {
                design.steps.remove(at(design, "sign"));
            },
            "`sign` and `review`, which other people have to do, are no longer two steps that say so",
        ),
        // What is no worse.
        (
            "the other one says so",
            |design| {
                let (review, sign) = (at(design, "review"), at(design, "sign"));
                design.steps[sign].separate_from.clear();
                design.steps[review].separate_from = vec!["sign".parse().unwrap()];
            },
            "",
        ),
        (
            "an order of habit goes, the law's follows from data",
            |design| {
                let review = at(design, "review");
                design.steps[review].after.clear();
            },
            "",
        ),
        (
            "a step without effect goes",
            |design| {
                design.steps.remove(at(design, "enter"));
            },
            "",
        ),
        (
            "an order of habit comes",
            |design| {
                let site = at(design, "site");
                let mut order = design.steps[at(design, "review")].after[0].clone();
                order.kind = OrderKind::Habit;
                design.steps[site].after.push(order);
            },
            "",
        ),
    ];
    let wrong: String = SERVICE.open(PARTS, |drafting| {
        rows.iter()
            .filter_map(|(what, change, expected)| {
                let found = said(drafting, *change, &BTreeSet::new());
                (found != *expected).then(|| format!("{what}: `{found}`, not `{expected}`\n"))
            })
            .collect()
    });
    assert!(wrong.is_empty(), "{wrong}");
}

/// `check` and `review` read this in place of the identity and the name.
fn instead(design: &mut Design, what: &str) {
    for key in ["check", "review"] {
        let step = at(design, key);
        let known = |read: &Read| ["who.id", "who.name"].contains(&&*read.field.to_string());
        design.steps[step].reads.retain(|read| !known(read));
    }
    let review = at(design, "review");
    design.steps[review].reads.push(Read {
        field: field(what),
        optional: false,
    });
}

/// What is newly asked to look something up is no worse, unless it is more or a paper.
#[test]
fn a_key_that_is_asked_to_look_something_up_is_no_worse() {
    let town: fn(&mut Design) = |design| instead(design, "who.town");
    let paper: fn(&mut Design) = |design| instead(design, "who.scan");
    let both: fn(&mut Design) = |design| {
        instead(design, "who.town");
        instead(design, "who.scan");
    };
    SERVICE.open(PARTS, |drafting| {
        let anew = "`who.town` was not asked of the applicant, and now is (answers: q = yes)";
        assert_eq!(said(drafting, town, &BTreeSet::new()), anew);
        let keys = BTreeSet::from([field("who.town"), field("who.scan")]);
        assert_eq!(said(drafting, town, &keys), "");
        let more = "materials that the applicant gives: 2 instead of 1 (answers: q = yes)";
        assert_eq!(said(drafting, paper, &keys), more);
        let more =
            "fields and materials that the applicant gives: 3 instead of 2 (answers: q = yes)";
        assert_eq!(said(drafting, both, &keys), more);
    });
}

/// What `worsened` says, in English.
fn said(
    drafting: &Drafting<'_>,
    change: fn(&mut Design),
    for_look_ups: &BTreeSet<FieldPath>,
) -> String {
    let mut was = drafting.new_way().clone();
    was.fetched = Registries::Without(vec![("towns".parse().unwrap(), Text::new("x", "x"))]);
    let mut is = was.clone();
    change(&mut is);
    let (then, now) = (drafting.plan(&was).unwrap(), drafting.plan(&is));
    let now = now.unwrap_or_else(|found| panic!("{:?}", found.into_sorted()));
    let was = Handling {
        design: &was,
        plan: &then,
    };
    let is = Handling {
        design: &is,
        plan: &now,
    };
    worsened(was, is, for_look_ups).map_or_else(String::new, |text| text.en().to_owned())
}
