//! `onething work`: the steps of officers and outside bodies.

use std::collections::{BTreeMap, BTreeSet};

use onething_engine::EffectId;
use onething_model::{CaseId, DepartmentKey, FieldPath, Text};
use onething_plan::Plan;
use onething_runtime::{FormItem, WorkFilter, WorkItem};
use serde_json::{Value, json};

use crate::args::{
    Work, WorkComplete, WorkList, WorkOn, WorkRefuse, WorkRetry, WorkShow, WorkSupplement,
};
use crate::commands::ending;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::given;
use crate::output::Output;
use crate::say::both;
use crate::session::{Handlers, Session, Taken};
use crate::{show, wire};

/// Does what is asked.
pub(crate) fn run(args: &Work, out: &mut Output) -> Result<Exit, Failure> {
    match args {
        Work::List(args) => list(args, out),
        Work::Show(args) => show_one(args, out),
        Work::Complete(args) => complete(args, out),
        Work::Refuse(args) => refuse(args, out),
        Work::Supplement(args) => supplement(args, out),
        Work::Retry(args) => retry(args, out),
    }
}

fn list(args: &WorkList, out: &mut Output) -> Result<Exit, Failure> {
    let department = match &args.department {
        Some(text) => Some(text.parse::<DepartmentKey>().map_err(|error| {
            Failure::usage(both!(
                "部门 `{text}` 不是名称：{error}",
                "`{text}` is no name of a department: {error}",
            ))
        })?),
        None => None,
    };
    let session = Session::open(&args.store.store, Handlers::None, out)?;
    let shown = session.block_on(async {
        let mut filter = WorkFilter {
            department,
            ..WorkFilter::default()
        };
        let mut items = Vec::new();
        loop {
            let page = session.engine.work(&filter).await?;
            items.extend(page.items);
            filter.after = page.next;
            if filter.after.is_none() {
                break;
            }
        }
        let incidents = session.engine.incidents(None, usize::MAX).await?;
        if out.json {
            let incidents: Vec<Value> = incidents
                .iter()
                .map(|incident| {
                    json!({
                        "effect": incident.effect.to_string(),
                        "service": incident.service.to_string(),
                        "title": incident.title,
                        "reason": incident.reason,
                    })
                })
                .collect();
            let work: Vec<Value> = items.iter().map(wire::work).collect();
            out.json(&json!({ "work": work, "incidents": incidents }));
            return Ok(());
        }
        if items.is_empty() {
            out.say(&both!("没有待办", "no work waits"));
        } else {
            table(&session, &items, out).await?;
        }
        for incident in &incidents {
            let (effect, reason) = (&incident.effect, &incident.reason);
            let (zh, en) = (incident.title.zh(), incident.title.en());
            out.say(&both!(
                "受阻：{effect}「{zh}」：{reason}（处理后用 `onething work retry {effect} --by …`）",
                "stuck: {effect} “{en}”: {reason} (mend it, then `onething work retry {effect} --by …`)",
            ));
        }
        Ok(())
    });
    let closed = session.close();
    shown.and(closed)?;
    Ok(Exit::Fine)
}

async fn table(session: &Session, items: &[WorkItem], out: &mut Output) -> Result<(), Failure> {
    let header = [
        both!("待办", "work"),
        both!("环节", "step"),
        both!("事项", "matter"),
        both!("部门", "department"),
        both!("应办结", "due"),
    ];
    let mut table = out.table(header.map(|text| text.get(out.lang).to_owned()));
    let mut definitions = BTreeMap::new();
    for item in items {
        if !definitions.contains_key(&item.service) {
            let definition = session.definition(item.effect.case).await?;
            definitions.insert(item.service.clone(), definition);
        }
        let definition = definitions.get(&item.service).and_then(Option::as_ref);
        let plan = definition.map(|definition| definition.plan().as_ref());
        let calendar = plan.map(|plan| plan.calendar.as_ref());
        let department = item.department.as_ref();
        table.add_row([
            item.effect.to_string(),
            item.title.get(out.lang).to_owned(),
            item.matter
                .as_ref()
                .map_or(String::new(), |matter| matter.get(out.lang).to_owned()),
            department.map_or(String::new(), |key| {
                show::department(plan, key.as_str(), out.lang)
            }),
            item.due
                .map_or(String::new(), |due| show::time(calendar, due)),
        ]);
    }
    out.line(&table.trim_fmt());
    Ok(())
}

/// Opens a piece of work. What is personal in it is recorded as read first.
fn show_one(args: &WorkShow, out: &mut Output) -> Result<Exit, Failure> {
    let effect = parse(&args.effect)?;
    let session = Session::open(&args.store.store, Handlers::None, out)?;
    let shown = session.block_on(async {
        let item = session.engine.open_work(&effect, &args.by).await?;
        if out.json {
            let mut wire = wire::work(&item);
            let input = item.input.iter();
            let input = input.map(|(name, value)| (name.to_string(), value.clone()));
            wire["input"] = Value::Object(input.collect());
            wire["known"] = item.known.iter().map(wire::known).collect();
            wire["missing"] = wire::form(&item.missing);
            wire["correctable"] = json!(names(&item.correctable));
            wire["asked_with"] = json!(names(&item.asked_with));
            out.json(&wire);
            return Ok(());
        }
        let definition = session.definition(effect.case).await?;
        let plan = definition
            .as_ref()
            .map(|definition| definition.plan().as_ref());
        open(&item, plan, out);
        Ok(())
    });
    let closed = session.close();
    shown.and(closed)?;
    Ok(Exit::Fine)
}

/// A piece of work: what its step reads, and what it has to make.
fn open(item: &WorkItem, plan: Option<&Plan>, out: &mut Output) {
    let matter = item.matter.as_ref().map_or_else(String::new, |matter| {
        let (zh, en) = (matter.zh(), matter.en());
        both!("（{zh}）", " ({en})").get(out.lang).to_owned()
    });
    let title = item.title.get(out.lang);
    out.line(&format!("{} {title}{matter}", item.effect));
    if let Some(due) = item.due {
        let due = show::time(plan.map(|plan| plan.calendar.as_ref()), due);
        out.say(&both!("{due} 前办结", "due {due}"));
    }
    if item.accepts {
        out.say(&both!(
            "核对申请是否齐全（未授权本部门读取的，只列名称）：",
            "is the application complete? (what the department is not granted is named only)",
        ));
    }
    if item.known.is_empty() {
        out.say(&both!("本环节无需查看数据", "the step reads no data"));
    } else {
        let not_shown = both!("（有，未授权查看）", "(there, not granted)");
        let table = show::data(&item.known, plan, &not_shown, out);
        out.line(&table.trim_fmt());
    }
    if !item.missing.is_empty() {
        out.say(&both!("没有提供（可不填）：", "not given (optional):"));
    }
    for missing in &item.missing {
        let name = show::field(plan, &missing.field, &missing.title, out.lang);
        out.line(&format!("  {name}"));
    }
    if !item.form.is_empty() {
        out.say(&both!("办结时填写：", "to be filled in:"));
    }
    for field in &item.form {
        let title = field.title.get(out.lang);
        out.line(&format!("  {}  {title}", field.field));
    }
    let mut list = |head: Text, fields: &[FieldPath]| {
        if !fields.is_empty() {
            out.say(&head);
        }
        for path in fields {
            let known = plan.and_then(|plan| Some(plan.field(plan.find_field(path)?)));
            let title = known.map_or_else(Text::default, |field| field.title.clone());
            let name = show::field(plan, path, &title, out.lang);
            out.line(&format!("  {name}"));
        }
    };
    let ask = both!(
        "如有缺漏或错误，可一次告知申请人补正（`work supplement --field 字段`）：",
        "may be asked for again, all in one notice (`work supplement --field FIELD`):",
    );
    list(ask, &item.correctable);
    let kept = both!(
        "已据此查询数据库，不能补正；如有错误，请申请人撤回后重新申请：",
        "registries were asked with these, so no notice asks for them; where one is wrong, the applicant withdraws and applies again:",
    );
    list(kept, &item.asked_with);
}

fn names(fields: &[FieldPath]) -> Vec<String> {
    fields.iter().map(ToString::to_string).collect()
}

/// The number of a case. Who copies a piece of work from a list means its case.
///
/// # Errors
/// It is no number.
pub(crate) fn case(text: &str) -> Result<CaseId, Failure> {
    if let Ok(number) = text.parse() {
        return Ok(CaseId(number));
    }
    let failure = Failure::usage(both!(
        "`{text}` 不是办件编号：应为数字，例如 42",
        "`{text}` is no number of a case: it should be a number such as 42",
    ));
    Err(match text.parse::<EffectId>() {
        Ok(EffectId { case, step, .. }) => failure.help(both!(
            "这是待办编号；它属于办件 {case} 的环节 `{step}`：只写 `{case}`，或依次写 `{case} {step}`（`case hand-in`）",
            "that is a piece of work: of case {case}, step `{step}`. Write `{case}` alone, or `{case} {step}` for `case hand-in`",
        )),
        Err(_) => failure.help(both!(
            "用 `onething case list` 查看编号",
            "see `onething case list` for the numbers",
        )),
    })
}

fn parse(text: &str) -> Result<EffectId, Failure> {
    text.parse().map_err(|_| {
        Failure::usage(both!(
            "待办 `{text}` 应写作 办件/环节/轮次，例如 42/food-review/1",
            "`{text}` should be CASE/STEP/ROUND, as in 42/food-review/1",
        ))
    })
}

fn complete(args: &WorkComplete, out: &mut Output) -> Result<Exit, Failure> {
    let given = given::values(&args.values)?;
    on(
        &args.on,
        named(args.by.as_deref()),
        out,
        async |session, effect, by| {
            let item = ending::work_item(session, effect).await?;
            let taken = filled(session, &given, &item.service, &item.form, args.sample).await?;
            let values = taken.values.clone();
            let completed = session.engine.complete(effect, values, by).await;
            completed.map_err(|error| taken.explained(error.into()))?;
            Ok(())
        },
    )
}

/// What was given; with `--sample`, samples for the rest.
///
/// # Errors
/// The store fails.
pub(crate) async fn filled(
    session: &Session,
    given: &[(String, given::Given)],
    service: &onething_model::ServiceKey,
    form: &[FormItem],
    sample: bool,
) -> Result<Taken, Failure> {
    let kind = |name: &str| {
        let item = form.iter().find(|item| item.field.to_string() == name);
        item.map(|item| item.kind.clone())
    };
    let mut taken = session.values(given, kind).await?;
    if sample {
        for (name, value) in ending::samples(session, service, form) {
            if taken.values.get(&name).is_none() {
                taken.values.push(name, value);
            }
        }
    }
    Ok(taken)
}

fn refuse(args: &WorkRefuse, out: &mut Output) -> Result<Exit, Failure> {
    on(&args.on, &args.by, out, async |session, effect, by| {
        session.engine.refuse(effect, &args.reason, by).await?;
        Ok(())
    })
}

fn supplement(args: &WorkSupplement, out: &mut Output) -> Result<Exit, Failure> {
    let fields: Vec<&str> = args.fields.iter().map(String::as_str).collect();
    on(&args.on, &args.by, out, async |session, effect, by| {
        session
            .engine
            .request_supplement(effect, &args.reason, &fields, by)
            .await?;
        Ok(())
    })
}

fn retry(args: &WorkRetry, out: &mut Output) -> Result<Exit, Failure> {
    on(&args.on, &args.by, out, async |session, effect, by| {
        let step = effect.step.as_str();
        session.engine.retry(effect.case, step, by).await?;
        Ok(())
    })
}

/// Somebody answers for a decision; one made with samples is plainly nobody's, and the only
/// one for which the command line wants no name.
pub(crate) fn named(by: Option<&str>) -> &str {
    by.unwrap_or("sample")
}

/// Does something with a piece of work, and goes on with its case.
fn on(
    args: &WorkOn,
    by: &str,
    out: &mut Output,
    act: impl AsyncFnOnce(&Session, &EffectId, Option<&str>) -> Result<(), Failure>,
) -> Result<Exit, Failure> {
    let effect = parse(&args.effect)?;
    let handlers = Handlers::Scripted(args.script.misses.clone());
    let session = Session::open(&args.store.store, handlers, out)?;
    let done = session.block_on(async {
        if let Err(failure) = act(&session, &effect, Some(by)).await {
            return Err(session.naming(effect.case, failure).await);
        }
        ending::go_on(&session).await?;
        let cases: BTreeSet<CaseId> = [effect.case].into();
        ending::report(&session, cases, &args.store.store, out).await
    });
    let closed = session.close();
    done.and(closed)?;
    Ok(Exit::Fine)
}
