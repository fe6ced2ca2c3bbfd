//! The table against a calendar that walks day by day, minute lists in hand.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::calendar::{OpeningHours, SpecialHours};

const MINUTE: i64 = 60_000_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// Reads [`CalendarData`] afresh for each question; shares nothing with the table.
struct Naive<'a>(&'a CalendarData);

impl Naive<'_> {
    fn offset(&self) -> i64 {
        i64::from(self.0.utc_offset.minutes()) * MINUTE
    }

    fn date(day: i64) -> Date {
        date("1970-01-01")
            .checked_add(jiff::ToSpan::days(day))
            .unwrap()
    }

    fn hours(&self, day: i64) -> &[OpeningHours] {
        let date = Self::date(day);
        let holds = |ranges: &[DateRange]| {
            ranges
                .iter()
                .any(|range| range.first() <= date && date <= range.last())
        };
        for year in self.0.years.values() {
            if let Some(special) = year.special_hours.iter().find(|own| holds(&own.days)) {
                return &special.hours;
            }
            if year.holidays.iter().any(|holiday| holds(&holiday.closed)) {
                return &[];
            }
            if year.holidays.iter().any(|holiday| holds(&holiday.make_up)) {
                return &self.0.make_up_hours;
            }
        }
        let weekday = date.weekday().to_monday_zero_offset() as usize;
        self.0
            .hours
            .iter()
            .find(|(days, _)| days.days().contains(&weekday))
            .map_or(&[], |(_, hours)| hours)
    }

    /// The opening stretches of a day as instants.
    fn stretches(&self, day: i64) -> Vec<(i64, i64)> {
        let midnight = day * DAY - self.offset();
        self.hours(day)
            .iter()
            .map(|hours| {
                (
                    midnight + i64::from(hours.from_min()) * MINUTE,
                    midnight + i64::from(hours.to_min()) * MINUTE,
                )
            })
            .collect()
    }

    fn day(&self, at: i64) -> i64 {
        (at + self.offset()).div_euclid(DAY)
    }

    fn length(&self, day: i64) -> i64 {
        self.stretches(day).iter().map(|(from, to)| to - from).sum()
    }

    fn add_working_time(&self, from: i64, span: i64) -> i64 {
        if span <= 0 {
            return from;
        }
        let mut left = span;
        for day in self.day(from).. {
            for (opens, closes) in self.stretches(day) {
                let opens = opens.max(from);
                if opens < closes {
                    if left <= closes - opens {
                        return opens + left;
                    }
                    left -= closes - opens;
                }
            }
        }
        unreachable!()
    }

    fn working_time(&self, from: i64, to: i64) -> i64 {
        (self.day(from)..=self.day(to))
            .flat_map(|day| self.stretches(day))
            .map(|(opens, closes)| (closes.min(to) - opens.max(from)).max(0))
            .sum()
    }

    fn working_days(&self, from: i64, to: i64) -> f64 {
        (self.day(from)..=self.day(to))
            .filter(|day| self.length(*day) > 0)
            .map(|day| {
                let open: i64 = self
                    .stretches(day)
                    .iter()
                    .map(|(opens, closes)| (closes.min(&to) - opens.max(&from)).max(0))
                    .sum();
                open as f64 / self.length(day) as f64
            })
            .sum()
    }

    fn due_working_days(&self, from: i64, days: u64) -> i64 {
        let mut left = days;
        for day in self.day(from) + 1.. {
            if let Some((_, closes)) = self.stretches(day).last().copied() {
                left -= 1;
                if left == 0 {
                    let midnight = (day + 1) * DAY - self.offset();
                    return if closes == midnight {
                        closes - 1
                    } else {
                        closes
                    };
                }
            }
        }
        unreachable!()
    }

    fn next_open(&self, from: i64) -> i64 {
        (self.day(from)..)
            .flat_map(|day| self.stretches(day))
            .find(|(_, closes)| from < *closes)
            .map(|(opens, _)| opens.max(from))
            .unwrap()
    }

    fn close_after(&self, at: i64) -> i64 {
        let mut stretches = (self.day(at)..)
            .flat_map(|day| self.stretches(day))
            .skip_while(|(_, closes)| *closes <= at)
            .peekable();
        loop {
            let (_, closes) = stretches.next().unwrap();
            if stretches.peek().unwrap().0 != closes {
                return closes;
            }
        }
    }
}

/// Stretches between quarter hours, so that midnight comes up, and hours that touch.
fn hours() -> impl Strategy<Value = Vec<OpeningHours>> {
    (
        proptest::collection::btree_set(0_u16..=96, 2..7),
        vec(any::<bool>(), 6),
    )
        .prop_map(|(quarters, open)| {
            let quarters: Vec<u16> = quarters.into_iter().collect();
            quarters
                .windows(2)
                .zip(open)
                .enumerate()
                // The first stretch always, so that the day is not closed.
                .filter(|(at, (_, open))| *open || *at == 0)
                .map(|(_, (pair, _))| OpeningHours::new(pair[0] * 15, pair[1] * 15).unwrap())
                .collect()
        })
}

/// A calendar with rest days, one listed year or none, holidays, make-up days and half days.
fn calendars() -> impl Strategy<Value = CalendarData> {
    let whole_day = || vec![OpeningHours::new(0, 1_440).unwrap()];
    let week = prop_oneof![
        9 => vec(prop_oneof![2 => hours().prop_map(Some), 1 => Just(None)], 7),
        3 => (hours(), vec(any::<bool>(), 7))
            .prop_map(|(hours, open)| open.iter().map(|open| open.then(|| hours.clone())).collect()),
        1 => Just(vec![Some(whole_day()); 7]),
    ];
    let marks = vec((-31_i64..387, 0_u8..3, 1_i64..10, hours()), 0..25);
    // Quarter hours too, so that instants fall on openings and closings.
    let offset = (-48_i16..=56).prop_map(|quarters| quarters * 15);
    (offset, week, hours(), any::<bool>(), marks).prop_filter_map(
        "never open",
        |(offset, days, make_up_hours, listed, marks)| {
            let mut data = week_of(offset, days, make_up_hours);
            if listed {
                let year = marked(&data, marks);
                data.years = [(2024, year)].into();
            }
            Calendar::new(data.clone()).ok().map(|_| data)
        },
    )
}

fn week_of(
    offset: i16,
    days: Vec<Option<Vec<OpeningHours>>>,
    make_up_hours: Vec<OpeningHours>,
) -> CalendarData {
    let mut data = week("+00:00", &[]);
    data.utc_offset = super::super::UtcOffset::from_minutes(offset).unwrap();
    data.make_up_hours = make_up_hours;
    data.hours = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        .iter()
        .zip(days)
        .filter_map(|(name, hours)| Some((name.parse().unwrap(), hours?)))
        .collect();
    data
}

/// Days of 2024 and of the months beside it, each marked at most once and only as it may be.
fn marked(data: &CalendarData, marks: Vec<(i64, u8, i64, Vec<OpeningHours>)>) -> YearData {
    let first = 19_723; // 2024-01-01
    let mut year = YearData::default();
    let mut used = std::collections::BTreeSet::new();
    for (day, kind, length, hours) in marks {
        for day in first + day..first + day + length {
            let days = vec![DateRange::from(Naive::date(day))];
            if !used.insert(day) {
                continue;
            }
            let open = !Naive(data).hours(day).is_empty();
            let name = Text::new("试", "Test");
            match (kind, open) {
                (0, _) => year.holidays.push(Holiday {
                    name,
                    closed: days,
                    make_up: vec![],
                }),
                (1, false) => year.holidays.push(Holiday {
                    name,
                    closed: vec![],
                    make_up: days,
                }),
                (2, true) => year.special_hours.push(SpecialHours {
                    name,
                    days,
                    hours: hours.clone(),
                }),
                (_, _) => {}
            }
        }
    }
    year
}

/// Microseconds up to `most`, two thirds of them on a quarter hour or right beside one.
fn micros(most: i64) -> impl Strategy<Value = i64> {
    let quarters = 0..most / (15 * MINUTE);
    prop_oneof![
        quarters.clone().prop_map(|quarter| quarter * 15 * MINUTE),
        (quarters, -2_i64..=2).prop_map(|(quarter, beside)| quarter * 15 * MINUTE + beside),
        0..most,
    ]
}

/// Instants from November 2023 to February 2025.
fn instants() -> impl Strategy<Value = i64> {
    micros(460 * DAY).prop_map(|after| 1_698_796_800_000_000 + after)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_table_agrees_with_walking_day_by_day(
        data in calendars(),
        from in instants(),
        to in instants(),
        span in prop_oneof![micros(DAY), micros(40 * DAY)],
        days in 1_u64..60,
    ) {
        let calendar = Calendar::new(data.clone()).unwrap();
        let naive = Naive(&data);
        let start = Timestamp(from);
        prop_assert_eq!(calendar.add_working_time(start, Micros(span)).0, naive.add_working_time(from, span));
        prop_assert_eq!(calendar.next_open(start).0, naive.next_open(from));
        // A week that never closes has no next closing to walk to.
        if (0..7).any(|day| naive.length(30_000 + day) < DAY) {
            prop_assert_eq!(calendar.close_after(start).0, naive.close_after(from));
        }
        prop_assert_eq!(calendar.is_open(start), naive.next_open(from) == from);
        prop_assert_eq!(calendar.due(start, Limit::working_days(days)).at.0, naive.due_working_days(from, days));
        let day = naive.day(from);
        prop_assert_eq!(calendar.date_of(start), Naive::date(day));
        prop_assert_eq!(calendar.is_working_day(Naive::date(day)), naive.length(day) > 0);

        let (from, to) = (from.min(to), from.max(to));
        let (a, b) = (Timestamp(from), Timestamp(to));
        prop_assert_eq!(calendar.working_time_between(a, b).0, naive.working_time(from, to));
        prop_assert_eq!(calendar.working_time_between(b, a).0, -naive.working_time(from, to));
        let expected = naive.working_days(from, to);
        let found = calendar.working_days_between(a, b);
        prop_assert!((found - expected).abs() < 1e-9, "{} for {}", found, expected);
        prop_assert!((calendar.working_days_between(b, a) + found).abs() < 1e-9);
    }

    #[test]
    fn what_is_added_is_what_lies_between(
        data in calendars(),
        from in instants(),
        span in micros(40 * DAY),
        thousandths in 0_u64..60_000,
    ) {
        let calendar = Calendar::new(data).unwrap();
        let from = Timestamp(from);
        let end = calendar.add_working_time(from, Micros(span));
        prop_assert_eq!(calendar.working_time_between(from, end), Micros(span.max(0)));
        let end = calendar.add_working_days(from, thousandths);
        let days = calendar.working_days_between(from, end);
        // Rounded to a microsecond of a day that has at least a quarter hour.
        prop_assert!((days - thousandths as f64 / 1e3).abs() < 3e-9, "{} for {}", days, thousandths);
    }

    #[test]
    fn a_longer_limit_never_ends_earlier(
        data in calendars(),
        from in instants(),
        one in 0_u64..8_000,
        other in 0_u64..8_000,
    ) {
        let calendar = Calendar::new(data).unwrap();
        let from = Timestamp(from);
        let (less, more) = (one.min(other), one.max(other));
        type Unit = fn(u64) -> Limit;
        let units: [Unit; 2] = [
            |thousandths| Limit::WorkingDays { thousandths },
            |thousandths| Limit::CalendarDays { thousandths },
        ];
        for unit in units {
            let (early, late) = (calendar.due(from, unit(less)).at, calendar.due(from, unit(more)).at);
            prop_assert!(from <= early && early <= late, "{} {}", early, late);
        }
        prop_assert!(calendar.add_working_days(from, less) <= calendar.add_working_days(from, more));
    }

    #[test]
    fn nothing_panics_at_any_instant(
        data in calendars(),
        from in prop_oneof![any::<i64>(), Just(i64::MIN), Just(i64::MAX), i64::MAX - 40 * DAY..i64::MAX, i64::MIN..i64::MIN + 40 * DAY],
        to in prop_oneof![any::<i64>(), Just(i64::MIN), Just(i64::MAX)],
        span in prop_oneof![any::<i64>(), Just(i64::MAX)],
        thousandths in prop_oneof![any::<u64>(), 0_u64..100_000],
    ) {
        for calendar in [Calendar::new(data).unwrap(), Calendar::round_the_clock()] {
            let (from, to) = (Timestamp(from), Timestamp(to));
            prop_assert!(calendar.add_working_time(from, Micros(span)) >= from);
            prop_assert!(calendar.add_working_days(from, thousandths) >= from);
            prop_assert!(calendar.next_open(from) >= from);
            prop_assert!(calendar.close_after(from) >= from);
            for limit in [
                Limit::WorkingDays { thousandths },
                Limit::CalendarDays { thousandths },
                Limit::Clock(Micros(span)),
            ] {
                prop_assert!(calendar.due(from, limit).at >= from);
            }
            let between = calendar.working_time_between(from, to);
            prop_assert!(between == Micros(0) || (between > Micros(0)) == (to > from), "{:?}", between);
            prop_assert!(calendar.working_days_between(from, to).is_finite());
            let _ = (calendar.is_open(from), calendar.date_of(from));
        }
    }
}

#[test]
fn the_ends_of_time_saturate() {
    for calendar in [office(), Calendar::round_the_clock()] {
        let (first, last) = (Timestamp(i64::MIN), Timestamp(i64::MAX));
        assert_eq!(calendar.add_working_time(last, Micros::DAY), last);
        assert_eq!(calendar.due(last, Limit::working_days(20)).at, last);
        assert_eq!(calendar.due(last, Limit::calendar_days(20)).at, last);
        assert_eq!(calendar.due(first, Limit::Clock(Micros(-5))).at, first);
        assert_eq!(calendar.date_of(first), Date::MIN);
        assert_eq!(calendar.date_of(last), Date::MAX);
        assert!(calendar.working_days_between(first, last) > 1e8);
    }
}
