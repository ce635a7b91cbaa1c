"""商务局."""

from ingest.synthetic.declaring import Habit, bad_uscc, not_a_number

HABITS = {"commercial_complex": Habit("monthly", dates="iso")}
FAULTS = {"commercial_complex": (bad_uscc(), not_a_number("floor_area_m2", "十余万"))}
