//! What is refused, where, and in which words.

use super::*;
use crate::calendar::{LastDay, SpecialHours};

fn refused(change: impl FnOnce(&mut CalendarData)) -> String {
    let mut data = office_data();
    change(&mut data);
    match Calendar::new(data) {
        Ok(_) => "accepted".into(),
        Err(error) => error.to_string(),
    }
}

fn holiday(data: &mut CalendarData, closed: &str, make_up: &str) {
    data.years.get_mut(&2024).unwrap().holidays.push(Holiday {
        name: Text::new("试", "Test"),
        closed: ranges(closed),
        make_up: ranges(make_up),
    });
}

fn special(data: &mut CalendarData, days: &str, hours: &[&str]) {
    let special = SpecialHours {
        name: Text::new("试", "Test"),
        days: ranges(days),
        hours: hours.iter().map(|hours| hours.parse().unwrap()).collect(),
    };
    data.years
        .get_mut(&2024)
        .unwrap()
        .special_hours
        .push(special);
}

#[track_caller]
fn says(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "`{part}` is missing in:\n{message}");
    }
    assert_eq!(
        message.lines().count(),
        1,
        "one fault is one line:\n{message}"
    );
}

#[test]
fn hours_that_cannot_be() {
    let hours = |table: &'static [(&str, &str)]| {
        move |data: &mut CalendarData| data.hours = week("+08:00", table).hours
    };
    says(
        &refused(|data| {
            data.hours.clear();
            data.years.clear();
        }),
        &["hours:", "never open"],
    );
    says(
        &refused(|data| {
            data.hours = week("+08:00", &[("mon-sun", "")]).hours;
            data.years.clear();
        }),
        &["hours:", "never open"],
    );
    says(
        &refused(hours(&[("mon-fri", "09:00-12:00 11:59-18:00")])),
        &["hours.mon-fri:", "`09:00-12:00` and `11:59-18:00` overlap"],
    );
    says(
        &refused(hours(&[("mon-fri", "14:00-18:00 09:00-12:00")])),
        &["hours.mon-fri:", "out of order"],
    );
    says(
        &refused(hours(&[("mon-fri", "09:00-12:00"), ("fri-sat", "")])),
        &["hours.fri-sat:", "`fri` already has hours"],
    );
    says(
        &refused(hours(&[("mon-thu", "09:00-17:00"), ("fri", "09:00-12:00")])),
        &["make_up_hours:", "different hours"],
    );
    assert_eq!(
        refused(|data| {
            hours(&[("mon-thu", "09:00-17:00"), ("fri", "09:00-12:00")])(data);
            data.make_up_hours = vec!["10:00-11:00".parse().unwrap()];
            data.calendar_days_end = LastDay::NextWorkingDay;
        }),
        "accepted"
    );
    assert_eq!(
        refused(hours(&[("mon-fri", "09:00-12:00 12:00-18:00")])),
        "accepted",
        "hours that touch are one stretch"
    );
}

#[test]
fn holidays_that_cannot_be() {
    let cases = [
        ("2024-01-01", "", "2024-01-01 is already closed"),
        ("2024-10-12", "", "2024-10-12 is listed both"),
        ("", "2024-10-05", "2024-10-05 is listed both"),
        ("", "2024-10-12", "2024-10-12 is already a make-up"),
        (
            "",
            "2024-10-15",
            "2024-10-15 is a working day by its day of the week",
        ),
        (
            "2042-01-01",
            "",
            "`2042-01-01` does not belong to this year",
        ),
        (
            "2023-11-30",
            "",
            "`2023-11-30` does not belong to this year",
        ),
        (
            "",
            "2025-02-01",
            "`2025-02-01` does not belong to this year",
        ),
        ("", "", "a holiday lists its days"),
    ];
    for (closed, make_up, says_what) in cases {
        says(
            &refused(|data| holiday(data, closed, make_up)),
            &["years.2024.holidays[7]:", says_what],
        );
    }
    assert_eq!(
        refused(|data| holiday(data, "2023-12-01", "2024-12-28")),
        "accepted"
    );
}

#[test]
fn special_hours_that_cannot_be() {
    let place = "years.2024.special_hours[0]:";
    says(
        &refused(|data| special(data, "2024-02-10", &["09:00-12:00"])),
        &[place, "2024-02-10 is closed"],
    );
    says(
        &refused(|data| special(data, "2024-03-02", &["09:00-12:00"])),
        &[place, "2024-03-02 is closed"],
    );
    says(
        &refused(|data| special(data, "2024-03-01", &[])),
        &[place, "no hours"],
    );
    says(
        &refused(|data| special(data, "2024-03-01 2024-03-01", &["09:00-12:00"])),
        &[place, "2024-03-01 already has special hours"],
    );
    assert_eq!(
        refused(|data| special(data, "2024-10-12", &["09:00-12:00"])),
        "accepted",
        "a make-up day may have its own hours"
    );
}

#[test]
fn years_beyond_the_range_are_refused_and_all_faults_are_told() {
    let message = refused(|data| {
        data.years.insert(9_999, YearData::default());
        holiday(data, "2024-01-01", "");
    });
    assert_eq!(message.lines().count(), 2, "{message}");
    assert!(message.contains("years.9999: a year lies between 1900 and 2200"));
    assert!(message.contains("years.2024.holidays[7]: 2024-01-01"));
}
