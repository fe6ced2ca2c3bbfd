//! A proposal keeps every output, asks for nothing that is known, passes the
//! checks, and its waterfall adds up: for the shipped services and for random ones.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use onething_definition::classes::classes;
use onething_definition::design::{Drafting, Folder};
use onething_definition::diagnostic::{Rendering, Report, Severity};
use onething_definition::{SourceSet, compile, load};
use onething_measure::{FigureName, computed};
use onething_model::Lang;
use onething_plan::random::Dice;
use onething_plan::{Handled, Scenario, Service, Source};
use onething_redesign::rewrite::{Options, Prefer, Quantity, Redesign, Rule, lost, redesign};

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
    assert_eq!(lost(&made.before, &made.plan), None, "{what}");
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

/// A small tree: three matters, roles made and asked for, registries with and
/// without a basis, orders of law and of habit, conditions, habits of the walk.
fn random(seed: u64) -> SourceSet {
    let mut dice = Dice::new(seed);
    let mut person = String::from(
        "contract: person\nversion: 1.0.0\ntitle: P\nidentified_by: [id]\nfields:\n  id: { title: i, type: text }\n",
    );
    for at in 0..6 {
        let kind = if dice.chance(40) { "document" } else { "text" };
        writeln!(person, "  f{at}: {{ title: f, type: {kind} }}").unwrap();
    }
    person.push_str("providers:\n");
    for (name, gives) in [("reg-a", "f0, f1"), ("reg-b", "f2")] {
        let basis = if dice.chance(70) { ", basis: law" } else { "" };
        let fresh = if dice.chance(50) { ", fresh: 30d" } else { "" };
        writeln!(
            person,
            "  - {{ registry: {name}, department: d0, with: [id], gives: [{gives}]{basis}{fresh} }}"
        )
        .unwrap();
    }
    let made = "contract: made\nversion: 1.0.0\ntitle: M\nfields:\n  number: { title: n, type: text }\n  note: { title: n, type: text }\n  paper: { title: n, type: document }\n";
    let count = 2 + dice.below(7);
    let mut roles = String::from("  who: person\n");
    let (mut steps, mut before, mut delivers) = (String::new(), String::new(), String::new());
    let mut makers: Vec<(usize, &str)> = Vec::new();
    for at in 0..count {
        writeln!(roles, "  r{at}: made").unwrap();
        let by = ["system", "officer", "officer", "outside"][dice.below(4)];
        writeln!(
            steps,
            "  s{at}:\n    title: S\n    matter: m{}\n    by: {by}",
            dice.below(3)
        )
        .unwrap();
        if dice.chance(30) {
            steps.push_str("    department: d1\n");
        }
        if dice.chance(30) {
            let when = ["a", "!a", "a && b", "b || a"][dice.below(4)];
            writeln!(steps, "    when: \"{when}\"").unwrap();
        }
        let mut reads = String::new();
        let mut fields: Vec<String> = (0..6)
            .filter(|_| dice.chance(30))
            .map(|f| format!("f{f}"))
            .collect();
        if dice.chance(20) {
            fields.push("id".into());
        }
        if !fields.is_empty() {
            write!(reads, "who: [{}], ", fields.join(", ")).unwrap();
        }
        let mut seen: Vec<usize> = Vec::new();
        for _ in 0..dice.below(3) {
            if makers.is_empty() {
                break;
            }
            let (role, field) = makers[dice.below(makers.len())];
            if !seen.contains(&role) {
                seen.push(role);
                let field = if dice.chance(30) {
                    format!("\"{field}?\"")
                } else {
                    field.into()
                };
                write!(reads, "r{role}: [{field}], ").unwrap();
            }
        }
        if !reads.is_empty() {
            writeln!(steps, "    reads: {{ {} }}", reads.trim_end_matches(", ")).unwrap();
        }
        let writes = ["number", "number, note", "number, paper", ""][dice.below(4)];
        if !writes.is_empty() {
            writeln!(steps, "    writes: {{ r{at}: [{writes}] }}").unwrap();
            makers.extend(writes.split(", ").map(|field| (at, field)));
            if dice.chance(60) {
                let by = ["electronic, window", "window"][dice.below(2)];
                writeln!(delivers, "  - {{ what: r{at}, by: [{by}] }}").unwrap();
            }
        }
        if by != "system" {
            writeln!(steps, "    limit: {}wd", 1 + dice.below(5)).unwrap();
        }
        if at > 0 && dice.chance(20) {
            writeln!(steps, "    after: s{}\n    because: law", dice.below(at)).unwrap();
        }
        match dice.below(8) {
            0 => steps.push_str("    legal_effect: no\n"),
            1 => steps.push_str("    legal_effect: yes\n"),
            2 if at > 0 => writeln!(steps, "    separate_from: [s{}]", at - 1).unwrap(),
            _ => {}
        }
        if at > 0 && dice.chance(20) {
            writeln!(
                before,
                "  s{at}: {{ after: [{{ step: s{}, because: habit }}], because: h }}",
                dice.below(at)
            )
            .unwrap();
        }
    }
    if delivers.is_empty() {
        let Some((role, _)) = makers.first() else {
            return random(seed + 1_000_003);
        };
        writeln!(delivers, "  - {{ what: r{role}, by: [electronic] }}").unwrap();
    }
    if let Some((role, field)) = makers.last() {
        writeln!(before, "  collect: {{ title: C, matter: m0, by: applicant, visits: 1, reads: {{ r{role}: [{field}] }} }}").unwrap();
    }
    let service = format!(
        "onething: 1\nservice: svc\nversion: 1.0.0\ntitle: T\nowner: d0\ncalendar: round-the-clock\nroles:\n{roles}applicant: who\nquestions:\n  a: {{ ask: a, type: yes-no }}\n  b: {{ ask: b, type: yes-no }}\nreference: {{ a: yes, b: yes }}\nmatters:\n  m0: {{ title: M, department: d0 }}\n  m1: {{ title: M, department: d1, when: b }}\n  m2: {{ title: M, department: d0, refused: ends matter }}\nsteps:\n{steps}delivers:\n{delivers}"
    );
    let fetched = ["nothing", "everything", "[reg-a]"][dice.below(3)];
    let by = if dice.chance(50) {
        ", by: officer, limit: 1wd"
    } else {
        ""
    };
    let walk = ["m0, m1, m2", "m2, m1, m0", "m1, m2, m0"][dice.below(3)];
    let before = format!(
        "before: svc\nhandled: apart\nfetched: {fetched}\nwalk: [{walk}]\nbecause: habit\nintake: {{ visits: 1, asks: {{ who: [f5, f1] }}{by} }}\nsteps:\n{before}"
    );
    SourceSet::from_texts([
        (
            "departments.yaml",
            "departments:\n  d0: { title: D }\n  d1: { title: D }\n".to_owned(),
        ),
        ("contracts/person.yaml", person),
        ("contracts/made.yaml", made.to_owned()),
        ("svc/service.yaml", service),
        ("svc/before.yaml", before),
    ])
}

#[test]
fn random_services_are_redesigned() {
    let (mut done, mut broken, mut kept) = (0, 0, [0_usize; 8]);
    for seed in 0..800 {
        let sources = Arc::new(random(seed));
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
        "only {done} of 400 are services at all, {broken} are not"
    );
    // The knock-out order needs a workload; every other rule has to have had its turn.
    let had_a_turn =
        |(at, count): (usize, &usize)| Rule::APPLIED[at] == Rule::KnockOut || *count >= 3;
    assert!(kept.iter().enumerate().all(had_a_turn), "{kept:?}");
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
            let times = [FigureName::ProcessingTime, FigureName::ElapsedTime];
            if times.contains(&figure.name) {
                let told = made.basis.iter().all(|note| figure.notes.contains(note));
                assert!(
                    told && !made.basis.is_empty(),
                    "{service}: {:?}",
                    made.basis
                );
            }
        }
    }
}
