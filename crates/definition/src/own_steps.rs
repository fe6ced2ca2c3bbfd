//! What a step of the applicant's asks and reads: nothing that the application has asked, nothing
//! that follows from it and was asked before, and nobody's data for its own sake.

use std::collections::{BTreeMap, BTreeSet};

use onething_plan::{Actor, Answers, FieldIx, Outline, Plan, Sensitivity, Source, StepIx};

use crate::asked::with_these;
use crate::diagnostic::{Code, Diagnostic, both};
use crate::graph::build::Built;
use crate::lower::Cx;
use crate::once_only::follows_in_words;
use crate::review::{Reviewed, write_span};

/// What is wrong with steps of the applicant's; collected over scenarios, each with the first
/// answers for which it is so.
#[derive(Debug, Default)]
pub(crate) struct OwnSteps<'a> {
    /// Stated in a step, and asked on an application.
    twice: BTreeMap<(StepIx, FieldIx), &'a Answers>,
    /// Stated in a step, and what follows from it is asked on an application.
    follows: BTreeMap<(StepIx, FieldIx, FieldIx), &'a Answers>,
    /// Read by a step, and asked or looked up for it alone.
    for_nobody: BTreeMap<(StepIx, FieldIx), &'a Answers>,
}

fn own(plan: &Plan) -> impl Iterator<Item = StepIx> {
    plan.step_numbers().filter(|step| plan.is_stated_in(*step))
}

/// What has to be resolved to tell it.
pub(crate) fn fields_of_own_steps(plan: &Plan) -> BTreeSet<FieldIx> {
    let mut fields = BTreeSet::new();
    for step in own(plan).map(|step| plan.step(step)) {
        fields.extend(step.reads.iter().map(|read| read.field));
        fields.extend(&step.writes);
    }
    let follows = (0..plan.fields.len()).map(FieldIx::at).filter(|field| {
        let from = plan.field(*field).derived.map(|derived| derived.from);
        from.is_some_and(|from| fields.contains(&from))
    });
    let follows: Vec<FieldIx> = follows.collect();
    fields.extend(follows);
    fields
}

impl<'a> OwnSteps<'a> {
    /// Adds what a scenario shows. `part` has the reads of the plan that matter here.
    pub(crate) fn see(&mut self, part: &Plan, outline: &Outline, answers: &'a Answers) {
        let mut steps = own(part).filter(|step| outline.is_active(*step)).peekable();
        if steps.peek().is_none() {
            return;
        }
        // Once for a scenario: there may be thousands of steps and of fields.
        let mut asked = vec![false; part.fields.len()];
        for one in part.applications().flat_map(|form| outline.form(form)) {
            asked[one.field.index()] = true;
        }
        let mut following: BTreeMap<FieldIx, Vec<FieldIx>> = BTreeMap::new();
        for (at, field) in part.fields.iter().enumerate().filter(|(at, _)| asked[*at]) {
            if let Some(derived) = field.derived {
                following
                    .entry(derived.from)
                    .or_default()
                    .push(FieldIx::at(at));
            }
        }
        let others = read_by_others(part, outline);
        for step in steps {
            for field in &part.step(step).writes {
                if asked[field.index()] {
                    self.twice.entry((step, *field)).or_insert(answers);
                }
                for asked in following.get(field).into_iter().flatten() {
                    let follows = self.follows.entry((step, *field, *asked));
                    follows.or_insert(answers);
                }
            }
            for (field, source) in outline.sources(step) {
                let is_got = matches!(source, Source::Applicant(_) | Source::LookUp(_));
                let is_public = part.field(*field).sensitivity == Sensitivity::Public;
                if is_got && !is_public && !others[field.index()] {
                    self.for_nobody.entry((step, *field)).or_insert(answers);
                }
            }
        }
    }

    pub(crate) fn report(self, cx: &mut Cx<'_>, way: &Reviewed<'_>, built: &Built) {
        let plan = &built.plan;
        for ((step, field), answers) in self.twice {
            let such = with_these(plan, &[field], answers);
            let (such_zh, such_en) = (such.zh(), such.en());
            let (path, name) = (&plan.field(field).path, plan.step(step).key.as_str());
            cx.report(
                Diagnostic::new(
                    Code::AskedThoughKnown,
                    write_span(way, built, step, field),
                    both!(
                        "环节 `{name}` 要申请人提供 `{path}`，但申请时已经填写{such_zh}",
                        "the step `{name}` asks the applicant for `{path}`, which the application has asked{such_en}",
                    ),
                )
                .label(both!("在这里又要求提供", "asked again here"))
                .field(format!("steps.{name}.writes"))
                .why(both!(
                    "同一项不要申请人填两次，后填的还会悄悄替换先填的",
                    "the same is not asked of the applicant twice: the later answer would replace the earlier silently",
                ))
                .help(both!(
                    "从 `writes` 中删除它；只在这一环节才有的，从其他环节（包括本环节）先于它的 `reads` 中删除",
                    "remove it from `writes`; where it is there only then, let no step read it before, this one included",
                )),
            );
        }
        for ((step, from, field), answers) in self.follows {
            let such = with_these(plan, &[from, field], answers);
            let (such_zh, such_en) = (such.zh(), such.en());
            let (whence, path) = (&plan.field(from).path, &plan.field(field).path);
            let name = plan.step(step).key.as_str();
            let follows = follows_in_words(plan, field);
            let (zh, en) = (follows.zh(), follows.en());
            cx.report(
                Diagnostic::new(
                    Code::StatedTooLate,
                    write_span(way, built, step, from),
                    both!(
                        "申请时要申请人填写 `{path}`，而它可由 `{whence}` 得出{zh}；`{whence}` 到环节 `{name}` 才由申请人填报{such_zh}",
                        "the application asks for `{path}`, which follows from `{whence}`{en}; the applicant states that only in the step `{name}`{such_en}",
                    ),
                )
                .label(both!("到这里才填报", "stated only here"))
                .field(format!("steps.{name}.writes"))
                .why(both!(
                    "申请时就问这一项，另一项就不用问了，也不会前后填得不一致",
                    "asked on the application, it spares the other, and the two cannot contradict each other",
                ))
                .help(both!(
                    "从 `writes` 中删除它，由申请时填写",
                    "remove it from `writes`, and the application asks for it",
                )),
            );
        }
        for ((step, field), answers) in self.for_nobody {
            let such = with_these(plan, &[field], answers);
            let (such_zh, such_en) = (such.zh(), such.en());
            let (path, name) = (&plan.field(field).path, plan.step(step).key.as_str());
            let node = &way.nodes.list[built.node_of[step.index()]];
            let reads = &plan.step(step).reads;
            let at = reads.iter().position(|read| read.field == field);
            let read = at.and_then(|at| node.reads.get(at));
            cx.report(
                Diagnostic::new(
                    Code::ForNobody,
                    read.map_or(node.span, |read| read.span),
                    both!(
                        "只有申请人自己的环节 `{name}` 用到 `{path}`：会为此向申请人索要或向数据库查询个人信息，却没有部门需要它{such_zh}",
                        "`{path}` is read by the applicant's own step `{name}` alone: personal data would be asked or looked up though no department needs it{such_en}",
                    ),
                )
                .field(format!("steps.{name}.reads"))
                .why(both!(
                    "处理个人信息限于实现处理目的的最小范围（个人信息保护法第六条）",
                    "personal data is collected as far as its purpose needs it and no further (Personal Information Protection Law, art. 6)",
                ))
                .help(both!(
                    "从 `reads` 中删除它；部门需要的，由该部门的环节读取",
                    "remove it from `reads`; where a department needs it, let a step of that department read it",
                )),
            );
        }
    }
}

/// By field: whether anybody but the applicant reads it in a scenario, or what follows from it: a
/// step of an office, who takes the application in, or a registry that is asked with it.
fn read_by_others(plan: &Plan, outline: &Outline) -> Vec<bool> {
    let mut read = vec![false; plan.fields.len()];
    for item in outline.steps().map(|step| plan.step(step)) {
        for one in item.reads.iter().filter(|_| item.actor != Actor::Applicant) {
            read[one.field.index()] = true;
            if let Some(derived) = plan.field(one.field).derived {
                read[derived.from.index()] = true;
            }
        }
    }
    read
}
