//! What the form comes to for one set of answers.

use onething_model::{FieldPath, MatterKey, QuestionKey, RoleKey, StepKey, Text};
use onething_plan::{Answer, Answers, Plan, QuestionIx, QuestionType, Scenario};

use super::described::described;
use crate::guide::fetched::spares;
use crate::guide::{FieldGuide, FormGuide, Guide, Spares};

described! {
    /// What it comes to for these answers.
    pub struct NoticeData {
        /// The answers that it is for: those that were given, and those that were assumed.
        pub answers: Vec<AnswerData>,
        /// The first question that is asked and was not answered; null: none is left.
        pub next_question: Option<QuestionKey>,
        /// What other answers would change; of a question at most 24, of numbers the nearest.
        pub other_answers: Vec<OtherData>,
        /// Answers that cannot go with the others that were given.
        pub excluded: Vec<ExcludedData>,
        /// The matters of the case.
        pub matters: Vec<MatterKey>,
        /// The steps of the case.
        pub steps: Vec<StepKey>,
        /// The forms of the case, with what they ask.
        pub forms: Vec<NoticeForm>,
        /// The look-ups of the case, with what they look up.
        pub fetched: Vec<NoticeFetched>,
        /// What follows from something else in this case.
        pub derived: Vec<FieldPath>,
        /// The results, by role.
        pub results: Vec<RoleKey>,
        /// How long it takes by the limits.
        pub time: TimeData,
        /// Trips to an office in all.
        pub visits: u32,
        /// Applications in all.
        pub submissions: usize,
        /// What is known of fees.
        pub fees: Text,
    }

    /// An answer.
    pub struct AnswerData {
        /// The question.
        pub question: QuestionKey,
        /// The answer.
        pub answer: Answer,
        /// The answer in words.
        pub text: Text,
        /// Whether it is not the applicant's, but stands in for it: that of the reference scenario, or another where that cannot be.
        pub assumed: bool,
    }

    /// What another answer would change. Where it opens further questions: what it changes whatever is answered to them.
    pub struct OtherData {
        /// The question.
        pub question: QuestionKey,
        /// The other answer; for a number, one of those with this effect.
        pub answer: Answer,
        /// The other answer in words.
        pub text: Text,
        /// Questions that may be asked then and are not asked now, in order.
        pub opens: Vec<QuestionKey>,
        /// Whether what else it changes depends on the answers to those questions.
        pub depends: bool,
        /// Matters, materials, fields, trips and appointments that would be added.
        pub adds: Vec<Text>,
        /// Matters, materials, fields, trips and appointments that would be dropped.
        pub drops: Vec<Text>,
        /// Fields and materials that may be left out, and would have to be given.
        pub requires: Vec<Text>,
        /// Fields and materials that have to be given, and might be left out.
        pub frees: Vec<Text>,
        /// Whether nothing is left to apply for with it.
        pub nothing_left: bool,
    }

    /// An answer that cannot be.
    pub struct ExcludedData {
        /// The question.
        pub question: QuestionKey,
        /// The answer; for a number, one of those that cannot be.
        pub answer: Answer,
        /// The answer in words.
        pub text: Text,
        /// Why not, as the definition says it.
        pub because: Text,
    }

    /// What a form asks.
    pub struct NoticeForm {
        /// The form.
        pub step: StepKey,
        /// The data, materials last.
        pub fields: Vec<NoticeField>,
    }

    /// A datum of the case.
    pub struct NoticeField {
        /// Which one.
        pub field: FieldPath,
        /// Whether it must be given.
        pub required: bool,
    }

    /// What a look-up looks up.
    pub struct NoticeFetched {
        /// The look-up.
        pub step: StepKey,
        /// The data.
        pub fields: Vec<NoticeFetchedField>,
    }

    /// A datum that is looked up.
    pub struct NoticeFetchedField {
        /// Which one.
        pub field: FieldPath,
        /// Whether it must be given where the registry has nothing.
        pub required: bool,
        /// What it spares the applicant.
        pub spares: Spares,
    }

    /// How long it takes by the limits.
    pub struct TimeData {
        /// Working days from the first submission to the last result at most; null where no step has a limit that counts.
        pub working_days: Option<f64>,
        /// The steps that decide it, one after the other.
        pub path: Vec<PathData>,
        /// What the number leaves out.
        pub notes: Vec<Text>,
    }

    /// A step that decides how long it takes.
    pub struct PathData {
        /// The step.
        pub step: StepKey,
        /// Its limit in working days.
        pub working_days: f64,
    }
}

impl NoticeData {
    /// What the plan comes to for these answers, without the form that it is a part of.
    #[must_use]
    pub fn new(plan: &Plan, given: &Answers) -> Self {
        data(plan, given)
    }
}

fn data(plan: &Plan, given: &Answers) -> NoticeData {
    let answers = plan.complete(given);
    let scenario = Scenario::resolve(plan, &answers);
    let guide = Guide::new(plan, given);
    let answered = guide.questions.iter().filter_map(|question| {
        Some(AnswerData {
            question: question.key.clone(),
            answer: question.answer.clone()?,
            text: question.answer_text.clone()?,
            assumed: question.assumed,
        })
    });
    let others = guide.questions.iter().flat_map(|question| {
        question.changes.iter().map(|change| OtherData {
            question: question.key.clone(),
            answer: change.answer.clone(),
            text: change.answer_text.clone(),
            opens: change.opens.clone(),
            depends: change.depends,
            adds: change.adds.clone(),
            drops: change.drops.clone(),
            requires: change.requires.clone(),
            frees: change.frees.clone(),
            nothing_left: change.nothing_left,
        })
    });
    let excluded = guide.questions.iter().flat_map(|question| {
        question.excluded.iter().map(|excluded| ExcludedData {
            question: question.key.clone(),
            answer: excluded.answer.clone(),
            text: excluded.answer_text.clone(),
            because: excluded.because.clone(),
        })
    });
    let forms = guide.forms.iter().chain(&guide.own_forms);
    let forms = forms.chain(&guide.later_forms);
    NoticeData {
        answers: answered.collect(),
        next_question: next_question(plan, given),
        other_answers: others.collect(),
        excluded: excluded.collect(),
        matters: guide.matters.iter().map(|item| item.key.clone()).collect(),
        steps: scenario
            .steps()
            .iter()
            .map(|step| plan.step(*step).key.clone())
            .collect(),
        forms: forms.map(form).collect(),
        fetched: scenario
            .steps()
            .iter()
            .filter(|step| matches!(plan.step(**step).actor, onething_plan::Actor::LookUp(_)))
            .map(|step| NoticeFetched {
                step: plan.step(*step).key.clone(),
                fields: scenario
                    .form(*step)
                    .iter()
                    .map(|asked| NoticeFetchedField {
                        field: plan.field(asked.field).path.clone(),
                        required: !asked.optional,
                        spares: spares(plan, &scenario, *step, asked.field),
                    })
                    .collect(),
            })
            .collect(),
        derived: guide
            .derived
            .iter()
            .map(|item| item.field.field.clone())
            .collect(),
        results: guide.results.iter().map(|item| item.role.clone()).collect(),
        time: TimeData {
            working_days: guide.time.working_days,
            path: guide
                .time
                .steps
                .iter()
                .map(|(step, thousandths)| PathData {
                    step: step.clone(),
                    working_days: *thousandths as f64 / 1_000.0,
                })
                .collect(),
            notes: guide.time.notes.clone(),
        },
        visits: guide.visits,
        submissions: guide.submissions,
        fees: guide.fees,
    }
}

/// The first question that is asked after the answers to those before it, and not answered.
fn next_question(plan: &Plan, given: &Answers) -> Option<QuestionKey> {
    let mut answers = Answers::none(plan.questions.len());
    for (at, question) in plan.questions.iter().enumerate() {
        if !question.when.holds(&answers) {
            continue;
        }
        let ix = QuestionIx::at(at);
        let fits = |kind: &QuestionType| given.get(ix).filter(|answer| kind.accepts(answer));
        match fits(&question.kind) {
            Some(answer) => answers.set(ix, Some(answer.clone())),
            None => return Some(question.key.clone()),
        }
    }
    None
}

fn form(form: &FormGuide) -> NoticeForm {
    let field = |field: &FieldGuide| NoticeField {
        field: field.field.clone(),
        required: field.required,
    };
    NoticeForm {
        step: form.step.clone(),
        fields: form
            .fields
            .iter()
            .chain(&form.materials)
            .map(field)
            .collect(),
    }
}
