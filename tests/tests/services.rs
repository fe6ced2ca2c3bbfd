//! The shipped services: what they promise holds in every scenario, and their
//! READMEs say what the definitions come to.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use onething_definition::{compile, load};
use onething_lab::Study;
use onething_measure::{FigureName, computed};
use onething_model::Lang;
use onething_plan::{
    Actor, Answer, Answers, FieldIx, Plan, QuestionIx, QuestionType, RoleIx, Scenario, Service,
    Step, StepIx, sample,
};

const SERVICES: [&str; 3] = ["enterprise-deregister", "newborn", "open-restaurant"];

fn workflows() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../workflows")
}

/// Every shipped service, compiled without an error or a warning.
fn services() -> Vec<(String, Service)> {
    let loaded = load(&workflows());
    assert!(loaded.diagnostics.is_empty(), "the tree can be read");
    let compiled = loaded.services.iter().map(|folder| {
        let compilation = compile(&loaded.sources, folder);
        let report = onething_definition::diagnostic::Report::new(
            loaded.sources.clone(),
            compilation.diagnostics,
        );
        let rendering = onething_definition::diagnostic::Rendering {
            lang: Lang::En,
            colour: false,
        };
        let found = report.errors() + report.warnings();
        assert_eq!(found, 0, "{folder}:\n{}", report.render(rendering));
        let service = compilation.service.expect("no errors");
        (folder.clone(), service)
    });
    compiled.collect()
}

fn ways(service: &Service) -> [&Plan; 2] {
    [service.old.as_deref().expect("an old way"), &service.new]
}

/// The answers that can make a difference to a question: all of them, or for a
/// number those at, below and above each threshold of a condition.
fn answers_to(plans: [&Plan; 2], question: QuestionIx) -> Vec<Answer> {
    let ends = |min: &Option<f64>, max: &Option<f64>| [*min, *max];
    match &plans[1].question(question).kind {
        QuestionType::YesNo => vec![Answer::YesNo(false), Answer::YesNo(true)],
        QuestionType::Choice(options) => options
            .iter()
            .map(|(key, _)| Answer::Choice(key.clone()))
            .collect(),
        kind @ QuestionType::Number { min, max } => {
            let mut numbers: Vec<f64> = ends(min, max).into_iter().flatten().collect();
            for step in plans.iter().flat_map(|plan| &plan.steps) {
                step.when.each_atom(&mut |asked, values| {
                    for value in values.iter().filter(|_| asked == question) {
                        if let Answer::Number(at) = value {
                            numbers.extend([at - 1.0, *at, at + 1.0]);
                        }
                    }
                });
            }
            let mut answers: Vec<_> = numbers.into_iter().map(Answer::Number).collect();
            answers.retain(|answer| kind.accepts(answer));
            answers
        }
    }
}

/// Every combination of answers, questions that are not asked left out.
fn classes(service: &Service) -> Vec<Answers> {
    let plans = ways(service);
    let mut all = vec![Answers::none(service.new.questions.len())];
    for at in 0..service.new.questions.len() {
        let question = QuestionIx(u32::try_from(at).expect("few questions"));
        let when = &service.new.question(question).when;
        let mut next = Vec::new();
        for answers in all {
            if !when.holds(&answers) {
                next.push(answers);
                continue;
            }
            for answer in answers_to(plans, question) {
                let mut answers = answers.clone();
                answers.set(question, Some(answer));
                next.push(answers);
            }
        }
        all = next;
    }
    all
}

/// The results that some step of the case makes.
fn results(plan: &Plan, scenario: &Scenario) -> BTreeSet<String> {
    let made: BTreeSet<RoleIx> = scenario
        .steps()
        .iter()
        .map(|step| plan.step(*step))
        .filter(|step| !matches!(step.actor, Actor::LookUp(_)))
        .flat_map(|step| &step.writes)
        .map(|field| plan.field(*field).role)
        .collect();
    let delivered = plan.deliveries.iter().map(|delivery| delivery.what);
    delivered
        .filter(|role| made.contains(role))
        .map(|role| plan.role(role).key.to_string())
        .collect()
}

#[test]
fn the_shipped_services_check_clean() {
    let names: Vec<_> = services().into_iter().map(|(name, _)| name).collect();
    for name in SERVICES {
        assert!(names.iter().any(|found| found == name), "{name} is shipped");
    }
    for (name, service) in services() {
        assert!(service.old.is_some(), "{name} has an old way");
        assert!(service.workload.is_some(), "{name} has a workload");
        assert!(!service.declared.is_empty(), "{name} has declared figures");
    }
}

#[test]
fn every_scenario_holds_together() {
    for (name, service) in services() {
        let classes = classes(&service);
        assert!(classes.len() > 1, "{name} asks questions");
        for answers in &classes {
            assert_eq!(service.new.check_answers(answers), Ok(()), "{name}");
            let [old, new] = ways(&service).map(|plan| (plan, Scenario::resolve(plan, answers)));
            let shown = || format!("{name} {:?}", answers.iter().collect::<Vec<_>>());

            let before = results(old.0, &old.1);
            let after = results(new.0, &new.1);
            assert!(
                before.is_subset(&after),
                "{}: {before:?} {after:?}",
                shown()
            );
            assert!(!after.is_empty(), "{}", shown());

            for (plan, scenario) in [&old, &new] {
                for step in scenario.steps() {
                    for needed in scenario.needs(*step) {
                        assert!(needed.index() < step.index(), "{}", shown());
                        assert!(scenario.is_active(*needed), "{}", shown());
                    }
                    let waits = !scenario.needs(*step).is_empty();
                    let is_first = plan.is_derived(*step);
                    let key = &plan.step(*step).key;
                    assert!(waits || is_first, "{}: {key} waits for nothing", shown());
                }
            }

            let (plan, scenario) = &new;
            let forms: Vec<_> = plan
                .applications()
                .filter(|step| scenario.is_active(*step))
                .collect();
            assert_eq!(forms.len(), 1, "{}: one form", shown());
            for asked in scenario.form(forms[0]) {
                let field = plan.field(asked.field);
                let spared = |step: &StepIx| {
                    let mut spared = scenario.spared().iter();
                    spared.any(|item| item.look_up == *step)
                };
                assert!(
                    field.lookups.iter().all(spared),
                    "{}: {} is held",
                    shown(),
                    field.path
                );
                let made = field.producers.iter().any(|step| scenario.is_active(*step));
                assert!(!made, "{}: {} is made", shown(), field.path);
            }
        }
    }
}

/// The same step is the same work: what a way does not do faster by rearranging
/// it must not do faster by other limits, people or results.
#[test]
fn the_comparison_is_not_rigged() {
    for (name, service) in services() {
        let [old, new] = ways(&service);
        let department = |plan: &Plan, step: &Step| {
            step.department
                .map(|at| plan.department(at).key.to_string())
        };
        let writes = |plan: &Plan, step: &Step| -> Vec<_> {
            let paths = step.writes.iter().map(|field| plan.field(*field));
            paths.map(|field| field.path.to_string()).collect()
        };
        let mut shared = 0;
        for step in old.steps.iter().filter(|step| step.actor.is_internal()) {
            let Some(same) = new.find_step(step.key.as_str()) else {
                continue;
            };
            let same = new.step(same);
            let key = &step.key;
            shared += 1;
            assert_eq!(step.limit, same.limit, "{name} {key}");
            assert_eq!(step.actor, same.actor, "{name} {key}");
            assert_eq!(department(old, step), department(new, same), "{name} {key}");
            assert_eq!(writes(old, step), writes(new, same), "{name} {key}");
        }
        assert!(shared > 5, "{name} shares {shared} steps");
    }
}

/// The new form asks for nothing that no old form asked for, but for what
/// identifies a subject to a registry.
#[test]
fn the_new_form_asks_for_nothing_new() {
    for (name, service) in services() {
        let [old, new] = ways(&service);
        for answers in classes(&service) {
            let asked = |plan: &Plan| -> BTreeSet<String> {
                let scenario = Scenario::resolve(plan, &answers);
                let forms = plan.applications().flat_map(|step| scenario.form(step));
                forms
                    .map(|asked| plan.field(asked.field).path.to_string())
                    .collect()
            };
            let keys: BTreeSet<String> = new
                .steps
                .iter()
                .filter(|step| matches!(step.actor, Actor::LookUp(_)))
                .flat_map(|step| step.reads.iter().map(|read| &read.field))
                .map(|field| new.field(*field).path.to_string())
                .collect();
            let before = asked(old);
            for field in asked(new) {
                let known = before.contains(&field) || keys.contains(&field);
                assert!(known, "{name}: {field} was never asked before");
            }
        }
    }
}

#[test]
fn every_field_has_a_valid_sample() {
    for (name, service) in services() {
        let fields = ways(&service).into_iter().flat_map(|plan| {
            let fields = plan.fields.iter().enumerate();
            fields.map(move |(at, field)| (plan, FieldIx::at(at), field))
        });
        for (plan, at, field) in fields {
            let value = sample::value(plan, at);
            let path = &field.path;
            assert_eq!(field.kind.check(&value), Ok(()), "{name} {path}: {value}");
        }
    }
}

/// The rows between the two comments of a README: figure, before, after.
fn readme_rows(name: &str) -> Vec<(String, f64, f64)> {
    let path = workflows().join(name).join("README.md");
    let text = std::fs::read_to_string(path).expect("each service has a README");
    let (_, rest) = text.split_once("<!-- computed:begin -->").expect("begin");
    let (table, _) = rest.split_once("<!-- computed:end -->").expect("end");
    let number = |cell: &str| cell.parse().expect("a number");
    table
        .lines()
        .map(|line| line.split('|').map(str::trim).collect::<Vec<_>>())
        .filter_map(|cells| match cells[..] {
            ["", figure, before, after, ""] if before != "before" && before != "---" => {
                Some((figure.to_owned(), number(before), number(after)))
            }
            _ => None,
        })
        .collect()
}

#[test]
fn the_readmes_say_what_the_definitions_come_to() {
    for (name, service) in services() {
        let figures = computed(&service);
        let rows = readme_rows(&name);
        let said: Vec<_> = rows.iter().map(|(figure, ..)| figure.as_str()).collect();
        // Limits are in working days: there is no elapsed time to compute.
        let expected = FigureName::ALL.map(FigureName::as_str).into_iter();
        let expected: BTreeSet<_> = expected.filter(|name| *name != "elapsed_time").collect();
        assert_eq!(
            said.iter().copied().collect::<BTreeSet<_>>(),
            expected,
            "{name}"
        );
        for (figure, before, after) in rows {
            let found = figures.iter().find(|found| found.name.as_str() == figure);
            let found = found.expect("a figure of this name");
            let both = (found.before, found.after);
            assert_eq!(both, (Some(before), Some(after)), "{name} {figure}");
        }
    }
}

#[test]
fn the_workloads_can_be_carried() {
    for (name, service) in services() {
        let study = Study::new(&service).cases(400).replications(2).seed(7);
        let comparison = study.run().expect("a study");
        assert_eq!(comparison.warnings, [], "{name}");
        let facts = comparison.study.expect("simulated");
        for outcomes in [facts.before, facts.after] {
            assert_eq!(outcomes.unfinished, 0, "{name}");
            assert!(outcomes.closed > outcomes.refused, "{name}");
        }
        for load in facts.loads_before.iter().chain(&facts.loads_after) {
            let utilisation = load.utilisation.unwrap_or_default();
            assert!(
                utilisation < 0.9,
                "{name} {}: {utilisation}",
                load.department
            );
        }
    }
}
