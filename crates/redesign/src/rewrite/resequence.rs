//! R9, resequence: a system's check of the form's own data comes first.

use onething_definition::design::{By, Design, Order, OrderKind};
use onething_model::Text;
use onething_plan::Handled;

use super::Ground;
use super::eliminate::delivered;
use super::graph::{ALL, Graph, NEEDED};
use super::knock_outs::KnockOuts;
use super::proof::{Line, Proof, Rule, Site};

/// R9: a system's check of the form's own data comes first, before people
/// spend time on the same matter.
///
/// Checked: it reads nothing that a step makes, nor what is looked up by what a
/// step makes, it takes no time that is limited, and no law puts it after
/// another step. Where it makes what is delivered or has a legal effect of its own, it decides:
/// then nobody of its matter who may refuse it came before it. All is one case: what comes in is what the
/// check reads.
pub(super) fn resequence(ground: &Ground<'_>, design: &Design) -> Option<(Design, Proof)> {
    if design.handled == Handled::Apart {
        return None;
    }
    // Nothing comes before a check that moves, so that an order added for one
    // never bears on another: one graph serves all.
    let graph = Graph::of(ground.setting, design, &NEEDED);
    let all = Graph::of(ground.setting, design, &ALL);
    let knock_outs = KnockOuts::of(ground, design);
    let mut proof = Proof::new(Rule::Resequence);
    let mut next = design.clone();
    for (at, check) in design.steps.iter().enumerate() {
        let validates = check.by == By::System
            && check.matter.is_some()
            && !check.reads.is_empty()
            && check.limit.binding().is_none()
            && graph.before[at].is_empty();
        // What decides comes after whoever may refuse it: that is no check before them.
        let decides = check.legal_effect == Some(true)
            || check.writes.iter().any(|field| delivered(design, field));
        let refuses =
            |from: usize| design.steps[from].matter == check.matter && knock_outs.has(from, at);
        let validates = validates && !(decides && all.all_before(at).any(refuses));
        let site = Site::Step(check.key.clone());
        if !validates || ground.denied(Rule::Resequence, site.clone()).is_some() {
            continue;
        }
        let moved = !check.after.is_empty();
        pass_on(&mut next, at, &all);
        next.steps[at].after.clear();
        let mut before = Vec::new();
        let mut reached = vec![false; design.steps.len()];
        graph.reach_from(at, &mut reached);
        for to in 0..design.steps.len() {
            let other = &design.steps[to];
            let people =
                matches!(other.by, By::Officer | By::Outside) && other.matter == check.matter;
            if people && !reached[to] {
                graph.reach_from(to, &mut reached);
                // No law orders the two: it waited by habit at most.
                let after = &mut next.steps[to].after;
                after.retain(|order| order.step != check.key);
                after.push(Order {
                    step: check.key.clone(),
                    because: Text::new(
                        "先由系统核验申请数据，不合格的不再派给人员",
                        "a system checks the form's data first, so that nobody works on what fails",
                    ),
                    basis: None,
                    kind: OrderKind::KnockOut,
                });
                before.push(other.key.clone());
            }
        }
        if !moved && before.is_empty() {
            continue;
        }
        proof.did(site);
        let (zh, en) = (check.title.zh(), check.title.en());
        proof.checked(
            Line::new(
                format!("“{zh}”由系统核验，只读取申请表和数据库中的数据，法律未要求排在其他环节之后"),
                format!("“{en}” is a system's check that reads only the form and registries; no law puts it after another step"),
            )
            .steps([check.key.clone()])
            .fields(check.reads.iter().map(|read| read.field.clone())),
        );
        proof.changed(
            Line::new(
                format!("“{zh}”前移，申请一受理就核验"),
                format!(
                    "“{en}” moves to the front: it checks as soon as the application is accepted"
                ),
            )
            .edges(before.into_iter().map(|to| (check.key.clone(), to)))
            .steps([check.key.clone()]),
        );
    }
    (!proof.changed.is_empty()).then_some((next, proof))
}

/// What came after a check comes after what it came after: the check moves, and
/// nothing else.
fn pass_on(next: &mut Design, check: usize, graph: &Graph) {
    let orders = next.steps[check].after.clone();
    for to in &graph.after[check] {
        let step = &mut next.steps[*to];
        for order in &orders {
            let known = step.after.iter().any(|known| known.step == order.step);
            if !known && order.step != step.key {
                step.after.push(Order {
                    basis: None,
                    kind: OrderKind::Habit,
                    ..order.clone()
                });
            }
        }
    }
}
