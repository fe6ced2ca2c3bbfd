//! What one class of answers comes to: what is made, what is asked, what comes
//! before what.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use onething_definition::classes::classes_of;
use onething_model::{FieldPath, Text};
use onething_plan::{Answers, FieldIx, Outline, Plan, Scenario, Source, StepIx};

use super::Way;
use super::stated::{Lasting, disordered, ineffective};

/// Of each field of the later plan, which one it was; classes of answers are many, and
/// fields by number are compared without their names.
pub(in crate::rewrite) struct Fields {
    pub(in crate::rewrite) was: Vec<Option<FieldIx>>,
    /// The other way round.
    pub(in crate::rewrite) is: Vec<Option<FieldIx>>,
}

impl Fields {
    pub(in crate::rewrite) fn of(was: &Plan, is: &Plan) -> Self {
        let mut all = Self {
            was: vec![None; is.fields.len()],
            is: vec![None; was.fields.len()],
        };
        let paths = was.fields.iter().map(|field| &field.path);
        let by_path: BTreeMap<&FieldPath, usize> = paths.zip(0..).collect();
        for (now, field) in is.fields.iter().enumerate() {
            if let Some(then) = by_path.get(&field.path) {
                all.was[now] = Some(FieldIx::at(*then));
                all.is[*then] = Some(FieldIx::at(now));
            }
        }
        all
    }
}

/// What may be asked though it was not asked before.
pub(super) struct Free<'a> {
    /// What was asked for in these answers at first, by field of the later plan: seldom wanted.
    pub(super) asked_at_first: &'a dyn Fn() -> Vec<bool>,
    /// Keys by which registries are asked instead of the applicant.
    pub(super) for_look_ups: &'a BTreeSet<FieldPath>,
    /// Whether what was found by something that is asked no more may be asked in its place.
    pub(super) in_place_of_keys: bool,
}

/// What a way asks for in these answers, by field of a later plan.
pub(super) fn asked_at(way: Way<'_>, fields: &Fields, answers: &Answers) -> Vec<bool> {
    let seen = Seen::at(way, answers);
    let of = |was: &Option<FieldIx>| was.is_some_and(|was| seen.asked[was.index()] > 0);
    fields.was.iter().map(of).collect()
}

/// What forms ask in some class of answers in which no form asked for it, since it was made, looked
/// up or derived.
pub(in crate::rewrite) fn asked_anew(was: Way<'_>, is: Way<'_>) -> BTreeSet<FieldPath> {
    let fields = Fields::of(was.plan, is.plan);
    let (mut found, mut compared) = (vec![false; is.plan.fields.len()], BTreeSet::new());
    for answers in &classes_of([was.plan, is.plan]).answers {
        if !compared.insert([was.plan, is.plan].map(|plan| Scenario::key(plan, answers))) {
            continue;
        }
        let (then, now) = (Seen::at(was, answers), Seen::at(is, answers));
        for (found, (asked, was)) in found.iter_mut().zip(now.asked.iter().zip(&fields.was)) {
            *found |= *asked > 0
                && was.is_some_and(|was| then.asked[was.index()] == 0 && then.known[was.index()]);
        }
    }
    let found = found.into_iter().zip(&is.plan.fields);
    let found = found.filter(|(found, _)| *found);
    found.map(|(_, field)| field.path.clone()).collect()
}

/// What is worse for these answers.
pub(super) fn worsened(
    was: Way<'_>,
    is: Way<'_>,
    answers: &Answers,
    (fields, lasting): (&Fields, &Lasting<'_>),
    free: &Free<'_>,
) -> Option<Text> {
    let then = Seen::at(was, answers);
    let now = Seen::at(is, answers);
    unmade(&then, &now, fields)
        .or_else(|| ineffectual(&then, &now, lasting))
        .or_else(|| asked(&then, &now, fields, free))
        .or_else(|| unordered(&then, &now, lasting, answers))
}

/// What a class of answers comes to. All tables are by field number.
struct Seen<'a> {
    plan: &'a Plan,
    outline: Rc<Outline>,
    /// On how many forms.
    asked: Vec<usize>,
    /// Of these, the materials.
    materials: usize,
    /// From a step or a registry.
    known: Vec<bool>,
    /// By steps.
    made: Vec<bool>,
    visits: u32,
    /// Steps at which the applicant has to be there.
    attended: usize,
}

impl<'a> Seen<'a> {
    fn at(way: Way<'a>, answers: &Answers) -> Self {
        let plan = way.plan;
        let outline = way.outlines.of(plan, answers);
        let mut asked = vec![0; plan.fields.len()];
        let mut materials = 0;
        for form in plan.forms() {
            for field in outline.form(form) {
                materials += usize::from(plan.field(field.field).is_material());
                asked[field.field.index()] += 1;
            }
        }
        let mut known = vec![false; plan.fields.len()];
        let mut made = known.clone();
        let mut visits = 0;
        let mut attended = 0;
        for step in outline.steps() {
            let item = plan.step(step);
            visits += item.visits;
            attended += usize::from(item.attended);
            for (field, source) in outline.sources(step) {
                match source {
                    Source::Step(_) | Source::LookUp(_) | Source::Derived(_) => {
                        known[field.index()] = true;
                    }
                    Source::Applicant(_) => {}
                }
            }
            if !plan.is_derived(step) {
                for field in &item.writes {
                    made[field.index()] = true;
                }
            }
        }
        Self {
            plan,
            outline,
            asked,
            materials,
            known,
            made,
            visits,
            attended,
        }
    }

    /// What the applicant was asked for, by which a field was looked up or derived.
    fn found_by(&self, field: FieldIx) -> Vec<FieldIx> {
        let (mut open, mut seen) = (vec![field], BTreeSet::new());
        let mut found = Vec::new();
        while let Some(field) = open.pop() {
            if !seen.insert(field) {
                continue;
            }
            let steps = self.outline.steps();
            let sources = steps.flat_map(|step| self.outline.sources(step));
            for (_, source) in sources.filter(|(known, _)| *known == field) {
                match source {
                    Source::LookUp(from) => {
                        let keys = self.outline.sources(*from);
                        open.extend(keys.iter().map(|(key, _)| *key));
                    }
                    Source::Derived(from) => open.push(*from),
                    Source::Applicant(_) => found.push(field),
                    Source::Step(_) => {}
                }
            }
        }
        found
    }

    /// How many fields the forms ask for, materials included, and how many of
    /// them are materials.
    fn burden(&self) -> (usize, usize) {
        (self.asked.iter().sum(), self.materials)
    }
}

fn unmade(then: &Seen<'_>, now: &Seen<'_>, fields: &Fields) -> Option<Text> {
    let is_delivered = |role| {
        let mut deliveries = then.plan.deliveries.iter();
        deliveries.any(|delivery| delivery.what == role)
    };
    let is_lost =
        |at: &usize| then.made[*at] && !fields.is[*at].is_some_and(|is| now.made[is.index()]);
    let lost = (0..then.made.len()).filter(is_lost);
    let mut lost = lost.map(|at| then.plan.field(FieldIx::at(at)));
    let path = &lost.find(|field| is_delivered(field.role))?.path;
    Some(Text::new(
        format!("不再产生要送达的 `{path}`"),
        format!("`{path}`, which is delivered, is no longer made"),
    ))
}

fn ineffectual(then: &Seen<'_>, now: &Seen<'_>, lasting: &Lasting<'_>) -> Option<Text> {
    let mut effects = lasting.effects.iter();
    let (key, ..) =
        effects.find(|(_, was, is)| then.outline.is_active(*was) && !now.outline.is_active(*is))?;
    Some(ineffective(key))
}

fn asked(then: &Seen<'_>, now: &Seen<'_>, fields: &Fields, free: &Free<'_>) -> Option<Text> {
    let mut at_first: Option<Vec<bool>> = None;
    for at in (0..now.asked.len()).filter(|at| now.asked[*at] > 0) {
        let was = fields.was[at].map(FieldIx::index);
        if was.is_some_and(|was| then.asked[was] > 0) {
            continue;
        }
        if at_first.get_or_insert_with(free.asked_at_first)[at] {
            continue;
        }
        let path = &now.plan.field(FieldIx::at(at)).path;
        let is_gone = |key: FieldIx| {
            let is = fields.is[key.index()];
            is.is_none_or(|is| now.asked[is.index()] == 0)
        };
        let in_place = |was: usize| then.found_by(FieldIx::at(was)).into_iter().any(is_gone);
        if free.in_place_of_keys && was.is_some_and(in_place) {
            continue;
        }
        if was.is_some_and(|was| then.known[was]) {
            return Some(Text::new(
                format!("`{path}` 原来由系统取得，现在却要申请人填写"),
                format!("`{path}` was made or looked up, and is now asked of the applicant"),
            ));
        }
        if !free.for_look_ups.contains(path) {
            return Some(Text::new(
                format!("`{path}` 原来不必填写，现在要申请人填写"),
                format!("`{path}` was not asked of the applicant, and now is"),
            ));
        }
    }
    let ((was, were), (is, are)) = (then.burden(), now.burden());
    let growing = [
        (
            was,
            is,
            "申请人要填写和提交的",
            "fields and materials that the applicant gives",
        ),
        (
            were,
            are,
            "申请人要提交的材料",
            "materials that the applicant gives",
        ),
        (
            then.visits as usize,
            now.visits as usize,
            "跑动次数",
            "trips to an office",
        ),
        (
            then.attended,
            now.attended,
            "申请人须到场的次数",
            "times that the applicant has to be there",
        ),
    ];
    let (was, is, zh, en) = growing.into_iter().find(|(was, is, ..)| is > was)?;
    Some(Text::new(
        format!("{zh}从 {was} 增加到 {is}"),
        format!("{en}: {is} instead of {was}"),
    ))
}

fn unordered(
    then: &Seen<'_>,
    now: &Seen<'_>,
    lasting: &Lasting<'_>,
    answers: &Answers,
) -> Option<Text> {
    let orders = lasting.orders.iter().filter(|order| {
        let (one, two) = order.was;
        then.outline.is_active(one)
            && then.outline.is_active(two)
            && now.outline.is_active(order.is.1)
    });
    // The order of a case costs more than all else: it is found where it is asked for.
    let mut order: Option<Scenario> = None;
    for lawful in orders {
        let (one, two) = lawful.is;
        // Stated of the two themselves, it holds whenever both take part.
        let mut stated = now.plan.step(two).after.iter();
        if now.outline.is_active(one) && stated.any(|after| after.step == one) {
            continue;
        }
        let order = order.get_or_insert_with(|| Scenario::resolve(now.plan, answers));
        if !(order.is_active(one) && precedes(now.plan, order, one, two)) {
            return Some(disordered(lawful.keys.0, lawful.keys.1));
        }
    }
    None
}

/// Whether one step comes before another in a case, directly or not.
pub(in crate::rewrite) fn precedes(
    plan: &Plan,
    order: &Scenario,
    one: StepIx,
    two: StepIx,
) -> bool {
    let mut seen = vec![false; plan.steps.len()];
    let mut open = vec![two];
    while let Some(at) = open.pop() {
        for need in order.needs(at) {
            if *need == one {
                return true;
            }
            if !std::mem::replace(&mut seen[need.index()], true) {
                open.push(*need);
            }
        }
    }
    false
}
