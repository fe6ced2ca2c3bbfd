//! Carries effects out: calls handlers, takes their answers, serves timers.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use onething_engine::{Audience, Case, Command, EffectId};
use onething_model::{Limit, Timestamp};
use onething_plan::{Actor, FieldIx, FormField};
use tracing::Instrument as _;

use crate::answered::Answered;
use crate::cell::{Call, Cell};
use crate::effects;
use crate::error::reject;
use crate::inbox::Job;
use crate::pool::{Handler, Pool};
use crate::shared::{Phase, Shared};
use crate::timers::Alarm;
use crate::{Error, Fields, Found, HandlerError, LookUpRequest, Reply, StepRequest, reader};

/// What a handler came to.
enum Answer {
    Department(Result<Reply, HandlerError>),
    Registry(Result<Option<Found>, HandlerError>),
}

/// What an answer says about its step.
enum Told {
    Done(Answered),
    Had(Answered, Vec<(FieldIx, Timestamp)>),
    Refused(String),
}

type Work = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// So much of what a failed system said is recorded.
const REASON_CHARS: usize = 2_000;

/// A worker lets others run after so many jobs.
const IN_A_ROW: u32 = 64;

/// Takes jobs until the engine stops.
pub(crate) async fn work(shared: Arc<Shared>) {
    let mut phase = shared.phase.subscribe();
    let mut in_a_row = 0;
    loop {
        if *phase.borrow_and_update() != Phase::Running || shared.broken().is_some() {
            return;
        }
        let Some(job) = shared.inbox.pop() else {
            tokio::select! {
                () = shared.inbox.woken() => {}
                changed = phase.changed() => if changed.is_err() { return },
            }
            continue;
        };
        shared.take(job);
        in_a_row += 1;
        if in_a_row == IN_A_ROW {
            in_a_row = 0;
            tokio::task::yield_now().await;
        }
    }
}

/// Serves timers until the engine stops.
pub(crate) async fn serve_timers(shared: Arc<Shared>) {
    let mut phase = shared.phase.subscribe();
    loop {
        if *phase.borrow_and_update() != Phase::Running || shared.broken().is_some() {
            return;
        }
        // Begun before the timer is taken, so that nobody sees it nowhere.
        shared.busy.begin();
        while let Some(alarm) = shared.timers.take_due(shared.clock.now()) {
            shared.ring(alarm);
        }
        shared.busy.end();
        let next = shared.timers.next();
        let sleep = async {
            match next {
                Some(at) => shared.clock.sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = sleep => {}
            () = shared.timers.sooner.notified() => {}
            changed = phase.changed() => if changed.is_err() { return },
        }
    }
}

impl Shared {
    fn ring(self: &Arc<Self>, alarm: Alarm) {
        match alarm {
            Alarm::Retry { cell, step } => {
                let due = {
                    let live = cell.live();
                    let effect = live.case.as_ref().and_then(|case| case.effect(step));
                    effect.is_some_and(|effect| {
                        matches!(effect.ask,
                            onething_engine::Ask::Wake { at } if at <= self.clock.now())
                    })
                };
                if due {
                    let retry = Command::Retry { step };
                    if let Err(error) = self.perform(&cell, |_| Ok(retry), None, None) {
                        tracing::debug!(case = cell.id.0, %error, "a retry was not needed");
                    }
                }
            }
            Alarm::Reload { cell } => {
                self.busy.begin();
                self.inbox.push(Job::Reload(cell));
            }
        }
    }

    /// Every job was counted as busy when it was pushed.
    fn take(self: &Arc<Self>, job: Job) {
        match job {
            Job::Call(call) => {
                let Some(pool) = call.cell.defined.pool(call.step).cloned() else {
                    self.nobody(&call);
                    return self.busy.end();
                };
                if let Some(call) = pool.admit(call) {
                    self.start(call, pool);
                }
            }
            Job::Admitted(call) => {
                if let Some(pool) = call.cell.defined.pool(call.step).cloned() {
                    self.start(call, pool);
                }
            }
            Job::Reload(cell) => {
                self.reload(&cell);
                self.busy.end();
            }
        }
    }

    /// Calls the handler. An answer that is there at once needs no task of its own.
    fn start(self: &Arc<Self>, call: Call, pool: Arc<Pool>) {
        let work = {
            let live = call.cell.live();
            live.case
                .as_ref()
                .filter(|case| call.is_asked(case))
                .map(|case| begin(case, &call, &pool))
        };
        let Some(mut work) = work else {
            return self.leave(&pool);
        };
        let span = tracing::debug_span!("call", effect = ?call);
        if !span.is_disabled() {
            work = Box::pin(work.instrument(span));
        }
        self.begun.begin();
        match poll_once(&mut work, &mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => self.finish(&call, answer, &pool),
            Poll::Pending => {
                let shared = self.clone();
                self.spawner.spawn(Box::pin(
                    async move { shared.attend(call, work, pool).await },
                ));
            }
        }
    }

    /// Waits for a handler that takes its time, but not for ever.
    async fn attend(self: Arc<Self>, call: Call, mut work: Work, pool: Arc<Pool>) {
        let deadline = self.clock.now() + pool.timeout;
        let answer = std::future::poll_fn(|context| poll_once(&mut work, context));
        tokio::select! {
            answer = answer => self.finish(&call, answer, &pool),
            () = self.clock.sleep_until(deadline) => {
                let time = Limit::Clock(pool.timeout);
                let late = HandlerError::transient(format!("no answer within {time}"));
                self.finish(&call, Err(late), &pool);
            }
            // What it would answer is asked again at the next start.
            _ = self.stopped() => {
                self.begun.end();
                self.busy.end();
            }
        }
    }

    /// A handler answered: its answer is queued for the journal before its place goes to the next.
    fn finish(self: &Arc<Self>, call: &Call, answer: Result<Answer, HandlerError>, pool: &Pool) {
        let pending = matches!(answer, Ok(Answer::Department(Ok(Reply::Pending))));
        {
            let mut progress = call.cell.progress();
            if pending {
                let placed = progress.calls.iter_mut().find(|placed| call.is(placed));
                if let Some(placed) = placed {
                    placed.pending = true;
                }
            } else {
                progress.calls.retain(|placed| !call.is(placed));
            }
        }
        if !pending {
            self.record(call, answer);
        }
        self.begun.end();
        self.leave(pool);
    }

    /// A place is free, or passes on.
    fn leave(self: &Arc<Self>, pool: &Pool) {
        if let Some(next) = pool.leave() {
            self.inbox.push(Job::Admitted(next));
        }
        self.busy.end();
    }

    fn record(self: &Arc<Self>, call: &Call, answer: Result<Answer, HandlerError>) {
        let step = call.step;
        let weight = match &answer {
            Ok(Answer::Department(Ok(Reply::Done(fields)))) => fields.weight(),
            Ok(Answer::Department(Ok(Reply::Refused { reason }))) => reason.len(),
            Ok(Answer::Registry(Ok(Some(found)))) => found.fields.weight(),
            _ => 0,
        };
        if weight > self.limits.payload_bytes {
            let rejection = reject::too_large(weight, self.limits.payload_bytes);
            return self.lied(call, &rejection);
        }
        let told = match answer {
            Ok(Answer::Department(Ok(Reply::Done(fields)))) => {
                Told::Done(Answered::new(self, &call.cell.defined, fields))
            }
            Ok(Answer::Department(Ok(Reply::Refused { reason }))) => Told::Refused(reason),
            Ok(Answer::Department(Ok(Reply::Pending))) => return,
            Ok(Answer::Registry(Ok(found))) => {
                let (had, valid_since) = self.had(call, found.unwrap_or_default());
                Told::Had(Answered::new(self, &call.cell.defined, had), valid_since)
            }
            Ok(Answer::Department(Err(error)) | Answer::Registry(Err(error))) | Err(error) => {
                return self.failed(call, error);
            }
        };
        let round = Some(call.round);
        let now = self.now();
        let command = |case: &Case| {
            Ok(match told {
                Told::Done(answered) => {
                    answered.command(case, step, now, |values| Command::Complete {
                        step,
                        round,
                        values,
                    })?
                }
                Told::Had(answered, valid_since) => {
                    answered
                        .asked(case, step)
                        .command(case, step, now, |values| Command::AnswerLookUp {
                            step,
                            values,
                            valid_since,
                            hit: true,
                        })?
                }
                Told::Refused(reason) => Command::Refuse {
                    step,
                    round,
                    reason,
                },
            })
        };
        match self.perform(&call.cell, command, None, None) {
            Ok(()) => {}
            // Without faults the answer came too late; with them it is wrong whenever it comes.
            Err(Error::Rejected(rejection)) if !rejection.faults.is_empty() => {
                self.lied(call, &rejection);
            }
            // Answered twice, withdrawn meanwhile, asked anew: the answer is not needed.
            Err(error) => tracing::debug!(effect = ?call, %error, "an answer was not needed"),
        }
    }

    /// What a registry has of what is wanted, and since when, where it says so.
    fn had(&self, call: &Call, mut found: Found) -> (Fields, Vec<(FieldIx, Timestamp)>) {
        let defined = &call.cell.defined;
        let plan = defined.plan();
        let step = plan.step(call.step);
        let Actor::LookUp(item) = &step.actor else {
            return (Fields::new(), Vec::new());
        };
        let role = &plan.role(item.role).key;
        let (mut values, mut valid_since) = (Fields::new(), Vec::new());
        for (given, value) in std::mem::take(&mut found.fields) {
            let since = found.since(&given);
            let name = if given.contains('.') {
                given
            } else {
                format!("{role}.{given}").into()
            };
            let field = defined.field(&name);
            match field.filter(|field| step.writes.contains(field)) {
                Some(field) if !value.is_null() => {
                    values.push(name, value);
                    valid_since.extend(since.map(|at| (field, at)));
                }
                Some(_) => {}
                None => {
                    tracing::warn!(effect = ?call, "a registry gave a field that was not wanted")
                }
            }
        }
        (values, valid_since)
    }

    /// A handler whose answer breaks the contract: trying again would not help.
    fn lied(self: &Arc<Self>, call: &Call, rejection: &onething_engine::Rejection) {
        let mut reason = format!("the answer breaks the contract [{}]", rejection.code);
        if rejection.faults.is_empty() {
            reason += &format!("; {}", rejection.message.en());
        }
        for fault in &rejection.faults {
            reason += &format!("; {} {}", fault.what, fault.why.en());
        }
        self.failed(call, HandlerError::permanent(reason));
    }

    fn nobody(self: &Arc<Self>, call: &Call) {
        let plan = call.cell.defined.plan();
        let step = plan.step(call.step);
        let who = match (&step.actor, step.department) {
            (Actor::LookUp(item), _) => format!("registry `{}`", item.registry),
            (_, Some(department)) => format!("department `{}`", plan.department(department).key),
            (_, None) => "this step".to_owned(),
        };
        let reason = format!("no handler is registered for {who}; register one and retry");
        self.failed(call, HandlerError::permanent(reason));
    }

    fn failed(self: &Arc<Self>, call: &Call, error: HandlerError) {
        tracing::info!(effect = ?call, transient = error.transient, "a handler failed");
        let fail = |case: &Case| {
            // Only the attempt that was called for can fail.
            if !call.is_asked(case) {
                return Err(reject::unknown_step(call.cell.id, "").into());
            }
            Ok(Command::Fail {
                step: call.step,
                reason: case
                    .told(&error.reason, Audience::Anybody)
                    .chars()
                    .take(REASON_CHARS)
                    .collect(),
                transient: error.transient,
            })
        };
        if let Err(error) = self.perform(&call.cell, fail, None, None) {
            tracing::debug!(effect = ?call, %error, "a failure was not recorded");
        }
    }

    /// Reads a case again whose append was refused, and asks anew for what is outstanding.
    fn reload(self: &Arc<Self>, cell: &Arc<Cell>) {
        let reread = reader::records(&self.store, cell.id)
            .map_err(|error| error.to_string())
            .and_then(|records| {
                let reread = reader::replay(&self.catalogue, &records)?;
                Ok((records.len() as u64, reread))
            });
        match reread {
            Ok((seq, reread)) => {
                let asks = effects::outstanding(&reread.case, &reread.events);
                self.take_again(cell, reread.case, seq, asks);
            }
            Err(why) => {
                tracing::error!(case = cell.id.0, %why, "a case could not be read again; it is tried anew");
                self.reload_later(cell);
            }
        }
    }
}

/// Makes the request: exactly what the step reads, and nothing else.
fn begin(case: &Case, call: &Call, pool: &Pool) -> Work {
    let defined = &call.cell.defined;
    let plan = defined.plan();
    let step = plan.step(call.step);
    let input: Fields = case
        .input(call.step)
        .map(|(field, value)| (defined.name(field), value.clone()))
        .collect();
    let effect = EffectId {
        case: call.cell.id,
        step: step.key.clone(),
        round: call.round,
    };
    let wanted = defined.wanted[call.step.index()].clone();
    match (&pool.handler, &step.actor, step.department) {
        (Handler::Registry(registry), Actor::LookUp(item), _) => {
            // Not all that it could give: what somebody reads in this case.
            let needed = case.layout().map_or(&[][..], |layout| {
                let scenario = &layout.scenario;
                scenario.form(call.step)
            });
            let name = |asked: &FormField| plan.field(asked.field).path.clone();
            let request = LookUpRequest {
                effect,
                service: plan.service.clone(),
                registry: item.registry.clone(),
                role: plan.role(item.role).key.clone(),
                attempt: call.attempt,
                keys: input,
                wanted: needed.iter().map(name).collect(),
                basis: item.basis.clone(),
            };
            let registry = registry.clone();
            Box::pin(async move { Answer::Registry(registry.look_up(request).await) })
        }
        (Handler::Department(handler), _, Some(department)) => {
            let request = StepRequest {
                effect,
                service: plan.service.clone(),
                step: step.key.clone(),
                title: step.title.clone(),
                department: plan.department(department).key.clone(),
                attempt: call.attempt,
                due: case.step(call.step).due(),
                input,
                wanted,
            };
            let handler = handler.clone();
            Box::pin(async move { Answer::Department(handler.handle(request).await) })
        }
        (Handler::Registry(_) | Handler::Department(_), _, _) => {
            // Pools are made per actor; a mismatch is ours, and is seen as an incident.
            let error = HandlerError::permanent("the step has no department to call");
            Box::pin(std::future::ready(Answer::Department(Err(error))))
        }
    }
}

/// Polls a handler; its panic is its failure and nobody else's.
fn poll_once(work: &mut Work, context: &mut Context<'_>) -> Poll<Result<Answer, HandlerError>> {
    let polled = std::panic::catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
    match polled {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(answer)) => Poll::Ready(Ok(answer)),
        // The message may hold personal data: it went to the panic hook and goes no further.
        Err(_) => Poll::Ready(Err(HandlerError::transient("the handler panicked"))),
    }
}
