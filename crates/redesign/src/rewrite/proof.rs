//! Rules and the record of what each checked and changed.

use onething_definition::design::Setting;
use onething_model::{DepartmentKey, FieldPath, Limit, RegistryKey, StepKey, Text};
use serde::Serialize;

use super::for_whom::Claim;
use super::quantity::Quantity;
use crate::words::{both, list};

/// The rules, in the order in which they are applied.
///
/// Names and contents follow Reijers and Limam Mansar, "Best practices in
/// business process redesign", Omega 33 (2005), and the rules for public
/// services: ask once, and do not ask what a registry holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// R1: one intake for all.
    AskOnce,
    /// R2: registries are asked instead of the applicant.
    OnceOnly,
    /// R4: steps without use and without legal effect.
    Eliminate,
    /// R3: data that nobody reads and no result carries.
    DeadData,
    /// R9: a validation of the form's data moves to the intake.
    Resequence,
    /// R5: orders that neither data, law nor a knock-out implies.
    Unbind,
    /// R7: independent checks in the order of least expected work.
    KnockOut,
    /// R8: neighbours of the same hands become one.
    Compose,
    /// R6: what no longer waits runs at the same time; follows from R5.
    Parallelise,
    /// R10: papers should not lie until the next batch; only suggested.
    UnBatch,
    /// R11: officers of two departments do each other's work; only suggested.
    Pool,
    /// R12: triage, notify and commit; only suggested.
    Triage,
}

impl Rule {
    /// The rules that change a design, in the order in which they are applied.
    pub const APPLIED: [Self; 8] = [
        Self::AskOnce,
        Self::OnceOnly,
        Self::Eliminate,
        Self::DeadData,
        Self::Resequence,
        Self::Unbind,
        Self::KnockOut,
        Self::Compose,
    ];

    /// The number, `R1` to `R12`.
    #[must_use]
    pub const fn number(self) -> &'static str {
        match self {
            Self::AskOnce => "R1",
            Self::OnceOnly => "R2",
            Self::DeadData => "R3",
            Self::Eliminate => "R4",
            Self::Unbind => "R5",
            Self::Parallelise => "R6",
            Self::KnockOut => "R7",
            Self::Compose => "R8",
            Self::Resequence => "R9",
            Self::UnBatch => "R10",
            Self::Pool => "R11",
            Self::Triage => "R12",
        }
    }

    /// What people call it.
    #[must_use]
    pub fn title(self) -> Text {
        let (zh, en) = match self {
            Self::AskOnce => ("一次填报", "Ask once"),
            Self::OnceOnly => ("数据共享、免提交", "Once only"),
            Self::DeadData => ("清理无用数据", "Dead data"),
            Self::Eliminate => ("取消环节", "Eliminate"),
            Self::Unbind => ("解除不必要的先后", "Unbind"),
            Self::Parallelise => ("并行办理", "Parallelise"),
            Self::KnockOut => ("把关环节排序", "Knock-out order"),
            Self::Compose => ("合并环节", "Compose"),
            Self::Resequence => ("核验前移至受理", "Resequence"),
            Self::UnBatch => ("随到随办", "Un-batch"),
            Self::Pool => ("人员共用", "Pool"),
            Self::Triage => ("分类办理、告知承诺", "Triage, notify and commit"),
        };
        Text::new(zh, en)
    }
}

/// What one rewrite checked and changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proof {
    /// The rule.
    pub rule: Rule,
    /// What was checked, and found to hold.
    pub checked: Vec<Line>,
    /// What changed.
    pub changed: Vec<Line>,
    /// What a person has to confirm, since no definition can say it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub confirm: Vec<Text>,
    /// What the rule would have done as well, and why that was refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<Line>,
    /// What its sentences say of one applicant, and for which answers: nothing of that kind is
    /// said that does not stand here.
    #[serde(skip)]
    pub claims: Vec<Claim>,
    /// The rewrites it is made of.
    #[serde(skip)]
    pub(super) sites: Vec<Site>,
    /// What it saves of these stands, in whole or in part, only once it is confirmed.
    #[serde(skip)]
    pub(super) unconfirmed: Vec<Quantity>,
}

/// One rewrite of a rule, which may be refused while the others stand.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Site {
    /// All that the rule does: it is one rewrite.
    Whole,
    /// A registry that is asked.
    Registry(RegistryKey),
    /// A step that is left out or moved.
    Step(StepKey),
    /// A field that is no longer asked, or no longer made.
    Field(FieldPath),
    /// An order that goes; two steps that become one.
    Pair(StepKey, StepKey),
}

impl Site {
    /// What was refused, and why.
    pub(super) fn refused(&self, rule: Rule, setting: &Setting, why: &Text) -> Line {
        let (zh, en) = (why.zh(), why.en());
        let line = |what: &str| Line::new(format!("{what}：{zh}"), format!("{what}: {en}"));
        match self {
            Self::Whole => Line::new(zh, en),
            Self::Registry(registry) => line(&format!("`{registry}`")),
            Self::Step(step) => line(&format!("`{step}`")).steps([step.clone()]),
            Self::Field(field) => {
                let words = fields_in_words(setting, std::slice::from_ref(field));
                let (lead_zh, lead_en) = match rule {
                    Rule::AskOnce => ("不从表单上去掉", "not taken off the form: "),
                    _ => ("", ""),
                };
                Line::new(
                    format!("{lead_zh}{}：{zh}", words.zh()),
                    format!("{lead_en}{}: {en}", words.en()),
                )
                .fields([field.clone()])
            }
            Self::Pair(one, two) => {
                line(&format!("`{one}` → `{two}`")).edges([(one.clone(), two.clone())])
            }
        }
    }
}

/// A sentence and the data it speaks of.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct Line {
    /// The sentence.
    pub text: Text,
    /// The steps it speaks of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepKey>,
    /// The fields it speaks of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldPath>,
    /// Whether it says that these fields are, for some answers at least, neither asked for nor
    /// known any more.
    #[serde(skip)]
    pub gone: bool,
    /// The arrows it speaks of: earlier, later.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub edges: Vec<(StepKey, StepKey)>,
    /// The registry it speaks of, with its department.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry: Option<(RegistryKey, DepartmentKey)>,
    /// The legal basis it stands on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
    /// How old an answer of the registry may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fresh: Option<Limit>,
}

impl Line {
    pub(super) fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            text: Text::new(zh, en),
            ..Self::default()
        }
    }

    pub(super) fn steps(mut self, steps: impl IntoIterator<Item = StepKey>) -> Self {
        self.steps.extend(steps);
        self
    }

    pub(super) fn fields(mut self, fields: impl IntoIterator<Item = FieldPath>) -> Self {
        self.fields.extend(fields);
        self
    }

    /// It speaks of what is neither asked for nor known any more.
    pub(super) fn gone(mut self) -> Self {
        self.gone = true;
        self
    }

    pub(super) fn edges(mut self, edges: impl IntoIterator<Item = (StepKey, StepKey)>) -> Self {
        self.edges.extend(edges);
        self
    }
}

impl Proof {
    pub(super) const fn new(rule: Rule) -> Self {
        Self {
            rule,
            checked: Vec::new(),
            changed: Vec::new(),
            confirm: Vec::new(),
            refused: Vec::new(),
            claims: Vec::new(),
            sites: Vec::new(),
            unconfirmed: Vec::new(),
        }
    }

    pub(super) fn did(&mut self, site: Site) {
        if !self.sites.contains(&site) {
            self.sites.push(site);
        }
    }

    pub(super) fn checked(&mut self, line: Line) {
        self.checked.push(line);
    }

    pub(super) fn changed(&mut self, line: Line) {
        self.changed.push(line);
    }

    pub(super) fn confirm(&mut self, text: Text) {
        self.confirm.push(text);
    }

    /// Asks to confirm what the rule's saving of these quantities hangs on.
    pub(super) fn confirm_saving(&mut self, of: &[Quantity], text: Text) {
        self.unconfirmed.extend(of);
        self.confirm(text);
    }

    /// Takes back what [`confirm_saving`](Self::confirm_saving) asked.
    pub(super) fn no_longer_confirm(&mut self, of: &[Quantity], text: &Text) {
        let Some(at) = self.confirm.iter().position(|known| known == text) else {
            return;
        };
        self.confirm.remove(at);
        for quantity in of {
            if let Some(at) = self.unconfirmed.iter().position(|known| known == quantity) {
                self.unconfirmed.remove(at);
            }
        }
    }
}

/// Fields by role and title.
pub(super) fn fields_in_words(setting: &Setting, fields: &[FieldPath]) -> Text {
    let titles: Vec<Text> = fields
        .iter()
        .map(|path| {
            let role = setting.roles.iter().find(|role| role.key == path.role);
            let role = role.map_or_else(
                || Text::new(path.role.as_str(), path.role.as_str()),
                |role| role.title.clone(),
            );
            let field = setting.field(path).map_or_else(
                || Text::new(path.field.as_str(), path.field.as_str()),
                |field| field.title.clone(),
            );
            both(|lang| match lang {
                onething_model::Lang::Zh => format!("{}·{}", role.zh(), field.zh()),
                onething_model::Lang::En => format!("{}: {}", role.en(), field.en()),
            })
        })
        .collect();
    list(&titles)
}
