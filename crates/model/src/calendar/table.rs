//! The dense table: working days and opening time counted up, day by day.
//!
//! Everything here is in *local* microseconds and in *day numbers*, days since
//! 1970-01-01 in local time. The table covers the years that the calendar
//! lists; before and after them the week repeats, and the same two counters go
//! on by arithmetic. So each operation is a look-up (or a binary search among
//! the listed working days), however long the stretch of time.
//!
//! Instants are held within [`END`] of 1970, so that no counter overflows and
//! each grows with time. Results beyond are cut off at the range of `i64`.

use crate::time::Micros;

/// Microseconds of a calendar day.
pub(super) const DAY: i64 = Micros::DAY.0;

/// The last local instant that is told apart, 100 million days from 1970, in
/// microseconds. `i64` holds 6 % more: room for the counters' other origin.
pub(super) const END: i64 = 100_000_000 * DAY;

/// A number of working days that no two instants lie apart.
const FAR: i64 = 1 << 50;

/// A stretch of opening time within a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    /// Opens, in microseconds since local midnight.
    pub(super) from: i64,
    /// Closes.
    pub(super) to: i64,
    /// Opening time of the day before `from`.
    before: i64,
}

/// The opening hours of one kind of day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Pattern {
    spans: Vec<Span>,
    /// Opening time of the whole day; 0 means closed.
    pub(super) open: i64,
}

impl Pattern {
    /// From stretches `(from, to)` in order, none of them empty; those that touch are joined.
    pub(super) fn new(stretches: impl IntoIterator<Item = (i64, i64)>) -> Self {
        let mut pattern = Self::default();
        for (from, to) in stretches {
            match pattern.spans.last_mut() {
                Some(last) if last.to == from => last.to = to,
                Some(_) | None => pattern.spans.push(Span {
                    from,
                    to,
                    before: pattern.open,
                }),
            }
            pattern.open += to - from;
        }
        pattern
    }

    /// Opening time of the day before `tod`, the time of day.
    pub(super) fn open_before(&self, tod: i64) -> i64 {
        let mut open = 0;
        for span in &self.spans {
            if tod <= span.from {
                break;
            }
            open = span.before + tod.min(span.to) - span.from;
        }
        open
    }

    /// The earliest time of day with so much opening time behind it. For 0
    /// that is the opening; beyond the day's opening time it is the closing.
    pub(super) fn at_open(&self, open: i64) -> i64 {
        for span in &self.spans {
            if open <= span.before + (span.to - span.from) {
                return span.from + (open - span.before).max(0);
            }
        }
        self.closing()
    }

    /// The stretch that is open at `tod`, else the next one of the day.
    pub(super) fn span_from(&self, tod: i64) -> Option<Span> {
        self.spans.iter().copied().find(|span| tod < span.to)
    }

    /// When the day's opening hours end; midnight when closed all day.
    pub(super) fn closing(&self) -> i64 {
        self.spans.last().map_or(0, |span| span.to)
    }

    fn is_whole_day(&self) -> bool {
        self.open == DAY
    }
}

/// What the counters say at the beginning of a day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    /// Opening time before this day, counted from the table's first day.
    pub(super) open_before: i64,
    /// Working days before this day, counted likewise.
    pub(super) rank: i64,
    /// Index of the day's pattern.
    pattern: usize,
}

/// A row of the table, packed: the simulator walks over it all the time.
#[derive(Debug, Clone, Copy)]
struct Row {
    open_before: i64,
    rank: i32,
    pattern: u32,
}

/// A day that is open, with the opening time before it.
#[derive(Debug, Clone, Copy)]
struct WorkingDay {
    number: i64,
    open_before: i64,
    pattern: u32,
}

/// Counters over the endless repetition of one week, Monday first.
#[derive(Debug, Clone)]
struct Week {
    /// Opening time before each day of the week.
    open_before: [i64; 8],
    /// Working days before each day of the week.
    rank: [i64; 8],
}

/// What leads from the counters of the week, which have an origin of their
/// own, to those of the table.
#[derive(Debug, Clone, Copy)]
struct Base {
    open: i64,
    rank: i64,
}

/// Monday is 0; day number 0, 1970-01-01, is a Thursday.
pub(super) fn weekday_of(day: i64) -> usize {
    (day + 3).rem_euclid(7) as usize
}

fn week_of(day: i64) -> i64 {
    (day + 3).div_euclid(7)
}

impl Week {
    /// What both counters say at the beginning of a day.
    fn count(&self, day: i64) -> Base {
        let (week, weekday) = (week_of(day), weekday_of(day));
        Base {
            open: week * self.open_before[7] + self.open_before[weekday],
            rank: week * self.rank[7] + self.rank[weekday],
        }
    }

    /// The working day of this rank.
    fn select(&self, rank: i64) -> i64 {
        let (week, rest) = (rank.div_euclid(self.rank[7]), rank.rem_euclid(self.rank[7]));
        self.day(week, self.rank.partition_point(|before| *before <= rest))
    }

    /// The day in which `open` is reached, and the opening time before that day.
    fn reach(&self, open: i64) -> (i64, i64) {
        let whole = self.open_before[7];
        let last = open.saturating_sub(1);
        let (week, rest) = (last.div_euclid(whole), last.rem_euclid(whole));
        let after = self.open_before.partition_point(|before| *before <= rest);
        let day = self.day(week, after);
        (
            day,
            self.open_before[weekday_of(day)] + week.saturating_mul(whole),
        )
    }

    /// The day of `week` that lies before the weekday `after`, which is 1 to 7.
    fn day(&self, week: i64, after: usize) -> i64 {
        week.saturating_mul(7)
            .saturating_add(after as i64 - 1)
            .saturating_sub(3)
    }
}

/// See the module documentation.
#[derive(Debug, Clone)]
pub(super) struct Table {
    patterns: Vec<Pattern>,
    /// The pattern of each day of the week, Monday first.
    weekly: [usize; 7],
    week: Week,
    /// From the week's counters to the table's, before its first day.
    before: Base,
    /// The same after its last day.
    after: Base,
    /// Number of the first day in `rows`.
    first: i64,
    rows: Vec<Row>,
    working: Vec<WorkingDay>,
    /// Opening time of all rows.
    open: i64,
    /// Opening time of every working day, when they are all alike.
    even: Option<i64>,
    /// Open at every instant.
    always: bool,
}

impl Table {
    /// `weekly` gives the pattern of each day of the week, at least one of
    /// which is open; `days` those of the days from number `first` on. Both
    /// are indices into `patterns`.
    pub(super) fn new(
        patterns: Vec<Pattern>,
        weekly: [usize; 7],
        first: i64,
        days: &[usize],
    ) -> Self {
        let mut week = Week {
            open_before: [0; 8],
            rank: [0; 8],
        };
        for (at, pattern) in weekly.iter().enumerate() {
            let open = patterns[*pattern].open;
            week.open_before[at + 1] = week.open_before[at] + open;
            week.rank[at + 1] = week.rank[at] + i64::from(open > 0);
        }
        let mut rows = Vec::with_capacity(days.len());
        let mut working: Vec<WorkingDay> = Vec::new();
        let mut open_before = 0;
        for (number, &pattern) in (first..).zip(days) {
            let packed = pattern as u32;
            rows.push(Row {
                open_before,
                rank: working.len() as i32,
                pattern: packed,
            });
            let open = patterns[pattern].open;
            if open > 0 {
                working.push(WorkingDay {
                    number,
                    open_before,
                    pattern: packed,
                });
            }
            open_before += open;
        }
        let used = || weekly.iter().chain(days).map(|at| &patterns[*at]);
        let always = used().all(Pattern::is_whole_day);
        let mut lengths = used().map(|day| day.open).filter(|open| *open > 0);
        let length = lengths.next().unwrap_or(DAY);
        let even = lengths.all(|other| other == length).then_some(length);
        let (start, end) = (week.count(first), week.count(first + days.len() as i64));
        Self {
            before: Base {
                open: -start.open,
                rank: -start.rank,
            },
            after: Base {
                open: open_before - end.open,
                rank: working.len() as i64 - end.rank,
            },
            weekly,
            week,
            first,
            rows,
            working,
            open: open_before,
            even,
            always,
            patterns,
        }
    }

    /// Whether there is no closing at all.
    pub(super) fn is_always_open(&self) -> bool {
        self.always
    }

    /// Number of the first day after the listed ones.
    pub(super) fn end(&self) -> i64 {
        self.first + self.rows.len() as i64
    }

    /// Number of the first listed day.
    pub(super) fn first(&self) -> i64 {
        self.first
    }

    /// Whether the week, repeated, is open without a break.
    pub(super) fn week_never_closes(&self) -> bool {
        self.weekly
            .iter()
            .all(|pattern| self.patterns[*pattern].is_whole_day())
    }

    /// The counters at the beginning of `day`.
    #[inline]
    pub(super) fn cell(&self, day: i64) -> Cell {
        match usize::try_from(day.wrapping_sub(self.first))
            .ok()
            .and_then(|at| self.rows.get(at))
        {
            Some(row) => Cell {
                open_before: row.open_before,
                rank: i64::from(row.rank),
                pattern: row.pattern as usize,
            },
            None => self.cell_outside(day),
        }
    }

    fn cell_outside(&self, day: i64) -> Cell {
        // A result beyond the end may be asked about; nothing is counted there.
        let day = day.clamp(-END / DAY, END / DAY + 1);
        let (week, weekday) = (week_of(day), weekday_of(day));
        let base = if day < self.first {
            &self.before
        } else {
            &self.after
        };
        Cell {
            open_before: week * self.week.open_before[7]
                + self.week.open_before[weekday]
                + base.open,
            rank: week * self.week.rank[7] + self.week.rank[weekday] + base.rank,
            pattern: self.weekly[weekday],
        }
    }

    /// The opening hours of the day that `cell` belongs to.
    #[inline]
    pub(super) fn pattern(&self, cell: Cell) -> &Pattern {
        &self.patterns[cell.pattern]
    }

    /// The working day of this rank, and its hours.
    pub(super) fn select(&self, rank: i64) -> (i64, &Pattern) {
        match usize::try_from(rank)
            .ok()
            .and_then(|at| self.working.get(at))
        {
            Some(day) => (day.number, &self.patterns[day.pattern as usize]),
            None => {
                let base = if rank < 0 { &self.before } else { &self.after };
                // Far beyond the range of instants, and far from overflowing.
                let rank = rank.clamp(-FAR, FAR) - base.rank;
                let day = self.week.select(rank);
                (day, &self.patterns[self.weekly[weekday_of(day)]])
            }
        }
    }

    /// The earliest local instant that has `open` behind it on the counter of
    /// [`Cell::open_before`].
    pub(super) fn reach(&self, open: i64) -> i64 {
        if open <= 0 || open > self.open {
            return self.reach_outside(open);
        }
        let at = match self.even {
            Some(length) => (open - 1) / length,
            None => self.working.partition_point(|day| day.open_before < open) as i64 - 1,
        };
        match usize::try_from(at).ok().and_then(|at| self.working.get(at)) {
            Some(day) => {
                let pattern = &self.patterns[day.pattern as usize];
                local(day.number, pattern.at_open(open - day.open_before))
            }
            // Cannot be: `open` lies within the working days counted here.
            None => self.reach_outside(open),
        }
    }

    fn reach_outside(&self, open: i64) -> i64 {
        let base = if open <= 0 { &self.before } else { &self.after };
        let open = open.saturating_sub(base.open);
        let (day, before) = self.week.reach(open);
        let pattern = &self.patterns[self.weekly[weekday_of(day)]];
        local(day, pattern.at_open(open.saturating_sub(before)))
    }
}

/// The local instant at time `tod` of a day.
#[inline]
pub(super) fn local(day: i64, tod: i64) -> i64 {
    day.saturating_mul(DAY).saturating_add(tod)
}

/// The day of a local instant, and the time of day.
#[inline]
pub(super) fn split(local: i64) -> (i64, i64) {
    (local.div_euclid(DAY), local.rem_euclid(DAY))
}
