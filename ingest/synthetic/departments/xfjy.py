"""消防救援支队."""

from ingest.synthetic.declaring import (
    SENT_TWICE,
    Habit,
    bad_uscc,
    date_order,
    full_width,
    impossible_date,
    missing,
    negative_number,
    unknown_code,
)

HABITS = {
    "fire_inspection": Habit(),
    "fire_incident": Habit("weekly"),
}
FAULTS = {
    "fire_inspection": (
        full_width("fire_hazards_found"),
        bad_uscc(),
        impossible_date("checked_on"),
        missing("district_code"),
        unknown_code("district_code", "浦东新区"),
        negative_number("fire_hazards_found", "-2"),
        SENT_TWICE,
    ),
    "fire_incident": (
        full_width("fire_engines"),
        impossible_date("alarm_at"),
        missing("address"),
        unknown_code("cause", "天干物燥"),
        date_order("extinguished_at"),
        negative_number("injuries"),
        SENT_TWICE,
    ),
}
