"""教育局."""

from ingest.synthetic.declaring import (
    Habit,
    bad_uscc,
    cut_line,
    full_width,
    impossible_date,
    missing,
    negative_number,
    nested,
    unknown_code,
)

HABITS = {"lab_inspection": Habit("weekly")}
FAULTS = {
    "lab_inspection": (
        full_width("registration_no"),
        bad_uscc(),
        impossible_date("inspected_on"),
        missing("enterprise_name"),
        unknown_code("lab_kind", "操场"),
        negative_number("hazmat_kinds"),
        nested("address"),
        cut_line("enterprise_name"),
    ),
}
