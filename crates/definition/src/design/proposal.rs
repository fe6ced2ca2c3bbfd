//! A design as a service of its own: the files of its folder.

use std::collections::BTreeSet;

use onething_model::{MatterKey, RegistryKey, RoleKey, ServiceKey, StepKey, Text};
use onething_plan::workload::Workload;
use onething_plan::{Cond, Impossible, Plan, Service};

use super::before::write_before;
use super::workload::{Subjects, write_workload};
use super::write::{Needed, Page, ServiceHead, write_service};
use super::{Design, Registries, Setting};
use crate::diagnostic::both;
use crate::lower::limits::longer;
use crate::lower::symbols::Symbols;

/// The files of a service's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// `service.yaml`: the design.
    pub service: String,
    /// `before.yaml`: the old way over the design's steps.
    pub before: String,
    /// `workload.yaml`; none where the service has none.
    pub workload: Option<String>,
    /// What the original files say and these do not, with what to do about it.
    pub left_out: Vec<Text>,
}

/// Writes the files; `None` where the design has more than one intake.
pub(super) fn files(
    head: &ServiceHead<'_, '_>,
    setting: &Setting,
    service: &Service,
    [new, old]: [&Design; 2],
    plans: &[Plan; 2],
    workload: Option<&Workload>,
    name: &ServiceKey,
) -> Option<Files> {
    let symbols = head.symbols;
    let origin = head.head.service.as_str();
    let needed = needed(symbols, &service.new.impossible, [new, old]);
    let mut left_out = Vec::new();
    let roles = symbols.roles.iter().zip(&needed.roles);
    let roles = roles.filter(|(_, needed)| !**needed);
    tell(
        &mut left_out,
        roles.map(|(role, _)| role.key.as_str()),
        ("不再用到的角色", "roles that nothing uses any more"),
    );
    let matters = symbols.matters.iter().zip(&needed.matters);
    let matters = matters.filter(|(_, needed)| !**needed);
    tell(
        &mut left_out,
        matters.map(|(matter, _)| matter.key.as_str()),
        (
            "这些事项在原办法中没有环节，提案中也没有；需要的请连同环节一并补上",
            "matters that the proposal does not have, since no step of the old way works on them; add what is needed with its steps",
        ),
    );
    let questions = symbols.questions.iter().zip(&needed.questions);
    let questions = questions.filter(|(_, needed)| !**needed);
    tell(
        &mut left_out,
        questions.map(|(question, _)| question.key.as_str()),
        (
            "回答不再影响办理的问题",
            "questions whose answers change nothing any more",
        ),
    );
    let [new, old] = &[new, old].map(|way| answering(setting, &needed, way));
    let mut page = Page::default();
    comment(
        &mut page,
        &format!(
            "由 `onething redesign` 从 `{origin}` 的原办法推出的新办法。原文件中的注释没有带过来。"
        ),
        &format!(
            "The new way that `onething redesign` proposes from the old way of `{origin}`. Comments of the original files are not kept."
        ),
    );
    write_service(&mut page, head, service, new, &needed, name.as_str())?;
    let mut before = Page::default();
    comment(
        &mut before,
        &format!(
            "`{origin}` 的原办法，按提案的环节重写：与原来的 `before.yaml` 是同一个办法。注释没有带过来。"
        ),
        &format!(
            "The old way of `{origin}`, told over the steps of the proposal: the same as its own `before.yaml` tells. Comments are not kept."
        ),
    );
    comment(
        &mut before,
        &format!(
            "改革前的数字与 `{origin}` 的对比相同，但只计前后都有事项可办的申请人：两个新办法服务的人不同的，数字也就不同。"
        ),
        &format!(
            "`onething compare` has the same figures of before for `{origin}`, of those for whom both ways have something to do: where its new way serves others than this proposal, they differ."
        ),
    );
    let ways = [new, old];
    write_before(
        &mut before,
        setting,
        service,
        ways,
        &needed,
        name.as_str(),
        head.before_language,
    );
    let workload = workload.map(|workload| {
        let mut page = Page::default();
        comment(
            &mut page,
            &format!("`{origin}` 的业务量，只留下提案和原办法都还用得到的数字。注释没有带过来。"),
            &format!("The workload of `{origin}`: the figures that the proposal or the old way still needs. Comments are not kept."),
        );
        let subjects = Subjects::of(symbols, plans, &needed);
        let out = write_workload(&mut page, &subjects, workload);
        tell(
            &mut left_out,
            out.iter().map(String::as_str),
            (
                "业务量中两种办法都用不到的数字",
                "figures of the workload that neither way needs",
            ),
        );
        page.0
    });
    Some(Files {
        service: page.0,
        before: before.0,
        workload,
        left_out,
    })
}

/// The head of a file, in both languages.
fn comment(page: &mut Page, zh: &str, en: &str) {
    page.comment(zh);
    page.comment(en);
}

fn tell<'a>(
    left_out: &mut Vec<Text>,
    names: impl Iterator<Item = &'a str>,
    (zh, en): (&str, &str),
) {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    if !names.is_empty() {
        left_out.push(Text::new(
            format!("{zh}：{}", names.join("、")),
            format!("{en}: {}", names.join(", ")),
        ));
    }
}

/// A way that names no registry in which none of the roles that are left can be looked up: who
/// reads the files does not know it.
fn answering(setting: &Setting, needed: &Needed, way: &Design) -> Design {
    let roles = setting.roles.iter().zip(&needed.roles);
    let left: BTreeSet<&RoleKey> = roles
        .filter(|(_, needed)| **needed)
        .map(|(role, _)| &role.key)
        .collect();
    let answers = |registry: &RegistryKey| {
        let mut providers = setting.providers.iter();
        providers.any(|provider| provider.registry == *registry && left.contains(&provider.role))
    };
    let mut way = way.clone();
    match &mut way.fetched {
        Registries::All | Registries::None => {}
        Registries::Only(list) => list.retain(answers),
        Registries::Without(list) => {
            list.retain(|(registry, _)| answers(registry));
            if list.is_empty() {
                way.fetched = Registries::All;
            }
        }
    }
    way
}

/// What either way uses; questions also where a rule says which answers are impossible together.
fn needed(symbols: &Symbols<'_>, impossible: &[Impossible], ways: [&Design; 2]) -> Needed {
    let mut used: BTreeSet<&str> = BTreeSet::new();
    for way in ways {
        let of_steps = way.steps.iter().flat_map(|step| {
            let reads = step.reads.iter().map(|read| &read.field);
            reads.chain(&step.writes)
        });
        let asks = way.intakes.iter().flat_map(|intake| &intake.asks);
        let fields = of_steps.chain(asks.map(|ask| &ask.field));
        used.extend(fields.map(|field| field.role.as_str()));
        used.extend(way.delivers.iter().map(|delivers| delivers.what.as_str()));
    }
    let roles = symbols.roles.iter().enumerate();
    let roles =
        roles.map(|(at, role)| symbols.applicant == Some(at) || used.contains(role.key.as_str()));
    let mut questions = vec![false; symbols.questions.len()];
    let asked = |questions: &mut Vec<bool>, when: &Cond| {
        when.each_atom(&mut |question, _| {
            if let Some(asked) = questions.get_mut(question.index()) {
                *asked = true;
            }
        });
    };
    let steps = ways.iter().flat_map(|way| &way.steps);
    let worked_on: BTreeSet<&MatterKey> = steps
        .clone()
        .filter_map(|step| step.matter.as_ref())
        .collect();
    let matters: Vec<bool> = symbols
        .matters
        .iter()
        .map(|matter| worked_on.contains(&matter.key.value))
        .collect();
    // Without its rules the same shares of answers would be other cases.
    let rules = impossible.iter().map(|rule| &rule.when);
    for when in steps
        .map(|step| &step.when)
        .chain(
            symbols
                .matters
                .iter()
                .zip(&matters)
                .filter(|(_, worked_on)| **worked_on)
                .map(|(matter, _)| &matter.when),
        )
        .chain(rules)
    {
        asked(&mut questions, when);
    }
    // A question is asked on the answers to earlier ones.
    for at in (0..questions.len()).rev() {
        if questions[at] {
            asked(&mut questions, &symbols.questions[at].when);
        }
    }
    Needed {
        roles: roles.collect(),
        questions,
        matters,
    }
}

/// What the new way of `service.yaml` says of steps and a design made from the
/// old way does not: steps that the old way did not have, and what they or
/// others are kept, undone, inspected with.
pub(super) fn left_out(setting: &Setting, now: &Design, made: &Design) -> Vec<Text> {
    let mut out = Vec::new();
    let there = |key: &StepKey| {
        let is = |step: &&super::Step| step.key == *key || step.merges.contains(key);
        made.steps.iter().find(is)
    };
    let gone = now.steps.iter().map(|step| &step.key);
    tell(
        &mut out,
        gone.filter(|key| there(key).is_none()).map(StepKey::as_str),
        (
            "`service.yaml` 中的这些环节不在提案中（原办法没有，或已取消）；需要的请补上",
            "steps of `service.yaml` that the proposal does not have, since the old way did not or they are left out; add what is needed",
        ),
    );
    out.extend(beyond_law(setting, now, made));
    let mut said = |key: &StepKey, what: &str| {
        let key = key.as_str();
        out.push(Text::new(
            format!("环节 `{key}` 的 `{what}` 没有带过来：所指的环节不在提案中；请改写或确认不再需要"),
            format!("`{what}` of the step `{key}` is not kept: the step it names is not in the proposal; name another, or confirm that it is no longer needed"),
        ));
    };
    for step in &now.steps {
        let Some(kept) = there(&step.key) else {
            continue;
        };
        if step.undo.is_some() && kept.undo.is_none() {
            said(&step.key, "undo");
        }
        let lost = |key: &StepKey| there(key).is_none();
        if step.separate_from.iter().any(lost) {
            said(&step.key, "separate_from");
        }
    }
    for inspection in &now.joint_inspections {
        let lost: Vec<&str> = inspection
            .steps
            .iter()
            .filter(|key| there(key).is_none())
            .map(StepKey::as_str)
            .collect();
        if !lost.is_empty() {
            let (name, list) = (&inspection.name, Text::list(lost));
            out.push(both!(
                "联合踏勘 `{name}` 少了环节 {list}：不在提案中；请确认是否还要一次上门",
                "the joint inspection `{name}` loses {list}, not in the proposal; confirm that one visit is still what is wanted"; list
            ));
        }
    }
    out
}

/// Limits of the old way that are longer than what the law allows by now: the design keeps
/// them, and whoever puts it to use may not.
fn beyond_law<'a>(
    setting: &'a Setting,
    now: &'a Design,
    made: &'a Design,
) -> impl Iterator<Item = Text> + 'a {
    let matters = setting
        .matters
        .iter()
        .zip(now.limits.iter().zip(&made.limits));
    let matters = matters.map(|(matter, both)| (("事项", "matter"), matter.key.as_str(), both));
    let steps = now.steps.iter().filter_map(|step| {
        let kept = made.steps.iter().find(|kept| kept.key == step.key)?;
        Some((
            ("环节", "step"),
            step.key.as_str(),
            (&step.limit, &kept.limit),
        ))
    });
    matters.chain(steps).filter_map(|((zh, en), key, (today, kept))| {
        let (law, then) = (today.statutory?, kept.binding()?);
        let (more_zh, more_en) = match longer(then, law) {
            Some(false) => return None,
            Some(true) => ("长于", "is longer than"),
            None => ("计时单位不同于", "cannot be compared with"),
        };
        Some(both!(
            "{zh} `{key}` 保留了原办法的时限 {then}，{more_zh}现行法定时限 {law}：采用提案前请改写它的 `limit`",
            "the {en} `{key}` keeps the limit of the old way, {then}, which {more_en} the {law} that the law allows now: rewrite its `limit` before the proposal is put to use",
        ))
    })
}
