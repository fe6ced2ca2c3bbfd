//! For which answers a sentence of a proof is true: each that speaks of an applicant is computed
//! answer by answer, told for the answers for which it is true, and not at all where there are none.

use std::collections::BTreeMap;

use onething_definition::classes::{Words, classes_of};
use onething_model::{FieldPath, MatterKey, StepKey, Text};
use onething_plan::{Answer, Answers, QuestionIx, Scenario};

use super::by_class::given;
use super::kept::Way;
use super::pairs::{Pairs, few};

/// What a sentence of a proof says of one applicant, as data.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// R1: two applications or more asked for it.
    Twice(FieldPath),
    /// R1: one application asked for what was looked up for another.
    AskedThoughFetched(FieldPath),
    /// R1: it was asked on an application of some answers only, read by no step, and is asked no more.
    LeftOff(FieldPath),
    /// R1: what one matter made was brought to the application of another.
    Carried(FieldPath),
    /// R1: it was asked, is looked up once for all, and is asked no more.
    FoundOnce(FieldPath),
    /// R1: the applicant gave from elsewhere what another matter made later, and gives it no more.
    MadeElsewhere(FieldPath),
    /// R1: the old order of two steps or more ran against the data.
    Against,
    /// R1: handing in cost more trips than it does.
    Trips,
    /// R1: where the first matter is refused, the case ends, and what was made of the second, which
    /// had been delivered before it, is delivered no more.
    Undelivered(MatterKey, MatterKey),
    /// R1: where the first is refused or ends, the second falls with it, and did not; matters, or
    /// steps of none, by name.
    Falls(String, String),
    /// R4: nobody but steps that are left out needed it, and it is neither asked nor looked up any
    /// more.
    Unneeded(FieldPath),
    /// R4: a step that cost trips is left out.
    Spared(StepKey),
    /// R2: it is asked, and was asked of nobody.
    Newly(FieldPath),
    /// R2: it was asked, and follows from what is there.
    Follows(FieldPath),
    /// R2: it is looked up, where it is no more for some of those who were asked for it.
    LookedUp(FieldPath),
    /// R3: it was asked or looked up, and is no more.
    Dropped(FieldPath),
    /// Any rule: it was asked, and nobody knows it any more.
    Unasked(FieldPath),
    /// R5: the second, a step or an application, waited for the first by habit, and no longer does.
    Freed(StepKey, StepKey),
}

/// What is said, and for whom.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// What is said.
    pub what: What,
    /// For which answers.
    pub scope: Scope,
}

/// The answers for which something is true, some at least.
#[derive(Debug, Clone, PartialEq)]
pub struct Scope {
    /// Answers that were looked at, and whether it is true for them: a set for each pair of
    /// scenarios that the two ways tell apart and for which something is done.
    pub looked_at: Vec<(Answers, bool)>,
    /// Whether no other answers tell scenarios apart.
    pub whole: bool,
    named: Text,
}

impl Scope {
    /// Whether it is true for all who apply.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.looked_at.iter().all(|(_, holds)| *holds)
    }

    /// For whom it is true, in brackets; empty where that is everybody.
    pub(super) fn told(&self) -> &Text {
        &self.named
    }

    /// The sets of answers for which it is true, by position.
    pub(super) fn at(&self) -> impl Iterator<Item = usize> + '_ {
        let all = self.looked_at.iter().enumerate();
        all.filter(|(_, (_, holds))| *holds).map(|(at, _)| at)
    }
}

/// Those who apply, by the answers that two ways tell apart.
pub(super) struct Applicants<'a> {
    words: Words<'a>,
    /// Answers for each pair of scenarios for which the first way has something to do.
    pub(super) answers: Vec<Answers>,
    /// All classes of answers, with the position of their pair.
    classes: Vec<(Answers, usize)>,
    /// Whether these are all.
    pub(super) whole: bool,
    /// The questions that tell classes apart.
    told: Vec<QuestionIx>,
}

impl<'a> Applicants<'a> {
    /// All of them.
    pub(super) fn of(ways: [Way<'a>; 2]) -> Self {
        Self::at_most(usize::MAX, ways)
    }

    /// As many as [`Pairs`] looks at, for what takes long to find out.
    pub(super) fn some(ways: [Way<'a>; 2]) -> Self {
        Self::at_most(Pairs::MOST, ways)
    }

    fn at_most(most: usize, ways: [Way<'a>; 2]) -> Self {
        let first = ways[0].plan;
        let all = classes_of(ways.map(|way| way.plan));
        let mut whole = all.exhaustive;
        let mut seen = BTreeMap::new();
        let mut answers: Vec<Answers> = Vec::new();
        let mut by_class = Vec::new();
        for (number, one) in all.answers.into_iter().enumerate() {
            let key = ways.map(|way| Scenario::key(way.plan, &one));
            let at = *seen.entry(key).or_insert_with(|| {
                if answers.len() == most {
                    whole = false;
                    return None;
                }
                let outline = ways[0].outlines.of(first, &one);
                outline.steps().next()?;
                answers.push(one.clone());
                Some(answers.len() - 1)
            });
            // The reference scenario comes again among all classes.
            let again = number == 0 && all.exhaustive;
            if let Some(at) = at.filter(|_| !again) {
                by_class.push((one, at));
            }
        }
        Self {
            words: Words::of(first),
            answers,
            classes: by_class,
            whole,
            told: all.told,
        }
    }

    /// For whom something is true; `None` where that is nobody.
    pub(super) fn scope(&self, mut is_true: impl FnMut(usize, &Answers) -> bool) -> Option<Scope> {
        let all = self.answers.iter().enumerate();
        let looked_at: Vec<(Answers, bool)> = all
            .map(|(at, answers)| (answers.clone(), is_true(at, answers)))
            .collect();
        let (_, first) = looked_at
            .iter()
            .enumerate()
            .find(|(_, (_, holds))| *holds)?;
        let is_all = looked_at.iter().all(|(_, holds)| *holds);
        let named = match is_all {
            true => Text::new("", ""),
            false => self.named(&looked_at, &first.0),
        };
        let few = few(self.whole, self.answers.len());
        let named = Text::new(
            format!("{}{}", named.zh(), few.zh()),
            format!("{}{}", named.en(), few.en()),
        );
        Some(Scope {
            looked_at,
            whole: self.whole,
            named,
        })
    }

    /// The answers for which something is true, by one or two of them where that is exact.
    fn named(&self, looked_at: &[(Answers, bool)], first: &Answers) -> Text {
        let is = |at: &usize| looked_at[*at].1;
        let mut parts: Vec<(QuestionIx, Option<&Answer>)> = Vec::new();
        for question in &self.told {
            let begins = parts.len();
            for (answers, _) in &self.classes {
                let part = (*question, answers.get(*question));
                if !parts[begins..].contains(&part) {
                    parts.push(part);
                }
            }
        }
        let has = |answers: &Answers, (question, answer): (QuestionIx, Option<&Answer>)| {
            answers.get(question) == answer
        };
        let exactly = |says: &dyn Fn(&Answers) -> bool| {
            let mut all = self.classes.iter();
            all.all(|(answers, at)| says(answers) == is(at))
        };
        let say = |(question, answer): (QuestionIx, Option<&Answer>)| {
            let mut classes = self.classes.iter();
            let with = classes.find(|(answers, _)| has(answers, (question, answer)));
            with.map(|(answers, _)| self.words.told(answers, &[question.index()]))
                .unwrap_or_default()
        };
        // Of answers that were not looked at nobody knows.
        if !self.whole {
            parts.clear();
        }
        for one in &parts {
            if exactly(&|answers| has(answers, *one)) {
                return only(&say(*one));
            }
        }
        for (at, one) in parts.iter().enumerate() {
            for other in &parts[at + 1..] {
                let (first, second) = (say(*one), say(*other));
                let joined = |zh: &str, en: &str| {
                    Text::new(
                        format!("{}{zh}{}", first.zh(), second.zh()),
                        format!("{}{en}{}", first.en(), second.en()),
                    )
                };
                if exactly(&|answers| has(answers, *one) && has(answers, *other)) {
                    return only(&joined("，且 ", " and "));
                }
                if exactly(&|answers| has(answers, *one) || has(answers, *other)) {
                    return only(&joined("，或 ", " or "));
                }
            }
        }
        let first = self.words.told_all(first);
        Text::new(
            format!("（部分回答，如：{}）", first.zh()),
            format!(" (for some answers, such as {})", first.en()),
        )
    }
}

fn only(answers: &Text) -> Text {
    Text::new(
        format!("（回答：{}）", answers.zh()),
        format!(" (for the answers {})", answers.en()),
    )
}

/// The least and the most of some numbers: `4`, or `2 to 4`.
pub(super) fn range(numbers: impl IntoIterator<Item = u64>) -> Text {
    let (mut least, mut most) = (u64::MAX, 0);
    for number in numbers {
        (least, most) = (least.min(number), most.max(number));
    }
    if least >= most {
        return Text::new(most.to_string(), most.to_string());
    }
    Text::new(format!("{least} 到 {most}"), format!("{least} to {most}"))
}

impl What {
    /// The field that it speaks of.
    pub(super) const fn field(&self) -> Option<&FieldPath> {
        match self {
            Self::Twice(field)
            | Self::AskedThoughFetched(field)
            | Self::Unneeded(field)
            | Self::LeftOff(field)
            | Self::Carried(field)
            | Self::FoundOnce(field)
            | Self::MadeElsewhere(field)
            | Self::Unasked(field)
            | Self::Newly(field)
            | Self::Follows(field)
            | Self::LookedUp(field)
            | Self::Dropped(field) => Some(field),
            Self::Trips
            | Self::Against
            | Self::Undelivered(..)
            | Self::Falls(..)
            | Self::Spared(_)
            | Self::Freed(..) => None,
        }
    }
}

/// What was asked or looked up and is no more, of those fields that `of` names.
pub(super) fn gone(
    was: Way<'_>,
    is: Way<'_>,
    what: fn(FieldPath) -> What,
    of: impl Fn(&FieldPath) -> bool,
) -> Vec<Claim> {
    let all = Applicants::of([was, is]);
    let each: Vec<[Vec<bool>; 2]> = all
        .answers
        .iter()
        .map(|answers| [was, is].map(|way| given(way, answers)))
        .collect();
    let fields = was.plan.fields.iter().enumerate();
    let claims = fields.filter_map(|(at, field)| {
        let path = Some(&field.path).filter(|path| of(path))?;
        let now = is.plan.find_field(path);
        let scope = all.scope(|number, _| {
            let [then, later] = &each[number];
            then[at] && !now.is_some_and(|now| later[now.index()])
        })?;
        Some(Claim {
            what: what(path.clone()),
            scope,
        })
    });
    claims.collect()
}

/// Claims by the answers for which they are true, those for all applicants first.
pub(super) fn by_scope(claims: &[Claim]) -> Vec<(&Scope, Vec<&Claim>)> {
    let mut groups: Vec<(&Scope, Vec<&Claim>)> = Vec::new();
    for claim in claims {
        match groups.iter_mut().find(|(scope, _)| **scope == claim.scope) {
            Some((_, group)) => group.push(claim),
            None => groups.push((&claim.scope, vec![claim])),
        }
    }
    groups.sort_by_key(|(scope, _)| !scope.is_all());
    groups
}

#[cfg(test)]
mod tests {
    use onething_definition::design::{Design, Reasons, Registries};
    use onething_plan::builder::PlanBuilder;
    use onething_plan::{Actor, Cond, Handled, Impossible};

    use super::super::draft::Outlines;
    use super::*;

    /// Whoever is asked for a licence has no other: that is not for whom it is, though of the
    /// answers that were looked at each has just one of the two.
    #[test]
    fn whom_it_is_for_is_told_by_what_a_step_hangs_on() {
        let mut b = PlanBuilder::new("shop");
        let (other, new, sign) = (b.yes_no("other"), b.yes_no("new"), b.yes_no("sign"));
        b.step("review", Actor::Officer).when(Cond::yes(new));
        b.step("sign", Actor::Officer).when(Cond::yes(sign));
        b.step("always", Actor::Officer);
        let plan = b.plan_mut();
        plan.reference.set(other, Some(Answer::YesNo(false)));
        plan.impossible.push(Impossible {
            when: Cond::yes(other).and(Cond::yes(new)),
            because: Text::default(),
        });
        let mut plan = b.build();
        let design = Design {
            way: onething_plan::Way::Old,
            handled: Handled::Together,
            intakes: Vec::new(),
            steps: Vec::new(),
            fetched: Registries::All,
            delivers: Vec::new(),
            limits: Vec::new(),
            joint_inspections: Vec::new(),
            reasons: Reasons::default(),
        };
        for usual in [false, true] {
            plan.reference.set(other, Some(Answer::YesNo(usual)));
            plan.reference.set(new, Some(Answer::YesNo(!usual)));
            let way = Way {
                design: &design,
                plan: &plan,
                outlines: &Outlines::default(),
            };
            let all = Applicants::of([way, way]);
            let is_new = |answers: &Answers| answers.get(new) == Some(&Answer::YesNo(true));
            let scope = all.scope(|_, answers| is_new(answers)).unwrap();
            assert_eq!(scope.told().en(), " (for the answers new = yes)");
        }
    }
}
