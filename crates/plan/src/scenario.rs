//! What a plan comes to for one set of answers (情形): which steps are part of
//! the case, where each read comes from, what the forms ask, and which arrows
//! follow.
//!
//! For every read the source is the first *active* one of: an earlier step's
//! output, what it [follows from](crate::derivation), a registry that is worth asking, the
//! applicant. Derived nodes (look-ups, submissions)
//! are part of the case only if something needs them.
//!
//! What a step can do without and only steps make that are no part of the case is
//! absent: nobody is asked for an officer's finding. What a step cannot do without
//! is asked then: an applicant may have it from an earlier case. Absent is as well what
//! a registry brings later in the case: nobody is asked for it beforehand.

use std::collections::BTreeSet;

use crate::condition::Answers;
use crate::follows::{self, Given};
use crate::index::{FieldIx, StepIx};
use crate::outline::{FormField, Outline};
use crate::plan::{Handled, Plan};
use crate::step::{Actor, SubmissionKind};
use crate::worth::{self, Spared};

/// Where a read comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// An earlier step makes it.
    Step(StepIx),
    /// A registry is asked.
    LookUp(StepIx),
    /// The applicant fills it in on this submission's form.
    Applicant(StepIx),
    /// It follows from this field, which has a source of its own beside it.
    Derived(FieldIx),
}

/// Why one step comes before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Why {
    /// The earlier makes, fetches or collects a field that the later reads.
    Data(FieldIx),
    /// The applicant carries what the earlier made to the later submission.
    Carried(FieldIx),
    /// The `after` of the later step with this position says so.
    Stated(usize),
    /// Nothing begins before its submission.
    Submitted,
    /// Nothing is examined before it is accepted.
    Accepted,
}

/// An arrow of the DAG and its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The earlier step.
    pub from: StepIx,
    /// The later step.
    pub to: StepIx,
    /// Why, at least one reason, in order.
    pub why: Vec<Why>,
    /// Whether other arrows imply this one; the core leaves it out.
    pub implied: bool,
}

/// A plan for one set of answers. All tables are by step number.
#[derive(Debug, Clone, Default)]
pub struct Scenario {
    outline: Outline,
    order: Vec<StepIx>,
    edges: Vec<Edge>,
    needs: Vec<Box<[StepIx]>>,
    feeds: Vec<Box<[StepIx]>>,
    spared: Vec<Spared>,
}

impl Scenario {
    /// Which scenario a set of answers belongs to: answers with the same key
    /// have the same scenario.
    #[must_use]
    pub fn key(plan: &Plan, answers: &Answers) -> Vec<u64> {
        let mut key = vec![0_u64; plan.steps.len().div_ceil(64)];
        for (at, step) in plan.steps.iter().enumerate() {
            if !is_derived(&step.actor) && step.when.holds(answers) {
                key[at / 64] |= 1 << (at % 64);
            }
        }
        key
    }

    /// Resolves a plan for these answers. Linear in the plan's reads and
    /// arrows, but for the transitive reduction (a bit per pair of steps).
    #[must_use]
    pub fn resolve(plan: &Plan, answers: &Answers) -> Self {
        Resolver::settled(plan, answers, true).finish()
    }

    /// What needs no order.
    #[must_use]
    pub fn outline(&self) -> &Outline {
        &self.outline
    }

    /// Whether a step is part of the case.
    #[must_use]
    pub fn is_active(&self, step: StepIx) -> bool {
        self.outline.is_active(step)
    }

    /// The steps that are part of the case, in topological order.
    #[must_use]
    pub fn steps(&self) -> &[StepIx] {
        &self.order
    }

    /// All arrows, ordered by target and origin, the implied ones marked.
    #[must_use]
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// What a step waits for, implied arrows left out.
    #[must_use]
    pub fn needs(&self, step: StepIx) -> &[StepIx] {
        self.needs.get(step.index()).map_or(&[], |needs| needs)
    }

    /// What waits for a step, implied arrows left out.
    #[must_use]
    pub fn feeds(&self, step: StepIx) -> &[StepIx] {
        self.feeds.get(step.index()).map_or(&[], |feeds| feeds)
    }

    /// Where a step's reads come from; a read that is absent has no source. Beside
    /// what is derived stands what it follows from, whether or not the step reads that.
    #[must_use]
    pub fn sources(&self, step: StepIx) -> &[(FieldIx, Source)] {
        self.outline.sources(step)
    }

    /// Look-ups that are not made, since they would ask for no less than they save;
    /// ordered. See [`crate::worth`].
    #[must_use]
    pub fn spared(&self) -> &[Spared] {
        &self.spared
    }

    /// What a submission's form asks, ordered by field. For a look-up: what is
    /// read of it, and so has to be asked of the applicant if the registry
    /// does not have it; its fallback, if it has one, lists the same.
    #[must_use]
    pub fn form(&self, node: StepIx) -> &[FormField] {
        self.outline.form(node)
    }
}

fn is_derived(actor: &Actor) -> bool {
    matches!(actor, Actor::Submission(_) | Actor::LookUp(_))
}

/// Walks backwards through a plan and finds what its reads make part of a case.
pub(crate) struct Resolver<'a> {
    plan: &'a Plan,
    /// Whether the answers allow for each step: a look-up may be for some of them only.
    holds: Vec<bool>,
    active: Vec<bool>,
    /// Arrows by target: (from, why); `None` where nobody asks for the order.
    into: Option<Vec<Vec<(StepIx, Why)>>>,
    sources: Vec<(FieldIx, Source)>,
    spans: Vec<(u32, u32)>,
    forms: Vec<Vec<FormField>>,
    spared: Vec<Spared>,
    /// What the applicant gives, as far as something follows from it.
    given: Option<Given>,
    /// What an application asks for in any case and a registry could give only after it: what
    /// has been stated is not looked up again, nor asked again where the registry has nothing.
    stated: BTreeSet<(StepIx, FieldIx)>,
}

impl<'a> Resolver<'a> {
    /// Walks until no form asks for anything that follows from what is asked anyway, or that
    /// was asked before.
    pub(crate) fn settled(plan: &'a Plan, answers: &Answers, ordered: bool) -> Self {
        let mut this = Self::new(plan, answers, ordered, None);
        loop {
            this.walk();
            let (given, more) = (this.gives_more(), this.states_more());
            if given.is_none() && more.is_empty() {
                return this;
            }
            let (known, mut stated) = (this.given, this.stated);
            stated.extend(more);
            this = Self::new(plan, answers, ordered, given.or(known));
            this.stated = stated;
        }
    }

    /// What is asked by an application, and by the one after a look-up as well.
    fn states_more(&self) -> Vec<(StepIx, FieldIx)> {
        let plan = self.plan;
        let mut more = Vec::new();
        for step in plan.step_numbers().filter(|at| self.active[at.index()]) {
            let Some(scope) = self.later(step) else {
                continue;
            };
            let form = &self.forms[scope.index()];
            let asked = self.forms[step.index()].iter().map(|asked| asked.field);
            let asked = asked.filter(|field| {
                let mut form = form.iter();
                form.any(|asked| asked.field == *field && !asked.optional)
            });
            more.extend(asked.map(|field| (scope, field)));
        }
        more.retain(|one| !self.stated.contains(one));
        more
    }

    /// The application that comes before a look-up; `None` where it is on the draft, or wanted
    /// as a check of what the applicant states.
    fn later(&self, look_up: StepIx) -> Option<StepIx> {
        let item = self.plan.step(look_up);
        let is_later = matches!(&item.actor, Actor::LookUp(look_up)
            if look_up.fallback.is_some() && !look_up.always);
        is_later.then_some(item.scope)
    }

    fn gives_more(&self) -> Option<Given> {
        let known = self.given.as_ref();
        follows::given(self.plan, &self.active, &self.forms, &self.spared, known)
    }

    fn new(plan: &'a Plan, answers: &Answers, ordered: bool, given: Option<Given>) -> Self {
        let count = plan.steps.len();
        let holds: Vec<bool> = (plan.steps.iter())
            .map(|step| step.when.holds(answers))
            .collect();
        let mut active = vec![false; count];
        for (at, step) in plan.steps.iter().enumerate() {
            if !is_derived(&step.actor) && holds[at] {
                active[at] = true;
                active[step.scope.index()] = true;
            }
        }
        let spared = worth::spared(plan, &holds, &active, given.as_ref());
        Self {
            plan,
            holds,
            spared,
            active,
            into: ordered.then(|| vec![Vec::new(); count]),
            sources: Vec::with_capacity(plan.steps.iter().map(|step| step.reads.len()).sum()),
            spans: vec![(0, 0); count],
            forms: vec![Vec::new(); count],
            given,
            stated: BTreeSet::new(),
        }
    }

    /// Backwards through the topological order: whoever reads comes before
    /// (in this walk) whatever it makes part of the case.
    fn walk(&mut self) {
        for step in self.plan.step_numbers().rev() {
            if self.active[step.index()] {
                self.visit(step);
            }
        }
        for form in &mut self.forms {
            // What one reader cannot do without comes first of its field and stays.
            form.sort_unstable_by_key(|asked| (asked.field, asked.optional));
            form.dedup_by_key(|asked| asked.field);
        }
    }

    pub(crate) fn outline(self) -> Outline {
        Outline {
            holds: self.holds,
            active: self.active,
            sources: self.sources,
            spans: self.spans,
            forms: self.forms,
        }
    }

    fn visit(&mut self, step: StepIx) {
        let plan = self.plan;
        let item = plan.step(step);
        let begin = self.sources.len();
        let mut derives = false;
        for read in &item.reads {
            // To read what follows from something is to read that.
            match self.derived_from(step, read.field) {
                Some(from) => {
                    derives = true;
                    if self.obtain(step, (from, read.optional), Some(begin)) {
                        self.sources.push((read.field, Source::Derived(from)));
                    }
                }
                None => {
                    let beside = derives.then_some(begin);
                    self.obtain(step, (read.field, read.optional), beside);
                }
            }
        }
        self.spans[step.index()] = (begin as u32, (self.sources.len() - begin) as u32);
        if self.into.is_none() {
            return;
        }
        for (at, after) in item.after.iter().enumerate() {
            // Numbers follow the order of a plan: nothing waits for what is not before it.
            let before = self.standing_in_for(after.step);
            for from in before.into_iter().filter(|from| *from < step) {
                self.arrow(from, step, Why::Stated(at));
            }
        }
        if is_derived(&item.actor) {
            return;
        }
        self.arrow(item.scope, step, Why::Submitted);
        if let Actor::Submission(submission) = &plan.step(item.scope).actor
            && let Some(gate) = submission.accepted_by
            && gate != step
            && self.active[gate.index()]
        {
            self.arrow(gate, step, Why::Accepted);
        }
    }

    /// Makes part of the case whatever a field comes from; false where it is absent.
    /// What is read, and read again for what follows from it, has one source: it is looked
    /// for among those from `beside` on.
    fn obtain(
        &mut self,
        step: StepIx,
        (field, optional): (FieldIx, bool),
        beside: Option<usize>,
    ) -> bool {
        let source = self.source(step, field);
        if optional && self.is_absent(step, field, source) {
            return false;
        }
        let known = |begin| {
            self.sources[begin..]
                .iter()
                .any(|(known, _)| *known == field)
        };
        if !beside.is_some_and(known) {
            self.sources.push((field, source));
        }
        match source {
            Source::Step(from) => self.arrow(from, step, Why::Data(field)),
            Source::LookUp(look_up) => self.fetch(look_up, step, field, optional),
            Source::Applicant(submission) => {
                self.ask(submission, field, optional);
                if submission.index() < step.index() {
                    self.arrow(submission, step, Why::Data(field));
                }
            }
            // Not what `source` tells: it is about fields as they are.
            Source::Derived(_) => {}
        }
        true
    }

    /// What a field follows from, where that is how `reader` knows it.
    fn derived_from(&mut self, reader: StepIx, field: FieldIx) -> Option<FieldIx> {
        let plan = self.plan;
        let from = plan.field(field).derived?.from;
        if matches!(self.source(reader, field), Source::Step(_)) {
            return None;
        }
        match self.source(reader, from) {
            Source::Step(_) | Source::LookUp(_) => Some(from),
            Source::Applicant(submission) => {
                if self.given.is_none() {
                    self.given = Some(self.read_as_they_are());
                }
                let given = self.given.as_ref()?;
                given.contains(&(submission, from)).then_some(from)
            }
            Source::Derived(_) => None,
        }
    }

    /// What steps cannot do without, something follows from, and the applicant gives.
    fn read_as_they_are(&self) -> Given {
        let mut is_source = vec![false; self.plan.fields.len()];
        for derived in self.plan.fields.iter().filter_map(|field| field.derived) {
            is_source[derived.from.index()] = true;
        }
        let mut given = Given::new();
        for step in self.plan.step_numbers() {
            let item = self.plan.step(step);
            if !self.active[step.index()] || matches!(item.actor, Actor::LookUp(_)) {
                continue;
            }
            let reads = item.reads.iter().filter(|read| !read.optional);
            for read in reads.filter(|read| is_source[read.field.index()]) {
                if let Source::Applicant(submission) = self.source(step, read.field) {
                    given.insert((submission, read.field));
                }
            }
        }
        given
    }

    fn source(&self, reader: StepIx, field: FieldIx) -> Source {
        let plan = self.plan;
        let scope = plan.step(reader).scope;
        let made = |from: &&StepIx| from.index() < reader.index() && self.active[from.index()];
        let item = plan.field(field);
        let producer = item.producers.iter().find(made).copied();
        match producer {
            Some(from) if plan.handled == Handled::Together || plan.step(from).scope == scope => {
                Source::Step(from)
            }
            Some(_) => Source::Applicant(scope),
            None => match item.lookups.iter().find(|at| {
                // Handled apart, what one window fetched is not on the next one's form.
                at.index() < reader.index()
                    && self.holds[at.index()]
                    && !self.is_spared(**at)
                    && !self.is_stated(**at, field)
                    && (plan.handled == Handled::Together || plan.step(**at).scope == scope)
            }) {
                Some(look_up) => Source::LookUp(*look_up),
                None => Source::Applicant(scope),
            },
        }
    }

    /// Whether a field that `reader` can do without is not asked of the applicant:
    /// steps make it, and none of them is part of the case; or a registry brings it later.
    /// An application's own optional question says that the applicant may have it: it is
    /// asked where nobody makes it.
    fn is_absent(&self, reader: StepIx, field: FieldIx, source: Source) -> bool {
        let Source::Applicant(submission) = source else {
            return false;
        };
        let producers = &self.plan.field(field).producers;
        // Handled apart, the applicant has what other windows made before.
        let scope = self.plan.step(reader).scope;
        let reaches = |from: &StepIx| {
            self.plan.handled == Handled::Together
                || self.plan.step(*from).scope == scope
                || *from < scope
        };
        let mut active = producers.iter().filter(|from| self.active[from.index()]);
        let is_made = active.any(reaches);
        if self.is_brought_later(submission, field) {
            return true;
        }
        match self.plan.step(reader).actor {
            Actor::Submission(_) => is_made && self.plan.handled == Handled::Together,
            Actor::LookUp(_)
            | Actor::System
            | Actor::Officer
            | Actor::Applicant
            | Actor::Outside => {
                let form = &self.plan.step(submission).reads;
                let may_have = form.iter().any(|read| read.field == field);
                !producers.is_empty() && !is_made && !may_have
            }
        }
    }

    /// Whether a registry is asked for a field after this application.
    fn is_brought_later(&self, submission: StepIx, field: FieldIx) -> bool {
        let mut look_ups = self.plan.field(field).lookups.iter();
        look_ups.any(|at| {
            // Whoever reads what it gives comes after it, and was visited before.
            let mut brings = self.forms[at.index()].iter();
            self.later(*at) == Some(submission) && brings.any(|asked| asked.field == field)
        })
    }

    fn is_stated(&self, look_up: StepIx, field: FieldIx) -> bool {
        let later = || self.later(look_up);
        !self.stated.is_empty() && later().is_some_and(|at| self.stated.contains(&(at, field)))
    }

    fn is_spared(&self, look_up: StepIx) -> bool {
        let spared = &self.spared;
        spared
            .binary_search_by_key(&look_up, |item| item.look_up)
            .is_ok()
    }

    /// `reader` reads what a look-up gives: directly when it is on the draft
    /// (the form then asks for what was missed), else through its fallback.
    fn fetch(&mut self, look_up: StepIx, reader: StepIx, field: FieldIx, optional: bool) {
        let plan = self.plan;
        self.active[look_up.index()] = true;
        self.put(look_up, field, optional);
        let fallback = match &plan.step(look_up).actor {
            Actor::LookUp(item) => item.fallback,
            Actor::Submission(_)
            | Actor::System
            | Actor::Officer
            | Actor::Applicant
            | Actor::Outside => None,
        };
        match fallback {
            Some(fallback) => {
                self.active[fallback.index()] = true;
                self.ask(fallback, field, optional);
                self.arrow(look_up, fallback, Why::Data(field));
                self.arrow(fallback, reader, Why::Data(field));
            }
            None => {
                let submission = plan.step(look_up).scope;
                if reader.index() > submission.index() {
                    self.arrow(look_up, submission, Why::Data(field));
                    self.arrow(submission, reader, Why::Data(field));
                } else {
                    // Another look-up on the draft, or the submission itself.
                    self.arrow(look_up, reader, Why::Data(field));
                }
            }
        }
    }

    /// Puts a field on a form; in the old way, after the steps of other
    /// matters that make it.
    fn ask(&mut self, submission: StepIx, field: FieldIx, optional: bool) {
        let plan = self.plan;
        self.active[submission.index()] = true;
        self.put(submission, field, optional);
        if self.into.is_none() {
            return;
        }
        let carried = plan
            .field(field)
            .producers
            .iter()
            .filter(|from| from.index() < submission.index() && self.active[from.index()]);
        for from in carried.copied().collect::<Vec<_>>() {
            self.arrow(from, submission, Why::Carried(field));
        }
    }

    fn put(&mut self, node: StepIx, field: FieldIx, optional: bool) {
        self.forms[node.index()].push(FormField { field, optional });
    }

    /// The step itself if it is part of the case, else what it comes after.
    fn standing_in_for(&self, step: StepIx) -> Vec<StepIx> {
        let mut found = Vec::new();
        let mut seen = vec![step];
        let mut next = 0;
        while let Some(at) = seen.get(next).copied() {
            next += 1;
            if self.active[at.index()] {
                found.push(at);
                continue;
            }
            for after in &self.plan.step(at).after {
                if !seen.contains(&after.step) {
                    seen.push(after.step);
                }
            }
        }
        found
    }

    fn arrow(&mut self, from: StepIx, to: StepIx, why: Why) {
        if let Some(into) = &mut self.into {
            into[to.index()].push((from, why));
        }
    }

    fn finish(self) -> Scenario {
        let count = self.plan.steps.len();
        let mut into = self.into.unwrap_or_default();
        let words = count.div_ceil(64);
        let mut before: Vec<u64> = vec![0; words * count];
        let mut scenario = Scenario {
            needs: vec![Box::default(); count],
            ..Scenario::default()
        };
        let mut feeds = vec![Vec::new(); count];
        for to in self.plan.step_numbers() {
            if !self.active[to.index()] {
                continue;
            }
            scenario.order.push(to);
            let mut arrows = std::mem::take(&mut into[to.index()]);
            arrows.sort_unstable();
            arrows.dedup();
            let mut edges: Vec<Edge> = Vec::new();
            for (from, why) in arrows {
                match edges.last_mut() {
                    Some(edge) if edge.from == from => edge.why.push(why),
                    Some(_) | None => edges.push(Edge {
                        from,
                        to,
                        why: vec![why],
                        implied: false,
                    }),
                }
            }
            // The latest arrows first: an earlier step that one of them
            // already waits for needs no arrow of its own.
            let mut reached = vec![0_u64; words];
            for edge in edges.iter_mut().rev() {
                let from = edge.from.index();
                edge.implied = reached[from / 64] >> (from % 64) & 1 == 1;
                if edge.implied {
                    continue;
                }
                for (word, more) in reached.iter_mut().zip(&before[from * words..]) {
                    *word |= more;
                }
                reached[from / 64] |= 1 << (from % 64);
            }
            before[to.index() * words..][..words].copy_from_slice(&reached);
            let needs: Box<[StepIx]> = edges
                .iter()
                .filter(|edge| !edge.implied)
                .map(|edge| edge.from)
                .collect();
            for from in &needs {
                feeds[from.index()].push(to);
            }
            scenario.needs[to.index()] = needs;
            scenario.edges.append(&mut edges);
        }
        scenario.feeds = feeds.into_iter().map(Vec::into_boxed_slice).collect();
        scenario.outline = Outline {
            holds: self.holds,
            active: self.active,
            sources: self.sources,
            spans: self.spans,
            forms: self.forms,
        };
        scenario.spared = self.spared;
        scenario
    }
}

impl Plan {
    /// Whether a look-up is made for the draft of this application: what it has is on the
    /// form before that is handed in, and what it has not is asked there.
    #[must_use]
    pub fn is_on_draft(&self, look_up: StepIx, application: StepIx) -> bool {
        let item = self.step(look_up);
        item.scope == application
            && matches!(&item.actor, Actor::LookUp(item) if item.fallback.is_none())
    }

    /// The submissions that open a case or a matter: applications, not fallbacks.
    pub fn applications(&self) -> impl Iterator<Item = StepIx> {
        self.step_numbers().filter(|step| {
            matches!(&self.step(*step).actor, Actor::Submission(submission)
                if submission.kind == SubmissionKind::Application)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::PlanBuilder;
    use crate::condition::{Answer, Cond};

    fn keys(plan: &Plan, steps: &[StepIx]) -> String {
        let keys: Vec<_> = steps
            .iter()
            .map(|step| plan.step(*step).key.as_str())
            .collect();
        keys.join(" ")
    }

    /// One line a step: `step < needs`, and what the form asks.
    fn story(plan: &Plan, scenario: &Scenario) -> String {
        let mut text = String::new();
        for step in scenario.steps() {
            let item = plan.step(*step);
            let mut words = vec![item.key.to_string(), "<".to_owned()];
            words.push(keys(plan, scenario.needs(*step)));
            if matches!(item.actor, Actor::Submission(_)) {
                let form: Vec<_> = scenario
                    .form(*step)
                    .iter()
                    .map(|asked| plan.field(asked.field).path.field.as_str())
                    .collect();
                words.extend(["asks".to_owned(), form.join(" ")]);
            }
            words.retain(|word| !word.is_empty());
            text += &(words.join(" ") + "\n");
        }
        text
    }

    #[test]
    fn sources_are_steps_then_registries_then_the_applicant() {
        let mut b = PlanBuilder::new("shop");
        let signboard = b.yes_no("signboard");
        let [code, name, photo, licence] = ["code", "name", "photo", "licence"].map(|f| b.field(f));
        b.look_up("register", &[code], &[name, photo]);
        b.step("review", Actor::Officer).reads(name).writes(licence);
        b.step("sign", Actor::Officer)
            .when(Cond::yes(signboard))
            .reads(licence)
            .reads(name);
        let plan = b.build();
        let scenario = Scenario::resolve(&plan, &plan.reference);
        assert_eq!(
            story(&plan, &scenario),
            "register <\napply < register asks code\nreview < apply\nsign < review\n"
        );
        let register = plan.find_step("register").unwrap();
        let missed: Vec<_> = scenario.form(register).iter().map(|f| f.field).collect();
        assert_eq!(missed, [name], "only what somebody reads would be asked");
        let implied = scenario.edges().iter().filter(|edge| edge.implied).count();
        assert_eq!(
            implied, 1,
            "apply → sign follows from apply → review → sign"
        );
    }

    #[test]
    fn an_order_passes_through_what_is_left_out() {
        let mut b = PlanBuilder::new("order");
        let middle = b.yes_no("middle");
        let a = b.step("a", Actor::System).number();
        let m = b
            .step("m", Actor::System)
            .when(Cond::yes(middle))
            .after(a)
            .number();
        b.step("z", Actor::System).after(m);
        let mut plan = b.build();
        let text = |plan: &Plan| story(plan, &Scenario::resolve(plan, &plan.reference));
        assert_eq!(text(&plan), "apply < asks\na < apply\nm < a\nz < m\n");
        plan.reference.set(middle, Some(Answer::YesNo(false)));
        assert_eq!(text(&plan), "apply < asks\na < apply\nz < a\n");
    }

    #[test]
    fn matters_handled_apart_carry_papers() {
        let mut b = PlanBuilder::new("apart");
        let [name, licence] = ["name", "licence"].map(|f| b.field(f));
        let review = b
            .step("review", Actor::Officer)
            .reads(name)
            .writes(licence)
            .number();
        let submission = b.plan_mut().steps[0].actor.clone();
        let second = b
            .step("apply-sign", submission)
            .after(review)
            .with(|step| step.scope = StepIx(2))
            .number();
        b.step("sign", Actor::Officer)
            .reads(name)
            .reads(licence)
            .with(|step| step.scope = second);
        b.plan_mut().handled = Handled::Apart;
        let plan = b.build();
        assert_eq!(
            story(&plan, &Scenario::resolve(&plan, &plan.reference)),
            "apply < asks name\nreview < apply\napply-sign < review asks name licence\nsign < apply-sign\n"
        );
    }

    #[test]
    fn answers_with_the_same_key_share_a_scenario() {
        let mut b = PlanBuilder::new("key");
        let yes = b.yes_no("yes");
        b.step("a", Actor::System).when(Cond::yes(yes));
        let plan = b.build();
        let mut no = plan.reference.clone();
        no.set(yes, Some(Answer::YesNo(false)));
        assert_ne!(
            Scenario::key(&plan, &no),
            Scenario::key(&plan, &plan.reference)
        );
        assert!(Scenario::resolve(&plan, &no).steps().is_empty());
    }
}
