//! What several commands need of definitions: loading one, answering its questions.

use std::path::Path;
use std::sync::Arc;

use onething::{Definition, Problems, check};
use onething_engine::Fault;
use onething_model::Text;
use onething_plan::{Answers, Plan, Question, QuestionIx, Service};

use crate::failure::{Failure, FileAct};
use crate::given::{self, Given};
use crate::output::Output;
use crate::say::both;

/// The one service at a path. Its warnings are told, not shown: that is `check`'s task.
///
/// # Errors
/// The definition has errors, or there is none or several services.
pub(crate) fn one(path: &Path, out: &mut Output) -> Result<Definition, Failure> {
    let mut checked = check(path);
    not_several(path, &checked.services)?;
    if checked.services.is_empty() && checked.report.errors() == 0 {
        return Err(no_service(path));
    }
    let warnings = checked.report.warnings();
    match checked.definitions.pop() {
        Some(definition) if checked.report.errors() == 0 => {
            warn(path, warnings, out);
            Ok(definition)
        }
        _ => Err(Failure::definition(checked.report)),
    }
}

/// Refuses a path with several services.
///
/// # Errors
/// There are several.
pub(crate) fn not_several(path: &Path, services: &[String]) -> Result<(), Failure> {
    if services.len() < 2 {
        return Ok(());
    }
    let shown = path.display();
    let list = Text::list(services);
    Err(Failure::usage(both!(
        "`{shown}` 中有多件事：{list}",
        "`{shown}` holds several services: {list}"; list
    ))
    .help(both!(
        "指定其中一个的文件夹",
        "name the folder of one of them"
    )))
}

/// A path at and below which there are contracts, departments or calendars only.
pub(crate) fn no_service(path: &Path) -> Failure {
    let shown = path.display();
    Failure::usage(both!(
        "`{shown}` 及其下没有一件事的定义",
        "there is no service at or below `{shown}`",
    ))
    .help(both!(
        "指定有 `service.yaml` 的文件夹",
        "name a folder with a `service.yaml`",
    ))
}

/// Tells that there are warnings.
pub(crate) fn warn(path: &Path, warnings: usize, out: &mut Output) {
    if warnings > 0 {
        let shown = path.display();
        out.note(&both!(
            "定义有 {warnings} 个警告，用 `onething check {shown}` 查看",
            "the definition has {warnings} warning(s); see `onething check {shown}`",
        ));
    }
}

/// The old way of a service.
///
/// # Errors
/// The definition has none.
pub(crate) fn old(service: &Service) -> Result<&Arc<Plan>, Failure> {
    service.old.as_ref().ok_or_else(|| {
        Failure::no(both!(
            "此定义没有改革前的办法",
            "the definition does not describe the old way",
        ))
        .help(both!(
            "写在 `before.yaml` 中",
            "describe it in `before.yaml`"
        ))
    })
}

/// Writes an answer to a file, or to standard output.
///
/// # Errors
/// The file cannot be written.
pub(crate) fn write(text: &str, to: Option<&Path>, out: &mut Output) -> Result<(), Failure> {
    match to {
        Some(path) => {
            std::fs::write(path, text).map_err(|error| Failure::file(FileAct::Write, path, &error))
        }
        None => {
            out.text(text);
            Ok(())
        }
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Self::definition(Arc::clone(problems.report()))
    }
}

/// The answers that are given, completed from the reference scenario.
///
/// # Errors
/// As of [`given`](fn@given).
pub(crate) fn answers(plan: &Plan, texts: &[String]) -> Result<Answers, Failure> {
    Ok(plan.complete(&given(plan, texts)?))
}

/// The answers that are given, and no other.
///
/// # Errors
/// An unknown question, an answer of the wrong type, one to a question that is not
/// asked, one that is missing now, or answers that cannot be.
pub(crate) fn given(plan: &Plan, texts: &[String]) -> Result<Answers, Failure> {
    let mut stated = Answers::none(plan.questions.len());
    let mut wrong = Vec::new();
    for (name, given) in given::answers(texts)? {
        match answer(plan, &name, &given) {
            Ok((question, answer)) => stated.set(question, Some(answer)),
            Err(why) => wrong.push(Fault { what: name, why }),
        }
    }
    if !wrong.is_empty() {
        return Err(Failure::no(both!(
            "情形问题的回答不对",
            "answers to the scenario questions are wrong",
        ))
        .help(both!(
            "用 `--answer 问题=回答` 改正",
            "correct them with `--answer QUESTION=ANSWER`",
        ))
        .with_faults(wrong));
    }
    let mut answers = plan.complete(&stated);
    // What was left out, not being asked, is refused rather than dropped.
    for (question, answer) in stated.iter() {
        answers.set(question, Some(answer.clone()));
    }
    plan.check_answers(&answers).map_err(|faults| {
        let faults = faults.into_iter().map(|(question, why)| {
            let item = plan.question(question);
            let why = match answers.get(question) {
                Some(_) => why,
                None => unanswered(item),
            };
            let what = item.key.to_string();
            Fault { what, why }
        });
        Failure::no(both!(
            "情形问题的回答不完整、不对或互相矛盾",
            "the answers to the scenario questions are incomplete, wrong or contradict each other",
        ))
        .help(both!(
            "用 `--answer 问题=回答` 补齐或改正",
            "complete or change them with `--answer QUESTION=ANSWER`",
        ))
        .with_faults(faults.collect())
    })?;
    Ok(stated)
}

/// That a question is not answered, how it is asked, and what can be answered.
fn unanswered(question: &Question) -> Text {
    let (ask, expected) = (&question.ask, question.kind.expected());
    both!(
        "尚未回答；“{ask}”{expected}",
        "is not answered; “{ask}” {expected}";
        ask, expected
    )
}

/// The answer to a question, or why it cannot be one.
fn answer(
    plan: &Plan,
    name: &str,
    given: &Given,
) -> Result<(QuestionIx, onething_plan::Answer), Text> {
    let Some(question) = plan.find_question(name) else {
        let keys: Vec<_> = plan.questions.iter().map(|q| q.key.as_str()).collect();
        let (zh, en) = (keys.join("、"), keys.join(", "));
        return Err(both!(
            "没有这个情形问题；已有：{zh}",
            "there is no such question; there are: {en}",
        ));
    };
    let kind = &plan.question(question).kind;
    let answer = given.answer(kind).filter(|answer| kind.accepts(answer));
    let answer = answer.ok_or_else(|| kind.expected())?;
    Ok((question, answer))
}
