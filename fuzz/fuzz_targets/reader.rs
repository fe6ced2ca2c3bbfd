//! Any bytes as files of a definition tree.
//!
//! The input is text: a line `#== PATH` begins a file that replaces the one of
//! the tree, or is added; what stands before the first such line is the name
//! of the tree to begin from. `SERVICE` in a path is the service's folder.
//!
//! Whatever the files say: the compiler ends, answers a service or says what is
//! wrong, and what it says can be shown. What it accepts can be used.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use onething_definition::classes::classes;
use onething_definition::diagnostic::{Rendering, Report};
use onething_definition::{SourceSet, compile};
use onething_engine::{Blueprint, Case, Opening};
use onething_fuzz::{interrogate, replays, trees};
use onething_model::{Lang, Timestamp};

fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    let mut parts = text.split("#== ");
    let tree = trees::tree(parts.next().unwrap_or_default().trim());
    let written = parts.map(|part| {
        let (path, text) = part.split_once('\n').unwrap_or((part, ""));
        let path = path.trim().replace("SERVICE", &tree.folder);
        (path, text.to_owned())
    });
    // Of two files with the same path the first is kept.
    let sources = SourceSet::from_texts(written.chain(tree.files.iter().cloned()));
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
