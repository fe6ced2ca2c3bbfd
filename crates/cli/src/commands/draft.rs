//! `onething case draft` and `case confirm`: the applicant looks at what
//! registries had, corrects what is theirs to give, and hands in once.

use onething_model::{FieldPath, Lang, Text, Timestamp};
use onething_plan::Plan;
use onething_runtime::{Clock, Draft, DraftLookUp, FormItem, Known, Origin, SystemClock};
use serde_json::{Value, json};

use crate::args::{CaseConfirm, CaseDraft};
use crate::commands::{case, ending, work};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::given;
use crate::output::Output;
use crate::say::both;
use crate::session::{Handlers, Session};
use crate::{show, wire};

/// Shows a draft to somebody.
pub(crate) fn show(args: &CaseDraft, out: &mut Output) -> Result<Exit, Failure> {
    let case = work::case(&args.case)?;
    let handlers = Handlers::Scripted(args.script.misses.clone());
    let session = Session::open(&args.store.store, handlers, out)?;
    let shown = session.block_on(async {
        // Registries that had not answered when a run was interrupted are asked again.
        ending::go_on(&session).await?;
        let draft = session.engine.view_draft(case, &args.by).await?;
        let plan = session.engine.plan_of(case).await?;
        if out.json {
            out.json(&as_json(&draft, &plan));
            return Ok(());
        }
        out.say(&show::head(&session.engine.case(case).await?, Some(&plan)));
        Page {
            draft: &draft,
            plan: &plan,
            now: SystemClock.now(),
        }
        .write(out);
        if draft.waits_for.is_empty() {
            let store = show::shell_word(&args.store.store.display().to_string());
            let by = show::shell_word(&args.by);
            let missing = draft.asked.iter().filter(|item| !item.optional);
            let more: String = missing
                .map(|item| format!(" --values {}=…", item.field))
                .collect();
            out.say(&both!("核对无误后提交：", "to hand it in:"));
            out.line(&format!(
                "    → onething case confirm {case} --store {store} --by {by}{more}"
            ));
        }
        Ok::<(), Failure>(())
    });
    let closed = session.close();
    shown.and(closed)?;
    Ok(Exit::Fine)
}

/// Hands a draft in.
pub(crate) fn confirm(args: &CaseConfirm, out: &mut Output) -> Result<Exit, Failure> {
    let case = work::case(&args.case)?;
    let given = given::values(&args.values)?;
    let by = work::named(args.by.as_deref());
    let handlers = Handlers::Scripted(args.script.misses.clone());
    let session = Session::open(&args.store.store, handlers, out)?;
    let done = session.block_on(async {
        ending::go_on(&session).await?;
        let view = session.engine.case(case).await?;
        let form = case::to_hand_in(&view);
        let taken = work::filled(&session, &given, &view.service, form, args.sample).await?;
        let values = taken.values.clone();
        if let Err(error) = session.engine.confirm(case, values, Some(by)).await {
            // Where registries are asked again, there is something to look at when this ends.
            ending::go_on(&session).await?;
            return Err(session.naming(case, taken.explained(error.into())).await);
        }
        ending::go_on(&session).await?;
        ending::report(&session, [case].into(), &args.store.store, out).await
    });
    let closed = session.close();
    done.and(closed)?;
    Ok(Exit::Fine)
}

/// A draft as a page for its applicant.
struct Page<'a> {
    draft: &'a Draft,
    plan: &'a Plan,
    now: Timestamp,
}

impl Page<'_> {
    fn write(&self, out: &mut Output) {
        let draft = self.draft;
        if !draft.waits_for.is_empty() {
            out.say(&both!(
                "以下数据库尚未答复，答复之前不能核对：",
                "these registries have not answered yet; until then there is nothing to look at:",
            ));
            for key in &draft.waits_for {
                let name = show::registry(Some(self.plan), key);
                out.line(&format!("  {}", name.get(out.lang)));
            }
            out.say(&both!(
                "稍后重新运行本命令",
                "run this command again in a while",
            ));
            return;
        }
        self.fetched(out);
        self.kept_by(out);
        self.derived(out);
        self.asked(out);
        self.given(out);
    }

    /// What registries had, and how old it is.
    fn fetched(&self, out: &mut Output) {
        if self.draft.fetched.is_empty() {
            out.say(&both!(
                "数据库没有提供任何内容",
                "registries had nothing for this application",
            ));
            return;
        }
        out.say(&both!(
            "请核对数据库提供的内容：",
            "please look at what registries had:",
        ));
        let header = [
            both!("字段", "field"),
            both!("内容", "value"),
            both!("来自", "from"),
            both!("查得时间", "fetched"),
        ];
        let mut table = out.table(header.map(|text| text.get(out.lang).to_owned()));
        for known in &self.draft.fetched {
            let look_up = self.look_up(&known.field);
            let from = look_up.map_or_else(Text::default, |look_up| look_up.title.clone());
            let at = show::time(Some(&self.plan.calendar), known.since);
            let (ago, old) = (show::ago(known.since, self.now), self.stale(look_up));
            table.add_row([
                show::field(Some(self.plan), &known.field, &known.title, out.lang),
                known.value.as_ref().map_or_else(String::new, |value| {
                    show::value(Some(self.plan), &known.field.to_string(), value, out.lang)
                }),
                from.get(out.lang).to_owned(),
                match out.lang {
                    Lang::Zh => format!("{at}（{}{}）", ago.zh(), old.zh()),
                    Lang::En => format!("{at} ({}{})", ago.en(), old.en()),
                },
            ]);
        }
        out.line(&table.trim_fmt());
    }

    /// Where what registries had is corrected.
    fn kept_by(&self, out: &mut Output) {
        let had = self
            .draft
            .look_ups
            .iter()
            .filter(|item| !item.had.is_empty());
        let mut keepers: Vec<(&Text, &Text)> = Vec::new();
        for item in had {
            if let Some((_, at)) = &item.kept_by
                && !keepers.contains(&(&item.title, at))
            {
                keepers.push((&item.title, at));
            }
        }
        if keepers.is_empty() {
            return;
        }
        out.say(&both!(
            "以上内容不能在申请中修改；如有错误，请向保管的部门申请更正：",
            "this cannot be changed in the application; a mistake in it is corrected where it is kept:",
        ));
        for (registry, at) in keepers {
            let (zh, en) = (registry.zh(), registry.en());
            let (at_zh, at_en) = (at.zh(), at.en());
            out.say(&both!("  {zh}：{at_zh}", "  {en}: {at_en}"));
        }
    }

    /// What follows from something else, and need not be filled in.
    fn derived(&self, out: &mut Output) {
        if self.draft.derived.is_empty() {
            return;
        }
        out.say(&both!(
            "以下内容由已有的内容得出，无需填写：",
            "this follows from what is there already and need not be filled in:",
        ));
        for known in &self.draft.derived {
            let name = show::field(Some(self.plan), &known.field, &known.title, out.lang);
            let value = known.value.as_ref().map(|value| {
                show::value(Some(self.plan), &known.field.to_string(), value, out.lang)
            });
            let value = value.map_or_else(String::new, |value| format!(" {value}"));
            let Origin::Derived { from, by } = &known.origin else {
                continue;
            };
            let why = show::derived(Some(self.plan), from, *by);
            out.line(&match out.lang {
                Lang::Zh => format!("  {name}{value}：{}", why.zh()),
                Lang::En => format!("  {name}{value}: {}", why.en()),
            });
        }
    }

    /// What the applicant still has to fill in, and what they may, and why.
    fn asked(&self, out: &mut Output) {
        let (may, must): (Vec<_>, Vec<_>) = self.draft.asked.iter().partition(|item| item.optional);
        if must.is_empty() {
            out.say(&both!("没有缺少的内容", "nothing is missing"));
        }
        let heads = [
            both!(
                "还缺以下内容，请您填写：",
                "this is missing and has to be filled in:",
            ),
            both!("以下内容可填可不填：", "this may be filled in or left out:",),
        ];
        for (head, items) in heads.iter().zip([must, may]) {
            if items.is_empty() {
                continue;
            }
            out.say(head);
            for item in items {
                let name = show::field(Some(self.plan), &item.field, &item.title, out.lang);
                let why = self.why_asked(item);
                out.line(&format!("  {name}{}", why.get(out.lang)));
            }
        }
    }

    fn why_asked(&self, item: &FormItem) -> Text {
        let Some(missed) = missed_by(self.draft, &item.field) else {
            return Text::default();
        };
        let (zh, en) = (missed.title.zh(), missed.title.en());
        match missed.skipped {
            false => both!("：{zh}没有", ": the {en} did not have it"),
            true => both!(
                "：{zh}未查询，查询所需的内容别的数据库没有提供",
                ": the {en} was not asked, another registry lacked what it is asked with"
            ),
        }
    }

    /// What the application gave.
    fn given(&self, out: &mut Output) {
        let list = |fields: &[FieldPath], out: &mut Output| {
            for path in fields {
                let found = self.plan.find_field(path).map(|at| self.plan.field(at));
                let title = found.map_or_else(Text::default, |field| field.title.clone());
                let name = show::field(Some(self.plan), path, &title, out.lang);
                out.line(&format!("  {name}"));
            }
        };
        if !self.draft.given.is_empty() {
            let count = self.draft.given.len();
            out.say(&both!(
                "您已填写 {count} 项，提交时可用 `--values 字段=值` 更正：",
                "you gave {count} value(s); `--values FIELD=VALUE` corrects one when handing in:",
            ));
            list(&self.draft.given, out);
        }
        if !self.draft.asked_with.is_empty() {
            out.say(&both!(
                "以下内容您也已填写，并已据此查询数据库，提交时不能再改；如有错误，请用 `onething case withdraw` 撤回后重新申请：",
                "you gave these as well, and registries were asked with them; where one is wrong, take the draft back with `onething case withdraw` and apply again:",
            ));
            list(&self.draft.asked_with, out);
            let missed = |item: &FormItem| missed_by(self.draft, &item.field).is_some();
            if self.draft.asked.iter().any(missed) {
                out.say(&both!(
                    "数据库没有的内容，也可能是查询所用的内容填写有误，请先核对",
                    "where a registry did not have something, look first whether it was asked with the right value",
                ));
            }
        }
        if !self.draft.set_aside.is_empty() {
            out.say(&both!(
                "以下内容您也填写了，但以数据库的、或由其他内容得出的为准：",
                "you gave these as well, but what a registry has, or what follows from something else, counts:",
            ));
            list(&self.draft.set_aside, out);
        }
    }

    /// The question that this field came of.
    fn look_up(&self, field: &FieldPath) -> Option<&DraftLookUp> {
        let mut all = self.draft.look_ups.iter();
        all.find(|look_up| look_up.had.contains(field))
    }

    /// Whether what was fetched is older than its contract allows by now.
    fn stale(&self, look_up: Option<&DraftLookUp>) -> Text {
        match look_up.and_then(|look_up| look_up.fresh_until) {
            Some(until) if until < self.now => {
                both!(
                    "，已超过约定的时效，提交时重新查询",
                    ", older than its contract allows: asked again before it is handed in"
                )
            }
            Some(_) | None => Text::default(),
        }
    }
}

/// The look-up that missed a field.
fn missed_by<'a>(draft: &'a Draft, field: &FieldPath) -> Option<&'a DraftLookUp> {
    let mut all = draft.look_ups.iter();
    all.find(|look_up| look_up.missed.contains(field))
}

fn as_json(draft: &Draft, plan: &Plan) -> Value {
    let known = |known: &Known| {
        let mut wire = wire::known(known);
        let mut all = draft.look_ups.iter();
        let until = all
            .find(|look_up| look_up.had.contains(&known.field))
            .and_then(|look_up| look_up.fresh_until);
        wire["fresh_until"] = json!(until.map(|until| until.to_string()));
        wire
    };
    let asked = |item: &FormItem| {
        let missed = missed_by(draft, &item.field);
        json!({
            "field": item.field.to_string(),
            "title": item.title,
            "optional": item.optional,
            "missed_by": missed.map(|look_up| look_up.registry.to_string()),
        })
    };
    let look_up = |item: &DraftLookUp| {
        json!({
            "step": item.step.to_string(),
            "registry": item.registry.to_string(),
            "title": item.title,
            "about": item.about,
            "kept_by": item.kept_by.as_ref().map(|(key, title)| {
                json!({ "department": key.to_string(), "title": title })
            }),
            "had": names(&item.had),
            "missed": names(&item.missed),
            "skipped": item.skipped,
        })
    };
    json!({
        "case": draft.case.0,
        "service": plan.service.to_string(),
        "submission": draft.submission.to_string(),
        "fetched": draft.fetched.iter().map(known).collect::<Vec<_>>(),
        "derived": draft.derived.iter().map(wire::known).collect::<Vec<_>>(),
        "asked": draft.asked.iter().map(asked).collect::<Vec<_>>(),
        "given": names(&draft.given),
        "asked_with": names(&draft.asked_with),
        "set_aside": names(&draft.set_aside),
        "look_ups": draft.look_ups.iter().map(look_up).collect::<Vec<_>>(),
        "waits_for": draft.waits_for.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn names(fields: &[FieldPath]) -> Vec<String> {
    fields.iter().map(ToString::to_string).collect()
}
