//! What is wrong with an application, before anything is recorded of it.

use std::sync::Arc;

use onething_engine::{Case, Event, Fault, Opening};

use crate::application::resolve;
use crate::definition::Defined;
use crate::error::reject;
use crate::{Application, Engine, Error, reader};

impl Engine {
    /// Everything that would be wrong with an application, as [`submit`](Self::submit) would
    /// tell it. Nothing is recorded and no number of a case is used up, so that a window can
    /// tell all faults at once while something of the application is not in its hands yet.
    ///
    /// # Errors
    /// An unknown service (C0203), no key (C0211), too much (C0212), or a name that cannot be read (C0215).
    pub async fn examine(&self, application: Application) -> Result<Vec<Fault>, Error> {
        let defined = self.receive(&application)?;
        let (opening, faults) = self.opened(&defined, application);
        let mut events = Vec::new();
        let (blueprint, opening) = (&defined.blueprint, Arc::new(opening));
        let _ = Case::open(blueprint, opening, self.shared.now(), &mut events);
        Ok(all_faults(faults, &events))
    }

    /// The definition that an application is for, where it can be looked at at all.
    pub(crate) fn receive(&self, application: &Application) -> Result<Arc<Defined>, Error> {
        let shared = &self.shared;
        shared.check_open()?;
        application.check_size(&shared.limits)?;
        if let Some(by) = &application.by {
            reject::unreadable(by, reject::Said::Name)?;
        }
        let Some(defined) = shared.catalogue.current(&application.service).cloned() else {
            let plans = shared.catalogue.services();
            let known: Vec<_> = plans.iter().map(|plan| plan.service.to_string()).collect();
            return Err(reject::unknown_service(&application.service, &known).into());
        };
        Ok(defined)
    }

    /// An application by the numbers of its plan, and what only the runtime sees is wrong with it.
    pub(crate) fn opened(
        &self,
        defined: &Defined,
        application: Application,
    ) -> (Opening, Vec<Fault>) {
        let (opening, mut faults) = resolve(defined, application);
        let (missing, wrong) = self.shared.document_faults(defined, &opening.values);
        faults.extend(missing.into_iter().chain(wrong));
        (opening, faults)
    }
}

/// What only the runtime can see, and then what the core says of everything else.
pub(crate) fn all_faults(mut faults: Vec<Fault>, events: &[Event]) -> Vec<Fault> {
    for fault in reader::faults_of(events) {
        if faults.iter().all(|other| other.what != fault.what) {
            faults.push(fault);
        }
    }
    faults
}
