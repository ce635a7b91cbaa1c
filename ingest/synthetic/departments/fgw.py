"""发展和改革委员会（信用办）."""

from ingest.synthetic.declaring import SENT_TWICE, Habit, bad_uscc, full_width, missing

HABITS = {"credit_list": Habit("weekly"), "credit_repair": Habit("weekly")}
FAULTS = {
    "credit_list": (full_width("uscc"), bad_uscc()),
    "credit_repair": (missing("uscc"), SENT_TWICE),
}
