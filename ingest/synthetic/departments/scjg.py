"""市场监督管理局."""

from ingest.synthetic.declaring import (
    SENT_TWICE,
    Habit,
    bad_uscc,
    date_order,
    full_width,
    impossible_date,
    lost_zero,
    missing,
    negative_number,
    retired_district,
    unclosed_quote,
    unknown_code,
)

HABITS = {
    "enterprise": Habit(newline="\r\n"),
    "special_equipment": Habit(newline="\r\n"),
    "market_penalty": Habit(),
}
FAULTS = {
    "enterprise": (
        bad_uscc(),
        impossible_date("established_on"),
        lost_zero("industry_code"),
        retired_district(),
        SENT_TWICE,
    ),
    "special_equipment": (
        full_width("uscc"),
        retired_district(),
        bad_uscc(),
        impossible_date("next_inspection_on"),
        missing("in_use_since"),
        unknown_code("equipment_kind", "电动平衡车"),
        date_order("in_use_since"),
        unclosed_quote("address"),
        SENT_TWICE,
    ),
    "market_penalty": (
        full_width("fine_yuan"),
        retired_district(),
        bad_uscc(),
        impossible_date("filed_on"),
        missing("enterprise_name"),
        unknown_code("penalty_kind", "约谈"),
        date_order("decided_on"),
        negative_number("fine_yuan", "-0.5"),
        SENT_TWICE,
    ),
}
