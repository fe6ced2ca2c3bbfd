//! How applicants answer a scenario question.

use onething_plan::workload::{AnswerMix, Workload};
use onething_plan::{Answer, Plan, QuestionIx, QuestionType};

use super::{Error, find, probability};
use crate::distribution::Distribution;
use crate::draw::{CaseDraws, Purpose, StepHash};
use crate::warning::Warning;

#[derive(Debug)]
pub(super) struct QuestionSetting {
    hash: StepHash,
    mix: Mix,
}

#[derive(Debug)]
enum Mix {
    Always(Option<Answer>),
    /// Answers with cumulative shares.
    Shares(Vec<(Answer, f64)>),
    Number(Distribution, Option<f64>, Option<f64>),
}

impl QuestionSetting {
    pub(super) fn answer(&self, draws: CaseDraws, round: u32) -> Option<Answer> {
        let u = || draws.uniform(self.hash, Purpose::ANSWER.nth(round));
        match &self.mix {
            Mix::Always(answer) => answer.clone(),
            Mix::Shares(shares) => {
                let u = u();
                let place = shares.partition_point(|(_, share)| *share <= u);
                shares
                    .get(place)
                    .or(shares.last())
                    .map(|(answer, _)| answer.clone())
            }
            Mix::Number(distribution, min, max) => {
                let number = libm::rint(distribution.sample(u()));
                let number = min.map_or(number, |min| number.max(min));
                Some(Answer::Number(max.map_or(number, |max| number.min(max))))
            }
        }
    }
}

/// Looks up how often each answer is given; a question without figures is
/// answered as in the reference scenario, with a warning.
pub(super) fn question_setting(
    plan: &Plan,
    workload: &Workload,
    question: QuestionIx,
    warnings: &mut Vec<Warning>,
) -> Result<QuestionSetting, Error> {
    let item = plan.question(question);
    let what = || format!("answers: {}", item.key);
    let mix = match find(&workload.answers, &item.key) {
        None => {
            warnings.push(Warning::NoMix {
                question: item.key.to_string(),
            });
            Mix::Always(plan.reference.get(question).cloned())
        }
        Some(AnswerMix::Shares(shares)) => {
            let mut sum = 0.0;
            let mut cumulative = Vec::with_capacity(shares.len());
            for (answer, share) in shares {
                sum += probability(Some(share), what)?;
                cumulative.push((answer.clone(), sum));
            }
            Mix::Shares(cumulative)
        }
        Some(AnswerMix::Number(distribution)) => {
            let distribution =
                Distribution::try_from(distribution).map_err(|source| Error::Distribution {
                    what: what(),
                    source,
                })?;
            match item.kind {
                QuestionType::Number { min, max } => Mix::Number(distribution, min, max),
                QuestionType::YesNo | QuestionType::Choice(_) => {
                    Mix::Number(distribution, None, None)
                }
            }
        }
    };
    Ok(QuestionSetting {
        hash: StepHash::of(item.key.as_str()),
        mix,
    })
}
