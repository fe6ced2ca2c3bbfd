//! What the lab says of redesigns whose effect can be worked out by hand.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use onething_definition::design::{Folder, Registries};
use onething_definition::diagnostic::{Diagnostics, Severity};
use onething_definition::{SourceSet, check, load};
use onething_lab::Study;
use onething_measure::computed::{Basis, compute};
use onething_measure::{FigureName, Kind};
use onething_model::Lang;
use onething_plan::Service;
use onething_redesign::rewrite::{
    Error, Options, Prefer, Quantity, Redesign, Role, Rule, Simulation, Trial, redesign,
};

const TIME: Quantity = Quantity::Figure(FigureName::ProcessingTime);
const SUBMISSIONS: Quantity = Quantity::Figure(FigureName::Submissions);

/// A step of a little service.
struct Step<'a> {
    key: &'a str,
    matter: &'a str,
    department: &'a str,
    /// Beside the applicant's field of its matter.
    reads: &'a str,
    writes: &'a str,
}

/// Two matters `m0`, `m1` of `d0`, `d1`, handled apart and in this order in the old way.
fn sources(steps: &[Step<'_>], workload: &str) -> Arc<SourceSet> {
    sources_with(steps, workload, "{ asks: { who: [name, id] } }")
}

/// The same, with this intake in both ways.
fn sources_with(steps: &[Step<'_>], workload: &str, intake: &str) -> Arc<SourceSet> {
    let mut text = String::new();
    for step in steps {
        writeln!(
            text,
            "  {}:\n    title: {}\n    matter: {}\n    by: officer\n    department: {}\n    reads: {{ who: [name]{} }}\n    writes: {{ {} }}\n    limit: 5wd",
            step.key, step.key, step.matter, step.department, step.reads, step.writes
        )
        .unwrap();
    }
    let service = format!(
        "onething: 1\nservice: svc\nversion: 1.0.0\ntitle: T\nowner: d0\ncalendar: round-the-clock\nroles:\n  who: person\n  r0: made\n  r1: made\n  r2: made\napplicant: who\nintake: {intake}\nmatters:\n  m0: {{ title: M, department: d0 }}\n  m1: {{ title: M, department: d1 }}\nsteps:\n{text}delivers:\n  - {{ what: r0, by: [electronic] }}\n  - {{ what: r1, by: [electronic] }}\n"
    );
    let before = format!(
        "before: svc\nhandled: apart\nfetched: nothing\nwalk: [m0, m1]\nbecause: habit\nintake: {intake}\n"
    );
    Arc::new(SourceSet::from_texts([
        (
            "departments.yaml",
            "departments:\n  d0: { title: D }\n  d1: { title: E }\n",
        ),
        (
            "contracts/person.yaml",
            "contract: person\nversion: 1.0.0\ntitle: P\nidentified_by: [id]\nfields:\n  id: { title: i, type: text }\n  name: { title: n, type: text }\n",
        ),
        (
            "contracts/made.yaml",
            "contract: made\nversion: 1.0.0\ntitle: M\nfields:\n  paper: { title: p, type: document }\n",
        ),
        ("svc/service.yaml", &service),
        ("svc/before.yaml", &before),
        ("svc/workload.yaml", workload),
    ]))
}

fn simulated(sources: &Arc<SourceSet>, how: Simulation<'_>, prefer: Prefer) -> Redesign {
    let folder = Folder::read(Arc::clone(sources), "svc");
    let drafting = folder
        .open()
        .unwrap_or_else(|found| panic!("{:?}", found.diagnostics));
    let options = Options {
        prefer,
        simulate: Some(how),
    };
    redesign(&drafting, drafting.old().unwrap(), options).unwrap()
}

fn small() -> Simulation<'static> {
    Simulation {
        cases: 60,
        replications: 6,
        ..Simulation::default()
    }
}

fn trial(made: &Redesign) -> &Trial {
    made.trial.as_ref().expect("a simulation")
}

fn kept(made: &Redesign) -> Vec<Rule> {
    made.applied.iter().map(|proof| proof.rule).collect()
}

fn mean(of: &[Option<f64>], quantity: Quantity) -> f64 {
    of[quantity.index()].unwrap()
}

/// Two reviews of 10 and 4 hours by two departments, 6 hours on the way in
/// between: one after the other 20 hours, at once 10. Nothing queues.
#[test]
fn two_reviews_at_once_take_the_longer_one() {
    let steps = [
        Step {
            key: "one",
            matter: "m0",
            department: "d0",
            reads: "",
            writes: "r0: [paper]",
        },
        Step {
            key: "two",
            matter: "m1",
            department: "d1",
            reads: "",
            writes: "r1: [paper]",
        },
    ];
    let workload = "assumed: a test\narrivals: { per_year: 100 }\nstaff: { d0: { officers: 90 }, d1: { officers: 90 } }\nwork: { one: 10h, two: 4h }\nbetween_matters: 6h\n";
    let made = simulated(&sources(&steps, workload), small(), Prefer::Time);
    assert_eq!(kept(&made), [Rule::AskOnce, Rule::Unbind]);
    let fall = &trial(&made).waterfall;
    let days = |hours: f64| hours / 24.0;
    for (of, hours) in [(&fall.before, 20.0), (&fall.after, 10.0)] {
        assert!((mean(of, TIME) - days(hours)).abs() < 1e-9, "{fall:?}");
    }
    assert_eq!(
        (
            mean(&fall.before, SUBMISSIONS),
            mean(&fall.after, SUBMISSIONS)
        ),
        (2.0, 1.0)
    );
    // One form alone saves 6 (20 to 14). Without the walk but with two forms, the
    // second is handed in at once: 10. Both: 10. So the shares are 3 and 7.
    let share = |rule: Rule| {
        let bar = fall.bars.iter().find(|bar| bar.rule == rule).unwrap();
        (mean(&bar.saves, TIME), bar.intervals[TIME.index()].unwrap())
    };
    let shares = [
        (Rule::AskOnce, share(Rule::AskOnce)),
        (Rule::Unbind, share(Rule::Unbind)),
    ];
    let sum: f64 = shares.iter().map(|(_, (saves, _))| saves).sum();
    assert!((sum - days(10.0)).abs() < 1e-9, "{shares:?}");
    // The times are whole microseconds, so nothing varies but the last bits.
    for (rule, (saves, [low, high])) in shares {
        assert!(high - low < 1e-9 && low <= saves + 1e-12, "{rule:?}");
    }
}

/// An officer with two exponential steps of the same matter, half an hour each,
/// every two hours a case. Apart, a case queues twice (an M/M/1 with feedback
/// after each half); merged, once, for Erlang-2 service: by Pollaczek and
/// Khinchine 1.75 hours in all.
#[test]
fn a_merged_step_queues_once_and_takes_the_sum() {
    let steps = [
        Step {
            key: "inspect",
            matter: "m0",
            department: "d0",
            reads: "",
            writes: "r2: [paper]",
        },
        Step {
            key: "decide",
            matter: "m0",
            department: "d0",
            reads: ", r2: [paper]",
            writes: "r0: [paper]",
        },
        Step {
            key: "two",
            matter: "m1",
            department: "d1",
            reads: "",
            writes: "r1: [paper]",
        },
    ];
    let workload = "assumed: a test\narrivals: { per_year: 4380 }\nstaff: { d0: { officers: 1 }, d1: { officers: 90 } }\nwork: { inspect: { exponential: { mean: 0.5h } }, decide: { exponential: { mean: 0.5h } }, two: 1min }\n";
    let how = Simulation {
        cases: 3_000,
        replications: 12,
        threads: 2,
        ..Simulation::default()
    };
    let made = simulated(&sources(&steps, workload), how, Prefer::Time);
    assert!(
        kept(&made).contains(&Rule::Compose),
        "{:?}",
        trial(&made).verdicts
    );
    let merged = &made.workload.as_ref().unwrap().merged;
    let (step, parts) = &merged[0];
    assert_eq!(step.as_str(), "inspect-decide");
    let parts: Vec<&str> = parts.iter().map(|part| part.step.as_str()).collect();
    assert_eq!(parts, ["inspect", "decide"]);
    let fall = &trial(&made).waterfall;
    let hours = mean(&fall.after, TIME) * 24.0;
    assert!((hours - 1.75).abs() < 0.06, "{hours}");
    // The work is the same, to the microsecond of each part.
    let work = Quantity::StaffHours;
    let (before, after) = (mean(&fall.before, work), mean(&fall.after, work));
    assert!((before - after).abs() < 1e-6, "{before} {after}");
}

/// Two checks that take an hour each; the first refuses four of five. One
/// after the other, the second department's single officer has time; at once,
/// it works on all that will be refused and drowns in them.
#[test]
fn what_makes_things_worse_is_not_kept() {
    let steps = [
        Step {
            key: "one",
            matter: "m0",
            department: "d0",
            reads: "",
            writes: "r0: [paper]",
        },
        Step {
            key: "two",
            matter: "m1",
            department: "d1",
            reads: "",
            writes: "r1: [paper]",
        },
    ];
    let workload = "assumed: a test\narrivals: { per_year: 6000 }\nstaff: { d0: { officers: 9 }, d1: { officers: 1 } }\nwork: { one: 1h, two: { exponential: { mean: 1.6h } } }\nrefusals: { one: 80% }\n";
    let how = Simulation {
        cases: 400,
        replications: 8,
        ..Simulation::default()
    };
    let sources = sources(&steps, workload);
    let made = simulated(&sources, how, Prefer::Time);
    assert_eq!(kept(&made), [Rule::AskOnce], "{:#?}", trial(&made).verdicts);
    let verdicts = &trial(&made).verdicts;
    let unbind = verdicts
        .iter()
        .find(|verdict| verdict.rule == Rule::Unbind)
        .unwrap();
    assert!(!unbind.kept);
    let work = unbind
        .effects
        .iter()
        .find(|effect| effect.quantity == Quantity::StaffHours);
    let work = work.unwrap();
    assert_eq!((work.role, work.holds), (Role::Guard, false));
    assert!(work.with > work.without + 0.5, "{work:?}");
    let refused = made
        .refused
        .iter()
        .find(|refusal| refusal.rule == Rule::Unbind)
        .unwrap();
    assert!(
        refused.why.en().contains("staff's work"),
        "{}",
        refused.why.en()
    );
    // The proposal is what is left, and so are its figures.
    let rules: Vec<Rule> = trial(&made)
        .waterfall
        .bars
        .iter()
        .map(|bar| bar.rule)
        .collect();
    assert_eq!(rules, kept(&made));
    // By computed figures alone it looks like a gain.
    let folder = Folder::read(sources, "svc");
    let drafting = folder.open().unwrap();
    let by_limits = redesign(&drafting, drafting.old().unwrap(), Options::default()).unwrap();
    assert!(kept(&by_limits).contains(&Rule::Unbind));
}

/// A redesign's simulated figures are those of a comparison with the same seed.
#[test]
fn a_redesign_and_a_study_of_the_same_ways_agree_to_the_bit() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows");
    let folder = Folder::read(load(&root).sources, "open-restaurant");
    let drafting = folder.open().unwrap();
    let how = Simulation {
        cases: 40,
        replications: 4,
        seed: 3,
        threads: 2,
        ..Simulation::default()
    };
    let options = Options {
        simulate: Some(how),
        ..Options::default()
    };
    let made = redesign(&drafting, drafting.old().unwrap(), options).unwrap();
    let pair = Service {
        old: Some(Arc::clone(&made.before)),
        new: Arc::clone(&made.plan),
        workload: made.workload.clone().map(Arc::new),
        declared: Vec::new(),
    };
    let study = Study::new(&pair)
        .cases(40)
        .replications(4)
        .seed(3)
        .run()
        .unwrap();
    let fall = &trial(&made).waterfall;
    for name in FigureName::ALL {
        let figure = study.figure(name, Kind::Simulated).unwrap();
        let at = Quantity::Figure(name).index();
        assert_eq!(
            (fall.before[at], fall.after[at]),
            (figure.before, figure.after),
            "{name}"
        );
    }
    // The same seed gives the same bytes, on one thread as on two.
    let alone = Simulation { threads: 1, ..how };
    let options = Options {
        simulate: Some(alone),
        ..Options::default()
    };
    let again = redesign(&drafting, drafting.old().unwrap(), options).unwrap();
    assert_eq!(made.json().to_string(), again.json().to_string());
    let other = Options {
        simulate: Some(Simulation { seed: 4, ..how }),
        ..Options::default()
    };
    let other = redesign(&drafting, drafting.old().unwrap(), other).unwrap();
    assert_ne!(made.json().to_string(), other.json().to_string());
}

/// Two acceptances of 2 and 3 hours become one. By itself it takes 5, and no
/// work is saved; where the workload says 1, what that saves is told apart.
#[test]
fn one_acceptance_does_the_work_of_all_unless_the_workload_says_otherwise() {
    let steps = [
        Step {
            key: "one",
            matter: "m0",
            department: "d0",
            reads: "",
            writes: "r0: [paper]",
        },
        Step {
            key: "two",
            matter: "m1",
            department: "d1",
            reads: "",
            writes: "r1: [paper]",
        },
    ];
    let made = |stated: &str| {
        let workload = format!(
            "assumed: a test\narrivals: {{ per_year: 100 }}\nstaff: {{ d0: {{ officers: 90 }}, d1: {{ officers: 90 }} }}\nwork: {{ one: 1h, two: 1h, accept-m0: 2h, accept-m1: 3h{stated} }}\n"
        );
        let intake = "{ by: officer, limit: 1wd, asks: { who: [name, id] } }";
        // Where nobody has to walk, two acceptances at once are faster than one
        // after the other: by itself one intake costs time, which is allowed here.
        let how = Simulation {
            margin: 1.0,
            ..small()
        };
        simulated(&sources_with(&steps, &workload, intake), how, Prefer::Time)
    };
    let work = Quantity::StaffHours;
    let hours = |made: &Redesign| {
        let fall = &trial(made).waterfall;
        (mean(&fall.before, work), mean(&fall.after, work))
    };
    let sum = made("");
    let (before, after) = hours(&sum);
    assert!(
        (before - 7.0).abs() < 1e-9 && (after - 7.0).abs() < 1e-9,
        "{before} {after}"
    );
    assert!(
        kept(&sum).contains(&Rule::AskOnce),
        "{:#?}",
        (&sum.refused, &trial(&sum).verdicts)
    );
    assert!(trial(&sum).assumptions.is_empty());
    let parts = &sum.workload.as_ref().unwrap().merged[0].1;
    let matters: Vec<_> = parts
        .iter()
        .filter_map(|part| part.matter.as_ref())
        .collect();
    assert_eq!(matters.len(), 2, "{parts:?}");
    let one = made(", accept: 1h");
    assert!((hours(&one).1 - 3.0).abs() < 1e-9, "{:?}", hours(&one));
    let [assumption] = &trial(&one).assumptions[..] else {
        panic!("{:?}", trial(&one).assumptions)
    };
    assert_eq!(assumption.step.as_str(), "accept");
    let effect = assumption.effects.iter().find(|e| e.quantity == work);
    let effect = effect.unwrap();
    assert!((effect.without - 7.0).abs() < 1e-9 && (effect.with - 3.0).abs() < 1e-9);
    assert!(one.text(Lang::En).contains("Due to this assumption alone"));
}

#[test]
fn what_cannot_be_simulated_is_said() {
    let steps = [
        Step {
            key: "one",
            matter: "m0",
            department: "d0",
            reads: "",
            writes: "r0: [paper]",
        },
        Step {
            key: "two",
            matter: "m1",
            department: "d1",
            reads: "",
            writes: "r1: [paper]",
        },
    ];
    let sources = sources(&steps, "assumed: a test\narrivals: { per_year: 100 }\n");
    let folder = Folder::read(sources, "svc");
    let drafting = folder.open().unwrap();
    let said = |how| {
        let options = Options {
            simulate: Some(how),
            ..Options::default()
        };
        match redesign(&drafting, drafting.old().unwrap(), options) {
            Err(error @ (Error::Study(_) | Error::Margin(_))) => error.to_string(),
            other => panic!("{other:?}"),
        }
    };
    assert!(
        said(Simulation {
            cases: 0,
            ..small()
        })
        .contains("0 cases")
    );
    assert!(
        said(Simulation {
            replications: 1,
            ..small()
        })
        .contains("at least 2")
    );
    assert!(
        said(Simulation {
            confidence: 1.0,
            ..small()
        })
        .contains("between 0 and 1")
    );
}

/// The zone is looked up by the number that the grant gives, so the report would wait for the
/// grant. The lab does not keep that, and what is written says why it asks nobody: a new way
/// that leaves a registry out without a reason passes no check. What follows from the identity
/// number needs no registry.
#[test]
fn registries_that_the_lab_does_not_keep_are_left_out_with_its_reason() {
    let steps = "  grant: { title: Grant, matter: m0, by: officer, reads: { who: [name, born, id] }, writes: { permit: [number] }, limit: 5wd }\n  report: { title: Report, matter: m1, by: officer, reads: { permit: [zone] }, writes: { r: [paper] }, limit: 5wd }\n";
    let service = format!(
        "onething: 1\nservice: svc\nversion: 1.0.0\nlanguage: en\ntitle: T\nowner: d0\ncalendar: round-the-clock\nroles:\n  who: person\n  permit: permit\n  r: made\napplicant: who\nintake: {{ asks: {{}} }}\nmatters:\n  m0: {{ title: M, department: d0 }}\n  m1: {{ title: N, department: d1 }}\nsteps:\n{steps}delivers:\n  - {{ what: r, by: [electronic] }}\n  - {{ what: permit, by: [electronic] }}\n"
    );
    let texts = |more: &[(String, String)]| {
        let own = [
            (
                "departments.yaml",
                "language: en\ndepartments:\n  d0: { title: D }\n  d1: { title: E }\n",
            ),
            (
                "contracts/person.yaml",
                "contract: person\nversion: 1.0.0\nlanguage: en\ntitle: P\nidentified_by: [id]\nfields:\n  id: { title: i, type: identity-number }\n  name: { title: n, type: text }\n  born: { title: b, type: date, sensitivity: personal, derived: { from: id, as: date-of-birth } }\nproviders:\n  - { registry: people, title: People, department: d0, with: [id], gives: [name], basis: law }\ngrants:\n  - { to: d0, fields: all, purpose: p, basis: law }\n",
            ),
            (
                "contracts/permit.yaml",
                "contract: permit\nversion: 1.0.0\nlanguage: en\ntitle: Q\nidentified_by: [number]\nfields:\n  number: { title: n, type: text }\n  zone: { title: z, type: text }\nproviders:\n  - { registry: zones, title: Zones, department: d1, with: [number], gives: [zone], basis: law }\n",
            ),
            (
                "contracts/made.yaml",
                "contract: made\nversion: 1.0.0\nlanguage: en\ntitle: M\nfields:\n  paper: { title: p, type: document }\n",
            ),
            ("svc/service.yaml", &service),
            (
                "svc/before.yaml",
                "before: svc\nlanguage: en\nhandled: together\nfetched: nothing\nbecause: habit\nintake: { asks: {} }\n",
            ),
            (
                "svc/workload.yaml",
                "assumed: a test\narrivals: { per_year: 100 }\nstaff: { d0: { officers: 90 }, d1: { officers: 90 } }\nwork: { grant: 10h, report: 10h }\n",
            ),
        ];
        let own = own.map(|(name, text)| (name.to_owned(), text.to_owned()));
        Arc::new(SourceSet::from_texts(own.into_iter().chain(more.to_vec())))
    };
    let sources = texts(&[]);
    let made = simulated(&sources, small(), Prefer::Time);
    let verdicts = &trial(&made).verdicts;
    let registries = verdicts.iter().find(|one| one.rule == Rule::OnceOnly);
    assert!(!registries.unwrap().kept, "{verdicts:#?}");
    let Registries::Without(left) = &made.design.fetched else {
        panic!("{:?}", made.design.fetched)
    };
    let left: Vec<(&str, &str)> = left
        .iter()
        .map(|(key, why)| (key.as_str(), why.en()))
        .collect();
    let why = "a simulation did not show it to be better than asking the applicant (that it worsens processing time by more than the margin cannot be ruled out)";
    assert_eq!(left, [("people", why), ("zones", why)]);
    let proof = made.applied.iter().find(|of| of.rule == Rule::OnceOnly);
    let refused: Vec<&str> = proof
        .unwrap()
        .refused
        .iter()
        .map(|line| line.text.en())
        .collect();
    assert_eq!(refused, [why]);
    let told = made.refused.iter().any(|one| one.rule == Rule::OnceOnly);
    assert!(!told, "told with the proof of the rule: {:?}", made.refused);

    let folder = Folder::read(Arc::clone(&sources), "svc");
    let drafting = folder.open().unwrap();
    let old = drafting.old().unwrap();
    let files = drafting.folder(
        &"svc2".parse().unwrap(),
        &made.design,
        old,
        made.workload.as_ref(),
    );
    let files = files.unwrap().expect("one application");
    let both = texts(&[
        ("svc2/service.yaml".to_owned(), files.service),
        ("svc2/before.yaml".to_owned(), files.before),
        ("svc2/workload.yaml".to_owned(), files.workload.unwrap()),
    ]);
    let checked = check(Arc::clone(&both), &["svc2".to_owned()], Diagnostics::new());
    let errors: Vec<String> = checked
        .report
        .diagnostics
        .iter()
        .filter(|one| one.severity() == Severity::Error)
        .map(|one| one.message.en().to_owned())
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    // What is promised is what the files come to: the date of birth is not asked.
    let written = Folder::read(both, "svc2");
    let written = written.open().unwrap();
    let fields = Quantity::Figure(FigureName::Fields);
    let fall = &trial(&made).waterfall;
    assert_eq!(
        (mean(&fall.before, fields), mean(&fall.after, fields)),
        (4.0, 3.0)
    );
    let pair = written.service();
    for (plan, expected) in [(pair.old.as_ref().unwrap(), 4.0), (&pair.new, 3.0)] {
        let found = compute(plan, &plan.reference, Basis::Binding, None);
        assert_eq!(found.value(FigureName::Fields), Some(expected));
    }
}
