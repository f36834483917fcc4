"""Cron schedules."""

import pytest
from contract_check.schedules import schedule_problem


@pytest.mark.parametrize(
    "schedule",
    [
        *("* * * * *", "*/5 0-23/2 1,15 JAN-dec mon-FRI", "0 0 ? * 0", "59 23 31 12 6"),
        *("@daily", "@every 1h30m"),
    ],
)
def test_a_schedule_passes(schedule: str):
    assert schedule_problem(schedule) == ""


@pytest.mark.parametrize(
    ("schedule", "problem"),
    [
        ("* * * *", "expected exactly 5 fields, found 4"),
        ("* 24 * * *", "hour: 24 is not between 0 and 23"),
        ("* * 0 * *", "day of the month: 0 is not between 1 and 31"),
        ("* * * * 7", "day of the week: 7 is not between 0 and 6"),
        ("30-10 * * * *", "minute: 30-10 ends before it begins"),
        ("*/0 * * * *", "minute: */0 has no step"),
        ("x * * * *", "minute: x is no number"),
        ("CRON_TZ=UTC * * * * *", "its time zone goes into timeZone"),
    ],
)
def test_another_is_told_what_is_wrong_with_it(schedule: str, problem: str):
    assert schedule_problem(schedule) == problem
