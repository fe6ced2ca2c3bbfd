//! `onething case`: cases as they stand, and acts for the applicant.

use std::collections::BTreeMap;

use onething_engine::CaseStatus;
use onething_model::DepartmentKey;
use onething_plan::Plan;
use onething_runtime::{Awaits, CaseView, Clock, FormItem, Reader, SystemClock};
use serde_json::{Value, json};

use crate::args::{Case, CaseHandIn, CaseList, CaseShow, CaseWithdraw};
use crate::commands::history::{self, Reading, Story};
use crate::commands::{draft, ending, work};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::given;
use crate::output::Output;
use crate::say::both;
use crate::sentences;
use crate::session::{Handlers, Session};
use crate::show;
use crate::wire::{self, CaseWire};

/// Does what is asked.
pub(crate) fn run(args: &Case, out: &mut Output) -> Result<Exit, Failure> {
    match args {
        Case::List(args) => list(args, out),
        Case::Show(args) => show_one(args, out),
        Case::Draft(args) => draft::show(args, out),
        Case::Confirm(args) => draft::confirm(args, out),
        Case::HandIn(args) => hand_in(args, out),
        Case::Withdraw(args) => withdraw(args, out),
    }
}

fn list(args: &CaseList, out: &mut Output) -> Result<Exit, Failure> {
    let session = Session::open(&args.store.store, Handlers::None, out)?;
    let shown = session.block_on(async {
        let mut lines = Vec::new();
        let mut after = None;
        loop {
            let page = session.engine.cases(after, 0).await?;
            lines.extend(page.cases);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        if args.open {
            lines.retain(|line| !line.status.is_final());
        }
        if out.json {
            let cases: Vec<Value> = lines.iter().map(wire::line).collect();
            out.json(&json!({ "cases": cases }));
            return Ok(());
        }
        if lines.is_empty() {
            out.say(&both!("没有办件", "no cases"));
            return Ok(());
        }
        let header = [
            both!("办件", "case"),
            both!("一件事", "service"),
            both!("状态", "status"),
            both!("收件", "received"),
            both!("结束", "ended"),
            both!("幂等键", "key"),
        ];
        let mut table = out.table(header.map(|text| text.get(out.lang).to_owned()));
        // One case tells the calendar of its service; reading each would take its time.
        let mut calendars = BTreeMap::new();
        for line in &lines {
            if !calendars.contains_key(&line.service) {
                let definition = session.definition(line.case).await.ok().flatten();
                let calendar = definition.map(|definition| definition.plan().calendar.clone());
                calendars.insert(line.service.clone(), calendar);
            }
            let calendar = calendars.get(&line.service).and_then(Option::as_deref);
            table.add_row([
                line.case.to_string(),
                line.service.to_string(),
                sentences::case_status(line.status).get(out.lang).to_owned(),
                show::time(calendar, line.opened),
                line.ended
                    .map_or(String::new(), |at| show::time(calendar, at)),
                line.key.clone(),
            ]);
        }
        out.line(&table.trim_fmt());
        Ok::<(), Failure>(())
    });
    let closed = session.close();
    shown.and(closed)?;
    Ok(Exit::Fine)
}

/// Who looks at a case's data, if anybody said so.
fn reader(args: &CaseShow) -> Result<Option<Reader>, Failure> {
    let Some(name) = &args.by else {
        return Ok(None);
    };
    let mut reader = Reader::new(name.as_str());
    reader.purpose = args.purpose.clone();
    let Some(text) = &args.department else {
        return Ok(Some(reader));
    };
    let key = text.parse::<DepartmentKey>().map_err(|error| {
        Failure::usage(both!(
            "部门 `{text}` 不是名称：{error}",
            "`{text}` is no name of a department: {error}",
        ))
    })?;
    Ok(Some(reader.of(key)))
}

/// A field that the service does not have is a slip of the pen: "nobody read
/// it" would be true and mislead.
fn known_field(plan: Option<&Plan>, field: Option<&str>) -> Result<(), Failure> {
    let (Some(plan), Some(field)) = (plan, field) else {
        return Ok(());
    };
    let known = field.parse().ok().and_then(|path| plan.find_field(&path));
    match known {
        Some(_) => Ok(()),
        None => Err(Failure::no(both!(
            "本办件没有字段 `{field}`",
            "the case has no field `{field}`",
        ))
        .help(both!(
            "写作 角色.字段；`case show --data` 列出全部字段",
            "write role.field; `case show --data` lists the fields",
        ))),
    }
}

fn show_one(args: &CaseShow, out: &mut Output) -> Result<Exit, Failure> {
    let case = work::case(&args.case)?;
    let reader = reader(args)?;
    let session = Session::open(&args.store.store, Handlers::None, out)?;
    let shown = session.block_on(async {
        let tells = args.history || args.readings;
        let engine = &session.engine;
        let (view, history) = match &args.by {
            Some(by) if args.applicant && args.history => {
                let told = engine.story_for_applicant(case, by).await?;
                (told.view, told.story)
            }
            // Only what is shown is on record.
            Some(by) if args.applicant => {
                let view = engine.case_for_applicant(case, by).await?;
                let readings = match tells {
                    true => engine.story(case).await?,
                    false => Vec::new(),
                };
                (view, readings)
            }
            _ if tells => (engine.case(case).await?, engine.story(case).await?),
            _ => (engine.case(case).await?, Vec::new()),
        };
        let definition = session.definition(case).await?;
        let plan = definition
            .as_ref()
            .map(|definition| definition.plan().as_ref());
        let known = match args.data {
            true => Some(session.engine.provenance(case, reader.as_ref()).await?),
            false => None,
        };
        known_field(plan, args.field.as_deref())?;
        let readings = history::readings(plan, &history, args.field.as_deref());
        let story = args.history.then(|| Story::of(plan, &history));
        if out.json {
            let mut answer = serde_json::to_value(CaseWire::from(&view)).unwrap_or_default();
            if args.history {
                answer["history"] = story.iter().flat_map(Story::as_json).collect();
            }
            if args.readings {
                answer["readings"] = readings.iter().map(Reading::as_json).collect();
            }
            if let Some(known) = &known {
                answer["data"] = known.iter().map(wire::known).collect();
            }
            out.json(&answer);
            return Ok(());
        }
        out.say(&show::head(&view, plan));
        out.say(&show::pinned(&view));
        for fault in &view.faults {
            let title = plan.and_then(|plan| show::fault_title(plan, &fault.what));
            let text = show::fault(fault, title.as_ref(), out.lang);
            out.line(&format!("  - {text}"));
        }
        if !view.steps.is_empty() {
            let table = show::steps(&view, plan, out);
            out.line(&table.trim_fmt());
        }
        for line in show::reasons(&view, out.lang) {
            out.line(&line);
        }
        if !view.awaiting.is_empty() {
            out.say(&both!("等待：", "waits for:"));
        }
        for item in &view.awaiting {
            out.line(&show::awaited(
                item,
                plan,
                &args.store.store,
                view.status,
                out.lang,
            ));
        }
        if let Some(known) = &known {
            let personal = both!("（个人信息）", "(personal)");
            let table = show::data(known, plan, &personal, out);
            out.line(&table.trim_fmt());
        }
        if args.readings {
            history::show_readings(&readings, plan, args.field.as_deref(), out);
        }
        if let Some(story) = &story {
            out.say(&both!("经过：", "what happened:"));
            story.show(SystemClock.now(), out);
        }
        Ok::<(), Failure>(())
    });
    let closed = session.close();
    shown.and(closed)?;
    Ok(Exit::Fine)
}

fn hand_in(args: &CaseHandIn, out: &mut Output) -> Result<Exit, Failure> {
    let case = work::case(&args.case)?;
    let given = given::values(&args.values)?;
    let by = work::named(args.by.as_deref());
    let handlers = Handlers::Scripted(args.script.misses.clone());
    let session = Session::open(&args.store.store, handlers, out)?;
    let done = session.block_on(async {
        ending::go_on(&session).await?;
        let view = session.engine.case(case).await?;
        let form = asked(&view, &args.step);
        let taken = work::filled(&session, &given, &view.service, form, args.sample).await?;
        let values = taken.values.clone();
        let handed_in = session.engine.hand_in(case, &args.step, values, Some(by));
        if let Err(error) = handed_in.await {
            return Err(session.naming(case, taken.explained(error.into())).await);
        }
        ending::go_on(&session).await?;
        ending::report(&session, [case].into(), &args.store.store, out).await
    });
    let closed = session.close();
    done.and(closed)?;
    Ok(Exit::Fine)
}

/// The form with which a draft is handed in; nothing where it is none any more.
pub(crate) fn to_hand_in(view: &CaseView) -> &[FormItem] {
    let draft = view.status == CaseStatus::Draft;
    let mut forms = view.awaiting.iter().filter_map(|item| match &item.what {
        Awaits::Submission { form } => Some(form.as_slice()),
        _ => None,
    });
    forms.next().filter(|_| draft).unwrap_or_default()
}

/// The form that a step asks the applicant for.
fn asked<'a>(view: &'a CaseView, step: &str) -> &'a [FormItem] {
    let item = view
        .awaiting
        .iter()
        .find(|item| item.effect.step.as_str() == step);
    match item.map(|item| &item.what) {
        Some(
            Awaits::Submission { form } | Awaits::Supplement { form, .. } | Awaits::Errand { form },
        ) => form,
        Some(
            Awaits::Answer { .. } | Awaits::Work | Awaits::Retry { .. } | Awaits::Incident { .. },
        )
        | None => &[],
    }
}

fn withdraw(args: &CaseWithdraw, out: &mut Output) -> Result<Exit, Failure> {
    let case = work::case(&args.case)?;
    let session = Session::open(&args.store.store, Handlers::None, out)?;
    let done = session.block_on(async {
        let withdrawn = session.engine.withdraw(case, &args.reason, Some(&args.by));
        withdrawn.await?;
        ending::report(&session, [case].into(), &args.store.store, out).await
    });
    let closed = session.close();
    done.and(closed)?;
    Ok(Exit::Fine)
}
