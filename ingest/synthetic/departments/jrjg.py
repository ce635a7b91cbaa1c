"""金融监管局（安责险共保体）."""

from ingest.synthetic.declaring import (
    SENT_TWICE,
    Habit,
    bad_uscc,
    date_order,
    full_width,
    impossible_date,
    missing,
    negative_number,
    not_a_number,
    unit_word,
    unknown_code,
)

HABITS = {"policy": Habit(dates="slash"), "claim": Habit("weekly", "compact"), "prevention_service": Habit()}
FAULTS = {
    "policy": (
        full_width("insured_persons"),
        unit_word("premium_signed_yuan"),
        bad_uscc(),
        impossible_date("signed_on"),
        missing("insurer"),
        date_order("end_on"),
        not_a_number("premium_received_yuan", "待定"),
        SENT_TWICE,
    ),
    "claim": (impossible_date("reported_on"), date_order("settled_on")),
    "prevention_service": (
        bad_uscc(),
        unknown_code("service_kind", "安全回访"),
        negative_number("hazards_found"),
        SENT_TWICE,
    ),
}
