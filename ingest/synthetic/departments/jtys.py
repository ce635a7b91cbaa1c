"""交通运输局."""

from ingest.synthetic.declaring import (
    SENT_TWICE,
    Habit,
    bad_uscc,
    dangling_reference,
    date_order,
    extra_field,
    full_width,
    impossible_date,
    lost_zero,
    missing,
    not_a_number,
    retired_district,
    too_large,
    unit_word,
    unknown_code,
)

HABITS = {
    "key_vehicle": Habit("weekly", "slash", "\r\n"),
    "hazmat_waybill": Habit(),
    "overload_case": Habit("weekly", "slash"),
    "fleet_audit": Habit("weekly", "dotted", "\r\n"),
}
FAULTS = {
    "key_vehicle": (
        full_width("seats"),
        retired_district(),
        bad_uscc(),
        impossible_date("first_registered_on"),
        missing("vehicle_kind"),
        unknown_code("vehicle_status", "跑着"),
        date_order("inspection_valid_until"),
        too_large("seats", "550"),
        SENT_TWICE,
    ),
    "hazmat_waybill": (
        full_width("un_no"),
        lost_zero("un_no"),
        bad_uscc(),
        impossible_date("loaded_at"),
        missing("goods_name"),
        unknown_code("hazard_class", "第10类"),
        date_order("arrived_at"),
        not_a_number("quantity_tonnes", "满车"),
        too_large("quantity_tonnes", "320"),
        extra_field("consignee"),
        dangling_reference("plate_no", "苏AOO000"),
        SENT_TWICE,
    ),
    "overload_case": (
        unit_word("fine_yuan"),
        bad_uscc(),
        impossible_date("closed_on"),
        missing("plate_no"),
        date_order("closed_on"),
        not_a_number("actual_tonnes", "超重"),
        SENT_TWICE,
    ),
    "fleet_audit": (
        bad_uscc(),
        impossible_date("audited_on"),
        too_large("score", "185"),
        date_order("period_until"),
        SENT_TWICE,
    ),
}
