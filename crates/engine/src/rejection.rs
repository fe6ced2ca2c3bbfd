//! Rejections: a command that cannot be carried out as things stand. A normal
//! answer to the applicant or officer; nothing changes.

use onething_model::Text;
use onething_plan::{Actor, Plan};

use crate::case::asks::Notice;
use crate::record::Fault;
use crate::transition::{CaseStatus, StepStatus};

/// A command that cannot be carried out; reads as its [`Reason`].
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("rejected[{}]: {}", .0.code, .0.message.en())]
pub struct Rejection(Box<Reason>);

impl std::ops::Deref for Rejection {
    type Target = Reason;
    fn deref(&self) -> &Reason {
        &self.0
    }
}

/// Why a command cannot be carried out.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// The stable code; `docs/errors/CODE.md` explains it.
    pub code: &'static str,
    /// What is wrong.
    pub message: Text,
    /// What to do.
    pub help: Text,
    /// Each fault, where several values are wrong.
    pub faults: Vec<Fault>,
}

/// What is asked of a step whose data somebody wants to see, in both languages.
pub(crate) const LOOKED_AT: (&str, &str) = ("查看", "looked at");

impl Rejection {
    /// A rejection with its texts.
    #[must_use]
    pub fn new(code: &'static str, zh: String, en: String, help_zh: &str, help_en: &str) -> Self {
        Self(Box::new(Reason {
            code,
            message: Text::new(zh, en),
            help: Text::new(help_zh, help_en),
            faults: Vec::new(),
        }))
    }

    /// The rejection with each fault.
    #[must_use]
    pub fn with_faults(mut self, faults: Vec<Fault>) -> Self {
        self.0.faults = faults;
        self
    }

    pub(crate) fn case_over(status: CaseStatus) -> Self {
        let (zh, en) = ended(status);
        Self::new(
            "C0101",
            format!("办件{zh}，不能再变更"),
            format!("the case {en} and does not change any more"),
            "如需更正，请重新申请",
            "what is to be corrected needs a new application",
        )
    }

    /// Nobody has applied: there is no case yet that could be asked for anything.
    pub(crate) fn not_begun() -> Self {
        Self::new(
            "C0101",
            "办件尚未申请，还没有可以办理的内容".into(),
            "nobody has applied for the case yet, and nothing can be done with it".into(),
            "请先申请",
            "apply first",
        )
    }

    /// Who was not let in was told every fault, and no reason in words of somebody's own.
    pub(crate) fn without_reasons(status: CaseStatus) -> Self {
        let (zh, en) = ended(status);
        Self::new(
            "C0101",
            format!("办件{zh}，没有需要查阅原文的理由"),
            format!(
                "the case {en}, and there are no reasons in it to be read as they were written"
            ),
            "申请不符合要求之处，用 `onething case show` 逐项查看",
            "see everything that is wrong with the application with `onething case show`",
        )
    }

    /// A whole case is looked at while it is open.
    pub(crate) fn read_when_over(status: CaseStatus) -> Self {
        let (zh, en) = ended(status);
        Self::new(
            "C0101",
            format!("办件{zh}，个人信息不再显示"),
            format!("the case {en}, and its personal data is not shown any more"),
            "不写查看人即可查看公开的内容和各项来源；需要全部内容时由存储的管理人员查阅日志",
            "leave the name of the reader out to see what is public and where each value came from; \
             the whole journal is for the operator of the store",
        )
    }

    pub(crate) fn no_part(plan: &Plan, department: onething_plan::DepartmentIx) -> Self {
        let item = plan.department(department);
        let owner = plan.department(plan.owner);
        Self::new(
            "C0111",
            format!(
                "{}在本办件中没有要办的环节，或所办事项已不予许可，不能查看",
                item.title.zh()
            ),
            format!(
                "department `{}` has no step in this case, or none any more, and may not look at it",
                item.key
            ),
            &format!(
                "由牵头部门（{}）或本办件中有环节的部门查看",
                owner.title.zh()
            ),
            &format!(
                "a case is looked at by the department in charge, `{}`, and by those that do a step of it",
                owner.key
            ),
        )
    }

    pub(crate) fn draft_is_the_applicants() -> Self {
        Self::new(
            "C0111",
            "申请尚未提交，各部门不能查看其中的个人信息".into(),
            "the application has not been handed in; no department may look at personal data of it"
                .into(),
            "提交之前由申请人或帮办人员核对（`onething case draft`）；提交后再查看",
            "until then the applicant, or who helps them, looks at it (`onething case draft`); look again once it is handed in",
        )
    }

    pub(crate) fn too_old(plan: &Plan, look_ups: &[onething_plan::StepIx]) -> Self {
        let fresh = |look_up: &onething_plan::StepIx| match &plan.step(*look_up).actor {
            Actor::LookUp(item) => item.fresh,
            Actor::Submission(_)
            | Actor::System
            | Actor::Officer
            | Actor::Applicant
            | Actor::Outside => None,
        };
        let (mut zh, mut en) = (Vec::new(), Vec::new());
        for look_up in look_ups {
            let title = &plan.step(*look_up).title;
            let most = fresh(look_up).map_or_else(String::new, |fresh| fresh.to_string());
            zh.push(format!("「{}」的结果已超过时效（{most}）", title.zh()));
            en.push(format!(
                "the answer to “{}” is older than its contract allows ({most})",
                title.en()
            ));
        }
        Self::new(
            TOO_OLD,
            format!("{}，不能据此提交", zh.join("，")),
            format!("{} and is not handed in", en.join(", ")),
            "将重新查询数据库；请核对新的结果（`onething case draft`）后再提交，本次补填和更正的内容要重新填写",
            "registries are asked again; look at what they have now (`onething case draft`) and hand in again, \
             with what was added or corrected this time",
        )
    }

    pub(crate) fn unseen() -> Self {
        Self::new(
            "C0114",
            "数据库提供的内容尚未核对，不能提交".into(),
            "nobody has looked at what registries had for this draft".into(),
            "先核对草稿（`onething case draft`），再提交",
            "look at the draft (`onething case draft`), then hand it in",
        )
    }

    pub(crate) fn nothing_stale() -> Self {
        Self::new(
            "C0113",
            "没有超过时效的查询结果，不重新查询".into(),
            "nothing that registries had is too old, and they are not asked again".into(),
            "草稿等待申请人核对、且查询结果超过数据约定的时效（`fresh`）时，才重新查询",
            "a draft is renewed while it waits for its applicant, once an answer is older than its contract allows (`fresh`)",
        )
    }

    pub(crate) fn absent(plan: &Plan, step: onething_plan::StepIx) -> Self {
        let item = plan.step(step);
        Self::new(
            "C0102",
            format!("环节「{}」不在本办件的情形之内", item.title.zh()),
            format!("step `{}` is not part of this case's scenario", item.key),
            "请用 case show 查看本办件包含的环节",
            "see the steps of the case with `case show`",
        )
    }

    pub(crate) fn not_awaited(
        plan: &Plan,
        step: onething_plan::StepIx,
        status: StepStatus,
        waits_for: &[onething_plan::StepIx],
        asked: (&str, &str),
    ) -> Self {
        let item = plan.step(step);
        let (waits_zh, waits_en) = waiting(plan, waits_for);
        let (now_zh, now_en) = match status {
            StepStatus::Absent => ("不在本办件内", "not part of the case"),
            StepStatus::Waiting => (&*waits_zh, &*waits_en),
            StepStatus::Active => ("正在办理", "under way"),
            StepStatus::Supplement => ("等待申请人补正", "waiting for the applicant's supplement"),
            StepStatus::Delayed => ("系统故障，等待重试", "delayed until a retry"),
            StepStatus::Stuck => ("系统故障，等待人工处理", "stuck until a person retries it"),
            StepStatus::Completed => ("已办结", "already completed"),
            StepStatus::Refused => ("已不予许可", "already refused"),
            StepStatus::Skipped => ("已跳过", "skipped"),
            StepStatus::Cancelled => ("已取消", "cancelled"),
        };
        let code = if status.is_final() { "C0104" } else { "C0103" };
        let (help_zh, help_en) = match (&item.actor, status.is_final()) {
            (Actor::LookUp(_), true) => (
                "查询由系统自动进行，不由人员办理；查得的内容见 `case show --data`",
                "a look-up is nobody's work; what it found is shown by `case show --data`",
            ),
            (_, true) if asked == LOOKED_AT => (
                "已结束的环节不再打开；办件已有的内容见 `case show --data`",
                "a finished step is not opened again; what the case has is shown by `case show --data`",
            ),
            (_, true) => (
                "已结束的环节不再变更；如需更正，请重新申请",
                "a finished step is corrected by a new case",
            ),
            (_, false) => (
                "请等待该环节进入相应状态后再操作",
                "wait until the step is in the state that the command needs",
            ),
        };
        Self::new(
            code,
            format!("环节「{}」{now_zh}，不能{}", item.title.zh(), asked.0),
            format!("step `{}` is {now_en} and cannot be {}", item.key, asked.1),
            help_zh,
            help_en,
        )
    }

    /// The step is the applicant's for now: says since when and for what, and what comes of it.
    pub(crate) fn waits_for_supplement(plan: &Plan, notice: &Notice, asked: (&str, &str)) -> Self {
        let item = plan.step(notice.step);
        let date = plan.calendar.date_of(notice.since);
        let fields = notice.fields.iter().map(|field| plan.field(*field));
        let zh: Vec<String> = fields
            .clone()
            .map(|field| format!("「{}」", field.title.zh()))
            .collect();
        let en: Vec<String> = fields.map(|field| format!("`{}`", field.path)).collect();
        let (zh, en) = (zh.join("、"), en.join(", "));
        let (key, title) = (&item.key, item.title.zh());
        Self::new(
            "C0103",
            format!(
                "环节「{title}」自 {date} 起等待申请人补正{zh}，不能{}",
                asked.0
            ),
            format!(
                "step `{key}` has been waiting since {date} for the applicant to supplement {en}, and cannot be {}",
                asked.1
            ),
            "申请人补正后（窗口代为提交用 `case hand-in`），本环节以新的轮次回到待办列表，再办结或不予许可；申请人不再办理的，撤回（`case withdraw`）",
            "when they have (at a window, with `case hand-in`), it is on the worklist again as the next round, to be completed or refused; an applicant who does not go on withdraws (`case withdraw`)",
        )
    }

    pub(crate) fn wrong_actor(
        plan: &Plan,
        step: onething_plan::StepIx,
        asked: (&str, &str),
    ) -> Self {
        let item = plan.step(step);
        let (does_zh, does_en) = match item.actor {
            Actor::Submission(_) => ("由申请人提交", "handed in by the applicant"),
            Actor::LookUp(_) => ("由数据库反馈", "answered by a registry"),
            Actor::Applicant => ("由申请人办理", "done by the applicant"),
            Actor::System | Actor::Officer | Actor::Outside => {
                ("由部门办理", "done by a department")
            }
        };
        Self::new(
            "C0109",
            format!("环节「{}」{does_zh}，不能{}", item.title.zh(), asked.0),
            format!("step `{}` is {does_en} and cannot be {}", item.key, asked.1),
            "请使用与该环节相应的操作",
            "use the command that belongs to this kind of step",
        )
    }

    pub(crate) fn stale(plan: &Plan, step: onething_plan::StepIx, round: u32, now: u32) -> Self {
        let item = plan.step(step);
        Self::new(
            "C0105",
            format!(
                "环节「{}」的第 {round} 轮结果已过期，现为第 {now} 轮",
                item.title.zh()
            ),
            format!(
                "the answer to round {round} of step `{}` is stale, it is in round {now}",
                item.key
            ),
            "请按最新一轮材料重新办理",
            "work on the present round's papers and answer again",
        )
    }

    pub(crate) fn broken_contract(
        plan: &Plan,
        step: onething_plan::StepIx,
        faults: Vec<Fault>,
    ) -> Self {
        let item = plan.step(step);
        Self::new(
            "C0106",
            format!(
                "环节「{}」的结果不符合数据约定，共 {} 处",
                item.title.zh(),
                faults.len()
            ),
            format!(
                "what step `{}` answers breaks its contract in {}",
                item.key,
                places(faults.len())
            ),
            "请按逐项说明改正后重新提交",
            "mend each fault and answer again",
        )
        .with_faults(faults)
    }

    pub(crate) fn supplement_used(plan: &Plan, step: onething_plan::StepIx) -> Self {
        let item = plan.step(step);
        Self::new(
            "C0107",
            format!("环节「{}」所属事项已发出过补正告知", item.title.zh()),
            format!(
                "the matter of step `{}` has had its one supplement notice",
                item.key
            ),
            "法律规定须一次性告知；请在现有材料基础上作出决定",
            "the law allows one complete notice; decide on what is there",
        )
    }

    pub(crate) fn not_to_give(
        plan: &Plan,
        step: onething_plan::StepIx,
        faults: Vec<Fault>,
    ) -> Self {
        let item = plan.step(step);
        Self::new(
            "C0110",
            format!(
                "环节「{}」的补正告知中有不能向申请人索要的内容",
                item.title.zh()
            ),
            format!(
                "the notice of step `{}` asks for what is not the applicant's to give",
                item.key
            ),
            "补正告知须写明至少一项，且只能要求申请人提供、本环节需要、未据以查询数据库的数据",
            "name at least one field that the step reads, the applicant gives and no registry was asked with",
        )
        .with_faults(faults)
    }

    pub(crate) fn incomplete(plan: &Plan, step: onething_plan::StepIx, faults: Vec<Fault>) -> Self {
        let item = plan.step(step);
        Self::new(
            "C0108",
            format!(
                "「{}」不完整或不符合要求，共 {} 处",
                item.title.zh(),
                faults.len()
            ),
            format!(
                "what is handed in at `{}` is incomplete or wrong in {}",
                item.key,
                places(faults.len())
            ),
            "请按逐项说明补齐或改正后再提交",
            "complete or mend each and hand in again",
        )
        .with_faults(faults)
    }
}

/// What a step waits for.
fn waiting(plan: &Plan, waits_for: &[onething_plan::StepIx]) -> (String, String) {
    let steps = waits_for.iter().map(|step| plan.step(*step));
    let zh: Vec<String> = steps
        .clone()
        .map(|step| format!("「{}」", step.title.zh()))
        .collect();
    let en: Vec<String> = steps.map(|step| format!("`{}`", step.key)).collect();
    match zh.is_empty() {
        true => (
            "前序环节尚未完成".into(),
            "waiting for earlier steps".into(),
        ),
        false => (
            format!("要等{}完成后才开始", zh.join("、")),
            format!("waiting for {}", en.join(", ")),
        ),
    }
}

fn ended(status: CaseStatus) -> (&'static str, &'static str) {
    match status {
        CaseStatus::Closed => ("已办结", "is closed"),
        CaseStatus::Refused => ("已不予许可", "was refused"),
        CaseStatus::Withdrawn => ("已撤回", "was withdrawn"),
        CaseStatus::NotAccepted => ("申请未被接收", "was not accepted"),
        CaseStatus::New | CaseStatus::Draft | CaseStatus::Running => ("未结束", "is open"),
    }
}

/// How many places are wrong, as English says it.
fn places(count: usize) -> String {
    match count {
        1 => "1 place".to_owned(),
        _ => format!("{count} places"),
    }
}

/// What registries had for a draft is too old to be handed in: the driver sends
/// [`Command::Renew`](crate::Command::Renew), and the applicant looks at the draft again.
pub const TOO_OLD: &str = "C0112";

/// The codes this crate rejects with; each has a page under `docs/errors/`.
pub const CODES: [&str; 14] = [
    "C0101", "C0102", "C0103", "C0104", "C0105", "C0106", "C0107", "C0108", "C0109", "C0110",
    "C0111", TOO_OLD, "C0113", "C0114",
];
