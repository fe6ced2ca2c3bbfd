//! A proposal written as a service of its own: it passes the checks, its old
//! way is the one that there was, and both ways come to the promised figures.

mod random;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use onething_definition::classes::classes;
use onething_definition::design::{Design, Drafting, Files, Folder, OrderKind, Reasons};
use onething_definition::diagnostic::{Code, Diagnostics, Rendering, Report, Severity};
use onething_definition::{SourceSet, check, load};
use onething_measure::FigureName;
use onething_measure::computed::{Basis, compute, computed};
use onething_model::Lang;
use onething_plan::workload::Workload;
use onething_plan::{Answers, Plan};
use onething_redesign::rewrite::{Options, Redesign, redesign};

const SHIPPED: [&str; 3] = ["open-restaurant", "newborn", "enterprise-deregister"];
const NAME: &str = "proposed";

fn shipped() -> Arc<SourceSet> {
    load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows")).sources
}

fn figures(plan: &Arc<Plan>, answers: &Answers, load: Option<&Workload>) -> Vec<Option<f64>> {
    let computed = compute(plan, answers, Basis::Binding, load);
    FigureName::ALL.map(|name| computed.value(name)).to_vec()
}

fn proposed(drafting: &Drafting<'_>) -> Redesign {
    redesign(drafting, drafting.old().unwrap(), Options::default()).unwrap()
}

/// The sources with a folder of their own for the files.
fn beside(sources: &SourceSet, files: &Files) -> Arc<SourceSet> {
    let others = sources
        .iter()
        .map(|(_, file)| (file.path().to_owned(), file.text().to_owned()));
    let own = [
        ("service", Some(&files.service)),
        ("before", Some(&files.before)),
        ("workload", files.workload.as_ref()),
    ];
    let own = own
        .into_iter()
        .filter_map(|(name, text)| Some((format!("{NAME}/{name}.yaml"), text?.clone())));
    Arc::new(SourceSet::from_texts(others.chain(own)))
}

/// Messages of one service, by severity; a position and a name differ.
fn messages(sources: &Arc<SourceSet>, folder: &str) -> (String, BTreeSet<String>) {
    let folders = [folder.to_owned()];
    let checked = check(Arc::clone(sources), &folders, Diagnostics::new());
    let report: Report = checked.report;
    let codes = report
        .diagnostics
        .iter()
        .filter(|one| one.severity() != Severity::Error)
        .map(|one| one.code.to_string())
        .collect();
    let rendering = Rendering {
        lang: Lang::En,
        colour: false,
    };
    let errors = if report.errors() > 0 {
        report.render(rendering)
    } else {
        String::new()
    };
    (errors, codes)
}

/// A design without what may differ when it is told over other steps: the
/// order of lists, and why a step is told as it is.
fn plain(design: &Design) -> Design {
    let mut design = design.clone();
    design.reasons = Reasons::default();
    design.joint_inspections.clear();
    for step in &mut design.steps {
        step.reads.sort_by(|one, other| one.field.cmp(&other.field));
        step.writes.sort();
        step.separate_from.sort();
        step.separate_from.dedup();
        step.reason = Default::default();
        for order in &mut step.after {
            // The reason of a law's order is its basis.
            if order.kind == OrderKind::Law && order.basis.is_none() {
                order.basis = Some(order.because.zh().to_owned());
            }
        }
        step.after.sort_by(|one, other| {
            let key = |order: &onething_definition::design::Order| {
                (order.step.clone(), order.because.zh().to_owned())
            };
            key(one).cmp(&key(other))
        });
        step.after.dedup();
    }
    design.steps.sort_by(|one, other| one.key.cmp(&other.key));
    for intake in &mut design.intakes {
        intake
            .asks
            .sort_by(|one, other| one.field.cmp(&other.field));
    }
    design
}

/// A design as text, with questions by name: their numbers differ where one is left out.
fn told(design: &Design, plan: &Plan) -> String {
    let mut text = format!("{design:#?}");
    for (at, question) in plan.questions.iter().enumerate() {
        text = text.replace(&format!("QuestionIx#{at},"), question.key.as_str());
    }
    text
}

/// Fails at the first line that differs.
#[track_caller]
fn same((one, of_one): (&Design, &Plan), (other, of_other): (&Design, &Plan), what: &str) {
    let (one, other) = (told(one, of_one), told(other, of_other));
    let differs = one
        .lines()
        .zip(other.lines())
        .position(|(one, other)| one != other);
    if let Some(at) = differs {
        let around = |text: &str| -> String {
            let lines = text.lines().skip(at.saturating_sub(30)).take(34);
            lines.collect::<Vec<&str>>().join("\n")
        };
        panic!("{what}\n{}\ninstead of\n{}", around(&one), around(&other));
    }
    assert_eq!(one.lines().count(), other.lines().count(), "{what}");
}

/// Answers of another plan by the names of questions, else its reference.
fn translated(answers: &Answers, from: &Plan, to: &Plan) -> Answers {
    let mut made = to.reference.clone();
    for (at, question) in to.questions.iter().enumerate() {
        let Some(known) = from.find_question(question.key.as_str()) else {
            continue;
        };
        made.set(
            onething_plan::QuestionIx::at(at),
            answers.get(known).cloned(),
        );
    }
    made
}

/// Everything that a written proposal promises; false where it cannot be written.
fn stands(sources: &Arc<SourceSet>, service: &str, drafting: &Drafting<'_>, what: &str) -> bool {
    let (made, old) = (proposed(drafting), drafting.old().unwrap());
    let name = NAME.parse().unwrap();
    let Some(files) = drafting
        .folder(&name, &made.design, old, made.workload.as_ref())
        .unwrap()
    else {
        return false;
    };
    let all = beside(sources, &files);
    let (errors, warnings) = messages(&all, NAME);
    let shown = || format!("{what}\n{}\n{}", files.service, files.before);
    assert_eq!(errors, "", "{}", shown());
    let (_, known) = messages(sources, service);
    // What the old way was exempt from, a step of the old way that stays is not.
    let of_old = [Code::MadeByNobody, Code::AskedBesideMade].map(|code| code.to_string());
    let new = warnings
        .difference(&known)
        .filter(|code| !of_old.contains(code));
    let new: Vec<&String> = new.collect();
    assert!(new.is_empty(), "{new:?}\n{}", shown());
    let folder = Folder::read(Arc::clone(&all), NAME);
    let again = folder.open().unwrap();
    let service = again.service();
    let (then, now) = (plain(again.old().unwrap()), plain(old));
    same((&then, &service.new), (&now, &made.plan), &shown());
    let load = drafting.service().workload.as_deref();
    let then = service.old.as_ref().unwrap();
    // Whose work a merged step does, as the figures of the simulation have it.
    let merged = made.workload.as_ref().map(|workload| &workload.merged);
    assert_eq!(
        service.workload.as_ref().map(|load| &load.merged),
        merged,
        "{}",
        shown()
    );
    let (was, is) = (&made.before, &made.plan);
    for answers in &classes(then).answers {
        let theirs = translated(answers, then, was);
        let fitted = service.workload.as_deref();
        assert_eq!(
            figures(then, answers, fitted),
            figures(was, &theirs, load),
            "{}",
            shown()
        );
        let theirs = translated(answers, then, is);
        assert_eq!(
            figures(&service.new, answers, fitted),
            figures(is, &theirs, load),
            "{}",
            shown()
        );
    }
    // What was promised, as a comparison of the two ways tells it.
    for figure in computed(service) {
        let at = made.waterfall.figures.iter();
        let mut at = at.enumerate();
        let (at, _) = at
            .find(|(_, quantity)| quantity.as_str() == figure.name.as_str())
            .unwrap();
        assert_eq!(figure.before, made.waterfall.before[at], "{}", shown());
        assert_eq!(figure.after, made.waterfall.after[at], "{}", shown());
    }
    true
}

#[test]
fn shipped_services_stand_beside_their_proposals() {
    let sources = shipped();
    for service in SHIPPED {
        let folder = Folder::read(Arc::clone(&sources), service);
        let drafting = folder.open().unwrap();
        assert!(stands(&sources, service, &drafting, service), "{service}");
    }
}

/// What `redesign -o` writes is handed on as it is: nobody has to mend it first.
#[test]
fn what_is_proposed_for_the_shipped_services_passes_without_a_warning() {
    let sources = shipped();
    for service in SHIPPED {
        let folder = Folder::read(Arc::clone(&sources), service);
        let drafting = folder.open().unwrap();
        let (made, old) = (proposed(&drafting), drafting.old().unwrap());
        let name = NAME.parse().unwrap();
        let files = drafting
            .folder(&name, &made.design, old, made.workload.as_ref())
            .unwrap()
            .unwrap();
        let all = beside(&sources, &files);
        let checked = check(Arc::clone(&all), &[NAME.to_owned()], Diagnostics::new());
        let rendering = Rendering {
            lang: Lang::En,
            colour: false,
        };
        let report = checked.report;
        assert!(
            report.diagnostics.is_empty(),
            "{service}\n{}\n{}\n{}",
            report.render(rendering),
            files.service,
            files.before
        );
    }
}

#[test]
fn random_services_stand_beside_their_proposals() {
    let (mut done, mut whole) = (0, 0);
    for seed in 0..150 {
        let sources = Arc::new(random::service(seed));
        let folder = Folder::read(Arc::clone(&sources), "svc");
        let Ok(drafting) = folder.open() else {
            continue;
        };
        let what = format!("seed {seed}");
        if stands(&sources, "svc", &drafting, &what) {
            done += 1;
            let made = proposed(&drafting);
            let name = NAME.parse().unwrap();
            let files = drafting.folder(&name, &made.design, drafting.old().unwrap(), None);
            whole += usize::from(files.unwrap().unwrap().before.contains("whole: yes"));
        }
    }
    assert!(done >= 80, "only {done} proposals could be written");
    assert!(whole >= 5, "only {whole} describe a step whole");
}

/// A service of one matter, whose first result does not wait for what comes after it.
const ONE_MATTER: [(&str, &str); 5] = [
    (
        "departments.yaml",
        "departments: { d: { title: D }, e: { title: E } }\n",
    ),
    (
        "contracts/person.yaml",
        "contract: person
version: 1.0.0
title: Person
identified_by: [id]
fields: { id: { title: Id, type: text }, name: { title: Name, type: text }, town: { title: Town, type: text } }
providers:
  - { registry: people, department: d, with: [id], gives: [name, town], basis: law }
",
    ),
    (
        "contracts/made.yaml",
        "contract: made\nversion: 1.0.0\ntitle: Made\nfields: { number: { title: Number, type: text } }\n",
    ),
    (
        "svc/service.yaml",
        "onething: 1
service: svc
version: 1.0.0
title: Service
owner: d
calendar: round-the-clock
roles: { who: person, r: made, s: made }
applicant: who
matters:
  m: { title: M, department: e }
steps:
  one: { title: One, matter: m, by: officer, reads: { who: [name, town] }, writes: { r: [number] }, limit: 1wd }
  two: { title: Two, matter: m, by: officer, reads: { who: [name], r: [number] }, limit: 4wd, legal_effect: yes }
delivers:
  - { what: r, by: [electronic] }
",
    ),
    (
        "svc/before.yaml",
        "before: svc
handled: apart
fetched: nothing
walk: [m]
because: habit
intake: { visits: 1, asks: { who: [id, name] } }
",
    ),
];

/// One application is one case in the proposal as well: its results come together, and
/// the figures are those of a comparison with what is written.
#[test]
fn a_service_of_one_matter_stands_beside_its_proposal() {
    for (what, intake, new) in [
        ("handed in to the matter's owner", "", "department: e"),
        ("to another department", ", department: d", "department: d"),
        ("accepted", ", by: officer, limit: 2wd", "department: e"),
    ] {
        let change = |text: &str| text.replace("id, name] }", &format!("id, name] }}{intake}"));
        let texts = ONE_MATTER.map(|(path, text)| (path, change(text)));
        let sources = Arc::new(SourceSet::from_texts(texts));
        let folder = Folder::read(Arc::clone(&sources), "svc");
        let drafting = folder.open().unwrap();
        let made = proposed(&drafting);
        assert_eq!(made.refused, [], "{what}");
        assert_eq!(
            made.plan.handled,
            onething_plan::Handled::Together,
            "{what}"
        );
        assert!(stands(&sources, "svc", &drafting, what), "{what}");
        let written = drafting.service_yaml(&made.design).unwrap();
        let intake = &written[written.find("intake:").unwrap()..];
        let intake = &intake[..intake.find("matters:").unwrap()];
        assert!(intake.contains(new), "{what}\n{intake}");
        // Asked: the number alone, for the name and the town.
        let at = |name: FigureName| onething_redesign::rewrite::Quantity::Figure(name).index();
        let fields = at(FigureName::Fields);
        assert_eq!(made.waterfall.before[fields], Some(3.0), "{what}");
        assert_eq!(made.waterfall.after[fields], Some(1.0), "{what}");
        // The result was there before the second step was done, and does not wait for it now.
        let time = at(FigureName::ProcessingTime);
        let waits = made.waterfall.bars.iter().map(|bar| bar.saves[time]);
        let waits = waits.sum::<Option<f64>>().unwrap();
        assert!(waits.abs() < 1e-9, "{what}: {waits}");
    }
}

/// A role that no step names is left out of what is written, and with it the registries in which
/// nobody but it is looked up: by their names the files would not pass the checks.
#[test]
fn a_registry_of_nobody_who_is_left_is_not_named() {
    const FIRM: &str = "contract: firm
version: 1.0.0
title: Firm
identified_by: [code]
fields: { code: { title: Code, type: text }, seat: { title: Seat, type: text } }
providers:
  - { registry: firms, department: d, with: [code], gives: [seat], basis: law }
";
    for (fetched, written) in [
        ("[people, firms]", "fetched: [people]\n"),
        ("[firms]", "fetched: []\n"),
        ("{ without: { firms: Closed } }", "fetched: everything\n"),
        (
            "{ without: { people: Closed, firms: Closed } }",
            "fetched: { without: { people: { zh: Closed } } }\n",
        ),
    ] {
        let texts = ONE_MATTER.map(|(path, text)| {
            let text = text.replace("roles: { who: person,", "roles: { who: person, firm: firm,");
            (path, text.replace("nothing", fetched))
        });
        let firm = [("contracts/firm.yaml", FIRM.to_owned())];
        let sources = Arc::new(SourceSet::from_texts(texts.into_iter().chain(firm)));
        let folder = Folder::read(Arc::clone(&sources), "svc");
        let drafting = folder.open().unwrap();
        let (made, old) = (proposed(&drafting), drafting.old().unwrap());
        let name = NAME.parse().unwrap();
        let files = drafting.folder(&name, &made.design, old, None);
        let files = files.unwrap().unwrap();
        assert!(files.before.contains(written), "{}", files.before);
        let (errors, _) = messages(&beside(&sources, &files), NAME);
        assert_eq!(errors, "", "{fetched}\n{}", files.before);
    }
}

/// What the old way took longer than the law allows by now is kept as it was, the law of today
/// aside: what is written passes the checks, and the limits to be rewritten are told.
#[test]
fn an_old_limit_longer_than_the_law_of_today_stands_beside_its_proposal() {
    const STEP: &str = "the step `one` keeps the limit of the old way, 15wd, which is longer than the 10wd that the law allows now: rewrite its `limit` before the proposal is put to use";
    const MATTER: &str = "the matter `m` keeps the limit of the old way, 30wd, which is longer than the 20wd that the law allows now: rewrite its `limit` before the proposal is put to use";
    const DAYS: &str = "the step `one` keeps the limit of the old way, 15d, which cannot be compared with the 10wd that the law allows now: rewrite its `limit` before the proposal is put to use";
    for (before, told, time) in [
        ("", &[][..], 5.0),
        ("steps: { one: { limit: 10wd, source: x } }\n", &[], 10.0),
        (
            "steps: { one: { limit: 15wd, source: x } }\n",
            &[STEP],
            15.0,
        ),
        (
            "steps: { one: { limit: { statutory: 20wd, promised: 15wd, basis: old law }, source: x } }\n",
            &[STEP],
            15.0,
        ),
        ("steps: { one: { limit: 15d, source: x } }\n", &[DAYS], 15.0),
        (
            "matters: { m: { limit: 30wd, source: x } }\n",
            &[MATTER],
            5.0,
        ),
    ] {
        let texts = ONE_MATTER.map(|(path, text)| {
            let text = text.replace(
                "limit: 1wd",
                "limit: { statutory: 10wd, promised: 5wd, basis: law }",
            );
            let text = text.replace(
                "title: M, department: e",
                "title: M, department: e, limit: { statutory: 20wd, promised: 5wd, basis: law }",
            );
            let more = if path == "svc/before.yaml" {
                before
            } else {
                ""
            };
            (path, text + more)
        });
        let sources = Arc::new(SourceSet::from_texts(texts));
        let folder = Folder::read(Arc::clone(&sources), "svc");
        let drafting = folder.open().unwrap();
        let made = proposed(&drafting);
        let left_out: Vec<&str> = made.left_out.iter().map(|text| text.en()).collect();
        assert_eq!(left_out, told, "{before}");
        assert!(stands(&sources, "svc", &drafting, before), "{before}");
        let one = made.plan.find_step("one").unwrap();
        let kept = made.plan.step(one).limit.binding().unwrap();
        assert_eq!(
            kept.to_string().trim_end_matches(['w', 'd']),
            time.to_string()
        );
    }
}

/// What both were before is held to itself: nobody may promise more than the law allowed then.
#[test]
fn an_old_promise_longer_than_the_law_of_then_is_told_where_it_is_written() {
    for wrong in [
        "steps: { one: { limit: { statutory: 10wd, promised: 15wd, basis: old law }, source: x } }\n",
        "matters: { m: { limit: { statutory: 10wd, promised: 15wd, basis: old law }, source: x } }\n",
    ] {
        let texts = ONE_MATTER.map(|(path, text)| {
            let more = if path == "svc/before.yaml" { wrong } else { "" };
            (path, text.to_owned() + more)
        });
        let (errors, _) = messages(&Arc::new(SourceSet::from_texts(texts)), "svc");
        for part in [
            "D0501",
            "svc/before.yaml",
            "promise at most what the law allows",
        ] {
            assert!(errors.contains(part), "{errors}");
        }
    }
}

/// A matter on which the old way worked in no step was not applied for: the proposal is one
/// application for the others, which is written without it.
#[test]
fn a_matter_that_the_old_way_leaves_out_is_not_written() {
    let service = |text: &str| {
        let text = text.replace(
            "  m: { title: M, department: e }\n",
            "  n: { title: N, department: d, when: q }\n  m: { title: M, department: e }\n",
        );
        let text = text.replace(
            "delivers:",
            "  three: { title: Three, matter: n, by: officer, reads: { who: [town] }, limit: 1wd }\ndelivers:",
        );
        text.replace(
            "matters:",
            "questions: { q: { ask: Q, type: yes-no } }\nreference: { q: yes }\nmatters:",
        )
    };
    let before = |text: &str, without: &str| {
        let text = text.replace("walk: [m]", "walk: [n, m]");
        let accepts = text.replace("visits: 1", "visits: 1, by: officer, limit: 1wd");
        accepts + without
    };
    let open = |without: &str, look: &dyn Fn(&Arc<SourceSet>, &Drafting<'_>)| {
        let texts = ONE_MATTER.map(|(path, text)| match path {
            "svc/service.yaml" => (path, service(text)),
            "svc/before.yaml" => (path, before(text, without)),
            _ => (path, text.to_owned()),
        });
        let sources = Arc::new(SourceSet::from_texts(texts));
        let folder = Folder::read(Arc::clone(&sources), "svc");
        look(&sources, &folder.open().unwrap());
    };
    open("", &|sources, drafting| {
        assert_eq!(drafting.old().unwrap().intakes.len(), 2);
        assert!(stands(sources, "svc", drafting, "both matters"));
    });
    open("without: [three]\n", &|sources, drafting| {
        let (made, old) = (proposed(drafting), drafting.old().unwrap());
        assert_eq!((old.intakes.len(), made.not_one()), (1, None));
        let name = NAME.parse().unwrap();
        let files = drafting.folder(&name, &made.design, old, None);
        let files = files.unwrap().unwrap();
        let all = beside(sources, &files);
        assert_eq!(messages(&all, NAME).0, "", "{}", files.service);
        let left_out: Vec<&str> = files.left_out.iter().map(|text| text.en()).collect();
        assert!(left_out[1].ends_with("with its steps: `n`"), "{left_out:?}");
        // What tells who has the matter is not asked either.
        assert!(left_out[2].ends_with("any more: `q`"), "{left_out:?}");
        let folder = Folder::read(all, NAME);
        let again = folder.open().unwrap();
        let submissions = computed(again.service())
            .into_iter()
            .find(|figure| figure.name == FigureName::Submissions)
            .unwrap();
        let (before, after) = (submissions.before, submissions.after);
        assert_eq!((before, after), (Some(1.0), Some(1.0)));
    });
    let none = "without: [one, two, three]\ndelivers: []\n";
    open(none, &|_, drafting| {
        let (why, _) = proposed(drafting).not_one().unwrap();
        assert!(why.en().contains("has no step"), "{}", why.en());
    });
}

/// The old way told over the new way of `service.yaml` is the old way.
#[test]
fn the_old_way_is_told_over_the_new_one() {
    let texts = (0..100).map(|seed| (Arc::new(random::service(seed)), "svc"));
    let sources = shipped();
    let all = SHIPPED.map(|service| (Arc::clone(&sources), service));
    let mut done = 0;
    for (sources, service) in all.into_iter().chain(texts) {
        let folder = Folder::read(Arc::clone(&sources), service);
        let Ok(drafting) = folder.open() else {
            continue;
        };
        let name = NAME.parse().unwrap();
        let old = drafting.old().unwrap();
        let files = drafting
            .folder(&name, drafting.new_way(), old, None)
            .unwrap();
        let all = beside(&sources, &files.unwrap());
        let folder = Folder::read(all, NAME);
        let again = folder.open().unwrap();
        let plans = (&*again.service().new, &*drafting.service().new);
        let (then, now) = (plain(again.old().unwrap()), plain(old));
        same((&then, plans.0), (&now, plans.1), service);
        let (then, now) = (again.new_way(), drafting.new_way());
        same((then, plans.0), (now, plans.1), service);
        done += 1;
    }
    assert!(done > 60, "{done}");
}
