//! Steps, and what both ways of handling a service share.

use onething_model::{
    DepartmentKey, FieldKey, Limit, MatterKey, RoleKey, ServiceKey, StepKey, Text,
};

use super::values::{Condition, Name, Named, ReadField, Whole};
use super::{Read, Shape, record, spanned, words};
use crate::yaml::read::{Reader, Spanned};
use crate::yaml::{Node, Value};

/// What a step reads: fields by role.
pub type Reads = Named<RoleKey, Vec<Spanned<ReadField>>>;

/// What a step makes: fields by role.
pub type Writes = Named<RoleKey, Vec<Spanned<FieldKey>>>;

record! {
    /// A step (环节).
    pub struct StepDef "step" "环节" "a step" {
        title "title" optional Text: "名称（`service.yaml` 中必填）" "what people call it; required in `service.yaml`";
        matter "matter" optional MatterKey: "属于哪个事项" "the matter it works on";
        by "by" optional By: "谁来办（`service.yaml` 中必填）" "who does it; required in `service.yaml`";
        department "department" optional DepartmentKey: "哪个部门，默认为事项的部门" "which department; that of the matter by default";
        when "when" optional Condition: "在什么情形下需要" "when it is part of the case";
        reads "reads" optional Reads: "需要的数据和材料" "what it needs to know, documents included";
        purpose "purpose" optional PurposeDef: "为什么用途读取；部门对同一字段有几项授权时必填" "what it reads for: the purpose of a grant, or several; needed where its department has several grants on a field";
        writes "writes" optional Writes: "产生的数据和证照" "what it makes";
        after "after" optional AfterDef: "法律要求在哪些环节之后" "steps that the law wants to come before";
        because "because" optional Text: "为什么要在之后" "why: the law that demands the order";
        limit "limit" optional LimitDef: "办理时限" "how long it may take";
        visits "visits" optional Whole<0, 1_000>: "申请人需要跑几次" "trips to an office it costs the applicant";
        attended "attended" optional bool: "申请人是否必须在场" "whether the applicant has to be there";
        legal_effect "legal_effect" optional bool: "是否产生法律效力；写 `no` 的环节，其结果无人使用时可以取消" "whether it has a legal effect; with `no` a redesign may leave it out when nobody uses what it makes";
        separate_from "separate_from" optional Vec<Spanned<StepKey>>: "法律要求与哪些环节由不同人员办理，不得合并" "steps that the law wants other people to do: never merged with this one";
        retry "retry" optional RetryDef: "系统出错时如何重试" "what happens when a department's system fails";
        source "source" optional String: "与原办法不同之处的来源（`before.yaml`）" "where a difference is published (`before.yaml`)";
        whole "whole" optional bool: "在此写全，不沿用 `service.yaml` 中对该环节的规定（`before.yaml`）" "described whole here: nothing is taken from `service.yaml` (`before.yaml`)";
        undo "undo" optional StepKey: "之后终止时用哪个环节撤销" "the step that undoes it when the case ends later";
        corrections "corrections" optional CorrectionsDef: "环节内最多几轮补正" "bounded rounds of correction inside the step";
        special "special" optional SpecialDef: "特别程序，不计入时限" "a special procedure, whose time does not count";
        silence "silence" optional SilenceDef: "逾期未决定视为什么" "what it means when no decision comes in time";
        skip_if "skip_if" optional Condition: "办件数据满足条件时跳过" "skipped on a condition over case data";
        for_each "for_each" optional RoleKey: "对角色的每一项各办一次" "once for each item of a role";
        n_of "n_of" optional NOfDef: "若干环节中完成几个即可开始" "begins when so many of several steps are done";
        knock_out "knock_out" optional Vec<Spanned<StepKey>>: "其中任一不通过即提前结束" "ends early when one of these refuses";
        child "child" optional ChildDef: "由另一个一件事来办" "is a case of another service";
        awaits "awaits" optional Name: "等待的外部事件" "the external event it waits for";
    }
}

words! {
    /// Who does a step.
    pub enum By {
        System "system" "部门系统自动办理" "a department's system";
        Officer "officer" "工作人员" "an officer";
        Applicant "applicant" "申请人" "the applicant";
        Outside "outside" "外部机构" "an outside body";
    }
}

record! {
    /// Both kinds of limit with their basis.
    pub struct LimitsDef "limits" "法定和承诺时限" "statutory and promised limits" {
        statutory "statutory" optional Limit: "法定办结时限" "what the law allows";
        promised "promised" optional Limit: "承诺办结时限" "what the department promises";
        basis "basis" optional String: "法律依据" "where the law says so";
    }
}

/// A limit: `8wd`, which is a promised one, or both kinds.
#[derive(Debug, Clone)]
pub enum LimitDef {
    /// A promised limit.
    Promised(Limit),
    /// Both kinds.
    Both(LimitsDef),
}

impl Read for LimitDef {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match node.value {
            Value::Map(_) => LimitsDef::read(node, reader).map(Self::Both),
            Value::Scalar(_) | Value::List(_) | Value::Refused => {
                reader.duration(node).map(Self::Promised)
            }
        }
    }
    fn shape() -> Shape {
        Shape::OneOf(vec![Shape::Duration, LimitsDef::shape()])
    }
}

record! {
    /// An order that the law demands.
    pub struct AfterItem "after" "先后顺序" "an order" {
        step "step" required StepKey: "在哪个环节之后" "the step that comes before";
        because "because" optional Text: "为什么" "why";
        basis "basis" optional String: "要求这个顺序的法律依据（`before.yaml`：没有依据的顺序只是习惯）" "the law that demands the order (in `before.yaml` an order without it is a habit)";
    }
}

/// What comes before: `x`, `[x, y]` or `[{ step: x, because: … }]`.
#[derive(Debug, Clone, Default)]
pub struct AfterDef(pub Vec<Spanned<AfterItem>>);

impl AfterDef {
    fn item(node: &Node, reader: &mut Reader<'_>) -> Option<AfterItem> {
        match node.value {
            Value::Map(_) => AfterItem::read(node, reader),
            Value::Scalar(_) | Value::List(_) | Value::Refused => {
                let step = spanned(node, reader)?;
                Some(AfterItem {
                    step: Some(step),
                    because: None,
                    basis: None,
                })
            }
        }
    }
}

impl Read for AfterDef {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if let Value::List(_) = node.value {
            return reader.list(node, Self::item).map(Self);
        }
        let value = Self::item(node, reader)?;
        Some(Self(vec![Spanned {
            value,
            span: node.span,
        }]))
    }
    fn shape() -> Shape {
        let item = || Shape::OneOf(vec![StepKey::shape(), AfterItem::shape()]);
        Shape::OneOf(vec![
            StepKey::shape(),
            AfterItem::shape(),
            Shape::List(Box::new(item())),
        ])
    }
}

/// What a step reads for: `licensing` or `[licensing, safety-check]`.
#[derive(Debug, Clone, Default)]
pub struct PurposeDef(pub Vec<Spanned<String>>);

impl Read for PurposeDef {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if let Value::List(_) = node.value {
            return Vec::<Spanned<String>>::read(node, reader).map(Self);
        }
        spanned(node, reader).map(|only| Self(vec![only]))
    }
    fn shape() -> Shape {
        Shape::OneOf(vec![Shape::Str, Shape::List(Box::new(Shape::Str))])
    }
}

record! {
    /// Retries of a department's system.
    pub struct RetryDef "retry" "重试" "retries" {
        attempts "attempts" optional Whole<1, 1_000>: "总共几次" "attempts in all";
        backoff "backoff" optional Limit: "第一次等多久，之后每次加倍" "the first wait; it doubles each time";
        at_most "at_most" optional Limit: "最多等多久" "the longest wait";
    }
}

record! {
    /// Bounded rounds of correction.
    pub struct CorrectionsDef "corrections" "补正" "rounds of correction" {
        rounds "rounds" required Whole<1, 20>: "最多几轮" "how many at most";
        within "within" required Limit: "每轮多长时间内答复" "how long the applicant has for each";
    }
}

record! {
    /// A special procedure (特别程序).
    pub struct SpecialDef "special" "特别程序" "a special procedure" {
        kind "kind" required SpecialKind: "种类" "which one";
        at_most "at_most" required Limit: "最长时间" "how long at most";
        basis "basis" required String: "法律依据" "the legal basis";
    }
}

words! {
    /// Which special procedure.
    pub enum SpecialKind {
        Hearing "hearing" "听证" "a hearing";
        Bidding "bidding" "招标、拍卖" "bidding";
        Testing "testing" "检验、检测、检疫" "testing";
        Appraisal "appraisal" "鉴定" "an appraisal";
        ExpertReview "expert-review" "专家评审" "a review by experts";
    }
}

impl SpecialKind {
    /// The word in definitions.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::WORDS[self as usize].word
    }
}

record! {
    /// What silence means.
    pub struct SilenceDef "silence" "逾期未决定" "silence" {
        after "after" required Limit: "多长时间之后" "after how long";
        means "means" required SilenceMeans: "视为什么" "what it means";
        basis "basis" required String: "法律依据" "the legal basis";
    }
}

words! {
    /// What silence means.
    pub enum SilenceMeans {
        Consent "consent" "视为同意" "consent";
        Refusal "refusal" "视为不同意" "refusal";
    }
}

record! {
    /// A join that waits for some of several steps.
    pub struct NOfDef "n_of" "若干环节中的几个" "some of several steps" {
        steps "steps" required Vec<Spanned<StepKey>>: "哪些环节" "which steps";
        at_least "at_least" required Whole<1, 1_000>: "至少几个" "how many at least";
    }
}

record! {
    /// A child service.
    pub struct ChildDef "child" "子办件" "a case of another service" {
        service "service" required ServiceKey: "哪个一件事" "which service";
        passes "passes" optional Named<RoleKey, RoleKey>: "本办件的角色如何对应" "which role of the child is which role here";
    }
}

record! {
    /// The intake: one form, one window.
    pub struct IntakeDef "intake" "受理" "the intake" {
        title "title" optional Text: "申请的名称" "what people call the application";
        window "window" optional Name: "窗口" "the window";
        department "department" optional DepartmentKey: "由哪个部门受理" "which department accepts";
        by "by" optional AcceptedBy: "谁来受理；不写则没有受理环节" "who accepts; without it there is no acceptance";
        limit "limit" optional LimitDef: "受理时限" "how long acceptance may take";
        visits "visits" optional Whole<0, 1_000>: "提交申请需要跑几次" "trips to an office that handing in costs";
        asks "asks" optional Reads: "没有环节读取、但要填写的字段" "fields that are asked although no step reads them";
        purpose "purpose" optional PurposeDef: "受理部门为什么用途要这些字段；对同一字段有几项授权时必填" "what the accepting department has these fields for: the purpose of a grant, or several; needed where it has several grants on a field";
    }
}

words! {
    /// Who accepts.
    pub enum AcceptedBy {
        Officer "officer" "工作人员" "an officer";
        System "system" "系统自动受理" "a system";
    }
}

record! {
    /// A result and how it reaches the applicant.
    pub struct DeliveryDef "delivery" "结果送达" "a delivery" {
        what "what" required RoleKey: "结果，由本一件事产生的角色" "the result: a role that steps write";
        by "by" required Vec<Spanned<DeliverBy>>: "送达方式，第一个是常用的" "how; the first is the usual one";
    }
}

words! {
    /// How a result reaches the applicant.
    pub enum DeliverBy {
        Electronic "electronic" "电子证照" "as an e-licence";
        Post "post" "邮寄" "by post";
        Window "window" "窗口领取" "at the window";
    }
}
