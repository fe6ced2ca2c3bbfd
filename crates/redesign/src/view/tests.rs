//! What a drawing says in numbers is what a comparison says of the same way.

use std::path::Path;
use std::sync::Arc;

use onething_definition::load;
use onething_measure::FigureName;
use onething_measure::computed::{Basis, compute};
use onething_plan::random::{Dice, answers, plan};
use onething_plan::{Answers, Handled, Plan};

use super::View;

/// Compares the counts; gives the working days of both.
#[track_caller]
fn agrees(plan: &Arc<Plan>, answers: &Answers, what: &str) -> (Option<f64>, f64) {
    let view = View::new(plan, answers);
    // Without a workload nothing is known of the applicant's errands, as in a drawing.
    let computed = compute(plan, answers, Basis::Binding, None);
    let (fields, materials) = view.asked();
    for (name, drawn) in [
        (FigureName::Submissions, view.submissions()),
        (FigureName::Fields, fields),
        (FigureName::Materials, materials),
        (FigureName::InternalSteps, view.internal_steps()),
        (FigureName::Visits, view.visits as usize),
    ] {
        assert_eq!(
            computed.value(name),
            Some(drawn as f64),
            "{what}: {}",
            name.as_str()
        );
    }
    let days = computed.value(FigureName::ProcessingTime);
    (days, view.makespan_working_days.unwrap_or(0.0))
}

#[test]
fn the_numbers_of_a_drawing_are_those_of_a_comparison() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows");
    let loaded = load(&root);
    for service in &loaded.services {
        let compiled = onething_definition::compile(&loaded.sources, service);
        let compiled = compiled.service.expect("a shipped service is clean");
        for plan in [Some(&compiled.new), compiled.old.as_ref()]
            .into_iter()
            .flatten()
        {
            let (compared, drawn) = agrees(plan, &plan.reference, service);
            assert_eq!(compared, Some(drawn), "{service}");
        }
    }
    let mut timed = 0;
    for seed in 0..600 {
        let mut plan = plan(seed);
        if seed % 2 == 1 {
            plan.handled = Handled::Apart;
        }
        let plan = Arc::new(plan);
        let mut dice = Dice::new(seed);
        for _ in 0..3 {
            let answers = answers(&plan, &mut dice);
            let (compared, drawn) = agrees(&plan, &answers, &format!("seed {seed}"));
            match compared {
                Some(compared) => {
                    assert!(
                        compared.total_cmp(&drawn).is_eq(),
                        "seed {seed}: {compared}, {drawn}"
                    );
                    timed += 1;
                }
                None => assert!(drawn.total_cmp(&0.0).is_eq(), "seed {seed}: {drawn}"),
            }
        }
    }
    assert!(timed > 1_000, "{timed}");
}
