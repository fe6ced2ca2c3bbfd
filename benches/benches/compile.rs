//! Compiling large services: reading, deriving, ordering, and the once-only
//! analysis over all answer classes, for services of 500 to 5,000 steps with
//! four fields a step.
//!
//! Each step reads two fields of the form and what up to three earlier steps
//! made, and makes two; the application asks for a telephone number beside;
//! three, seven or twelve questions leave parts of the
//! service out. Prints one JSON object per size and number of questions:
//! `wall_s` is the median of five runs; near-linear growth shows in `us_per_step`.
//! Beyond a bound the classes are a sample, and the service is told so.

// The results are this program's output.
#![allow(clippy::print_stdout)]

use std::fmt::Write as _;
use std::time::Instant;

use onething_definition::classes::classes;
use onething_definition::{SourceSet, compile};

const FIELDS_PER_STEP: usize = 4;

fn main() {
    let sizes = [500, 1_000, 2_500, 5_000];
    let table = [3, 7, 12].map(|questions| sizes.map(|steps| (steps, questions)));
    for (steps, questions) in table.into_iter().flatten() {
        let sources = sources(steps, questions);
        let classes = compile(&sources, "large")
            .service
            .map_or(0, |service| classes(&service.new).answers.len() - 1);
        let mut runs: Vec<f64> = (0..5)
            .map(|_| {
                let begun = Instant::now();
                let compilation = compile(&sources, "large");
                let seconds = begun.elapsed().as_secs_f64();
                assert!(
                    !compilation.diagnostics.has_errors(),
                    "the service is clean"
                );
                seconds
            })
            .collect();
        runs.sort_unstable_by(f64::total_cmp);
        let wall_s = runs[runs.len() / 2];
        println!(
            "{}",
            serde_json::json!({
                "bench": "compile",
                "steps": steps,
                "fields": steps * FIELDS_PER_STEP,
                "questions": questions,
                "answer_classes": classes,
                "wall_s": (wall_s * 1e4).round() / 1e4,
                "us_per_step": (wall_s * 1e6 / steps as f64).round(),
            })
        );
    }
}

fn sources(steps: usize, questions: usize) -> SourceSet {
    let departments =
        "language: en\ndepartments:\n  office: { title: Office }\n  other: { title: Other }\n";
    let mut contract = String::from(
        "contract: paper\nversion: 1.0.0\ntitle: Paper\nfields:\n  phone: { title: Telephone, type: phone, sensitivity: public }\n",
    );
    let mut service = String::from(
        "onething: 1\nservice: large\nversion: 1.0.0\nlanguage: en\ntitle: Large\nowner: office\n\
         calendar: always\nroles: { paper: paper, result: result }\napplicant: paper\nintake: { asks: { paper: [phone] } }\nquestions:\n",
    );
    for question in 0..questions {
        let _ = writeln!(service, "  q{question}: {{ ask: Really?, type: yes-no }}");
    }
    let answers: Vec<String> = (0..questions).map(|at| format!("q{at}: yes")).collect();
    let _ = writeln!(service, "reference: {{ {} }}", answers.join(", "));
    service += "matters:\n  all: { title: All, department: office, limit: 5wd }\nsteps:\n";
    for step in 0..steps {
        for part in 0..FIELDS_PER_STEP {
            let _ = writeln!(contract, "  f{step}-{part}: {{ title: Field, type: text }}");
        }
        // Two fields are asked, two are made; what a conditional step made is
        // read as optional.
        let mut reads = vec![format!("f{step}-0"), format!("f{step}-1")];
        for (back, part) in [(1, 2), (7, 2), (50, 3)] {
            if step >= back {
                let optional = if (step - back) % 16 == 15 { "?" } else { "" };
                reads.push(format!("f{}-{part}{optional}", step - back));
            }
        }
        // Every sixteenth step is part of some cases only.
        let when = if step % 16 == 15 {
            format!("when: q{}, ", step / 16 % questions)
        } else {
            String::new()
        };
        let reads = match reads.join(", ") {
            none if none.is_empty() => none,
            some => format!("paper: [{some}]"),
        };
        let made: Vec<String> = (1..FIELDS_PER_STEP)
            .map(|part| format!("f{step}-{part}"))
            .collect();
        let result = if step + 1 == steps {
            ", result: [number]"
        } else {
            ""
        };
        let _ = writeln!(
            service,
            "  s{step}: {{ title: Step, matter: all, by: officer, limit: 1wd, {when}reads: {{ {reads} }}, writes: {{ paper: [{}]{result} }} }}",
            made.join(", "),
        );
    }
    service += "delivers:\n  - { what: result, by: [electronic] }\n";
    let result = "contract: result\nversion: 1.0.0\ntitle: Result\nfields:\n  number: { title: Number, type: text }\n";
    let calendar = "calendar: always\ntitle: Always\nutc_offset: \"+08:00\"\nassumed: a sample\nhours: { mon-sun: [\"00:00-24:00\"] }\n";
    SourceSet::from_texts([
        ("departments.yaml".to_owned(), departments.to_owned()),
        ("calendars/always.yaml".to_owned(), calendar.to_owned()),
        ("contracts/paper.yaml".to_owned(), contract),
        ("contracts/result.yaml".to_owned(), result.to_owned()),
        ("large/service.yaml".to_owned(), service),
    ])
}
