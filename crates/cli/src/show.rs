//! Cases and what they wait for, as text for people.

use std::path::Path;

use comfy_table::Table;
use onething_model::{Calendar, Lang, Text, Timestamp};
use onething_plan::Plan;
use onething_runtime::{Awaited, Awaits, CaseView, FormItem, HistoryLine, Whom};

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

/// What a record says, in the words of its plan; without a plan, its bare kind.
pub(crate) fn sentence(plan: Option<&Plan>, line: &onething_engine::DurableRecord) -> Text {
    let resolved = plan.and_then(|plan| Some((plan, line.resolve(plan).ok()?)));
    match resolved {
        Some((plan, record)) => sentences::sentence(plan, &record),
        None => {
            let kind = sentences::bare_kind(line);
            both!("{kind}", "{kind}")
        }
    }
}

/// A line of a case's history.
pub(crate) fn history_line(plan: Option<&Plan>, line: &HistoryLine, lang: Lang) -> String {
    let calendar = plan.map(|plan| plan.calendar.as_ref());
    let at = time(calendar, line.record.at);
    format!("  {at}  {}", sentence(plan, &line.record).get(lang))
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

/// What people call a department.
pub(crate) fn department(plan: Option<&Plan>, key: &str, lang: Lang) -> String {
    let found = plan.and_then(|plan| Some(plan.department(plan.find_department(key)?)));
    found.map_or_else(|| key.to_owned(), |found| found.title.get(lang).to_owned())
}

/// What is awaited, from whom, and the command that goes on.
pub(crate) fn awaited(item: &Awaited, plan: Option<&Plan>, store: &Path, lang: Lang) -> String {
    let calendar = plan.map(|plan| plan.calendar.as_ref());
    let of = match &item.of {
        Whom::Department { title, .. } => title.get(lang).to_owned(),
        Whom::Registry(key) => both!("登记库 {key}", "registry {key}").get(lang).to_owned(),
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
    for field in form {
        let may = if field.optional {
            both!("（可选）", " (optional)")
        } else {
            Text::default()
        };
        let (path, name) = (&field.field, field.title.get(lang));
        text += &format!("\n      {path}  {name}{}", may.get(lang));
    }
    if let Some(command) = next_command(item, store) {
        text += &format!("\n    → {command}");
    }
    text
}

/// The command that answers it.
pub(crate) fn next_command(item: &Awaited, store: &Path) -> Option<String> {
    let (effect, store) = (&item.effect, shell_word(&store.display().to_string()));
    let (case, step) = (effect.case, &effect.step);
    match &item.what {
        Awaits::Work => Some(format!(
            "onething work complete {effect} --store {store} --sample"
        )),
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
fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+:@%,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// What is known in a case: names, values that are shown, origins.
pub(crate) fn data(
    known: &[onething_runtime::Known],
    plan: Option<&Plan>,
    out: &Output,
) -> comfy_table::Table {
    use onething_runtime::Origin;
    let header = [
        both!("字段", "field"),
        both!("内容", "value"),
        both!("来源", "from"),
        both!("取得时间", "since"),
    ];
    let mut table = out.table(header.map(|text| text.get(out.lang).to_owned()));
    let calendar = plan.map(|plan| plan.calendar.as_ref());
    for one in known {
        let value = match &one.value {
            Some(value) => value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned),
            None => both!("（个人信息）", "(personal)").get(out.lang).to_owned(),
        };
        let from = match &one.origin {
            Origin::Applicant { .. } => both!("申请人", "the applicant"),
            Origin::Registry { registry } => both!("登记库 {registry}", "registry {registry}"),
            Origin::Department { step, department } => {
                let whose = department
                    .as_ref()
                    .map(|key| self::department(plan, key.as_str(), out.lang))
                    .unwrap_or_default();
                both!("{whose}环节 {step}", "{whose} step {step}")
            }
        };
        table.add_row([
            format!("{}（{}）", one.title.get(out.lang), one.field),
            value,
            from.get(out.lang).trim().to_owned(),
            time(calendar, one.since),
        ]);
    }
    table
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
