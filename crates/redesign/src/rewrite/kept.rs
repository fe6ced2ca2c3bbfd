//! What no rewrite may change, whatever rule made it.
//!
//! A rule checks what it needs before it rewrites. This check knows nothing of
//! rules: it compares the ways before and after, class of answers by class of
//! answers, and says what is worse for the applicant or the law.

use std::collections::{BTreeMap, BTreeSet};

use onething_definition::classes::classes;
use onething_definition::design::{Design, OrderKind};
use onething_model::{FieldPath, StepKey, Text};
use onething_plan::{Answer, Answers, FieldIx, Plan, Scenario, Source, StepIx};

use crate::words::both;

/// A way of handling a service: what was said, and what follows from it.
#[derive(Debug, Clone, Copy)]
pub struct Handling<'a> {
    /// What was said.
    pub design: &'a Design,
    /// What follows: the design as it was compiled.
    pub plan: &'a Plan,
}

/// What got worse from one way to the other; `None` where all of this holds:
///
/// - each result is delivered by the same channels, and whatever of it was
///   made is made;
/// - the forms ask for no more fields and no more materials, cost no more
///   trips, and ask for nothing that was looked up or made;
/// - nothing new is asked but what `for_look_ups` lists: keys by which
///   registries are asked instead of the applicant;
/// - a step with a stated legal effect is there;
/// - where the law puts one step before another, it comes before, as a step of
///   its own;
/// - where the law wants steps done by other people, they are two steps that
///   say so.
///
/// Asked, made and ordered are compared in each class of answers. The text
/// names the field, the steps and the answers.
#[must_use]
pub fn worsened(
    was: Handling<'_>,
    is: Handling<'_>,
    for_look_ups: &BTreeSet<FieldPath>,
) -> Option<Text> {
    let steps = Steps::of(is);
    if let Some(text) = undelivered(was, is)
        .or_else(|| without_effect(was, &steps))
        .or_else(|| unseparated(was, &steps))
    {
        return Some(text);
    }
    let orders = match lawful(was, &steps) {
        Ok(orders) => orders,
        Err(text) => return Some(text),
    };
    let mut seen = BTreeSet::new();
    for answers in &classes(was.plan).answers {
        let key = |plan| Scenario::key(plan, answers);
        if !seen.insert((key(was.plan), key(is.plan))) {
            continue;
        }
        let then = Seen::at(was.plan, answers);
        let now = Seen::at(is.plan, answers);
        let found = unmade(&then, &now)
            .or_else(|| asked(&then, &now, for_look_ups))
            .or_else(|| unordered(&then, &now, &orders));
        if let Some(text) = found {
            let class = told(was.plan, answers);
            return Some(both(|lang| {
                format!("{}{}", text.get(lang), class.get(lang))
            }));
        }
    }
    None
}

/// Answers in words, `（回答：signboard = yes）`; empty where nothing is asked.
fn told(plan: &Plan, answers: &Answers) -> Text {
    let answers: Vec<String> = answers
        .iter()
        .map(|(question, answer)| {
            let key = &plan.question(question).key;
            match answer {
                Answer::YesNo(true) => format!("{key} = yes"),
                Answer::YesNo(false) => format!("{key} = no"),
                Answer::Number(number) => format!("{key} = {number}"),
                Answer::Choice(choice) => format!("{key} = {choice}"),
            }
        })
        .collect();
    if answers.is_empty() {
        return Text::new("", "");
    }
    Text::new(
        format!("（回答：{}）", answers.join("、")),
        format!(" (answers: {})", answers.join(", ")),
    )
}

/// The steps of the later way, found by the names of the earlier.
struct Steps<'a> {
    at: BTreeMap<&'a StepKey, usize>,
    is: Handling<'a>,
}

impl<'a> Steps<'a> {
    fn of(is: Handling<'a>) -> Self {
        let mut at = BTreeMap::new();
        for (number, step) in is.design.steps.iter().enumerate() {
            at.insert(&step.key, number);
            for part in &step.merges {
                at.insert(part, number);
            }
        }
        Self { at, is }
    }

    /// The step of this name, or the one it is part of.
    fn find(&self, key: &StepKey) -> Option<usize> {
        self.at.get(key).copied()
    }

    fn key(&self, at: usize) -> &'a StepKey {
        &self.is.design.steps[at].key
    }
}

fn undelivered(was: Handling<'_>, is: Handling<'_>) -> Option<Text> {
    let missing = was.design.delivers.iter().find(|delivers| {
        let kept = is
            .design
            .delivers
            .iter()
            .find(|other| other.what == delivers.what);
        kept.is_none_or(|kept| delivers.by.iter().any(|by| !kept.by.contains(by)))
    })?;
    let what = &missing.what;
    Some(Text::new(
        format!("不再像原来那样送达 `{what}`"),
        format!("`{what}` is no longer delivered as it was"),
    ))
}

fn without_effect(was: Handling<'_>, steps: &Steps<'_>) -> Option<Text> {
    let gone = was
        .design
        .steps
        .iter()
        .find(|step| step.legal_effect == Some(true) && steps.find(&step.key).is_none())?;
    let key = &gone.key;
    Some(Text::new(
        format!("有法律效力的环节 `{key}` 没有了"),
        format!("the step `{key}`, which has a legal effect, is gone"),
    ))
}

fn unseparated(was: Handling<'_>, steps: &Steps<'_>) -> Option<Text> {
    for step in &was.design.steps {
        for other in &step.separate_from {
            if was.design.step(other.as_str()).is_none() {
                continue;
            }
            let pair = steps.find(&step.key).zip(steps.find(other));
            let apart = pair.is_some_and(|(one, two)| {
                let says = |one: usize, two: usize| {
                    let list = &steps.is.design.steps[one].separate_from;
                    list.contains(steps.key(two))
                };
                one != two && (says(one, two) || says(two, one))
            });
            if !apart {
                let key = &step.key;
                return Some(Text::new(
                    format!("`{key}` 和 `{other}` 须由不同人员办理，不再是分开的两个环节"),
                    format!(
                        "`{key}` and `{other}`, which other people have to do, are no longer two steps that say so"
                    ),
                ));
            }
        }
    }
    None
}

/// An order of the law: earlier, later, by their numbers in both plans.
struct Lawful<'a> {
    keys: (&'a StepKey, &'a StepKey),
    was: (StepIx, StepIx),
    is: (StepIx, StepIx),
}

/// The orders of the law between steps that are both still there.
fn lawful<'a>(was: Handling<'a>, steps: &Steps<'_>) -> Result<Vec<Lawful<'a>>, Text> {
    let number = |plan: &Plan, key: &StepKey| plan.find_step(key.as_str());
    let mut orders = Vec::new();
    for later in &was.design.steps {
        let law = later
            .after
            .iter()
            .filter(|order| order.kind == OrderKind::Law);
        for order in law {
            let (one, two) = (&order.step, &later.key);
            let Some(before) = number(was.plan, one).zip(number(was.plan, two)) else {
                continue;
            };
            // A step that is gone waits for nothing; one that is waited for may not go.
            let Some(second) = steps.find(two) else {
                continue;
            };
            let first = steps.find(one).filter(|first| *first != second);
            let after = first.and_then(|first| {
                let number = |at| number(steps.is.plan, steps.key(at));
                number(first).zip(number(second))
            });
            let Some(after) = after else {
                return Err(disordered(one, two));
            };
            orders.push(Lawful {
                keys: (one, two),
                was: before,
                is: after,
            });
        }
    }
    Ok(orders)
}

fn disordered(one: &StepKey, two: &StepKey) -> Text {
    Text::new(
        format!("法律要求先办 `{one}`、后办 `{two}`，这一先后没有了"),
        format!("the law puts `{one}` before `{two}`, and that order is gone"),
    )
}

/// What a class of answers comes to.
struct Seen<'a> {
    plan: &'a Plan,
    scenario: Scenario,
    /// On each form.
    asked: BTreeMap<&'a FieldPath, usize>,
    /// From a step or a registry.
    known: BTreeSet<&'a FieldPath>,
    /// By steps.
    made: BTreeSet<&'a FieldPath>,
    visits: u32,
}

impl<'a> Seen<'a> {
    fn at(plan: &'a Plan, answers: &Answers) -> Self {
        let scenario = Scenario::resolve(plan, answers);
        let path = |field: FieldIx| &plan.field(field).path;
        let mut asked: BTreeMap<&FieldPath, usize> = BTreeMap::new();
        for application in plan.applications() {
            for field in scenario.form(application) {
                *asked.entry(path(field.field)).or_default() += 1;
            }
        }
        let mut known = BTreeSet::new();
        let mut made = BTreeSet::new();
        let mut visits = 0;
        for step in scenario.steps() {
            let item = plan.step(*step);
            visits += item.visits;
            for (field, source) in scenario.sources(*step) {
                match source {
                    Source::Step(_) | Source::LookUp(_) => {
                        known.insert(path(*field));
                    }
                    Source::Applicant(_) => {}
                }
            }
            if !plan.is_derived(*step) {
                made.extend(item.writes.iter().map(|field| path(*field)));
            }
        }
        Self {
            plan,
            scenario,
            asked,
            known,
            made,
            visits,
        }
    }

    fn is_material(&self, path: &FieldPath) -> bool {
        let field = self.plan.find_field(path);
        field.is_some_and(|field| self.plan.field(field).is_material())
    }

    /// How many fields the forms ask for, materials included, and how many of
    /// them are materials.
    fn burden(&self) -> (usize, usize) {
        let materials = self.asked.iter().filter(|(path, _)| self.is_material(path));
        (
            self.asked.values().sum(),
            materials.map(|(_, count)| count).sum(),
        )
    }

    fn precedes(&self, one: StepIx, two: StepIx) -> bool {
        if self.scenario.needs(two).contains(&one) {
            return true;
        }
        let mut seen = vec![false; self.plan.steps.len()];
        let mut open = vec![two];
        while let Some(at) = open.pop() {
            for need in self.scenario.needs(at) {
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
    ];
    let (was, is, zh, en) = growing.into_iter().find(|(was, is, ..)| is > was)?;
    Some(Text::new(
        format!("{zh}从 {was} 增加到 {is}"),
        format!("{en}: {is} instead of {was}"),
    ))
}

fn unordered(then: &Seen<'_>, now: &Seen<'_>, orders: &[Lawful<'_>]) -> Option<Text> {
    let broken = orders.iter().find(|order| {
        let active = |seen: &Seen<'_>, step| seen.scenario.is_active(step);
        let demanded = active(then, order.was.0) && active(then, order.was.1);
        let (one, two) = order.is;
        demanded && active(now, two) && !(active(now, one) && now.precedes(one, two))
    })?;
    Some(disordered(broken.keys.0, broken.keys.1))
}
