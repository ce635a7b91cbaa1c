"""发展和改革委员会（信用办）."""

from ingest.synthetic.declaring import (
    SENT_TWICE,
    Habit,
    bad_uscc,
    date_order,
    full_width,
    impossible_date,
    missing,
    unknown_code,
)

HABITS = {
    "credit_list": Habit("weekly"),
    "credit_repair": Habit("weekly"),
    "credit_commitment": Habit(),
}
FAULTS = {
    "credit_list": (full_width("uscc"), bad_uscc()),
    "credit_repair": (missing("uscc"), SENT_TWICE),
    "credit_commitment": (
        full_width("uscc"),
        bad_uscc(),
        impossible_date("committed_on"),
        missing("matter"),
        unknown_code("fulfilment", "基本履约"),
        date_order("verified_on"),
        SENT_TWICE,
    ),
}
