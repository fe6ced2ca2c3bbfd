//! R4, eliminate: steps whose outputs nobody uses and that have no legal effect.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use onething_definition::design::{By, Design, Order, OrderKind, Read, Reason, Setting, Step};
use onething_model::{FieldPath, MatterKey, StepKey, Text};
use onething_plan::DeliveryChannel;

use super::ask_once::in_trips;
use super::collected::fields_of;
use super::dead_data::is_dead;
use super::draft::Draft;
use super::for_whom::{Applicants, Claim, What, by_scope, gone};
use super::graph::{asked as registries, made_by_steps, read_by_steps, remove_step};
use super::kept::Way;
use super::once_only::does_without;
use super::one_form::without_makers;
use super::own_account::less_known;
use super::proof::{Line, Proof, Rule, Site, fields_in_words};
use super::quantity::Quantity;
use super::rewritten::Rewritten;
use super::{Ground, percent};

/// Leaves out what nobody needs, and takes off forms what only such steps read and registries
/// have: nobody needs to know it then. What no registry has is R3's to drop.
pub(super) fn apply(ground: &Ground<'_>, draft: &Draft) -> Option<Rewritten> {
    let design = &draft.design;
    let (next, mut proof) = steps(ground, design)?;
    let next = less_on_forms(ground, draft, next, &mut proof);
    let told = |ground: &Ground<'_>, [was, is]: [Way<'_>; 2], proof: &mut Proof| {
        left_out(was, proof);
        unneeded(ground, was, is, proof);
    };
    Some(Rewritten::new(next, proof).telling(told))
}

/// The design whose forms do not name what is known of everybody who is left to hand them in: of
/// who brought no more than what is left out it was asked. What could have gone before that is not
/// taken off for that reason.
fn less_on_forms(ground: &Ground<'_>, draft: &Draft, next: Design, proof: &mut Proof) -> Draft {
    let left = next.clone();
    let goes = |field: &FieldPath| !(ground.drops_dead_data && is_dead(ground, &left, field));
    let next = without_makers(ground, draft.way(ground.drafting), Draft::new(next));
    let bare = Arc::clone(&next.design);
    let (next, gone) = less_known(ground, next, goes);
    if gone.is_empty() {
        return next;
    }
    let (_, before) = less_known(ground, Draft::new((*draft.design).clone()), goes);
    let (next, gone) = match gone.iter().any(|field| before.contains(field)) {
        false => (next, gone),
        true => {
            let newly = |field: &FieldPath| goes(field) && !before.contains(field);
            less_known(ground, Draft::new((*bare).clone()), newly)
        }
    };
    let read = read_by_steps(&draft.design);
    let missed = gone.into_iter();
    let missed: Vec<FieldPath> = missed.filter(|field| !read.contains(field)).collect();
    if !missed.is_empty() {
        does_without(ground, &missed, proof);
    }
    next
}

/// Says which steps are left out, and who is spared a trip by it.
fn left_out(was: Way<'_>, proof: &mut Proof) {
    let gone = proof.sites.iter().filter_map(|site| match site {
        Site::Step(key) => was.design.step(key.as_str()),
        _ => None,
    });
    let gone: Vec<&Step> = gone.collect();
    if gone.is_empty() {
        return;
    }
    let all = Applicants::of([was, was]);
    for step in gone {
        let at = was.plan.find_step(step.key.as_str());
        let at = at.filter(|_| step.visits > 0);
        let scope = at.and_then(|at| {
            all.scope(|_, answers| was.outlines.of(was.plan, answers).is_active(at))
        });
        let claim = scope.map(|scope| Claim {
            what: What::Spared(step.key.clone()),
            scope,
        });
        let trips = claim.as_ref().map_or_else(Default::default, |claim| {
            let (visits, of) = (step.visits, claim.scope.told());
            (
                format!("，少跑 {visits} 次{}", of.zh()),
                format!(", {} fewer{}", in_trips(visits), of.en()),
            )
        });
        proof.claims.extend(claim);
        proof.changed(
            Line::new(
                format!("取消“{}”{}", step.title.zh(), trips.0),
                format!("“{}” is left out{}", step.title.en(), trips.1),
            )
            .steps([step.key.clone()]),
        );
    }
}

/// Says what is neither asked nor looked up any more, since only steps that are left out needed it.
fn unneeded(ground: &Ground<'_>, was: Way<'_>, is: Way<'_>, proof: &mut Proof) {
    let made = made_by_steps(was.design);
    let claims = gone(was, is, What::Unneeded, |field| !made.contains(field));
    for (scope, claims) in by_scope(&claims) {
        let fields = fields_of(&claims);
        let words = fields_in_words(ground.setting, &fields);
        let of = scope.told();
        proof.changed(
            Line::new(
                format!(
                    "只为取消的环节所需，不再要求填写，也不再查询{}：{}",
                    of.zh(),
                    words.zh()
                ),
                format!(
                    "needed only for steps that are left out, and neither asked for nor looked up any more{}: {}",
                    of.en(),
                    words.en()
                ),
            )
            .fields(fields)
            .gone(),
        );
    }
    proof.claims.extend(claims);
}

/// Leaves out steps, one after the other.
///
/// Checked: no other step reads what the step makes, no registry is asked by
/// it, and no result carries it; no law names the step, be it an order that
/// others wait for it or a duty kept apart from another; it is not stated to
/// have a legal effect. Then one of: the definition says it has none; the
/// applicant only collects what can be delivered without a trip; it is
/// [the same check](same_check) as another step.
fn steps(ground: &Ground<'_>, design: &Design) -> Option<(Design, Proof)> {
    let mut proof = Proof::new(Rule::Eliminate);
    let mut next = design.clone();
    // What is left out may have been the last use of what came before it: once
    // more, until nothing more goes.
    let mut more = true;
    while more {
        more = false;
        let mut at = 0;
        let mut uses = Uses::of(ground.setting, &next);
        while at < next.steps.len() {
            let site = Site::Step(next.steps[at].key.clone());
            let denied = ground.denied(Rule::Eliminate, site.clone()).is_some();
            let Some(line) = why(ground, &next, &uses, at).filter(|_| !denied) else {
                at += 1;
                continue;
            };
            proof.did(site);
            let step = next.steps[at].clone();
            proof.checked(line.steps([step.key.clone()]));
            if step.legal_effect.is_none() && only_collects(&next, &step) {
                let (zh, en) = (step.title.zh(), step.title.en());
                proof.confirm(Text::new(
                    format!("“{zh}”只是领取结果，不是缴费、到场等申请人另须办的事（如是缴费等，写 `legal_effect: yes`）"),
                    format!("“{en}” only collects results, and is no payment, appearance or other duty of the applicant (where it is, say `legal_effect: yes`)"),
                ));
            }
            if let Some(share) = ground.refusal(&step.key).filter(|share| *share > 0.0) {
                let share = percent(share);
                proof.confirm(Text::new(
                    format!(
                        "“{}”按工作量表有 {share} 不予许可：取消后这些申请由谁把关",
                        step.title.zh()
                    ),
                    format!(
                        "“{}” refuses {share} by the workload: who catches these applications once it is left out",
                        step.title.en()
                    ),
                ));
            }
            for inspection in &next.joint_inspections {
                if inspection.steps.contains(&step.key) {
                    let title = &inspection.title;
                    proof.confirm(Text::new(
                        format!(
                            "“{}”本是“{}”的一部分，联合踏勘不再为它上门",
                            step.title.zh(),
                            title.zh()
                        ),
                        format!(
                            "“{}” was part of “{}”, whose visit no longer serves it",
                            step.title.en(),
                            title.en()
                        ),
                    ));
                }
            }
            remove_step(&mut next, &step.key);
            uses = Uses::of(ground.setting, &next);
            more = true;
        }
    }
    if proof.sites.is_empty() {
        return None;
    }
    proof.confirm_saving(
        &Quantity::ALL,
        Text::new(
            "取消的环节确无法律效力（有效力的写 `legal_effect: yes`）",
            "the steps left out have no legal effect (one that has says `legal_effect: yes`)",
        ),
    );
    Some((next, proof))
}

/// Whether a result carries a field.
pub(super) fn delivered(design: &Design, field: &FieldPath) -> bool {
    design
        .delivers
        .iter()
        .any(|delivers| delivers.what == field.role)
}

/// What a design uses: fields and how many steps or forms read them, steps
/// that the law names or that undo others, and how many steps each matter has.
struct Uses {
    readers: BTreeMap<FieldPath, usize>,
    named: BTreeSet<StepKey>,
    of_matter: BTreeMap<MatterKey, usize>,
}

impl Uses {
    fn of(setting: &Setting, design: &Design) -> Self {
        let mut readers: BTreeMap<FieldPath, usize> = BTreeMap::new();
        let mut named = BTreeSet::new();
        let mut of_matter: BTreeMap<MatterKey, usize> = BTreeMap::new();
        let asks = design.intakes.iter().flat_map(|intake| &intake.asks);
        for read in design.steps.iter().flat_map(|step| &step.reads).chain(asks) {
            *readers.entry(read.field.clone()).or_default() += 1;
        }
        let asked = registries(setting, design).into_iter();
        for key in asked.flat_map(|provider| &provider.with) {
            *readers.entry(key.clone()).or_default() += 1;
        }
        for step in &design.steps {
            if !step.separate_from.is_empty() {
                named.insert(step.key.clone());
                named.extend(step.separate_from.iter().cloned());
            }
            // It is there for the case in which another step has to be undone.
            named.extend(step.undo.clone());
            let law = |order: &&Order| order.kind == OrderKind::Law;
            named.extend(
                step.after
                    .iter()
                    .filter(law)
                    .map(|order| order.step.clone()),
            );
            if let Some(matter) = &step.matter {
                *of_matter.entry(matter.clone()).or_default() += 1;
            }
        }
        Self {
            readers,
            named,
            of_matter,
        }
    }

    /// Nobody but the step itself uses what it makes.
    fn dead(&self, design: &Design, step: &Step) -> bool {
        step.writes.iter().all(|field| {
            let own = step
                .reads
                .iter()
                .filter(|read| read.field == *field)
                .count();
            let all = self.readers.get(field).copied().unwrap_or(0);
            all == own && !delivered(design, field)
        })
    }
}

/// Whether neither the law nor another step wants a step.
fn may_go(design: &Design, uses: &Uses, step: &Step) -> bool {
    // A matter keeps at least one step.
    let matter = step.matter.as_ref();
    let last = matter.is_some_and(|key| uses.of_matter.get(key).is_none_or(|count| *count < 2));
    let lawful = step.legal_effect == Some(true) || uses.named.contains(&step.key);
    !last && !lawful && uses.dead(design, step)
}

fn why(ground: &Ground<'_>, design: &Design, uses: &Uses, at: usize) -> Option<Line> {
    let step = &design.steps[at];
    if !may_go(design, uses, step) {
        return None;
    }
    let (zh, en) = (step.title.zh(), step.title.en());
    if step.legal_effect == Some(false) {
        return Some(Line::new(
            format!("“{zh}”的结果无人使用，并已写明不产生法律效力"),
            format!(
                "“{en}” makes nothing that anybody uses, and is stated to have no legal effect"
            ),
        ));
    }
    if only_collects(design, step) {
        return Some(
            Line::new(
                format!("“{zh}”不产生数据，只读取可以电子送达或邮寄的结果，视为领取结果"),
                format!(
                    "“{en}” makes nothing and reads only results that are delivered electronically or by post: it is taken for their collection"
                ),
            )
            .fields(step.reads.iter().map(|read| read.field.clone())),
        );
    }
    let refuses = |step: &Step| ground.refusal(&step.key).unwrap_or(0.0);
    let others = design.steps.iter();
    let mut twins: Vec<&Step> = others
        .filter(|other| other.key != step.key && same_check(step, other))
        .collect();
    // What stays is the one that refuses most, as far as it is free to stay or go; of equals the
    // one by whose name `service.yaml`, and all who speak of its steps, know the check.
    let is_named = |step: &Step| ground.drafting.new_way().step(step.key.as_str()).is_some();
    let stays = |step: &Step, other: &Step| {
        let more = refuses(step).total_cmp(&refuses(other));
        more.then_with(|| is_named(step).cmp(&is_named(other)))
    };
    let goes_instead = |twin: &&Step| {
        let denied = ground.denied(Rule::Eliminate, Site::Step(twin.key.clone()));
        stays(step, twin).is_gt() && denied.is_none() && may_go(design, uses, twin)
    };
    if twins.iter().any(goes_instead) {
        return None;
    }
    twins.sort_by(|one, other| stays(other, one));
    let twin = *twins.first()?;
    let more = if refuses(twin) > refuses(step) {
        let [of_twin, of_step] = [twin, step].map(|step| percent(refuses(step)));
        (
            format!(
                "；按工作量表“{}”不予许可的更多（{of_twin}，“{zh}”{of_step}），留下的是它",
                twin.title.zh()
            ),
            format!(
                "; by the workload “{}” refuses more ({of_twin}, and “{en}” {of_step}), and so it is the one that stays",
                twin.title.en()
            ),
        )
    } else if stays(twin, step).is_gt() {
        (
            format!("；`service.yaml` 用的是“{}”，留下的是它", twin.title.zh()),
            format!(
                "; `service.yaml` has “{}”, and so it is the one that stays",
                twin.title.en()
            ),
        )
    } else {
        Default::default()
    };
    Some(
        Line::new(
            format!(
                "“{zh}”与“{}”由同一部门用同样的数据核查同样的内容，除名称外写法完全相同，法律也未要求分别办理{}",
                twin.title.zh(),
                more.0
            ),
            format!(
                "“{en}” and “{}” check the same inputs in the same department, differ in nothing but their names, and no law wants both{}",
                twin.title.en(),
                more.1
            ),
        )
        .steps([twin.key.clone()])
        .fields(step.reads.iter().map(|read| read.field.clone())),
    )
}

/// The applicant only comes for results that can be sent.
fn only_collects(design: &Design, step: &Step) -> bool {
    let without_a_trip = |by: &[DeliveryChannel]| {
        by.iter()
            .any(|by| matches!(by, DeliveryChannel::Electronic | DeliveryChannel::Post))
    };
    step.by == By::Applicant
        && step.writes.is_empty()
        && !step.attended
        && !step.reads.is_empty()
        && step.reads.iter().all(|read| {
            design
                .delivers
                .iter()
                .any(|delivers| delivers.what == read.field.role && without_a_trip(&delivers.by))
        })
}

/// Whether two steps are the same check: an officer's or a system's, of the
/// same inputs, that makes nothing, needs nobody there and no trip, and that
/// the definition tells from the other by nothing but its name, its title and
/// orders of habit. Department, hands, matter, condition, limit with its
/// basis, retries and duties all have to be equal, and so have the steps that
/// the law puts before them.
fn same_check(step: &Step, other: &Step) -> bool {
    let checks = matches!(step.by, By::System | By::Officer)
        && step.writes.is_empty()
        && !step.reads.is_empty()
        && !step.attended
        && step.visits == 0;
    if !checks || other.by != step.by || !other.writes.is_empty() {
        return false;
    }
    let sorted = |mut reads: Vec<Read>| {
        reads.sort_by(|one, other| one.field.cmp(&other.field));
        reads
    };
    let lawful = |step: &Step| {
        let mut after: Vec<Order> = step.after.clone();
        after.retain(|order| order.kind == OrderKind::Law);
        after.sort_by(|one, other| one.step.cmp(&other.step));
        after
    };
    let bare = |step: &Step| Step {
        key: other.key.clone(),
        title: Text::default(),
        reads: sorted(step.reads.clone()),
        after: lawful(step),
        reason: Reason::default(),
        merges: Vec::new(),
        ..step.clone()
    };
    bare(step) == bare(other)
}
