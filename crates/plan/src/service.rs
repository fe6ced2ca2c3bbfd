//! A service with both its ways, its workload and what others declared of it.

use std::sync::Arc;

use onething_model::Text;

use crate::plan::Plan;
use crate::workload::Workload;

/// Everything the compiler makes of a service's folder.
#[derive(Debug, Clone)]
pub struct Service {
    /// The new way.
    pub new: Arc<Plan>,
    /// The old way, if the folder has a `before.yaml`.
    pub old: Option<Arc<Plan>>,
    /// The workload, if the folder has a `workload.yaml`.
    pub workload: Option<Arc<Workload>>,
    /// Published figures, shown beside the computed ones and never as them.
    pub declared: Vec<Declared>,
}

/// A figure that others published.
#[derive(Debug, Clone, PartialEq)]
pub struct Declared {
    /// The figure's name, one of those that are computed too.
    pub figure: String,
    /// Before, in the figure's unit; not every publication says.
    pub before: Option<f64>,
    /// After, in the figure's unit.
    pub after: f64,
    /// The unit as published: `wd`, `d`, or none for counts.
    pub unit: Option<String>,
    /// Which place the figure is of.
    pub place: Text,
    /// The year of publication.
    pub year: Option<i16>,
    /// Who published it.
    pub source: String,
}
