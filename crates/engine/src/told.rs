//! What officers, applicants and systems write, as it is told to people.
//!
//! Contracts say who sees which value, and each showing is on record. A reason is a
//! text: whoever writes somebody's number into it would show it to everybody who sees
//! the case, past grants and records. So the journal keeps what was said, which is the
//! evidence, and whatever leaves towards people goes through [`Case::told`].

mod address;
mod amount;
mod date;
mod folded;
mod form;
mod number;
mod numeral;
mod reading;

use onething_model::StepKey;
use onething_plan::{Actor, Derivation, Derived, FieldIx, Plan, Sensitivity, check};
use serde_json::Value;

use crate::case::Case;
use crate::record::{DurableEvent, DurableRecord, Event, Opening, Values};
use form::Form;
use reading::Reading;

/// To whom something is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Whoever sees the case. Departments too: what they are granted they see as values, on
    /// record, and a reason is no way around the record.
    Anybody,
    /// The applicant, or who helps them: what they are told is told as it was written.
    Applicant,
}

impl Case {
    /// A text as somebody gets to read it: the applicant as it was written, everybody else
    /// without the personal values of the case, present and former, without what follows from
    /// them (the date of birth in an identity number), and without what looks like a number of
    /// a person though the case does not have it. That is: identity
    /// numbers of 18 and 15 digits and longer runs of digits, bank cards, mobile numbers, fixed
    /// lines with their area code. However they are written: the text is read once, with its
    /// numerals as digits, and searched for the forms that tell a value. The table of them is in
    /// `docs/contracts.md`.
    ///
    /// Words of a single character and numbers of less than four digits are left where they
    /// are: taking them out would take everything out.
    #[must_use]
    pub fn told(&self, text: &str, to: Audience) -> String {
        match to {
            Audience::Applicant => text.to_owned(),
            Audience::Anybody => without_personal(self.plan(), self.said(), text, |_| true),
        }
    }

    /// The personal fields whose values, present or former, stand in a text.
    pub(crate) fn quoted<'a>(&'a self, text: &'a str) -> impl Iterator<Item = FieldIx> + 'a {
        let reading = Reading::new(text);
        let personal = self.said().filter(|(field, _)| self.is_personal(*field));
        personal.flat_map(move |(field, value)| {
            let mut found = Vec::new();
            spell(self.plan(), field, value, |of, form| {
                if found.last() != Some(&of) && !reading.find(&form).is_empty() {
                    found.push(of);
                }
            });
            found
        })
    }

    /// A record of the journal as somebody gets to read it: its reason as
    /// [`told`](Self::told), and so the name under which the applicant acted, or who helped
    /// them. Who applies under their own name would show it to everybody who sees the case.
    /// The name of an officer stays: who did what is on the record by law
    /// (行政执法全过程记录), and it is no value of the case.
    #[must_use]
    pub fn retold_record(&self, record: DurableRecord, to: Audience) -> DurableRecord {
        let by = match record.by {
            Some(by) if self.is_applicants(&record.event) => Some(self.told(&by, to).into()),
            by => by,
        };
        let event = self.retold(record.event, to);
        DurableRecord {
            by,
            event,
            ..record
        }
    }

    /// Whether what is on record was the applicant's to do.
    fn is_applicants(&self, event: &DurableEvent) -> bool {
        let own = |step: &StepKey| {
            let step = self.plan().find_step(step.as_str());
            let actor = step.map(|step| &self.plan().step(step).actor);
            matches!(actor, Some(Actor::Submission(_) | Actor::Applicant))
        };
        match event {
            Event::CaseOpened(_)
            | Event::ApplicationRefused(_)
            | Event::Submitted { .. }
            | Event::DraftRenewed { .. }
            | Event::CaseWithdrawn { .. } => true,
            Event::CaseRead { department, .. } => department.is_none(),
            Event::DataRead { step, .. }
            | Event::StepCompleted { step, .. }
            | Event::StepFailed { step, .. }
            | Event::StepRetried { step, .. }
            | Event::IncidentOpened { step, .. } => own(step),
            Event::SupplementRequested { .. } | Event::StepRefused { .. } => false,
            // Nobody's hand.
            Event::StepDispatched { .. }
            | Event::StepSkipped { .. }
            | Event::StepCancelled { .. }
            | Event::Delivered { .. }
            | Event::CaseRefused
            | Event::CaseClosed => false,
        }
    }

    /// A record as somebody gets to read it: with its reason, if it has one, as
    /// [`told`](Self::told). Its values are not touched.
    #[must_use]
    pub fn retold<S, F, Q, R>(&self, event: Event<S, F, Q, R>, to: Audience) -> Event<S, F, Q, R> {
        event.with_reason(|reason| self.told(reason, to))
    }
}

impl Opening {
    /// A text that came with the application as everybody gets to read it: as
    /// [`Case::told`], of what the application states.
    #[must_use]
    pub fn told(&self, plan: &Plan, text: &str) -> String {
        without_personal(plan, pairs(&self.values), text, |_| true)
    }
}

/// A key as everybody gets to read it. Keys are mostly numbers of the caller's own system, and
/// long ones: of numbers that the application does not state, only what is an identity number
/// is taken out.
pub(crate) fn key(plan: &Plan, values: &Values, key: &str) -> String {
    without_personal(plan, pairs(values), key, |number| {
        let joined: String = number.chars().filter(char::is_ascii_alphanumeric).collect();
        check::is_identity_number(&joined)
    })
}

fn pairs(values: &Values) -> impl Iterator<Item = (FieldIx, &Value)> {
    values.iter().map(|(field, value)| (*field, value))
}

/// A text without the personal values among those that were said, and without what looks
/// like a number of a person, where that is to go.
fn without_personal<'a>(
    plan: &Plan,
    said: impl Iterator<Item = (FieldIx, &'a Value)>,
    text: &str,
    goes: impl Fn(&str) -> bool,
) -> String {
    let reading = Reading::new(text);
    let (mut veiled, mut open) = (Vec::new(), Vec::new());
    for (field, value) in said {
        let places = match plan.field(field).sensitivity {
            Sensitivity::Public => &mut open,
            Sensitivity::Personal | Sensitivity::Sensitive => &mut veiled,
        };
        spell(plan, field, value, |_, form| {
            places.extend(reading.find(&form));
        });
    }
    // Whose number it is, is said by the contracts where the case has it.
    open.sort_unstable_by_key(|place| (place.start, std::cmp::Reverse(place.end)));
    open.dedup_by(|next, place| next.end <= place.end);
    let numbers = reading
        .numbers()
        .filter(|number| goes(&text[number.clone()]));
    let numbers = numbers.filter(|number| {
        let after = open.partition_point(|place| place.start <= number.start);
        let place = after.checked_sub(1).map(|at| &open[at]);
        place.is_none_or(|place| place.end < number.end)
    });
    veiled.extend(numbers);
    folded::without(text, veiled)
}

/// What tells a value, and what follows from it, whether or not a step reads that:
/// whoever writes a date of birth has it from the number. Each form with the field whose it
/// is: what no field of the plan is for is part of the value it follows from.
fn spell(plan: &Plan, field: FieldIx, value: &Value, mut say: impl FnMut(FieldIx, Form)) {
    let kind = &plan.field(field).kind;
    let mut forms = Vec::new();
    form::of(kind, value, &mut forms);
    forms.drain(..).for_each(|form| say(field, form));
    // Of sex only what is read is a value: as a word, it says nothing of a number.
    let follows = |by: &Derivation| *by != Derivation::Sex && by.accepts(kind);
    for by in Derivation::ALL.into_iter().filter(follows) {
        let as_this = Some(Derived { from: field, by });
        let named = plan.fields.iter().position(|item| item.derived == as_this);
        let of = named.map_or(field, FieldIx::at);
        if let Some(follows) = by.of(value) {
            form::of(kind, &follows, &mut forms);
            forms.drain(..).for_each(|form| say(of, form));
        }
    }
}

impl<S, F, Q, R> Event<S, F, Q, R> {
    /// The record with another text for its reason, if it has one.
    #[must_use]
    pub fn with_reason(mut self, tell: impl FnOnce(&str) -> String) -> Self {
        match &mut self {
            Event::StepFailed { reason, .. }
            | Event::IncidentOpened { reason, .. }
            | Event::SupplementRequested { reason, .. }
            | Event::StepRefused { reason, .. }
            | Event::CaseWithdrawn { reason } => *reason = tell(reason),
            Event::CaseOpened(_)
            | Event::ApplicationRefused(_)
            | Event::Submitted { .. }
            | Event::StepDispatched { .. }
            | Event::DataRead { .. }
            | Event::CaseRead { .. }
            | Event::StepCompleted { .. }
            | Event::StepRetried { .. }
            | Event::DraftRenewed { .. }
            | Event::StepSkipped { .. }
            | Event::StepCancelled { .. }
            | Event::Delivered { .. }
            | Event::CaseRefused
            | Event::CaseClosed => {}
        }
        self
    }
}
