"""规划和自然资源局."""

from ingest.synthetic.declaring import (
    SENT_TWICE,
    Habit,
    full_width,
    impossible_date,
    missing,
    not_a_number,
    retired_district,
    too_large,
    unknown_code,
)

HABITS = {"geohazard_patrol": Habit(dates="dotted", newline="\r\n")}
FAULTS = {
    "geohazard_patrol": (
        full_width("threatened_persons"),
        retired_district(),
        impossible_date("patrolled_at"),
        missing("point_no"),
        unknown_code("hazard_kind", "地震"),
        not_a_number("threatened_persons", "若干"),
        too_large("crack_mm", "9999"),
        SENT_TWICE,
    ),
}
