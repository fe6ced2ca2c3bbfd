//! The rules of the clock on dates of the real notices.

use super::*;
use crate::calendar::{LastDay, SpecialHours, WhyClosed};
use crate::text::Lang;

#[test]
fn five_working_days_over_the_long_holidays() {
    dues(
        &office(),
        "2024-09-27 10:00 5wd -> 2024-10-10 18:00
         2025-01-24 10:00 5wd -> 2025-02-07 18:00",
    );
}

#[test]
fn the_examples_of_the_document_hold() {
    let mut data = office_data();
    data.hours = week("+08:00", &[("mon-fri", "08:30-12:00 13:30-18:00")]).hours;
    let calendar = Calendar::new(data).unwrap();
    let document = include_str!("../../../../../docs/legal-clock.md");
    let blocks: Vec<&str> = document
        .split("```due\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert_eq!(blocks.len(), 6);
    for block in blocks {
        dues(&calendar, block);
    }
}

#[test]
fn the_years_have_their_working_days() {
    let office = office();
    for (year, days) in [(2024, 251), (2025, 248), (2026, 248)] {
        let first = Date::new(year, 1, 1).unwrap();
        let year_days = first
            .series(jiff::ToSpan::days(1))
            .take_while(|day| day.year() == year);
        assert_eq!(
            year_days.filter(|day| office.is_working_day(*day)).count(),
            days,
            "{year}"
        );
        let (from, to) = (
            office.start_of(first),
            office.start_of(Date::new(year + 1, 1, 1).unwrap()),
        );
        assert_eq!(office.working_days_between(from, to), days as f64, "{year}");
    }
}

#[test]
fn the_hour_and_the_day_of_acceptance_make_no_difference() {
    dues(
        &office(),
        // Any hour of a working day.
        "2025-03-10 00:00 1wd -> 2025-03-11 18:00
         2025-03-10 09:00 1wd -> 2025-03-11 18:00
         2025-03-10 23:59 1wd -> 2025-03-11 18:00
         2025-03-10 10:00 20wd -> 2025-04-08 18:00",
    );
    dues(
        &office(),
        // A Saturday, a holiday, a make-up Saturday, a make-up Sunday.
        "2025-03-15 10:00 1wd -> 2025-03-17 18:00
         2025-10-03 10:00 1wd -> 2025-10-09 18:00
         2025-10-03 10:00 2wd -> 2025-10-10 18:00
         2025-10-03 10:00 3wd -> 2025-10-11 18:00
         2025-10-11 10:00 1wd -> 2025-10-13 18:00
         2025-02-08 10:00 1wd -> 2025-02-10 18:00
         2025-01-25 10:00 1wd -> 2025-01-26 18:00
         2025-01-26 10:00 1wd -> 2025-01-27 18:00",
    );
}

#[test]
fn month_ends_leap_days_and_year_ends() {
    dues(
        &office(),
        "2024-02-28 10:00 1wd -> 2024-02-29 18:00
         2024-02-29 10:00 1wd -> 2024-03-01 18:00
         2025-02-28 10:00 1wd -> 2025-03-03 18:00
         2024-12-30 10:00 2wd -> 2025-01-02 18:00
         2024-12-31 10:00 1wd -> 2025-01-02 18:00
         2025-12-31 10:00 1wd -> 2026-01-04 18:00
         2024-02-28 10:00 1d -> 2024-02-29 23:59:59.999999
         2025-02-28 10:00 1d -> 2025-03-01 23:59:59.999999
         2024-12-31 10:00 1d -> 2025-01-01 23:59:59.999999",
    );
}

#[test]
fn an_unpublished_year_is_provisional() {
    dues(
        &office(),
        "2026-12-30 10:00 1wd -> 2026-12-31 18:00
         2026-12-31 10:00 1wd -> 2027-01-01 18:00 ~
         2026-12-01 10:00 30wd -> 2027-01-12 18:00 ~
         2023-12-29 10:00 1wd -> 2024-01-02 18:00 ~
         2023-12-31 10:00 1wd -> 2024-01-02 18:00
         2026-12-31 17:00 0.1wd -> 2026-12-31 17:42
         2026-12-31 17:00 0.5wd -> 2027-01-01 11:30 ~
         2027-03-01 10:00 0wd -> 2027-03-01 10:00
         2026-12-31 10:00 5d -> 2027-01-05 23:59:59.999999
         2026-12-31 10:00 48h -> 2027-01-02 10:00",
    );
    let office = office();
    assert!(office.is_published(date("2026-12-31")));
    assert!(!office.is_published(date("2027-01-01")));
    assert!(Calendar::round_the_clock().is_published(date("2027-01-01")));
}

#[test]
fn a_gap_between_published_years_is_provisional() {
    let mut data = office_data();
    data.years.remove(&2025);
    let calendar = Calendar::new(data).unwrap();
    dues(
        &calendar,
        "2024-12-30 10:00 1wd -> 2024-12-31 18:00
         2024-12-30 10:00 2wd -> 2025-01-01 18:00 ~
         2024-12-30 10:00 300wd -> 2026-03-02 18:00 ~
         2025-12-31 10:00 1wd -> 2026-01-04 18:00",
    );
}

#[test]
fn fractions_of_a_working_day_run_from_the_moment_on() {
    dues(
        &office(),
        // Half of 7 hours is 3:30.
        "2025-03-10 09:00 0.5wd -> 2025-03-10 14:30
         2025-03-10 13:00 0.5wd -> 2025-03-10 17:30
         2025-03-10 14:30 0.5wd -> 2025-03-10 18:00
         2025-03-10 16:00 0.5wd -> 2025-03-11 10:30
         2025-03-14 18:00 0.5wd -> 2025-03-17 14:30
         2025-03-15 11:00 0.5wd -> 2025-03-17 14:30
         2025-03-10 10:00 1.5wd -> 2025-03-12 14:30
         2025-03-10 16:00 0.001wd -> 2025-03-10 16:00:25.200000
         2025-03-10 16:00 0wd -> 2025-03-10 16:00",
    );
}

#[test]
fn calendar_days_count_closed_days_and_hours_run_on_the_wall() {
    dues(
        &office(),
        "2025-01-24 10:00 5d -> 2025-01-29 23:59:59.999999
         2025-01-24 10:00 56d -> 2025-03-21 23:59:59.999999
         2025-01-24 10:00 0.5d -> 2025-01-24 22:00
         2025-01-24 10:00 1.5d -> 2025-01-26 12:00
         2025-01-24 10:00 0d -> 2025-01-24 10:00
         2025-01-24 17:00 4h -> 2025-01-24 21:00
         2025-01-24 17:00 10min -> 2025-01-24 17:10
         2025-01-24 17:00 20s -> 2025-01-24 17:00:20.000000",
    );
}

#[test]
fn calendar_days_may_move_to_the_next_working_day() {
    let mut data = office_data();
    data.calendar_days_end = LastDay::NextWorkingDay;
    let calendar = Calendar::new(data).unwrap();
    dues(
        &calendar,
        "2025-01-24 10:00 3d -> 2025-01-27 23:59:59.999999
         2025-01-24 10:00 4d -> 2025-02-05 23:59:59.999999
         2025-01-24 10:00 1d -> 2025-01-26 23:59:59.999999
         2025-09-27 10:00 1d -> 2025-09-28 23:59:59.999999
         2026-12-31 10:00 1d -> 2027-01-01 23:59:59.999999 ~
         2026-12-31 10:00 2d -> 2027-01-04 23:59:59.999999 ~
         2025-01-24 10:00 0d -> 2025-01-24 10:00",
    );
}

#[test]
fn the_next_working_day_may_lie_in_an_unpublished_year() {
    // 2023-12-31, the last published day, is a Sunday.
    let mut data = week("+08:00", &[("mon-fri", "09:00-17:00")]);
    data.calendar_days_end = LastDay::NextWorkingDay;
    data.years = [(2023, YearData::default())].into();
    dues(
        &Calendar::new(data).unwrap(),
        "2023-12-21 10:00 8d -> 2023-12-29 23:59:59.999999
         2023-12-21 10:00 10d -> 2024-01-01 23:59:59.999999 ~",
    );
}

#[test]
fn the_local_day_counts_not_the_one_in_utc() {
    // 2025-03-10 23:00 UTC is the 11th in China and still the 10th in New York.
    let from = Timestamp(1_741_647_600_000_000);
    for (offset, due) in [
        ("+08:00", "2025-03-12 17:00"),
        ("-05:00", "2025-03-11 17:00"),
    ] {
        let calendar = Calendar::new(week(offset, &[("mon-fri", "09:00-17:00")])).unwrap();
        let at = calendar.due(from, Limit::working_days(1)).at;
        assert_eq!(shown(&calendar, at), due, "{offset}");
    }
}

#[test]
fn a_half_day_is_a_working_day_with_its_own_hours() {
    let mut data = office_data();
    let year = data.years.get_mut(&2024).unwrap();
    year.special_hours.push(SpecialHours {
        name: Text::new("除夕", "New Year's Eve"),
        days: ranges("2024-02-09"),
        hours: vec!["09:00-12:00".parse().unwrap()],
    });
    let calendar = Calendar::new(data).unwrap();
    dues(
        &calendar,
        "2024-02-08 10:00 1wd -> 2024-02-09 12:00
         2024-02-08 16:00 0.5wd -> 2024-02-09 09:38:34.285714
         2024-02-09 09:00 0.5wd -> 2024-02-09 10:30
         2024-02-09 10:30 1.5wd -> 2024-02-19 14:30",
    );
    let (from, to) = (
        at(&calendar, "2024-02-08 18:00"),
        at(&calendar, "2024-02-10 00:00"),
    );
    assert_eq!(calendar.working_days_between(from, to), 1.0);
    assert_eq!(
        calendar.working_time_between(from, to),
        Micros::HOUR.times(3)
    );
}

#[test]
fn staff_work_ten_hours_over_the_weekend() {
    let calendar = Calendar::new(week("+00:00", &[("mon-fri", "09:00-17:00")])).unwrap();
    let end = |from: &str, span: Micros| {
        shown(
            &calendar,
            calendar.add_working_time(at(&calendar, from), span),
        )
    };
    // 2025-03-14 is a Friday.
    assert_eq!(
        end("2025-03-14 15:00", Micros::HOUR.times(10)),
        "2025-03-17 17:00"
    );
    assert_eq!(
        end("2025-03-14 17:30", Micros::HOUR.times(10)),
        "2025-03-18 11:00"
    );
    // It ends at the closing, not at the opening after it.
    assert_eq!(
        end("2025-03-14 15:00", Micros::HOUR.times(2)),
        "2025-03-14 17:00"
    );
    assert_eq!(
        end("2025-03-14 15:00", Micros(7_200_000_001)),
        "2025-03-17 09:00:00.000001"
    );
    assert_eq!(end("2025-03-14 17:30", Micros(0)), "2025-03-14 17:30");
    assert_eq!(end("2025-03-14 17:30", Micros(-1)), "2025-03-14 17:30");
}

#[test]
fn work_ends_at_the_closing_in_listed_years_too() {
    let mut uneven = office_data();
    let year = uneven.years.get_mut(&2024).unwrap();
    year.special_hours.push(SpecialHours {
        name: Text::new("除夕", "New Year's Eve"),
        days: ranges("2024-02-09"),
        hours: vec!["09:00-12:00".parse().unwrap()],
    });
    for data in [office_data(), uneven] {
        let calendar = Calendar::new(data).unwrap();
        let end = |from: &str, hours: i64| {
            let span = Micros::HOUR.times(hours);
            shown(
                &calendar,
                calendar.add_working_time(at(&calendar, from), span),
            )
        };
        // 2025-03-14 is a Friday; a day has 7 hours.
        assert_eq!(end("2025-03-14 15:00", 3), "2025-03-14 18:00");
        assert_eq!(end("2025-03-14 15:00", 10), "2025-03-17 18:00");
        assert_eq!(
            end("2025-03-14 15:00", 13),
            "2025-03-18 12:00",
            "before the break"
        );
        assert_eq!(end("2025-03-14 17:30", 10), "2025-03-18 11:30");
        assert_eq!(end("2025-01-27 17:00", 8), "2025-02-05 18:00");
    }
}

#[test]
fn waiting_of_so_many_working_days_runs_from_the_moment_on() {
    let office = office();
    let end = |from: &str, thousandths: u64| {
        shown(
            &office,
            office.add_working_days(at(&office, from), thousandths),
        )
    };
    assert_eq!(end("2025-03-11 10:00", 1_000), "2025-03-12 10:00");
    assert_eq!(end("2025-03-14 10:00", 1_000), "2025-03-17 10:00");
    assert_eq!(end("2025-03-14 16:00", 1_500), "2025-03-18 10:30");
    // It ends at the closing, not at the opening after it.
    assert_eq!(end("2025-03-14 09:00", 1_000), "2025-03-14 18:00");
    assert_eq!(end("2025-03-14 18:00", 1_000), "2025-03-17 18:00");
    assert_eq!(end("2025-03-15 10:00", 1_000), "2025-03-17 18:00");
    assert_eq!(end("2025-03-15 10:00", 0), "2025-03-15 10:00");
}

#[test]
fn opening_and_closing() {
    let office = office();
    let next = |from: &str| shown(&office, office.next_open(at(&office, from)));
    let close = |from: &str| shown(&office, office.close_after(at(&office, from)));
    assert_eq!(next("2025-03-10 08:00"), "2025-03-10 09:00");
    assert_eq!(next("2025-03-10 09:00"), "2025-03-10 09:00");
    assert_eq!(next("2025-03-10 12:00"), "2025-03-10 14:00");
    assert_eq!(next("2025-01-27 18:00"), "2025-02-05 09:00");
    assert_eq!(close("2025-03-10 08:00"), "2025-03-10 12:00");
    assert_eq!(close("2025-03-10 11:59"), "2025-03-10 12:00");
    assert_eq!(close("2025-03-10 12:00"), "2025-03-10 18:00");
    assert_eq!(close("2025-01-27 18:00"), "2025-02-05 12:00");
    assert!(office.is_open(at(&office, "2025-03-10 09:00")));
    assert!(!office.is_open(at(&office, "2025-03-10 12:00")));
    assert!(!office.is_open(at(&office, "2025-03-10 18:00")));
}

#[test]
fn nights_that_are_worked_through_are_one_stretch() {
    let nights = week(
        "+00:00",
        &[("mon", "20:00-24:00"), ("tue", "00:00-04:00 08:00-12:00")],
    );
    let calendar = Calendar::new(nights).unwrap();
    let close = |from: &str| shown(&calendar, calendar.close_after(at(&calendar, from)));
    assert_eq!(close("2025-03-10 21:00"), "2025-03-11 04:00");
    assert_eq!(close("2025-03-11 04:00"), "2025-03-11 12:00");

    let mut data = week("+00:00", &[("mon-sun", "00:00-24:00")]);
    data.years = [(
        2025,
        YearData {
            holidays: vec![Holiday {
                name: Text::new("盘点", "Stocktaking"),
                closed: ranges("2025-12-31"),
                make_up: vec![],
            }],
            ..YearData::default()
        },
    )]
    .into();
    let calendar = Calendar::new(data).unwrap();
    let close = |from: Timestamp| calendar.close_after(from);
    let closing = at(&calendar, "2025-12-31 00:00");
    assert_eq!(close(Timestamp(i64::MIN)), closing);
    assert_eq!(close(at(&calendar, "2025-06-01 12:00")), closing);
    assert_eq!(close(closing), Timestamp(i64::MAX));
    assert_eq!(
        shown(&calendar, calendar.next_open(closing)),
        "2026-01-01 00:00"
    );
}

#[test]
fn round_the_clock_a_working_day_is_24_hours() {
    let always = Calendar::round_the_clock();
    let from = at(&always, "2025-03-10 10:00");
    assert_eq!(always.add_working_days(from, 1_000), from + Micros::DAY);
    assert_eq!(
        always.add_working_days(from, 250),
        from + Micros::HOUR.times(6)
    );
    assert_eq!(always.add_working_time(from, Micros(1)), from + Micros(1));
    assert_eq!(
        always.working_days_between(from, from + Micros::DAY.times(3)),
        3.0
    );
    assert_eq!(always.next_open(from), from);
    assert_eq!(always.close_after(from), Timestamp(i64::MAX));
    dues(
        &always,
        "2025-03-10 10:00 1wd -> 2025-03-11 23:59:59.999999",
    );
}

#[test]
fn the_reason_for_a_closed_day_is_named() {
    let office = office();
    let why = |day: &str| office.why_closed(date(day)).map(|why| why.name(Lang::Zh));
    assert_eq!(why("2025-01-29"), Some("春节"));
    assert_eq!(
        why("2025-02-01"),
        Some("春节"),
        "a Saturday within the holiday"
    );
    assert_eq!(why("2025-03-15"), Some("休息日"));
    assert_eq!(
        office.why_closed(date("2025-03-15")),
        Some(WhyClosed::RestDay)
    );
    assert_eq!(why("2025-01-26"), None);
    assert_eq!(
        office.made_up_for(date("2025-01-26")).map(Text::zh),
        Some("春节")
    );
    assert_eq!(office.made_up_for(date("2025-01-27")), None);
}

#[test]
fn a_calendar_is_written_and_read_back() {
    let office = office();
    let json = serde_json::to_string(&office).unwrap();
    assert!(
        json.contains(r#""closed":["2025-01-28..2025-02-04"]"#),
        "{json}"
    );
    assert!(
        json.contains(r#""mon-fri":["09:00-12:00","14:00-18:00"]"#),
        "{json}"
    );
    assert_eq!(serde_json::from_str::<Calendar>(&json).unwrap(), office);
    let never = json.replace(r#"["09:00-12:00","14:00-18:00"]"#, "[]");
    let error = serde_json::from_str::<Calendar>(&never)
        .unwrap_err()
        .to_string();
    assert!(error.contains("never open"), "{error}");
}
