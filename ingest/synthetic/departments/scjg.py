"""市场监督管理局."""

from ingest.synthetic.declaring import SENT_TWICE, Habit, bad_uscc, impossible_date, lost_zero, retired_district

HABITS = {"enterprise": Habit(newline="\r\n")}
FAULTS = {
    "enterprise": (
        bad_uscc(),
        impossible_date("established_on"),
        lost_zero("industry_code"),
        retired_district(),
        SENT_TWICE,
    ),
}
