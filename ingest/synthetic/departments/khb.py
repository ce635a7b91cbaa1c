"""安全生产考核办公室."""

from ingest.synthetic.declaring import (
    DAMAGED,
    Habit,
    bad_uscc,
    date_order,
    missing,
    not_a_number,
    too_large,
    unknown_code,
)

HABITS = {
    "manual_indicator": Habit("yearly", file_by="reporting_unit", is_form=True),
    "patrol_issue": Habit("weekly"),
    "campaign_task": Habit("weekly", newline="\r\n"),
}
FAULTS = {
    "manual_indicator": (not_a_number("value", "待统计"), unknown_code("filing_status", "暂存")),
    "patrol_issue": (
        bad_uscc(),
        missing("description"),
        unknown_code("source_level", "乡镇"),
        date_order("closed_on"),
        DAMAGED,
    ),
    "campaign_task": (unknown_code("task_status", "暂缓"), too_large("progress_percent", "180"), date_order("due_on")),
}
