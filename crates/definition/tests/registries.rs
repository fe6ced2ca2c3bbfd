//! Registries that give each other's keys: what is asked of the applicant, and what is looked up
//! for it. Random contracts hold to what every arrangement promises.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use onething_definition::{Compilation, SourceSet, compile};
use onething_plan::random::Dice;
use onething_plan::{Actor, Answer, Answers, FieldIx, Plan, QuestionIx, Scenario, Source, StepIx};

/// A registry: what it is asked with, what it gives.
type Registry = (Vec<usize>, Vec<usize>);

/// A service of one step that reads these fields of the one contract.
fn plan(registries: &[Registry], reads: &[usize]) -> Plan {
    of_steps(registries, &[(reads.to_vec(), Vec::new())])
}

/// What a step reads and makes of the one contract.
type Does = (Vec<usize>, Vec<usize>);

/// A service of steps that come one after the other.
fn of_steps(registries: &[Registry], does: &[Does]) -> Plan {
    let compiled = compiled(registries, does, &vec![None; does.len()]);
    let told = &compiled.diagnostics;
    let service = compiled.service.unwrap_or_else(|| panic!("{told:?}"));
    service.new.as_ref().clone()
}

/// The same; steps may be for those only who answer the question so.
fn compiled(registries: &[Registry], does: &[Does], when: &[Option<bool>]) -> Compilation {
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
    let mut service = String::from(
        "onething: 1\nservice: svc\nversion: 1.0.0\nlanguage: en\ntitle: Svc\nowner: office\n\
         calendar: round-the-clock\nroles: { thing: thing, paper: paper }\napplicant: thing\n\
         QUESTIONS\n\
         matters:\n  all: { title: All, department: office }\nsteps:\n",
    );
    let mut paper = String::from("contract: paper\nversion: 1.0.0\ntitle: Paper\nfields:\n");
    for (at, ((reads, makes), when)) in does.iter().zip(when).enumerate() {
        writeln!(paper, "  p{at}: {{ title: P{at}, type: text }}").unwrap();
        write!(
            service,
            "  s{at}:\n    title: S{at}\n    matter: all\n    by: officer\n    limit: 1wd\n    \
             reads: {{ thing: [{}]{} }}\n    writes: {{ paper: [p{at}], thing: [{}] }}\n",
            list(reads),
            at.checked_sub(1)
                .map_or(String::new(), |before| format!(", paper: [\"p{before}?\"]")),
            list(makes),
        )
        .unwrap();
        if makes.is_empty() {
            service = service.replace(", thing: []", "");
        }
        match when {
            Some(true) => service += "    when: more\n",
            Some(false) => service += "    when: \"!more\"\n",
            None => {}
        }
    }
    let questions = match when.iter().any(Option::is_some) {
        true => "questions: { more: { ask: More?, type: yes-no } }\nreference: { more: yes }",
        false => "reference: {}",
    };
    service = service.replace("QUESTIONS", questions);
    service += "delivers:\n  - { what: paper, by: [electronic] }\n";
    let sources = SourceSet::from_texts([
        (
            "departments.yaml",
            "language: en\ndepartments:\n  office: { title: Office }\n".to_owned(),
        ),
        ("contracts/thing.yaml", contract),
        ("contracts/paper.yaml", paper),
        ("svc/service.yaml", service),
    ]);
    compile(&sources, "svc")
}

/// What the application asks, and what each registry that is asked gives to somebody.
fn told(plan: &Plan) -> (String, String) {
    told_for(plan, &plan.reference)
}

fn told_for(plan: &Plan, answers: &Answers) -> (String, String) {
    let scenario = Scenario::resolve(plan, answers);
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
        let when = match look_up.fallback {
            Some(_) => "later ",
            None => "",
        };
        Some(format!("{when}{}: {}", look_up.registry, given.join(" ")))
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

fn give_each_others_keys(registries: &[Registry]) -> bool {
    let mut left: Vec<&Registry> = registries.iter().collect();
    loop {
        let before = left.len();
        let others = left.clone();
        left.retain(|(with, _)| {
            let mut others = others.iter();
            others.any(|(_, gives)| gives.iter().any(|field| with.contains(field)))
        });
        if left.is_empty() || left.len() == before {
            return !left.is_empty();
        }
    }
}

fn answered(more: bool) -> Answers {
    let mut answers = Answers::none(1);
    answers.set(QuestionIx::at(0), Some(Answer::YesNo(more)));
    answers
}

/// A registry whose key comes later in the case is asked on the draft where the form asks for the
/// key all the same, since somebody reads it before; and nobody is asked for the key for that.
#[test]
fn what_a_registry_holds_is_not_asked_beside_its_key_though_the_key_comes_later() {
    let by_phone: Registry = (vec![1], vec![0]);
    let by_number: Registry = (vec![0], vec![2]);
    let by_address: Registry = (vec![2], vec![3]);
    let two = vec![by_phone.clone(), by_number.clone()];
    let three = vec![by_phone, by_number, by_address];
    let makes = |field: usize| (vec![4], vec![field]);
    let reads = |fields: &[usize]| (fields.to_vec(), Vec::new());
    for (registries, does, asked, looked_up) in [
        // Another registry gives the key, but only after a step.
        (&two, vec![reads(&[0, 2]), makes(1)], "f0 f4", "r1: f2"),
        // Who reads it later has it of the draft too.
        (
            &two,
            vec![reads(&[0, 2]), makes(1), reads(&[2])],
            "f0 f4",
            "r1: f2",
        ),
        // The key is not on the form: it is not asked for that.
        (&two, vec![reads(&[2]), makes(1)], "f2 f4", ""),
        (
            &two,
            vec![makes(1), reads(&[0, 2])],
            "f4",
            "later r0: f0, later r1: f2",
        ),
        // The form asks for the key, and what it opens is read only later: it is shown on the
        // draft all the same, and what is missing there is one more field and no submission.
        (
            &two,
            vec![reads(&[0]), makes(1), reads(&[2])],
            "f0 f4",
            "r1: f2",
        ),
        // What is looked up so opens the next.
        (
            &three,
            vec![reads(&[0, 2, 3]), makes(1)],
            "f0 f4",
            "r1: f2, r2: f3",
        ),
        (
            &three,
            vec![reads(&[0, 3]), makes(1)],
            "f0 f4",
            "r1: f2, r2: f3",
        ),
    ] {
        let plan = of_steps(registries, &does);
        let expected = (asked.to_owned(), looked_up.to_owned());
        assert_eq!(told(&plan), expected, "{registries:?} {does:?}");
    }
    // For some answers a step makes what leads to it, for others nobody does.
    let does = [reads(&[0, 2]), makes(1)];
    for when in [[None, Some(true)], [None, Some(false)]] {
        let service = compiled(&two, &does, &when).service;
        let plan = service.expect("a service").new;
        for more in [true, false] {
            let (asked, looked_up) = told_for(&plan, &answered(more));
            assert!(asked.starts_with("f0"), "{when:?} {more}: {asked}");
            assert_eq!(looked_up, "r1: f2", "{when:?} {more}");
        }
    }
}

/// Whatever is made when, and for whom: no form asks beside the keys of a registry for what the
/// registry gives, and what it asks is not looked up as well. Where registries give each other's
/// keys, which of them is asked first is one for all answers, and for some of them a key is asked.
#[test]
fn whatever_comes_later_nothing_is_asked_beside_the_keys_that_open_it() {
    let (mut services, mut known) = (0, 0);
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
        if give_each_others_keys(&registries) {
            continue;
        }
        let (mut does, mut when) = (Vec::new(), Vec::new());
        for _ in 0..1 + dice.below(4) {
            let reads = some(&mut dice, 3, &[]);
            let makes = match dice.chance(40) {
                true => some(&mut dice, 1, &reads),
                false => Vec::new(),
            };
            does.push((reads, makes));
            when.push([None, None, Some(true), Some(false)][dice.below(4)]);
        }
        let Some(service) = compiled(&registries, &does, &when).service else {
            continue;
        };
        services += 1;
        let plan = &service.new;
        for more in [true, false] {
            let answers = answered(more);
            let what = format!("seed {seed}: {registries:?}, {does:?}, {when:?}, {more}");
            let scenario = Scenario::resolve(plan, &answers);
            let asked: BTreeSet<String> = plan
                .applications()
                .flat_map(|form| scenario.form(form))
                .map(|asked| plan.field(asked.field).path.field.as_str().to_owned())
                .collect();
            let is_asked = |field: &usize| asked.contains(&format!("f{field}"));
            for (with, gives) in &registries {
                assert!(
                    !with.iter().all(is_asked) || !gives.iter().any(is_asked),
                    "{what}: {:?}",
                    told_for(plan, &answers)
                );
            }
            for step in scenario.steps() {
                let item = plan.step(*step);
                let Actor::LookUp(look_up) = &item.actor else {
                    continue;
                };
                known += usize::from(look_up.if_known);
                let mut given = scenario.form(*step).iter();
                let twice = given.any(|given| {
                    let name = plan.field(given.field).path.field.as_str();
                    asked.contains(name)
                });
                assert!(!twice, "{what}: {:?}", told_for(plan, &answers));
            }
        }
    }
    assert!(services > 1_000 && known > 30, "{services} {known}");
}
