//! How commands that move cases end: they go on until only people or timers
//! are awaited, tell what happened meanwhile, and say what is awaited.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use onething::Definition;
use onething_engine::{DurableEvent, EffectId, StepStatus};
use onething_model::{CaseId, ServiceKey, StepKey};
use onething_runtime::{CaseView, Fields, FormItem, StepView, WorkFilter, WorkItem};
use serde_json::json;

use crate::commands::history::Story;
use crate::failure::Failure;
use crate::output::Output;
use crate::say::both;
use crate::session::Session;
use crate::show;
use crate::wire::CaseWire;

/// Waits until only people or timers are awaited.
pub(crate) async fn go_on(session: &Session) -> Result<(), Failure> {
    session.engine.idle().await?;
    Ok(())
}

/// Tells how these cases stand: what happened since the command began, and
/// what each waits for.
pub(crate) async fn report(
    session: &Session,
    cases: BTreeSet<CaseId>,
    store: &Path,
    out: &mut Output,
) -> Result<(), Failure> {
    let mut views = Vec::new();
    for case in cases {
        views.push(session.engine.case(case).await?);
    }
    if out.json {
        let cases: Vec<CaseWire> = views.iter().map(CaseWire::from).collect();
        out.json(&json!({ "store": store.display().to_string(), "cases": cases }));
        return Ok(());
    }
    let mut definitions: BTreeMap<CaseId, Option<Arc<Definition>>> = BTreeMap::new();
    for view in &views {
        definitions.insert(view.case, session.definition(view.case).await?);
    }
    for view in &views {
        let definition = definitions.get(&view.case).cloned().flatten();
        let plan = definition
            .as_ref()
            .map(|definition| definition.plan().as_ref());
        out.say(&show::head(view, plan));
        let history = session.engine.story(view.case).await?;
        let story = Story::of(plan, &history).since(session.began);
        for (line, text) in story.lines() {
            out.line(&show::history_line(plan, line, text, out.lang));
        }
        if tells_what_counts(view, &story) {
            show::set_aside(&view.set_aside, plan, out);
        }
        if !view.awaiting.is_empty() {
            out.say(&both!("等待：", "waits for:"));
        }
        for item in &view.awaiting {
            out.line(&show::awaited(item, plan, store, view.status, out.lang));
        }
    }
    Ok(())
}

/// Whether something happened that decided what counts: a registry answered, or the
/// applicant handed in. Later commands need not say again what was set aside then.
fn tells_what_counts(view: &CaseView, story: &Story<'_>) -> bool {
    let answered = |step: &StepKey| view.set_aside.iter().any(|item| item.step == *step);
    story.lines().any(|(line, _)| {
        let event = &line.record.event;
        matches!(event, DurableEvent::Submitted { .. })
            || matches!(event, DurableEvent::StepCompleted { step, .. } if answered(step))
    })
}

/// The row of the worklist with this key.
///
/// # Errors
/// It waits for nobody, or there is no such work.
pub(crate) async fn work_item(session: &Session, effect: &EffectId) -> Result<WorkItem, Failure> {
    let filter = WorkFilter {
        case: Some(effect.case),
        limit: usize::MAX,
        ..WorkFilter::default()
    };
    let page = session.engine.work(&filter).await?;
    if let Some(found) = page.items.into_iter().find(|item| item.effect == *effect) {
        return Ok(found);
    }
    let view = session.engine.case(effect.case).await?;
    let waits = |step: &StepView| step.step == effect.step && step.status == StepStatus::Waiting;
    if view.steps.iter().any(waits) {
        // Nothing can be done yet: the engine says what the step waits for. Rounds begin with
        // the first: should its turn have come meanwhile, this one is refused all the same.
        let never = EffectId {
            round: 0,
            ..effect.clone()
        };
        let answer = session.engine.complete(&never, Fields::default(), None);
        answer.await?;
    }
    Err(Failure::no(both!(
        "没有待办 `{effect}`",
        "no work waits under `{effect}`",
    ))
    .help(both!(
        "用 `onething work list` 查看待办；也可能已有人办结",
        "see `onething work list`; somebody may have done it",
    )))
}

/// Sample values for a form, but for what the applicant gave already.
pub(crate) fn samples(session: &Session, service: &ServiceKey, form: &[FormItem]) -> Fields {
    let missing = form.iter().filter(|item| !item.given);
    let wanted: Vec<_> = missing.map(|item| item.field.clone()).collect();
    session.samples.of(service, &wanted)
}
