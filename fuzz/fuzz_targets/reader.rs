//! Any bytes as files of a definition tree.
//!
//! What the input looks like: [`trees::read`].
//!
//! Whatever the files say: the compiler ends, answers a service or says what is
//! wrong, and what it says can be shown. What it accepts can be used.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use onething_definition::classes::classes;
use onething_definition::compile;
use onething_definition::diagnostic::{Rendering, Report};
use onething_engine::{Blueprint, Case, Opening};
use onething_fuzz::{interrogate, replays, trees};
use onething_model::{Lang, Timestamp};

fuzz_target!(|input: &[u8]| {
    let (sources, tree) = trees::read(input);
    let compiled = compile(&sources, &tree.folder);
    assert!(
        compiled.service.is_some() || compiled.diagnostics.has_errors(),
        "a service is refused without a reason"
    );
    let report = Report::new(Arc::new(sources), compiled.diagnostics);
    for lang in [Lang::Zh, Lang::En] {
        let shown = report.render(Rendering {
            lang,
            colour: false,
        });
        assert!(report.diagnostics.is_empty() || !shown.is_empty());
    }
    for problem in report.wire() {
        assert!(problem.place.line >= 1 && problem.place.column >= 1);
        assert!(problem.place.line <= problem.place.end_line);
    }
    let Some(service) = compiled.service else {
        return;
    };
    for plan in std::iter::once(&service.new).chain(&service.old) {
        assert!(!classes(plan).answers.is_empty());
        let blueprint = Blueprint::new(Arc::clone(plan));
        let answers = plan.reference.iter();
        let answers = answers.map(|(question, answer)| (question, answer.clone()));
        let mut opening = Opening::new(plan, "key", answers.collect(), Vec::new());
        opening.simulated = true;
        let mut events = Vec::new();
        let case = Case::open(&blueprint, Arc::new(opening), Timestamp(1), &mut events);
        interrogate(&case);
        replays(&blueprint, &case, &events);
    }
});
