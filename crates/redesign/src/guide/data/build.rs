//! From a plan to its form description.

use std::collections::{BTreeMap, BTreeSet};

use onething_model::Text;
use onething_plan::{
    Actor, Answers, Cond, DepartmentIx, FieldIx, Limits, LookUp, MatterIx, Plan, QuestionIx,
    QuestionType, StepIx, SubmissionKind,
};

use super::condition::{Condition, Test};
use super::learn::{TooManyAnswers, Wanted, conditions};
use super::notice::NoticeData;
use super::parts::{
    AskedData, DatumData, DepartmentData, DerivedData, FetchedData, FetchedField, FormData,
    FormKind, ImpossibleData, LimitData, MatterData, QuestionData, QuestionKind, ReaderData,
    ReasonData, ResultData, SourceData, SourceKind, StepData, StepWork, UnaskedData,
};
use super::{FORMAT, GuideData};
use crate::guide::field::{OptionGuide, constraints, expected, kind, sensitivity};
use crate::guide::unasked;
use crate::words;

/// What can be on a form or be looked up: of each such step the fields, in the order
/// of the plan, from a reader's own reads.
fn possible(plan: &Plan) -> BTreeMap<StepIx, BTreeSet<FieldIx>> {
    let mut possible: BTreeMap<StepIx, BTreeSet<FieldIx>> = BTreeMap::new();
    for step in plan.step_numbers() {
        let item = plan.step(step);
        // Whatever a step reads may be on the form of its application.
        let asked = possible.entry(item.scope).or_default();
        for read in &item.reads {
            asked.insert(read.field);
            // Or what it follows from.
            asked.extend(plan.field(read.field).derived.map(|derived| derived.from));
        }
        if let Actor::LookUp(look_up) = &item.actor {
            possible.entry(step).or_default().extend(&item.writes);
            if let Some(fallback) = look_up.fallback {
                possible.entry(fallback).or_default().extend(&item.writes);
            }
        }
    }
    possible.retain(|step, _| plan.is_derived(*step));
    for form in plan.forms() {
        let item = plan.step(form);
        if plan.is_stated_in(form) {
            possible.insert(form, item.writes.iter().copied().collect());
        }
    }
    possible
}

/// Finds the conditions that were worked out before.
struct Known<'a> {
    plan: &'a Plan,
    found: BTreeMap<Wanted, Cond>,
}

impl Known<'_> {
    fn get(&self, wanted: &Wanted) -> &Cond {
        self.found.get(wanted).unwrap_or(&Cond::Never)
    }

    fn condition(&self, wanted: &Wanted) -> Option<Condition> {
        Condition::new(self.plan, self.get(wanted))
    }

    fn is_possible(&self, wanted: &Wanted) -> bool {
        *self.get(wanted) != Cond::Never
    }

    /// Whether a field is ever read as it follows from another one.
    fn may_follow(&self, field: FieldIx) -> bool {
        let follows = self.found.get(&Wanted::Derived(field));
        follows.is_some_and(|cond| *cond != Cond::Never)
    }

    fn active(&self, step: StepIx) -> Wanted {
        Wanted::Active(vec![step])
    }

    /// Of what is part of `whole` a condition of its own, if it has one.
    fn within(&self, whole: &Wanted, part: &Wanted) -> Option<Condition> {
        if self.get(whole) == self.get(part) {
            None
        } else {
            self.condition(part)
        }
    }

    /// Whether what is asked must be given, a test that need hold only where it is asked.
    fn required(&self, asked: &Wanted, required: &Wanted) -> Test {
        if self.get(asked) == self.get(required) {
            Test::Constant(true)
        } else {
            Test::new(self.plan, self.get(required))
        }
    }
}

pub(super) fn data(plan: &Plan, given: &Answers) -> Result<GuideData, TooManyAnswers> {
    let possible = possible(plan);
    let mut wanted: BTreeSet<Wanted> = BTreeSet::new();
    for (step, fields) in &possible {
        for field in fields {
            wanted.insert(Wanted::Asked(*step, *field));
            wanted.insert(Wanted::Required(*step, *field));
        }
        let makers = unasked::makers(plan, *step).into_iter();
        wanted.extend(makers.map(|maker| Wanted::Unasked(*step, maker)));
    }
    let follows = |field: &FieldIx| plan.field(*field).derived.is_some();
    let follows = (0..plan.fields.len()).map(FieldIx::at).filter(follows);
    wanted.extend(follows.map(Wanted::Derived));
    let steps = plan.step_numbers();
    wanted.extend(steps.map(|step| Wanted::Active(vec![step])));
    let matters: Vec<(MatterIx, Wanted)> = (0..plan.matters.len())
        .map(MatterIx::at)
        .map(|matter| (matter, Wanted::Active(steps_of(plan, matter))))
        .collect();
    wanted.extend(matters.iter().map(|(_, wanted)| wanted.clone()));
    let makers: Vec<Vec<StepIx>> = plan
        .deliveries
        .iter()
        .map(|delivery| plan.makers(delivery.what).collect())
        .collect();
    wanted.extend(makers.iter().cloned().map(Wanted::Active));
    let known = Known {
        plan,
        found: conditions(plan, wanted)?,
    };
    let forms = forms(plan, &known, &possible);
    let fetched = fetched(plan, &known, &possible);
    Ok(GuideData {
        format: FORMAT.to_owned(),
        service: plan.service.clone(),
        version: plan.version.clone(),
        digest: plan.digest,
        title: plan.title.clone(),
        owner: department(plan, plan.owner),
        questions: questions(plan),
        impossible: impossible(plan),
        data: datums(plan, &known, &forms, &fetched),
        derived: derived(plan, &known),
        matters: matters
            .iter()
            .filter(|(_, wanted)| known.is_possible(wanted))
            .map(|(matter, wanted)| matter_data(plan, *matter, known.condition(wanted)))
            .collect(),
        steps: plan
            .step_numbers()
            .filter(|step| known.is_possible(&known.active(*step)))
            .map(|step| step_data(plan, &known, step))
            .collect(),
        forms,
        fetched,
        results: results(plan, &known, &makers),
        notice: NoticeData::new(plan, given),
    })
}

fn department(plan: &Plan, department: DepartmentIx) -> DepartmentData {
    let item = plan.department(department);
    DepartmentData {
        key: item.key.to_string(),
        title: item.title.clone(),
    }
}

/// Who does a step; of a submission, who accepts it.
fn department_of(plan: &Plan, step: StepIx) -> Option<DepartmentData> {
    crate::guide::department(plan, step).map(|view| DepartmentData {
        key: view.key.to_string(),
        title: view.title,
    })
}

fn questions(plan: &Plan) -> Vec<QuestionData> {
    let numbered = plan.questions.iter().enumerate();
    numbered
        .map(|(at, question)| {
            let (kind, options, min, max) = match &question.kind {
                QuestionType::YesNo => (QuestionKind::YesNo, Vec::new(), None, None),
                QuestionType::Number { min, max } => (QuestionKind::Number, Vec::new(), *min, *max),
                QuestionType::Choice(options) => {
                    let options = options.iter().map(|(key, title)| OptionGuide {
                        key: key.to_string(),
                        title: title.clone(),
                    });
                    (QuestionKind::Choice, options.collect(), None, None)
                }
            };
            QuestionData {
                key: question.key.clone(),
                ask: question.ask.clone(),
                r#type: kind,
                options,
                min,
                max,
                when: Condition::new(plan, &question.when),
                reference: plan.reference.get(QuestionIx::at(at)).cloned(),
            }
        })
        .collect()
}

fn impossible(plan: &Plan) -> Vec<ImpossibleData> {
    let rules = plan.impossible.iter();
    rules
        .map(|rule| ImpossibleData {
            when: Condition::new(plan, &rule.when).unwrap_or_else(|| Condition {
                test: Test::Constant(true),
                text: Text::new("任何情形", "always"),
            }),
            because: rule.because.clone(),
        })
        .collect()
}

fn steps_of(plan: &Plan, matter: MatterIx) -> Vec<StepIx> {
    let of_matter = |step: &StepIx| plan.step(*step).matter == Some(matter);
    plan.step_numbers().filter(of_matter).collect()
}

fn limit(limits: &Limits) -> Option<LimitData> {
    Some(LimitData {
        promised: limits.promised.map(|limit| limit.to_string()),
        statutory: limits.statutory.map(|limit| limit.to_string()),
        basis: limits.basis.clone(),
        text: words::limits(limits)?,
    })
}

fn matter_data(plan: &Plan, matter: MatterIx, when: Option<Condition>) -> MatterData {
    let item = plan.matter(matter);
    MatterData {
        key: item.key.clone(),
        title: item.title.clone(),
        code: item.code.clone(),
        department: department(plan, item.department),
        when,
        limit: limit(&item.limit),
    }
}

fn step_data(plan: &Plan, known: &Known<'_>, step: StepIx) -> StepData {
    let item = plan.step(step);
    StepData {
        key: item.key.clone(),
        title: plan.step(step).title.clone(),
        kind: match &item.actor {
            Actor::Submission(submission) => match submission.kind {
                SubmissionKind::Application => StepWork::Submission,
                SubmissionKind::Fallback(_) => StepWork::Fallback,
            },
            Actor::LookUp(_) => StepWork::LookUp,
            Actor::System => StepWork::System,
            Actor::Officer => StepWork::Officer,
            Actor::Applicant => StepWork::Applicant,
            Actor::Outside => StepWork::Outside,
        },
        department: department_of(plan, step),
        matter: item.matter.map(|matter| plan.matter(matter).key.clone()),
        when: known.condition(&known.active(step)),
        limit: limit(&item.limit),
        visits: item.visits,
        attended: item.attended,
    }
}

fn forms(
    plan: &Plan,
    known: &Known<'_>,
    possible: &BTreeMap<StepIx, BTreeSet<FieldIx>>,
) -> Vec<FormData> {
    let mut forms = Vec::new();
    for (step, fields) in possible {
        let item = plan.step(*step);
        let (kind, look_up) = match &item.actor {
            Actor::Submission(submission) => match submission.kind {
                SubmissionKind::Application => (FormKind::Application, None),
                SubmissionKind::Fallback(look_up) => {
                    (FormKind::IfNotFound, Some(plan.step(look_up).key.clone()))
                }
            },
            Actor::Applicant => (FormKind::OwnStep, None),
            Actor::LookUp(_) | Actor::System | Actor::Officer | Actor::Outside => continue,
        };
        let whole = known.active(*step);
        if !known.is_possible(&whole) {
            continue;
        }
        let (mut plain, mut materials) = (Vec::new(), Vec::new());
        for field in fields {
            let asked = Wanted::Asked(*step, *field);
            if !known.is_possible(&asked) {
                continue;
            }
            let data = AskedData {
                field: plan.field(*field).path.clone(),
                when: known.within(&whole, &asked),
                required: known.required(&asked, &Wanted::Required(*step, *field)),
            };
            if plan.field(*field).is_material() {
                materials.push(data);
            } else {
                plain.push(data);
            }
        }
        forms.push(FormData {
            step: item.key.clone(),
            title: item.title.clone(),
            kind,
            department: department_of(plan, *step),
            when: known.condition(&whole),
            look_up,
            after_refusal: after_refusal(plan, known, &whole, *step),
            fields: plain,
            materials,
        });
    }
    forms
}

/// The steps after whose refusal a form comes as well.
fn after_refusal(plan: &Plan, known: &Known<'_>, whole: &Wanted, form: StepIx) -> Vec<UnaskedData> {
    let makers = unasked::makers(plan, form).into_iter();
    let wanted = makers.map(|maker| (maker, Wanted::Unasked(form, maker)));
    wanted
        .filter(|(_, wanted)| known.is_possible(wanted))
        .map(|(maker, wanted)| UnaskedData {
            step: plan.step(maker).key.clone(),
            when: known.within(whole, &wanted),
        })
        .collect()
}

fn fetched(
    plan: &Plan,
    known: &Known<'_>,
    possible: &BTreeMap<StepIx, BTreeSet<FieldIx>>,
) -> Vec<FetchedData> {
    let mut all = Vec::new();
    for (step, fields) in possible {
        let item = plan.step(*step);
        let Actor::LookUp(look_up) = &item.actor else {
            continue;
        };
        let whole = known.active(*step);
        if !known.is_possible(&whole) {
            continue;
        }
        let fields = fields.iter().filter_map(|field| {
            let asked = Wanted::Asked(*step, *field);
            known.is_possible(&asked).then(|| FetchedField {
                field: plan.field(*field).path.clone(),
                when: known.within(&whole, &asked),
                required: known.required(&asked, &Wanted::Required(*step, *field)),
            })
        });
        let role = plan.role(look_up.role);
        let form = look_up.fallback.unwrap_or(item.scope);
        all.push(FetchedData {
            step: item.key.clone(),
            title: plan.step(*step).title.clone(),
            registry: look_up.registry.clone(),
            registry_title: look_up.title.clone(),
            department: department_of(plan, *step),
            role: role.key.clone(),
            subject: role.title.clone(),
            when: known.condition(&whole),
            keys: paths(plan, look_up),
            fields: fields.collect(),
            if_not_found: plan.step(form).key.clone(),
            basis: look_up.basis.clone(),
        });
    }
    all
}

fn paths(plan: &Plan, look_up: &LookUp) -> Vec<onething_model::FieldPath> {
    let keys = look_up.keys.iter();
    keys.map(|key| plan.field(*key).path.clone()).collect()
}

fn derived(plan: &Plan, known: &Known<'_>) -> Vec<DerivedData> {
    let fields = (0..plan.fields.len()).map(FieldIx::at);
    let derived = fields.filter(|field| known.may_follow(*field));
    let derived = derived.filter_map(|field| {
        let derived = plan.field(field).derived?;
        Some(DerivedData {
            field: plan.field(field).path.clone(),
            when: known.condition(&Wanted::Derived(field)),
            from: plan.field(derived.from).path.clone(),
            r#as: derived.by.as_str().to_owned(),
            part: derived.by.part(),
            standard: derived.by.standard().to_owned(),
        })
    });
    derived.collect()
}

fn results(plan: &Plan, known: &Known<'_>, makers: &[Vec<StepIx>]) -> Vec<ResultData> {
    let both = plan.deliveries.iter().zip(makers);
    both.filter_map(|(delivery, makers)| {
        let wanted = Wanted::Active(makers.clone());
        let role = plan.role(delivery.what);
        let keys = makers.iter().map(|step| plan.step(*step).key.clone());
        known.is_possible(&wanted).then(|| ResultData {
            role: role.key.clone(),
            title: role.title.clone(),
            when: known.condition(&wanted),
            steps: keys.collect(),
            by: delivery
                .by
                .iter()
                .map(|by| by.as_str().to_owned())
                .collect(),
        })
    })
    .collect()
}

/// Everything that is on a form or looked up, or follows from that.
fn datums(
    plan: &Plan,
    known: &Known<'_>,
    forms: &[FormData],
    fetched: &[FetchedData],
) -> Vec<DatumData> {
    let asked = forms
        .iter()
        .flat_map(|form| form.fields.iter().chain(&form.materials))
        .map(|asked| &asked.field);
    let looked_up = fetched
        .iter()
        .flat_map(|item| item.fields.iter().map(|field| &field.field));
    let keys = fetched.iter().flat_map(|item| &item.keys);
    let named: BTreeSet<_> = asked.chain(looked_up).chain(keys).collect();
    let fields = (0..plan.fields.len()).map(FieldIx::at);
    fields
        .filter(|field| named.contains(&plan.field(*field).path) || known.may_follow(*field))
        .map(|field| datum(plan, known, field))
        .collect()
}

fn datum(plan: &Plan, known: &Known<'_>, field: FieldIx) -> DatumData {
    let item = plan.field(field);
    let role = plan.role(item.role);
    let is_active = |step: &&StepIx| known.is_possible(&known.active(**step));
    let source = |kind, step: StepIx| SourceData {
        kind,
        step: plan.step(step).key.clone(),
        from: None,
    };
    let made = |field: FieldIx| {
        let makers = plan.field(field).producers.iter().filter(is_active);
        makers.map(|step| match plan.is_stated_in(*step) {
            true => (SourceKind::Applicant, *step),
            false => (SourceKind::Step, *step),
        })
    };
    let unmade = |field: FieldIx| {
        let look_ups = plan.field(field).lookups.iter().filter(is_active);
        let submissions = plan.step_numbers().filter(move |step| {
            let asked = Wanted::Asked(*step, field);
            matches!(plan.step(*step).actor, Actor::Submission(_)) && known.is_possible(&asked)
        });
        let look_ups = look_ups.map(|step| (SourceKind::Registry, *step));
        look_ups.chain(submissions.map(|step| (SourceKind::Applicant, step)))
    };
    let from = item.derived.map(|derived| derived.from);
    let from = from.filter(|_| known.may_follow(field)).into_iter();
    let derived = from.flat_map(|from| {
        made(from)
            .chain(unmade(from))
            .map(move |(_, step)| SourceData {
                from: Some(plan.field(from).path.clone()),
                ..source(SourceKind::Derived, step)
            })
    });
    // In the order in which they are looked for.
    let made = made(field).map(|(kind, step)| source(kind, step));
    let unmade = unmade(field).map(|(kind, step)| source(kind, step));
    let readers = plan.step_numbers().filter(|step| {
        let mut reads = plan.step(*step).reads.iter();
        reads.any(|read| read.field == field) && known.is_possible(&known.active(*step))
    });
    DatumData {
        field: item.path.clone(),
        role: role.key.clone(),
        subject: role.title.clone(),
        title: item.title.clone(),
        r#type: kind(&item.kind),
        constraints: constraints(&item.kind),
        expected: expected(&item.kind),
        sensitivity: sensitivity(item.sensitivity),
        example: item.example.clone(),
        sources: made.chain(derived).chain(unmade).collect(),
        readers: readers
            .map(|step| {
                let reader = crate::why::reader(plan, step, field);
                ReaderData {
                    step: reader.step,
                    optional: reader.optional,
                    grants: reader.grants.into_iter().map(Into::into).collect(),
                }
            })
            .collect(),
        why_asked: crate::why::reasons(plan, field)
            .into_iter()
            .filter_map(|reason| {
                let unless = reason.unless.iter();
                let unless = unless.map(|step| known.get(&known.active(*step)).clone());
                let when = match (Cond::any(unless), reason.with) {
                    (Cond::Always, _) => return None,
                    (Cond::Never, Some(step)) if !known.is_possible(&known.active(step)) => {
                        return None;
                    }
                    (Cond::Never, with) => {
                        with.and_then(|step| known.condition(&known.active(step)))
                    }
                    (cond, _) => Condition::new(plan, &Cond::Not(Box::new(cond))),
                };
                let text = reason.text;
                Some(ReasonData { when, text })
            })
            .collect(),
    }
}
