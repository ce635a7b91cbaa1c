"""城乡建设委员会."""

from ingest.synthetic.declaring import (
    DAMAGED,
    SENT_TWICE,
    Habit,
    bad_uscc,
    date_order,
    extra_field,
    full_width,
    impossible_date,
    missing,
    not_a_number,
    retired_district,
    too_large,
    unknown_code,
)

HABITS = {
    "construction_site": Habit(
        "monthly",
        subtotals="district_code",
        header_groups={
            "参建单位": ("uscc", "enterprise_name", "developer_name", "supervisor_name"),
            "现场规模": ("dangerous_works", "tower_cranes", "workers"),
            "项目负责人": ("manager_name", "manager_phone"),
        },
    ),
    "site_inspection": Habit(newline="\r\n", packed="zip"),
}
FAULTS = {
    "construction_site": (
        full_width("permit_no"),
        bad_uscc(),
        unknown_code("site_status", "收尾"),
        date_order("planned_end_on"),
        not_a_number("floor_area_m2", "约两万"),
    ),
    "site_inspection": (
        full_width("uscc"),
        retired_district(),
        bad_uscc(),
        impossible_date("inspected_on"),
        missing("enterprise_name"),
        unknown_code("inspection_kind", "飞行检查"),
        too_large("smart_site_score", "105"),
        not_a_number("hazards_found", "多处"),
        extra_field("project_name"),
        SENT_TWICE,
        DAMAGED,
    ),
}
