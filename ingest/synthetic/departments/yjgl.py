"""应急管理局."""

from ingest.synthetic.declaring import (
    CUT_OFF,
    SENT_TWICE,
    Habit,
    bad_uscc,
    date_order,
    extra_field,
    full_width,
    impossible_date,
    lost_zero,
    missing,
    not_a_number,
    retired_district,
    unclosed_quote,
    unit_word,
    unknown_code,
)

HABITS = {
    "accident": Habit("weekly", every_report=True),
    "accident_casualty": Habit("weekly"),
    "inspection": Habit(newline="\r\n"),
    "hazard": Habit(),
    "penalty": Habit(dates="chinese", newline="\r\n"),
    "standardization": Habit("monthly"),
    "key_supervision_list": Habit("monthly"),
}
FAULTS = {
    "accident": (full_width("deaths"), lost_zero("accident_type_code"), unknown_code("accident_type_code", "35")),
    "accident_casualty": (SENT_TWICE,),
    "inspection": (
        full_width("uscc"),
        retired_district(),
        bad_uscc(),
        impossible_date("inspected_on"),
        missing("enterprise_name"),
        unknown_code("inspection_kind", "夜间突击"),
        not_a_number("hazards_found", "若干"),
        unclosed_quote("enterprise_name"),
        SENT_TWICE,
    ),
    "hazard": (
        full_width("street_code"),
        bad_uscc(),
        impossible_date("deadline_on"),
        missing("level"),
        unknown_code("district_code", "320199"),
        date_order("deadline_on"),
        SENT_TWICE,
        CUT_OFF,
    ),
    "penalty": (
        unit_word("fine_yuan"),
        retired_district(),
        bad_uscc(),
        impossible_date("filed_on"),
        date_order("decided_on"),
        extra_field("legal_basis"),
    ),
    "standardization": (bad_uscc(), SENT_TWICE),
    "key_supervision_list": (missing("listed_on"),),
}
