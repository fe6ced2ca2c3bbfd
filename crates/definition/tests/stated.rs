//! What the applicant states with the application is not looked up, and asked again, later.

use onething_definition::{SourceSet, compile};
use onething_model::Lang;
use onething_plan::{Actor, Answer, FormField, QuestionIx, Scenario, SubmissionKind};

/// What the form of the application asks, and what the one after the look-up would.
fn asked(firm: &str, intake: &str, reads: [&str; 2]) -> String {
    told(firm, intake, reads, None)
}

/// The same, where the step that makes the code is there for a yes alone; in brackets what
/// a registry is asked for on the draft.
fn told(firm: &str, intake: &str, reads: [&str; 2], new: Option<bool>) -> String {
    let (when, question) = match new {
        Some(_) => (
            ", when: new",
            "questions: { new: { ask: New?, type: yes-no } }\nreference: { new: yes }\n",
        ),
        None => ("", ""),
    };
    let service = format!(
        "onething: 1
service: s
version: 1.0.0
language: en
title: S
owner: d
calendar: round-the-clock
roles: {{ me: person, f: {firm}, r: made }}
applicant: me
{question}{intake}matters: {{ m: {{ title: M, department: d }} }}
steps:
  register: {{ title: Register, matter: m, by: officer, reads: {{ {} }}, writes: {{ f: [code] }}{when} }}
  seal: {{ title: Seal, matter: m, by: officer, reads: {{ {} }}, writes: {{ r: [number] }} }}
delivers: [{{ what: r, by: [electronic] }}]
",
        reads[0], reads[1]
    );
    let files = [
        ("departments.yaml", "departments:\n  d: { title: D }\n"),
        (
            "contracts/person.yaml",
            "contract: person
version: 1.0.0
title: Person
fields:
  id: { title: Id, type: identity-number, sensitivity: public }
  born: { title: Born, type: date, derived: { from: id, as: date-of-birth } }
  sex: { title: Sex, type: choice, options: { female: f, male: m }, derived: { from: id, as: sex } }
  photo: { title: Photo, type: text }
providers:
  - { registry: people, department: d, with: [id, sex], gives: [photo], basis: law }
",
        ),
        (
            "contracts/firm.yaml",
            "contract: firm
version: 1.0.0
title: Firm
fields:
  code: { title: Code, type: text }
  name: { title: Name, type: text }
  town: { title: Town, type: text }
providers:
  - { registry: firms, department: d, with: [code], gives: [name, town], basis: law }
",
        ),
        (
            "contracts/made.yaml",
            "contract: made\nversion: 1.0.0\ntitle: Made\nfields: { number: { title: N, type: text } }\n",
        ),
        ("s/service.yaml", &service),
    ];
    let compiled = compile(&SourceSet::from_texts(files), "s");
    let Some(service) = compiled.service else {
        let first = compiled.diagnostics.into_sorted();
        return first[0].message.get(Lang::En).to_owned();
    };
    let plan = &service.new;
    let mut answers = plan.reference.clone();
    if let Some(new) = new {
        answers.set(QuestionIx(0), Some(Answer::YesNo(new)));
    }
    let scenario = Scenario::resolve(plan, &answers);
    let (mut form, mut later, mut drafted) = (Vec::new(), Vec::new(), Vec::new());
    for step in scenario.steps() {
        let name = |asked: &FormField| plan.field(asked.field).path.field.to_string();
        if plan.is_on_draft(*step, plan.step(*step).scope) && new.is_some() {
            drafted.extend(scenario.form(*step).iter().map(name));
        }
        let Actor::Submission(submission) = &plan.step(*step).actor else {
            continue;
        };
        let fields = scenario.form(*step).iter().map(name);
        match submission.kind {
            SubmissionKind::Application => form.extend(fields),
            SubmissionKind::Fallback(_) => later.extend(fields),
        }
    }
    let drafted = match drafted.is_empty() {
        true => String::new(),
        false => format!(" ({})", drafted.join(" ")),
    };
    format!("{}{drafted} | {}", form.join(" "), later.join(" "))
}

#[test]
fn what_was_stated_is_not_asked_again_where_a_registry_has_nothing() {
    let (plain, verified) = ("firm", "{ contract: firm, verify: yes }");
    let none = "";
    let by_form = "intake: { asks: { f: [name] } }\n";
    // The role, the intake, what is read before the code is made and after; what the application
    // asks, and what is asked where the registry has nothing.
    let table = [
        (plain, none, ["f: [name]", "f: [code, name]"], "name | "),
        (
            plain,
            none,
            ["f: [name]", "f: [code, name, town]"],
            "name | town",
        ),
        (plain, none, ["f: [town]", "f: [code, name]"], "town | name"),
        (plain, none, ["me: [id]", "f: [code, name]"], "id | name"),
        (
            plain,
            by_form,
            ["me: [id]", "f: [code, name]"],
            "`f.name` is asked of the applicant, but the registry “firms” (`firms`) of D provides it",
        ),
        // Asked for by right where a step needs it before.
        (plain, by_form, ["f: [name]", "f: [code, name]"], "name | "),
        // Who can do without it does without it until the registry brings it.
        (
            plain,
            none,
            ["f: [\"name?\"]", "f: [code, name]"],
            " | name",
        ),
        (
            plain,
            "intake: { asks: { f: [\"name?\"] } }\n",
            ["f: [\"name?\"]", "f: [code, name]"],
            " | name",
        ),
        (
            plain,
            none,
            ["f: [name, \"town?\"]", "f: [code, name, \"town?\"]"],
            "name | ",
        ),
        (plain, none, ["f: [\"name?\"]", "f: [code]"], "name | "),
        // A check that the law wants is made of what was stated; where it has nothing, that stands.
        (verified, none, ["f: [name]", "f: [code, name]"], "name | "),
        (
            verified,
            none,
            ["f: [name]", "f: [code, name, town]"],
            "name | town",
        ),
    ];
    let mut wrong = String::new();
    for (firm, intake, reads, expected) in table {
        let told = asked(firm, intake, reads);
        if told != expected {
            wrong += &format!("{firm} {intake} {reads:?}: `{told}`, not `{expected}`\n");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// A registry that is asked with a number and with what follows from it is asked with the number.
#[test]
fn a_key_that_follows_from_another_costs_nothing() {
    let table = [
        ("me: [photo, born]", "id | "),
        ("me: [photo]", "photo | "),
        ("me: [born]", "born | "),
        ("me: [sex]", "sex | "),
    ];
    for (reads, expected) in table {
        assert_eq!(asked("firm", "", [reads, "f: [code]"]), expected, "{reads}");
    }
}

/// For whom no step makes the code, the registry is asked with it on the draft.
#[test]
fn a_registry_is_asked_later_only_where_a_step_makes_its_key() {
    let (firm, verified) = ("firm", "{ contract: firm, verify: yes }");
    // What the step that makes the code reads, what the other does; where it makes it, and where not.
    let table = [
        (
            firm,
            ["me: [id]", "f: [code, name, town]"],
            "id | name town",
            "code (name town) | ",
        ),
        (
            firm,
            ["f: [name]", "f: [code, name]"],
            "name | ",
            "code (name) | ",
        ),
        (
            verified,
            ["me: [id]", "f: [code, name]"],
            "id | name",
            "code (name) | ",
        ),
        // A name alone is not worth a code.
        (firm, ["me: [id]", "f: [name]"], "id | name", "name | "),
    ];
    for (firm, reads, made, given) in table {
        let is = [true, false].map(|new| told(firm, "", reads, Some(new)));
        assert_eq!(is, [made, given], "{firm} {reads:?}");
    }
}
