//! A step with the figures that the workload states for it.

use onething_model::{MatterKey, StepKey, Text};
use onething_plan::workload::Workload;
use onething_plan::{Actor, MatterIx, Plan, Scenario, StepIx, SubmissionKind};

use super::staff::Pools;
use super::{Error, find, probability, span};
use crate::draw::{CaseDraws, Purpose, StepHash};
use crate::span::{Span, Spent};

#[derive(Debug)]
pub(crate) struct StepSetting {
    pub(crate) kind: StepKind,
    /// What it is made of, in the order of the work: itself, or the steps that
    /// were merged into it.
    pub(crate) parts: Box<[Part]>,
    pub(crate) supplement: Option<Supplement>,
    /// Whether the applicant has to come: then only while offices are open.
    pub(crate) on_site: bool,
}

/// A piece of work with draws of its own: the same before and after a merger.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) hash: StepHash,
    pub(crate) work: Option<Span>,
    pub(crate) lying: Option<Span>,
    pub(crate) refusal: f64,
    /// The steps of its matter, where that is not the step's own: without one
    /// of them the case does not have the part.
    needs: Option<Box<[StepIx]>>,
}

impl Part {
    fn belongs(&self, scenario: &Scenario) -> bool {
        let active = |steps: &[StepIx]| steps.iter().any(|step| scenario.is_active(*step));
        self.needs.as_deref().is_none_or(active)
    }

    fn refuses(&self, draws: CaseDraws) -> bool {
        draws.happens(self.hash, Purpose::REFUSAL, self.refusal)
    }
}

impl StepSetting {
    /// The parts done in a round, each with the round it is in itself: those
    /// that the case has, up to the first that refuses. Where the papers are
    /// incomplete, the first part finds it out and the others wait for the
    /// answer; it is then done once more, and they for the first time.
    pub(crate) fn done(
        &self,
        scenario: &Scenario,
        draws: CaseDraws,
        round: u32,
        incomplete: bool,
    ) -> impl Iterator<Item = (&Part, u32)> {
        let mut over = false;
        let parts = self.parts.iter().filter(|part| part.belongs(scenario));
        parts.enumerate().map_while(move |(at, part)| {
            if std::mem::replace(&mut over, incomplete) {
                return None;
            }
            over |= self.parts.len() > 1 && part.refuses(draws);
            Some((
                part,
                if at == 0 {
                    round
                } else {
                    round.saturating_sub(1)
                },
            ))
        })
    }

    /// Whether one of the parts that the case has refuses.
    pub(crate) fn refuses(&self, scenario: &Scenario, draws: CaseDraws) -> bool {
        let mut parts = self.parts.iter();
        parts.any(|part| part.refuses(draws) && part.belongs(scenario))
    }
}

/// What the simulator does for a step.
#[derive(Debug, Clone, Copy)]
pub(crate) enum StepKind {
    /// Waits for an officer of a pool.
    Queue(usize),
    /// Takes its time without a queue.
    Delay,
    /// Asks a registry, which misses with this probability.
    LookUp { registry: StepHash, miss: f64 },
    /// The applicant applies.
    Application,
    /// The applicant gives what a registry did not have.
    Fallback,
    /// The applicant does something.
    Errand,
}

/// A supplement notice that may come of a step.
#[derive(Debug)]
pub(crate) struct Supplement {
    pub(crate) matter: StepHash,
    pub(crate) probability: f64,
    /// Officers' steps of the matter that come before: where one of them is
    /// part of the case and reads what the applicant gives, it is the one that
    /// examines the papers.
    pub(crate) before: Vec<StepIx>,
}

/// Looks up what the workload says of a step; steps that nobody says how long
/// they take are added to `without_work`.
pub(super) fn step_setting(
    plan: &Plan,
    workload: &Workload,
    step: StepIx,
    pools: &mut Pools<'_>,
    without_work: &mut Vec<Text>,
) -> Result<StepSetting, Error> {
    let item = plan.step(step);
    let kind = match &item.actor {
        Actor::Submission(submission) => match submission.kind {
            SubmissionKind::Application => StepKind::Application,
            SubmissionKind::Fallback(_) => StepKind::Fallback,
        },
        Actor::LookUp(look_up) => {
            // The same subject at the same registry: found once, found again.
            let subject = format!("{}/{}", look_up.registry, plan.role(look_up.role).key);
            StepKind::LookUp {
                registry: StepHash::of(&subject),
                miss: probability(find(&workload.misses, &look_up.registry), || {
                    format!("misses: {}", look_up.registry)
                })?,
            }
        }
        Actor::System => StepKind::Delay,
        Actor::Officer | Actor::Outside => pools
            .of(plan, step)
            .map_or(StepKind::Delay, StepKind::Queue),
        Actor::Applicant => StepKind::Errand,
    };
    let by_people = matches!(item.actor, Actor::Officer | Actor::Outside);
    let spent = match kind {
        StepKind::Queue(pool) => Spent::Staff(&pools.settings[pool].calendar),
        StepKind::Delay if by_people => Spent::Office,
        _ => Spent::Clock,
    };
    let made = |key: &StepKey, needs: Option<Box<[StepIx]>>| -> Result<Part, Error> {
        let work = find(&workload.work, key)
            .map(|stated| span(stated, spent, || format!("work: {key}")))
            .transpose()?;
        let lying = find(&workload.lying, key)
            .map(|stated| span(stated, Spent::Clock, || format!("lying: {key}")))
            .transpose()?;
        let refusal = probability(find(&workload.refusals, key), || format!("refusals: {key}"))?;
        if refusal > 0.0 && !item.actor.is_internal() {
            return Err(Error::Refusal(key.clone()));
        }
        Ok(Part {
            hash: StepHash::of(key.as_str()),
            work,
            lying,
            refusal,
            needs,
        })
    };
    let of_matter = |key: &MatterKey| -> Option<Box<[StepIx]>> {
        let matter = plan.find_matter(key.as_str());
        let own = matter.is_some() && matter == item.matter;
        let of = |step: &StepIx| matter.is_some() && plan.step(*step).matter == matter;
        (!own).then(|| plan.step_numbers().filter(of).collect())
    };
    let parts: Box<[Part]> = match workload.parts(&item.key) {
        [] => Box::new([made(&item.key, None)?]),
        parts => parts
            .iter()
            .map(|part| made(&part.step, part.matter.as_ref().and_then(of_matter)))
            .collect::<Result<_, Error>>()?,
    };
    let timeless = |part: &Part| part.work.is_none() && part.lying.is_none();
    if (by_people || item.actor == Actor::Applicant) && parts.iter().all(timeless) {
        without_work.push(Text::new(
            format!("「{}」（{}）", item.title.zh(), item.key),
            format!("“{}” ({})", item.title.en(), item.key),
        ));
    }
    Ok(StepSetting {
        kind,
        parts,
        supplement: match item.matter {
            Some(matter) if item.actor == Actor::Officer => {
                supplement(plan, workload, step, matter)?
            }
            _ => None,
        },
        on_site: item.visits > 0,
    })
}

fn supplement(
    plan: &Plan,
    workload: &Workload,
    step: StepIx,
    matter: MatterIx,
) -> Result<Option<Supplement>, Error> {
    let key = &plan.matter(matter).key;
    let probability = probability(find(&workload.supplements, key), || {
        format!("supplements: {key}")
    })?;
    if probability == 0.0 {
        return Ok(None);
    }
    let examines = |before: &StepIx| {
        let item = plan.step(*before);
        item.matter == Some(matter) && item.actor == Actor::Officer
    };
    Ok(Some(Supplement {
        matter: StepHash::of(key.as_str()),
        probability,
        before: plan
            .step_numbers()
            .take(step.index())
            .filter(examines)
            .collect(),
    }))
}
