//! An old way that asks registries already: what its forms ask is what counts, not
//! what registries could give.

use onething_measure::FigureName;
use onething_plan::{Plan, Scenario};
use onething_redesign::rewrite::{Prefer, Quantity, Redesign, Rule};

use crate::svc::{Svc, changed};

/// A matter each for `one` and `far`; the registries are asked.
const FETCHED: Svc = Svc {
    steps: "  one:
    title: One
    matter: m
    by: officer
    reads: { who: [name, town] }
    writes: { r: [number] }
    limit: 1wd
  far:
    title: Far
    matter: n
    by: officer
    reads: { who: [town, name] }
    writes: { r: [note] }
    limit: 1wd
",
    asks: "",
    before: "",
    workload: "",
    prefer: Prefer::Time,
};

type Change = (&'static str, &'static str);

const EVERYTHING: Change = ("fetched: nothing", "fetched: everything");
const LAWFUL: Change = ("gives: [town]", "gives: [town], basis: law");

/// What the intake asks of itself.
fn asks(what: &'static str) -> Change {
    ("asks: { who: [id, doc] }", what)
}

const NOTHING: &str = "asks: {}";

/// What the forms ask in the reference scenario: a form's fields, one form beside another.
fn forms(plan: &Plan) -> String {
    let scenario = Scenario::resolve(plan, &plan.reference);
    let form = |application| {
        let form = scenario.form(application).iter();
        let mut fields: Vec<String> = form
            .map(|asked| plan.field(asked.field).path.to_string())
            .collect();
        fields.sort();
        fields.join(" ")
    };
    let forms: Vec<String> = plan.applications().map(form).collect();
    forms.join(" | ")
}

/// What the forms ask before and after, and what each rule takes off the fields.
fn story(made: &Redesign) -> String {
    let fall = &made.waterfall;
    let at = Quantity::Figure(FigureName::Fields).index();
    let mut told = format!("{} => {}", forms(&made.before), forms(&made.plan));
    let mut sum = 0.0;
    for bar in &fall.bars {
        let saves = bar.saves[at].unwrap();
        sum += saves;
        if saves.abs() > 1e-9 {
            told += &format!("; {} {}", bar.rule.number(), (saves * 1e3).round() / 1e3);
        }
    }
    let [before, after] = [&fall.before, &fall.after].map(|figures| figures[at].unwrap());
    let adds_up = (sum - (before - after)).abs() < 1e-9;
    assert!(adds_up, "{sum}, not {before} - {after}: {told}");
    told
}

/// What the proofs of these rules say of fields, each with its rule.
fn told(made: &Redesign) -> String {
    let mut told = Vec::new();
    for rule in [Rule::AskOnce, Rule::OnceOnly, Rule::DeadData] {
        let proof = made.applied.iter().find(|proof| proof.rule == rule);
        let lines = proof.iter().flat_map(|proof| &proof.changed);
        for line in lines.filter(|line| !line.fields.is_empty()) {
            told.push(format!("{} {}", rule.number(), line.text.en()));
        }
    }
    told.join("; ")
}

/// What a line of the table is about, what is changed, [what becomes of the forms](story),
/// [what is told](told).
type Row<'a> = (&'a str, &'a [Change], &'a str, &'a str);

fn table(rows: &[Row<'_>]) {
    let mut wrong = String::new();
    for (what, change, expected, words) in rows {
        let made = FETCHED.made(change);
        let refused: Vec<&str> = made.refused.iter().map(|one| one.why.en()).collect();
        for (found, expected) in [
            (story(&made), *expected),
            (told(&made), *words),
            (refused.join("; "), ""),
        ] {
            if found != expected {
                wrong += &format!("{what}: `{found}`, not `{expected}`\n");
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn what_forms_ask_decides_whether_they_are_joined() {
    table(&[
        (
            "both look up by a number that no step reads",
            &[EVERYTHING, asks(NOTHING)],
            "who.id | who.id => who.id; R1 1",
            "",
        ),
        (
            "one looks up what the other asks, since a number is not worth a name",
            &[
                EVERYTHING,
                asks(NOTHING),
                ("reads: { who: [town, name] }", "reads: { who: [name] }"),
            ],
            "who.id | who.name => who.id; R1 1",
            "R1 looked up once for all, and no longer asked: Person: Name",
        ),
        (
            "one reads the number, the other only looks up by it",
            &[
                EVERYTHING,
                asks(NOTHING),
                ("reads: { who: [town, name] }", "reads: { who: [id] }"),
            ],
            "who.id | who.id => who.id; R1 1",
            "",
        ),
        (
            "nobody asks twice",
            &[
                EVERYTHING,
                asks(NOTHING),
                ("reads: { who: [town, name] }", "reads: { who: [doc] }"),
            ],
            "who.id | who.doc => who.id | who.doc",
            "",
        ),
        (
            "what each form asks on its own account is looked up",
            &[EVERYTHING, asks("asks: { who: [id, name] }")],
            "who.id | who.id => who.id; R1 1",
            "",
        ),
    ]);
}

#[test]
fn each_rule_is_credited_with_what_it_drops() {
    const PEOPLE: Change = ("fetched: nothing", "fetched: [people]");
    table(&[
        (
            "what nobody reads is dropped, whether or not a registry gives it",
            &[EVERYTHING, asks("asks: { firm: [code, name] }")],
            "firm.code who.id | firm.code who.id => who.id; R1 1.5; R3 1.5",
            "R3 dropped: Firm: Code",
        ),
        (
            "a registry could give it, if it were worth the code",
            &[EVERYTHING, asks("asks: { firm: [name] }")],
            "firm.name who.id | firm.name who.id => who.id; R1 1.5; R3 1.5",
            "R3 dropped: Firm: Name",
        ),
        (
            "the same, where nothing was looked up",
            &[LAWFUL, asks("asks: { firm: [name] }")],
            "firm.name who.name who.town | firm.name who.name who.town => who.id; R1 2; R2 1.5; R3 1.5",
            "R2 looked up, and asked for only where the registry has nothing: Person: Name, Person: Town; R3 dropped: Firm: Name",
        ),
        (
            "the code is asked for: whoever comes first saves the name, and in the end nobody reads it",
            &[LAWFUL, asks("asks: { firm: [code, name] }")],
            "firm.code firm.name who.name who.town | firm.code firm.name who.name who.town => who.id; R1 2.333; R2 2.333; R3 2.333",
            "R2 looked up, and asked for only where the registry has nothing: Person: Name, Person: Town; R3 dropped: Firm: Code, Firm: Name",
        ),
        (
            "what is newly looked up is told, and nothing that was",
            &[
                PEOPLE,
                LAWFUL,
                asks("asks: { who: [id, name] }"),
                ("reads: { who: [name, town] }", "reads: { who: [town] }"),
                ("reads: { who: [town, name] }", "reads: { who: [town] }"),
            ],
            "who.id who.town | who.id who.town => who.id; R1 1.5; R2 1.5",
            "R2 looked up, and asked for only where the registry has nothing: Person: Town",
        ),
        (
            "what the applicant is asked stays, unless it is looked up",
            &[
                LAWFUL,
                asks("asks: { who: [name] }"),
                ("reads: { who: [name, town] }", "reads: { who: [doc] }"),
                ("reads: { who: [town, name] }", "reads: { who: [doc] }"),
            ],
            "who.doc who.name | who.doc who.name => who.doc who.name; R1 1",
            "",
        ),
    ]);
}

/// By a code that a step makes nothing is found before it: apart, the forms asked for the code.
#[test]
fn what_was_looked_up_is_not_asked_on_the_one_form() {
    let number = (
        "reads: { who: [name, town] }\n    writes: { r: [number] }",
        "reads: { who: [name, town] }\n    writes: { firm: [code] }",
    );
    let result = ("writes: { r: [note] }", "writes: { r: [number] }");
    let change = [
        EVERYTHING,
        asks(NOTHING),
        (
            "because: habit",
            "because: habit\nmatters: { n: { asks: { firm: [code, name] } } }",
        ),
        number,
        result,
        ("walk: [m, n]", "walk: [n, m]"),
    ];
    table(&[(
        "the code is made in the course of the case",
        &change,
        "firm.code who.id | who.id => who.id; R1 1.5; R3 0.5",
        "R1 looked up or derived before, and to be asked of the applicant if the one form wanted it: not on it: Firm: Name; R1 made by another matter, and no longer given by the applicant from elsewhere: Firm: Code; R3 dropped: Firm: Code",
    )]);
    let made = FETCHED.made(&change);
    let without = "whoever takes the application in does without: Firm: Name (where not, let a step read it, and it is looked up)";
    let confirm = crate::svc::confirm(&made, Rule::AskOnce);
    assert!(confirm.contains(without), "{confirm}");
}

/// The number found the town as well, which one window wanted and no step reads: for the name alone
/// it is not worth asking, and the name is asked in its place.
#[test]
fn what_a_number_is_not_worth_asking_for_is_asked_in_its_place() {
    let change = [
        EVERYTHING,
        asks(NOTHING),
        (
            "because: habit",
            "because: habit\nmatters: { n: { asks: { who: [town] } } }",
        ),
        ("department: e,", "department: e, when: q,"),
        ("reads: { who: [name, town] }", "reads: { who: [doc] }"),
        (
            "reads: { who: [town, name] }",
            "reads: { who: [name, doc] }",
        ),
    ];
    let made = FETCHED.made(&change);
    assert_eq!(made.refused, []);
    assert_eq!(story(&made), "who.doc | who.doc who.id => who.doc who.name");
    let stated = "for some answers the applicant states Person: Name, and no longer what it was looked up by; where a register has to say it, let the step that reads it read that as well";
    let confirm = crate::svc::confirm(&made, Rule::AskOnce);
    assert!(confirm.contains(stated), "{confirm}");
}

/// The name and the town are found by the number, and the number by the name.
#[test]
fn of_a_circle_the_key_that_is_read_is_asked() {
    table(&[(
        "the registry by number is listed first, and no step reads the number",
        &[
            EVERYTHING,
            asks(NOTHING),
            (
                "with: [id], gives: [name]",
                "with: [id], gives: [name, town]",
            ),
            (
                "registry: towns, department: d, with: [id], gives: [town]",
                "registry: towns, department: d, with: [name], gives: [id], basis: law",
            ),
            (
                "reads: { who: [name, town] }",
                "reads: { who: [name, doc] }",
            ),
            (
                "reads: { who: [town, name] }",
                "reads: { who: [town, doc] }",
            ),
        ],
        "who.doc who.name | who.doc who.town => who.doc who.name; R1 1",
        "R1 looked up once for all, and no longer asked: Person: Town",
    )]);
}

/// What is looked up with a number that another step gives waits for that step, which the one
/// who was handed it by the applicant did not: the proof of R2 asks to confirm it.
#[test]
fn who_newly_waits_for_a_result_is_told() {
    let walk = ("walk: [m, n]", "walk: [n, m]");
    let number = (
        "reads: { who: [name, town] }\n    writes: { r: [number] }",
        "reads: { who: [name, town] }\n    writes: { firm: [code] }",
    );
    let read = ("reads: { who: [town, name] }", "reads: { firm: [name] }");
    let result = ("writes: { r: [note] }", "writes: { r: [number] }");
    let told = |change: &[Change]| {
        let made = FETCHED.made(change);
        let confirm = crate::svc::confirm(&made, Rule::OnceOnly);
        let is_told = |line: &&str| line.contains("wait for") || line.starts_with("by this");
        let lines = confirm.lines().filter(is_told);
        lines.collect::<Vec<_>>().join("\n")
    };
    let waits = "for some answers “Far” did not wait for “One” and now do: Firm: Name is looked up with its result; where it gives none (a refusal) and the case goes on, what is needed of it is asked for in a further submission";
    let longer = "by this the computed processing time is 2 working days instead of 1 without this rule (it grows most for the answers q = yes), which is acceptable";
    let all = [number, read, result, walk];
    assert_eq!(told(&all), format!("{waits}\n{longer}"));
    // Where something else takes longer, the case does not.
    let slow = (
        "  far:\n",
        "  slow: { title: Slow, matter: m, by: officer, reads: { who: [doc] }, limit: 9wd }\n  far:\n",
    );
    assert_eq!(told(&[number, read, result, walk, slow]), waits);
    // Handed the number itself, it waits since R1: one case made that so, and no registry.
    let itself = (
        "reads: { who: [town, name] }",
        "reads: { firm: [code, name] }",
    );
    assert_eq!(told(&[number, itself, result, walk]), "");
    // In the walk from `m` to `n` it did wait.
    assert_eq!(told(&[number, read, result]), "");
}

/// Nobody carries what is made only after in the walk: it was given from elsewhere.
#[test]
fn what_the_applicant_carried_is_what_was_made_before() {
    let number = (
        "reads: { who: [name, town] }\n    writes: { r: [number] }",
        "reads: { who: [name, town] }\n    writes: { firm: [code] }",
    );
    let read = ("reads: { who: [town, name] }", "reads: { firm: [code] }");
    let result = ("writes: { r: [note] }", "writes: { r: [number] }");
    let told = |change: &[Change]| {
        let all: Vec<Change> = [number, result].iter().chain(change).copied().collect();
        let changed = crate::svc::changed(&FETCHED.made(&all), Rule::AskOnce);
        let is_told =
            |line: &&str| line.contains("no longer carries") || line.contains("elsewhere");
        let lines = changed.lines().filter(is_told);
        lines.collect::<Vec<_>>().join("\n")
    };
    let carries = "the applicant no longer carries what another matter made: Firm: Code";
    let from_elsewhere =
        "made by another matter, and no longer given by the applicant from elsewhere: Firm: Code";
    let turned = ("walk: [m, n]", "walk: [n, m]");
    assert_eq!(told(&[read]), carries);
    assert_eq!(told(&[read, turned]), from_elsewhere);
    // Where another answer has nobody make it, it is given still.
    let sometimes = ("title: One\n", "title: One\n    when: q\n");
    let for_whom = " elsewhere (for the answers q = yes):";
    let said = from_elsewhere.replace(" elsewhere:", for_whom);
    assert_eq!(told(&[read, turned, sometimes]), said);
    // Who can do without was not asked for it.
    let optional = (read.0, "reads: { who: [town], firm: [\"code?\"] }");
    assert_eq!(told(&[optional, turned]), "");
}

/// A number finds the name that who takes the application in wants, and tells the date of birth
/// that a step reads. The one form needs not ask for the name; for the date alone the number is
/// not worth asking, and it stays where it was asked.
#[test]
fn a_number_stays_on_the_one_form_though_what_it_was_asked_for_goes() {
    let svc = Svc {
        steps: "  review: { title: Review, matter: m, by: officer, reads: { who: [born, doc] }, writes: { r: [number] }, limit: 1wd }
  file: { title: File, matter: n, by: officer, when: q, reads: { who: [doc] }, limit: 1wd }
",
        ..Svc::default()
    };
    let made = svc.made(&[
        (
            "  id: { title: Id, type: text }\n",
            "  id: { title: Id, type: identity-number, sensitivity: public }\n  born: { title: Born, type: date, derived: { from: id, as: date-of-birth } }\n",
        ),
        ("fetched: nothing", "fetched: [people]"),
        ("asks: { who: [id, doc] }", "asks: { who: [name] }"),
    ]);
    let refused: Vec<&str> = made
        .refused
        .iter()
        .map(|refusal| refusal.why.en())
        .collect();
    assert!(refused.is_empty(), "{refused:?}");
    let form = forms(&made.plan);
    assert!(
        form.contains("who.id") && !form.contains("who.born"),
        "{form}"
    );
}

/// For who needs the name as well the code is worth asking; for who needs the note alone it is
/// not, and the note is asked.
#[test]
fn what_is_looked_up_for_some_answers_only_is_said_so() {
    let svc = Svc {
        steps: "  review: { title: Review, matter: m, by: officer, when: q, reads: { firm: [name] }, writes: { r: [number] }, limit: 1wd }
  file: { title: File, matter: m, by: officer, reads: { firm: [note] }, writes: { s: [number] }, limit: 1wd }
  keep: { title: Keep, matter: n, by: officer, reads: { who: [id, doc] }, limit: 1wd }
",
        ..Svc::default()
    };
    let made = svc.made(&[(
        "with: [code], gives: [name]",
        "with: [code], gives: [name, note]",
    )]);
    let told = changed(&made, Rule::OnceOnly);
    assert!(
        told.contains("only where the registry has nothing: Firm: Name")
            && told.contains(
                "for some answers, and asked of the applicant for the others: Firm: Note"
            ),
        "{told}"
    );
}
