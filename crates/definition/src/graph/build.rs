//! The plan: numbers given in topological order.

use std::collections::BTreeMap;
use std::sync::Arc;

use onething_model::{Digest, FieldPath, ServiceKey, Text};
use onething_plan::{
    Actor, After, Answers, Department, DepartmentIx, Derived, Field, FieldIx, FieldType, GrantIx,
    Holder, Impossible, LookUp, Matter, MatterIx, Plan, Question, Read, Role, RoleIx, Step, StepIx,
    Submission, SubmissionKind,
};

use super::derive::{CircleAt, Node, NodeKind, Nodes};
use crate::grants::{Standing, standing};
use crate::lower::contract::{ContractEntry, ProviderEntry};
use crate::lower::reads::Datum;
use crate::lower::symbols::Symbols;
use crate::lower::way::{Fetched, WaySpec};
use crate::syntax::step::By;

/// What a plan says of the service itself.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) service: ServiceKey,
    pub(crate) version: String,
    pub(crate) digest: Digest,
    pub(crate) title: Text,
}

/// A plan, and which node became which step.
pub(crate) struct Built {
    pub(crate) plan: Plan,
    /// The node of each step, by number.
    pub(crate) node_of: Vec<usize>,
}

/// Numbers everything. `None` where a part is missing, which was reported.
pub(crate) fn build(
    symbols: &Symbols<'_>,
    way: &WaySpec,
    head: &Head,
    nodes: &Nodes,
    order: Vec<usize>,
) -> Option<Built> {
    let mut step_of = vec![StepIx(0); nodes.list.len()];
    for (at, node) in order.iter().enumerate() {
        step_of[*node] = StepIx::at(at);
    }
    let mut builder = Builder {
        symbols,
        fetched: &way.fetched,
        departments: BTreeMap::new(),
        fields: BTreeMap::new(),
        plan_departments: Vec::new(),
        plan_fields: Vec::new(),
    };
    let owner = builder.department(symbols.owner?);
    let matters = symbols
        .matters
        .iter()
        .map(|matter| {
            Some(Matter {
                key: matter.key.value.clone(),
                title: matter.title.clone(),
                code: matter.code.clone(),
                department: builder.department(matter.department?),
                when: matter.when.clone(),
                limit: matter.limit.clone(),
                refused: matter.refused,
            })
        })
        .collect::<Option<Vec<Matter>>>()?;
    let steps = order
        .iter()
        .map(|node| builder.step(nodes, &nodes.list[*node], &step_of))
        .collect::<Option<Vec<Step>>>()?;
    for circle in &nodes.circles {
        builder.circle(circle)?;
    }
    let mut plan_fields = builder.plan_fields;
    for (at, step) in steps.iter().enumerate() {
        for field in &step.writes {
            let field = &mut plan_fields[field.index()];
            match step.actor {
                Actor::LookUp(_) => field.lookups.push(StepIx::at(at)),
                Actor::Submission(_)
                | Actor::System
                | Actor::Officer
                | Actor::Applicant
                | Actor::Outside => field.producers.push(StepIx::at(at)),
            }
        }
    }
    let questions = symbols
        .questions
        .iter()
        .map(|question| {
            Some(Question {
                key: question.key.value.clone(),
                ask: question.ask.clone(),
                kind: question.kind.clone()?,
                when: question.when.clone(),
            })
        })
        .collect::<Option<Vec<Question>>>()?;
    let reference: &Answers = &symbols.reference;
    Some(Built {
        plan: Plan {
            service: head.service.clone(),
            version: head.version.clone(),
            digest: head.digest,
            way: way.way,
            title: head.title.clone(),
            owner,
            calendar: Arc::clone(symbols.calendar.as_ref()?),
            departments: builder.plan_departments,
            roles: symbols
                .roles
                .iter()
                .map(|role| Role {
                    key: role.key.value.clone(),
                    title: role.title.clone(),
                })
                .collect(),
            applicant: RoleIx::at(symbols.applicant?),
            fields: plan_fields,
            questions,
            impossible: symbols
                .impossible
                .iter()
                .map(|rule| Impossible {
                    when: rule.when.clone(),
                    because: rule.because.clone(),
                })
                .collect(),
            reference: reference.clone(),
            matters,
            steps,
            deliveries: way
                .deliveries
                .iter()
                .map(|(delivery, _)| delivery.clone())
                .collect(),
            purposes: symbols.tree.purposes.clone(),
            handled: way.handled,
        },
        node_of: order,
    })
}

struct Builder<'a> {
    symbols: &'a Symbols<'a>,
    fetched: &'a Fetched,
    departments: BTreeMap<usize, DepartmentIx>,
    fields: BTreeMap<Datum, FieldIx>,
    plan_departments: Vec<Department>,
    plan_fields: Vec<Field>,
}

impl Builder<'_> {
    fn department(&mut self, at: usize) -> DepartmentIx {
        if let Some(known) = self.departments.get(&at) {
            return *known;
        }
        let entry = &self.symbols.tree.departments[at];
        let ix = DepartmentIx::at(self.plan_departments.len());
        self.plan_departments.push(Department {
            key: entry.key.clone(),
            title: entry.title.clone(),
            outside: entry.outside,
        });
        self.departments.insert(at, ix);
        ix
    }

    fn field(&mut self, (role, field): Datum) -> Option<FieldIx> {
        if let Some(known) = self.fields.get(&(role, field)) {
            return Some(*known);
        }
        let symbols = self.symbols;
        let entry = &symbols.roles[role];
        let contract = &symbols.tree.contracts[entry.contract?];
        let item = &contract.fields[field];
        let kind: FieldType = item.kind.clone()?;
        let ix = FieldIx::at(self.plan_fields.len());
        self.plan_fields.push(Field {
            path: FieldPath {
                role: entry.key.value.clone(),
                field: item.key.clone(),
            },
            role: RoleIx::at(role),
            contract: contract.key.clone()?,
            title: item.title.clone(),
            kind,
            sensitivity: item.sensitivity,
            example: item.example.clone(),
            grants: item.grants.clone(),
            producers: Vec::new(),
            lookups: Vec::new(),
            holders: self.holders(contract, field),
            derived: None,
        });
        self.fields.insert((role, field), ix);
        if let Some(derived) = item.derived.filter(|_| self.fetched.derives()) {
            let from = self.field((role, derived.from))?;
            let by = derived.by;
            self.plan_fields[ix.index()].derived = Some(Derived { from, by });
        }
        Some(ix)
    }

    /// The registries that hold a field, in the contract's order.
    fn holders(&self, contract: &ContractEntry, field: usize) -> Vec<Holder> {
        let holds = |item: &&ProviderEntry| item.gives.contains(&field);
        let holder = |item: &ProviderEntry| Holder {
            registry: item.registry.value.clone(),
            title: item.shown(),
            department: self.symbols.tree.departments[item.department].title.clone(),
            why_not: self.fetched.why_not(item.registry.as_str()).cloned(),
            circle: Vec::new(),
        };
        contract
            .providers
            .iter()
            .filter(holds)
            .map(holder)
            .collect()
    }

    /// Notes on a field which registry could give it. Its keys are in the plan: the
    /// look-up by the field gives them.
    fn circle(&mut self, circle: &CircleAt) -> Option<()> {
        let symbols = self.symbols;
        let role = circle.provider.role;
        let contract = symbols.roles[role].contract?;
        let item = &symbols.tree.contracts[contract].providers[circle.provider.provider];
        let needs = item.with.iter().map(|key| self.field((role, *key)));
        let needs = needs.collect::<Option<Vec<FieldIx>>>()?;
        let field = self.field(circle.field)?;
        let mut holders = self.plan_fields[field.index()].holders.iter_mut();
        let holder = holders.find(|holder| holder.registry == item.registry.value)?;
        holder.circle = needs;
        Some(())
    }

    fn step(&mut self, nodes: &Nodes, node: &Node, step_of: &[StepIx]) -> Option<Step> {
        let symbols = self.symbols;
        // What a form asks on its own account is for whoever accepts it.
        let reader = match node.kind {
            NodeKind::Application {
                accepted_by: Some(gate),
            } => &nodes.list[gate],
            _ => node,
        };
        let reads = node
            .reads
            .iter()
            .map(|read| {
                let standing = match node.kind {
                    // A registry is asked on the basis of its provider.
                    NodeKind::LookUp { .. } => Standing::OnNone,
                    _ => standing(symbols, reader.department, &reader.purposes, read.datum),
                };
                Some(Read {
                    field: self.field(read.datum)?,
                    optional: read.optional,
                    grant: match standing {
                        Standing::On(grant) => Some(GrantIx::at(grant)),
                        Standing::OnNone | Standing::OnSeveral(_) => None,
                    },
                })
            })
            .collect::<Option<Vec<Read>>>()?;
        let writes = node
            .writes
            .iter()
            .map(|write| self.field(write.datum))
            .collect::<Option<Vec<FieldIx>>>()?;
        let actor = match &node.kind {
            NodeKind::Application { accepted_by } => Actor::Submission(Submission {
                kind: SubmissionKind::Application,
                accepted_by: accepted_by.map(|gate| step_of[gate]),
            }),
            NodeKind::Fallback { of } => Actor::Submission(Submission {
                kind: SubmissionKind::Fallback(step_of[*of]),
                accepted_by: None,
            }),
            NodeKind::LookUp {
                provider,
                fallback,
                if_known,
            } => {
                let contract = self.symbols.roles[provider.role].contract?;
                let item = &self.symbols.tree.contracts[contract].providers[provider.provider];
                Actor::LookUp(LookUp {
                    registry: item.registry.value.clone(),
                    title: item.shown(),
                    role: RoleIx::at(provider.role),
                    keys: reads.iter().map(|read| read.field).collect(),
                    basis: item.basis.clone(),
                    always: self.symbols.roles[provider.role].verify.is_some(),
                    if_known: *if_known,
                    fresh: item.fresh,
                    fallback: fallback.map(|fallback| step_of[fallback]),
                })
            }
            NodeKind::Accept(by) | NodeKind::Step(by) => match by {
                By::System => Actor::System,
                By::Officer => Actor::Officer,
                By::Applicant => Actor::Applicant,
                By::Outside => Actor::Outside,
            },
        };
        Some(Step {
            key: node.key.clone(),
            title: node.title.clone(),
            matter: node.matter.map(MatterIx::at),
            department: node.department.map(|at| self.department(at)),
            actor,
            when: node.when.clone(),
            reads,
            purposes: node
                .purposes
                .iter()
                .map(|purpose| purpose.value.clone())
                .collect(),
            writes,
            after: node
                .after
                .iter()
                .map(|after| After {
                    step: step_of[after.node],
                    because: after.because.clone(),
                })
                .collect(),
            scope: step_of[node.scope],
            limit: node.limit.clone(),
            retry: node.retry,
            visits: node.visits,
            attended: node.attended,
        })
    }
}
