//! The walk that finds what a set of answers comes to: see [`crate::scenario`].

use std::collections::BTreeSet;

use crate::condition::Answers;
use crate::follows::{self, Given};
use crate::index::{FieldIx, StepIx};
use crate::outline::{FormField, Outline};
use crate::plan::{Handled, Plan};
use crate::scenario::{Edge, Scenario, Source, Why};
use crate::step::{Actor, Step, SubmissionKind};
use crate::worth::{self, Spared};

mod known;

pub(crate) fn is_derived(actor: &Actor) -> bool {
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
    /// What a look-up after the application gives another one to be asked with: its fallback,
    /// the other look-up, the field.
    chained: Vec<(StepIx, StepIx, FieldIx)>,
    /// What an application asks for in any case and a registry could give: what is stated is not
    /// looked up as well, nor asked again where a registry that is asked later has nothing.
    stated: BTreeSet<(StepIx, FieldIx)>,
    /// Look-ups on the draft that are made since their keys are there anyway.
    opened: Vec<StepIx>,
}

impl<'a> Resolver<'a> {
    /// Walks until no form asks for anything that follows from what is asked anyway, or that
    /// was asked before.
    pub(crate) fn settled(plan: &'a Plan, answers: &Answers, ordered: bool) -> Self {
        let if_known = known::look_ups(plan, answers);
        let mut this = Self::new(plan, answers, ordered, None, Vec::new());
        loop {
            this.walk();
            let more = known::opened(&this, &if_known);
            if !more.is_empty() {
                // What was asked, and so not looked up, may be looked up now.
                let mut opened = this.opened;
                opened.extend(more);
                opened.sort_unstable();
                this = Self::new(plan, answers, ordered, this.given, opened);
                continue;
            }
            let (given, more) = (this.gives_more(), this.states_more());
            if given.is_none() && more.is_empty() {
                return this;
            }
            let (known, mut stated) = (this.given, this.stated);
            stated.extend(more);
            let opened = std::mem::take(&mut this.opened);
            this = Self::new(plan, answers, ordered, given.or(known), opened);
            this.stated = stated;
        }
    }

    /// What is asked by an application, and looked up as well: on the draft, where registries give
    /// each other's keys and the applicant gives the first, or after it.
    fn states_more(&self) -> Vec<(StepIx, FieldIx)> {
        let plan = self.plan;
        let mut more = Vec::new();
        for step in plan.step_numbers().filter(|at| self.active[at.index()]) {
            let Some(scope) = self.instead_of(step) else {
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

    /// The application that would ask for what a look-up gives; `None` where it is wanted as a
    /// check of what the applicant states.
    fn instead_of(&self, look_up: StepIx) -> Option<StepIx> {
        let item = self.plan.step(look_up);
        let spares = matches!(&item.actor, Actor::LookUp(look_up) if !look_up.always);
        spares.then_some(item.scope)
    }

    /// The same, where the look-up comes after the application; `None` where it is on the draft.
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

    fn new(
        plan: &'a Plan,
        answers: &Answers,
        ordered: bool,
        given: Option<Given>,
        opened: Vec<StepIx>,
    ) -> Self {
        let count = plan.steps.len();
        let is_made = |(at, step): (usize, &Step)| {
            let waits = matches!(&step.actor, Actor::LookUp(look_up) if look_up.if_known);
            step.when.holds(answers) && (!waits || opened.contains(&StepIx::at(at)))
        };
        let holds: Vec<bool> = plan.steps.iter().enumerate().map(is_made).collect();
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
            chained: Vec::new(),
            stated: BTreeSet::new(),
            opened,
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
        self.leave_out_needless();
        // A key that is asked for, since somebody else reads it, is waited for.
        for (fallback, look_up, field) in std::mem::take(&mut self.chained) {
            let mut form = self.forms[fallback.index()].iter();
            if form.any(|asked| asked.field == field) {
                self.arrow(fallback, look_up, Why::Data(field));
            }
        }
    }

    /// What is not asked for after a look-up: what the application asks for in any case, which
    /// whoever checks it against the registry has; and, if that leaves nothing else, what
    /// everybody can do without, which holds nobody up.
    fn leave_out_needless(&mut self) {
        for step in self.plan.step_numbers() {
            let item = self.plan.step(step);
            let Actor::Submission(submission) = &item.actor else {
                continue;
            };
            let SubmissionKind::Fallback(look_up) = submission.kind else {
                continue;
            };
            if !self.active[step.index()] {
                continue;
            }
            let application = &self.forms[item.scope.index()];
            let is_given = |field: FieldIx| {
                let mut asked = application.iter();
                asked.any(|asked| asked.field == field && !asked.optional)
            };
            let form = &self.forms[step.index()];
            let (given, form): (Vec<FormField>, Vec<FormField>) =
                form.iter().partition(|asked| is_given(asked.field));
            let is_left_out = form.iter().all(|asked| asked.optional);
            if !is_left_out && given.is_empty() {
                continue;
            }
            // Who waited for the form waits for the registry only.
            if let Some(into) = &mut self.into {
                if is_left_out {
                    into[step.index()].clear();
                }
                for (from, why) in into.iter_mut().flatten() {
                    let of_given = given.iter().any(|asked| *why == Why::Data(asked.field));
                    if *from == step && (is_left_out || of_given) {
                        *from = look_up;
                    }
                }
            }
            self.active[step.index()] = !is_left_out;
            self.forms[step.index()] = if is_left_out { Vec::new() } else { form };
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
        // What a step of their own makes the applicant states there: it is a form.
        if matches!(item.actor, Actor::Applicant) {
            for field in &item.writes {
                self.put(step, *field, false);
            }
        }
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
    /// steps make it, and none of them is part of the case but the reader itself; or a registry
    /// brings it later.
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
        let others = producers.iter().filter(|from| **from != reader);
        let mut active = others.filter(|from| self.active[from.index()]);
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
        let form = || self.instead_of(look_up);
        !self.stated.is_empty() && form().is_some_and(|at| self.stated.contains(&(at, field)))
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
            // A key that nobody else reads is asked of nobody.
            Some(fallback) if matches!(plan.step(reader).actor, Actor::LookUp(_)) => {
                self.arrow(look_up, reader, Why::Data(field));
                self.chained.push((fallback, reader, field));
            }
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

    pub(crate) fn finish(self) -> Scenario {
        let count = self.plan.steps.len();
        let mut into = self.into.unwrap_or_default();
        let words = count.div_ceil(64);
        let mut before: Vec<u64> = vec![0; words * count];
        let mut scenario = Scenario {
            needs: vec![Box::default(); count],
            ..Scenario::default()
        };
        let mut feeds = vec![Vec::new(); count];
        let mut releases = vec![Vec::new(); count];
        for to in self.plan.step_numbers() {
            scenario.into.push(scenario.edges.len());
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
            for edge in &edges {
                releases[edge.from.index()].push(to);
            }
            scenario.edges.append(&mut edges);
            scenario.into[to.index()] = scenario.edges.len();
        }
        let boxed =
            |steps: Vec<Vec<StepIx>>| steps.into_iter().map(Vec::into_boxed_slice).collect();
        scenario.feeds = boxed(feeds);
        scenario.releases = boxed(releases);
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
