"""文化和旅游局."""

from ingest.synthetic.declaring import (
    DAMAGED,
    SENT_TWICE,
    Habit,
    full_width,
    impossible_date,
    missing,
    negative_number,
    nested,
    not_a_number,
    retired_district,
    unknown_code,
)

HABITS = {"venue_inspection": Habit("weekly", packed="zip")}
FAULTS = {
    "venue_inspection": (
        full_width("address"),
        retired_district(),
        impossible_date("inspected_on"),
        missing("enterprise_name"),
        unknown_code("venue_kind", "棋牌室"),
        not_a_number("capacity_persons", "视情况"),
        negative_number("hazards_found"),
        nested("address"),
        SENT_TWICE,
        DAMAGED,
    ),
}
