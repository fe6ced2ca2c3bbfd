//! Plans without files: for tests, benches and random services.
//!
//! The builder makes a service handled together with one application. It
//! checks nothing; the compiler of definitions does.
//!
//! ```
//! use onething_plan::{Actor, Scenario, builder::PlanBuilder};
//! let mut b = PlanBuilder::new("fork");
//! let (paper, stamp) = (b.field("paper"), b.field("stamp"));
//! b.step("check", Actor::System).reads(paper).writes(stamp);
//! b.step("file", Actor::Officer).reads(stamp);
//! let plan = b.build();
//! let scenario = Scenario::resolve(&plan, &plan.reference);
//! let keys: Vec<_> = scenario.steps().iter().map(|s| plan.step(*s).key.as_str()).collect();
//! assert_eq!(keys, ["apply", "check", "file"]);
//! ```

use std::str::FromStr;
use std::sync::Arc;

use onething_model::{Calendar, Digest, NameError, Text};

use crate::condition::{Answers, Cond};
use crate::derivation::{Derivation, Derived};
use crate::field::{Field, FieldType, Sensitivity};
use crate::index::{DepartmentIx, FieldIx, MatterIx, QuestionIx, RoleIx, StepIx};
use crate::plan::{Handled, Plan, Question, QuestionType, Way};
use crate::step::{
    Actor, After, Delivery, DeliveryChannel, Department, Limits, LookUp, Matter, Read, Refused,
    Retry, Role, Step, Submission, SubmissionKind,
};

/// Builds a plan; see the [module](self).
#[derive(Debug)]
pub struct PlanBuilder {
    plan: Plan,
    apply: usize,
}

fn key<K: FromStr<Err = NameError>>(text: &str) -> K {
    match text.parse() {
        Ok(key) => key,
        Err(error) => panic!("`{text}` is not a key: {error}"),
    }
}

impl PlanBuilder {
    /// A service of one department, round the clock, with no steps yet.
    ///
    /// # Panics
    /// Here and below: a name is not a key.
    #[must_use]
    pub fn new(service: &str) -> Self {
        let mut this = Self {
            plan: Plan {
                service: key(service),
                version: "1.0.0".into(),
                digest: Digest::of(service.as_bytes()),
                way: Way::New,
                title: Text::new(service, service),
                owner: DepartmentIx(0),
                calendar: Arc::new(Calendar::round_the_clock()),
                departments: Vec::new(),
                roles: Vec::new(),
                applicant: RoleIx(0),
                fields: Vec::new(),
                questions: Vec::new(),
                impossible: Vec::new(),
                reference: Answers::none(0),
                matters: Vec::new(),
                steps: Vec::new(),
                deliveries: Vec::new(),
                purposes: Vec::new(),
                handled: Handled::Together,
            },
            apply: 0,
        };
        this.department("window");
        this.plan.roles.push(Role {
            key: key("applicant"),
            title: Text::new("申请人", "Applicant"),
        });
        let submission = Actor::Submission(Submission {
            kind: SubmissionKind::Application,
            accepted_by: None,
        });
        this.push("apply", submission, None);
        this
    }

    /// A further department.
    pub fn department(&mut self, name: &str) -> DepartmentIx {
        self.plan.departments.push(Department {
            key: key(name),
            title: Text::new(name, name),
            outside: false,
        });
        DepartmentIx::at(self.plan.departments.len() - 1)
    }

    /// A text field of the applicant.
    pub fn field(&mut self, name: &str) -> FieldIx {
        self.typed_field(name, FieldType::Text { max_chars: 2_000 })
    }

    /// A field of the applicant.
    pub fn typed_field(&mut self, name: &str, kind: FieldType) -> FieldIx {
        self.plan.fields.push(Field {
            path: key::<onething_model::FieldPath>(&format!("applicant.{name}")),
            role: RoleIx(0),
            contract: key("sample"),
            title: Text::new(name, name),
            kind,
            sensitivity: Sensitivity::Public,
            example: None,
            grants: Vec::new(),
            producers: Vec::new(),
            lookups: Vec::new(),
            holders: Vec::new(),
            derived: None,
        });
        FieldIx::at(self.plan.fields.len() - 1)
    }

    /// A field of the applicant that follows from another one, with a type that fits.
    pub fn derived_field(&mut self, name: &str, by: Derivation, from: FieldIx) -> FieldIx {
        let kind = match by {
            Derivation::DateOfBirth => FieldType::Date,
            Derivation::Sex => FieldType::Choice {
                options: ["female", "male"]
                    .map(|key| (key.to_owned(), Text::new(key, key)))
                    .to_vec(),
            },
            Derivation::FirstRegistrationDivision
            | Derivation::RegistrationDivision
            | Derivation::OrganisationCode => FieldType::Code { pattern: None },
        };
        let field = self.typed_field(name, kind);
        self.plan.fields[field.index()].derived = Some(Derived { from, by });
        field
    }

    /// A yes-no question, answered with yes in the reference scenario.
    pub fn yes_no(&mut self, name: &str) -> QuestionIx {
        self.plan.questions.push(Question {
            key: key(name),
            ask: Text::new(name, name),
            kind: QuestionType::YesNo,
            when: Cond::Always,
        });
        let ix = QuestionIx::at(self.plan.questions.len() - 1);
        self.plan
            .reference
            .set(ix, Some(crate::condition::Answer::YesNo(true)));
        ix
    }

    /// A look-up on the draft, before the application. Call it before any
    /// [`step`](Self::step): numbers follow the topological order. It is made
    /// whatever it saves; see [`weigh_look_ups`](Self::weigh_look_ups).
    ///
    /// # Panics
    /// There are steps already.
    pub fn look_up(&mut self, name: &str, keys: &[FieldIx], gives: &[FieldIx]) -> StepIx {
        assert_eq!(
            self.apply + 1,
            self.plan.steps.len(),
            "look-ups come before steps"
        );
        let mut apply = self.plan.steps.remove(self.apply);
        let actor = Actor::LookUp(LookUp {
            registry: key(name),
            title: Text::new(name, name),
            role: RoleIx(0),
            keys: keys.to_vec(),
            basis: None,
            fresh: None,
            always: true,
            if_known: false,
            fallback: None,
        });
        let ix = self.push(name, actor, Some(DepartmentIx(0))).ix;
        for field in keys {
            self.plan.steps[ix.index()].reads.push(Read {
                field: *field,
                optional: false,
                grant: None,
            });
        }
        self.plan.steps[ix.index()].writes = gives.to_vec();
        for field in gives {
            self.plan.fields[field.index()].lookups.push(ix);
        }
        self.apply += 1;
        apply.scope = StepIx::at(self.apply);
        self.plan.steps.push(apply);
        for step in &mut self.plan.steps {
            step.scope = StepIx::at(self.apply);
        }
        ix
    }

    /// A look-up after the application, whose keys a step makes, and its
    /// fallback submission `ask-…`. Returns the look-up's number; the
    /// fallback has the next.
    pub fn late_look_up(&mut self, name: &str, keys: &[FieldIx], gives: &[FieldIx]) -> StepIx {
        let fallback = StepIx::at(self.plan.steps.len() + 1);
        let actor = Actor::LookUp(LookUp {
            registry: key(name),
            title: Text::new(name, name),
            role: RoleIx(0),
            keys: keys.to_vec(),
            basis: None,
            fresh: None,
            always: true,
            if_known: false,
            fallback: Some(fallback),
        });
        let mut step = self.push(name, actor, Some(DepartmentIx(0)));
        for field in keys {
            step = step.reads(*field);
        }
        let ix = step.with(|step| step.writes = gives.to_vec()).number();
        for field in gives {
            self.plan.fields[field.index()].lookups.push(ix);
        }
        let submission = Actor::Submission(Submission {
            kind: SubmissionKind::Fallback(ix),
            accepted_by: None,
        });
        self.push(&format!("ask-{name}"), submission, None);
        ix
    }

    /// Lets the look-ups so far be made only where they save more than they ask
    /// for, as those of a definition.
    pub fn weigh_look_ups(&mut self) {
        for step in &mut self.plan.steps {
            if let Actor::LookUp(look_up) = &mut step.actor {
                look_up.always = false;
            }
        }
    }

    /// Lets a look-up on the draft be made only where its keys are there anyway.
    pub fn only_if_known(&mut self, look_up: StepIx) {
        if let Actor::LookUp(item) = &mut self.plan.steps[look_up.index()].actor {
            item.if_known = true;
        }
    }

    /// A matter of a department.
    pub fn matter(&mut self, name: &str, refused: Refused) -> MatterIx {
        self.plan.matters.push(Matter {
            key: key(name),
            title: Text::new(name, name),
            code: None,
            department: DepartmentIx(0),
            when: Cond::Always,
            limit: Limits::default(),
            refused,
        });
        MatterIx::at(self.plan.matters.len() - 1)
    }

    /// A result: a role of its own with one field, which is returned for a
    /// step to write.
    pub fn result(&mut self, name: &str) -> FieldIx {
        let role = RoleIx::at(self.plan.roles.len());
        self.plan.roles.push(Role {
            key: key(name),
            title: Text::new(name, name),
        });
        let field = self.field(name);
        let item = &mut self.plan.fields[field.index()];
        item.role = role;
        item.path = key::<onething_model::FieldPath>(&format!("{name}.number"));
        self.plan.deliveries.push(Delivery {
            what: role,
            by: vec![DeliveryChannel::Electronic],
        });
        field
    }

    /// A step of the first department, reading and writing nothing yet.
    pub fn step(&mut self, name: &str, actor: Actor) -> StepBuilder<'_> {
        let department = (actor != Actor::Applicant).then_some(DepartmentIx(0));
        self.push(name, actor, department)
    }

    fn push(
        &mut self,
        name: &str,
        actor: Actor,
        department: Option<DepartmentIx>,
    ) -> StepBuilder<'_> {
        self.plan.steps.push(Step {
            key: key(name),
            title: Text::new(name, name),
            matter: None,
            department,
            actor,
            when: Cond::Always,
            reads: Vec::new(),
            writes: Vec::new(),
            after: Vec::new(),
            scope: StepIx::at(self.apply),
            limit: Limits::default(),
            retry: Retry::default(),
            visits: 0,
            purposes: Vec::new(),
            attended: false,
        });
        let ix = StepIx::at(self.plan.steps.len() - 1);
        StepBuilder { builder: self, ix }
    }

    /// The plan; each read stands on its department's grant, where there is
    /// [exactly one](Plan::settle_grants), and each look-up has the
    /// [title](LookUp::step_title) that those of a definition have.
    #[must_use]
    pub fn build(mut self) -> Plan {
        self.plan.settle_grants();
        let plan = &mut self.plan;
        for step in &mut plan.steps {
            if let (Actor::LookUp(look_up), Some(department)) = (&step.actor, step.department) {
                let whose = &plan.departments[department.index()].title;
                let whom = &plan.roles[look_up.role.index()].title;
                step.title = LookUp::step_title(&look_up.title, whose, whom);
            }
        }
        self.plan
    }

    /// The plan so far, to be changed in ways the builder does not offer.
    pub fn plan_mut(&mut self) -> &mut Plan {
        &mut self.plan
    }
}

/// Adds to a step of a [`PlanBuilder`].
#[derive(Debug)]
pub struct StepBuilder<'a> {
    builder: &'a mut PlanBuilder,
    ix: StepIx,
}

impl StepBuilder<'_> {
    fn item(&mut self) -> &mut Step {
        &mut self.builder.plan.steps[self.ix.index()]
    }

    /// Reads a field.
    pub fn reads(mut self, field: FieldIx) -> Self {
        self.item().reads.push(Read {
            field,
            optional: false,
            grant: None,
        });
        self
    }

    /// Writes a field.
    pub fn writes(mut self, field: FieldIx) -> Self {
        self.item().writes.push(field);
        let ix = self.ix;
        self.builder.plan.fields[field.index()].producers.push(ix);
        self
    }

    /// Comes after a step.
    pub fn after(mut self, step: StepIx) -> Self {
        self.item().after.push(After {
            step,
            because: Text::new("办理顺序", "order of handling"),
        });
        self
    }

    /// Is part of the case only when the condition holds.
    pub fn when(mut self, when: Cond) -> Self {
        self.item().when = when;
        self
    }

    /// Works on a matter.
    pub fn matter(mut self, matter: MatterIx) -> Self {
        self.item().matter = Some(matter);
        self
    }

    /// Is done by another department.
    pub fn department(mut self, department: DepartmentIx) -> Self {
        self.item().department = Some(department);
        self
    }

    /// Changes the step in ways the builder does not offer.
    pub fn with(mut self, change: impl FnOnce(&mut Step)) -> Self {
        change(self.item());
        self
    }

    /// The step's number.
    #[must_use]
    pub fn number(self) -> StepIx {
        self.ix
    }
}
