//! The one-time notice (一次性告知): everything an applicant has to know before
//! handing anything in, for their own answers.
//!
//! [`Guide`] is what people read. [`GuideData`] is the same for programs: the JSON of
//! `guide --format json`, with which a front end renders the form.

mod data;
mod derived;
mod fetched;
mod field;
mod opened;
mod page;
mod question;
pub(crate) mod unasked;

use onething_model::{MatterKey, RoleKey, ServiceKey, StepKey, Text};
use onething_plan::{Actor, Answers, Plan, Scenario, StepIx, SubmissionKind};

pub use self::data::*;
pub use self::derived::DerivedGuide;
pub use self::fetched::{FetchedGuide, FetchedItem, Spares};
pub use self::field::{Constraints, FieldGuide, FieldKind, OptionGuide, SensitivityWord};
pub use self::question::{Change, Excluded, QuestionGuide};

use crate::view::{DepartmentView, StepKind, StepView, View};
use crate::words;

/// The one-time notice of a plan for one set of answers; see the [module](self).
#[derive(Debug, Clone, PartialEq)]
pub struct Guide {
    /// The service.
    pub service: ServiceKey,
    /// The version of its definition.
    pub version: String,
    /// What people call the service.
    pub title: Text,
    /// The department in charge.
    pub owner: DepartmentView,
    /// The scenario questions.
    pub questions: Vec<QuestionGuide>,
    /// The matters of this case.
    pub matters: Vec<MatterGuide>,
    /// What to fill in and hand in.
    pub forms: Vec<FormGuide>,
    /// What the applicant states in steps of their own, when the case comes to them.
    pub own_forms: Vec<FormGuide>,
    /// What to fill in and hand in only if a registry has nothing.
    pub later_forms: Vec<FormGuide>,
    /// What is looked up instead of asked.
    pub fetched: Vec<FetchedGuide>,
    /// What follows from something else.
    pub derived: Vec<DerivedGuide>,
    /// How long it takes.
    pub time: TimeGuide,
    /// Where the applicant has to go or to be.
    pub trips: Vec<TripGuide>,
    /// Trips to an office in all.
    pub visits: u32,
    /// Applications in all.
    pub submissions: usize,
    /// What comes out.
    pub results: Vec<ResultGuide>,
    /// What is known of fees.
    pub fees: Text,
}

/// A matter of the case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatterGuide {
    /// The durable identity.
    pub key: MatterKey,
    /// What people call it.
    pub title: Text,
    /// The code in the national catalogue of matters, if stated.
    pub code: Option<String>,
    /// Who owns it.
    pub department: DepartmentView,
    /// When it is part of a case; none: always.
    pub when: Option<Text>,
    /// Its limits in words.
    pub limit: Option<Text>,
    /// Where the law says so.
    pub basis: Option<String>,
}

/// A form with its materials.
#[derive(Debug, Clone, PartialEq)]
pub struct FormGuide {
    /// The submission.
    pub step: StepKey,
    /// What people call it.
    pub title: Text,
    /// Who takes it, if the definition says.
    pub department: Option<DepartmentView>,
    /// When it is asked; none: always.
    pub when: Option<Text>,
    /// What to fill in.
    pub fields: Vec<FieldGuide>,
    /// What to hand in.
    pub materials: Vec<FieldGuide>,
}

/// How long it takes by the limits.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeGuide {
    /// Working days from the first submission to the last result at most;
    /// none where no step has a limit that counts.
    pub working_days: Option<f64>,
    /// The steps that decide it, with their time.
    pub path: Vec<Text>,
    /// What the number leaves out.
    pub notes: Vec<Text>,
    /// Whether that is steps with limits in calendar days, among others.
    pub calendar: bool,
    /// Those steps with their time in thousandths of a working day.
    steps: Vec<(StepKey, u64)>,
    thousandths: u64,
}

/// A trip or an appointment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TripGuide {
    /// The step.
    pub step: StepKey,
    /// What people call it.
    pub title: Text,
    /// At whose office, if it is one's.
    pub department: Option<DepartmentView>,
    /// Trips to an office.
    pub visits: u32,
    /// Whether the applicant has to be there.
    pub attended: bool,
}

/// A result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultGuide {
    /// The role that carries it.
    pub role: RoleKey,
    /// What people call it.
    pub title: Text,
    /// Who makes it.
    pub department: Option<DepartmentView>,
    /// How it can be delivered, the usual way first: `electronic`, `post`, `window`.
    pub by: Vec<&'static str>,
    channels: Vec<Text>,
}

impl Guide {
    /// The notice for these answers. Questions that are asked but not
    /// answered are answered as in the reference scenario, and marked
    /// `assumed`; answers to questions that are not asked are left out.
    ///
    /// ```
    /// use onething_model::Lang;
    /// use onething_plan::{Actor, Answers, builder::PlanBuilder};
    /// use onething_redesign::Guide;
    /// let mut b = PlanBuilder::new("shop");
    /// let name = b.field("name");
    /// b.step("review", Actor::Officer).reads(name);
    /// let plan = b.build();
    /// let guide = Guide::new(&plan, &Answers::none(0));
    /// assert_eq!(guide.forms[0].fields[0].field.to_string(), "applicant.name");
    /// assert!(guide.text(Lang::En).contains("One-time notice"));
    /// ```
    #[must_use]
    pub fn new(plan: &Plan, answers: &Answers) -> Self {
        let answers_given = answers;
        let answers = plan.complete(answers);
        let scenario = Scenario::resolve(plan, &answers);
        let view = View::of(plan, &answers, &scenario);
        let mut forms = Vec::new();
        let mut own_forms = Vec::new();
        let mut later_forms = Vec::new();
        let mut look_ups = Vec::new();
        let mut trips = Vec::new();
        for step in scenario.steps() {
            let item = plan.step(*step);
            match &item.actor {
                Actor::Submission(submission) => {
                    let form = form(plan, &scenario, *step);
                    // An application that asks nothing is still handed in.
                    match submission.kind {
                        SubmissionKind::Application => forms.push(form),
                        SubmissionKind::Fallback(_) => later_forms.push(form),
                    }
                }
                Actor::LookUp(_) => look_ups.extend(fetched::fetch(plan, &scenario, *step)),
                Actor::Applicant if !item.writes.is_empty() => {
                    own_forms.push(form(plan, &scenario, *step));
                }
                Actor::System | Actor::Officer | Actor::Applicant | Actor::Outside => {}
            }
            if item.visits > 0 || item.attended {
                trips.push(TripGuide {
                    step: item.key.clone(),
                    title: item.title.clone(),
                    department: department(plan, *step),
                    visits: item.visits,
                    attended: item.attended,
                });
            }
        }
        let owner = plan.department(plan.owner);
        Self {
            service: plan.service.clone(),
            version: plan.version.clone(),
            title: plan.title.clone(),
            owner: DepartmentView {
                key: owner.key.clone(),
                title: owner.title.clone(),
            },
            questions: question::guides(plan, answers_given, &answers),
            matters: matters(plan, &scenario),
            forms,
            own_forms,
            later_forms,
            fetched: look_ups,
            derived: derived::derived(plan, &scenario),
            time: time(&view),
            visits: trips.iter().map(|trip| trip.visits).sum(),
            trips,
            submissions: view.submissions(),
            results: results(plan, &scenario),
            fees: Text::new(
                "服务定义未写明收费；以办理部门公示的收费目录清单为准。",
                "The definition states no fees; what the departments publish applies.",
            ),
        }
    }
}

pub(crate) fn department(plan: &Plan, step: StepIx) -> Option<DepartmentView> {
    let item = plan.step(step);
    // An application is taken by whoever accepts it.
    let accepting = match &item.actor {
        Actor::Submission(submission) => submission.accepted_by,
        Actor::LookUp(_) | Actor::System | Actor::Officer | Actor::Applicant | Actor::Outside => {
            None
        }
    };
    let by_accepting = accepting.and_then(|step| plan.step(step).department);
    let department = plan.department(item.department.or(by_accepting)?);
    Some(DepartmentView {
        key: department.key.clone(),
        title: department.title.clone(),
    })
}

fn matters(plan: &Plan, scenario: &Scenario) -> Vec<MatterGuide> {
    let mut seen: Vec<_> = scenario
        .steps()
        .iter()
        .filter_map(|step| plan.step(*step).matter)
        .collect();
    seen.sort_unstable();
    seen.dedup();
    seen.into_iter()
        .map(|matter| {
            let item = plan.matter(matter);
            let department = plan.department(item.department);
            MatterGuide {
                key: item.key.clone(),
                title: item.title.clone(),
                code: item.code.clone(),
                department: DepartmentView {
                    key: department.key.clone(),
                    title: department.title.clone(),
                },
                when: crate::phrases::condition(plan, &item.when),
                limit: words::limits(&item.limit),
                basis: item.limit.basis.clone(),
            }
        })
        .collect()
}

fn form(plan: &Plan, scenario: &Scenario, step: StepIx) -> FormGuide {
    let item = plan.step(step);
    let asked = scenario.form(step).iter();
    let (materials, fields) = asked
        .map(|asked| FieldGuide::new(plan, scenario, asked))
        .partition(|field| field.kind == FieldKind::Document);
    let when = match &item.actor {
        Actor::Submission(submission) => match submission.kind {
            SubmissionKind::Fallback(look_up) => {
                let title = words::quoted(&plan.step(look_up).title);
                let (zh, en) = (title.zh(), title.en());
                let unasked = unasked::told(plan, scenario.outline(), step);
                Some(match unasked {
                    None => Text::new(
                        format!("仅当{zh}没有查到时"),
                        format!("only if {en} finds nothing"),
                    ),
                    Some(unasked) => Text::new(
                        format!("仅当{zh}没有查到，或者{}时", unasked.zh()),
                        format!("only if {en} finds nothing or {}", unasked.en()),
                    ),
                })
            }
            SubmissionKind::Application => None,
        },
        Actor::LookUp(_) | Actor::System | Actor::Officer | Actor::Applicant | Actor::Outside => {
            None
        }
    };
    FormGuide {
        step: item.key.clone(),
        title: item.title.clone(),
        department: department(plan, step),
        when,
        fields,
        materials,
    }
}

/// Whether a form for what a registry does not have asks for anything: what everybody can do
/// without holds nobody up.
pub(crate) fn is_asked(scenario: &Scenario, later_form: StepIx) -> bool {
    let mut form = scenario.form(later_form).iter();
    form.any(|asked| !asked.optional)
}

fn time(view: &View) -> TimeGuide {
    let of_key = |key: &StepKey| view.steps.iter().find(|step| step.key == *key);
    let on_path: Vec<&StepView> = view.critical_path.iter().filter_map(of_key).collect();
    let timed = || on_path.iter().filter(|step| step.takes > 0);
    let steps = timed().map(|step| (step.key.clone(), step.takes)).collect();
    let path = timed().map(|step| {
        let (title, days) = (&step.title, words::working_days(step.takes));
        Text::new(
            format!("{}（{}）", title.zh(), days.zh()),
            format!("{} ({})", title.en(), days.en()),
        )
    });
    let mut notes = crate::draw::cautions(view);
    if view
        .steps
        .iter()
        .any(|step| step.kind == StepKind::Applicant)
    {
        notes.push(Text::new(
            "您自己办理的环节用多久由您决定，不计入。",
            "The time that you take for your own steps is up to you and not counted.",
        ));
    }
    TimeGuide {
        working_days: view.makespan_working_days.filter(|_| view.makespan > 0),
        path: path.collect(),
        steps,
        notes,
        calendar: !view.in_calendar_days.is_empty(),
        thousandths: view.makespan,
    }
}

fn results(plan: &Plan, scenario: &Scenario) -> Vec<ResultGuide> {
    plan.deliveries
        .iter()
        .filter_map(|delivery| {
            // The last step that writes to the result finishes it.
            let makers = plan.makers(delivery.what);
            let maker = makers.filter(|step| scenario.is_active(*step)).last()?;
            let role = plan.role(delivery.what);
            Some(ResultGuide {
                role: role.key.clone(),
                title: role.title.clone(),
                department: department(plan, maker),
                by: delivery.by.iter().map(|by| by.as_str()).collect(),
                channels: delivery.by.iter().map(|by| words::channel(*by)).collect(),
            })
        })
        .collect()
}
