//! Scripted departments and registries: they answer with the contracts'
//! examples, so that a service can be tried out before any system is
//! connected. The same each time, and plainly sample data.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use onething_model::{FieldPath, ServiceKey};
use onething_plan::{Actor, FieldIx, FieldType, Plan, sample};
use onething_runtime::{
    Department, Fields, Found, HandlerError, LookUpRequest, Registry, Reply, StepRequest,
};
use onething_store::Blobs;
use serde_json::Value;

use crate::failure::Failure;

/// The sample value of each field of the services that are known. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Samples(Arc<RwLock<BTreeMap<ServiceKey, BTreeMap<FieldPath, Value>>>>);

impl Samples {
    /// Learns a plan's examples.
    pub(crate) fn learn(&self, plan: &Plan) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let fields = known.entry(plan.service.clone()).or_default();
        for (at, field) in plan.fields.iter().enumerate() {
            let value = sample::value(plan, FieldIx::at(at));
            fields.insert(field.path.clone(), value);
        }
    }

    /// The sample values of these fields.
    pub(crate) fn of(&self, service: &ServiceKey, wanted: &[FieldPath]) -> Fields {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let fields = known.get(service);
        let value = |path: &FieldPath| {
            let value = fields?.get(path)?;
            Some((path.to_string(), value.clone()))
        };
        wanted.iter().filter_map(value).collect()
    }
}

/// Puts the sample documents of a plan into the store, so that samples can be
/// handed in like real ones.
pub(crate) fn keep_documents(plan: &Plan, blobs: &dyn Blobs) -> Result<(), Failure> {
    for field in &plan.fields {
        if matches!(field.kind, FieldType::Document { .. }) {
            blobs.put(&sample::document_content(field))?;
        }
    }
    Ok(())
}

/// Every department's system.
pub(crate) struct ScriptedDepartment(pub(crate) Samples);

#[async_trait]
impl Department for ScriptedDepartment {
    async fn handle(&self, request: StepRequest) -> Result<Reply, HandlerError> {
        Ok(Reply::Done(self.0.of(&request.service, &request.wanted)))
    }
}

/// Every registry; those named as missing have nothing.
pub(crate) struct ScriptedRegistry {
    pub(crate) samples: Samples,
    pub(crate) missing: BTreeSet<String>,
}

#[async_trait]
impl Registry for ScriptedRegistry {
    async fn look_up(&self, request: LookUpRequest) -> Result<Option<Found>, HandlerError> {
        if self.missing.contains(request.registry.as_str()) {
            return Ok(None);
        }
        let had = self.samples.of(&request.service, &request.wanted);
        Ok(Some(had.into()))
    }
}

/// The registries that a plan asks, in order.
pub(crate) fn registries(plan: &Plan) -> BTreeSet<String> {
    let registry = |actor: &Actor| match actor {
        Actor::LookUp(look_up) => Some(look_up.registry.to_string()),
        Actor::Submission(_)
        | Actor::System
        | Actor::Officer
        | Actor::Applicant
        | Actor::Outside => None,
    };
    let steps = plan.steps.iter();
    steps.filter_map(|step| registry(&step.actor)).collect()
}
