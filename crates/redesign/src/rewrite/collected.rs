//! What R1 finds collected twice, and the trips that it spares, told for whom that is so.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use onething_model::{FieldPath, Text};
use onething_plan::{Outline, Plan, StepIx};

use super::Ground;
use super::ask_once::in_trips;
use super::for_whom::{Applicants, Claim, What, by_scope, range};
use super::forms::Forms;
use super::kept::Way;
use super::proof::{Line, Proof, fields_in_words};
use crate::words::many;

/// Has the proof of R1 say what is collected too often: on several forms of one applicant, or on
/// one although it is looked up for another. Nothing else is a reason to join them but that
/// several ask for it of whom nobody hands in two.
pub(super) fn told_by(ground: &Ground<'_>, way: Way<'_>, forms: &Forms<'_>, proof: &mut Proof) {
    let all = Applicants::of([way, way]);
    let each: Vec<Collected> = all
        .answers
        .iter()
        .map(|answers| Collected::of(way.plan, way.outlines.of(way.plan, answers)))
        .collect();
    let claims = |what: fn(FieldPath) -> What, of: fn(&Collected) -> &BTreeMap<FieldPath, u64>| {
        let fields: BTreeSet<&FieldPath> = each.iter().flat_map(|one| of(one).keys()).collect();
        let claims = fields.into_iter().filter_map(|field| {
            let scope = all.scope(|at, _| of(&each[at]).contains_key(field))?;
            Some((what(field.clone()), scope))
        });
        let claims = claims.map(|(what, scope)| Claim { what, scope });
        claims.collect::<Vec<Claim>>()
    };
    let twice = claims(What::Twice, |one| &one.repeats);
    for (scope, claims) in by_scope(&twice) {
        let fields = fields_of(&claims);
        let counted = |of: &dyn Fn(&Collected) -> u64| range(scope.at().map(|at| of(&each[at])));
        let applications = counted(&|one| one.applications);
        let repeats = counted(&|one| {
            let repeats = fields.iter().filter_map(|field| one.repeats.get(field));
            repeats.sum()
        });
        let (count, words) = (fields.len(), fields_in_words(ground.setting, &fields));
        let of = scope.told();
        proof.checked(
            Line::new(
                format!(
                    "{} 份申请中有 {count} 项被收集两次以上（多收 {} 次）{}：{}",
                    applications.zh(),
                    repeats.zh(),
                    of.zh(),
                    words.zh()
                ),
                format!(
                    "of {} applications, {} collected twice or more ({} too often){}: {}",
                    applications.en(),
                    many(count, "field is", "fields are"),
                    many(repeats.en(), "time", "times"),
                    of.en(),
                    words.en()
                ),
            )
            .fields(fields),
        );
    }
    let fetched = claims(What::AskedThoughFetched, |one| &one.though_fetched);
    for (scope, claims) in by_scope(&fetched) {
        let fields = fields_of(&claims);
        let words = fields_in_words(ground.setting, &fields);
        let of = scope.told();
        proof.checked(
            Line::new(
                format!(
                    "一份申请要求填写、另一份申请由系统查询{}：{}",
                    of.zh(),
                    words.zh()
                ),
                format!(
                    "asked on one application and looked up for another{}: {}",
                    of.en(),
                    words.en()
                ),
            )
            .fields(fields),
        );
    }
    let told: BTreeSet<&FieldPath> = twice
        .iter()
        .chain(&fetched)
        .filter_map(|claim| claim.what.field())
        .collect();
    let apart: Vec<FieldPath> = on_several(forms)
        .into_iter()
        .filter(|field| !told.contains(field))
        .cloned()
        .collect();
    if !apart.is_empty() {
        let words = fields_in_words(ground.setting, &apart);
        proof.checked(
            Line::new(
                format!(
                    "几份申请都要求填写或者查询，但同一申请人只会递交其中一份：{}",
                    words.zh()
                ),
                format!(
                    "asked on or looked up for several applications, of which nobody hands in more than one that does: {}",
                    words.en()
                ),
            )
            .fields(apart),
        );
    }
    proof.claims.extend(twice);
    proof.claims.extend(fetched);
}

/// What several forms ask, or one though it is looked up for another, whoever hands them in.
pub(super) fn on_several<'a>(forms: &Forms<'a>) -> BTreeSet<&'a FieldPath> {
    let mut once = BTreeSet::new();
    let all = forms.of.values().flatten().copied();
    let mut several: BTreeSet<&FieldPath> = all.filter(|field| !once.insert(*field)).collect();
    several.extend(forms.asked_though_fetched());
    several
}

pub(super) fn fields_of(claims: &[&Claim]) -> Vec<FieldPath> {
    let fields = claims.iter().filter_map(|claim| claim.what.field());
    fields.cloned().collect()
}

/// What one applicant is asked too often.
struct Collected {
    applications: u64,
    /// How often more than once.
    repeats: BTreeMap<FieldPath, u64>,
    /// On how many forms though it is looked up for another application.
    though_fetched: BTreeMap<FieldPath, u64>,
}

impl Collected {
    fn of(plan: &Plan, outline: Rc<Outline>) -> Self {
        let open = plan.applications().filter(|form| outline.is_active(*form));
        let open: Vec<StepIx> = open.collect();
        let mut asked: BTreeMap<usize, BTreeSet<StepIx>> = BTreeMap::new();
        for application in &open {
            for field in outline.form(*application) {
                let by = asked.entry(field.field.index()).or_default();
                by.insert(*application);
            }
        }
        let mut fetched: BTreeMap<usize, BTreeSet<StepIx>> = BTreeMap::new();
        for step in outline.steps() {
            for (field, source) in outline.sources(step) {
                if matches!(source, onething_plan::Source::LookUp(_)) {
                    let of = fetched.entry(field.index()).or_default();
                    of.insert(plan.step(step).scope);
                }
            }
        }
        let (mut repeats, mut though_fetched) = (BTreeMap::new(), BTreeMap::new());
        for (field, by) in asked {
            let path = &plan.fields[field].path;
            if by.len() > 1 {
                repeats.insert(path.clone(), by.len() as u64 - 1);
            }
            let others = fetched.get(&field).into_iter().flatten();
            let others: BTreeSet<&StepIx> = others.collect();
            let is_fetched_for_another = |form: &&StepIx| others.iter().any(|of| of != form);
            let count = by.iter().filter(is_fetched_for_another).count() as u64;
            if count > 0 {
                though_fetched.insert(path.clone(), count);
            }
        }
        Self {
            applications: open.len() as u64,
            repeats,
            though_fetched,
        }
    }
}

/// Has the proof of R1 say how many trips less handing in costs.
pub(super) fn trips_told_by(was: Way<'_>, is: Way<'_>, proof: &mut Proof) {
    let all = Applicants::of([was, is]);
    let trips = |way: Way<'_>| -> Vec<u64> {
        let each = all.answers.iter().map(|answers| {
            let outline = way.outlines.of(way.plan, answers);
            let open = way.plan.applications();
            let open = open.filter(|form| outline.is_active(*form));
            open.map(|form| u64::from(way.plan.step(form).visits)).sum()
        });
        each.collect()
    };
    let (then, now) = (trips(was), trips(is));
    let Some(scope) = all.scope(|at, _| now[at] < then[at]) else {
        return;
    };
    let then = range(scope.at().map(|at| then[at]));
    let now_told = range(scope.at().map(|at| now[at]));
    let of: &Text = scope.told();
    proof.changed(Line::new(
        format!(
            "递交申请从共跑 {} 次减为 {} 次{}",
            then.zh(),
            now_told.zh(),
            of.zh()
        ),
        format!(
            "handing in costs {} instead of {} in all{}",
            in_trips(now_told.en()),
            then.en(),
            of.en()
        ),
    ));
    proof.claims.push(Claim {
        what: What::Trips,
        scope,
    });
}
