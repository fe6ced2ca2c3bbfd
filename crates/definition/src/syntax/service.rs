//! `<service>/service.yaml`: the new way.

use onething_model::{
    CalendarKey, ContractKey, DepartmentKey, FieldKey, Limit, MatterKey, QuestionKey, RoleKey,
    ServiceKey, StepKey, Text,
};

use super::before::FetchedDef;
use super::step::{DeliveryDef, IntakeDef, LimitDef, SilenceDef, StepDef, Writes};
use super::values::{AnyValue, Condition, Language, Name, Named, Whole};
use super::{Read, Shape, record, spanned, words};
use crate::yaml::read::{Reader, Spanned};
use crate::yaml::scalar::Version;
use crate::yaml::{Node, Value};

record! {
    /// A service (一件事).
    pub struct ServiceFile "service" "一件事" "a service" {
        onething "onething" required Whole<1, 1>: "语言的版本" "the version of the language";
        service "service" required ServiceKey: "名称，与文件夹相同" "its name, that of the folder";
        version "version" required Version: "版本" "its version";
        language "language" optional Language: "文件的语言" "the language of plain texts in this folder; `zh` by default";
        title "title" required Text: "标题" "what people call it";
        owner "owner" required DepartmentKey: "牵头部门" "the department in charge";
        calendar "calendar" required CalendarKey: "工作日历" "the calendar of its working days";
        roles "roles" required Named<RoleKey, RoleDef>: "角色：谁、什么，各用哪个数据约定" "who and what it is about, each by a contract";
        applicant "applicant" required RoleKey: "申请人是哪个角色" "the role that applies";
        questions "questions" optional Named<QuestionKey, QuestionDef>: "情形问题" "the questions that make the scenario";
        impossible "impossible" optional Vec<Spanned<ImpossibleDef>>: "哪些回答不可能同时成立" "answers that nobody can give together";
        reference "reference" optional Named<QuestionKey, AnyValue>: "参考情形：计算数字用的回答" "the answers of the scenario that computed figures are of";
        intake "intake" optional IntakeDef: "受理" "the intake";
        matters "matters" required Named<MatterKey, MatterDef>: "事项" "its matters";
        steps "steps" required Named<StepKey, StepDef>: "环节" "its steps";
        fetched "fetched" optional FetchedDef: "查询哪些数据库，默认都查询" "which registries are asked; all by default";
        joint_inspections "joint_inspections" optional Named<Name, JointInspectionDef>: "联合踏勘" "joint inspections";
        events "events" optional Named<Name, EventDef>: "外部事件" "external events";
        delivers "delivers" optional Vec<Spanned<DeliveryDef>>: "送达的结果" "what the applicant gets";
        declared "declared" optional Vec<Spanned<DeclaredDef>>: "他人公布的数字" "figures that others published";
    }
}

record! {
    /// A role in its long form.
    pub struct RoleRecord "role" "角色" "a role" {
        contract "contract" required ContractKey: "数据约定" "its contract";
        title "title" optional Text: "名称，默认为数据约定的标题" "what people call it; the contract's title by default";
        verify "verify" optional bool: "是否必须向数据库核验，即使因此要申请人多填" "whether registries are always asked, as a check, even where this asks the applicant for no less than it saves";
        many "many" optional bool: "是否可以有多个" "whether there can be several";
        given "given" optional Vec<Spanned<FieldKey>>: "由申请人填写的字段，虽然其他字段由环节产生，或者其他情形下由环节产生它" "the fields that the applicant gives although steps make others of it, or make it for other answers";
    }
}

/// A role: the name of its contract, or the long form.
#[derive(Debug, Clone)]
pub struct RoleDef(pub RoleRecord);

impl Read for RoleDef {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if let Value::Map(_) = node.value {
            return RoleRecord::read(node, reader).map(Self);
        }
        let contract = spanned(node, reader)?;
        Some(Self(RoleRecord {
            contract: Some(contract),
            ..RoleRecord::default()
        }))
    }
    fn shape() -> Shape {
        Shape::OneOf(vec![ContractKey::shape(), RoleRecord::shape()])
    }
}

record! {
    /// A scenario question (情形).
    pub struct QuestionDef "question" "情形问题" "a question" {
        ask "ask" required Text: "怎么问" "what is asked, in everyday words";
        kind "type" required QuestionKind: "回答的类型" "what can be answered";
        min "min" optional f64: "最小值（`number`）" "the least (`number`)";
        max "max" optional f64: "最大值（`number`）" "the most (`number`)";
        options "options" optional Named<Name, Text>: "选项（`choice`）" "the options (`choice`)";
        when "when" optional Condition: "在什么情形下才问" "when it is asked at all";
    }
}

record! {
    /// Answers that cannot hold together.
    pub struct ImpossibleDef "impossible" "不可能的回答" "answers that cannot be" {
        when "when" required Condition: "哪些回答，写成条件" "which answers, as a condition";
        because "because" required Text: "为什么，原话告诉申请人" "why, in the words that the applicant is told";
    }
}

words! {
    /// What can be answered.
    pub enum QuestionKind {
        YesNo "yes-no" "是或否" "yes or no";
        Number "number" "数字" "a number";
        Choice "choice" "选项之一" "one of several options";
    }
}

record! {
    /// A matter (事项).
    pub struct MatterDef "matter" "事项" "a matter" {
        title "title" required Text: "名称" "what people call it";
        code "code" optional String: "事项编码" "its code in the national catalogue";
        department "department" required DepartmentKey: "主管部门" "who owns it";
        when "when" optional Condition: "在什么情形下需要" "when it is part of the case";
        limit "limit" optional LimitDef: "办结时限" "how long it may take";
        refused "refused" optional RefusedWord: "不予许可时的后果，默认 `ends case`" "what a refusal ends; `ends case` by default";
        silence "silence" optional SilenceDef: "逾期未决定视为什么" "what it means when no decision comes in time";
    }
}

words! {
    /// What a refusal ends.
    pub enum RefusedWord {
        EndsCase "ends case" "整个办件终止" "the whole case";
        EndsMatter "ends matter" "只终止该事项" "the matter and what needs it";
    }
}

record! {
    /// One visit on site that serves several steps.
    pub struct JointInspectionDef "joint_inspection" "联合踏勘" "a joint inspection" {
        title "title" required Text: "名称" "what people call it";
        steps "steps" required Vec<Spanned<StepKey>>: "服务于哪些环节" "the steps it serves";
        applicant_attends "applicant_attends" optional bool: "申请人是否必须在场" "whether the applicant has to be there";
    }
}

record! {
    /// An external event.
    pub struct EventDef "event" "外部事件" "an external event" {
        title "title" required Text: "名称" "what people call it";
        from "from" optional DepartmentKey: "来自哪个部门" "who sends it";
        writes "writes" optional Writes: "带来的数据" "what it brings";
    }
}

record! {
    /// A figure that others published.
    pub struct DeclaredDef "declared" "公布的数字" "a declared figure" {
        figure "figure" required FigureName: "指标" "which figure";
        before "before" optional FigureValue: "改革前" "before";
        after "after" required FigureValue: "改革后" "after";
        place "place" required Text: "地区" "which place it is of";
        year "year" optional Whole<1990, 2200>: "年份" "the year of publication";
        source "source" required String: "来源" "who published it";
    }
}

words! {
    /// The figures that are compared.
    pub enum FigureName {
        ProcessingTime "processing_time" "办理时间（工作日）" "processing time, in working days";
        ElapsedTime "elapsed_time" "历时（自然日）" "elapsed time, in calendar days";
        Submissions "submissions" "提交次数" "acts of handing in";
        Materials "materials" "材料数" "documents handed in";
        Fields "fields" "填写字段数" "fields filled in";
        Forms "forms" "表单数" "forms";
        Visits "visits" "跑动次数" "trips to an office";
        Steps "steps" "申请人环节数" "the applicant's steps";
        InternalSteps "internal_steps" "内部环节数" "the departments' steps";
        Departments "departments" "跑的部门数" "offices approached";
    }
}

impl FigureName {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::WORDS[self as usize].word
    }
}

/// A published value: a duration in `wd` or `d`, or a count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FigureValue {
    /// A duration.
    Duration(Limit),
    /// A count.
    Count(f64),
}

impl Read for FigureValue {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let is_number = node
            .as_scalar()
            .is_some_and(|scalar| crate::yaml::scalar::number(&scalar.text).is_ok());
        if is_number {
            reader.number(node, 0.0, 1e9).map(Self::Count)
        } else {
            reader.duration(node).map(Self::Duration)
        }
    }
    fn shape() -> Shape {
        Shape::OneOf(vec![Shape::Duration, Shape::Number])
    }
}
