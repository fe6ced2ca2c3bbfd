//! A service with the old contracts and with the new, for the same answers.

use std::collections::BTreeSet;

use onething_plan::{Outline, Plan, Scenario, Service};

use super::WayOf;
use crate::classes::classes_of;

/// A way of handling a service, for some answers.
pub(super) struct At<'a> {
    pub(super) plan: &'a Plan,
    pub(super) outline: Outline,
}

/// Shows each way of handling for each scenario, with the old contracts and with the new. Where
/// there are too many answers to look at, a sample of them is looked at.
///
/// Contracts ask no questions and set no conditions: the answers of one plan are those of the other.
pub(super) fn each_pair(
    old: &Service,
    new: &Service,
    mut look: impl FnMut(WayOf, &At<'_>, &At<'_>),
) {
    let new_way = (WayOf::New, Some((&old.new, &new.new)));
    let old_way = (WayOf::Old, old.old.as_ref().zip(new.old.as_ref()));
    for (way, plans) in [new_way, old_way] {
        let Some((old, new)) = plans else { continue };
        let mut seen = BTreeSet::new();
        for answers in &classes_of([new, old]).answers {
            if !seen.insert([old, new].map(|plan| Scenario::key(plan, answers))) {
                continue;
            }
            let at = |plan| At {
                plan,
                outline: Outline::resolve(plan, answers),
            };
            look(way, &at(old), &at(new));
        }
    }
}
