//! R4, eliminate: steps whose outputs nobody uses and that have no legal effect;
//! R3, dead data: what nobody reads and no result carries.

use std::collections::BTreeSet;

use onething_definition::design::{By, Design, Step};
use onething_model::{FieldPath, Text};
use onething_plan::DeliveryChannel;

use super::Ground;
use super::graph::{read_by_steps, remove_step};
use super::proof::{Line, Proof, Rule, fields_in_words};

/// Leaves out steps, one after the other.
///
/// Checked: no other step reads what the step makes, and no result carries
/// it. Then one of: the definition says it has no legal effect; the applicant
/// only collects what can be delivered without a trip; another step of the
/// same department makes the same check on the same inputs.
pub(super) fn steps(_: &Ground<'_>, design: &Design) -> Option<(Design, Proof)> {
    let mut proof = Proof::new(Rule::Eliminate);
    let mut next = design.clone();
    while let Some((at, line)) = (0..next.steps.len()).find_map(|at| Some((at, why(&next, at)?))) {
        let step = next.steps[at].clone();
        proof.checked(line.steps([step.key.clone()]));
        let trips = match step.visits {
            0 => (String::new(), String::new()),
            visits => (
                format!("，少跑 {visits} 次"),
                format!(", {visits} fewer trips"),
            ),
        };
        proof.changed(
            Line::new(
                format!("取消“{}”{}", step.title.zh(), trips.0),
                format!("“{}” is left out{}", step.title.en(), trips.1),
            )
            .steps([step.key.clone()]),
        );
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
    }
    if proof.changed.is_empty() {
        return None;
    }
    proof.confirm(Text::new(
        "取消的环节确无法律效力（有效力的写 `legal_effect: yes`）",
        "the steps left out have no legal effect (one that has says `legal_effect: yes`)",
    ));
    Some((next, proof))
}

fn delivered(design: &Design, field: &FieldPath) -> bool {
    design
        .delivers
        .iter()
        .any(|delivers| delivers.what == field.role)
}

fn dead(design: &Design, step: &Step) -> bool {
    step.writes.iter().all(|field| {
        let others = design.steps.iter().filter(|other| other.key != step.key);
        let mut reads = others
            .flat_map(|other| &other.reads)
            .chain(design.intakes.iter().flat_map(|intake| &intake.asks));
        !delivered(design, field) && !reads.any(|read| read.field == *field)
    })
}

fn why(design: &Design, at: usize) -> Option<Line> {
    let step = &design.steps[at];
    // A matter keeps at least one step.
    let others = |other: &&Step| other.key != step.key && other.matter == step.matter;
    let last = step.matter.is_some() && !design.steps.iter().any(|other| others(&other));
    // It is there for the case in which another step has to be undone.
    let undoes = || {
        design
            .steps
            .iter()
            .any(|other| other.undo.as_ref() == Some(&step.key))
    };
    if last || step.legal_effect == Some(true) || !dead(design, step) || undoes() {
        return None;
    }
    let (zh, en) = (step.title.zh(), step.title.en());
    if step.legal_effect == Some(false) {
        return Some(Line::new(
            format!("“{zh}”的结果无人使用，并已写明不产生法律效力"),
            format!("nobody uses what “{en}” makes, and it is stated to have no legal effect"),
        ));
    }
    let without_a_trip = |by: &[DeliveryChannel]| {
        by.iter()
            .any(|by| matches!(by, DeliveryChannel::Electronic | DeliveryChannel::Post))
    };
    let only_collects = step.by == By::Applicant
        && step.writes.is_empty()
        && !step.attended
        && !step.reads.is_empty()
        && step.reads.iter().all(|read| {
            design
                .delivers
                .iter()
                .any(|delivers| delivers.what == read.field.role && without_a_trip(&delivers.by))
        });
    if only_collects {
        return Some(
            Line::new(
                format!("“{zh}”只是领取结果，而这些结果可以电子送达或邮寄"),
                format!(
                    "“{en}” only collects results, which are delivered electronically or by post"
                ),
            )
            .fields(step.reads.iter().map(|read| read.field.clone())),
        );
    }
    if !matches!(step.by, By::System | By::Officer) || step.reads.is_empty() {
        return None;
    }
    let inputs = |step: &Step| -> BTreeSet<FieldPath> {
        step.reads.iter().map(|read| read.field.clone()).collect()
    };
    let twin = design.steps.iter().find(|other| {
        other.key != step.key
            && other.by == step.by
            && other.department == step.department
            && other.matter == step.matter
            && other.when == step.when
            && inputs(other) == inputs(step)
            && step.after.iter().all(|order| order.step != other.key)
            && step.writes.is_empty()
            && step.visits == 0
    })?;
    Some(
        Line::new(
            format!(
                "“{zh}”与“{}”由同一部门用同样的数据核查同样的内容",
                twin.title.zh()
            ),
            format!(
                "“{en}” and “{}” check the same inputs in the same department",
                twin.title.en()
            ),
        )
        .steps([twin.key.clone()])
        .fields(inputs(step)),
    )
}

/// Drops what is asked and what is made for nobody.
pub(super) fn data(ground: &Ground<'_>, design: &Design) -> Option<(Design, Proof)> {
    let mut next = design.clone();
    let (mut asked, mut made): (Vec<FieldPath>, Vec<FieldPath>) = (Vec::new(), Vec::new());
    for (at, intake) in next.intakes.iter_mut().enumerate() {
        let reads = |field: &FieldPath| {
            design
                .steps
                .iter()
                .filter(|step| step.intake == at)
                .any(|step| step.reads.iter().any(|read| read.field == *field))
        };
        intake.asks.retain(|ask| {
            let kept = reads(&ask.field) || ask.field.role == ground.setting.applicant;
            if !kept {
                asked.push(ask.field.clone());
            }
            kept
        });
    }
    let read = read_by_steps(design);
    let keys: BTreeSet<&FieldPath> = ground
        .setting
        .providers
        .iter()
        .filter(|provider| design.fetched.allows(provider.registry.as_str()))
        .flat_map(|provider| &provider.with)
        .collect();
    for step in &mut next.steps {
        if step.legal_effect == Some(true) {
            continue;
        }
        step.writes.retain(|field| {
            let kept = read.contains(field) || delivered(design, field) || keys.contains(field);
            if !kept {
                made.push(field.clone());
            }
            kept
        });
    }
    if asked.is_empty() && made.is_empty() {
        return None;
    }
    let mut proof = Proof::new(Rule::DeadData);
    for (fields, zh, en) in [
        (
            asked,
            "表单要求填写、但没有环节读取",
            "asked for, though no step reads it",
        ),
        (
            made,
            "环节产生、但无人读取也不送达",
            "made, though nobody reads it and no result carries it",
        ),
    ] {
        if fields.is_empty() {
            continue;
        }
        let words = fields_in_words(ground.setting, &fields);
        proof.checked(
            Line::new(
                format!("{zh}：{}", words.zh()),
                format!("{en}: {}", words.en()),
            )
            .fields(fields.iter().cloned()),
        );
        proof.changed(
            Line::new(
                format!("删除{}", words.zh()),
                format!("dropped: {}", words.en()),
            )
            .fields(fields),
        );
    }
    proof.confirm(Text::new(
        "办理中不以其他方式使用这些数据",
        "the data is not used in some other way",
    ));
    Some((next, proof))
}
