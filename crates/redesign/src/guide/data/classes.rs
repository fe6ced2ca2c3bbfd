//! Classes of answers, between which no condition of a plan tells a difference, and the
//! condition that holds in some of them.

use std::collections::BTreeSet;

use onething_plan::{Answer, Answers, Cell, Compare, Cond, Plan, QuestionIx};

use super::formula::Bits;

/// The questions with those that decide whether they are asked, in order.
pub(super) fn closed(plan: &Plan, of: impl Iterator<Item = QuestionIx>) -> Vec<QuestionIx> {
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

/// For each question its cells, in order.
pub(super) fn cells(plan: &Plan) -> Vec<Vec<Cell>> {
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
    both.map(|(question, named)| question.kind.cells(named))
        .collect()
}

/// A class of answers: of each of its questions the cell, none where it is not asked.
pub(super) struct Class {
    pub(super) answers: Answers,
    pub(super) cells: Vec<Option<usize>>,
}

/// All classes of answers to these questions, in order; `None` beyond `most`.
pub(super) fn classes(
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
pub(super) fn tree(
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
pub(super) fn among(question: QuestionIx, cells: &[Cell], chosen: &[usize]) -> Cond {
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
pub(super) fn range(question: QuestionIx, cells: &[Cell], from: usize, to: usize) -> Cond {
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
