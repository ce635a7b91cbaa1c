"""气象局."""

from ingest.synthetic.declaring import (
    DAMAGED,
    SENT_TWICE,
    Habit,
    bad_uscc,
    cut_line,
    dangling_reference,
    date_order,
    full_width,
    missing,
    negative_number,
    unknown_code,
)

HABITS = {"weather_warning": Habit("weekly"), "response_order": Habit(packed="gz")}
FAULTS = {
    "weather_warning": (unknown_code("level", "紫色"), missing("issued_at")),
    "response_order": (
        full_width("street_code"),
        bad_uscc(),
        missing("enterprise_name"),
        unknown_code("order_status", "转交"),
        date_order("closed_at"),
        negative_number("evacuated_persons", "-3"),
        cut_line("enterprise_name"),
        dangling_reference("warning_id", "YJ32010019990101000001"),
        SENT_TWICE,
        DAMAGED,
    ),
}
