//! The officers who do the work, in pools by department.

use std::sync::Arc;

use onething_model::{Calendar, DepartmentKey, Text};
use onething_plan::workload::Workload;
use onething_plan::{Plan, StepIx};

use crate::warning::Warning;

#[derive(Debug, Clone)]
pub(crate) struct PoolSetting {
    pub(crate) department: DepartmentKey,
    pub(crate) title: Text,
    pub(crate) officers: u32,
    pub(crate) calendar: Arc<Calendar>,
}

/// Pools of the departments, numbered as steps need them.
pub(super) struct Pools<'a> {
    pub(super) workload: &'a Workload,
    pub(super) settings: Vec<PoolSetting>,
    /// By department: its pool, or that it has none although it needs one.
    pub(super) numbers: Vec<Option<Result<usize, ()>>>,
}

impl Pools<'_> {
    pub(super) fn of(&mut self, plan: &Plan, step: StepIx) -> Option<usize> {
        let department = plan.step(step).department?;
        let known = &mut self.numbers[department.index()];
        if known.is_none() {
            let item = plan.department(department);
            let staff = self.workload.staff.iter().find(|(key, _)| *key == item.key);
            *known = Some(staff.map_or(Err(()), |(_, staff)| {
                self.settings.push(PoolSetting {
                    department: item.key.clone(),
                    title: item.title.clone(),
                    officers: staff.value.officers,
                    calendar: staff.value.calendar.clone(),
                });
                Ok(self.settings.len() - 1)
            }));
        }
        known.and_then(Result::ok)
    }

    /// Outside bodies may well have no stated staff; departments should.
    pub(super) fn without_staff(&self, plan: &Plan) -> Vec<Warning> {
        let numbers = plan.departments.iter().zip(&self.numbers);
        numbers
            .filter(|(department, number)| **number == Some(Err(())) && !department.outside)
            .map(|(department, _)| Warning::NoStaff {
                department: department.title.clone(),
            })
            .collect()
    }
}
