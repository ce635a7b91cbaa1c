"""发展和改革委员会（信用办）."""

from ingest.synthetic.declaring import (
    SENT_TWICE,
    Habit,
    bad_identity_number,
    bad_uscc,
    date_order,
    full_width,
    impossible_date,
    missing,
    unknown_code,
)

HABITS = {
    "credit_list": Habit("weekly"),
    "credit_list_person": Habit("weekly"),
    "credit_repair": Habit("weekly"),
    "credit_repair_person": Habit("weekly"),
    "publicity_display": Habit("weekly"),
    "credit_commitment": Habit(),
}
FAULTS = {
    "credit_list": (full_width("uscc"), bad_uscc()),
    "credit_list_person": (bad_identity_number("identity_number"), unknown_code("post", "挂名负责人")),
    "credit_repair": (missing("uscc"), SENT_TWICE),
    "publicity_display": (bad_uscc(), unknown_code("display_state", "待撤下"), missing("record_no")),
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
