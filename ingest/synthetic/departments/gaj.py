"""公安局."""

from ingest.synthetic.declaring import (
    Habit,
    bad_identity_number,
    date_order,
    impossible_date,
    missing,
    retired_district,
    unknown_code,
)

HABITS = {
    "road_accident": Habit("weekly", "slash", "\r\n", every_report=True),
    "road_traffic_month": Habit("release"),
    "explosive_permit": Habit("weekly"),
}
FAULTS = {
    "road_accident": (retired_district(), missing("vehicle_kind")),
    "explosive_permit": (
        retired_district(),
        bad_identity_number("handler_id_number"),
        impossible_date("issued_on"),
        date_order("valid_until"),
        unknown_code("explosive_kind", "黑火药"),
    ),
}
