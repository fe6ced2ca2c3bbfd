//! Redesigning the shipped services, without simulation: from sources in memory
//! to the report, and the part of it that is compiling the service.
//!
//! Prints one JSON object per service: `wall_ms` is the median of 21 runs of all
//! of it (the tree is read, the service compiled, every subset of the rules
//! designed, compiled and scored, the report written), `open_ms` of reading and
//! compiling alone, `written_ms` of writing the proposal's files from it.

// The results are this program's output.
#![allow(clippy::print_stdout)]

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use onething_definition::design::Folder;
use onething_definition::load;
use onething_model::Lang;
use onething_redesign::rewrite::{Options, redesign};

const RUNS: usize = 21;

/// The median of some runs, in milliseconds.
fn median_ms(mut run: impl FnMut() -> usize) -> f64 {
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let begun = Instant::now();
            assert!(run() > 0, "something came of it");
            begun.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_unstable_by(f64::total_cmp);
    (times[RUNS / 2] * 1e2).round() / 1e2
}

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../workflows");
    let sources = load(&root).sources;
    for service in ["open-restaurant", "newborn", "enterprise-deregister"] {
        let opened = || Folder::read(Arc::clone(&sources), service);
        let open_ms = median_ms(|| {
            let folder = opened();
            let drafting = folder.open().expect("a shipped service is clean");
            drafting.new_way().steps.len()
        });
        let (mut rules, mut subsets) = (0, 0);
        let wall_ms = median_ms(|| {
            let folder = opened();
            let drafting = folder.open().expect("a shipped service is clean");
            let old = drafting.old().expect("a shipped service has an old way");
            let made = redesign(&drafting, old, Options::default()).expect("there is a proposal");
            rules = made.applied.len();
            subsets = 1_usize << rules;
            made.text(Lang::En).len()
        });
        let folder = opened();
        let drafting = folder.open().expect("a shipped service is clean");
        let old = drafting.old().expect("a shipped service has an old way");
        let made = redesign(&drafting, old, Options::default()).expect("there is a proposal");
        let name = "proposed".parse().expect("a name");
        let written_ms = median_ms(|| {
            let files = drafting.folder(&name, &made.design, old, made.workload.as_ref());
            let files = files.ok().flatten().expect("one application");
            files.service.len() + files.before.len()
        });
        println!(
            "{}",
            serde_json::json!({
                "bench": "redesign",
                "service": service,
                "steps_before": made.before.steps.len(),
                "rules": rules,
                "subsets": subsets,
                "open_ms": open_ms,
                "wall_ms": wall_ms,
                "written_ms": written_ms,
            })
        );
    }
}
