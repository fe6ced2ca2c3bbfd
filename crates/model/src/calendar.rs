//! Working days and opening hours.

/// A calendar.
#[derive(Debug, Clone)]
pub struct Calendar;
