#!/usr/bin/env python3
"""Compare workflows/calendars/cn-government.yaml with an independent source, day by day.

Run it after adding a year. It needs `pip install pyyaml chinesecalendar`; it prints
the working days of each year and every day that differs, and ends with 1 if one does.
"""

import datetime
import pathlib
import sys

import chinese_calendar
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
DAY = datetime.timedelta(days=1)


def days(entry):
    """The dates of `2024-10-01`, `2024-10-01..2024-10-07`, or a list of these."""
    for part in entry if isinstance(entry, list) else [entry]:
        first, _, last = str(part).partition("..")
        day = datetime.date.fromisoformat(first)
        while day <= datetime.date.fromisoformat(last or first):
            yield day
            day += DAY


def main():
    text = (ROOT / "workflows/calendars/cn-government.yaml").read_text(encoding="utf-8")
    years = yaml.safe_load(text)["years"]
    closed, worked = set(), set()
    for year in years.values():
        for holiday in year["holidays"]:
            closed.update(days(holiday.get("closed", [])))
            worked.update(days(holiday.get("make_up", [])))
    differ = 0
    for year in years:
        day, count = datetime.date(year, 1, 1), 0
        while day.year == year:
            ours = day in worked or (day.weekday() < 5 and day not in closed)
            count += ours
            if ours != chinese_calendar.is_workday(day):
                differ += 1
                print(f"{day}: {'working' if ours else 'closed'} here, not so there")
            day += DAY
        print(f"{year}: {count} working days")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
