//! What one class of answers comes to: what is made, what is asked, what comes
//! before what.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use onething_model::{FieldPath, Text};
use onething_plan::{Answers, FieldIx, Outline, Plan, Scenario, Source, StepIx};

use super::Way;
use super::stated::{Lasting, disordered, ineffective};

/// What is worse for these answers.
pub(super) fn worsened(
    was: Way<'_>,
    is: Way<'_>,
    answers: &Answers,
    lasting: &Lasting<'_>,
    for_look_ups: &BTreeSet<FieldPath>,
) -> Option<Text> {
    let then = Seen::at(was, answers);
    let now = Seen::at(is, answers);
    unmade(&then, &now)
        .or_else(|| ineffectual(&then, &now, lasting))
        .or_else(|| asked(&then, &now, for_look_ups))
        .or_else(|| unordered(&then, &now, lasting, answers))
}

/// What a class of answers comes to.
struct Seen<'a> {
    plan: &'a Plan,
    outline: Rc<Outline>,
    /// On each form.
    asked: BTreeMap<&'a FieldPath, usize>,
    /// Of these, the materials.
    materials: usize,
    /// From a step or a registry.
    known: BTreeSet<&'a FieldPath>,
    /// By steps.
    made: BTreeSet<&'a FieldPath>,
    visits: u32,
    /// Steps at which the applicant has to be there.
    attended: usize,
}

impl<'a> Seen<'a> {
    fn at(way: Way<'a>, answers: &Answers) -> Self {
        let plan = way.plan;
        let outline = way.outlines.of(plan, answers);
        let path = |field: FieldIx| &plan.field(field).path;
        let mut asked: BTreeMap<&FieldPath, usize> = BTreeMap::new();
        let mut materials = 0;
        for application in plan.applications() {
            for field in outline.form(application) {
                materials += usize::from(plan.field(field.field).is_material());
                *asked.entry(path(field.field)).or_default() += 1;
            }
        }
        let mut known = BTreeSet::new();
        let mut made = BTreeSet::new();
        let mut visits = 0;
        let mut attended = 0;
        for step in outline.steps() {
            let item = plan.step(step);
            visits += item.visits;
            attended += usize::from(item.attended);
            for (field, source) in outline.sources(step) {
                match source {
                    Source::Step(_) | Source::LookUp(_) | Source::Derived(_) => {
                        known.insert(path(*field));
                    }
                    Source::Applicant(_) => {}
                }
            }
            if !plan.is_derived(step) {
                made.extend(item.writes.iter().map(|field| path(*field)));
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

    /// How many fields the forms ask for, materials included, and how many of
    /// them are materials.
    fn burden(&self) -> (usize, usize) {
        (self.asked.values().sum(), self.materials)
    }
}

fn unmade(then: &Seen<'_>, now: &Seen<'_>) -> Option<Text> {
    let delivered = |path: &FieldPath| {
        let field = then.plan.find_field(path);
        let role = field.map(|field| then.plan.field(field).role);
        let mut deliveries = then.plan.deliveries.iter();
        deliveries.any(|delivery| Some(delivery.what) == role)
    };
    let mut lost = then.made.difference(&now.made);
    let path = lost.find(|path| delivered(path))?;
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

fn asked(then: &Seen<'_>, now: &Seen<'_>, for_look_ups: &BTreeSet<FieldPath>) -> Option<Text> {
    for path in now.asked.keys() {
        if then.asked.contains_key(path) {
            continue;
        }
        if then.known.contains(path) {
            return Some(Text::new(
                format!("`{path}` 原来由系统取得，现在却要申请人填写"),
                format!("`{path}` was made or looked up, and is now asked of the applicant"),
            ));
        }
        if !for_look_ups.contains(*path) {
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

fn precedes(plan: &Plan, order: &Scenario, one: StepIx, two: StepIx) -> bool {
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
