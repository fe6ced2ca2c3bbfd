//! Cases and what they wait for, as text for people.

use std::path::Path;

use comfy_table::Table;
use onething_engine::{CaseStatus, Fault};
use onething_model::{Calendar, FieldPath, Lang, Micros, RegistryKey, Text, Timestamp};
use onething_plan::{Actor, Derivation, FieldType, Plan, Sensitivity};
use onething_runtime::{
    Awaited, Awaits, CaseView, FormItem, HistoryLine, SetAside, StepView, Whom, WhyNot,
};

use serde_json::Value;

use crate::output::Output;
use crate::say::both;
use crate::sentences;

/// An instant as a service's people read it; without its calendar, in UTC.
pub(crate) fn time(calendar: Option<&Calendar>, at: Timestamp) -> String {
    match calendar {
        Some(calendar) => sentences::local_time(calendar, at),
        None => at.to_string(),
    }
}

/// A line of a case's history; `sentence` is what its record says.
pub(crate) fn history_line(
    plan: Option<&Plan>,
    line: &HistoryLine,
    sentence: &Text,
    lang: Lang,
) -> String {
    let calendar = plan.map(|plan| plan.calendar.as_ref());
    let at = time(calendar, line.record.at);
    // A reason of several lines must not look like further records.
    let text = sentence.get(lang).replace('\n', "\n      | ");
    format!("  {at}  {text}")
}

/// The head of a case: number, service, status.
pub(crate) fn head(view: &CaseView, plan: Option<&Plan>) -> Text {
    let case = view.case;
    let status = sentences::case_status(view.status);
    let opened = time(plan.map(|plan| plan.calendar.as_ref()), view.opened);
    let (zh, en) = (view.title.zh(), view.title.en());
    let (status_zh, status_en) = (status.zh(), status.en());
    both!(
        "办件 {case}「{zh}」：{status_zh}，{opened} 收件",
        "case {case} “{en}”: {status_en}, received {opened}",
    )
}

/// Which definition decides the case, whatever the folder of the service holds by now.
pub(crate) fn pinned(view: &CaseView) -> Text {
    let (service, version, digest) = (&view.service, &view.version, view.definition.short());
    both!(
        "依据的定义：{service} {version}（摘要 {digest}）",
        "decided by the definition {service} {version} (digest {digest})",
    )
}

/// The steps of a case.
pub(crate) fn steps(view: &CaseView, plan: Option<&Plan>, out: &Output) -> Table {
    let mut table = out.table(
        [
            both!("环节", "step"),
            both!("名称", "title"),
            both!("办理", "done by"),
            both!("状态", "status"),
            both!("应办结", "due"),
        ]
        .map(|text| text.get(out.lang).to_owned()),
    );
    let calendar = plan.map(|plan| plan.calendar.as_ref());
    for step in &view.steps {
        let by = match &step.department {
            Some(key) => department(plan, key.as_str(), out.lang),
            None => both!("申请人", "applicant").get(out.lang).to_owned(),
        };
        table.add_row([
            step.step.to_string(),
            step.title.get(out.lang).to_owned(),
            by,
            sentences::step_status(step.status).get(out.lang).to_owned(),
            step.due.map_or(String::new(), |due| time(calendar, due)),
        ]);
    }
    table
}

/// Why steps came to nothing, each refusal with what it ended, and why the applicant
/// withdrew, where they said so.
pub(crate) fn reasons(view: &CaseView, lang: Lang) -> Vec<String> {
    // A reason of several lines must not look like further ones.
    let one = |reason: &str| reason.replace('\n', "\n      | ");
    let mut lines = Vec::new();
    for refused in &view.steps {
        let Some(WhyNot::Refused { reason }) = &refused.why_not else {
            continue;
        };
        let ended = |step: &&StepView| matches!(&step.why_not, Some(WhyNot::NotGoneOnWith { after }) if *after == refused.step);
        let ended: Vec<&Text> = view.steps.iter().filter(ended).map(|s| &s.title).collect();
        let all = |between: &str| {
            let titles: Vec<&str> = ended.iter().map(|title| title.get(lang)).collect();
            titles.join(between)
        };
        let mut text = match lang {
            Lang::Zh => format!("  「{}」不予许可", refused.title.zh()),
            Lang::En => format!("  “{}” was refused", refused.title.en()),
        };
        if !reason.is_empty() {
            let reason = one(reason);
            text += both!("：{reason}", ": {reason}").get(lang);
        }
        match (ended.len(), lang) {
            (0, _) => {}
            (_, Lang::Zh) => text += &format!("\n      因此不再办理：「{}」", all("」、「")),
            (_, Lang::En) => {
                text += &format!("\n      therefore not gone on with: “{}”", all("”, “"));
            }
        }
        lines.push(text);
    }
    if let Some(reason) = view.withdrawn.as_deref().filter(|text| !text.is_empty()) {
        let reason = one(reason);
        let text = both!(
            "  申请人撤回申请：{reason}",
            "  the applicant withdrew: {reason}"
        );
        lines.push(text.get(lang).to_owned());
    }
    lines
}

/// What people call a department.
pub(crate) fn department(plan: Option<&Plan>, key: &str, lang: Lang) -> String {
    let found = plan.and_then(|plan| Some(plan.department(plan.find_department(key)?)));
    found.map_or_else(|| key.to_owned(), |found| found.title.get(lang).to_owned())
}

/// What people call a registry.
pub(crate) fn registry(plan: Option<&Plan>, key: &RegistryKey) -> Text {
    let steps = plan.into_iter().flat_map(|plan| &plan.steps);
    let mut look_ups = steps.filter_map(|step| match &step.actor {
        Actor::LookUp(item) => Some(item),
        _ => None,
    });
    let found = look_ups.find(|item| item.registry == *key);
    found.map_or_else(
        || both!("数据库 {key}", "registry {key}"),
        |item| Text::new(item.title.zh(), format!("the {}", item.title.en())),
    )
}

/// Whose field it is and what people call it: 母亲 联系电话, Mother: Telephone.
pub(crate) fn name_of(plan: Option<&Plan>, path: &FieldPath, title: &Text) -> Text {
    let found = plan.and_then(|plan| Some(plan.field(plan.find_field(path)?).role));
    match (plan, found) {
        (Some(plan), Some(role)) => {
            let role = &plan.role(role).title;
            Text::new(
                format!("{} {}", role.zh(), title.zh()),
                format!("{}: {}", role.en(), title.en()),
            )
        }
        _ => title.clone(),
    }
}

/// A field for people, with the name it has in files and commands.
pub(crate) fn field(plan: Option<&Plan>, path: &FieldPath, title: &Text, lang: Lang) -> String {
    let name = name_of(plan, path, title);
    match lang {
        Lang::Zh => format!("{}（{path}）", name.zh()),
        Lang::En => format!("{} ({path})", name.en()),
    }
}

/// What people call a field or a question that is at fault.
pub(crate) fn fault_title(plan: &Plan, what: &str) -> Option<Text> {
    if let Some(question) = plan.find_question(what) {
        return Some(plan.question(question).ask.clone());
    }
    let path = what.parse().ok()?;
    let field = plan.field(plan.find_field(&path)?);
    Some(name_of(Some(plan), &path, &field.title))
}

/// A fault for people: whose field it is, its name in files, and why.
pub(crate) fn fault(fault: &Fault, title: Option<&Text>, lang: Lang) -> String {
    let (what, why) = (&fault.what, fault.why.get(lang));
    match (title, lang) {
        (Some(title), Lang::Zh) => format!("{}（{what}）：{why}", title.zh()),
        (Some(title), Lang::En) => format!("{} ({what}): {why}", title.en()),
        (None, Lang::Zh) => format!("{what}：{why}"),
        (None, Lang::En) => format!("{what}: {why}"),
    }
}

/// How long ago something was.
pub(crate) fn ago(since: Timestamp, now: Timestamp) -> Text {
    let minutes = (now - since).0.max(0) / Micros::MINUTE.0;
    match (minutes / 1_440, minutes / 60) {
        (0, 0) if minutes == 0 => both!("刚刚", "just now"),
        (0, 0) => both!("{minutes} 分钟前", "{minutes} min ago"),
        (0, hours) => both!("{hours} 小时前", "{hours} h ago"),
        (days, _) => both!("{days} 天前", "{days} d ago"),
    }
}

/// A value on one line: of a choice its title, of a document its name.
pub(crate) fn value(plan: Option<&Plan>, path: &str, value: &Value, lang: Lang) -> String {
    let field = || plan?.find_field(&path.parse().ok()?);
    let kind = field().and_then(|at| Some(&plan?.field(at).kind));
    match (kind, value) {
        (Some(FieldType::Choice { options }), Value::String(key)) => {
            let found = options.iter().find(|(option, _)| option == key);
            return found.map_or_else(|| key.clone(), |(_, title)| title.get(lang).to_owned());
        }
        (Some(FieldType::YesNo), Value::Bool(answer)) => {
            let text = if *answer {
                both!("是", "yes")
            } else {
                both!("否", "no")
            };
            return text.get(lang).to_owned();
        }
        _ => {}
    }
    match (value.as_str(), value.get("name").and_then(Value::as_str)) {
        (Some(text), _) => text.to_owned(),
        // Of a document the name is enough to find it by.
        (None, Some(name)) => name.to_owned(),
        (None, None) => value.to_string(),
    }
}

/// What is awaited, from whom, and the command that goes on.
pub(crate) fn awaited(
    item: &Awaited,
    plan: Option<&Plan>,
    store: &Path,
    status: CaseStatus,
    lang: Lang,
) -> String {
    let draft = status == CaseStatus::Draft;
    let calendar = plan.map(|plan| plan.calendar.as_ref());
    let of = match &item.of {
        Whom::Department { title, .. } => title.get(lang).to_owned(),
        Whom::Registry(key) => registry(plan, key).get(lang).to_owned(),
        Whom::Applicant if draft => both!(
            "申请人核对并提交",
            "the applicant, to look at it and hand it in"
        )
        .get(lang)
        .to_owned(),
        Whom::Applicant => both!("申请人", "the applicant").get(lang).to_owned(),
        Whom::Time => both!("到时重试", "a retry").get(lang).to_owned(),
    };
    let title = item.title.get(lang);
    let effect = &item.effect;
    let mut text = match lang {
        Lang::Zh => format!("  {effect}「{title}」等待{of}"),
        Lang::En => format!("  {effect} “{title}”: {of}"),
    };
    if let Some(due) = item.due {
        let due = time(calendar, due);
        text += both!("，{due} 前办结", ", due {due}").get(lang);
    }
    let (reason, form): (Option<&str>, &[FormItem]) = match &item.what {
        Awaits::Answer { .. } | Awaits::Work => (None, &[]),
        Awaits::Submission { form } | Awaits::Errand { form } => (None, form),
        Awaits::Supplement { reason, form } => (Some(reason), form),
        Awaits::Incident { reason } => (Some(reason), &[]),
        Awaits::Retry { at } => {
            let at = time(calendar, *at);
            text += both!("，{at}", ", at {at}").get(lang);
            (None, &[])
        }
    };
    if let Some(reason) = reason.filter(|reason| !reason.is_empty()) {
        text += both!("：{reason}", ": {reason}").get(lang);
    }
    // What the case holds already is not asked again.
    let given = form.iter().filter(|field| field.given).count();
    if given > 0 && given == form.len() {
        text += both!(
            "；{given} 项均已有",
            "; all {given} value(s) are there already"
        )
        .get(lang);
    } else if given > 0 {
        text += both!(
            "；已有 {given} 项，尚缺：",
            "; {given} value(s) are there already, still to be given:",
        )
        .get(lang);
    }
    for field in form.iter().filter(|field| !field.given) {
        let may = if field.optional {
            both!("（可选）", " (optional)")
        } else {
            Text::default()
        };
        let (path, name) = (&field.field, name_of(plan, &field.field, &field.title));
        text += &format!("\n      {path}  {}{}", name.get(lang), may.get(lang));
    }
    if let Some(command) = next_command(item, store, draft) {
        text += &format!("\n    → {command}");
    }
    text
}

/// The command that answers it.
fn next_command(item: &Awaited, store: &Path, draft: bool) -> Option<String> {
    let (effect, store) = (&item.effect, shell_word(&store.display().to_string()));
    let (case, step) = (effect.case, &effect.step);
    match &item.what {
        Awaits::Work => Some(format!(
            "onething work complete {effect} --store {store} --sample"
        )),
        Awaits::Submission { .. } if draft => {
            Some(format!("onething case draft {case} --store {store} --by …"))
        }
        Awaits::Submission { .. } | Awaits::Supplement { .. } | Awaits::Errand { .. } => Some(
            format!("onething case hand-in {case} {step} --store {store} --sample"),
        ),
        Awaits::Incident { .. } => Some(format!(
            "onething work retry {effect} --store {store} --by …"
        )),
        Awaits::Answer { .. } | Awaits::Retry { .. } => None,
    }
}

/// A text as one word of a shell.
pub(crate) fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+:@%,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// That a value follows from another one, and why.
pub(crate) fn derived(plan: Option<&Plan>, from: &FieldPath, by: Derivation) -> Text {
    let found = plan.and_then(|plan| Some(plan.field(plan.find_field(from)?)));
    let title = found.map_or_else(
        || Text::new(from.to_string(), from.to_string()),
        |field| field.title.clone(),
    );
    let (part, standard) = (by.part(), by.standard());
    let ((zh, en), (part_zh, part_en)) = ((title.zh(), title.en()), (part.zh(), part.en()));
    both!(
        "由{zh}得出（{part_zh}，{standard}）",
        "follows from {en} ({part_en}, {standard})",
    )
}

/// What is known in a case: names, values that are shown, origins. In place of a value
/// that is not shown stands why: in that of a public one, which only a draft keeps back, and
/// in that of a personal one.
pub(crate) fn data(
    known: &[onething_runtime::Known],
    plan: Option<&Plan>,
    personal: &Text,
    out: &Output,
) -> comfy_table::Table {
    let header = [
        both!("字段", "field"),
        both!("内容", "value"),
        both!("来源", "from"),
        both!("取得时间", "since"),
        both!("有效起始", "valid since"),
    ];
    let mut table = out.table(header.map(|text| text.get(out.lang).to_owned()));
    let calendar = plan.map(|plan| plan.calendar.as_ref());
    for one in known {
        let value = match &one.value {
            Some(value) => self::value(plan, &one.field.to_string(), value, out.lang),
            None if one.sensitivity == Sensitivity::Public => {
                let drafted = both!("（尚未提交）", "(not handed in yet)");
                drafted.get(out.lang).to_owned()
            }
            None => personal.get(out.lang).to_owned(),
        };
        let from = origin(plan, &one.origin, out.lang);
        table.add_row([
            field(plan, &one.field, &one.title, out.lang),
            value,
            from.get(out.lang).trim().to_owned(),
            time(calendar, one.since),
            time(calendar, one.valid_since),
        ]);
    }
    table
}

/// Where a value came from, as people say it.
fn origin(plan: Option<&Plan>, origin: &onething_runtime::Origin, lang: Lang) -> Text {
    use onething_runtime::Origin;
    match origin {
        Origin::Applicant { .. } => both!("申请人", "the applicant"),
        Origin::Registry { registry } => self::registry(plan, registry),
        Origin::Derived { from, by } => derived(plan, from, *by),
        Origin::Department { step, department } => {
            let whose = department
                .as_ref()
                .map(|key| self::department(plan, key.as_str(), lang))
                .unwrap_or_default();
            both!("{whose}环节 {step}", "{whose} step {step}")
        }
    }
}

/// What the applicant gave and does not count; the registry's value does.
pub(crate) fn set_aside(items: &[SetAside], plan: Option<&Plan>, out: &mut Output) {
    if items.is_empty() {
        return;
    }
    out.say(&both!(
        "以下内容申请人也填写了，但以数据库的为准：",
        "the applicant gave these as well, but what the registry has counts:",
    ));
    for item in items {
        let name = field(plan, &item.field, &item.title, out.lang);
        let from = registry(plan, &item.registry);
        let (zh, en) = (from.zh(), from.en());
        let of = both!("：{zh}", ": {en}");
        out.line(&format!("  {name}{}", of.get(out.lang)));
    }
}

#[cfg(test)]
mod tests {
    use super::shell_word;

    #[test]
    fn a_path_with_a_space_stays_one_word() {
        assert_eq!(shell_word("/tmp/a-b.c"), "/tmp/a-b.c");
        assert_eq!(shell_word("/tmp/我的 店"), "'/tmp/我的 店'");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
    }
}
