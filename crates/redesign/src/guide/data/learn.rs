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
use onething_plan::{
    Actor, Answer, Answers, Compare, Cond, FieldIx, Outline, Plan, Question, QuestionIx,
    QuestionType, RoleIx, Source, StepIx, SubmissionKind,
};

use super::formula::{self, Bits, Term};
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

/// What can make a difference to whether a field is asked.
struct Near<'a> {
    plan: &'a Plan,
    /// For each field: the steps that read it, and those that make it, look-ups among
    /// them.
    readers: Vec<Vec<StepIx>>,
    makers: Vec<Vec<StepIx>>,
    /// For each field: what it follows from, and what follows from it.
    kin: Vec<Vec<FieldIx>>,
    /// For each submission, the steps that it starts.
    scopes: BTreeMap<StepIx, Vec<StepIx>>,
    /// For each role, the look-ups about it.
    of_role: BTreeMap<RoleIx, Vec<StepIx>>,
}

impl<'a> Near<'a> {
    fn new(plan: &'a Plan) -> Self {
        let none = vec![Vec::new(); plan.fields.len()];
        let mut near = Self {
            plan,
            readers: none.clone(),
            makers: none,
            kin: vec![Vec::new(); plan.fields.len()],
            scopes: BTreeMap::new(),
            of_role: BTreeMap::new(),
        };
        for (at, field) in plan.fields.iter().enumerate() {
            if let Some(derived) = field.derived {
                near.kin[at].push(derived.from);
                near.kin[derived.from.index()].push(FieldIx::at(at));
            }
        }
        for step in plan.step_numbers() {
            let item = plan.step(step);
            near.scopes.entry(item.scope).or_default().push(step);
            for read in &item.reads {
                near.readers[read.field.index()].push(step);
            }
            for field in &item.writes {
                near.makers[field.index()].push(step);
            }
            if let Actor::LookUp(look_up) = &item.actor {
                near.of_role.entry(look_up.role).or_default().push(step);
            }
        }
        near
    }

    /// The conditions that it can hang on, those that say most of it first, each once.
    fn conditions(&self, wanted: &Wanted) -> Vec<&'a Cond> {
        let mut steps: Vec<StepIx> = Vec::new();
        let mut fields: Vec<FieldIx> = Vec::new();
        match wanted {
            Wanted::Active(of) => steps.extend(of),
            Wanted::Unasked(form, maker) => steps.extend([*form, *maker]),
            // Whoever is asked for the sake of a reader is part of the case with it.
            Wanted::Asked(_, field) | Wanted::Required(_, field) | Wanted::Derived(field) => {
                fields.push(*field);
            }
        }
        let mut at = 0;
        let mut next = 0;
        let mut known: BTreeSet<StepIx> = BTreeSet::new();
        let mut known_fields: BTreeSet<FieldIx> = BTreeSet::new();
        // Derived steps are part of the case for the sake of others.
        while at < steps.len() || next < fields.len() {
            if let Some(field) = fields.get(next).copied() {
                next += 1;
                if known_fields.insert(field) {
                    steps.extend(&self.readers[field.index()]);
                    steps.extend(&self.makers[field.index()]);
                    fields.extend(&self.kin[field.index()]);
                }
                continue;
            }
            let step = steps[at];
            at += 1;
            if !known.insert(step) {
                continue;
            }
            let item = self.plan.step(step);
            // What a refusal ends is what needs what is not made, and the rest of its matter.
            if matches!(wanted, Wanted::Unasked(..)) {
                fields.extend(item.reads.iter().map(|read| read.field));
                let mates = self.plan.step_numbers().filter(|other| {
                    item.matter.is_some() && self.plan.step(*other).matter == item.matter
                });
                steps.extend(mates);
            }
            match &item.actor {
                Actor::LookUp(look_up) => {
                    fields.extend(look_up.keys.iter().chain(&item.writes));
                    // Registries that know the same subject stand in for each other.
                    steps.extend(self.of_role.get(&look_up.role).into_iter().flatten());
                }
                Actor::Submission(submission) => {
                    steps.extend(self.scopes.get(&step).into_iter().flatten());
                    if let SubmissionKind::Fallback(look_up) = submission.kind {
                        steps.push(look_up);
                    }
                }
                Actor::System | Actor::Officer | Actor::Applicant | Actor::Outside => {}
            }
        }
        let mut found: Vec<&Cond> = Vec::new();
        let mut add = |cond: &'a Cond| {
            if *cond != Cond::Always && !found.contains(&cond) {
                found.push(cond);
            }
        };
        let written = steps.iter().filter(|step| !self.plan.is_derived(**step));
        for step in written {
            let item = self.plan.step(*step);
            add(&item.when);
        }
        let written = steps.iter().filter(|step| !self.plan.is_derived(**step));
        for step in written {
            let item = self.plan.step(*step);
            if let Some(matter) = item.matter {
                add(&self.plan.matter(matter).when);
            }
            if let Cond::All(parts) = &item.when {
                parts.iter().for_each(&mut add);
            }
        }
        found
    }

    /// The condition of what takes no resolving, whatever it hangs on: a written step is
    /// part of the case when it says so, an application when one of its steps is, and a
    /// field that nobody makes and no registry knows is asked when somebody reads it.
    fn read_off(&self, wanted: &Wanted) -> Option<Cond> {
        let whens = |steps: &[StepIx]| -> Option<Vec<Cond>> {
            let written = |step: &StepIx| !self.plan.is_derived(*step);
            let all = steps.iter().all(written);
            all.then(|| {
                steps
                    .iter()
                    .map(|step| self.plan.step(*step).when.clone())
                    .collect()
            })
        };
        let application = |step: StepIx| match &self.plan.step(step).actor {
            Actor::Submission(of) => of.kind == SubmissionKind::Application,
            Actor::LookUp(_)
            | Actor::System
            | Actor::Officer
            | Actor::Applicant
            | Actor::Outside => false,
        };
        let started = |step: StepIx| -> Option<Vec<Cond>> {
            let steps = self.scopes.get(&step).into_iter().flatten().copied();
            let written: Vec<StepIx> = steps.filter(|step| !self.plan.is_derived(*step)).collect();
            whens(&written)
        };
        let conds = match wanted {
            Wanted::Active(steps) => match steps[..] {
                [only] if application(only) => started(only)?,
                _ => whens(steps)?,
            },
            Wanted::Asked(form, field) | Wanted::Required(form, field) => {
                let at = field.index();
                // What follows from something is asked or not for more reasons than that.
                let follows = !self.kin[at].is_empty();
                if !application(*form) || !self.makers[at].is_empty() || follows {
                    return None;
                }
                let any = matches!(wanted, Wanted::Asked(..));
                let mut readers = self.readers[at].clone();
                readers.retain(|reader| {
                    let item = self.plan.step(*reader);
                    let mut reads = item.reads.iter();
                    item.scope == *form
                        && reads.any(|read| read.field == *field && (any || !read.optional))
                });
                let own = readers.iter().any(|reader| reader == form);
                readers.retain(|reader| reader != form);
                let mut conds = whens(&readers)?;
                if own {
                    conds.extend(started(*form)?);
                }
                conds
            }
            Wanted::Derived(_) | Wanted::Unasked(..) => return None,
        };
        let mut parts: Vec<Cond> = Vec::new();
        for cond in conds {
            if cond == Cond::Always {
                return Some(Cond::Always);
            }
            if !parts.contains(&cond) {
                parts.push(cond);
            }
        }
        Some(match (parts.pop(), parts.is_empty()) {
            (None, _) => Cond::Never,
            (Some(only), true) => only,
            (Some(last), false) => {
                parts.push(last);
                Cond::Any(parts)
            }
        })
    }
}

/// The questions with those that decide whether they are asked, in order.
fn closed(plan: &Plan, of: impl Iterator<Item = QuestionIx>) -> Vec<QuestionIx> {
    let mut found: BTreeSet<QuestionIx> = BTreeSet::new();
    let mut open: Vec<QuestionIx> = of.collect();
    while let Some(question) = open.pop() {
        if question.index() < plan.questions.len() && found.insert(question) {
            let when = &plan.question(question).when;
            when.each_atom(&mut |other, _| open.push(other));
        }
    }
    found.into_iter().collect()
}

/// Answers to a question between which no condition of the plan tells a difference.
#[derive(Debug, Clone)]
struct Cell {
    /// One of them.
    answer: Answer,
    /// For numbers: the last bound at or below, and whether the answers lie above it.
    below: Option<(f64, bool)>,
    /// For numbers: the first bound at or above, and whether the answers lie below it.
    above: Option<(f64, bool)>,
}

/// For each question its cells, in order.
fn cells(plan: &Plan) -> Vec<Vec<Cell>> {
    let mut named: Vec<Vec<f64>> = vec![Vec::new(); plan.questions.len()];
    let steps = plan.steps.iter().map(|step| &step.when);
    let matters = plan.matters.iter().map(|matter| &matter.when);
    let questions = plan.questions.iter().map(|question| &question.when);
    for cond in steps.chain(matters).chain(questions) {
        cond.each_atom(&mut |question, values| {
            for value in values {
                if let (Answer::Number(number), Some(named)) =
                    (value, named.get_mut(question.index()))
                {
                    named.push(*number);
                }
            }
        });
    }
    let both = plan.questions.iter().zip(named);
    both.map(|(question, named)| cells_of(question, named))
        .collect()
}

fn cells_of(question: &Question, mut named: Vec<f64>) -> Vec<Cell> {
    let simple = |answer| Cell {
        answer,
        below: None,
        above: None,
    };
    let (min, max) = match &question.kind {
        QuestionType::YesNo => {
            return [true, false].map(Answer::YesNo).map(simple).to_vec();
        }
        QuestionType::Choice(options) => {
            let options = options.iter().map(|(key, _)| Answer::Choice(key.clone()));
            return options.map(simple).collect();
        }
        QuestionType::Number { min, max } => (*min, *max),
    };
    named.sort_by(f64::total_cmp);
    named.dedup();
    let mut cells = Vec::new();
    let mut add = |number: f64, below, above| {
        let answer = Answer::Number(number);
        if question.kind.accepts(&answer) {
            cells.push(Cell {
                answer,
                below,
                above,
            });
        }
    };
    let mut last: Option<f64> = None;
    for bound in named.iter().copied().map(Some).chain([None]) {
        // Between the last bound and this one, within what can be answered.
        let low = match (last, min) {
            (Some(last), Some(min)) => Some(last.max(min)),
            (last, min) => last.or(min),
        };
        let high = match (bound, max) {
            (Some(bound), Some(max)) => Some(bound.min(max)),
            (bound, max) => bound.or(max),
        };
        let between = match (low, high) {
            (Some(low), Some(high)) => low + (high - low) / 2.0,
            (Some(low), None) => low + 1.0,
            (None, Some(high)) => high - 1.0,
            (None, None) => 0.0,
        };
        let inside =
            last.is_none_or(|last| between > last) && bound.is_none_or(|bound| between < bound);
        if inside {
            let at = |bound: Option<f64>| bound.map(|bound| (bound, true));
            add(between, at(last), at(bound));
        }
        if let Some(bound) = bound {
            add(bound, Some((bound, false)), Some((bound, false)));
        }
        last = bound;
    }
    cells
}

/// A class of answers: of each of its questions the cell, none where it is not asked.
struct Class {
    answers: Answers,
    cells: Vec<Option<usize>>,
}

/// All classes of answers to these questions, in order; `None` beyond `most`.
fn classes(
    plan: &Plan,
    cells: &[Vec<Cell>],
    questions: &[QuestionIx],
    most: usize,
) -> Option<Vec<Class>> {
    let mut found = vec![Class {
        answers: Answers::none(plan.questions.len()),
        cells: Vec::new(),
    }];
    for question in questions {
        let mut next = Vec::with_capacity(found.len());
        for class in found {
            let of = &cells[question.index()];
            if of.is_empty() || !plan.question(*question).when.holds(&class.answers) {
                let mut cells = class.cells;
                cells.push(None);
                next.push(Class { cells, ..class });
                continue;
            }
            for (at, cell) in of.iter().enumerate() {
                let mut answers = class.answers.clone();
                answers.set(*question, Some(cell.answer.clone()));
                let mut cells = class.cells.clone();
                cells.push(Some(at));
                next.push(Class { answers, cells });
            }
            if next.len() > most {
                return None;
            }
        }
        found = next;
    }
    Some(found)
}

/// The condition as a tree of questions: for each answer what the others decide then.
/// `classes` are those that agree in the questions before `level`; the first of them is
/// number `from` in `holds`.
fn tree(
    cells: &[Vec<Cell>],
    questions: &[QuestionIx],
    classes: &[Class],
    level: usize,
    holds: &Bits,
    from: usize,
) -> Cond {
    let first = holds.get(from);
    if (from..from + classes.len()).all(|at| holds.get(at) == first) {
        return if first { Cond::Always } else { Cond::Never };
    }
    // After the same answers a question is asked of all or of none.
    let asked = |level: &usize| classes[0].cells[*level].is_some();
    let Some(level) = (level..questions.len()).find(asked) else {
        return Cond::Never;
    };
    let question = questions[level];
    // What follows, with the cells after which it does.
    let mut then: Vec<(Cond, Vec<usize>)> = Vec::new();
    let mut at = 0;
    while at < classes.len() {
        let cell = classes[at].cells[level];
        let rest = &classes[at..];
        let alike = rest.iter().take_while(|class| class.cells[level] == cell);
        let count = alike.count();
        let cond = tree(
            cells,
            questions,
            &rest[..count],
            level + 1,
            holds,
            from + at,
        );
        at += count;
        let Some(cell) = cell else {
            continue;
        };
        match then.iter_mut().find(|(known, _)| *known == cond) {
            Some((_, cells)) => cells.push(cell),
            None => then.push((cond, vec![cell])),
        }
    }
    let of = &cells[question.index()];
    let mut parts: Vec<Cond> = Vec::new();
    for (cond, chosen) in then {
        if cond == Cond::Never {
            continue;
        }
        parts.push(among(question, of, &chosen).and(cond));
    }
    match (parts.pop(), parts.is_empty()) {
        (None, _) => Cond::Never,
        (Some(only), true) => only,
        (Some(last), false) => {
            parts.push(last);
            Cond::Any(parts)
        }
    }
}

/// That the answer lies in one of the chosen cells.
fn among(question: QuestionIx, cells: &[Cell], chosen: &[usize]) -> Cond {
    if chosen.len() == cells.len() {
        return Cond::Always;
    }
    let answers: Vec<Answer> = chosen.iter().map(|at| cells[*at].answer.clone()).collect();
    let number = |answer: &Answer| matches!(answer, Answer::Number(_));
    if !answers.iter().any(number) {
        return match <[Answer; 1]>::try_from(answers) {
            Ok([only]) => Cond::Compare(question, Compare::Equal, only),
            Err(several) => Cond::In(question, several),
        };
    }
    let mut parts = Vec::new();
    let mut at = 0;
    while at < chosen.len() {
        let from = chosen[at];
        let mut to = from;
        while chosen.get(at + 1) == Some(&(to + 1)) {
            at += 1;
            to += 1;
        }
        at += 1;
        parts.push(range(question, cells, from, to));
    }
    match (parts.pop(), parts.is_empty()) {
        (Some(only), true) => only,
        (last, _) => Cond::Any(parts.into_iter().chain(last).collect()),
    }
}

/// That the number lies in the cells `from` to `to`.
fn range(question: QuestionIx, cells: &[Cell], from: usize, to: usize) -> Cond {
    let compare = |how, bound| Cond::Compare(question, how, Answer::Number(bound));
    let (low, high) = (cells[from].below, cells[to].above);
    if let (Some((low, false)), Some((high, false))) = (low, high)
        && from == to
        && low.total_cmp(&high).is_eq()
    {
        return compare(Compare::Equal, low);
    }
    let low = low.filter(|_| from > 0).map(|(bound, beyond)| {
        compare(
            if beyond {
                Compare::Greater
            } else {
                Compare::AtLeast
            },
            bound,
        )
    });
    let high = high
        .filter(|_| to + 1 < cells.len())
        .map(|(bound, beyond)| {
            compare(
                if beyond {
                    Compare::Less
                } else {
                    Compare::AtMost
                },
                bound,
            )
        });
    low.unwrap_or_default().and(high.unwrap_or_default())
}

#[cfg(test)]
#[path = "../../../tests/guide_data/plans.rs"]
mod plans;

#[cfg(test)]
mod tests {
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
