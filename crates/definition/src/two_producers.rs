//! Two steps that make the same field in one case.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use onething_plan::{Answers, FieldIx, Handled, Outline, Plan, StepIx};

use crate::diagnostic::{Code, Diagnostic, both};
use crate::graph::build::Built;
use crate::lower::Cx;
use crate::review::{Reviewed, write_span};
use crate::space::{self, Words};

/// The fields that more than one step makes.
pub(crate) fn contested(plan: &Plan) -> Vec<FieldIx> {
    let fields = plan.fields.iter().enumerate();
    let contested = fields.filter(|(_, field)| field.producers.len() > 1);
    contested.map(|(at, _)| FieldIx::at(at)).collect()
}

/// The pairs of active steps that make the same field, until `doubled` has enough.
pub(crate) fn active(
    plan: &Plan,
    contested: &[FieldIx],
    outline: &Outline,
    mut doubled: impl FnMut(FieldIx, StepIx, StepIx) -> ControlFlow<()>,
) -> ControlFlow<()> {
    // Handled apart, two windows may well have made the same thing.
    let window = |step: StepIx| match plan.handled {
        Handled::Together => None,
        Handled::Apart => Some(plan.step(step).scope),
    };
    for field in contested.iter().copied() {
        let mut before: BTreeMap<Option<StepIx>, Vec<StepIx>> = BTreeMap::new();
        let makers = plan.field(field).producers.iter().copied();
        for two in makers.filter(|step| outline.is_active(*step)) {
            let others = before.entry(window(two)).or_default();
            for one in others.iter() {
                doubled(field, *one, two)?;
            }
            others.push(two);
        }
    }
    ControlFlow::Continue(())
}

pub(crate) fn report(
    cx: &mut Cx<'_>,
    way: &Reviewed<'_>,
    built: &Built,
    (field, one, two): (FieldIx, StepIx, StepIx),
    answers: &Answers,
) {
    let plan = &built.plan;
    let path = &plan.field(field).path;
    let (first, second) = (plan.step(one).key.as_str(), plan.step(two).key.as_str());
    let mut diagnostic = Diagnostic::new(
        Code::TwoProducers,
        write_span(way, built, two, field),
        both!(
            "`{path}` 由 `{first}` 和 `{second}` 两个环节产生",
            "`{path}` is made by two steps, `{first}` and `{second}`",
        ),
    )
    .label(both!("又产生一次", "made again here"))
    .related(
        write_span(way, built, one, field),
        both!("这里已经产生", "made here already"),
    )
    .field(format!("steps.{second}.writes"))
    .help(both!(
        "只由一个环节产生，或者用 `when` 使两个环节不会同时需要",
        "let one step make it, or give the steps conditions that never hold together",
    ));
    let conds = [&plan.step(one).when, &plan.step(two).when];
    let about = space::questions(&conds);
    if !about.is_empty() {
        let told = Words::of(plan).told(answers, &about);
        diagnostic = diagnostic.why(both!(
            "例如 {} 时，两个环节都要办",
            "with {}, for instance, both take part",
            told.zh(),
            told.en(),
        ));
    }
    cx.report(diagnostic);
}
