//! R5, unbind: orders that neither data, law nor a knock-out implies.

use std::collections::BTreeSet;

use onething_definition::design::{Design, IntakeOrder, OrderKind};
use onething_model::{StepKey, Text};

use super::bound::Bound;
use super::draft::Draft;
use super::graph::{ALL, Graph, NEEDED, always, positions};
use super::kept::Way;
use super::knock_outs::KnockOuts;
use super::proof::{Line, Proof, Rule, Site};
use super::quantity::Quantity;
use super::rewritten::Rewritten;
use super::{Ground, Prefer, spared};
use crate::words::many;

/// R5: deletes orders that are mere habit, the applicant's walk above all.
///
/// Checked of each: no law is cited for it, and the later does not read what
/// the earlier makes (where it does, data keeps the order). An order after a
/// step whose refusal ends the later one, or its matter, is a knock-out: without it work is
/// done that a refusal makes useless. Who prefers time lets it go, and the
/// wasted work is stated to be confirmed; who prefers work keeps the [order after the refusal](spared),
/// also where the step waited for it through others. Arrows that others imply are left out when a
/// case is planned.
pub(super) fn unbind(ground: &Ground<'_>, draft: &Draft) -> Option<Rewritten> {
    let design: &Design = &draft.design;
    let mut proof = Proof::new(Rule::Unbind);
    let mut next = design.clone();
    let data = Graph::of(ground.setting, design, &NEEDED);
    let was = Graph::of(ground.setting, design, &ALL);
    let at = positions(design);
    let knock_out = KnockOuts::of(ground, design);
    let always = always(ground.setting, design);
    let certain = data.above_through(&always);
    let way = draft.way(ground.drafting);
    let way = way.filter(|_| ground.prefer == Prefer::Work);
    let spares = way.map(|way| spared::orders(ground, way, &was, (&certain, &always), &knock_out));
    let spares = spares.unwrap_or_default();
    let (mut freed, mut kept, mut spared) = (Vec::new(), Vec::new(), Vec::new());
    let (mut knock_outs, mut named, mut between) = (BTreeSet::new(), 0, Vec::new());
    for (to, step) in next.steps.iter_mut().enumerate() {
        let name = step.key.clone();
        let denied = |from: &StepKey| {
            let site = Site::Pair(from.clone(), name.clone());
            ground.denied(Rule::Unbind, site).is_some()
        };
        let waits_for = spares.after.get(to).map_or(&[][..], Vec::as_slice);
        step.after.retain_mut(|order| {
            if order.kind != OrderKind::Habit || denied(&order.step) {
                return true;
            }
            let edge = || (order.step.clone(), name.clone());
            let Some(from) = at.get(&order.step).copied() else {
                freed.push(edge());
                return false;
            };
            if waits_for.contains(&from) {
                named += 1;
            } else if spares.leads_through(&was, from, to) {
                between.push(edge());
                *order = spared::between(&order.step);
                return true;
            } else if data.precedes(from, to) {
                kept.push(edge());
            } else {
                if ground.prefer == Prefer::Time && knock_out.has(from, to) {
                    knock_outs.insert(edge());
                }
                freed.push(edge());
            }
            false
        });
        for from in waits_for {
            let earlier = &design.steps[*from].key;
            if denied(earlier) || step.after.iter().any(|order| order.step == *earlier) {
                continue;
            }
            spared.push((earlier.clone(), name.clone()));
            step.after.push(spared::order(earlier));
        }
    }
    let direct = spared.len() - named;
    // What others imply now is no less of an order.
    let mut implied = Vec::new();
    if ground.prefer == Prefer::Work {
        let now = Graph::of(ground.setting, &next, &NEEDED).above_through(&always);
        let holds = |(from, to): &mut Edge| {
            let places = at.get(from).zip(at.get(to));
            places.is_some_and(|(from, to)| now.has(*to, *from))
        };
        implied.extend(freed.extract_if(.., holds));
    }
    let walk = walk(ground, design, &mut next);
    knock_outs.extend(walk.knock_outs);
    freed.extend(walk.freed);
    spared.extend(walk.spared);
    // An order that stays, but no longer as a habit, is a change as well.
    if next == *design {
        return None;
    }
    for (one, two) in freed.iter().chain(&kept).chain(&implied).chain(&spared) {
        proof.did(Site::Pair(one.clone(), two.clone()));
    }
    let laws: Vec<Edge> = next
        .steps
        .iter()
        .flat_map(|step| {
            let law = step
                .after
                .iter()
                .filter(|order| order.kind == OrderKind::Law);
            law.map(|order| (order.step.clone(), step.key.clone()))
        })
        .collect();
    let found = Orders {
        freed,
        kept,
        implied,
        spared,
        knock_outs,
        between,
        laws,
        named,
        direct,
    };
    let told = |ground: &Ground<'_>, [was, _]: [Way<'_>; 2], proof: &mut Proof| {
        found.told_by(ground, was, proof);
    };
    Some(Rewritten::new(Draft::new(next), proof).telling(told))
}

/// An order: earlier, later.
type Edge = (StepKey, StepKey);

/// What became of the orders of a design.
struct Orders {
    /// Gone, for nothing implies them.
    freed: Vec<Edge>,
    /// No longer stated, for data implies them.
    kept: Vec<Edge>,
    /// No longer stated, for other orders imply them.
    implied: Vec<Edge>,
    /// Stated, for a refusal spares the work of the later step.
    spared: Vec<Edge>,
    /// Kept, for it leads from such a step to what waits for its refusal, for some answers.
    between: Vec<Edge>,
    /// Those of the freed ones whose earlier step may end the later.
    knock_outs: BTreeSet<Edge>,
    /// Kept, for the law demands them.
    laws: Vec<Edge>,
    /// How many were habits and are knock-outs now.
    named: usize,
    /// How many steps wait now for a refusal itself for which they waited through others.
    direct: usize,
}

impl Orders {
    /// Has the proof say what became of them, and whom they bound.
    fn told_by(self, ground: &Ground<'_>, was: Way<'_>, proof: &mut Proof) {
        let Self {
            freed,
            kept,
            implied,
            spared,
            knock_outs,
            between,
            laws,
            named,
            direct,
        } = self;
        let bound = Bound::of(was, &freed);
        proof.claims.extend(bound.claims);
        let (freed, idle) = (bound.freed, bound.idle);
        let knock_outs = freed.iter().filter(|edge| knock_outs.contains(edge));
        let knock_outs = knock_outs.count();
        let count = freed.len();
        let stand = many(count, "order stands", "orders stand");
        let stand_on_nothing = if knock_outs == 0 {
            Line::new(
                format!("{count} 处先后既无数据往来，也没有法律依据，也不是把关环节"),
                format!("{stand} on no data, no law and no knock-out"),
            )
        } else {
            Line::new(
                format!(
                    "{count} 处先后既无数据往来，也没有法律依据；其中 {knock_outs} 处的前一环节{}，后一环节可能白做（按优先缩短时间处理）",
                    ground.refusing().zh()
                ),
                format!(
                    "{stand} on no data and no law; {} after a step that {}, so that the later one may be done in vain (time is preferred)",
                    many(knock_outs, "of them comes", "of them come"),
                    ground.refusing().en()
                ),
            )
        };
        if count > 0 {
            proof.checked(stand_on_nothing.edges(freed.iter().cloned()));
        }
        if knock_outs > 0 && ground.workload.is_none() {
            proof.confirm_saving(&Quantity::ALL, Text::new(
            "没有工作量表，不知道不予许可的比例：同时办理而白做的工时可以接受（否则用 `--save-work`）",
            "without a workload nobody knows how often steps refuse: the work done in vain by steps that no longer wait is acceptable (where not, say `--save-work`)",
        ));
        }
        if !spared.is_empty() {
            proof.checked(
            Line::new(
                format!(
                    "保留 {} 处把关的先后：前一环节{}，后一环节就不会白做（按优先节省工时处理）",
                    spared.len(),
                    ground.refusing().zh()
                ),
                format!(
                    "{}: the earlier step {}, and the later one is not done in vain (staff's work is preferred)",
                    many(spared.len(), "knock-out order stays", "knock-out orders stay"),
                    ground.refusing().en()
                ),
            )
            .edges(spared),
        );
        }
        let named = named + between.len();
        if !between.is_empty() {
            proof.checked(
                Line::new(
                    format!(
                        "保留 {} 处中间环节的先后：有的情形，后面的环节经由它等候前面的把关环节（{}）",
                        between.len(),
                        ground.refusing().zh()
                    ),
                    format!(
                        "{}: for some answers a later step waits through {} for one that {}",
                        many(between.len(), "order between stays", "orders between stay"),
                        if between.len() == 1 { "it" } else { "them" },
                        ground.refusing().en()
                    ),
                )
                .edges(between),
            );
        }
        if !laws.is_empty() {
            proof.checked(
                Line::new(
                    format!("保留法律要求的先后 {} 处", laws.len()),
                    many(
                        laws.len(),
                        "order that the law demands stays",
                        "orders that the law demands stay",
                    ),
                )
                .edges(laws),
            );
        }
        if named > 0 {
            proof.changed(Line::new(
                format!("{named} 处先后由习惯改为把关"),
                many(
                    named,
                    "order is a knock-out now, and no habit",
                    "orders are knock-outs now, and no habits",
                ),
            ));
        }
        if direct > 0 {
            proof.changed(Line::new(
                format!("{direct} 处先后直接写明：原来经由其他环节等待可能不予许可的环节，现在直接等它"),
                many(
                    direct,
                    "order is stated: a step that waited through others for one that may refuse waits for that one itself",
                    "orders are stated: steps that waited through others for one that may refuse wait for that one itself",
                ),
            ));
        }
        if !implied.is_empty() {
            proof.changed(
                Line::new(
                    format!("{} 处先后由其他先后决定，不必另写", implied.len()),
                    many(
                        implied.len(),
                        "order follows from others and need not be stated",
                        "orders follow from others and need not be stated",
                    ),
                )
                .edges(implied),
            );
        }
        if !kept.is_empty() {
            proof.changed(
                Line::new(
                    format!("{} 处先后由数据决定，不必另写", kept.len()),
                    many(
                        kept.len(),
                        "order follows from data and need not be stated",
                        "orders follow from data and need not be stated",
                    ),
                )
                .edges(kept),
            );
        }
        if count > 0 {
            proof.changed(
                Line::new(
                    format!(
                        "解除 {count} 处先后{}，不再互相等待的环节同时开始",
                        bound.told.zh()
                    ),
                    format!(
                        "{}{}; steps that no longer wait begin at the same time",
                        many(count, "order is gone", "orders are gone"),
                        bound.told.en()
                    ),
                )
                .edges(freed),
            );
        }
        if !bound.past.is_empty() {
            let (count, few) = (bound.past.len(), &bound.few);
            proof.changed(
                Line::new(
                    format!(
                        "{count} 处先后只是越过不参与办理的环节，不再写明{}",
                        few.zh()
                    ),
                    format!(
                        "{} no longer stated{}",
                        many(
                            count,
                            "order that only led past what takes no part is",
                            "orders that only led past what takes no part are"
                        ),
                        few.en()
                    ),
                )
                .edges(bound.past),
            );
        }
        if !idle.is_empty() {
            let (count, few) = (idle.len(), bound.few);
            proof.changed(
                Line::new(
                    format!("{count} 处先后没有申请人受其约束，不再写明{}", few.zh()),
                    format!(
                        "{} no longer stated{}",
                        many(
                            count,
                            "order binds nobody and is",
                            "orders bind nobody and are"
                        ),
                        few.en()
                    ),
                )
                .edges(idle),
            );
        }
    }
}

/// What became of the applicant's walk.
#[derive(Default)]
struct Walk {
    freed: Vec<Edge>,
    /// Kept, for a refusal spares the rest of the walk.
    spared: Vec<Edge>,
    /// Those of the freed ones that are knock-outs.
    knock_outs: Vec<Edge>,
}

/// The walk from application to application, where each matter still has its
/// own: kept only where the applicant has to carry a result, or a law orders steps.
fn walk(ground: &Ground<'_>, design: &Design, next: &mut Design) -> Walk {
    let mut found = Walk::default();
    let of = positions(design);
    // A matter of its own comes after: only what ends the case spares its work.
    let ends = |intake: usize| {
        let mut steps = design.steps.iter().filter(|step| step.intake == intake);
        steps.any(|step| ground.may_knock_out(step, None))
    };
    let ends: Vec<bool> = (0..design.intakes.len()).map(ends).collect();
    for at in 0..design.intakes.len() {
        let mut earlier: BTreeSet<usize> = BTreeSet::new();
        let mut open = vec![at];
        while let Some(intake) = open.pop() {
            for order in &design.intakes[intake].after {
                if earlier.insert(order.intake) {
                    open.push(order.intake);
                }
            }
        }
        let needs = |from: usize| {
            let mut steps = design.steps.iter().filter(|step| step.intake == at);
            let made: BTreeSet<_> = design
                .steps
                .iter()
                .filter(|step| step.intake == from)
                .flat_map(|step| &step.writes)
                .collect();
            let asks = design.intakes[at].asks.iter();
            asks.map(|ask| &ask.field).any(|field| made.contains(field))
                || steps.any(|step| {
                    step.reads.iter().any(|read| made.contains(&read.field))
                        || step.after.iter().any(|order| {
                            let of = of.get(&order.step).map(|at| &design.steps[*at]);
                            order.kind == OrderKind::Law
                                && of.is_some_and(|other| other.intake == from)
                        })
                })
        };
        let because = design.intakes[at]
            .after
            .first()
            .map(|order| order.because.clone());
        let before = design.intakes[at].after.clone();
        let spares = |from: usize| ends[from] && ground.prefer == Prefer::Work;
        let denied = |from: usize| {
            let key = |intake: usize| design.intakes[intake].key.clone();
            let site = Site::Pair(key(from), key(at));
            ground.denied(Rule::Unbind, site).is_some()
        };
        next.intakes[at].after = earlier
            .into_iter()
            .filter(|from| needs(*from) || spares(*from) || denied(*from))
            .map(|intake| IntakeOrder {
                intake,
                because: because.clone().unwrap_or_default(),
            })
            .collect();
        for order in before {
            let from = order.intake;
            let edge = (
                design.intakes[from].key.clone(),
                design.intakes[at].key.clone(),
            );
            let mut still = next.intakes[at].after.iter();
            let still = still.any(|kept| kept.intake == from);
            if !still {
                if ends[from] {
                    found.knock_outs.push(edge.clone());
                }
                found.freed.push(edge);
            } else if spares(from) && !needs(from) {
                found.spared.push(edge);
            }
        }
    }
    // Where nothing of it goes it stays as it was said, too.
    if found.freed.is_empty() {
        next.intakes.clone_from(&design.intakes);
    }
    found
}
