"""人力资源和社会保障局."""

from ingest.synthetic.declaring import (
    SENT_TWICE,
    Habit,
    bad_identity_number,
    date_order,
    impossible_date,
    missing,
    retired_district,
    too_large,
    unit_word,
    unknown_code,
)

HABITS = {"work_injury": Habit(dates="slash", newline="\r\n")}
FAULTS = {
    "work_injury": (
        retired_district(),
        unit_word("fund_paid_yuan"),
        bad_identity_number("worker_id_number"),
        impossible_date("injured_on"),
        missing("enterprise_name"),
        unknown_code("outcome", "待定"),
        date_order("decided_on"),
        too_large("disability_grade", "11"),
        SENT_TWICE,
    ),
}
