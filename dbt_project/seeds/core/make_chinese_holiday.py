"""Make `chinese_holiday.csv`: the days on which a holiday or a shifted working day departs from the plain week.

Renew it once a year, when the State Council has announced next year's holidays (November) and the `chinesecalendar`
package knows them: raise its pin in pyproject.toml, then run this file with the Python of `.venv`.
A year the package does not know is simply not in the file, and the warehouse says null for its days.
"""

from __future__ import annotations

import csv
from pathlib import Path

from chinese_calendar import Holiday
from chinese_calendar.constants import holidays, workdays

NAMES = {holiday.value: holiday.chinese for holiday in Holiday}


def main() -> None:
    """Write the seed beside this file, one row a day, oldest first."""
    days = {day: (False, NAMES[name]) for day, name in holidays.items()}
    days |= {day: (True, NAMES[name]) for day, name in workdays.items()}
    with Path(__file__).with_name("chinese_holiday.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["date_day", "is_workday", "holiday_name"])
        for day, (is_workday, name) in sorted(days.items()):
            writer.writerow([day.isoformat(), str(is_workday).lower(), name])


if __name__ == "__main__":
    main()
