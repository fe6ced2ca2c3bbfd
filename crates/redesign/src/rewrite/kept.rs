//! What no rewrite may change, whatever rule made it.
//!
//! A rule checks what it needs before it rewrites. This check knows nothing of
//! rules: it compares the ways before and after and says what is worse for the
//! applicant or the law, once by what is stated whatever the answers, and once
//! by what each class of answers comes to.

mod seen;
mod stated;

use std::collections::{BTreeMap, BTreeSet};

use onething_definition::classes::{Words, classes_of};
use onething_definition::design::Design;
use onething_model::{FieldPath, Lang, StepKey, Text};
use onething_plan::{Plan, Scenario};

use super::draft::Outlines;
use crate::words::both;
pub(super) use seen::{Fields, asked_anew, precedes};

/// A way of handling a service: what was said, and what follows from it.
#[derive(Debug, Clone, Copy)]
pub struct Handling<'a> {
    /// What was said.
    pub design: &'a Design,
    /// What follows: the design as it was compiled.
    pub plan: &'a Plan,
}

/// The same, with what the plan comes to, as far as somebody has asked.
#[derive(Clone, Copy)]
pub(super) struct Way<'a> {
    pub(super) design: &'a Design,
    pub(super) plan: &'a Plan,
    pub(super) outlines: &'a Outlines,
}

/// What got worse from one way to the other; `None` where all of this holds:
///
/// - each result is delivered by the same channels, and whatever of it was
///   made is made;
/// - the forms ask for no more fields and no more materials, cost no more
///   trips and appointments, and ask for nothing that was looked up or made;
/// - nothing new is asked but what `for_look_ups` lists: keys by which
///   registries are asked instead of the applicant;
/// - each step was there before, or does the work of some that were; it is done
///   by the same department and the same kind of hands, for competence is given
///   by law, and its limit is theirs, added up;
/// - a registry that is newly asked names its legal basis;
/// - a step with a stated legal effect is there and says so; where applications
///   were accepted they are;
/// - where the law puts one step before another, it comes before, as a step of
///   its own;
/// - where the law wants steps done by other people, they are two steps that
///   say so.
///
/// What is there, made, asked and ordered is compared in each class of answers.
/// The text names the field, the steps and the answers.
#[must_use]
pub fn worsened<'a>(
    was: Handling<'a>,
    is: Handling<'a>,
    for_look_ups: &BTreeSet<FieldPath>,
) -> Option<Text> {
    let outlines = [Outlines::default(), Outlines::default()];
    let way = |of: Handling<'a>, at: usize| Way {
        design: of.design,
        plan: of.plan,
        outlines: &outlines[at],
    };
    let was = way(was, 0);
    compared(was, was, way(is, 1), (for_look_ups, false))
}

/// See [`worsened`]. What was looked up or made before may be asked of whoever was asked for it
/// at `first`: it is no more than all of it took. Where `in_place_of_keys`, what was found by
/// something that is asked no more may be asked in its place: a number is not worth a name.
pub(super) fn compared(
    first: Way<'_>,
    was: Way<'_>,
    is: Way<'_>,
    (for_look_ups, in_place_of_keys): (&BTreeSet<FieldPath>, bool),
) -> Option<Text> {
    let steps = Steps::of(is);
    if let Some(text) = stated::worsened(was, &steps) {
        return Some(text);
    }
    let lasting = match stated::lasting(was, &steps) {
        Ok(lasting) => lasting,
        Err(text) => return Some(text),
    };
    let words = Words::of(was.plan);
    let fields = seen::Fields::of(was.plan, is.plan);
    let at_first = seen::Fields::of(first.plan, is.plan);
    let mut compared = BTreeSet::new();
    for answers in &classes_of([was.plan, first.plan, is.plan]).answers {
        let key = |plan| Scenario::key(plan, answers);
        if !compared.insert((key(first.plan), key(was.plan), key(is.plan))) {
            continue;
        }
        let asked_at_first = || seen::asked_at(first, &at_first, answers);
        let free = seen::Free {
            asked_at_first: &asked_at_first,
            for_look_ups,
            in_place_of_keys,
        };
        if let Some(text) = seen::worsened(was, is, answers, (&fields, &lasting), &free) {
            let class = words.told_all(answers);
            if class.en().is_empty() {
                return Some(text);
            }
            return Some(both(|lang| match lang {
                Lang::Zh => format!("{}（回答：{}）", text.zh(), class.zh()),
                Lang::En => format!("{} (answers: {})", text.en(), class.en()),
            }));
        }
    }
    None
}

/// The steps of the later way, found by the names of the earlier.
struct Steps<'a> {
    at: BTreeMap<&'a StepKey, usize>,
    is: Way<'a>,
}

impl<'a> Steps<'a> {
    fn of(is: Way<'a>) -> Self {
        let mut at = BTreeMap::new();
        for (number, step) in is.design.steps.iter().enumerate() {
            at.insert(&step.key, number);
            for part in &step.merges {
                at.insert(part, number);
            }
        }
        Self { at, is }
    }

    /// The step of this name, or the one it is part of.
    fn find(&self, key: &StepKey) -> Option<usize> {
        self.at.get(key).copied()
    }

    fn key(&self, at: usize) -> &'a StepKey {
        &self.is.design.steps[at].key
    }
}
