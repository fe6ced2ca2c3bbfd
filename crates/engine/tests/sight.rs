//! What departments see of a whole case while it goes on, as a table.

use std::sync::Arc;

use onething_engine::{Blueprint, Case, Command, Opening};
use onething_model::Timestamp;
use onething_plan::builder::PlanBuilder;
use onething_plan::{Actor, Grant, Plan, Refused, Sensitivity, sample};

const DEPARTMENTS: [&str; 4] = ["window", "market", "urban", "fire"];

/// The window is in charge. A register gives the name, which all but the window read. The
/// urban bureau sketches and reviews a signboard, which can be refused alone; the fire
/// brigade inspects and writes a report, which the market's licence needs.
fn plan() -> Arc<Plan> {
    let mut b = PlanBuilder::new("shop");
    let [market, urban, fire] = ["market", "urban", "fire"].map(|key| b.department(key));
    let licence = b.matter("licence", Refused::EndsCase);
    let board = b.matter("board", Refused::EndsMatter);
    let [code, name, sketch, report] =
        ["code", "name", "sketch", "report"].map(|field| b.field(field));
    let (permit, filing) = (b.result("permit"), b.result("filing"));
    b.look_up("register", &[code], &[name]);
    b.step("draw", Actor::Officer)
        .reads(name)
        .writes(sketch)
        .department(urban)
        .matter(board);
    b.step("file", Actor::Officer)
        .reads(sketch)
        .writes(filing)
        .department(urban)
        .matter(board);
    b.step("inspect", Actor::Officer)
        .reads(name)
        .writes(report)
        .department(fire);
    b.step("license", Actor::Officer)
        .reads(name)
        .reads(report)
        .writes(permit)
        .department(market)
        .matter(licence);
    for (field, to) in [
        (name, &DEPARTMENTS[..]),
        (sketch, &["urban"]),
        (report, &["fire"]),
    ] {
        let item = &mut b.plan_mut().fields[field.index()];
        item.sensitivity = Sensitivity::Personal;
        let grant = |to: &&str| Grant {
            to: to.parse().unwrap(),
            purpose: "licensing".into(),
            basis: "sample law".into(),
        };
        item.grants = to.iter().map(grant).collect();
    }
    let plan = b.plan_mut();
    plan.owner = plan.find_department("window").unwrap();
    Arc::new(b.build())
}

/// What the department sees: fields, `nothing` where it may look and sees none, `no part`.
fn sight(case: &Case, department: &str) -> String {
    let plan = case.plan();
    let department = plan.find_department(department).unwrap();
    let granted = case.granted(department, None);
    let names: Vec<_> = granted
        .map(|(field, _)| plan.field(field).path.field.to_string())
        .collect();
    match (case.takes_part(department), names.is_empty()) {
        (true, true) => "nothing".into(),
        (true, false) => names.join(" "),
        (false, true) => "no part".into(),
        (false, false) => panic!("{names:?} without a part"),
    }
}

/// One line: what is done, then what each of the departments sees.
fn told(confirm: bool, table: &str) {
    let plan = plan();
    let mut opening = Opening::new(
        &plan,
        "key",
        Vec::new(),
        sample::application(&plan, &plan.reference),
    );
    opening.confirm = confirm;
    let mut events = Vec::new();
    let blueprint = Blueprint::new(plan.clone());
    let mut case = Case::open(&blueprint, Arc::new(opening), Timestamp(0), &mut events);
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (done, expected) = line.split_once('|').unwrap();
        let (verb, key) = done.trim().split_once(' ').unwrap();
        let step = plan.find_step(key);
        let step = step.unwrap_or_else(|| panic!("no step `{key}`"));
        let values = || {
            let writes = plan.step(step).writes.iter();
            writes.map(|f| (*f, sample::value(&plan, *f))).collect()
        };
        let command = match verb {
            "answer" => Command::AnswerLookUp {
                step,
                values: values(),
                valid_since: Vec::new(),
                hit: true,
            },
            "look" => Command::Read { step },
            "submit" => Command::Submit {
                step,
                values: Vec::new(),
            },
            "complete" => Command::Complete {
                step,
                round: None,
                values: values(),
            },
            "refuse" => Command::Refuse {
                step,
                round: None,
                reason: "no".into(),
            },
            other => panic!("`{other}`"),
        };
        case.handle(&command, Timestamp(1), &mut events).unwrap();
        let seen = DEPARTMENTS.map(|department| sight(&case, department));
        let expected: Vec<_> = expected.split('|').map(str::trim).collect();
        assert_eq!(seen.join(" | "), expected.join(" | "), "after {done}");
    }
}

/// What registries gave for a draft is the applicant's, whoever is granted it.
#[test]
fn of_a_draft_no_department_sees_anything() {
    told(
        true,
        "answer register  | no part | no part | no part | no part
         look apply       | no part | no part | no part | no part
         submit apply     | nothing | name    | name    | name",
    );
}

/// What a department's own step writes it sees, on its grant; others only what they read.
#[test]
fn a_department_sees_what_its_steps_read_and_write() {
    told(
        false,
        "answer register  | nothing | name | name        | name
         complete inspect | nothing | name | name        | name report
         complete draw    | nothing | name | name sketch | name report
         complete file    | nothing | name | name sketch | name report",
    );
}

/// With its matter a department's purpose in the case ends; the others go on.
#[test]
fn a_department_whose_matter_was_refused_does_not_see_the_case_any_more() {
    told(
        false,
        "answer register  | nothing | name | name        | name
         complete draw    | nothing | name | name sketch | name
         refuse file      | nothing | name | no part     | name
         complete inspect | nothing | name | no part     | name report",
    );
    // Refused at once: what would have followed is cancelled.
    told(
        false,
        "answer register  | nothing | name | name        | name
         refuse draw      | nothing | name | no part     | name",
    );
}
