//! `<service>/before.yaml`: the old way, as a difference.

use onething_model::{MatterKey, RegistryKey, ServiceKey, StepKey, Text};

use super::step::{DeliveryDef, IntakeDef, LimitDef, Reads, StepDef};
use super::values::{Language, Named, Whole};
use super::{Read, Shape, Word, record, words};
use crate::yaml::read::{Reader, Spanned};
use crate::yaml::{Node, Value};

record! {
    /// How the service was handled before.
    pub struct BeforeFile "before" "原办法" "the old way" {
        before "before" required ServiceKey: "哪个一件事" "the service";
        language "language" optional Language: "文件的语言" "the language of plain texts in this file; the service's by default";
        handled "handled" required HandledWord: "事项分开办还是一起办" "whether the matters were handled apart";
        fetched "fetched" optional FetchedDef: "当时能查询哪些数据库，默认都不能" "which registries answered then; nothing by default";
        walk "walk" optional Vec<Spanned<MatterKey>>: "申请人跑各事项的顺序" "the order in which the applicant had to go";
        because "because" optional Text: "为什么是这个顺序" "why this order";
        intake "intake" optional IntakeDef: "各事项的受理，除非事项另有说明" "the intake of each matter, unless the matter says otherwise";
        matters "matters" optional Named<MatterKey, MatterDelta>: "各事项的不同之处" "what was different of a matter";
        steps "steps" optional Named<StepKey, StepDef>: "环节的不同之处，或当时多出的环节" "what was different of a step, or steps there were besides";
        without "without" optional Vec<Spanned<StepKey>>: "当时没有的环节" "steps of the new way that did not exist";
        delivers "delivers" optional Vec<Spanned<DeliveryDef>>: "送达的结果，默认与新办法相同" "what the applicant got; as in the new way by default";
        source "source" optional String: "总的来源" "where the old way is described";
    }
}

words! {
    /// How matters were handled.
    pub enum HandledWord {
        Apart "apart" "各办各的：各有申请、材料和受理" "each its own application, materials and intake";
        Together "together" "一起办：一次申请" "one application for all";
    }
}

/// Which registries answered.
#[derive(Debug, Clone)]
pub enum FetchedDef {
    /// None.
    Nothing,
    /// All.
    Everything,
    /// These.
    Only(Vec<Spanned<RegistryKey>>),
    /// All but these, each with the reason.
    Without(Named<RegistryKey, Text>),
}

record! {
    /// Registries that are left out.
    pub struct WithoutDef "fetched" "不查询的数据库" "registries that are not asked" {
        without "without" required Named<RegistryKey, Text>: "不查询哪些数据库，各为什么" "which ones are not asked, and why not, each";
    }
}

const FETCHED: &[Word] = &[
    Word {
        word: "nothing",
        zh: "都不能查询",
        en: "no registry answered",
    },
    Word {
        word: "everything",
        zh: "都能查询",
        en: "every registry answered",
    },
];

impl Read for FetchedDef {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if node.as_scalar().is_some() && !node.is_nothing() {
            return reader
                .word(node, &[("nothing", 0), ("everything", 1)])
                .map(|word| {
                    if word == 0 {
                        Self::Nothing
                    } else {
                        Self::Everything
                    }
                });
        }
        if let Value::Map(_) = node.value {
            let read = WithoutDef::read(node, reader)?;
            return read.without.map(|without| Self::Without(without.value));
        }
        Read::read(node, reader).map(Self::Only)
    }
    fn shape() -> Shape {
        Shape::OneOf(vec![
            Shape::Word(FETCHED),
            Shape::List(Box::new(RegistryKey::shape())),
            WithoutDef::shape(),
        ])
    }
}

record! {
    /// What was different of a matter.
    pub struct MatterDelta "matter_before" "事项的不同之处" "what was different of a matter" {
        title "title" optional Text: "名称" "what people called its application";
        visits "visits" optional Whole<0, 1_000>: "提交申请需要跑几次" "trips to an office that handing in cost";
        limit "limit" optional LimitDef: "办结时限" "how long it might take";
        reads "reads" optional Reads: "当时还要求的数据和材料" "what its window asked for besides";
        asks "asks" optional Reads: "当时还要填写的字段" "fields its form asked for besides";
        intake "intake" optional IntakeDef: "受理" "its intake";
        source "source" optional String: "来源" "where this is published";
        because "because" optional Text: "为什么" "why it was different";
    }
}
