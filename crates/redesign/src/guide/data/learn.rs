//! When something is part of a case, as a condition over the answers.
//!
//! Who takes part follows from each step's own condition, but what the forms ask does
//! not stand anywhere as one: it follows from who reads a field, who makes it before
//! and which registry holds it. That is decided by [`Outline::resolve`] alone, for one
//! set of answers. So it is asked for each class of answers to the questions that can
//! make a difference, and the condition is what holds in just those classes: exact,
//! whatever the rules are, as long as [`Near`] knows what they look at.

use std::collections::{BTreeMap, BTreeSet};

use onething_model::Text;
use onething_plan::{Cond, FieldIx, Outline, Plan, QuestionIx, Source, StepIx};

use super::classes::{cells, classes, closed, tree};
use super::formula::{self, Bits, Term};
use super::near::Near;
use crate::guide::unasked;

/// A service with no more classes of answers than these is gone through at once.
const FEW_CLASSES: usize = 1_024;

/// Classes of the answers that one condition hangs on, at most.
const MAX_CLASSES: usize = 65_536;

/// Steps times classes in all, at most: some seconds' worth.
const MAX_WORK: usize = 60_000_000;

/// A condition hangs on more classes of answers than are gone through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TooManyAnswers {
    /// How many questions it hangs on.
    pub questions: usize,
}

impl TooManyAnswers {
    /// What is wrong, for people.
    #[must_use]
    pub fn text(&self) -> Text {
        let questions = self.questions;
        Text::new(
            format!("有一项是否要填取决于 {questions} 个问题的回答，组合太多，无法逐一写成条件"),
            format!(
                "whether something is asked hangs on the answers to {questions} questions, too many combinations to write as a condition"
            ),
        )
    }

    /// What to do, for people.
    #[must_use]
    pub fn help(&self) -> Text {
        Text::new(
            "减少情形问题，或用 --format text、markdown、html",
            "ask fewer questions, or use --format text, markdown or html",
        )
    }
}

/// What a condition is wanted for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wanted {
    /// One of these steps is part of the case.
    Active(Vec<StepIx>),
    /// A form asks a field, or a registry is asked for it.
    Asked(StepIx, FieldIx),
    /// It does, and the field cannot be done without.
    Required(StepIx, FieldIx),
    /// A step reads a field as it follows from another one.
    Derived(FieldIx),
    /// A form comes as well where a step that makes a key is refused.
    Unasked(StepIx, StepIx),
}

impl Wanted {
    fn holds(&self, plan: &Plan, outline: &Outline) -> bool {
        let asked = |node: StepIx, field: FieldIx| {
            let asked = outline.form(node).iter().find(|asked| asked.field == field);
            asked.filter(|_| outline.is_active(node))
        };
        match self {
            Self::Active(steps) => steps.iter().any(|step| outline.is_active(*step)),
            Self::Asked(node, field) => asked(*node, *field).is_some(),
            Self::Required(node, field) => {
                asked(*node, *field).is_some_and(|asked| !asked.optional)
            }
            Self::Unasked(form, maker) => unasked::opens(plan, outline, *form, *maker),
            Self::Derived(field) => outline.steps().any(|step| {
                let mut sources = outline.sources(step).iter();
                sources.any(|(read, from)| read == field && matches!(from, Source::Derived(_)))
            }),
        }
    }
}

/// The conditions of everything that is wanted.
///
/// # Errors
/// One of them hangs on too many classes of answers.
pub(super) fn conditions(
    plan: &Plan,
    wanted: BTreeSet<Wanted>,
) -> Result<BTreeMap<Wanted, Cond>, TooManyAnswers> {
    conditions_of(plan, wanted, FEW_CLASSES)
}

/// The same, where a service of up to `few` classes is gone through at once.
fn conditions_of(
    plan: &Plan,
    wanted: BTreeSet<Wanted>,
    few: usize,
) -> Result<BTreeMap<Wanted, Cond>, TooManyAnswers> {
    let near = Near::new(plan);
    let cells = cells(plan);
    let mut open: BTreeMap<Vec<QuestionIx>, Vec<(Wanted, Vec<&Cond>)>> = BTreeMap::new();
    let all = closed(plan, (0..plan.questions.len()).map(QuestionIx::at));
    let at_once = classes(plan, &cells, &all, few).is_some();
    for item in wanted {
        let terms = near.conditions(&item);
        let questions = if at_once {
            all.clone()
        } else {
            let mut about = Vec::new();
            for cond in &terms {
                cond.each_atom(&mut |question, _| about.push(question));
            }
            closed(plan, about.into_iter())
        };
        open.entry(questions).or_default().push((item, terms));
    }
    let mut found = BTreeMap::new();
    let mut work = 0_usize;
    for (questions, items) in open {
        let too_many = || TooManyAnswers {
            questions: questions.len(),
        };
        let Some(classes) = classes(plan, &cells, &questions, MAX_CLASSES) else {
            for (item, _) in items {
                let cond = near.read_off(&item).ok_or_else(too_many)?;
                found.insert(item, cond);
            }
            continue;
        };
        work = work.saturating_add(classes.len().saturating_mul(plan.steps.len()));
        if work > MAX_WORK {
            return Err(too_many());
        }
        let mut holds = vec![Bits::none(classes.len()); items.len()];
        for (at, class) in classes.iter().enumerate() {
            let outline = Outline::resolve(plan, &class.answers);
            for ((item, _), holds) in items.iter().zip(&mut holds) {
                if item.holds(plan, &outline) {
                    holds.set(at);
                }
            }
        }
        for ((item, terms), holds) in items.into_iter().zip(holds) {
            let terms: Vec<Term> = terms
                .into_iter()
                .map(|cond| {
                    let mut holds = Bits::none(classes.len());
                    for (at, class) in classes.iter().enumerate() {
                        if cond.holds(&class.answers) {
                            holds.set(at);
                        }
                    }
                    let cond = cond.clone();
                    Term { cond, holds }
                })
                .collect();
            let cond = formula::of_terms(&holds, &terms)
                .unwrap_or_else(|| tree(&cells, &questions, &classes, 0, &holds, 0));
            found.insert(item, cond);
        }
    }
    Ok(found)
}

#[cfg(test)]
#[path = "../../../tests/guide_data/plans.rs"]
mod plans;

#[cfg(test)]
mod tests {
    use onething_plan::Actor;
    use onething_plan::builder::PlanBuilder;

    use super::*;

    fn everything(plan: &Plan) -> BTreeSet<Wanted> {
        let fields = || (0..plan.fields.len()).map(FieldIx::at);
        let mut wanted = BTreeSet::new();
        for step in plan.step_numbers() {
            wanted.insert(Wanted::Active(vec![step]));
            if plan.is_derived(step) {
                wanted.extend(fields().map(|field| Wanted::Asked(step, field)));
                wanted.extend(fields().map(|field| Wanted::Required(step, field)));
                let makers = unasked::makers(plan, step).into_iter();
                wanted.extend(makers.map(|maker| Wanted::Unasked(step, maker)));
            }
        }
        wanted
    }

    /// Also where each condition is worked out from the questions near it alone.
    #[test]
    fn what_is_near_is_all_that_makes_a_difference() {
        let (mut differ, mut read_off) = (0, 0);
        for seed in 0..150 {
            let plan = plans::plan(seed);
            let near = conditions_of(&plan, everything(&plan), 0).unwrap();
            for answers in plans::every_answer(&plan) {
                let outline = Outline::resolve(&plan, &answers);
                for (wanted, cond) in &near {
                    let holds = wanted.holds(&plan, &outline);
                    assert_eq!(
                        cond.holds(&answers),
                        holds,
                        "seed {seed}: {wanted:?} {cond:?}"
                    );
                }
            }
            // What is read off without trying any answers is the same.
            let questions = Near::new(&plan);
            for (wanted, cond) in &near {
                let Some(read) = questions.read_off(wanted) else {
                    continue;
                };
                read_off += 1;
                for answers in plans::every_answer(&plan) {
                    assert_eq!(
                        cond.holds(&answers),
                        read.holds(&answers),
                        "seed {seed}: {wanted:?} {read:?}"
                    );
                }
            }
            differ += near
                .values()
                .filter(|cond| !matches!(cond, Cond::Always | Cond::Never))
                .count();
        }
        assert!(differ > 500 && read_off > 500, "{differ}, {read_off}");
    }

    #[test]
    fn questions_that_do_not_matter_do_not_count() {
        let mut b = PlanBuilder::new("many");
        for at in 0..40 {
            let question = b.yes_no(&format!("q{at}"));
            let field = b.field(&format!("f{at}"));
            b.step(&format!("s{at}"), Actor::Officer)
                .when(Cond::yes(question))
                .reads(field);
        }
        let plan = b.build();
        let apply = plan.find_step("apply").unwrap();
        let wanted = (0..40).map(|at| Wanted::Asked(apply, FieldIx(at)));
        for (wanted, cond) in conditions(&plan, wanted.collect()).unwrap() {
            let Wanted::Asked(_, field) = wanted else {
                panic!("{wanted:?}")
            };
            assert_eq!(cond, Cond::yes(QuestionIx(field.0)));
        }
    }

    /// A field that 40 steps read, each under a question of its own.
    fn phone(by_number: bool) -> Result<Cond, TooManyAnswers> {
        let mut b = PlanBuilder::new("phone");
        let phone = b.field("phone");
        let name = b.field("name");
        if by_number {
            b.look_up("register", &[phone], &[name]);
        }
        for at in 0..40 {
            let question = b.yes_no(&format!("q{at}"));
            b.step(&format!("s{at}"), Actor::Officer)
                .when(Cond::yes(question))
                .reads(phone)
                .reads(name);
        }
        let plan = b.build();
        let apply = plan.find_step("apply").unwrap();
        let asked = Wanted::Asked(apply, phone);
        conditions(&plan, BTreeSet::from([asked.clone()]))
            .map(|mut found| found.remove(&asked).unwrap())
    }

    #[test]
    fn what_hangs_on_too_many_questions_is_read_off_or_says_so() {
        let Cond::Any(parts) = phone(false).unwrap() else {
            panic!("one of 40")
        };
        assert_eq!(parts.len(), 40);
        assert_eq!(phone(true).unwrap_err().questions, 40);
    }
}
