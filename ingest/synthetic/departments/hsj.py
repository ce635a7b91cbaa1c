"""海事局."""

from ingest.synthetic.declaring import Habit, bad_uscc, date_order, missing, unit_word, unknown_code

HABITS = {"vessel_case": Habit("weekly")}
FAULTS = {
    "vessel_case": (
        unit_word("fine_yuan"),
        bad_uscc(),
        missing("vessel_name"),
        unknown_code("penalty_kind", "驱离"),
        date_order("decided_on"),
    ),
}
