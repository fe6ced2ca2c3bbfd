//! R3, dead data: what nobody reads and no result carries.

use std::collections::BTreeSet;

use onething_definition::design::{Design, Read};
use onething_model::{FieldPath, Text};

use super::Ground;
use super::by_class::known_in_each;
use super::draft::Draft;
use super::eliminate::delivered;
use super::for_whom::{What, gone};
use super::graph::{asked as registries, read_by_steps};
use super::kept::Way;
use super::proof::{Line, Proof, Rule, Site, fields_in_words};
use super::quantity::Quantity;
use super::rewritten::Rewritten;

/// Whether a form may do without a field for all that is read: no step of its part of
/// the case reads it, and it does not [tell who applies](tells_who).
fn is_idle(ground: &Ground<'_>, design: &Design, intake: usize, field: &FieldPath) -> bool {
    is_unread(design, intake, field) && !tells_who(ground, field)
}

fn is_unread(design: &Design, intake: usize, field: &FieldPath) -> bool {
    let mut steps = design.steps.iter().filter(|step| step.intake == intake);
    !steps.any(|step| step.reads.iter().any(|read| read.field == *field))
}

/// Whether a field is about the applicant, whom the office has to know and to reach. A
/// document tells nothing to who does not read it.
pub(super) fn tells_who(ground: &Ground<'_>, field: &FieldPath) -> bool {
    let setting = ground.setting;
    let material = setting.field(field).is_some_and(|fact| fact.material);
    field.role == setting.applicant && !material
}

/// What forms ask of the applicant though no step reads it, and why it stays.
pub(super) fn kept(ground: &Ground<'_>, design: &Design) -> Option<Line> {
    let mut fields: Vec<FieldPath> = Vec::new();
    for (at, intake) in design.intakes.iter().enumerate() {
        for ask in &intake.asks {
            let unread = is_unread(design, at, &ask.field) && tells_who(ground, &ask.field);
            if unread && !fields.contains(&ask.field) {
                fields.push(ask.field.clone());
            }
        }
    }
    if fields.is_empty() {
        return None;
    }
    let words = fields_in_words(ground.setting, &fields);
    let line = Line::new(
        format!(
            "没有环节读取，仍要求填写，因为部门须知道申请人是谁、如何联系：{}（不靠它的，从 `asks` 中去掉）",
            words.zh()
        ),
        format!(
            "read by no step, and asked for all the same, since the office has to know and to reach the applicant: {} (where it does so without, take it out of `asks`)",
            words.en()
        ),
    );
    Some(line.fields(fields))
}

/// Whether R3 drops a field from every form that asks for it.
pub(super) fn is_dead(ground: &Ground<'_>, design: &Design, field: &FieldPath) -> bool {
    let site = Site::Field(field.clone());
    let asks = |at: &usize| {
        let mut asks = design.intakes[*at].asks.iter();
        asks.any(|ask| ask.field == *field)
    };
    let mut intakes = (0..design.intakes.len()).filter(asks);
    ground.denied(Rule::DeadData, site).is_none()
        && intakes.all(|at| is_idle(ground, design, at, field))
}

/// Drops what is asked and what is made for nobody. What registries are asked with, or something
/// follows from, is still asked or looked up where it is: that is not dropped.
pub(super) fn data(ground: &Ground<'_>, draft: &Draft) -> Option<Rewritten> {
    let design: &Design = &draft.design;
    let mut next = design.clone();
    let denied = |field: &FieldPath| {
        let site = Site::Field(field.clone());
        ground.denied(Rule::DeadData, site).is_some()
    };
    let idle = |at: usize, field: &FieldPath| is_idle(ground, design, at, field) && !denied(field);
    let (mut asked, mut made): (Vec<FieldPath>, Vec<FieldPath>) = (Vec::new(), Vec::new());
    for (at, intake) in next.intakes.iter_mut().enumerate() {
        intake.asks.retain(|ask| {
            let goes = idle(at, &ask.field);
            if goes && !asked.contains(&ask.field) {
                asked.push(ask.field.clone());
            }
            !goes
        });
    }
    let read = read_by_steps(design);
    let keys: BTreeSet<&FieldPath> = registries(ground.setting, design)
        .into_iter()
        .flat_map(|provider| &provider.with)
        .collect();
    for step in &mut next.steps {
        if step.legal_effect == Some(true) {
            continue;
        }
        step.writes.retain(|field| {
            let kept = read.contains(field) || delivered(design, field) || keys.contains(field);
            let kept = kept || denied(field);
            if !kept && !made.contains(field) {
                made.push(field.clone());
            }
            kept
        });
    }
    let mut next = Draft::new(next);
    let mut fates = Fates::of(ground, draft, &next, asked);
    if !fates.all.is_empty() {
        let mut back = (*next.design).clone();
        for (at, (intake, were)) in back.intakes.iter_mut().zip(&design.intakes).enumerate() {
            let stays = |ask: &&Read| !idle(at, &ask.field) || fates.all.contains(&ask.field);
            intake.asks = were.asks.iter().filter(stays).cloned().collect();
        }
        next = Draft::new(back);
    }
    if *next.design == *design {
        return None;
    }
    let mut proof = Proof::new(Rule::DeadData);
    for field in fates.none.iter().chain(&fates.some).chain(&made) {
        proof.did(Site::Field(field.clone()));
    }
    let unread: Vec<FieldPath> = fates.none.iter().chain(&fates.some).cloned().collect();
    proof.checked.extend(fields_line(
        ground,
        unread.clone(),
        (
            "表单要求填写、但没有环节读取",
            "asked for, though no step reads it",
        ),
    ));
    let dropped = ("删除", "dropped");
    let none = fields_line(ground, std::mem::take(&mut fates.none), dropped);
    proof.changed.extend(none.map(Line::gone));
    let some = fields_line(
        ground,
        fates.some,
        (
            "没有环节读取，只在凭它查询数据库、或者由它得出其他内容的情形下才询问或者查询",
            "read by no step, and asked for or looked up only for the answers for which a registry is asked with it or something else follows from it",
        ),
    );
    proof.changed.extend(some.map(Line::gone));
    proof.checked.extend(fields_line(
        ground,
        made.clone(),
        (
            "环节产生、但无人读取也不送达",
            "made, though nobody reads it and no result carries it",
        ),
    ));
    let made = fields_line(ground, made, dropped);
    proof.changed.extend(made.map(Line::gone));
    proof.checked.extend(fields_line(
        ground,
        fates.all,
        (
            "没有环节读取，仍要询问或者查询，因为凭它查询数据库、或者由它得出其他内容",
            "read by no step, and still asked for or looked up, since a registry is asked with it or something else follows from it",
        ),
    ));
    proof.checked.extend(kept(ground, &next.design));
    proof.confirm_saving(
        &Quantity::ALL,
        Text::new(
            "办理中不以其他方式使用这些数据",
            "the data is not used in some other way",
        ),
    );
    let told = move |_: &Ground<'_>, [was, is]: [Way<'_>; 2], proof: &mut Proof| {
        let is_unread = |field: &FieldPath| unread.contains(field);
        proof.claims.extend(gone(was, is, What::Dropped, is_unread));
    };
    Some(Rewritten::new(next, proof).telling(told))
}

/// Fields with what is said of them; `None` without any.
fn fields_line(
    ground: &Ground<'_>,
    fields: Vec<FieldPath>,
    (zh, en): (&str, &str),
) -> Option<Line> {
    if fields.is_empty() {
        return None;
    }
    let words = fields_in_words(ground.setting, &fields);
    let line = Line::new(
        format!("{zh}：{}", words.zh()),
        format!("{en}: {}", words.en()),
    );
    Some(line.fields(fields))
}

/// What becomes of fields that forms no longer ask on their own account: for which answers they
/// are asked or looked up all the same.
#[derive(Default)]
struct Fates {
    /// For none: they are dropped.
    none: Vec<FieldPath>,
    /// For some of those for which they were.
    some: Vec<FieldPath>,
    /// For all of those.
    all: Vec<FieldPath>,
}

impl Fates {
    fn of(ground: &Ground<'_>, was: &Draft, is: &Draft, fields: Vec<FieldPath>) -> Self {
        let ways = was.way(ground.drafting).zip(is.way(ground.drafting));
        let Some((was, is)) = ways.filter(|_| !fields.is_empty()) else {
            return Self {
                none: fields,
                ..Self::default()
            };
        };
        // By field, whether there are answers for which it stays, and for which it goes.
        let mut seen = vec![(false, false); fields.len()];
        for (then, now) in known_in_each(was, is) {
            for (field, (stays, goes)) in fields.iter().zip(&mut seen) {
                let known = |way: Way<'_>, known: &[bool]| {
                    let at = way.plan.find_field(field);
                    at.is_some_and(|at| known[at.index()])
                };
                let (then, now) = (known(was, &then), known(is, &now));
                *stays |= now;
                *goes |= then && !now;
            }
        }
        let mut found = Self::default();
        for (field, fate) in fields.into_iter().zip(seen) {
            let list = match fate {
                (false, _) => &mut found.none,
                (true, true) => &mut found.some,
                (true, false) => &mut found.all,
            };
            list.push(field);
        }
        found
    }
}
