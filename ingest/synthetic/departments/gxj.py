"""工业和信息化局."""

from ingest.synthetic.declaring import Habit, bad_uscc, lost_zero, not_a_number, unknown_code

HABITS = {
    "industrial_enterprise": Habit(
        "monthly",
        header_groups={
            "位置": ("district_code", "street_code"),
            "主要指标": ("employees", "output_yuan", "revenue_yuan", "energy_tce"),
        },
    )
}
FAULTS = {
    "industrial_enterprise": (
        lost_zero("industry_code"),
        bad_uscc(),
        unknown_code("operation", "试生产"),
        not_a_number("output_yuan", "保密"),
    ),
}
