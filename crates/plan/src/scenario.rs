//! What a plan comes to for one set of answers (情形): which steps are part of
//! the case, where each read comes from, what the forms ask, and which arrows
//! follow.
//!
//! For every read the source is the first *active* one of: an earlier step's
//! output, what it [follows from](crate::derivation), a registry that is worth asking, the
//! applicant. Derived nodes (look-ups, submissions)
//! are part of the case only if something needs them.
//!
//! What a step can do without and only steps make that are no part of the case is
//! absent: nobody is asked for an officer's finding. What a step cannot do without
//! is asked then: an applicant may have it from an earlier case. Absent is as well what
//! a registry brings later in the case: nobody is asked for it beforehand.

use crate::condition::Answers;
use crate::index::{FieldIx, StepIx};
use crate::outline::{FormField, Outline};
use crate::plan::Plan;
use crate::resolve::{Resolver, is_derived};
use crate::step::{Actor, SubmissionKind};
use crate::worth::Spared;

/// Where a read comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// An earlier step makes it.
    Step(StepIx),
    /// A registry is asked.
    LookUp(StepIx),
    /// The applicant fills it in on this submission's form.
    Applicant(StepIx),
    /// It follows from this field, which has a source of its own beside it.
    Derived(FieldIx),
}

/// Why one step comes before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Why {
    /// The earlier makes, fetches or collects a field that the later reads.
    Data(FieldIx),
    /// The applicant carries what the earlier made to the later submission.
    Carried(FieldIx),
    /// The `after` of the later step with this position says so.
    Stated(usize),
    /// Nothing begins before its submission.
    Submitted,
    /// Nothing is examined before it is accepted.
    Accepted,
}

/// An arrow of the DAG and its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The earlier step.
    pub from: StepIx,
    /// The later step.
    pub to: StepIx,
    /// Why, at least one reason, in order.
    pub why: Vec<Why>,
    /// Whether other arrows imply this one: drawings and the critical path leave it out.
    pub implied: bool,
}

/// A plan for one set of answers. All tables are by step number.
#[derive(Debug, Clone, Default)]
pub struct Scenario {
    pub(crate) outline: Outline,
    pub(crate) order: Vec<StepIx>,
    pub(crate) edges: Vec<Edge>,
    /// By step, where the arrows into it end among `edges`: they begin where those of the step
    /// before end.
    pub(crate) into: Vec<usize>,
    pub(crate) needs: Vec<Box<[StepIx]>>,
    pub(crate) feeds: Vec<Box<[StepIx]>>,
    pub(crate) releases: Vec<Box<[StepIx]>>,
    pub(crate) spared: Vec<Spared>,
}

impl Edge {
    /// Whether the later step is said to come after the earlier, as a law demands.
    #[must_use]
    pub fn is_stated(&self) -> bool {
        self.why.iter().any(|why| matches!(why, Why::Stated(_)))
    }
}

impl Scenario {
    /// Which scenario a set of answers belongs to: answers with the same key
    /// have the same scenario.
    #[must_use]
    pub fn key(plan: &Plan, answers: &Answers) -> Vec<u64> {
        let mut key = vec![0_u64; plan.steps.len().div_ceil(64)];
        for (at, step) in plan.steps.iter().enumerate() {
            if !is_derived(&step.actor) && step.when.holds(answers) {
                key[at / 64] |= 1 << (at % 64);
            }
        }
        key
    }

    /// Resolves a plan for these answers. Linear in the plan's reads and
    /// arrows, but for the transitive reduction (a bit per pair of steps).
    #[must_use]
    pub fn resolve(plan: &Plan, answers: &Answers) -> Self {
        Resolver::settled(plan, answers, true).finish()
    }

    /// What needs no order.
    #[must_use]
    pub fn outline(&self) -> &Outline {
        &self.outline
    }

    /// Whether a step is part of the case.
    #[must_use]
    pub fn is_active(&self, step: StepIx) -> bool {
        self.outline.is_active(step)
    }

    /// The steps that are part of the case, in topological order.
    #[must_use]
    pub fn steps(&self) -> &[StepIx] {
        &self.order
    }

    /// All arrows, ordered by target and origin, the implied ones marked.
    #[must_use]
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// The arrows into a step, by their origin.
    #[must_use]
    pub fn arrows(&self, step: StepIx) -> &[Edge] {
        let end = |at: usize| self.into.get(at).copied().unwrap_or(0);
        let at = step.index();
        let begin = at.checked_sub(1).map_or(0, end);
        self.edges.get(begin..end(at)).unwrap_or_default()
    }

    /// What a step waits for in a case: every step with an arrow to it. An implied arrow is among
    /// them, since what implies it can be gone: a step between the two is cancelled before its
    /// turn where its matter ends, and the later one, of another matter, goes on.
    pub fn awaits(&self, step: StepIx) -> impl ExactSizeIterator<Item = StepIx> {
        self.arrows(step).iter().map(|edge| edge.from)
    }

    /// What waits for a step in a case: see [`awaits`](Self::awaits).
    #[must_use]
    pub fn releases(&self, step: StepIx) -> &[StepIx] {
        self.releases
            .get(step.index())
            .map_or(&[], |releases| releases)
    }

    /// What a step comes after, implied arrows left out.
    #[must_use]
    pub fn needs(&self, step: StepIx) -> &[StepIx] {
        self.needs.get(step.index()).map_or(&[], |needs| needs)
    }

    /// What comes after a step, implied arrows left out.
    #[must_use]
    pub fn feeds(&self, step: StepIx) -> &[StepIx] {
        self.feeds.get(step.index()).map_or(&[], |feeds| feeds)
    }

    /// Where a step's reads come from; a read that is absent has no source. Beside
    /// what is derived stands what it follows from, whether or not the step reads that.
    #[must_use]
    pub fn sources(&self, step: StepIx) -> &[(FieldIx, Source)] {
        self.outline.sources(step)
    }

    /// Look-ups that are not made, since they would ask for no less than they save;
    /// ordered. See [`crate::worth`].
    #[must_use]
    pub fn spared(&self) -> &[Spared] {
        &self.spared
    }

    /// What the applicant fills in at a submission, or states in a step of their own,
    /// ordered by field. For a look-up: what is
    /// read of it, and so has to be asked of the applicant if the registry
    /// does not have it; its fallback, if it has one, lists the same but for what
    /// only other look-ups are asked with. Of any other step nothing.
    #[must_use]
    pub fn form(&self, node: StepIx) -> &[FormField] {
        self.outline.form(node)
    }
}

impl Plan {
    /// Whether a look-up is made for the draft of this application: what it has is on the
    /// form before that is handed in, and what it has not is asked there.
    #[must_use]
    pub fn is_on_draft(&self, look_up: StepIx, application: StepIx) -> bool {
        let item = self.step(look_up);
        item.scope == application
            && matches!(&item.actor, Actor::LookUp(item) if item.fallback.is_none())
    }

    /// Where the applicant fills something in, whatever registries have: applications, and
    /// steps of their own that make something. What they ask is in [`Scenario::form`].
    pub fn forms(&self) -> impl Iterator<Item = StepIx> {
        self.step_numbers().filter(|step| {
            let item = self.step(*step);
            match &item.actor {
                Actor::Submission(submission) => submission.kind == SubmissionKind::Application,
                Actor::Applicant => !item.writes.is_empty(),
                Actor::LookUp(_) | Actor::System | Actor::Officer | Actor::Outside => false,
            }
        })
    }

    /// Whether what a step makes the applicant states there: it is a step of their own.
    #[must_use]
    pub fn is_stated_in(&self, step: StepIx) -> bool {
        matches!(self.step(step).actor, Actor::Applicant)
    }

    /// The submissions that open a case or a matter: applications, not fallbacks.
    pub fn applications(&self) -> impl Iterator<Item = StepIx> {
        self.step_numbers().filter(|step| {
            matches!(&self.step(*step).actor, Actor::Submission(submission)
                if submission.kind == SubmissionKind::Application)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::PlanBuilder;
    use crate::condition::{Answer, Cond};
    use crate::plan::Handled;

    fn keys(plan: &Plan, steps: &[StepIx]) -> String {
        let keys: Vec<_> = steps
            .iter()
            .map(|step| plan.step(*step).key.as_str())
            .collect();
        keys.join(" ")
    }

    /// One line a step: `step < needs`, and what the form asks.
    fn story(plan: &Plan, scenario: &Scenario) -> String {
        let mut text = String::new();
        for step in scenario.steps() {
            let item = plan.step(*step);
            let mut words = vec![item.key.to_string(), "<".to_owned()];
            words.push(keys(plan, scenario.needs(*step)));
            if matches!(item.actor, Actor::Submission(_)) {
                let form: Vec<_> = scenario
                    .form(*step)
                    .iter()
                    .map(|asked| plan.field(asked.field).path.field.as_str())
                    .collect();
                words.extend(["asks".to_owned(), form.join(" ")]);
            }
            words.retain(|word| !word.is_empty());
            text += &(words.join(" ") + "\n");
        }
        text
    }

    #[test]
    fn sources_are_steps_then_registries_then_the_applicant() {
        let mut b = PlanBuilder::new("shop");
        let signboard = b.yes_no("signboard");
        let [code, name, photo, licence] = ["code", "name", "photo", "licence"].map(|f| b.field(f));
        b.look_up("register", &[code], &[name, photo]);
        b.step("review", Actor::Officer).reads(name).writes(licence);
        b.step("sign", Actor::Officer)
            .when(Cond::yes(signboard))
            .reads(licence)
            .reads(name);
        let plan = b.build();
        let scenario = Scenario::resolve(&plan, &plan.reference);
        assert_eq!(
            story(&plan, &scenario),
            "register <\napply < register asks code\nreview < apply\nsign < review\n"
        );
        let register = plan.find_step("register").unwrap();
        let missed: Vec<_> = scenario.form(register).iter().map(|f| f.field).collect();
        assert_eq!(missed, [name], "only what somebody reads would be asked");
        let implied = scenario.edges().iter().filter(|edge| edge.implied).count();
        assert_eq!(
            implied, 1,
            "apply → sign follows from apply → review → sign"
        );
    }

    #[test]
    fn an_order_passes_through_what_is_left_out() {
        let mut b = PlanBuilder::new("order");
        let middle = b.yes_no("middle");
        let a = b.step("a", Actor::System).number();
        let m = b
            .step("m", Actor::System)
            .when(Cond::yes(middle))
            .after(a)
            .number();
        b.step("z", Actor::System).after(m);
        let mut plan = b.build();
        let text = |plan: &Plan| story(plan, &Scenario::resolve(plan, &plan.reference));
        assert_eq!(text(&plan), "apply < asks\na < apply\nm < a\nz < m\n");
        plan.reference.set(middle, Some(Answer::YesNo(false)));
        assert_eq!(text(&plan), "apply < asks\na < apply\nz < a\n");
    }

    #[test]
    fn matters_handled_apart_carry_papers() {
        let mut b = PlanBuilder::new("apart");
        let [name, licence] = ["name", "licence"].map(|f| b.field(f));
        let review = b
            .step("review", Actor::Officer)
            .reads(name)
            .writes(licence)
            .number();
        let submission = b.plan_mut().steps[0].actor.clone();
        let second = b
            .step("apply-sign", submission)
            .after(review)
            .with(|step| step.scope = StepIx(2))
            .number();
        b.step("sign", Actor::Officer)
            .reads(name)
            .reads(licence)
            .with(|step| step.scope = second);
        b.plan_mut().handled = Handled::Apart;
        let plan = b.build();
        assert_eq!(
            story(&plan, &Scenario::resolve(&plan, &plan.reference)),
            "apply < asks name\nreview < apply\napply-sign < review asks name licence\nsign < apply-sign\n"
        );
    }

    /// What only the step itself makes is not there while it works: it is asked where the step
    /// cannot do without, or where the form names it too.
    #[test]
    fn what_a_step_makes_itself_is_asked_only_where_the_form_names_it() {
        for (optional, named, asks) in [
            (false, false, " asks licence"),
            (true, false, " asks"),
            (true, true, " asks licence"),
        ] {
            let mut b = PlanBuilder::new("shop");
            let licence = b.field("licence");
            let reads = move |step: &mut crate::step::Step, optional| {
                step.reads.push(crate::step::Read {
                    field: licence,
                    optional,
                    grant: None,
                });
            };
            if named {
                reads(&mut b.plan_mut().steps[0], true);
            }
            b.step("review", Actor::Officer)
                .with(|step| reads(step, optional))
                .writes(licence);
            b.step("waive", Actor::Officer).reads(licence);
            let plan = b.build();
            assert_eq!(
                story(&plan, &Scenario::resolve(&plan, &plan.reference)),
                format!("apply <{asks}\nreview < apply\nwaive < review\n")
            );
        }
    }

    #[test]
    fn answers_with_the_same_key_share_a_scenario() {
        let mut b = PlanBuilder::new("key");
        let yes = b.yes_no("yes");
        b.step("a", Actor::System).when(Cond::yes(yes));
        let plan = b.build();
        let mut no = plan.reference.clone();
        no.set(yes, Some(Answer::YesNo(false)));
        assert_ne!(
            Scenario::key(&plan, &no),
            Scenario::key(&plan, &plan.reference)
        );
        assert!(Scenario::resolve(&plan, &no).steps().is_empty());
    }
}
