//! `onething run`: a case for real on an embedded store.

use std::collections::BTreeSet;
use std::sync::Arc;

use onething::Definition;
use onething_engine::EffectId;
use onething_model::{CaseId, Text};
use onething_plan::{Answer, Answers, Plan, sample};
use onething_runtime::{Application, Awaited, Awaits, Engine, Fields, FormItem, Submitted};
use serde_json::{Value, json};

use crate::args::Run;
use crate::commands::{definitions, ending};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::given;
use crate::output::Output;
use crate::say::both;
use crate::scripted;
use crate::sentences;
use crate::session::{Handlers, Session};

/// Files an application, or takes open cases up, and goes on until only
/// people or timers are awaited.
pub(crate) fn run(args: &Run, out: &mut Output) -> Result<Exit, Failure> {
    let definition = Arc::new(definitions::one(&args.dir, out)?);
    let plan = definition.plan().clone();
    known_registries(&plan, &args.script.misses)?;
    let application = match &args.application {
        Some(path) => Some(given::application(path)?),
        None => None,
    };
    let answers = definitions::answers(&plan, &args.answers)?;
    let handlers = Handlers::Scripted(args.script.misses.clone());
    let session = Session::open_for(&args.store.store, &definition, handlers, out)?;
    let done = session.block_on(async {
        let mut cases = open_cases(&session.engine).await?;
        let of_this = cases.iter().any(|(_, service)| *service == plan.service);
        match &application {
            Some(given) => {
                let case = submit(&session, &definition, given, args, out).await?;
                cases.push((case, plan.service.clone()));
            }
            None if of_this => {}
            None => {
                let case = submit_sample(&session, &plan, &answers, args).await?;
                cases.push((case, plan.service.clone()));
            }
        }
        let cases: BTreeSet<CaseId> = cases.into_iter().map(|(case, _)| case).collect();
        ending::go_on(&session).await?;
        if args.all {
            out.note(&both!(
                "`--all`：人工环节也以示例数据办结，仅供试用",
                "`--all`: people's steps are done with sample values too, for trying out",
            ));
            do_all(&session, out).await?;
        }
        ending::report(&session, cases, &args.store.store, out).await
    });
    let closed = session.close();
    done.map_err(|failure| failure.naming(&plan)).and(closed)?;
    Ok(Exit::Fine)
}

/// A registry that the service does not ask is a slip of the pen.
fn known_registries(plan: &Plan, misses: &[String]) -> Result<(), Failure> {
    let known = scripted::registries(plan);
    match misses.iter().find(|name| !known.contains(*name)) {
        None => Ok(()),
        Some(name) => {
            let list = Text::list(known);
            Err(Failure::usage(both!(
                "本服务不查询数据库 `{name}`；查询的有：{list}",
                "the service asks no registry `{name}`; it asks: {list}"; list
            )))
        }
    }
}

async fn open_cases(engine: &Engine) -> Result<Vec<(CaseId, onething_model::ServiceKey)>, Failure> {
    let mut open = Vec::new();
    let mut after = None;
    loop {
        let page = engine.cases(after, 0).await?;
        let lines = page.cases.into_iter();
        open.extend(
            lines
                .filter(|line| !line.status.is_final())
                .map(|line| (line.case, line.service)),
        );
        after = page.next;
        if after.is_none() {
            return Ok(open);
        }
    }
}

async fn submit(
    session: &Session,
    definition: &Definition,
    given: &given::Application,
    args: &Run,
    out: &mut Output,
) -> Result<CaseId, Failure> {
    let plan = definition.plan();
    if let Some(service) = &given.service
        && *service != plan.service.as_str()
    {
        let ours = &plan.service;
        return Err(Failure::no(both!(
            "申请的是 `{service}`，而文件夹中是 `{ours}`",
            "the application is for `{service}`, the folder holds `{ours}`",
        )));
    }
    let kind = |name: &str| {
        let path = name.parse().ok()?;
        Some(plan.field(plan.find_field(&path)?).kind.clone())
    };
    let taken = session.values(&given.values, kind).await?;
    let answers = given.answers.iter().map(|(name, given)| {
        let question = plan.find_question(name);
        let answer = question.and_then(|question| given.answer(&plan.question(question).kind));
        // What cannot be an answer goes on as it is: the engine says what is expected.
        let value = answer.map_or_else(|| given.value(None), |answer| json_answer(&answer));
        (name.as_str(), value)
    });
    let answers: Fields = answers.collect();
    let key = match &args.key {
        Some(key) => key.clone(),
        None => content_key(plan, &answers, &taken.values),
    };
    let mut application = Application::new(plan.service.as_str(), key);
    application.answers = answers;
    application.values = taken.values.clone();
    if !taken.unread.is_empty() {
        // It is not what the applicant meant to hand in: told, and not put on record.
        let faults = session.engine.examine(application).await?;
        let faults = taken.with_unread(faults);
        let count = faults.len();
        return Err(Failure::no(both!(
            "申请有 {count} 处不对，没有提交",
            "{count} thing(s) are wrong with the application; it was not handed in",
        ))
        .help(both!(
            "逐项改正后再提交；材料无法读取的，检查路径和权限",
            "mend each and apply again; of documents that cannot be read check the paths and the permissions",
        ))
        .with_faults(faults));
    }
    let submitted = file(session, application, args).await?;
    if submitted.repeated {
        out.note(&sent_before(session, plan, &submitted).await?);
    }
    Ok(submitted.case)
}

/// The same application was sent before. Where that case is over, sending it again does
/// not bring it back: a request that arrives late, or twice, must not open a second case,
/// and nobody can tell it from a person who changed their mind.
async fn sent_before(
    session: &Session,
    plan: &Plan,
    submitted: &Submitted,
) -> Result<Text, Failure> {
    let case = submitted.case;
    if !submitted.status.is_final() {
        return Ok(both!(
            "同一申请已收过，即办件 {case}；要再次申请请用 `--key`",
            "the same application was received before as case {case}; use `--key` to apply again",
        ));
    }
    let story = session.engine.story(case).await?;
    let ended = story.last().map(|line| line.record.at).unwrap_or_default();
    let on = sentences::local_time(&plan.calendar, ended);
    let how = sentences::case_status(submitted.status);
    let (zh, en) = (how.zh(), how.en());
    Ok(both!(
        "同一申请已收过，即办件 {case}，{on} {zh}，不因再次提交而恢复；如要重新申请，请用 `--key` 另取一个名称提交",
        "the same application was received before as case {case}, {en} on {on}, which is not \
         taken up again; to apply anew, send it with `--key` and a name of your own",
    ))
}

fn json_answer(answer: &Answer) -> Value {
    match answer {
        Answer::YesNo(answer) => (*answer).into(),
        Answer::Number(number) => json!(number),
        Answer::Choice(key) => (**key).into(),
    }
}

/// The same content is the same application.
fn content_key(plan: &Plan, answers: &Fields, values: &Fields) -> String {
    let mut parts: Vec<(String, String)> = answers
        .iter()
        .chain(values.iter())
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect();
    parts.sort();
    let parts = parts
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()));
    let service = [("service", plan.service.as_str().as_bytes())];
    let digest = onething_model::Digest::of_parts(service.into_iter().chain(parts));
    format!("file-{digest}")
}

async fn submit_sample(
    session: &Session,
    plan: &Plan,
    answers: &Answers,
    args: &Run,
) -> Result<CaseId, Failure> {
    let key = match &args.key {
        Some(key) => key.clone(),
        None => next_sample_key(&session.engine).await?,
    };
    let mut application = Application::new(plan.service.as_str(), key);
    application.answers = answers
        .iter()
        .map(|(question, answer)| (plan.question(question).key.as_str(), json_answer(answer)))
        .collect();
    application.values = sample::application(plan, answers)
        .into_iter()
        .map(|(field, value)| (plan.field(field).path.to_string(), value))
        .collect();
    Ok(file(session, application, args).await?.case)
}

/// Files an application; where it is to be confirmed, as a draft.
async fn file(
    session: &Session,
    application: Application,
    args: &Run,
) -> Result<Submitted, Failure> {
    Ok(if args.confirm {
        session.engine.draft(application).await?
    } else {
        session.engine.submit(application).await?
    })
}

/// `sample-1`, `sample-2`, …: the first that no case has.
async fn next_sample_key(engine: &Engine) -> Result<String, Failure> {
    let mut used = BTreeSet::new();
    let mut after = None;
    loop {
        let page = engine.cases(after, 0).await?;
        let numbers = page
            .cases
            .iter()
            .filter_map(|line| line.key.strip_prefix("sample-"));
        used.extend(numbers.filter_map(|number| number.parse::<u64>().ok()));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let number = (1..)
        .find(|number| !used.contains(number))
        .unwrap_or(u64::MAX);
    Ok(format!("sample-{number}"))
}

/// Does what people are awaited for, until nothing more can be done so.
async fn do_all(session: &Session, out: &mut Output) -> Result<(), Failure> {
    let mut failed: BTreeSet<EffectId> = BTreeSet::new();
    loop {
        let awaiting = session.engine.awaiting(None, usize::MAX).await?;
        let mut did = false;
        for item in awaiting {
            if failed.contains(&item.effect) {
                continue;
            }
            match do_one(session, &item).await {
                Ok(false) => {}
                Ok(true) => did = true,
                Err(failure) => {
                    out.aside(&failure.text(out.lang));
                    failed.insert(item.effect);
                }
            }
        }
        if !did {
            return Ok(());
        }
        ending::go_on(session).await?;
    }
}

async fn do_one(session: &Session, item: &Awaited) -> Result<bool, Failure> {
    let (engine, effect) = (&session.engine, &item.effect);
    let by = Some("sample");
    match &item.what {
        Awaits::Work => {
            let work = ending::work_item(session, effect).await?;
            let values = ending::samples(session, &work.service, &work.form);
            engine.complete(effect, values, by).await?;
        }
        Awaits::Submission { form } | Awaits::Supplement { form, .. } | Awaits::Errand { form } => {
            hand_in_samples(session, effect, form).await?;
        }
        Awaits::Answer { .. } | Awaits::Retry { .. } | Awaits::Incident { .. } => {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn hand_in_samples(
    session: &Session,
    effect: &EffectId,
    form: &[FormItem],
) -> Result<(), Failure> {
    let view = session.engine.case(effect.case).await?;
    let values = ending::samples(session, &view.service, form);
    let step = effect.step.as_str();
    session
        .engine
        .hand_in(effect.case, step, values, Some("sample"))
        .await?;
    Ok(())
}
