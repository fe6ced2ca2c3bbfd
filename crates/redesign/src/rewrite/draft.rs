//! A design on the way to a proposal, with what follows from it: its plan, and what the
//! plan comes to. Each is made when it is first asked for, and once.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use onething_definition::classes::classes;
use onething_definition::design::{Design, Drafting};
use onething_definition::diagnostic::Diagnostics;
use onething_plan::{Answers, Outline, Plan, Scenario};

use super::kept::Way;
use super::score::Made;

/// Steps of the outlines that are kept of one plan: a few megabytes. Those of a larger
/// service are resolved again each time.
const MOST_STEPS: usize = 1 << 17;

/// A design, its plan, and the outlines of the plan.
pub(super) struct Draft {
    pub(super) design: Arc<Design>,
    plan: OnceCell<Result<Arc<Plan>, Diagnostics>>,
    outlines: Outlines,
}

impl Draft {
    pub(super) fn new(design: Design) -> Self {
        Self {
            design: Arc::new(design),
            plan: OnceCell::new(),
            outlines: Outlines::default(),
        }
    }

    /// The plan, or what is wrong with the design.
    pub(super) fn plan(&self, drafting: &Drafting<'_>) -> Result<&Arc<Plan>, &Diagnostics> {
        let made = || drafting.plan(&self.design).map(Arc::new);
        self.plan.get_or_init(made).as_ref()
    }

    /// What the plan comes to; `None` where the design does not compile.
    pub(super) fn way(&self, drafting: &Drafting<'_>) -> Option<Way<'_>> {
        let plan = self.plan(drafting).ok()?;
        Some(Way {
            design: &self.design,
            plan,
            outlines: &self.outlines,
        })
    }

    /// The design with its plan; `None` where it does not compile.
    pub(super) fn made(&self, drafting: &Drafting<'_>) -> Option<Made> {
        let plan = self.plan(drafting).ok()?;
        Some(Made {
            design: Arc::clone(&self.design),
            plan: Arc::clone(plan),
        })
    }
}

/// What one plan comes to, by what tells its scenarios apart.
#[derive(Default)]
pub(super) struct Outlines {
    known: RefCell<BTreeMap<Vec<u64>, Rc<Outline>>>,
}

impl Outlines {
    /// The outline of the plan that these outlines are of.
    pub(super) fn of(&self, plan: &Plan, answers: &Answers) -> Rc<Outline> {
        let key = Scenario::key(plan, answers);
        if let Some(known) = self.known.borrow().get(&key) {
            return Rc::clone(known);
        }
        let made = Rc::new(Outline::resolve(plan, answers));
        let mut known = self.known.borrow_mut();
        if (known.len() + 1) * plan.steps.len() <= MOST_STEPS {
            known.insert(key, Rc::clone(&made));
        }
        made
    }

    /// One outline for each scenario of the plan.
    pub(super) fn all(&self, plan: &Plan) -> Vec<Rc<Outline>> {
        let classes = classes(plan);
        let each = classes.scenarios(plan);
        each.map(|answers| self.of(plan, answers)).collect()
    }
}
