//! The checked plan of a service.

use std::sync::Arc;

use onething_model::{Calendar, Digest, FieldPath, QuestionKey, ServiceKey, Text};

use crate::answering::Impossible;
use crate::condition::{Answer, Answers, Cond};
use crate::field::{Field, Grant};
use crate::index::{DepartmentIx, FieldIx, GrantIx, MatterIx, QuestionIx, RoleIx, StepIx};
use crate::step::{Actor, Delivery, Department, Matter, Read, Role, Step};

/// Which way of handling a service a plan describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// Matters handled apart, as it was before.
    Old,
    /// One thing.
    New,
}

/// A service as the compiler left it: checked, derived nodes included, steps
/// in topological order. Plain data; it knows nothing of files.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The service.
    pub service: ServiceKey,
    /// The version of its definition.
    pub version: String,
    /// The digest of the definition's sources: what a case is pinned to.
    pub digest: Digest,
    /// The old or the new way.
    pub way: Way,
    /// What people call the service.
    pub title: Text,
    /// The department in charge (牵头部门).
    pub owner: DepartmentIx,
    /// The calendar of its working days.
    pub calendar: Arc<Calendar>,
    /// Departments and outside bodies of the service.
    pub departments: Vec<Department>,
    /// Subjects of contracts.
    pub roles: Vec<Role>,
    /// The role that applies.
    pub applicant: RoleIx,
    /// Every field that a step reads or writes, or that identifies a subject to a registry.
    pub fields: Vec<Field>,
    /// Scenario questions (情形).
    pub questions: Vec<Question>,
    /// Answers that nobody can give together.
    pub impossible: Vec<Impossible>,
    /// The answers of the reference scenario.
    pub reference: Answers,
    /// Matters.
    pub matters: Vec<Matter>,
    /// Steps, in topological order.
    pub steps: Vec<Step>,
    /// What the applicant gets.
    pub deliveries: Vec<Delivery>,
    /// What people call the purposes of grants; see [`Plan::purpose`].
    pub purposes: Vec<(String, Text)>,
    /// Whether a step may use what another matter's steps made, or the
    /// applicant carries it from one to the next.
    pub handled: Handled,
}

/// How matters are handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Handled {
    /// One intake for all.
    Together,
    /// Each its own intake; what one matter makes the applicant hands in at the next.
    Apart,
}

/// A scenario question, in everyday words.
#[derive(Debug, Clone)]
pub struct Question {
    /// The durable identity.
    pub key: QuestionKey,
    /// What is asked.
    pub ask: Text,
    /// What can be answered.
    pub kind: QuestionType,
    /// When it is asked at all.
    pub when: Cond,
}

/// What can be answered.
#[derive(Debug, Clone, PartialEq)]
pub enum QuestionType {
    /// Yes or no.
    YesNo,
    /// A number between bounds.
    Number {
        /// The least.
        min: Option<f64>,
        /// The most.
        max: Option<f64>,
    },
    /// One of the options, by key.
    Choice(Vec<(Arc<str>, Text)>),
}

impl QuestionType {
    /// Whether `answer` is one.
    #[must_use]
    pub fn accepts(&self, answer: &Answer) -> bool {
        match (self, answer) {
            (Self::YesNo, Answer::YesNo(_)) => true,
            (Self::Number { min, max }, Answer::Number(number)) => {
                number.is_finite()
                    && min.is_none_or(|min| *number >= min)
                    && max.is_none_or(|max| *number <= max)
            }
            (Self::Choice(options), Answer::Choice(key)) => {
                options.iter().any(|(option, _)| option == key)
            }
            (Self::YesNo | Self::Number { .. } | Self::Choice(_), _) => false,
        }
    }

    /// An answer as people say it. One that is no answer to this is told by what it holds.
    #[must_use]
    pub fn say(&self, answer: &Answer) -> Text {
        match (self, answer) {
            (_, Answer::YesNo(true)) => Text::new("是", "yes"),
            (_, Answer::YesNo(false)) => Text::new("否", "no"),
            (_, Answer::Number(number)) => Text::new(number.to_string(), number.to_string()),
            (Self::Choice(options), Answer::Choice(key)) => options
                .iter()
                .find(|(option, _)| option == key)
                .map_or_else(|| Text::new(&**key, &**key), |(_, title)| title.clone()),
            (Self::YesNo | Self::Number { .. }, Answer::Choice(key)) => Text::new(&**key, &**key),
        }
    }
}

macro_rules! lookups {
    ($($(#[$doc:meta])* $table:ident, $one:ident, $find:ident, $ix:ident, $item:ty;)*) => {$(
        $(#[$doc])*
        ///
        /// # Panics
        /// The number is not from this plan.
        #[must_use]
        pub fn $one(&self, ix: $ix) -> &$item {
            &self.$table[ix.index()]
        }

        /// The number of a key; a linear search.
        #[must_use]
        pub fn $find(&self, key: &str) -> Option<$ix> {
            self.$table.iter().position(|item| item.key.as_str() == key).map($ix::at)
        }
    )*};
}

impl Plan {
    lookups! {
        /// A department by number.
        departments, department, find_department, DepartmentIx, Department;
        /// A role by number.
        roles, role, find_role, RoleIx, Role;
        /// A question by number.
        questions, question, find_question, QuestionIx, Question;
        /// A matter by number.
        matters, matter, find_matter, MatterIx, Matter;
        /// A step by number.
        steps, step, find_step, StepIx, Step;
    }

    /// A field by number.
    ///
    /// # Panics
    /// The number is not from this plan.
    #[must_use]
    pub fn field(&self, ix: FieldIx) -> &Field {
        &self.fields[ix.index()]
    }

    /// The grant on which a step reads a field; `None` where it stands on none,
    /// or on one that is not its department's. What an application asks is read by
    /// its [`reader`](Self::reader).
    ///
    /// # Panics
    /// The step's number is not from this plan.
    #[must_use]
    pub fn grant(&self, step: StepIx, read: &Read) -> Option<&Grant> {
        let department = self.step(self.reader(step)).department?;
        let grants = &self.fields.get(read.field.index())?.grants;
        let grant = grants.get(read.grant?.index())?;
        (grant.to == self.department(department).key).then_some(grant)
    }

    /// The step whose department has what a step reads: of what an application asks on its
    /// own account the one that accepts it, if any.
    ///
    /// # Panics
    /// The number is not from this plan.
    #[must_use]
    pub fn reader(&self, step: StepIx) -> StepIx {
        match &self.step(step).actor {
            Actor::Submission(submission) => submission.accepted_by.unwrap_or(step),
            Actor::LookUp(_)
            | Actor::System
            | Actor::Officer
            | Actor::Applicant
            | Actor::Outside => step,
        }
    }

    /// Lets each read stand on the grant of its [`reader`](Self::reader)'s department for what
    /// that reads for, where there is exactly one. For plans made by hand; the compiler does it
    /// for definitions.
    ///
    /// # Panics
    /// A number is not from this plan.
    pub fn settle_grants(&mut self) {
        for at in self.step_numbers() {
            let reader = self.step(self.reader(at));
            let Some(department) = reader.department else {
                continue;
            };
            if matches!(reader.actor, Actor::LookUp(_)) {
                continue;
            }
            let to = &self.departments[department.index()].key;
            let fits = |grant: &Grant| {
                let named = &reader.purposes;
                grant.to == *to && (named.is_empty() || named.contains(&grant.purpose))
            };
            let settled = |read: &Read| {
                let grants = self.fields[read.field.index()].grants.iter().enumerate();
                let mut of = grants.filter(|(_, grant)| fits(grant));
                match (of.next(), of.next()) {
                    (Some((only, _)), None) => Some(GrantIx::at(only)),
                    _ => None,
                }
            };
            let grants: Vec<Option<GrantIx>> = self.step(at).reads.iter().map(settled).collect();
            for (read, grant) in self.steps[at.index()].reads.iter_mut().zip(grants) {
                read.grant = grant;
            }
        }
    }

    /// The number of a field; a linear search.
    #[must_use]
    pub fn find_field(&self, path: &FieldPath) -> Option<FieldIx> {
        self.fields
            .iter()
            .position(|field| field.path == *path)
            .map(FieldIx::at)
    }

    /// What people call the purpose of a grant: the definition's title for it, else
    /// the purpose as the grant names it.
    #[must_use]
    pub fn purpose(&self, purpose: &str) -> Text {
        let mut named = self.purposes.iter();
        named
            .find(|(key, _)| key == purpose)
            .map_or_else(|| Text::new(purpose, purpose), |(_, title)| title.clone())
    }

    /// The numbers of all steps, in topological order.
    pub fn step_numbers(&self) -> impl DoubleEndedIterator<Item = StepIx> + use<> {
        (0..self.steps.len()).map(StepIx::at)
    }

    /// The steps that make a result, whether part of a case or not: those that write to
    /// its role, other than by asking a registry or the applicant for it.
    pub fn makers(&self, result: RoleIx) -> impl Iterator<Item = StepIx> + '_ {
        let of_result = move |field: &FieldIx| self.field(*field).role == result;
        self.step_numbers().filter(move |step| {
            !self.is_derived(*step) && self.step(*step).writes.iter().any(of_result)
        })
    }

    /// Whether the step derives from the definition rather than standing in it.
    #[must_use]
    pub fn is_derived(&self, step: StepIx) -> bool {
        matches!(
            self.step(step).actor,
            Actor::Submission(_) | Actor::LookUp(_)
        )
    }
}

/// Numbers within bounds as an example of how they are written: one without and one with a
/// fraction, as far as there is room.
fn examples(min: Option<f64>, max: Option<f64>) -> Vec<f64> {
    let within =
        |number: &f64| min.is_none_or(|min| *number >= min) && max.is_none_or(|max| *number <= max);
    let whole = match (min, max) {
        _ if [40.0, 40.5].iter().all(within) => 40.0,
        (Some(min), Some(max)) => f64::midpoint(min, max).round().clamp(min, max),
        (Some(min), None) => min.ceil(),
        (None, Some(max)) => max.floor(),
        (None, None) => 40.0,
    };
    // Halves of small whole numbers are written with one digit; other sums may not be.
    let is_plain = whole.fract() == 0.0 && whole.abs() < 1e12;
    let halves = [whole + 0.5, whole - 0.5].into_iter();
    let half = halves.filter(|_| is_plain).find(within);
    [Some(whole), half].into_iter().flatten().collect()
}

impl QuestionType {
    /// What is expected, in words.
    #[must_use]
    pub fn expected(&self) -> Text {
        match self {
            Self::YesNo => Text::new("应回答“是”或“否”", "is answered with yes or no"),
            Self::Number { min, max } => {
                let (zh, en) = match (min, max) {
                    (Some(min), Some(max)) => (
                        format!(" {min} 到 {max} 之间的数"),
                        format!("a number from {min} to {max}"),
                    ),
                    (Some(min), None) => (
                        format!("不小于 {min} 的数"),
                        format!("a number of {min} or more"),
                    ),
                    (None, Some(max)) => (
                        format!("不大于 {max} 的数"),
                        format!("a number of {max} or less"),
                    ),
                    (None, None) => ("一个数".to_owned(), "a number".to_owned()),
                };
                let examples: Vec<String> =
                    examples(*min, *max).iter().map(f64::to_string).collect();
                Text::new(
                    format!(
                        "应为{zh}，写成数字，例如 {}，最多 15 位",
                        examples.join(" 或 ")
                    ),
                    format!(
                        "is {en}, in digits such as {}, 15 at most",
                        examples.join(" or ")
                    ),
                )
            }
            Self::Choice(options) => {
                let zh = options
                    .iter()
                    .map(|(key, title)| format!("{key}（{}）", title.zh()));
                let en = options
                    .iter()
                    .map(|(key, title)| format!("{key} ({})", title.en()));
                Text::new(
                    format!("应选择：{}", zh.collect::<Vec<_>>().join("、")),
                    format!("is one of {}", en.collect::<Vec<_>>().join(", ")),
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_a_number_may_be_answered() {
        for (min, max, written) in [
            (None, None, "40 or 40.5"),
            (Some(0.0), None, "40 or 40.5"),
            (Some(10.0), Some(100.0), "40 or 40.5"),
            (Some(100.0), None, "100 or 100.5"),
            (Some(41.2), None, "42 or 42.5"),
            (None, Some(10.0), "10 or 9.5"),
            (None, Some(-3.5), "-4 or -3.5"),
            (Some(0.0), Some(10.0), "5 or 5.5"),
            (Some(1.0), Some(2.0), "2 or 1.5"),
            (Some(5.0), Some(5.0), "5"),
            (Some(40.0), Some(40.2), "40"),
            (Some(0.1), Some(0.9), "0.9"),
            (Some(2.1), Some(2.3), "2.1"),
            (Some(1e14), None, "100000000000000"),
        ] {
            let kind = QuestionType::Number { min, max };
            let expected = kind.expected();
            let said = format!("in digits such as {written}, 15 at most");
            assert!(expected.en().ends_with(&said), "{expected:?}");
            let said = format!("例如 {}，最多 15 位", written.replace("or", "或"));
            assert!(expected.zh().ends_with(&said), "{expected:?}");
            for number in examples(min, max) {
                assert!(
                    kind.accepts(&Answer::Number(number)),
                    "{number} of {kind:?}"
                );
            }
        }
    }
}
