"""文化和旅游局."""

from ingest.synthetic.declaring import (
    SENT_TWICE,
    Habit,
    full_width,
    impossible_date,
    missing,
    negative_number,
    not_a_number,
    retired_district,
    unknown_code,
)

HABITS = {"venue_inspection": Habit("weekly")}
FAULTS = {
    "venue_inspection": (
        full_width("address"),
        retired_district(),
        impossible_date("inspected_on"),
        missing("enterprise_name"),
        unknown_code("venue_kind", "棋牌室"),
        not_a_number("capacity_persons", "视情况"),
        negative_number("hazards_found"),
        SENT_TWICE,
    ),
}
