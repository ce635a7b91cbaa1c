"""政务热线（12345）."""

from ingest.synthetic.declaring import (
    SENT_TWICE,
    Habit,
    date_order,
    extra_field,
    full_width,
    missing,
    too_large,
    unclosed_quote,
    unit_word,
    unknown_code,
)

HABITS = {"safety_tip": Habit()}
FAULTS = {
    "safety_tip": (
        full_width("address"),
        full_width("street_code"),
        unit_word("reward_yuan"),
        missing("received_at"),
        unknown_code("category", "邻里纠纷"),
        unknown_code("district_code", "浦东新区"),
        date_order("closed_on"),
        too_large("reward_yuan", "4500000"),
        extra_field("content"),
        unclosed_quote("enterprise_name"),
        SENT_TWICE,
    ),
}
