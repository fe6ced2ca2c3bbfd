//! What the applicant is asked for although it is known, or will be: by an intake on its own
//! account, and by a step of the applicant's.

use std::collections::{BTreeMap, BTreeSet};

use onething_model::Text;
use onething_plan::{Actor, Answers, FieldIx, Outline, Plan, Source, StepIx};

use crate::diagnostic::{Code, Diagnostic, both};
use crate::graph::build::Built;
use crate::lower::Cx;
use crate::once_only::{follows_in_words, provider_in_words};
use crate::review::{Reviewed, write_span};
use crate::space::{self, Words};

/// Who knows what the applicant is asked for.
#[derive(Debug, Clone, Copy)]
enum Known {
    /// A step that makes it, or a look-up.
    By(StepIx),
    /// Whoever knows this field, from which it follows.
    From(FieldIx),
}

/// What is asked of an application or a step of the applicant's.
type Question = (StepIx, FieldIx);

/// What is asked although it is known; collected over scenarios.
pub(crate) struct Asked<'a> {
    /// The plan without what its intakes ask on their own account and registries could give
    /// after the application; `None` where there is no such thing.
    unasked: Option<Plan>,
    /// The plan without what its intakes ask on their own account and follows from something
    /// else: whether that is there without it.
    unfollowed: Option<Plan>,
    /// The plan without what steps of the applicant's write and registries could give.
    unwritten: Option<Plan>,
    ever_asked: BTreeSet<Question>,
    /// With the first answers for which it is so.
    in_vain: BTreeMap<Question, (Known, &'a Answers)>,
    known: BTreeMap<Question, (Known, &'a Answers)>,
    /// What is known, and would not be for some answers if nobody asked for it.
    asked_for: BTreeSet<Question>,
    /// Of each field that is known: whether there are answers for which no step reads it, and
    /// some for which one does.
    read_by_steps: Vec<[bool; 2]>,
    written: BTreeMap<Question, (StepIx, &'a Answers)>,
}

impl<'a> Asked<'a> {
    /// Nothing yet. `part` has the reads of the plan that matter here.
    pub(crate) fn new(plan: &Plan, part: &Plan) -> Self {
        Self {
            unasked: unasked(part),
            unfollowed: without_asks(part, |_, field| part.field(field).derived.is_some()),
            unwritten: unwritten(part),
            ever_asked: BTreeSet::new(),
            in_vain: BTreeMap::new(),
            known: BTreeMap::new(),
            asked_for: BTreeSet::new(),
            read_by_steps: vec![[false; 2]; plan.fields.len()],
            written: BTreeMap::new(),
        }
    }

    /// Adds what is asked in a scenario.
    pub(crate) fn see(
        &mut self,
        plan: &Plan,
        part: &Plan,
        outline: &Outline,
        answers: &'a Answers,
    ) {
        let read = outline.read_by_steps(part);
        let resolved = |plan: &Plan| Outline::resolve(plan, answers);
        let unasked = self.unasked.as_ref().map(resolved);
        let unfollowed = self.unfollowed.as_ref().map(resolved);
        for application in plan.applications().filter(|at| outline.is_active(*at)) {
            for item in &plan.step(application).reads {
                let (field, question) = (item.field, (application, item.field));
                let mut form = outline.form(application).iter();
                let is_asked = form.any(|asked| asked.field == field);
                let now = known(plan, outline, application, field);
                // What a registry gives later is asked for the intake's sake alone.
                let later = || brought(plan, unasked.as_ref()?, application, field);
                let by = now.or_else(|| later().filter(|_| is_asked));
                if is_asked && (now.is_some() || by.is_none()) {
                    self.ever_asked.insert(question);
                }
                let Some(by) = by else {
                    continue;
                };
                if is_asked && now.is_some() && !item.optional {
                    self.in_vain.entry(question).or_insert((by, answers));
                    continue;
                }
                self.known.entry(question).or_insert((by, answers));
                let is_there = |from| {
                    let without = unfollowed.as_ref();
                    without.is_some_and(|without| is_there(plan, without, application, from))
                };
                if !matches!(now, Some(Known::From(from)) if is_there(from)) {
                    self.asked_for.insert(question);
                }
                let by_steps = &mut self.read_by_steps[field.index()];
                by_steps[usize::from(read[field.index()])] = true;
            }
        }
        if let Some(without) = self.unwritten.as_ref().map(resolved) {
            for (step, field) in written_and_held(part) {
                let scope = plan.step(step).scope;
                if outline.is_active(step)
                    && let Some(Known::By(look_up)) = brought(plan, &without, scope, field)
                {
                    let first = (look_up, answers);
                    self.written.entry((step, field)).or_insert(first);
                }
            }
        }
    }

    /// What there is to tell of intakes, for tests.
    #[cfg(test)]
    pub(crate) fn of_intakes(&self) -> Vec<(StepIx, FieldIx, String)> {
        let asked = self.ever_asked.iter().map(|one| (one, "asked".to_owned()));
        let in_vain = self.in_vain.iter();
        let in_vain = in_vain.map(|(one, (by, _))| (one, format!("in vain {by:?}")));
        let known = self.known.iter().map(|(one, (by, _))| {
            let read = self.read_by_steps[one.1.index()];
            (one, format!("{by:?} {read:?}"))
        });
        let all = asked.chain(in_vain).chain(known);
        all.map(|((at, field), what)| (*at, *field, what)).collect()
    }

    /// Reports them.
    pub(crate) fn report(mut self, cx: &mut Cx<'_>, way: &Reviewed<'_>, built: &Built) {
        let plan = &built.plan;
        // What is known for some answers, and asked for others alone, has its place; so has what is
        // found for steps for some answers alone, for who takes the application in is told it
        // always. What follows from something that is there whatever is asked is found for nobody.
        self.known.retain(|asked, (source, _)| {
            let is_made = matches!(source, Known::By(step)
                if !matches!(plan.step(*step).actor, Actor::LookUp(_)));
            let for_more = !is_made
                && self.asked_for.contains(asked)
                && self.read_by_steps[asked.1.index()] == [true; 2];
            !self.ever_asked.contains(asked) && !for_more
        });
        self.in_vain.extend(self.known);
        for (question, (source, answers)) in self.in_vain {
            let (application, field) = question;
            // What is there whatever is answered needs no example.
            let is_always = matches!(source, Known::From(_)) && !self.asked_for.contains(&question);
            let example = Some(answers).filter(|_| !is_always);
            asked(cx, way, built, (application, field, source), example);
        }
        for ((step, field), (look_up, answers)) in self.written {
            written(cx, way, built, (step, field, look_up), answers);
        }
    }
}

/// Whether a registry could give a field, or what it follows from, after a step.
fn is_held_after(plan: &Plan, field: FieldIx, step: StepIx) -> bool {
    let item = plan.field(field);
    let from = item.derived.map(|derived| plan.field(derived.from));
    let mut look_ups = std::iter::once(item)
        .chain(from)
        .flat_map(|item| &item.lookups);
    look_ups.any(|look_up| *look_up > step)
}

fn unasked(plan: &Plan) -> Option<Plan> {
    without_asks(plan, |application, field| {
        is_held_after(plan, field, application)
    })
}

/// The plan without some of what applications ask on their own account; `None` where they ask
/// nothing of the kind.
fn without_asks(plan: &Plan, is_left_out: impl Fn(StepIx, FieldIx) -> bool) -> Option<Plan> {
    let mut without = None;
    for application in plan.applications() {
        let mut reads = plan.step(application).reads.iter();
        if reads.any(|read| is_left_out(application, read.field)) {
            let without: &mut Plan = without.get_or_insert_with(|| plan.clone());
            let reads = &mut without.steps[application.index()].reads;
            reads.retain(|read| !is_left_out(application, read.field));
        }
    }
    without
}

/// Whether an application has a field: from the applicant, or looked up on the draft.
fn is_there(plan: &Plan, outline: &Outline, application: StepIx, field: FieldIx) -> bool {
    let given = outline.form(application).iter();
    let look_ups = plan.field(field).lookups.iter();
    let found = look_ups
        .filter(|step| **step < application)
        .flat_map(|step| outline.form(*step));
    given
        .chain(found)
        .any(|one| one.field == field && !one.optional)
}

/// What steps of the applicant's write and registries hold.
pub(crate) fn written_and_held(plan: &Plan) -> impl Iterator<Item = Question> {
    let steps = plan.step_numbers().filter(|at| plan.is_stated_in(*at));
    let written = steps.flat_map(|at| {
        let writes = plan.step(at).writes.iter();
        writes.map(move |field| (at, *field))
    });
    written.filter(|(_, field)| !plan.field(*field).lookups.is_empty())
}

/// Answers for which something holds of fields, as an example in brackets: those that decide
/// who takes part that reads or writes one of them. Nothing where no answer does.
pub(crate) fn with_these(plan: &Plan, fields: &[FieldIx], answers: &Answers) -> Text {
    let concerned = plan.steps.iter().filter(|item| {
        let mut read = item.reads.iter().map(|read| &read.field);
        read.any(|field| fields.contains(field))
            || item.writes.iter().any(|field| fields.contains(field))
    });
    let conds: Vec<_> = concerned.map(|item| &item.when).collect();
    let about = space::questions(&conds);
    if about.is_empty() {
        return Text::new("", "");
    }
    let told = Words::of(plan).told(answers, &about);
    both!(
        "（例如 {} 时）",
        " (with {}, for instance)",
        told.zh(),
        told.en(),
    )
}

fn unwritten(plan: &Plan) -> Option<Plan> {
    let mut without = None;
    for (step, field) in written_and_held(plan) {
        let without: &mut Plan = without.get_or_insert_with(|| plan.clone());
        let writes = &mut without.steps[step.index()].writes;
        writes.retain(|write| *write != field);
        let producers = &mut without.fields[field.index()].producers;
        producers.retain(|producer| *producer != step);
    }
    without
}

/// Who knows what an application wants on its own account: where it is made, fetched or derived.
fn known(plan: &Plan, outline: &Outline, application: StepIx, field: FieldIx) -> Option<Known> {
    // Who reads it as well amends what the applicant gives.
    let amends = |step: StepIx| {
        let mut reads = plan.step(step).reads.iter();
        reads.any(|read| read.field == field)
    };
    let mut makers = plan.field(field).producers.iter();
    if let Some(step) = makers.find(|step| outline.is_active(**step) && !amends(**step)) {
        return Some(Known::By(*step));
    }
    found(outline, application, field)
}

/// Whence a step has a field that a registry gives, or that follows from another.
fn found(outline: &Outline, step: StepIx, field: FieldIx) -> Option<Known> {
    let mut sources = outline.sources(step).iter();
    let (_, source) = sources.find(|(known, _)| *known == field)?;
    match source {
        Source::LookUp(step) => Some(Known::By(*step)),
        Source::Derived(from) => Some(Known::From(*from)),
        Source::Step(_) | Source::Applicant(_) => None,
    }
}

/// Who gives a field to the steps after an application, of which none has it from its form.
fn brought(plan: &Plan, outline: &Outline, application: StepIx, field: FieldIx) -> Option<Known> {
    let mut form = outline.form(application).iter();
    if form.any(|asked| asked.field == field) {
        return None;
    }
    let mut steps = outline
        .steps()
        .filter(|step| plan.step(*step).scope == application);
    steps.find_map(|step| found(outline, step, field))
}

fn asked(
    cx: &mut Cx<'_>,
    way: &Reviewed<'_>,
    built: &Built,
    (application, field, source): (StepIx, FieldIx, Known),
    example: Option<&Answers>,
) {
    let plan = &built.plan;
    let path = &plan.field(field).path;
    let node = &way.nodes.list[built.node_of[application.index()]];
    let at = plan
        .step(application)
        .reads
        .iter()
        .position(|read| read.field == field);
    let span = at
        .and_then(|at| node.reads.get(at))
        .map_or(node.span, |read| read.span);
    let such = example.map_or_else(
        || Text::new("", ""),
        |answers| with_these(plan, &[field], answers),
    );
    let (such_zh, such_en) = (such.zh(), such.en());
    let mut diagnostic = Diagnostic::new(
        Code::AskedThoughKnown,
        span,
        match source {
            Known::By(step) => {
                let who = provider_in_words(plan, step);
                let (zh, en) = (who.zh(), who.en());
                both!(
                    "要申请人填写 `{path}`，但{zh}已经能提供{such_zh}",
                    "`{path}` is asked of the applicant, but {en} provides it{such_en}",
                )
            }
            Known::From(from) => {
                let whence = &plan.field(from).path;
                let follows = follows_in_words(plan, field);
                let (zh, en) = (follows.zh(), follows.en());
                both!(
                    "要申请人填写 `{path}`，但它可由 `{whence}` 得出{zh}{such_zh}",
                    "`{path}` is asked of the applicant, but follows from `{whence}`{en}{such_en}",
                )
            }
        },
    )
    .label(both!("在这里要求填写", "asked here"))
    .field("intake.asks")
    .why(both!(
        "已有的数据不再要申请人提供；数据库查不到时会自动询问",
        "what is known is not asked again; where a registry has nothing, the question comes by itself",
    ))
    .help(both!(
        "从 `asks` 中删除它",
        "remove it from `asks`",
    ));
    if let Known::By(step) = source {
        diagnostic = diagnostic.related(
            write_span(way, built, step, field),
            both!("在这里产生或提供", "made or provided here"),
        );
    }
    cx.report(diagnostic);
}

fn written(
    cx: &mut Cx<'_>,
    way: &Reviewed<'_>,
    built: &Built,
    (step, field, look_up): (StepIx, FieldIx, StepIx),
    answers: &Answers,
) {
    let plan = &built.plan;
    let path = &plan.field(field).path;
    let name = plan.step(step).key.as_str();
    let who = provider_in_words(plan, look_up);
    let (zh, en) = (who.zh(), who.en());
    let such = with_these(plan, &[field], answers);
    let (such_zh, such_en) = (such.zh(), such.en());
    cx.report(
        Diagnostic::new(
            Code::AskedThoughKnown,
            write_span(way, built, step, field),
            both!(
                "环节 `{name}` 要申请人提供 `{path}`，但{zh}已经能提供{such_zh}",
                "the step `{name}` asks the applicant for `{path}`, but {en} provides it{such_en}",
            ),
        )
        .label(both!("在这里要求提供", "asked here"))
        .field(format!("steps.{name}.writes"))
        .related(
            write_span(way, built, look_up, field),
            both!("在这里提供", "provided here"),
        )
        .why(both!(
            "已有的数据不再要申请人提供；数据库查不到时会自动询问",
            "what is known is not asked again; where a registry has nothing, the question comes by itself",
        ))
        .help(both!(
            "从 `writes` 中删除它",
            "remove it from `writes`",
        )),
    );
}
