//! The handle of a running engine: what it shows. Only what is on disk is shown.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use onething_engine::{Audience, Case, CaseStatus, Command, DurableRecord, EffectId};
use onething_model::CaseId;
use onething_plan::{Plan, StepIx};
use tokio::sync::oneshot;

use crate::cell::Cell;
use crate::error::reject;
use crate::projection::{decode_summary, summary_of};
use crate::view::{
    Awaited, CaseLine, CasePage, CaseView, HistoryLine, Incident, Personal, ToApplicant,
    WorkFilter, WorkItem, WorkPage, awaited, case_view, effect_id, work_item,
};
use crate::{Engine, Error, reader, reasons, rows};

/// Rows of a page where the caller does not say.
const PAGE: usize = 100;

/// What the engine is doing, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// How many cases are open.
    pub open: usize,
    /// How many steps wait for an officer or an outside body.
    pub work: usize,
    /// How many steps are incidents; supplement notices are not among them.
    pub incidents: usize,
    /// Appends, calls and timers that are under way.
    pub busy: usize,
    /// How many records the index lags behind the journal.
    pub index_lag: u64,
}

impl Engine {
    /// A case as it stands, for whoever sees it: reasons without what is personal.
    ///
    /// # Errors
    /// No such case (C0201), or it cannot be read.
    pub async fn case(&self, case: CaseId) -> Result<CaseView, Error> {
        let mut view = self.unexplained(case).await?;
        if reasons::has_reasons(&view) {
            reasons::explain(&mut view, &self.story(case).await?);
        }
        Ok(view)
    }

    /// A case as its state has it, without what only records say.
    async fn unexplained(&self, case: CaseId) -> Result<CaseView, Error> {
        let cell = self.find(case).await?;
        let look =
            |state: &_, live: &crate::cell::Live| case_view(&cell, state, live.opened, live.seq);
        let mut view = cell.view(look).await?.ok_or_else(closed)?;
        if view.status == CaseStatus::NotAccepted {
            view.faults = self.faults(case).await?;
        }
        Ok(view)
    }

    /// The plan of the definition that a case is pinned to.
    ///
    /// # Errors
    /// As [`case`](Self::case).
    pub async fn plan_of(&self, case: CaseId) -> Result<Arc<Plan>, Error> {
        Ok(self.find(case).await?.defined.plan().clone())
    }

    /// Every record of a case, in order, as it is told to people: reasons, and the names
    /// under which the applicant acted, without what is personal. Records hold values all the same: whoever shows more of them than reasons
    /// answers for it.
    ///
    /// # Errors
    /// As [`case`](Self::case).
    pub async fn story(&self, case: CaseId) -> Result<Vec<HistoryLine>, Error> {
        let mut lines = self.history(case).await?;
        let cell = self.find(case).await?;
        let tell = |state: &Case, _: &_| {
            let told = lines.drain(..).map(|mut line| {
                line.record = state.retold_record(line.record, Audience::Anybody);
                line
            });
            told.collect::<Vec<_>>()
        };
        cell.view(tell).await?.ok_or_else(closed)
    }

    /// A case as the applicant, or who helps them, is told it: reasons as they were
    /// written. Where something personal stands in one, who read it is on record before it
    /// is shown.
    ///
    /// # Errors
    /// As [`case`](Self::case). Rejected: the reader has no name or one with control
    /// characters (C0214, C0215).
    pub async fn case_for_applicant(&self, case: CaseId, by: &str) -> Result<CaseView, Error> {
        reject::nobody(by)?;
        let mut view = self.unexplained(case).await?;
        if reasons::has_reasons(&view) {
            reasons::explain(&mut view, &self.history(case).await?);
        }
        self.read_reasons(view, Vec::new(), by).await
    }

    /// A case and its records as the applicant, or who helps them, is told them; as
    /// [`case_for_applicant`](Self::case_for_applicant), with the reasons of all records.
    ///
    /// # Errors
    /// As [`case_for_applicant`](Self::case_for_applicant).
    pub async fn story_for_applicant(&self, case: CaseId, by: &str) -> Result<ToApplicant, Error> {
        reject::nobody(by)?;
        let mut view = self.unexplained(case).await?;
        let story = self.history(case).await?;
        reasons::explain(&mut view, &story);
        let written = reasons::written(&story);
        let view = self.read_reasons(view, written, by).await?;
        Ok(ToApplicant { view, story })
    }

    /// Puts on record that the applicant reads a view's reasons, and others, as they were
    /// written; where nothing personal stands in them, nothing is recorded.
    async fn read_reasons(
        &self,
        mut view: CaseView,
        others: Vec<String>,
        by: &str,
    ) -> Result<CaseView, Error> {
        let case = view.case;
        let cell = self.find(case).await?;
        let see = |view: &mut CaseView, cell: &Cell, state: &Case| {
            view.awaiting = awaited(cell, state, &cell.progress(), Audience::Applicant);
            let mut read = others.clone();
            read.extend(reasons::shown(view));
            read
        };
        let plain = cell.view(|state, _| {
            let read = see(&mut view, &cell, state);
            let mut read = read.iter();
            read.all(|reason| state.told(reason, Audience::Anybody) == *reason)
        });
        if plain.await? == Some(true) {
            return Ok(view);
        }
        self.perform(case, Some(by), |cell, state| {
            // What is shown is what was there when the reading was recorded.
            let reasons = see(&mut view, cell, state);
            Ok(Command::ReadReasons { reasons })
        })
        .await?;
        Ok(view)
    }

    /// Every record of a case, in order, as the journal has it: with all values, and with
    /// reasons as they were written. For the operator and the auditor of the store;
    /// [`story`](Self::story) is for people.
    ///
    /// # Errors
    /// As [`case`](Self::case).
    pub async fn history(&self, case: CaseId) -> Result<Vec<HistoryLine>, Error> {
        let shared = self.shared.clone();
        if let Some(cell) = shared.cells.get(case) {
            cell.durable(1).await?;
        }
        let kept = self
            .blocking(move || reader::records(&shared.store, case))
            .await??;
        if kept.is_empty() {
            return Err(reject::unknown_case(case).into());
        }
        let line = |(seq, kept): (u64, rows::Kept)| {
            let record = DurableRecord::decode(&kept.record).map_err(|error| {
                let why = format!("record {seq} of it cannot be read: {error}");
                Error::Unreadable { case, why }
            })?;
            Ok(HistoryLine {
                seq,
                position: kept.position,
                record,
            })
        };
        (1..).zip(kept).map(line).collect()
    }

    /// The worklist: steps for officers and outside bodies, what is due first
    /// first. Personal data is left out; [`open_work`](Self::open_work) shows it.
    ///
    /// # Errors
    /// [`Error::Store`] while nothing is acknowledged.
    pub async fn work(&self, filter: &WorkFilter) -> Result<WorkPage, Error> {
        let limit = if filter.limit == 0 {
            PAGE
        } else {
            filter.limit
        };
        let board = &self.shared.board;
        let department = filter.department.as_ref();
        let of_case = match filter.case {
            None => None,
            Some(case) => match self.shared.cells.get(case) {
                Some(cell) => Some(cell),
                // Over, or there is none: it waits for nobody.
                None => return Ok(WorkPage::default()),
            },
        };
        let mut page = WorkPage::default();
        let mut after = filter.after;
        loop {
            let wanted = limit - page.items.len();
            if wanted == 0 {
                page.next = after;
                return Ok(page);
            }
            let rows = match &of_case {
                None => board.page(department, after, wanted),
                Some(cell) => board.page_of_case(cell, department, after, wanted),
            };
            let is_last = rows.len() < wanted;
            for (key, cell) in rows {
                after = Some(key);
                let look =
                    |state: &_, _: &_| work_item(&cell, state, key.step(), Personal::Withheld);
                // A row that is not there any more when all is on disk is not shown.
                page.items.extend(cell.view(look).await?.flatten());
            }
            if is_last {
                return Ok(page);
            }
        }
    }

    /// A row of the worklist with everything that the step reads. Where that
    /// is personal, who read what, what for and on which basis is on record
    /// before it is shown.
    ///
    /// # Errors
    /// Rejected: no such step (C0201, C0206), or not an officer's or outside
    /// body's turn (C0101 to C0105, C0109).
    pub async fn open_work(&self, effect: &EffectId, by: &str) -> Result<WorkItem, Error> {
        reject::nobody(by)?;
        let cell = self.find(effect.case).await?;
        let step = cell
            .defined
            .step(effect.step.as_str())
            .ok_or_else(|| Error::from(reject::unknown_step(effect.case, effect.step.as_str())))?;
        let look = |state: &Case| {
            let item = work_item(&cell, state, step, Personal::Shown)?;
            Some(item).filter(|item| item.effect.round == effect.round)
        };
        let seen = cell
            .view(|state, _| (look(state), state.personal_reads(step).next().is_some()))
            .await?;
        if let Some((Some(item), false)) = seen {
            return Ok(item);
        }
        // What is shown is what was there when the reading was recorded.
        let mut shown = None;
        self.perform(effect.case, Some(by), |_, state| {
            shown = look(state);
            if shown.is_none() {
                return Err(self.why_not(state, effect, step));
            }
            Ok(Command::Read { step })
        })
        .await?;
        shown.ok_or_else(|| reject::unknown_step(effect.case, effect.step.as_str()).into())
    }

    /// Why a step is not there to be worked on.
    fn why_not(&self, state: &Case, effect: &EffectId, step: StepIx) -> Error {
        let read = state.decide(&Command::Read { step }, self.shared.now());
        let why = read
            .err()
            .or_else(|| state.why_not_at_work(step, effect.round));
        match why {
            Some(rejection) => rejection.into(),
            None => reject::unknown_step(effect.case, effect.step.as_str()).into(),
        }
    }

    /// Steps that a person has to look at, in order of cases: those after an
    /// incident, at most `limit`.
    ///
    /// # Errors
    /// [`Error::Store`] while nothing is acknowledged.
    pub async fn incidents(
        &self,
        after: Option<&EffectId>,
        limit: usize,
    ) -> Result<Vec<Incident>, Error> {
        let after = after.map(|effect| {
            let cell = self.shared.cells.get(effect.case);
            let step = cell.and_then(|cell| cell.defined.step(effect.step.as_str()));
            // Of a case that is not there any more nothing follows.
            (effect.case, step.unwrap_or(StepIx(u32::MAX)))
        });
        let mut incidents = Vec::new();
        for (step, cell, reason) in self.shared.board.incidents(after, limit) {
            let look = |state: &Case, _: &_| {
                let effect = state.effect(step)?;
                let plan = state.plan();
                Some(Incident {
                    effect: effect_id(cell.id, plan, step, effect.round),
                    service: plan.service.clone(),
                    title: plan.step(step).title.clone(),
                    reason: state.told(&reason, Audience::Anybody).into(),
                })
            };
            incidents.extend(cell.view(look).await?.flatten());
        }
        Ok(incidents)
    }

    /// What the open cases after a number wait for, in order of cases, of at
    /// most `limit` cases.
    ///
    /// # Errors
    /// [`Error::Store`] while nothing is acknowledged.
    pub async fn awaiting(
        &self,
        after: Option<CaseId>,
        limit: usize,
    ) -> Result<Vec<Awaited>, Error> {
        let mut all = Vec::new();
        for cell in self.shared.cells.open_after(after, limit) {
            let look =
                |state: &_, _: &_| awaited(&cell, state, &cell.progress(), Audience::Anybody);
            all.extend(cell.view(look).await?.unwrap_or_default());
        }
        Ok(all)
    }

    /// The cases after a number, in order, at most `limit`.
    ///
    /// # Errors
    /// [`Error::Store`] when the index fails.
    pub async fn cases(&self, after: Option<CaseId>, limit: usize) -> Result<CasePage, Error> {
        let limit = if limit == 0 { PAGE } else { limit };
        let shared = &self.shared;
        // What was acknowledged before this call is listed.
        shared.projection.reach(shared.store.journal.end()).await?;
        let from = after.map(|case| rows::of_case(rows::SUMMARY, case));
        let index = shared.store.index.clone();
        let found = self
            .blocking(move || index.scan(rows::SUMMARY, from.as_deref(), limit))
            .await??;
        let mut page = CasePage {
            next: None,
            cases: Vec::with_capacity(found.len()),
        };
        let full = found.len() == limit;
        for (row, summary) in found {
            let Some(case) = rows::case_of(&row) else {
                continue;
            };
            let summary = decode_summary(&summary)?;
            let status = match summary.ended {
                Some((ended, _)) => ended.status(),
                None => self.status_in_memory(case).await?,
            };
            page.cases.push(CaseLine {
                case,
                service: summary.service,
                key: summary.key,
                status,
                opened: summary.opened,
                ended: summary.ended.map(|(_, at)| at),
            });
            page.next = Some(case).filter(|_| full);
        }
        Ok(page)
    }

    async fn status_in_memory(&self, case: CaseId) -> Result<CaseStatus, Error> {
        let Some(cell) = self.shared.cells.get(case) else {
            // Ended just now, or it cannot be continued.
            let summary = summary_of(self.shared.store.index.as_ref(), case)?;
            let ended = summary.and_then(|summary| summary.ended);
            return Ok(ended.map_or(CaseStatus::Running, |(ended, _)| ended.status()));
        };
        let status = cell.view(|state, _| state.status()).await?;
        Ok(status.unwrap_or(CaseStatus::Draft))
    }

    /// Waits until a case is over, and says how it ended.
    ///
    /// # Errors
    /// No such case (C0201); the engine stopped (C0205) or broke down before.
    pub async fn outcome(&self, case: CaseId) -> Result<CaseStatus, Error> {
        let cell = self.find(case).await?;
        let over = {
            let mut progress = cell.progress();
            if let Some(status) = progress.over {
                return Ok(status);
            }
            let (sender, over) = oneshot::channel();
            progress.outcome.retain(|waiter| !waiter.is_closed());
            progress.outcome.push(sender);
            over
        };
        tokio::select! {
            biased;
            Ok(status) = over => Ok(status),
            error = self.shared.stopped() => Err(error),
        }
    }

    /// Waits until nothing is under way: only people, timers that are not due
    /// yet and departments that said *pending* are awaited. See [`awaiting`](Self::awaiting).
    ///
    /// # Errors
    /// The engine stopped (C0205) or broke down before.
    pub async fn idle(&self) -> Result<(), Error> {
        let shared = &self.shared;
        let no_timer_due = || {
            let next = shared.timers.next();
            next.is_none_or(|at| at > shared.clock.now())
        };
        tokio::select! {
            biased;
            error = shared.stopped() => Err(error),
            () = shared.busy.none(no_timer_due) => Ok(()),
        }
    }

    /// What the engine is doing, in numbers.
    #[must_use]
    pub fn status(&self) -> Status {
        let (work, incidents) = self.shared.board.counts();
        Status {
            open: self.shared.open.load(Ordering::Acquire),
            work,
            incidents,
            busy: self.shared.busy.count(),
            index_lag: self.shared.projection.lag(),
        }
    }

    /// Why nothing is acknowledged any more, if the store broke down.
    #[must_use]
    pub fn broken(&self) -> Option<&onething_store::Error> {
        self.shared.broken()
    }
}

fn closed() -> Error {
    Error::Store(onething_store::Error::Closed)
}
