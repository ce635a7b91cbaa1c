"""住房保障和房产局."""

from ingest.synthetic.declaring import (
    DAMAGED,
    SENT_TWICE,
    Habit,
    date_order,
    full_width,
    missing,
    not_a_number,
    too_large,
    unknown_code,
)

HABITS = {"selfbuilt_house_assessment": Habit("monthly", sheets="district_code")}
FAULTS = {
    "selfbuilt_house_assessment": (
        full_width("house_no"),
        missing("address"),
        unknown_code("grade", "E级"),
        unknown_code("district_code", "鼓楼新区"),
        date_order("disposed_on"),
        not_a_number("floor_area_m2", "不详"),
        too_large("floors", "66"),
        SENT_TWICE,
        DAMAGED,
    ),
}
