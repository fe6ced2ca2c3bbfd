//! The answer space: what applicants can answer, and conditions that fit it badly.
//!
//! - [`walk`]: whether there are answers for which something is so, and which are told apart
//! - [`search`]: how they are found, past what is ruled out
//! - [`words`]: a class in words that a designer understands
//! - [`conditions`]: conditions that never hold, comparisons that are always the
//!   same, conditions that hold where their question is not asked
//! - [`choices`]: answers that can never be given, options that make no difference
//! - [`outcomes`]: answers for which nothing is done, matters without a result, what
//!   the applicant would have to say in an officer's place
//!
//! Each check looks for answers to just those questions that it hangs on and for which
//! something is wrong, so that it is exact for services with far more scenarios than can
//! be gone through.

mod choices;
mod conditions;
mod outcomes;
mod search;
mod walk;
mod words;

use std::collections::BTreeSet;

use onething_plan::workload::{AnswerMix, Workload};
use onething_plan::{Answer, Cond, QuestionIx};

pub(crate) use self::search::{Ended, Search, Start};
pub(crate) use self::walk::{Example, Part, Space};
pub use self::words::Words;
use crate::diagnostic::{Code, Diagnostic, both};
use crate::graph::build::Built;
use crate::lower::Cx;
use crate::lower::symbols::Symbols;
use crate::review::Reviewed;
use crate::source::Span;

/// What a condition is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Question,
    Rule,
    Matter,
    Step,
}

/// A condition that somebody wrote.
struct Written<'a> {
    of: Of,
    /// The number of the question, rule or matter; of a step that of its matter.
    at: Option<usize>,
    name: &'a str,
    /// Where the condition is written, or what it is for where it is not.
    span: Span,
    /// The path of keys.
    field: String,
    /// As it is written.
    own: &'a Cond,
    /// With that of the matter.
    whole: &'a Cond,
}

/// The questions that conditions compare, in order.
pub(crate) fn questions(conds: &[&Cond]) -> Vec<usize> {
    let about: BTreeSet<usize> = conds.iter().flat_map(|cond| walk::compared(cond)).collect();
    about.into_iter().collect()
}

/// Everything that is written as a condition, each place once.
fn written<'a>(new: &'a Reviewed<'_>, old: Option<&'a Reviewed<'_>>) -> Vec<Written<'a>> {
    let mut all = Vec::new();
    for (at, question) in new.symbols.questions.iter().enumerate() {
        if let Some(span) = question.when_span {
            all.push(Written {
                of: Of::Question,
                at: Some(at),
                name: question.key.as_str(),
                span,
                field: format!("questions.{}.when", question.key.as_str()),
                own: &question.when,
                whole: &question.when,
            });
        }
    }
    for (at, rule) in new.symbols.impossible.iter().enumerate() {
        all.push(Written {
            of: Of::Rule,
            at: Some(at),
            name: "",
            span: rule.span,
            field: format!("impossible[{at}].when"),
            own: &rule.when,
            whole: &rule.when,
        });
    }
    for (at, matter) in new.symbols.matters.iter().enumerate() {
        if let Some(span) = matter.when_span {
            all.push(Written {
                of: Of::Matter,
                at: Some(at),
                name: matter.key.as_str(),
                span,
                field: format!("matters.{}.when", matter.key.as_str()),
                own: &matter.when,
                whole: &matter.when,
            });
        }
    }
    // A step of the old way that says nothing else is the new way's.
    let mut seen: BTreeSet<Span> = BTreeSet::new();
    for step in std::iter::once(new)
        .chain(old)
        .flat_map(|way| &way.spec.steps)
    {
        if let Some(span) = step.when_span
            && seen.insert(span)
        {
            all.push(Written {
                of: Of::Step,
                at: step.matter,
                name: step.key.as_str(),
                span,
                field: format!("steps.{}.when", step.key.as_str()),
                own: &step.own_when,
                whole: &step.when,
            });
        }
    }
    all
}

/// Checks the answer space of a service. Returns whether everything was looked at.
pub(crate) fn review(
    cx: &mut Cx<'_>,
    new: &Reviewed<'_>,
    old: Option<&Reviewed<'_>>,
    built: &Built,
) -> bool {
    let plan = &built.plan;
    let written = written(new, old);
    let conds = written.iter().map(|item| item.own);
    let mut space = Space::new(&plan.questions, &plan.impossible, &plan.reference, conds);
    let words = Words::new(&plan.questions, space.thresholds());
    conditions::review(cx, &written, &mut space, &words);
    choices::review(cx, new.symbols, &written, &mut space, &words);
    outcomes::review(cx, new, plan, &mut space, &words);
    space.is_exact()
}

/// Of the reference scenario: that it can be.
pub(crate) fn reference(cx: &mut Cx<'_>, symbols: &Symbols<'_>) {
    let Some(span) = symbols.reference_span else {
        return;
    };
    let answers = &symbols.reference;
    for (at, question) in symbols.questions.iter().enumerate() {
        // A condition that does not compile never holds, and was reported.
        let is_broken = question.when == Cond::Never;
        let is_answered = answers.get(QuestionIx::at(at)).is_some();
        if !is_answered || is_broken || question.when.holds(answers) {
            continue;
        }
        let name = question.key.as_str();
        let mut diagnostic = Diagnostic::new(
            Code::NotAsked,
            span,
            both!(
                "参考情形回答了 `{name}`，但按其他回答不会问到它",
                "the reference scenario answers `{name}`, which is not asked after its other answers",
            ),
        )
        .field(format!("reference.{name}"))
        .help(both!(
            "从 `reference` 中删除 `{name}`，或者改其他回答",
            "remove `{name}` from `reference`, or change the other answers",
        ));
        if let Some(when) = question.when_span {
            diagnostic = diagnostic.related(when, both!("只在此时才问", "it is asked only then"));
        }
        cx.report(diagnostic);
    }
    for rule in &symbols.impossible {
        if !rule.when.holds(answers) {
            continue;
        }
        let (zh, en) = (rule.because.zh(), rule.because.en());
        cx.report(
            Diagnostic::new(
                Code::ImpossibleAnswers,
                span,
                both!(
                    "参考情形的回答不可能同时成立：{zh}",
                    "the answers of the reference scenario cannot be: {en}",
                ),
            )
            .field("reference")
            .related(rule.span, both!("这里写明不可能", "ruled out here"))
            .help(both!(
                "改参考情形的回答，或者改 `impossible`",
                "change the answers of the reference scenario, or `impossible`",
            )),
        );
    }
}

/// Of the workload: that at least some of the applicants it draws can be.
pub(crate) fn workload(cx: &mut Cx<'_>, symbols: &Symbols<'_>, built: &Built, load: &Workload) {
    let plan = &built.plan;
    let Some(first) = symbols.impossible.first() else {
        return;
    };
    let mut space = Space::new(
        &plan.questions,
        &plan.impossible,
        &plan.reference,
        std::iter::empty(),
    );
    let mut limited = Vec::new();
    for (at, question) in plan.questions.iter().enumerate() {
        let mix = load.answers.iter().find(|(key, _)| *key == question.key);
        let drawn: Vec<Answer> = match mix.map(|(_, figure)| &figure.value) {
            Some(AnswerMix::Shares(shares)) => shares
                .iter()
                .filter(|(_, share)| *share > 0.0)
                .map(|(answer, _)| answer.clone())
                .collect(),
            // Whoever is not spoken of answers as in the reference.
            None => plan
                .reference
                .get(QuestionIx::at(at))
                .cloned()
                .into_iter()
                .collect(),
            Some(AnswerMix::Number(_)) => continue,
        };
        if !drawn.is_empty() {
            limited.push((at, drawn));
        }
    }
    for (at, drawn) in limited {
        space.limit(at, drawn);
    }
    match space.any() {
        Example::None => {}
        Example::Found(_) | Example::TooHard => return,
    }
    cx.report(
        Diagnostic::new(
            Code::OnlyImpossible,
            first.span,
            both!(
                "工作量中设定的回答全都不可能同时成立",
                "of the applicants that the workload describes, none can be",
            ),
        )
        .field("answers")
        .why(both!(
            "模拟只产生可能的回答",
            "a simulation draws only answers that can be",
        ))
        .help(both!(
            "改 `workload.yaml` 中 `answers` 的比例，或者改 `impossible`",
            "change the shares under `answers` in `workload.yaml`, or `impossible`",
        )),
    );
}
