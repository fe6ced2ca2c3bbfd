//! Values that somebody answers with: everything that is wrong with them is
//! told at once, whoever sees it, the runtime or the core.

use onething_engine::{Case, Command, Fault, Rejection, Values};
use onething_model::Timestamp;
use onething_plan::{FieldIx, StepIx};

use crate::Fields;
use crate::definition::Defined;
use crate::error::reject;
use crate::shared::Shared;

/// Values with the plan's numbers, and what only the runtime can see is wrong with them.
pub(crate) struct Answered {
    values: Values,
    /// Names that the plan does not have.
    unknown: Vec<Fault>,
    /// Documents whose contents are not in the store.
    missing: Vec<Fault>,
    /// Documents whose contents are not what is said of them.
    wrong: Vec<Fault>,
}

impl Answered {
    /// Looks values up by name and their documents in the store.
    pub(crate) fn new(shared: &Shared, defined: &Defined, fields: Fields) -> Self {
        let (values, unknown) = defined.values(fields);
        let (missing, wrong) = shared.document_faults(defined, &values);
        Self {
            values,
            unknown,
            missing,
            wrong,
        }
    }

    /// The values that a registry gives: what is not asked of it is neither looked at nor kept.
    pub(crate) fn asked(mut self, case: &Case, step: StepIx) -> Self {
        let Some(layout) = case.layout() else {
            return self;
        };
        let asked = layout.scenario.form(step);
        let plan = case.plan();
        let is_asked = |fault: &Fault| {
            let path = |field: FieldIx| plan.field(field).path.to_string();
            asked.iter().any(|item| path(item.field) == fault.what)
        };
        self.missing.retain(is_asked);
        self.wrong.retain(is_asked);
        self
    }

    /// The command that the values make, if nothing is wrong that the core cannot see.
    ///
    /// # Errors
    /// With every fault, those included that the core sees. Where the step cannot be
    /// answered at all, that alone: the values do not matter then.
    pub(crate) fn command(
        self,
        case: &Case,
        step: StepIx,
        now: Timestamp,
        make: impl FnOnce(Values) -> Command,
    ) -> Result<Command, Rejection> {
        let command = make(self.values);
        let mut faults = self.unknown;
        let (unknown, missing) = (faults.len(), self.missing.len());
        faults.extend(self.missing);
        faults.extend(self.wrong);
        if faults.is_empty() {
            return Ok(command);
        }
        match case.decide(&command, now) {
            Err(rejection) if rejection.faults.is_empty() => return Err(rejection),
            Err(rejection) => {
                let is_new = |fault: &&Fault| faults.iter().all(|told| told.what != fault.what);
                let more: Vec<Fault> = rejection.faults.iter().filter(is_new).cloned().collect();
                faults.extend(more);
            }
            Ok(_) => {}
        }
        Err(match faults.len() {
            all if all == unknown => reject::unknown_names(faults),
            all if all == missing => reject::missing_documents(faults),
            _ => case.broken(step, faults),
        })
    }
}
