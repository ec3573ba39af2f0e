"""Days on which the shop's usual calendar has visits, morning and afternoon, wherever in the year a test runs."""
import datetime
import functools
import os
import re

REPOSITORY = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
HOLIDAYS = os.path.join(REPOSITORY, "app", "core", "holidays.cpp")
SUBSTITUTE_DAYS = 4  # so long after a holiday its substitute day may come
MOST_DAYS = 60
SEOUL = datetime.timezone(datetime.timedelta(hours=9))


@functools.cache
def holidays(year: int) -> frozenset:
    """Those the program's own table names, without substitute days."""
    with open(HOLIDAYS, encoding="utf-8") as file:
        text = file.read()
    days = [(int(month), int(day)) for month, day in re.findall(r"Fixed\{(\d+), (\d+),", text)]
    lunar = re.findall(r"\{(\d{3,4}), (\d{3,4}), (\d{3,4})\}", text)
    found = {datetime.date(year, month, day) for month, day in days}
    if 0 <= year - 2024 < len(lunar):
        for place, around in zip(lunar[year - 2024], (1, 0, 1)):
            middle = datetime.date(year, int(place) // 100, int(place) % 100)
            found |= {middle + datetime.timedelta(days=offset) for offset in range(-around, around + 1)}
    return frozenset(found)


def is_working(day: datetime.date) -> bool:
    """A weekday that is no holiday and not near enough after one to be its substitute."""
    before = (day - datetime.timedelta(days=ago) for ago in range(SUBSTITUTE_DAYS + 1))
    return day.weekday() < 5 and not any(each in holidays(each.year) for each in before)


def working_day(first: datetime.date, weekday: int | None = None) -> datetime.date:
    """The first such day from `first` on, of that day of the week (Monday is 0) if one is given."""
    days = (first + datetime.timedelta(days=ahead) for ahead in range(MOST_DAYS))
    return next(day for day in days if is_working(day) and weekday in (None, day.weekday()))


def now_in_the_shop() -> datetime.datetime:
    return datetime.datetime.now(SEOUL)


def working_day_ahead(days: int = 2, weekday: int | None = None) -> datetime.date:
    """So many of the shop's own days from now at the least, whatever day it is here: two are more than the cut-off of guests before
    the first hour of that day, also while a test runs."""
    return working_day(now_in_the_shop().date() + datetime.timedelta(days=days), weekday)
