"""农业农村局."""

from ingest.synthetic.declaring import Fault, Habit, bad_uscc, not_a_number, unknown_code

HABITS = {"fishing_vessel": Habit("monthly")}
FAULTS = {
    "fishing_vessel": (
        bad_uscc(),
        unknown_code("vessel_kind", "快艇"),
        # before any of these boats was built
        Fault("date_order", "certificate_valid_until", "'1960-05-01'", "DATE_ORDER"),
        not_a_number("length_m", "十二米"),
    ),
}
