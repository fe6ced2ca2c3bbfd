//! Redesign by analysis: from the old way and the contracts to a proposal.
//!
//! Rules are a closed list ([`Rule`]), each a pure function from a design to a
//! changed design and a [`Proof`]: what was checked and what changed. A rewrite
//! is kept only if the result compiles and gives the applicant, in every class
//! of answers, everything it gave before; with a [`Simulation`], only if the
//! lab shows that it does what it is for. The [`Waterfall`] tells what each
//! rule saves.
//!
//! # What it does not do
//!
//! It knows no law beyond what the definition cites; what only a person can
//! know is listed under `Proof::confirm`. It decides nothing by computed
//! figures, which know neither queues nor refusals.

mod ask_once;
mod asked_anew;
mod balance;
mod bound;
mod by_class;
mod canonical;
mod choose;
mod collected;
mod compose;
mod dead_data;
mod designs;
mod draft;
mod eliminate;
mod ending;
mod fit;
mod for_whom;
mod forms;
mod graph;
mod in_vain;
mod kept;
mod knock_out;
mod knock_outs;
mod once_only;
mod one_case;
mod one_form;
mod other_orders;
mod own_account;
mod pairs;
mod pipeline;
mod proof;
mod purposes;
mod quantity;
mod refused;
mod report;
mod report_trial;
mod resequence;
mod rewritten;
mod score;
mod slower;
mod spared;
mod suggest;
mod trial;
mod unbind;
mod unserved;
mod waits;
mod waterfall;
mod what_if;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use onething_definition::design::{By, Design, Drafting, Registries, Setting, Step};
use onething_definition::diagnostic::Diagnostics;
use onething_lab::study;
use onething_measure::FigureName;
use onething_measure::computed::{
    computed, mean, shared_basis, unserved as uncomputed, working_days,
};
use onething_model::{FieldPath, MatterKey, RegistryKey, StepKey, Text};
use onething_plan::workload::{Unit, Workload};
use onething_plan::{Answers, Plan, Refused, Scenario};
use serde::Serialize;

use canonical::canonical;
use choose::Deciding;
use designs::Designs;
use draft::Draft;
use pipeline::{Pipeline, worsened_by};
use proof::Site;
use rewritten::Rewritten;
use score::{Computed, Made, Score};
use trial::Lab;

pub use choose::{Effect, Role, Verdict};
pub use fit::fitted;
pub use for_whom::{Claim, Scope, What};
pub use kept::{Handling, worsened};
pub use knock_out::{ascending, expected_work};
pub use proof::{Line, Proof, Rule};
pub use quantity::Quantity;
pub use suggest::{Measured, Suggestion};
pub use trial::{Assumption, Simulation, Trial};
pub use waterfall::{Bar, Waterfall};

/// What a redesign prefers where two rules pull in different directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Prefer {
    /// The applicant's time: independent checks run at the same time.
    #[default]
    Time,
    /// The staff's work: independent checks run one after the other, cheapest refusal first.
    Work,
}

/// What rules look at beside the design.
pub(crate) struct Ground<'a> {
    drafting: &'a Drafting<'a>,
    setting: &'a Setting,
    workload: Option<&'a Workload>,
    prefer: Prefer,
    /// Registries that the service does not ask, with its reason.
    closed: &'a [(RegistryKey, Text)],
    /// Rewrites that were tried and would worsen something, with what that is.
    denied: BTreeMap<(Rule, Site), Text>,
    /// Whether R3 is one of the rules: what it drops no other rule has to.
    drops_dead_data: bool,
}

impl Ground<'_> {
    /// Why a rewrite may not be made, if it was tried and refused.
    fn denied(&self, rule: Rule, site: Site) -> Option<&Text> {
        self.denied.get(&(rule, site))
    }

    /// Why the service does not ask a registry, where it leaves it out.
    fn closed(&self, registry: &RegistryKey) -> Option<&Text> {
        let found = self.closed.iter().find(|(key, _)| key == registry);
        found.map(|(_, because)| because)
    }

    /// How often a registry has nothing.
    fn miss(&self, registry: &RegistryKey) -> Option<f64> {
        let misses = &self.workload?.misses;
        let found = misses.iter().find(|(key, _)| key == registry);
        found.map(|(_, figure)| figure.value)
    }

    /// How often a step refuses.
    fn refusal(&self, step: &StepKey) -> Option<f64> {
        let refusals = &self.workload?.refusals;
        let found = refusals.iter().find(|(key, _)| key == step);
        found.map(|(_, figure)| figure.value)
    }

    /// As it is where staff's work is preferred.
    fn saving_work(&self) -> Self {
        Ground {
            prefer: Prefer::Work,
            denied: self.denied.clone(),
            ..*self
        }
    }

    /// Whether a step may refuse. Without a workload nobody has stated who does, and any
    /// department may.
    fn may_refuse(&self, step: &Step) -> bool {
        match self.workload {
            Some(_) => self.refusal(&step.key).is_some_and(|share| share > 0.0),
            None => match step.by {
                By::System | By::Officer | By::Outside => true,
                By::Applicant => false,
            },
        }
    }

    /// Whether a refusal of a step makes the work of steps of `later` useless:
    /// it ends the case, or the matter that both belong to.
    fn may_knock_out(&self, step: &Step, later: Option<&MatterKey>) -> bool {
        let matter = step.matter.as_ref();
        let ends = match matter.and_then(|key| self.setting.matter(key)) {
            None => true,
            Some(matter) => match matter.refused {
                Refused::EndsCase => true,
                Refused::EndsMatter => later == Some(&matter.key),
            },
        };
        ends && self.may_refuse(step)
    }

    /// What is known of the steps that [may knock out](Self::may_knock_out) others.
    fn refusing(&self) -> Text {
        match self.workload {
            Some(_) => Text::new("不予许可即终止", "may refuse and so end them"),
            None => Text::new(
                "可能不予许可而终止（没有工作量表写明比例）",
                "may refuse and so end them (no workload states how often)",
            ),
        }
    }

    /// The mean hands-on time of a step, where it is stated in hours.
    fn work_hours(&self, step: &StepKey) -> Option<f64> {
        stated_hours(self.workload?, step)
    }
}

/// The mean hands-on time that a workload states for a step, where it is in hours.
fn stated_hours(workload: &Workload, step: &StepKey) -> Option<f64> {
    let (_, figure) = workload.work.iter().find(|(key, _)| key == step)?;
    (figure.value.unit == Unit::Hours).then(|| mean(&figure.value.distribution))
}

/// What identifies a subject to the registries that are asked, and what something follows from.
fn keys_of(setting: &Setting, is: &Design) -> BTreeSet<FieldPath> {
    let follows = setting.derived.iter();
    let follows = follows.filter(|_| is.fetched.derives());
    graph::asked(setting, is)
        .into_iter()
        .flat_map(|provider| provider.with.iter().cloned())
        .chain(follows.map(|(_, from)| from.clone()))
        .collect()
}

/// Of these, of registries that are asked for the first time, and of what nothing followed from.
fn keys_of_new(setting: &Setting, was: &Design, is: &Design) -> BTreeSet<FieldPath> {
    let more = !was.fetched.derives() && is.fetched.derives();
    let follows = setting.derived.iter().filter(|_| more);
    graph::asked(setting, is)
        .into_iter()
        .filter(|provider| !was.fetched.allows(provider.registry.as_str()))
        .flat_map(|provider| provider.with.iter().cloned())
        .chain(follows.map(|(_, from)| from.clone()))
        .collect()
}

/// At most three decimals.
fn decimal(value: f64) -> String {
    let rounded = (value * 1_000.0).round() / 1_000.0;
    if rounded == 0.0 {
        "0".to_owned()
    } else {
        rounded.to_string()
    }
}

fn percent(share: f64) -> String {
    format!("{}%", decimal(share * 100.0))
}

/// A rewrite that was tried and not kept.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Refusal {
    /// The rule.
    pub rule: Rule,
    /// Why.
    pub why: Text,
}

/// What a redesign is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// What is preferred where two rules pull in different directions.
    pub prefer: Prefer,
    /// How the lab decides what is kept; without it, whatever can be proved is.
    pub simulate: Option<Simulation<'a>>,
}

/// Why there is no proposal.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The design that is begun with does not compile.
    #[error("the definition has errors")]
    Definition(Diagnostics),
    /// The service cannot be simulated.
    #[error(transparent)]
    Study(#[from] study::Error),
    /// A margin that is none.
    #[error("a margin of {0}: expected a fraction from 0 to 1, as 0.05")]
    Margin(f64),
}

/// A proposal.
#[derive(Debug, Clone)]
pub struct Redesign {
    /// What people call the service.
    pub title: Text,
    /// The proposed design.
    pub design: Design,
    /// Its plan.
    pub plan: Arc<Plan>,
    /// The plan that was begun with.
    pub before: Arc<Plan>,
    /// The workload that serves both, where the service has one: see [`fitted`].
    pub workload: Option<Workload>,
    /// The rewrites that were kept, in the order in which they were applied.
    pub applied: Vec<Proof>,
    /// The rewrites that were tried and not kept.
    pub refused: Vec<Refusal>,
    /// What the rules lead to or suggest without changing the design.
    pub suggested: Vec<Suggestion>,
    /// What each rule saves by the definitions alone, for the reference scenario.
    pub waterfall: Waterfall,
    /// What has to be known of the computed processing times: by which limits they are, and what of the
    /// applicant's own time is in them.
    pub basis: Vec<Text>,
    /// What the simulation found, where there was one.
    pub trial: Option<Trial>,
    /// What the definition says and the proposal does not, with what to do about it.
    pub left_out: Vec<Text>,
    /// What keeps the proposal from being written as a service: nothing, as far as the rules
    /// know. Who writes it finds out ([`Redesign::not_one`], and what the checks say of the files).
    pub obstacles: Vec<Text>,
}

/// Applies one rule; `None` where it finds nothing to do.
#[must_use]
fn rewrite(ground: &Ground<'_>, rule: Rule, draft: &Draft) -> Option<Rewritten> {
    let design = &draft.design;
    let made = match rule {
        // What forms ask is told by plans: of what there was and of what came of it.
        Rule::AskOnce => return ask_once::apply(ground, draft),
        Rule::OnceOnly => {
            let made = once_only::apply(ground, draft);
            return made.map(|(draft, proof)| Rewritten::new(draft, proof));
        }
        Rule::Eliminate => return eliminate::apply(ground, draft),
        Rule::Unbind => return unbind::unbind(ground, draft),
        Rule::KnockOut => return knock_out::knock_out(ground, draft),
        Rule::DeadData => return dead_data::data(ground, draft),
        Rule::Resequence => resequence::resequence(ground, design),
        Rule::Compose => compose::apply(ground, design),
        // These follow from others, or are only suggested.
        Rule::Parallelise | Rule::UnBatch | Rule::Pool | Rule::Triage => None,
    };
    made.map(|(design, proof)| Rewritten::new(Draft::new(design), proof))
}

/// Proposes a new way from a design, the old way as a rule.
///
/// Computed figures are those of the reference scenario, by the same
/// conventions as a comparison of the same two ways.
///
/// # Errors
/// The design that is begun with does not compile, or a simulation is asked
/// for and the service cannot be simulated.
pub fn redesign(
    drafting: &Drafting<'_>,
    from: &Design,
    options: Options<'_>,
) -> Result<Redesign, Error> {
    let workload = drafting.service().workload.clone();
    let workload = workload.as_deref();
    let mut ground = Ground {
        drafting,
        setting: drafting.setting(),
        workload,
        prefer: options.prefer,
        closed: match &drafting.new_way().fetched {
            Registries::Without(closed) => closed,
            Registries::All | Registries::None | Registries::Only(_) => &[],
        },
        denied: BTreeMap::new(),
        drops_dead_data: false,
    };
    let start = Rc::new(canonical(drafting, from));
    let mut pipeline = Pipeline::run(&worsened_by, &mut ground, &start, &Rule::APPLIED)?;
    let mut trying = None;
    if let Some(how) = options.simulate {
        how.check()?;
        if !(0.0..=1.0).contains(&how.margin) {
            return Err(Error::Margin(how.margin));
        }
        let workload = workload.ok_or(study::Error::NoWorkload)?;
        let mut lab = Lab::new(from, workload, how);
        let mut designs = Designs::new(&ground, &start, &pipeline);
        let rules = designs.rules().to_vec();
        let deciding = Deciding {
            prefer: options.prefer,
            confidence: how.confidence,
            margin: how.margin,
        };
        // That one application is one case is what a proposal is, and no choice.
        let given = rules.first() == Some(&Rule::AskOnce) && from.intakes.len() == 1;
        let given = designs::Set::from(given);
        let chosen = &rules[given as usize..];
        let (set, verdicts) = choose::choose(chosen, deciding, |set, round| {
            let set = set << given | given;
            scored(&mut lab, &mut designs, set, FIGURES + round)
        })?;
        let set = set << given | given;
        let unkept = verdicts.iter().filter_map(|verdict| {
            let (rule, why) = (verdict.rule, verdict.why()?);
            Some(Refusal { rule, why })
        });
        let (unasked, unkept): (Vec<Refusal>, Vec<Refusal>) =
            unkept.partition(|refusal| refusal.rule == Rule::OnceOnly);
        // Whoever reads the new way has to know why a registry is not asked: R2 says it.
        for Refusal { rule, why } in unasked {
            ground.denied.insert((rule, Site::Whole), unshown(&why));
        }
        let kept = rules.iter().enumerate();
        let kept: Vec<Rule> = kept
            .filter(|(at, rule)| set >> at & 1 == 1 || **rule == Rule::OnceOnly)
            .map(|(_, rule)| *rule)
            .collect();
        if set != (1 << rules.len()) - 1 {
            let refused = std::mem::take(&mut pipeline.refused);
            pipeline = Pipeline::run(&worsened_by, &mut ground, &start, &kept)?;
            for refusal in refused {
                if !pipeline.refused.contains(&refusal) {
                    pipeline.refused.push(refusal);
                }
            }
        }
        pipeline.refused.extend(unkept);
        pipeline.refused.sort_by_key(|refusal| refusal.rule);
        trying = Some((lab, verdicts));
    }
    let rules = pipeline.rules();
    let made = Made {
        design: Arc::clone(&pipeline.made.design),
        plan: Arc::clone(&pipeline.plan),
    };
    let mut designs = Designs::new(&ground, &start, &pipeline);
    let service = onething_plan::Service {
        new: Arc::clone(&made.plan),
        old: Some(Arc::clone(&pipeline.before)),
        ..drafting.service().clone()
    };
    let (basis, _) = shared_basis(&service);
    let [before, after] = [&pipeline.before, &made.plan].map(|plan| score::is_served(plan));
    let notes = match uncomputed(!before, !after) {
        Some(why) => vec![why],
        // What a comparison of the two ways says of the same time.
        None => of_processing_time(&service),
    };
    let mut by_definition = Computed { basis, workload };
    let figures = &Quantity::ALL[..FigureName::COUNT];
    let waterfall = waterfall::waterfall(figures, &rules, 0.0, |set| {
        scored(&mut by_definition, &mut designs, set, FIGURES)
    })?;
    let waterfall = waterfall.with_open(&pipeline.applied);
    let by_stage = (0..=rules.len()).map(|count| {
        let rows = scored(&mut by_definition, &mut designs, (1 << count) - 1, FIGURES)?;
        let row = rows.first();
        let of = |figure: &Quantity| row.and_then(|row| row[figure.index()]);
        Ok::<_, study::Error>(figures.iter().map(of).collect())
    });
    let by_stage = by_stage.collect::<Result<Vec<Vec<Option<f64>>>, _>>()?;
    other_orders::told_by(&waterfall, &by_stage, &mut pipeline.applied);
    let stages = pipeline.plans(ground.drafting);
    let days = |plan: &Plan, answers: &Answers| {
        let scenario = Scenario::resolve(plan, answers);
        working_days(plan, &scenario, basis, workload)
    };
    let without = || {
        let at = rules.iter().position(|rule| *rule == Rule::OnceOnly)?;
        designs.of(((1 << rules.len()) - 1) & !(1 << at))
    };
    waits::told_by(&ground, &mut pipeline, without, &days);
    slower::told_by(
        &stages,
        &made.design,
        basis,
        workload,
        &mut pipeline.applied,
    );
    let unmerged = pipeline.unmerged.as_ref().unwrap_or(&made);
    let first = Made {
        design: Arc::clone(&start.design),
        plan: Arc::clone(&pipeline.before),
    };
    let mut suggested = suggest::suggest(&ground, &first, unmerged);
    // R3 tells of it in its proof, where there is one.
    if !rules.contains(&Rule::DeadData) {
        suggested.extend(suggest::kept(&ground, &made.design));
    }
    let trial = match trying {
        None => {
            suggested.extend(suggest::unsimulated(&ground, &unmerged.plan));
            None
        }
        Some((mut lab, verdicts)) => {
            let fall = waterfall::waterfall(&Quantity::ALL, &rules, lab.how.confidence, |set| {
                scored(&mut lab, &mut designs, set, FIGURES)
            })?;
            let fall = fall.with_open(&pipeline.applied);
            suggested.extend(what_if::suggest(&lab, &made, FIGURES)?);
            let assumed = what_if::assumptions(&lab, &made, FIGURES)?;
            let apart = unserved::simulated(&lab, drafting, &first, &made)?;
            let mut trial = Trial::new(drafting, lab, verdicts, fall, assumed);
            trial.notes.extend(apart);
            Some(trial)
        }
    };
    suggested.sort_by_key(|suggestion| suggestion.rule);
    let mut left_out = drafting.left_out(&made.design);
    left_out.extend(pipeline.lost);
    left_out.extend(unserved::told(drafting, &pipeline.before, &made.plan));
    Ok(Redesign {
        title: drafting.setting().title.clone(),
        workload: workload.map(|workload| fitted(workload, from, &made.design)),
        design: Arc::unwrap_or_clone(made.design),
        plan: made.plan,
        before: pipeline.before,
        applied: pipeline.applied,
        refused: pipeline.refused,
        suggested,
        waterfall,
        basis: notes,
        trial,
        left_out,
        obstacles: Vec::new(),
    })
}

/// What has to be known of the computed processing time of both ways.
fn of_processing_time(service: &onething_plan::Service) -> Vec<Text> {
    let mut figures = computed(service).into_iter();
    let time = figures.find(|figure| figure.name == FigureName::ProcessingTime);
    time.map_or_else(Vec::new, |figure| figure.notes)
}

/// Why a registry is not asked where the lab decided so.
fn unshown(why: &Text) -> Text {
    Text::new(
        format!("仿真没有表明查询比请申请人提供更好（{}）", why.zh()),
        format!(
            "a simulation did not show it to be better than asking the applicant ({})",
            why.en()
        ),
    )
}

/// The block of replications that figures are of: the one a comparison with the
/// same seed takes. Decisions take others, so that no figure owes anything to
/// the luck that decided.
const FIGURES: u64 = 0;

/// The figures of the design that a set of rules leads to; no rows where it
/// leads to none.
fn scored(
    by: &mut dyn Score,
    designs: &mut Designs<'_>,
    set: designs::Set,
    block: u64,
) -> Result<Vec<score::Row>, study::Error> {
    match designs.of(set) {
        Some(made) => by.rows(&made, block),
        None => Ok(Vec::new()),
    }
}
