//! A proposal keeps every output, asks for nothing that is known, passes the
//! checks, and its waterfall adds up: for the shipped services and for random ones.

mod accounts;
mod random;

use std::path::Path;
use std::sync::Arc;

use onething_definition::classes::classes;
use onething_definition::design::{Drafting, Folder};
use onething_definition::diagnostic::{Rendering, Report, Severity};
use onething_definition::{SourceSet, compile, load};
use onething_measure::{FigureName, computed};
use onething_model::Lang;
use onething_plan::{Handled, Scenario, Service, Source};
use onething_redesign::rewrite::{
    Handling, Options, Prefer, Quantity, Redesign, Rule, redesign, worsened,
};

fn proposed(drafting: &Drafting<'_>, prefer: Prefer) -> Redesign {
    let old = drafting.old().expect("an old way");
    let options = Options {
        prefer,
        ..Options::default()
    };
    redesign(drafting, old, options).unwrap()
}

/// Everything that a proposal promises.
fn holds(sources: &SourceSet, service: &str, drafting: &Drafting<'_>, made: &Redesign, what: &str) {
    let from = Handling {
        design: drafting.old().unwrap(),
        plan: &made.before,
    };
    let to = Handling {
        design: &made.design,
        plan: &made.plan,
    };
    let keys = drafting.setting().providers.iter();
    let keys = keys.flat_map(|provider| provider.with.iter().cloned());
    assert_eq!(worsened(from, to, &keys.collect()), None, "{what}");
    for answers in &classes(&made.before).answers {
        let scenario = Scenario::resolve(&made.plan, answers);
        for step in scenario.steps() {
            for (field, source) in scenario.sources(*step) {
                let item = made.plan.field(*field);
                let known = item
                    .producers
                    .iter()
                    .chain(&item.lookups)
                    .any(|from| from < step && scenario.is_active(*from));
                let asked = matches!(source, Source::Applicant(_));
                // Handled apart, what one matter made is carried to the next by hand.
                let apart = made.plan.handled == Handled::Apart;
                assert!(apart || !(known && asked), "{what}: {} is known", item.path);
            }
        }
    }
    if let Some(text) = drafting.service_yaml(&made.design) {
        let path = format!("{service}/service.yaml");
        let files: Vec<(String, String)> = sources
            .iter()
            .map(|(_, file)| (file.path().to_owned(), file.text().to_owned()))
            .filter(|(known, _)| *known != path && !known.ends_with("before.yaml"))
            .chain([(path.clone(), text.clone())])
            .filter(|(known, _)| !known.ends_with("workload.yaml"))
            .collect();
        let again = SourceSet::from_texts(files);
        let compilation = compile(&again, service);
        let report = Report::new(Arc::new(again), compilation.diagnostics);
        let errors = report
            .diagnostics
            .iter()
            .filter(|one| one.severity() == Severity::Error);
        let rendering = Rendering {
            lang: Lang::En,
            colour: false,
        };
        assert_eq!(
            errors.count(),
            0,
            "{what}\n{}\n{text}",
            report.render(rendering)
        );
    }
    let fall = &made.waterfall;
    for figure in 0..fall.figures.len() {
        let (Some(before), Some(after)) = (fall.before[figure], fall.after[figure]) else {
            continue;
        };
        // A time that is unknown of some design (nothing in it is limited) has no shares.
        let saves = fall.bars.iter().map(|bar| bar.saves[figure]);
        let Some(sum) = saves.sum::<Option<f64>>() else {
            continue;
        };
        assert!((sum - (before - after)).abs() < 1e-9, "{what}: {fall:?}");
    }
}

fn shipped() -> Arc<SourceSet> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows");
    load(&root).sources
}

#[test]
fn shipped_services_are_redesigned() {
    let sources = shipped();
    for service in ["open-restaurant", "newborn", "enterprise-deregister"] {
        let folder = Folder::read(Arc::clone(&sources), service);
        let drafting = folder.open().unwrap();
        for prefer in [Prefer::Time, Prefer::Work] {
            let made = proposed(&drafting, prefer);
            assert!(made.refused.is_empty(), "{service}: {:?}", made.refused);
            holds(&sources, service, &drafting, &made, service);
            let rules: Vec<Rule> = made.applied.iter().map(|proof| proof.rule).collect();
            for rule in [Rule::AskOnce, Rule::OnceOnly, Rule::Unbind] {
                assert!(rules.contains(&rule), "{service}: {rules:?}");
            }
        }
    }
}

#[test]
fn random_services_are_redesigned() {
    let (mut done, mut broken, mut kept) = (0, 0, [0_usize; 8]);
    for seed in 0..250 {
        let sources = Arc::new(random::service(seed));
        let folder = Folder::read(Arc::clone(&sources), "svc");
        let Ok(drafting) = folder.open() else {
            broken += 1;
            continue;
        };
        let made = proposed(&drafting, Prefer::Time);
        holds(&sources, "svc", &drafting, &made, &format!("seed {seed}"));
        for proof in &made.applied {
            let at = Rule::APPLIED.iter().position(|rule| *rule == proof.rule);
            kept[at.unwrap()] += 1;
        }
        done += 1;
    }
    assert!(
        done >= 150,
        "only {done} of 250 are services at all, {broken} are not"
    );
    // The knock-out order needs a workload; every other rule has to have had its turn.
    let had_a_turn =
        |(at, count): (usize, &usize)| Rule::APPLIED[at] == Rule::KnockOut || *count >= 3;
    assert!(kept.iter().enumerate().all(had_a_turn), "{kept:?}");
}

/// What forms asked for in some answers is there, or somebody says that it is not; what they
/// newly ask for, somebody has to confirm. Forms ask by hand for what follows from a number.
#[test]
fn what_becomes_of_every_field_of_a_form_is_told() {
    let (mut done, mut astray) = (0, String::new());
    for seed in 0..250 {
        let sources = Arc::new(random::service_with_what_follows(seed));
        let folder = Folder::read(Arc::clone(&sources), "svc");
        let Ok(drafting) = folder.open() else {
            continue;
        };
        let made = proposed(&drafting, Prefer::Time);
        holds(&sources, "svc", &drafting, &made, &format!("seed {seed}"));
        for line in accounts::astray(&made) {
            astray += &format!("seed {seed}: {line}\n");
        }
        done += 1;
    }
    assert!(astray.is_empty(), "{astray}");
    assert!(done >= 150, "only {done} of 250 are services at all");
}

#[test]
fn a_redesign_is_never_slower_by_its_own_limits() {
    let sources = shipped();
    for service in ["open-restaurant", "newborn", "enterprise-deregister"] {
        let folder = Folder::read(Arc::clone(&sources), service);
        let drafting = folder.open().unwrap();
        let fall = proposed(&drafting, Prefer::Time).waterfall;
        for name in [FigureName::ProcessingTime, FigureName::Fields] {
            let at = Quantity::Figure(name).index();
            let (before, after) = (fall.before[at].unwrap(), fall.after[at].unwrap());
            assert!(after < before, "{service}, {name}: {fall:?}");
        }
    }
}

/// What a redesign prints and what a comparison of the same two ways prints are
/// the same figures, by the same conventions.
#[test]
fn a_redesign_and_a_comparison_of_the_same_ways_agree() {
    let sources = shipped();
    for service in ["open-restaurant", "newborn", "enterprise-deregister"] {
        let folder = Folder::read(Arc::clone(&sources), service);
        let drafting = folder.open().unwrap();
        let made = proposed(&drafting, Prefer::Time);
        let pair = Service {
            old: Some(Arc::clone(&made.before)),
            new: Arc::clone(&made.plan),
            workload: made.workload.clone().map(Arc::new),
            declared: Vec::new(),
        };
        for figure in computed(&pair) {
            let at = Quantity::Figure(figure.name).index();
            let fall = &made.waterfall;
            let found = (fall.before[at], fall.after[at]);
            assert_eq!(
                found,
                (figure.before, figure.after),
                "{service}: {}",
                figure.name
            );
            if figure.name == FigureName::ProcessingTime {
                assert_eq!(made.basis, figure.notes, "{service}");
                assert!(made.basis.len() > 1, "{service}: {:?}", made.basis);
            }
        }
    }
}
