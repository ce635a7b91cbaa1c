"""卫生健康委员会."""

from ingest.synthetic.declaring import Habit, bad_identity_number, bad_uscc, date_order, too_large, unknown_code

HABITS = {"occupational_disease": Habit("monthly", packed="zip")}
FAULTS = {
    "occupational_disease": (
        bad_uscc(),
        bad_identity_number("patient_id_number"),
        unknown_code("card_kind", "待查"),
        date_order("reported_on"),
        too_large("exposure_years", "75"),
    ),
}
