//! The notice is kept: whatever registries lack and whoever refuses, a case asks its
//! applicant for nothing that the one-time notice did not tell, for nothing twice, and for
//! nothing that nobody who goes on reads; and it comes to its end.

#[path = "guide_data/plans.rs"]
#[allow(
    dead_code,
    reason = "plans with other questions are for notices as data"
)]
mod questions;
#[path = "random/mod.rs"]
mod services;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use onething_definition::compile;
use onething_definition::design::Folder;
use onething_engine::{Blueprint, Case, Command, Opening, StepStatus};
use onething_model::{FieldPath, Lang, Micros, StepKey, Timestamp};
use onething_plan::builder::PlanBuilder;
use onething_plan::random::{self as plans, Dice};
use onething_plan::{
    Actor, Answers, FieldIx, Handled, Plan, Read, Refused, Source, StepIx, SubmissionKind, sample,
};
use onething_redesign::Guide;
use onething_redesign::rewrite::{Options, redesign};

/// What the notice tells.
struct Told {
    /// What the application asks in any case.
    form: BTreeSet<FieldPath>,
    /// What it asks if a registry has nothing.
    fetched: BTreeSet<FieldPath>,
    /// What the applicant states in steps of their own.
    own: BTreeMap<StepKey, BTreeSet<FieldPath>>,
    /// What a later form asks.
    later: BTreeMap<StepKey, BTreeSet<FieldPath>>,
    /// The later forms that come not only where a registry has nothing, but where it cannot
    /// be asked since a step was refused as well.
    after_refusal: BTreeSet<StepKey>,
    /// Whether one form may ask for what several registries lack.
    at_once: bool,
}

fn told(plan: &Plan, answers: &Answers) -> Told {
    let guide = Guide::new(plan, answers);
    let fields = |form: &onething_redesign::guide::FormGuide| -> BTreeSet<FieldPath> {
        let fields = form.fields.iter().chain(&form.materials);
        fields.map(|field| field.field.clone()).collect()
    };
    let confirmed = guide.fetched.iter().filter(|item| item.confirmed);
    Told {
        at_once: guide
            .markdown(Lang::En)
            .contains("you are asked for what both lack at once"),
        form: guide.forms.iter().flat_map(fields).collect(),
        fetched: confirmed
            .flat_map(|item| &item.fields)
            .map(|item| item.field.field.clone())
            .collect(),
        own: guide
            .own_forms
            .iter()
            .map(|form| (form.step.clone(), fields(form)))
            .collect(),
        later: guide
            .later_forms
            .iter()
            .map(|form| (form.step.clone(), fields(form)))
            .collect(),
        after_refusal: guide
            .later_forms
            .iter()
            .filter(|form| {
                let when = form.when.as_ref().map_or("", |when| when.en());
                when.contains("refused or not gone on with")
            })
            .map(|form| form.step.clone())
            .collect(),
    }
}

/// Whether a step still waits or is at work.
fn goes_on(case: &Case, step: StepIx) -> bool {
    matches!(
        case.step(step).status,
        StepStatus::Waiting | StepStatus::Active
    )
}

/// Whether somebody who goes on reads the field, or what follows from it, or a registry is
/// asked with it for somebody who does.
fn is_needed(case: &Case, field: FieldIx) -> bool {
    let plan = case.plan();
    let follows = |read: FieldIx| {
        read == field
            || plan
                .field(read)
                .derived
                .as_ref()
                .is_some_and(|derived| derived.from == field)
    };
    plan.step_numbers().any(|step| {
        goes_on(case, step) && plan.step(step).reads.iter().any(|read| follows(read.field))
    })
}

#[derive(Default, Debug)]
struct Seen {
    cases: usize,
    later_forms: usize,
    later_fields: usize,
    stated: usize,
    missed: usize,
    refused: usize,
    put_on_the_form: usize,
    notices: usize,
    without_a_miss: usize,
    joined: usize,
}

/// The forms of registries that were not asked since the one of this form gave no key, be it by
/// way of others.
fn without_a_key(case: &Case, kind: SubmissionKind) -> Vec<StepIx> {
    let plan = case.plan();
    let (SubmissionKind::Fallback(first), Some(layout)) = (kind, case.layout()) else {
        return Vec::new();
    };
    let mut lacking = vec![first];
    let mut forms = Vec::new();
    for step in plan.step_numbers().filter(|step| *step > first) {
        let Actor::LookUp(item) = &plan.step(step).actor else {
            continue;
        };
        let mut keys = layout.scenario.sources(step).iter();
        let of_lacking = keys
            .any(|(_, source)| matches!(source, Source::LookUp(giver) if lacking.contains(giver)));
        if of_lacking && case.step(step).status == StepStatus::Skipped {
            lacking.push(step);
            forms.extend(item.fallback);
        }
    }
    forms
}

/// Runs a case with misses and refusals, and holds it to what was told.
fn run(plan: &Arc<Plan>, answers: &Answers, dice: &mut Dice, what: &str, seen: &mut Seen) {
    let told = told(plan, answers);
    let given = answers.iter().map(|(q, a)| (q, a.clone())).collect();
    let opening = Opening::new(plan, "key", given, sample::application(plan, answers));
    let path = |field: FieldIx| plan.field(field).path.clone();
    let values = |fields: &[FieldIx]| -> Vec<_> {
        let value = |field: &FieldIx| (*field, sample::value(plan, *field));
        fields.iter().map(value).collect()
    };
    // What was asked of the applicant so far.
    let mut asked: BTreeSet<FieldPath> = opening.values.iter().map(|(f, _)| path(*f)).collect();
    // Apart, the later applications come in their turn, and ask again.
    match plan.handled {
        Handled::Together => assert_eq!(asked, told.form, "{what}: the application"),
        Handled::Apart => assert!(asked.is_subset(&told.form), "{what}: the first application"),
    }
    let (mut out, mut now) = (Vec::new(), Timestamp(0));
    let blueprint = Blueprint::new(plan.clone());
    let mut case = Case::open(&blueprint, Arc::new(opening), now, &mut out);
    seen.cases += 1;
    let (mut missed, mut refused, mut forms) = (0, 0, 0);
    for _ in 0..10 * (plan.steps.len() + 1) {
        let open: Vec<StepIx> = case.outstanding().map(|effect| effect.step).collect();
        if open.is_empty() {
            break;
        }
        now = now + Micros::SECOND;
        let step = open[dice.below(open.len())];
        let item = plan.step(step);
        let correctable: Vec<FieldIx> = case.correctable(step).collect();
        let command = match &item.actor {
            _ if case.step(step).status == StepStatus::Supplement => {
                let fields: Vec<FieldIx> = case.asked(step).iter().map(|a| a.field).collect();
                assert!(!fields.is_empty(), "{what}: a notice of nothing");
                Command::Submit {
                    step,
                    values: values(&fields),
                }
            }
            Actor::Officer
                if !correctable.is_empty() && !case.has_supplemented(step) && dice.chance(10) =>
            {
                seen.notices += 1;
                for field in &correctable {
                    // What all can do without may be asked for only now.
                    let without = |read: &Read| read.field == *field && read.optional;
                    let is_theirs = asked.contains(&path(*field)) || item.reads.iter().any(without);
                    assert!(is_theirs, "{what}: {} was never asked", path(*field));
                }
                Command::RequestSupplement {
                    step,
                    reason: "unclear".into(),
                    fields: correctable,
                }
            }
            Actor::LookUp(_) => {
                let hit = dice.chance(55);
                let had = item.writes.iter().filter(|_| hit && dice.chance(80));
                let had: Vec<FieldIx> = had.copied().collect();
                missed += usize::from(had.len() < item.writes.len());
                Command::AnswerLookUp {
                    step,
                    values: values(&had),
                    valid_since: Vec::new(),
                    hit,
                }
            }
            Actor::Submission(submission) => {
                let fields: Vec<FieldIx> = case.asked(step).iter().map(|a| a.field).collect();
                let names: BTreeSet<FieldPath> = fields.iter().map(|f| path(*f)).collect();
                match submission.kind {
                    SubmissionKind::Application => {
                        let known: BTreeSet<_> = told.form.union(&told.fetched).cloned().collect();
                        assert!(names.is_subset(&known), "{what}: {names:?} of {known:?}");
                        seen.put_on_the_form += names.difference(&told.form).count();
                        asked.extend(names);
                    }
                    SubmissionKind::Fallback(_) => {
                        let form = told.later.get(&item.key);
                        let mut known = form.cloned().unwrap_or_default();
                        // Of registries that could not be asked for want of it as well.
                        for beside in without_a_key(&case, submission.kind) {
                            let form = told.later.get(&plan.step(beside).key);
                            known.extend(form.into_iter().flatten().cloned());
                        }
                        let own = form.is_none_or(|form| names.is_subset(form));
                        seen.joined += usize::from(!own);
                        assert!(own || told.at_once, "{what}: {}", item.key);
                        assert!(
                            names.is_subset(&known),
                            "{what}: {} asks {names:?} of {known:?}",
                            item.key
                        );
                        for field in &fields {
                            assert!(
                                asked.insert(path(*field)) || plan.handled == Handled::Apart,
                                "{what}: {} twice",
                                path(*field)
                            );
                            assert!(
                                is_needed(&case, *field),
                                "{what}: nobody needs {}",
                                path(*field)
                            );
                        }
                        assert!(!fields.is_empty(), "{what}: an empty form");
                        forms += 1;
                        if missed == 0 {
                            seen.without_a_miss += 1;
                            assert!(
                                told.after_refusal.contains(&item.key),
                                "{what}: {} came without a miss",
                                item.key
                            );
                        }
                        seen.later_fields += fields.len();
                    }
                }
                Command::Submit {
                    step,
                    values: values(&fields),
                }
            }
            Actor::Officer | Actor::Outside if dice.chance(12) => {
                refused += 1;
                Command::Refuse {
                    step,
                    round: None,
                    reason: "unfit".into(),
                }
            }
            Actor::System | Actor::Officer | Actor::Applicant | Actor::Outside => {
                // Whoever works has what the work requires.
                for read in item.reads.iter().filter(|read| !read.optional) {
                    let field = read.field;
                    let has = case.datum(field).is_some() || case.follows_from(field).is_some();
                    assert!(has, "{what}: {} without {}", item.key, path(field));
                }
                if matches!(item.actor, Actor::Applicant) {
                    let fields = case.asked(step);
                    let names: BTreeSet<_> = fields.iter().map(|f| path(f.field)).collect();
                    let form = told.own.get(&item.key).cloned().unwrap_or_default();
                    assert_eq!(names, form, "{what}: {}", item.key);
                    seen.stated += names.len();
                    for field in names {
                        let is_first = asked.insert(field.clone());
                        assert!(
                            is_first || plan.handled == Handled::Apart,
                            "{what}: {field} twice"
                        );
                    }
                }
                Command::Complete {
                    step,
                    round: None,
                    values: values(&item.writes),
                }
            }
        };
        out.clear();
        if let Err(rejection) = case.handle(&command, now, &mut out) {
            panic!("{what}: {command:?}: {rejection}");
        }
    }
    assert!(case.status().is_final(), "{what}: {:?}", case.status());
    // Only a refusal keeps work from being done, and only that or a miss asks for more.
    let is_undone = |step: &StepIx| {
        let written = !plan.is_derived(*step);
        written && matches!(case.step(*step).status, StepStatus::Cancelled)
    };
    let undone = plan.step_numbers().find(is_undone);
    assert!(
        refused > 0 || undone.is_none(),
        "{what}: {undone:?} is not done"
    );
    assert!(refused + missed > 0 || forms == 0, "{what}: {forms} forms");
    seen.missed += missed;
    seen.refused += refused;
    seen.later_forms += forms;
}

#[test]
fn a_case_of_a_random_plan_asks_what_the_notice_told() {
    let mut seen = Seen::default();
    for seed in 0..3_000 {
        let plan = Arc::new(plans::plan(seed));
        let mut dice = Dice::new(!seed);
        for turn in 0..3 {
            let answers = plan.complete(&plans::answers(&plan, &mut dice));
            run(
                &plan,
                &answers,
                &mut dice,
                &format!("seed {seed}, {turn}"),
                &mut seen,
            );
        }
    }
    assert!(
        seen.later_fields > 300
            && seen.stated > 300
            && seen.without_a_miss > 10
            && seen.put_on_the_form > 1_000
            && seen.refused > 1_000,
        "{seen:?}"
    );
}

/// Registries after the application, some of which give what others are asked with, and steps of
/// several matters that read what they give.
fn chain(seed: u64) -> Plan {
    let mut dice = Dice::new(seed);
    let mut b = PlanBuilder::new("chain");
    let asked = b.field("asked");
    let matters: Vec<_> = (0..3)
        .map(|at| {
            let refused = [Refused::EndsMatter, Refused::EndsCase][usize::from(dice.chance(10))];
            b.matter(&format!("matter-{at}"), refused)
        })
        .collect();
    let mut known: Vec<FieldIx> = Vec::new();
    let mut given: Vec<FieldIx> = Vec::new();
    for at in 0..6 + dice.below(6) {
        if at == 0 || dice.chance(20) {
            let made = b.result(&format!("made-{at}"));
            // Nobody refuses it: the notice tells what follows of one refusal, not of several.
            let step = b.step(&format!("make-{at}"), Actor::System);
            step.reads(asked).writes(made);
            known.push(made);
        } else if given.is_empty() || dice.chance(45) {
            let key = known[dice.below(known.len())];
            let gives: Vec<FieldIx> = (0..1 + dice.below(3))
                .map(|of| b.field(&format!("given-{at}-{of}")))
                .collect();
            b.late_look_up(&format!("register-{at}"), &[key], &gives);
            known.extend(&gives);
            given.extend(gives);
        } else {
            let mut step = b.step(&format!("read-{at}"), Actor::Officer);
            let mut reads = BTreeSet::new();
            for _ in 0..1 + dice.below(3) {
                reads.insert(given[dice.below(given.len())]);
            }
            for field in reads {
                let optional = dice.chance(20);
                step = step.reads(field).with(|step| {
                    step.reads.last_mut().unwrap().optional = optional;
                });
            }
            step.matter(matters[dice.below(3)]);
        }
    }
    b.weigh_look_ups();
    b.build()
}

#[test]
fn a_chain_of_registries_asks_what_the_notice_told() {
    let mut seen = Seen::default();
    for seed in 0..1_500 {
        let plan = Arc::new(chain(seed));
        let mut dice = Dice::new(!seed);
        for turn in 0..3 {
            let what = format!("seed {seed}, {turn}");
            run(&plan, &plan.reference, &mut dice, &what, &mut seen);
        }
    }
    assert!(seen.joined > 50 && seen.later_forms > 500, "{seen:?}");
}

#[test]
fn a_case_of_a_random_service_asks_what_the_notice_told() {
    let mut seen = Seen::default();
    for seed in 0..400 {
        let sources = services::service(seed);
        let Some(service) = compile(&sources, "svc").service else {
            continue;
        };
        let mut dice = Dice::new(!seed);
        for plan in [Some(&service.new), service.old.as_ref()]
            .into_iter()
            .flatten()
        {
            for answers in questions::some(questions::every_answer(plan), 6, seed) {
                for turn in 0..3 {
                    let what = format!("seed {seed}, {:?}, {answers:?}, {turn}", plan.way);
                    run(plan, &answers, &mut dice, &what, &mut seen);
                }
            }
        }
    }
    assert!(
        seen.later_fields > 50 && seen.notices > 100 && seen.without_a_miss > 0,
        "{seen:?}"
    );
}

/// What is proposed for an old way is run like any other: nobody works without what the work
/// requires, and the notice of the proposal is kept.
#[test]
fn a_case_of_a_proposal_asks_what_its_notice_told() {
    let mut seen = Seen::default();
    let mut proposals = 0;
    for seed in 0..120 {
        let sources = services::service_with_work(seed);
        let folder = Folder::read(Arc::new(sources), "svc");
        let Ok(drafting) = folder.open() else {
            continue;
        };
        let Some(old) = drafting.old() else {
            continue;
        };
        let Ok(made) = redesign(&drafting, old, Options::default()) else {
            continue;
        };
        proposals += 1;
        let mut dice = Dice::new(!seed);
        for answers in questions::some(questions::every_answer(&made.plan), 4, seed) {
            for turn in 0..3 {
                let what = format!("seed {seed}, proposed, {answers:?}, {turn}");
                run(&made.plan, &answers, &mut dice, &what, &mut seen);
            }
        }
    }
    assert!(
        proposals > 50 && seen.refused > 500,
        "{proposals}, {seen:?}"
    );
}
