//! Definitions that cases are pinned to, and their sources in the store.
//!
//! A definition's digest is the digest of its named sources,
//! [`Digest::of_parts`]. What is kept in the content store is exactly the
//! bytes that this digest is taken of, so the digest of the plan *is* the
//! address of its sources.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use onething_engine::{Blueprint, Fault};
use onething_model::{Digest, FieldPath, ServiceKey, Text};
use onething_plan::{Actor, FieldIx, Plan, QuestionIx, StepIx};
use onething_store::{Blobs, Error as StoreError, Store};

use crate::pool::{Pool, Pools};
use crate::{Fields, StartError};

/// A file of a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its path within the definition tree.
    pub path: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

impl Source {
    /// The sources of a definition that a store keeps, under the digest that
    /// its cases are pinned to. `None`: it keeps none.
    ///
    /// # Errors
    /// The content store fails, or what it has is no definition's sources.
    pub fn kept(store: &Store, digest: &Digest) -> Result<Option<Vec<Self>>, StoreError> {
        let Some(content) = store.blobs.get(digest)? else {
            return Ok(None);
        };
        let sources = unbundle(&content).ok_or_else(|| StoreError::Invalid {
            what: format!(
                "the content under {} is not a definition's sources",
                digest.short()
            ),
        })?;
        Ok(Some(sources))
    }
}

/// A service's checked plan with everything it was compiled from.
#[derive(Debug, Clone)]
pub struct Definition {
    pub(crate) plan: Arc<Plan>,
    pub(crate) sources: Option<Vec<Source>>,
}

impl Definition {
    /// A plan and its sources. They are kept in the store, so that a case can
    /// be continued with the definition it began with, whatever is registered then.
    #[must_use]
    pub fn new(plan: Arc<Plan>, sources: Vec<Source>) -> Self {
        Self {
            plan,
            sources: Some(sources),
        }
    }

    /// A plan without sources, for trying out: its cases can only be
    /// continued where the same plan is registered again.
    #[must_use]
    pub fn without_sources(plan: Arc<Plan>) -> Self {
        Self {
            plan,
            sources: None,
        }
    }
}

/// Makes a plan of sources that were kept, or says why not.
pub type Compiler = Arc<dyn Fn(&[Source]) -> Result<Arc<Plan>, String> + Send + Sync>;

/// The sources as one content, the one whose digest is [`Digest::of_parts`] of them.
pub(crate) fn bundle(sources: &[Source]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for source in sources {
        for part in [source.path.as_bytes(), &source.content] {
            bytes.extend((part.len() as u64).to_le_bytes());
            bytes.extend(part);
        }
    }
    bytes
}

/// The sources of a [`bundle`]; `None` if it is none.
pub(crate) fn unbundle(mut bytes: &[u8]) -> Option<Vec<Source>> {
    fn part<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
        let (length, rest) = bytes.split_first_chunk::<8>()?;
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        let (part, rest) = rest.split_at_checked(length)?;
        *bytes = rest;
        Some(part)
    }
    let mut sources = Vec::new();
    while !bytes.is_empty() {
        let path = String::from_utf8(part(&mut bytes)?.to_vec()).ok()?;
        let content = part(&mut bytes)?.to_vec();
        sources.push(Source { path, content });
    }
    Some(sources)
}

/// A plan with its names and with who does its steps.
pub(crate) struct Defined {
    pub(crate) blueprint: Arc<Blueprint>,
    names: Vec<Arc<str>>,
    fields: HashMap<Arc<str>, FieldIx>,
    questions: HashMap<Arc<str>, QuestionIx>,
    steps: HashMap<Arc<str>, StepIx>,
    /// By step: what it makes, as requests say it.
    pub(crate) wanted: Vec<Arc<[FieldPath]>>,
    /// By step: the handler that automatic steps and look-ups go to.
    pools: Vec<Option<Arc<Pool>>>,
}

impl Defined {
    fn new(plan: &Arc<Plan>, pools: &Pools) -> Self {
        let names: Vec<Arc<str>> = plan
            .fields
            .iter()
            .map(|field| field.path.to_string().into())
            .collect();
        let numbered = |(at, name): (usize, &Arc<str>)| (name.clone(), FieldIx::at(at));
        let wanted = |writes: &[FieldIx]| {
            let path = |field: &FieldIx| plan.field(*field).path.clone();
            writes.iter().map(path).collect()
        };
        Self {
            fields: names.iter().enumerate().map(numbered).collect(),
            questions: (0..)
                .map(QuestionIx)
                .zip(&plan.questions)
                .map(|(ix, question)| (question.key.as_str().into(), ix))
                .collect(),
            steps: plan
                .step_numbers()
                .map(|step| (plan.step(step).key.as_str().into(), step))
                .collect(),
            wanted: plan.steps.iter().map(|step| wanted(&step.writes)).collect(),
            pools: plan
                .steps
                .iter()
                .map(|step| match &step.actor {
                    Actor::LookUp(item) => pools.registry(&item.registry),
                    Actor::System => pools.department(&plan.department(step.department?).key),
                    Actor::Submission(_) | Actor::Officer | Actor::Applicant | Actor::Outside => {
                        None
                    }
                })
                .collect(),
            names,
            blueprint: Blueprint::new(plan.clone()),
        }
    }

    pub(crate) fn plan(&self) -> &Arc<Plan> {
        self.blueprint.plan()
    }

    pub(crate) fn name(&self, field: FieldIx) -> Arc<str> {
        self.names[field.index()].clone()
    }

    pub(crate) fn field(&self, name: &str) -> Option<FieldIx> {
        self.fields.get(name).copied()
    }

    pub(crate) fn question(&self, name: &str) -> Option<QuestionIx> {
        self.questions.get(name).copied()
    }

    pub(crate) fn step(&self, name: &str) -> Option<StepIx> {
        self.steps.get(name).copied()
    }

    pub(crate) fn pool(&self, step: StepIx) -> Option<&Arc<Pool>> {
        self.pools.get(step.index())?.as_ref()
    }

    /// A value as it is kept, whichever way it was written.
    pub(crate) fn normalised(&self, field: FieldIx, value: serde_json::Value) -> serde_json::Value {
        self.plan().field(field).kind.normalised(value)
    }

    /// The fault of a name that the service does not have.
    pub(crate) fn unknown(&self, name: &str) -> Fault {
        // A name may be anything that somebody typed.
        let what: String = name.chars().take(80).collect();
        Fault {
            what,
            why: Text::new("本服务没有这一项", "is not known to this service"),
        }
    }

    /// Values with the plan's numbers; names it does not have are faults.
    pub(crate) fn values(&self, fields: Fields) -> (onething_engine::Values, Vec<Fault>) {
        let mut values = Vec::with_capacity(fields.len());
        let mut faults = Vec::new();
        for (name, value) in fields {
            match self.field(&name) {
                Some(field) => values.push((field, self.normalised(field, value))),
                None => faults.push(self.unknown(&name)),
            }
        }
        (values, faults)
    }

    /// System steps and look-ups that nobody is registered for, each with who is missing.
    fn without_handler(&self) -> Vec<String> {
        let plan = self.plan();
        let mut missing: Vec<String> = plan
            .steps
            .iter()
            .enumerate()
            .filter(|(at, _)| self.pools[*at].is_none())
            .filter_map(|(_, step)| match &step.actor {
                Actor::LookUp(item) => Some(format!("registry `{}`", item.registry)),
                Actor::System => {
                    let key = &plan.department(step.department?).key;
                    Some(format!("department `{key}`"))
                }
                Actor::Submission(_) | Actor::Officer | Actor::Applicant | Actor::Outside => None,
            })
            .collect();
        missing.sort();
        missing.dedup();
        missing
    }
}

/// The definitions at hand: those registered for new cases, and older ones that open cases are pinned to.
pub(crate) struct Catalogue {
    current: HashMap<ServiceKey, Arc<Defined>>,
    pinned: RwLock<HashMap<Digest, Arc<Defined>>>,
    compiler: Option<Compiler>,
    blobs: Arc<dyn Blobs>,
    pools: Pools,
}

impl Catalogue {
    /// Registers definitions and keeps their sources.
    pub(crate) fn open(
        definitions: Vec<Definition>,
        needs_handlers: bool,
        compiler: Option<Compiler>,
        blobs: Arc<dyn Blobs>,
        pools: Pools,
    ) -> Result<Self, StartError> {
        let mut current = HashMap::new();
        let mut pinned = HashMap::new();
        for definition in definitions {
            let plan = &definition.plan;
            let service = plan.service.clone();
            if let Some(sources) = &definition.sources {
                let content = bundle(sources);
                if Digest::of(&content) != plan.digest {
                    return Err(StartError::Sources { service });
                }
                blobs.put(&content)?;
            }
            let defined = Arc::new(Defined::new(plan, &pools));
            let missing = defined.without_handler();
            if needs_handlers && !missing.is_empty() {
                return Err(StartError::NoHandler { service, missing });
            }
            pinned.insert(plan.digest, defined.clone());
            if current.insert(service.clone(), defined).is_some() {
                return Err(StartError::Twice { service });
            }
        }
        Ok(Self {
            current,
            pinned: RwLock::new(pinned),
            compiler,
            blobs,
            pools,
        })
    }

    /// The definition for new cases of a service.
    pub(crate) fn current(&self, service: &str) -> Option<&Arc<Defined>> {
        self.current.get(service)
    }

    /// The services that take new cases, in order.
    pub(crate) fn services(&self) -> Vec<Arc<Plan>> {
        let mut plans: Vec<_> = self.current.values().map(|d| d.plan().clone()).collect();
        plans.sort_by(|one, other| one.service.cmp(&other.service));
        plans
    }

    /// The definition that a case is pinned to, compiled from its sources if need be.
    pub(crate) fn pinned(&self, digest: &Digest) -> Result<Arc<Defined>, String> {
        let known = |found: &HashMap<_, Arc<Defined>>| found.get(digest).cloned();
        let pinned = self.pinned.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(defined) = known(&pinned) {
            return Ok(defined);
        }
        drop(pinned);
        let plan = self.recompile(digest)?;
        let defined = Arc::new(Defined::new(&plan, &self.pools));
        let mut pinned = self.pinned.write().unwrap_or_else(PoisonError::into_inner);
        // Whoever came first, all cases share one.
        Ok(pinned.entry(*digest).or_insert(defined).clone())
    }

    fn recompile(&self, digest: &Digest) -> Result<Arc<Plan>, String> {
        let short = digest.short();
        let content = self
            .blobs
            .get(digest)
            .map_err(|error| format!("the sources of definition {short} cannot be read: {error}"))?
            .ok_or_else(|| {
                format!(
                    "definition {short} is not registered and its sources are not in the store; \
                     register it with the engine again"
                )
            })?;
        let sources = unbundle(&content)
            .ok_or_else(|| format!("the content under {short} is not a definition's sources"))?;
        let compiler = self.compiler.as_ref().ok_or_else(|| {
            format!(
                "definition {short} is not registered and the engine was given no compiler for \
                 the sources that the store keeps"
            )
        })?;
        let plan = compiler(&sources)
            .map_err(|why| format!("the kept sources of definition {short} fail: {why}"))?;
        if plan.digest != *digest {
            return Err(format!(
                "the kept sources of definition {short} now compile to {}; \
                 use the version of onething that the case began with",
                plan.digest.short()
            ));
        }
        Ok(plan)
    }
}

impl fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.current.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_the_bundle_is_the_digest_of_the_parts() {
        let sources = [
            ("departments.yaml", "语言: zh"),
            ("newborn/service.yaml", ""),
            ("新/名.yaml", "a: 1\n"),
        ]
        .map(|(path, content)| Source {
            path: path.to_owned(),
            content: content.as_bytes().to_vec(),
        });
        let parts = sources.iter().map(|s| (&*s.path, &*s.content));
        let content = bundle(&sources);
        assert_eq!(Digest::of(&content), Digest::of_parts(parts));
        assert_eq!(unbundle(&content), Some(sources.to_vec()));
        // Cut anywhere but between two sources it is none.
        let whole: Vec<usize> = (0..=3).map(|n| bundle(&sources[..n]).len()).collect();
        for cut in 0..content.len() {
            let cut_off = unbundle(&content[..cut]);
            assert_eq!(cut_off.is_some(), whole.contains(&cut), "cut at {cut}");
        }
    }
}
