//! What waits for people: the worklist in order of due dates, and incidents.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::ops::Bound;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use onething_model::{CaseId, DepartmentKey, Timestamp};
use onething_plan::StepIx;

use crate::cell::Cell;

/// A place in the worklist: what is due first comes first.
///
/// Written `DUE/CASE/STEP` in numbers, so that a page can be asked for by text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkKey {
    /// The end of the limit; the end of time where there is none.
    due: Timestamp,
    case: CaseId,
    step: StepIx,
}

impl WorkKey {
    pub(crate) fn new(due: Option<Timestamp>, case: CaseId, step: StepIx) -> Self {
        let due = due.unwrap_or(Timestamp(i64::MAX));
        Self { due, case, step }
    }

    pub(crate) fn step(&self) -> StepIx {
        self.step
    }
}

impl fmt::Display for WorkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.due.0, self.case, self.step.0)
    }
}

/// The text is not a place in a worklist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a place in a worklist; take `next` of the page before")]
pub struct WorkKeyError;

impl FromStr for WorkKey {
    type Err = WorkKeyError;
    fn from_str(text: &str) -> Result<Self, WorkKeyError> {
        let mut parts = text.split('/');
        let (Some(due), Some(case), Some(step), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(WorkKeyError);
        };
        Ok(Self {
            due: Timestamp(due.parse().map_err(|_| WorkKeyError)?),
            case: case.parse().map_err(|_| WorkKeyError)?,
            step: StepIx(step.parse().map_err(|_| WorkKeyError)?),
        })
    }
}

/// The rows of all open cases.
#[derive(Default)]
pub(crate) struct Board(Mutex<Rows>);

#[derive(Default)]
struct Rows {
    work: BTreeMap<WorkKey, Arc<Cell>>,
    by_department: HashMap<DepartmentKey, BTreeSet<WorkKey>>,
    incidents: BTreeMap<(CaseId, StepIx), (Arc<Cell>, Arc<str>)>,
}

impl Board {
    pub(crate) fn list(&self, key: WorkKey, cell: &Arc<Cell>) {
        let department = department_of(cell, key.step);
        let mut rows = self.lock();
        rows.work.insert(key, cell.clone());
        if let Some(department) = department {
            rows.by_department
                .entry(department)
                .or_default()
                .insert(key);
        }
    }

    pub(crate) fn unlist(&self, key: WorkKey, cell: &Cell) {
        let department = department_of(cell, key.step);
        let mut rows = self.lock();
        rows.work.remove(&key);
        if let Some(department) = department
            && let Some(keys) = rows.by_department.get_mut(&department)
        {
            keys.remove(&key);
            if keys.is_empty() {
                rows.by_department.remove(&department);
            }
        }
    }

    /// The rows after a place, at most `limit`.
    pub(crate) fn page(
        &self,
        department: Option<&DepartmentKey>,
        after: Option<WorkKey>,
        limit: usize,
    ) -> Vec<(WorkKey, Arc<Cell>)> {
        let from = (
            after.map_or(Bound::Unbounded, Bound::Excluded),
            Bound::Unbounded,
        );
        let rows = self.lock();
        let with_cell = |key: &WorkKey| Some((*key, rows.work.get(key)?.clone()));
        match department {
            None => {
                let range = rows.work.range(from);
                range
                    .take(limit)
                    .map(|(key, cell)| (*key, cell.clone()))
                    .collect()
            }
            Some(department) => {
                let keys = rows.by_department.get(department);
                let range = keys.into_iter().flat_map(|keys| keys.range(from));
                range.take(limit).filter_map(with_cell).collect()
            }
        }
    }

    /// The rows of one case after a place, at most `limit`.
    pub(crate) fn page_of_case(
        &self,
        cell: &Arc<Cell>,
        department: Option<&DepartmentKey>,
        after: Option<WorkKey>,
        limit: usize,
    ) -> Vec<(WorkKey, Arc<Cell>)> {
        let listed: Vec<WorkKey> = cell.progress().listed.iter().map(|(_, key)| *key).collect();
        let is_wanted = |key: &WorkKey| {
            after.is_none_or(|after| *key > after)
                && (department.is_none() || department_of(cell, key.step).as_ref() == department)
        };
        let mut keys: Vec<WorkKey> = listed.into_iter().filter(is_wanted).collect();
        keys.sort_unstable();
        keys.truncate(limit);
        keys.into_iter().map(|key| (key, cell.clone())).collect()
    }

    pub(crate) fn open_incident(&self, cell: &Arc<Cell>, step: StepIx, reason: Arc<str>) {
        let mut rows = self.lock();
        rows.incidents
            .insert((cell.id, step), (cell.clone(), reason));
    }

    pub(crate) fn close_incident(&self, case: CaseId, step: StepIx) {
        self.lock().incidents.remove(&(case, step));
    }

    /// Incidents after a place, in order of cases, at most `limit`.
    pub(crate) fn incidents(
        &self,
        after: Option<(CaseId, StepIx)>,
        limit: usize,
    ) -> Vec<(StepIx, Arc<Cell>, Arc<str>)> {
        let from = (
            after.map_or(Bound::Unbounded, Bound::Excluded),
            Bound::Unbounded,
        );
        let rows = self.lock();
        let range = rows.incidents.range(from);
        let row = |((_, step), (cell, reason)): (&(_, StepIx), &(Arc<Cell>, Arc<str>))| {
            (*step, cell.clone(), reason.clone())
        };
        range.take(limit).map(row).collect()
    }

    /// How many rows of work and how many incidents there are.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let rows = self.lock();
        (rows.work.len(), rows.incidents.len())
    }

    fn lock(&self) -> MutexGuard<'_, Rows> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn department_of(cell: &Cell, step: StepIx) -> Option<DepartmentKey> {
    let plan = cell.defined.plan();
    Some(plan.department(plan.step(step).department?).key.clone())
}
