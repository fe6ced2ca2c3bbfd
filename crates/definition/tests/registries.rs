//! Registries that give each other's keys: what is asked of the applicant, and what is looked up
//! for it. Random contracts hold to what every arrangement promises.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use onething_definition::{SourceSet, compile};
use onething_plan::random::Dice;
use onething_plan::{Actor, FieldIx, Plan, Scenario, Source, StepIx};

/// A registry: what it is asked with, what it gives.
type Registry = (Vec<usize>, Vec<usize>);

/// A service of one step that reads these fields of the one contract.
fn plan(registries: &[Registry], reads: &[usize]) -> Plan {
    let list = |fields: &[usize]| {
        let names: Vec<String> = fields.iter().map(|at| format!("f{at}")).collect();
        names.join(", ")
    };
    let mut contract = String::from("contract: thing\nversion: 1.0.0\ntitle: Thing\nfields:\n");
    for at in 0..6 {
        writeln!(contract, "  f{at}: {{ title: F{at}, type: text }}").unwrap();
    }
    contract += "providers:\n";
    for (at, (with, gives)) in registries.iter().enumerate() {
        let (with, gives) = (list(with), list(gives));
        writeln!(
            contract,
            "  - {{ registry: r{at}, department: office, with: [{with}], gives: [{gives}], basis: law }}"
        )
        .unwrap();
    }
    let service = format!(
        "onething: 1\nservice: svc\nversion: 1.0.0\nlanguage: en\ntitle: Svc\nowner: office\n\
         calendar: round-the-clock\nroles: {{ thing: thing, paper: paper }}\napplicant: thing\nreference: {{}}\n\
         matters:\n  all: {{ title: All, department: office }}\nsteps:\n  read:\n    title: Read\n    \
         matter: all\n    by: officer\n    limit: 1wd\n    reads: {{ thing: [{}] }}\n    writes: {{ paper: [number] }}\n\
         delivers:\n  - {{ what: paper, by: [electronic] }}\n",
        list(reads)
    );
    let paper = "contract: paper\nversion: 1.0.0\ntitle: Paper\nfields:\n  number: { title: Number, type: text }\n";
    let sources = SourceSet::from_texts([
        (
            "departments.yaml",
            "language: en\ndepartments:\n  office: { title: Office }\n".to_owned(),
        ),
        ("contracts/thing.yaml", contract),
        ("contracts/paper.yaml", paper.to_owned()),
        ("svc/service.yaml", service),
    ]);
    let compiled = compile(&sources, "svc");
    let service = compiled.service.expect("a service without errors");
    service.new.as_ref().clone()
}

/// What the application asks, and what each registry that is asked gives to somebody.
fn told(plan: &Plan) -> (String, String) {
    let scenario = Scenario::resolve(plan, &plan.reference);
    let name = |field: &FieldIx| plan.field(*field).path.field.as_str().to_owned();
    let asked = plan
        .applications()
        .flat_map(|form| scenario.form(form))
        .map(|asked| name(&asked.field));
    let look_ups = scenario.steps().iter().filter_map(|step| {
        let Actor::LookUp(look_up) = &plan.step(*step).actor else {
            return None;
        };
        let given = scenario.form(*step).iter().map(|given| name(&given.field));
        let given: Vec<String> = given.collect();
        Some(format!("{}: {}", look_up.registry, given.join(" ")))
    });
    let (asked, look_ups): (Vec<String>, Vec<String>) = (asked.collect(), look_ups.collect());
    (asked.join(" "), look_ups.join(", "))
}

#[test]
fn of_registries_that_give_each_others_keys_the_one_that_leads_to_most_is_asked_first() {
    for (registries, reads, asked, looked_up) in [
        // A registry that is not asked, since its key is no less than what it gives, opens no
        // circle: what is asked anyway is not looked up.
        (
            vec![(vec![5], vec![0]), (vec![1], vec![0]), (vec![0], vec![1])],
            vec![0],
            "f0",
            "",
        ),
        // The second gives the key of the first, but needs one more; the third leads to all.
        (
            vec![
                (vec![0], vec![1]),
                (vec![2, 0], vec![3]),
                (vec![3], vec![0]),
            ],
            vec![0, 3, 1],
            "f3",
            "r2: f0, r0: f1",
        ),
        // What one of a circle is asked with is known to the others.
        (
            vec![
                (vec![2], vec![4]),
                (vec![2], vec![3]),
                (vec![3, 4], vec![1, 2]),
            ],
            vec![3, 1],
            "f2",
            "r0: f4, r1: f3, r2: f1",
        ),
        // Of two that lead to as much the one that the contract lists first.
        (
            vec![(vec![0], vec![1]), (vec![1], vec![0])],
            vec![0, 1],
            "f0",
            "r0: f1",
        ),
        (
            vec![(vec![1], vec![0]), (vec![0], vec![1])],
            vec![0, 1],
            "f1",
            "r0: f0",
        ),
    ] {
        let plan = plan(&registries, &reads);
        let expected = (asked.to_owned(), looked_up.to_owned());
        assert_eq!(told(&plan), expected, "{registries:?} {reads:?}");
    }
}

fn some(dice: &mut Dice, most: usize, but: &[usize]) -> Vec<usize> {
    let mut all = BTreeSet::new();
    for _ in 0..1 + dice.below(most) {
        all.extend(Some(dice.below(6)).filter(|at| !but.contains(at)));
    }
    all.into_iter().collect()
}

/// Whatever the arrangement: no more is asked than is read, nothing is asked and looked up as
/// well, and what is looked up is read by a step, or leads to what is.
#[test]
fn whatever_gives_whatever_nothing_is_asked_or_looked_up_for_nobody() {
    let (mut spared, mut chained) = (0, 0);
    for seed in 0..3_000 {
        let mut dice = Dice::new(seed);
        let mut registries = Vec::new();
        for _ in 0..1 + dice.below(4) {
            let with = some(&mut dice, 2, &[]);
            let gives = some(&mut dice, 3, &with);
            if !with.is_empty() && !gives.is_empty() {
                registries.push((with, gives));
            }
        }
        let reads = some(&mut dice, 4, &[]);
        if registries.is_empty() {
            continue;
        }
        let plan = plan(&registries, &reads);
        let what = format!("seed {seed}: {registries:?}, read {reads:?}");
        let scenario = Scenario::resolve(&plan, &plan.reference);
        let asked: BTreeSet<FieldIx> = plan
            .applications()
            .flat_map(|form| scenario.form(form))
            .map(|asked| asked.field)
            .collect();
        assert!(asked.len() <= reads.len(), "{what}: {:?}", told(&plan));
        spared += reads.len() - asked.len();
        // Who is served by each look-up, step by step from the readers.
        let mut served: BTreeSet<StepIx> = BTreeSet::new();
        for step in scenario.steps().iter().rev() {
            let is_look_up = matches!(plan.step(*step).actor, Actor::LookUp(_));
            assert!(
                !is_look_up || served.contains(step),
                "{what}: {:?}",
                told(&plan)
            );
            for (field, source) in scenario.sources(*step) {
                if let Source::LookUp(from) = source {
                    assert!(!asked.contains(field), "{what}: {:?}", told(&plan));
                    served.insert(*from);
                    chained += usize::from(is_look_up);
                }
            }
        }
    }
    assert!(spared > 500 && chained > 50, "{spared} {chained}");
}
