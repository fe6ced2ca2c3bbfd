//! Records as sentences: what happened to a case, for people.
//!
//! Values are counted and never shown: they may be personal, and who may see
//! them is decided by the contracts, not by who has a terminal.

use onething_engine::{Case, CaseStatus, Channel, DurableRecord, Event, Record, StepStatus};
use onething_model::{Calendar, Lang, Text, Timestamp};
use onething_plan::{Actor, FieldIx, Plan, StepIx, SubmissionKind};

use crate::say::{both, many};
use crate::show;

/// An instant in the local time of a calendar: `2026-01-05 09:30`.
pub(crate) fn local_time(calendar: &Calendar, at: Timestamp) -> String {
    let date = calendar.date_of(at);
    let minutes = (at - calendar.start_of(date)).0 / 60_000_000;
    format!("{date} {:02}:{:02}", minutes / 60, minutes % 60)
}

/// Whose hand it was, in brackets: nothing where nobody is named.
fn hand(record: &Record) -> (String, String) {
    match &record.by {
        Some(by) => (format!("（{by}）"), format!(" ({by})")),
        None => Default::default(),
    }
}

/// What a record does not say itself.
#[derive(Clone, Copy)]
pub(crate) struct Around<'a> {
    /// The last refusal so far: what it ends is on record right after it.
    pub(crate) refused: Option<StepIx>,
    /// The case after the record.
    pub(crate) after: Option<&'a Case>,
}

impl Around<'_> {
    /// Whether the applicant is asked for what a look-up that is not asked would have given.
    fn opens_a_form(&self, plan: &Plan, look_up: StepIx) -> bool {
        let Some((case, layout)) = self.after.and_then(|case| Some((case, case.layout()?))) else {
            return false;
        };
        let missed: Vec<FieldIx> = layout.not_asked_for(plan, look_up).collect();
        let asks = |step: StepIx| {
            let kind = match &plan.step(step).actor {
                Actor::Submission(item) => item.kind,
                _ => return false,
            };
            let of_it = match kind {
                SubmissionKind::Fallback(of) => of == look_up,
                SubmissionKind::Application => plan.is_on_draft(look_up, step),
            };
            of_it
                && !case.step(step).status.is_final()
                && case
                    .asked(step)
                    .iter()
                    .any(|asked| !asked.optional && missed.contains(&asked.field))
        };
        plan.step_numbers().any(asks)
    }
}

/// What a record says.
pub(crate) fn sentence(plan: &Plan, record: &Record, around: Around<'_>) -> Text {
    let by = |zh: &str, en: &str| {
        let (who, by) = hand(record);
        both!("{zh}{who}", "{en}{by}")
    };
    let title = |step: &StepIx| &plan.step(*step).title;
    match &record.event {
        Event::CaseOpened(opening) => {
            let (version, count) = (&opening.version, opening.values.len());
            let (zh, en) = (plan.title.zh(), plan.title.en());
            both!(
                "收到「{zh}」申请（定义版本 {version}），填报 {count} 项",
                "application for “{en}” received (definition {version}), {count} values given",
            )
        }
        Event::ApplicationRefused(refused) => {
            let count = refused.faults.len();
            let places = many(count, "place");
            both!(
                "申请不符合要求，未予接收，共 {count} 处",
                "the application was turned away, wrong in {places}",
            )
        }
        Event::Submitted { step, values } => {
            let (zh, en, count) = (title(step).zh(), title(step).en(), values.len());
            let (who, by) = hand(record);
            let (more, values) = (many(count, "more value"), many(count, "value"));
            match (&plan.step(*step).actor, count) {
                (Actor::Submission(_), 0) => {
                    both!("申请人提交「{zh}」{who}", "“{en}” was handed in{by}")
                }
                (Actor::Submission(_), _) => both!(
                    "申请人提交「{zh}」，补充 {count} 项{who}",
                    "“{en}” was handed in with {more}{by}",
                ),
                (_, _) => both!(
                    "申请人补正「{zh}」所需材料，共 {count} 项{who}",
                    "the applicant answered the supplement notice of “{en}” with {values}{by}",
                ),
            }
        }
        Event::StepDispatched { step, due } => {
            let (to_zh, to_en) = whose(plan, *step);
            let (zh, en) = (title(step).zh(), title(step).en());
            match plan.step(*step).actor {
                // The title says which registry.
                Actor::LookUp(_) => return both!("发起「{zh}」", "“{en}” is asked"),
                Actor::Submission(_) => {
                    return both!(
                        "等待申请人提交「{zh}」",
                        "the applicant is asked for “{en}”"
                    );
                }
                Actor::System | Actor::Officer | Actor::Applicant | Actor::Outside => {}
            }
            match due {
                Some(due) => {
                    let at = local_time(&plan.calendar, due.at);
                    let (may_zh, may_en) = if due.provisional {
                        ("（暂定）", " (provisional)")
                    } else {
                        ("", "")
                    };
                    both!(
                        "「{zh}」交{to_zh}办理，{at} 前办结{may_zh}",
                        "“{en}” goes to {to_en}, due {at}{may_en}",
                    )
                }
                None => both!("「{zh}」交{to_zh}办理", "“{en}” goes to {to_en}"),
            }
        }
        Event::DataRead { step, reads } => {
            let fields: Vec<FieldIx> = reads.iter().map(|read| read.field).collect();
            let (zh, en) = (
                names(plan, &fields, Lang::Zh),
                names(plan, &fields, Lang::En),
            );
            let who = reader(plan, record);
            let (who_zh, who_en) = (who.zh(), who.en());
            match plan.step(*step).actor {
                Actor::Submission(_) if fields.is_empty() => both!(
                    "{who_zh}核对数据库提供的内容",
                    "{who_en} looked at what registries had",
                ),
                Actor::LookUp(_) => both!(
                    "向{who_zh}提供个人信息用于查询：{zh}",
                    "{who_en} was asked with personal data: {en}",
                ),
                Actor::Submission(_) => both!(
                    "{who_zh}核对数据库提供的个人信息：{zh}",
                    "{who_en} looked at what registries had: {en}",
                ),
                Actor::System | Actor::Officer | Actor::Applicant | Actor::Outside => both!(
                    "{who_zh}查阅个人信息：{zh}",
                    "{who_en} was shown personal data: {en}",
                ),
            }
        }
        Event::CaseRead { department, reads } => {
            let who = reader(plan, record);
            let (who_zh, who_en, count) = (who.zh(), who.en(), reads.len());
            let values = many(count, "personal value");
            match department {
                Some(_) => both!(
                    "{who_zh}查阅整个办件，其中个人信息 {count} 项",
                    "{who_en} looked at the whole case, {values} in it",
                ),
                None => both!(
                    "{who_zh}查阅告知的理由原文，其中个人信息 {count} 项",
                    "{who_en} read reasons as they were written, {values} in them",
                ),
            }
        }
        Event::StepCompleted { step, missed, .. } => {
            let (zh, en, count) = (title(step).zh(), title(step).en(), missed.len());
            let values = many(count, "value");
            match (&plan.step(*step).actor, count) {
                (Actor::LookUp(_), 0) => both!("「{zh}」已取得", "“{en}” found everything"),
                (Actor::LookUp(_), _) => {
                    both!("「{zh}」没有查到 {count} 项", "“{en}” lacked {values}",)
                }
                (_, _) => {
                    let done = by("办结", "done");
                    let (done_zh, done_en) = (done.zh(), done.en());
                    both!("「{zh}」{done_zh}", "“{en}” {done_en}")
                }
            }
        }
        Event::StepFailed {
            step,
            attempt,
            reason,
            retry_at,
        } => {
            let (zh, en) = (title(step).zh(), title(step).en());
            let at = local_time(&plan.calendar, *retry_at);
            both!(
                "「{zh}」系统故障（第 {attempt} 次）：{reason}；{at} 重试",
                "“{en}” failed (attempt {attempt}): {reason}; tried again at {at}",
            )
        }
        Event::IncidentOpened { step, reason, .. } => {
            let (zh, en) = (title(step).zh(), title(step).en());
            both!(
                "「{zh}」受阻，等待人工处理：{reason}",
                "“{en}” is stuck and waits for a person: {reason}",
            )
        }
        Event::DraftRenewed { stale } => {
            let all = |lang: fn(&Text) -> &str| {
                let titles: Vec<&str> = stale.iter().map(|step| lang(title(step))).collect();
                titles
            };
            let (zh, en) = (all(Text::zh).join("」、「"), all(Text::en).join("”, “"));
            both!(
                "「{zh}」的结果超过时效，重新查询各数据库",
                "what “{en}” had was too old: registries are asked again",
            )
        }
        Event::StepRetried { step, attempt } => {
            let (zh, en) = (title(step).zh(), title(step).en());
            both!(
                "「{zh}」重试（第 {attempt} 次）",
                "“{en}” is tried again (attempt {attempt})",
            )
        }
        Event::SupplementRequested {
            step,
            reason,
            fields,
        } => {
            let (zh, en, count) = (title(step).zh(), title(step).en(), fields.len());
            let (who, by) = hand(record);
            let values = many(count, "value");
            both!(
                "「{zh}」发出补正告知{who}，共 {count} 项：{reason}",
                "“{en}” asks the applicant to supplement {values}{by}: {reason}",
            )
        }
        Event::StepRefused { step, reason } => {
            let done = by("不予许可", "was refused");
            let (zh, en) = (title(step).zh(), title(step).en());
            let (done_zh, done_en) = (done.zh(), done.en());
            both!("「{zh}」{done_zh}：{reason}", "“{en}” {done_en}: {reason}")
        }
        Event::StepSkipped { step } => {
            let (zh, en) = (title(step).zh(), title(step).en());
            match plan.step(*step).actor {
                Actor::LookUp(_) if around.opens_a_form(plan, *step) => both!(
                    "「{zh}」未发起：没有取得查询所需的内容；本应由它提供的，由申请人提供",
                    "“{en}” is not asked: what it is asked with is not there; the applicant is asked for what is needed of it",
                ),
                Actor::LookUp(_) => both!(
                    "「{zh}」未发起：没有取得查询所需的内容",
                    "“{en}” is not asked: what it is asked with is not there",
                ),
                Actor::Submission(_)
                | Actor::System
                | Actor::Officer
                | Actor::Applicant
                | Actor::Outside => both!("「{zh}」无需办理", "“{en}” is not needed"),
            }
        }
        Event::StepCancelled { step } => {
            let (zh, en) = (title(step).zh(), title(step).en());
            match around.refused {
                Some(refused) => {
                    let (of_zh, of_en) = (title(&refused).zh(), title(&refused).en());
                    both!(
                        "因「{of_zh}」不予许可，「{zh}」不再办理",
                        "“{en}” is cancelled, since “{of_en}” was refused",
                    )
                }
                None => both!("「{zh}」不再办理", "“{en}” is cancelled"),
            }
        }
        Event::Delivered { what, channel } => {
            let role = &plan.role(*what).title;
            let by = channel_title(*channel);
            let (zh, en, by_zh, by_en) = (role.zh(), role.en(), by.zh(), by.en());
            both!("送达「{zh}」（{by_zh}）", "“{en}” was delivered ({by_en})")
        }
        Event::CaseWithdrawn { reason } if reason.is_empty() => {
            let (who, by) = hand(record);
            both!("申请人撤回申请{who}", "the applicant withdrew{by}")
        }
        Event::CaseWithdrawn { reason } => {
            let (who, by) = hand(record);
            both!(
                "申请人撤回申请{who}：{reason}",
                "the applicant withdrew{by}: {reason}"
            )
        }
        Event::CaseRefused => both!("办件不予许可", "the case was refused"),
        Event::CaseClosed => both!("办件办结", "the case is closed"),
    }
}

/// Whose fields they are and what people call them, one after the other.
fn names(plan: &Plan, fields: &[FieldIx], lang: Lang) -> String {
    let name = |field: &FieldIx| {
        let item = plan.field(*field);
        let name = show::name_of(Some(plan), &item.path, &item.title);
        name.get(lang).to_owned()
    };
    let names: Vec<_> = fields.iter().map(name).collect();
    names.join(if lang == Lang::Zh { "、" } else { ", " })
}

/// To whom a reading showed something: the person, and whose person it is.
pub(crate) fn reader(plan: &Plan, record: &Record) -> Text {
    let (zh, en) = match &record.event {
        Event::CaseRead {
            department: Some(department),
            ..
        } => {
            let found = plan.find_department(department.as_str());
            let key = || Text::new(department.as_str(), department.as_str());
            let title = found.map_or_else(key, |at| plan.department(at).title.clone());
            (title.zh().to_owned(), title.en().to_owned())
        }
        Event::CaseRead {
            department: None, ..
        } => ("申请人".to_owned(), "the applicant".to_owned()),
        event => match event.step() {
            Some(step) => whose(plan, step),
            None => Default::default(),
        },
    };
    match &record.by {
        Some(by) => both!("{zh}（{by}）", "{en} ({by})"),
        None => Text::new(zh, en),
    }
}

/// Who does a step, as a noun.
pub(crate) fn whose(plan: &Plan, step: StepIx) -> (String, String) {
    let item = plan.step(step);
    match (&item.actor, item.department) {
        (Actor::LookUp(look_up), _) => {
            let title = &look_up.title;
            (title.zh().to_owned(), format!("the {}", title.en()))
        }
        (Actor::Submission(_) | Actor::Applicant, _) | (_, None) => {
            ("申请人".to_owned(), "the applicant".to_owned())
        }
        (Actor::System | Actor::Officer | Actor::Outside, Some(department)) => {
            let title = &plan.department(department).title;
            (title.zh().to_owned(), title.en().to_owned())
        }
    }
}

fn channel_title(channel: Channel) -> Text {
    match channel {
        Channel::Electronic => both!("电子证照", "electronic"),
        Channel::Post => both!("邮寄", "by post"),
        Channel::Window => both!("窗口领取", "at the window"),
    }
}

/// What people call a case's status.
pub(crate) fn case_status(status: CaseStatus) -> Text {
    match status {
        CaseStatus::New => both!("未申请", "new"),
        CaseStatus::Draft => both!("待提交", "draft"),
        CaseStatus::Running => both!("办理中", "running"),
        CaseStatus::Closed => both!("已办结", "closed"),
        CaseStatus::Refused => both!("不予许可", "refused"),
        CaseStatus::Withdrawn => both!("已撤回", "withdrawn"),
        CaseStatus::NotAccepted => both!("未接收", "not accepted"),
    }
}

/// What people call a step's status.
pub(crate) fn step_status(status: StepStatus) -> Text {
    match status {
        StepStatus::Absent => both!("不涉及", "absent"),
        StepStatus::Waiting => both!("未开始", "waiting"),
        StepStatus::Active => both!("办理中", "active"),
        StepStatus::Supplement => both!("待补正", "supplement"),
        StepStatus::Delayed => both!("待重试", "delayed"),
        StepStatus::Stuck => both!("受阻", "stuck"),
        StepStatus::Completed => both!("已办结", "completed"),
        StepStatus::Refused => both!("不予许可", "refused"),
        StepStatus::Skipped => both!("无需办理", "skipped"),
        StepStatus::Cancelled => both!("已取消", "cancelled"),
    }
}

/// The kind of a record whose plan is not at hand.
pub(crate) fn bare(record: &DurableRecord) -> Text {
    let event = serde_json::to_value(&record.event).unwrap_or_default();
    let word = |key: &str| event.get(key).and_then(|value| value.as_str());
    let kind = word("event").unwrap_or("?");
    match word("step") {
        Some(step) => both!("{kind} {step}", "{kind} {step}"),
        None => both!("{kind}", "{kind}"),
    }
}
