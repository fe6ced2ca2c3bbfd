//! The handle of a running engine: commands.

use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use onething_engine::{Case, CaseStatus, Command, EffectId, Event, Fault, Values};
use onething_model::CaseId;
use onething_plan::{Actor, FieldIx, Plan, StepIx};
use onething_store::Position;
use serde_json::Value;
use tokio::sync::oneshot;

use crate::answered::Answered;
use crate::busy::Busy;
use crate::cell::{Cell, Live};
use crate::error::reject;
use crate::examine::all_faults;
use crate::keys::Claim;
use crate::projection::Projection;
use crate::rows::KeyOwner;
use crate::shared::{Phase, Shared};
use crate::{Application, Builder, Error, Fields, Follower, Receipt, Submitted, documents, reader};

/// A running engine. Clones share it; it stops when the last is dropped,
/// without ceremony, or in order with [`shutdown`](Self::shutdown).
#[derive(Clone)]
pub struct Engine {
    pub(crate) shared: Arc<Shared>,
    lease: Arc<Lease>,
}

/// Stops everything when the last handle is gone.
pub(crate) struct Lease {
    projection: Arc<Projection>,
    feeder: Mutex<Option<JoinHandle<()>>>,
    stop: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Lease {
    pub(crate) fn new(projection: Arc<Projection>, feeder: JoinHandle<()>) -> Self {
        Self {
            projection,
            feeder: Mutex::new(Some(feeder)),
            stop: Mutex::default(),
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.projection.abandon();
        let stop = self.stop.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(stop) = stop.take() {
            stop();
        }
    }
}

/// What a shutdown left behind; none of it is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShutdownReport {
    /// Calls that had not answered in time. They are asked again at the next start.
    pub abandoned: usize,
    /// How many cases are still open.
    pub open: usize,
}

impl Engine {
    /// Begins to put an engine together.
    pub fn builder() -> Builder {
        Builder::new()
    }

    pub(crate) fn new(shared: Arc<Shared>, lease: Lease) -> Self {
        let stopped = shared.clone();
        *lease.stop.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(move || {
            stopped.phase.send_replace(Phase::Stopped);
        }));
        Self {
            shared,
            lease: Arc::new(lease),
        }
    }

    /// Files an application. It is on disk when this returns.
    ///
    /// The same application under the same key is the same case, however
    /// often and whenever it is sent.
    ///
    /// # Errors
    /// [`Error::NotAccepted`] with every fault where it breaks its contract:
    /// that refusal is on record. Rejected and not recorded: an unknown
    /// service (C0203), a key that another application has (C0202), a missing
    /// or too long key (C0211), too much (C0212, C0204). [`Error::Store`].
    pub async fn submit(&self, application: Application) -> Result<Submitted, Error> {
        self.file(application, false).await
    }

    /// Files an application; with `confirm`, as a draft that waits for its applicant.
    pub(crate) async fn file(
        &self,
        application: Application,
        confirm: bool,
    ) -> Result<Submitted, Error> {
        let shared = &self.shared;
        shared.check_load()?;
        let defined = self.receive(&application)?;
        self.wait_for_index().await?;
        let by = application.by.as_deref().map(Arc::from);
        let (mut opening, faults) = self.opened(&defined, application);
        opening.confirm = confirm;
        let service = opening.service.as_str();
        let index = shared.store.index.as_ref();
        let claim = shared
            .keys
            .claim(index, &opening.key, service, opening.request, || {
                if shared.open.load(Ordering::Acquire) >= shared.limits.open_cases {
                    let (zh, en) = ("在办办件已达上限", "as many cases are open as are allowed");
                    return Err(reject::overloaded(zh, en).into());
                }
                let number = shared.next_case.fetch_add(1, Ordering::AcqRel);
                let cell = Cell::new(CaseId(number), defined.clone());
                shared.cells.insert(cell.clone());
                Ok(cell)
            })?;
        let request = opening.request;
        let is_same = |owner: &KeyOwner| owner.request == request && owner.service == service;
        match claim {
            Claim::Held(owner, _) | Claim::Kept(owner) if !is_same(&owner) => {
                Err(reject::key_reused(owner.case).into())
            }
            Claim::Held(_, cell) => self.submitted(&cell, true).await,
            Claim::Kept(owner) => {
                let cell = self.find(owner.case).await?;
                self.submitted(&cell, true).await
            }
            Claim::New(cell) => {
                let key = opening.key.clone();
                let answer = self.open(&cell, opening, faults, by);
                if let Err(error) = answer.await.unwrap_or(Err(onething_store::Error::Closed)) {
                    // It is not on record: the key is free for the next try.
                    shared.keys.release(&key, cell.id);
                    return Err(error.into());
                }
                self.submitted(&cell, false).await
            }
        }
    }

    /// Decides an application and queues what it comes to.
    fn open(
        &self,
        cell: &Arc<Cell>,
        opening: onething_engine::Opening,
        faults: Vec<Fault>,
        by: onething_engine::By,
    ) -> oneshot::Receiver<Result<onething_store::Committed, onething_store::Error>> {
        let shared = &self.shared;
        let (sender, answer) = oneshot::channel();
        let mut live = cell.live();
        let now = shared.now();
        let mut events = Vec::new();
        let blueprint = &cell.defined.blueprint;
        let opening = Arc::new(opening);
        let mut case = Case::open(blueprint, opening.clone(), now, &mut events);
        if !faults.is_empty() {
            // What only the runtime can see is refused like everything else: once, with every fault.
            let faults = all_faults(faults, &events);
            let refused = opening.not_accepted(faults);
            events = vec![Event::ApplicationRefused(Box::new(refused))];
            let replayed = events.iter().map(|event| (now, event));
            // The one record that may come first: it always fits.
            if let Ok(refused) = Case::replay(blueprint, replayed) {
                case = refused;
            }
        }
        // Nothing of the application is kept by which a name could be known later.
        let by = match case.status() {
            CaseStatus::NotAccepted => by.map(|by| opening.told(cell.defined.plan(), &by).into()),
            _ => by,
        };
        *live = Live {
            case: Some(case),
            seq: 0,
            opened: now,
        };
        shared.append(cell, &mut live, events, now, by, Some(sender));
        answer
    }

    async fn submitted(&self, cell: &Arc<Cell>, repeated: bool) -> Result<Submitted, Error> {
        let status = cell.view(|case, _| case.status()).await?;
        let status = status.unwrap_or(CaseStatus::New);
        if status == CaseStatus::NotAccepted {
            let faults = self.faults(cell.id).await?;
            let rejection = reject::not_accepted(faults);
            return Err(Error::NotAccepted {
                case: cell.id,
                rejection,
            });
        }
        Ok(Submitted {
            case: cell.id,
            status,
            repeated,
        })
    }

    pub(crate) async fn faults(&self, case: CaseId) -> Result<Vec<Fault>, Error> {
        let lines = self.history(case).await?;
        Ok(lines
            .into_iter()
            .find_map(|line| match line.record.event {
                Event::ApplicationRefused(refused) => Some(refused.faults),
                _ => None,
            })
            .unwrap_or_default())
    }

    async fn wait_for_index(&self) -> Result<(), Error> {
        let shared = &self.shared;
        if shared.projection.lag() > shared.limits.index_lag {
            let end = shared.store.journal.end();
            let enough = end.0.saturating_sub(shared.limits.index_lag / 2);
            shared.projection.reach(Position(enough)).await?;
        }
        Ok(())
    }

    /// A step was done: by a department's system that answered *pending*, by
    /// an officer or an outside body.
    ///
    /// # Errors
    /// Rejected: no such step (C0201, C0206), not awaited (C0101 to C0105),
    /// against the contract, with every fault (C0106; C0208 or C0209 where nothing
    /// else is wrong). Every act that names somebody: C0214 and C0215 for the name.
    pub async fn complete(
        &self,
        effect: &EffectId,
        values: Fields,
        by: Option<&str>,
    ) -> Result<Receipt, Error> {
        self.check_size(&values)?;
        let make = |cell: &Cell, step: StepIx, case: &Case| {
            self.answered(cell, case, step, values, |values| Command::Complete {
                step,
                round: Some(effect.round),
                values,
            })
        };
        self.command(effect.case, effect.step.as_str(), by, make)
            .await
    }

    /// A step was refused (不予许可); the reason is told to the applicant.
    ///
    /// # Errors
    /// As [`complete`](Self::complete); C0215 for a reason with control characters.
    pub async fn refuse(
        &self,
        effect: &EffectId,
        reason: &str,
        by: Option<&str>,
    ) -> Result<Receipt, Error> {
        self.check_weight(reason.len())?;
        reject::unreadable(reason, reject::Said::Reason)?;
        let make = |_: &Cell, step: StepIx, _: &Case| {
            Ok(Command::Refuse {
                step,
                round: Some(effect.round),
                reason: reason.to_owned(),
            })
        };
        self.command(effect.case, effect.step.as_str(), by, make)
            .await
    }

    /// Tells the applicant once and completely what is missing (一次性补正告知).
    ///
    /// # Errors
    /// As [`complete`](Self::complete); C0107 when the matter has had its
    /// notice, C0110 for fields that are not the applicant's to give.
    pub async fn request_supplement(
        &self,
        effect: &EffectId,
        reason: &str,
        fields: &[&str],
        by: Option<&str>,
    ) -> Result<Receipt, Error> {
        self.check_weight(reason.len())?;
        reject::unreadable(reason, reject::Said::Reason)?;
        let make = |cell: &Cell, step: StepIx, _: &Case| {
            let fields = supplement(cell, fields)?;
            Ok(Command::RequestSupplement {
                step,
                reason: reason.to_owned(),
                fields,
            })
        };
        self.command(effect.case, effect.step.as_str(), by, make)
            .await
    }

    /// The applicant does what is asked: hands in what a registry did not
    /// have or a notice asks for, or does a step such as collecting or paying.
    ///
    /// # Errors
    /// As [`complete`](Self::complete), with C0108 for what is incomplete.
    pub async fn hand_in(
        &self,
        case: CaseId,
        step: &str,
        values: Fields,
        by: Option<&str>,
    ) -> Result<Receipt, Error> {
        self.check_size(&values)?;
        let make = |cell: &Cell, step: StepIx, case: &Case| {
            let errand = case.plan().step(step).actor == Actor::Applicant;
            self.answered(cell, case, step, values, |values| {
                if errand {
                    Command::Complete {
                        step,
                        round: None,
                        values,
                    }
                } else {
                    Command::Submit { step, values }
                }
            })
        };
        self.command(case, step, by, make).await
    }

    /// Tries a failed step again: a person's decision after an incident, or
    /// before a retry is due.
    ///
    /// # Errors
    /// As [`complete`](Self::complete).
    pub async fn retry(
        &self,
        case: CaseId,
        step: &str,
        by: Option<&str>,
    ) -> Result<Receipt, Error> {
        let make = |_: &Cell, step: StepIx, _: &Case| Ok(Command::Retry { step });
        self.command(case, step, by, make).await
    }

    /// The applicant withdraws the case.
    ///
    /// # Errors
    /// No such case (C0201), or it is over (C0101).
    pub async fn withdraw(
        &self,
        case: CaseId,
        reason: &str,
        by: Option<&str>,
    ) -> Result<Receipt, Error> {
        self.check_weight(reason.len())?;
        reject::unreadable(reason, reject::Said::Reason)?;
        let reason = reason.to_owned();
        self.perform(case, by, |_, _| Ok(Command::Withdraw { reason }))
            .await
    }

    async fn command(
        &self,
        case: CaseId,
        step: &str,
        by: Option<&str>,
        make: impl FnOnce(&Cell, StepIx, &Case) -> Result<Command, Error>,
    ) -> Result<Receipt, Error> {
        self.perform(case, by, |cell, state| {
            let known = cell.defined.step(step);
            let step = known.ok_or_else(|| reject::unknown_step(case, step))?;
            make(cell, step, state)
        })
        .await
    }

    pub(crate) async fn perform(
        &self,
        case: CaseId,
        by: Option<&str>,
        make: impl FnOnce(&Cell, &Case) -> Result<Command, Error>,
    ) -> Result<Receipt, Error> {
        self.check_weight(by.map_or(0, str::len))?;
        self.shared.check_open()?;
        self.shared.check_load()?;
        by.map_or(Ok(()), reject::nobody)?;
        let cell = self.find(case).await?;
        // A case that is just being opened has its first record soon.
        cell.durable(1).await?;
        let (sender, answer) = oneshot::channel();
        let command = |state: &Case| make(&cell, state);
        let done = self
            .shared
            .perform(&cell, command, by.map(Arc::from), Some(sender));
        if let Err(Error::Rejected(rejection)) = &done
            && rejection.code == onething_engine::TOO_OLD
        {
            // What the applicant is to look at and to hand in is what registries have now.
            match Box::pin(self.renew(case, by)).await {
                // Where somebody else was faster, it is done already.
                Ok(_) | Err(Error::Rejected(_)) => {}
                Err(error) => return Err(error),
            }
        }
        done?;
        let committed = answer.await.unwrap_or(Err(onething_store::Error::Closed))?;
        Ok(Receipt {
            case,
            seq: committed.seq,
            position: committed.position,
        })
    }

    /// The command that values make, or everything that is wrong with them.
    pub(crate) fn answered(
        &self,
        cell: &Cell,
        case: &Case,
        step: StepIx,
        fields: Fields,
        make: impl FnOnce(Values) -> Command,
    ) -> Result<Command, Error> {
        let answered = Answered::new(&self.shared, &cell.defined, fields);
        Ok(answered.command(case, step, self.shared.now(), make)?)
    }

    pub(crate) fn check_size(&self, values: &Fields) -> Result<(), Error> {
        self.check_weight(values.weight())
    }

    fn check_weight(&self, weight: usize) -> Result<(), Error> {
        let most = self.shared.limits.payload_bytes;
        if weight > most {
            return Err(reject::too_large(weight, most).into());
        }
        Ok(())
    }

    /// Keeps a document's content and returns the value that refers to it. It is
    /// on disk when this returns. Whether the content is what `kind` says, and whether
    /// the field takes such a kind, is told when the value is handed in.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn attach(&self, content: Vec<u8>, name: &str, kind: &str) -> Result<Value, Error> {
        self.shared.check_open()?;
        let blobs = self.shared.store.blobs.clone();
        let bytes = content.len();
        let digest = self.blocking(move || blobs.put(&content)).await??;
        Ok(documents::value(&digest, bytes, name, kind))
    }

    /// The content of a document, if it is kept.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn attachment(
        &self,
        digest: onething_model::Digest,
    ) -> Result<Option<Vec<u8>>, Error> {
        let blobs = self.shared.store.blobs.clone();
        Ok(self.blocking(move || blobs.get(&digest)).await??)
    }

    /// The plans of the services that take applications, in order of keys.
    #[must_use]
    pub fn services(&self) -> Vec<Arc<Plan>> {
        self.shared.catalogue.services()
    }

    /// Follows the records of all cases from after a position.
    #[must_use]
    pub fn follow(&self, after: Position) -> Follower {
        Follower::new(self.shared.clone(), after)
    }

    /// Stops in order: takes no more commands, lets running handlers finish for
    /// a [bounded time](crate::Limits::grace), brings the index up to date and
    /// closes the store.
    ///
    /// # Errors
    /// The store did not close in order; what was acknowledged is on disk all the same.
    pub async fn shutdown(&self) -> Result<ShutdownReport, Error> {
        let shared = &self.shared;
        shared.phase.send_if_modified(|phase| {
            let running = *phase == Phase::Running;
            if running {
                *phase = Phase::Draining;
            }
            running
        });
        let until = shared.clock.now() + shared.limits.grace;
        let begun: &Busy = &shared.begun;
        tokio::select! {
            () = begun.none(|| true) => {}
            () = shared.clock.sleep_until(until) => {}
        }
        let report = ShutdownReport {
            abandoned: begun.count(),
            open: shared.open.load(Ordering::Acquire),
        };
        shared.phase.send_replace(Phase::Stopped);
        shared.busy.look();
        self.lease.projection.stop();
        let feeder = self
            .lease
            .feeder
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let store = shared.store.clone();
        let closed = self.blocking(move || {
            if let Some(feeder) = feeder {
                // A feeder that panicked left an index that is fed again.
                let _ = feeder.join();
            }
            store.close()
        });
        closed.await??;
        Ok(report)
    }

    /// The case in memory, or as it is read back.
    pub(crate) async fn find(&self, case: CaseId) -> Result<Arc<Cell>, Error> {
        let shared = &self.shared;
        if let Some(cell) = shared.cells.get(case) {
            return Ok(cell);
        }
        if let Some(why) = shared.why_unreadable(case) {
            return Err(Error::Unreadable { case, why });
        }
        if shared.store.journal.sequence(case) == 0 {
            return Err(reject::unknown_case(case).into());
        }
        let reading = shared.clone();
        self.blocking(move || {
            let records = reader::records(&reading.store, case)?;
            let reread = reader::replay(&reading.catalogue, &records)
                .map_err(|why| Error::Unreadable { case, why })?;
            let live = Live {
                case: Some(reread.case),
                seq: records.len() as u64,
                opened: reread.opened,
            };
            Ok(Cell::read(case, reread.defined, live))
        })
        .await?
    }

    /// Runs what blocks where it holds nobody up.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let (sender, answer) = oneshot::channel();
        self.shared.spawner.spawn_blocking(Box::new(move || {
            // The caller may have gone.
            let _ = sender.send(work());
        }));
        let closed = |_| Error::Store(onething_store::Error::Closed);
        answer.await.map_err(closed)
    }
}

/// The fields of a supplement notice: what the step reads and the applicant gives.
fn supplement(cell: &Cell, names: &[&str]) -> Result<Vec<FieldIx>, Error> {
    let defined = &cell.defined;
    let asked: Fields = names.iter().map(|name| (*name, Value::Null)).collect();
    let (values, faults) = defined.values(asked);
    if !faults.is_empty() {
        return Err(reject::unknown_names(faults).into());
    }
    let mut fields: Vec<FieldIx> = values.into_iter().map(|(field, _)| field).collect();
    fields.sort_unstable();
    fields.dedup();
    Ok(fields)
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.fmt(f)
    }
}
