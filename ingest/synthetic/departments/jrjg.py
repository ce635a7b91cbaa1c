"""金融监管局（安责险共保体）."""

from ingest.synthetic.declaring import (
    SENT_TWICE,
    Habit,
    bad_uscc,
    dangling_reference,
    date_order,
    full_width,
    impossible_date,
    missing,
    negative_number,
    not_a_number,
    retired_district,
    too_large,
    unit_word,
    unknown_code,
)

HABITS = {
    "policy": Habit(dates="slash"),
    "policy_share": Habit(),
    "claim": Habit("weekly", "compact"),
    "prevention_service": Habit(),
    "disaster_payment": Habit("weekly", "chinese"),
}
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
    "policy_share": (
        missing("insurer"),
        too_large("share_percent", "160"),
        unknown_code("is_lead", "首席"),
        dangling_reference("policy_no", "AZX00000000000000"),
        SENT_TWICE,
    ),
    "claim": (impossible_date("reported_on"), date_order("settled_on")),
    "prevention_service": (
        bad_uscc(),
        unknown_code("service_kind", "安全回访"),
        negative_number("hazards_found"),
        SENT_TWICE,
    ),
    "disaster_payment": (
        impossible_date("approved_on"),
        unknown_code("disaster_kind", "龙卷风"),
        date_order("paid_on"),
        negative_number("households"),
        retired_district(),
        unit_word("approved_yuan"),
    ),
}
