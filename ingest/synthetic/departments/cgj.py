"""城市管理局."""

from ingest.synthetic.declaring import (
    SENT_TWICE,
    Habit,
    full_width,
    impossible_date,
    missing,
    negative_number,
    not_a_number,
    too_large,
    unknown_code,
)

HABITS = {"gas_pipe_inspection": Habit(dates="slash")}
FAULTS = {
    "gas_pipe_inspection": (
        full_width("address"),
        full_width("hazards_found"),
        impossible_date("inspected_on"),
        missing("address"),
        unknown_code("user_kind", "居民"),
        not_a_number("hazards_found", "无法进入"),
        negative_number("major_hazards_found"),
        too_large("leak_percent_lel", "120"),
        SENT_TWICE,
    ),
}
