//! Old ways that ask registries already, whose forms want what registries give: they become one
//! form, which is written and passes the checks.
//!
//! `ONETHING_SEEDS=from..to cargo test -p onething-redesign --test joined` tries others.

mod random;

use std::sync::Arc;

use onething_definition::design::{Drafting, Folder};
use onething_definition::diagnostic::{Diagnostics, Rendering};
use onething_definition::{SourceSet, check};
use onething_model::Lang;
use onething_plan::random::Dice;
use onething_redesign::rewrite::{Options, Rule, redesign};

/// A random service whose old way asks registries, and whose windows ask for what they have.
fn asking(seed: u64) -> SourceSet {
    let mut dice = Dice::new(seed ^ 0xf0_4e15);
    let base = match dice.chance(60) {
        true => random::service_with_what_follows(seed),
        false => random::service(seed),
    };
    let fetched = [
        "everything",
        "everything",
        "[reg-a, reg-b]",
        "[reg-firm]",
        "[reg-a]",
    ][dice.below(5)];
    let mut line = |line: &str| {
        let is_window = line.starts_with("  m") && line.contains("{ asks: {");
        if line.starts_with("fetched:") {
            format!("fetched: {fetched}\n")
        } else if line.starts_with("handled: together") && dice.chance(50) {
            "handled: apart\n".to_owned()
        } else if is_window && dice.chance(60) {
            let asks = [
                "firm: [code, name]",
                "firm: [name, seat]",
                "who: [\"born?\", f3], firm: [seat]",
                "who: [born, sex]",
                "who: [id, f2]",
                "who: [f0, f1]",
                "firm: [\"name?\"]",
            ][dice.below(7)];
            let matter = line.split(':').next().unwrap_or_default();
            format!("{matter}: {{ asks: {{ {asks} }} }}\n")
        } else {
            format!("{line}\n")
        }
    };
    let files = base.iter().map(|(_, file)| {
        let text = match file.path() {
            "svc/before.yaml" => file.text().lines().map(&mut line).collect(),
            _ => file.text().to_owned(),
        };
        (file.path().to_owned(), text)
    });
    SourceSet::from_texts(files.collect::<Vec<_>>())
}

/// What keeps a proposal from being one application that is written and passes the checks.
fn obstacles(sources: &SourceSet, drafting: &Drafting<'_>) -> String {
    let old = drafting.old().unwrap();
    let made = redesign(drafting, old, Options::default()).unwrap();
    let refused = made.refused.iter();
    let whole = refused.filter(|refusal| refusal.rule == Rule::AskOnce);
    let mut found: String = whole.map(|refusal| refusal.why.en()).collect();
    let name = "proposed".parse().unwrap();
    let files = drafting.folder(&name, &made.design, old, made.workload.as_ref());
    let Some(files) = files.unwrap() else {
        return format!("several applications: {found}");
    };
    let others = sources.iter();
    let mut all: Vec<(String, String)> = others
        .map(|(_, file)| (file.path().to_owned(), file.text().to_owned()))
        .collect();
    all.push(("proposed/service.yaml".to_owned(), files.service));
    all.push(("proposed/before.yaml".to_owned(), files.before));
    let all = Arc::new(SourceSet::from_texts(all));
    let report = check(all, &["proposed".to_owned()], Diagnostics::new()).report;
    if report.errors() > 0 {
        found += &report.render(Rendering {
            lang: Lang::En,
            colour: false,
        });
    }
    found
}

/// Seeds whose one form asked what registries, numbers and steps give: once what is found by what it
/// goes on asking for was on it, or nobody was left to hand it in without a step that makes it.
const KNOWN_ANYWAY: [u64; 7] = [484, 1184, 1896, 1917, 2142, 2519, 2557];

fn seeds() -> Vec<u64> {
    let Ok(text) = std::env::var("ONETHING_SEEDS") else {
        return (0..400).chain(KNOWN_ANYWAY).collect();
    };
    let (from, to) = text.split_once("..").expect("as 100..200");
    (from.parse().unwrap()..to.parse().unwrap()).collect()
}

#[test]
fn applications_that_ask_registries_become_one() {
    let (mut joined, mut wrong) = (0, Vec::new());
    for seed in seeds() {
        let sources = Arc::new(asking(seed));
        let folder = Folder::read(Arc::clone(&sources), "svc");
        let Ok(drafting) = folder.open() else {
            continue;
        };
        joined += usize::from(drafting.old().unwrap().intakes.len() > 1);
        let found = obstacles(&sources, &drafting);
        // Where data and law run in a circle, nobody can do one before the other.
        if !found.is_empty() && !found.contains("wait for each other") {
            wrong.push(format!("seed {seed}: {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(joined >= 200 || seeds().len() < 400, "{joined}");
}
