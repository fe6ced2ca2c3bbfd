//! Steps, matters and what hangs on them.

use onething_model::{
    DepartmentKey, Limit, MatterKey, Micros, RegistryKey, RoleKey, StepKey, Text,
};

use crate::condition::Cond;
use crate::index::{DepartmentIx, FieldIx, GrantIx, MatterIx, RoleIx, StepIx};

/// A department (部门), or an outside body that owns steps.
#[derive(Debug, Clone)]
pub struct Department {
    /// The durable identity.
    pub key: DepartmentKey,
    /// What people call it.
    pub title: Text,
    /// Whether it is no government department: a gas company, a bank, a notary.
    pub outside: bool,
}

/// One subject of a contract within the service: `operator: person`.
#[derive(Debug, Clone)]
pub struct Role {
    /// The durable identity.
    pub key: RoleKey,
    /// What people call it.
    pub title: Text,
}

/// A matter (事项): one legal item owned by one department.
#[derive(Debug, Clone)]
pub struct Matter {
    /// The durable identity.
    pub key: MatterKey,
    /// What people call it.
    pub title: Text,
    /// The code in the national catalogue of matters, if stated.
    pub code: Option<String>,
    /// Who owns it.
    pub department: DepartmentIx,
    /// When it is part of the case.
    pub when: Cond,
    /// How long it may take.
    pub limit: Limits,
    /// What a refusal of one of its steps ends.
    pub refused: Refused,
}

/// What a refusal ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Refused {
    /// The whole case: every other step is cancelled.
    #[default]
    EndsCase,
    /// The matter, and the steps that need what it would have made.
    EndsMatter,
}

/// Statutory and promised limits (法定办结时限, 承诺办结时限), side by side.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Limits {
    /// What the law allows.
    pub statutory: Option<Limit>,
    /// What the department promises; never longer than the statutory one.
    pub promised: Option<Limit>,
    /// Where the law says so.
    pub basis: Option<String>,
}

impl Limits {
    /// The promised limit, else the statutory one.
    #[must_use]
    pub fn binding(&self) -> Option<Limit> {
        self.promised.or(self.statutory)
    }
}

/// A step (环节): a node of the DAG.
#[derive(Debug, Clone)]
pub struct Step {
    /// The durable identity. The same key in the old and the new way means the same work.
    pub key: StepKey,
    /// What people call it.
    pub title: Text,
    /// The matter it works on; none for what serves several matters.
    pub matter: Option<MatterIx>,
    /// Who does it; none for the applicant's own steps.
    pub department: Option<DepartmentIx>,
    /// What kind of node it is.
    pub actor: Actor,
    /// When it is part of the case, its matter's condition included. For
    /// derived nodes (look-ups, submissions) the scenario decides instead.
    pub when: Cond,
    /// What it needs to know.
    pub reads: Vec<Read>,
    /// What it reads for, where it names it: purposes of its department's grants.
    /// On which grant each field is read is in [`reads`](Self::reads) anyhow.
    pub purposes: Vec<String>,
    /// What it makes. For a look-up: what the registry gives.
    pub writes: Vec<FieldIx>,
    /// Orders that data does not imply.
    pub after: Vec<After>,
    /// The submission (申请) that starts the part of the case this step belongs to.
    pub scope: StepIx,
    /// Its own limit; where there is none and it is the only step of its
    /// matter that takes time, the matter's.
    pub limit: Limits,
    /// What happens when a department's system fails.
    pub retry: Retry,
    /// Trips to an office that it costs the applicant.
    pub visits: u32,
    /// Whether the applicant has to be there: an appointment on site.
    pub attended: bool,
}

/// What kind of node a step is.
#[derive(Debug, Clone, PartialEq)]
pub enum Actor {
    /// The applicant hands something in: the intake's form, or later what a
    /// registry did not have. Derived, never written by hand.
    Submission(Submission),
    /// A registry is asked. Derived from the contracts' providers.
    LookUp(LookUp),
    /// A department's system answers without a person.
    System,
    /// An officer works on it.
    Officer,
    /// The applicant does something else than handing in: collects, pays, attends.
    Applicant,
    /// An outside body works on it.
    Outside,
}

impl Actor {
    /// Whether a department's or an outside body's work: a row of the
    /// process, counted in `internal_steps`.
    #[must_use]
    pub const fn is_internal(&self) -> bool {
        match self {
            Self::System | Self::Officer | Self::Outside => true,
            Self::Submission(_) | Self::LookUp(_) | Self::Applicant => false,
        }
    }
}

/// An act of handing in.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// What kind of handing in it is.
    pub kind: SubmissionKind,
    /// A step that accepts the application (受理) before any other step of
    /// its scope begins.
    pub accepted_by: Option<StepIx>,
}

/// Why the applicant hands something in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubmissionKind {
    /// An application: the first act of a scope.
    Application,
    /// The fallback of a look-up after the intake: asks for what the registry
    /// did not have, and is skipped when it had everything.
    Fallback(StepIx),
}

/// A question to a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookUp {
    /// Who is asked.
    pub registry: RegistryKey,
    /// What people call the registry.
    pub title: Text,
    /// About whom.
    pub role: RoleIx,
    /// What identifies the subject; they are the step's reads.
    pub keys: Vec<FieldIx>,
    /// The legal basis of the look-up.
    pub basis: Option<String>,
    /// How old an answer may be, where the contract says.
    pub fresh: Option<Limit>,
    /// Whether it is made even where it asks for no less than it saves: the
    /// definition wants what the registry holds as a check.
    pub always: bool,
    /// Whether it is made on the draft only where its keys are there anyway, since the form asks
    /// for them or other look-ups of the draft give them: else they come later in the case, and
    /// the registry is asked then.
    pub if_known: bool,
    /// The submission that asks for what the registry does not have, when the
    /// look-up comes after the intake.
    pub fallback: Option<StepIx>,
}

impl LookUp {
    /// What people call the step: whose registry is asked, which one, about whom.
    #[must_use]
    pub fn step_title(registry: &Text, department: &Text, role: &Text) -> Text {
        let (whose, registry, whom) = (department, registry, role);
        Text::new(
            format!("向{}{}查询{}信息", whose.zh(), registry.zh(), whom.zh()),
            format!(
                "Look up {} in the {} of {}",
                whom.en(),
                registry.en(),
                whose.en()
            ),
        )
    }
}

/// A step reads a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read {
    /// The field.
    pub field: FieldIx,
    /// Whether the step can do without.
    pub optional: bool,
    /// The one grant on which the step's department reads it, among those of
    /// the field. Public fields may have none; what is not public is shown on
    /// it alone, and the record of the reading names its purpose and basis. A
    /// look-up needs none: its registry is asked on the basis of its provider.
    /// What an application asks on its own account is for whoever accepts it: it
    /// is the grant of the department that does.
    pub grant: Option<GrantIx>,
}

/// An order that data does not imply.
#[derive(Debug, Clone, PartialEq)]
pub struct After {
    /// What comes before. Where it is not part of the case, what *it* comes
    /// after takes its place.
    pub step: StepIx,
    /// Which law, or in the old way which habit, demands the order.
    pub because: Text,
}

/// Retries of a department's system: `attempts` in all, waiting `backoff`
/// doubled each time up to `at_most` in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Attempts in all, at least 1.
    pub attempts: u32,
    /// The first wait.
    pub backoff: Micros,
    /// The longest wait.
    pub at_most: Micros,
}

impl Default for Retry {
    /// 5 attempts, 1 s, 2 s, 4 s, 8 s apart, never more than 5 minutes.
    fn default() -> Self {
        Self {
            attempts: 5,
            backoff: Micros::SECOND,
            at_most: Micros::MINUTE.times(5),
        }
    }
}

impl Retry {
    /// How long to wait after the failed `attempt` (the first is 1); `None`
    /// when it was the last.
    #[must_use]
    pub fn wait_after(&self, attempt: u32) -> Option<Micros> {
        if attempt >= self.attempts {
            return None;
        }
        let doubled = self
            .backoff
            .times(1_i64 << attempt.saturating_sub(1).min(32));
        Some(doubled.min(self.at_most))
    }
}

/// A result and how it reaches the applicant.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// The result: a role that steps write.
    pub what: RoleIx,
    /// The channels on offer; the first is the usual one.
    pub by: Vec<DeliveryChannel>,
}

/// How a result reaches the applicant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryChannel {
    /// As an e-licence (电子证照).
    Electronic,
    /// By post.
    Post,
    /// At the window.
    Window,
}

impl DeliveryChannel {
    /// The word in definitions and records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Electronic => "electronic",
            Self::Post => "post",
            Self::Window => "window",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let retry = Retry {
            attempts: 4,
            backoff: Micros::SECOND,
            at_most: Micros::SECOND.times(3),
        };
        let waits: Vec<_> = (1..=4).map(|attempt| retry.wait_after(attempt)).collect();
        let seconds = |count| Some(Micros::SECOND.times(count));
        assert_eq!(waits, [seconds(1), seconds(2), seconds(3), None]);
    }
}
