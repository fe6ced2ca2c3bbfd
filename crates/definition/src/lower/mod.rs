//! From what is written to what it means.
//!
//! - [`tree`]: what all services share: departments, calendars, contracts ([`sharing`], [`derived`])
//! - [`symbols`]: the names of one service: roles, questions, matters ([`questions`], [`limits`])
//! - [`way`]: the steps of one way of handling it, the new one ([`reads`], [`intake`], [`reserved`])
//! - [`before`]: the old way, from the difference
//! - [`workload`]: who applies, and how long work takes ([`distributions`], [`merged`])
//!
//! Everything here reports and goes on. A name that cannot be resolved leaves a
//! gap, never a wrong meaning.

pub(crate) mod before;
pub(crate) mod calendar;
pub(crate) mod contract;
pub(crate) mod derived;
pub(crate) mod distributions;
pub(crate) mod intake;
pub(crate) mod limits;
mod listed;
pub(crate) mod merged;
mod pattern;
pub(crate) mod questions;
pub(crate) mod reads;
pub(crate) mod reserved;
pub(crate) mod sharing;
pub(crate) mod subjects;
pub(crate) mod symbols;
pub(crate) mod tree;
pub(crate) mod way;
pub(crate) mod workload;

use std::collections::HashMap;

use onething_model::Text;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, both};
use crate::source::{SourceSet, Span};
use crate::yaml::fields::listed;
use crate::yaml::read::suggest;

/// What lowering reads from and reports to.
pub(crate) struct Cx<'a> {
    pub(crate) sources: &'a SourceSet,
    pub(crate) found: &'a mut Diagnostics,
}

/// A kind of name, in both languages, with the code of an unknown one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    code: Code,
    zh: &'static str,
    en: &'static str,
}

macro_rules! kinds {
    ($($name:ident $code:ident $zh:literal $en:literal;)*) => {
        $(pub(crate) const $name: Kind = Kind { code: Code::$code, zh: $zh, en: $en };)*
    };
}

kinds! {
    DEPARTMENT UnknownDepartment "部门" "department";
    CONTRACT UnknownContract "数据约定" "contract";
    FIELD UnknownField "字段" "field";
    STEP UnknownStep "环节" "step";
    MATTER UnknownMatter "事项" "matter";
    REGISTRY UnknownRegistry "数据库" "registry";
    CALENDAR UnknownCalendar "工作日历" "calendar";
    ROLE UnknownRole "角色" "role";
    WINDOW UnknownWindow "窗口" "window";
    QUESTION UnknownQuestion "情形问题" "question";
    OPTION UnknownOption "选项" "option";
    EVENT UnknownEvent "外部事件" "event";
}

impl Cx<'_> {
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// Reports a name that nothing has, with the nearest one and where names are given.
    pub(crate) fn unknown<'c>(
        &mut self,
        kind: Kind,
        span: Span,
        field: &str,
        name: &str,
        candidates: impl IntoIterator<Item = &'c str>,
    ) {
        // Thousands of wrong names among thousands of right ones: looking for the
        // nearest of each would take minutes, and nobody would be shown it.
        if self.found.is_full(span.file) {
            return;
        }
        let Kind { code, zh, en } = kind;
        let candidates: Vec<&str> = candidates.into_iter().collect();
        let help = match suggest(name, candidates.iter().copied()) {
            Some(near) => both!("是不是 `{near}`？", "did you mean `{near}`?"),
            None if candidates.is_empty() => {
                both!("这里还没有定义任何{zh}", "no {en} is defined here yet",)
            }
            None => {
                let list = listed(candidates.iter().copied());
                let (list_zh, list_en) = (list.zh(), list.en());
                both!("已有的{zh}：{list_zh}", "there are: {list_en}")
            }
        };
        self.report(
            Diagnostic::new(
                code,
                span,
                both!("没有名为 `{name}` 的{zh}", "there is no {en} `{name}`"),
            )
            .field(field)
            .help(help),
        );
    }
}

/// Finds things by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    // Only ever asked, never walked: its order cannot reach an output.
    map: HashMap<String, usize>,
}

impl Index {
    pub(crate) fn insert(&mut self, name: &str, at: usize) {
        self.map.entry(name.to_owned()).or_insert(at);
    }

    pub(crate) fn get(&self, name: &str) -> Option<usize> {
        self.map.get(name).copied()
    }
}

/// A title made from a name, where the definition gives none.
pub(crate) fn titled(name: &str) -> Text {
    Text::new(name, name)
}
