//! The same measures from records, as a store or an audit holds them. For many
//! cases of one definition, keep a [`Meter`] and call [`Meter::measure`].

use std::sync::Arc;

use onething_engine::{Blueprint, DecodeError, DurableRecord, Event, Record};
use onething_model::Timestamp;

use crate::case::{CaseFold, CaseMeasures, Meter};

/// The measures of one case from its events, in the order they were recorded.
#[must_use]
pub fn from_events<'a>(
    blueprint: &Arc<Blueprint>,
    events: impl IntoIterator<Item = (Timestamp, &'a Event)>,
) -> CaseMeasures {
    Meter::new(blueprint).measure(events)
}

/// The measures of one case from its records.
#[must_use]
pub fn from_records<'a>(
    blueprint: &Arc<Blueprint>,
    records: impl IntoIterator<Item = &'a Record>,
) -> CaseMeasures {
    let events = records.into_iter().map(|record| (record.at, &record.event));
    from_events(blueprint, events)
}

/// The measures of one case from its records with durable names.
///
/// # Errors
/// A record names what the plan does not have: it belongs to another definition.
pub fn from_durable<'a>(
    blueprint: &Arc<Blueprint>,
    records: impl IntoIterator<Item = &'a DurableRecord>,
) -> Result<CaseMeasures, DecodeError> {
    let (mut meter, mut fold) = (Meter::new(blueprint), CaseFold::new());
    for record in records {
        let record = record.resolve(blueprint.plan())?;
        meter.apply(&mut fold, &record.event, record.at);
    }
    Ok(meter.measures(&fold))
}
