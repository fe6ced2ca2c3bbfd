//! The old way against the new: everything that can be said of a service
//! without running it.

use onething_lab::study::{self, Study};
use onething_measure::{Comparison, computed, declared};
use onething_model::Text;

use crate::Definition;

/// How a service is compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparing {
    /// Cases in each replication and way.
    pub cases: u64,
    /// Independent replications.
    pub replications: u64,
    /// The seed of all draws: the same one gives the same figures.
    pub seed: u64,
    /// The confidence of intervals, as a fraction.
    pub confidence: f64,
    /// How many threads simulate. The figures do not depend on it.
    pub threads: usize,
}

impl Default for Comparing {
    /// 1,000 cases in 20 replications, seed 1, 95 %, all processors.
    fn default() -> Self {
        Self {
            cases: 1_000,
            replications: 20,
            seed: 1,
            confidence: 0.95,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
        }
    }
}

/// Compares the old way of a service with the new one: simulated figures where
/// it has a workload, computed ones from its definitions, and declared ones
/// beside them. Of a definition [with answers](Definition::with_answers) the
/// figures, but for the declared ones, are of those who answer so, and it says that.
///
/// ```no_run
/// use onething::{Comparing, Definition, compare};
/// let definition = Definition::load("workflows/newborn")?;
/// let comparison = compare(&definition, Comparing::default())?;
/// println!("{} figures", comparison.figures.len());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// The service has no old way to compare with, or its workload cannot be simulated.
pub fn compare(definition: &Definition, how: Comparing) -> Result<Comparison, study::Error> {
    compare_with_progress(definition, how, &|_| {})
}

/// As [`compare`]; `progress` is told, from any thread, how many replications are done.
///
/// # Errors
/// As [`compare`].
pub fn compare_with_progress(
    definition: &Definition,
    how: Comparing,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Comparison, study::Error> {
    let service = definition.service();
    if service.old.is_none() {
        return Err(study::Error::NoOldWay);
    }
    let mut comparison = if service.workload.is_some() {
        Study::new(service)
            .cases(how.cases)
            .replications(how.replications)
            .seed(how.seed)
            .confidence(how.confidence)
            .threads(how.threads)
            .progress(progress)
            .run()?
    } else {
        let plan = &service.new;
        let mut comparison = Comparison::new(plan.service.clone(), plan.title.clone());
        comparison.notes.push(Text::new(
            "没有 `workload.yaml`，未做仿真，只有推算的数字",
            "there is no `workload.yaml`, so nothing was simulated and figures are computed only",
        ));
        comparison
    };
    comparison.figures.extend(computed(service));
    let (published, faults) = declared(service);
    comparison.figures.extend(published);
    comparison.warnings.extend(faults);
    if let Some(answers) = definition.given_answers() {
        comparison.set_answers(&service.new, answers);
    }
    comparison.sort();
    Ok(comparison)
}
