//! From a plan and a scenario to the view.

use onething_model::{StepKey, Text};
use onething_plan::critical::{Critical, Timing};
use onething_plan::parallelism::{Parallelism, parallelism};
use onething_plan::scale::{self, Basis, Scale};
use onething_plan::scenario::{Edge, Source, Why};
use onething_plan::{Actor, Answers, FieldIx, Plan, Scenario, StepIx, SubmissionKind};

use super::{
    AnswerView, DepartmentView, EdgeView, FieldView, Lane, LaneKind, MatterView, ParallelismView,
    ReadView, Reason, ReasonKind, StepKind, StepView, View,
};
use crate::words;

impl View {
    /// The view of what a plan comes to for these answers.
    ///
    /// ```
    /// use onething_plan::{Actor, builder::PlanBuilder};
    /// use onething_redesign::View;
    /// let mut b = PlanBuilder::new("shop");
    /// let name = b.field("name");
    /// b.step("review", Actor::Officer).reads(name);
    /// let plan = b.build();
    /// let view = View::new(&plan, &plan.reference);
    /// assert_eq!(view.edges[0].reasons[0].text.en(), "Applicant: name");
    /// ```
    #[must_use]
    pub fn new(plan: &Plan, answers: &Answers) -> Self {
        Self::of(plan, answers, &Scenario::resolve(plan, answers))
    }

    /// The view of a scenario that was resolved already, for these answers.
    #[must_use]
    pub fn of(plan: &Plan, answers: &Answers, scenario: &Scenario) -> Self {
        let limits = scale::by_limits(plan, scenario, Basis::Binding);
        let timing = limits.timing(plan, scenario);
        // The clock starts with the submission: look-ups on the draft come before.
        let on_draft = |step: &&StepIx| matches!(plan.step(**step).actor, Actor::LookUp(_));
        let drafted = timing.path.iter().take_while(on_draft).count();
        let path: &[StepIx] = if timing.makespan == 0 {
            &[]
        } else {
            &timing.path[drafted..]
        };
        let lanes = lanes(plan, scenario);
        let (level, levels) = levels(plan, scenario);
        let critical = if path.is_empty() {
            Critical::default()
        } else {
            timing.critical(scenario, path)
        };
        let in_calendar_days = limits.in_calendar_days.iter();
        let in_calendar_days: Vec<StepIx> = in_calendar_days.map(|(step, _)| *step).collect();
        let steps = scenario.steps().iter().copied();
        let after_results: Vec<StepIx> = steps.filter(|step| !limits.is_awaited(*step)).collect();
        let keys = |steps: &[StepIx]| steps.iter().map(|s| plan.step(*s).key.clone()).collect();
        let steps: Vec<StepView> = scenario
            .steps()
            .iter()
            .map(|step| {
                let lane = lane_of(plan, *step);
                let mut view = step_view(plan, scenario, (&timing, limits.scale), *step);
                view.lane = lanes.iter().position(|l| *l == lane).unwrap_or(0);
                view.level = level[step.index()];
                view.critical = critical.steps.contains(step);
                view
            })
            .collect();
        let mut at = vec![0; plan.steps.len()];
        for (position, step) in scenario.steps().iter().enumerate() {
            at[step.index()] = position;
        }
        let edges = scenario
            .edges()
            .iter()
            .map(|edge| EdgeView {
                from: plan.step(edge.from).key.clone(),
                to: plan.step(edge.to).key.clone(),
                implied: edge.implied,
                critical: critical.edges.contains(&(edge.from, edge.to)),
                reasons: edge.why.iter().map(|w| reason(plan, edge, *w)).collect(),
                ends: (at[edge.from.index()], at[edge.to.index()]),
            })
            .collect();
        Self {
            service: plan.service.clone(),
            version: plan.version.clone(),
            way: plan.way,
            title: plan.title.clone(),
            answers: answer_views(plan, answers),
            edges,
            levels,
            critical_path: keys(path),
            makespan_working_days: (!scenario.steps().is_empty())
                .then(|| limits.scale.working_days(timing.makespan)),
            after_results: keys(&after_results),
            parallelism: match parallelism(plan, scenario) {
                Parallelism::Exact(steps) => ParallelismView { steps, exact: true },
                Parallelism::AtLeast(steps) => ParallelismView {
                    steps,
                    exact: false,
                },
            },
            unlimited: keys(&limits.unlimited),
            in_calendar_days: keys(&in_calendar_days),
            makespan: limits.scale.thousandths(timing.makespan),
            visits: steps.iter().map(|step| step.visits).sum(),
            lanes,
            steps,
        }
    }
}

fn answer_views(plan: &Plan, answers: &Answers) -> Vec<AnswerView> {
    answers
        .iter()
        .filter_map(|(question, answer)| {
            let item = plan.questions.get(question.index())?;
            Some(AnswerView {
                question: item.key.clone(),
                ask: item.ask.clone(),
                answer: item.kind.say(answer),
            })
        })
        .collect()
}

fn lane_of(plan: &Plan, step: StepIx) -> Lane {
    let item = plan.step(step);
    let applicant = || Lane {
        kind: LaneKind::Applicant,
        department: None,
        title: Text::new("申请人", "Applicant"),
    };
    match (&item.actor, item.department) {
        (Actor::LookUp(_), _) => Lane {
            kind: LaneKind::SharedData,
            department: None,
            title: Text::new("数据共享", "Shared data"),
        },
        (Actor::Submission(_) | Actor::Applicant, _) => applicant(),
        (Actor::System | Actor::Officer | Actor::Outside, Some(department)) => {
            let department = plan.department(department);
            Lane {
                kind: if department.outside {
                    LaneKind::Outside
                } else {
                    LaneKind::Department
                },
                department: Some(department.key.clone()),
                title: department.title.clone(),
            }
        }
        (Actor::System | Actor::Officer | Actor::Outside, None) => applicant(),
    }
}

/// The applicant's lane, the registries', then departments as they appear.
fn lanes(plan: &Plan, scenario: &Scenario) -> Vec<Lane> {
    let mut lanes: Vec<Lane> = Vec::new();
    for step in scenario.steps() {
        let lane = lane_of(plan, *step);
        if !lanes.contains(&lane) {
            lanes.push(lane);
        }
    }
    // A stable sort: departments and outside bodies stay as they appear.
    lanes.sort_by_key(|lane| lane.kind.min(LaneKind::Department));
    lanes
}

fn levels(plan: &Plan, scenario: &Scenario) -> (Vec<usize>, Vec<Vec<StepKey>>) {
    let mut level = vec![0; plan.steps.len()];
    let mut levels: Vec<Vec<StepKey>> = Vec::new();
    for step in scenario.steps() {
        let needs = scenario.needs(*step).iter();
        let own = needs.map(|need| level[need.index()] + 1).max().unwrap_or(0);
        level[step.index()] = own;
        if levels.len() <= own {
            levels.resize(own + 1, Vec::new());
        }
        levels[own].push(plan.step(*step).key.clone());
    }
    (level, levels)
}

fn step_view(
    plan: &Plan,
    scenario: &Scenario,
    (timing, scale): (&Timing, Scale),
    step: StepIx,
) -> StepView {
    let item = plan.step(step);
    let at = step.index();
    let named = |field: FieldIx| FieldView {
        field: plan.field(field).path.clone(),
        title: words::field(plan, field),
        material: plan.field(field).is_material(),
    };
    let form = || -> Vec<FieldView> {
        let asked = scenario.form(step).iter();
        asked.map(|asked| named(asked.field)).collect()
    };
    let (kind, writes, asks) = match &item.actor {
        Actor::Submission(submission) => match submission.kind {
            SubmissionKind::Application => (StepKind::Submission, Vec::new(), form()),
            SubmissionKind::Fallback(_) => (StepKind::Fallback, Vec::new(), form()),
        },
        Actor::LookUp(_) => (StepKind::LookUp, form(), Vec::new()),
        other => {
            let kind = match other {
                Actor::Officer => StepKind::Officer,
                Actor::Applicant => StepKind::Applicant,
                Actor::Outside => StepKind::Outside,
                Actor::System | Actor::Submission(_) | Actor::LookUp(_) => StepKind::System,
            };
            let writes = item.writes.iter().map(|field| named(*field)).collect();
            // Of anybody but the applicant a form is empty.
            (kind, writes, form())
        }
    };
    StepView {
        key: item.key.clone(),
        title: plan.step(step).title.clone(),
        kind,
        lane: 0,
        department: item.department.map(|department| DepartmentView {
            key: plan.department(department).key.clone(),
            title: plan.department(department).title.clone(),
        }),
        matter: item.matter.map(|matter| MatterView {
            key: plan.matter(matter).key.clone(),
            title: plan.matter(matter).title.clone(),
        }),
        level: 0,
        limit: words::limits(&item.limit),
        limit_basis: item.limit.basis.clone(),
        begin_working_days: scale.working_days(timing.begin[at]),
        takes_working_days: scale.working_days(timing.time[at]),
        slack_working_days: timing.slack[at].map(|slack| scale.working_days(slack)),
        critical: false,
        visits: item.visits,
        attended: item.attended,
        reads: read_views(plan, scenario, step),
        writes,
        asks,
        takes: scale.thousandths(timing.time[at]),
        begin: scale.thousandths(timing.begin[at]),
        end: scale.thousandths(timing.begin[at] + timing.time[at]),
        slack: timing.slack[at].map(|slack| scale.thousandths(slack)),
        binding: item.limit.binding().map(words::limit),
        subject: match &item.actor {
            Actor::LookUp(look_up) => Some(plan.role(look_up.role).title.clone()),
            Actor::Submission(_)
            | Actor::System
            | Actor::Officer
            | Actor::Applicant
            | Actor::Outside => None,
        },
    }
}

fn read_views(plan: &Plan, scenario: &Scenario, step: StepIx) -> Vec<ReadView> {
    let optional = |field: FieldIx| {
        let mut reads = plan.step(step).reads.iter();
        reads.any(|read| read.field == field && read.optional)
    };
    // What a read follows from is not shown to whoever reads what follows.
    let is_read = |field: FieldIx| plan.step(step).reads.iter().any(|read| read.field == field);
    scenario
        .sources(step)
        .iter()
        .filter(|(field, _)| is_read(*field))
        .filter_map(|(field, source)| {
            // What is derived comes with what it follows from.
            let (_, origin) = scenario.outline().origin(step, *field)?;
            let (kind, from) = match origin {
                Source::Step(from) => ("step", from),
                Source::LookUp(from) => ("registry", from),
                Source::Applicant(from) => ("applicant", from),
                Source::Derived(_) => return None,
            };
            let derived = matches!(source, Source::Derived(_));
            Some(ReadView {
                field: plan.field(*field).path.clone(),
                title: words::field(plan, *field),
                optional: optional(*field),
                source: if derived { "derived" } else { kind },
                from: plan.step(from).key.clone(),
            })
        })
        .collect()
}

fn reason(plan: &Plan, edge: &Edge, why: Why) -> Reason {
    let of_field = |kind, field: FieldIx| Reason {
        kind,
        field: Some(plan.field(field).path.clone()),
        text: words::field(plan, field),
    };
    let said = |kind, text| Reason {
        kind,
        field: None,
        text,
    };
    match why {
        Why::Data(field) => of_field(ReasonKind::Data, field),
        Why::Carried(field) => of_field(ReasonKind::Carried, field),
        Why::Stated(at) => {
            let stated = plan.step(edge.to).after.get(at);
            let text = stated.map(|after| after.because.clone());
            said(ReasonKind::Stated, text.unwrap_or_default())
        }
        Why::Submitted => said(
            ReasonKind::Submitted,
            Text::new("提交之后才开始", "begins only after the submission"),
        ),
        Why::Accepted => said(
            ReasonKind::Accepted,
            Text::new("受理之后才审查", "is examined only after acceptance"),
        ),
    }
}
