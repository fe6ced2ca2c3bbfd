//! `<service>/workload.yaml`: who applies, how often, and how long work takes.

use onething_model::{
    CalendarKey, DepartmentKey, Limit, MatterKey, QuestionKey, RegistryKey, StepKey,
};

use super::figures::{FigureDef, ProbabilityDef, Section};
use super::record;
use super::values::{AnyValue, Language, Named, Whole};
use crate::yaml::read::Spanned;

record! {
    /// The workload of both ways.
    pub struct WorkloadFile "workload" "业务量" "the workload" {
        language "language" optional Language: "文件的语言" "the language of plain texts in this file; the service's by default";
        source "source" optional String: "全部数字的来源，除非另有说明" "where all figures come from that do not say otherwise";
        assumed "assumed" optional String: "全部数字的假设，除非另有说明" "why all figures are assumed that do not say otherwise";
        arrivals "arrivals" optional ArrivalsDef: "每年多少申请" "how many apply";
        answers "answers" optional Section<QuestionKey, AnyValue>: "申请人如何回答情形问题" "how applicants answer the questions";
        staff "staff" optional Section<DepartmentKey, StaffDef>: "各部门的人手" "who works, by department";
        work "work" optional Section<StepKey, FigureDef<Limit>>: "环节的实际用时（一名工作人员）" "hands-on time of a step, for one officer";
        lying "lying" optional Section<StepKey, FigureDef<Limit>>: "环节中的等待：签批、流转" "time a paper lies between desks in a step";
        merged "merged" optional Named<StepKey, Vec<Spanned<StepKey>>>: "合并而成的环节，依次做哪些环节的工作" "steps made of others: whose work each does, one after the other";
        misses "misses" optional Section<RegistryKey, ProbabilityDef>: "数据库查不到的比例" "how often a registry has nothing";
        supplements "supplements" optional Section<MatterKey, ProbabilityDef>: "事项被要求补正的比例" "how often a matter needs a supplement";
        answered_after "answered_after" optional FigureDef<Limit>: "申请人多久补正" "how long applicants take to answer";
        refusals "refusals" optional Section<StepKey, ProbabilityDef>: "环节不予许可的比例" "how often a step refuses";
        between_matters "between_matters" optional FigureDef<Limit>: "原办法中两个事项之间的间隔" "in the old way: from the end of one matter to applying for the next";
    }
}

record! {
    /// How many apply.
    pub struct ArrivalsDef "arrivals" "申请量" "arrivals" {
        per_year "per_year" required f64: "每年的申请数" "applications a year";
        on "on" optional CalendarKey: "在哪个日历的开放时间内，默认为一件事的日历" "when people apply: the open hours of a calendar; the service's by default";
        source "source" optional String: "来源：公布的或实测的" "where it is published or measured";
        assumed "assumed" optional String: "假设及其理由" "that it is assumed, and why";
    }
}

record! {
    /// The staff of a department.
    pub struct StaffDef "staff" "人手" "staff" {
        officers "officers" required Whole<1, 100_000>: "同时有几人办理" "how many work at the same time";
        hours "hours" optional CalendarKey: "工作时间，默认为一件事的日历" "when they work; the service's calendar by default";
        source "source" optional String: "来源：公布的或实测的" "where it is published or measured";
        assumed "assumed" optional String: "假设及其理由" "that it is assumed, and why";
    }
}
