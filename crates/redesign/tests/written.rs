//! The same old way, written in more than one way: who states an ask, be it the form of a
//! matter or the step that reads it, tells nothing of what each rule saves.

mod random;

use std::sync::Arc;

use onething_definition::SourceSet;
use onething_definition::classes::classes;
use onething_definition::design::{Design, Drafting, Folder, Read};
use onething_plan::{Actor, Outline, Plan};
use onething_redesign::rewrite::{Options, Redesign, redesign};

/// What the plan of a way comes to in every class of answers of `of`: what each form asks, and
/// where all that steps read comes from. What forms say on their own account is left out.
fn comes_to(plan: &Plan, of: &Plan) -> String {
    let mut text = String::new();
    for answers in &classes(of).answers {
        let outline = Outline::resolve(plan, answers);
        for step in outline.steps() {
            let key = &plan.step(step).key;
            let mut asked: Vec<String> = outline
                .form(step)
                .iter()
                .map(|asked| format!("{}{}", plan.field(asked.field).path, mark(asked.optional)))
                .collect();
            asked.sort();
            text += &format!("{key} asks {}\n", asked.join(" "));
            if matches!(plan.step(step).actor, Actor::Submission(_)) {
                continue;
            }
            let mut reads: Vec<String> = outline
                .sources(step)
                .iter()
                .map(|(field, source)| format!("{} {source:?}", plan.field(*field).path))
                .collect();
            reads.sort();
            text += &format!("{key} reads {}\n", reads.join(", "));
        }
    }
    text
}

fn mark(optional: bool) -> &'static str {
    if optional { "?" } else { "" }
}

/// The designs that say one more thing on a form, or one less, and come to the same.
fn otherwise(drafting: &Drafting<'_>, old: &Design) -> Vec<Design> {
    let mut tried: Vec<Design> = Vec::new();
    for (at, intake) in old.intakes.iter().enumerate() {
        for left_out in 0..intake.asks.len() {
            let mut design = old.clone();
            design.intakes[at].asks.remove(left_out);
            tried.push(design);
        }
        let of_it = old.steps.iter().filter(|step| step.intake == at);
        let mut reads: Vec<&Read> = of_it.flat_map(|step| &step.reads).collect();
        reads.sort_by(|one, other| one.field.cmp(&other.field));
        reads.dedup_by(|one, other| one.field == other.field);
        for read in reads {
            if intake.asks.iter().all(|ask| ask.field != read.field) {
                let mut design = old.clone();
                design.intakes[at].asks.push(read.clone());
                tried.push(design);
            }
        }
    }
    let plan = drafting.plan(old).unwrap();
    let same = comes_to(&plan, &plan);
    tried.retain(|design| {
        let made = drafting.plan(design);
        made.is_ok_and(|made| comes_to(&made, &plan) == same)
    });
    tried
}

/// What each rule saves.
fn fall(made: &Redesign) -> String {
    let fall = &made.waterfall;
    let bars = fall.bars.iter();
    let bars: Vec<String> = bars
        .map(|bar| format!("{:?} {:?}", bar.rule, bar.saves))
        .collect();
    format!("{:?}\n{}\n{:?}", fall.before, bars.join("\n"), fall.after)
}

/// What the forms of a way say on their own account.
fn asks(design: &Design) -> String {
    let of_form = |ask: &Read| format!("{}{}", ask.field, mark(ask.optional));
    let forms = design.intakes.iter().map(|intake| {
        let asks: Vec<String> = intake.asks.iter().map(of_form).collect();
        format!("{}: {}", intake.key, asks.join(" "))
    });
    forms.collect::<Vec<String>>().join("; ")
}

#[test]
fn who_states_an_ask_changes_no_share_of_a_rule() {
    let (mut tried, mut wrong) = (0, String::new());
    for seed in 0..80 {
        let folder = Folder::read(Arc::new(random::service(seed)), "svc");
        let Ok(drafting) = folder.open() else {
            continue;
        };
        let old = drafting.old().unwrap();
        let of_old = fall(&redesign(&drafting, old, Options::default()).unwrap());
        for design in otherwise(&drafting, old) {
            let made = redesign(&drafting, &design, Options::default()).unwrap();
            let of_other = fall(&made);
            tried += 1;
            if of_other != of_old {
                let (one, other) = (asks(old), asks(&design));
                wrong += &format!("seed {seed}: {one}\n{of_old}\nnot {other}\n{of_other}\n");
            }
        }
    }
    assert!(wrong.is_empty(), "of {tried}\n{wrong}");
    assert!(tried > 100, "{tried}");
}

const SERVICE: &str = "onething: 1
service: svc
version: 1.0.0
title: Open
owner: d
calendar: round-the-clock
roles: { who: person, firm: firm, r: made }
applicant: who
matters:
  a: { title: A, department: d }
  b: { title: B, department: d }
steps:
  ra: { title: RA, matter: a, by: officer, reads: { who: [id, name] }, writes: { r: [number] }, limit: 5wd }
  rb: { title: RB, matter: b, by: officer, reads: { firm: [name] }, writes: { r: [note] }, limit: 5wd }
delivers:
  - { what: r, by: [electronic] }
";
const PERSON: &str = "contract: person
version: 1.0.0
title: Person
fields:
  id: { title: Id, type: text }
  name: { title: Name, type: text }
providers:
  - { registry: people, department: d, with: [id], gives: [name], basis: law }
";
const FIRM: &str = "contract: firm
version: 1.0.0
title: Firm
fields: { name: { title: Name, type: text } }
";
const MADE: &str = "contract: made
version: 1.0.0
title: Made
fields: { number: { title: Number, type: text }, note: { title: Note, type: text } }
";

/// Both forms ask for the name: once for all, of each by itself, or where no step reads it.
#[test]
fn one_old_way_is_written_in_three_ways() {
    let written = |asks: &str, fetched: &str| {
        let before = format!(
            "before: svc\nhandled: apart\nfetched: {fetched}\nwalk: [a, b]\nbecause: habit\nsource: a paper\n{asks}\n"
        );
        let sources = Arc::new(SourceSet::from_texts([
            ("departments.yaml", "departments: { d: { title: D } }\n"),
            ("contracts/person.yaml", PERSON),
            ("contracts/firm.yaml", FIRM),
            ("contracts/made.yaml", MADE),
            ("svc/service.yaml", SERVICE),
            ("svc/before.yaml", &before),
        ]));
        let folder = Folder::read(sources, "svc");
        let drafting = folder.open().map_err(|_| "it does not open").unwrap();
        let old = drafting.old().unwrap();
        fall(&redesign(&drafting, old, Options::default()).unwrap())
    };
    for fetched in ["nothing", "everything"] {
        let [one, two, three] = [
            "intake: { asks: { who: [name] } }",
            "matters: { a: { asks: { who: [name] } }, b: { asks: { who: [name] } } }",
            "matters: { b: { asks: { who: [name] } } }",
        ]
        .map(|asks| written(asks, fetched));
        assert_eq!((&one, &one), (&two, &three), "{fetched}");
    }
}
