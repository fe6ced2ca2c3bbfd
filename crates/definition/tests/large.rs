//! A service of 5,000 steps, and definitions that were tampered with.

use std::sync::Arc;

use onething_definition::diagnostic::{Diagnostics, Rendering, Report};
use onething_definition::{SourceSet, check, compile, new_service};
use onething_model::Lang;
use proptest::prelude::*;

/// Each step reads what the two before it made; every tenth has a condition.
fn large(steps: usize) -> SourceSet {
    let mut files: Vec<(String, String)> = new_service(&"large".parse().unwrap())
        .into_iter()
        .filter(|(path, _)| !path.starts_with("large/"))
        .collect();
    let mut contract = String::from("contract: chain\nversion: 1.0.0\ntitle: 链\nfields:\n");
    let mut service = String::from(
        "onething: 1\nservice: large\nversion: 1.0.0\ntitle: 大\nowner: health\n\
         calendar: office\nroles: { chain: chain, operator: person }\napplicant: operator\n\
         questions: { more: { ask: 更多, type: yes-no } }\nreference: { more: yes }\n\
         matters: { all: { title: 全部, department: health, limit: 9wd } }\nsteps:\n",
    );
    for at in 0..steps {
        contract += &format!("  f{at}: {{ title: 字段{at}, type: text }}\n");
        // What is not always made must not be needed always.
        let name = |at: usize| match at % 10 {
            9 => format!("\"f{at}?\""),
            _ => format!("f{at}"),
        };
        let reads = match at {
            0 => String::new(),
            1 => "chain: [f0]".to_owned(),
            _ => format!("chain: [{}, {}]", name(at - 1), name(at - 2)),
        };
        let when = if at % 10 == 9 { ", when: more" } else { "" };
        service += &format!(
            "  s{at}: {{ title: {{ zh: 环节{at}, en: Step {at} }}, matter: all, by: officer, \
             reads: {{ {reads} }}, writes: {{ chain: [f{at}] }}, limit: 1wd{when} }}\n"
        );
    }
    service += "delivers: [{ what: chain, by: [electronic] }]\n";
    files.push(("contracts/chain.yaml".into(), contract));
    files.push(("large/service.yaml".into(), service));
    SourceSet::from_texts(files)
}

#[test]
fn a_service_of_5000_steps_compiles() {
    let sources = large(5_000);
    let compilation = compile(&sources, "large");
    let report = Report::new(Arc::new(sources), compilation.diagnostics);
    let rendering = Rendering {
        lang: Lang::En,
        colour: false,
    };
    assert!(
        report.diagnostics.is_empty(),
        "{}",
        report.render(rendering)
    );
    let plan = compilation.service.expect("no errors").new;
    assert_eq!(plan.steps.len(), 5_001, "and the application");
    assert!(plan.steps.iter().enumerate().all(|(at, step)| {
        let this = onething_plan::StepIx::at(at);
        step.reads
            .iter()
            .flat_map(|read| &plan.field(read.field).producers)
            .all(|from| *from < this)
    }));
}

/// One way of tampering with a line.
#[derive(Debug, Clone)]
enum Tamper {
    Remove,
    Twice,
    Indent,
    Outdent,
    Swap,
    Word(&'static str),
    Bare,
}

fn tamper() -> impl Strategy<Value = (usize, usize, Tamper)> {
    let what = prop_oneof![
        Just(Tamper::Remove),
        Just(Tamper::Twice),
        Just(Tamper::Indent),
        Just(Tamper::Outdent),
        Just(Tamper::Swap),
        Just(Tamper::Bare),
        prop::sample::select(vec![
            "x",
            "-3wd",
            "1e9d",
            "[]",
            "{}",
            "~",
            "\"\"",
            "yes",
            "0",
            "health",
            "shop",
            "signboard",
            "[name, name]",
            "{ shop: [name] }",
            "signboard && seats",
            "!signboard",
            "999999999999",
            "health-review",
            "sign-review",
            "apply",
            "office",
            "食品",
            "100%",
            "{ fixed: 1h }",
        ])
        .prop_map(Tamper::Word),
    ];
    (any::<usize>(), any::<usize>(), what)
}

fn tampered(text: &str, at: usize, other: usize, how: &Tamper) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if lines.is_empty() {
        return String::new();
    }
    let at = at % lines.len();
    let other = other % lines.len();
    match how {
        Tamper::Remove => {
            lines.remove(at);
        }
        Tamper::Twice => lines.insert(other, lines[at].clone()),
        Tamper::Indent => lines[at].insert_str(0, "  "),
        Tamper::Outdent => lines[at] = lines[at].trim_start().to_owned(),
        Tamper::Swap => lines.swap(at, other),
        Tamper::Word(word) => {
            if let Some((key, _)) = lines[at].split_once(": ") {
                lines[at] = format!("{key}: {word}");
            }
        }
        Tamper::Bare => {
            if let Some((key, _)) = lines[at].split_once(": ") {
                lines[at] = format!("{key}:");
            }
        }
    }
    lines.join("\n") + "\n"
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever an author does to a definition: no panic, every problem can be shown in
    /// both languages, and a service comes out only where there is no error.
    #[test]
    fn definitions_that_were_tampered_with(
        changes in prop::collection::vec((any::<usize>(), tamper()), 1..4),
    ) {
        let mut files = new_service(&"shop".parse().unwrap());
        files.retain(|(path, _)| path.ends_with(".yaml"));
        for (file, (at, other, how)) in &changes {
            let count = files.len();
            let (_, text) = &mut files[file % count];
            *text = tampered(text, *at, *other, how);
        }
        let sources = Arc::new(SourceSet::from_texts(files));
        let checked = check(Arc::clone(&sources), &["shop".to_owned()], Diagnostics::new());
        for lang in [Lang::Zh, Lang::En] {
            let shown = checked.report.render(Rendering { lang, colour: false });
            prop_assert_eq!(shown.is_empty(), checked.report.diagnostics.is_empty());
        }
        prop_assert_eq!(checked.report.wire().len(), checked.report.diagnostics.len());
        for problem in &checked.report.diagnostics {
            prop_assert!(problem.message.has(Lang::Zh) && problem.message.has(Lang::En));
            prop_assert!(problem.help.is_some(), "{:?} has no cure", problem);
        }
        if checked.report.errors() > 0 {
            prop_assert!(checked.services[0].service.is_none());
        } else {
            prop_assert!(checked.services[0].service.is_some());
        }
    }
}
