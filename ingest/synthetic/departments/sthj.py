"""生态环境局."""

from ingest.synthetic.declaring import (
    CUT_OFF,
    SENT_TWICE,
    Habit,
    bad_uscc,
    date_order,
    extra_field,
    full_width,
    impossible_date,
    missing,
    negative_number,
    not_a_number,
    unknown_code,
)

HABITS = {"waste_manifest": Habit(packed="gz")}
FAULTS = {
    "waste_manifest": (
        full_width("waste_code"),
        bad_uscc(),
        impossible_date("shipped_on"),
        missing("receiver_name"),
        unknown_code("manifest_status", "待核实"),
        date_order("received_on"),
        not_a_number("shipped_kg", "两桶"),
        negative_number("received_kg", "-0.5"),
        extra_field("waste_name"),
        SENT_TWICE,
        CUT_OFF,
    ),
}
